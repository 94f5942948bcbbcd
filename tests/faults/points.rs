//! kill -9 at every disk operation that a node does: before it, and after it.
//!
//! A run with the shim alone lists the points that a node of mixed load comes past: kinds of files
//! and what is done to them, from the first write of a start to the last one of an orderly stop.
//! Then the node is started again and again with the order to kill itself at one of them, and the
//! next node has to know everything that was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, Load};
use crate::kill::{audit, dice};
use crate::process::{Ended, Process, shimmed};
use crate::{Dice, folder, slow};

/// Lives in which a point may come or not.
const TRIES: usize = 3;
/// A node that has come past a point at no time of this is asked to end.
const LOAD: Duration = Duration::from_secs(2);
/// What a node under load has to do to its disk; the shim and this list know the same names.
const WANTED: [&str; 21] = [
    "folder.sync",
    "head.sync",
    "head.write",
    "other.rename",
    "sled-db.flush",
    "sled-db.sync",
    "sled-db.write",
    "sled-folder.sync",
    "sled-snap.sync",
    "slots.sync",
    "slots.write",
    "wal-folder.sync",
    "wal-new.create",
    "wal-new.rename",
    "wal-new.sync",
    "wal-new.truncate",
    "wal-new.write",
    "wal.begin",
    "wal.clear",
    "wal.sync",
    "wal.write",
];

/// How often a node came past a point before it served, and in all.
#[derive(Clone, Copy, Default, Debug)]
struct Passed {
    opening: u64,
    all: u64,
}

/// The operations in a trace.
fn passed(trace: &Path) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in fs::read_to_string(trace).unwrap_or_default().lines() {
        if !line.starts_with('!') {
            *counts.entry(line.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Loads a node for a while, or until it is gone; then asks it to end if it is still there.
fn live(mut node: Process, crowd: &Crowd, seed: u64, time: Duration) -> Ended {
    let stop = AtomicBool::new(false);
    let load = Load {
        clients: 3,
        pause: Duration::ZERO,
        seed,
    };
    let url = node.url.clone();
    std::thread::scope(|scope| {
        let clients = scope.spawn(|| crowd.load(&url, load, &stop));
        let end = Instant::now() + time;
        let mut ended = None;
        while ended.is_none() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
            ended = node.ended();
        }
        stop.store(true, Ordering::Relaxed);
        let ended = ended.unwrap_or_else(|| node.stop());
        clients.join().unwrap();
        ended
    })
}

/// A whole life under the shim, without a fault: the points that it comes past.
fn survey(
    folder: &Path,
    crowd: &Crowd,
    vars: &[(&'static str, String)],
) -> BTreeMap<String, Passed> {
    let trace = folder.join("survey");
    let mut vars = vars.to_vec();
    vars.push(("FAULT_TRACE", trace.to_str().unwrap().to_owned()));
    let node = Process::try_start(folder, &vars).unwrap();
    let opening = passed(&trace);
    let ended = live(node, crowd, 1, 2 * LOAD);
    assert!(ended.status.success(), "{}", ended.words);
    let all = passed(&trace).into_iter();
    all.map(|(point, all)| {
        let opening = opening.get(&point).copied().unwrap_or_default();
        (point, Passed { opening, all })
    })
    .collect()
}

/// Starts a node with the order to fail somewhere; gives how it ended.
pub(crate) fn strike(
    folder: &Path,
    crowd: &Crowd,
    vars: &[(&'static str, String)],
    order: &str,
    seed: u64,
) -> Ended {
    let mut vars = vars.to_vec();
    vars.push(("FAULT_AT", order.to_owned()));
    vars.extend(segments_to_make(folder, order));
    match Process::try_start(folder, &vars) {
        Ok(node) => live(node, crowd, seed, LOAD),
        Err(ended) => ended,
    }
}

/// Segments are made as they are needed and stay: where one is to be made, one more is asked for.
fn segments_to_make(folder: &Path, order: &str) -> Option<(&'static str, String)> {
    let segments = || fs::read_dir(folder.join("data/wal")).unwrap().count() + 1;
    order
        .starts_with("wal-")
        .then(|| ("QUITTANCE__WAL__SEGMENTS_MIN", segments().to_string()))
}

/// When to strike: in the start, or under load, where there is a choice.
fn choose(dice: &mut Dice, passed: Passed, early: bool) -> u64 {
    let later = passed.all - passed.opening;
    match (early && passed.opening > 0) || later == 0 {
        true => 1 + dice.below(passed.opening),
        // Not the very last times of the survey: another life may be shorter.
        false => passed.opening + 1 + dice.below(later.div_ceil(3).min(60)),
    }
}

#[test]
fn killed_at_every_disk_operation_nothing_acknowledged_is_lost() {
    let folder = folder();
    let Some(vars) = shimmed(folder.path()) else {
        return;
    };
    let mut dice = dice();
    let node = Process::start(folder.path());
    let mut crowd = Crowd::found(folder.path(), &node.url);
    node.kill();
    let points = survey(folder.path(), &crowd, &vars);
    for (point, Passed { opening, all }) in &points {
        println!("{point:18} {opening:6} in the start, {all:6} in all");
    }
    let missed: Vec<_> = WANTED
        .iter()
        .filter(|p| !points.contains_key(**p))
        .collect();
    assert!(missed.is_empty(), "no node came past {missed:?}");
    let (mut kills, mut struck) = (0, BTreeSet::new());
    for round in 0..if slow() { 2 } else { 1 } {
        for (at, (point, passed)) in points.iter().enumerate() {
            for side in ["before", "after"] {
                // Each point is struck in the start or under load, in turn, where there is both; an
                // operation that this life did not come to, soon in the next one.
                let early = (at + usize::from(side == "after") + round) % 2 == 0;
                let mut nth = choose(&mut dice, *passed, early);
                for _ in 0..TRIES {
                    let order = format!("{point}:{nth}:{side}:KILL");
                    let ended = strike(folder.path(), &crowd, &vars, &order, dice.below(u64::MAX));
                    let hit = ended.is_killed();
                    assert!(hit || ended.status.success(), "{order}: {}", ended.words);
                    let node = Process::start(folder.path());
                    crowd.compare(&node.url, 3);
                    node.kill();
                    if hit {
                        kills += 1;
                        struck.insert((point.clone(), side));
                        break;
                    }
                    nth = 1;
                }
            }
        }
    }
    let missed: Vec<_> = WANTED
        .iter()
        .flat_map(|point| ["before", "after"].map(|side| ((*point).to_owned(), side)))
        .filter(|wanted| !struck.contains(wanted))
        .collect();
    println!(
        "{kills} kills at {} points on {} sides, {:?}",
        points.len(),
        struck.len(),
        crowd.counts
    );
    assert!(missed.is_empty(), "never struck: {missed:?}");
    let node = Process::start(folder.path());
    let found = crowd.check(&node.url, 5);
    println!("{} entries compared with the evidence", found.size);
    audit(folder.path(), &node.url, &crowd.auditor);
}
