//! Parsers of fixed records: entries, batches, bundles, tiles, frontiers; and of an export's.

use chain::batch::{BATCH_RECORD_BYTES, BATCH_RECORDS_MAX, split_batch};
use chain::outcomes::{OUTCOME_ROW_BYTES, split_outcomes};
use chain::{
    BatchHeader, BatchOutcome, BatchRecord, Entry, EntryKind, Frontier, Hash, Record, RecordParts,
    TileKind, TilePath, decode_bundle, encode_bundle,
};

use crate::common::{bytes, list, load};
use crate::kit::{self, canonical, expect_good, fuzz, metered};
use crate::mutate::{Corpus, Script};

fn reprint_entry(input: &[u8]) -> Option<Vec<u8>> {
    let entry = metered(input, || Entry::from_bytes(input))?;
    assert_eq!(entry.check(), Ok(()));
    Some(entry.to_bytes().to_vec())
}

/// The rules between fields are those of the reader.
fn made_entry(script: &mut Script<'_>) {
    let hash = |script: &mut Script<'_>| match script.one_in(2) {
        true => Hash::from_bytes(script.array()),
        false => Hash::ZERO,
    };
    let entry = Entry {
        kind: EntryKind::from_code(script.byte() % 6).unwrap(),
        items: u32::from_le_bytes(script.array()),
        index: script.number(),
        time: script.number(),
        prev: hash(script),
        payload_root: hash(script),
        aux: hash(script),
    };
    let expected = entry.check().map(|()| entry);
    assert_eq!(Entry::from_bytes(&entry.to_bytes()), expected);
}

#[test]
fn entry() {
    let corpus = Corpus::of_bytes("entry", "entries", "refused");
    expect_good(&corpus, reprint_entry);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_entry(script),
        false => canonical(&corpus.input(script), reprint_entry),
    });
}

fn reprint_header(input: &[u8]) -> Option<Vec<u8>> {
    let header = metered(input, || BatchHeader::from_bytes(input))?;
    assert!((1..=BATCH_RECORDS_MAX).contains(&header.count));
    // Every id that is counted out stays a UUIDv7.
    let last = header.instruction_id(header.count - 1);
    assert_eq!((last[6] >> 4, last[8] >> 6), (7, 0b10));
    assert!(header.first_id <= last);
    Some(header.to_bytes().unwrap().to_vec())
}

/// What can be written can be read.
fn made_header(script: &mut Script<'_>) {
    let mut first_id = script.array::<16>();
    first_id[6] = first_id[6] & 0x0f | 0x70;
    first_id[8] = first_id[8] & 0x3f | 0x80;
    if script.one_in(4) {
        first_id[9..15].fill(0xff);
    }
    let header = BatchHeader {
        atomic: script.one_in(2),
        count: u32::from(u16::from_le_bytes(script.array())),
        created: script.number(),
        message_id: script.text().replace(' ', ""),
        first_id,
    };
    if let Ok(written) = header.to_bytes() {
        assert_eq!(BatchHeader::from_bytes(&written), Ok(header));
    }
}

#[test]
fn batch_header() {
    let corpus = Corpus::of_bytes("batch", "accepted_headers", "refused_headers");
    expect_good(&corpus, reprint_header);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_header(script),
        false => canonical(&corpus.input(script), reprint_header),
    });
}

#[test]
fn batch_record() {
    let mut corpus = Corpus::of_bytes("batch", "refused_records", "refused_records");
    corpus.good = list(&load("batch"), "record_bytes")
        .iter()
        .map(bytes)
        .collect();
    kit::bytes(bolero::check!(), &corpus, |input| {
        let record = metered(input, || BatchRecord::from_bytes(input))?;
        Some(record.to_bytes().to_vec())
    });
}

#[test]
fn batch_body() {
    let mut corpus = Corpus::of_bytes("batch", "refused_bodies", "refused_headers");
    let vectors = load("batch");
    let mut body = bytes(&vectors["header_bytes"]);
    body.extend(list(&vectors, "record_bytes").iter().flat_map(bytes));
    corpus.good = vec![body.clone()];
    body[8] = 1;
    body.truncate(2 * BATCH_RECORD_BYTES);
    corpus.good.push(body);
    kit::bytes(bolero::check!(), &corpus, |input| {
        let (header, records) = metered(input, || split_batch(input))?;
        assert_eq!(records.len(), header.count as usize);
        for bytes in records {
            if let Ok(record) = BatchRecord::from_bytes(bytes) {
                assert_eq!(record.to_bytes(), *bytes);
            }
        }
        Some([&header.to_bytes().unwrap()[..], records.as_flattened()].concat())
    });
}

fn reprint_record(input: &[u8]) -> Option<Vec<u8>> {
    let (record, behind) = metered(input, || Record::split(input))?;
    let items: usize = record.items.iter().map(<[u8]>::len).sum();
    assert!(items + record.sealed_body.len() + behind.len() < input.len());
    let mut out = Vec::new();
    record.write(&mut out);
    out.extend_from_slice(behind);
    Some(out)
}

