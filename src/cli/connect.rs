//! How commands reach a node: address, trust, keys.

use std::path::{Path, PathBuf};

use chain::{Signer, VerifierKey};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::Context;
use super::error::{Failure, Kind};
use super::secret::{self, Unlocked};
use crate::client::{Client, Trust};
use crate::clock::Clock;
use crate::ledger::Time;

/// The address of a sandbox that nobody configured.
const URL_DEFAULT: &str = "http://127.0.0.1:7700";

/// Which node to ask, and which log key to trust.
#[derive(Debug, Clone, Args)]
pub(crate) struct NodeArgs {
    /// Address of the node [default: the node that runs in the data folder, else
    /// http://127.0.0.1:7700]
    #[arg(long, value_name = "URL", env = "QUITTANCE_URL")]
    pub(crate) url: Option<String>,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY"
    )]
    pub(crate) log_vkey: Option<String>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

/// Certificates for addresses that begin with https.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TlsArgs {
    /// PEM file with the CAs that the node's certificate must come from [default: those of the web]
    #[arg(long, value_name = "FILE", env = "QUITTANCE_CA")]
    pub(crate) ca: Option<PathBuf>,
    /// PEM file with a certificate of your own, for nodes that ask for one
    #[arg(
        long,
        value_name = "FILE",
        env = "QUITTANCE_CLIENT_CERT",
        requires = "client_key"
    )]
    pub(crate) client_cert: Option<PathBuf>,
    /// PEM file with its key
    #[arg(
        long,
        value_name = "FILE",
        env = "QUITTANCE_CLIENT_KEY",
        requires = "client_cert"
    )]
    pub(crate) client_key: Option<PathBuf>,
}

impl TlsArgs {
    fn trust(&self) -> Trust {
        Trust {
            ca: self.ca.clone(),
            identity: self.client_cert.clone().zip(self.client_key.clone()),
        }
    }
}

/// The keys to sign with.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyArgs {
    /// Key file to sign with; give it again for each further signature [default: the operator's
    /// key of the sandbox in the data folder]
    #[arg(
        long = "key",
        value_name = "FILE",
        env = "QUITTANCE_KEY",
        value_delimiter = ','
    )]
    pub(crate) keys: Vec<PathBuf>,
    /// File with the passphrase of the keys; where each key has its own, give it once for each, in
    /// the order of --key [default: QUITTANCE_PASSPHRASE, a file `passphrase` beside the key, the
    /// terminal]
    #[arg(
        long = "passphrase-file",
        value_name = "FILE",
        env = "QUITTANCE_PASSPHRASE_FILE",
        value_delimiter = ','
    )]
    pub(crate) passphrase_files: Vec<PathBuf>,
}

/// Who reads.
#[derive(Debug, Clone, Args)]
pub(crate) struct SessionArgs {
    #[command(flatten)]
    pub(crate) node: NodeArgs,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Participant to act for [default: the one named by the key]
    #[arg(
        long = "as",
        visible_alias = "participant",
        value_name = "ID",
        env = "QUITTANCE_AS"
    )]
    pub(crate) participant: Option<String>,
}

/// `run.json`: where the node that runs in a data folder listens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunFile {
    /// Process id.
    pub(crate) pid: u32,
    /// Address of the public listener.
    pub(crate) public: String,
    /// Address of the admin listener.
    pub(crate) admin: String,
    /// Whether the public listener speaks TLS.
    #[serde(default)]
    pub(crate) tls: bool,
}

impl RunFile {
    /// Its name in the data folder.
    pub(crate) const NAME: &str = "run.json";
    /// Beside it: what the admin listener wants to see before it gives a backup out.
    pub(crate) const BACKUP_TOKEN: &str = "backup.token";

