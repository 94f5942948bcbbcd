//! Reading records: whole, or no more of their pages than are asked for.

use super::{SledStore, engine};
use crate::store::table::records;
use crate::store::{StoreError, Table};

impl SledStore {
    pub(super) fn find_record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if index >= self.size() {
            return Ok(None);
        }
        let damaged = || StoreError::Damaged {
            table: Table::Records,
            index,
        };
        let nearest = self
            .db
            .get_lt(records::key(index + 1, 0))
            .map_err(engine("reading"))?;
        let (key, page) = nearest.ok_or_else(damaged)?;
        let (first, last) = records::parse_key(&key).ok_or_else(damaged)?;
        let page = match last {
            0 => page,
            _ => self.get(&records::key(first, 0))?.ok_or_else(damaged)?,
        };
        match records::parse_page(&page, index - first).ok_or_else(damaged)? {
            records::Page::Whole(bytes) => Ok(Some(bytes.to_vec())),
            records::Page::Start { length, bytes } => {
                let record = self.long_record(index, last, bytes)?;
                if record.len() == length {
                    Ok(Some(record))
                } else {
                    Err(damaged())
                }
            }
        }
    }

    /// Reads the pages of one record after page 0.
    fn long_record(&self, index: u64, last: u16, start: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut record = start.to_vec();
        if last > 0 {
            let pages = self
                .db
                .range(records::key(index, 1)..=records::key(index, last));
            for page in pages {
                record.extend_from_slice(&page.map_err(engine("reading"))?.1);
            }
        }
        Ok(record)
    }

    /// Finds a part of a record.
    pub(super) fn find_record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if index >= self.size() {
            return Ok(None);
        }
        let damaged = || StoreError::Damaged {
            table: Table::Records,
            index,
        };
        // A long record has a page 0 of its own; the others share one, and are read with it.
        let page = self.get(&records::key(index, 0))?;
        if let Some(page) = &page
            && let Some(records::Page::Start { length, bytes }) = records::parse_page(page, 0)
        {
            let end = from.saturating_add(len).min(length);
            let mut part = Vec::with_capacity(end.saturating_sub(from));
            for (number, range) in records::pages_of(from..end) {
                let page = match number {
                    0 => bytes.get(range).map(<[u8]>::to_vec),
                    _ => {
                        let page = self.get(&records::key(index, number))?;
                        page.and_then(|page| page.get(range).map(<[u8]>::to_vec))
                    }
                };
                part.extend(page.ok_or_else(damaged)?);
            }
            return Ok(Some(part));
        }
        let record = self.find_record(index)?;
        Ok(record.map(|record| record.into_iter().skip(from).take(len).collect()))
    }
}
