//! Snapshots: the state as records, one behind the other in parts of about a mebibyte, so that nobody
//! ever holds the whole of one beside the state.
//!
//! ```text
//!  part   sum [32] | records        sum = SHA-256(sum of the part before | records)
//! ```
//!
//! No record lies across two parts. A flipped byte, a part of another snapshot and a part that is
//! missing are all told by the sums and by the numbers of records.

use alloc::vec::Vec;

use chain::Hash;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A part is closed when it has grown to so many bytes.
const PART_BYTES: usize = 1 << 20;

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes cannot be read.
    #[error("the snapshot cannot be read")]
    Unreadable,
    /// The snapshot has another version.
    #[error("the snapshot has version {0}")]
    Version(u16),
}

/// Takes records and makes parts of them, which it hands on with the word whether each is the last.
pub(super) struct PartWriter<F> {
    sink: F,
    sum: Hash,
    /// The part being written, behind room for its sum.
    part: Vec<u8>,
}

impl<E, F: FnMut(Vec<u8>, bool) -> Result<(), E>> PartWriter<F> {
    pub(super) fn new(sink: F) -> Self {
        Self {
            sink,
            sum: Hash::ZERO,
            part: alloc::vec![0; Hash::LEN],
        }
    }

    /// Appends a record.
    pub(super) fn put<T: Serialize + ?Sized>(&mut self, record: &T) -> Result<(), E> {
        if self.part.len() >= PART_BYTES {
            self.close(false)?;
        }
        let part = core::mem::take(&mut self.part);
        self.part = postcard::to_extend(record, part).expect("every record has an encoding");
        Ok(())
    }

    /// Appends records behind their number.
    pub(super) fn put_all<T: Serialize>(
        &mut self,
        records: impl ExactSizeIterator<Item = T>,
    ) -> Result<(), E> {
        self.put(&records.len())?;
        for record in records {
            self.put(&record)?;
        }
        Ok(())
    }

    /// Hands on the last part.
    pub(super) fn finish(mut self) -> Result<(), E> {
        self.close(true)
    }

    fn close(&mut self, last: bool) -> Result<(), E> {
        let next = Vec::with_capacity(self.part.len());
        let mut part = core::mem::replace(&mut self.part, next);
        self.part.resize(Hash::LEN, 0);
        let (place, records) = part.split_at_mut(Hash::LEN);
        self.sum = Hash::sha256_parts(&[self.sum.as_bytes(), records]);
        place.copy_from_slice(self.sum.as_bytes());
        (self.sink)(part, last)
    }
}

/// Reads records out of parts.
pub(super) struct PartReader<I> {
    parts: I,
    sum: Hash,
    part: Vec<u8>,
    at: usize,
}

impl<I: Iterator<Item = Vec<u8>>> PartReader<I> {
    pub(super) fn new(parts: I) -> Self {
        Self {
            parts,
            sum: Hash::ZERO,
            part: Vec::new(),
            at: 0,
        }
    }

    /// Reads the next record.
    pub(super) fn take<T: DeserializeOwned>(&mut self) -> Result<T, SnapshotError> {
        if self.at == self.part.len() {
            self.next_part()?;
        }
        let rest = self.part.get(self.at..).unwrap_or_default();
        let (record, behind) =
            postcard::take_from_bytes(rest).map_err(|_| SnapshotError::Unreadable)?;
        self.at = self.part.len().saturating_sub(behind.len());
        Ok(record)
    }

    /// Reads the records behind a number of them.
    pub(super) fn take_all<T: DeserializeOwned>(
        &mut self,
        mut each: impl FnMut(T) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        let count: usize = self.take()?;
        for _ in 0..count {
            each(self.take()?)?;
        }
        Ok(())
    }

    /// The same as a list.
    pub(super) fn take_list<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, SnapshotError> {
        let mut list = Vec::new();
        self.take_all(|record| {
            list.push(record);
            Ok(())
        })?;
        Ok(list)
    }

    /// Nothing may be left.
    pub(super) fn finish(mut self) -> Result<(), SnapshotError> {
        match self.at == self.part.len() && self.parts.next().is_none() {
            true => Ok(()),
            false => Err(SnapshotError::Unreadable),
        }
    }

    fn next_part(&mut self) -> Result<(), SnapshotError> {
        self.part = self.parts.next().ok_or(SnapshotError::Unreadable)?;
        self.at = Hash::LEN;
        let cut = self.part.split_at_checked(Hash::LEN);
        let (sum, records) = cut.ok_or(SnapshotError::Unreadable)?;
        self.sum = Hash::sha256_parts(&[self.sum.as_bytes(), records]);
        match sum == self.sum.as_bytes() {
            true => Ok(()),
            false => Err(SnapshotError::Unreadable),
        }
    }
}

/// Puts parts into one piece, each behind its length.
pub(super) fn join(whole: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("parts are small");
    whole.extend_from_slice(&length.to_be_bytes());
    whole.extend_from_slice(part);
}

/// The parts in one piece; what cannot be one is an empty part, which nobody believes.
pub(super) fn cut(mut whole: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    core::iter::from_fn(move || {
        if whole.is_empty() {
            return None;
        }
        let part = whole.split_first_chunk::<4>().and_then(|(length, rest)| {
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            rest.split_at_checked(length)
        });
        let (part, rest) = part.unwrap_or_default();
        whole = rest;
        Some(part.to_vec())
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test may panic")]

    use core::convert::Infallible;

    use super::*;

    fn parts(records: u64) -> Vec<Vec<u8>> {
        let mut parts = Vec::new();
        let mut ended = false;
        let mut writer = PartWriter::new(|part, last| {
            assert!(!ended);
            ended = last;
            parts.push(part);
            Ok::<(), Infallible>(())
        });
        let record = |n| (n, alloc::vec![7u8; 1_000]);
        writer.put_all((0..records as usize).map(record)).unwrap();
        writer.finish().unwrap();
        assert!(ended);
        parts
    }

    fn read(parts: &[Vec<u8>]) -> Result<usize, SnapshotError> {
        let mut reader = PartReader::new(parts.iter().cloned());
        let list: Vec<(u64, Vec<u8>)> = reader.take_list()?;
        reader.finish()?;
        Ok(list.len())
    }

    #[test]
    fn whatever_happens_to_parts_is_told() {
        let parts = parts(5_000);
        assert!(parts.len() > 3);
        assert!(parts.iter().all(|part| part.len() < PART_BYTES + 2_000));
        assert_eq!(read(&parts), Ok(5_000));
        for n in 0..parts.len() {
            let mut gone = parts.clone();
            gone.remove(n);
            let mut flipped = parts.clone();
            flipped[n][40] ^= 1;
            let mut longer = parts.clone();
            longer[n].push(0);
            let mut twice = parts.clone();
            twice.insert(n, parts[n].clone());
            for changed in [gone, flipped, longer, twice] {
                assert_eq!(read(&changed), Err(SnapshotError::Unreadable));
            }
        }
        assert_eq!(read(&[]), Err(SnapshotError::Unreadable));
    }

    #[test]
    fn one_piece_is_cut_where_it_was_joined() {
        let parts = parts(3_000);
        let mut whole = Vec::new();
        parts.iter().for_each(|part| join(&mut whole, part));
        assert_eq!(cut(&whole).collect::<Vec<_>>(), parts);
        for length in [1, 3, 5, whole.len() - 1] {
            let cut: Vec<_> = cut(&whole[..length]).collect();
            assert!(read(&cut).is_err(), "{length}");
        }
    }
}
