//! The twin on disk: sled 0.34, under guards.
//!
//! Measured against power cuts, truncation, bit flips and long runs, sled needs these rules, and
//! this file is the only one that knows them:
//!
//! * **One tree, at most 1,024 keys a batch** (longer ones leak memory). A batch is atomic, several
//!   are not, so the head goes alone into the last one, or with all others into a single one.
//! * **Values near 4,000 bytes**: long values would go to files that its flush does not cover.
//! * **`flush()` does not sync** (`sync_file_range`): [`SledStore::sync`] calls `fdatasync` on the
//!   engine's files itself and then reads the head back. `flush_async` is never used.
//! * **No background flush** (`flush_every_ms(None)`): the caller decides when, because only a sync
//!   releases write-ahead segments. Mode `HighThroughput`: pages are written once, so compaction
//!   for space has little to find. `cache_capacity` is [`SledOptions::cache_bytes`].
//! * **Opening rewrites what it takes for torn**: the files are read first ([`check`]), and where
//!   something is damaged that was whole once, a copy is kept before the engine sees them.
//! * **A damaged database panics**: panics are caught and told, with a way on (`panics`).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use ::sled::{Config, Db, IVec, Mode};

use super::batch::{Batch, EntryBytes};
use super::error::Kept;
use super::head::Head;
use super::table::{entries, head, messages, snapshots, tiles};
use super::{EngineError, Store, StoreError, Table, tile_reach};

pub mod check;
mod files;
mod guarded;
mod keep;
mod panics;
mod record;
pub mod swap;
#[cfg(test)]
mod tests;
mod write;
mod writer;

use check::{Extent, Health, Wound};
pub use keep::KEPT_MAX;

use files::{
    drop_unfinished, open_for_sync, sync_error, sync_folder, sync_other_files, wait_for_lock,
};

/// Up to this size all of the log is read before an open, about a second's work; beyond it, the
/// part that an open reads itself and may rewrite.
const CHECK_BYTES_MAX: u64 = 1 << 30;

/// How to open the engine.
#[derive(Clone, Debug)]
pub struct SledOptions {
    /// The folder of the engine's own files.
    pub path: PathBuf,
    /// Memory for its page cache, in bytes.
    pub cache_bytes: u64,
}

/// The log's home on disk.
pub struct SledStore {
    path: PathBuf,
    db: Db,
    /// Kept open, so that a failed write-back is reported to us whenever it happened.
    data: File,
    head: RwLock<Option<Head>>,
    writing: Mutex<Writing>,
    /// What was found to be damaged, and the copy made before the engine was let near it.
    damage: Option<Damage>,
}

/// Damage that was found in the engine's files before they were opened.
#[derive(Clone, Debug)]
pub struct Damage {
    /// What and where.
    pub wound: Wound,
    /// The copy of the folder as it was.
    pub kept: PathBuf,
    /// Whether this open made the copy; otherwise an earlier attempt did.
    pub fresh: bool,
}

struct Writing {
    /// What a crash left above the head was removed.
    tidied: bool,
}

impl SledStore {
    /// Opens the store, making an empty one when the folder is not there.
    ///
    /// The caller compares the head with the head file: the engine may have lost its newest part
    /// without noticing.
    ///
    /// # Errors
    /// [`StoreError::Open`] and [`StoreError::OpenPanicked`] say how to go on.
    pub fn open(options: &SledOptions) -> Result<Self, StoreError> {
        let path = options.path.clone();
        let free = wait_for_lock(&path.join("db"));
        // Files that another process works on change under the eyes; the engine reports it.
        if free {
            drop_unfinished(&path).map_err(|source| StoreError::Look {
                path: path.clone(),
                source,
            })?;
        }
        let damage = if free { look(&path)? } else { None };
        Self::open_seen(options, damage)
    }

    /// Opens a copy of damaged files, made at `look`, as far as the engine gets: a page table or a
    /// configuration that is damaged is left out, the engine makes both anew. Of `path` and the
    /// copy that was kept when it was first found damaged, the kept one is taken.
    ///
    /// # Errors
    /// As [`SledStore::open`].
    pub fn open_damaged(path: &Path, look: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let kept = keep::kept_path(path);
        let source = if kept.exists() { &kept } else { path };
        let options = SledOptions {
            path: look.to_path_buf(),
            cache_bytes,
        };
        let io = |source| StoreError::Look {
            path: look.to_path_buf(),
            source,
        };
        keep::copy_for_look(source, look)?;
        check::drop_what_is_made_anew(look, false).map_err(io)?;
        if let Ok(store) = Self::open_seen(&options, None) {
            return Ok(store);
        }
        // A page table knows of messages that are unreadable now; without one the engine takes
        // what it can read.
        keep::copy_for_look(source, look)?;
        check::drop_what_is_made_anew(look, true).map_err(io)?;
        Self::open_seen(&options, None)
    }