    /// Reads it, if it is there.
    pub(crate) fn read(data_dir: &Path) -> Option<Self> {
        let bytes = std::fs::read(data_dir.join(Self::NAME)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Whether its process is known to be gone (a node that was killed leaves the file behind).
    fn is_stale(&self) -> bool {
        let processes = Path::new("/proc");
        processes.join("self").exists() && !processes.join(self.pid.to_string()).exists()
    }
}

impl NodeArgs {
    /// A client of the node.
    pub(crate) fn client(&self, context: &Context) -> Result<Client, Failure> {
        let url = match &self.url {
            Some(url) => url.clone(),
            None => here(context).unwrap_or_else(|| URL_DEFAULT.to_owned()),
        };
        Ok(Client::over_tls(&url, &self.tls.trust())?.trusting(self.trusted()?))
    }

    /// The key brought along, if one was.
    pub(crate) fn trusted(&self) -> Result<Option<VerifierKey>, Failure> {
        self.log_vkey.as_deref().map(vkey).transpose()
    }
}

/// The address of the node that runs in the data folder.
fn here(context: &Context) -> Option<String> {
    let run = RunFile::read(&context.data_dir()?)?;
    if run.is_stale() {
        context.out.say(format_args!(
            "{} was left behind by process {}, which runs no more: start the node",
            RunFile::NAME,
            run.pid
        ));
    }
    let scheme = if run.tls { "https" } else { "http" };
    Some(format!("{scheme}://{}", run.public))
}

/// Reads a vkey given as text or as the name of a file.
pub(crate) fn vkey(given: &str) -> Result<VerifierKey, Failure> {
    if let Ok(key) = VerifierKey::parse(given) {
        return Ok(key);
    }
    keys::read_vkey_file(Path::new(given)).map_err(|error| {
        Failure::new(
            Kind::File,
            format_args!("{given} is neither a vkey nor a file with one"),
        )
        .because(error)
    })
}

/// A vkey in words: its name and key id.
pub(crate) fn named(key: &VerifierKey) -> String {
    format!("{} (key id {})", key.name(), key.id())
}

impl KeyArgs {
    /// Opens the keys.
    pub(crate) fn unlock(&self, context: &Context) -> Result<Vec<Unlocked>, Failure> {
        let mut files = self.keys.clone();
        if files.is_empty() {
            let sandbox = context
                .data_dir()
                .map(|dir| dir.join("keys/operator-1.pem"));
            match sandbox.filter(|file| file.exists()) {
                Some(file) => files.push(file),
                None => {
                    return Err(Failure::usage("there is no key to sign with")
                        .hint("name one with --key; `quittance keys generate` makes one"));
                }
            }
        }
        let (keys, passphrases) = (files.len(), self.passphrase_files.len());
        if passphrases > 1 && passphrases != keys {
            return Err(Failure::usage(format_args!(
                "there are {keys} keys and {passphrases} files with passphrases"
            ))
            .hint("name one file for all keys, or one for each, in the order of --key"));
        }
        let mut unlocked = Vec::with_capacity(keys);
        for (n, file) in files.iter().enumerate() {
            let passphrases = &self.passphrase_files;
            let passphrase = passphrases.get(n).or(passphrases.first());
            let key = secret::unlock(file, passphrase.map(PathBuf::as_path));
            unlocked.push(key.map_err(|failure| {
                if keys > 1 && passphrases.len() < keys && failure.has_no_hint() {
                    return failure.hint(
                        "where each key has its own passphrase, give --passphrase-file once for \
                         each, in the order of --key",
                    );
                }
                failure
            })?);
        }
        Ok(unlocked)
    }
}

/// The keys as signers.
pub(crate) fn signers(keys: &[Unlocked]) -> Vec<&dyn Signer> {
    keys.iter()
        .map(|unlocked| &unlocked.key as &dyn Signer)
        .collect()
}

/// The participant that a key signs for: its name up to the slash.
pub(crate) fn participant_of(keys: &[Unlocked]) -> Result<String, Failure> {
    let name = keys
        .first()
        .map_or("", |unlocked| unlocked.key.verifier_key().name());
    match name.split_once('/') {
        Some((participant, _)) => Ok(participant.to_owned()),
        None => Err(
            Failure::usage(format_args!("the key {name:?} names no participant"))
                .hint("say for whom you act with --as"),
        ),
    }
}

/// Refuses keys whose passphrase lies beside them, unless the log is a sandbox.
pub(crate) fn refuse_beside(client: &Client, keys: &[Unlocked]) -> Result<(), Failure> {
    let Some(beside) = keys.iter().find(|unlocked| unlocked.beside) else {
        return Ok(());
    };
    if client.log()?.mode == "sandbox" {
        return Ok(());
    }
    Err(lies_beside(beside))
}

/// A key whose passphrase lies beside it, under a live log.
pub(crate) fn lies_beside(unlocked: &Unlocked) -> Failure {
    let path = unlocked.path.display();
    Failure::usage(format_args!(
        "the passphrase of {path} lies beside it, and the log is live"
    ))
    .hint("keep the passphrase elsewhere, and name its file with --passphrase-file")
}

impl SessionArgs {
    /// A client with a session.
    pub(crate) fn session(&self, context: &Context) -> Result<Client, Failure> {
        let mut client = self.node.client(context)?;
        let keys = self.keys.unlock(context)?;
        self.open(&mut client, &keys)?;
        Ok(client)
    }

    /// Opens a session with the first of the keys.
    pub(crate) fn open(&self, client: &mut Client, keys: &[Unlocked]) -> Result<(), Failure> {
        refuse_beside(client, keys)?;
        let participant = match &self.participant {
            Some(participant) => participant.clone(),
            None => participant_of(keys)?,
        };
        let Some(first) = keys.first() else {
            return Ok(());
        };
        let time = Time::from_nanos(Clock::start().now_ns()).to_string();
        let nonce = random()?;
        Ok(client.open_session(&participant, &time, &nonce, &first.key)?)
    }
}

/// Fresh random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new(Kind::File, "the system gives no random bytes").because(error)
    })?;
    Ok(bytes)
}
