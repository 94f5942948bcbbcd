//! The records of an export: those that are there and lead to the checkpoint stay, the others are
//! fetched, and what was erased since goes.
//!
//! Erasures are entries of the log: whoever has all records up to a checkpoint has every erasure
//! before it, whichever run wrote them. The keys that they name leave `body.keys`, and their
//! records are fetched anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use chain::{Entry, InstructionItem, Item, Record};
use indicatif::ProgressBar;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::changed::Changed;
use super::keys::Keys;
use super::tree::Tree;
use super::{Tally, over, untrue};
use crate::audit::{self, FrameError, layout};
use crate::cli::error::Failure;
use crate::cli::files::{self, AtomicFile};
use crate::client::Client;
use crate::ledger::Outcome;

/// What is known while records are gone through.
struct Work<'a> {
    client: &'a Client,
    tree: &'a Tree<'a>,
    folder: &'a Path,
    changed: &'a Changed<'a>,
    /// Entries that the export that is there spoke for.
    before: u64,
    keys: Keys,
    /// Records that the node gave ahead.
    page: VecDeque<Vec<u8>>,
    /// Entries whose body governance has erased.
    erased: BTreeSet<u64>,
    /// Entries that were there and whose body no key opens.
    closed: BTreeSet<u64>,
    /// Those of them for which there was a key, with that key.
    wrong: BTreeMap<u64, Zeroizing<[u8; 32]>>,
}

/// What a file of records holds that is right: records, and their bytes.
#[derive(Default)]
struct Kept {
    records: u64,
    bytes: u64,
    /// Whether something is behind them.
    more: bool,
    /// Whether there is such a file.
    there: bool,
}

/// Writes the records of the first `size` entries.
pub(super) fn write(
    client: &Client,
    tree: &Tree<'_>,
    (folder, changed): (&Path, &Changed<'_>),
    (before, size): (u64, u64),
    (bar, tally): (&ProgressBar, &mut Tally),
) -> Result<(), Failure> {
    files::make_dir(&folder.join(layout::RECORDS))?;
    let mut work = Work {
        client,
        tree,
        folder,
        changed,
        before,
        keys: Keys::open(folder)?,
        page: VecDeque::new(),
        erased: BTreeSet::new(),
        closed: BTreeSet::new(),
        wrong: BTreeMap::new(),
    };
    let per_file = layout::RECORDS_PER_FILE;
    for first in (0..size).step_by(usize::try_from(per_file).unwrap_or(usize::MAX)) {
        let end = size.min(first.saturating_add(per_file));
        let kept = work.kept(first, end)?;
        tally.records(kept.records, end - first - kept.records);
        let spoken_for = end.min(before).saturating_sub(first);
        if kept.more || kept.there && kept.records < spoken_for {
            let file = folder.join(layout::records_file(first));
            let why = format!(
                "from entry {} on it does not lead to the signed checkpoint",
                first + kept.records
            );
            changed.found(&file, &why)?;
        }
        if kept.more || first + kept.records < end {
            work.fetch(first, end, &kept)?;
        }
        bar.set_position(end);
    }
    let beyond = layout::records_file(size.next_multiple_of(per_file));
    if folder.join(&beyond).exists() {
        return Err(longer(folder, size));
    }
    work.mend(tally)?;
    work.keys.finish(&work.erased, size)
}

fn longer(folder: &Path, size: u64) -> Failure {
    let what = format!("there are records of more than the {size} entries that the log has");
    over::forked(folder, what)
}

/// The next record, its length first; empty at the end, and where none can be read.
fn next_record(reader: &mut BufReader<File>, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match audit::next_record(reader, &mut bytes) {
        Ok(true) => Ok(bytes),
        Ok(false) | Err(FrameError::Form(_)) => Ok(Vec::new()),
        Err(FrameError::Io(error)) => Err(files::unwritable(path, error)),
    }
}

/// Reads a record as it stands in a file: without a key.
fn in_file(bytes: &[u8]) -> Option<Record<'_>> {
    let (record, _) = Record::split(bytes).ok()?;
    record.key.is_none().then_some(record)
}

