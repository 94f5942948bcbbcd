//! Keys as instructions name them.

use alloc::string::{String, ToString};

use chain::{VerifierKey, VerifierKeyError};

use crate::ledger::invalid::Invalid;

/// A vkey text that parsed as a signed-note Ed25519 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKeyText(String);

/// A key id: eight hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyIdText(u32);

/// As much of a text as an answer repeats, characters; no vkey is as long.
const VKEY_SHOWN: usize = 512;

impl VerifierKeyText {
    /// Checks that `text` is a vkey.
    ///
    /// # Errors
    /// [`Invalid::VerifierKey`].
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let start: String = text.chars().take(VKEY_SHOWN).collect();
        let refused = |why| Invalid::VerifierKey(start.clone(), why);
        match text.parse::<VerifierKey>() {
            Ok(_) => Ok(Self(text.to_string())),
            Err(why) if start == text => Err(refused(why)),
            Err(_) => Err(refused(VerifierKeyError::Form(start.clone()))),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KeyIdText {
    /// The key id as a number.
    #[must_use]
    pub const fn to_u32(self) -> u32 {
        self.0
    }

    /// Wraps a key id.
    #[must_use]
    pub const fn from_u32(id: u32) -> Self {
        Self(id)
    }
}
