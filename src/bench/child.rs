//! Children of a benchmark: this very program again, which ends when the benchmark does, however that
//! ended. A node or a load that were left behind would spoil every figure after it.

use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, getppid};

use super::{BenchError, io};

/// Names the process of the benchmark to its children.
const PARENT: &str = "QUITTANCE_BENCH_PARENT";
/// How often a child looks whether it is still there.
const LOOK: Duration = Duration::from_millis(200);

/// This program, to be started as a child.
pub(super) fn program() -> Result<Command, BenchError> {
    let program = std::env::current_exe().map_err(io("finding this program"))?;
    let mut command = Command::new(program);
    command.env(PARENT, std::process::id().to_string());
    Ok(command)
}

/// Ends this process soon after the benchmark that started it, if one did.
pub fn end_with_parent() {
    let parent = std::env::var(PARENT).ok();
    let parent = parent.and_then(|pid| pid.parse().ok());
    let Some(parent) = parent.and_then(Pid::from_raw) else {
        return;
    };
    let watch = move || {
        while getppid() == Some(parent) {
            thread::sleep(LOOK);
        }
        // As by a kill: nothing in the sandbox is worth a graceful end.
        std::process::exit(1);
    };
    // Without the watch only a benchmark that is killed leaves something behind.
    let _ = thread::Builder::new().name("parent".into()).spawn(watch);
}
