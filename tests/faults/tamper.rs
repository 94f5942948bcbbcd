//! Damage to each kind of file of a node that is not running: bits flipped, the end cut off, whole
//! files gone, older copies put back. The node refuses and names what it found, or everything that
//! it says is what it said before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::site::{EXPECTED, Site, Verdict, copy, try_to_open};
use crate::{Dice, slow};

/// A kind of file, where it lies, and what a refusal has to say.
struct Kind {
    name: &'static str,
    files: Vec<PathBuf>,
    /// One of these words stands in every refusal.
    words: &'static [&'static str],
}

/// The files in a folder of the data folder.
fn inside(data: &Path, folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(data.join(folder))
        .unwrap()
        .map(|file| Path::new(folder).join(file.unwrap().file_name()))
        .filter(|path| data.join(path).is_file())
        .collect();
    files.sort();
    files
}

fn kinds(data: &Path) -> Vec<Kind> {
    let kind = |name, files, words| Kind { name, files, words };
    let one = |name: &'static str, words| kind(name, vec![PathBuf::from(name)], words);
    let mut snaps = inside(data, "sled");
    snaps.retain(|path| path.to_string_lossy().contains("snap."));
    let mut kinds = vec![
        one("format", &["`format`"][..]),
        one("head", &["head file"]),
        one("keys.slots", &["key slots", "keys.slots"]),
        one("log.vkey", &[]),
        one("lock", &[]),
        one("keys/log.pem", &["log.pem"]),
        one("keys/passphrase", &["passphrase"]),
        one("sled/db", &["store"]),
        one("sled/conf", &["store"]),
        kind("sled/snap.*", snaps, &["store"]),
        kind("wal/*", inside(data, "wal"), &["segment", "write-ahead"]),
    ];
    kinds.retain(|kind| !kind.files.is_empty());
    let files: Vec<&PathBuf> = kinds.iter().flat_map(|kind| &kind.files).collect();
    assert!(
        files.iter().all(|file| data.join(file).is_file()),
        "{files:?}"
    );
    kinds
}

/// The ways to damage a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip,
    Cut,
    Empty,
    Remove,
}

fn damage(path: &Path, how: Damage, dice: &mut Dice) -> String {
    let mut bytes = fs::read(path).unwrap();
    let below = |dice: &mut Dice, n: usize| usize::try_from(dice.below(n as u64)).unwrap();
    match how {
        _ if bytes.is_empty() => {}
        Damage::Flip => {
            // Most of a preallocated file is zeros: two flips of three hit something.
            let mut at = below(dice, bytes.len());
            if dice.below(3) > 0 {
                let written = (0..bytes.len()).filter(|at| bytes[*at] != 0);
                let written: Vec<usize> = written.collect();
                at = written[below(dice, written.len())];
            }
            bytes[at] ^= 1 << dice.below(8);
            fs::write(path, bytes).unwrap();
            return format!("bit flipped in byte {at}");
        }
        Damage::Cut => {
            let left = below(dice, bytes.len());
            bytes.truncate(left);
            fs::write(path, bytes).unwrap();
            return format!("cut to {left} bytes");
        }
        Damage::Empty => fs::write(path, []).unwrap(),
        Damage::Remove => fs::remove_file(path).unwrap(),
    }
    format!("{how:?}")
}

/// Damages every kind of file in a site; gives what went wrong, and prints what came of it.
#[expect(clippy::print_stdout, reason = "a table for the page on reliability")]
fn damage_everything(site: &Path, killed: bool) -> Vec<String> {
    let data = site.join("data");
    let rounds = if slow() { 40 } else { 4 };
    let mut wrong = Vec::new();
    for kind in kinds(&data) {
        let mut dice = Dice(11);
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        let flips = std::iter::repeat_n(Damage::Flip, rounds);
        let cuts = std::iter::repeat_n(Damage::Cut, rounds / 4);
        let ways = flips.chain(cuts).chain([Damage::Empty, Damage::Remove]);
        for how in ways {
            let file = usize::try_from(dice.below(kind.files.len() as u64)).unwrap();
            let trial = crate::folder();
            copy(site, trial.path());
            let path = trial.path().join("data").join(&kind.files[file]);
            let what = damage(&path, how, &mut dice);
            let verdict = try_to_open(trial.path());
            let good = match &verdict {
                Verdict::Same => true,
                Verdict::KeysLost(why) => kind.name == "keys.slots" && why.contains("key slot"),
                Verdict::Refused(why) => kind.words.iter().any(|word| why.contains(word)),
                Verdict::Wrong(why) => killed && kind.name == "wal/*" && is_last_group(why),
            };
            let word = match &verdict {
                Verdict::Same => "harmless",
                Verdict::KeysLost(_) => "bodies unreadable",
                Verdict::Refused(_) => "refused",
                Verdict::Wrong(_) if good => "last group lost, as stated",
                Verdict::Wrong(_) => "WRONG",
            };
            *counts.entry(word).or_default() += 1;
            if !good {
                wrong.push(format!(
                    "{}: {what}: {verdict:?}",
                    kind.files[file].display()
                ));
            }
        }
        println!("{:16} {counts:?}", kind.name);
    }
    wrong
}

