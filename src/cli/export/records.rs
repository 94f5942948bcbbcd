//! The records of an export: those that are there and lead to the checkpoint stay, the others are
//! fetched, and what was erased since goes.
//!
//! Erasures are entries of the log: whoever has all records up to a checkpoint has every erasure
//! before it, whichever run wrote them. The keys that they name leave `body.keys`, and their
//! records are fetched anew.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use chain::{InstructionItem, Item};
use indicatif::ProgressBar;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::keys::Keys;
use super::tree::Tree;
use super::{Tally, over, untrue};
use crate::audit::{self, layout};
use crate::cli::error::{Failure, Kind};
use crate::cli::files::{self, AtomicFile};
use crate::client::Client;
use crate::ledger::Outcome;
use crate::wire::EntryView;

/// The longest line of records, as an audit reads it.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// What is known while records are gone through.
struct Work<'a> {
    client: &'a Client,
    tree: &'a Tree<'a>,
    folder: &'a Path,
    keys: Keys,
    page: VecDeque<EntryView>,
    /// Entries whose body governance has erased.
    erased: BTreeSet<u64>,
    /// Entries that were there and whose body no key opens.
    closed: BTreeSet<u64>,
}

/// What a file of records holds that is right: lines, and their bytes.
#[derive(Default)]
struct Kept {
    lines: u64,
    bytes: u64,
    /// Whether something is behind them.
    more: bool,
}

/// Writes the records of the first `size` entries.
pub(super) fn write(
    client: &Client,
    tree: &Tree<'_>,
    folder: &Path,
    size: u64,
    (bar, tally): (&ProgressBar, &mut Tally),
) -> Result<(), Failure> {
    files::make_dir(&folder.join(layout::RECORDS))?;
    let mut work = Work {
        client,
        tree,
        folder,
        keys: Keys::open(folder)?,
        page: VecDeque::new(),
        erased: BTreeSet::new(),
        closed: BTreeSet::new(),
    };
    let per_file = layout::RECORDS_PER_FILE;
    for first in (0..size).step_by(usize::try_from(per_file).unwrap_or(usize::MAX)) {
        let end = size.min(first.saturating_add(per_file));
        let kept = work.kept(first, end)?;
        tally.records(kept.lines, end - first - kept.lines);
        if kept.more || first + kept.lines < end {
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

fn line_of(view: &EntryView) -> Result<Vec<u8>, Failure> {
    let mut line = serde_json::to_vec(view)
        .map_err(|error| Failure::new(Kind::File, "a record cannot be made").because(error))?;
    line.push(b'\n');
    Ok(line)
}

/// The next line, line break included; empty at the end.
fn next_line(reader: &mut impl BufRead, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    let read = reader.take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
    read.map_err(|error| files::unwritable(path, error))?;
    Ok(line)
}

impl Work<'_> {
    /// How much of a file that is there leads to the checkpoint.
    fn kept(&mut self, first: u64, end: u64) -> Result<Kept, Failure> {
        let path = self.folder.join(layout::records_file(first));
        let mut kept = Kept::default();
        let Ok(file) = File::open(&path) else {
            return Ok(kept);
        };
        let mut reader = BufReader::new(file);
        loop {
            let line = next_line(&mut reader, &path)?;
            let index = first + kept.lines;
            let view = serde_json::from_slice::<EntryView>(&line).ok();
            if index == end {
                kept.more = !line.is_empty();
                if view.is_some_and(|view| view.index == end) {
                    return Err(longer(self.folder, end));
                }
                return Ok(kept);
            }
            let Some(view) = view.filter(|view| line_of(view).is_ok_and(|same| same == line))
            else {
                return Ok(kept);
            };
            let leaf = self.tree.leaf(index)?;
            let Ok(items) = audit::leads_to(&view, index, &leaf) else {
                return Ok(kept);
            };
            self.note_erasures(&items);
            let key = self.keys.take(index);
            let opens = key.is_some_and(|key| audit::opens(&view, &items, &key));
            if view.sealed_body.is_some() && !opens {
                self.closed.insert(index);
            }
            kept.lines += 1;
            kept.bytes = kept
                .bytes
                .saturating_add(u64::try_from(line.len()).unwrap_or(0));
        }
    }

    /// Writes a file anew: what was kept of it, and the rest from the node.
    fn fetch(&mut self, first: u64, end: u64, kept: &Kept) -> Result<(), Failure> {
        let path = self.folder.join(layout::records_file(first));
        let mut file = AtomicFile::create(&path, 0o600)?;
        if kept.lines > 0 {
            let old = File::open(&path).map_err(|error| files::unwritable(&path, error))?;
            let mut old = BufReader::new(old.take(kept.bytes));
            for _ in 0..kept.lines {
                file.write(&next_line(&mut old, &path)?)?;
            }
        }
        for index in first + kept.lines..end {
            let view = self.next(index)?;
            file.write(&self.taken(view, index)?)?;
        }
        self.keys.sync()?;
        file.commit()
    }

    /// The record of an entry, off a page of the node's.
    fn next(&mut self, index: u64) -> Result<EntryView, Failure> {
        if self.page.front().is_none_or(|view| view.index != index) {
            self.page = self.client.entries(index)?.into();
        }
        let view = self.page.pop_front();
        view.ok_or_else(|| Failure::unanswered(format_args!("the node gives no entry {index}")))
    }

    /// Checks a record that was fetched, takes its key in, and gives its line.
    fn taken(&mut self, mut view: EntryView, index: u64) -> Result<Vec<u8>, Failure> {
        let key = view.body_key.take();
        let leaf = self.tree.leaf(index)?;
        let items = audit::leads_to(&view, index, &leaf).map_err(|why| {
            untrue(
                format_args!("the record of entry {index}"),
                "the checkpoint",
            )
            .because(why)
        })?;
        self.note_erasures(&items);
        if let Some(key) = key {
            self.keys.put(index, Zeroizing::new(*key.0.as_bytes()))?;
        }
        line_of(&view)
    }

    fn note_erasures(&mut self, items: &[Item]) {
        self.erased.extend(items.iter().filter_map(erased_by));
    }

    /// Fetches again what was erased since it was fetched, and what ought to open and does not.
    fn mend(&mut self, tally: &mut Tally) -> Result<(), Failure> {
        let mut wanted: BTreeSet<u64> = self.closed.difference(&self.erased).copied().collect();
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
            let line = next_line(&mut old, &path)?;
            if line.is_empty() {
                break;
            }
            if indexes.contains(&index) {
                let view = self.client.entry(index)?;
                file.write(&self.taken(view, index)?)?;
            } else {
                file.write(&line)?;
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
