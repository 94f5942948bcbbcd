//! The node under test: this very program, as a child process with a sandbox of its own.

use std::cell::Cell;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::certificate;
use super::child;
use super::load::http;
use super::{BenchError, io};
use crate::client::{Client, Trust};
use crate::clock;

/// How long a node may take to come up: it may have a long log to read.
const START_MAX: Duration = Duration::from_secs(600);
/// How long it may take to end.
const STOP_MAX: Duration = Duration::from_secs(120);
/// How often it is asked. A start is measured by it.
const STEP: Duration = Duration::from_millis(2);
/// The variable that turns a guarantee off.
const WITHOUT: &str = "QUITTANCE_BENCH_WITHOUT";

/// A guarantee that a node in a sandbox can be asked to go without, to see what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Signatures are not verified.
    Signatures,
    /// Neither items nor entries are hashed into trees.
    Merkle,
    /// The write-ahead log is not synced.
    Sync,
    /// Nothing is written to the store.
    Store,
}

impl Without {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Signatures, Self::Merkle, Self::Sync, Self::Store];

    /// Its value in the variable.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signatures => "signatures",
            Self::Merkle => "merkle",
            Self::Sync => "sync",
            Self::Store => "store",
        }
    }
}

/// Where sandboxes are made: in a folder that is kept, or in temporary ones.
pub(super) struct Places {
    folder: Option<PathBuf>,
    made: Cell<u32>,
}

impl Places {
    pub(super) fn new(folder: Option<&Path>) -> Self {
        Self {
            folder: folder.map(ToOwned::to_owned),
            made: Cell::new(0),
        }
    }

    /// The next one. The first in a folder that is kept is the folder itself.
    fn next(&self) -> Result<(PathBuf, Option<TempDir>), BenchError> {
        let n = self.made.get() + 1;
        self.made.set(n);
        let folder = match &self.folder {
            None => {
                let made = tempfile::tempdir().map_err(io("making a folder"))?;
                return Ok((made.path().to_owned(), Some(made)));
            }
            Some(folder) if n == 1 => folder.clone(),
            Some(folder) => folder.join(n.to_string()),
        };
        std::fs::create_dir_all(&folder).map_err(io("making the folder"))?;
        let folder = folder.canonicalize().map_err(io("finding the folder"))?;
        Ok((folder, None))
    }
}

/// What is particular about a sandbox.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Whether its public listener speaks TLS, and TLS only.
    pub(super) tls: bool,
    /// What it goes without.
    pub(super) without: Option<Without>,
}

/// A running sandbox; it ends when this is dropped.
pub(super) struct Sandbox {
    child: Child,
    pub(super) public: SocketAddr,
    pub(super) admin: SocketAddr,
    pub(super) manner: Manner,
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

#[derive(serde::Deserialize)]
struct RunFile {
    pid: u32,
    public: SocketAddr,
    admin: SocketAddr,
}

impl Sandbox {
    /// Founds one and waits until it is ready.
    pub(super) fn start(places: &Places, manner: Manner) -> Result<Self, BenchError> {
        let (folder, temporary) = places.next()?;
        let mut settings = "[api]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n\
                            [telemetry]\nlevel = \"warn\"\n"
            .to_owned();
        if manner.tls {
            certificate::make(&folder)?;
            settings.push_str(certificate::SETTINGS);
        }
        std::fs::write(folder.join("node.toml"), settings).map_err(io("writing node.toml"))?;
        let (child, run) = launch(&folder, manner)?;
        Ok(Self {
            child,
            public: run.public,
            admin: run.admin,
            manner,
            folder,
            _temporary: temporary,
        })
    }

    /// Starts it again after it ended; gives how long it took until it was ready.
    pub(super) fn start_again(&mut self) -> Result<Duration, BenchError> {
        let began = clock::instant();
        let (child, run) = launch(&self.folder, self.manner)?;
        let took = began.elapsed();
        self.child = child;
        (self.public, self.admin) = (run.public, run.admin);
        Ok(took)
    }

    /// Asks it to end, as an operator does; gives how long it took.
    pub(super) fn stop(&mut self) -> Result<Duration, BenchError> {
        let began = clock::instant();
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| BenchError::Start("it has no process id".to_owned()))?;
        kill_process(pid, Signal::TERM).map_err(|error| io("stopping the node")(error.into()))?;
        while began.elapsed() < STOP_MAX {
            if self
                .child
                .try_wait()
                .map_err(io("stopping the node"))?
                .is_some()
            {
                return Ok(began.elapsed());
            }
            std::thread::sleep(STEP);
        }
        Err(BenchError::Start(
            "it did not end when it was asked to".to_owned(),
        ))
    }

