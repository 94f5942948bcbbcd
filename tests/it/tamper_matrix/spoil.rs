//! The ways in which parts of an export are changed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub(super) fn bytes(text: &Value) -> Vec<u8> {
    let value = json!({ "bytes": text });
    #[derive(serde::Deserialize)]
    struct Held {
        bytes: quittance::wire::Bytes,
    }
    serde_json::from_value::<Held>(value).unwrap().bytes.0
}

pub(super) fn text(bytes: Vec<u8>) -> Value {
    serde_json::to_value(quittance::wire::Bytes(bytes)).unwrap()
}

pub(super) fn records(export: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(export.join("records/000000.jsonl")).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(super) fn write_records(export: &Path, records: &[Value]) {
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    fs::write(export.join("records/000000.jsonl"), lines).unwrap();
}

/// The only file below a folder of unfinished tiles.
pub(super) fn unfinished(export: &Path, folder: &str) -> PathBuf {
    let folder = export.join(folder).join("000.p");
    fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
}

/// Changes parts of a file that are `width` bytes long: number `at`, and the one behind it.
pub(super) fn spoil_parts(file: &Path, width: usize, at: usize, way: usize) {
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
pub(super) fn spoil_field(export: &Path, field: &str, [at, other]: [usize; 2], way: usize) {
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
pub(super) fn spoil_item(export: &Path, [at, other]: [usize; 2], n: usize, way: usize) {
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
pub(super) fn spoil_lines(file: &Path, at: usize, way: usize) {
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
pub(super) fn spoil_signature(export: &Path, older: &str, way: usize) {
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
