//! `p`: records, one an entry, from no bytes to megabytes.
//!
//! ```text
//! key    'p' | first index u64 | page u16
//! value  several short ones:  1 | count u16 | length u32 * count | bytes   (page 0 only)
//!        one long one:        2 | length u32 | bytes                       (page 0)
//!                             bytes                                        (pages 1..)
//! ```

use std::ops::Range;

use super::{PAGE_BYTES, take};

const LETTER: u8 = b'p';
const PACKED: u8 = 1;
const LONG: u8 = 2;
const PACKED_HEADER: usize = 3;
const LONG_HEADER: usize = 5;
const LENGTH: usize = 4;

pub(in crate::store) type Key = [u8; 11];

pub(in crate::store) fn key(first: u64, page: u16) -> Key {
    let mut key = [LETTER; 11];
    key[1..9].copy_from_slice(&first.to_be_bytes());
    key[9..].copy_from_slice(&page.to_be_bytes());
    key
}

/// Reads first index and page; `None` for a key of another table.
pub(in crate::store) fn parse_key(key: &[u8]) -> Option<(u64, u16)> {
    let ours = key.len() == 11 && key[0] == LETTER;
    let first = take(key, 1).map(u64::from_be_bytes)?;
    let page = take(key, 9).map(u16::from_be_bytes)?;
    ours.then_some((first, page))
}

