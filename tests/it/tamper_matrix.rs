//! Every kind of byte that an export holds, changed in every way: which check tells.
//!
//! `docs/reference/tampering.md` is made from this (`QUITTANCE_UPDATE_DOCS=1`); what a data folder
//! holds is changed by `tests/faults/recovery_rows.rs` and `tests/faults/tamper.rs`.

mod spoil;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use quittance::audit::{AuditError, DirSource, Report, Source, Trust, audit};
use tempfile::TempDir;

use crate::cli_node::{Node, good, json_of, set_up};
use crate::log_maker::{LogMaker, pays_more};
use crate::witness::pay;
use spoil::{
    Parts, records, spoil_item, spoil_lines, spoil_part, spoil_parts, spoil_record,
    spoil_signature, unfinished,
};

/// The ways, in the order of the columns.
const WAYS: [&str; 4] = [
    "one bit flipped",
    "deleted",
    "swapped with another",
    "cut short",
];

/// An export of a real node with payments and seals.
struct Ground {
    folder: TempDir,
    /// Entry of a payment, and of the one behind it.
    payments: [usize; 2],
    /// Entries of two seals.
    seals: [usize; 2],
}

impl Ground {
    fn new() -> Self {
        let node = Node::start();
        let path = node.path().to_owned();
        set_up(&path);
        let wish = r#"{"set_parameter":{"name":"seal_interval_s","value":1}}"#;
        json_of(&path, &["submit", "--dir", "out", "--instruction", wish]);
        let mut payments = Vec::new();
        for _ in 0..4 {
            payments.push(usize::try_from(pay(&path)).unwrap());
            std::thread::sleep(std::time::Duration::from_millis(1_100));
        }
        good(&path, "export older --public");
        pay(&path);
        good(
            &path,
            "export export --key auditor.pem --passphrase-file secret",
        );
        let (_, folder) = node.stop();
        let records = records(&folder.path().join("export"));
        let seals = (0..records.len()).filter(|at| records[*at].entry[1] == 4);
        let seals: Vec<usize> = seals.collect();
        Self {
            payments: [payments[0], payments[1]],
            seals: [seals[0], seals[1]],
            folder,
        }
    }

    /// A copy to spoil.
    fn copy(&self) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("export");
        let from = self.folder.path().join("export");
        let status = std::process::Command::new("cp")
            .arg("-a")
            .args([&from, &copy])
            .status();
        assert!(status.unwrap().success());
        (folder, copy)
    }
}

/// What an audit by the log's key says, in one line without numbers; how it ends beside it.
fn told(export: &Path) -> (u8, String) {
    let key = fs::read_to_string(export.join("log.vkey")).unwrap();
    let trust = Trust {
        log_vkey: Some(key.trim().parse().unwrap()),
        ..Trust::default()
    };
    let source = DirSource::open(export).map_err(AuditError::from);
    let report = source.and_then(|dir| audit(&mut Source::Dir(dir), &trust, &mut |_| ()));
    match report {
        Err(error) => (
            2,
            format!("cannot be checked: {}", plain(&error.to_string(), export)),
        ),
        Ok(report) => of_report(&report, export),
    }
}

fn of_report(report: &Report, export: &Path) -> (u8, String) {
    if let Some(divergence) = report.log.divergence() {
        return (1, format!("log: {}", plain(&divergence.what, export)));
    }
    if let Some(divergence) = report.ledger.divergence() {
        return (1, format!("ledger: {}", plain(&divergence.what, export)));
    }
    match report.passes() {
        true => (0, "holds".to_owned()),
        false => (2, "incomplete: bodies without a key".to_owned()),
    }
}

/// A text without what differs from run to run.
fn plain(text: &str, export: &Path) -> String {
    let text = text.replace(&export.display().to_string(), "");
    let mut plain = String::new();
    for char in text.chars() {
        match char {
            '0'..='9' if plain.ends_with('N') => {}
            '0'..='9' => plain.push('N'),
            '|' => plain.push('/'),
            char => plain.push(char),
        }
    }
    plain.trim_start_matches('/').chars().take(90).collect()
}