    /// Ends it at once, as a crash does.
    pub(super) fn kill(&mut self) -> Result<(), BenchError> {
        self.child.kill().map_err(io("killing the node"))?;
        self.child.wait().map_err(io("killing the node")).map(drop)
    }

    pub(super) fn client(&self) -> Result<Client, BenchError> {
        let trust = Trust {
            ca: self.ca(),
            identity: None,
        };
        Ok(Client::over_tls(&self.url(), &trust)?)
    }

    pub(super) fn url(&self) -> String {
        let scheme = if self.manner.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.public)
    }

    /// The certificate to trust, if it speaks TLS.
    pub(super) fn ca(&self) -> Option<PathBuf> {
        self.manner.tls.then(|| self.folder.join(certificate::FILE))
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Nothing of a benchmark's sandbox is worth a graceful end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the node and waits until it takes submissions.
fn launch(folder: &Path, manner: Manner) -> Result<(Child, RunFile), BenchError> {
    let log = folder.join("node.log");
    let words = std::fs::File::create(&log).map_err(io("making node.log"))?;
    let mut command = child::program()?;
    command
        .args(["run", "--config", "node.toml"])
        .env_remove(WITHOUT)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(words);
    if let Some(without) = manner.without {
        command.env(WITHOUT, without.name());
    }
    let mut node = command.spawn().map_err(io("starting the node"))?;
    let ready = wait(&mut node, folder).and_then(|run| {
        heeds(
            &std::fs::read_to_string(&log).unwrap_or_default(),
            manner.without,
        )?;
        Ok(run)
    });
    match ready {
        Ok(run) => Ok((node, run)),
        Err(error) => {
            let _ = node.kill();
            let _ = node.wait();
            Err(error)
        }
    }
}

/// Whether a node says in its log that it goes without: one that does not know the variable would
/// be measured with all its guarantees.
fn heeds(log: &str, without: Option<Without>) -> Result<(), BenchError> {
    let said = |without: Without| {
        let mut lines = log.lines().filter(|line| line.contains(WITHOUT));
        lines.any(|line| line.contains(without.name()))
    };
    match without.is_none_or(said) {
        true => Ok(()),
        false => Err(BenchError::Start(format!(
            "it does not say that it heeds {WITHOUT}\n{log}"
        ))),
    }
}

/// Waits until the node has said where it listens, and is ready.
fn wait(child: &mut Child, folder: &Path) -> Result<RunFile, BenchError> {
    let began = clock::instant();
    while began.elapsed() < START_MAX {
        if let Ok(Some(status)) = child.try_wait() {
            let log = std::fs::read_to_string(folder.join("node.log")).unwrap_or_default();
            return Err(BenchError::Start(format!("it ended with {status}\n{log}")));
        }
        // The file of a node that was killed may still be there.
        if let Ok(json) = std::fs::read(folder.join("data/run.json"))
            && let Ok(run) = serde_json::from_slice::<RunFile>(&json)
            && run.pid == child.id()
            && http::get(run.admin, "/readyz").is_ok_and(|(status, _)| status == 200)
        {
            return Ok(run);
        }
        std::thread::sleep(STEP);
    }
    Err(BenchError::Start("it did not become ready".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_does_not_say_what_it_goes_without_is_not_measured() {
        let log = "WARN QUITTANCE_BENCH_WITHOUT is set: going without sync\n";
        assert!(heeds(log, Some(Without::Sync)).is_ok() && heeds("", None).is_ok());
        for (log, without) in [(log, Without::Merkle), ("WARN sync is slow", Without::Sync)] {
            let error = heeds(log, Some(without)).unwrap_err().to_string();
            assert!(error.contains(WITHOUT) && error.contains(log), "{error}");
        }
    }

    #[test]
    fn sandboxes_that_are_kept_are_apart() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::new(Some(&folder.path().join("kept")));
        let made: Vec<_> = (0..3).map(|_| places.next().unwrap().0).collect();
        assert!(
            made[0].ends_with("kept") && made[1].ends_with("kept/2"),
            "{made:?}"
        );
        assert!(made.iter().all(|place| place.is_dir()) && made[2].ends_with("kept/3"));
        let places = Places::new(None);
        let (one, two) = (places.next().unwrap(), places.next().unwrap());
        assert!(one.0 != two.0 && one.1.is_some());
    }
}
