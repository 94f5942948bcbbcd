//! One log, many replays: processes with hash seeds of their own, on one thread and on several, on one
//! processor and on all, come to the same state, which is the one that the log itself has sealed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chain::{Entry, Hash};
use keys::Passphrase;
use quittance::wire::Bound;
use serde_json::Value;

use crate::crowd::{Crowd, Load, Reading};
use crate::folder;
use crate::process::{Process, data, quittance};
use crate::rich::Follower;
use crate::site::copy;

/// How long the crowd loads the node: until the day has closed and the next one opened.
const LOAD: Duration = Duration::from_millis(6_500);
const PATIENCE: Duration = Duration::from_secs(60);
/// On which processors a process may run: on all, or as `taskset` takes it.
const PLACES: [Option<&str>; 3] = [None, Some("0"), Some("1")];

/// The state after so many entries, by its hash.
type State = (u64, String);

/// A log in which everything there is happened, by a node that is still up; and its evidence.
fn told(folder: &Path, node: &Process) -> Crowd {
    let crowd = Crowd::found(folder, &node.url);
    let stop = AtomicBool::new(false);
    let load = Load {
        clients: 3,
        pause: Duration::from_millis(4),
        seed: 11,
    };
    std::thread::scope(|scope| {
        scope.spawn(|| crowd.load(&node.url, load, &stop));
        let end = Instant::now() + LOAD;
        crowd.manifold(&node.url);
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        stop.store(true, Ordering::Relaxed);
    });
    rest(&crowd, &node.url);
    crowd
}

/// Waits until the node makes no entries of its own any more: everything has expired or settled.
fn rest(crowd: &Crowd, url: &str) {
    let size = || {
        let checkpoint = crowd.reader(url).unwrap().checkpoint().unwrap();
        checkpoint.lines().nth(1).unwrap().to_owned()
    };
    let (end, mut before) = (Instant::now() + PATIENCE, size());
    loop {
        std::thread::sleep(Duration::from_millis(2_500));
        let now = size();
        if now == before {
            return;
        }
        assert!(Instant::now() < end, "the log does not come to rest");
        before = now;
    }
}

/// Runs a command of the binary as a process at a place, and gives its document.
fn document(folder: &Path, place: Option<&str>, command: &str) -> Value {
    let of_it = quittance(folder, &[]);
    let mut run = match place {
        None => Command::new(of_it.get_program()),
        Some(processor) => {
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", processor]).arg(of_it.get_program());
            pinned
        }
    };
    let variables = of_it
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    run.env_clear()
        .envs(variables)
        .env("QUITTANCE_PASSPHRASE", "throw-away")
        .args(command.split(' '))
        .args(["--output", "json"])
        .current_dir(folder)
        .stdin(Stdio::null());
    let out = run.output().unwrap();
    let words = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{command}: {words}");
    serde_json::from_slice(&out.stdout).unwrap()
}

fn state(size: &Value, hash: &Value) -> State {
    (size.as_u64().unwrap(), hash.as_str().unwrap().to_owned())
}

/// Whether processes can be put on one processor here, of two.
fn places() -> &'static [Option<&'static str>] {
    let pinned = Command::new("taskset").args(["-c", "1", "true"]).output();
    match pinned.is_ok_and(|out| out.status.success()) {
        true => &PLACES,
        false => {
            println!("NOT RUN: one processor of several, for want of taskset or of a second one");
            &PLACES[..1]
        }
    }
}

/// Audits on different numbers of threads, at different places: one report, one state, and the very
/// bytes that the next audit goes on from.
fn audits(folder: &Path) -> (State, Value) {
    let mut first = None;
    for place in places() {
        for threads in ["", " --threads 1", " --threads 2", " --threads 7"] {
            let audit = format!("audit copy --log-vkey data/log.vkey --save saved.audit{threads}");
            let report = document(folder, *place, &audit);
            let saved = std::fs::read(folder.join("saved.audit")).unwrap();
            let (known, bytes) = first.get_or_insert_with(|| (report.clone(), saved.clone()));
            assert_eq!(*known, report, "{place:?}{threads}");
            assert!(*bytes == saved, "{place:?}{threads}: the states differ");
        }
    }
    let (report, _) = first.unwrap();
    let of = &report["state"];
    (state(&of["size"], &of["hash"]), of["seal"].clone())
}

#[test]
fn one_log_is_one_state_whatever_replays_it() {
    let folder = folder();
    let path = folder.path();
    let node = Process::start(path);
    let crowd = told(path, &node);
    let passphrase = Passphrase::new("throw-away").unwrap();
    keys::write_key_file(&path.join("reader.pem"), &crowd.auditor, &passphrase).unwrap();
    let export = format!("export copy --key reader.pem --url {}", node.url);
    let exported = quittance(path, &[("QUITTANCE_PASSPHRASE", "throw-away".into())])
        .args(export.split(' '))
        .status();
    assert!(exported.unwrap().success());
    document(path, None, "backup saved");

    let (expected, seal) = audits(path);
    let reader = crowd.reader(&node.url).unwrap();
    // The root of the newest seal is what the log says it is: it stands in the seal's own entry.
    let index = seal["index"].as_u64().expect("there were seals");
    let entry = Entry::from_bytes(&reader.entry(index).unwrap().entry.0).unwrap();
    assert_eq!(
        Hash::from_base64(seal["root"].as_str().unwrap()).unwrap(),
        entry.aux
    );
    let mut follower = Follower::default();
    follower.follow(&Reading(&reader)).unwrap();
    assert!(
        follower.rich > 100,
        "nothing but plain payments: {}",
        follower.rich
    );
    println!(
        "{} entries, {} legs of more than payments",
        expected.0, follower.rich
    );
    let accounts = reader.accounts_at(last(&expected)).unwrap();
    assert!(node.stop().status.success());

    let verify = "backup verify saved --log-vkey data/log.vkey";
    for (n, place) in places().iter().enumerate() {
        let saved = document(path, *place, verify);
        assert_eq!(
            state(&saved["size"], &saved["state_hash"]),
            expected,
            "{place:?}"
        );
        // The store made anew of three origins, each in a folder of its own.
        for from in ["", " --from saved", " --from copy"] {
            let own = crate::folder();
            copy(&data(path), &own.path().join("data"));
            for given in ["saved", "copy"] {
                copy(&path.join(given), &own.path().join(given));
            }
            let rebuilt = document(own.path(), *place, &format!("rebuild{from}"));
            let found = state(&rebuilt["size"], &rebuilt["state_hash"]);
            assert_eq!(found, expected, "{place:?}{from}");
            if n > 0 {
                continue;
            }
            // A node that replays all of it at its start says what the first one said.
            let workers = [("QUITTANCE__API__WORKERS", (1 + from.len() % 3).to_string())];
            let node = Process::try_start(own.path(), &workers);
            let node = node.unwrap_or_else(|ended| panic!("{}", ended.words));
            let reader = crowd.reader(&node.url).unwrap();
            assert_eq!(
                reader.accounts_at(last(&expected)).unwrap(),
                accounts,
                "{from}"
            );
            Follower::default().follow(&Reading(&reader)).unwrap();
            assert!(node.stop().status.success());
        }
    }
}

/// The last entry of those that led to a state.
fn last(state: &State) -> Option<Bound> {
    Some(Bound::Index(state.0 - 1))
}
