//! Genesis: entry 0, whose hash names the log for ever.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::book::{Book, Effect};
use super::clearing::Outlook;
use super::days::Days;
use super::edge::Edge;
use super::freezes::Freezes;
use super::governance::PROTOCOL_VERSION;
use super::id::{MessageId, ParticipantId};
use super::instruction::VerifierKeyText;
use super::message::{Authorisation, Signature};
use super::module::Mode;
use super::parameter::Parameters;
use super::participant::{Key, Participant, ParticipantState, Role};
use super::sparse::Sparse;
use super::state::State;
use super::time::Time;
use super::window::Window;

/// The content type that entry 0's authorisation names.
pub const GENESIS_CONTENT_TYPE: &str = "application/vnd.quittance.genesis";

/// The founding operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operators {
    /// Their keys, named `operators/<label>`.
    pub keys: Vec<VerifierKeyText>,
    /// How many of them must sign.
    pub threshold: u32,
}

/// Item 1 of entry 0, as JSON: all that a verifier needs to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The log's origin, also the name of its key.
    pub origin: String,
    /// `live` or `sandbox`.
    pub mode: String,
    /// Protocol version.
    pub protocol: u32,
    /// The log's verifier key.
    pub log_vkey: VerifierKeyText,
    /// The founding operators.
    pub operators: Operators,
    /// Rule parameters.
    pub parameters: Parameters,
    /// 32 random bytes, base64: two logs are never the same log.
    pub network_id: String,
}

/// Why a genesis document cannot found a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenesisError {
    /// The document is not the JSON it should be.
    #[error("the genesis document cannot be read: {0}")]
    Unreadable(String),
    /// A field's value is not allowed.
    #[error("the genesis document's `{0}` is not allowed")]
    Field(&'static str),
    /// A founding key has not signed, or its signature is bad.
    #[error("founding key `{0}` has not signed the genesis document")]
    Unsigned(String),
}

