//! The demo's world: a sandbox node in this process, an operator, three banks and an auditor.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chain::{Signer, VerifierKey};
use keys::{Passphrase, SigningKey};
use serde_json::{Value, json};

use super::{Teller, wrong};
use crate::cli::connect::random;
use crate::cli::error::{Failure, Kind};
use crate::cli::run::Running;
use crate::cli::submit::body;
use crate::client::{Client, Outgoing, Submitted};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::ledger::{ModelId, Time};
use crate::node::{self, Founding};
use crate::wire::ReceiptFile;

/// The currencies, with no, two and three decimals, and the test currency.
pub(super) const ASSETS: [&str; 5] = ["USD", "EUR", "JPY", "KWD", "XTS"];
/// What each bank is funded with, by currency.
const FUNDS: [&str; 5] = ["100000.00", "100000.00", "15000000", "30000.000", "5000.00"];

/// A participant with its key and its own connection.
pub(super) struct Party {
    pub(super) id: String,
    pub(super) key: SigningKey,
    pub(super) client: Client,
}

/// Everything that plays a part.
pub(super) struct World {
    running: Option<Running>,
    folder: PathBuf,
    /// The log's key, as read from the operator's disk.
    pub(super) log_key: VerifierKey,
    operator: Party,
    pub(super) banks: Vec<Party>,
    pub(super) auditor: Party,
    /// Every receipt that came.
    pub(super) receipts: Vec<ReceiptFile>,
}

impl World {
    /// Founds a sandbox, and sets up banks, assets, accounts and funds.
    pub(super) fn found(teller: Teller<'_>) -> Result<Self, Failure> {
        let name: String = random::<8>()?
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let folder = std::env::temp_dir().join(format!("quittance-demo-{name}"));
        let made = Self::start(&folder);
        let mut world = made.inspect_err(|_| {
            // The failure that matters is on its way already.
            let _ = std::fs::remove_dir_all(&folder);
        })?;
        teller.line("A sandbox node is up, with a log of its own:")?;
        let log = world.operator.client.log()?;
        teller.line(&format!("  origin   {}", log.origin))?;
        teller.line(&format!("  genesis  {}", log.genesis_hash.0))?;
        teller.line(&format!("  log key  {}", world.log_key))?;
        world.set_up()?;
        let banks: Vec<_> = world.banks.iter().map(|bank| bank.id.as_str()).collect();
        teller.line(&format!(
            "The operator registered {} and an auditor, {} currencies, {} accounts, and funded them:",
            banks.join(", "),
            ASSETS.len(),
            ASSETS.len() * banks.len(),
        ))?;
        teller.line(
            "  one signed submission, through the same door and into the same log as payments",
        )?;
        Ok(world)
    }

    fn start(folder: &Path) -> Result<Self, Failure> {
        let failed = |what: &str| Failure::new(Kind::Node, what);
        let data = folder.join("data");
        let set = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let config = Config::load(
            None,
            [],
            [
                set("data.dir", &data.to_string_lossy()),
                set("api.listen", "127.0.0.1:0"),
                set("admin.listen", "127.0.0.1:0"),
                // Small segments: they are filled with zeros before anything starts.
                set("wal.segment_bytes", "16777216"),
                set("wal.segments_min", "2"),
            ],
        )
        .map_err(|errors| failed("the demo's configuration is wrong").because(errors))?;
        let founded = node::init(&config, Founding::Sandbox)
            .map_err(|error| failed("the sandbox cannot be founded").because(error))?;
        let running = Running::start(&config, None)?;
        let (Some(key), Some(passphrase)) = (&founded.operator_key, &founded.passphrase_file)
        else {
            return Err(wrong("a sandbox without an operator's key"));
        };
        let passphrase = Passphrase::from_file(passphrase)
            .map_err(|error| failed("the passphrase cannot be read").because(error))?;
        let operator = keys::read_key_file(key, &passphrase)
            .map_err(|error| failed("the operator's key cannot be read").because(error))?;
        let log_key = keys::read_vkey_file(&founded.log_vkey_file)
            .map_err(|error| failed("the log's key cannot be read").because(error))?;
        let url = running.url();
        let party = |id: &str, key: SigningKey| {
            let client = Client::new(&url)?.trusting(Some(log_key.clone()));
            Ok::<_, Failure>(Party {
                id: id.to_owned(),
                key,
                client,
            })
        };
        let fresh = |id: &str| {
            let key = SigningKey::generate(&format!("{id}/demo"))
                .map_err(|error| failed("a key cannot be made").because(error))?;
            party(id, key)
        };
        Ok(Self {
            operator: party("operators", operator)?,
            banks: vec![fresh("bank-a")?, fresh("bank-b")?, fresh("bank-c")?],
            auditor: fresh("auditor")?,
            receipts: Vec::new(),
            running: Some(running),
            folder: folder.to_owned(),
            log_key,
        })
    }