/// The residue that SECURITY states: after a kill nothing follows the very last frame, so damage to
/// it looks like a torn write. Each payment here is a group of its own: one entry, no more.
pub(crate) fn is_last_group(why: &str) -> bool {
    let numbers: Vec<u64> = why
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    why.starts_with("checkpoint: ") && matches!(numbers[..], [before, now] if before == now + 1)
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn damage_after_an_orderly_stop_is_named_or_harmless() {
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_millis(3));
    site.pay(60);
    site.stop();
    site.note();
    drop(site);
    assert_eq!(try_to_open(folder.path()), Verdict::Same);
    assert_none(&damage_everything(folder.path(), false));
}

#[test]
fn damage_after_a_kill_is_named_or_harmless() {
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_secs(3_600));
    site.pay(60);
    site.note();
    // The files as a killed process leaves them: all of the load is in the segments alone.
    let killed = crate::folder();
    copy(folder.path(), killed.path());
    site.stop();
    let whole = crate::folder();
    copy(killed.path(), whole.path());
    assert_eq!(try_to_open(whole.path()), Verdict::Same);
    assert_none(&damage_everything(killed.path(), true));
}

/// Refusals about copies of different ages: nothing may be signed below what was signed.
fn assert_refused(folder: &Path, words: &str) {
    match try_to_open(folder) {
        Verdict::Refused(why) => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn copies_of_different_ages_refuse_to_sign() {
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_millis(3));
    site.pay(20);
    site.stop();
    let older = crate::folder();
    copy(folder.path(), older.path());
    let mut site = site.again(Duration::from_millis(3));
    site.pay(20);
    site.stop();
    site.note();
    let newer = folder.path();
    fs::copy(newer.join(EXPECTED), older.path().join(EXPECTED)).unwrap();
    let mixed = |pieces: &[(&Path, &str)]| {
        let mixed = crate::folder();
        copy(newer, mixed.path());
        for (from, name) in pieces {
            let (from, to) = (
                from.join("data").join(name),
                mixed.path().join("data").join(name),
            );
            if to.is_dir() {
                fs::remove_dir_all(&to).unwrap();
                copy(&from, &to);
            } else {
                fs::copy(from, to).unwrap();
            }
        }
        mixed
    };
    let old = older.path();
    assert_eq!(try_to_open(mixed(&[]).path()), Verdict::Same);
    // All is old but the head file: an old backup.
    assert_refused(
        mixed(&[(old, "sled"), (old, "wal")]).path(),
        "expected at least",
    );
    // The store alone is old, and the segments do not reach back to it.
    assert_refused(
        mixed(&[(old, "sled")]).path(),
        "entries between are missing",
    );
    // The segments alone are old; the store has everything, but nobody can know that.
    assert_refused(mixed(&[(old, "wal")]).path(), "expected at least");
    let no_head = mixed(&[]);
    fs::remove_file(no_head.path().join("data/head")).unwrap();
    assert_refused(no_head.path(), "no head file");
}

#[test]
fn segments_that_are_gone_are_missed() {
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_secs(3_600));
    site.pay(120);
    site.note();
    let killed = crate::folder();
    copy(folder.path(), killed.path());
    site.stop();
    let names = inside(&killed.path().join("data"), "wal");
    assert!(names.len() > 2, "{names:?}");
    let trial = |lost: &[PathBuf]| {
        let trial = crate::folder();
        copy(killed.path(), trial.path());
        for name in lost {
            fs::remove_file(trial.path().join("data").join(name)).unwrap();
        }
        try_to_open(trial.path())
    };
    // The last one may never have been used, and its loss cannot be told from an older copy.
    for name in &names[..names.len() - 1] {
        let verdict = trial(std::slice::from_ref(name));
        assert!(
            matches!(&verdict, Verdict::Refused(why) if why.contains("segment")),
            "{verdict:?}"
        );
    }
    let verdict = trial(&names);
    assert!(
        matches!(&verdict, Verdict::Refused(why) if why.contains("are gone")),
        "{verdict:?}"
    );
}
