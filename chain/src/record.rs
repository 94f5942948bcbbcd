//! Records: what an auditor is given of an entry beside its place in the log, framed.
//!
//! ```text
//!  0        4         5       6       126    158         158    162               n
//!  | length | version | flags | entry | salt | key [32]? | count | lengths [count] | items | sealed body |
//! ```
//!
//! Integers are big-endian; `length` counts the bytes behind it. Records stand one behind the other,
//! in a file of an export and in an answer of a node alike; a key is in answers only. Nothing here
//! says that a record is *true*: that it leads to its entry is for whoever has the entry to find.

use alloc::vec::Vec;

use crate::{Entry, Hash};

/// The longest record, in bytes behind its length: items of a full entry and its body, with room.
pub const RECORD_BYTES_MAX: usize = 32 << 20;
/// A file of records holds those of as many entries: the entries of one full bundle.
pub const RECORDS_PER_FILE: u64 = 256;

const VERSION: u8 = 1;
const FLAG_KEY: u8 = 1;
/// The tag of AES-256-GCM: no sealed body is shorter.
const SEAL_BYTES: usize = 16;

/// One entry with everything that it commits to, as it was read or is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The entry's bytes, as the record repeats them.
    pub entry: &'a [u8; Entry::LEN],
    /// The entry's salt.
    pub salt: Hash,
    /// The body's key: in answers of a node, unless it was erased.
    pub key: Option<&'a [u8; 32]>,
    /// The items.
    pub items: ItemBytes<'a>,
    /// The body under its key; empty where there is none.
    pub sealed_body: &'a [u8],
}

/// The items of a record as bytes, item 0 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemBytes<'a> {
    lengths: &'a [[u8; 4]],
    bytes: &'a [u8],
}

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes end before the record does.
    #[error("the record is cut off")]
    Cut,
    /// Longer than any record is.
    #[error("a record of {0} bytes is longer than any can be")]
    Long(usize),
    /// The version byte is not one this code knows.
    #[error("record version {0} is unknown")]
    Version(u8),
    /// A flag that has no meaning.
    #[error("record flags {0:#04x} are unknown")]
    Flags(u8),
    /// A sealed body shorter than its tag.
    #[error("a sealed body has at least 16 bytes, not {0}")]
    Body(usize),
}

/// Reads the length that a record begins with: how many bytes follow.
///
/// # Errors
/// [`RecordError::Long`].
pub fn record_length(prefix: [u8; 4]) -> Result<usize, RecordError> {
    let length = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
    if length > RECORD_BYTES_MAX {
        return Err(RecordError::Long(length));
    }
    Ok(length)
}

impl<'a> Record<'a> {
    /// Reads a record from the bytes behind its length: all of them.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordError::Long(bytes.len()));
        }
        let (&[version, flags], rest) = bytes.split_first_chunk().ok_or(RecordError::Cut)?;
        if version != VERSION {
            return Err(RecordError::Version(version));
        }
        if flags & !FLAG_KEY != 0 {
            return Err(RecordError::Flags(flags));
        }
        let (entry, rest) = rest.split_first_chunk().ok_or(RecordError::Cut)?;
        let (salt, rest) = rest.split_first_chunk().ok_or(RecordError::Cut)?;
        let (key, rest) = match flags & FLAG_KEY {
            0 => (None, rest),
            _ => {
                let (key, rest) = rest.split_first_chunk().ok_or(RecordError::Cut)?;
                (Some(key), rest)
            }
        };
        let (items, sealed_body) = ItemBytes::split(rest)?;
        if (1..SEAL_BYTES).contains(&sealed_body.len()) {
            return Err(RecordError::Body(sealed_body.len()));
        }
        Ok(Self {
            entry,
            salt: Hash::from_bytes(*salt),
            key,
            items,
            sealed_body,
        })
    }

    /// Reads the record at the start of `bytes`, its length first, and gives what is left.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), RecordError> {
        let (prefix, rest) = bytes.split_first_chunk().ok_or(RecordError::Cut)?;
        let length = record_length(*prefix)?;
        let (record, rest) = rest.split_at_checked(length).ok_or(RecordError::Cut)?;
        Ok((Self::parse(record)?, rest))
    }

    /// Appends the record to `out`, its length first; [`Record::split`] reads it back.
    pub fn write(&self, out: &mut Vec<u8>) {
        let record = RecordParts {
            entry: self.entry,
            salt: &self.salt,
            key: self.key,
            sealed_body: self.sealed_body,
        };
        record.write(out, self.items.iter());
    }
}

/// A record in the making, whose items come from elsewhere.
#[derive(Debug, Clone, Copy)]
#[expect(
    missing_docs,
    reason = "the fields are those of Record, documented there"
)]
pub struct RecordParts<'a> {
    pub entry: &'a [u8; Entry::LEN],
    pub salt: &'a Hash,
    pub key: Option<&'a [u8; 32]>,
    pub sealed_body: &'a [u8],
}

