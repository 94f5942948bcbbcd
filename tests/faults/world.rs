//! A small world on a simulated disk: a log, its operator, three banks with two accounts each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chain::VerifierKey;
use keys::{Passphrase, SigningKey};
use quittance::config::{self, Config};
use quittance::ledger::Mode;
use quittance::node::{self, Node, OpenError, OpenOptions, Reply};
use quittance::store::marker::DataFolder;
use quittance::store::simdisk::SimDisk;
use quittance::store::{Batch, Store};
use tempfile::TempDir;

use crate::cutstore::CutStore;
use crate::evidence::Start;
use crate::kit;
use crate::model::{Model, money};
use crate::rich::Rich;

/// The banks.
pub(crate) const BANKS: [&str; 3] = ["bank-a", "bank-b", "bank-c"];
/// Their accounts, two each.
pub(crate) const ACCOUNTS: [&str; 6] = [
    "bank-a:1", "bank-a:2", "bank-b:1", "bank-b:2", "bank-c:1", "bank-c:2",
];
/// What stands on each account at the start: little, so that funds often do not suffice.
pub(crate) const FUNDS: i128 = 10_000;

/// A log that was founded and set up, and the keys of everybody in it.
pub(crate) struct World {
    _folder: TempDir,
    pub(crate) config: Config,
    pub(crate) operator: SigningKey,
    pub(crate) banks: Vec<SigningKey>,
    pub(crate) log_key: VerifierKey,
    pub(crate) start: Start,
    base: Media,
}

/// What a node stands on, between two of its lives.
#[derive(Clone)]
pub(crate) struct Media {
    pub(crate) disk: SimDisk,
    pub(crate) batches: Vec<Batch>,
}

/// A node on media that may lose power.
pub(crate) struct Machine {
    pub(crate) node: Arc<Node>,
    pub(crate) disk: SimDisk,
    store: Arc<CutStore>,
}

impl Machine {
    /// Opens a node on what is left of a former life.
    pub(crate) fn open(config: &Config, media: Media) -> Result<Self, OpenError> {
        let Media { disk, batches } = media;
        let store = Arc::new(CutStore::open(&disk, batches));
        Self::start(config, disk, store)
    }

    fn start(config: &Config, disk: SimDisk, store: Arc<CutStore>) -> Result<Self, OpenError> {
        let folder = DataFolder::open(disk.shared())?;
        let shared: Arc<dyn Store> = Arc::<CutStore>::clone(&store);
        let node = Node::open_on(config, &OpenOptions::default(), folder, shared)?;
        Ok(Self { node, disk, store })
    }

    /// Stops the node in an orderly way.
    pub(crate) fn stop(self) -> Media {
        self.node.shutdown();
        Media {
            disk: self.disk.duplicate(),
            batches: self.store.batches(),
        }
    }
}

/// Opens a node while the power may fail; gives it, if it opened, and what the cut left.
pub(crate) struct Attempt {
    disk: SimDisk,
    store: Arc<CutStore>,
    pub(crate) machine: Result<Machine, OpenError>,
}

impl Attempt {
    pub(crate) fn new(config: &Config, media: Media, cut_after: u64) -> Self {
        let Media { disk, batches } = media;
        let store = Arc::new(CutStore::open(&disk, batches));
        disk.cut_after(cut_after);
        let machine = Machine::start(config, disk.clone(), Arc::clone(&store));
        Self {
            disk,
            store,
            machine,
        }
    }

    /// What the ordered cut left; `None` if it has not struck.
    pub(crate) fn survivors(&self, seed: u64) -> Option<Media> {
        let disk = self.disk.survivor(seed)?;
        let batches = self.store.batches();
        Some(Media { disk, batches })
    }
}

impl World {
    /// Founds a log and sets it up.
    pub(crate) fn new() -> Self {
        let folder = crate::folder();
        let config = config(folder.path());
        let (log, operator) = keys(&config);
        let log_key = log.verifier_key().clone();
        let disk = SimDisk::new();
        let data = DataFolder::init(disk.shared()).unwrap();
        let store = Arc::new(CutStore::open(&disk, Vec::new()));
        found(&data, &*store, &log_key, &operator);
        drop(data);
        let machine = Machine::start(&config, disk, store).unwrap();
        let banks = set_up(&machine.node, &operator);
        let size = machine.node.reader().size();
        let base = machine.stop();
        Self {
            _folder: folder,
            config,
            operator,
            banks,
            log_key,
            start: Start {
                size,
                model: Model::new(&ACCOUNTS, FUNDS),
            },
            base,
        }
    }

