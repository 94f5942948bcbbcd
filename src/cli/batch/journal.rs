//! The journal of a batch: what may have been sent, on disk before it is sent.
//!
//! ```text
//!   {"batch":{...}}     which file, which log, who
//!   {"unfit":{...}}     a row that the node's accounts and assets rule out: it is in no message
//!   {"message":{...}}   exact bytes of a message, and its rows; again for each message
//!   {"sealed":{...}}    all messages above are on disk: from here on they may be sent
//!   {"answer":{...}}    what the log says about one of them; may be lost, is asked for again
//!   {"expired":{...}}   it is not in the log and can never get in
//! ```
//!
//! One JSON object a line, appended and never changed. What stands behind the last seal without a
//! seal of its own was never sent, and a line that was torn by a crash is the last one: both are
//! cut off when the journal is opened. The file is locked while a process works with it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::table::Bad;
use crate::cli::error::{Failure, Kind};
use crate::ledger::Time;
use crate::wire::{Bytes, OutcomeView};

/// The journal of one batch, locked.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    pub(super) head: Option<Head>,
    pub(super) unfit: Vec<(usize, Bad)>,
    pub(super) messages: Vec<Message>,
}

/// The version of the journal's form: 2 since messages may be binary.
pub(super) const VERSION: u32 = 2;

/// Which batch this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// Version of the journal's form.
    pub(super) version: u32,
    /// SHA-256 of the file with the payments, base64.
    pub(super) sha256: String,
    pub(super) submitter: String,
    pub(super) origin: String,
    pub(super) genesis_hash: String,
}

/// One message, with what became of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub(super) message_id: String,
    /// The rows it carries, by position in the file from 0.
    pub(super) rows: Vec<usize>,
    /// The exact bytes.
    pub(super) body: Body,
    #[serde(skip)]
    pub(super) state: State,
}

/// The exact bytes of a message.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    Json(String),
    /// A binary batch.
    Binary(Bytes),
}

impl Body {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Json(text) => text.as_bytes(),
            Self::Binary(bytes) => &bytes.0,
        }
    }
}

/// What became of a message.
#[derive(Debug, Default)]
pub(super) enum State {
    /// Nobody knows yet.
    #[default]
    Open,
    /// It is in the log.
    Logged(Logged),
    /// It is not, and never can be.
    Expired,
}

/// Where a message is in the log, and with what outcomes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Logged {
    pub(super) index: u64,
    pub(super) time: Time,
    pub(super) outcomes: Vec<OutcomeView>,
    /// Numbers of the payments' items, as far as the receipt that came with the answer shows them; none
    /// of a binary message, where they count on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) items: Vec<Option<u32>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Batch(Head),
    Unfit { row: usize, bad: Bad },
    Message(Message),
    Sealed { messages: usize },
    Answer { message: usize, logged: Logged },
    Expired { message: usize },
}

