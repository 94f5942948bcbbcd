//! An export folder as the source of an audit.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use chain::{Record, TilePath};
use zeroize::Zeroizing;

use super::frames::{FrameError, next_record};
use super::layout::{self, Identity};
use super::look::Key;
use super::source::{Fault, SourceError};

/// The longest file that is read whole: a bundle, a tile, a checkpoint.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// The longest line of `body.keys`.
const LINE_BYTES_MAX: u64 = 1 << 10;

/// A folder, read from its first entry to its last.
#[derive(Debug)]
pub struct DirSource {
    root: PathBuf,
    records: Option<BufReader<File>>,
    keys: Option<KeyLines>,
}

/// An entry as an export holds it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The entry's salt.
    pub salt: [u8; 32],
    /// Item bytes, item 0 first.
    pub items: Vec<Vec<u8>>,
    /// The body under its key; empty for genesis.
    pub sealed_body: Vec<u8>,
}

/// `body.keys`, read along with the records.
#[derive(Debug)]
struct KeyLines {
    lines: BufReader<File>,
    next: Option<(u64, Key)>,
    last: Option<u64>,
}

impl DirSource {
    /// Opens the folder.
    ///
    /// # Errors
    /// [`SourceError`] if it is no export folder.
    pub fn open(root: &Path) -> Result<Self, SourceError> {
        let keys = match File::open(root.join(layout::BODY_KEYS)) {
            Ok(file) => Some(KeyLines {
                lines: BufReader::new(file),
                next: None,
                last: None,
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(source) => return Err(SourceError::file(&root.join(layout::BODY_KEYS), source)),
        };
        Ok(Self {
            root: root.to_owned(),
            records: None,
            keys,
        })
    }

    /// Whether the folder holds records at all: a public copy does not.
    #[must_use]
    pub fn has_records(&self) -> bool {
        self.root.join(layout::RECORDS).is_dir()
    }

    /// Entries that the export's checkpoint speaks for. Its signature is not looked at here.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn size(&self) -> Result<u64, String> {
        let bytes = self
            .read(layout::CHECKPOINT)
            .map_err(|error| error.to_string())?;
        let note = chain::Note::parse(&bytes).map_err(|error| error.to_string())?;
        let checkpoint = chain::Checkpoint::parse_text(note.text());
        Ok(checkpoint.map_err(|error| error.to_string())?.size)
    }

    /// The export's checkpoint as it lies there; nothing of it is looked at here.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn checkpoint(&self) -> Result<Vec<u8>, String> {
        self.read(layout::CHECKPOINT)
            .map_err(|error| error.to_string())
    }

