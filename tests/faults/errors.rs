//! The disk answers with an error: EIO, ENOSPC or EROFS on a write, a sync, a rename, of every kind
//! of file, once at the start and once under load.
//!
//! The node may not go on as if nothing had happened, nor hang, nor end without a word: after a
//! failed write or sync nobody knows what is on the disk. It stops and says what failed; the next
//! start has everything that was acknowledged.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::crowd::Crowd;
use crate::kill::{audit, dice};
use crate::points::strike;
use crate::process::{Process, shimmed};
use crate::{folder, slow};

/// Points, with a word that stands in the last words of a node that failed there.
const POINTS: [(&str, &str); 17] = [
    ("wal.begin", "write-ahead"),
    ("wal.write", "write-ahead"),
    ("wal.sync", "write-ahead"),
    ("wal.clear", "write-ahead"),
    ("wal-new.create", "write-ahead"),
    ("wal-new.write", "write-ahead"),
    ("wal-new.sync", "write-ahead"),
    ("wal-new.rename", "write-ahead"),
    ("wal-folder.sync", "write-ahead"),
    ("head.write", "head file"),
    ("head.sync", "head file"),
    ("slots.write", "key slots"),
    ("slots.sync", "key slots"),
    ("sled-db.write", "store"),
    ("sled-db.sync", "store"),
    ("sled-snap.sync", "store"),
    ("sled-folder.sync", "store"),
];

/// What is ordered: the side and the error.
const ERRORS: [&str; 4] = ["before:EIO", "after:EIO", "before:ENOSPC", "before:EROFS"];

/// Lives in which a point may come or not.
const TRIES: usize = 3;

fn has_struck(trace: &Path) -> bool {
    let lines = fs::read_to_string(trace).unwrap_or_default();
    lines.lines().any(|line| line.starts_with('!'))
}

/// Fails one node; says what was wrong with how it took it, or `None` if it did not come there.
fn fail(
    folder: &Path,
    crowd: &Crowd,
    vars: &[(&'static str, String)],
    order: &str,
    word: &str,
    seed: u64,
) -> Option<String> {
    let trace = folder.join("trace");
    let _ = fs::remove_file(&trace);
    let mut vars = vars.to_vec();
    vars.push(("FAULT_TRACE", trace.to_str().unwrap().to_owned()));
    let ended = strike(folder, crowd, &vars, order, seed);
    if !has_struck(&trace) {
        return None;
    }
    let words = ended.words.to_lowercase();
    Some(if ended.status.success() {
        format!("{order}: the node went on as if nothing had happened")
    } else if !words.contains(word) {
        format!("{order}: no word of {word:?}: {words}")
    } else {
        String::new()
    })
}

#[test]
fn an_error_of_the_disk_stops_the_node_with_a_word() {
    let folder = folder();
    let Some(vars) = shimmed(folder.path()) else {
        return;
    };
    let mut dice = dice();
    let node = Process::start(folder.path());
    let mut crowd = Crowd::found(folder.path(), &node.url);
    node.kill();
    let (mut wrong, mut never) = (Vec::new(), Vec::new());
    let mut stops: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, (point, word)) in POINTS.into_iter().enumerate() {
        // The short form takes two errors at each point, in turn.
        let errors = ERRORS.iter().enumerate();
        let errors = errors.filter(|(n, _)| slow() || (at + n).is_multiple_of(2));
        for (_, error) in errors {
            // A sync reports no lack of space that a write has not met.
            if error.ends_with("ENOSPC") && point.ends_with(".sync") {
                continue;
            }
            let mut came = false;
            for nth in [1 + dice.below(20), 1, 1].into_iter().take(TRIES) {
                let order = format!("{point}:{nth}:{error}");
                let seed = dice.below(u64::MAX);
                let said = fail(folder.path(), &crowd, &vars, &order, word, seed);
                let node = Process::start(folder.path());
                crowd.compare(&node.url, 3);
                node.kill();
                if let Some(said) = said {
                    came = true;
                    *stops.entry(error.split_once(':').unwrap().1).or_default() += 1;
                    wrong.extend(Some(said).filter(|said| !said.is_empty()));
                    break;
                }
            }
            if !came {
                never.push(format!("{point} {error}"));
            }
        }
    }
    println!("stops: {stops:?}; {:?}", crowd.counts);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(never.is_empty(), "never came to {never:?}");
    let node = Process::start(folder.path());
    let found = crowd.check(&node.url, 5);
    println!("{} entries compared with the evidence", found.size);
    audit(folder.path(), &node.url, &crowd.auditor);
}
