//! Tiles and entry bundles, as C2SP tlog-tiles serves them: whole, or not at all.

use chain::{Entry, Hash, TileKind, TilePath};

use super::{ReadError, Reader};
use crate::node::shared::read;
use crate::store::StoreError;

impl Reader {
    /// The hashes of a tile, as many as there are: finished tiles from the store, the others, of
    /// which partial tiles of every width are cut, from memory.
    pub(super) fn tile_hashes(
        &self,
        level: u8,
        number: u64,
    ) -> Result<Option<Vec<Hash>>, StoreError> {
        if let Some(hashes) = read(&self.shared.tiles).tile(level, number) {
            return Ok(Some(hashes.to_vec()));
        }
        let Some(bytes) = self.shared.store.tile(level, number)? else {
            return Ok(None);
        };
        let damaged = StoreError::Damaged {
            table: crate::store::Table::Tiles,
            index: number,
        };
        // Only finished tiles are stored: one of another length is none.
        let full = TilePath::hashes(level, number, chain::TILE_WIDTH);
        let hashes = full.and_then(|full| full.decode_hashes(&bytes));
        hashes.map(Some).map_err(|_| damaged)
    }

    /// A tile or an entry bundle: exactly as wide as its path says.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] unless the tile exists at this size; [`ReadError::Tile`] if it does
    /// and what the store holds of it is short, long or not what belongs there.
    pub fn tile(&self, path: &TilePath) -> Result<Vec<u8>, ReadError> {
        if !path.is_within(self.size()) {
            return Err(ReadError::NotFound);
        }
        let unfit = |why: String| ReadError::Tile(*path, why);
        let width = usize::from(path.width());
        match path.kind() {
            TileKind::Hashes(level) => {
                let hashes = self.tile_hashes(level, path.index());
                let hashes = hashes.map_err(|error| unfit(error.to_string()))?;
                let hashes = hashes.unwrap_or_default();
                let bytes: Vec<u8> = hashes
                    .iter()
                    .take(width)
                    .flat_map(|hash| *hash.as_bytes())
                    .collect();
                path.check_len(bytes.len())
                    .map_err(|error| unfit(error.to_string()))?;
                Ok(bytes)
            }
            TileKind::Entries => {
                let first = path.index().saturating_mul(u64::from(chain::TILE_WIDTH));
                let entries = self.entries(first, width).map_err(unfit)?;
                chain::encode_bundle(*path, &entries).map_err(|error| unfit(error.to_string()))
            }
        }
    }

    /// Entries from `first` on, exactly `count` of them, each in its place.
    fn entries(&self, first: u64, count: usize) -> Result<Vec<[u8; Entry::LEN]>, String> {
        let store = &self.shared.store;
        let mut entries = store
            .entries(first, count)
            .map_err(|error| error.to_string())?;
        while entries.len() < count {
            let index = first.saturating_add(entries.len() as u64);
            let entry = match self.recent(index) {
                Some(logged) => Some(logged.entry.to_bytes()),
                // The store took it over in the meantime.
                None => store
                    .entries(index, 1)
                    .map_err(|error| error.to_string())?
                    .pop(),
            };
            entries.push(entry.ok_or_else(|| format!("entry {index} is missing"))?);
        }
        for (index, bytes) in (first..).zip(&entries) {
            let entry = Entry::from_bytes(bytes);
            let entry = entry.map_err(|error| format!("entry {index}: {error}"))?;
            if entry.index != index {
                return Err(format!("entry {} stands for entry {index}", entry.index));
            }
        }
        Ok(entries)
    }
}
