//! Bytes and hashes as text: standard base64 with padding (RFC 4648, section 4), one spelling each.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};
use chain::Hash;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that are base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

/// A hash that is base64 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HashText(pub Hash);

/// Writes bytes as base64.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Reads base64; other spellings of the same bytes are refused.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode_vec(text).ok()?;
    (Base64::encode_string(&bytes) == text).then_some(bytes)
}

/// Reads the base64 of exactly `N` bytes, without allocating.
#[must_use]
pub fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N.div_ceil(3).saturating_mul(4) {
        return None;
    }
    let mut bytes = [0u8; N];
    let decoded = Base64::decode(text, &mut bytes).ok()?;
    if decoded.len() != N {
        return None;
    }
    // The last character may carry bits that no byte needs; they must be zero.
    let mut again = [0u8; 128];
    match again.get_mut(..text.len()) {
        Some(again) => (Base64::encode(&bytes, again).ok()? == text).then_some(bytes),
        None => decode(text)?.try_into().ok(),
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64 with padding")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
                decode(text)
                    .map(Bytes)
                    .ok_or_else(|| E::custom("not base64 with padding"))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl Serialize for HashText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; chain::HASH_TEXT_BYTES];
        serializer.serialize_str(self.0.text(&mut text))
    }
}

impl<'de> Deserialize<'de> for HashText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = HashText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the base64 of a hash")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<HashText, E> {
                Hash::from_base64(text).map(HashText).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl From<Hash> for HashText {
    fn from(hash: Hash) -> Self {
        Self(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_each() {
        assert_eq!(decode_exact("AQ=="), Some([1]));
        assert_eq!(
            decode_exact::<16>("AAECAwQFBgcICQoLDA0ODw==").unwrap()[15],
            15
        );
        for bad in ["AQ", "AR==", "AQE=", "A Q=", "_w==", ""] {
            assert_eq!(decode_exact::<1>(bad), None, "{bad}");
        }
        assert_eq!(decode("AR=="), None);
        let json = serde_json::to_string(&Bytes(alloc::vec![0, 255])).unwrap();
        assert_eq!(json, "\"AP8=\"");
        assert_eq!(serde_json::from_str::<Bytes>(&json).unwrap().0, [0, 255]);
        let hash = HashText(Hash::sha256(b"x"));
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(serde_json::from_str::<HashText>(&json).unwrap(), hash);
        assert!(serde_json::from_str::<HashText>("\"AQ==\"").is_err());
    }
}
