//! `rebuild`: a new store out of what can be proven, and a refusal wherever that is too little.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chain::Record;
use quittance::audit::{DirSource, split_record};
use quittance::backup::{self, BackupError, Export, Items, NodeSource, Origin, Rebuilt, rebuild};
use quittance::store::disk::{Disk, RealDisk};
use quittance::store::sled::swap::{Step, swap};
use tempfile::TempDir;

use crate::evidence::Source as _;
use crate::power::Inside;
use crate::site::{Site, Verdict, copy, try_to_open};
use crate::world;

const SOON: Duration = Duration::from_millis(3);
const NEVER: Duration = Duration::from_secs(3_600);

/// A folder as a kill leaves it, a backup and an export taken before its last payments.
struct Scene {
    killed: TempDir,
    backup: TempDir,
    export: TempDir,
}

fn scene() -> Scene {
    let (running, killed) = (crate::folder(), crate::folder());
    let (backup, export) = (crate::folder(), crate::folder());
    let mut site = Site::new(running.path(), NEVER);
    site.pay(20);
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::create(backup.path()).unwrap());
    let mut source = NodeSource::new(Arc::clone(site.node()));
    backup::take(
        &mut source,
        &disk,
        &backup::Order::at("2026-11-23T12:00:00Z"),
        &mut |_| (),
    )
    .unwrap();
    drop(source);
    write_export(&site, export.path());
    site.pay(20);
    site.note();
    copy(running.path(), killed.path());
    site.stop();
    Scene {
        killed,
        backup,
        export,
    }
}

/// What `quittance export` writes, as far as a rebuild reads it.
fn write_export(site: &Site, folder: &Path) {
    let inside = Inside(site.node());
    let checkpoint = inside.checkpoint().unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    fs::create_dir_all(folder.join("log")).unwrap();
    fs::create_dir_all(folder.join("records")).unwrap();
    fs::write(folder.join("log/checkpoint"), checkpoint).unwrap();
    let mut records = Vec::new();
    for index in 0..size {
        let record = site.node().reader().entry_record(index).unwrap();
        let (record, _) = Record::split(&record).unwrap();
        Record {
            key: None,
            ..record
        }
        .write(&mut records);
    }
    fs::write(folder.join("records/000000.bin"), records).unwrap();
}

fn run(folder: &Path, origin: Origin<'_>) -> Result<Rebuilt, BackupError> {
    rebuild(&world::config(folder), origin, &mut |_| ())
}

fn from_export(folder: &Path, export: &Path) -> Result<Rebuilt, BackupError> {
    let mut source = DirSource::open(export).unwrap();
    let size = source.size().unwrap();
    let checkpoint = source.checkpoint().unwrap();
    let mut next = |index| {
        if index == size {
            return Ok(None);
        }
        let kept = source.kept(index).map_err(BackupError::Export)?;
        Ok(Some(Items {
            entry: kept.entry,
            salt: kept.salt,
            items: kept.items,
            sealed_body: kept.sealed_body,
        }))
    };
    let next = &mut next;
    run(folder, Origin::Export(Export { checkpoint, next }))
}

/// Does harm to the store's files.
type Harm = fn(&Path);

fn copied(from: &Path) -> TempDir {
    let trial = crate::folder();
    copy(from, trial.path());
    trial
}

#[test]
fn a_lost_store_comes_back_from_a_backup_or_an_export_and_the_tail() {
    let scene = scene();
    for which in ["backup", "export"] {
        let trial = copied(scene.killed.path());
        let data = trial.path().join("data");
        fs::remove_dir_all(data.join("sled")).unwrap();
        let rebuilt = match which {
            "backup" => run(trial.path(), Origin::Backup(scene.backup.path().to_owned())),
            _ => from_export(trial.path(), scene.export.path()),
        };
        let rebuilt = rebuilt.unwrap();
        assert_eq!(rebuilt.aside, None);
        assert!(rebuilt.given < rebuilt.size, "{rebuilt:?}");
        assert_eq!(try_to_open(trial.path()), Verdict::Same, "{which}");
    }
}

