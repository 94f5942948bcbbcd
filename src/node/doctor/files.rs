//! Marker, key files and their modes, disk space, open files, what earlier repairs left.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::Diagnosis;
use crate::config::{Config, Passphrase};
use crate::node::error::OpenError;
use crate::node::space;
use crate::store::disk::Disk;
use crate::store::marker;

/// Descriptors that a node needs besides those of connections.
const FILES_BESIDES: u64 = 128;

pub(super) fn marker(found: &mut Diagnosis, disk: &dyn Disk) {
    match marker::inspect(disk) {
        Ok(()) => found.ok("format", "a data folder of this version"),
        Err(error) => found.refusal("format", &OpenError::Folder(error)),
    }
}

pub(super) fn look(found: &mut Diagnosis, config: &Config) {
    secrets(found, config);
    log_key(found, config);
    space(found, config);
    open_files(found, config);
    left_over(found, &config.data_dir);
}

/// Files that only the node's user may read.
fn secrets(found: &mut Diagnosis, config: &Config) {
    let mut paths = vec![config.keys.log.clone(), config.data_dir.join("keys.slots")];
    if let Passphrase::File(path) = &config.keys.passphrase {
        paths.push(path.clone());
    }
    let owner = fs::metadata(&config.data_dir).map(|folder| folder.uid());
    let mut good = 0;
    for path in paths {
        let shown = path.display();
        let Ok(file) = fs::metadata(&path) else {
            continue;
        };
        let mode = file.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let what = format!("{shown} has mode {mode:o}: others than its owner may read it");
            found.wrong("permissions", what, format!("chmod 600 {shown}"));
        } else if owner.as_ref().is_ok_and(|owner| *owner != file.uid()) {
            let what = format!("{shown} belongs to another user than the data folder");
            found.warn("permissions", what, "chown it to the node's user");
        } else {
            good += 1;
        }
    }
    if good > 0 {
        found.ok(
            "permissions",
            format!("{good} secret files are their owner's alone"),
        );
    }
}

/// Opens the log's key, if its passphrase stands in a file.
fn log_key(found: &mut Diagnosis, config: &Config) {
    let Passphrase::File(path) = &config.keys.passphrase else {
        let what = "its passphrase is not in a file: not opened";
        found.ok("log key", what);
        return;
    };
    let key = keys::Passphrase::from_file(path)
        .map_err(OpenError::from)
        .and_then(|passphrase| Ok(keys::read_key_file(&config.keys.log, &passphrase)?));
    match key {
        Ok(key) => found.ok("log key", key.verifier_key()),
        Err(error) => found.refusal("log key", &error),
    }
}

fn space(found: &mut Diagnosis, config: &Config) {
    let reserve = config.store.reserve_bytes;
    match space::free(&config.data_dir) {
        Ok(free) if free < reserve => {
            let what = format!(
                "{free} bytes are free, and {reserve} are the reserve: submissions are refused"
            );
            found.wrong(
                "disk space",
                what,
                "make room, or lower store.reserve_bytes",
            );
        }
        Ok(free) if free < reserve.saturating_mul(2) => {
            let what = format!("{free} bytes are free, little above the reserve of {reserve}");
            found.warn("disk space", what, "make room");
        }
        Ok(free) => found.ok(
            "disk space",
            format!("{free} bytes are free, the reserve is {reserve}"),
        ),
        Err(error) => found.warn("disk space", error, "ask the system why"),
    }
}

/// Open files allowed, against the connections that the configuration allows.
fn open_files(found: &mut Diagnosis, config: &Config) {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let Some(limit) = line.and_then(|line| line.split_whitespace().nth(3)) else {
        return;
    };
    let needed = u64::try_from(config.api.connections_max).unwrap_or(u64::MAX);
    let needed = needed.saturating_add(FILES_BESIDES);
    match limit.parse::<u64>() {
        Ok(limit) if limit < needed => {
            let what = format!("{limit} are allowed here, and api.connections_max needs {needed}");
            let mend = "raise it (`ulimit -n`, LimitNOFILE=), or lower api.connections_max";
            found.warn("open files", what, mend);
        }
        _ => found.ok(
            "open files",
            format!("{limit} are allowed, {needed} are needed"),
        ),
    }
}

/// What refused starts and rebuilds keep aside.
fn left_over(found: &mut Diagnosis, data: &Path) {
    let names = fs::read_dir(data).into_iter().flatten().flatten();
    let mut names: Vec<String> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        // What is not yet over is looked at with the store.
        .filter(|name| name.starts_with("sled.damaged-") || name.starts_with("sled.kept-"))
        .collect();
    names.sort();
    for name in names {
        let what = format!("{name} was kept aside when the store was damaged");
        let mend = "remove it once the node has run again and a backup is taken";
        found.warn("kept aside", what, mend);
    }
}
