//! Why a value that somebody typed is impossible, whatever the state of the ledger.

use alloc::string::String;

use chain::VerifierKeyError;

/// A value that no state of the ledger could make valid. Answered with its code; never logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// An account address outside `[A-Za-z0-9._:-]{1,64}`.
    #[error("ADDRESS_GRAMMAR: `{0}` is not an account address, 1 to 64 of A-Z a-z 0-9 . _ : -")]
    Address(String),
    /// A participant id outside `[a-z0-9-]{1,32}`.
    #[error("PARTICIPANT_GRAMMAR: `{0}` is not a participant id, 1 to 32 of a-z 0-9 -")]
    Participant(String),
    /// An asset id outside `[A-Za-z0-9:/._-]{1,179}`.
    #[error("ASSET_GRAMMAR: `{0}` is not an asset id")]
    Asset(String),
    /// A name of a settlement model outside `[a-z0-9-]{1,32}`.
    #[error("MODEL_GRAMMAR: `{0}` is not the name of a model, 1 to 32 of a-z 0-9 -")]
    Model(String),
    /// A source of rates outside `[a-z0-9-]{1,32}`.
    #[error("SOURCE_GRAMMAR: `{0}` is not a source of rates, 1 to 32 of a-z 0-9 -")]
    Source(String),
    /// A price that is not two whole numbers of at most 19 digits, neither zero.
    #[error("RATIO_GRAMMAR: `{0}` is not a price such as \"108345/100000\"")]
    Ratio(String),
    /// A message id outside `[A-Za-z0-9._:/-]{1,64}`.
    #[error("MESSAGE_ID_GRAMMAR: `{0}` is not a message id, 1 to 64 of A-Z a-z 0-9 . _ : / -")]
    MessageId(String),
    /// An instruction id that is not a lower-case UUID of version 7.
    #[error("ID_GRAMMAR: `{0}` is not a UUID of version 7 in lower case")]
    InstructionId(String),
    /// A case id outside `[A-Za-z0-9-]{1,35}`.
    #[error("CASE_GRAMMAR: `{0}` is not a case id, 1 to 35 of A-Z a-z 0-9 -")]
    Case(String),
    /// A BIC that has not the form of ISO 9362.
    #[error(
        "BIC_GRAMMAR: `{0}` is not a BIC of 8 or 11 characters such as DEUTDEFF or DEUTDEFF500"
    )]
    Bic(String),
    /// An LEI that has not the form of ISO 17442, or whose check digits are others.
    #[error(
        "LEI_GRAMMAR: `{0}` is not an LEI: 20 characters, of which the last two check the others"
    )]
    Lei(String),
    /// An amount that is not `(0|[1-9][0-9]*)(\.[0-9]{1,18})?`.
    #[error("AMOUNT_GRAMMAR: `{0}` is not an amount such as \"1250.00\"")]
    Amount(String),
    /// An amount that was sent as a number or another JSON type.
    #[error("AMOUNT_NOT_STRING: an amount is a string such as \"1250.00\", never a number")]
    AmountNotString,
    /// An amount that needs more than 96 bits.
    #[error("AMOUNT_TOO_LARGE: `{0}` needs more than 96 bits")]
    AmountTooLarge(String),
    /// A time that is not RFC 3339 with an offset, or lies outside 1970 to 2554.
    #[error("TIME_GRAMMAR: `{0}` is not an RFC 3339 time with an offset")]
    Time(String),
    /// A date that is not `YYYY-MM-DD`, or lies outside 1970 to 2399.
    #[error("DATE_GRAMMAR: `{0}` is not a date such as 2026-12-24")]
    Date(String),
    /// A time of day that is not `HH:MM`.
    #[error("TIME_OF_DAY_GRAMMAR: `{0}` is not a time of day such as 17:30")]
    TimeOfDay(String),
    /// A verifier key that is not a C2SP signed-note vkey with an Ed25519 key.
    #[error("VKEY_GRAMMAR: `{0}` is not a vkey `name+hash+base64`: {1}")]
    VerifierKey(String, VerifierKeyError),
    /// A key id that is not eight lower-case hexadecimal digits.
    #[error("KEY_ID_GRAMMAR: `{0}` is not eight lower-case hexadecimal digits")]
    KeyId(String),
    /// A text field that is too long or holds control characters.
    #[error(
        "TEXT_GRAMMAR: a text holds control characters, is empty, or is longer than {0} characters"
    )]
    Text(usize),
}

impl Invalid {
    /// The stable code, as the API answers it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "ADDRESS_GRAMMAR",
            Self::Participant(_) => "PARTICIPANT_GRAMMAR",
            Self::Asset(_) => "ASSET_GRAMMAR",
            Self::Model(_) => "MODEL_GRAMMAR",
            Self::Source(_) => "SOURCE_GRAMMAR",
            Self::Ratio(_) => "RATIO_GRAMMAR",
            Self::MessageId(_) => "MESSAGE_ID_GRAMMAR",
            Self::InstructionId(_) => "ID_GRAMMAR",
            Self::Case(_) => "CASE_GRAMMAR",
            Self::Bic(_) => "BIC_GRAMMAR",
            Self::Lei(_) => "LEI_GRAMMAR",
            Self::Amount(_) => "AMOUNT_GRAMMAR",
            Self::AmountNotString => "AMOUNT_NOT_STRING",
            Self::AmountTooLarge(_) => "AMOUNT_TOO_LARGE",
            Self::Time(_) => "TIME_GRAMMAR",
            Self::Date(_) => "DATE_GRAMMAR",
            Self::TimeOfDay(_) => "TIME_OF_DAY_GRAMMAR",
            Self::VerifierKey(..) => "VKEY_GRAMMAR",
            Self::KeyId(_) => "KEY_ID_GRAMMAR",
            Self::Text(_) => "TEXT_GRAMMAR",
        }
    }
}
