//! Backups: taken beside a working node, continued, checked; never of another log, and never with
//! a secret in them.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use quittance::backup::{self, AdminSource, BackupError, Source};
use quittance::client::Admin;

use crate::api_kit::{Door, call};
use crate::backup_kit::{NOW, World, copy, files_below, open, payment, send, two_banks};
use crate::kit::{self, Sandbox};

fn admin(door: &Door) -> AdminSource {
    let base = format!("http://{}", door.bound().admin);
    AdminSource(Admin::new(&base, door.backup_token()).unwrap())
}

#[test]
fn a_backup_is_taken_while_submissions_run() {
    let door = Door::open();
    let bank = two_banks(&door.sandbox);
    let folder = tempfile::tempdir().unwrap();
    let disk = backup::writable(folder.path()).unwrap();
    let done = AtomicBool::new(false);
    let node = Arc::clone(door.sandbox.node());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                kit::assert_good(&send(&node, &bank, &payment(&node)));
            }
        });
        let (mut size, mut grown) = (0, 0);
        for _ in 0..200 {
            let mut source = admin(&door);
            let taken = backup::take(&mut source, &disk, &NOW, &mut |_| ()).unwrap();
            assert_eq!(taken.before, size);
            grown += u32::from(taken.size > size);
            size = taken.size;
            let verified = crate::backup_kit::verify(folder.path()).unwrap();
            assert_eq!((verified.size, verified.root), (taken.size, taken.root));
            // What was signed is in it, and nothing above.
            assert!(size <= node.reader().size());
            if grown == 4 {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        assert_eq!(grown, 4, "the log grew between backups");
    });
}

#[test]
fn the_admin_routes_want_the_token_and_are_bounded() {
    let door = Door::open();
    let at = door.bound().admin;
    for path in ["/backup/log?at=0", "/backup/entries?first=0&end=1"] {
        let nobody = call(at, "GET", path, &Vec::new(), b"");
        assert_eq!(
            (nobody.status, nobody.problem().as_str()),
            (401, "TOKEN_MISSING")
        );
        let guessed = vec![("Authorization", "Bearer AAAA".to_owned())];
        let guessed = call(at, "GET", path, &guessed, b"");
        assert_eq!(
            (guessed.status, guessed.problem().as_str()),
            (401, "TOKEN_INVALID")
        );
        // The door for everybody does not know them at all.
        assert_eq!(door.get(path, Vec::new()).status, 404);
    }
    let token = vec![("Authorization", format!("Bearer {}", door.backup_token()))];
    let ask = |path: &str| call(at, "GET", path, &token, b"");
    assert_eq!(ask("/backup/log?at=0").status, 200);
    assert_eq!(ask("/backup/entries?first=0&end=99").status, 200);
    assert_eq!(
        ask("/backup/entries?first=1&end=99").problem(),
        "ENTRY_NOT_FOUND"
    );
    assert_eq!(ask("/backup/entries?first=1").problem(), "QUERY_INVALID");
    let mut source = admin(&door);
    assert!(source.state(2).unwrap().root_at.is_none(), "above the log");
    assert!(source.state(u64::MAX).unwrap().root_at.is_none());
}

#[test]
fn the_next_run_adds_what_is_new_and_leaves_the_rest_alone() {
    let world = World::new();
    world.pay(300);
    let first = world.take();
    let size = world.sandbox.node().reader().size();
    assert_eq!((first.before, first.size), (0, size));
    let before = fs::read(world.segment()).unwrap();
    world.pay(3);
    let second = world.take();
    assert_eq!((second.before, second.size), (first.size, first.size + 3));
    let third = world.take();
    assert_eq!((third.before, third.size), (second.size, second.size));
    // Small segments are merged, so that frequent runs leave few files.
    for n in 1..=40 {
        world.pay(1);
        let taken = world.take();
        assert_eq!(
            (taken.before, taken.size),
            (second.size + n - 1, second.size + n)
        );
    }
    assert_eq!(fs::read(world.segment()).unwrap(), before, "written once");
    let verified = world.verify().unwrap();
    let files = verified.manifest.segments.len();
    assert!((3..10).contains(&files), "{files}");
    assert_eq!(files_below(&world.dir().join("segments")).len(), files);
    assert_eq!(
        verified.root,
        world.sandbox.node().reader().checkpoint_data().root
    );
}

