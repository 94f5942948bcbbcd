//! A look at a data folder that changes nothing in it: what is there, what a start would say, and
//! what mends it.
//!
//! Of a running node only what does not change under the eyes is looked at. The store is opened
//! on a copy, for opening it writes.

mod files;
mod log;
mod store;

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::error::OpenError;
use crate::config::Config;
use crate::store::disk::RealDisk;
use crate::store::marker::DataFolder;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and something should be done.
    Warn,
    /// The node does not start, or something is lost.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub about: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found, and what it means.
    pub found: String,
    /// What mends it.
    pub mend: Option<String>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Opens a copy of a store that is larger than 1 GiB, too.
    pub deep: bool,
}

/// Everything that was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Diagnosis {
    /// Whether a process works on the folder.
    pub running: bool,
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// The worst level found.
    #[must_use]
    pub fn worst(&self) -> Level {
        let levels = self.findings.iter().map(|finding| finding.level);
        levels.max().unwrap_or(Level::Ok)
    }

    fn ok(&mut self, about: &'static str, found: impl Display) {
        self.add(about, Level::Ok, found, None);
    }

    fn warn(&mut self, about: &'static str, found: impl Display, mend: impl Display) {
        self.add(about, Level::Warn, found, Some(mend.to_string()));
    }

    fn wrong(&mut self, about: &'static str, found: impl Display, mend: impl Display) {
        self.add(about, Level::Wrong, found, Some(mend.to_string()));
    }

    /// What a start would say.
    fn refusal(&mut self, about: &'static str, error: &OpenError) {
        let code = error.trouble();
        let found = format!("{}: {}", code.as_str(), super::chain_of(error));
        self.wrong(about, found, code.what_to_do());
    }

    fn add(
        &mut self,
        about: &'static str,
        level: Level,
        found: impl Display,
        mend: Option<String>,
    ) {
        self.findings.push(Finding {
            about,
            level,
            found: found.to_string(),
            mend,
        });
    }
}

/// Looks at the data folder of `config`.
///
/// # Errors
/// The folder cannot be read at all.
pub fn examine(config: &Config, look: Look) -> Result<Diagnosis, OpenError> {
    let path: PathBuf = config.data_dir.clone();
    let disk = RealDisk::open_existing(&path).map_err(|source| OpenError::Io { path, source })?;
    let disk = Arc::new(disk);
    let mut found = Diagnosis::default();
    // Without the file nobody holds the lock, and none is made for a look.
    let folder = if config.data_dir.join("lock").exists() {
        Some(DataFolder::open(disk.clone()))
    } else {
        None
    };
    found.running = matches!(
        folder,
        Some(Err(crate::store::marker::FolderError::InUse { .. }))
    );
    files::marker(&mut found, disk.as_ref());
    if found.running {
        found.ok(
            "lock",
            "a node works on this folder: only what it does not change is looked at",
        );
    } else {
        found.ok("lock", "no process works on this folder");
    }
    files::look(&mut found, config);
    let head = log::head(&mut found, &disk);
    log::clock(&mut found, head.as_ref());
    if !found.running {
        let frames = head.and_then(|head| log::wal(&mut found, config, &disk, &head));
        log::slots(&mut found, disk.as_ref(), head.as_ref(), frames.as_deref());
        store::look(&mut found, config, look, head.as_ref(), frames.as_deref());
    }
    drop(folder);
    Ok(found)
}
