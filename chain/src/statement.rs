//! Statements: the short fixed texts that people and machines sign.
//!
//! ```text
//! quittance submission v1     quittance session v1       quittance genesis v1
//! <origin>                    <origin>                   <origin>
//! <genesis hash>              <genesis hash>             <base64 SHA-256(item 1)>
//! <submitter>                 <participant>
//! <content type>              <time, RFC 3339>
//! <base64 SHA-256(body)>      <base64 of 16 bytes>
//! ```
//!
//! and, by a new key of the log itself,
//!
//! ```text
//! quittance log key v1
//! <vkey>
//! ```
//!
//! The first line is the domain: a signature made for one purpose never serves another.
//! `quittance dry-run v1` has the lines of a submission. The genesis hash is the leaf hash of entry
//! 0; it binds a signature to this very log and not to a sandbox or a log begun anew.

use alloc::format;
use alloc::string::String;

use base64ct::{Base64, Encoding};

use crate::checkpoint::is_origin;
use crate::hash::{Hash, HashError};
use crate::text::{parse_base64_exact, split_lines};
use crate::vkey::VerifierKey;

const GENESIS: &str = "quittance genesis v1";
const SESSION: &str = "quittance session v1";

/// Longest participant id in bytes.
pub const PARTICIPANT_BYTES_MAX: usize = 32;
/// Longest content type in bytes.
pub const CONTENT_TYPE_BYTES_MAX: usize = 127;

/// What the signature of a submission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The submission shall be executed and logged.
    Submission,
    /// The submission shall be tried and nothing appended.
    DryRun,
}

impl Purpose {
    /// Returns the first line of the statement.
    #[must_use]
    pub const fn first_line(self) -> &'static str {
        match self {
            Purpose::Submission => "quittance submission v1",
            Purpose::DryRun => "quittance dry-run v1",
        }
    }
}

/// What a submission's signers sign, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Submission or dry run.
    pub purpose: Purpose,
    /// Origin of the log.
    pub origin: String,
    /// Leaf hash of entry 0.
    pub genesis: Hash,
    /// Participant id of the submitter.
    pub submitter: String,
    /// Content type of the body as sent, without parameters.
    pub content_type: String,
    /// SHA-256 of the exact body bytes.
    pub body_hash: Hash,
}

/// What opens a read session, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Origin of the log.
    pub origin: String,
    /// Leaf hash of entry 0.
    pub genesis: Hash,
    /// Participant id of the reader.
    pub participant: String,
    /// When the statement was made: an RFC 3339 text, kept as written.
    pub time: String,
    /// Random bytes, used once.
    pub nonce: [u8; 16],
}

/// What every founding key signs, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// Origin of the log.
    pub origin: String,
    /// SHA-256 of item 1 of entry 0.
    pub item_hash: Hash,
}

/// A text that is not the statement it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// Another number of lines, or no line feed at the end; the number counts the line feeds.
    #[error("a statement of this kind has {expected} lines, not {found}")]
    Lines {
        /// Lines of the statement.
        expected: usize,
        /// Line feeds found.
        found: usize,
    },
    /// The first line is that of another statement.
    #[error("{0:?} is not the first line of this statement")]
    FirstLine(String),
    /// The origin cannot name a log.
    #[error("{0:?} cannot be the origin of a log")]
    Origin(String),
    /// A hash line is not a hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Not a participant id: `[a-z0-9-]{1,32}`.
    #[error("{0:?} is not a participant id")]
    Participant(String),
    /// Not a content type without parameters, such as `application/json`.
    #[error("{0:?} is not a content type without parameters")]
    ContentType(String),
    /// Not a time in the grammar of RFC 3339.
    #[error("{0:?} is not an RFC 3339 time")]
    Time(String),
    /// Not the base64 of 16 bytes.
    #[error("{0:?} is not a nonce of 16 bytes in base64")]
    Nonce(String),
}

/// Writes the text that the signers of a submission sign.
///
/// The fields are single lines; a text made from other fields is one that
/// [`parse_submission`] refuses.
#[must_use]
pub fn submission_text(
    purpose: Purpose,
    origin: &str,
    genesis: &Hash,
    submitter: &str,
    content_type: &str,
    body_hash: &Hash,
) -> String {
    let first_line = purpose.first_line();
    format!("{first_line}\n{origin}\n{genesis}\n{submitter}\n{content_type}\n{body_hash}\n")
}