#[test]
fn a_damaged_store_is_rebuilt_from_itself_and_kept_aside() {
    let scene = scene();
    let damages: [(&str, Harm); 3] = [
        ("snap", |sled| {
            let mut snap = fs::read_dir(sled).unwrap().map(|file| file.unwrap().path());
            let snap = snap.find(|path| path.to_string_lossy().contains("snap."));
            fs::write(snap.unwrap(), "damaged").unwrap();
        }),
        ("conf", |sled| {
            let mut bytes = fs::read(sled.join("conf")).unwrap();
            bytes[5] ^= 0x10;
            fs::write(sled.join("conf"), bytes).unwrap();
        }),
        ("both", |sled| {
            fs::write(sled.join("conf"), "").unwrap();
            fs::write(sled.join("snap.00000000000FFFFF"), "damaged").unwrap();
        }),
    ];
    for (name, damage) in damages {
        let trial = copied(scene.killed.path());
        let sled = trial.path().join("data/sled");
        damage(&sled);
        let refused = try_to_open(trial.path());
        assert!(
            matches!(refused, Verdict::Refused(_)),
            "{name}: {refused:?}"
        );
        let rebuilt = run(trial.path(), Origin::Store).unwrap();
        let aside = rebuilt.aside.unwrap();
        assert!(aside.join("db").exists(), "{name}");
        assert_eq!(try_to_open(trial.path()), Verdict::Same, "{name}");
    }
}

/// Bits flip all over the store: what comes out of a rebuild is the whole log, or nothing.
#[test]
fn a_rebuild_gives_the_whole_log_or_refuses() {
    let scene = scene();
    let mut dice = crate::Dice(5);
    let (mut whole, mut refused) = (0, 0);
    for trial in 0..if crate::slow() { 60 } else { 6 } {
        let place = copied(scene.killed.path());
        let db = place.path().join("data/sled/db");
        let mut bytes = fs::read(&db).unwrap();
        let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let at = written[usize::try_from(dice.below(written.len() as u64)).unwrap()];
        bytes[at] ^= 1 << dice.below(8);
        fs::write(&db, &bytes).unwrap();
        match run(place.path(), Origin::Store) {
            Ok(_) => {
                assert_eq!(
                    try_to_open(place.path()),
                    Verdict::Same,
                    "trial {trial}, byte {at}"
                );
                whole += 1;
            }
            Err(error) => {
                // The store is where it was, and a backup still brings everything back.
                assert_eq!(fs::read(&db).unwrap(), bytes, "{error}");
                run(place.path(), Origin::Backup(scene.backup.path().to_owned())).unwrap();
                assert_eq!(
                    try_to_open(place.path()),
                    Verdict::Same,
                    "trial {trial}, byte {at}"
                );
                refused += 1;
            }
        }
    }
    println!("flips in the store, rebuilt from itself: {whole}, from a backup: {refused}");
}

#[test]
fn what_would_end_below_the_mark_is_refused_and_nothing_changes() {
    let scene = scene();
    // The segments move on, so that the backup does not reach them any more.
    let trial = crate::folder();
    let mut site = Site::new(trial.path(), SOON);
    site.pay(10);
    let place = crate::folder();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::create(place.path()).unwrap());
    let mut source = NodeSource::new(Arc::clone(site.node()));
    backup::take(
        &mut source,
        &disk,
        &backup::Order::at("2026-11-23T12:00:00Z"),
        &mut |_| (),
    )
    .unwrap();
    drop(source);
    site.pay(30);
    site.stop();
    let mut site = site.again(SOON);
    site.pay(30);
    site.stop();
    site.note();
    drop(site);
    let error = run(trial.path(), Origin::Backup(place.path().to_owned())).unwrap_err();
    let code = match &error {
        BackupError::Open(error) => error.trouble().as_str(),
        other => panic!("{other}"),
    };
    assert!(["STORE_GAP", "LOG_BEHIND"].contains(&code), "{error}");
    // A backup of another log is refused as well.
    let error = run(trial.path(), Origin::Backup(scene.backup.path().to_owned())).unwrap_err();
    assert!(matches!(error, BackupError::Key { .. }), "{error}");
    assert_eq!(try_to_open(trial.path()), Verdict::Same);
}

