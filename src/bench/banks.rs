//! Two banks with accounts and funds, set up before anything is measured; `bench-a` pays `bench-b`.

use std::cell::Cell;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chain::Hash;
use keys::{Passphrase, SigningKey};

use super::BenchError;
use super::sandbox::Sandbox;
use crate::client::{Client, Outgoing};
use crate::clock::Clock;
use crate::ledger::{InstructionId, Time};
use crate::limits::INSTRUCTIONS_MAX;
use crate::wire::Answer;

/// A run of a hundred million ids is no participant's daily work; the bench may do it all the same.
const WINDOW_IDS: u64 = 1_000_000_000;

/// A ledger ready to be measured.
pub(super) struct Banks {
    pub(super) address: SocketAddr,
    pub(super) origin: String,
    pub(super) genesis: Hash,
    pub(super) log_vkey: String,
    pub(super) bank: SigningKey,
    operator: SigningKey,
    clock: Clock,
    counter: Cell<u64>,
    /// Numbers of the accounts that pay, all of `bench-a`; their addresses count from 0.
    pub(super) payers: Vec<u64>,
    /// Numbers of those that are paid.
    pub(super) payees: Vec<u64>,
}

pub(super) fn key_error(error: impl std::fmt::Display) -> BenchError {
    BenchError::Key(error.to_string())
}

impl Banks {
    /// Registers both banks and opens so many accounts, half of them each; the payers are funded.
    pub(super) fn new(sandbox: &Sandbox, accounts: usize) -> Result<Self, BenchError> {
        let client = sandbox.client()?;
        let keys = sandbox.data().join("keys");
        let passphrase = Passphrase::from_file(&keys.join("passphrase")).map_err(key_error)?;
        let operator =
            keys::read_key_file(&keys.join("operator-1.pem"), &passphrase).map_err(key_error)?;
        let log = client.log()?;
        let mut banks = Self {
            address: sandbox.public,
            origin: log.origin.clone(),
            genesis: log.genesis_hash.0,
            log_vkey: log.vkey.clone(),
            bank: SigningKey::generate("bench-a/key").map_err(key_error)?,
            operator,
            clock: Clock::start(),
            counter: 0.into(),
            payers: Vec::new(),
            payees: Vec::new(),
        };
        banks.set_up(&client, (accounts / 2).max(1))?;
        Ok(banks)
    }

    fn set_up(&mut self, client: &Client, accounts: usize) -> Result<(), BenchError> {
        let other = SigningKey::generate("bench-b/key").map_err(key_error)?;
        let first = [
            format!(
                r#"{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}}"#,
                self.id()
            ),
            format!(
                r#"{{"set_parameter":{{"id":"{}","name":"window_ids_max","value":{WINDOW_IDS}}}}}"#,
                self.id()
            ),
            self.participant("bench-a", "bank", &self.bank),
            self.participant("bench-b", "bank", &other),
        ];
        self.govern(client, &first)?;
        self.payers = self.open(client, "bench-a", "usd", accounts)?;
        self.payees = self.open(client, "bench-b", "usd", accounts)?;
        let fund = |n| {
            format!(
                r#"{{"issue":{{"id":"{}","account":"bench-a:usd-{n}","amount":"1000000000.00"}}}}"#,
                self.id()
            )
        };
        self.govern(client, &(0..accounts).map(fund).collect::<Vec<_>>())
            .map(drop)
    }

    fn participant(&self, name: &str, role: &str, key: &SigningKey) -> String {
        format!(
            r#"{{"add_participant":{{"id":"{}","participant":"{name}","role":"{role}","keys":["{}"],"threshold":1}}}}"#,
            self.id(),
            key.verifier_key()
        )
    }

    /// Opens accounts `OWNER:PREFIX-0` and on; gives their numbers.
    pub(super) fn open(
        &self,
        client: &Client,
        owner: &str,
        prefix: &str,
        count: usize,
    ) -> Result<Vec<u64>, BenchError> {
        let open = |n| {
            format!(
                r#"{{"open_account":{{"id":"{}","address":"{owner}:{prefix}-{n}","owner":"{owner}","kind":"settlement","asset":"USD"}}}}"#,
                self.id()
            )
        };
        self.govern(client, &(0..count).map(open).collect::<Vec<_>>())
    }

    /// Sends instructions as the operators; gives what the outcomes refer to.
    pub(super) fn govern(
        &self,
        client: &Client,
        wishes: &[String],
    ) -> Result<Vec<u64>, BenchError> {
        self.send(client, ("operators", &self.operator), wishes)
    }

    /// Sends instructions as somebody; all have to take effect. Gives what the outcomes refer to.
    pub(super) fn send(
        &self,
        client: &Client,
        (submitter, key): (&str, &SigningKey),
        wishes: &[String],
    ) -> Result<Vec<u64>, BenchError> {
        let mut details = Vec::with_capacity(wishes.len());
        for chunk in wishes.chunks(INSTRUCTIONS_MAX) {
            let body = self.body(&chunk.join(","));
            let out = Outgoing {
                submitter,
                content_type: "application/json",
                body: body.as_bytes(),
            };
            let answer = client.submit(&out, &[key])?.answer;
            all_good(&answer)?;
            details.extend(answer.outcomes.iter().filter_map(|row| row.detail));
        }
        Ok(details)
    }

    /// A read token of the paying bank.
    pub(super) fn session(&self, sandbox: &Sandbox) -> Result<String, BenchError> {
        let mut client = sandbox.client()?;
        let time = Time::from_nanos(self.now_ns()).to_string();
        let nonce = u128::from(self.next()).to_be_bytes();
        client.open_session("bench-a", &time, &nonce, &self.bank)?;
        let token = client.token().map(ToOwned::to_owned);
        token.ok_or_else(|| BenchError::Answer("no session".to_owned()))
    }

    /// Registers an auditor, whose key is put into the folder with its passphrase.
    pub(super) fn auditor(
        &self,
        client: &Client,
        folder: &Path,
    ) -> Result<(PathBuf, PathBuf), BenchError> {
        let key = SigningKey::generate("bench-auditor/key").map_err(key_error)?;
        let passphrase = Passphrase::new("of a benchmark").map_err(key_error)?;
        let (file, secret) = (folder.join("auditor.pem"), folder.join("passphrase"));
        keys::write_key_file(&file, &key, &passphrase).map_err(key_error)?;
        passphrase.write_file(&secret).map_err(key_error)?;
        self.govern(
            client,
            &[self.participant("bench-auditor", "auditor", &key)],
        )?;
        Ok((file, secret))
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.clock.now_ns()
    }

    fn next(&self) -> u64 {
        let n = self.counter.get() + 1;
        self.counter.set(n);
        n
    }

    /// A number that looks random, another one each time.
    pub(super) fn spread(&self) -> u128 {
        u128::from(self.next()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    /// An id as a careful client makes them: the time, and bits that look random.
    pub(super) fn id(&self) -> InstructionId {
        InstructionId::from_parts(self.now_ns() / 1_000_000, self.spread() >> 54)
    }

    /// A message id.
    pub(super) fn message_id(&self) -> String {
        format!("bench-{}", self.next())
    }
}

fn all_good(answer: &Answer) -> Result<(), BenchError> {
    match answer.outcomes.iter().find(|row| !row.code.is_good()) {
        Some(row) => Err(BenchError::Answer(format!(
            "instruction {} ended with {}",
            row.instruction,
            row.code.code()
        ))),
        None => Ok(()),
    }
}
