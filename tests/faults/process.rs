//! The real binary as a process, with its disk operations watched or broken by the shim.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// A start or an end that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The node as a process of its own.
pub(crate) struct Process {
    child: Child,
    words: NamedTempFile,
    pub(crate) url: String,
}

/// A node that has ended by itself.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// What it said on stderr.
    pub(crate) words: String,
}

impl Ended {
    /// Whether SIGKILL ended it.
    pub(crate) fn is_killed(&self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        self.status.signal() == Some(9)
    }
}

/// Variables of a start, beside the usual ones.
pub(crate) type Vars<'a> = &'a [(&'a str, String)];

/// A node that flushes often, on small segments, so that in seconds everything happens many times.
const SMALL: [(&str, &str); 8] = [
    ("QUITTANCE__API__LISTEN", "127.0.0.1:0"),
    ("QUITTANCE__ADMIN__LISTEN", "127.0.0.1:0"),
    ("QUITTANCE__SEQUENCER__GROUP_BYTES_MAX", "2097152"),
    ("QUITTANCE__WAL__SEGMENT_BYTES", "4194304"),
    ("QUITTANCE__WAL__SEGMENTS_MIN", "2"),
    ("QUITTANCE__STORE__FLUSH_MS", "50"),
    ("QUITTANCE__SNAPSHOT__EVERY_INSTRUCTIONS", "1000"),
    ("NO_COLOR", "1"),
];

/// `quittance` in a folder whose data lies in `data`.
pub(crate) fn quittance(folder: &Path, vars: Vars<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
    command
        .env_clear()
        .envs(SMALL)
        .env("QUITTANCE__DATA__DIR", data(folder))
        .envs(vars.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// The data folder, as the shim sees it in file names.
pub(crate) fn data(folder: &Path) -> PathBuf {
    fs::canonicalize(folder).unwrap().join("data")
}

impl Process {
    /// Starts a node that has to come up.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::try_start(folder, &[]).unwrap_or_else(|ended| panic!("{}", ended.words))
    }

    /// Starts a node; gives its last words if it ends before it serves.
    pub(crate) fn try_start(folder: &Path, vars: Vars<'_>) -> Result<Self, Ended> {
        let run_file = folder.join("data/run.json");
        let _ = fs::remove_file(&run_file);
        // Not in the folder: its disk may be full.
        let words = NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let child = quittance(folder, vars)
            .arg("run")
            .stdout(Stdio::null())
            .stderr(words.reopen().unwrap())
            .spawn()
            .unwrap();
        let url = String::new();
        let mut process = Self { child, words, url };
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = process.child.try_wait().unwrap() {
                let words = process.words();
                return Err(Ended { status, words });
            }
            assert!(Instant::now() < end, "no start: {}", process.words());
            if let Ok(json) = fs::read(&run_file)
                && let Ok(run) = serde_json::from_slice::<serde_json::Value>(&json)
                && run["pid"] == process.child.id()
            {
                process.url = format!("http://{}", run["public"].as_str().unwrap());
                return Ok(process);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has said on stderr.
    pub(crate) fn words(&self) -> String {
        fs::read_to_string(self.words.path()).unwrap()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let sent = kill.args(["-s", name, &self.child.id().to_string()]);
        assert!(sent.status().unwrap().success(), "SIG{name}");
    }

    /// How it has ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<Ended> {
        let status = self.child.try_wait().unwrap()?;
        let words = self.words();
        Some(Ended { status, words })
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(mut self) -> Ended {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(ended) = self.ended() {
                return ended;
            }
            assert!(Instant::now() < end, "it hangs: {}", self.words());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks it to end, in an orderly way.
    pub(crate) fn stop(self) -> Ended {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The shim, built on the first use; `None` and a word where there is no C compiler.
pub(crate) fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = SHIM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let making = folder.join(format!("shim-{}.so", std::process::id()));
        let shim = folder.join("shim.so");
        let mut cc = Command::new("cc");
        cc.args(["-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"])
            .arg("-o")
            .arg(&making)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/shim.c"));
        let Ok(status) = cc.status() else {
            println!("NOT RUN: no C compiler here");
            return None;
        };
        assert!(status.success(), "the shim does not build");
        // Another test process may be using it: replaced, not rewritten.
        fs::rename(&making, &shim).unwrap();
        Some(shim)
    });
    built.as_deref()
}

/// The variables that put the shim before a node in `folder`; `None` where there is none.
pub(crate) fn shimmed(folder: &Path) -> Option<Vec<(&'static str, String)>> {
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    Some(vec![
        ("LD_PRELOAD", text(shim()?)),
        ("FAULT_ROOT", text(&data(folder))),
    ])
}
