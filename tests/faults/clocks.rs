//! The wall clock jumps: before a start, and under a running node. The shim makes the real binary
//! see another time than the machine has.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keys::{Passphrase, SigningKey};
use quittance::clock::Clock;
use quittance::config::Config;
use quittance::ledger::{Mode, Time};
use quittance::node::{self, Founding};

use crate::crowd::{Crowd, Load};
use crate::folder;
use crate::kill::{audit, dice};
use crate::process::{Process, shimmed};

const DAY_S: i64 = 86_400;

/// A wall clock that is wrong by a number of seconds in a file.
struct Wall<'a>(&'a Path);

impl Wall<'_> {
    fn set(&self, seconds: i64) {
        fs::write(self.0.join("wall"), seconds.to_string()).unwrap();
    }

    fn vars(&self) -> Option<Vec<(&'static str, String)>> {
        let mut vars = shimmed(self.0)?;
        let file = self.0.join("wall").to_str().unwrap().to_owned();
        vars.push(("FAULT_CLOCK", file));
        Some(vars)
    }
}

/// The machine's time, moved.
fn time(seconds: i64) -> String {
    let now = Clock::start().now_ns();
    Time::from_nanos(now.saturating_add_signed(seconds * 1_000_000_000)).to_string()
}

/// A start that has to fail, with a word on how to go on.
fn refused(folder: &Path, vars: &[(&'static str, String)], word: &str) {
    let before = fs::read(folder.join("data/head")).unwrap();
    let ended = Process::try_start(folder, vars).map(drop).unwrap_err();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.words);
    let clear = ended.words.contains(word) && ended.words.contains("run --accept-time");
    assert!(clear, "{}", ended.words);
    assert_eq!(fs::read(folder.join("data/head")).unwrap(), before);
}

fn load(crowd: &Crowd, url: &str, seed: u64, time: Duration, meanwhile: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    let load = Load {
        clients: 3,
        pause: Duration::ZERO,
        seed,
    };
    std::thread::scope(|scope| {
        scope.spawn(|| crowd.load(url, load, &stop));
        std::thread::sleep(time);
        meanwhile();
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_clock_behind_the_log_waits_for_an_operator_and_time_never_goes_back() {
    let folder = folder();
    let wall = Wall(folder.path());
    let Some(vars) = wall.vars() else { return };
    let mut dice = dice();
    let mut pause = |node: Process, crowd: &mut Crowd| {
        let seed = dice.below(u64::MAX);
        load(crowd, &node.url, seed, Duration::from_millis(200), || {});
        crowd.compare(&node.url, 3);
        assert!(node.stop().status.success());
    };
    let node = Process::start(folder.path());
    let mut crowd = Crowd::found(folder.path(), &node.url);
    pause(node, &mut crowd);
    // A few seconds are what clocks do.
    wall.set(-6);
    let node = Process::try_start(folder.path(), &vars).unwrap();
    pause(node, &mut crowd);
    wall.set(-60);
    refused(folder.path(), &vars, "behind the log's last entry");
    let mut accepting = vars.clone();
    accepting.push(("QUITTANCE_ACCEPT_TIME", time(0)));
    let node = Process::try_start(folder.path(), &accepting).unwrap();
    pause(node, &mut crowd);
    let node = Process::start(folder.path());
    crowd.check(&node.url, 5);
    crowd.times_go_forwards(&node.url);
    audit(folder.path(), &node.url, &crowd.auditor);
}

#[test]
fn a_running_node_does_not_follow_the_wall_clock() {
    let folder = folder();
    let wall = Wall(folder.path());
    let Some(vars) = wall.vars() else { return };
    wall.set(0);
    let node = Process::try_start(folder.path(), &vars).unwrap();
    let mut crowd = Crowd::found(folder.path(), &node.url);
    let before = crowd.counts.acknowledged.load(Ordering::Relaxed);
    for seconds in [2 * DAY_S, -2 * DAY_S, 0] {
        load(&crowd, &node.url, 3, Duration::from_millis(300), || {
            wall.set(seconds)
        });
    }
    assert!(crowd.counts.acknowledged.load(Ordering::Relaxed) > before + 10);
    crowd.compare(&node.url, 3);
    crowd.check(&node.url, 5);
    let (first, last) = crowd.times_go_forwards(&node.url);
    assert!(last - first < 600_000_000_000, "the log's time jumped");
    audit(folder.path(), &node.url, &crowd.auditor);
}

/// Founds a live log in `folder`; gives the variables of its starts.
fn found_live(folder: &Path) -> Vec<(&'static str, String)> {
    const ORIGIN: &str = "settle.example/faults";
    let secret = "correct horse battery staple";
    let key_file = folder.join("log.pem").to_str().unwrap().to_owned();
    let log = SigningKey::generate(ORIGIN).unwrap();
    let passphrase = Passphrase::new(secret).unwrap();
    keys::write_key_file(Path::new(&key_file), &log, &passphrase).unwrap();
    let data = folder.join("data").to_str().unwrap().to_owned();
    let set = [
        ("data.dir", data.as_str()),
        ("log.mode", "live"),
        ("log.origin", ORIGIN),
        ("keys.log", &key_file),
        ("keys.passphrase_env", "SECRET"),
    ];
    let set = set.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let config = Config::load(None, [], set).unwrap();
    let founders =
        ["operators/one", "operators/two"].map(|name| SigningKey::generate(name).unwrap());
    let public = founders.each_ref().map(|key| key.verifier_key().clone());
    let genesis = node::draft_genesis(Mode::Live, log.verifier_key(), &public, 2).unwrap();
    let signatures = founders
        .iter()
        .map(|key| node::sign_genesis(&genesis, key).unwrap());
    let signatures = signatures.collect();
    let genesis = Box::new(genesis);
    node::init(
        &config,
        Founding::Live {
            genesis,
            signatures,
        },
    )
    .unwrap();
    vec![
        ("QUITTANCE__LOG__MODE", "live".to_owned()),
        ("QUITTANCE__LOG__ORIGIN", ORIGIN.to_owned()),
        ("QUITTANCE__KEYS__LOG", key_file),
        ("QUITTANCE__KEYS__PASSPHRASE_ENV", "SECRET".to_owned()),
        ("SECRET", secret.to_owned()),
    ]
}

/// A sandbox may sleep for weeks; a live log may not wake up a day late without a word.
#[test]
fn a_clock_a_day_ahead_of_a_live_log_waits_for_an_operator() {
    let folder = folder();
    let wall = Wall(folder.path());
    let Some(mut vars) = wall.vars() else { return };
    vars.extend(found_live(folder.path()));
    wall.set(DAY_S - 600);
    let node = Process::try_start(folder.path(), &vars).unwrap();
    assert!(node.stop().status.success());
    wall.set(DAY_S + 600);
    refused(folder.path(), &vars, "ahead of the log's last entry");
    vars.push(("QUITTANCE_ACCEPT_TIME", time(DAY_S + 600)));
    let node = Process::try_start(folder.path(), &vars).unwrap();
    assert!(node.stop().status.success());
}
