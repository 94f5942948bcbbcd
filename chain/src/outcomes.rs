//! The answer to a binary batch: an outcome of 16 bytes for each record, and the receipt,
//! little-endian.
//!
//! ```text
//! header  0      4         6       8       12            16      24     32     36     64
//!         | QTO1 | version | flags | count | receipt len | index | time | good | zero |
//!
//! row     0         2     4      8        16
//!         | outcome | leg | zero | detail |
//!
//! then the receipt file: JSON, `receipt len` bytes
//! ```

use crate::batch::BATCH_RECORDS_MAX;
use crate::text::array_at;

/// Content type of such an answer.
pub const OUTCOMES_CONTENT_TYPE: &str = "application/vnd.quittance.outcomes";
/// Length of the header in bytes.
pub const OUTCOMES_HEADER_BYTES: usize = 64;
/// Length of each row in bytes.
pub const OUTCOME_ROW_BYTES: usize = 16;

const MAGIC: [u8; 4] = *b"QTO1";
const VERSION: u16 = 1;
/// The number that stands for "no leg" in a row.
const NO_LEG: u16 = u16::MAX;

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomesHeader {
    /// Number of rows: that of the batch's records.
    pub count: u32,
    /// Length of the receipt in bytes.
    pub receipt_len: u32,
    /// Log index of the entry.
    pub index: u64,
    /// Time of the entry, nanoseconds since 1970 UTC.
    pub time: u64,
    /// How many of the records settled.
    pub good: u32,
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Outcome number (see the list of outcomes): 1, settled.
    pub outcome: u16,
    /// The leg that a refusal points at.
    pub leg: Option<u16>,
    /// What the outcome refers to: the entry that used the id; zero otherwise.
    pub detail: u64,
}

/// Bytes that are not such an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutcomesError {
    /// Not as long as the header says.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// The length that the header demands.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// Another magic number.
    #[error("outcomes begin with QTO1, not with {0:02x?}")]
    Magic([u8; 4]),
    /// A format version other than 1.
    #[error("unknown version {0} of outcomes")]
    Version(u16),
    /// A batch has no such number of records.
    #[error("a batch has 1 to 8189 records, not {0}")]
    Count(u32),
    /// A byte that must be zero is not; the number is its offset in the header or the row.
    #[error("reserved byte {0} is not zero")]
    Reserved(usize),
}

impl OutcomesHeader {
    /// Writes the 64 bytes of the header.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; OUTCOMES_HEADER_BYTES] {
        let mut bytes = [0; OUTCOMES_HEADER_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.count.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.receipt_len.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.index.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.time.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.good.to_le_bytes());
        bytes
    }

    /// Reads the 64 bytes of the header.
    ///
    /// # Errors
    /// [`OutcomesError`] for any bytes that no answer begins with.
    pub fn from_bytes(
        bytes: &[u8; OUTCOMES_HEADER_BYTES],
    ) -> Result<OutcomesHeader, OutcomesError> {
        if bytes[0..4] != MAGIC {
            return Err(OutcomesError::Magic(array_at(bytes, 0)));
        }
        let version = u16::from_le_bytes(array_at(bytes, 4));
        if version != VERSION {
            return Err(OutcomesError::Version(version));
        }
        if let Some(at) = (6..8).chain(36..64).find(|at| bytes[*at] != 0) {
            return Err(OutcomesError::Reserved(at));
        }
        let count = u32::from_le_bytes(array_at(bytes, 8));
        if !(1..=BATCH_RECORDS_MAX).contains(&count) {
            return Err(OutcomesError::Count(count));
        }
        Ok(OutcomesHeader {
            count,
            receipt_len: u32::from_le_bytes(array_at(bytes, 12)),
            index: u64::from_le_bytes(array_at(bytes, 16)),
            time: u64::from_le_bytes(array_at(bytes, 24)),
            good: u32::from_le_bytes(array_at(bytes, 32)),
        })
    }
}

