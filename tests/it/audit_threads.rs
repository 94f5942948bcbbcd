//! Audits on many threads: whatever their number, the report is the same, and what is under way is
//! bounded by bytes.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use chain::Item;
use quittance::audit::{DirSource, Source, Trust, Verdict, audit_on};
use tempfile::TempDir;

use crate::log_maker::{Cheat, LogMaker, pays_more};

const THREADS: [usize; 3] = [1, 2, 8];

/// The report, or why there is none, as it is printed.
fn told(folder: &Path, trust: &Trust, threads: usize) -> String {
    let mut source = Source::Dir(DirSource::open(folder).unwrap());
    let (mut seen, threads) = (Vec::new(), NonZero::new(threads).unwrap());
    let audited = audit_on(threads, &mut source, trust, None, &mut |progress| {
        seen.push(progress.entries)
    });
    assert!(
        seen.iter().copied().eq(1..=seen.len() as u64),
        "in order: {seen:?}"
    );
    match audited {
        Ok((report, next)) => format!(
            "{} after {} entries, saved: {:?}",
            serde_json::to_string_pretty(&report).unwrap(),
            seen.len(),
            next.map(|saved| saved.to_bytes())
        ),
        Err(error) => error.to_string(),
    }
}

/// The same of any number of threads, twice each.
pub(crate) fn all_say(what: &str, folder: &Path, trust: &Trust) -> String {
    let first = told(folder, trust, THREADS[0]);
    for threads in THREADS.into_iter().chain(THREADS) {
        let again = told(folder, trust, threads);
        assert!(
            first == again,
            "{what}, {threads} threads:\n{first}\n{again}"
        );
    }
    first
}

pub(crate) fn exported(maker: &LogMaker) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    maker.export(folder.path(), maker.entries.len());
    folder
}

#[test]
fn a_good_log_is_one_whatever_the_threads() {
    let mut maker = LogMaker::with_payments(1);
    maker.pay_batch(&[1; 300], None);
    (0..698).for_each(|_| maker.pay("0.05", None));
    maker.erase(600);
    let folder = exported(&maker);
    let trust = Trust {
        log_vkey: Some(chain::Signer::verifier_key(&maker.log_key).clone()),
        kept: vec![("kept".into(), maker.checkpoint(300).into())],
        ..Trust::default()
    };
    let told = all_say("good", folder.path(), &trust);
    for part in [
        "\"verdict\": \"holds\"",
        "\"signatures\": 702",
        "\"kept_checkpoints\": 1",
        "after 703 entries",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // A public copy.
    fs::remove_dir_all(folder.path().join("records")).unwrap();
    let told = all_say("public", folder.path(), &trust);
    assert!(told.contains("only auditors may read them"), "{told}");
}

#[test]
fn a_changed_byte_is_named_alike_whatever_the_threads() {
    let folder = exported(&LogMaker::with_payments(600));
    for name in [
        "log/tile/0/001",
        "log/tile/1/000.p/2",
        "log/tile/entries/002.p/90",
        "records/000000.bin",
        "records/000001.bin",
        "records/000002.bin",
        "body.keys",
    ] {
        let path = folder.path().join(name);
        let good = fs::read(&path).unwrap();
        for (part, way) in [(3, "flip"), (40, "flip"), (77, "flip"), (50, "cut")] {
            let mut bad = good.clone();
            let at = good.len() * part / 100;
            match way {
                "flip" => bad[at] ^= 1,
                _ => bad.truncate(at),
            }
            fs::write(&path, &bad).unwrap();
            let what = format!("{name}, {way} at {part} %");
            let told = all_say(&what, folder.path(), &Trust::default());
            let holds = told.matches("\"verdict\": \"holds\"").count();
            assert!(holds < 2, "{what}: {told}");
        }
        fs::remove_file(&path).unwrap();
        all_say(name, folder.path(), &Trust::default());
        fs::write(&path, &good).unwrap();
    }
}

/// Where several entries are wrong, the first is named, whoever finds which first.
#[test]
fn the_first_of_several_cheats_is_named_whatever_the_threads() {
    let signature: Cheat = |items| {
        let Ok(Item::Authorisation(mut who)) = Item::parse(&items[0]) else {
            panic!("item 0 is an authorisation")
        };
        who.signatures[0].signature[9] ^= 1;
        items[0] = Item::Authorisation(who).to_bytes();
    };
    let dropped: Cheat = |items| items.truncate(1);
    let more: Cheat = |items| pays_more(items);
    for (first, others) in [
        (more, [signature, dropped]),
        (signature, [dropped, more]),
        (dropped, [more, signature]),
    ] {
        let mut maker = LogMaker::with_payments(0);
        (0..300).for_each(|_| maker.pay("0.01", None));
        maker.pay("0.10", Some(first));
        maker.pay("0.10", Some(others[0]));
        (0..150).for_each(|_| maker.pay("0.01", None));
        maker.pay("0.10", Some(others[1]));
        let folder = exported(&maker);
        let told = all_say("cheats", folder.path(), &Trust::default());
        assert!(told.contains("\"index\": 302,"), "{told}");
        // A byte behind them breaks the log, and changes nothing about the ledger.
        let path = folder.path().join("records/000001.bin");
        let mut records = fs::read(&path).unwrap();
        let last = records.len() - 30;
        records[last] ^= 1;
        fs::write(&path, records).unwrap();
        let told = all_say("cheats and a byte", folder.path(), &Trust::default());
        assert!(
            told.contains("\"index\": 302,") && told.contains("the sealed body"),
            "{told}"
        );
    }
}

/// A log of large bodies, fourteen times what may be under way: memory does not follow it.
#[test]
fn an_audit_keeps_a_bounded_number_of_bytes() {
    let mut maker = LogMaker::found().padded(1_000_000).and_payments(240);
    let folder = exported(&maker);
    maker.views.clear();
    let key = chain::Signer::verifier_key(&maker.log_key).to_string();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
        .env_clear()
        .args(["audit", ".", "--log-vkey", &key])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut most, status) = (0, format!("/proc/{}/status", child.id()));
    let ended = loop {
        // What is there only while the process is: the most that it ever had in memory.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(kib.unwrap_or(0u64));
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    assert!(ended.success(), "{ended}");
    let (records, most) = (240_000_000, most * 1024);
    assert!(most > 16 << 20, "{most} bytes were seen");
    assert!(most < records / 2, "{most} bytes for {records}");
}

/// The report of a good log says that it was gone through to its end.
#[test]
fn a_log_that_ends_at_a_bundles_end_is_whole() {
    for payments in [254, 255, 510] {
        let maker = LogMaker::with_payments(payments);
        let folder = exported(&maker);
        let mut source = Source::Dir(DirSource::open(folder.path()).unwrap());
        let two = NonZero::new(2).unwrap();
        let audited = audit_on(two, &mut source, &Trust::default(), None, &mut |_| ());
        let (report, next) = audited.unwrap();
        assert_eq!(
            (&report.log, &report.ledger),
            (&Verdict::Holds, &Verdict::Holds)
        );
        // And one that goes on from there finds nothing new.
        let mut source = Source::Dir(DirSource::open(folder.path()).unwrap());
        let again = audit_on(
            two,
            &mut source,
            &Trust::default(),
            next.as_ref(),
            &mut |_| (),
        );
        let (report, _) = again.unwrap();
        assert!(report.holds(), "{payments}: {:?}", report.log);
        assert_eq!(report.counts.entries, 0);
    }
}
