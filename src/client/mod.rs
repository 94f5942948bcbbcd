//! A blocking client of one node, which verifies what it reads.
//!
//! ```text
//!   body ── sign ──▶ POST /v1/submissions ──▶ answer + receipt ── verify ──▶ Submitted
//!   note ── sign ──▶ POST /v1/sessions    ──▶ token ──▶ the GETs
//! ```
//!
//! The client holds no keys and knows no clock: signers, times and nonces are handed in. It trusts
//! one thing, the log's key, and that key is best brought along ([`Client::trusting`]); without it
//! the client takes the key that the node states, and stays with it.

mod admin;
mod batch;
mod calendars;
mod cycles;
mod error;
mod fees;
mod fx;
mod holds;
mod http;
mod mandates;
mod numbers;
mod pages;
mod proposals;
mod queue;
mod reads;
mod recalls;
mod signed;
mod tiles;
mod tree;
mod trust;

use std::cell::OnceCell;

use chain::statement::{Purpose, session_text, submission_text};
use chain::{Hash, Item, Note, NoteSignature, Signer, Verified, VerifierKey};
use serde::de::DeserializeOwned;

pub use admin::Admin;
pub use batch::SubmittedBatch;
pub use error::ClientError;
pub use reads::{HistoryRange, Sought};
pub use signed::{SignedMessage, SignedMessageError};
pub use trust::Trust;

use crate::limits::ENTRIES_PAGE_MAX;
use crate::wire::{
    Answer, AssetView, EntryView, LogKeyView, LogView, ParticipantView, RECORDS_TYPE, ReceiptFile,
    ReceiptLevel, SessionAnswer, WhoAmI,
};
use error::SUBMISSIONS;
use http::{Http, Raw};

/// A client of one node.
#[derive(Debug)]
pub struct Client {
    http: Http,
    trusted: Option<VerifierKey>,
    log: OnceCell<(LogView, VerifierKey)>,
}

/// What is sent through the door, beside its signatures.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Participant that submits.
    pub submitter: &'a str,
    /// Content type of the body, without parameters.
    pub content_type: &'a str,
    /// Exact bytes.
    pub body: &'a [u8],
}

/// A submission that is in the log.
#[derive(Debug)]
pub struct Submitted {
    /// Whether it was there before.
    pub replayed: bool,
    /// The node's answer.
    pub answer: Answer,
    /// What the receipt proves, verified on arrival; `None` if the answer came without one.
    pub verified: Option<Verified>,
}

impl Client {
    /// A client of the node at `base`, e.g. `http://127.0.0.1:7700`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Address`].
    pub fn new(base: &str) -> Result<Self, ClientError> {
        Self::over_tls(base, &Trust::default())
    }

    /// The same, with CAs and a certificate of one's own for `https`.
    ///
    /// # Errors
    /// [`ClientError::Address`], [`ClientError::Tls`].
    pub fn over_tls(base: &str, trust: &Trust) -> Result<Self, ClientError> {
        Ok(Self {
            http: Http::new(base, trust)?,
            trusted: None,
            log: OnceCell::new(),
        })
    }

    /// Trusts this log key and no other.
    #[must_use]
    pub fn trusting(mut self, key: Option<VerifierKey>) -> Self {
        self.trusted = key;
        self.log = OnceCell::new();
        self
    }

    /// The address of the node.
    #[must_use]
    pub fn base(&self) -> &str {
        self.http.base()
    }

    /// What the log is: origin, genesis hash, key, mode. Asked for once.
    ///
    /// # Errors
    /// [`ClientError::LogKey`] if the node states another key than the trusted one.
    pub fn log(&self) -> Result<&LogView, ClientError> {
        Ok(&self.identity()?.0)
    }

    /// The key that checkpoints are verified with.
    ///
    /// # Errors
    /// Those of [`Client::log`].
    pub fn log_key(&self) -> Result<&VerifierKey, ClientError> {
        Ok(&self.identity()?.1)
    }

    fn identity(&self) -> Result<&(LogView, VerifierKey), ClientError> {
        if let Some(known) = self.log.get() {
            return Ok(known);
        }
        let (log, found) = self.ask_identity()?;
        let Some(trusted) = &self.trusted else {
            return Ok(self.log.get_or_init(|| (log, found)));
        };
        // While one key takes over from another, checkpoints have the signatures of both.
        let text = trusted.to_string();
        let signs = |key: &LogKeyView| key.vkey == text && key.retired.is_none();
        if *trusted != found && !log.keys.iter().any(signs) {
            return Err(ClientError::LogKey {
                retired: log.keys.iter().any(|key| key.vkey == text),
                trusted: text,
                found: found.to_string(),
            });
        }
        Ok(self.log.get_or_init(|| (log, trusted.clone())))
    }