/// Reads the text that [`submission_text`] writes, for either purpose.
///
/// # Errors
/// [`StatementError`] for any other text.
pub fn parse_submission(text: &str) -> Result<Submission, StatementError> {
    let [
        first_line,
        origin,
        genesis,
        submitter,
        content_type,
        body_hash,
    ] = lines(text)?;
    let purpose = [Purpose::Submission, Purpose::DryRun]
        .into_iter()
        .find(|purpose| purpose.first_line() == first_line)
        .ok_or_else(|| StatementError::FirstLine(first_line.into()))?;
    if !is_content_type(content_type) {
        return Err(StatementError::ContentType(content_type.into()));
    }
    Ok(Submission {
        purpose,
        origin: parse_origin(origin)?,
        genesis: Hash::from_base64(genesis)?,
        submitter: parse_participant(submitter)?,
        content_type: content_type.into(),
        body_hash: Hash::from_base64(body_hash)?,
    })
}

/// Writes the text whose signature opens a read session.
///
/// As with [`submission_text`], the fields are single lines.
#[must_use]
pub fn session_text(
    origin: &str,
    genesis: &Hash,
    participant: &str,
    time: &str,
    nonce: &[u8; 16],
) -> String {
    let nonce = Base64::encode_string(nonce);
    format!("{SESSION}\n{origin}\n{genesis}\n{participant}\n{time}\n{nonce}\n")
}

/// Reads the text that [`session_text`] writes. The time is checked for its grammar only: whether
/// it is a real date, and recent, is for the caller, who has a calendar and a clock.
///
/// # Errors
/// [`StatementError`] for any other text.
pub fn parse_session(text: &str) -> Result<Session, StatementError> {
    let [first_line, origin, genesis, participant, time, nonce] = lines(text)?;
    expect_first_line(first_line, SESSION)?;
    if !is_rfc3339(time) {
        return Err(StatementError::Time(time.into()));
    }
    Ok(Session {
        origin: parse_origin(origin)?,
        genesis: Hash::from_base64(genesis)?,
        participant: parse_participant(participant)?,
        time: time.into(),
        nonce: parse_base64_exact(nonce).ok_or_else(|| StatementError::Nonce(nonce.into()))?,
    })
}

/// Returns what a new key of a log signs to show that somebody holds it. The vkey names the origin.
#[must_use]
pub fn log_key_text(vkey: &VerifierKey) -> String {
    format!("quittance log key v1\n{vkey}\n")
}

/// Writes the text that every founding key of the log signs; `item_hash` is the plain SHA-256 of
/// item 1 of entry 0.
#[must_use]
pub fn genesis_text(origin: &str, item_hash: &Hash) -> String {
    format!("{GENESIS}\n{origin}\n{item_hash}\n")
}

/// Reads the text that [`genesis_text`] writes.
///
/// # Errors
/// [`StatementError`] for any other text.
pub fn parse_genesis(text: &str) -> Result<Genesis, StatementError> {
    let [first_line, origin, item_hash] = lines(text)?;
    expect_first_line(first_line, GENESIS)?;
    Ok(Genesis {
        origin: parse_origin(origin)?,
        item_hash: Hash::from_base64(item_hash)?,
    })
}

