//! Disk space: admission stops while there is still enough for what was let in.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::shared::Shared;

/// How much must stay free, and where.
#[derive(Debug, Clone)]
pub(super) struct Reserve {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

impl Reserve {
    /// Compares free space with the reserve and tells the door.
    pub(super) fn watch(&self, shared: &Shared) {
        match free(&self.path) {
            Ok(free) => {
                shared.metrics.disk_free_bytes.set(free);
                let low = free < self.bytes;
                if shared.reserve_low.swap(low, Ordering::Relaxed) != low {
                    if low {
                        tracing::error!(
                            free,
                            reserve = self.bytes,
                            "disk space is low: admission stops"
                        );
                    } else {
                        tracing::info!(free, "disk space is back: admission goes on");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "free disk space cannot be told"),
        }
    }
}

/// Bytes that an ordinary process may still use on the file system of `path`.
pub(super) fn free(path: &std::path::Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}
