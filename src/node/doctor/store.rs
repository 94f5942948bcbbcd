//! The store: its files without the engine, then a copy of it under the engine.

use std::path::Path;
use std::sync::Arc;

use super::{Diagnosis, Look};
use crate::config::Config;
use crate::node::error::OpenError;
use crate::node::{open, presence, replay, start, verify};
use crate::store::Store;
use crate::store::head::Head;
use crate::store::sled::check::{Extent, Health, Wound, check};
use crate::store::sled::{SledStore, swap};
use crate::store::wal::Frame;

/// Stores up to this size are copied and opened without being asked for.
const COPY_BYTES_MAX: u64 = 1 << 30;

pub(super) fn look(
    found: &mut Diagnosis,
    config: &Config,
    look: Look,
    head: Option<&Head>,
    frames: Option<&[Frame]>,
) {
    if swap::pending(&config.data_dir) {
        let what = "a rebuild was interrupted while its store was put in place";
        let mend = "start the node, or `quittance rebuild` again: either finishes it";
        found.warn("rebuild", what, mend);
    }
    let path = swap::whereabouts(&config.data_dir);
    kept(found, &config.data_dir.join("sled"));
    let whole = match check(&path, Extent::Everything) {
        Ok(Health::Missing) => {
            let known = head.map_or(0, |head| head.size);
            let path = path.join("db");
            let error = if known > 0 {
                OpenError::NoStore { path, known }
            } else {
                presence::headless(&config.data_dir, 0)
            };
            return found.refusal("store files", &error);
        }
        Ok(Health::Whole { bytes, torn }) => {
            let torn = if torn {
                "; the end was interrupted, as after a crash"
            } else {
                ""
            };
            found.ok(
                "store files",
                format!("{bytes} bytes of log are whole{torn}"),
            );
            true
        }
        Ok(Health::Damaged(wound)) => {
            let mend = mend(&path, &wound);
            found.wrong("store files", wound, mend);
            false
        }
        Err(source) => return found.refusal("store files", &OpenError::Io { path, source }),
    };
    let bytes = std::fs::metadata(path.join("db")).map_or(0, |file| file.len());
    if bytes > COPY_BYTES_MAX && !look.deep {
        let what = format!("{bytes} bytes: not copied and opened");
        return found.ok("store", format!("{what}; --deep does"));
    }
    let temporary = match tempfile::tempdir() {
        Ok(temporary) => temporary,
        Err(error) => return found.warn("store", error, "name a folder with room in TMPDIR"),
    };
    match open_copy(&path, temporary.path(), config, whole, head) {
        Ok((store, replayed)) => {
            found.ok("store", format!("all of its entries, records and tiles lead to its root; {replayed} were replayed"));
            reach(found, &*store, head, frames);
        }
        Err(error) => found.refusal("store", &error),
    }
}

/// The copy that a refused start kept: what lies in the store's place now may have been rewritten.
fn kept(found: &mut Diagnosis, path: &Path) {
    let Some(kept) = SledStore::kept(path) else {
        return;
    };
    let shown = kept.display();
    match check(&kept, Extent::Everything) {
        Ok(Health::Damaged(wound)) => {
            let what = format!(
                "{shown}, as the store was before a start was refused: {wound}. That start may have rewritten the store, so that it looks whole"
            );
            found.wrong(
                "kept copy",
                what,
                "quittance rebuild: it reads the kept copy",
            );
        }
        Ok(_) => {
            let what = format!("{shown}: no damage is found in it");
            found.warn("kept copy", what, "quittance rebuild reads it");
        }
        Err(source) => found.refusal("kept copy", &OpenError::Io { path: kept, source }),
    }
}

fn mend(path: &Path, wound: &Wound) -> String {
    if wound.file.starts_with("snap.") || wound.file == "conf" {
        let path = path.display();
        format!("with the node stopped: mv {path}/{} elsewhere", wound.file)
    } else {
        "quittance rebuild".to_owned()
    }
}

type Opened = (Arc<dyn Store>, u64);

fn open_copy(
    path: &Path,
    at: &Path,
    config: &Config,
    whole: bool,
    head: Option<&Head>,
) -> Result<Opened, OpenError> {
    let copy = at.join("sled");
    let bytes = config.store.cache_bytes;
    let store = if whole {
        SledStore::open_copy(path, &copy, bytes)?
    } else {
        SledStore::open_damaged(path, &copy, bytes)?
    };
    let store: Arc<dyn Store> = Arc::new(store);
    if store.head().is_none() {
        let empty = |head: &Head| OpenError::EmptyStore { known: head.size };
        return Err(head.map_or_else(|| presence::headless(&config.data_dir, 0), empty));
    }
    let founded = open::read_genesis(&*store)?;
    start::compare_with_config(config, &founded)?;
    let replayed = replay::replay_store(&*store, &founded)?;
    verify::whole_store(&*store, replayed.applier.state().book())?;
    Ok((store, replayed.entries))
}

/// Whether store and write-ahead log together reach what was signed.
fn reach(found: &mut Diagnosis, store: &dyn Store, head: Option<&Head>, frames: Option<&[Frame]>) {
    let size = store.head().map_or(0, |head| head.size);
    let (Some(head), Some(frames)) = (head, frames) else {
        return;
    };
    let first = frames.first().map(|frame| frame.mark.size);
    let last = frames.last().map_or(0, |frame| frame.mark.size);
    match first {
        Some(wal) if wal > size => {
            found.refusal("reach", &OpenError::Gap { store: size, wal });
        }
        _ if size.max(last) < head.size => found.refusal(
            "reach",
            &OpenError::Behind {
                found: size.max(last),
                known: head.size,
            },
        ),
        _ => {
            let what = format!(
                "the store has {size} entries, the write-ahead log has the rest: not below the {} that were signed",
                head.size
            );
            found.ok("reach", what);
        }
    }
    match store.snapshot(u64::MAX, &mut |_| {}) {
        Ok(Some(index)) => found.ok(
            "state snapshot",
            format!("the newest is of {index} entries"),
        ),
        Ok(None) => found.ok("state snapshot", "none yet: a start replays everything"),
        Err(error) => {
            let what = crate::node::chain_of(&error);
            found.warn(
                "state snapshot",
                what,
                "nothing: a start takes an older one, the next one replaces it",
            );
        }
    }
}