    /// Opens a copy of files that are whole, made at `look`: opening them would write.
    ///
    /// # Errors
    /// As [`SledStore::open`].
    pub fn open_copy(path: &Path, look: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        keep::copy_for_look(path, look)?;
        let options = SledOptions {
            path: look.to_path_buf(),
            cache_bytes,
        };
        Self::open_seen(&options, None)
    }

    fn open_seen(options: &SledOptions, damage: Option<Damage>) -> Result<Self, StoreError> {
        let path = options.path.clone();
        // An earlier attempt may have kept the copy, and rewritten what it found damaged.
        let kept = Some(keep::kept_path(&path)).filter(|kept| kept.exists());
        let config = Config::default()
            .path(&path)
            .cache_capacity(options.cache_bytes)
            .flush_every_ms(None)
            .mode(Mode::HighThroughput);
        let db = match panics::caught(|| config.open()) {
            Ok(Ok(db)) => db,
            Ok(Err(error)) => {
                return Err(StoreError::Open {
                    path,
                    kept: Kept(kept),
                    source: error.into(),
                });
            }
            Err(panic) => {
                return Err(StoreError::OpenPanicked {
                    path,
                    kept: Kept(kept),
                    panic,
                });
            }
        };
        let data = open_for_sync(&path.join("db"))?;
        let head = panics::guarded("reading", || read_head(&db))?;
        if let Some(parent) = path.parent().filter(|parent| parent.is_dir()) {
            sync_folder(parent)?;
        }
        let (head, writing) = (RwLock::new(head), Mutex::new(Writing { tidied: false }));
        Ok(Self {
            path,
            db,
            data,
            head,
            writing,
            damage,
        })
    }

    /// Where the copy of an open that was refused lies, if there is one: until a start succeeds,
    /// files that look whole may be what sled made of damaged ones.
    #[must_use]
    pub fn kept(path: &Path) -> Option<PathBuf> {
        Some(keep::kept_path(path)).filter(|kept| kept.exists())
    }

    /// Ends an incident after a start that succeeded: the copy that was kept gets a number, so
    /// that the next incident keeps its own. [`KEPT_MAX`] of them stay.
    ///
    /// # Errors
    /// What the system reports.
    pub fn end_incident(path: &Path) -> std::io::Result<Option<PathBuf>> {
        keep::end_incident(path)
    }

    /// What was found to be damaged before the engine opened its files; it opened them all the
    /// same, and what it lost on the way is the caller's to find out.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    fn size(&self) -> u64 {
        self.head().map_or(0, |head| head.size)
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.db.get(key).map_err(engine("reading"))
    }

    /// Finds the newest whole snapshot at or below an index, and its number of parts.
    fn whole_snapshot(&self, at_or_below: u64) -> Result<Option<(u64, u32)>, StoreError> {
        let mut below = snapshots::whole_key(at_or_below).to_vec();
        below.push(0);
        loop {
            let found = self.db.get_lt(&below).map_err(engine("reading"))?;
            let Some((key, value)) = found else {
                return Ok(None);
            };
            match snapshots::parse_key(&key) {
                None => return Ok(None),
                Some((index, true)) => {
                    let damaged = StoreError::Damaged {
                        table: Table::Snapshots,
                        index,
                    };
                    let count = snapshots::parse_whole(&value).ok_or(damaged)?;
                    return Ok(Some((index, count)));
                }
                // Unfinished: go on below its first page.
                Some((index, false)) => below = snapshots::key(index, 0, 0).to_vec(),
            }
        }
    }
}

/// What [`Store`] asks for, with panics that [`guarded`] catches.
impl SledStore {
    fn put(&self, batch: &Batch) -> Result<(), StoreError> {
        batch.check()?;
        let mut writing = self.writing();
        if let Some(new) = &batch.head {
            self.refuse(batch, new)?;
        }
        if !writing.tidied {
            self.tidy()?;
            writing.tidied = true;
        }
        let present = self.head();
        let new = batch
            .head
            .filter(|new| Some(new.size) > present.map(|head| head.size));
        self.write(batch, new.as_ref())?;
        if new.is_some() {
            *self.head.write().unwrap_or_else(PoisonError::into_inner) = new;
        }
        Ok(())
    }

