//! Netting windows in leg items: of which window of which model a leg is.

use core::fmt;
use core::str::FromStr;

use crate::item::ItemError;

/// Longest name of a settlement model, in bytes.
const NAME_BYTES_MAX: usize = 32;

/// The name of a settlement model, `[a-z0-9-]{1,32}`: short enough to stand in every leg.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelName {
    bytes: [u8; NAME_BYTES_MAX],
    len: u8,
}

/// Of which netting window a leg that clears or settles is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfWindow {
    /// Name of the settlement model.
    pub model: ModelName,
    /// Number of the window in its model, from 1 on.
    pub window: u64,
}

impl ModelName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(name).unwrap_or_default()
    }
}

impl FromStr for ModelName {
    type Err = ItemError;

    /// # Errors
    /// [`ItemError::Field`] if the text breaks the grammar.
    fn from_str(text: &str) -> Result<Self, ItemError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let mut bytes = [0; NAME_BYTES_MAX];
        match bytes.get_mut(..text.len()) {
            Some(room) if !text.is_empty() && text.bytes().all(allowed) => {
                room.copy_from_slice(text.as_bytes());
            }
            _ => return Err(ItemError::Field("model")),
        }
        let len = u8::try_from(text.len()).map_err(|_| ItemError::Field("model"))?;
        Ok(Self { bytes, len })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelName({self})")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_name_keeps_to_its_grammar() {
        for name in ["a", "ach-2", &"x".repeat(NAME_BYTES_MAX)] {
            assert_eq!(name.parse::<ModelName>().unwrap().to_string(), *name);
        }
        for name in ["", "A", "a b", "a_b", "ü", &"x".repeat(NAME_BYTES_MAX + 1)] {
            assert!(name.parse::<ModelName>().is_err(), "{name:?}");
        }
    }
}
