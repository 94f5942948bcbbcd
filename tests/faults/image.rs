//! A power cut as a file system sees it: the node's folder lies on an ext4 or XFS image, the image is
//! copied at the moment of the kill, and the node goes on from the copy. What the file system had in
//! memory and had not written is gone, exactly as after a power cut.
//!
//! Needs root, loop devices and `mkfs`. Where one is missing the test says so and proves nothing;
//! the simulated disk of `power` covers the same ground everywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::kill::{assert_balance, audit, compare, dice, follow, load_and_kill, reader, set_up};
use crate::process::{Process, shimmed};
use crate::rich::Follower;
use crate::{folder, slow};

/// More than the node keeps in reserve; the file is sparse.
const IMAGE_MIB: u64 = 2_048;

/// A file system to make images of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Ext4,
    Xfs,
}

impl Kind {
    /// The command that makes one.
    fn mkfs(self) -> [&'static str; 3] {
        match self {
            Self::Ext4 => ["mkfs.ext4", "-q", "-F"],
            Self::Xfs => ["mkfs.xfs", "-q", "-f"],
        }
    }

    /// XFS refuses to mount a copy beside the original unless it is told to.
    fn options(self) -> &'static str {
        match self {
            Self::Ext4 => "loop",
            Self::Xfs => "loop,nouuid",
        }
    }
}

/// A mounted image; it is unmounted when this is dropped.
pub(crate) struct Mounted {
    kind: Kind,
    image: PathBuf,
    pub(crate) at: PathBuf,
}

fn ok(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

impl Mounted {
    fn mount(kind: Kind, image: PathBuf, at: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let mut mount = Command::new("mount");
        let mounted = ok(mount.args(["-o", kind.options()]).arg(&image).arg(&at));
        mounted.then_some(Self { kind, image, at })
    }

    /// Makes and mounts an empty file system; says so, and gives `None`, where that is not allowed.
    pub(crate) fn new(kind: Kind, folder: &Path, mib: u64) -> Option<Self> {
        let image = folder.join("disk-0.img");
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(mib << 20).unwrap();
        drop(file);
        let [mkfs, quiet, force] = kind.mkfs();
        let made = ok(Command::new(mkfs).args([quiet, force]).arg(&image));
        let mounted = made.then(|| Self::mount(kind, image, folder.join("mount-0")));
        let mounted = mounted.flatten();
        if mounted.is_none() {
            println!("NOT RUN on {kind:?}: no root, no loop device or no {mkfs} here");
        }
        mounted
    }

    /// The disk as it is at this moment, without what the file system still holds in memory.
    pub(crate) fn cut(&self, folder: &Path, round: u64) -> Self {
        let image = folder.join(format!("disk-{round}.img"));
        let mut copy = Command::new("cp");
        assert!(ok(copy.arg("--sparse=always").arg(&self.image).arg(&image)));
        Self::mount(self.kind, image, folder.join(format!("mount-{round}")))
            .expect("the copy mounts")
    }

    /// Mounts it again, for reading alone or for writing.
    pub(crate) fn remount(&self, how: &str) -> bool {
        let mut mount = Command::new("mount");
        ok(mount.args(["-o", &format!("remount,{how}")]).arg(&self.at))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        ok(Command::new("umount").arg(&self.at));
        let _ = std::fs::remove_file(&self.image);
    }
}

fn cuts_lose_nothing(kind: Kind, rounds: u64) {
    let folder: TempDir = folder();
    let Some(mut disk) = Mounted::new(kind, folder.path(), IMAGE_MIB) else {
        return;
    };
    let mut dice = dice();
    let mut node = Process::start(&disk.at);
    let (bank, auditor) = set_up(&disk.at, &node.url);
    let (mut paid, mut follower) = (0, Follower::default());
    for round in 1..=rounds {
        let known = load_and_kill(node, &bank, &mut dice);
        disk = disk.cut(folder.path(), round);
        node = Process::start(&disk.at);
        let seen = (&auditor, dice.below(u64::MAX));
        follow(&mut follower, &disk.at, &node.url, seen);
        let nonce = dice.below(u64::MAX);
        let client = reader(&disk.at, &node.url, "bank-a", &bank, nonce);
        paid += compare(&client, &bank, &known);
        assert_balance(&client, paid);
    }
    println!("{rounds} power cuts on {kind:?}, {paid} payments");
    assert!(paid > rounds, "there was load: {paid} payments");
    assert!(follower.rich > 0, "nothing but plain payments");
    audit(&disk.at, &node.url, &auditor);
    drop(node);
}

#[test]
fn power_cuts_on_ext4_lose_nothing_acknowledged() {
    cuts_lose_nothing(Kind::Ext4, if slow() { 20 } else { 8 });
}

#[test]
fn power_cuts_on_xfs_lose_nothing_acknowledged() {
    cuts_lose_nothing(Kind::Xfs, if slow() { 20 } else { 8 });
}

/// The control: a node whose syncs do nothing loses what it acknowledged, or does not start.
fn cuts_without_syncs_lose(kind: Kind) {
    let folder: TempDir = folder();
    let Some(disk) = Mounted::new(kind, folder.path(), IMAGE_MIB) else {
        return;
    };
    let Some(mut vars) = shimmed(&disk.at) else {
        return;
    };
    let mut dice = dice();
    let node = Process::start(&disk.at);
    let (bank, _) = set_up(&disk.at, &node.url);
    assert!(node.stop().status.success());
    vars.push(("FAULT_NOSYNC", "1".to_owned()));
    // On a slow machine the first kill may come before the first answer.
    let (known, acknowledged) = (0..50)
        .map(|_| {
            let node = Process::try_start(&disk.at, &vars).unwrap();
            let known = load_and_kill(node, &bank, &mut dice);
            let acknowledged: u64 = known.iter().map(|knows| knows.acknowledged()).sum();
            (known, acknowledged)
        })
        .find(|(_, acknowledged)| *acknowledged > 0)
        .expect("a payment that was acknowledged");
    let copy = disk.cut(folder.path(), 1);
    let lost = match Process::try_start(&copy.at, &[]) {
        Err(ended) => format!("the node does not start: {}", ended.words.trim()),
        Ok(node) => {
            let client = reader(&copy.at, &node.url, "bank-a", &bank, 3);
            let lost = known.iter().map(|knows| knows.lost(&client)).sum::<u64>();
            assert!(lost > 0, "syncs taken out of {kind:?}, and nothing is lost");
            format!("{lost} of {acknowledged} payments")
        }
    };
    println!("control on {kind:?}, syncs taken out: lost {lost}");
}

#[test]
fn power_cuts_on_ext4_without_syncs_lose() {
    cuts_without_syncs_lose(Kind::Ext4);
}

#[test]
fn power_cuts_on_xfs_without_syncs_lose() {
    cuts_without_syncs_lose(Kind::Xfs);
}