#[test]
fn every_flipped_byte_and_every_cut_is_found() {
    let world = World::new();
    world.pay(2);
    world.take();
    world.pay(2);
    world.take();
    world.verify().unwrap();
    let files = files_below(&world.dir());
    let kinds = files
        .iter()
        .filter(|path| fs::metadata(path).unwrap().len() > 0);
    let kinds: Vec<_> = kinds.collect();
    assert_eq!(kinds.len(), 3, "a manifest and two segments: {files:?}");
    for path in kinds {
        let whole = fs::read(path).unwrap();
        let manifest = path.ends_with("backup.json");
        // All of the manifest, which is text; of a segment some bytes of each part.
        let step = if manifest { 1 } else { whole.len() / 97 };
        for at in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(path, &damaged).unwrap();
            let found = world.verify().err();
            let found = found.unwrap_or_else(|| panic!("{}: byte {at}", path.display()));
            assert!(found.is_no(), "{}: byte {at}: {found}", path.display());
        }
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            fs::write(path, &whole[..length]).unwrap();
            assert!(world.verify().err().unwrap().is_no(), "{length}");
        }
        fs::remove_file(path).unwrap();
        assert!(world.verify().is_err(), "{} is gone", path.display());
        fs::write(path, &whole).unwrap();
    }
    world.verify().unwrap();
    let other = keys::SigningKey::generate("settle.example/eu1").unwrap();
    let disk = backup::readable(&world.dir()).unwrap();
    let trusted = backup::verify(&disk, Some(other.verifier_key()), None, &mut |_| ());
    assert!(matches!(trusted.err(), Some(BackupError::Key { .. })));
}

