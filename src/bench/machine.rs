//! The circumstances of a measurement: program, commit, machine, time.

use std::fs;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::gauges;
use crate::clock::Clock;
use crate::ledger::Time;

/// Where and when something was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// Version of this program.
    pub version: String,
    /// Commit of the repository that the program lies in, if it lies in one.
    pub commit: Option<String>,
    /// Whether files of that repository differ from the commit.
    pub modified: bool,
    /// The machine.
    pub machine: Machine,
    /// When the measurement began.
    pub started: String,
}

/// A machine, as its system names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Processor.
    pub processor: String,
    /// Cores that this program may use.
    pub cores: usize,
    /// Release of the kernel.
    pub kernel: String,
    /// Bytes of memory.
    pub memory_bytes: u64,
}

/// Reports, with where and when they were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document<T> {
    /// Where and when.
    #[serde(flatten)]
    pub circumstances: Circumstances,
    /// What was measured.
    pub reports: T,
}

impl Circumstances {
    /// Those of this moment.
    #[must_use]
    pub fn now() -> Self {
        let commit = git(&["rev-parse", "HEAD"]);
        let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            modified: commit.is_some() && changes.is_some_and(|files| !files.is_empty()),
            commit,
            machine: Machine::this(),
            started: Time::from_nanos(Clock::start().now_ns()).to_string(),
        }
    }
}

impl Machine {
    fn this() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let name = info
            .lines()
            .find_map(|line| line.strip_prefix("model name"));
        let processor = name.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned());
        Self {
            processor: processor.unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            memory_bytes: gauges::kilobytes(&read("/proc/meminfo"), "MemTotal").unwrap_or(0),
        }
    }
}

/// What git says of the folder of this program; the working folder may be in any repository.
fn git(args: &[&str]) -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let mut command = Command::new("git");
    let output = command
        .args(args)
        .current_dir(program.parent()?)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_circumstances_are_named_and_travel() {
        let circumstances = Circumstances::now();
        assert!(circumstances.machine.cores > 0 && circumstances.machine.memory_bytes > 1 << 20);
        if let Some(commit) = &circumstances.commit {
            assert!(commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        let document = Document {
            circumstances,
            reports: vec![1, 2],
        };
        let json = serde_json::to_string(&document).unwrap();
        assert!(
            json.contains("\"commit\":") && json.contains("\"kernel\":"),
            "{json}"
        );
        assert_eq!(
            serde_json::from_str::<Document<Vec<u8>>>(&json).unwrap(),
            document
        );
    }
}