    /// A copy of the media as they were set up.
    pub(crate) fn media(&self) -> Media {
        Media {
            disk: self.base.disk.duplicate(),
            batches: self.base.batches.clone(),
        }
    }

    /// The key that signs for a participant.
    pub(crate) fn signer(&self, participant: &str) -> &SigningKey {
        let bank = BANKS.iter().position(|bank| *bank == participant);
        bank.map_or(&self.operator, |bank| &self.banks[bank])
    }
}

/// A configuration in which everything that happens once a minute in production happens many times
/// in one test: small segments, short intervals.
pub(crate) fn config(folder: &Path) -> Config {
    let mut config = kit::config(folder);
    config.wal.segment_bytes = 96 << 10;
    config.sequencer.group_bytes_max = 16 << 10;
    config.sequencer.group_submissions_max = 16;
    config.store.flush_interval = Duration::from_millis(3);
    config.store.lag_bytes_max = 512 << 10;
    config.snapshot_every_instructions = 150;
    config
}

/// Founds a sandbox on real files, and opens nothing.
pub(crate) fn found_only(folder: &Path) {
    let config = config(folder);
    node::init(&config, node::Founding::Sandbox).unwrap();
}

/// Founds a sandbox.
pub(crate) fn found(
    folder: &DataFolder,
    store: &dyn Store,
    log_key: &VerifierKey,
    operator: &SigningKey,
) {
    let founders = [operator.verifier_key().clone()];
    let genesis = node::draft_genesis(Mode::Sandbox, log_key, &founders, 1).unwrap();
    let signature = node::sign_genesis(&genesis, operator).unwrap();
    node::found_on(folder, store, &genesis, vec![signature]).unwrap();
}

/// Writes the log's key where the configuration looks for it.
pub(crate) fn keys(config: &Config) -> (SigningKey, SigningKey) {
    let log = SigningKey::generate(&config.log.origin).unwrap();
    let operator = SigningKey::generate("operators/operator-1").unwrap();
    let config::Passphrase::File(path) = &config.keys.passphrase else {
        panic!("the passphrase comes from a file")
    };
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::create_dir_all(config.keys.log.parent().unwrap()).unwrap();
    let passphrase = Passphrase::generate().unwrap();
    passphrase.write_file(path).unwrap();
    keys::write_key_file_for_tests(&config.keys.log, &log, &passphrase).unwrap();
    (log, operator)
}

/// Registers banks and opens their accounts; gives the banks' keys.
pub(crate) fn set_up(node: &Node, operator: &SigningKey) -> Vec<SigningKey> {
    let banks: Vec<SigningKey> = BANKS
        .iter()
        .map(|bank| SigningKey::generate(&format!("{bank}/key-1")).unwrap())
        .collect();
    let id = || kit::id(node).to_string();
    let mut messages = governance(&banks, id);
    messages.push(Rich::governance(BANKS.len(), r#""manual""#, &id));
    for instructions in messages {
        let body = kit::body_at(node, &instructions);
        let submission = kit::submission(node, "operators", &[operator], &body);
        let reply: Reply = kit::futures_block(node.submit(submission)).unwrap();
        kit::assert_good(&reply);
    }
    banks
}

/// The instructions that make banks, an asset and funded accounts, message by message.
pub(crate) fn governance(banks: &[SigningKey], id: impl Fn() -> String) -> Vec<Vec<String>> {
    let mut first: Vec<String> = banks
        .iter()
        .zip(BANKS)
        .map(|(key, bank)| {
            format!(
                r#"{{"add_participant":{{"id":"{}","participant":"{bank}","role":"bank","keys":["{}"],"threshold":1}}}}"#,
                id(),
                key.verifier_key()
            )
        })
        .collect();
    first.push(format!(
        r#"{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}}"#,
        id()
    ));
    let mut messages = vec![first];
    for account in ACCOUNTS {
        let (owner, _) = account.split_once(':').unwrap();
        let (open, issue, funds) = (id(), id(), money(FUNDS));
        messages.push(vec![
            format!(
                r#"{{"open_account":{{"id":"{open}","address":"{account}","owner":"{owner}","kind":"settlement","asset":"USD"}}}}"#
            ),
            format!(
                r#"{{"issue":{{"id":"{issue}","account":"{account}","amount":"{funds}"}}}}"#
            ),
        ]);
    }
    messages
}