fn hex(bytes: &[u8]) -> String {
    let hash = chain::Hash::sha256(bytes);
    hash.as_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

/// The manifest inside `backup.json`, as it is summed.
fn inner(text: &str) -> String {
    let start = text.find("\"backup\": ").unwrap() + "\"backup\": ".len();
    let body = text[start..].trim_end().strip_suffix('}').unwrap();
    body.trim_end().replace("\n  ", "\n")
}

#[test]
fn a_backup_whose_sums_were_made_good_again_is_found_out_by_replay() {
    let world = World::new();
    world.pay(2);
    world.take();
    // Somebody changes one byte of a record, or of an entry, and every sum around it.
    let manifest = world.dir().join("backup.json");
    let path = world.segment();
    let whole = fs::read(&path).unwrap();
    let text = fs::read_to_string(&manifest).unwrap();
    assert!(text.contains(&hex(inner(&text).as_bytes())), "{text}");
    // Frames begin behind a header of 48 bytes: length, entry, record. The salt of a record
    // follows its version byte.
    let (entry, salt) = (48 + 4 + 100, 48 + 4 + 120 + 5);
    let name = whole
        .windows(6)
        .rposition(|name| name == b"bank-a")
        .unwrap();
    for at in [entry, salt, name + 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        let end = damaged.len() - 32;
        let sum = chain::Hash::sha256(&damaged[..end]);
        damaged[end..].copy_from_slice(sum.as_bytes());
        fs::write(&path, &damaged).unwrap();
        let changed = text.replace(&hex(&whole), &hex(&damaged));
        let sealed = hex(inner(&changed).as_bytes());
        let resealed = changed.replace(&hex(inner(&text).as_bytes()), &sealed);
        fs::write(&manifest, resealed).unwrap();
        let found = world.verify().err().unwrap();
        assert!(
            matches!(
                found,
                BackupError::Wrong { .. } | BackupError::Damaged { .. }
            ),
            "{found}"
        );
        let told = found.to_string();
        assert!(
            told.starts_with("entry ") || told.contains("entry 0"),
            "{told}"
        );
    }
}

#[test]
fn another_log_and_another_folder_are_refused() {
    let world = World::new();
    world.take();
    let before = fs::read(world.dir().join("backup.json")).unwrap();
    let other = Sandbox::new();
    let refused = world.try_take(other.node()).unwrap_err();
    assert!(matches!(refused, BackupError::OtherLog { .. }), "{refused}");
    assert_eq!(fs::read(world.dir().join("backup.json")).unwrap(), before);
    let second = World::new();
    fs::create_dir_all(second.dir()).unwrap();
    fs::write(second.dir().join("photos.zip"), b"mine").unwrap();
    let refused = second.try_take(other.node()).unwrap_err();
    assert!(refused.to_string().contains("photos.zip"), "{refused}");
    assert_eq!(fs::read(second.dir().join("photos.zip")).unwrap(), b"mine");
}

#[test]
fn a_node_that_was_rolled_back_or_has_forked_is_refused() {
    let mut world = World::new();
    world.pay(1);
    let old = world.place("old");
    world
        .sandbox
        .reopen_after(|data| copy(data, &old.join("data")));
    world.pay(3);
    let good = world.take();
    // The whole data folder of before, head file and all, started in place of the newer one.
    let node = open(&kit::config(&old)).unwrap();
    let refused = world.try_take(&node).unwrap_err();
    assert!(
        matches!(refused, BackupError::RolledBack { backup, .. } if backup == good.size),
        "{refused}"
    );
    // It goes on, signs what it likes, and is longer than the backup after a while.
    for _ in 0..5 {
        kit::assert_good(&send(&node, &world.bank, &payment(&node)));
    }
    let refused = world.try_take(&node).unwrap_err();
    assert!(
        matches!(refused, BackupError::Forked { size } if size == good.size),
        "{refused}"
    );
    node.shutdown();
    assert_eq!(world.verify().unwrap().size, good.size);
    // The true one is still welcome.
    assert_eq!(world.take().size, good.size);
}

#[test]
fn two_runs_into_one_folder_are_one_too_many() {
    let world = World::new();
    let disk = backup::writable(&world.dir()).unwrap();
    let held = disk.try_lock("lock").unwrap().unwrap();
    let refused = world.try_take(world.sandbox.node()).unwrap_err();
    assert!(matches!(refused, BackupError::InUse { .. }), "{refused}");
    drop(held);
    world.take();
}

#[test]
fn nothing_secret_is_in_a_backup() {
    let mut world = World::new();
    world.pay(5);
    world.take();
    let mut secrets: Vec<(String, Vec<u8>)> = vec![("text".into(), b"CANARY".to_vec())];
    world.sandbox.reopen_after(|data| {
        let slots = fs::read(data.join("keys.slots")).unwrap();
        for (index, slot) in slots.chunks_exact(48).enumerate() {
            if slot[..32].iter().any(|byte| *byte != 0) {
                secrets.push((format!("body key {index}"), slot[..32].to_vec()));
            }
        }
        for name in ["log.pem", "operator-1.pem", "passphrase"] {
            let text = fs::read_to_string(data.join("keys").join(name)).unwrap();
            for line in text.lines().filter(|line| line.len() > 8) {
                secrets.push((name.to_owned(), line.as_bytes().to_vec()));
            }
        }
        secrets.push(("head file".into(), b"QHED".to_vec()));
    });
    assert!(secrets.len() > 10, "keys of all entries");
    for path in files_below(&world.dir()) {
        let bytes = fs::read(&path).unwrap();
        for (what, secret) in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{what} in {}", path.display());
        }
    }
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(&world.dir()), 0, "nobody else lists it");
    for path in files_below(&world.dir()) {
        assert_eq!(mode(&path), 0, "{}", path.display());
    }
}
