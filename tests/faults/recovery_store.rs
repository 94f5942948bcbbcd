//! Damage inside the engine's files: what it rewrites, what was kept before, what is missed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use quittance::node::Trouble;
use quittance::store::Store;
use quittance::store::sled::check::{Extent, Health, check};
use quittance::store::sled::{KEPT_MAX, SledOptions, SledStore};
use tempfile::TempDir;

use crate::recovery_rows::snap;
use crate::site::{Site, Verdict, copy, try_to_open, wound};
use crate::{Dice, slow};

/// A log that was stopped in an orderly way, and what it says.
fn stopped(payments: usize) -> TempDir {
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_millis(3));
    site.pay(payments);
    site.stop();
    site.note();
    folder
}

fn open(data: &Path) -> Result<SledStore, quittance::store::StoreError> {
    SledStore::open(&SledOptions {
        path: data.join("sled"),
        cache_bytes: 16 << 20,
    })
}

/// Every file under a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let inner = contents(&path).into_iter();
            found.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn whole_files_are_found_whole_and_need_no_copy() {
    let folder = stopped(30);
    let data = folder.path().join("data");
    for extent in [Extent::Tail, Extent::Everything] {
        let health = check(&data.join("sled"), extent).unwrap();
        assert!(matches!(health, Health::Whole { .. }), "{health:?}");
    }
    drop(open(&data).unwrap());
    assert!(!data.join("sled.kept").exists());
    let health = check(&folder.path().join("nowhere"), Extent::Tail).unwrap();
    assert_eq!(health, Health::Missing);
}

/// The rule of `docs/adr/0010`: whatever an open that ends badly has changed, the files as they
/// were lie beside it.
#[test]
fn an_open_that_loses_anything_has_kept_a_copy() {
    let folder = stopped(60);
    let data = folder.path().join("data");
    let expected = open(&data).unwrap().head();
    let mut dice = Dice(23);
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for trial in 0..if slow() { 200 } else { 30 } {
        let place = crate::folder();
        copy(&data.join("sled"), &place.path().join("sled"));
        let sled = place.path().join("sled");
        let mut files: Vec<String> = contents(&sled).into_keys().collect();
        files.sort();
        // The log is what matters: two trials of three.
        let name = match dice.below(3) {
            0 => files[usize::try_from(dice.below(files.len() as u64)).unwrap()].clone(),
            _ => "db".to_owned(),
        };
        let mut bytes = fs::read(sled.join(&name)).unwrap();
        let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let at = written[usize::try_from(dice.below(written.len() as u64)).unwrap()];
        bytes[at] ^= 1 << dice.below(8);
        fs::write(sled.join(&name), bytes).unwrap();
        let before = contents(&sled);
        let seen = check(&sled, Extent::Everything).unwrap();
        let torn = matches!(seen, Health::Whole { torn: true, .. });
        let opened = open(place.path());
        let good = opened.as_ref().is_ok_and(|store| store.head() == expected);
        let refused = opened.is_err();
        drop(opened);
        let kept = place.path().join("sled.kept");
        let word = match (good, kept.exists(), contents(&sled) == before) {
            (true, false, _) => "harmless",
            (true, true, _) => "opened, copy kept",
            (false, true, _) if refused => "refused, copy kept",
            (false, true, _) => "head lost, copy kept",
            (false, false, true) => "refused, nothing changed",
            // In the very last message a flipped bit and an interrupted write look the same, and
            // nothing readable lies behind; the head file tells that the log was longer.
            (false, false, false) if torn && !refused => "end lost, as after a crash",
            (false, false, false) => panic!("trial {trial}: {name} byte {at}: rewritten, no copy"),
        };
        if kept.exists() {
            assert_eq!(
                contents(&kept),
                before,
                "trial {trial}: the copy is another"
            );
        }
        *counts.entry(word).or_default() += 1;
    }
    println!("flips in the store: {counts:?}");
}

