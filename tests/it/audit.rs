//! Audits: an honest log holds, every changed byte is caught and named, and a node that breaks its
//! own rules is told apart from a log that was tampered with.

use std::fs;
use std::path::{Path, PathBuf};

use chain::{Hash, Item, VerifierKey};
use quittance::audit::{
    Anchor, AuditError, DirSource, Report, Signer, Source, Trust, Verdict, audit,
};
use tempfile::TempDir;

use crate::log_maker::{Cheat, LogMaker, pays_more};

/// What somebody does to a record.
type Change<'a> = &'a dyn Fn(&mut quittance::wire::EntryView);

fn run(folder: &Path, trust: &Trust) -> Result<Report, AuditError> {
    let mut source = Source::Dir(DirSource::open(folder).unwrap());
    audit(&mut source, trust, &mut |_| ())
}

fn exported(maker: &LogMaker) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    maker.export(folder.path(), maker.entries.len());
    folder
}

/// Every file of an export.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn divergence(report: &Report) -> String {
    let log = report.log.divergence();
    log.map(ToString::to_string)
        .unwrap_or_else(|| format!("{:?}", report.log))
}

#[test]
fn an_honest_log_holds_and_everything_was_looked_at() {
    // More than one tile of entries, so that tiles above the leaves are compared too.
    let mut maker = LogMaker::with_payments(260);
    maker.erase(2);
    let folder = exported(&maker);
    let mut done = Vec::new();
    let mut source = Source::Dir(DirSource::open(folder.path()).unwrap());
    let trust = Trust {
        log_vkey: Some(maker.log_key.verifier_key().clone()),
        ..Trust::default()
    };
    let report = audit(&mut source, &trust, &mut |progress| {
        done.push(progress.entries)
    })
    .unwrap();
    assert!(report.holds(), "{:?} {:?}", report.log, report.ledger);
    let size = u64::try_from(maker.entries.len()).unwrap();
    let counts = &report.counts;
    assert_eq!((report.size, counts.entries), (size, size));
    assert_eq!(counts.items, counts.items_replayed);
    assert_eq!(counts.signatures, size - 1);
    assert_eq!(
        counts.bodies,
        size - 2,
        "all but genesis and the erased one"
    );
    assert_eq!(
        (&counts.bodies_erased[..], &counts.bodies_closed[..]),
        (&[2][..], &[][..])
    );
    assert_eq!(counts.tiles, 5, "two tiles, two bundles, one tile above");
    assert_eq!(done.last(), Some(&size));
    let [usd] = report.totals.as_slice() else {
        panic!("one asset")
    };
    assert_eq!(
        (usd.asset.as_str(), usd.issued.as_str(), usd.sum.as_str()),
        ("USD", "5.00", "0.00")
    );
    assert!(report.log_vkey_is_yours);
}

#[test]
fn every_class_of_changed_byte_is_caught_and_named() {
    let maker = LogMaker::with_payments(3);
    let folder = exported(&maker);
    let classes = [
        ("log/checkpoint", "the checkpoint"),
        ("log/tile/0/000.p/5", "tile/0/000.p/5"),
        ("log/tile/entries/000.p/5", "tile/entries/000.p/5"),
        ("log.vkey", "log.vkey"),
        ("genesis.json", "genesis"),
        ("records/000000.bin", ""),
        ("body.keys", ""),
    ];
    for (name, named) in classes {
        let path = folder.path().join(name);
        let good = fs::read(&path).unwrap();
        let step = (good.len() / 120).max(1);
        for at in (0..good.len()).step_by(step) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let report = run(folder.path(), &Trust::default()).unwrap();
            assert!(
                report.log.divergence().is_some(),
                "{name}, byte {at}: {report:?}"
            );
            let told = divergence(&report);
            let is_origin = name == "genesis.json" && told.contains("origin");
            assert!(
                told.contains(named) || is_origin,
                "{name}, byte {at}: {told}"
            );
        }
        fs::write(&path, &good).unwrap();
    }
    assert_eq!(
        files(folder.path()).len(),
        classes.len(),
        "every file has its class"
    );
    assert!(run(folder.path(), &Trust::default()).unwrap().holds());
}

#[test]
fn what_changed_in_a_record_is_named_with_its_entry() {
    let maker = LogMaker::with_payments(3);
    let change = |change: Change<'_>| {
        let mut copy = LogMaker::with_payments(3);
        copy.views.clone_from(&maker.views);
        change(&mut copy.views[3]);
        let folder = exported(&copy);
        // The checkpoint, tiles and key of the first, the records of the second.
        let log = exported(&maker);
        fs::remove_dir_all(folder.path().join("log")).unwrap();
        fs::rename(log.path().join("log"), folder.path().join("log")).unwrap();
        fs::copy(
            log.path().join("genesis.json"),
            folder.path().join("genesis.json"),
        )
        .unwrap();
        divergence(&run(folder.path(), &Trust::default()).unwrap())
    };
    let cases: [(Change<'_>, &str); 5] = [
        (
            &|view| view.items[1].0[44] ^= 1,
            "entry 3: the root over the items",
        ),
        (
            &|view| view.salt.0 = Hash::sha256(b"another"),
            "entry 3: the root over the items",
        ),
        (
            &|view| view.items.push(view.items[1].clone()),
            "entry 3: the number of items",
        ),
        (
            &|view| view.entry.0[23] ^= 1,
            "entry 3: the record's copy of the entry",
        ),
        (
            &|view| view.sealed_body.as_mut().unwrap().0[5] ^= 1,
            "entry 3: the sealed body",
        ),
    ];
    for (case, expected) in cases {
        let told = change(case);
        assert!(told.starts_with(expected), "{expected}: {told}");
    }
}

