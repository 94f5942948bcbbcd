//! Mixed load for minutes with a fault every 20 seconds, and a full audit in the end.
//!
//! `QUITTANCE_SOAK_S` says for how long; without it, 20 seconds, and 600 in the long form.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keys::Passphrase;

use crate::crowd::{Crowd, Load};
use crate::image::{Kind, Mounted};
use crate::kill::{audit, dice};
use crate::process::{Process, quittance};
use crate::space::{fill, until_turned_away};
use crate::{Dice, folder, slow};

/// The folder of the node: on an image where that is allowed, or else on the disk as it is.
struct Ground {
    folder: tempfile::TempDir,
    disk: Option<Mounted>,
    cuts: u64,
}

impl Ground {
    fn new() -> Self {
        let folder = folder();
        let disk = Mounted::new(Kind::Ext4, folder.path(), 4_096);
        let cuts = 0;
        Self { folder, disk, cuts }
    }

    fn at(&self) -> PathBuf {
        match &self.disk {
            Some(disk) => disk.at.clone(),
            None => self.folder.path().to_owned(),
        }
    }

    /// Goes on from what the disk has at this moment.
    fn cut(&mut self) {
        self.cuts += 1;
        if let Some(disk) = &self.disk {
            self.disk = Some(disk.cut(self.folder.path(), self.cuts));
        }
    }
}

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Kill,
    PowerCut,
    Terminate,
    Pause,
    DiskFull,
    Garbage,
    SecondProcess,
}

/// In turn, so that even a short run has each of them, from a random one on.
const FAULTS: [Fault; 7] = [
    Fault::Kill,
    Fault::Pause,
    Fault::PowerCut,
    Fault::DiskFull,
    Fault::Terminate,
    Fault::Garbage,
    Fault::SecondProcess,
];

fn length() -> Duration {
    let seconds = std::env::var("QUITTANCE_SOAK_S").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(if slow() { 600 } else { 20 }))
}

/// A reserve that fits an image.
fn vars() -> Vec<(&'static str, String)> {
    vec![
        ("QUITTANCE__STORE__LAG_BYTES_MAX", (16 << 20).to_string()),
        ("QUITTANCE__STORE__RESERVE_BYTES", (64 << 20).to_string()),
        (
            "QUITTANCE__SNAPSHOT__EVERY_INSTRUCTIONS",
            50_000.to_string(),
        ),
    ]
}

fn start(folder: &Path) -> Process {
    Process::try_start(folder, &vars()).unwrap_or_else(|ended| panic!("{}", ended.words))
}

/// Does something to a node under load; gives it back if it lives on.
fn strike(
    fault: Fault,
    node: Process,
    crowd: &Crowd,
    ground: &Ground,
    dice: &mut Dice,
) -> Option<Process> {
    match fault {
        Fault::Kill | Fault::PowerCut => {
            node.kill();
            return None;
        }
        Fault::Terminate => {
            let ended = node.stop();
            assert!(ended.status.success(), "{}", ended.words);
            return None;
        }
        Fault::Pause => {
            node.signal("STOP");
            std::thread::sleep(Duration::from_secs(3));
            node.signal("CONT");
        }
        Fault::DiskFull if ground.disk.is_some() => {
            let filler = fill(&ground.at(), 32 << 20);
            until_turned_away(crowd, &node.url, true);
            drop(filler);
            until_turned_away(crowd, &node.url, false);
        }
        Fault::DiskFull => println!("NOT RUN: a full disk, for want of an image"),
        Fault::Garbage => garbage(&node.url, dice),
        Fault::SecondProcess => {
            let out = quittance(&ground.at(), &vars())
                .arg("run")
                .output()
                .unwrap();
            let words = String::from_utf8_lossy(&out.stderr).into_owned();
            assert_eq!(out.status.code(), Some(2), "{words}");
            assert!(words.contains("in use by another process"), "{words}");
        }
    }
    Some(node)
}

/// Connections that send noise, half a request, or nothing.
fn garbage(url: &str, dice: &mut Dice) {
    let address = url.strip_prefix("http://").unwrap();
    let mut open = Vec::new();
    for n in 0..150 {
        let Ok(mut stream) = TcpStream::connect(address) else {
            continue;
        };
        let noise: Vec<u8> = (0..dice.below(3_000))
            .map(|_| dice.below(256) as u8)
            .collect();
        let _ = match n % 3 {
            0 => stream.write_all(&noise),
            1 => stream.write_all(b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nContent-Le"),
            _ => Ok(()),
        };
        open.push(stream);
    }
}

/// An export, audited offline.
fn audit_export(folder: &Path, url: &str, crowd: &Crowd) {
    let passphrase = Passphrase::new("throw-away").unwrap();
    keys::write_key_file(&folder.join("reader.pem"), &crowd.auditor, &passphrase).unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
        let command = command.args(args).current_dir(folder);
        let out = command.env("QUITTANCE_PASSPHRASE", "throw-away").output();
        let out = out.unwrap();
        let words = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(0), "{args:?}: {words}");
    };
    run(&["export", "kept", "--url", url, "--key", "reader.pem"]);
    run(&["audit", "kept", "--log-vkey", "data/log.vkey"]);
}

#[test]
fn soak() {
    let length = length();
    let mut dice = dice();
    let mut ground = Ground::new();
    let mut node = start(&ground.at());
    let mut crowd = Crowd::found(&ground.at(), &node.url);
    let interval = Duration::from_secs(20).min(length / 7);
    let mut faults: BTreeMap<Fault, u64> = BTreeMap::new();
    let end = Instant::now() + length;
    let mut turn = usize::try_from(dice.below(7)).unwrap();
    while Instant::now() < end || faults.len() < FAULTS.len() {
        let (fault, url) = (FAULTS[turn % 7], node.url.clone());
        turn += 1;
        let load = Load {
            clients: 4,
            pause: Duration::from_millis(100),
            seed: dice.below(u64::MAX),
        };
        let stop = AtomicBool::new(false);
        let left = std::thread::scope(|scope| {
            let clients = scope.spawn(|| crowd.load(&url, load, &stop));
            std::thread::sleep(interval);
            let left = strike(fault, node, &crowd, &ground, &mut dice);
            stop.store(true, Ordering::Relaxed);
            clients.join().unwrap();
            left
        });
        if fault == Fault::PowerCut {
            ground.cut();
        }
        node = left.unwrap_or_else(|| start(&ground.at()));
        *faults.entry(fault).or_default() += 1;
        crowd.compare(&node.url, 10);
    }
    println!(
        "{} s, faults {faults:?}, {:?}",
        length.as_secs(),
        crowd.counts
    );
    let found = crowd.check(&node.url, 3);
    audit(&ground.at(), &node.url, &crowd.auditor);
    audit_export(&ground.at(), &node.url, &crowd);
    // What nobody sent are seals and what was due; the comparison has found nothing else.
    let own = found.size - crowd.start.size - found.placed.len() as u64;
    assert!(own > 0, "no seal in {} entries", found.size);
    assert!(found.rich > 0, "nothing but plain payments");
    println!(
        "{} entries, {own} of them the node's own, {} legs of more than plain payments, compared with the evidence, audited over HTTP and from an export",
        found.size, found.rich
    );
    drop(node);
}