/// An end that the page table has read once was whole once: it is no interrupted write, and the
/// engine refuses it only after rewriting it.
#[test]
fn a_flip_in_the_last_message_that_the_page_table_knows_keeps_a_copy() {
    for payments in [5, 40, 120] {
        let folder = stopped(payments);
        let data = folder.path().join("data");
        // An open brings the page table up to the end of the log.
        drop(open(&data).unwrap());
        let whole = check(&data.join("sled"), Extent::Everything).unwrap();
        assert!(
            matches!(whole, Health::Whole { torn: false, .. }),
            "{whole:?}"
        );
        let mut bytes = fs::read(data.join("sled/db")).unwrap();
        let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        bytes[last] ^= 4;
        fs::write(data.join("sled/db"), bytes).unwrap();
        let before = contents(&data.join("sled"));
        let seen = check(&data.join("sled"), Extent::Everything).unwrap();
        assert!(matches!(seen, Health::Damaged(_)), "{seen:?}");
        open(&data).map(drop).unwrap_err();
        assert_eq!(contents(&data.join("sled.kept")), before);
    }
}

#[test]
fn without_room_for_the_copy_nothing_is_opened() {
    let folder = stopped(10);
    let data = folder.path().join("data");
    wound(&data.join("sled"), 1);
    // What stands in the way of the copy stands for a full disk.
    fs::write(data.join("sled.kept.new"), "in the way").unwrap();
    let before = contents(&data.join("sled"));
    let verdict = try_to_open(folder.path());
    let code = Trouble::StoreNotKept.as_str();
    assert!(
        matches!(&verdict, Verdict::Refused(why) if why.starts_with(code)),
        "{verdict:?}"
    );
    assert_eq!(contents(&data.join("sled")), before);
}

/// The copy of one incident does not stand in the way of the next one's, and no more than stated
/// stay.
#[test]
fn every_incident_keeps_a_copy_of_its_own() {
    let folder = stopped(10);
    let data = folder.path().join("data");
    let whole = crate::folder();
    copy(&data.join("sled"), whole.path());
    let incidents = KEPT_MAX + 2;
    for incident in 1..=incidents {
        wound(&data.join("sled"), u8::try_from(incident).unwrap());
        let bytes = fs::read(data.join("sled/db")).unwrap();
        for _ in 0..2 {
            let verdict = try_to_open(folder.path());
            assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
            let kept = fs::read(data.join("sled.kept/db")).unwrap();
            assert_eq!(kept, bytes, "incident {incident}");
        }
        // The operator puts the store back, and the start succeeds.
        fs::remove_dir_all(data.join("sled")).unwrap();
        copy(whole.path(), &data.join("sled"));
        assert_eq!(try_to_open(folder.path()), Verdict::Same);
        assert!(!data.join("sled.kept").exists());
        let ended = data.join(format!("sled.kept-{incident}/db"));
        assert_eq!(fs::read(ended).unwrap(), bytes);
    }
    let all = contents(&data).into_keys();
    let kept = all.filter(|name| name.starts_with("sled.kept-") && name.ends_with("/db"));
    assert_eq!(kept.count(), KEPT_MAX);
}

/// Changes keys of the engine behind the node's back.
fn in_the_engine(data: &Path, change: impl FnOnce(&sled::Db)) {
    let db = sled::Config::default()
        .path(data.join("sled"))
        .open()
        .unwrap();
    change(&db);
    db.flush().unwrap();
}

#[test]
fn pages_that_are_gone_are_missed() {
    for prefix in [b"e", b"p", b"s"] {
        let folder = stopped(60);
        let data = folder.path().join("data");
        in_the_engine(&data, |db| {
            let keys: Vec<_> = db.scan_prefix(prefix).keys().map(Result::unwrap).collect();
            if prefix != b"s" {
                db.remove(&keys[keys.len() / 2]).unwrap();
            }
            // Without a state snapshot everything is replayed.
            for key in db.scan_prefix(b"s").keys() {
                db.remove(key.unwrap()).unwrap();
            }
        });
        let verdict = try_to_open(folder.path());
        if prefix == b"s" {
            assert_eq!(verdict, Verdict::Same);
            continue;
        }
        let codes = [Trouble::StoreDamaged, Trouble::LogDiverged].map(Trouble::as_str);
        assert!(
            matches!(&verdict, Verdict::Refused(why) if codes.iter().any(|code| why.starts_with(code))),
            "{verdict:?}"
        );
    }
}

