//! The node under test: this very program, as a child process with a sandbox of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::BenchError;

/// How long a sandbox may take to come up.
const START_MAX: Duration = Duration::from_secs(60);

/// A running sandbox; it ends when this is dropped.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> BenchError {
    move |source| BenchError::Io { doing, source }
}

impl Server {
    pub(super) fn start(folder: Option<&Path>) -> Result<Self, BenchError> {
        let (folder, temporary) = match folder {
            Some(folder) => (folder.to_path_buf(), None),
            None => {
                let made = tempfile::tempdir().map_err(io("making a folder"))?;
                (made.path().to_path_buf(), Some(made))
            }
        };
        std::fs::create_dir_all(&folder).map_err(io("making the folder"))?;
        let settings = "[api]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n\
                        [telemetry]\nlevel = \"warn\"\n";
        std::fs::write(folder.join("node.toml"), settings).map_err(io("writing node.toml"))?;
        let log = std::fs::File::create(folder.join("node.log")).map_err(io("making node.log"))?;
        let program = std::env::current_exe().map_err(io("finding this program"))?;
        let mut child = Command::new(program)
            .arg("run")
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(io("starting the node"))?;
        match wait(&mut child, &folder) {
            Ok(address) => Ok(Self {
                child,
                address,
                folder,
                _temporary: temporary,
            }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// Waits until the node says where it listens.
fn wait(child: &mut Child, folder: &Path) -> Result<SocketAddr, BenchError> {
    #[derive(serde::Deserialize)]
    struct Addresses {
        public: SocketAddr,
    }
    let step = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    while waited < START_MAX {
        if let Ok(Some(status)) = child.try_wait() {
            let log = std::fs::read_to_string(folder.join("node.log")).unwrap_or_default();
            return Err(BenchError::Start(format!("it ended with {status}\n{log}")));
        }
        if let Ok(json) = std::fs::read(folder.join("data/run.json"))
            && let Ok(addresses) = serde_json::from_slice::<Addresses>(&json)
        {
            return Ok(addresses.public);
        }
        std::thread::sleep(step);
        waited += step;
    }
    Err(BenchError::Start(
        "it did not say where it listens".to_string(),
    ))
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing of a benchmark's sandbox is worth a graceful end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