#[test]
fn another_body_under_the_right_key_is_caught() {
    let mut maker = LogMaker::with_payments(1);
    let key = maker.views[2].body_key.unwrap();
    let other = quittance::node::body::seal(key.0.as_bytes(), b"{}".to_vec());
    maker.views[2].sealed_body.as_mut().unwrap().0 = other;
    let report = run(exported(&maker).path(), &Trust::default()).unwrap();
    assert!(
        divergence(&report).starts_with("entry 2: the body's hash"),
        "{report:?}"
    );
}

#[test]
fn a_node_that_cheats_has_an_intact_log_and_a_broken_ledger() {
    let cheats: [(Cheat, &str); 5] = [
        (|items| pays_more(items), "entry 3: the body's"),
        (|items| items[1][46] ^= 1, "entry 3: item 1"),
        (|items| items.truncate(1), "entry 3: the items"),
        (
            |items| {
                let Ok(Item::Authorisation(mut who)) = Item::parse(&items[0]) else {
                    return;
                };
                who.signatures[0].signature[9] ^= 1;
                items[0] = Item::Authorisation(who).to_bytes();
            },
            "entry 3: the signature by bank-a/one",
        ),
        (
            |items| {
                let Ok(Item::Authorisation(mut who)) = Item::parse(&items[0]) else {
                    return;
                };
                who.signatures[0].key_name = "bank-b/one".into();
                items[0] = Item::Authorisation(who).to_bytes();
            },
            "entry 3: the signature by bank-b/one",
        ),
    ];
    for (cheat, expected) in cheats {
        let mut maker = LogMaker::with_payments(1);
        maker.pay("1.00", Some(cheat));
        maker.pay("1.00", None);
        let report = run(exported(&maker).path(), &Trust::default()).unwrap();
        assert_eq!(report.log, Verdict::Holds, "{expected}");
        let told = report.ledger.divergence().unwrap().to_string();
        // What is compared first differs by cheat; the entry never does.
        assert!(
            told.starts_with(expected) || told.starts_with("entry 3: item"),
            "{told}"
        );
    }
}

/// A node that carries out more than the signed body asks for has items that add up: only the body
/// tells.
#[test]
fn a_cheat_does_not_pass_by_keeping_the_bodys_key_back() {
    let mut maker = LogMaker::with_payments(1);
    maker.pay_other_than_signed("1.00", "9.00");
    let folder = exported(&maker);
    let report = run(folder.path(), &Trust::default()).unwrap();
    let told = report.ledger.divergence().unwrap().to_string();
    assert!(
        told.starts_with("entry 3: the body's instruction 0"),
        "{told}"
    );
    let keys = fs::read_to_string(folder.path().join("body.keys")).unwrap();
    let kept_back: String = keys
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("3 "))
        .collect();
    fs::write(folder.path().join("body.keys"), kept_back).unwrap();
    let report = run(folder.path(), &Trust::default()).unwrap();
    assert!(!report.holds(), "{:?}", report.ledger);
}

#[test]
fn an_older_log_holds_by_itself_and_not_beside_what_was_kept() {
    let maker = LogMaker::with_payments(6);
    let size = maker.entries.len();
    let folder = tempfile::tempdir().unwrap();
    maker.export(folder.path(), size - 2);
    assert!(run(folder.path(), &Trust::default()).unwrap().holds());
    let kept = |size: usize| Trust {
        kept: vec![("kept".into(), maker.checkpoint(size).into())],
        ..Trust::default()
    };
    let older = run(folder.path(), &kept(3)).unwrap();
    assert!(older.holds());
    assert_eq!(older.counts.kept_checkpoints, 1);
    let told = divergence(&run(folder.path(), &kept(size)).unwrap());
    assert!(told.contains("the size of the log beside kept"), "{told}");
    // An older checkpoint before records that go on.
    fs::write(folder.path().join("log/checkpoint"), maker.checkpoint(3)).unwrap();
    let tiles = tempfile::tempdir().unwrap();
    maker.export(tiles.path(), 3);
    fs::remove_dir_all(folder.path().join("log")).unwrap();
    fs::rename(tiles.path().join("log"), folder.path().join("log")).unwrap();
    let told = divergence(&run(folder.path(), &Trust::default()).unwrap());
    assert!(told.contains("goes on behind the 3 entries"), "{told}");
}

