//! A disk that fills up, and one that may not be written, on a real file system.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use tempfile::NamedTempFile;

use crate::crowd::{Crowd, Load};
use crate::folder;
use crate::image::{Kind, Mounted};
use crate::kill::audit;
use crate::process::Process;

/// The reserve of these nodes, in bytes, and twice what the store may lag.
const RESERVE: u64 = 16 << 20;

/// Takes all space of a file system but `left` bytes, until it is dropped.
pub(crate) fn fill(folder: &Path, left: u64) -> NamedTempFile {
    let stat = statvfs(folder).unwrap();
    let taken = (stat.f_bavail * stat.f_frsize).saturating_sub(left);
    let filler = NamedTempFile::new_in(folder).unwrap();
    fallocate(filler.as_file(), FallocateFlags::empty(), 0, taken).unwrap();
    filler
}

/// Waits until a node turns submissions away, or takes them again; reads are answered all the time.
pub(crate) fn until_turned_away(crowd: &Crowd, url: &str, wanted: bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while crowd.is_turned_away(url) != wanted {
        assert!(
            Instant::now() < end,
            "turned away: not {wanted} in a minute"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn vars() -> [(&'static str, String); 2] {
    [
        ("QUITTANCE__STORE__LAG_BYTES_MAX", (RESERVE / 2).to_string()),
        ("QUITTANCE__STORE__RESERVE_BYTES", RESERVE.to_string()),
    ]
}

#[test]
fn admission_stops_before_the_disk_is_full_and_goes_on_when_space_returns() {
    let folder = folder();
    let Some(disk) = Mounted::new(Kind::Ext4, folder.path(), 192) else {
        return;
    };
    let node = Process::try_start(&disk.at, &vars()).unwrap();
    let mut crowd = Crowd::found(&disk.at, &node.url);
    // The load itself eats the last of the space.
    let filler = fill(&disk.at, RESERVE + (4 << 20));
    let stop = AtomicBool::new(false);
    let load = Load {
        clients: 3,
        pause: Duration::ZERO,
        seed: 5,
    };
    std::thread::scope(|scope| {
        scope.spawn(|| crowd.load(&node.url, load, &stop));
        let end = Instant::now() + Duration::from_secs(120);
        while crowd.counts.turned_away.load(Ordering::Relaxed) < 20 {
            assert!(Instant::now() < end, "the disk does not fill");
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
    });
    until_turned_away(&crowd, &node.url, true);
    let stat = statvfs(&disk.at).unwrap();
    let free = stat.f_bavail * stat.f_frsize;
    println!("{free} bytes free of a reserve of {RESERVE} when admission had stopped");
    assert!(free > 0 && free < RESERVE);
    drop(filler);
    until_turned_away(&crowd, &node.url, false);
    crowd.compare(&node.url, 3);
    crowd.check(&node.url, 3);
    audit(&disk.at, &node.url, &crowd.auditor);
    assert!(node.stop().status.success());
}

/// The reserve is a courtesy, others may eat it: then the node ends with a word and loses nothing.
#[test]
fn a_disk_that_is_full_to_the_last_byte_loses_nothing() {
    let folder = folder();
    let Some(disk) = Mounted::new(Kind::Ext4, folder.path(), 192) else {
        return;
    };
    let node = Process::try_start(&disk.at, &vars()).unwrap();
    let mut crowd = Crowd::found(&disk.at, &node.url);
    let stop = AtomicBool::new(false);
    let load = Load {
        clients: 3,
        pause: Duration::ZERO,
        seed: 6,
    };
    let url = node.url.clone();
    let filler = std::thread::scope(|scope| {
        scope.spawn(|| crowd.load(&url, load, &stop));
        std::thread::sleep(Duration::from_millis(500));
        let filler = fill(&disk.at, 0);
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::Relaxed);
        filler
    });
    let mut node = node;
    match node.ended() {
        None => {
            println!("full to the last byte: the node went on, and turned everybody away");
            until_turned_away(&crowd, &url, true);
            node.kill();
        }
        Some(ended) => {
            println!(
                "full to the last byte: the node ended: {}",
                ended.words.trim()
            );
            assert!(ended.words.contains("the process ends"), "{}", ended.words);
        }
    }
    drop(filler);
    let node = Process::try_start(&disk.at, &vars()).unwrap();
    crowd.compare(&node.url, 3);
    crowd.check(&node.url, 3);
    audit(&disk.at, &node.url, &crowd.auditor);
}

#[test]
fn a_disk_that_may_not_be_written_is_refused_in_words() {
    let folder = folder();
    let Some(disk) = Mounted::new(Kind::Ext4, folder.path(), 192) else {
        return;
    };
    let node = Process::try_start(&disk.at, &vars()).unwrap();
    let crowd = Crowd::found(&disk.at, &node.url);
    assert!(node.stop().status.success());
    let marker = fs::read(disk.at.join("data/head")).unwrap();
    assert!(disk.remount("ro"), "it can be mounted for reading alone");
    assert!(File::create(disk.at.join("data/x")).is_err());
    let ended = Process::try_start(&disk.at, &vars()).map(drop).unwrap_err();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.words);
    assert!(
        ended.words.to_lowercase().contains("read-only"),
        "{}",
        ended.words
    );
    assert!(disk.remount("rw"));
    assert_eq!(fs::read(disk.at.join("data/head")).unwrap(), marker);
    let node = Process::try_start(&disk.at, &vars()).unwrap();
    crowd.check(&node.url, 1);
}
