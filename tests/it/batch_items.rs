//! Single items of a batch: opened without the others, they are what the whole entry opens, for
//! every reader, from memory and from the store; what does not lead to the payload root is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chain::{BatchRecord, ItemOpening};
use quittance::node::{HistoryQuery, Node, OpenOptions, ReadError, Reader, Viewer};
use quittance::store::disk::RealDisk;
use quittance::store::marker::DataFolder;
use quittance::store::sled::{SledOptions, SledStore};
use quittance::store::{Batch, EntryBytes, Head, Store, StoreError};
use quittance::wire::{HistoryRow, ReceiptLevel};

use crate::batch_door::{Stage, read, record, stage};
use crate::kit::assert_good;

/// Sizes around the edges of runs, and one of many runs.
const COUNTS: [usize; 8] = [1, 14, 15, 16, 17, 31, 32, 300];

fn opened(
    reader: &Reader,
    index: u64,
    items: Option<&[u32]>,
    viewer: &Viewer,
) -> Result<Vec<ItemOpening>, ReadError> {
    let file = reader.receipt(index, items, ReceiptLevel::LogSigned, viewer)?;
    Ok(file.to_receipt().unwrap().items)
}

/// A batch of payments to two banks, of which some are refused.
fn records(stage: &Stage, count: usize) -> Vec<BatchRecord> {
    let [a, b, c] = ["bank-a:usd", "bank-b:secret-name", "bank-c:usd"].map(|at| stage.number(at));
    let one = |n: usize| {
        let mut one = match n % 5 {
            0 | 3 => record(a, b, 1 + n as u128 % 7),
            1 => record(a, c, 2),
            2 => record(a, b, 1 << 80),
            _ => record(b, a, 1),
        };
        one.reference[0] = u8::from(n.is_multiple_of(2));
        one
    };
    (0..count).map(one).collect()
}

fn submit(stage: &Stage, id: &str, count: usize) -> u64 {
    let answer = stage.submit(&stage.body(id, &records(stage, count)));
    assert_eq!(answer.status, 201, "{}", answer.text());
    read(&answer).0
}

fn with_banks() -> Stage {
    let stage = stage();
    let sandbox = &stage.door.sandbox;
    for bank in ["bank-c", "bank-d"] {
        sandbox.bank(bank);
        sandbox.account(bank, &format!("{bank}:usd"), "USD", "0");
    }
    stage
}

fn same_in_parts(node: &Node, index: u64, count: usize, viewers: &[Viewer]) {
    let reader = node.reader();
    let total = u32::try_from(count).unwrap() + 1;
    for viewer in viewers {
        let whole = opened(&reader, index, None, viewer).unwrap_or_default();
        for n in 0..total + 17 {
            let found = opened(&reader, index, Some(&[n]), viewer);
            match whole.iter().find(|item| item.n == n) {
                Some(item) => {
                    assert_eq!(found.unwrap(), std::slice::from_ref(item), "{n} of {count}")
                }
                None => {
                    let error = found.unwrap_err();
                    assert!(matches!(error, ReadError::NotFound), "{n}: {error}");
                }
            }
        }
        let none = opened(&reader, index, Some(&[]), viewer);
        assert!(matches!(none, Err(ReadError::NotFound)));
        // Several at once, in any order and twice.
        let mut asked: Vec<u32> = whole.iter().map(|item| item.n).step_by(7).collect();
        if asked.is_empty() {
            continue;
        }
        let wanted: Vec<_> = whole.iter().step_by(7).cloned().collect();
        asked.reverse();
        asked.push(asked[0]);
        let file = reader.receipt(index, Some(&asked), ReceiptLevel::LogSigned, viewer);
        let receipt = file.unwrap().to_receipt().unwrap();
        assert_eq!(receipt.items, wanted);
        receipt.verify(&node.log_key()).unwrap();
    }
}

fn all_history(reader: &Reader, address: &str, viewer: &Viewer) -> Vec<HistoryRow> {
    let (mut rows, mut query) = (Vec::new(), HistoryQuery::default());
    loop {
        let page = reader.history(address, viewer, &query, 40).unwrap();
        rows.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return rows;
        }
    }
}

#[test]
fn an_item_alone_is_what_the_whole_entry_opens() {
    let mut stage = with_banks();
    let entries = COUNTS.map(|count| (submit(&stage, &format!("b-{count}"), count), count));
    let sandbox = &stage.door.sandbox;
    let mut viewers: Vec<Viewer> = ["bank-a", "bank-b", "bank-c", "bank-d"]
        .map(|bank| sandbox.viewer(bank))
        .into();
    viewers.push(sandbox.auditor());
    let seen = |viewer| opened(&sandbox.node().reader(), entries[7].0, None, viewer);
    assert_eq!(seen(&viewers[0]).unwrap().len(), 301);
    assert_eq!(seen(&viewers[2]).unwrap().len(), 60);
    assert!(seen(&viewers[3]).is_err());
    let histories = |node: &Node| {
        let accounts = ["bank-a:usd", "bank-b:secret-name", "bank-c:usd"];
        let rows = accounts.iter().zip(&viewers);
        rows.map(|(address, viewer)| all_history(&node.reader(), address, viewer))
            .collect::<Vec<_>>()
    };
    for (index, count) in entries {
        same_in_parts(sandbox.node(), index, count, &viewers);
    }
    let before = histories(sandbox.node());
    assert!(before.iter().all(|rows| rows.len() > 80));

    // From the store alone.
    stage.door.stop();
    stage.door.sandbox.reopen();
    stage.door.sandbox.reopen();
    let sandbox = &stage.door.sandbox;
    for (index, count) in entries {
        same_in_parts(sandbox.node(), index, count, &viewers);
    }
    assert_eq!(histories(sandbox.node()), before);
}

