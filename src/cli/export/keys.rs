//! `body.keys` of an export: what is there, what comes in on the way, what must go.
//!
//! Keys that are fetched go to a file of their own, line by line, so that an export that is killed
//! has lost none; at the end both become one `body.keys`, without the keys of erased bodies. All of
//! these files are their owner's alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::audit::layout;
use crate::cli::error::Failure;
use crate::cli::files::{self, AtomicFile};

type Key = Zeroizing<[u8; 32]>;

/// The keys of an export under way.
pub(super) struct Keys {
    file: PathBuf,
    part: PathBuf,
    /// What was there at the start: `body.keys`, and what was fetched before an interruption.
    there: [Lines; 2],
    /// Where fetched keys go, and the last index there.
    fetched: File,
    last: Option<u64>,
    /// Fetched out of order.
    late: BTreeMap<u64, Key>,
}

/// Lines of keys, read once, rising; what does not belong to them ends them.
struct Lines {
    reader: Option<BufReader<File>>,
    next: Option<(u64, Key)>,
    last: Option<u64>,
    /// Bytes of the lines read.
    read: u64,
}

impl Lines {
    fn open(path: &Path) -> Self {
        let mut lines = Self {
            reader: File::open(path).ok().map(BufReader::new),
            next: None,
            last: None,
            read: 0,
        };
        lines.advance();
        lines
    }

    fn advance(&mut self) -> Option<(u64, Key)> {
        let now = self.next.take();
        let Some(reader) = &mut self.reader else {
            return now;
        };
        let mut text = Zeroizing::new(String::new());
        let read = reader.read_line(&mut text).unwrap_or(0);
        let line = text
            .strip_suffix('\n')
            .and_then(layout::parse_body_key_line);
        self.next = line.filter(|(index, _)| self.last.is_none_or(|last| last < *index));
        match &self.next {
            Some((index, _)) => {
                self.last = Some(*index);
                self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(0));
            }
            None => self.reader = None,
        }
        now
    }

    fn peek(&self) -> Option<u64> {
        self.next.as_ref().map(|(index, _)| *index)
    }

    /// The key at an index; asked for in rising order.
    fn take(&mut self, index: u64) -> Option<Key> {
        while self.peek().is_some_and(|next| next < index) {
            self.advance();
        }
        match self.peek() == Some(index) {
            true => self.advance().map(|(_, key)| key),
            false => None,
        }
    }
}

impl Keys {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let (file, part) = (
            folder.join(layout::BODY_KEYS),
            folder.join(layout::BODY_KEYS_PART),
        );
        let unwritable = |error| files::unwritable(&part, error);
        let fetched = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&part)
            .map_err(unwritable)?;
        // A line that was cut off when the last run was killed is no line.
        let mut whole = Lines::open(&part);
        while whole.advance().is_some() {}
        fetched.set_len(whole.read).map_err(unwritable)?;
        Ok(Self {
            there: [Lines::open(&part), Lines::open(&file)],
            fetched,
            last: whole.last,
            late: BTreeMap::new(),
            file,
            part,
        })
    }

    /// The key that was there at the start; asked for in rising order.
    pub(super) fn take(&mut self, index: u64) -> Option<Key> {
        let [part, file] = &mut self.there;
        let (newer, older) = (part.take(index), file.take(index));
        newer.or(older)
    }

    /// Takes a key in that was fetched.
    pub(super) fn put(&mut self, index: u64, key: Key) -> Result<(), Failure> {
        if self.last.is_some_and(|last| last >= index) {
            self.late.insert(index, key);
            return Ok(());
        }
        self.last = Some(index);
        let line = layout::body_key_line(index, &key);
        let written = self.fetched.write_all(line.as_bytes());
        written.map_err(|error| files::unwritable(&self.part, error))
    }

    /// Makes sure of what was fetched, before the records that belong to it appear.
    pub(super) fn sync(&self) -> Result<(), Failure> {
        let synced = self.fetched.sync_data();
        synced.map_err(|error| files::unwritable(&self.part, error))
    }

    /// Those of the erased whose keys are still there.
    pub(super) fn among(&self, erased: &BTreeSet<u64>) -> Vec<u64> {
        let mut found = BTreeSet::new();
        for path in [&self.part, &self.file] {
            let mut lines = Lines::open(path);
            while let Some((index, _)) = lines.advance() {
                if erased.contains(&index) {
                    found.insert(index);
                }
            }
        }
        found.into_iter().collect()
    }

    /// Writes `body.keys` anew, without the keys of these entries, and ends the part under way.
    pub(super) fn finish(mut self, without: &BTreeSet<u64>, size: u64) -> Result<(), Failure> {
        let mut out = AtomicFile::create(&self.file, 0o600)?;
        let (mut part, mut old) = (Lines::open(&self.part), Lines::open(&self.file));
        loop {
            let late = self.late.first_key_value().map(|(index, _)| *index);
            let next = [late, part.peek(), old.peek()].into_iter().flatten().min();
            let Some(index) = next else {
                break;
            };
            let late = self.late.remove(&index);
            let (newer, older) = (part.take(index), old.take(index));
            if let Some(key) = late.or(newer).or(older)
                && index < size
                && !without.contains(&index)
            {
                out.write(layout::body_key_line(index, &key).as_bytes())?;
            }
        }
        out.commit()?;
        files::remove(&self.part)
    }
}
