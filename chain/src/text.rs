//! Strict readers of the small text forms that several formats share.
//!
//! Each reader accepts exactly what the matching printer writes: one spelling per value, so that a
//! text that was parsed can be printed again byte for byte.

use alloc::vec::Vec;

use base64ct::{Base64, Encoding};

/// Reads a `u64` in ASCII decimal: no sign, no leading zero except `0` itself.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Reads padded standard base64 (RFC 4648, section 4) and refuses other spellings of the bytes.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode_vec(text).ok()?;
    (Base64::encode_string(&bytes) == text).then_some(bytes)
}

/// Reads the base64 of exactly `N` bytes.
pub(crate) fn parse_base64_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    parse_base64(text)?.try_into().ok()
}

/// Splits a text into `N` lines that each end with a line feed. Otherwise tells how many line feeds
/// there are; nothing is kept of the lines, of which a hostile text has as many as bytes.
pub(crate) fn split_lines<const N: usize>(text: &str) -> Result<[&str; N], usize> {
    let found = text.matches('\n').count();
    if found != N || !text.ends_with('\n') {
        return Err(found);
    }
    let mut lines = text.split_terminator('\n');
    Ok(core::array::from_fn(|_| lines.next().unwrap_or_default()))
}

/// Tells whether `name` can be a signed-note key name: not empty, no white space, no `+`, no
/// control character (C2SP signed-note).
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Reads `N` bytes at `offset` of a record whose length has been checked by its type.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N]
        .try_into()
        .expect("a slice of N bytes is an array of N bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_has_one_spelling() {
        assert_eq!(parse_decimal("0"), Some(0));
        assert_eq!(parse_decimal("18446744073709551615"), Some(u64::MAX));
        for wrong in [
            "",
            "00",
            "08",
            "-1",
            "+8",
            " 8",
            "8 ",
            "0x8",
            "18446744073709551616",
            "٣",
        ] {
            assert_eq!(parse_decimal(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(parse_base64("AQ=="), Some(alloc::vec![1]));
        for wrong in ["AQ", "AQ=", "AR==", "A Q==", "AQ==\n", "_w==", "="] {
            assert_eq!(parse_base64(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn lines_are_counted_and_end_with_a_line_feed() {
        assert_eq!(split_lines("a\nb\n"), Ok(["a", "b"]));
        assert_eq!(split_lines("\n\n"), Ok(["", ""]));
        for (wrong, found) in [
            ("", 0),
            ("a\n", 1),
            ("a\nb", 1),
            ("a\nb\nc", 2),
            ("\n\n\n", 3),
        ] {
            assert_eq!(split_lines::<2>(wrong), Err(found), "{wrong:?}");
        }
    }

    #[test]
    fn key_names() {
        assert!(is_key_name("bank-a/hsm-1"));
        for wrong in ["", "a b", "a+b", "a\u{a0}b", "a\tb", "a\u{7f}"] {
            assert!(!is_key_name(wrong), "{wrong:?}");
        }
    }
}