type Spoil<'a> = Box<dyn Fn(&Path, usize) + 'a>;

fn kinds<'a>(ground: &'a Ground, older: &'a str) -> Vec<(&'static str, Spoil<'a>)> {
    let (payments, seals) = (ground.payments, ground.seals);
    vec![
        (
            "entry, in a bundle",
            Box::new(move |export, way| {
                let file = unfinished(export, "log/tile/entries");
                spoil_parts(&file, 122, payments[0], way);
            }),
        ),
        (
            "entry, in a record",
            Box::new(move |e, way| spoil_part(e, Parts::entry, payments, way)),
        ),
        (
            "hash, in a tile",
            Box::new(move |export, way| {
                spoil_parts(&unfinished(export, "log/tile/0"), 32, payments[0], way);
            }),
        ),
        (
            "salt",
            Box::new(move |e, way| spoil_part(e, Parts::salt, payments, way)),
        ),
        (
            "payload (the sealed body)",
            Box::new(move |e, way| spoil_part(e, Parts::sealed_body, payments, way)),
        ),
        (
            "item",
            Box::new(move |e, way| spoil_item(e, payments, 1, way)),
        ),
        (
            "submitter's signature (item 0)",
            Box::new(move |e, way| spoil_item(e, payments, 0, way)),
        ),
        (
            "seal (its item)",
            Box::new(move |e, way| spoil_item(e, seals, 1, way)),
        ),
        (
            "record",
            Box::new(move |e, way| spoil_record(e, payments[0], way)),
        ),
        (
            "body key",
            Box::new(move |e, way| spoil_lines(&e.join("body.keys"), 2, way)),
        ),
        (
            "log's signature",
            Box::new(move |e, way| spoil_signature(e, older, way)),
        ),
    ]
}

/// What becomes of a log that somebody with the real key has made anew.
fn rechained() -> Vec<(&'static str, String)> {
    let twin = |payments: &dyn Fn(&mut LogMaker)| {
        let mut maker = LogMaker::twin(2);
        payments(&mut maker);
        let folder = tempfile::tempdir().unwrap();
        maker.export(folder.path(), maker.entries.len());
        let (_, told) = told(folder.path());
        (maker, folder, told)
    };
    let (honest, _keep, held) = twin(&|maker| (0..3).for_each(|_| maker.pay("0.50", None)));
    assert_eq!(held, "holds");
    let mut rows = Vec::new();
    let (_, folder, told) = twin(&|maker| (0..4).for_each(|_| maker.pay("0.25", None)));
    let kept = honest.checkpoint(honest.entries.len()).as_bytes().to_vec();
    let trust = Trust {
        kept: vec![("a receipt".into(), kept.clone())],
        ..Trust::default()
    };
    let mut source = Source::Dir(DirSource::open(folder.path()).unwrap());
    let (code, beside) = of_report(
        &audit(&mut source, &trust, &mut |_| ()).unwrap(),
        folder.path(),
    );
    assert_eq!(code, 1, "what was kept tells");
    rows.push((
        "a payment left out, all behind it signed anew",
        told.clone(),
    ));
    rows.push((
        "the same, beside a receipt or checkpoint that somebody kept",
        beside,
    ));
    rows.push((
        "the same, at a witness",
        at_a_witness(&honest, folder.path()),
    ));
    assert_eq!(
        told, "holds",
        "with the real key nobody can tell from the log alone"
    );
    let (_, _keep, told) = twin(&|maker| maker.pay("0.50", Some(|items| pays_more(items))));
    rows.push(("an item changed before it was committed to", told));
    let (_, _keep, told) = twin(&|maker| maker.pay_other_than_signed("0.50", "0.75"));
    rows.push((
        "another payment than the bank signed, items and balances to match",
        told,
    ));
    let forged: crate::log_maker::Cheat = |items| *items[0].last_mut().unwrap() ^= 1;
    let (_, _keep, told) = twin(&|maker| maker.pay("0.50", Some(forged)));
    rows.push(("a submitter's signature made up", told));
    rows
}

