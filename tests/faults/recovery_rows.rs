//! The rows: how a folder is found, and what the node does with it.

use std::fs;
use std::path::Path;

use quittance::node::Trouble;

use crate::recovery::{Does, Folders, configure_origin, inside};
use crate::site::{copy, wound};

/// What a row begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Base {
    Stopped,
    Killed,
}

/// One row.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) base: Base,
    /// Makes the data folder what the row says.
    pub(crate) make: fn(&Path, &Folders),
    pub(crate) does: Does,
}

macro_rules! rows {
    ($($id:literal, $base:ident, $does:expr, $make:expr;)*) => {
        pub(crate) const ROWS: &[Row] = &[$(Row { id: $id, base: Base::$base, make: $make, does: $does }),*];
    };
}

const fn refuses(code: Trouble, words: &'static str) -> Does {
    Does::Refuses(code, words)
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

/// Puts a folder where a file was, or a file where a folder was.
fn swap(path: &Path) {
    let folder = path.is_dir();
    remove(path);
    if folder {
        fs::write(path, b"not a folder").unwrap();
    } else {
        fs::create_dir(path).unwrap();
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn flip(path: &Path, at: usize) {
    edit(path, |bytes| bytes[at] ^= 0x10);
}

fn cut(path: &Path, length: usize) {
    edit(path, |bytes| bytes.truncate(length));
}

/// Puts a file or folder of another data folder in place.
fn put(data: &Path, from: &Path, name: &str) {
    let (from, to) = (from.join("data").join(name), data.join(name));
    remove(&to);
    if from.is_dir() {
        copy(&from, &to);
    } else {
        fs::copy(from, to).unwrap();
    }
}

pub(crate) fn snap(data: &Path) -> std::path::PathBuf {
    let mut snaps = inside(data, "sled");
    snaps.retain(|path| path.to_string_lossy().contains("snap."));
    snaps.pop().unwrap()
}

/// The frames of the segments that hold a group: those between have no payload.
fn groups(data: &Path) -> Vec<(std::path::PathBuf, usize)> {
    let group = |file: &Path, at: usize| fs::read(file).unwrap()[at + 5] == 1;
    let mut found = frames(data);
    found.retain(|(file, at, _)| group(file, *at));
    found.into_iter().map(|(file, at, _)| (file, at)).collect()
}

/// The frames of the segments: file, offset, sequence.
fn frames(data: &Path) -> Vec<(std::path::PathBuf, usize, u64)> {
    let mut found = Vec::new();
    for file in inside(data, "wal") {
        let bytes = fs::read(&file).unwrap();
        for at in (4096..bytes.len()).step_by(4096) {
            if &bytes[at..at + 4] == b"QWAL" {
                let sequence = u64::from_be_bytes(bytes[at + 8..at + 16].try_into().unwrap());
                found.push((file.clone(), at, sequence));
            }
        }
    }
    found.sort_by_key(|(_, _, sequence)| *sequence);
    found
}

/// Sums a head slot again after it was changed.
fn another_head_format(data: &Path) {
    use sha2::{Digest, Sha256};
    edit(&data.join("head"), |bytes| {
        for at in [0, 4096] {
            bytes[at + 7] = 2;
            let sum = Sha256::digest(&bytes[at..at + 96]);
            bytes[at + 96..at + 128].copy_from_slice(&sum);
        }
    });
}

use Trouble as T;

rows! {
    // the marker and the lock
    "format-missing", Stopped, refuses(T::FolderForeign, "its marker was lost"),
        |d, _| remove(&d.join("format"));
    "format-flipped", Stopped, refuses(T::FolderFormat, "nothing was touched"),
        |d, _| flip(&d.join("format"), 3);
    "format-truncated", Stopped, refuses(T::FolderFormat, "nothing was touched"),
        |d, _| cut(&d.join("format"), 9);
    "format-empty", Stopped, refuses(T::FolderFormat, "nothing was touched"),
        |d, _| cut(&d.join("format"), 0);
    "format-newer", Stopped, refuses(T::FolderFormat, "quittance data 2"),
        |d, _| fs::write(d.join("format"), "quittance data 2\n").unwrap();
    "format-is-folder", Stopped, refuses(T::FileUnreadable, "data folder"),
        |d, _| swap(&d.join("format"));
    "lock-missing", Stopped, Does::Opens, |d, _| remove(&d.join("lock"));
    "lock-is-folder", Stopped, refuses(T::FileUnreadable, "data folder"),
        |d, _| swap(&d.join("lock"));
    "leftovers", Stopped, Does::Opens, |d, _| {
        fs::write(d.join("format.new"), "half").unwrap();
        fs::write(d.join("head.new"), "half").unwrap();
        fs::write(d.join("wal/00000099.new"), "half").unwrap();
        fs::write(d.join("run.json"), "{}").unwrap();
    };
    // the head file
    "head-missing", Stopped, refuses(T::HeadMissing, "no head file"), |d, _| remove(&d.join("head"));
    "head-and-wal-missing", Stopped, refuses(T::HeadMissing, "no head file"), |d, _| {
        remove(&d.join("head"));
        remove(&d.join("wal"));
    };
    "head-one-copy-damaged", Stopped, Does::Opens, |d, _| flip(&d.join("head"), 40);
    "head-both-copies-damaged", Stopped, refuses(T::HeadDamaged, "both copies"), |d, _| {
        flip(&d.join("head"), 40);
        flip(&d.join("head"), 4096 + 40);
    };
    "head-truncated", Stopped, refuses(T::HeadDamaged, "both copies"),
        |d, _| cut(&d.join("head"), 100);
    "head-empty", Stopped, refuses(T::HeadDamaged, "both copies"), |d, _| cut(&d.join("head"), 0);
    "head-other-format", Stopped, refuses(T::HeadDamaged, "format 2"),
        |d, _| another_head_format(d);
    "head-older", Stopped, Does::Opens, |d, f| put(d, f.older.path(), "head");
    "head-of-another-log", Stopped, refuses(T::LogForked, ""), |d, f| put(d, f.foreign.path(), "head");
    "head-of-a-fork", Stopped, refuses(T::LogForked, ""), |d, f| put(d, f.fork.path(), "head");
    "head-is-folder", Stopped, refuses(T::FileUnreadable, "head file"), |d, _| swap(&d.join("head"));
    // the write-ahead segments
    "wal-missing", Stopped, refuses(T::WalMissing, "are gone"), |d, _| remove(&d.join("wal"));
    "wal-missing-killed", Killed, refuses(T::WalMissing, "are gone"), |d, _| remove(&d.join("wal"));
    "wal-empty", Stopped, refuses(T::WalMissing, "are gone"), |d, _| {
        remove(&d.join("wal"));
        fs::create_dir(d.join("wal")).unwrap();
    };
    "wal-is-file", Stopped, refuses(T::FileUnreadable, "/wal"), |d, _| swap(&d.join("wal"));
    "wal-segment-missing", Killed, refuses(T::WalMissing, "segment 1 is gone"),
        |d, _| remove(&d.join("wal/00000001.wal"));
    "wal-segment-truncated", Killed, refuses(T::WalDamaged, "bytes, found"),
        |d, _| cut(&d.join("wal/00000001.wal"), 50_000);
    "wal-segment-empty", Killed, refuses(T::WalDamaged, "bytes, found"),
        |d, _| cut(&d.join("wal/00000001.wal"), 0);
    "wal-segment-header-flipped", Killed, refuses(T::WalDamaged, "first page"),
        |d, _| flip(&d.join("wal/00000001.wal"), 30);
    "wal-segment-of-another-log", Killed, refuses(T::WalDamaged, "another data folder"),
        |d, f| put(d, f.foreign.path(), "wal/00000001.wal");
    "wal-segment-is-folder", Killed, refuses(T::WalUnreadable, "segment 1"),
        |d, _| swap(&d.join("wal/00000001.wal"));
    "wal-frame-flipped", Killed, refuses(T::WalDamaged, "expected frame"), |d, _| {
        let groups = groups(d);
        let (file, at) = &groups[groups.len() - 9];
        flip(file, at + 200);
    };
    "wal-last-frames-torn", Killed, Does::LosesLastGroup, |d, _| {
        // The last group and the closing frame behind it, as if both were never synced.
        let frames = frames(d);
        // A closing frame has no payload, and may not have been written yet.
        let last = frames.iter().rposition(|(file, at, _)| {
            fs::read(file).unwrap()[at + 80..at + 84] != [0; 4]
        });
        for (file, at, _) in &frames[last.unwrap()..] {
            flip(file, at + 20);
        }
    };
    "wal-older", Stopped, refuses(T::LogBehind, "expected at least"),
        |d, f| put(d, f.older.path(), "wal");
    "wal-of-a-fork", Stopped, refuses(T::LogBehind, ""), |d, f| put(d, f.fork.path(), "wal");
    "wal-of-another-log", Stopped, refuses(T::LogBehind, "expected at least"),
        |d, f| put(d, f.foreign.path(), "wal");
    // the store
    "store-missing", Stopped, refuses(T::StoreMissing, "no empty store"),
        |d, _| remove(&d.join("sled"));
    "store-missing-killed", Killed, refuses(T::StoreMissing, "no empty store"),
        |d, _| remove(&d.join("sled"));
    "store-and-wal-missing", Stopped, refuses(T::StoreMissing, "no empty store"), |d, _| {
        remove(&d.join("sled"));
        remove(&d.join("wal"));
    };
    "store-is-file", Stopped, refuses(T::FileUnreadable, "sled"), |d, _| swap(&d.join("sled"));
    "store-db-missing", Stopped, refuses(T::StoreMissing, "no empty store"),
        |d, _| remove(&d.join("sled/db"));
    "store-db-empty", Stopped, refuses(T::StoreMissing, "no empty store"),
        |d, _| cut(&d.join("sled/db"), 0);
    "store-db-is-folder", Stopped, refuses(T::StoreMissing, "no empty store"),
        |d, _| swap(&d.join("sled/db"));
    "store-db-truncated", Stopped, refuses(T::StoreUnopened, "does not open"),
        |d, _| cut(&d.join("sled/db"), 60_000);
    "store-db-flipped", Stopped, refuses(T::StoreUnopened, "sled.kept"),
        |d, _| wound(&d.join("sled"), 0x10);
    "store-conf-missing", Stopped, Does::Opens, |d, _| remove(&d.join("sled/conf"));
    "store-conf-flipped", Stopped, refuses(T::StoreUnopened, "sled.kept"),
        |d, _| flip(&d.join("sled/conf"), 5);
    "store-snap-missing", Stopped, Does::Opens, |d, _| remove(&snap(d));
    "store-snap-flipped", Stopped, refuses(T::StoreUnopened, "sled.kept"), |d, _| flip(&snap(d), 5);
    "store-snap-empty", Stopped, refuses(T::StoreUnopened, "sled.kept"), |d, _| cut(&snap(d), 0);
    "store-snap-older", Stopped, Does::Opens, |d, f| {
        fs::copy(snap(&f.older.path().join("data")), snap(d)).unwrap();
    };
    "store-older-covered", Killed, Does::Opens, |_, _| {
        // A killed node's store is behind its segments by the whole load.
    };
    "store-older", Stopped, refuses(T::StoreGap, "entries between are missing"),
        |d, f| put(d, f.older.path(), "sled");
    "store-and-wal-older", Stopped, refuses(T::LogBehind, "expected at least"), |d, f| {
        put(d, f.older.path(), "sled");
        put(d, f.older.path(), "wal");
    };
    "store-newer-than-the-rest", Stopped, Does::Opens, |d, f| {
        put(d, f.older.path(), "wal");
        put(d, f.older.path(), "head");
    };
    "store-of-a-fork", Stopped, refuses(T::StoreGap, ""), |d, f| put(d, f.fork.path(), "sled");
    "store-of-another-log", Stopped, refuses(T::OtherLog, "keys.log"), |d, f| put(d, f.foreign.path(), "sled");
    // the key slots
    "slots-missing", Stopped, refuses(T::SlotsMissing, "is gone"),
        |d, _| remove(&d.join("keys.slots"));
    "slots-empty", Stopped, Does::ClosedBodies, |d, _| cut(&d.join("keys.slots"), 0);
    "slots-truncated", Stopped, Does::ClosedBodies, |d, _| cut(&d.join("keys.slots"), 500);
    "slots-flipped", Stopped, Does::ClosedBodies, |d, _| flip(&d.join("keys.slots"), 48 * 12 + 3);
    "slots-older", Stopped, Does::ClosedBodies, |d, f| put(d, f.older.path(), "keys.slots");
    "slots-swapped", Stopped, Does::ClosedBodies, |d, _| {
        edit(&d.join("keys.slots"), |bytes| {
            let (left, right) = bytes.split_at_mut(48 * 13);
            left[48 * 12..].swap_with_slice(&mut right[..48]);
        });
    };
    "slots-of-another-log", Stopped, Does::ClosedBodies,
        |d, f| put(d, f.foreign.path(), "keys.slots");
    "slots-truncated-killed", Killed, Does::Opens, |d, _| cut(&d.join("keys.slots"), 48 * 20);
    "slots-is-folder", Stopped, refuses(T::SlotsUnreadable, "key slots"),
        |d, _| swap(&d.join("keys.slots"));
    // the log's key
    "key-missing", Stopped, refuses(T::KeyUnusable, "log.pem"), |d, _| remove(&d.join("keys/log.pem"));
    "key-flipped", Stopped, refuses(T::KeyUnusable, "log.pem"), |d, _| flip(&d.join("keys/log.pem"), 200);
    "key-truncated", Stopped, refuses(T::KeyUnusable, "log.pem"), |d, _| cut(&d.join("keys/log.pem"), 100);
    "key-of-another-log", Stopped, refuses(T::OtherLog, "keys.log"), |d, f| {
        put(d, f.foreign.path(), "keys/log.pem");
        put(d, f.foreign.path(), "keys/passphrase");
    };
    "key-is-folder", Stopped, refuses(T::KeyUnusable, "log.pem"), |d, _| swap(&d.join("keys/log.pem"));
    "passphrase-missing", Stopped, refuses(T::KeyUnusable, "passphrase"),
        |d, _| remove(&d.join("keys/passphrase"));
    "passphrase-other", Stopped, refuses(T::KeyUnusable, "log.pem"),
        |d, f| put(d, f.foreign.path(), "keys/passphrase");
    "vkey-missing", Stopped, Does::Opens, |d, _| remove(&d.join("log.vkey"));
    // the whole
    "another-origin", Stopped, refuses(T::OtherLog, "log.origin"),
        |d, _| configure_origin(d, "elsewhere.example/log");
    "whole-folder-of-a-fork", Stopped, Does::OtherHistory, |d, f| {
        for name in ["head", "wal", "sled", "keys.slots"] {
            put(d, f.fork.path(), name);
        }
    };
    "whole-folder-older", Stopped, Does::OlderLog, |d, f| {
        for name in ["head", "wal", "sled", "keys.slots"] {
            put(d, f.older.path(), name);
        }
    };
}
