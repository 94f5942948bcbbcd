//! The tiles and bundles of an export: the same tree as `/log/`, as static files.
//!
//! Partial tiles of an export before this one stay until the tile that they are part of is full,
//! for somebody may hold the checkpoint that speaks for them (C2SP tlog-tiles asks for it).

use std::fs;
use std::path::Path;

use chain::{TILE_WIDTH, TileKind, TilePath, TileWidths, decode_bundle, tiles_between};
use indicatif::ProgressBar;

use super::Tally;
use super::changed::Changed;
use super::tree::{Tree, named};
use crate::cli::error::Failure;
use crate::cli::files;

/// Writes what is not there yet, a file at a time, each whole and proven before it appears.
pub(super) fn write(
    tree: &Tree<'_>,
    folder: &Path,
    size: u64,
    (bar, tally): (&ProgressBar, &mut Tally),
    changed: &Changed<'_>,
) -> Result<(), Failure> {
    for path in all(size)? {
        let (bytes, there) = tree.bytes(&path)?;
        tally.tile(there);
        if !there {
            let file = folder.join("log").join(path.to_string());
            // What stands under this name never changes.
            if file.exists() {
                changed.found(&file, "it does not lead to the signed checkpoint")?;
            }
            if let Some(parent) = file.parent() {
                files::make_dir(parent)?;
            }
            files::write_atomic(&file, &bytes, 0o644)?;
        }
        if path.kind() == TileKind::Hashes(0) {
            bar.set_position(path.index() * u64::from(TILE_WIDTH) + u64::from(path.width()));
        }
    }
    Ok(())
}

/// Every tile and bundle of a log of this size.
fn all(size: u64) -> Result<Vec<TilePath>, Failure> {
    let mut paths = tiles_between(0, size);
    let widths = TileWidths::at(0, size);
    let full = (0..widths.full).map(|n| (n, TILE_WIDTH));
    let partial = (widths.partial > 0).then_some((widths.full, widths.partial));
    for (n, width) in full.chain(partial) {
        paths.push(named(TilePath::entries(n, width))?);
    }
    // A bundle beside its tile: both are compared with the same hashes.
    paths.sort_by_key(|path| (path.index(), path.kind()));
    Ok(paths)
}

/// Removes what the new checkpoint made needless or what is wrong: partial tiles of tiles that are
/// full now, and such as are no beginning of what the tile holds today, which is told.
pub(super) fn tidy(
    tree: &Tree<'_>,
    folder: &Path,
    size: u64,
    changed: &Changed<'_>,
) -> Result<(), Failure> {
    for path in all(size)? {
        let whole = named(match path.kind() {
            TileKind::Hashes(level) => TilePath::hashes(level, path.index(), 1),
            TileKind::Entries => TilePath::entries(path.index(), 1),
        })?;
        let file = folder.join("log").join(whole.to_string());
        let Some(parts) = file.parent().filter(|parts| parts.is_dir()) else {
            continue;
        };
        if path.is_full() {
            files::remove_dir(parts)?;
            continue;
        }
        let (bytes, _) = tree.bytes(&path)?;
        for part in fs::read_dir(parts).into_iter().flatten().flatten() {
            let part = part.path();
            if !is_beginning(&path, &bytes, &part) {
                changed.found(&part, "it is no beginning of what the tile holds")?;
                files::remove(&part)?;
            }
        }
    }
    Ok(())
}

/// Whether a file holds exactly as much of the tile's beginning as its name says.
fn is_beginning(path: &TilePath, bytes: &[u8], part: &Path) -> bool {
    let width = part
        .file_name()
        .and_then(|name| name.to_str()?.parse().ok());
    let Some(width) = width.filter(|width| *width <= path.width()) else {
        return false;
    };
    let whole = |part: &[u8]| match path.kind() {
        TileKind::Hashes(level) => TilePath::hashes(level, path.index(), width)
            .is_ok_and(|path| path.check_len(part.len()).is_ok()),
        TileKind::Entries => TilePath::entries(path.index(), width)
            .is_ok_and(|path| decode_bundle(path, part).is_ok()),
    };
    fs::read(part).is_ok_and(|part| whole(&part) && bytes.starts_with(&part))
}
