//! The text forms of the names in instructions.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AccountRef, KeyIdText, Leg, VerifierKeyText};
use crate::ledger::id::Address;
use crate::ledger::invalid::Invalid;

impl Serialize for AccountRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Address(address) => address.serialize(serializer),
            Self::Number(number) => serializer.serialize_u64(*number),
        }
    }
}

impl<'de> Deserialize<'de> for AccountRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = AccountRef;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an account address or number")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AccountRef, E> {
                Address::new(text)
                    .map(AccountRef::Address)
                    .map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<AccountRef, E> {
                Ok(AccountRef::Number(number))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads legs. Nearly all lists have one, and room is made for one: a large message has a thousand lists.
pub(super) fn legs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Leg>, D::Error> {
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Vec<Leg>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut from: A,
        ) -> Result<Vec<Leg>, A::Error> {
            let mut legs = Vec::with_capacity(1);
            while let Some(leg) = from.next_element()? {
                legs.push(leg);
            }
            Ok(legs)
        }
    }
    deserializer.deserialize_seq(Visitor)
}

impl Serialize for VerifierKeyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for VerifierKeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

impl Serialize for KeyIdText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:08x}", self.to_u32()))
    }
}

impl<'de> Deserialize<'de> for KeyIdText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.len() == 8
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match u32::from_str_radix(&text, 16) {
            Ok(id) if digits => Ok(Self::from_u32(id)),
            _ => Err(serde::de::Error::custom(Invalid::KeyId(
                text.chars().take(64).collect(),
            ))),
        }
    }
}
