//! What is wrong with a body, and where: a code that never changes, a JSON pointer, and prose.

use alloc::format;
use alloc::string::{String, ToString};

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use super::body::Shape;
use super::code::ErrorCode;
use crate::ledger::Invalid;

/// Why bytes are not the body of a submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at `{pointer}`: {detail}")]
pub struct BodyError {
    /// The stable code, one of [`ErrorCode`]'s.
    pub code: &'static str,
    /// Where: a JSON pointer (RFC 6901); empty for the body as a whole.
    pub pointer: String,
    /// What is wrong, for people.
    pub detail: String,
}

impl BodyError {
    pub(super) fn at(
        code: ErrorCode,
        pointer: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            code: code.as_str(),
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }

    pub(super) fn invalid(pointer: String, invalid: &Invalid) -> Self {
        let text = invalid.to_string();
        let detail = text
            .split_once(": ")
            .map_or(text.as_str(), |(_, rest)| rest);
        Self {
            code: invalid.code(),
            pointer,
            detail: detail.into(),
        }
    }

    /// The code as a value of the table.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        ErrorCode::from_code(self.code).unwrap_or(ErrorCode::Internal)
    }
}

/// Bytes that are not even text.
pub(super) fn not_utf8() -> BodyError {
    BodyError::at(ErrorCode::JsonSyntax, "", "the body is not UTF-8")
}

/// Finds out what is wrong with a body that could not be read: reads it once more, with paths.
pub(super) fn explain(bytes: &[u8], first: &serde_json::Error) -> BodyError {
    let whole = |code, detail: &dyn ToString| BodyError::at(code, "", detail.to_string());
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        return whole(ErrorCode::JsonSyntax, &error);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let (pointer, error) = match serde_path_to_error::deserialize::<_, Shape>(&mut reader) {
        Err(error) => (pointer(error.path()), error.into_inner()),
        // Cannot be: the same bytes were refused a moment ago.
        Ok(_) => return whole(ErrorCode::JsonSyntax, first),
    };
    if matches!(error.classify(), Category::Syntax | Category::Eof) {
        // Well-formed JSON that breaks off: an instruction with a second field, or a bad escape.
        let text = error.to_string();
        if text.starts_with("expected value") {
            let detail = "an instruction is an object with one field, which names its kind";
            let code = if is_object(bytes, &pointer) {
                ErrorCode::FieldDuplicate
            } else {
                ErrorCode::FieldType
            };
            return BodyError::at(code, pointer, detail);
        }
        return BodyError::at(ErrorCode::JsonSyntax, pointer, text);
    }
    classify(pointer, &error.to_string())
}

/// Tells from the reader's words which code they stand for. The words are pinned by tests.
fn classify(pointer: String, words: &str) -> BodyError {
    let words = words
        .rfind(" at line ")
        .map_or(words, |end| words.get(..end).unwrap_or(words));
    if let Some((code, detail)) = words.split_once(": ")
        && let Some(code) = ErrorCode::from_code(code)
    {
        return BodyError::at(code, pointer, detail);
    }
    let code = if words.starts_with("unknown variant") && is_instruction(&pointer) {
        ErrorCode::InstructionUnknown
    } else if words.starts_with("unknown field") {
        ErrorCode::FieldUnknown
    } else if words.starts_with("missing field") {
        ErrorCode::FieldMissing
    } else if words.starts_with("duplicate field") {
        ErrorCode::FieldDuplicate
    } else {
        ErrorCode::FieldType
    };
    // A field that is missing or stands twice is pointed at by the object's path and its name.
    let named = matches!(code, ErrorCode::FieldMissing | ErrorCode::FieldDuplicate);
    let name = words.split('`').nth(1).filter(|_| named);
    let pointer = match name {
        Some(name) if !pointer.ends_with(&format!("/{name}")) => format!("{pointer}/{name}"),
        _ => pointer,
    };
    BodyError::at(code, pointer, words)
}

/// Whether an object stands where a pointer points.
fn is_object(bytes: &[u8], pointer: &str) -> bool {
    serde_json::from_slice::<Value>(bytes)
        .is_ok_and(|body| body.pointer(pointer).is_some_and(Value::is_object))
}

/// Whether a pointer names an instruction itself or its kind.
fn is_instruction(pointer: &str) -> bool {
    let mut parts = pointer.rsplit('/').skip(1);
    parts.next() == Some("instructions") || parts.next() == Some("instructions")
}

/// A path as a JSON pointer.
fn pointer(path: &Path) -> String {
    let mut out = String::new();
    for segment in path {
        out.push('/');
        match segment {
            Segment::Seq { index } => out.push_str(&index.to_string()),
            Segment::Map { key } => push_escaped(&mut out, key),
            Segment::Enum { variant } => push_escaped(&mut out, variant),
            Segment::Unknown => out.push('?'),
        }
    }
    out
}

fn push_escaped(out: &mut String, part: &str) {
    for c in part.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            c => out.push(c),
        }
    }
}
