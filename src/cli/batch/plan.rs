//! From rows to messages: exact bytes, with everything in them that must be fresh.

use chain::{BatchHeader, BatchRecord};
use serde::Serialize;

use super::journal::{self, Message, State};
use super::table::{Payment, Table};
use crate::cli::connect::random;
use crate::cli::error::{Failure, Kind};
use crate::cli::submit::fresh_id;
use crate::clock::Clock;
use crate::ledger::{MessageId, Time};
use crate::limits;
use crate::wire::{Bytes, base64};

/// What of a body is not instructions, with room.
const ENVELOPE_BYTES: usize = 512;

/// How messages are made.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// What every message id begins with.
    pub(super) prefix: String,
    /// Which time the same rows are sent, under new ids, from 0.
    pub(super) generation: usize,
    /// Instructions in one message.
    pub(super) per_message: usize,
    /// Give every row a fresh id, whatever the file says.
    pub(super) fresh_ids: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    message_id: &'a str,
    created: &'a str,
    nonce: String,
    instructions: Vec<Instruction>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Instruction {
    Transfer(Payment),
}

impl Plan {
    /// Makes JSON messages for some rows, in the order of the file.
    pub(super) fn messages(&self, table: &Table, rows: &[usize]) -> Result<Vec<Message>, Failure> {
        let now = Clock::start().now_ns();
        let created = Time::from_nanos(now).to_string();
        let mut messages = Vec::new();
        let (mut taken, mut instructions, mut bytes) = (Vec::new(), Vec::new(), ENVELOPE_BYTES);
        for &at in rows {
            let row = table.rows.get(at).and_then(|row| row.payment.as_ref().ok());
            let Some(payment) = row else {
                continue;
            };
            let mut payment = payment.clone();
            if payment.id.is_empty() || self.fresh_ids {
                payment.id = fresh_id(now)?.to_string();
            }
            let size = serde_json::to_string(&payment).map_or(0, |json| json.len()) + 16;
            let full = taken.len() >= self.per_message || bytes + size > limits::BODY_BYTES_MAX;
            if full && !taken.is_empty() {
                let rows = std::mem::take(&mut taken);
                let instructions = std::mem::take(&mut instructions);
                messages.push(self.message(messages.len(), &created, rows, instructions)?);
                bytes = ENVELOPE_BYTES;
            }
            bytes += size;
            taken.push(at);
            instructions.push(Instruction::Transfer(payment));
        }
        if !taken.is_empty() {
            messages.push(self.message(messages.len(), &created, taken, instructions)?);
        }
        Ok(messages)
    }

    /// Makes binary batches of records, in their order; every record is named by its row.
    pub(super) fn batches(
        &self,
        records: &[(usize, BatchRecord)],
    ) -> Result<Vec<Message>, Failure> {
        let created = Clock::start().now_ns();
        let mut messages = Vec::new();
        for records in records.chunks(self.per_message) {
            let message_id = self.message_id(messages.len())?;
            let header = BatchHeader {
                atomic: false,
                count: u32::try_from(records.len()).unwrap_or(u32::MAX),
                created,
                message_id: message_id.as_str().to_owned(),
                first_id: fresh_id(created)?.to_bytes(),
            };
            let header = header.to_bytes().map_err(|error| {
                Failure::new(Kind::Usage, "the batch cannot be made").because(error)
            })?;
            let mut body = header.to_vec();
            for (_, record) in records {
                body.extend_from_slice(&record.to_bytes());
            }
            messages.push(Message {
                message_id: message_id.as_str().to_owned(),
                rows: records.iter().map(|(row, _)| *row).collect(),
                body: journal::Body::Binary(Bytes(body)),
                state: State::Open,
            });
        }
        Ok(messages)
    }

    fn message(
        &self,
        n: usize,
        created: &str,
        rows: Vec<usize>,
        instructions: Vec<Instruction>,
    ) -> Result<Message, Failure> {
        let message_id = self.message_id(n)?;
        let body = Body {
            message_id: message_id.as_str(),
            created,
            nonce: base64::encode(&random::<16>()?),
            instructions,
        };
        let body = serde_json::to_string(&body).expect("payments have a JSON form");
        Ok(Message {
            message_id: message_id.as_str().to_owned(),
            rows,
            body: journal::Body::Json(body),
            state: State::Open,
        })
    }

