//! kill -9 at every disk operation of the very first start, which founds a sandbox.
//!
//! Nothing was acknowledged yet. The next start serves a whole log, or refuses in words that say
//! what to do; it never serves half of one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::crowd::Crowd;
use crate::process::{Process, quittance, shimmed};
use crate::{folder, slow};

/// The operations of a first start, in order.
fn survey() -> Option<Vec<String>> {
    let folder = folder();
    let trace = folder.path().join("trace");
    let mut vars = shimmed(folder.path())?;
    vars.push(("FAULT_TRACE", trace.to_str().unwrap().to_owned()));
    Process::try_start(folder.path(), &vars).unwrap().kill();
    let lines = fs::read_to_string(trace).unwrap();
    Some(lines.lines().map(str::to_owned).collect())
}

/// Whoever can register banks and check everything has a whole log.
fn is_whole(folder: &Path, node: &Process) {
    let crowd = Crowd::found(folder, &node.url);
    crowd.check(&node.url, 1);
}

/// Starts a node after a first start was interrupted, and follows its advice; says what came of it.
fn next_start(folder: &Path) -> Result<&'static str, String> {
    let ended = match Process::try_start(folder, &[]) {
        Ok(node) => {
            is_whole(folder, &node);
            return Ok("serves");
        }
        Err(ended) => ended,
    };
    let verdict = match ended.words.as_str() {
        words if words.contains("remove") => {
            fs::remove_dir_all(folder.join("data")).unwrap();
            "says what to remove"
        }
        words if words.contains("quittance init") => {
            let init = quittance(folder, &[]).arg("init").output().unwrap();
            assert!(init.status.success(), "{init:?}");
            "says to found it"
        }
        _ => return Err(ended.words),
    };
    assert_eq!(ended.status.code(), Some(2), "{}", ended.words);
    is_whole(folder, &Process::start(folder));
    Ok(verdict)
}

#[test]
fn a_founding_that_is_killed_leaves_a_whole_log_or_clear_words() {
    let Some(operations) = survey() else { return };
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let mut verdicts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (at, point) in operations.iter().enumerate() {
        let nth = seen.entry(point).or_default();
        *nth += 1;
        // A segment is filled with many equal writes.
        if point == "wal-new.write" && *nth > 2 || !slow() && at % 2 == 1 {
            continue;
        }
        let folder = folder();
        let mut vars = shimmed(folder.path()).unwrap();
        vars.push(("FAULT_AT", format!("{point}:{nth}:before:KILL")));
        let killed = Process::try_start(folder.path(), &vars).is_err_and(|ended| ended.is_killed());
        if !killed {
            continue;
        }
        match next_start(folder.path()) {
            Ok(verdict) => *verdicts.entry(verdict).or_default() += 1,
            Err(words) => wrong.push(format!("{point}:{nth}: {words}")),
        }
    }
    println!("{verdicts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(verdicts.values().sum::<u64>() > 15, "{verdicts:?}");
}