/// A crash behind each step of putting the new store in place: the next start finishes it.
#[test]
fn a_rebuild_that_was_interrupted_in_its_last_step_is_finished() {
    let scene = scene();
    for crash in [Step::Noted, Step::Aside, Step::KeptAside, Step::Placed] {
        for again in [false, true] {
            let trial = copied(scene.killed.path());
            let data = trial.path().join("data");
            run(trial.path(), Origin::Store).unwrap();
            fs::rename(data.join("sled"), data.join("sled.new")).unwrap();
            fs::rename(data.join("sled.damaged-1"), data.join("sled")).unwrap();
            fs::write(data.join("sled/db"), "damaged").unwrap();
            swap(&data, &mut |step| {
                let crashed = || std::io::Error::other("crash");
                (step != crash).then_some(()).ok_or_else(crashed)
            })
            .unwrap_err();
            if again {
                run(trial.path(), Origin::Store).unwrap();
            }
            assert_eq!(try_to_open(trial.path()), Verdict::Same, "{crash:?}");
            let aside = fs::read(data.join("sled.damaged-1/db")).unwrap();
            assert_eq!(aside, b"damaged", "{crash:?}");
            assert!(!data.join("sled.new").exists() && !data.join("sled.swap").exists());
        }
    }
}

/// Only what the log's key has signed is used of an export.
#[test]
fn an_export_whose_checkpoint_does_not_hold_is_refused() {
    let scene = scene();
    let forged = copied(scene.export.path());
    let path = forged.path().join("log/checkpoint");
    let note = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = note.lines().collect();
    let root = lines[2].replacen(
        &lines[2][..1],
        if lines[2].starts_with('A') { "B" } else { "A" },
        1,
    );
    let size = lines[1].parse::<u64>().unwrap() - 1;
    let signature = lines[4].len() - 20;
    let other = if lines[4][signature..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    let mut resigned = lines[4].to_owned();
    resigned.replace_range(signature..=signature, other);
    let changes = [
        (
            "another size",
            note.replacen(lines[1], &size.to_string(), 1),
        ),
        ("another root", note.replacen(lines[2], &root, 1)),
        ("another signature", note.replacen(lines[4], &resigned, 1)),
    ];
    for (what, note) in changes {
        let trial = copied(scene.killed.path());
        let _ = fs::remove_file(trial.path().join("data/log.vkey"));
        for known in [false, true] {
            let vkey = "data/log.vkey";
            if known {
                fs::copy(scene.killed.path().join(vkey), trial.path().join(vkey)).unwrap();
            }
            fs::write(&path, &note).unwrap();
            let error = from_export(trial.path(), forged.path()).unwrap_err();
            assert!(
                matches!(error, BackupError::Checkpoint { .. }) && error.is_no(),
                "{what}: {error}"
            );
            assert!(!trial.path().join("data/sled.new").exists());
        }
        assert_eq!(try_to_open(trial.path()), Verdict::Same, "{what}");
    }
}

/// Entries that end below what was signed, or that are others, do not lead to its root; a log
/// signed anew by somebody else has another key.
#[test]
fn an_export_of_other_entries_or_another_key_is_refused() {
    let scene = scene();
    let forged = copied(scene.export.path());
    let path = forged.path().join("log/checkpoint");
    let (trial, other) = (copied(scene.killed.path()), crate::folder());
    let mut site = Site::new(other.path(), SOON);
    site.pay(3);
    write_export(&site, other.path().join("export").as_path());
    site.stop();
    let error = from_export(trial.path(), &other.path().join("export")).unwrap_err();
    assert!(matches!(error, BackupError::Checkpoint { .. }), "{error}");
    // A checkpoint that the log has signed, of fewer entries than the records hold.
    let older = scene.backup.path().join("backup.json");
    let older: serde_json::Value = serde_json::from_slice(&fs::read(older).unwrap()).unwrap();
    fs::write(&path, older["backup"]["checkpoint"].as_str().unwrap()).unwrap();
    let held = fs::read(forged.path().join("records/000000.bin")).unwrap();
    let (mut records, mut rest) = (Vec::new(), held.as_slice());
    while !rest.is_empty() {
        let (record, behind) = split_record(rest).unwrap();
        records.push(record);
        rest = behind;
    }
    records.swap(3, 4);
    fs::write(forged.path().join("records/000000.bin"), records.concat()).unwrap();
    let error = from_export(trial.path(), forged.path()).unwrap_err();
    assert!(
        matches!(error, BackupError::Wrong { .. } | BackupError::Export(_)),
        "{error}"
    );
    assert_eq!(try_to_open(trial.path()), Verdict::Same);
}