    fn find_entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        let size = self.size();
        let end = first.saturating_add(max as u64).min(size);
        if first >= end {
            return Ok(Vec::new());
        }
        let damaged = |index| StoreError::Damaged {
            table: Table::Entries,
            index,
        };
        let nearest = self
            .db
            .get_lt(entries::key(first + 1))
            .map_err(engine("reading"))?;
        let (key, page) = nearest.ok_or(damaged(first))?;
        let mut next = entries::parse_key(&key).ok_or(damaged(first))?;
        let mut found = Vec::new();
        let mut take = |page: &[u8], next: &mut u64| -> Result<(), StoreError> {
            let page = entries::parse_page(page).ok_or(damaged(*next))?;
            let indexed = (*next..).zip(page);
            let wanted = indexed.filter(|(index, _)| (first..end).contains(index));
            found.extend(wanted.map(|(_, entry)| *entry));
            *next += page.len() as u64;
            Ok(())
        };
        // Most often one page is all: whoever reads an account's past reads single entries.
        take(&page, &mut next)?;
        if next < end {
            for page in self.db.range(entries::key(next)..entries::key(end)) {
                let (key, page) = page.map_err(engine("reading"))?;
                if entries::parse_key(&key) != Some(next) {
                    break;
                }
                take(&page, &mut next)?;
            }
        }
        if next < end {
            Err(damaged(next.max(first)))
        } else {
            Ok(found)
        }
    }

    fn find_tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if tile_reach(level, number).is_none_or(|reach| reach > self.size()) {
            return Ok(None);
        }
        let left = self.get(&tiles::key(level, number, 0))?;
        let right = self.get(&tiles::key(level, number, 1))?;
        let damaged = StoreError::Damaged {
            table: Table::Tiles,
            index: number,
        };
        match (left, right) {
            (None, None) => Ok(None),
            (Some(left), Some(right)) => tiles::join([&left, &right]).map(Some).ok_or(damaged),
            _ => Err(damaged),
        }
    }

    fn find_message(
        &self,
        created: u64,
        participant: &str,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        let Some(value) = self.get(&messages::key(created, participant, id))? else {
            return Ok(None);
        };
        let damaged = StoreError::Damaged {
            table: Table::Messages,
            index: created,
        };
        let (index, check) = messages::parse_value(&value).ok_or(damaged)?;
        let entry = self.entries(index, 1)?;
        let same = entry
            .first()
            .is_some_and(|entry| messages::check(entry) == check);
        Ok(same.then_some(index))
    }

    fn find_snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError> {
        let limit = at_or_below.min(self.size());
        let Some((index, count)) = self.whole_snapshot(limit)? else {
            return Ok(None);
        };
        for part in 0..count {
            let keys = snapshots::key(index, part, 0)..=snapshots::key(index, part, u16::MAX);
            let pages = self
                .db
                .range(keys)
                .values()
                .collect::<Result<Vec<IVec>, _>>();
            let pages = pages.map_err(engine("reading"))?;
            let bytes = snapshots::join(pages.iter().map(AsRef::as_ref));
            each(bytes.ok_or(StoreError::Damaged {
                table: Table::Snapshots,
                index,
            })?);
        }
        Ok(Some(index))
    }

    fn sync_all(&self) -> Result<Option<Head>, StoreError> {
        let expected = self.head();
        self.db.flush().map_err(engine("flushing"))?;
        self.data
            .sync_data()
            .map_err(sync_error(&self.path.join("db")))?;
        sync_other_files(&self.path)?;
        let found = read_head(&self.db)?;
        // A batch may have been added since: then a later head is read.
        let later = found.map(|head| head.size) > expected.map(|head| head.size);
        if found == expected || later {
            Ok(expected)
        } else {
            let size = |head: Option<Head>| head.map(|head| head.size);
            Err(StoreError::HeadChanged {
                expected: size(expected),
                found: size(found),
            })
        }
    }
}

/// Reads the files without the engine; keeps a copy where something is damaged.
fn look(path: &Path) -> Result<Option<Damage>, StoreError> {
    let bytes = std::fs::metadata(path.join("db")).map_or(0, |file| file.len());
    let extent = if bytes <= CHECK_BYTES_MAX {
        Extent::Everything
    } else {
        Extent::Tail
    };
    let health = check::check(path, extent).map_err(|source| StoreError::Look {
        path: path.to_path_buf(),
        source,
    })?;
    let Health::Damaged(wound) = health else {
        return Ok(None);
    };
    let fresh = !keep::kept_path(path).exists();
    let kept = keep::keep(path)?;
    tracing::warn!(%wound, kept = %kept.display(), "the store's files are damaged; a copy is kept");
    Ok(Some(Damage { wound, kept, fresh }))
}

fn read_head(db: &Db) -> Result<Option<Head>, StoreError> {
    let Some(value) = db.get(head::KEY).map_err(engine("reading"))? else {
        return Ok(None);
    };
    match head::parse_value(&value) {
        head::Parsed::Head(head) => Ok(Some(head)),
        head::Parsed::Format(found) => Err(StoreError::Format {
            expected: head::FORMAT,
            found,
        }),
        head::Parsed::Damaged => Err(StoreError::Damaged {
            table: Table::Head,
            index: 0,
        }),
    }
}

/// Names what was being done when the engine failed.
pub(super) fn engine<E: Into<EngineError>>(doing: &'static str) -> impl FnOnce(E) -> StoreError {
    move |error| StoreError::Engine {
        doing,
        source: error.into(),
    }
}
