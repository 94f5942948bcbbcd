//! A witness's memory: one checkpoint for each log, on disk before anybody has the cosignature.
//!
//! ```text
//!   <folder>/<hex SHA-256 of the origin>/checkpoint        the newest note, cosigned
//!   <folder>/<hex ...>/evidence-<size>-<hash>              what a refusal was about, kept
//! ```
//!
//! The rules are those of C2SP tlog-witness, and nothing is forgotten: a log that signed two roots
//! for one size has convicted itself, and both notes stay here.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chain::{
    AddCheckpoint, Checkpoint, Hash, Note, Signer, VerifierKey, WitnessKey, cosignature_message,
    empty_root, verify_consistency,
};

use super::ask::origin_path;
use crate::store::disk::{Disk, DiskFile, DiskLock, OpenMode, RealDisk};

pub(super) const NAME: &str = "checkpoint";
const MAKING: &str = "checkpoint.new";
const LOCK: &str = "lock";
/// Refusals whose evidence is kept for each log: a log with a thousand forks needs no more.
const EVIDENCE_MAX: usize = 64;
/// Longest note that is read back.
const NOTE_BYTES_MAX: u64 = 1 << 20;

/// A witness with its key, its logs and its folder.
pub struct Witness {
    key: WitnessKey,
    signer: Box<dyn Signer + Send + Sync>,
    logs: Vec<Log>,
    _lock: Box<dyn DiskLock>,
}

/// What is remembered of one log.
struct Log {
    origin: String,
    keys: Vec<VerifierKey>,
    path: String,
    disk: Arc<dyn Disk>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    newest: Option<(Checkpoint, Note)>,
    /// A write failed: nobody knows what the disk holds.
    failed: bool,
}

/// Why a checkpoint is not cosigned; with the status of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// 400: the body breaks the form.
    #[error("{0}")]
    Malformed(String),
    /// 403: no signature by a trusted key holds.
    #[error("{0}")]
    Untrusted(String),
    /// 404: not a log of this witness.
    #[error("this witness was not told of {0}")]
    Unknown(String),
    /// 409: the old size is not the one remembered.
    #[error("this witness remembers {0} entries")]
    Conflict(u64),
    /// 422: the checkpoint does not continue the one remembered.
    #[error("{0}")]
    Inconsistent(String),
    /// 500: the memory could not be written.
    #[error("this witness cannot write its memory")]
    Failed,
}

/// Why a witness does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// A file or folder cannot be read or written.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system reports.
        source: io::Error,
    },
    /// Another witness works on the folder.
    #[error("another witness works on {0}")]
    InUse(String),
    /// What is remembered cannot be believed: nothing more is cosigned for this log.
    #[error(
        "{file}: {why}. A witness without its memory would cosign a fork; put the file back from a copy, or begin again under another key"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The key cannot cosign.
    #[error("the key cannot be a witness's: {0}")]
    Key(#[from] chain::VerifierKeyError),
    /// No log was named.
    #[error("a witness needs the vkey of a log at least")]
    NoLog,
}

impl Witness {
    /// Opens a folder of the file system, and makes it if it is not there.
    ///
    /// # Errors
    /// [`MemoryError`]; nothing was signed.
    pub fn open_folder(
        path: &Path,
        signer: Box<dyn Signer + Send + Sync>,
        keys: &[VerifierKey],
    ) -> Result<Self, MemoryError> {
        let io = |source| MemoryError::Io {
            file: path.display().to_string(),
            source,
        };
        let disk = RealDisk::create(path).map_err(io)?;
        let disk: Arc<dyn Disk> = Arc::new(disk);
        Self::open(&disk, signer, keys)
    }