impl RecordParts<'_> {
    /// Appends the record with these items to `out`, its length first.
    pub fn write<'i>(
        &self,
        out: &mut Vec<u8>,
        items: impl ExactSizeIterator<Item = &'i [u8]> + Clone,
    ) {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        let flags = if self.key.is_some() { FLAG_KEY } else { 0 };
        out.extend_from_slice(&[VERSION, flags]);
        out.extend_from_slice(self.entry);
        out.extend_from_slice(self.salt.as_bytes());
        out.extend_from_slice(self.key.map_or(&[][..], |key| key));
        out.extend_from_slice(&number(items.len()));
        for item in items.clone() {
            out.extend_from_slice(&number(item.len()));
        }
        for item in items {
            out.extend_from_slice(item);
        }
        out.extend_from_slice(self.sealed_body);
        let length = out.len().saturating_sub(start + 4);
        debug_assert!(length <= RECORD_BYTES_MAX, "bodies and items are limited");
        if let Some(prefix) = out.get_mut(start..start + 4) {
            prefix.copy_from_slice(&number(length));
        }
    }
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}

fn length_of(bytes: &[u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(*bytes)).unwrap_or(usize::MAX)
}

impl<'a> ItemBytes<'a> {
    /// Splits count, lengths and items off the start of `bytes`.
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), RecordError> {
        let (count, rest) = bytes.split_first_chunk().ok_or(RecordError::Cut)?;
        let (lengths, _) = rest.as_chunks();
        let lengths = lengths.get(..length_of(count)).ok_or(RecordError::Cut)?;
        let rest = rest.get(lengths.len() * 4..).ok_or(RecordError::Cut)?;
        // No sum of so few lengths overflows: they are u32, and there are fewer than 2^23.
        let total = lengths
            .iter()
            .map(length_of)
            .fold(0usize, usize::saturating_add);
        let (bytes, rest) = rest.split_at_checked(total).ok_or(RecordError::Cut)?;
        Ok((Self { lengths, bytes }, rest))
    }

    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// The items, one after the other.
    #[must_use]
    pub const fn iter(&self) -> ItemIter<'a> {
        ItemIter(*self)
    }

    /// Item 0.
    #[must_use]
    pub fn first(&self) -> Option<&'a [u8]> {
        self.iter().next()
    }
}

/// The items of a record, one after the other.
#[derive(Debug, Clone)]
pub struct ItemIter<'a>(ItemBytes<'a>);

impl<'a> Iterator for ItemIter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, lengths) = self.0.lengths.split_first()?;
        let (item, bytes) = self.0.bytes.split_at_checked(length_of(length))?;
        self.0 = ItemBytes { lengths, bytes };
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for ItemIter<'_> {}

impl<'a> IntoIterator for ItemBytes<'a> {
    type Item = &'a [u8];
    type IntoIter = ItemIter<'a>;

    fn into_iter(self) -> ItemIter<'a> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn example(key: Option<&[u8; 32]>, body: &[u8], items: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let (entry, salt) = ([1; Entry::LEN], Hash::sha256(b"salt"));
        let parts = RecordParts {
            entry: &entry,
            salt: &salt,
            key,
            sealed_body: body,
        };
        parts.write(&mut out, items.iter().copied());
        out
    }

    #[test]
    fn records_round_trip_one_behind_the_other() {
        let bytes = [
            example(None, &[], &[b"one", b"", b"three"]),
            example(Some(&[7; 32]), &[9; 40], &[b"one"]),
            example(None, &[9; 16], &[]),
        ];
        let all = bytes.concat();
        let mut rest = all.as_slice();
        for one in &bytes {
            let (record, behind) = Record::split(rest).unwrap();
            let mut again = Vec::new();
            record.write(&mut again);
            assert_eq!(&again, one);
            assert_eq!(record.items.iter().len(), record.items.len());
            rest = behind;
        }
        assert!(rest.is_empty());
        let (first, _) = Record::split(&all).unwrap();
        let items: Vec<&[u8]> = first.items.into_iter().collect();
        assert_eq!(items, [&b"one"[..], b"", b"three"]);
        assert_eq!((first.items.first(), first.key), (Some(&b"one"[..]), None));
    }

    #[test]
    fn every_cut_and_every_wrong_field_is_refused() {
        let good = example(None, &[9; 16], &[b"one", b"two"]);
        for at in 0..good.len() {
            assert_eq!(Record::split(&good[..at]), Err(RecordError::Cut), "{at}");
        }
        let changed = |at: usize, to: &[u8]| {
            let mut bytes = good.clone();
            bytes[at..at + to.len()].copy_from_slice(to);
            Record::split(&bytes).map(drop)
        };
        assert_eq!(changed(4, &[2]), Err(RecordError::Version(2)));
        assert_eq!(changed(5, &[2]), Err(RecordError::Flags(2)));
        assert_eq!(changed(5, &[1]), Err(RecordError::Cut));
        assert_eq!(changed(158, &[0xff; 4]), Err(RecordError::Cut), "count");
        assert_eq!(changed(162, &[0xff; 8]), Err(RecordError::Cut), "lengths");
        assert_eq!(changed(162, &[0, 0, 0, 4]), Err(RecordError::Body(15)));
        let long = RECORD_BYTES_MAX + 1;
        let prefix = u32::try_from(long).unwrap().to_be_bytes();
        assert_eq!(changed(0, &prefix), Err(RecordError::Long(long)));
        assert_eq!(Record::parse(&vec![1; long]), Err(RecordError::Long(long)));
    }
}
