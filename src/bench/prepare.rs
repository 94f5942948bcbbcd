//! Everything that happens before the clock starts: banks, accounts, funds, signed requests.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use chain::statement::{Purpose, submission_text};
use chain::{Hash, NoteSignature, VerifierKey};
use keys::{Passphrase, SigningKey};

use super::server::Server;
use super::{BenchError, Workload};
use crate::client::{Client, Outgoing};
use crate::clock::Clock;
use crate::ledger::{InstructionId, Time};
use crate::wire::{Answer, ReceiptFile};

/// Accounts of each of the two banks.
const ACCOUNTS: usize = 1_000;
/// Instructions in one message of the set-up.
const CHUNK: usize = 500;

/// A ledger ready to be measured.
pub(super) struct Bench {
    address: SocketAddr,
    origin: String,
    genesis: Hash,
    log_key: VerifierKey,
    bank: SigningKey,
    operator: SigningKey,
    clock: Clock,
    counter: std::cell::Cell<u64>,
}

fn key_error(error: impl std::fmt::Display) -> BenchError {
    BenchError::Key(error.to_string())
}

impl Bench {
    /// Registers two banks and opens their accounts; the first bank's are funded.
    pub(super) fn new(server: &Server) -> Result<Self, BenchError> {
        let client = Client::new(&format!("http://{}", server.address()))?;
        let keys = server.data().join("keys");
        let passphrase = Passphrase::from_file(&keys.join("passphrase")).map_err(key_error)?;
        let operator =
            keys::read_key_file(&keys.join("operator-1.pem"), &passphrase).map_err(key_error)?;
        let bank = SigningKey::generate("bench-a/key").map_err(key_error)?;
        let other = SigningKey::generate("bench-b/key").map_err(key_error)?;
        let log = client.log()?;
        let bench = Self {
            address: server.address(),
            origin: log.origin.clone(),
            genesis: log.genesis_hash.0,
            log_key: client.log_key()?.clone(),
            bank,
            operator,
            clock: Clock::start(),
            counter: 0.into(),
        };
        bench.set_up(&client, &other)?;
        Ok(bench)
    }

    fn set_up(&self, client: &Client, other: &SigningKey) -> Result<(), BenchError> {
        let id = || self.id();
        let mut wishes = vec![format!(
            r#"{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}}"#,
            id()
        )];
        for (name, key) in [("bench-a", &self.bank), ("bench-b", other)] {
            wishes.push(format!(
                r#"{{"add_participant":{{"id":"{}","participant":"{name}","role":"bank","keys":["{}"],"threshold":1}}}}"#,
                id(),
                key.verifier_key()
            ));
        }
        for name in ["bench-a", "bench-b"] {
            for n in 0..ACCOUNTS {
                wishes.push(format!(
                    r#"{{"open_account":{{"id":"{}","address":"{name}:usd-{n}","owner":"{name}","kind":"settlement","asset":"USD"}}}}"#,
                    id()
                ));
            }
        }
        for n in 0..ACCOUNTS {
            wishes.push(format!(
                r#"{{"issue":{{"id":"{}","account":"bench-a:usd-{n}","amount":"1000000000.00"}}}}"#,
                id()
            ));
        }
        for chunk in wishes.chunks(CHUNK) {
            self.govern(client, &chunk.join(","))?;
        }
        Ok(())
    }

    /// Sends instructions as the operators.
    fn govern(&self, client: &Client, instructions: &str) -> Result<(), BenchError> {
        let body = self.body(instructions);
        let out = Outgoing {
            submitter: "operators",
            content_type: "application/json",
            body: body.as_bytes(),
        };
        let answer = client.submit(&out, &[&self.operator])?.answer;
        good(&answer)
    }

    fn client(&self) -> Result<Client, BenchError> {
        Ok(Client::new(&format!("http://{}", self.address))?)
    }

    /// Entries in the log.
    pub(super) fn size(&self) -> Result<u64, BenchError> {
        let note = self.client()?.checkpoint()?;
        let size = note.lines().nth(1).and_then(|line| line.parse().ok());
        size.ok_or_else(|| BenchError::Answer("no checkpoint".to_owned()))
    }

    /// A read token of the bank.
    pub(super) fn session(&self) -> Result<String, BenchError> {
        let mut client = self.client()?;
        let time = Time::from_nanos(self.clock.now_ns()).to_string();
        let nonce = u128::from(self.next()).to_be_bytes();
        client.open_session("bench-a", &time, &nonce, &self.bank)?;
        let token = client.token().map(ToOwned::to_owned);
        token.ok_or_else(|| BenchError::Answer("no session".to_owned()))
    }

    /// Registers an auditor, whose key is put into the folder with its passphrase.
    pub(super) fn auditor(&self, folder: &Path) -> Result<PathBuf, BenchError> {
        let key = SigningKey::generate("bench-auditor/key").map_err(key_error)?;
        let passphrase = Passphrase::new("of a benchmark").map_err(key_error)?;
        let file = folder.join("auditor.pem");
        keys::write_key_file(&file, &key, &passphrase).map_err(key_error)?;
        passphrase
            .write_file(&folder.join("passphrase"))
            .map_err(key_error)?;
        let wish = format!(
            r#"{{"add_participant":{{"id":"{}","participant":"bench-auditor","role":"auditor","keys":["{}"],"threshold":1}}}}"#,
            self.id(),
            key.verifier_key()
        );
        self.govern(&self.client()?, &wish)?;
        Ok(file)
    }

