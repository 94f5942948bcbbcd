//! Bundles and tiles of an export: what is there and leads to the signed root is not fetched again.

use std::fs;
use std::path::Path;

use chain::{
    Checkpoint, Entry, EntryKind, Frontier, Hash, TILE_WIDTH, TilePath, TileWidths, decode_bundle,
    tiles_between,
};
use indicatif::ProgressBar;

use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::client::Client;

/// What is known of a log's entries once all of them have been read.
#[derive(Default)]
pub(super) struct Seen {
    frontier: Frontier,
    /// Hashes of the unfinished tile at each level of tiles.
    edge: Vec<Vec<Hash>>,
    /// Indexes of the entries that erase something.
    pub(super) erasures: Vec<u64>,
}

/// Writes all bundles and tiles. The tiles are computed from the entries, and the entries must lead
/// to the signed root.
pub(super) fn write(
    client: &Client,
    folder: &Path,
    checkpoint: &Checkpoint,
    bar: &ProgressBar,
) -> Result<Seen, Failure> {
    let mut seen = pass(client, folder, checkpoint.size, true, bar)?;
    if seen.frontier.root() != checkpoint.root {
        // Something that was there does not hold; nothing of it is believed then.
        seen = pass(client, folder, checkpoint.size, false, bar)?;
    }
    if seen.frontier.root() != checkpoint.root {
        return Err(Failure::new(
            Kind::Invalid,
            "the log's entries do not lead to the root that it has signed",
        )
        .because(format!(
            "{} entries, root {}",
            checkpoint.size, checkpoint.root
        ))
        .hint("keep the checkpoint, it is evidence; `quittance audit` says where it begins"));
    }
    Ok(seen)
}

/// Reads every entry, from the folder if it may be, else from the node, and writes what is missing.
fn pass(
    client: &Client,
    folder: &Path,
    size: u64,
    reuse: bool,
    bar: &ProgressBar,
) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    for n in 0..size.div_ceil(u64::from(TILE_WIDTH)) {
        let path = bundle(n, size).map_err(unwritable)?;
        let there = fs::read(file(folder, &path)).ok();
        let there = there.filter(|bytes| reuse && entries(path, bytes).is_some());
        let bytes = match there {
            Some(bytes) => bytes,
            None => {
                let bytes = client.tile(&path)?;
                put(folder, &path, &bytes)?;
                bytes
            }
        };
        let entries = entries(path, &bytes).ok_or_else(|| {
            let what = format_args!("{path} holds no entries of this log");
            Failure::new(Kind::Invalid, what)
        })?;
        for entry in entries {
            for (path, bytes) in seen.push(&entry)? {
                put(folder, &path, &bytes)?;
            }
        }
        bar.set_position(seen.frontier.size() / 2);
    }
    for (level, hashes) in seen.edge.iter().enumerate() {
        if !hashes.is_empty() {
            let (path, bytes) = tile(level, size, hashes)?;
            put(folder, &path, &bytes)?;
        }
    }
    Ok(seen)
}

impl Seen {
    /// Takes an entry; gives the tiles that it finishes.
    fn push(&mut self, entry: &[u8; Entry::LEN]) -> Result<Vec<(TilePath, Vec<u8>)>, Failure> {
        let index = self.frontier.size();
        if Entry::from_bytes(entry).is_ok_and(|entry| entry.kind == EntryKind::Erasure) {
            self.erasures.push(index);
        }
        let edge = &mut self.edge;
        self.frontier
            .push(Hash::leaf(entry), &mut |level, _, hash| {
                if level.is_multiple_of(8) {
                    let level = usize::from(level / 8);
                    if edge.len() <= level {
                        edge.resize_with(level + 1, Vec::new);
                    }
                    if let Some(hashes) = edge.get_mut(level) {
                        hashes.push(hash);
                    }
                }
            });
        let mut full = Vec::new();
        for (level, hashes) in self.edge.iter_mut().enumerate() {
            if hashes.len() == usize::from(TILE_WIDTH) {
                full.push(tile(level, index + 1, &std::mem::take(hashes))?);
            }
        }
        Ok(full)
    }
}

/// The last tile of a level in a log of this size, with these hashes.
fn tile(level: usize, size: u64, hashes: &[Hash]) -> Result<(TilePath, Vec<u8>), Failure> {
    let level = u8::try_from(level).unwrap_or(u8::MAX);
    let complete = size >> (u32::from(level) * 8).min(63);
    let n = complete.saturating_sub(1) / u64::from(TILE_WIDTH);
    let width = u16::try_from(hashes.len()).unwrap_or(u16::MAX);
    let path = TilePath::hashes(level, n, width).map_err(unwritable)?;
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
    path.check_len(bytes.len()).map_err(unwritable)?;
    Ok((path, bytes))
}

/// The path of a bundle in a log of this size.
fn bundle(n: u64, size: u64) -> Result<TilePath, chain::TileError> {
    let widths = TileWidths::at(0, size);
    let full = n < widths.full;
    TilePath::entries(n, if full { TILE_WIDTH } else { widths.partial })
}

/// The entries of a bundle that was written.
pub(super) fn read(folder: &Path, n: u64, size: u64) -> Option<Vec<[u8; Entry::LEN]>> {
    let path = bundle(n, size).ok()?;
    entries(path, &fs::read(file(folder, &path)).ok()?)
}

/// The entries of a bundle, if it is one.
fn entries(path: TilePath, bytes: &[u8]) -> Option<Vec<[u8; Entry::LEN]>> {
    let entries = decode_bundle(path, bytes).ok()?;
    entries
        .into_iter()
        .map(|entry| entry.try_into().ok())
        .collect()
}

fn file(folder: &Path, path: &TilePath) -> std::path::PathBuf {
    folder.join("log").join(path.to_string())
}

/// Writes a file, unless it says the same already.
fn put(folder: &Path, path: &TilePath, bytes: &[u8]) -> Result<(), Failure> {
    let file = file(folder, path);
    if fs::read(&file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(parent) = file.parent() {
        files::make_dir(parent)?;
    }
    files::write_atomic(&file, bytes, 0o644)
}

/// Removes partial tiles of earlier sizes: the new checkpoint is in place, and they are prefixes of
/// what stands beside them.
pub(super) fn sweep(folder: &Path, size: u64) -> Result<(), Failure> {
    let last = bundle(size / u64::from(TILE_WIDTH), size).ok();
    let keep: Vec<_> = tiles_between(0, size)
        .into_iter()
        .chain(last)
        .map(|path| file(folder, &path))
        .collect();
    let swept = sweep_below(&folder.join("log/tile"), &keep);
    swept.map_err(|error| Failure::new(Kind::File, "old partial tiles stay").because(error))
}

fn sweep_below(folder: &Path, keep: &[std::path::PathBuf]) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "p") {
            sweep_below(&path, keep)?;
            continue;
        }
        for partial in fs::read_dir(&path)? {
            let partial = partial?.path();
            if !keep.contains(&partial) {
                fs::remove_file(partial)?;
            }
        }
        if fs::read_dir(&path)?.next().is_none() {
            fs::remove_dir(&path)?;
        }
    }
    Ok(())
}

fn unwritable(error: chain::TileError) -> Failure {
    Failure::new(Kind::File, "no such tile").because(error)
}
