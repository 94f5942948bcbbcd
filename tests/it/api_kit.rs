//! A sandbox with its door open, and a client that sends exactly the bytes a test says.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use chain::statement::{Purpose, session_text, submission_text};
use chain::{Hash, Note, NoteSignature};
use keys::SigningKey;
use quittance::api::{self, Api, Bound};
use quittance::config::Config;
use quittance::ledger::Time;
use serde_json::Value;

use crate::kit::Sandbox;

/// A sandbox that listens.
pub(crate) struct Door {
    // Dropped first: the listeners go before the node does.
    api: Option<Api>,
    pub(crate) sandbox: Sandbox,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Headers of a request.
pub(crate) type Headers = Vec<(&'static str, String)>;

impl Door {
    pub(crate) fn open() -> Door {
        Door::open_with(|_| {})
    }

    pub(crate) fn open_with(change: impl FnOnce(&mut Config)) -> Door {
        let mut sandbox = Sandbox::new();
        change(&mut sandbox.config);
        Door::serving(sandbox)
    }

    /// Opens the door of a sandbox as it is.
    pub(crate) fn serving(sandbox: Sandbox) -> Door {
        let api = api::serve(sandbox.node().clone(), &sandbox.config).unwrap();
        Door {
            api: Some(api),
            sandbox,
        }
    }

    pub(crate) fn bound(&self) -> Bound {
        self.api.as_ref().unwrap().bound()
    }

    pub(crate) fn backup_token(&self) -> String {
        self.api.as_ref().unwrap().backup_token().to_owned()
    }

    pub(crate) fn stop(&mut self) {
        self.api.take().unwrap().stop();
    }

    /// Size of the log, as the public checkpoint says it.
    pub(crate) fn size(&self) -> u64 {
        let checkpoint = self.get("/log/checkpoint", Vec::new()).text();
        checkpoint.lines().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn get(&self, path: &str, headers: Headers) -> Answered {
        call(self.bound().public, "GET", path, &headers, b"")
    }

    pub(crate) fn admin(&self, path: &str) -> Answered {
        call(self.bound().admin, "GET", path, &Vec::new(), b"")
    }

    pub(crate) fn post(&self, path: &str, headers: &Headers, body: &[u8]) -> Answered {
        call(self.bound().public, "POST", path, headers, body)
    }

    /// Submits a body, signed as it should be.
    pub(crate) fn submit(&self, who: &str, signers: &[&SigningKey], body: &str) -> Answered {
        let headers = self.signed(Purpose::Submission, who, signers, body);
        self.post("/v1/submissions", &headers, body.as_bytes())
    }

    pub(crate) fn dry_run(&self, who: &str, signers: &[&SigningKey], body: &str) -> Answered {
        let headers = self.signed(Purpose::DryRun, who, signers, body);
        self.post("/v1/dry-runs", &headers, body.as_bytes())
    }

    /// The headers of a signed request.
    pub(crate) fn signed(
        &self,
        purpose: Purpose,
        who: &str,
        signers: &[&SigningKey],
        body: &str,
    ) -> Headers {
        let node = self.sandbox.node();
        let (origin, genesis) = (node.origin().to_owned(), node.genesis_hash());
        signed_for(purpose, (&origin, &genesis), who, signers, body)
    }

    /// Opens a session; gives the header that carries its token.
    pub(crate) fn session(&self, who: &str, key: &SigningKey) -> Headers {
        let answer = self.open_session(&self.session_note(who, key));
        assert_eq!(answer.status, 201, "{}", answer.text());
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        vec![("Authorization", format!("Bearer {token}"))]
    }

    pub(crate) fn open_session(&self, note: &str) -> Answered {
        let headers = vec![("Content-Type", "text/plain".to_owned())];
        self.post("/v1/sessions", &headers, note.as_bytes())
    }

    pub(crate) fn session_note(&self, who: &str, key: &SigningKey) -> String {
        let node = self.sandbox.node();
        let now = Time::from_nanos(node.clock().now_ns());
        note_at(now, (node.origin(), &node.genesis_hash()), who, key)
    }
}

fn note_at(now: Time, (origin, genesis): (&str, &Hash), who: &str, key: &SigningKey) -> String {
    let nonce = getrandom::u64().unwrap().to_le_bytes();
    let nonce = [nonce, nonce].concat().try_into().unwrap();
    let text = session_text(origin, genesis, who, &now.to_string(), &nonce);
    Note::sign(&text, &[key]).unwrap().to_string()
}

/// Opens a session with any node; gives the header that carries its token.
pub(crate) fn session_at(
    to: SocketAddr,
    log: (&str, &Hash),
    who: &str,
    key: &SigningKey,
) -> Headers {
    let now = Time::from_nanos(quittance::clock::Clock::start().now_ns());
    let note = note_at(now, log, who, key);
    let headers = vec![("Content-Type", "text/plain".to_owned())];
    let answer = call(to, "POST", "/v1/sessions", &headers, note.as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    vec![("Authorization", format!("Bearer {token}"))]
}

/// The headers of a request that is signed for a log.
pub(crate) fn signed_for(
    purpose: Purpose,
    (origin, genesis): (&str, &Hash),
    who: &str,
    signers: &[&SigningKey],
    body: &str,
) -> Headers {
    let hash = Hash::sha256(body.as_bytes());
    let text = submission_text(purpose, origin, genesis, who, "application/json", &hash);
    let mut headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Quittance-Submitter", who.to_owned()),
    ];
    for signer in signers {
        let line = NoteSignature::sign(&text, *signer).unwrap().to_header();
        headers.push(("Quittance-Signature", line));
    }
    headers
}

/// Sends one request on a connection of its own.
pub(crate) fn call(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &Headers,
    body: &[u8],
) -> Answered {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    if method == "POST" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut connection = connect(to);
    connection.write_all(head.as_bytes()).unwrap();
    // A server that has seen enough may hang up before all of a large body is sent.
    let _ = connection.write_all(body);
    read_answer(&mut connection).expect("an answer")
}

pub(crate) fn connect(to: SocketAddr) -> TcpStream {
    let connection = TcpStream::connect(to).unwrap();
    let patience = Some(Duration::from_secs(20));
    connection.set_read_timeout(patience).unwrap();
    connection
}

/// Reads one answer; `None` if the server hung up without one.
///
/// # Panics
/// The server neither answers nor hangs up.
pub(crate) fn read_answer(connection: &mut TcpStream) -> Option<Answered> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match connection.read(&mut chunk) {
            Ok(0) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("the server keeps its client waiting: {error}"),
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut answered = Answered {
        status: status.parse().unwrap(),
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    let length = answered.header("content-length").unwrap_or("0");
    let length: usize = length.parse().unwrap();
    while answered.body.len() < length {
        match connection.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(n) => answered.body.extend_from_slice(&chunk[..n]),
        }
    }
    Some(answered)
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The codes of the outcomes.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        let json = self.json();
        let rows = json["outcomes"].as_array();
        let rows = rows.unwrap_or_else(|| panic!("{json}"));
        rows.iter()
            .map(|row| row["code"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Checks that this is a problem in our form, and gives its code.
    pub(crate) fn problem(&self) -> String {
        let problem = self.json();
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(problem["status"], self.status, "{problem}");
        let id = self.header("quittance-request-id").unwrap();
        assert_eq!(problem["request_id"], id, "{problem}");
        assert!(problem["type"].as_str().unwrap().ends_with(&code));
        assert!(!problem["title"].as_str().unwrap().is_empty());
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        let later = matches!(self.status, 429 | 503);
        assert_eq!(later, self.header("retry-after").is_some());
        code
    }

    /// The problem without what differs from request to request.
    pub(crate) fn anonymous(&self) -> Value {
        let mut problem = self.json();
        problem.as_object_mut().unwrap().remove("request_id");
        problem
    }
}
