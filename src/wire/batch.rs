//! The binary batch, read strictly: bytes to transfers, by the table in `chain/SPEC.md`.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chain::BatchError;
use chain::batch::{BATCH_RECORD_BYTES, BATCH_RECORDS_MAX, split_batch};

use super::body::Body;
use super::body_error::BodyError;
use super::code::ErrorCode;
use crate::ledger::{Batch, BatchTransfer, InstructionId, MessageId, RECORD_KIND_TRANSFER, Time};

/// Reads a batch of at most `records_max` records.
///
/// # Errors
/// [`BodyError`] names the first thing that is wrong, and where it stands: `/header/count`, or
/// `/records/17/kind`.
pub fn parse_batch(bytes: &[u8], records_max: u32) -> Result<Body, BodyError> {
    let (header, records) =
        split_batch(bytes).map_err(|error| malformed(header_field(&error), &error))?;
    let max = records_max.min(BATCH_RECORDS_MAX);
    if header.count > max {
        let detail = format!("{} records; 1 to {max} are allowed", header.count);
        return Err(BodyError::at(
            ErrorCode::InstructionsCount,
            "/header/count",
            detail,
        ));
    }
    let id = |text: &str| BodyError::at(ErrorCode::BatchMalformed, "/header/message_id", text);
    let message_id = MessageId::new(&header.message_id).map_err(|error| id(&error.to_string()))?;
    let first_id = InstructionId::from_bytes(header.first_id).map_err(|error| {
        BodyError::at(
            ErrorCode::BatchMalformed,
            "/header/first_id",
            error.to_string(),
        )
    })?;
    let mut transfers = Vec::with_capacity(records.len());
    for (n, record) in records.iter().enumerate() {
        transfers.push(transfer(n, record)?);
    }
    Ok(Body {
        created: Time::from_nanos(header.created),
        message_id,
        atomic: header.atomic,
        instructions: Vec::new(),
        batch: Some(Batch {
            first_id,
            transfers,
        }),
        texts: Vec::new(),
    })
}

fn transfer(n: usize, bytes: &[u8; BATCH_RECORD_BYTES]) -> Result<BatchTransfer, BodyError> {
    let at = |field: &str| format!("/records/{n}/{field}");
    let record =
        chain::BatchRecord::from_bytes(bytes).map_err(|error| malformed(at("reserved"), &error))?;
    let reserved = [
        ("pending_id", record.pending_id != [0; 16]),
        ("flags", record.flags != 0),
        ("timeout", record.timeout != 0),
    ];
    if record.kind != RECORD_KIND_TRANSFER {
        let detail = format!("kind {} is not known; 1 is a transfer", record.kind);
        return Err(BodyError::at(
            ErrorCode::InstructionUnknown,
            at("kind"),
            detail,
        ));
    }
    if let Some((field, _)) = reserved.iter().find(|(_, used)| *used) {
        let detail = "is zero in a transfer";
        return Err(BodyError::at(ErrorCode::BatchMalformed, at(field), detail));
    }
    let reference = record.reference;
    Ok(BatchTransfer {
        debit: record.debit,
        credit: record.credit,
        amount: record.amount,
        reference: (reference != [0; 32]).then_some(reference),
    })
}

/// Where the header is wrong.
fn header_field(error: &BatchError) -> String {
    match error {
        BatchError::Magic(_) => "/header/magic",
        BatchError::Version(_) => "/header/version",
        BatchError::Flags(_) => "/header/flags",
        BatchError::Count(_) => "/header/count",
        BatchError::Reserved(_) => "/header/reserved",
        BatchError::MessageId(_) => "/header/message_id",
        BatchError::FirstId(_) | BatchError::IdCarry { .. } => "/header/first_id",
        _ => "",
    }
    .to_owned()
}

fn malformed(pointer: String, error: &BatchError) -> BodyError {
    BodyError::at(ErrorCode::BatchMalformed, pointer, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(count: u32) -> chain::BatchHeader {
        chain::BatchHeader {
            atomic: false,
            count,
            created: 1_795_426_200_000_000_000,
            message_id: "m-1".into(),
            first_id: InstructionId::from_parts(1_795_426_200_000, 7).to_bytes(),
        }
    }

    fn record() -> chain::BatchRecord {
        chain::BatchRecord {
            debit: 3,
            credit: 4,
            amount: 5,
            pending_id: [0; 16],
            kind: 1,
            flags: 0,
            timeout: 0,
            reference: [0; 32],
        }
    }

    fn body(records: &[chain::BatchRecord]) -> Vec<u8> {
        let count = u32::try_from(records.len()).unwrap();
        let mut bytes = header(count).to_bytes().unwrap().to_vec();
        records
            .iter()
            .for_each(|record| bytes.extend_from_slice(&record.to_bytes()));
        bytes
    }

    #[test]
    fn a_batch_is_read_and_its_body_made_again() {
        let mut second = record();
        second.reference[3] = 9;
        let bytes = body(&[record(), second]);
        let parsed = parse_batch(&bytes, 10).unwrap();
        let batch = parsed.batch.clone().unwrap();
        assert_eq!(batch.transfers[0].reference, None);
        assert_eq!(batch.transfers[1].reference, Some(second.reference));
        assert_eq!(batch.id(1).to_u128(), batch.first_id.to_u128() + 1);
        let who = crate::ledger::Authorisation {
            submitter: "bank-a".parse().unwrap(),
            content_type: crate::ledger::BATCH_CONTENT_TYPE.into(),
            body_hash: [0; 32],
            created: parsed.created,
            message_id: parsed.message_id,
            atomic: parsed.atomic,
            signatures: Vec::new(),
        };
        assert_eq!(batch.to_body(&who).unwrap(), bytes);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        type Change = fn(&mut chain::BatchRecord);
        let changes: [(&str, &str, Change); 4] = [
            ("INSTRUCTION_UNKNOWN", "/records/1/kind", |r| r.kind = 2),
            ("BATCH_MALFORMED", "/records/1/flags", |r| r.flags = 1),
            ("BATCH_MALFORMED", "/records/1/timeout", |r| r.timeout = 1),
            ("BATCH_MALFORMED", "/records/1/pending_id", |r| {
                r.pending_id[0] = 1
            }),
        ];
        for (code, pointer, change) in changes {
            let mut wrong = record();
            change(&mut wrong);
            let error = parse_batch(&body(&[record(), wrong]), 10).unwrap_err();
            assert_eq!((error.code, error.pointer.as_str()), (code, pointer));
        }
        let mut bytes = body(&[record(), record()]);
        let refused = |bytes: &[u8], max| {
            let error = parse_batch(bytes, max).unwrap_err();
            (error.code, error.pointer)
        };
        assert_eq!(
            refused(&bytes, 1),
            ("INSTRUCTIONS_COUNT", "/header/count".into())
        );
        assert_eq!(
            refused(&bytes[..200], 9),
            ("BATCH_MALFORMED", String::new())
        );
        bytes[128 + 90] = 1;
        assert_eq!(
            refused(&bytes, 9),
            ("BATCH_MALFORMED", "/records/0/reserved".into())
        );
        bytes[0] = b'X';
        assert_eq!(
            refused(&bytes, 9),
            ("BATCH_MALFORMED", "/header/magic".into())
        );
    }
}