    fn set_up(&mut self) -> Result<(), Failure> {
        let mut wishes = Vec::new();
        let role = |party: &Party, role: &str| {
            json!({"add_participant": {"participant": party.id, "role": role, "threshold": 1,
                "keys": [party.key.verifier_key().to_string()]}})
        };
        wishes.extend(self.banks.iter().map(|bank| role(bank, "bank")));
        wishes.push(role(&self.auditor, "auditor"));
        for asset in ASSETS {
            wishes.push(json!({"add_asset": {"asset": asset, "module": "fiat"}}));
        }
        for bank in &self.banks {
            for (asset, amount) in ASSETS.into_iter().zip(FUNDS) {
                let account = account(bank, asset);
                wishes.push(
                    json!({"open_account": {"address": account, "owner": bank.id,
                    "kind": "settlement", "asset": asset}}),
                );
                wishes.push(json!({"issue": {"account": account, "amount": amount}}));
            }
        }
        self.govern(&wishes)?;
        for party in self.banks.iter_mut().chain([&mut self.auditor]) {
            let time = Time::from_nanos(Clock::start().now_ns()).to_string();
            party
                .client
                .open_session(&party.id, &time, &random()?, &party.key)?;
        }
        Ok(())
    }

    /// Submits instructions as the operator, all of which must be carried out; gives back the index.
    pub(super) fn govern(&mut self, wishes: &[Value]) -> Result<u64, Failure> {
        let made = body(wishes, true, None)?.bytes;
        let done = send(&self.operator, &[&self.operator.key], &made)?;
        if let Some(refused) = done.answer.outcomes.iter().find(|o| !o.code.is_good()) {
            return Err(wrong(format_args!(
                "the operator was refused: {}",
                refused.code.code()
            )));
        }
        self.keep(&done);
        Ok(done.answer.index)
    }

    /// Waits until the first window of a model has settled; gives back the index of that entry.
    pub(super) fn settled_window(
        &self,
        model: &ModelId,
        patience: Duration,
        pause: Duration,
    ) -> Result<u64, Failure> {
        let began = clock::instant();
        loop {
            let window = self.bank(0)?.client.cycle(model, 1)?;
            match window.settled_index {
                Some(index) => return Ok(index),
                None if began.elapsed() > patience => {
                    return Err(wrong("a window that is funded did not settle"));
                }
                None => std::thread::sleep(pause),
            }
        }
    }

    /// Submits instructions as a bank; keeps the receipt.
    pub(super) fn submit(
        &mut self,
        bank: usize,
        co_signers: &[usize],
        wishes: &[Value],
    ) -> Result<Submitted, Failure> {
        let made = body(wishes, false, None)?.bytes;
        self.submit_bytes(bank, co_signers, &made)
    }

    /// Submits exact bytes as a bank; keeps the receipt.
    pub(super) fn submit_bytes(
        &mut self,
        bank: usize,
        co_signers: &[usize],
        bytes: &[u8],
    ) -> Result<Submitted, Failure> {
        let submitter = self.bank(bank)?;
        let mut signers: Vec<&dyn Signer> = vec![&submitter.key];
        for co_signer in co_signers {
            signers.push(&self.bank(*co_signer)?.key);
        }
        let done = send(submitter, &signers, bytes)?;
        self.keep(&done);
        Ok(done)
    }

    fn keep(&mut self, done: &Submitted) {
        self.receipts.extend(done.answer.receipt.clone());
    }

    pub(super) fn bank(&self, at: usize) -> Result<&Party, Failure> {
        self.banks.get(at).ok_or_else(|| wrong("no such bank"))
    }

    /// A bank's balance, as the node tells its owner.
    pub(super) fn balance(&self, bank: &Party, asset: &str) -> Result<String, Failure> {
        Ok(bank.client.account(&account(bank, asset))?.posted)
    }

    /// The address of the node.
    pub(super) fn url(&self) -> String {
        self.running.as_ref().map(Running::url).unwrap_or_default()
    }

    /// The folder with everything in it.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stops the node; the folder goes with it.
    pub(super) fn end(self) {}
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.running.take());
        // A temporary folder that stays is untidy, not wrong.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The address of a bank's account.
pub(super) fn account(bank: &Party, asset: &str) -> String {
    format!("{}:{}", bank.id, asset.to_ascii_lowercase())
}

fn send(party: &Party, signers: &[&dyn Signer], bytes: &[u8]) -> Result<Submitted, Failure> {
    let out = Outgoing {
        submitter: &party.id,
        content_type: "application/json",
        body: bytes,
    };
    Ok(party.client.submit(&out, signers)?)
}
