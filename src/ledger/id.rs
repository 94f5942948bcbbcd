//! Names: participants, accounts, assets, messages, instructions. Each has one grammar, checked
//! once, where the value is made.

use alloc::string::ToString;
use core::fmt;
use core::str::FromStr;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::invalid::Invalid;
use crate::limits;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $invalid:ident, $max:expr, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CompactString);

        impl $name {
            /// Longest value in bytes.
            pub const LEN_MAX: usize = $max;

            /// Checks the grammar.
            ///
            /// # Errors
            /// [`Invalid`] with the text as it was typed (cut to a readable length).
            pub fn new(text: &str) -> Result<Self, Invalid> {
                if text.is_empty() || text.len() > $max || !text.bytes().all($allowed) {
                    return Err(Invalid::$invalid(text.chars().take(64).collect()));
                }
                Ok(Self(CompactString::from(text)))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a text")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }
    };
}

text_id!(
    /// A participant: a bank, an auditor, or `operators`. `[a-z0-9-]{1,32}`.
    ParticipantId,
    Participant,
    limits::PARTICIPANT_BYTES_MAX,
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
);
text_id!(
    /// An account's address for people, `bank-a:usd` or an IBAN. `[A-Za-z0-9._:-]{1,64}`.
    Address,
    Address,
    limits::ADDRESS_BYTES_MAX,
    |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-')
);
text_id!(
    /// An asset: ISO 4217 alpha-3 or CAIP-19. `[A-Za-z0-9:/._-]{1,179}`.
    AssetId,
    Asset,
    limits::ASSET_ID_BYTES_MAX,
    |b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'/' | b'.' | b'_' | b'-')
);
text_id!(
    /// The name of a settlement model, `[a-z0-9-]{1,32}`: that of [`chain::ModelName`].
    ModelId,
    Model,
    limits::MODEL_NAME_BYTES_MAX,
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
);
text_id!(
    /// Where a rate comes from, `[a-z0-9-]{1,32}`.
    SourceId,
    Source,
    limits::SOURCE_BYTES_MAX,
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
);
text_id!(
    /// A message id, chosen by the submitter. `[A-Za-z0-9._:/-]{1,64}`.
    MessageId,
    MessageId,
    limits::MESSAGE_ID_BYTES_MAX,
    |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'-')
);

text_id!(
    /// A case in the operators' files, which tells nobody else anything. `[A-Za-z0-9-]{1,35}`.
    CaseId,
    Case,
    limits::CASE_BYTES_MAX,
    |b| b.is_ascii_alphanumeric() || b == b'-'
);

impl ParticipantId {
    /// The id under which the operators act together.
    pub const OPERATORS: &'static str = "operators";

    /// The operators.
    #[must_use]
    pub const fn operators() -> Self {
        Self(CompactString::const_new(Self::OPERATORS))
    }

    /// Whether `key_name` has the form `<this participant>/<label>`.
    #[must_use]
    pub fn owns_key_name(&self, key_name: &str) -> bool {
        key_name
            .split_once('/')
            .is_some_and(|(participant, label)| {
                participant == self.as_str()
                    && (1..=limits::KEY_LABEL_BYTES_MAX).contains(&label.len())
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            })
    }
}

/// An instruction's id: a UUID of version 7 (RFC 9562), so that it carries its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstructionId(u128);

impl InstructionId {
    /// Takes the sixteen bytes of a UUID.
    ///
    /// # Errors
    /// [`Invalid::InstructionId`] unless version is 7 and the variant is that of RFC 9562.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, Invalid> {
        let id = Self(u128::from_be_bytes(bytes));
        if (id.0 >> 76) & 0xf == 7 && (id.0 >> 62) & 0b11 == 0b10 {
            Ok(id)
        } else {
            Err(Invalid::InstructionId(id.to_string()))
        }
    }

    /// Builds an id from a time in milliseconds since 1970 and 74 bits of `random`.
    #[must_use]
    pub const fn from_parts(millis: u64, random: u128) -> Self {
        let time = (millis as u128 & 0xffff_ffff_ffff) << 80;
        let high = (random >> 62) & 0xfff;
        let low = random & 0x3fff_ffff_ffff_ffff;
        Self(time | (7 << 76) | (high << 64) | (0b10 << 62) | low)
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The id as a number: consecutive ids of a batch differ by one.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// The id that comes `n` after this one in a batch. Whoever reads a batch makes sure that the
    /// count stays inside the low 62 bits, so this is a UUID of version 7 of the same time.
    #[must_use]
    pub const fn count_on(self, n: u32) -> Self {
        Self(self.0.wrapping_add(n as u128))
    }

    /// An id that is not below this one and below `next`, which is above it, and says as little as
    /// there may be of this one: its first bits, as far as both have them in common.
    #[must_use]
    pub const fn blurred(self, next: Self) -> Self {
        let differ = (self.0 ^ next.0).checked_ilog2();
        let Some(differ) = differ else {
            return self;
        };
        // Ones below the first bit that is only in the next; version and variant as in all ids.
        let ones = 1u128.wrapping_shl(differ).wrapping_sub(1);
        let fixed = (0xf << 76) | (0b11 << 62);
        Self((self.0 | ones) & !fixed | (7 << 76) | (0b10 << 62))
    }

    /// The id's own time, nanoseconds since 1970 (at millisecond precision).
    #[must_use]
    pub const fn time(self) -> u64 {
        // 48 bits of milliseconds; times past the year 2554 saturate and so lie outside any window.
        ((self.0 >> 80) as u64).saturating_mul(1_000_000)
    }

    /// The text of a UUID, for whoever writes many of them.
    fn text(self) -> [u8; 36] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut at = 0usize;
        for (i, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                at = at.saturating_add(1);
            }
            for nibble in [byte >> 4, byte & 0xf] {
                if let (Some(slot), Some(digit)) = (text.get_mut(at), HEX.get(usize::from(nibble)))
                {
                    *slot = *digit;
                }
                at = at.saturating_add(1);
            }
        }
        text
    }
}