/// Tells whether `id` is a participant id: `[a-z0-9-]{1,32}`.
#[must_use]
pub fn is_participant(id: &str) -> bool {
    (1..=PARTICIPANT_BYTES_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Tells whether `text` is `type/subtype` in the characters of RFC 6838, without parameters.
#[must_use]
pub fn is_content_type(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= CONTENT_TYPE_BYTES_MAX
        && text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

fn lines<const N: usize>(text: &str) -> Result<[&str; N], StatementError> {
    split_lines(text).map_err(|found| StatementError::Lines { expected: N, found })
}

fn expect_first_line(found: &str, expected: &str) -> Result<(), StatementError> {
    if found == expected {
        Ok(())
    } else {
        Err(StatementError::FirstLine(found.into()))
    }
}

fn parse_origin(text: &str) -> Result<String, StatementError> {
    if is_origin(text) {
        Ok(text.into())
    } else {
        Err(StatementError::Origin(text.into()))
    }
}

fn parse_participant(text: &str) -> Result<String, StatementError> {
    if is_participant(text) {
        Ok(text.into())
    } else {
        Err(StatementError::Participant(text.into()))
    }
}

/// Checks `2026-11-23T09:30:00[.123456789](Z|+01:00)` character by character.
fn is_rfc3339(text: &str) -> bool {
    let matches = |text: &[u8], pattern: &[u8]| {
        text.len() == pattern.len()
            && text
                .iter()
                .zip(pattern)
                .all(|(byte, pattern)| match pattern {
                    b'0' => byte.is_ascii_digit(),
                    b'+' => matches!(byte, b'+' | b'-'),
                    _ => byte == pattern,
                })
    };
    let Some((date_time, mut rest)) = text.as_bytes().split_at_checked(19) else {
        return false;
    };
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if !(1..=9).contains(&digits) {
            return false;
        }
        rest = &fraction[digits..];
    }
    matches(date_time, b"0000-00-00T00:00:00") && (rest == b"Z" || matches(rest, b"+00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "settle.example/eu1";

    #[test]
    fn each_statement_round_trips() {
        let (genesis, body) = (Hash::leaf(b"entry 0"), Hash::sha256(b"{}"));
        for purpose in [Purpose::Submission, Purpose::DryRun] {
            let text = submission_text(
                purpose,
                ORIGIN,
                &genesis,
                "bank-a",
                "application/json",
                &body,
            );
            let parsed = parse_submission(&text).unwrap();
            assert_eq!((parsed.purpose, parsed.body_hash), (purpose, body));
        }
        let text = session_text(ORIGIN, &genesis, "bank-a", "2026-11-23T09:30:00Z", &[7; 16]);
        assert_eq!(parse_session(&text).unwrap().nonce, [7; 16]);
        let text = genesis_text(ORIGIN, &body);
        assert_eq!(parse_genesis(&text).unwrap().item_hash, body);
    }

    #[test]
    fn one_domain_never_serves_another() {
        let hash = Hash::sha256(b"");
        let submission = submission_text(
            Purpose::Submission,
            ORIGIN,
            &hash,
            "bank-a",
            "text/plain",
            &hash,
        );
        assert!(matches!(
            parse_session(&submission),
            Err(StatementError::FirstLine(_))
        ));
        assert!(matches!(
            parse_genesis(&submission),
            Err(StatementError::Lines { .. })
        ));
    }

    #[test]
    fn a_smuggled_line_is_noticed() {
        let hash = Hash::sha256(b"");
        let text = submission_text(
            Purpose::Submission,
            ORIGIN,
            &hash,
            "bank-a\nbank-b",
            "text/plain",
            &hash,
        );
        assert_eq!(
            parse_submission(&text),
            Err(StatementError::Lines {
                expected: 6,
                found: 7
            })
        );
        assert!(parse_genesis(genesis_text(ORIGIN, &hash).trim_end()).is_err());
    }

    #[test]
    fn field_grammars() {
        assert!(is_participant("bank-a") && is_participant(&"a".repeat(32)));
        for wrong in ["", "Bank", "a b", "a_b", &"a".repeat(33)] {
            assert!(!is_participant(wrong), "{wrong:?}");
        }
        assert!(is_content_type("application/vnd.quittance.batch"));
        for wrong in ["", "json", "a/", "/b", "a/b;q=1", "a/b c", "a/b/c"] {
            assert!(!is_content_type(wrong), "{wrong:?}");
        }
        for right in [
            "2026-11-23T09:30:00Z",
            "2026-11-23T09:30:00.123456789Z",
            "2026-11-23T09:30:00.5+01:00",
        ] {
            assert!(is_rfc3339(right), "{right}");
        }
        for wrong in [
            "",
            "2026-11-23",
            "2026-11-23 09:30:00Z",
            "2026-11-23T09:30:00",
            "2026-11-23T09:30:00.Z",
            "2026-11-23T09:30:00z",
            "2026-11-23T09:30:00.1234567890Z",
            "2026-11-23T09:30:00+0100",
        ] {
            assert!(!is_rfc3339(wrong), "{wrong}");
        }
    }
}
