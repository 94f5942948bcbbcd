//! The disk that loses power, tried by itself.

use super::*;

fn written(disk: &SimDisk) -> Arc<dyn DiskFile> {
    let file = disk.open("f", OpenMode::Create).unwrap();
    file.write_at(&[1; 2048], 0).unwrap();
    file.sync_data().unwrap();
    disk.sync_dir().unwrap();
    file.write_at(&[2; 2048], 0).unwrap();
    file
}

#[test]
fn synced_bytes_stay_and_others_are_kept_dropped_or_torn_by_sector() {
    let (mut kept, mut dropped, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let disk = SimDisk::new();
        let file = written(&disk);
        disk.power_cut(seed);
        assert!(file.len().is_err(), "old handles are dead");
        let bytes = disk.contents("f").unwrap();
        for sector in bytes.chunks(SECTOR) {
            assert!(
                sector.iter().all(|byte| *byte == sector[0]),
                "sectors are atomic"
            );
        }
        match (bytes.contains(&1), bytes.contains(&2)) {
            (true, true) => torn += 1,
            (true, false) => dropped += 1,
            _ => kept += 1,
        }
    }
    assert!(
        kept > 20 && dropped > 20 && torn > 20,
        "{kept} {dropped} {torn}"
    );
}

#[test]
fn an_ordered_cut_strikes_between_two_operations_and_the_disk_works_on() {
    let disk = SimDisk::new();
    let file = disk.open("f", OpenMode::Create).unwrap();
    disk.sync_dir().unwrap();
    disk.cut_after(2);
    file.write_at(&[1; SECTOR], 0).unwrap();
    file.sync_data().unwrap();
    assert!(!disk.is_cut() && disk.survivor(0).is_none());
    file.write_at(&[2; SECTOR], 0).unwrap();
    file.sync_data().unwrap();
    assert!(disk.is_cut());
    for seed in 0..20 {
        let survivor = disk.survivor(seed).unwrap();
        assert_eq!(survivor.contents("f").unwrap(), [1; SECTOR]);
        survivor.put("f", &[3]);
    }
    assert_eq!(disk.contents("f").unwrap(), [2; SECTOR]);
    file.write_at(&[4], 0).unwrap();
}

#[test]
fn a_sync_may_lie_in_one_folder_alone() {
    let disk = SimDisk::new();
    disk.set_sync_lies_in("a/");
    let (a, b) = (disk.folder("a").unwrap(), disk.folder("b").unwrap());
    for folder in [&a, &b] {
        let file = folder.open("f", OpenMode::Create).unwrap();
        folder.sync_dir().unwrap();
        file.write_at(b"x", 0).unwrap();
        file.sync_data().unwrap();
    }
    let kept = |name: &str| {
        let left = (0..40).filter(|seed| {
            let copy = disk.duplicate();
            copy.power_cut(*seed);
            copy.contents(name).is_some_and(|bytes| bytes == b"x")
        });
        left.count()
    };
    assert_eq!(kept("b/f"), 40);
    assert!(kept("a/f") < 40);
}

#[test]
fn names_without_a_directory_sync_may_vanish() {
    let vanished = (0..50).filter(|seed| {
        let disk = SimDisk::new();
        disk.open("f", OpenMode::Create)
            .unwrap()
            .sync_data()
            .unwrap();
        disk.power_cut(*seed);
        disk.contents("f").is_none()
    });
    assert!((5..45).contains(&vanished.count()));
}

#[test]
fn ordered_faults_strike_after_their_count() {
    let disk = SimDisk::new();
    let file = disk.open("f", OpenMode::Create).unwrap();
    disk.set_fault(Some(Fault {
        on: FaultOn::Write,
        kind: FaultKind::Full,
        after: 1,
    }));
    file.write_at(b"x", 0).unwrap();
    assert_eq!(
        file.write_at(b"x", 0).unwrap_err().kind(),
        io::ErrorKind::StorageFull
    );
    file.sync_data().unwrap();
    disk.set_fault(None);
    file.write_at(b"x", 0).unwrap();
}
