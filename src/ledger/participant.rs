//! Participants: who may sign, with which keys, and how many of them it takes.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::calendar::Date;
use super::freezes::Freezes;
use super::id::ParticipantId;
use super::identifier::{Bic, Lei};

/// What a participant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Governs; reads what operating needs.
    Operator,
    /// Submits settlements for its own accounts.
    Bank,
    /// Reads everything, changes nothing.
    Auditor,
}

/// How far a participant takes part (LEDGER F17).
///
/// ```text
///  onboarding ──▶ test ──▶ active ◀──▶ suspended
///       └───────────────────▲
///  and from each of them ──▶ terminated
/// ```
///
/// Auditors and the operators are active, and stay so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantState {
    /// Keys and accounts are prepared, and nothing moves.
    Onboarding,
    /// Money moves between participants in test, and comes in and goes out.
    Test,
    /// Money moves.
    #[default]
    Active,
    /// Its accounts pay nothing new.
    Suspended,
    /// Nothing moves, and no key of it signs: for ever.
    Terminated,
}

/// A registered key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Key name, `<participant>/<label>`.
    pub name: String,
    /// Key id, as in signed notes.
    pub id: u32,
    /// Ed25519 public key.
    pub public: [u8; 32],
    /// Log index that registered it.
    pub added: u64,
    /// Log index that revoked it: entries before stay valid.
    pub revoked: Option<u64>,
}

impl Key {
    /// The key as a vkey text.
    #[must_use]
    pub fn verifier_key(&self) -> Option<chain::VerifierKey> {
        chain::VerifierKey::new(&self.name, &self.public).ok()
    }
}

/// A participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Number, dense from 0; the operators are 0.
    pub number: u32,
    /// Id.
    pub id: ParticipantId,
    /// Role.
    pub role: Role,
    /// Keys, in the order of registration.
    pub keys: Vec<Key>,
    /// How many distinct active keys must sign.
    pub threshold: u32,
    /// How far it takes part.
    pub state: ParticipantState,
    /// While it is suspended: whether its accounts receive nothing either.
    pub refuses: bool,
    /// Its BIC, if it is known by one.
    pub bic: Option<Bic>,
    /// Its LEI, if it is known by one.
    pub lei: Option<Lei>,
    /// Number of the participant whose keys sign for it, if it has none of its own.
    pub via: Option<u32>,
    /// Dates on which it is closed, in order, whatever the calendars of assets say.
    pub holidays: Vec<Date>,
    /// Freezes of all its accounts.
    pub freezes: Freezes,
}

impl Participant {
    /// Finds an active key by name and id.
    #[must_use]
    pub fn active_key(&self, name: &str, id: u32) -> Option<&Key> {
        self.keys
            .iter()
            .find(|k| k.id == id && k.name == name && k.revoked.is_none())
    }

    /// Finds a key by name and id, revoked or not.
    #[must_use]
    pub fn key(&self, name: &str, id: u32) -> Option<&Key> {
        self.keys.iter().find(|k| k.id == id && k.name == name)
    }

    /// Whether its accounts pay nothing new.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        matches!(self.state, ParticipantState::Suspended)
    }

    /// Whether its accounts are not free to pay and to receive.
    #[must_use]
    pub const fn is_restricted(&self) -> bool {
        self.is_suspended() || !self.freezes.is_idle()
    }

    /// Whether it does not take part, or in tests alone.
    #[must_use]
    pub const fn is_apart(&self) -> bool {
        match self.state {
            ParticipantState::Active | ParticipantState::Suspended => false,
            ParticipantState::Onboarding
            | ParticipantState::Test
            | ParticipantState::Terminated => true,
        }
    }

    /// How many keys are active.
    #[must_use]
    pub fn active_keys(&self) -> usize {
        self.keys.iter().filter(|k| k.revoked.is_none()).count()
    }
}
