//! Tiles and bundles: what does not fit its path is refused on arrival.

use chain::{TileKind, TilePath, decode_bundle, encode_bundle};

use super::{Client, ClientError};

impl Client {
    /// A tile or bundle, exactly as wide as its path says. If a partial one is gone, it is cut from
    /// the full one.
    ///
    /// # Errors
    /// [`ClientError::Tile`] if the node answers with more or less than the path names.
    pub fn tile(&self, path: &TilePath) -> Result<Vec<u8>, ClientError> {
        let answer = self.get_tile(path)?;
        match answer {
            Some(bytes) => {
                check(path, &bytes)?;
                Ok(bytes)
            }
            None => {
                let full = path.to_full();
                let bytes = self.get_tile(&full)?;
                cut(path, &bytes.unwrap_or_default())
            }
        }
    }

    /// The bytes under a path; `None` if it is partial and not there.
    fn get_tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        let raw = self.get_raw_patiently(&format!("/log/{path}"))?;
        if raw.status == 404 && !path.is_full() {
            return Ok(None);
        }
        Ok(Some(raw.good()?.bytes))
    }
}

fn unfit(path: &TilePath, why: impl std::fmt::Display) -> ClientError {
    ClientError::Tile {
        path: *path,
        why: why.to_string(),
    }
}

/// Checks that bytes are as many hashes, or entries, as the path says.
fn check(path: &TilePath, bytes: &[u8]) -> Result<(), ClientError> {
    match path.kind() {
        TileKind::Hashes(_) => path
            .check_len(bytes.len())
            .map_err(|error| unfit(path, error)),
        TileKind::Entries => decode_bundle(*path, bytes)
            .map(drop)
            .map_err(|error| unfit(path, error)),
    }
}

/// Cuts a partial tile from the bytes of the full one.
fn cut(path: &TilePath, bytes: &[u8]) -> Result<Vec<u8>, ClientError> {
    let (full, width) = (path.to_full(), usize::from(path.width()));
    check(&full, bytes)?;
    match path.kind() {
        TileKind::Hashes(_) => Ok(bytes
            .iter()
            .copied()
            .take(width * chain::Hash::LEN)
            .collect()),
        TileKind::Entries => {
            let mut entries = decode_bundle(full, bytes).map_err(|error| unfit(path, error))?;
            entries.truncate(width);
            encode_bundle(*path, &entries).map_err(|error| unfit(path, error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_cut_between_entries_of_any_length() {
        let full = TilePath::entries(0, 256).unwrap();
        let entries: Vec<Vec<u8>> = (0..=255u8).map(|n| vec![n; usize::from(n)]).collect();
        let bytes = encode_bundle(full, &entries).unwrap();
        let part = TilePath::entries(0, 3).unwrap();
        assert_eq!(cut(&part, &bytes).unwrap(), [0, 0, 0, 1, 1, 0, 2, 2, 2]);
        assert!(cut(&part, &bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn only_the_width_of_the_path_is_taken() {
        for width in [1u16, 7, 255, 256] {
            let path = TilePath::hashes(0, 3, width).unwrap();
            let right = usize::from(width) * 32;
            for (len, fits) in [
                (right, true),
                (right - 1, false),
                (right + 32, false),
                (0, false),
            ] {
                assert_eq!(check(&path, &vec![0; len]).is_ok(), fits, "{path} {len}");
            }
        }
    }
}