impl Genesis {
    /// The document as JSON, exactly as item 1 carries it.
    ///
    /// # Panics
    /// Never: every field has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("every field has a JSON form")
    }

    /// Reads and checks a document.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn from_json(json: &str) -> Result<Self, GenesisError> {
        let genesis: Self = serde_json::from_str(json)
            .map_err(|error| GenesisError::Unreadable(error.to_string()))?;
        genesis.check()?;
        Ok(genesis)
    }

    /// Live or sandbox.
    ///
    /// # Errors
    /// [`GenesisError::Field`].
    pub fn mode(&self) -> Result<Mode, GenesisError> {
        self.mode.parse().map_err(|_| GenesisError::Field("mode"))
    }

    fn check(&self) -> Result<(), GenesisError> {
        self.mode()?;
        if self.protocol != PROTOCOL_VERSION {
            return Err(GenesisError::Field("protocol"));
        }
        let log_key: chain::VerifierKey = self
            .log_vkey
            .as_str()
            .parse()
            .map_err(|_| GenesisError::Field("log_vkey"))?;
        if log_key.name() != self.origin || self.origin.len() > crate::limits::ORIGIN_BYTES_MAX {
            return Err(GenesisError::Field("origin"));
        }
        let keys = self.operator_keys()?;
        let threshold = usize::try_from(self.operators.threshold).unwrap_or(usize::MAX);
        if threshold == 0 || threshold > keys.len() {
            return Err(GenesisError::Field("operators.threshold"));
        }
        for &(name, low, high, _) in Parameters::TABLE {
            let value = self.parameters.value(name).unwrap_or(u64::MAX);
            if value < low || value > high {
                return Err(GenesisError::Field("parameters"));
            }
        }
        Ok(())
    }

    /// The founding keys, checked as at any registration.
    ///
    /// # Errors
    /// [`GenesisError::Field`].
    pub fn operator_keys(&self) -> Result<Vec<chain::VerifierKey>, GenesisError> {
        let operators = ParticipantId::operators();
        let mut keys: Vec<chain::VerifierKey> = Vec::new();
        for text in &self.operators.keys {
            let bad = GenesisError::Field("operators.keys");
            let key: chain::VerifierKey = text.as_str().parse().map_err(|_| bad.clone())?;
            let twice = keys
                .iter()
                .any(|k| k.public_key() == key.public_key() || k.id() == key.id());
            if twice || !operators.owns_key_name(key.name()) || key.check_registration().is_err() {
                return Err(bad);
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// Item 1's bytes.
    #[must_use]
    pub fn item(&self) -> Vec<u8> {
        chain::Item::Genesis(self.to_json()).to_bytes()
    }

    /// The text that every founding key signs.
    #[must_use]
    pub fn statement(&self) -> String {
        chain::statement::genesis_text(&self.origin, &chain::Hash::sha256(&self.item()))
    }

    /// Item 0 of entry 0.
    ///
    /// # Panics
    /// Never: the names in it are constants that keep to their grammar.
    #[must_use]
    pub fn authorisation(&self, time: Time, signatures: Vec<Signature>) -> Authorisation {
        Authorisation {
            submitter: ParticipantId::operators(),
            content_type: GENESIS_CONTENT_TYPE.into(),
            body_hash: *chain::Hash::sha256(&self.item()).as_bytes(),
            created: time,
            message_id: MessageId::new("genesis").expect("a constant within the grammar"),
            atomic: false,
            signatures,
        }
    }

    /// Verifies that every founding key has signed.
    ///
    /// # Errors
    /// [`GenesisError::Unsigned`] names the first that has not.
    pub fn verify(&self, signatures: &[Signature]) -> Result<(), GenesisError> {
        let statement = self.statement();
        for key in self.operator_keys()? {
            let signed = signatures.iter().any(|s| {
                s.key_name == key.name()
                    && s.key_id == key.id().get()
                    && key.verify(statement.as_bytes(), &s.signature).is_ok()
            });
            if !signed {
                return Err(GenesisError::Unsigned(key.name().to_string()));
            }
        }
        Ok(())
    }

    /// The state after entry 0, whose leaf hash is still to be [appended](State::append).
    ///
    /// # Errors
    /// [`GenesisError`] if the document is not one that may found a log.
    pub fn state(&self, time: Time) -> Result<State, GenesisError> {
        self.check()?;
        let mut book = Book::new(self.mode()?, self.parameters.clone());
        let mut keys = Vec::new();
        for key in self.operator_keys()? {
            book.absorb(Effect::PublicKey(key.public_key(), true));
            keys.push(Key {
                name: key.name().to_string(),
                id: key.id().get(),
                public: key.public_key(),
                added: 0,
                revoked: None,
            });
        }
        let operators = Participant {
            number: 0,
            id: ParticipantId::operators(),
            role: Role::Operator,
            keys,
            threshold: self.operators.threshold,
            state: ParticipantState::Active,
            refuses: false,
            bic: None,
            lei: None,
            via: None,
            holidays: Vec::new(),
            freezes: Freezes::default(),
        };
        book.absorb(Effect::Participant(0, Some(operators)));
        // The log's own key is registered too: nobody may use it as theirs.
        if let Ok(key) = self.log_vkey.as_str().parse::<chain::VerifierKey>() {
            book.absorb(Effect::PublicKey(key.public_key(), true));
            book.absorb(Effect::LogKeys(alloc::vec![Key {
                name: key.name().to_string(),
                id: key.id().get(),
                public: key.public_key(),
                added: 0,
                revoked: None,
            }]));
        }
        let mut days = Days::default();
        days.note(0, time.nanos());
        Ok(State {
            book,
            window: Window::default(),
            next_index: 1,
            last_time: time.nanos(),
            days,
            frozen: None,
            freezes_elsewhere: false,
            last_seal: None,
            usages: Sparse::default(),
            outlook: Outlook::default(),
            hints: super::clearing::Hints::default(),
            edge: Edge::default(),
        })
    }
}
