//! Founding a log: the data folder, its keys, entry 0.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use chain::{Entry, EntryKind, Frontier, Hash, Signer, VerifierKey};
use keys::{Passphrase, SigningKey};

use super::error::InitError;
use super::record::Record;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::ledger::{
    Genesis, Mode, Operators, PROTOCOL_VERSION, Parameters, ParticipantId, SealedItems, Signature,
    Time, VerifierKeyText,
};
use crate::store::head::{Head, HeadFile};
use crate::store::marker::DataFolder;
use crate::store::sled::{SledOptions, SledStore};
use crate::store::{Batch, Store};

/// Label of the first operator key of a sandbox.
const OPERATOR: &str = "operators/operator-1";

/// How a log is founded.
pub enum Founding {
    /// A sandbox: all keys are made here and lie beside their passphrase.
    Sandbox,
    /// A live log: the founders have signed the document elsewhere.
    Live {
        /// The document.
        genesis: Box<Genesis>,
        /// One signature by each founding key.
        signatures: Vec<Signature>,
    },
}

/// What was founded.
#[derive(Debug, Clone)]
pub struct Founded {
    /// Origin of the log.
    pub origin: String,
    /// Leaf hash of entry 0.
    pub genesis_hash: Hash,
    /// The log's verifier key.
    pub log_vkey: VerifierKey,
    /// The file that holds it.
    pub log_vkey_file: PathBuf,
    /// The operator's key file, in a sandbox.
    pub operator_key: Option<PathBuf>,
    /// The passphrase file, in a sandbox.
    pub passphrase_file: Option<PathBuf>,
}

/// Makes the genesis document for a log with this key and these founders.
///
/// # Errors
/// [`InitError`] if a key's text or the random numbers fail.
pub fn draft_genesis(
    mode: Mode,
    log_vkey: &VerifierKey,
    operators: &[VerifierKey],
    threshold: u32,
) -> Result<Genesis, InitError> {
    let mut network_id = [0u8; 32];
    getrandom::fill(&mut network_id).map_err(InitError::Random)?;
    let text = |key: &VerifierKey| {
        VerifierKeyText::new(&key.to_string())
            .map_err(|_| InitError::Genesis(crate::ledger::GenesisError::Field("operators.keys")))
    };
    Ok(Genesis {
        origin: log_vkey.name().to_string(),
        mode: mode.as_str().to_string(),
        protocol: PROTOCOL_VERSION,
        log_vkey: text(log_vkey)?,
        operators: Operators {
            keys: operators.iter().map(text).collect::<Result<_, _>>()?,
            threshold,
        },
        parameters: Parameters::founding(mode),
        network_id: Base64::encode_string(&network_id),
    })
}

/// Founds a log in the data folder of `config`, which must be empty or missing.
///
/// # Errors
/// [`InitError`]; a folder that was begun is left for inspection and does not open.
pub fn init(config: &Config, founding: Founding) -> Result<Founded, InitError> {
    let disk =
        crate::store::disk::RealDisk::create(&config.data_dir).map_err(|source| InitError::Io {
            path: config.data_dir.clone(),
            source,
        })?;
    match founding {
        Founding::Sandbox if config.log.mode == Mode::Live => Err(InitError::Live),
        Founding::Sandbox => {
            let folder = DataFolder::init(Arc::new(disk))?;
            folder.begin_founding()?;
            let founded = sandbox(config, &folder)?;
            folder.end_founding()?;
            Ok(founded)
        }
        Founding::Live {
            genesis,
            signatures,
        } => {
            genesis.verify(&signatures)?;
            let folder = DataFolder::init(Arc::new(disk))?;
            folder.begin_founding()?;
            let log_vkey: VerifierKey =
                genesis.log_vkey.as_str().parse().map_err(|_| {
                    InitError::Genesis(crate::ledger::GenesisError::Field("log_vkey"))
                })?;
            let founded = found(config, &folder, &genesis, signatures, &log_vkey)?;
            folder.end_founding()?;
            Ok(founded)
        }
    }
}

