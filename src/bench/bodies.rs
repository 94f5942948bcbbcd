//! Signed requests, ready to be written to a socket.

use base64ct::{Base64, Encoding};
use chain::statement::{Purpose, submission_text};
use chain::{BatchHeader, BatchRecord, Hash, NoteSignature};

use super::BenchError;
use super::banks::{Banks, key_error};
use super::table::Form;
use crate::ledger::{BATCH_CONTENT_TYPE, RECORD_KIND_TRANSFER, Time};

const JSON: &str = "application/json";

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payers {
    /// Accounts in an order that no cache foresees.
    Many,
    /// The first account pays every transfer.
    One,
}

/// A message of a form, with so many transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) form: Form,
    pub(super) transfers: usize,
    pub(super) payers: Payers,
}

impl Banks {
    /// A message of this kind as a request.
    pub(super) fn request(&self, kind: Kind) -> Result<Vec<u8>, BenchError> {
        match kind.form {
            Form::Json => {
                let transfer = |_| self.transfer(kind.payers);
                let transfers: Vec<_> = (0..kind.transfers).map(transfer).collect();
                self.signed(JSON, self.body(&transfers.join(",")).as_bytes())
            }
            Form::Batch => self.signed(BATCH_CONTENT_TYPE, &self.batch(kind)?),
        }
    }

    /// Which accounts the next transfer debits and credits, as positions in both lists.
    fn draw(&self, payers: Payers, spread: u64) -> (usize, usize) {
        let at = |bits: u64, of: &[u64]| (bits % of.len().max(1) as u64) as usize;
        let debit = match payers {
            Payers::Many => at(spread >> 12 & 0xff_ffff, &self.payers),
            Payers::One => 0,
        };
        (debit, at(spread >> 36, &self.payees))
    }

    fn transfer(&self, payers: Payers) -> String {
        let id = self.id();
        let spread = (id.to_u128() & u128::from(u64::MAX)) as u64;
        let (debit, credit) = self.draw(payers, spread);
        format!(
            r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bench-a:usd-{debit}","credit":"bench-b:usd-{credit}","asset":"USD","amount":"0.01"}}]}}}}"#
        )
    }

    /// The body of a JSON message.
    pub(super) fn body(&self, instructions: &str) -> String {
        let created = Time::from_nanos(self.now_ns());
        let nonce = Base64::encode_string(&self.spread().to_be_bytes());
        let message_id = self.message_id();
        format!(
            r#"{{"message_id":"{message_id}","created":"{created}","nonce":"{nonce}","instructions":[{instructions}]}}"#
        )
    }

    fn batch(&self, kind: Kind) -> Result<Vec<u8>, BenchError> {
        let wrong = |error: &dyn std::fmt::Display| BenchError::Answer(format!("a batch: {error}"));
        let header = BatchHeader {
            atomic: false,
            count: u32::try_from(kind.transfers).map_err(|error| wrong(&error))?,
            created: self.now_ns(),
            message_id: self.message_id(),
            first_id: self.id().to_bytes(),
        };
        let header = header.to_bytes().map_err(|error| wrong(&error))?;
        let mut body = Vec::with_capacity((kind.transfers + 1) * header.len());
        body.extend_from_slice(&header);
        let number = |of: &[u64], at: usize| of.get(at).copied().unwrap_or(0);
        for _ in 0..kind.transfers {
            let (debit, credit) = self.draw(kind.payers, (self.spread() >> 64) as u64);
            let record = BatchRecord {
                debit: number(&self.payers, debit),
                credit: number(&self.payees, credit),
                amount: 1,
                pending_id: [0; 16],
                kind: RECORD_KIND_TRANSFER,
                flags: 0,
                timeout: 0,
                reference: [0; 32],
            };
            body.extend_from_slice(&record.to_bytes());
        }
        Ok(body)
    }

    fn signed(&self, content_type: &str, body: &[u8]) -> Result<Vec<u8>, BenchError> {
        let text = submission_text(
            Purpose::Submission,
            &self.origin,
            &self.genesis,
            "bench-a",
            content_type,
            &Hash::sha256(body),
        );
        let signature = NoteSignature::sign(&text, &self.bank).map_err(key_error)?;
        let mut request = format!(
            "POST /v1/submissions HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\n\
             Quittance-Submitter: bench-a\r\nQuittance-Signature: {}\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            signature.to_header(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        Ok(request)
    }

    /// A request with a read token.
    pub(super) fn read(&self, token: &str, path: &str) -> Vec<u8> {
        let host = self.address;
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n")
            .into_bytes()
    }

    /// The address of a paying account, in an order that no cache foresees.
    pub(super) fn any_payer(&self) -> String {
        let (debit, _) = self.draw(Payers::Many, (self.spread() >> 64) as u64);
        format!("bench-a:usd-{debit}")
    }
}