    /// The entry at `index` with everything that it commits to; asked for in order.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn kept(&mut self, index: u64) -> Result<Kept, String> {
        let mut bytes = Vec::new();
        self.record(index, &mut bytes)
            .map_err(|fault| fault.to_string())?;
        let (record, _) =
            Record::split(&bytes).map_err(|error| format!("{}: {error}", record_name(index)))?;
        Ok(Kept {
            entry: record.entry.to_vec(),
            salt: *record.salt.as_bytes(),
            items: record.items.iter().map(<[u8]>::to_vec).collect(),
            sealed_body: record.sealed_body.to_vec(),
        })
    }

    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        let path = self.root.join(name);
        let file = File::open(&path).map_err(|source| SourceError::file(&path, source))?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| SourceError::file(&path, source))?;
        Ok(bytes)
    }

    pub(super) fn tile(&self, path: &TilePath) -> Result<Vec<u8>, SourceError> {
        self.read(&format!("log/{path}"))
    }

    pub(super) fn identity(&self) -> Result<Identity, Fault> {
        let bytes = self.read(layout::GENESIS)?;
        serde_json::from_slice(&bytes).map_err(|error| Fault::Malformed {
            what: layout::GENESIS.into(),
            why: error.to_string(),
        })
    }

    /// Passes over everything before `index`.
    pub(super) fn start_at(&mut self, index: u64) -> Result<(), Fault> {
        let over = index % layout::RECORDS_PER_FILE;
        if over > 0 {
            self.open_records(index)?;
            let mut passed_over = Vec::new();
            for before in index - over..index {
                passed_over.clear();
                self.next_record(before, &mut passed_over)?;
            }
        }
        if let Some(keys) = &mut self.keys {
            while keys.peek()?.is_some_and(|next| next < index) {
                keys.next = None;
            }
        }
        Ok(())
    }

    fn open_records(&mut self, index: u64) -> Result<(), Fault> {
        let path = self.root.join(layout::records_file(index));
        let file = File::open(&path).map_err(|source| SourceError::file(&path, source))?;
        self.records = Some(BufReader::new(file));
        Ok(())
    }

    /// Appends the record of the entry at `index`, which comes next in the file that is open.
    fn next_record(&mut self, index: u64, out: &mut Vec<u8>) -> Result<(), Fault> {
        let name = layout::records_file(index);
        let Some(records) = &mut self.records else {
            return Err(SourceError::Order(index).into());
        };
        match next_record(records, out) {
            Ok(true) => Ok(()),
            Ok(false) => Err(SourceError::Missing(format!("the record of entry {index}")).into()),
            Err(FrameError::Form(why)) => Err(Fault::Malformed {
                what: record_name(index),
                why: why.to_string(),
            }),
            Err(FrameError::Io(source)) => {
                Err(SourceError::file(&self.root.join(name), source).into())
            }
        }
    }

    /// Appends the record of the entry at `index`, and gives the key that stands beside it; entries
    /// are asked for in order.
    pub(super) fn record(&mut self, index: u64, out: &mut Vec<u8>) -> Result<Option<Key>, Fault> {
        if index.is_multiple_of(layout::RECORDS_PER_FILE) {
            self.end_of_file(index)?;
            self.open_records(index)?;
        }
        self.next_record(index, out)?;
        match &mut self.keys {
            None => Ok(None),
            Some(keys) => keys.take(index),
        }
    }

    /// Checks that nothing is left over: neither records nor keys.
    pub(super) fn finish(&mut self, size: u64) -> Result<(), Fault> {
        let left_over = |what: String| Fault::Malformed {
            what,
            why: format!("goes on behind the {size} entries that the checkpoint speaks for"),
        };
        if size > 0 {
            let name = layout::records_file(size - 1);
            self.end_of_file(size).map_err(|_| left_over(name))?;
        }
        let beyond = layout::records_file(size.next_multiple_of(layout::RECORDS_PER_FILE));
        if self.root.join(&beyond).exists() {
            return Err(left_over(beyond));
        }
        match &mut self.keys {
            None => Ok(()),
            Some(keys) => match keys.peek()? {
                None => Ok(()),
                Some(_) => Err(left_over(layout::BODY_KEYS.into())),
            },
        }
    }

    /// Checks that the file that is open ends before the record of the entry at `index`.
    fn end_of_file(&mut self, index: u64) -> Result<(), Fault> {
        let at_end = match &mut self.records {
            None => true,
            Some(records) => records.fill_buf().map(<[u8]>::is_empty).unwrap_or(false),
        };
        if at_end {
            return Ok(());
        }
        Err(Fault::Malformed {
            what: layout::records_file(index.saturating_sub(1)),
            why: "more than a file's share of records".into(),
        })
    }
}

/// What a record in a file is called.
pub(super) fn record_name(index: u64) -> String {
    format!("{}, entry {index}", layout::records_file(index))
}

impl KeyLines {
    fn peek(&mut self) -> Result<Option<u64>, Fault> {
        if self.next.is_none() {
            let malformed = |why: &str| Fault::Malformed {
                what: layout::BODY_KEYS.into(),
                why: why.into(),
            };
            let text = match line(&mut self.lines) {
                Ok(None) => return Ok(None),
                Ok(Some(text)) => Zeroizing::new(text),
                Err(LineError::Form(why)) => return Err(malformed(why)),
                Err(LineError::Io(source)) => {
                    return Err(SourceError::file(Path::new(layout::BODY_KEYS), source).into());
                }
            };
            let (index, key) = layout::parse_body_key_line(&text)
                .ok_or_else(|| malformed("a line is not `index base64key`"))?;
            if self.last.is_some_and(|last| last >= index) {
                return Err(malformed("the indexes do not rise"));
            }
            self.last = Some(index);
            self.next = Some((index, key));
        }
        Ok(self.next.as_ref().map(|(index, _)| *index))
    }

    fn take(&mut self, index: u64) -> Result<Option<Key>, Fault> {
        if self.peek()? == Some(index) {
            return Ok(self.next.take().map(|(_, key)| key));
        }
        Ok(None)
    }
}

enum LineError {
    Form(&'static str),
    Io(std::io::Error),
}

/// Reads a line without its line break, which must be there.
fn line(reader: &mut BufReader<File>) -> Result<Option<String>, LineError> {
    let mut text = String::new();
    let read = reader.take(LINE_BYTES_MAX).read_line(&mut text);
    match read {
        Ok(0) => Ok(None),
        Ok(_) if text.pop() == Some('\n') => Ok(Some(text)),
        Ok(_) => Err(LineError::Form("the last line is cut off")),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(LineError::Form("not UTF-8")),
        Err(error) => Err(LineError::Io(error)),
    }
}