fn sandbox(config: &Config, folder: &DataFolder) -> Result<Founded, InitError> {
    let keys_dir = config.data_dir.join("keys");
    make_dir(&keys_dir)?;
    let passphrase_file = match &config.keys.passphrase {
        config::Passphrase::File(path) => path.clone(),
        _ => keys_dir.join("passphrase"),
    };
    let passphrase = match &config.keys.passphrase {
        config::Passphrase::Variable(name) => Passphrase::from_env(name)?,
        _ => {
            let passphrase = Passphrase::generate()?;
            passphrase.write_file(&passphrase_file)?;
            passphrase
        }
    };
    let log_key = SigningKey::generate(&config.log.origin)?;
    let operator = SigningKey::generate(OPERATOR)?;
    keys::write_key_file(&config.keys.log, &log_key, &passphrase)?;
    let operator_file = keys_dir.join("operator-1.pem");
    keys::write_key_file(&operator_file, &operator, &passphrase)?;

    let vkey = log_key.verifier_key();
    let genesis = draft_genesis(Mode::Sandbox, vkey, &[operator.verifier_key().clone()], 1)?;
    let signature = sign_genesis(&genesis, &operator)?;
    let mut founded = found(config, folder, &genesis, vec![signature], vkey)?;
    founded.operator_key = Some(operator_file);
    founded.passphrase_file = Some(passphrase_file);
    Ok(founded)
}

/// Signs a genesis document with one founding key.
///
/// # Errors
/// [`InitError::Sign`].
pub fn sign_genesis(genesis: &Genesis, key: &SigningKey) -> Result<Signature, InitError> {
    let vkey = key.verifier_key();
    let signature = key
        .sign(genesis.statement().as_bytes())
        .map_err(InitError::Sign)?;
    Ok(Signature {
        participant: ParticipantId::operators(),
        key_name: vkey.name().to_string(),
        key_id: vkey.id().get(),
        signature,
    })
}

fn make_dir(path: &Path) -> Result<(), InitError> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(InitError::Io {
            path: path.to_path_buf(),
            source: error,
        }),
        _ => Ok(()),
    }
}

/// Writes `log.vkey`, and founds on sled.
fn found(
    config: &Config,
    folder: &DataFolder,
    genesis: &Genesis,
    signatures: Vec<Signature>,
    log_vkey: &VerifierKey,
) -> Result<Founded, InitError> {
    let store = SledStore::open(&SledOptions {
        path: config.data_dir.join("sled"),
        cache_bytes: config.store.cache_bytes,
    })?;
    // Before entry 0: a log that is there has everything that belongs to it.
    let log_vkey_file = config.data_dir.join("log.vkey");
    keys::write_vkey_file(&log_vkey_file, log_vkey)?;
    let genesis_hash = found_on(folder, &store, genesis, signatures)?;
    Ok(Founded {
        origin: genesis.origin.clone(),
        genesis_hash,
        log_vkey: log_vkey.clone(),
        log_vkey_file,
        operator_key: None,
        passphrase_file: None,
    })
}

/// Writes entry 0 and the head file on a given folder and store, and gives the entry's leaf hash:
/// tests put doubles there that lose power.
///
/// # Errors
/// [`InitError`].
pub fn found_on(
    folder: &DataFolder,
    store: &dyn Store,
    genesis: &Genesis,
    signatures: Vec<Signature>,
) -> Result<Hash, InitError> {
    let time = Time::from_nanos(Clock::start().now_ns());
    genesis.state(time)?;
    let mut salt = [0u8; 32];
    getrandom::fill(&mut salt).map_err(InitError::Random)?;
    let item = genesis.authorisation(time, signatures).to_item(0);
    let items = SealedItems::of_genesis(&item, &genesis.to_json(), &Hash::from_bytes(salt));
    let entry = Entry {
        kind: EntryKind::Genesis,
        items: 2,
        index: 0,
        time: time.nanos(),
        prev: Hash::ZERO,
        payload_root: items.root(),
        aux: Hash::ZERO,
    };
    let leaf = entry.leaf_hash();
    let mut frontier = Frontier::new();
    frontier.push(leaf, &mut |_, _, _| {});
    let head = Head {
        size: 1,
        root: frontier.root(),
        leaf,
        time: entry.time,
    };

    let mut batch = Batch::new(0);
    let record = Record::of_genesis(salt, &item, genesis.to_json());
    batch.entry(entry.to_bytes(), record.to_bytes());
    batch.head(head);
    store.apply(&batch)?;
    store.sync()?;
    HeadFile::open(Arc::clone(folder.disk()))?.write(&head)?;
    Ok(leaf)
}