    /// Requests for receipts of one item of entries in an order that no cache foresees.
    pub(super) fn receipt_requests(
        &self,
        token: &str,
        entries: Range<u64>,
        items: usize,
        count: usize,
    ) -> Vec<Vec<u8>> {
        let entries_len = (entries.end - entries.start).max(1);
        let request = |_| {
            let n = self.id().to_u128();
            let spread = u64::try_from(n & u128::from(u64::MAX)).unwrap_or(0);
            let index = entries.start + (spread >> 20) % entries_len;
            let item = (spread >> 3) % items as u64 + 1;
            format!(
                "GET /v1/receipts/{index}?item={item} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
                self.address
            )
            .into_bytes()
        };
        (0..count).map(request).collect()
    }

    /// Verifies sampled receipts offline.
    pub(super) fn check_receipts(&self, samples: &[Vec<u8>]) -> Result<usize, BenchError> {
        for sample in samples {
            let wrong = |error: &dyn std::fmt::Display| BenchError::Answer(error.to_string());
            let file = ReceiptFile::from_json(sample).map_err(|error| wrong(&error))?;
            let receipt = file.to_receipt().map_err(|error| wrong(&error))?;
            receipt
                .verify(&self.log_key)
                .map_err(|error| wrong(&error))?;
        }
        Ok(samples.len())
    }

    fn next(&self) -> u64 {
        let n = self.counter.get() + 1;
        self.counter.set(n);
        n
    }

    /// An id as a careful client makes them: the time, and bits that look random.
    fn id(&self) -> InstructionId {
        let spread =
            u128::from(self.next()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        InstructionId::from_parts(self.clock.now_ns() / 1_000_000, spread >> 54)
    }

    fn body(&self, instructions: &str) -> String {
        let created = Time::from_nanos(self.clock.now_ns());
        let n = self.next();
        let nonce = Base64::encode_string(&u128::from(n).to_be_bytes());
        format!(
            r#"{{"message_id":"bench-{n}","created":"{created}","nonce":"{nonce}","instructions":[{instructions}]}}"#
        )
    }

    /// Signed requests, ready to be written to a socket.
    pub(super) fn requests(
        &self,
        workload: Workload,
        count: usize,
    ) -> Result<Vec<Vec<u8>>, BenchError> {
        (0..count).map(|_| self.request(workload)).collect()
    }

    fn request(&self, workload: Workload) -> Result<Vec<u8>, BenchError> {
        let transfers: Vec<String> = (0..workload.transfers())
            .map(|_| {
                let id = self.id();
                // Accounts in an order that no cache foresees.
                let n = id.to_u128() as usize;
                let (debit, credit) = ((n >> 12) % ACCOUNTS, (n >> 28) % ACCOUNTS);
                format!(
                    r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bench-a:usd-{debit}","credit":"bench-b:usd-{credit}","asset":"USD","amount":"0.01"}}]}}}}"#
                )
            })
            .collect();
        let body = self.body(&transfers.join(","));
        let hash = Hash::sha256(body.as_bytes());
        let text = submission_text(
            Purpose::Submission,
            &self.origin,
            &self.genesis,
            "bench-a",
            "application/json",
            &hash,
        );
        let signature = NoteSignature::sign(&text, &self.bank)
            .map_err(key_error)?
            .to_header();
        let mut request = format!(
            "POST /v1/submissions HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Quittance-Submitter: bench-a\r\nQuittance-Signature: {signature}\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body.as_bytes());
        Ok(request)
    }

    /// Verifies sampled answers offline: all settled, receipts prove themselves.
    pub(super) fn check(
        &self,
        samples: &[Vec<u8>],
        workload: Workload,
    ) -> Result<usize, BenchError> {
        for sample in samples {
            let answer: Answer = serde_json::from_slice(sample)
                .map_err(|error| BenchError::Answer(error.to_string()))?;
            good(&answer)?;
            if answer.outcomes.len() != workload.transfers() {
                return Err(BenchError::Answer("outcomes are missing".to_string()));
            }
            let file = answer.receipt.as_ref();
            let file = file.ok_or_else(|| BenchError::Answer("no receipt".to_string()))?;
            let receipt = file
                .to_receipt()
                .map_err(|e| BenchError::Answer(e.to_string()))?;
            receipt
                .verify(&self.log_key)
                .map_err(|e| BenchError::Answer(e.to_string()))?;
        }
        Ok(samples.len())
    }
}

fn good(answer: &Answer) -> Result<(), BenchError> {
    match answer.outcomes.iter().find(|row| !row.code.is_good()) {
        Some(row) => Err(BenchError::Answer(format!(
            "instruction {} ended with {}",
            row.instruction,
            row.code.code()
        ))),
        None => Ok(()),
    }
}