/// What is written is what is read.
fn made_record(script: &mut Script<'_>) {
    let entry = [script.byte(); Entry::LEN];
    let salt = Hash::from_bytes(script.array());
    let key = script.one_in(2).then(|| script.array());
    let body = match script.one_in(2) {
        true => vec![script.byte(); 16 + script.below(20)],
        false => Vec::new(),
    };
    let items: Vec<Vec<u8>> = (0..script.below(6))
        .map(|_| script.text().into_bytes())
        .collect();
    let parts = RecordParts {
        entry: &entry,
        salt: &salt,
        key: key.as_ref(),
        sealed_body: &body,
    };
    let mut made = Vec::new();
    parts.write(&mut made, items.iter().map(Vec::as_slice));
    let record = Record::parse(&made[4..]).unwrap();
    assert!(record.items.iter().eq(items.iter().map(Vec::as_slice)));
    assert_eq!((record.key, record.salt), (key.as_ref(), salt));
    assert_eq!(record.sealed_body, body);
}

#[test]
fn record() {
    let corpus = Corpus::of_bytes("record", "records", "refused");
    expect_good(&corpus, reprint_record);
    fuzz(bolero::check!(), |script| match script.one_in(4) {
        true => made_record(script),
        false => canonical(&corpus.input(script), reprint_record),
    });
}

#[test]
fn batch_answer() {
    let mut corpus = Corpus::of_bytes("batch", "accepted_answers", "refused_answers");
    corpus.good.push(bytes(&load("batch")["answer"]["bytes"]));
    kit::bytes(bolero::check!(), &corpus, |input| {
        let (header, rows, receipt) = metered(input, || split_outcomes(input))?;
        assert_eq!(rows.len(), header.count as usize);
        assert!((1..=BATCH_RECORDS_MAX).contains(&header.count));
        Some([&header.to_bytes()[..], rows.as_flattened(), receipt].concat())
    });
}

#[test]
fn batch_outcome() {
    let vectors = load("batch");
    let mut corpus = Corpus::of_bytes("batch", "refused_rows", "refused_rows");
    let answer = bytes(&vectors["answer"]["bytes"]);
    let (_, rows, _) = split_outcomes(&answer).unwrap();
    corpus.good = rows.iter().map(|row| row.to_vec()).collect();
    kit::bytes(bolero::check!(), &corpus, |input| {
        // Rows have one length: what splits an answer sees to it.
        let row: &[u8; OUTCOME_ROW_BYTES] = input.try_into().ok()?;
        let row = metered(input, || BatchOutcome::from_bytes(row))?;
        Some(row.to_bytes().to_vec())
    });
}

/// Bundles of each width, the entries of all lengths.
fn bundles() -> Vec<(TilePath, Vec<u8>)> {
    let bundle = |width: u16| {
        let path = TilePath::entries(u64::from(width), width).unwrap();
        let entries: Vec<Vec<u8>> = (0..width)
            .map(|n| vec![n as u8; usize::from(n) % 5])
            .collect();
        (path, encode_bundle(path, &entries).unwrap())
    };
    [1, 2, 8, 255, 256].map(bundle).to_vec()
}

#[test]
fn bundle() {
    let (paths, good): (Vec<_>, Vec<_>) = bundles().into_iter().unzip();
    let corpus = Corpus {
        good,
        ..Corpus::of_bytes("tile", "refused_bundles", "refused_bundles")
    };
    fuzz(bolero::check!(), |script| {
        let path = match script.one_in(16) {
            true => TilePath::hashes(0, 0, 2).unwrap(),
            false => *script.pick(&paths),
        };
        let input = corpus.input(script);
        if let Some(entries) = metered(&input, || decode_bundle(path, &input)) {
            assert_eq!(path.kind(), TileKind::Entries);
            assert_eq!(entries.len(), usize::from(path.width()));
            assert_eq!(encode_bundle(path, &entries), Ok(input));
        }
    });
    for (path, good) in paths.iter().zip(&corpus.good) {
        assert!(decode_bundle(*path, good).is_ok());
    }
}

#[test]
fn hash_tile() {
    let tiles = [1, 2, 255, 256].map(|width: usize| vec![0xab; width * Hash::LEN]);
    let corpus = Corpus {
        good: tiles.to_vec(),
        ..Corpus::default()
    };
    fuzz(bolero::check!(), |script| {
        let width = *script.pick(&[1, 2, 255, 256]);
        let path = match script.one_in(16) {
            true => TilePath::entries(3, width),
            false => TilePath::hashes(script.byte() % 64, script.number(), width),
        };
        let (path, input) = (path.unwrap(), corpus.input(script));
        let hashes = metered(&input, || path.decode_hashes(&input));
        let fits =
            path.kind() != TileKind::Entries && input.len() == usize::from(width) * Hash::LEN;
        assert_eq!(hashes.is_some(), fits);
        if let Some(hashes) = hashes {
            let printed: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
            assert_eq!(printed, input);
        }
    });
}

#[test]
fn frontier_parts() {
    let leaf = |n: u64| Hash::leaf(&n.to_be_bytes());
    fuzz(bolero::check!(), |script| {
        let size = script.number();
        let count = match script.one_in(4) {
            true => script.below(70),
            false => size.count_ones() as usize,
        };
        let subtrees: Vec<Hash> = (0..count as u64).map(leaf).collect();
        let made = Frontier::from_parts(size, subtrees.clone());
        assert_eq!(made.is_ok(), count == size.count_ones() as usize);
        let Ok(mut frontier) = made else { return };
        assert_eq!(frontier.parts(), (size, &subtrees[..]));
        assert_eq!(frontier.root() == chain::empty_root(), size == 0);
        if size < u64::MAX {
            frontier.push(leaf(size), &mut |_, _, _| ());
            let (size, subtrees) = frontier.parts();
            let again = Frontier::from_parts(size, subtrees.to_vec());
            assert_eq!(again.as_ref(), Ok(&frontier));
        }
    });
}