#[test]
fn another_past_is_caught_by_a_kept_checkpoint() {
    let maker = LogMaker::with_payments(4);
    let mut other = LogMaker::with_payments(2);
    other.pay("2.00", None);
    other.pay("1.00", None);
    let folder = exported(&other);
    let trust = Trust {
        kept: vec![("kept".into(), maker.checkpoint(4).into())],
        ..Trust::default()
    };
    let report = run(folder.path(), &trust).unwrap();
    let told = divergence(&report);
    assert!(told.contains("the root at size 4, as in kept"), "{told}");
    let trust = Trust {
        kept: vec![("kept".into(), b"nonsense".to_vec())],
        ..Trust::default()
    };
    assert!(matches!(
        run(folder.path(), &trust),
        Err(AuditError::Kept { .. })
    ));
}

#[test]
fn another_key_than_ones_own_is_told_apart_from_tampering() {
    let maker = LogMaker::with_payments(1);
    let folder = exported(&maker);
    let audited = |key: &VerifierKey| {
        let trust = Trust {
            log_vkey: Some(key.clone()),
            ..Trust::default()
        };
        run(folder.path(), &trust).unwrap()
    };
    // Another name: another log was meant, and nothing is said about this one.
    let report = audited(maker.operator.verifier_key());
    assert!(matches!(report.signer, Signer::OtherLog { .. }));
    assert!(!report.is_broken() && !report.passes(), "{report:?}");
    assert!(matches!(report.log, Verdict::Unchecked { .. }));
    // The same name and another key: one of the two is not the log's.
    let impostor = keys::SigningKey::generate(maker.log_key.verifier_key().name()).unwrap();
    let report = audited(impostor.verifier_key());
    assert!(matches!(report.signer, Signer::OtherKey { .. }));
    assert!(!report.is_broken() && !report.passes(), "{report:?}");
    // A source that states another key than the one that signed it contradicts itself.
    let vkey = format!("{}\n", impostor.verifier_key());
    fs::write(folder.path().join("log.vkey"), &vkey).unwrap();
    let told = divergence(&audited(maker.log_key.verifier_key()));
    assert!(told.starts_with("log.vkey"), "{told}");
    let told = divergence(&audited(maker.operator.verifier_key()));
    assert!(told.starts_with("the checkpoint"), "{told}");
}

#[test]
fn a_log_that_nobody_anchors_holds_and_does_not_pass() {
    let maker = LogMaker::with_payments(1);
    let folder = exported(&maker);
    let audited = |trust: &Trust| run(folder.path(), trust).unwrap();
    let report = audited(&Trust::default());
    assert!(report.holds() && !report.passes());
    assert_eq!(report.signer, Signer::Stated);
    let genesis = Hash::from_base64(report.genesis_hash.as_deref().unwrap()).unwrap();
    let by_genesis = Trust {
        genesis_hash: Some(genesis),
        ..Trust::default()
    };
    let by_kept = Trust {
        kept: vec![("kept".into(), maker.checkpoint(2).into())],
        ..Trust::default()
    };
    for (trust, by) in [(&by_genesis, Anchor::GenesisHash), (&by_kept, Anchor::Kept)] {
        let report = audited(trust);
        assert!(report.passes() && !report.log_vkey_is_yours);
        assert_eq!(report.signer, Signer::Known { by });
    }
    let trust = Trust {
        genesis_hash: Some(Hash::sha256(b"another")),
        ..Trust::default()
    };
    assert!(divergence(&audited(&trust)).starts_with("the genesis hash"));
    // Without records nobody has read the document that names the key.
    fs::remove_dir_all(folder.path().join("records")).unwrap();
    assert_eq!(audited(&by_genesis).signer, Signer::Stated);
}

#[test]
fn what_is_missing_makes_an_audit_impossible_and_nothing_more() {
    let maker = LogMaker::with_payments(2);
    for name in [
        "log/checkpoint",
        "log.vkey",
        "genesis.json",
        "log/tile/0/000.p/4",
        "records/000000.bin",
    ] {
        let folder = exported(&maker);
        fs::remove_file(folder.path().join(name)).unwrap();
        let error = run(folder.path(), &Trust::default()).unwrap_err();
        assert!(matches!(error, AuditError::Source(_)), "{name}: {error}");
    }
    // A public copy: the log can be checked, the ledger cannot.
    let folder = exported(&maker);
    fs::remove_dir_all(folder.path().join("records")).unwrap();
    let report = run(folder.path(), &Trust::default()).unwrap();
    assert!(report.log.holds() && !report.is_broken() && !report.holds());
    // Without the keys of bodies everything else is checked.
    let folder = exported(&maker);
    fs::remove_file(folder.path().join("body.keys")).unwrap();
    let report = run(folder.path(), &Trust::default()).unwrap();
    assert!(report.log.holds() && !report.is_broken() && !report.holds());
    assert_eq!(report.counts.bodies_closed, [1, 2, 3]);
}