#[test]
fn an_item_of_a_large_message_is_made_once_and_its_text_read_each_time() {
    let mut stage = with_banks();
    let sandbox = &stage.door.sandbox;
    let key = &stage.bank_a;
    let pay = |n: usize| {
        let payee = ["bank-b:secret-name", "bank-c:usd"][n % 2];
        let transfer = sandbox.transfer("bank-a:usd", payee, "USD", "0.01");
        let text = format!(r#""end_to_end_id":"INV-{n}","legs""#);
        match n % 3 {
            0 => transfer.replacen(r#""legs""#, &text, 1),
            _ => transfer,
        }
    };
    let body = sandbox.body(&(0..90).map(pay).collect::<Vec<_>>());
    let reply = sandbox.submit("bank-a", &[key], &body);
    assert_good(&reply);
    let index = sandbox.node().reader().size() - 1;
    let mut viewers: Vec<Viewer> = ["bank-a", "bank-b", "bank-d"]
        .map(|bank| sandbox.viewer(bank))
        .into();
    viewers.push(sandbox.auditor());
    same_in_parts(sandbox.node(), index, 90, &viewers);
    stage.door.stop();
    stage.door.sandbox.reopen();
    stage.door.sandbox.reopen();
    let sandbox = &stage.door.sandbox;
    same_in_parts(sandbox.node(), index, 90, &viewers);
    let text = || {
        let reader = sandbox.node().reader();
        let items = opened(&reader, index, Some(&[1, 2]), &viewers[0]).unwrap();
        items.into_iter().map(|item| item.text.is_some())
    };
    assert!(text().eq([true, false]));
    let id = sandbox.id();
    assert_good(&sandbox.govern(&[format!(
        r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"request 7"}}}}"#
    )]));
    assert!(text().eq([false, false]));
    same_in_parts(sandbox.node(), index, 90, &viewers);
}

/// A store in which one byte of each record is another, once it is told so.
struct Tampered {
    inner: SledStore,
    first: u64,
    of: usize,
    now: AtomicBool,
}

impl Tampered {
    /// Changes a byte of a part of a record that begins at `from`: in each record a later one.
    fn change(&self, index: u64, from: usize, part: &mut [u8]) -> Result<(), StoreError> {
        let Some(n) = index.checked_sub(self.first) else {
            return Ok(());
        };
        if self.now.load(Ordering::Relaxed) {
            let len = self.inner.record(index)?.unwrap_or_default().len();
            let at = len * usize::try_from(n).unwrap_or(0) / self.of;
            if let Some(byte) = at.checked_sub(from).and_then(|at| part.get_mut(at)) {
                *byte ^= 1;
            }
        }
        Ok(())
    }
}

impl Store for Tampered {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        self.inner.apply(batch)
    }

    fn head(&self) -> Option<Head> {
        self.inner.head()
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        self.inner.entries(first, max)
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut record = self.inner.record(index)?;
        self.change(index, 0, record.as_deref_mut().unwrap_or_default())?;
        Ok(record)
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut part = self.inner.record_part(index, from, len)?;
        self.change(index, from, part.as_deref_mut().unwrap_or_default())?;
        Ok(part)
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.tile(level, number)
    }

    fn message(
        &self,
        created: u64,
        participant: &str,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        self.inner.message(created, participant, id)
    }

    fn snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError> {
        self.inner.snapshot(at_or_below, each)
    }

    fn sync(&self) -> Result<Option<Head>, StoreError> {
        self.inner.sync()
    }
}

#[test]
fn a_byte_that_was_changed_is_told_and_never_served() {
    const ENTRIES: usize = 120;
    const ITEMS: usize = 40;
    let mut stage = with_banks();
    let indexes: Vec<u64> = (0..ENTRIES)
        .map(|n| submit(&stage, &format!("b-{n}"), ITEMS))
        .collect();
    let auditor = stage.door.sandbox.auditor();
    let sound = |index: u64| {
        let reader = stage.door.sandbox.node().reader();
        opened(&reader, index, None, &auditor).unwrap()
    };
    let sound: Vec<Vec<ItemOpening>> = indexes.iter().map(|index| sound(*index)).collect();
    stage.door.stop();
    stage.door.sandbox.reopen();
    stage.door.sandbox.stop();
    let config = &stage.door.sandbox.config;
    let folder = DataFolder::open(Arc::new(RealDisk::open_existing(&config.data_dir).unwrap()));
    let sled = SledOptions {
        path: config.data_dir.join("sled"),
        cache_bytes: config.store.cache_bytes,
    };
    let store = Arc::new(Tampered {
        inner: SledStore::open(&sled).unwrap(),
        first: indexes[0],
        of: ENTRIES,
        now: AtomicBool::new(false),
    });
    let options = OpenOptions::default();
    let node = Node::open_on(config, &options, folder.unwrap(), store.clone()).unwrap();
    store.now.store(true, Ordering::Relaxed);
    let reader = node.reader();
    for (index, sound) in indexes.into_iter().zip(&sound) {
        let mut told = 0;
        for item in sound {
            match opened(&reader, index, Some(&[item.n]), &auditor) {
                Ok(found) => assert_eq!(found, std::slice::from_ref(item), "entry {index}"),
                Err(ReadError::Damaged(at, _)) => {
                    assert_eq!(at, index);
                    told += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!(told > 0, "entry {index}");
        // Whoever opens the whole needs no table.
        match opened(&reader, index, None, &auditor) {
            Ok(found) => assert_eq!(&found, sound, "entry {index}"),
            Err(ReadError::Damaged(at, _)) => assert_eq!(at, index),
            Err(error) => panic!("{error}"),
        }
    }
    drop(reader);
    node.shutdown();
}
