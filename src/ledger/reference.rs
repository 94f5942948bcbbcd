//! The end-to-end reference of a record of a binary batch.

use alloc::string::{String, ToString};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 32 opaque bytes without personal data, not all zero; as text 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference([u8; 32]);

impl Reference {
    /// Takes the bytes; `None` for zeros, which stand for no reference.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Option<Self> {
        (bytes != [0; 32]).then_some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Reads 64 hexadecimal digits in lower case, not all zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let [high, low] = pair.map(|digit| match digit {
                b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
                b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
                _ => None,
            });
            *byte = high?.wrapping_shl(4) | low?;
        }
        Self::new(bytes)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong =
            || serde::de::Error::custom("a reference is 64 hexadecimal digits, not all zero");
        Self::parse(&text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        let mut bytes = [0; 32];
        (bytes[0], bytes[31]) = (0xab, 1);
        let reference = Reference::new(bytes).unwrap();
        let text = reference.to_string();
        assert!(text.starts_with("ab00") && text.ends_with("01"));
        assert_eq!(Reference::parse(&text), Some(reference));
        for bad in [
            "0".repeat(64),
            text.to_uppercase(),
            text.replace("ab", "a"),
            text.replace("ab", "g0"),
        ] {
            assert_eq!(Reference::parse(&bad), None, "{bad}");
        }
    }
}