impl BatchOutcome {
    /// Writes the 16 bytes of the row.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; OUTCOME_ROW_BYTES] {
        let mut bytes = [0; OUTCOME_ROW_BYTES];
        bytes[0..2].copy_from_slice(&self.outcome.to_le_bytes());
        bytes[2..4].copy_from_slice(&self.leg.unwrap_or(NO_LEG).to_le_bytes());
        bytes[8..16].copy_from_slice(&self.detail.to_le_bytes());
        bytes
    }

    /// Reads the 16 bytes of a row.
    ///
    /// # Errors
    /// [`OutcomesError::Reserved`].
    pub fn from_bytes(bytes: &[u8; OUTCOME_ROW_BYTES]) -> Result<BatchOutcome, OutcomesError> {
        if let Some(at) = (4..8).find(|at| bytes[*at] != 0) {
            return Err(OutcomesError::Reserved(at));
        }
        Ok(BatchOutcome {
            outcome: u16::from_le_bytes(array_at(bytes, 0)),
            leg: Some(u16::from_le_bytes(array_at(bytes, 2))).filter(|leg| *leg != NO_LEG),
            detail: u64::from_le_bytes(array_at(bytes, 8)),
        })
    }
}

/// An answer's header, its rows and the bytes of its receipt.
pub type SplitOutcomes<'a> = (OutcomesHeader, &'a [[u8; OUTCOME_ROW_BYTES]], &'a [u8]);

/// Splits an answer into its header, its rows, which [`BatchOutcome::from_bytes`] reads, and its
/// receipt.
///
/// # Errors
/// [`OutcomesError`] if the header is malformed or the length is not the one it announces.
pub fn split_outcomes(answer: &[u8]) -> Result<SplitOutcomes<'_>, OutcomesError> {
    let found = answer.len();
    let short = OutcomesError::Length {
        expected: OUTCOMES_HEADER_BYTES,
        found,
    };
    let (header, rest) = answer.split_first_chunk().ok_or(short)?;
    let header = OutcomesHeader::from_bytes(header)?;
    let rows = header.count as usize * OUTCOME_ROW_BYTES;
    let expected = OUTCOMES_HEADER_BYTES + rows + header.receipt_len as usize;
    if found != expected {
        return Err(OutcomesError::Length { expected, found });
    }
    let (rows, receipt) = rest.split_at(rows);
    Ok((header, rows.as_chunks().0, receipt))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn answer() -> Vec<u8> {
        let header = OutcomesHeader {
            count: 2,
            receipt_len: 3,
            index: 7,
            time: 9,
            good: 1,
        };
        let mut bytes = header.to_bytes().to_vec();
        for (outcome, leg, detail) in [(1, None, 0), (26, Some(0), 5)] {
            let row = BatchOutcome {
                outcome,
                leg,
                detail,
            };
            bytes.extend_from_slice(&row.to_bytes());
        }
        bytes.extend_from_slice(b"{ }");
        bytes
    }

    #[test]
    fn an_answer_splits_into_what_it_was_made_of() {
        let bytes = answer();
        let (header, rows, receipt) = split_outcomes(&bytes).unwrap();
        assert_eq!((header.count, header.index, header.good), (2, 7, 1));
        let rows: Vec<_> = rows.iter().map(BatchOutcome::from_bytes).collect();
        assert_eq!(rows[1].unwrap().leg, Some(0));
        assert_eq!((rows[0].unwrap().leg, receipt), (None, &b"{ }"[..]));
    }

    #[test]
    fn other_bytes_are_refused() {
        let good = answer();
        for at in (0..4).chain(4..12).chain(36..64).chain(68..72) {
            let mut bytes = good.clone();
            bytes[at] ^= 0x80;
            let (split, row) = match split_outcomes(&bytes) {
                Ok((_, rows, _)) => (None, BatchOutcome::from_bytes(&rows[0]).err()),
                Err(error) => (Some(error), None),
            };
            assert!(split.is_some() || row.is_some(), "byte {at}");
        }
        assert!(split_outcomes(&good[..good.len() - 1]).is_err());
        assert!(split_outcomes(&good[..10]).is_err());
    }
}