/// What sled reads instead of its whole log. The places that one of another log names hold something
/// else here, unless both logs have grown alike: then nothing is wrong.
#[test]
fn a_snap_file_of_another_log_never_gives_a_wrong_answer() {
    let (large, small) = (stopped(60), stopped(3));
    for (whose, from) in [(&large, &small), (&small, &large)] {
        let trial = crate::folder();
        copy(whose.path(), trial.path());
        let own = snap(&trial.path().join("data"));
        fs::copy(snap(&from.path().join("data")), own).unwrap();
        let verdict = try_to_open(trial.path());
        let codes = [Trouble::StoreUnopened, Trouble::StoreDamaged].map(Trouble::as_str);
        let named = |why: &str| codes.iter().any(|code| why.starts_with(code));
        match &verdict {
            Verdict::Same => {}
            Verdict::Refused(why) if named(why) => {}
            _ => panic!("{verdict:?}"),
        }
    }
}

/// Parts of the node's own state snapshots, by key, largest last.
fn state_parts(data: &Path) -> Vec<(sled::IVec, sled::IVec)> {
    let mut parts = Vec::new();
    in_the_engine(data, |db| {
        parts = db.scan_prefix(b"s").map(Result::unwrap).collect();
    });
    parts.retain(|(_, value)| value.len() > 100);
    parts
}

#[test]
fn a_damaged_state_snapshot_only_costs_time() {
    let (other, before) = (stopped(120), stopped(200));
    let foreign = state_parts(&other.path().join("data"));
    assert!(!foreign.is_empty(), "there is a snapshot");
    for way in ["flipped", "gone", "of another log", "cut short"] {
        let folder = crate::folder();
        copy(before.path(), folder.path());
        let data = folder.path().join("data");
        let own = state_parts(&data);
        assert!(!own.is_empty(), "there is a snapshot");
        in_the_engine(&data, |db| {
            for (n, (key, value)) in own.iter().enumerate() {
                let mut value = value.to_vec();
                match way {
                    "flipped" => value[60] ^= 1,
                    "cut short" => value.truncate(90),
                    "of another log" => value = foreign[n % foreign.len()].1.to_vec(),
                    _ => {
                        db.remove(key).unwrap();
                        continue;
                    }
                }
                db.insert(key, value).unwrap();
            }
        });
        assert_eq!(try_to_open(folder.path()), Verdict::Same, "{way}");
    }
}

/// A snapshot of other payments in as many entries, with its sum: the hashes of the log's tree that a
/// state has tell that it is not of this log.
#[test]
fn a_state_snapshot_of_other_payments_is_refused() {
    const SOON: Duration = Duration::from_millis(3);
    let [folder, before, other, forged] = [(); 4].map(|()| crate::folder());
    let mut site = Site::new(folder.path(), SOON);
    site.pay(20);
    site.stop();
    copy(folder.path(), before.path());
    let mut site = site.again(SOON);
    site.pay(60);
    site.stop();
    copy(folder.path(), other.path());
    // The same number of other payments, by the same keys.
    let mut site = site.again_with(before.path(), SOON);
    site.pay(60);
    site.stop();
    site.note();
    copy(folder.path(), forged.path());
    let mut newest = Vec::new();
    in_the_engine(&other.path().join("data"), |db| {
        let last = db.scan_prefix(b"s").keys().next_back().unwrap().unwrap();
        newest = db.scan_prefix(&last[..9]).map(Result::unwrap).collect();
    });
    in_the_engine(&forged.path().join("data"), |db| {
        for key in db.scan_prefix(&newest[0].0[..9]).keys() {
            db.remove(key.unwrap()).unwrap();
        }
        for (key, value) in newest {
            db.insert(key, value).unwrap();
        }
    });
    let code = Trouble::LogDiverged.as_str();
    let told = try_to_open(forged.path());
    assert!(
        matches!(&told, Verdict::Refused(why) if why.starts_with(code)),
        "{told:?}"
    );
}