/// A witness that has seen the true log is shown the other.
fn at_a_witness(honest: &LogMaker, other: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let key = keys::SigningKey::from_seed("witness.example/w1", [9; 32]).unwrap();
    let logs = [honest.log_key.verifier_key().clone()];
    let witness =
        quittance::witness::Witness::open_folder(folder.path(), Box::new(key), &logs).unwrap();
    let size = honest.entries.len();
    let body = format!("old 0\n\n{}", honest.checkpoint(size));
    witness.add_checkpoint(body.as_bytes(), 1).unwrap();
    let note = fs::read_to_string(other.join("log/checkpoint")).unwrap();
    let zeros = format!("{}\n", chain::Hash::ZERO).repeat(3);
    let body = format!("old {size}\n{zeros}\n{note}");
    let refused = witness.add_checkpoint(body.as_bytes(), 2).unwrap_err();
    assert!(
        matches!(refused, quittance::witness::Refusal::Inconsistent(_)),
        "{refused}"
    );
    let names = fs::read_dir(folder.path()).unwrap().filter_map(|entry| {
        let inside = fs::read_dir(entry.unwrap().path()).ok()?;
        inside
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .find(|n| n.starts_with("evidence"))
    });
    assert_eq!(names.count(), 1, "and keeps it");
    "refused (422), and kept as evidence".to_owned()
}

#[test]
fn every_kind_of_byte_changed_in_every_way_is_told() {
    let ground = Ground::new();
    let older = fs::read_to_string(ground.folder.path().join("older/log/checkpoint")).unwrap();
    let mut page = String::from(
        "# Which check tells which change\n\nMade by `tests/it/tamper_matrix.rs`: every kind of byte \
         of an export is changed in every way, and audited with the log's key alone. `log` and `ledger` are \
         the two verdicts, with what diverges first (exit status 1); *cannot be checked* is exit status 2: \
         something is missing, and nobody is accused.\n\n",
    );
    writeln!(page, "| kind | {} |", WAYS.join(" | ")).unwrap();
    page.push_str("|---|---|---|---|---|\n");
    let mut quiet = Vec::new();
    for (kind, spoil) in kinds(&ground, &older) {
        write!(page, "| {kind} |").unwrap();
        for (way, words) in WAYS.iter().enumerate() {
            let (_keep, copy) = ground.copy();
            spoil(&copy, way);
            let (code, told) = told(&copy);
            if code == 0 {
                quiet.push(format!("{kind}, {words}"));
            }
            write!(page, " {told} |").unwrap();
        }
        page.push('\n');
    }
    assert!(quiet.is_empty(), "not told: {quiet:?}");
    page.push_str(
        "\n## Signed anew with the log's real key\n\nWhoever holds the log's key can make every hash, link, \
         tile and root anew. What participants signed, and what others kept, is not the operator's to make.\n\n\
         | what was done | what tells |\n|---|---|\n",
    );
    for (what, told) in rechained() {
        writeln!(page, "| {what} | {told} |").unwrap();
    }
    page.push_str(
        "| a seal with another root, or other totals | ledger: the seal (`tests/interop/forge.py`) |\n\
         | a leg left out of its entry | ledger: the items behind it (`tests/interop/forge.py`) |\n",
    );
    page.push_str(&data_folder());
    compare(&page);
}

