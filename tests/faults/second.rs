//! A second process on a data folder that a node works on: refused in words, and the node goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::crowd::{Crowd, Load};
use crate::folder;
use crate::kill::audit;
use crate::process::{Process, quittance};

/// Commands that write, or have to know that nobody else does.
const COMMANDS: [&[&str]; 3] = [
    &["run"],
    &["init"],
    &["restore", "nowhere", "--into", "data"],
];

#[test]
fn a_second_process_is_refused_and_the_first_one_goes_on() {
    let folder = folder();
    let node = Process::start(folder.path());
    let mut crowd = Crowd::found(folder.path(), &node.url);
    let stop = AtomicBool::new(false);
    let load = Load {
        clients: 2,
        pause: Duration::from_millis(5),
        seed: 4,
    };
    std::thread::scope(|scope| {
        scope.spawn(|| crowd.load(&node.url, load, &stop));
        for command in COMMANDS.iter().chain(&COMMANDS[..1]) {
            let out = quittance(folder.path(), &[]).args(*command).output();
            let out = out.unwrap();
            let words = String::from_utf8_lossy(&out.stderr);
            println!("{command:?}: {:?}: {}", out.status.code(), words.trim());
            assert!(!out.status.success(), "{command:?}: {words}");
            assert!(!words.contains("panicked"), "{command:?}: {words}");
            let clear = ["in use by another process", "nowhere", "not empty"];
            assert!(clear.iter().any(|word| words.contains(word)), "{words}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(crowd.counts.acknowledged.load(Ordering::Relaxed) > 10);
    crowd.compare(&node.url, 1);
    crowd.check(&node.url, 1);
    audit(folder.path(), &node.url, &crowd.auditor);
    assert!(node.stop().status.success());
}
