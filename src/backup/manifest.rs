//! The manifest: what the backup holds, and the signed checkpoint that it ends at.
//!
//! The file has one spelling: it is read, written again and compared, so that a flipped byte has
//! nowhere to hide; and its own SHA-256 stands in front of it.

use std::io;

use chain::{Checkpoint, Frontier, Hash, Note, VerifierKey};
use serde::{Deserialize, Serialize};

use super::error::BackupError;
use crate::store::disk::{Disk, OpenMode};
use crate::wire::HashText;

/// Name of the manifest.
pub const MANIFEST: &str = "backup.json";
const MAKING: &str = "backup.json.new";
/// The lock file.
pub(super) const LOCK: &str = "lock";
/// The folder of segments.
pub(super) const SEGMENTS: &str = "segments";
/// Version of the manifest and of what it describes.
const VERSION: u32 = 1;
/// A manifest of a million segments; a longer file is none.
const BYTES_MAX: u64 = 256 << 20;

/// `backup.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    /// SHA-256 of `backup`, printed as it stands here.
    sha256: String,
    backup: Manifest,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    /// The log's origin.
    pub origin: String,
    /// Leaf hash of entry 0.
    pub genesis_hash: HashText,
    /// The log's verifier key.
    pub log_vkey: String,
    /// The signed checkpoint that the backup ends at, verbatim.
    pub checkpoint: String,
    /// Roots of the complete subtrees at its size, the largest first: where the next run goes on.
    pub frontier: Vec<HashText>,
    /// When the newest part was taken (RFC 3339), by the clock of whoever took it.
    pub taken_at: String,
    /// The segments, in order.
    pub segments: Vec<Segment>,
}

/// One file of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Index of its first entry.
    pub first: u64,
    /// Number of entries; the file's name follows from both.
    pub entries: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal as `sha256sum` prints it.
    pub sha256: String,
}

impl Segment {
    /// Name of the file inside `segments`.
    #[must_use]
    pub fn name(&self) -> String {
        segment_name(self.first, self.entries)
    }
}

/// Name of a segment. A longer one that begins at the same index is another file, so that what a
/// manifest names is never overwritten.
pub(super) fn segment_name(first: u64, entries: u64) -> String {
    format!("{first:012}-{entries}.seg")
}

/// How the names of all segments that begin at an index begin.
pub(super) fn segment_prefix(first: u64) -> String {
    format!("{first:012}-")
}

/// Prints a hash as `sha256sum` does.
pub(super) fn hex(hash: &Hash) -> String {
    use std::fmt::Write;
    hash.as_bytes().iter().fold(String::new(), |mut text, b| {
        // Writing to a string does not fail.
        let _ = write!(text, "{b:02x}");
        text
    })
}

impl Manifest {
    /// A manifest of nothing yet.
    pub(super) fn new(origin: String, genesis_hash: HashText, log_vkey: String) -> Self {
        Self {
            version: VERSION,
            origin,
            genesis_hash,
            log_vkey,
            checkpoint: String::new(),
            frontier: Vec::new(),
            taken_at: String::new(),
            segments: Vec::new(),
        }
    }