    /// Opens the folder and reads what is remembered of every log. Keys with the same name are of
    /// the same log.
    ///
    /// # Errors
    /// [`MemoryError`]; nothing was signed.
    pub fn open(
        disk: &Arc<dyn Disk>,
        signer: Box<dyn Signer + Send + Sync>,
        keys: &[VerifierKey],
    ) -> Result<Self, MemoryError> {
        let of_signer = signer.verifier_key();
        let key = WitnessKey::new(of_signer.name(), &of_signer.public_key())?;
        let folder = disk.path().display().to_string();
        let io = |source| MemoryError::Io {
            file: folder.clone(),
            source,
        };
        let lock = disk.try_lock(LOCK).map_err(io)?;
        let lock = lock.ok_or_else(|| MemoryError::InUse(folder.clone()))?;
        let mut logs: Vec<Log> = Vec::new();
        for log_key in keys {
            if let Some(log) = logs.iter_mut().find(|log| log.origin == log_key.name()) {
                log.keys.push(log_key.clone());
                continue;
            }
            let path = origin_path(log_key.name());
            logs.push(Log {
                origin: log_key.name().to_owned(),
                keys: vec![log_key.clone()],
                disk: disk.folder(&path).map_err(io)?,
                path,
                held: Mutex::default(),
            });
        }
        if logs.is_empty() {
            return Err(MemoryError::NoLog);
        }
        for log in &logs {
            log.recall(&key)?;
        }
        Ok(Self {
            key,
            signer,
            logs,
            _lock: lock,
        })
    }

    /// The key that verifiers put into their policies.
    #[must_use]
    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// Every log with the size remembered.
    #[must_use]
    pub fn logs(&self) -> Vec<(String, u64)> {
        let size = |log: &Log| log.held().newest.as_ref().map_or(0, |(held, _)| held.size);
        self.logs
            .iter()
            .map(|log| (log.origin.clone(), size(log)))
            .collect()
    }

    /// Answers `add-checkpoint`: the line with the cosignature, once it is remembered for good.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was signed.
    pub fn add_checkpoint(&self, body: &[u8], now_s: u64) -> Result<String, Refusal> {
        let malformed = |why: String| Refusal::Malformed(why);
        let asked = AddCheckpoint::parse(body).map_err(|error| malformed(error.to_string()))?;
        let note = &asked.checkpoint;
        let new = Checkpoint::parse_text(note.text()).map_err(|e| malformed(e.to_string()))?;
        let log = self.logs.iter().find(|log| log.origin == new.origin);
        let log = log.ok_or_else(|| Refusal::Unknown(new.origin.clone()))?;
        let keys: Vec<&VerifierKey> = log.keys.iter().collect();
        note.verify(&keys)
            .map_err(|error| Refusal::Untrusted(error.to_string()))?;
        let mut held = log.held();
        if held.failed {
            return Err(Refusal::Failed);
        }
        if let Err(refusal) = judge(&asked, &new, held.newest.as_ref().map(|(held, _)| held)) {
            if let Some((old, recorded)) = &held.newest {
                log.keep_evidence(&refusal, (old, recorded), &new, body);
            }
            return Err(refusal);
        }
        let line = self.cosign(note.text(), now_s).ok_or(Refusal::Failed)?;
        let trusted = |line: &&chain::NoteSignature| keys.iter().any(|key| line.is_by(key));
        let mut lines: Vec<_> = note.signatures().iter().filter(trusted).cloned().collect();
        lines.push(line.clone());
        let whole = Note::new(note.text(), lines).map_err(|_| Refusal::Failed)?;
        // Before the answer: a witness that forgets what it signed may sign a fork.
        if let Err(error) = write(&*log.disk, NAME, whole.to_string().as_bytes()) {
            held.failed = true;
            tracing::error!(origin = %log.origin, %error, "the memory cannot be written; nothing more is cosigned for this log before a restart");
            return Err(Refusal::Failed);
        }
        held.newest = Some((new, whole));
        Ok(line.to_line())
    }

    /// The newest checkpoint of the log whose origin has this hash, cosigned.
    #[must_use]
    pub fn newest(&self, origin_hash: &str) -> Option<String> {
        let log = self.logs.iter().find(|log| log.path == origin_hash)?;
        let held = log.held();
        held.newest.as_ref().map(|(_, note)| note.to_string())
    }

    fn cosign(&self, text: &str, now_s: u64) -> Option<chain::NoteSignature> {
        let message = cosignature_message(now_s, text);
        let signature = self.signer.sign(message.as_bytes());
        let signature = signature
            .inspect_err(|error| tracing::error!(%error, "the witness's key did not sign"))
            .ok()?;
        self.key.cosignature(now_s, &signature).ok()
    }
}