impl fmt::Display for InstructionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(core::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl FromStr for InstructionId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::InstructionId(text.chars().take(64).collect());
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return Err(invalid());
        }
        let mut value = 0u128;
        for (i, byte) in bytes.iter().enumerate() {
            if matches!(i, 8 | 13 | 18 | 23) {
                if *byte != b'-' {
                    return Err(invalid());
                }
                continue;
            }
            let digit = match byte {
                b'0'..=b'9' => byte.wrapping_sub(b'0'),
                b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
                _ => return Err(invalid()),
            };
            value = (value << 4) | u128::from(digit);
        }
        Self::from_bytes(value.to_be_bytes()).map_err(|_| invalid())
    }
}

impl Serialize for InstructionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(core::str::from_utf8(&self.text()).unwrap_or_default())
        } else {
            self.to_bytes().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for InstructionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = InstructionId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UUID of version 7")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<InstructionId, E> {
                text.parse().map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Visitor)
        } else {
            let bytes = <[u8; 16]>::deserialize(deserializer)?;
            Self::from_bytes(bytes).map_err(serde::de::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruction_id_prints_what_it_parsed_and_refuses_other_versions() {
        let text = "019a9c5e-7d40-7abc-8123-0123456789ab";
        let id: InstructionId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(id.time(), 0x019a_9c5e_7d40 * 1_000_000);
        for bad in [
            "019A9C5E-7d40-7abc-8123-0123456789ab",
            "019a9c5e-7d40-4abc-8123-0123456789ab",
            "019a9c5e-7d40-7abc-c123-0123456789ab",
            "019a9c5e7d407abc81230123456789ab",
            "",
        ] {
            assert!(bad.parse::<InstructionId>().is_err(), "{bad}");
        }
        let made = InstructionId::from_parts(0x019a_9c5e_7d40, u128::MAX);
        assert_eq!(made.to_string().parse::<InstructionId>().unwrap(), made);
    }

    #[test]
    fn a_blurred_id_lies_between_two_and_is_neither_but_by_chance() {
        let mut seed = 1u128;
        let mut next = |bits: u32| {
            seed = seed
                .wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645)
                .wrapping_add(9);
            seed >> (128 - bits)
        };
        let mut blurred = 0;
        for bits in [8, 40, 74] {
            for _ in 0..2_000 {
                let millis = match next(1) {
                    0 => 0x019a_9c5e_7d40,
                    _ => next(48),
                };
                let near = millis.wrapping_add(next(1 + bits / 8)) & 0xffff_ffff_ffff;
                let [one, other] = [millis, near].map(|millis| {
                    let millis = u64::try_from(millis).unwrap();
                    InstructionId::from_parts(millis, next(bits))
                });
                let (low, high) = (one.min(other), one.max(other));
                let between = low.blurred(high);
                assert!(low <= between && (between < high || low == high));
                assert_eq!(InstructionId::from_bytes(between.to_bytes()), Ok(between));
                blurred += u32::from(between != low);
            }
        }
        assert!(blurred > 5_000, "{blurred}");
    }

    #[test]
    fn names_keep_to_their_grammar() {
        assert!(Address::new("bank-a:usd").is_ok());
        assert!(Address::new("").is_err());
        assert!(Address::new("bank a").is_err());
        assert!(Address::new(&"a".repeat(65)).is_err());
        assert!(ParticipantId::new("Bank").is_err());
        let bank = ParticipantId::new("bank-a").unwrap();
        assert!(bank.owns_key_name("bank-a/hsm-1"));
        assert!(!bank.owns_key_name("bank-b/hsm-1"));
        assert!(!bank.owns_key_name("bank-a/"));
        assert!(!bank.owns_key_name("bank-a/x/y"));
    }
}
