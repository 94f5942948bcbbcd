//! A power cut as a file system sees it: the node's folder lies on an ext4 image, the image is
//! copied at the moment of the kill, and the node goes on from the copy. What ext4 had in memory
//! and had not written is gone, exactly as after a power cut.
//!
//! Needs root, loop devices and `mkfs.ext4`. Where one is missing the test says so and proves
//! nothing; the simulated disk of `power` covers the same ground everywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::folder;
use crate::kill::{assert_balance, audit, compare, dice, load_and_kill, reader, set_up};
use crate::process::Process;

const ROUNDS: u64 = 10;
/// More than the node keeps in reserve; the file is sparse.
const IMAGE_MIB: u64 = 1_024;

/// A mounted image; it is unmounted when this is dropped.
struct Mounted {
    image: PathBuf,
    at: PathBuf,
}

fn ok(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

impl Mounted {
    fn mount(image: PathBuf, at: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let mut mount = Command::new("mount");
        let mounted = ok(mount.args(["-o", "loop"]).arg(&image).arg(&at));
        mounted.then_some(Self { image, at })
    }

    /// Makes and mounts an empty file system; `None` where that is not allowed.
    fn new(folder: &Path) -> Option<Self> {
        let image = folder.join("disk-0.img");
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(IMAGE_MIB << 20).unwrap();
        drop(file);
        if !ok(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image)) {
            return None;
        }
        Self::mount(image, folder.join("mount-0"))
    }

    /// The disk as it is at this moment, without what the file system still holds in memory.
    fn cut(&self, folder: &Path, round: u64) -> Self {
        let image = folder.join(format!("disk-{round}.img"));
        let mut copy = Command::new("cp");
        assert!(ok(copy.arg("--sparse=always").arg(&self.image).arg(&image)));
        Self::mount(image, folder.join(format!("mount-{round}"))).expect("the copy mounts")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        ok(Command::new("umount").arg(&self.at));
        let _ = std::fs::remove_file(&self.image);
    }
}

#[test]
fn a_file_system_that_loses_its_memory_loses_nothing_acknowledged() {
    let folder: TempDir = folder();
    let Some(mut disk) = Mounted::new(folder.path()) else {
        println!("NOT RUN: no root, no loop device or no mkfs.ext4 here");
        return;
    };
    let mut dice = dice();
    let mut node = Process::start(&disk.at);
    let (bank, auditor) = set_up(&disk.at, &node.url);
    let mut paid = 0;
    for round in 1..=ROUNDS {
        let known = load_and_kill(node, &bank, &mut dice);
        disk = disk.cut(folder.path(), round);
        node = Process::start(&disk.at);
        let nonce = dice.below(u64::MAX);
        let client = reader(&disk.at, &node.url, "bank-a", &bank, nonce);
        paid += compare(&client, &bank, &known);
        assert_balance(&client, paid);
    }
    println!("{ROUNDS} power cuts, {paid} payments");
    assert!(paid > ROUNDS, "there was load: {paid} payments");
    audit(&disk.at, &node.url, &auditor);
    drop(node);
}