/// The rules for a checkpoint whose signature holds.
fn judge(
    asked: &AddCheckpoint,
    new: &Checkpoint,
    held: Option<&Checkpoint>,
) -> Result<(), Refusal> {
    let inconsistent = |why: &str| Err(Refusal::Inconsistent(why.to_owned()));
    let recorded = held.map_or(0, |held| held.size);
    if asked.old != recorded {
        return Err(Refusal::Conflict(recorded));
    }
    if new.size == 0 && new.root != empty_root() {
        return inconsistent("an empty log has another root");
    }
    let Some(held) = held.filter(|held| held.size > 0) else {
        return match asked.proof.is_empty() {
            true => Ok(()),
            false => inconsistent("nothing is proven to a witness that remembers nothing"),
        };
    };
    if new.size == held.size {
        return match (new.root == held.root, asked.proof.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => inconsistent("a proof for two equal sizes"),
            (false, _) => inconsistent("another root for the size that this witness remembers"),
        };
    }
    verify_consistency(held.size, &held.root, new.size, &new.root, &asked.proof)
        .map_err(|error| Refusal::Inconsistent(error.to_string()))
}

impl Log {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, name: &str) -> String {
        self.disk.path().join(name).display().to_string()
    }

    /// Reads what is remembered; only what this witness has cosigned counts.
    fn recall(&self, key: &WitnessKey) -> Result<(), MemoryError> {
        let damaged = |why: String| MemoryError::Damaged {
            file: self.file(NAME),
            why,
        };
        let bytes = match read(&*self.disk, NAME) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => {
                let file = self.file(NAME);
                return Err(MemoryError::Io { file, source });
            }
        };
        let note = Note::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        let checkpoint = Checkpoint::parse_text(note.text()).map_err(|e| damaged(e.to_string()))?;
        let own = note.signatures().iter().find(|line| key.signed(line));
        let own = own.ok_or_else(|| damaged("not cosigned by this witness's key".to_owned()))?;
        key.verify(note.text(), own)
            .map_err(|error| damaged(error.to_string()))?;
        if checkpoint.origin != self.origin {
            return Err(damaged(format!("it is of {}", checkpoint.origin)));
        }
        self.held().newest = Some((checkpoint, note));
        Ok(())
    }

    /// Keeps both sides of a contradiction: the note remembered and the body that was sent.
    fn keep_evidence(
        &self,
        refusal: &Refusal,
        (old, recorded): (&Checkpoint, &Note),
        new: &Checkpoint,
        body: &[u8],
    ) {
        let fork = old.size == new.size && old.root != new.root;
        if !fork && !matches!(refusal, Refusal::Inconsistent(_)) {
            return;
        }
        tracing::error!(origin = %self.origin, size = new.size, root = %new.root, remembered = old.size, remembered_root = %old.root, fork, "a checkpoint with the log's signature does not continue what is remembered");
        let hash = Hash::sha256(body);
        let short: String = hash.as_bytes()[..8]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let name = format!("evidence-{}-{short}", new.size);
        let kept = || -> io::Result<()> {
            let names = self.disk.list()?;
            let evidence = names.iter().filter(|name| name.starts_with("evidence-"));
            if names.contains(&name) || evidence.count() >= EVIDENCE_MAX {
                return Ok(());
            }
            let mut text = format!("remembered:\n{recorded}\nreceived:\n").into_bytes();
            text.extend_from_slice(body);
            write(&*self.disk, &name, &text)
        };
        if let Err(error) = kept() {
            tracing::error!(%error, "the evidence cannot be written");
        }
    }
}

fn read(disk: &dyn Disk, name: &str) -> io::Result<Vec<u8>> {
    let file = disk.open(name, OpenMode::Existing)?;
    let len = file.len()?.min(NOTE_BYTES_MAX);
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
    file.read_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Writes a file under another name, syncs it, and gives it its name.
fn write(disk: &dyn Disk, name: &str, bytes: &[u8]) -> io::Result<()> {
    let file: Arc<dyn DiskFile> = disk.open(MAKING, OpenMode::Create)?;
    file.set_len(0)?;
    file.write_at(bytes, 0)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_data()?;
    disk.rename(MAKING, name)?;
    disk.sync_dir()
}
