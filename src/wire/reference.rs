//! References of binary batches as people write and read them.
//!
//! A reference is 32 bytes. Written: up to 32 bytes of UTF-8, which zero bytes follow, or 64
//! hexadecimal digits. Shown: as text where it is printable ASCII, else as 64 digits.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use crate::ledger::Reference;

/// Digits of a reference that is no text.
const DIGITS: usize = 64;

/// A text that is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// Nothing, or more than 32 bytes and not 64 digits.
    #[error("a reference has up to 32 bytes of UTF-8, or 64 hexadecimal digits")]
    Length,
    /// A line end, a tab or the like.
    #[error("a reference has no control characters")]
    Control,
    /// Zeros alone.
    #[error("a reference of zeros stands for none")]
    Zero,
}

/// Reads a reference.
///
/// # Errors
/// [`ReferenceError`].
pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
    if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Reference::parse(&text.to_ascii_lowercase()).ok_or(ReferenceError::Zero);
    }
    if text.chars().any(char::is_control) {
        return Err(ReferenceError::Control);
    }
    let mut bytes = [0; 32];
    match bytes.get_mut(..text.len()) {
        Some(room) if !text.is_empty() => room.copy_from_slice(text.as_bytes()),
        _ => return Err(ReferenceError::Length),
    }
    Reference::new(bytes).ok_or(ReferenceError::Zero)
}

/// A reference in the form for people.
#[must_use]
pub fn shown(reference: Reference) -> String {
    let bytes = reference.to_bytes();
    let end = bytes.iter().rposition(|byte| *byte != 0);
    let text = end.and_then(|end| bytes.get(..=end)).unwrap_or_default();
    // Blanks at its ends would be lost on the way through eyes and spreadsheets.
    let is_text = text.iter().all(|byte| (b' '..=b'~').contains(byte))
        && text.first() != Some(&b' ')
        && text.last() != Some(&b' ');
    match core::str::from_utf8(text) {
        Ok(text) if is_text => text.to_owned(),
        _ => reference.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn what_is_written_is_shown() {
        let hex = "AB".repeat(32);
        for text in [
            "INV-88",
            "x",
            "a b",
            &"r".repeat(32),
            &"0f".repeat(16),
            "#17",
        ] {
            assert_eq!(shown(parse(text).unwrap()), text);
        }
        assert_eq!(shown(parse(&hex).unwrap()), hex.to_lowercase());
        // Digits that spell a text are the same bytes as the text.
        let spelled = format!("494e562d3838{}", "0".repeat(52));
        assert_eq!(shown(parse(&spelled).unwrap()), "INV-88");
        for text in ["Löhne", " a", "a "] {
            let digits = shown(parse(text).unwrap());
            assert_eq!(parse(&digits), parse(text), "{text:?}");
            assert_eq!(digits.len(), DIGITS);
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in [
            "",
            &"r".repeat(33),
            &"ö".repeat(17),
            "a\tb",
            &"0".repeat(64),
            &"g".repeat(64),
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
