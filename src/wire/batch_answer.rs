//! The answer to a binary batch: sixteen bytes a record, and the receipt behind them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chain::outcomes::{OUTCOME_ROW_BYTES, OUTCOMES_HEADER_BYTES, split_outcomes};
use chain::{BatchOutcome, OutcomesError, OutcomesHeader};

use super::answer::OutcomeView;
use super::receipt::ReceiptFile;
use crate::ledger::{InstructionId, Outcome, OutcomeRow, Time};

/// The answer to a batch, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchAnswer {
    /// Log index of the entry; of a dry run, the one it would have had.
    pub index: u64,
    /// Time of the entry.
    pub time: Time,
    /// One outcome a record, in order.
    pub outcomes: Vec<OutcomeView>,
    /// The receipt of item 0; `None` in the answer to a dry run.
    pub receipt: Option<ReceiptFile>,
}

/// Bytes that are no answer to the batch that was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchAnswerError {
    /// No answer to any batch.
    #[error(transparent)]
    Form(#[from] OutcomesError),
    /// An answer to another batch.
    #[error("{found} outcomes for {sent} records")]
    Count {
        /// Rows of the answer.
        found: u32,
        /// Records of the batch.
        sent: u32,
    },
    /// An outcome that this version does not know.
    #[error("record {record} has outcome {number}, which this version does not know")]
    Outcome {
        /// Position of the record.
        record: u32,
        /// The number.
        number: u16,
    },
    /// The header counts otherwise than the rows.
    #[error("{stated} records settled by the header, {counted} by the rows")]
    Good {
        /// The header's word.
        stated: u32,
        /// What the rows say.
        counted: u32,
    },
    /// What stands behind the rows is no receipt.
    #[error("the receipt behind the rows cannot be read: {0}")]
    Receipt(String),
}

impl BatchAnswer {
    /// Reads the answer to a batch of so many records, the first of which has this id.
    ///
    /// # Errors
    /// [`BatchAnswerError`].
    pub fn from_bytes(
        bytes: &[u8],
        first_id: InstructionId,
        sent: u32,
    ) -> Result<Self, BatchAnswerError> {
        let (header, rows, receipt) = split_outcomes(bytes)?;
        if header.count != sent {
            let found = header.count;
            return Err(BatchAnswerError::Count { found, sent });
        }
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut counted = 0u32;
        for (n, row) in (0u32..).zip(rows) {
            let row = BatchOutcome::from_bytes(row)?;
            let unknown = BatchAnswerError::Outcome {
                record: n,
                number: row.outcome,
            };
            let outcome = Outcome::from_number(row.outcome).ok_or(unknown)?;
            counted = counted.saturating_add(u32::from(outcome.is_good()));
            outcomes.push(OutcomeView::of(&OutcomeRow {
                instruction: n,
                id: first_id.count_on(n),
                outcome,
                leg: row.leg,
                detail: row.detail,
            }));
        }
        if header.good != counted {
            let stated = header.good;
            return Err(BatchAnswerError::Good { stated, counted });
        }
        let receipt = match receipt {
            b"" => None,
            json => Some(
                serde_json::from_slice(json)
                    .map_err(|error| BatchAnswerError::Receipt(error.to_string()))?,
            ),
        };
        Ok(Self {
            index: header.index,
            time: Time::from_nanos(header.time),
            outcomes,
            receipt,
        })
    }
}

/// Writes the answer to a batch with these outcomes; a dry run has no `receipt`.
///
/// # Panics
/// Never: a batch has at most 8,189 records, and a receipt of its item 0 a few kilobytes.
#[must_use]
pub fn batch_answer(index: u64, time: u64, rows: &[OutcomeRow], receipt: &[u8]) -> Vec<u8> {
    let good = rows.iter().filter(|row| row.outcome.is_good()).count();
    let header = OutcomesHeader {
        count: u32::try_from(rows.len()).expect("a batch has at most 8,189 records"),
        receipt_len: u32::try_from(receipt.len()).expect("a receipt has a few kilobytes"),
        index,
        time,
        good: u32::try_from(good).expect("a batch has at most 8,189 records"),
    };
    let size = rows.len().saturating_mul(OUTCOME_ROW_BYTES);
    let size = size.saturating_add(OUTCOMES_HEADER_BYTES);
    let mut out = Vec::with_capacity(size.saturating_add(receipt.len()));
    out.extend_from_slice(&header.to_bytes());
    for row in rows {
        let row = BatchOutcome {
            outcome: row.outcome.number(),
            leg: row.leg,
            // The same rule as in JSON: where the outcome refers to nothing, nothing stands.
            detail: OutcomeView::of(row).detail.unwrap_or(0),
        };
        out.extend_from_slice(&row.to_bytes());
    }
    out.extend_from_slice(receipt);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(first: InstructionId) -> Vec<OutcomeRow> {
        let row = |(n, outcome, leg, detail): (u32, Outcome, Option<u16>, u64)| OutcomeRow {
            instruction: n,
            id: first.count_on(n),
            outcome,
            leg,
            detail,
        };
        [
            (0, Outcome::Settled, None, 0),
            (1, Outcome::InsufficientFunds, Some(0), 0),
            (2, Outcome::IdAlreadyUsed, None, 7),
        ]
        .map(row)
        .to_vec()
    }

    #[test]
    fn an_answer_reads_as_it_was_written() {
        let first = InstructionId::from_parts(1_795_426_200_000, 7);
        let rows = rows(first);
        let bytes = batch_answer(5, 9, &rows, b"");
        let answer = BatchAnswer::from_bytes(&bytes, first, 3).unwrap();
        let wanted: Vec<_> = rows.iter().map(OutcomeView::of).collect();
        assert_eq!((answer.index, answer.time.nanos()), (5, 9));
        assert_eq!((answer.outcomes, answer.receipt), (wanted, None));
    }

    #[test]
    fn an_answer_to_something_else_is_refused() {
        let first = InstructionId::from_parts(1_795_426_200_000, 7);
        let bytes = batch_answer(5, 9, &rows(first), b"");
        let read = |change: fn(&mut Vec<u8>), sent| {
            let mut bytes = bytes.clone();
            change(&mut bytes);
            BatchAnswer::from_bytes(&bytes, first, sent).unwrap_err()
        };
        let count = BatchAnswerError::Count { found: 3, sent: 4 };
        assert_eq!(read(|_| (), 4), count);
        let (record, number) = (1, 999);
        let outcome = BatchAnswerError::Outcome { record, number };
        let change = |bytes: &mut Vec<u8>| bytes[80..82].copy_from_slice(&999u16.to_le_bytes());
        assert_eq!(read(change, 3), outcome);
        let (stated, counted) = (2, 1);
        let good = BatchAnswerError::Good { stated, counted };
        assert_eq!(read(|bytes| bytes[32] = 2, 3), good);
        let short = |bytes: &mut Vec<u8>| bytes.truncate(100);
        assert!(matches!(read(short, 3), BatchAnswerError::Form(_)));
        let receipt = |bytes: &mut Vec<u8>| {
            bytes[12] = 2;
            bytes.extend_from_slice(b"{}");
        };
        assert!(matches!(read(receipt, 3), BatchAnswerError::Receipt(_)));
    }
}
