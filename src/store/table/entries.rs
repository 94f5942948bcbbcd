//! `e`: log entries.
//!
//! ```text
//! key    'e' | first index u64
//! value  entry [120] * n, n = 1..33
//! ```

use crate::limits::ENTRY_BYTES;
use crate::store::batch::EntryBytes;

use super::{PAGE_BYTES, take};

const LETTER: u8 = b'e';
const PER_PAGE: usize = PAGE_BYTES / ENTRY_BYTES;

pub(in crate::store) fn key(first: u64) -> [u8; 9] {
    let mut key = [LETTER; 9];
    key[1..].copy_from_slice(&first.to_be_bytes());
    key
}

/// Reads the first index; `None` for a key of another table.
pub(in crate::store) fn parse_key(key: &[u8]) -> Option<u64> {
    (key.len() == 9 && key[0] == LETTER).then(|| take(key, 1).map(u64::from_be_bytes))?
}

/// Lays a run of entries out as pages.
pub(in crate::store) fn pages(
    first: u64,
    entries: &[EntryBytes],
) -> impl Iterator<Item = ([u8; 9], &[u8])> {
    let starts = (first..).step_by(PER_PAGE);
    starts
        .zip(entries.chunks(PER_PAGE))
        .map(|(start, page)| (key(start), page.as_flattened()))
}

/// Reads a page; `None` when it is not whole entries.
pub(in crate::store) fn parse_page(page: &[u8]) -> Option<&[EntryBytes]> {
    let (entries, rest) = page.as_chunks();
    (rest.is_empty() && !entries.is_empty()).then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_round_trip() {
        for count in [1, 2, 33, 34, 66, 100] {
            let entries: Vec<EntryBytes> = (0..count).map(|at| [at; ENTRY_BYTES]).collect();
            let mut next = 7;
            for (key, page) in pages(7, &entries) {
                assert_eq!(parse_key(&key), Some(next));
                assert!(page.len() <= PAGE_BYTES);
                let found = parse_page(page).unwrap();
                let start = usize::try_from(next - 7).unwrap();
                assert_eq!(found, &entries[start..start + found.len()]);
                next += found.len() as u64;
            }
            assert_eq!(next, 7 + u64::from(count));
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(parse_key(b"p00000000"), None);
        assert_eq!(parse_key(b"e0000000"), None);
        assert_eq!(parse_page(&[0; ENTRY_BYTES + 1]), None);
        assert_eq!(parse_page(&[]), None);
    }
}
