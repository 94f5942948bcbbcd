//! `doctor`: names what is wrong and what mends it, and changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use quittance::node::doctor::{Diagnosis, Level, Look, examine};

use crate::site::{Site, Verdict, copy, try_to_open, wound};
use crate::world;

/// A stopped log in a folder of its own.
fn stopped() -> tempfile::TempDir {
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_millis(3));
    site.pay(30);
    site.stop();
    site.note();
    folder
}

fn doctor(folder: &Path) -> Diagnosis {
    let mut config = world::config(folder);
    // The disk of whoever runs this test is not what is tested.
    config.store.reserve_bytes = 1;
    examine(&config, Look::default()).unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Does harm to a data folder.
type Harm = fn(&Path);

/// The finding about something that is wrong, with what mends it.
fn wrong(diagnosis: &Diagnosis, about: &str) -> String {
    let findings = diagnosis.findings.iter();
    let mut wrong = findings.filter(|one| one.level == Level::Wrong && one.about == about);
    let wrong = wrong
        .next()
        .unwrap_or_else(|| panic!("nothing about {about}: {diagnosis:#?}"));
    format!(
        "{} -> {}",
        wrong.found,
        wrong.mend.clone().unwrap_or_default()
    )
}

#[test]
fn a_whole_folder_is_well_and_stays_as_it_is() {
    let folder = stopped();
    let data = folder.path().join("data");
    let before = files(&data);
    let diagnosis = doctor(folder.path());
    assert!(diagnosis.worst() < Level::Wrong, "{diagnosis:#?}");
    assert!(!diagnosis.running);
    assert!(before == files(&data), "a look changed something");
}

#[test]
fn a_running_node_is_looked_at_from_outside_only() {
    let folder = crate::folder();
    let site = Site::new(folder.path(), Duration::from_millis(3));
    let diagnosis = doctor(folder.path());
    assert!(
        diagnosis.running && diagnosis.worst() < Level::Wrong,
        "{diagnosis:#?}"
    );
    assert!(diagnosis.findings.iter().all(|one| one.about != "store"));
    site.stop();
}

#[test]
fn each_kind_of_damage_is_named_with_what_mends_it_and_nothing_changes() {
    let whole = stopped();
    let damages: [(&str, &str, &str, Harm); 9] = [
        ("format", "FOLDER_FORMAT", "quittance data 1", |d| {
            fs::write(d.join("format"), "x").unwrap()
        }),
        ("permissions", "others", "chmod 600", |d| {
            let open = fs::Permissions::from_mode(0o644);
            fs::set_permissions(d.join("keys/log.pem"), open).unwrap();
        }),
        ("log key", "KEY_UNUSABLE", "safe copy", |d| {
            fs::remove_file(d.join("keys/log.pem")).unwrap()
        }),
        ("head file", "HEAD_DAMAGED", "restore --checkpoint", |d| {
            fs::write(d.join("head"), "x").unwrap()
        }),
        ("head file", "HEAD_MISSING", "restore --checkpoint", |d| {
            fs::remove_file(d.join("head")).unwrap()
        }),
        ("write-ahead log", "WAL_MISSING", "Put them back", |d| {
            fs::remove_dir_all(d.join("wal")).unwrap()
        }),
        ("key slots", "SLOTS_MISSING", "backup", |d| {
            fs::remove_file(d.join("keys.slots")).unwrap()
        }),
        ("store files", "STORE_MISSING", "rebuild", |d| {
            fs::remove_dir_all(d.join("sled")).unwrap()
        }),
        ("store files", "db: ", "quittance rebuild", |d| {
            wound(&d.join("sled"), 1);
        }),
    ];
    for (about, found, mend, damage) in damages {
        let trial = crate::folder();
        copy(whole.path(), trial.path());
        let data = trial.path().join("data");
        damage(&data);
        let before = files(&data);
        let said = wrong(&doctor(trial.path()), about);
        assert!(said.contains(found) && said.contains(mend), "{said}");
        assert!(before == files(&data), "{about}: a look changed something");
    }
}

/// What the doctor advises about a damaged page table is true.
#[test]
fn a_damaged_snap_file_is_mended_by_moving_it_away() {
    let folder = stopped();
    let sled = folder.path().join("data/sled");
    let mut names = fs::read_dir(&sled)
        .unwrap()
        .map(|file| file.unwrap().path());
    let snap = names
        .find(|path| path.to_string_lossy().contains("snap."))
        .unwrap();
    fs::write(&snap, "damaged").unwrap();
    let said = wrong(&doctor(folder.path()), "store files");
    assert!(said.contains("mv ") && said.contains("snap."), "{said}");
    fs::rename(&snap, folder.path().join("away")).unwrap();
    assert_eq!(try_to_open(folder.path()), Verdict::Same);
}

#[test]
fn the_copy_that_a_refused_start_kept_is_judged() {
    let folder = stopped();
    let data = folder.path().join("data");
    wound(&data.join("sled"), 1);
    assert!(matches!(try_to_open(folder.path()), Verdict::Refused(_)));
    let before = files(&data);
    let said = wrong(&doctor(folder.path()), "kept copy");
    assert!(said.contains("fails its checksum"), "{said}");
    assert!(said.contains("rebuild"), "{said}");
    assert!(before == files(&data), "a look changed something");
}

#[test]
fn slots_that_are_gone_are_missed_behind_new_ones() {
    let folder = stopped();
    let slots = folder.path().join("data/keys.slots");
    let mut bytes = fs::read(&slots).unwrap();
    let about = |diagnosis: Diagnosis| {
        let mut found = diagnosis.findings.into_iter();
        found.find(|one| one.about == "key slots").unwrap()
    };
    assert_eq!(about(doctor(folder.path())).level, Level::Ok);
    // Entries 3 to 5 and 8: what lies behind them is there.
    bytes[3 * 48..6 * 48].fill(0);
    bytes[8 * 48] ^= 1;
    fs::write(&slots, bytes).unwrap();
    let finding = about(doctor(folder.path()));
    assert_eq!(finding.level, Level::Warn);
    assert!(finding.found.contains("entries 3 to 5, 8 "), "{finding:?}");
}
