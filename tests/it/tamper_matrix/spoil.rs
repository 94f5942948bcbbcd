//! The ways in which parts of an export are changed.

use std::fs;
use std::path::{Path, PathBuf};

use chain::Record;

/// The file that holds the records.
pub(super) const RECORDS: &str = "records/000000.bin";

/// A record whose parts may have any length.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) entry: Vec<u8>,
    salt: Vec<u8>,
    items: Vec<Vec<u8>>,
    sealed_body: Vec<u8>,
}

/// One of them.
pub(super) type Part = fn(&mut Parts) -> &mut Vec<u8>;

impl Parts {
    pub(super) fn entry(&mut self) -> &mut Vec<u8> {
        &mut self.entry
    }

    pub(super) fn salt(&mut self) -> &mut Vec<u8> {
        &mut self.salt
    }

    pub(super) fn sealed_body(&mut self) -> &mut Vec<u8> {
        &mut self.sealed_body
    }

    /// Where the parts have their lengths, a record as the format has it.
    fn bytes(&self) -> Vec<u8> {
        let number = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
        let mut out = vec![1, 0];
        out.extend([&self.entry[..], &self.salt].concat());
        out.extend(number(self.items.len()));
        out.extend(self.items.iter().flat_map(|item| number(item.len())));
        out.extend(self.items.concat());
        out.extend(&self.sealed_body);
        [&number(out.len())[..], &out].concat()
    }
}

pub(super) fn records(export: &Path) -> Vec<Parts> {
    let bytes = fs::read(export.join(RECORDS)).unwrap();
    let (mut records, mut rest) = (Vec::new(), bytes.as_slice());
    while !rest.is_empty() {
        let (record, behind) = Record::split(rest).unwrap();
        let parts = Parts {
            entry: record.entry.to_vec(),
            salt: record.salt.as_bytes().to_vec(),
            items: record.items.iter().map(<[u8]>::to_vec).collect(),
            sealed_body: record.sealed_body.to_vec(),
        };
        assert_eq!(parts.bytes(), rest[..rest.len() - behind.len()]);
        records.push(parts);
        rest = behind;
    }
    records
}

fn write_records(export: &Path, records: &[Parts]) {
    let bytes: Vec<u8> = records.iter().flat_map(Parts::bytes).collect();
    fs::write(export.join(RECORDS), bytes).unwrap();
}

/// Changes a whole record, with the one behind it to swap with.
pub(super) fn spoil_record(export: &Path, at: usize, way: usize) {
    let mut records = records(export);
    match way {
        0 => records[at].items[0][9] ^= 1,
        1 => drop(records.remove(at)),
        2 => records.swap(at, at + 1),
        _ => {
            records.truncate(at + 1);
            let mut bytes: Vec<u8> = records.iter().flat_map(Parts::bytes).collect();
            bytes.truncate(bytes.len() - records[at].bytes().len() / 2);
            return fs::write(export.join(RECORDS), bytes).unwrap();
        }
    }
    write_records(export, &records);
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

/// Changes a part of one record, with that of another to swap with.
pub(super) fn spoil_part(export: &Path, part: Part, [at, other]: [usize; 2], way: usize) {
    let mut records = records(export);
    let kept = part(&mut records[other]).clone();
    let held = part(&mut records[at]);
    match way {
        0 => held[3] ^= 1,
        1 => held.clear(),
        2 => {
            let held = std::mem::replace(held, kept);
            *part(&mut records[other]) = held;
        }
        _ => held.truncate(held.len() / 2),
    }
    write_records(export, &records);
}

/// Changes item `n` of one record, with that of another to swap with.
pub(super) fn spoil_item(export: &Path, [at, other]: [usize; 2], n: usize, way: usize) {
    let mut records = records(export);
    let held = &mut records[at].items[n];
    match way {
        0 => *held.last_mut().unwrap() ^= 1,
        1 => drop(records[at].items.remove(n)),
        2 => {
            let kept = records[at].items[n].clone();
            records[at].items[n] = records[other].items[n].clone();
            records[other].items[n] = kept;
        }
        _ => held.truncate(held.len() - 9),
    }
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
