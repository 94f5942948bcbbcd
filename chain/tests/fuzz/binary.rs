//! Bytes: entries, items, parts, accounts under a seal, batches, bundles and tiles.

use chain::{
    BatchHeader, BatchRecord, Entry, FULL_TILE_BYTES, Hash, Item, PrivatePart, SealedAccount,
    TilePath, batch, decode_bundle, encode_bundle,
};

use crate::target;

fn same(written: impl AsRef<[u8]>, read: &[u8]) -> bool {
    assert_eq!(written.as_ref(), read);
    true
}

fn entry(bytes: &[u8]) -> bool {
    Entry::from_bytes(bytes).is_ok_and(|entry| same(entry.to_bytes(), bytes))
}

fn item(bytes: &[u8]) -> bool {
    Item::parse(bytes).is_ok_and(|item| same(item.to_bytes(), bytes))
}

fn private_part(bytes: &[u8]) -> bool {
    PrivatePart::parse(bytes).is_ok_and(|part| same(part.to_bytes(), bytes))
}

fn sealed_account(bytes: &[u8]) -> bool {
    SealedAccount::parse(bytes).is_ok_and(|account| same(account.to_bytes(), bytes))
}

fn batch_header(bytes: &[u8]) -> bool {
    BatchHeader::from_bytes(bytes).is_ok_and(|header| same(header.to_bytes().unwrap(), bytes))
}

fn batch_record(bytes: &[u8]) -> bool {
    BatchRecord::from_bytes(bytes).is_ok_and(|record| same(record.to_bytes(), bytes))
}

/// A body of a batch: header, then records.
fn whole_batch(bytes: &[u8]) -> bool {
    batch::split_batch(bytes).is_ok_and(|(header, records)| {
        let written = [header.to_bytes().unwrap().to_vec(), records.concat()].concat();
        assert_eq!(u32::try_from(records.len()), Ok(header.count));
        same(written, bytes)
    })
}

/// A bundle of any width: the first byte says which.
fn bundle(bytes: &[u8]) -> bool {
    let Some((width, rest)) = bytes.split_first() else {
        return false;
    };
    let path = TilePath::entries(0, u16::from(*width).max(1)).unwrap();
    decode_bundle(path, rest).is_ok_and(|entries| {
        assert_eq!(entries.len(), usize::from(path.width()));
        same(encode_bundle(path, &entries).unwrap(), rest)
    })
}

/// A tile of any width up to a full one: never a length that is not its own.
fn tile(bytes: &[u8]) -> bool {
    let width = u16::try_from(bytes.len() / Hash::LEN % 257)
        .unwrap_or(1)
        .max(1);
    let path = TilePath::hashes(0, 0, width).unwrap();
    path.decode_hashes(bytes).is_ok_and(|hashes| {
        assert!(!path.is_full() || bytes.len() == FULL_TILE_BYTES);
        let written: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        same(written, bytes)
    })
}

/// The vectors hold bundles without their widths, headers and records apart.
fn bundle_of_three(bytes: &[u8]) -> bool {
    (1..=8u8).any(|width| bundle(&[&[width], bytes].concat()))
}

fn batch_of_header(bytes: &[u8]) -> bool {
    let record = BatchRecord {
        debit: 1,
        credit: 2,
        amount: 3,
        pending_id: [0; 16],
        kind: 1,
        flags: 0,
        timeout: 0,
        reference: [0; 32],
    };
    let count = BatchHeader::from_bytes(bytes).map_or(1, |header| header.count.min(64));
    let records = record
        .to_bytes()
        .repeat(usize::try_from(count).unwrap_or(1));
    whole_batch(bytes) || whole_batch(&[bytes, &records].concat())
}

target!(entries, entry);
target!(items, item);
target!(private_parts, private_part);
target!(sealed_accounts, sealed_account);
target!(batch_headers, batch_header);
target!(batch_records, batch_record);
target!(batches, batch_of_header);
target!(bundles, bundle_of_three);
target!(tiles, tile);
