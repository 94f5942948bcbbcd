//! `s`: snapshots of the state, in numbered parts, and each part in pages.
//!
//! ```text
//! key    's' | index u64 | part u32 | page u16
//! value  piece of the part (page 0 begins with the part's length u32)
//!
//! key    's' | index u64 | 2^32 - 1 | 0            the snapshot is whole
//! value  number of parts u32
//! ```

use super::{PAGE_BYTES, take};

const LETTER: u8 = b's';
const WHOLE: u32 = u32::MAX;
const LENGTH: usize = 4;

pub(in crate::store) type Key = [u8; 15];

pub(in crate::store) fn key(index: u64, part: u32, page: u16) -> Key {
    let mut key = [LETTER; 15];
    key[1..9].copy_from_slice(&index.to_be_bytes());
    key[9..13].copy_from_slice(&part.to_be_bytes());
    key[13..].copy_from_slice(&page.to_be_bytes());
    key
}

/// The key that makes a snapshot whole; it comes after all its pages.
pub(in crate::store) fn whole_key(index: u64) -> Key {
    key(index, WHOLE, 0)
}

/// Reads the index, and whether the key makes it whole; `None` for a key of another table.
pub(in crate::store) fn parse_key(key: &[u8]) -> Option<(u64, bool)> {
    let ours = key.len() == 15 && key[0] == LETTER;
    let index = take(key, 1).map(u64::from_be_bytes)?;
    let part = take(key, 9).map(u32::from_be_bytes)?;
    ours.then_some((index, part == WHOLE))
}

pub(in crate::store) fn parse_whole(value: &[u8]) -> Option<u32> {
    (value.len() == LENGTH).then(|| take(value, 0).map(u32::from_be_bytes))?
}

/// Lays a part out as pages, in key order.
pub(in crate::store) fn pages<E>(
    index: u64,
    part: u32,
    bytes: &[u8],
    mut each: impl FnMut(Key, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let (start, rest) = bytes.split_at(bytes.len().min(PAGE_BYTES - LENGTH));
    let mut first = Vec::with_capacity(LENGTH + start.len());
    first.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    first.extend_from_slice(start);
    each(key(index, part, 0), first)?;
    for (page, piece) in (1..=u16::MAX).zip(rest.chunks(PAGE_BYTES)) {
        each(key(index, part, page), piece.to_vec())?;
    }
    Ok(())
}

/// Puts the pages of a part together; `None` when they are not as long as they should be.
pub(in crate::store) fn join<'a>(pages: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut pages = pages.into_iter();
    let first = pages.next()?;
    let length = usize::try_from(take(first, 0).map(u32::from_be_bytes)?).ok()?;
    let mut bytes = first.get(LENGTH..)?.to_vec();
    for page in pages {
        bytes.extend_from_slice(page);
    }
    (bytes.len() == length).then_some(bytes)
}

/// The longest part fits the page numbers.
const _: () =
    assert!(crate::store::batch::SNAPSHOT_PART_BYTES_MAX / PAGE_BYTES < u16::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_round_trip() {
        for length in [0, 1, 3_996, 3_997, 7_996, 7_997, 1 << 20] {
            let bytes: Vec<u8> = (0..length).map(|at: u32| (at / 7) as u8).collect();
            let mut pages = Vec::new();
            let all = super::pages(5, 2, &bytes, |key, value| {
                assert!(value.len() <= PAGE_BYTES);
                assert_eq!(parse_key(&key), Some((5, false)));
                pages.push(value);
                Ok::<(), ()>(())
            });
            all.unwrap();
            assert_eq!(join(pages.iter().map(Vec::as_slice)), Some(bytes));
            assert_eq!(
                join(pages.iter().map(Vec::as_slice).chain([&[1][..]])),
                None
            );
        }
        assert_eq!(join([]), None);
    }

    #[test]
    fn the_key_of_a_whole_snapshot_comes_after_its_pages() {
        assert!(key(5, u32::MAX - 2, u16::MAX) < whole_key(5));
        assert!(whole_key(5) < key(6, 0, 0));
        assert_eq!(parse_key(&whole_key(5)), Some((5, true)));
        assert_eq!(parse_whole(&7_u32.to_be_bytes()), Some(7));
        assert_eq!(parse_whole(&[0; 5]), None);
    }
}
