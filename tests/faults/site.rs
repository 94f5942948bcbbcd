//! A node on real files, and the trial of a damaged copy of them in a process of its own: the node
//! ends its process when storage fails, and the engine below it may panic.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keys::SigningKey;
use quittance::config::Config;
use quittance::node::{Node, OpenOptions, Reply};
use quittance::store::disk::RealDisk;
use quittance::store::marker::DataFolder;
use quittance::store::sled::check::{Extent, Health, check};
use quittance::store::sled::{SledOptions, SledStore};
use quittance::telemetry;
use quittance::wire::EntryView;
use serde::{Deserialize, Serialize};

use crate::evidence::{Source, verified};
use crate::load;
use crate::power::{Inside, NodeStamp};
use crate::world::{self, ACCOUNTS, BANKS};
use crate::{Dice, kit};

/// Names the folder that a child is to open.
const TRIAL: &str = "QUITTANCE_FAULTS_TRIAL";
/// Where the parent wrote what a whole node says.
pub(crate) const EXPECTED: &str = "expected.json";

/// Where a trial puts another origin than the log's into the configuration.
pub(crate) const ORIGIN: &str = "origin";

/// Everything that a node said before its files were damaged.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expected {
    checkpoint: String,
    entries: Vec<EntryView>,
    balances: BTreeMap<String, String>,
}

/// What became of a damaged folder.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Everything is as before.
    Same,
    /// Everything but the bodies of some entries, whose keys are lost, with these words.
    KeysLost(String),
    /// Refused, or stopped, with these words.
    Refused(String),
    /// A wrong answer.
    Wrong(String),
}

/// A node on real files, and who may sign.
pub(crate) struct Site {
    folder: PathBuf,
    config: Config,
    operator: SigningKey,
    banks: Vec<SigningKey>,
    node: Arc<Node>,
    dice: Dice,
}

impl Site {
    /// Founds a log under `folder`. With `flush` the store follows the log at once, otherwise all
    /// of the load stays in the write-ahead segments.
    pub(crate) fn new(folder: &Path, flush: Duration) -> Self {
        let config = world::config(folder);
        fs::create_dir_all(&config.data_dir).unwrap();
        let (log, operator) = {
            let disk = RealDisk::create(&config.data_dir).unwrap();
            let data = DataFolder::init(Arc::new(disk)).unwrap();
            let store = SledStore::open(&SledOptions {
                path: config.data_dir.join("sled"),
                cache_bytes: config.store.cache_bytes,
            });
            let (log, operator) = world::keys(&config);
            world::found(&data, &store.unwrap(), log.verifier_key(), &operator);
            (log, operator)
        };
        keys::write_vkey_file(&config.data_dir.join("log.vkey"), log.verifier_key()).unwrap();
        let node = Node::open(&config, &OpenOptions::default()).unwrap();
        let banks = world::set_up(&node, &operator);
        node.shutdown();
        let site = Self {
            folder: folder.to_path_buf(),
            config,
            operator,
            banks,
            node,
            dice: Dice(7),
        };
        site.again(flush)
    }

    pub(crate) fn pay(&mut self, times: usize) {
        for _ in 0..times {
            let sent = load::payment(&mut self.dice, &NodeStamp(&self.node));
            let bank = BANKS.iter().position(|bank| *bank == sent.submitter);
            let signer = bank.map_or(&self.operator, |bank| &self.banks[bank]);
            let submission = kit::submission(&self.node, sent.submitter, &[signer], &sent.body);
            let reply = kit::futures_block(self.node.submit(submission)).unwrap();
            assert!(matches!(reply, Reply::Applied(_)), "{reply:?}");
        }
    }

    /// Writes down what the node says.
    pub(crate) fn note(&self) {
        let json = serde_json::to_vec(&read(&self.node).unwrap()).unwrap();
        fs::write(self.folder.join(EXPECTED), json).unwrap();
    }

    pub(crate) fn stop(&self) {
        self.node.shutdown();
    }