    /// What the node says of its log now.
    fn ask_identity(&self) -> Result<(LogView, VerifierKey), ClientError> {
        let raw = self.http.get("/v1/log")?.good()?;
        let log: LogView =
            serde_json::from_slice(&raw.bytes).map_err(|e| raw.wrong(e.to_string()))?;
        let found = VerifierKey::parse(&log.vkey).map_err(|error| raw.wrong(error.to_string()))?;
        Ok((log, found))
    }

    /// Signs a body and submits it; verifies the receipt.
    ///
    /// # Errors
    /// [`ClientError::Problem`] if nothing was logged; when [`ClientError::is_uncertain`], send
    /// identical bytes again.
    pub fn submit(
        &self,
        out: &Outgoing<'_>,
        signers: &[&dyn Signer],
    ) -> Result<Submitted, ClientError> {
        self.submit_signed(out, &self.sign(Purpose::Submission, out, signers)?)
    }

    /// Submits a body with signatures that were made before, as in the header
    /// `Quittance-Signature`; verifies the receipt.
    ///
    /// # Errors
    /// Those of [`Client::submit`].
    pub fn submit_signed(
        &self,
        out: &Outgoing<'_>,
        signatures: &[String],
    ) -> Result<Submitted, ClientError> {
        let raw = self.send(SUBMISSIONS, out, signatures)?.good()?;
        let replayed = raw.replayed;
        let answer: Answer = raw.json()?;
        let verified = match &answer.receipt {
            None => None,
            Some(file) => Some(self.verify_submitted(file, out, answer.index)?),
        };
        Ok(Submitted {
            replayed,
            answer,
            verified,
        })
    }