impl Work<'_> {
    /// How much of a file that is there leads to the checkpoint.
    fn kept(&mut self, first: u64, end: u64) -> Result<Kept, Failure> {
        let path = self.folder.join(layout::records_file(first));
        let mut kept = Kept::default();
        let Ok(file) = File::open(&path) else {
            return Ok(kept);
        };
        let length = file
            .metadata()
            .map_err(|error| files::unwritable(&path, error))?;
        let mut reader = BufReader::new(file);
        kept.there = true;
        loop {
            let bytes = next_record(&mut reader, &path)?;
            let record = in_file(&bytes);
            let index = first + kept.records;
            kept.more = kept.bytes < length.len();
            if index == end {
                let next = record.and_then(|record| Entry::from_bytes(record.entry).ok());
                if next.is_some_and(|entry| entry.index == end) {
                    return Err(longer(self.folder, end));
                }
                return Ok(kept);
            }
            let Some(record) = record else {
                return Ok(kept);
            };
            let leaf = self.tree.leaf(index)?;
            let Ok(items) = audit::leads_to(&record, index, &leaf) else {
                return Ok(kept);
            };
            self.note_erasures(&items);
            let key = self.keys.take(index);
            let opens = key
                .as_ref()
                .is_some_and(|key| audit::opens(&record, &items, key));
            if !record.sealed_body.is_empty() && !opens {
                self.closed.insert(index);
                self.wrong.extend(key.map(|key| (index, key)));
            }
            kept.records += 1;
            kept.bytes = kept
                .bytes
                .saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        }
    }

    /// Writes a file anew: what was kept of it, and the rest from the node.
    fn fetch(&mut self, first: u64, end: u64, kept: &Kept) -> Result<(), Failure> {
        let path = self.folder.join(layout::records_file(first));
        let mut file = AtomicFile::create(&path, 0o600)?;
        if kept.records > 0 {
            let old = File::open(&path).map_err(|error| files::unwritable(&path, error))?;
            file.copy(&mut old.take(kept.bytes))?;
        }
        for index in first + kept.records..end {
            let record = self.next(index)?;
            file.write(&self.taken(&record, index)?)?;
        }
        self.keys.sync()?;
        file.commit()
    }

    /// The record of an entry, off a page of the node's.
    fn next(&mut self, index: u64) -> Result<Vec<u8>, Failure> {
        if self.page.is_empty() {
            let page = self.client.records(index)?;
            let mut rest = page.as_slice();
            while !rest.is_empty() {
                let (record, behind) = audit::split_record(rest).map_err(|why| {
                    let what = format_args!("the records from entry {index} on");
                    untrue(what, "the checkpoint").because(why)
                })?;
                self.page.push_back(record.to_vec());
                rest = behind;
            }
        }
        let record = self.page.pop_front();
        record.ok_or_else(|| Failure::unanswered(format_args!("the node gives no entry {index}")))
    }

    /// Checks a record that was fetched, takes its key in, and gives it as it stands in a file.
    fn taken(&mut self, bytes: &[u8], index: u64) -> Result<Vec<u8>, Failure> {
        let wrong = |why: String| {
            untrue(
                format_args!("the record of entry {index}"),
                "the checkpoint",
            )
            .because(why)
        };
        let (record, _) = Record::split(bytes).map_err(|error| wrong(error.to_string()))?;
        let leaf = self.tree.leaf(index)?;
        let items = audit::leads_to(&record, index, &leaf).map_err(wrong)?;
        self.note_erasures(&items);
        if let Some(key) = record.key {
            self.keys.put(index, Zeroizing::new(*key))?;
        }
        let mut out = Vec::with_capacity(bytes.len());
        Record {
            key: None,
            ..record
        }
        .write(&mut out);
        Ok(out)
    }

    fn note_erasures(&mut self, items: &[Item]) {
        self.erased.extend(items.iter().filter_map(erased_by));
    }

    /// Fetches again what was erased since it was fetched, and what ought to open and does not.
    fn mend(&mut self, tally: &mut Tally) -> Result<(), Failure> {
        let mut wanted: BTreeSet<u64> = self.closed.difference(&self.erased).copied().collect();
        self.tell_closed(&wanted)?;
        wanted.extend(self.keys.among(&self.erased));
        let mut rest = wanted.into_iter().peekable();
        while let Some(index) = rest.next() {
            let name = layout::records_file(index);
            let mut those = vec![index];
            while let Some(next) = rest.next_if(|next| layout::records_file(*next) == name) {
                those.push(next);
            }
            tally.records(0, u64::try_from(those.len()).unwrap_or(0));
            self.replace(&those)?;
        }
        Ok(())
    }

    /// Tells of bodies that ought to open and do not: of those that the export spoke for, or has a key
    /// for. Either the key was changed, or the body.
    fn tell_closed(&self, wanted: &BTreeSet<u64>) -> Result<(), Failure> {
        let mut told = BTreeSet::new();
        for index in wanted {
            let file = match self.wrong.get(index) {
                Some(key) if self.has_key(*index, key)? => layout::records_file(*index),
                None if *index >= self.before => continue,
                _ => layout::BODY_KEYS.to_owned(),
            };
            let path = self.folder.join(&file);
            if path.exists() && told.insert(file) {
                let why = format!("the body of entry {index} does not open by it");
                self.changed.found(&path, &why)?;
            }
        }
        Ok(())
    }

    /// Whether this is the key of an entry's body, as the node has it.
    fn has_key(&self, index: u64, key: &[u8; 32]) -> Result<bool, Failure> {
        let bytes = self.client.record(index)?;
        let record = Record::split(&bytes).map_err(|error| {
            untrue(
                format_args!("the record of entry {index}"),
                "the checkpoint",
            )
            .because(error.to_string())
        })?;
        Ok(record.0.key.is_some_and(|there| there == key))
    }

    /// Writes one file anew with these of its records fetched again.
    fn replace(&mut self, indexes: &[u64]) -> Result<(), Failure> {
        let Some(any) = indexes.first() else {
            return Ok(());
        };
        let path = self.folder.join(layout::records_file(*any));
        let mut index = any - any % layout::RECORDS_PER_FILE;
        let old = File::open(&path).map_err(|error| files::unwritable(&path, error))?;
        let mut old = BufReader::new(old);
        let mut file = AtomicFile::create(&path, 0o600)?;
        loop {
            let record = next_record(&mut old, &path)?;
            if record.is_empty() {
                break;
            }
            if indexes.contains(&index) {
                let record = self.client.record(index)?;
                file.write(&self.taken(&record, index)?)?;
            } else {
                file.write(&record)?;
            }
            index += 1;
        }
        file.commit()
    }
}

/// The entry whose body an item erases, if it does.
fn erased_by(item: &Item) -> Option<u64> {
    #[derive(Deserialize)]
    struct Wish {
        erase: Option<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        entry_index: u64,
    }
    let Item::Instruction(InstructionItem { outcome, json, .. }) = item else {
        return None;
    };
    if *outcome != Outcome::Applied.number() {
        return None;
    }
    Some(serde_json::from_str::<Wish>(json).ok()?.erase?.entry_index)
}
