//! Records of an export: files that are there and hold are not fetched again, and a body that was
//! erased since loses its key here, too.
//!
//! Keys are written down (`body.keys.part`) before the records that they belong to, so that an
//! interrupted export goes on where it was; at the end all of them stand in `body.keys`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chain::{Entry, Hash, Item, TILE_WIDTH};
use indicatif::ProgressBar;
use zeroize::Zeroizing;

use super::tiles;
use crate::audit::layout;
use crate::audit::record_holds;
use crate::cli::error::{Failure, Kind};
use crate::cli::files::{self, AtomicFile};
use crate::client::Client;
use crate::ledger::{Instruction, Outcome};
use crate::wire::{EntryView, HashText};

/// Keys that were fetched by an export that has not ended yet.
const PART: &str = "body.keys.part";

type Keys = BTreeMap<u64, Zeroizing<[u8; 32]>>;

struct Records<'a> {
    client: &'a Client,
    folder: &'a Path,
    size: u64,
    /// The bundle that was read last.
    bundle: (u64, Vec<[u8; Entry::LEN]>),
    keys: Keys,
    erased: BTreeSet<u64>,
}

/// Writes the records of these entries, and the keys of their bodies.
pub(super) fn write(
    client: &Client,
    folder: &Path,
    size: u64,
    erasures: &[u64],
    bar: &ProgressBar,
) -> Result<(), Failure> {
    files::make_dir(&folder.join(layout::RECORDS))?;
    let mut keys = Keys::new();
    for name in [layout::BODY_KEYS, PART] {
        read_keys(&folder.join(name), &mut keys);
    }
    let mut records = Records {
        client,
        folder,
        size,
        bundle: (u64::MAX, Vec::new()),
        keys,
        erased: BTreeSet::new(),
    };
    for index in erasures {
        records.find_erased(*index)?;
    }
    for first in (0..size).step_by(step()) {
        records.file(first)?;
        bar.set_position(size / 2 + first / 2);
    }
    let mut file = AtomicFile::create(&folder.join(layout::BODY_KEYS), 0o600)?;
    for (index, key) in &records.keys {
        if *index < size && !records.erased.contains(index) {
            file.write(layout::body_key_line(*index, key).as_bytes())?;
        }
    }
    file.commit()?;
    let part = folder.join(PART);
    match fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let shown = part.display();
            Err(
                Failure::new(Kind::File, format_args!("{shown} holds keys and stays"))
                    .because(error),
            )
        }
        _ => Ok(()),
    }
}

fn step() -> usize {
    usize::try_from(layout::RECORDS_PER_FILE).unwrap_or(1)
}

/// Reads lines of keys as far as they are good: the last one of an interrupted run may be cut.
fn read_keys(path: &Path, keys: &mut Keys) {
    let text = Zeroizing::new(fs::read_to_string(path).unwrap_or_default());
    let lines = text
        .split_inclusive('\n')
        .map_while(|line| line.strip_suffix('\n'));
    keys.extend(lines.map_while(layout::parse_body_key_line));
}

impl Records<'_> {
    /// Finds the bodies that an entry of the log has erased.
    fn find_erased(&mut self, index: u64) -> Result<(), Failure> {
        let view = self.client.entry(index)?;
        self.check(&view, index)?;
        let erased = view.items.iter().filter_map(|item| erases(&item.0));
        self.erased.extend(erased);
        Ok(())
    }

    /// Brings one file up to date.
    fn file(&mut self, first: u64) -> Result<(), Failure> {
        let end = (first + layout::RECORDS_PER_FILE).min(self.size);
        let path = self.folder.join(layout::records_file(first));
        let there = fs::read_to_string(&path).unwrap_or_default();
        let mut held: Vec<&str> = Vec::new();
        for (index, line) in (first..end).zip(there.split_inclusive('\n')) {
            if !self.holds(index, line) {
                break;
            }
            held.push(line);
        }
        let next = first + held.len() as u64;
        if next == end && held.iter().map(|line| line.len()).sum::<usize>() == there.len() {
            return Ok(());
        }
        let mut fetched: Vec<u8> = Vec::new();
        let mut new_keys = Keys::new();
        let mut index = next;
        while index < end {
            let page = self.client.entries(index)?;
            if page.is_empty() {
                return Err(Failure::unanswered(
                    "the node gives no entry where there is one",
                ));
            }
            for mut view in page
                .into_iter()
                .take(usize::try_from(end - index).unwrap_or(0))
            {
                self.check(&view, index)?;
                if let Some(key) = view.body_key.take() {
                    new_keys.insert(index, Zeroizing::new(*key.0.as_bytes()));
                }
                serde_json::to_writer(&mut fetched, &view).map_err(|error| {
                    Failure::new(Kind::File, "a record cannot be made").because(error)
                })?;
                fetched.push(b'\n');
                index += 1;
            }
        }
        self.keep_keys(new_keys)?;
        let mut file = AtomicFile::create(&path, 0o600)?;
        held.iter()
            .try_for_each(|line| file.write(line.as_bytes()))?;
        file.write(&fetched)?;
        file.commit()
    }

    /// Writes keys down before anything can rely on them.
    fn keep_keys(&mut self, keys: Keys) -> Result<(), Failure> {
        let path = self.folder.join(PART);
        let failed = |error| {
            let shown = path.display();
            Failure::new(Kind::File, format_args!("{shown} cannot be written")).because(error)
        };
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        for (index, key) in &keys {
            file.write_all(layout::body_key_line(*index, key).as_bytes())
                .map_err(failed)?;
        }
        file.sync_data().map_err(failed)?;
        self.keys.extend(keys);
        Ok(())
    }

    /// Whether a line that is there is the record of this entry, and its body's key is at hand.
    fn holds(&mut self, index: u64, line: &str) -> bool {
        let Some(view) = line.strip_suffix('\n') else {
            return false;
        };
        let Ok(mut view) = serde_json::from_str::<EntryView>(view) else {
            return false;
        };
        if view.body_key.is_some() {
            return false;
        }
        if view.sealed_body.is_some() && !self.erased.contains(&index) {
            let Some(key) = self.keys.get(&index) else {
                return false;
            };
            view.body_key = Some(HashText(Hash::from_bytes(**key)));
        }
        self.check(&view, index).is_ok()
    }

    /// Checks that a record is what the entry commits to.
    fn check(&mut self, view: &EntryView, index: u64) -> Result<(), Failure> {
        let n = index / u64::from(TILE_WIDTH);
        if self.bundle.0 != n {
            let bundle = tiles::read(self.folder, n, self.size);
            self.bundle = (n, bundle.unwrap_or_default());
        }
        let at = usize::try_from(index % u64::from(TILE_WIDTH)).ok();
        let entry = at.and_then(|at| self.bundle.1.get(at));
        let fits = entry.is_some_and(|entry| view.entry.0 == entry) && record_holds(view);
        if fits && view.index == index {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Invalid,
            format_args!("the record of entry {index} is not what the entry commits to"),
        )
        .hint("`quittance audit` of the node says more"))
    }
}

/// The entry whose body an item has erased.
fn erases(item: &[u8]) -> Option<u64> {
    let Ok(Item::Instruction(i)) = Item::parse(item) else {
        return None;
    };
    let applied = i.outcome == Outcome::Applied as u16;
    match serde_json::from_str::<Instruction>(&i.json) {
        Ok(Instruction::Erase(erase)) if applied => Some(erase.entry_index),
        _ => None,
    }
}
