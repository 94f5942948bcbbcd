//! Whose signature an audit rests on: a key that the auditor brought, or one that the log brought.
//!
//! A log that nobody anchors is one that whoever wrote it may have made as a whole: it can hold by
//! itself and still be somebody else's. So what was brought, and what it shows, is in the report.

use chain::{Checkpoint, Hash, Note, VerifierKey};
use serde::Serialize;

use super::report::Divergence;
use super::source::Source;
use super::{Stop, layout};

/// What the auditor brings along; anything left out is taken from the log itself.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The log's key, had by another way.
    pub log_vkey: Option<VerifierKey>,
    /// The log's genesis hash, had by another way.
    pub genesis_hash: Option<Hash>,
    /// Checkpoints kept from before, with a name for each: this log must extend them.
    pub kept: Vec<(String, Vec<u8>)>,
}

impl Trust {
    /// Whether something was brought that can show a key to be this log's without the one brought.
    pub(super) fn may_show_a_change(&self) -> bool {
        self.genesis_hash.is_some() || !self.kept.is_empty()
    }
}

/// Whether the log is signed by whom the auditor means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Signer {
    /// It is: something that the auditor brought shows it.
    Known {
        /// What shows it.
        by: Anchor,
    },
    /// Not verified: the key came with the log, and nothing else was brought.
    Stated,
    /// The source is a log of another name than the key that the auditor brought.
    OtherLog {
        /// The key that was brought, as a vkey.
        yours: String,
        /// The key that the source states, as a vkey; its checkpoint is signed by it.
        stated: String,
    },
    /// The source has the name of the auditor's log and is signed by another key, and nothing that
    /// was brought shows that the log has changed its key since.
    OtherKey {
        /// The key that was brought, as a vkey.
        yours: String,
        /// The key that the source states, as a vkey; its checkpoint is signed by it.
        stated: String,
    },
}

/// What the auditor brought that names the log's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The key itself.
    LogVkey,
    /// The genesis hash: entry 0 was read, and its document names the key.
    GenesisHash,
    /// A saved audit that knew whose log it is, and the log extends it.
    Saved,
    /// A kept checkpoint: it is signed by the same key, and the log extends it.
    Kept,
}

impl Signer {
    /// Whether it is another log, or another key, than the one that the auditor means.
    #[must_use]
    pub const fn is_other(&self) -> bool {
        matches!(self, Self::OtherLog { .. } | Self::OtherKey { .. })
    }

    /// Whether the auditor brought something that shows who signed.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }
}

/// Compares the key that the source states with the one that was brought.
///
/// A source that states another key than the one that signed its checkpoint contradicts itself;
/// that is a finding about the source, whichever key was meant.
pub(super) fn signer(
    stated: &VerifierKey,
    yours: Option<&VerifierKey>,
    checkpoint: &[u8],
) -> Result<Signer, Divergence> {
    let yours = match yours {
        None => return Ok(Signer::Stated),
        Some(yours) if yours == stated => {
            let by = Anchor::LogVkey;
            return Ok(Signer::Known { by });
        }
        Some(yours) => yours,
    };
    let by_stated = signed_checkpoint(checkpoint, stated);
    if signed_checkpoint(checkpoint, yours).is_ok() {
        // While one key takes over from another, both sign.
        return match by_stated {
            Ok(_) => Ok(Signer::Known {
                by: Anchor::LogVkey,
            }),
            Err(_) => Err(Divergence::of_log(layout::LOG_VKEY, yours, stated)),
        };
    }
    by_stated.map_err(|why| {
        let expected = format!("signed by {}", stated.name());
        Divergence::of_log("the checkpoint", expected, why)
    })?;
    let same_name = yours.name() == stated.name();
    let (yours, stated) = (yours.to_string(), stated.to_string());
    Ok(if same_name {
        Signer::OtherKey { yours, stated }
    } else {
        Signer::OtherLog { yours, stated }
    })
}

/// The genesis hash to expect, after comparing what is stated with what the auditor brought.
pub(super) fn identity(
    source: &mut Source,
    trust: &Trust,
    checkpoint: &Checkpoint,
) -> Result<Hash, Stop> {
    let (origin, stated) = source.identity()?;
    if origin != checkpoint.origin {
        let what = "the origin in the checkpoint";
        return Err(Divergence::of_log(what, origin, &checkpoint.origin).into());
    }
    match trust.genesis_hash {
        Some(yours) if yours != stated => {
            Err(Divergence::of_log("the genesis hash", yours, stated).into())
        }
        _ => Ok(stated),
    }
}

/// Reads a checkpoint that this key has signed.
pub(super) fn signed_checkpoint(note: &[u8], key: &VerifierKey) -> Result<Checkpoint, String> {
    let note = Note::parse(note).map_err(|error| error.to_string())?;
    note.verify(&[key]).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::parse_text(note.text()).map_err(|error| error.to_string())?;
    if checkpoint.origin != key.name() {
        return Err(format!("it speaks for {:?}", checkpoint.origin));
    }
    Ok(checkpoint)
}