/// What a node finds in its own folder: rows of the recovery page, each of which is a test of the
/// real start. Columns: flipped, deleted, another log's, cut short, older, made anew with the key.
const DATA_FOLDER: &[(&str, [&[&str]; 6])] = &[
    (
        "head file",
        [
            &["head-one-copy-damaged", "head-both-copies-damaged"],
            &["head-missing"],
            &["head-of-another-log"],
            &["head-truncated"],
            &["head-older"],
            &["head-of-a-fork"],
        ],
    ),
    (
        "write-ahead frame, segment",
        [
            &["wal-frame-flipped", "wal-last-frames-torn"],
            &["wal-segment-missing"],
            &["wal-segment-of-another-log"],
            &["wal-segment-truncated"],
            &["wal-older"],
            &["wal-of-a-fork"],
        ],
    ),
    (
        "store (entries, records, tiles)",
        [
            &["store-db-flipped"],
            &["store-db-missing"],
            &["store-of-another-log"],
            &["store-db-truncated"],
            &["store-older", "store-older-covered"],
            &["store-of-a-fork"],
        ],
    ),
    (
        "the store's own snapshot",
        [
            &["store-snap-flipped"],
            &["store-snap-missing"],
            &[FOREIGN_SNAP],
            &["store-snap-empty"],
            &["store-snap-older"],
            &[FOREIGN_SNAP],
        ],
    ),
    (
        "state snapshot in the store",
        [
            &[STATE],
            &[STATE],
            &[STATE],
            &[STATE],
            &[STATE],
            &[STATE_ANEW],
        ],
    ),
    (
        "key slots",
        [
            &["slots-flipped"],
            &["slots-missing"],
            &["slots-swapped", "slots-of-another-log"],
            &["slots-truncated"],
            &["slots-older"],
            &["slots-of-another-log"],
        ],
    ),
    (
        "the whole folder",
        [
            &[],
            &[],
            &[],
            &[],
            &["whole-folder-older"],
            &["whole-folder-of-a-fork"],
        ],
    ),
];
const FOREIGN_SNAP: &str =
    "tests/faults/recovery_store.rs::a_snap_file_of_another_log_never_gives_a_wrong_answer";
const STATE: &str = "tests/faults/recovery_store.rs::a_damaged_state_snapshot_only_costs_time";
const STATE_ANEW: &str =
    "tests/faults/recovery_store.rs::a_state_snapshot_of_other_payments_is_refused";

fn data_folder() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = fs::read_to_string(root.join("docs/operate/recovery.md")).unwrap();
    let does = |id: &str| {
        let end = format!("| `{id}` |");
        let row = rows.lines().find(|row| row.ends_with(&end));
        let row = row.unwrap_or_else(|| panic!("{id} is no row of the recovery page"));
        row.split(" | ").nth(1).unwrap().trim().to_owned()
    };
    let mut page = String::from(
        "\n## In a node's data folder\n\nWhat the next start does: rows of [recovery](../operate/recovery.md), each a \
         test of a real start under the name of the row (or the test that is named). *Made anew* is what a copy of \
         the node, with the real keys, wrote when it went on by itself. `tests/faults/tamper.rs` flips bits at random beside \
         them (1,144 trials).\n\n| kind | one bit flipped | deleted | another log's | cut short | older | made anew with the real key |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (kind, columns) in DATA_FOLDER {
        write!(page, "| {kind} |").unwrap();
        for ids in columns {
            if ids.is_empty() {
                page.push_str(" as its parts |");
                continue;
            }
            let cells: Vec<String> = ids
                .iter()
                .map(|id| format!("{} (`{id}`)", does(id)))
                .collect();
            write!(page, " {} |", cells.join("; ")).unwrap();
        }
        page.push('\n');
    }
    page.push_str(
        "\nAn older copy of the whole folder has the log's own signature on everything: only witnesses \
         (`tests/it/witness.rs::an_old_copy_is_found_out_by_a_witness`), monitors and kept receipts tell.\n",
    );
    page
}

/// Compares with the page in the repository, or writes it.
fn compare(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/tampering.md");
    if std::env::var_os("QUITTANCE_UPDATE_DOCS").is_some() {
        fs::write(&path, page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page, "QUITTANCE_UPDATE_DOCS=1 writes it anew");
}
