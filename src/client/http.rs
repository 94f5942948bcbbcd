//! Requests and answers: bytes, statuses, problems. Nothing of settlements here.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::error::ClientError;
use super::trust::Trust;
use crate::wire::{ErrorCode, Problem};

/// The longest answer that is read: an entry of the largest body, in base64.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// Time for one request, from the connection to the last byte.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A connection to one node.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// An answer as it came.
pub(super) struct Raw {
    method: &'static str,
    url: String,
    pub(super) status: StatusCode,
    /// Whether the header `Quittance-Replayed` says so.
    pub(super) replayed: bool,
    /// What the header `Retry-After` asks for, in its form as seconds.
    retry_after: Option<Duration>,
    /// The path of the next page, from the header `Link`.
    pub(super) next: Option<String>,
    pub(super) bytes: Vec<u8>,
}

impl Http {
    pub(super) fn new(base: &str, trust: &Trust) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/');
        let host = ["http://", "https://"]
            .iter()
            .find_map(|scheme| base.strip_prefix(scheme));
        let host = host.unwrap_or_default();
        if host.is_empty() || host.contains(['/', ' ', '?', '#', '@']) {
            return Err(ClientError::Address(base.to_owned()));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .tls_config(trust.tls()?)
            .build();
        Ok(Self {
            agent: config.into(),
            base: base.to_owned(),
            token: None,
        })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn set_token(&mut self, token: String) {
        self.token = Some(token);
    }

    pub(super) const fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn get(&self, path: &str) -> Result<Raw, ClientError> {
        self.get_as(path, "*/*")
    }

    /// Asks for a content type.
    pub(super) fn get_as(&self, path: &str, accept: &str) -> Result<Raw, ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = self.agent.get(&url).header("Accept", accept);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        Raw::of("GET", url, request.call())
    }

    pub(super) fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Raw, ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = self.agent.post(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Raw::of("POST", url, request.send(body))
    }
}

impl Raw {
    fn of(
        method: &'static str,
        url: String,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<Self, ClientError> {
        let transport = |url: &str, source| ClientError::Transport {
            method,
            url: url.to_owned(),
            source: Box::new(source),
        };
        let mut answer = answer.map_err(|source| transport(&url, source))?;
        let status = answer.status();
        let replayed = answer
            .headers()
            .get("Quittance-Replayed")
            .is_some_and(|value| value == "true");
        let retry_after = answer.headers().get("Retry-After");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let next = answer.headers().get("Link");
        let next = next.and_then(|value| next_path(value.to_str().ok()?));
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let bytes = body
            .read_to_vec()
            .map_err(|source| transport(&url, source))?;
        Ok(Self {
            method,
            url,
            status,
            replayed,
            retry_after: retry_after.map(Duration::from_secs),
            next,
            bytes,
        })
    }

    /// The code of a problem, and how long the node asks to wait.
    pub(super) fn refusal(&self) -> Option<(ErrorCode, Option<Duration>)> {
        if self.status.is_success() {
            return None;
        }
        let problem = serde_json::from_slice::<Problem>(&self.bytes).ok()?;
        Some((problem.error_code()?, self.retry_after))
    }

    /// The bytes of a good answer; a problem otherwise.
    pub(super) fn good(self) -> Result<Self, ClientError> {
        if self.status.is_success() {
            return Ok(self);
        }
        match serde_json::from_slice::<Problem>(&self.bytes) {
            Ok(problem) => Err(ClientError::Problem {
                problem: Box::new(problem),
                retry_after: self.retry_after,
            }),
            Err(_) => Err(self.wrong("neither a result nor a problem".to_owned())),
        }
    }

    /// The JSON of a good answer.
    pub(super) fn json<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        let raw = self.good()?;
        serde_json::from_slice(&raw.bytes).map_err(|error| raw.wrong(error.to_string()))
    }

    /// The text of a good answer.
    pub(super) fn text(self) -> Result<String, ClientError> {
        let mut raw = self.good()?;
        match String::from_utf8(std::mem::take(&mut raw.bytes)) {
            Ok(text) => Ok(text),
            Err(_) => Err(raw.wrong("not UTF-8".to_owned())),
        }
    }

    pub(super) fn wrong(&self, why: String) -> ClientError {
        ClientError::Answer {
            method: self.method,
            url: self.url.clone(),
            status: self.status.as_u16(),
            why,
        }
    }
}

/// The path in `<path>; rel="next"`, if it is one of this interface.
fn next_path(link: &str) -> Option<String> {
    let path = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    path.starts_with("/v1/").then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_on_the_same_node() {
        let path = next_path("</v1/accounts?cursor=a>; rel=\"next\"");
        assert_eq!(path.as_deref(), Some("/v1/accounts?cursor=a"));
        for other in [
            "<http://b/v1/x>; rel=\"next\"",
            "<@b/v1/x>; rel=\"next\"",
            "</v1/x>; rel=\"prev\"",
        ] {
            assert_eq!(next_path(other), None, "{other}");
        }
    }

    #[test]
    fn addresses_are_http_without_a_path() {
        assert_eq!(
            Http::new("http://127.0.0.1:7700/", &Trust::default())
                .unwrap()
                .base(),
            "http://127.0.0.1:7700"
        );
        assert!(Http::new("https://settle.example", &Trust::default()).is_ok());
        for wrong in [
            "",
            "127.0.0.1:7700",
            "https://",
            "http://",
            "http://a/b",
            "ftp://a",
        ] {
            assert!(
                matches!(
                    Http::new(wrong, &Trust::default()),
                    Err(ClientError::Address(_))
                ),
                "{wrong}"
            );
        }
    }
}
