//! Good examples: every text and every byte string of the published vectors.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

/// Changes that are made to one example at most.
const CHANGES_MAX: usize = 8;

fn all() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
        let mut found = Vec::new();
        for file in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            walk(&serde_json::from_str(&text).unwrap(), &mut found);
        }
        found.extend(MORE.iter().map(|text| text.as_bytes().to_vec()));
        found.sort();
        found.dedup();
        found
    })
}

fn walk(value: &Value, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => {
            found.push(text.as_bytes().to_vec());
            found.extend(unhex(text));
            found.extend(chain_base64(text));
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| walk(value, found)),
        _ => {}
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?))
        .collect()
}

fn chain_base64(text: &str) -> Option<Vec<u8>> {
    use base64ct::{Base64, Encoding};
    Base64::decode_vec(text).ok()
}

/// The examples that a parser takes.
pub(crate) fn that(parse: &dyn Fn(&[u8]) -> bool) -> Vec<&'static [u8]> {
    let taken = all().iter().filter(|bytes| parse(bytes));
    taken.map(Vec::as_slice).collect()
}

/// An example with the changes that `input` says.
pub(crate) fn spoilt(good: &[&[u8]], input: &[u8]) -> Vec<u8> {
    let Some((pick, changes)) = input.split_first() else {
        return good[0].to_vec();
    };
    let pick = usize::from(*pick);
    let mut bytes = good[pick % good.len()].to_vec();
    for change in changes.chunks_exact(4).take(CHANGES_MAX) {
        let at = usize::from(u16::from_be_bytes([change[1], change[2]])) % (bytes.len() + 1);
        let value = change[3];
        match change[0] % 8 {
            0 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte = value),
            1 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte ^= 1 << (value % 8)),
            2 => drop(bytes.drain(at..(at + usize::from(value)).min(bytes.len()))),
            3 => bytes.insert(at, value),
            4 => bytes.truncate(at),
            5 => {
                let part = bytes[at..(at + usize::from(value)).min(bytes.len())].to_vec();
                bytes.extend(part);
            }
            6 => {
                let other = good[(pick + usize::from(value)) % good.len()];
                bytes.truncate(at);
                bytes.extend(other.iter().skip(at));
            }
            _ => {
                let to = usize::from(value) % (bytes.len() + 1);
                if at < bytes.len() && to < bytes.len() {
                    bytes.swap(at, to);
                }
            }
        }
    }
    bytes
}

/// What no vector has.
const MORE: &[&str] = &[
    "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X",
    "log settle.example/log1+34576c8c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4 https://settle.example/log\n\
     # a comment\nwitness w1 witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X\n\
     group one any w1\nquorum one\n",
    "old 6\nDrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=\nyoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=\n\
     037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=\n\nsettle.example/log1\n8\n\
     XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\u{2014} settle.example/log1 \
     NFdsjNv3TgnjuH7ndFIUZz9tYUcVh0oBn0XP6cTJzsI2IgdNlM9nWvRAdFx9/jKrKL9qtrqswFftUaTDV0/cuXqEjwc=\n",
];
