//! Schedules of fees, to everybody who reads.

use super::{ReadError, Reader};
use crate::ledger::AssetId;
use crate::limits::FEES_PAGE;
use crate::node::shared::read;
use crate::wire::{FeesPage, FeesView};

/// Which schedules.
#[derive(Debug, Clone, Default)]
pub struct FeesQuery {
    /// From this asset on.
    pub from: Option<AssetId>,
    /// All that are remembered of this asset.
    pub asset: Option<AssetId>,
}

impl Reader {
    /// The schedules in force, of as many assets as a page has; or all versions that are remembered of
    /// one asset.
    ///
    /// # Errors
    /// [`ReadError::Cursor`] if the cursor names no asset.
    pub fn fees(&self, query: &FeesQuery) -> Result<FeesPage, ReadError> {
        let at = read(&self.shared.book);
        let book = &at.book;
        let mut page = FeesPage {
            items: Vec::new(),
            next: None,
            at_index: at.size.saturating_sub(1),
        };
        if let Some(asset) = &query.asset {
            if let Some(asset) = book.asset(asset) {
                let count = book.fees().versions(asset.number).len();
                let versions = (0..count).rev();
                page.items
                    .extend(versions.filter_map(|n| FeesView::of(book, asset, n)));
            }
            return Ok(page);
        }
        let from = match &query.from {
            None => 0,
            Some(asset) => book.asset(asset).ok_or(ReadError::Cursor)?.number,
        };
        for (number, versions) in book.fees().all() {
            if number < from || book.fees().in_force(number).is_none() {
                continue;
            }
            let Some(asset) = book.asset_numbered(number) else {
                continue;
            };
            if page.items.len() == FEES_PAGE {
                page.next = Some(asset.id.clone());
                break;
            }
            let last = versions.len().saturating_sub(1);
            page.items.extend(FeesView::of(book, asset, last));
        }
        Ok(page)
    }
}