/// The line of an answer, without taking it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum LineOf<'a> {
    Batch(&'a Head),
    Unfit { row: usize, bad: &'a Bad },
    Message(&'a Message),
    Answer { message: usize, logged: &'a Logged },
}

impl Journal {
    /// Opens or begins the journal and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let file = loop {
            let file = locked(path)?;
            // Whoever held it before may have taken it away between opening and locking.
            if is_still(path, &file) {
                break file;
            }
        };
        let mut journal = Self {
            path: path.to_owned(),
            file,
            head: None,
            unfit: Vec::new(),
            messages: Vec::new(),
        };
        journal.load()?;
        if journal.is_sealed() {
            // Whoever sealed it may have been killed before the seal was on disk.
            journal.sync()?;
        }
        Ok(journal)
    }

    /// Whether anything may have been sent.
    pub(super) fn is_sealed(&self) -> bool {
        self.head.is_some()
    }

    /// Reads what is there and cuts off what was never sealed.
    fn load(&mut self) -> Result<(), Failure> {
        let mut reader = BufReader::new(&self.file);
        let (mut at, mut keep, mut sealed, mut ruled_out) = (0u64, 0u64, 0usize, 0usize);
        let (mut head, mut unfit, mut messages) = (None, Vec::new(), Vec::new());
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            let read = read.map_err(|error| failed(&self.path, error))?;
            if line.last() != Some(&b'\n') {
                break;
            }
            at = at.saturating_add(read as u64);
            let parsed = match serde_json::from_slice(&line) {
                Ok(parsed) => parsed,
                Err(error) if head.is_none() => return Err(damaged(&self.path, error)),
                // A power cut may leave anything in what was not synced, and nothing behind it.
                Err(error) => match rest_is_sealed(&mut reader) {
                    true => return Err(damaged(&self.path, error)),
                    false => break,
                },
            };
            match parsed {
                Line::Batch(found) => head = Some(found),
                Line::Unfit { row, bad } => unfit.push((row, bad)),
                Line::Message(message) => messages.push(message),
                Line::Sealed { messages: count } if count == messages.len() => {
                    (keep, sealed, ruled_out) = (at, count, unfit.len());
                }
                Line::Answer { message, logged } => {
                    keep = at;
                    set(&self.path, &mut messages, message, State::Logged(logged))?;
                }
                Line::Expired { message } => {
                    keep = at;
                    set(&self.path, &mut messages, message, State::Expired)?;
                }
                Line::Sealed { .. } => return Err(damaged(&self.path, "a seal counts wrong")),
            }
        }
        if at == 0 && !BEGINNING.starts_with(line.get(..BEGINNING.len()).unwrap_or(&line)) {
            return Err(damaged(&self.path, "it begins otherwise"));
        }
        messages.truncate(sealed);
        unfit.truncate(ruled_out);
        self.head = head.filter(|_| sealed > 0);
        self.unfit = unfit;
        self.messages = messages;
        let cut = self
            .file
            .set_len(keep)
            .and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map(drop).map_err(|error| failed(&self.path, error))
    }

    /// Writes messages down, and the rows that are in none; when this returns they may be sent.
    pub(super) fn seal(
        &mut self,
        head: &Head,
        unfit: Vec<(usize, Bad)>,
        new: Vec<Message>,
    ) -> Result<(), Failure> {
        let mut lines = Vec::new();
        if self.head.is_none() {
            line(&mut lines, &LineOf::Batch(head));
        }
        for (row, bad) in &unfit {
            line(&mut lines, &LineOf::Unfit { row: *row, bad });
        }
        new.iter()
            .for_each(|message| line(&mut lines, &LineOf::Message(message)));
        let messages = self.messages.len() + new.len();
        line(&mut lines, &Line::Sealed { messages });
        self.append(&lines)?;
        self.sync()?;
        self.head = Some(head.clone());
        self.unfit.extend(unfit);
        self.messages.extend(new);
        Ok(())
    }

    /// Brings the file and its name to the disk.
    fn sync(&self) -> Result<(), Failure> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let synced = self
            .file
            .sync_all()
            .and_then(|()| File::open(folder)?.sync_all());
        synced.map_err(|error| failed(&self.path, error))
    }

    /// Notes what became of a message. Not synced: it can be asked for again.
    pub(super) fn note(&mut self, message: usize, state: State) -> Result<(), Failure> {
        let mut lines = Vec::new();
        match &state {
            State::Open => return Ok(()),
            State::Logged(logged) => line(&mut lines, &LineOf::Answer { message, logged }),
            State::Expired => line(&mut lines, &Line::Expired { message }),
        }
        self.append(&lines)?;
        if let Some(known) = self.messages.get_mut(message) {
            known.state = state;
        }
        Ok(())
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(lines).and_then(|()| self.file.flush());
        written.map_err(|error| failed(&self.path, error))
    }

    /// Takes an empty journal away again: nothing was sent.
    pub(super) fn discard(self) {
        if !self.is_sealed() {
            // It is empty; whoever finds it left behind begins anew.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn locked(path: &Path) -> Result<File, Failure> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path);
    let file = file.map_err(|error| failed(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(error) => Err(Failure::new(
            Kind::File,
            format_args!("{} is in use: this batch is being sent", path.display()),
        )
        .because(std::io::Error::from(error))),
    }
}

/// Whether a path still names an open file.
fn is_still(path: &Path, file: &File) -> bool {
    let same =
        |a: &std::fs::Metadata, b: &std::fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    match (std::fs::metadata(path), file.metadata()) {
        (Ok(there), Ok(here)) => same(&there, &here),
        _ => false,
    }
}

/// How every journal begins, whole or torn.
const BEGINNING: &[u8] = b"{\"batch\":";

/// Whether a seal stands in what is left to read.
fn rest_is_sealed(reader: &mut impl BufRead) -> bool {
    let lines = reader.split(b'\n').map_while(Result::ok);
    lines
        .into_iter()
        .any(|line| line.starts_with(b"{\"sealed\":"))
}

fn line(lines: &mut Vec<u8>, value: &impl Serialize) {
    let json = serde_json::to_vec(value).expect("a line consists of texts, numbers and lists");
    lines.extend(json);
    lines.push(b'\n');
}

fn set(path: &Path, messages: &mut [Message], n: usize, state: State) -> Result<(), Failure> {
    match messages.get_mut(n) {
        Some(message) => message.state = state,
        None => return Err(damaged(path, "an answer is to no message")),
    }
    Ok(())
}

fn failed(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(
        Kind::File,
        format_args!("the journal {} fails", path.display()),
    )
    .because(error)
}

fn damaged(path: &Path, why: impl ToString) -> Failure {
    Failure::new(
        Kind::File,
        format_args!("{} is no journal of a batch, or damaged", path.display()),
    )
    .because(why.to_string())
    .hint("keep it: without it nobody knows what was sent; `accounts --history` shows it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            version: VERSION,
            sha256: "x".into(),
            submitter: "bank-a".into(),
            origin: "o".into(),
            genesis_hash: "g".into(),
        }
    }

    fn message(n: usize) -> Message {
        let body = match n % 2 {
            0 => Body::Json("{\"a\":\"b\"}".into()),
            _ => Body::Binary(Bytes(vec![b'Q', 0, 255])),
        };
        Message {
            message_id: format!("m/{n}"),
            rows: vec![n],
            body,
            state: State::Open,
        }
    }

    fn bad(row: usize) -> (usize, Bad) {
        let [column, code, words] = ["2 (to)", "ACCOUNT_UNKNOWN", "none"].map(str::to_owned);
        (
            row,
            Bad {
                column,
                code,
                words,
            },
        )
    }

    #[test]
    fn a_journal_that_was_taken_away_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = Journal::open(&path).unwrap();
        // Opened by another, while the first one holds it and takes it away.
        let other = File::open(&path).unwrap();
        assert!(is_still(&path, &other));
        first.discard();
        assert!(!is_still(&path, &other));
        let mut journal = Journal::open(&path).unwrap();
        assert!(!is_still(&path, &other));
        journal.seal(&head(), vec![], vec![message(0)]).unwrap();
        drop(journal);
        assert!(Journal::open(&path).unwrap().is_sealed());
    }

    #[test]
    fn what_was_sealed_is_there_again_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        assert!(!journal.is_sealed());
        assert!(Journal::open(&path).is_err(), "it is locked");
        let two = vec![message(0), message(1)];
        journal.seal(&head(), vec![bad(7)], two).unwrap();
        journal.note(1, State::Expired).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let sealed = whole.len() - b"{\"expired\":{\"message\":1}}\n".len();
        // A crash may leave any part of what was being written.
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(journal.is_sealed(), cut >= sealed, "{cut}");
            let expired = |m: &Message| matches!(m.state, State::Expired);
            let count = journal.messages.iter().filter(|m| expired(m)).count();
            assert_eq!(count, usize::from(cut == whole.len()));
            // And the next seal goes behind what is left.
            let before = journal.messages.len();
            let known = journal.unfit.clone();
            assert_eq!(known, if before > 0 { vec![bad(7)] } else { vec![] });
            journal
                .seal(&head(), vec![bad(8)], vec![message(2)])
                .unwrap();
            drop(journal);
            let journal = Journal::open(&path).unwrap();
            assert_eq!(journal.messages.len(), before + 1);
            assert_eq!(journal.messages[before].message_id, "m/2");
            assert_eq!(
                journal.messages[0].body,
                message(2 * usize::from(before == 0)).body
            );
            assert_eq!(journal.unfit, [known, vec![bad(8)]].concat());
        }
        for other in ["not a journal\n", "nor this"] {
            std::fs::write(&path, other).unwrap();
            assert!(Journal::open(&path).is_err());
            assert_eq!(
                std::fs::read_to_string(&path).unwrap(),
                other,
                "it is left alone"
            );
        }
        let torn = [&whole[..sealed], b"{\"ans\0\0\n\0"].concat();
        std::fs::write(&path, torn).unwrap();
        assert_eq!(Journal::open(&path).unwrap().messages.len(), 2);
    }
}
