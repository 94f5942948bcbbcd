//! What the node says of itself, and what the system says of it: metrics, memory, disk.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::BenchError;
use super::load::http;
use crate::clock;

/// Bytes of one block, as files are counted by.
const BLOCK_BYTES: u64 = 512;

/// How often the store is asked whether it holds the whole log.
const CATCH_UP_STEP: Duration = Duration::from_millis(5);
/// How long the store may take for it.
const CATCH_UP_MAX: Duration = Duration::from_secs(600);

/// The text of `/metrics`.
pub(super) struct Gauges(String);

/// Asks for it.
pub(super) fn read(admin: SocketAddr) -> Result<Gauges, BenchError> {
    let answer = http::get(admin, "/metrics").map_err(|source| BenchError::Io {
        doing: "reading the node's metrics",
        source,
    })?;
    Ok(Gauges(answer.1))
}

impl Gauges {
    /// The value of `quittance_NAME`.
    pub(super) fn value(&self, name: &str) -> Result<u64, BenchError> {
        let value = self.0.lines().find_map(|line| {
            let (found, value) = line.strip_prefix("quittance_")?.split_once(' ')?;
            (found == name).then(|| value.parse().ok())?
        });
        value.ok_or_else(|| BenchError::Answer(format!("no metric quittance_{name}")))
    }

    /// What nothing observed by histogram `quittance_NAME` is above: the end of its last bucket that
    /// has anything in it; `None` if nothing was observed.
    pub(super) fn at_most(&self, name: &str) -> Option<f64> {
        let buckets: Vec<_> = self.0.lines().filter_map(|l| bucket(l, name)).collect();
        let all = buckets.last().map(|(_, count)| *count).filter(|n| *n > 0)?;
        let full = buckets.iter().find(|(_, count)| *count == all)?;
        Some(full.0)
    }
}

/// The end of a bucket and its count, of histogram `quittance_NAME`.
fn bucket(line: &str, name: &str) -> Option<(f64, u64)> {
    let line = line.strip_prefix("quittance_")?.strip_prefix(name)?;
    let (end, count) = line.strip_prefix("_bucket{le=\"")?.split_once("\"} ")?;
    let end = if end == "+Inf" { "inf" } else { end };
    Some((end.parse().ok()?, count.parse().ok()?))
}

/// Waits until the store holds the whole log.
pub(super) fn catch_up(admin: SocketAddr) -> Result<(), BenchError> {
    let began = clock::instant();
    while began.elapsed() < CATCH_UP_MAX {
        let gauges = read(admin)?;
        if gauges.value("stored_size")? == gauges.value("log_size")? {
            return Ok(());
        }
        std::thread::sleep(CATCH_UP_STEP);
    }
    Err(BenchError::Answer("the store did not catch up".to_owned()))
}

/// Bytes of a process, by a line of its `/proc/PID/status`: `VmRSS` now, `VmHWM` at most.
pub(super) fn memory(pid: u32, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    kilobytes(&status, line)
}

/// The bytes in a line such as `VmRSS:     1234 kB`.
pub(super) fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let number = line.trim().strip_suffix(" kB")?;
    Some(number.parse::<u64>().ok()? * 1_024)
}

/// What a folder takes on the disk, as `du` counts it. Files may go while it is counted.
pub(super) fn disk(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => disk(&entry.path()),
        Ok(meta) => meta.blocks() * BLOCK_BYTES,
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_found_by_their_whole_name() {
        let text = "# TYPE quittance_log_size gauge\nquittance_log_size 12\n\
                    quittance_settled_total 7\nquittance_http_answers_total{status=\"2xx\"} 1\n# EOF\n";
        let gauges = Gauges(text.to_owned());
        assert_eq!(gauges.value("log_size").unwrap(), 12);
        assert_eq!(gauges.value("settled_total").unwrap(), 7);
        assert!(gauges.value("settled").is_err() && gauges.value("size").is_err());
    }

    #[test]
    fn nothing_is_above_the_last_bucket_with_anything_in_it() {
        let text = "# TYPE quittance_pause_seconds histogram\nquittance_pause_seconds_sum 0.002\n\
                    quittance_pause_seconds_bucket{le=\"1e-5\"} 1\n\
                    quittance_pause_seconds_bucket{le=\"0.003\"} 2\n\
                    quittance_pause_seconds_bucket{le=\"0.1\"} 2\n\
                    quittance_pause_seconds_bucket{le=\"+Inf\"} 2\n\
                    quittance_other_bucket{le=\"0.5\"} 0\nquittance_other_bucket{le=\"+Inf\"} 0\n";
        let gauges = Gauges(text.to_owned());
        assert_eq!(gauges.at_most("pause_seconds"), Some(0.003));
        assert_eq!(gauges.at_most("other"), None);
        assert_eq!(gauges.at_most("pause"), None);
    }

    #[test]
    fn memory_and_disk_are_counted_in_bytes() {
        assert_eq!(
            kilobytes("VmHWM:\t  900 kB\nVmRSS:\t  12 kB\n", "VmRSS"),
            Some(12_288)
        );
        assert_eq!(kilobytes("VmRSS:\t none\n", "VmRSS"), None);
        assert!(memory(std::process::id(), "VmRSS").unwrap() > 100_000);
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("in/file"), [1; 100_000]).unwrap();
        assert!(disk(folder.path()) >= 100_000);
        assert_eq!(disk(&folder.path().join("nothing")), 0);
    }
}
