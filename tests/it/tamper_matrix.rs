//! Every kind of byte that an export holds, changed in every way: which check tells.
//!
//! `docs/reference/tampering.md` is made from this (`QUITTANCE_UPDATE_DOCS=1`); what a data folder
//! holds is changed by `tests/faults/recovery_rows.rs` and `tests/faults/tamper.rs`.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use quittance::audit::{AuditError, DirSource, Report, Source, Trust, audit};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli_node::{Node, good, json_of, set_up};
use crate::log_maker::{LogMaker, pays_more};
use crate::witness::pay;

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
        let is_seal = |record: &Value| bytes(&record["entry"])[1] == 4;
        let seals = (0..records.len()).filter(|at| is_seal(&records[*at]));
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

fn bytes(text: &Value) -> Vec<u8> {
    let value = json!({ "bytes": text });
    #[derive(serde::Deserialize)]
    struct Held {
        bytes: quittance::wire::Bytes,
    }
    serde_json::from_value::<Held>(value).unwrap().bytes.0
}

fn text(bytes: Vec<u8>) -> Value {
    serde_json::to_value(quittance::wire::Bytes(bytes)).unwrap()
}

fn records(export: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(export.join("records/000000.jsonl")).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn write_records(export: &Path, records: &[Value]) {
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    fs::write(export.join("records/000000.jsonl"), lines).unwrap();
}

/// The only file below a folder of unfinished tiles.
fn unfinished(export: &Path, folder: &str) -> PathBuf {
    let folder = export.join(folder).join("000.p");
    fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
}

/// Changes parts of a file that are `width` bytes long: number `at`, and the one behind it.
fn spoil_parts(file: &Path, width: usize, at: usize, way: usize) {
    let mut held = fs::read(file).unwrap();
    let (from, to) = (at * width, (at + 1) * width);
    match way {
        0 => held[from + width / 2] ^= 1,
        1 => drop(held.drain(from..to)),
        2 => {
            let part = held[from..to].to_vec();
            held.copy_within(to..to + width, from);
            held[to..to + width].copy_from_slice(&part);
        }
        _ => held.truncate(from + width / 2),
    }
    fs::write(file, held).unwrap();
}

/// Changes a base64 field of one record, with that of another to swap with.
fn spoil_field(export: &Path, field: &str, [at, other]: [usize; 2], way: usize) {
    let mut records = records(export);
    let mut held = bytes(&records[at][field]);
    match way {
        0 => held[3] ^= 1,
        1 => {
            records[at][field] = Value::Null;
            return write_records(export, &records);
        }
        2 => {
            let kept = records[at][field].clone();
            records[at][field] = records[other][field].clone();
            records[other][field] = kept;
            return write_records(export, &records);
        }
        _ => held.truncate(held.len() / 2),
    }
    records[at][field] = text(held);
    write_records(export, &records);
}

/// Changes item `n` of one record, with that of another to swap with.
fn spoil_item(export: &Path, [at, other]: [usize; 2], n: usize, way: usize) {
    let mut records = records(export);
    let mut held = bytes(&records[at]["items"][n]);
    match way {
        0 => *held.last_mut().unwrap() ^= 1,
        1 => {
            records[at]["items"].as_array_mut().unwrap().remove(n);
            return write_records(export, &records);
        }
        2 => {
            let kept = records[at]["items"][n].clone();
            records[at]["items"][n] = records[other]["items"][n].clone();
            records[other]["items"][n] = kept;
            return write_records(export, &records);
        }
        _ => held.truncate(held.len() - 9),
    }
    records[at]["items"][n] = text(held);
    write_records(export, &records);
}

/// Changes lines of a file.
fn spoil_lines(file: &Path, at: usize, way: usize) {
    let held = fs::read_to_string(file).unwrap();
    let mut lines: Vec<String> = held.lines().map(ToOwned::to_owned).collect();
    match way {
        0 => {
            let middle = lines[at].len() / 2;
            let other = if lines[at].as_bytes()[middle] == b'A' {
                "B"
            } else {
                "A"
            };
            lines[at].replace_range(middle..=middle, other);
        }
        1 => drop(lines.remove(at)),
        2 => lines.swap(at, at + 1),
        _ => {
            let half = lines[at].len() / 2;
            lines[at].truncate(half);
            lines.truncate(at + 1);
            return fs::write(file, lines.join("\n")).unwrap();
        }
    }
    fs::write(file, lines.join("\n") + "\n").unwrap();
}

/// Changes the signature of the checkpoint; `older` has another one of the same key.
fn spoil_signature(export: &Path, older: &str, way: usize) {
    let file = export.join("log/checkpoint");
    let held = fs::read_to_string(&file).unwrap();
    let (text, line) = held.split_at(held.find('\u{2014}').unwrap());
    let mut line = line.to_owned();
    match way {
        0 => {
            let at = line.len() - 20;
            let other = if line.as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            line.replace_range(at..=at, other);
        }
        1 => line.clear(),
        2 => line = older[older.find('\u{2014}').unwrap()..].to_owned(),
        _ => line.truncate(line.len() - 20),
    }
    fs::write(file, text.to_owned() + &line).unwrap();
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
            Box::new(move |e, way| spoil_field(e, "entry", payments, way)),
        ),
        (
            "hash, in a tile",
            Box::new(move |export, way| {
                spoil_parts(&unfinished(export, "log/tile/0"), 32, payments[0], way);
            }),
        ),
        (
            "salt",
            Box::new(move |e, way| spoil_field(e, "salt", payments, way)),
        ),
        (
            "payload (the sealed body)",
            Box::new(move |e, way| spoil_field(e, "sealed_body", payments, way)),
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
            Box::new(move |e, way| spoil_lines(&e.join("records/000000.jsonl"), payments[0], way)),
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
    page.push_str(DATA_FOLDER);
    compare(&page);
}

/// What a node finds in its own folder: the tests that are named there.
const DATA_FOLDER: &str = "
## In a node's data folder

| kind | one bit flipped | deleted | swapped | cut short | an older or another log's, whole |
|---|---|---|---|---|---|
| head file | `head-slot-flipped`: the other copy; both: `HEAD_DAMAGED` | `HEAD_MISSING` | `OTHER_LOG`, `LOG_FORKED` | `HEAD_DAMAGED` | `LOG_BEHIND` where store or segments know more |
| write-ahead frame | `WAL_DAMAGED` where frames follow; else like an interrupted write | `WAL_MISSING`, `LOG_BEHIND` | `WAL_DAMAGED` | `WAL_DAMAGED` or like an interrupted write | `LOG_BEHIND` |
| store: entry, record, tile, snapshot | checksums before sled opens: a copy is kept, every entry is compared | `STORE_DAMAGED`, `STORE_MISSING` | `LOG_DIVERGED` | `STORE_UNOPENED` | `STORE_GAP`, `LOG_BEHIND` |
| key slots | the body stays closed, with a line | `SLOTS_MISSING` | the body does not open | bodies closed, with a line | what was erased is erased again |
| the whole folder | | | | | a witness: `LOG_BEHIND`, `LOG_FORKED`; without one, kept receipts (`receipt refresh`) |

Each is a row of [recovery](../operate/recovery.md) with its test; `tests/faults/tamper.rs` flips bits at random beside them (1,144 trials).
";

/// Compares with the page in the repository, or writes it.
fn compare(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/tampering.md");
    if std::env::var_os("QUITTANCE_UPDATE_DOCS").is_some() {
        fs::write(&path, page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page, "QUITTANCE_UPDATE_DOCS=1 writes it anew");
}