    /// The id of message `n`, from 0.
    fn message_id(&self, n: usize) -> Result<MessageId, Failure> {
        let again = match self.generation {
            0 => String::new(),
            times => format!("r{times}-"),
        };
        let text = format!("{}/{again}{}", self.prefix, n + 1);
        MessageId::new(&text).map_err(|error| {
            Failure::usage(format_args!("{text:?} is no message id")).because(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BodyLimits, parse_batch, parse_body};

    #[test]
    fn messages_are_full_and_within_bounds_and_in_order() {
        let id = "018bcfe5-6800-7000-8000-000000000007";
        let text = "\u{1f4b6}".repeat(140);
        let mut sheet = format!("from,to,asset,amount,id,remittance,name\na,b,USD,1,{id},,\n");
        (0..1_999).for_each(|_| sheet.push_str(&format!("a,b,USD,1,,{text},{text}\n")));
        let table = Table::read(sheet.as_bytes()).unwrap();
        let rows: Vec<usize> = (0..2_000).collect();
        let plan = |per_message, fresh_ids| Plan {
            prefix: "pay".into(),
            generation: usize::from(fresh_ids),
            per_message,
            fresh_ids,
        };
        let messages = plan(1_000, false).messages(&table, &rows).unwrap();
        let sent: Vec<usize> = messages.iter().flat_map(|m| m.rows.clone()).collect();
        assert_eq!(sent, rows);
        assert!(messages.len() > 2, "a body holds a megabyte");
        for message in &messages {
            let bytes = message.body.bytes();
            assert!(bytes.len() <= limits::BODY_BYTES_MAX);
            let body = parse_body(bytes, &BodyLimits::default()).unwrap();
            assert_eq!(body.instructions.len(), message.rows.len());
            assert_eq!(body.message_id.as_str(), message.message_id);
        }
        let has_id = |message: &Message| match &message.body {
            journal::Body::Json(text) => text.contains(id),
            journal::Body::Binary(_) => false,
        };
        assert!(has_id(&messages[0]));
        let again = plan(7, true).messages(&table, &rows[..8]).unwrap();
        assert_eq!(
            (again[1].message_id.as_str(), &again[1].rows),
            ("pay/r1-2", &vec![7])
        );
        assert!(!has_id(&again[0]));
    }

    #[test]
    fn batches_are_full_and_each_record_is_its_rows() {
        let record = |amount| BatchRecord {
            debit: 3,
            credit: 4,
            amount,
            pending_id: [0; 16],
            kind: 1,
            flags: 0,
            timeout: 0,
            reference: [0; 32],
        };
        // Every third row was ruled out.
        let rows = (0..12_285).filter(|row| row % 3 != 1);
        let records: Vec<_> = rows.map(|row| (row, record(row as u128))).collect();
        let plan = Plan {
            prefix: "pay".into(),
            generation: 1,
            per_message: limits::BATCH_RECORDS_MAX,
            fresh_ids: true,
        };
        let messages = plan.batches(&records).unwrap();
        let counts: Vec<_> = messages.iter().map(|message| message.rows.len()).collect();
        assert_eq!(counts, [8_189, 1]);
        let mut firsts = std::collections::BTreeSet::new();
        for message in &messages {
            let bytes = message.body.bytes();
            assert!(bytes.len() <= limits::BODY_BYTES_MAX);
            let records = u32::try_from(limits::BATCH_RECORDS_MAX).unwrap();
            let body = parse_batch(bytes, records).unwrap();
            assert_eq!(body.message_id.as_str(), message.message_id);
            let batch = body.batch.unwrap();
            firsts.insert(batch.first_id.to_u128());
            for (row, transfer) in message.rows.iter().zip(&batch.transfers) {
                assert_eq!(transfer.amount, *row as u128);
            }
        }
        assert_eq!(
            (messages[1].message_id.as_str(), firsts.len()),
            ("pay/r1-2", 2)
        );
    }
}