    /// Waits until the store provably holds every frame of the write-ahead log.
    pub(crate) fn wait_until_released(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.node.metrics().wal_live_bytes.get() != 0 {
            assert!(Instant::now() < deadline, "{}", self.node.metrics_text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The running node.
    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Opens the node again.
    pub(crate) fn again(self, flush: Duration) -> Self {
        self.again_at(flush, None)
    }

    /// Opens the node again on the files of another folder.
    pub(crate) fn again_with(self, files: &Path, flush: Duration) -> Self {
        let data = self.folder.join("data");
        fs::remove_dir_all(&data).unwrap();
        copy(&files.join("data"), &data);
        self.again(flush)
    }

    /// The same at a time that somebody vouches for.
    pub(crate) fn again_at(self, flush: Duration, accept_time: Option<u64>) -> Self {
        let Self {
            folder,
            mut config,
            operator,
            banks,
            node,
            dice,
        } = self;
        drop(node);
        config.store.flush_interval = flush;
        // No load here waits for a store that does not follow.
        config.store.lag_bytes_max = 64 << 20;
        let node = Node::open(
            &config,
            &OpenOptions {
                accept_time,
                ..OpenOptions::default()
            },
        )
        .unwrap();
        Self {
            folder,
            config,
            operator,
            banks,
            node,
            dice,
        }
    }
}

/// Reads everything from a node.
fn read(node: &Node) -> Result<Expected, String> {
    let source = Inside(node);
    let checkpoint = source.checkpoint()?;
    let size = verified(&checkpoint, &node.log_key())?.size;
    let entries = (0..size).map(|index| {
        let receipt = source.receipt(index)?.to_receipt();
        let receipt = receipt.map_err(|error| error.to_string())?;
        let holds = receipt.verify(&node.log_key());
        holds.map_err(|error| error.to_string())?;
        source.entry(index)
    });
    let entries = entries.collect::<Result<_, _>>()?;
    let balances = ACCOUNTS.iter().map(|address| {
        let posted = source.posted(address)?;
        Ok(((*address).to_string(), posted))
    });
    Ok(Expected {
        checkpoint,
        entries,
        balances: balances.collect::<Result<_, String>>()?,
    })
}

/// A copy of everything under `from`.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

/// Flips bits of the engine's file where that is no harmless thing: a check finds it, and the engine
/// does not open. What lies at one and the same place differs from run to run, and an older copy of
/// a page is never read again.
pub(crate) fn wound(sled: &Path, mask: u8) {
    let db = sled.join("db");
    let whole = fs::read(&db).unwrap();
    for at in (4_000..whole.len()).step_by(997) {
        let trial = crate::folder();
        copy(sled, &trial.path().join("sled"));
        let mut bytes = whole.clone();
        bytes[at] ^= mask;
        fs::write(trial.path().join("sled/db"), &bytes).unwrap();
        let seen = check(&trial.path().join("sled"), Extent::Everything);
        let options = SledOptions {
            path: trial.path().join("sled"),
            cache_bytes: 16 << 20,
        };
        if matches!(seen, Ok(Health::Damaged(_))) && SledStore::open(&options).is_err() {
            fs::write(&db, &bytes).unwrap();
            return;
        }
    }
    panic!("no byte of {} matters", db.display());
}

/// Opens a folder in a process of its own and says what came of it.
pub(crate) fn try_to_open(folder: &Path) -> Verdict {
    try_to_open_as(folder, None)
}

/// The same as another user of the system.
pub(crate) fn try_to_open_as(folder: &Path, user: Option<u32>) -> Verdict {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = command
        .args(["--exact", "site::child_of_a_trial", "--nocapture"])
        .env(TRIAL, folder)
        .env("NO_COLOR", "1")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let said = out.lines().find_map(|line| line.split_once("VERDICT "));
    let Some((_, verdict)) = said else {
        // The node stopped its process: its last words are on stderr.
        return Verdict::Refused(String::from_utf8_lossy(&output.stderr).into_owned());
    };
    match verdict.split_once(' ').unwrap_or((verdict, "")) {
        ("same", _) => Verdict::Same,
        ("keys", _) => Verdict::KeysLost(String::from_utf8_lossy(&output.stderr).into_owned()),
        ("refused", why) => Verdict::Refused(why.to_string()),
        (_, why) => Verdict::Wrong(why.to_string()),
    }
}

/// Not a test by itself: what the trials run in a process of its own.
#[test]
fn child_of_a_trial() {
    let Some(folder) = std::env::var_os(TRIAL) else {
        return;
    };
    let folder = Path::new(&folder);
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(60));
        println!("VERDICT wrong: the node hangs");
        std::process::exit(1);
    });
    let mut config = world::config(folder);
    if let Ok(origin) = fs::read_to_string(folder.join(ORIGIN)) {
        config.log.origin = origin;
    }
    telemetry::start(config.telemetry).unwrap();
    let expected = fs::read(folder.join(EXPECTED)).unwrap();
    let expected: Expected = serde_json::from_slice(&expected).unwrap();
    let said = match Node::open(&config, &OpenOptions::default()) {
        Err(error) => format!("refused {}: {}", error.trouble().as_str(), chain_of(&error)),
        Ok(node) => {
            // Some damage shows when the store is written.
            let said = compare(&expected, read(&node));
            node.shutdown();
            said
        }
    };
    println!("VERDICT {}", said.replace('\n', " "));
    std::process::exit(0);
}

fn compare(expected: &Expected, found: Result<Expected, String>) -> String {
    let mut found = match found {
        Ok(found) => found,
        Err(why) => return format!("refused {why}"),
    };
    let mut lost = false;
    for (old, new) in expected.entries.iter().zip(&mut found.entries) {
        if new.body_key.is_none() && old.body_key.is_some() {
            (new.body_key, lost) = (old.body_key, true);
        }
        if old != new {
            return format!("wrong entry {} is another", old.index);
        }
    }
    if found.checkpoint != expected.checkpoint {
        let (was, is) = (expected.entries.len(), found.entries.len());
        return format!("wrong checkpoint: {was} entries before, {is} now");
    }
    if found.balances != expected.balances {
        return "wrong balances".to_string();
    }
    (if lost { "keys" } else { "same" }).to_string()
}

fn chain_of(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}
