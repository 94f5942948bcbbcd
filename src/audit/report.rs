//! What an audit found: two verdicts kept apart, and the first place where they fail.

use std::fmt;

use serde::Serialize;

use super::trust::Signer;

/// Everything an audit found.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The log's origin.
    pub origin: String,
    /// `live` or `sandbox`, once the genesis document was read.
    pub mode: Option<String>,
    /// Entries that the checkpoint speaks for.
    pub size: u64,
    /// Root that the checkpoint states, base64.
    pub root: String,
    /// Leaf hash of entry 0, base64: the log's name for ever.
    pub genesis_hash: Option<String>,
    /// The log key that the checkpoint was checked against.
    pub log_vkey: String,
    /// Whether that key was brought by the auditor; otherwise it came with the log itself.
    pub log_vkey_is_yours: bool,
    /// Whether the log is signed by whom the auditor means.
    pub signer: Signer,
    /// The log is append-only and intact: every byte hashes to the signed root.
    pub log: Verdict,
    /// The ledger follows its rules: every outcome and balance was computed again.
    pub ledger: Verdict,
    /// Entries that a saved audit had checked before: what was looked at begins behind them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// What was looked at.
    pub counts: Counts,
    /// Totals per asset at the last entry that was replayed.
    pub totals: Vec<AssetTotals>,
    /// The ledger after the last entry, if all of the log was replayed.
    pub state: Option<StateSum>,
}

/// A whole state in one hash. Whoever replays the same log with the same version has the same,
/// whatever the machine and the number of threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateSum {
    /// Entries that led to it.
    pub size: u64,
    /// Hash of everything that a node keeps of them, base64.
    pub hash: String,
    /// The newest seal among the entries that were replayed, if there is one.
    pub seal: Option<SealSum>,
}

/// The root over all accounts that a seal states, computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealSum {
    /// Log index of the seal.
    pub index: u64,
    /// Size of the log at which the accounts stood so.
    pub sealed_size: u64,
    /// The root, base64.
    pub root: String,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Entries whose place in the log was checked.
    pub entries: u64,
    /// Items hashed into their entries.
    pub items: u64,
    /// Tiles and bundles compared.
    pub tiles: u64,
    /// Signatures of submitters verified again.
    pub signatures: u64,
    /// Items that were computed again and compared byte by byte.
    pub items_replayed: u64,
    /// Seals whose root over all accounts was computed again.
    pub seals: u64,
    /// Bodies opened, hashed and compared with the items.
    pub bodies: u64,
    /// Entries whose body was erased by governance: nothing to compare any more.
    pub bodies_erased: Vec<u64>,
    /// Entries whose body is not erased, yet could not be opened for want of its key.
    pub bodies_closed: Vec<u64>,
    /// Checkpoints kept from before that this log was shown to extend.
    pub kept_checkpoints: u64,
}

/// Totals of one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssetTotals {
    /// Asset id.
    pub asset: String,
    /// Money in circulation: what the issuance account gave out.
    pub issued: String,
    /// Sum of all balances, issuance included: zero.
    pub sum: String,
    /// Accounts in this asset.
    pub accounts: u64,
}

/// One of the two answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// Checked from the first entry to the last.
    Holds,
    /// Fails, first here.
    Broken(Divergence),
    /// Was not checked to the end.
    Unchecked {
        /// Why not.
        reason: String,
    },
}

impl Verdict {
    /// Whether everything was checked and holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds)
    }

    /// The divergence found, if there is one.
    #[must_use]
    pub const fn divergence(&self) -> Option<&Divergence> {
        match self {
            Self::Broken(divergence) => Some(divergence),
            _ => None,
        }
    }
}

/// The first place where something is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Divergence {
    /// Log index of the entry concerned, if it is one.
    pub index: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Divergence {
    /// Something that is not about one entry.
    pub fn of_log(
        what: impl fmt::Display,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        Self {
            index: None,
            what: what.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    /// Something about the entry at `index`.
    pub fn at(
        index: u64,
        what: impl fmt::Display,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        Self {
            index: Some(index),
            ..Self::of_log(what, expected, found)
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            write!(f, "entry {index}: ")?;
        }
        write!(
            f,
            "{}: expected {}, found {}",
            self.what, self.expected, self.found
        )
    }
}

impl Report {
    /// Whether both verdicts hold.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.log.holds() && self.ledger.holds()
    }

    /// Whether both verdicts hold, and something that the auditor brought shows who signed.
    #[must_use]
    pub const fn passes(&self) -> bool {
        self.holds() && self.signer.is_known()
    }

    /// Whether either verdict fails: the log was tampered with, or its node broke the rules.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.log.divergence().is_some() || self.ledger.divergence().is_some()
    }
}