/// Lays the records of a run of entries out as pages, in key order.
pub(in crate::store) fn pages<E>(
    first: u64,
    records: &[Vec<u8>],
    mut each: impl FnMut(Key, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut rest = records;
    let mut index = first;
    while let Some(record) = rest.first() {
        let count = packable(rest);
        if count == 0 {
            long_pages(index, record, &mut each)?;
        } else {
            each(key(index, 0), packed(&rest[..count]))?;
        }
        rest = &rest[count.max(1)..];
        index += count.max(1) as u64;
    }
    Ok(())
}

/// Says how many of the next records share one page; none when the first is long.
fn packable(records: &[Vec<u8>]) -> usize {
    let mut size = PACKED_HEADER;
    let fits = |record: &&Vec<u8>| {
        size += LENGTH + record.len();
        size <= PAGE_BYTES
    };
    records.iter().take_while(fits).count()
}

fn packed(records: &[Vec<u8>]) -> Vec<u8> {
    let mut page = Vec::with_capacity(PAGE_BYTES);
    page.push(PACKED);
    // A page has room for fewer than a thousand lengths, and each length fits the page.
    page.extend_from_slice(&(records.len() as u16).to_be_bytes());
    for record in records {
        page.extend_from_slice(&(record.len() as u32).to_be_bytes());
    }
    for record in records {
        page.extend_from_slice(record);
    }
    page
}

fn long_pages<E>(
    index: u64,
    record: &[u8],
    each: &mut impl FnMut(Key, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let (start, rest) = record.split_at(record.len().min(PAGE_BYTES - LONG_HEADER));
    let mut page = Vec::with_capacity(PAGE_BYTES);
    page.push(LONG);
    page.extend_from_slice(&(record.len() as u32).to_be_bytes());
    page.extend_from_slice(start);
    each(key(index, 0), page)?;
    for (number, bytes) in (1..=u16::MAX).zip(rest.chunks(PAGE_BYTES)) {
        each(key(index, number), bytes.to_vec())?;
    }
    Ok(())
}

/// Says where bytes of a long record are: in which pages, and where in what each has of it.
pub(in crate::store) fn pages_of(bytes: Range<usize>) -> impl Iterator<Item = (u16, Range<usize>)> {
    let start = PAGE_BYTES - LONG_HEADER;
    let mut at = bytes.start;
    std::iter::from_fn(move || {
        if at >= bytes.end {
            return None;
        }
        let (page, first, next) = match at.checked_sub(start) {
            None => (0, 0, start),
            Some(behind) => {
                let page = behind / PAGE_BYTES + 1;
                (
                    page,
                    start + (page - 1) * PAGE_BYTES,
                    start + page * PAGE_BYTES,
                )
            }
        };
        let end = bytes.end.min(next);
        let within = at - first..end - first;
        at = end;
        // The longest record fits the page numbers.
        Some((page as u16, within))
    })
}

/// What page 0 says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum Page<'a> {
    /// The record asked for.
    Whole(&'a [u8]),
    /// The beginning of a long record, and its full length.
    Start { length: usize, bytes: &'a [u8] },
}

/// Reads page 0 for the record at `position` after the page's first index.
pub(in crate::store) fn parse_page(page: &[u8], position: u64) -> Option<Page<'_>> {
    match *page.first()? {
        PACKED => {
            let count = usize::from(take(page, 1).map(u16::from_be_bytes)?);
            let position = usize::try_from(position).ok().filter(|at| *at < count)?;
            let mut start = PACKED_HEADER + LENGTH * count;
            for at in 0..position {
                start += length_at(page, PACKED_HEADER + LENGTH * at)?;
            }
            let length = length_at(page, PACKED_HEADER + LENGTH * position)?;
            Some(Page::Whole(page.get(start..)?.get(..length)?))
        }
        LONG if position == 0 => {
            let bytes = page.get(LONG_HEADER..)?;
            Some(Page::Start {
                length: length_at(page, 1)?,
                bytes,
            })
        }
        _ => None,
    }
}

fn length_at(page: &[u8], at: usize) -> Option<usize> {
    usize::try_from(take(page, at).map(u32::from_be_bytes)?).ok()
}

/// The longest record fits the page numbers.
const _: () = assert!(
    crate::store::batch::RECORD_BYTES_MAX / PAGE_BYTES < u16::MAX as usize
        && crate::store::batch::RECORD_BYTES_MAX < u32::MAX as usize
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn laid_out(first: u64, records: &[Vec<u8>]) -> BTreeMap<Key, Vec<u8>> {
        let mut pages = BTreeMap::new();
        let all = super::pages(first, records, |key, value| {
            assert!(value.len() <= PAGE_BYTES);
            assert!(pages.insert(key, value).is_none());
            Ok::<(), ()>(())
        });
        all.unwrap();
        pages
    }

    fn read(pages: &BTreeMap<Key, Vec<u8>>, index: u64) -> Option<Vec<u8>> {
        let (found, _) = pages.range(..key(index + 1, 0)).next_back()?;
        let (first, last) = parse_key(found)?;
        match parse_page(&pages[&key(first, 0)], index - first)? {
            Page::Whole(bytes) => Some(bytes.to_vec()),
            Page::Start { length, bytes } => {
                let mut record = bytes.to_vec();
                for page in 1..=last {
                    record.extend_from_slice(&pages[&key(first, page)]);
                }
                assert_eq!(record.len(), length);
                Some(record)
            }
        }
    }

    #[test]
    fn records_of_all_lengths_round_trip() {
        let edge = PAGE_BYTES - PACKED_HEADER - LENGTH;
        let lengths = [
            0,
            1,
            0,
            40,
            1300,
            1300,
            1300,
            1300,
            edge,
            edge + 1,
            5,
            3995,
            3996,
            9_000,
        ];
        let lengths = lengths
            .into_iter()
            .chain([1 << 21, 3, 3, 3])
            .chain([0; 1500]);
        let records: Vec<Vec<u8>> = lengths
            .enumerate()
            .map(|(at, length)| vec![at as u8; length])
            .collect();
        let pages = laid_out(10, &records);
        for (index, record) in (10..).zip(&records) {
            assert_eq!(read(&pages, index).as_ref(), Some(record), "record {index}");
        }
        assert_eq!(read(&pages, 10 + records.len() as u64), None);
    }

    #[test]
    fn damaged_pages_are_refused() {
        let page = packed(&[vec![1; 5], vec![2; 6]]);
        assert_eq!(parse_page(&page, 1), Some(Page::Whole(&[2; 6])));
        assert_eq!(parse_page(&page, 2), None);
        assert_eq!(parse_page(&page[..page.len() - 1], 1), None);
        assert_eq!(parse_page(&[3, 0, 0, 0, 0], 0), None);
        assert_eq!(parse_page(&[], 0), None);
    }
}
