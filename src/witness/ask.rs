//! Asking one witness (C2SP tlog-witness): `add-checkpoint`, and what it cosigned last.

use std::time::Duration;

use chain::{Hash, Note};
use ureq::http::StatusCode;
use ureq::{Agent, Body};

use crate::client::{ClientError, Trust};

/// The longest answer that is read: a note of many signatures.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// A witness at an address.
#[derive(Debug, Clone)]
pub struct WitnessClient {
    agent: Agent,
    base: String,
}

/// What a witness says to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: signature lines, unverified.
    Cosigned(String),
    /// 409: it remembers this size, which the request did not state.
    Conflict(u64),
    /// Any other status, with the beginning of its body.
    Refused(u16, String),
}

/// A witness gives no answer that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// It cannot be reached, or not in time.
    #[error("it cannot be reached: {0}")]
    Transport(String),
    /// What it sends is not of the protocol.
    #[error("its answer cannot be read: {0}")]
    Answer(String),
}

impl WitnessClient {
    /// A client of the witness whose requests begin with `base`. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ClientError`] if the address or a file for TLS cannot be used.
    pub fn new(base: &str, trust: &Trust, timeout: Duration) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/');
        let host = ["http://", "https://"]
            .iter()
            .find_map(|scheme| base.strip_prefix(scheme));
        if host.is_none_or(|host| host.is_empty() || host.contains([' ', '?', '#', '@'])) {
            return Err(ClientError::Address(base.to_owned()));
        }
        Ok(Self {
            agent: trust.agent(timeout)?,
            base: base.to_owned(),
        })
    }

    /// Sends the body of `add-checkpoint`.
    ///
    /// # Errors
    /// [`AskError`] if there is no answer, or none of the protocol.
    pub fn add_checkpoint(&self, body: &str) -> Result<Answer, AskError> {
        let url = format!("{}/add-checkpoint", self.base);
        let request = self.agent.post(&url).header("Content-Type", "text/plain");
        let (status, kind, text) = read(request.send(body))?;
        Ok(match status {
            StatusCode::OK => Answer::Cosigned(text),
            StatusCode::CONFLICT => {
                let size = text.strip_suffix('\n').unwrap_or(&text);
                let plain = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
                let size = size.parse().ok().filter(|_| plain && kind == SIZE_TYPE);
                Answer::Conflict(size.ok_or_else(|| {
                    AskError::Answer("a conflict that does not state its size".to_owned())
                })?)
            }
            other => Answer::Refused(other.as_u16(), beginning(&text)),
        })
    }

    /// Fetches the newest checkpoint of the log `origin` that the witness cosigned; unverified.
    ///
    /// # Errors
    /// [`AskError`]; a log that the witness does not know is no error.
    pub fn newest(&self, origin: &str) -> Result<Option<Note>, AskError> {
        let url = format!("{}/{}/checkpoint", self.base, origin_path(origin));
        let (status, _, text) = read(self.agent.get(&url).call())?;
        match status {
            StatusCode::OK => Note::parse(text.as_bytes())
                .map(Some)
                .map_err(|error| AskError::Answer(error.to_string())),
            StatusCode::NOT_FOUND => Ok(None),
            other => Err(AskError::Answer(format!("status {}", other.as_u16()))),
        }
    }
}

/// Content type of a conflict.
pub(super) const SIZE_TYPE: &str = "text/x.tlog.size";

/// The part of a monitoring address that names the log: hex of the SHA-256 of its origin.
pub(super) fn origin_path(origin: &str) -> String {
    let hash = Hash::sha256(origin.as_bytes());
    hash.as_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

fn read(
    answer: Result<ureq::http::Response<Body>, ureq::Error>,
) -> Result<(StatusCode, String, String), AskError> {
    let unreachable = |error: ureq::Error| AskError::Transport(error.to_string());
    let mut answer = answer.map_err(unreachable)?;
    let kind = answer.headers().get("Content-Type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_owned();
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    let bytes = body.read_to_vec().map_err(unreachable)?;
    let text = String::from_utf8(bytes).map_err(|_| AskError::Answer("not UTF-8".to_owned()))?;
    Ok((answer.status(), kind, text))
}

/// Enough of an error's body for a line of the log for people.
fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|char| !char.is_control())
        .take(120)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_named_by_the_hash_of_its_origin() {
        assert_eq!(
            origin_path("settle.example/log1"),
            "82e22e1d988dcd7fa0b80008e9eac92110cda47553976208bf7d21bbf85b6d00"
        );
    }

    #[test]
    fn addresses_begin_with_http() {
        let new = |url| WitnessClient::new(url, &Trust::default(), Duration::from_secs(1));
        assert!(new("https://witness.example/sub/path/").is_ok());
        for wrong in ["", "witness.example", "http://", "ftp://a", "http://a?b"] {
            assert!(new(wrong).is_err(), "{wrong}");
        }
    }
}
