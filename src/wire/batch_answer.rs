//! The answer to a binary batch: sixteen bytes a record, and the receipt behind them.

use alloc::vec::Vec;

use chain::outcomes::{OUTCOME_ROW_BYTES, OUTCOMES_HEADER_BYTES};
use chain::{BatchOutcome, OutcomesHeader};

use super::answer::OutcomeView;
use crate::ledger::OutcomeRow;

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
