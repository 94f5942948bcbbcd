//! The beginning of the record of a batch: what is needed to read one run of its drafts.

use std::ops::Range;

use super::bytes::Bytes;
use super::packed::{ROW_BYTES, RUN, Table};
use super::record::{Record, RecordError, Start, VERSION_BATCH};
use crate::limits::{BATCH_RECORDS_MAX, SUBMISSION_OVERHEAD_BYTES_MAX};

/// What a record has before its drafts at most: version, salt, item 0 (names, signatures), first id,
/// count, table.
pub(super) const HEAD_BYTES: usize =
    SUBMISSION_OVERHEAD_BYTES_MAX + 64 + (BATCH_RECORDS_MAX / RUN + 1) * ROW_BYTES;

/// The beginning of a record whose drafts are stored in runs.
#[derive(Debug)]
pub(super) struct RecordHead {
    /// Entry salt.
    pub(super) salt: [u8; 32],
    /// Item 0, as bytes.
    pub(super) first_item: Bytes,
    pub(super) table: Table,
    /// Where the drafts begin.
    drafts: usize,
}

impl RecordHead {
    /// Decodes it from the first [`HEAD_BYTES`] of a record, or all that it has; `None` if the
    /// record can be read as a whole only.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Option<Self>, RecordError> {
        if bytes.first() != Some(&VERSION_BATCH) {
            return Ok(None);
        }
        let (start, packed) = postcard::take_from_bytes::<Start<[u8; 32], Bytes>>(bytes)?;
        let (_, salt, first_item) = start;
        let (table, rest) = Table::unpack(packed)?;
        Ok(Some(Self {
            salt,
            first_item,
            table,
            drafts: bytes.len().saturating_sub(rest.len()),
        }))
    }

    /// Item 0.
    ///
    /// # Errors
    /// [`RecordError::Authorisation`].
    pub(super) fn authorisation(&self) -> Result<chain::Authorisation, RecordError> {
        Record::parse_authorisation(&self.first_item.0)
    }

    /// Where in the record the drafts of a run are, the last of which end where the record ends;
    /// `None` if there is no such run.
    pub(super) fn bytes_of(&self, run: usize) -> Option<Range<usize>> {
        let range = self.table.bytes_of(run)?;
        let place = |at: usize| at.saturating_add(self.drafts);
        Some(place(range.start)..place(range.end))
    }
}