    /// Signs a body for a dry run and asks what its outcomes would be.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn dry_run(
        &self,
        out: &Outgoing<'_>,
        signers: &[&dyn Signer],
    ) -> Result<Answer, ClientError> {
        let signatures = self.sign(Purpose::DryRun, out, signers)?;
        self.send("/v1/dry-runs", out, &signatures)?.json()
    }

    fn sign(
        &self,
        purpose: Purpose,
        out: &Outgoing<'_>,
        signers: &[&dyn Signer],
    ) -> Result<Vec<String>, ClientError> {
        let log = self.log()?;
        let (genesis, body) = (&log.genesis_hash.0, Hash::sha256(out.body));
        let text = submission_text(
            purpose,
            &log.origin,
            genesis,
            out.submitter,
            out.content_type,
            &body,
        );
        let mut signatures = Vec::with_capacity(signers.len());
        for signer in signers {
            signatures.push(NoteSignature::sign(&text, *signer)?.to_header());
        }
        Ok(signatures)
    }

    fn send(
        &self,
        path: &str,
        out: &Outgoing<'_>,
        signatures: &[String],
    ) -> Result<Raw, ClientError> {
        let mut headers = vec![
            ("Content-Type", out.content_type),
            ("Quittance-Submitter", out.submitter),
        ];
        headers.extend(
            signatures
                .iter()
                .map(|line| ("Quittance-Signature", line.as_str())),
        );
        self.http.post(path, &headers, out.body)
    }

    fn verify_submitted(
        &self,
        file: &ReceiptFile,
        out: &Outgoing<'_>,
        index: u64,
    ) -> Result<Verified, ClientError> {
        let receipt = file.to_receipt()?;
        let verified = match receipt.verify(self.log_key()?) {
            Ok(verified) => verified,
            // The submission may itself have given the log another key.
            Err(error) if self.trusted.is_none() => {
                let (_, now) = self.ask_identity()?;
                receipt.verify(&now).map_err(|_| error)?
            }
            Err(error) => return Err(error.into()),
        };
        if receipt.entry.index != index {
            return Err(ClientError::ReceiptForOther(
                "its index is not the answer's",
            ));
        }
        for item in &verified.items {
            if let Item::Authorisation(who) = &item.item
                && (who.body_hash != Hash::sha256(out.body) || who.submitter != out.submitter)
            {
                return Err(ClientError::ReceiptForOther(
                    "its body or submitter is another",
                ));
            }
        }
        Ok(verified)
    }

    /// Opens a session for reading. `time` is RFC 3339, within 60 s of the node's; `nonce` 16 fresh
    /// random bytes.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn open_session(
        &mut self,
        participant: &str,
        time: &str,
        nonce: &[u8; 16],
        signer: &dyn Signer,
    ) -> Result<(), ClientError> {
        let log = self.log()?;
        let text = session_text(&log.origin, &log.genesis_hash.0, participant, time, nonce);
        let note = Note::sign(&text, &[signer])?.to_string();
        let headers = [("Content-Type", "text/plain")];
        let answer: SessionAnswer = self
            .http
            .post("/v1/sessions", &headers, note.as_bytes())?
            .json()?;
        self.http.set_token(answer.token);
        Ok(())
    }

    /// The session's token: a secret, for requests that are made by other means.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.http.token()
    }

    /// Whether a session is open.
    #[must_use]
    pub const fn has_session(&self) -> bool {
        self.http.has_token()
    }

    fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.http.get(path)?.json()
    }

    /// The receipt of an entry, or of one of its items; verified.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn receipt(
        &self,
        index: u64,
        item: Option<u32>,
    ) -> Result<(ReceiptFile, Verified), ClientError> {
        self.receipt_at(index, item, ReceiptLevel::LogSigned)
    }

    /// The same at a level. The log's signature is verified; whether the witnesses are the right
    /// ones, a policy says.
    ///
    /// # Errors
    /// [`ClientError`]; the problem `NOT_WITNESSED` if no quorum covers the entry yet.
    pub fn receipt_at(
        &self,
        index: u64,
        item: Option<u32>,
        level: ReceiptLevel,
    ) -> Result<(ReceiptFile, Verified), ClientError> {
        let level = match level {
            ReceiptLevel::LogSigned => "log-signed",
            ReceiptLevel::Witnessed => "witnessed",
        };
        let item = item.map(|n| format!("&item={n}")).unwrap_or_default();
        let query = format!("?level={level}{item}");
        let file: ReceiptFile = self.read(&format!("/v1/receipts/{index}{query}"))?;
        let receipt = file.to_receipt()?;
        if receipt.entry.index != index {
            return Err(ClientError::ReceiptForOther(
                "its index is not the one asked for",
            ));
        }
        let verified = receipt.verify(self.log_key()?)?;
        Ok((file, verified))
    }

    /// An entry with everything that it commits to; auditors only.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn entry(&self, index: u64) -> Result<EntryView, ClientError> {
        self.read(&format!("/v1/entries/{index}"))
    }

    /// The record of an entry, as it came; auditors only.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn record(&self, index: u64) -> Result<Vec<u8>, ClientError> {
        self.records_at(&format!("/v1/entries/{index}"))
    }

    /// Records from `first` on, one behind the other, as they came: as many as the node puts on a
    /// page.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn records(&self, first: u64) -> Result<Vec<u8>, ClientError> {
        self.records_at(&format!(
            "/v1/entries?cursor={first}&limit={ENTRIES_PAGE_MAX}"
        ))
    }

    fn records_at(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        Ok(self.get_patiently(path, RECORDS_TYPE)?.bytes)
    }

    /// The assets of the log.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn assets(&self) -> Result<Vec<AssetView>, ClientError> {
        self.read("/v1/assets")
    }

    /// The participants that the session may see.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn participants(&self) -> Result<Vec<ParticipantView>, ClientError> {
        self.read("/v1/participants")
    }

    /// The participant with an id, a BIC or an LEI.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn participant(&self, who: &str) -> Result<ParticipantView, ClientError> {
        self.read(&format!("/v1/participants/{}", encoded(who)))
    }

    /// Whom the node takes this session for.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn whoami(&self) -> Result<WhoAmI, ClientError> {
        self.read("/v1/whoami")
    }

    /// The newest checkpoint, a signed note, as it came.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn checkpoint(&self) -> Result<String, ClientError> {
        self.http.get("/log/checkpoint")?.text()
    }
}

/// Percent-encodes what may not stand in a path or a query.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_for_paths_and_queries() {
        assert_eq!(encoded("bank-a:usd"), "bank-a:usd");
        assert_eq!(encoded("2026/11+1"), "2026%2F11%2B1");
    }
}