    /// Entries in the segments.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.segments
            .last()
            .map_or(0, |last| last.first.saturating_add(last.entries))
    }

    /// Reads the manifest of a backup; `None` if there is none.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] if it is not exactly what was written.
    pub fn read(disk: &dyn Disk) -> Result<Option<Self>, BackupError> {
        let path = disk.path().join(MANIFEST);
        let io = |source| BackupError::Io {
            path: path.clone(),
            source,
        };
        let file = match disk.open(MANIFEST, OpenMode::Existing) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let length = file.len().map_err(io)?;
        let damaged = |why: &dyn std::fmt::Display| BackupError::damaged(MANIFEST, why);
        if length > BYTES_MAX {
            return Err(damaged(&"longer than any manifest"));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        file.read_at(&mut bytes, 0).map_err(io)?;
        let Sealed { sha256, backup } =
            serde_json::from_slice(&bytes).map_err(|error| damaged(&error))?;
        if backup.version != VERSION {
            return Err(damaged(&format_args!(
                "version {} is not known",
                backup.version
            )));
        }
        let again = backup.clone().to_bytes();
        if again != bytes || hex(&Hash::sha256(&backup.inner())) != sha256 {
            return Err(damaged(&"the bytes are not those that were written"));
        }
        backup.check_order()?;
        Ok(Some(backup))
    }

    fn inner(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a manifest consists of texts and numbers")
    }

    fn to_bytes(&self) -> Vec<u8> {
        let sealed = Sealed {
            sha256: hex(&Hash::sha256(&self.inner())),
            backup: self.clone(),
        };
        let mut bytes =
            serde_json::to_vec_pretty(&sealed).expect("a manifest consists of texts and numbers");
        bytes.push(b'\n');
        bytes
    }

    /// Writes the manifest: whole or not at all, and durably.
    pub(super) fn write(&self, disk: &dyn Disk) -> Result<(), BackupError> {
        let io = |source| BackupError::Io {
            path: disk.path().join(MANIFEST),
            source,
        };
        let file = disk.open(MAKING, OpenMode::Create).map_err(io)?;
        file.set_len(0).map_err(io)?;
        file.write_at(&self.to_bytes(), 0).map_err(io)?;
        file.sync_data().map_err(io)?;
        disk.rename(MAKING, MANIFEST).map_err(io)?;
        disk.sync_dir().map_err(io)
    }

    /// The segments follow each other without a gap.
    fn check_order(&self) -> Result<(), BackupError> {
        let mut next = 0;
        for segment in &self.segments {
            if segment.first != next || segment.entries == 0 {
                let why = format!("a segment begins at {}, not at {next}", segment.first);
                return Err(BackupError::damaged(MANIFEST, why));
            }
            next = next.saturating_add(segment.entries);
        }
        Ok(())
    }

    /// The log's key.
    pub(super) fn key(&self) -> Result<VerifierKey, BackupError> {
        VerifierKey::parse(&self.log_vkey)
            .map_err(|error| BackupError::damaged(MANIFEST, format_args!("log_vkey: {error}")))
    }

    /// Verifies the checkpoint under the log's key (which must be `trusted`, if one is), and that
    /// the manifest says the same.
    ///
    /// # Errors
    /// [`BackupError::Key`], [`BackupError::Checkpoint`], [`BackupError::Damaged`].
    pub fn verified(&self, trusted: Option<&VerifierKey>) -> Result<Signed, BackupError> {
        let key = self.key()?;
        let (note, origin) = (self.checkpoint.as_bytes(), &self.origin);
        let checkpoint = signed(MANIFEST, note, origin, &key)?;
        // While one key takes over from another, both have signed.
        if let Some(trusted) = trusted.filter(|trusted| **trusted != key)
            && signed(MANIFEST, note, origin, trusted).is_err()
        {
            return Err(BackupError::Key {
                trusted: trusted.to_string(),
                found: key.to_string(),
            });
        }
        let parts = self.frontier.iter().map(|hash| hash.0).collect();
        let frontier = Frontier::from_parts(checkpoint.size, parts)
            .map_err(|error| BackupError::damaged(MANIFEST, error))?;
        if frontier.root() != checkpoint.root || self.size() != checkpoint.size {
            let why = "size and frontier are not those of the checkpoint";
            return Err(BackupError::damaged(MANIFEST, why));
        }
        Ok(Signed {
            checkpoint,
            frontier,
            key,
        })
    }
}

/// A manifest's checkpoint, verified.
#[derive(Debug)]
pub struct Signed {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The edge of the tree there.
    pub frontier: Frontier,
    /// The key that signed it.
    pub key: VerifierKey,
}

/// Reads a checkpoint that the log has signed.
pub(super) fn signed(
    of: &str,
    note: &[u8],
    origin: &str,
    key: &VerifierKey,
) -> Result<Checkpoint, BackupError> {
    let wrong = |why: String| BackupError::Checkpoint {
        of: of.to_owned(),
        why,
    };
    let note = Note::parse(note).map_err(|error| wrong(error.to_string()))?;
    Checkpoint::from_note(&note, origin, &[key]).map_err(|error| wrong(error.to_string()))
}
