//! A reader that waits for the store holds up nobody: submissions go on being answered.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use quittance::api;
use quittance::limits::READS_AT_ONCE_MAX;
use quittance::node::{At, Node, OpenOptions};
use quittance::store::disk::RealDisk;
use quittance::store::marker::DataFolder;
use quittance::store::sled::{SledOptions, SledStore};
use quittance::store::{Batch, EntryBytes, Head, Store, StoreError};
use quittance::wire::ReceiptLevel;

use crate::api_kit::{call, session_at};
use crate::kit::{Sandbox, assert_good, body_at, futures_block, id, submission};

/// A store whose reads stop for as long as the gate is closed.
struct Gated {
    inner: SledStore,
    gate: Mutex<Gate>,
    changed: Condvar,
}

#[derive(Default)]
struct Gate {
    closed: bool,
    waiting: usize,
}

impl Gated {
    fn pass(&self) {
        let mut gate = self.gate.lock().unwrap();
        gate.waiting += 1;
        self.changed.notify_all();
        while gate.closed {
            gate = self.changed.wait(gate).unwrap();
        }
        gate.waiting -= 1;
    }

    fn close(&self, closed: bool) {
        self.gate.lock().unwrap().closed = closed;
        self.changed.notify_all();
    }

    fn wait_for_readers(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut gate = self.gate.lock().unwrap();
        while gate.waiting < count {
            assert!(
                Instant::now() < deadline,
                "{} of {count} read",
                gate.waiting
            );
            gate = self
                .changed
                .wait_timeout(gate, Duration::from_millis(100))
                .unwrap()
                .0;
        }
    }
}

impl Store for Gated {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        self.inner.apply(batch)
    }

    fn head(&self) -> Option<Head> {
        self.inner.head()
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        self.pass();
        self.inner.entries(first, max)
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.pass();
        self.inner.record(index)
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.pass();
        self.inner.record_part(index, from, len)
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

fn issue(node: &Arc<Node>, sandbox: &Sandbox) {
    let wish = format!(
        r#"{{"issue":{{"id":"{}","account":"bank-a:usd","amount":"1.00"}}}}"#,
        id(node)
    );
    let body = body_at(node, &[wish]);
    let submission = submission(node, "operators", &[&sandbox.operator], &body);
    let (node, (said, heard)) = (Arc::clone(node), std::sync::mpsc::channel());
    std::thread::spawn(move || said.send(futures_block(node.submit(submission))));
    let reply = heard.recv_timeout(Duration::from_secs(60));
    assert_good(&reply.expect("an answer, whoever reads").unwrap());
}

/// The node of a sandbox again, on a store with a gate.
fn gated(sandbox: &mut Sandbox) -> (Arc<Node>, Arc<Gated>) {
    sandbox.stop();
    let disk = RealDisk::open_existing(&sandbox.config.data_dir).unwrap();
    let folder = DataFolder::open(Arc::new(disk)).unwrap();
    let sled = SledOptions {
        path: sandbox.config.data_dir.join("sled"),
        cache_bytes: sandbox.config.store.cache_bytes,
    };
    let store = Arc::new(Gated {
        inner: SledStore::open(&sled).unwrap(),
        gate: Mutex::default(),
        changed: Condvar::new(),
    });
    let options = OpenOptions::default();
    let node = Node::open_on(&sandbox.config, &options, folder, store.clone()).unwrap();
    (node, store)
}

#[test]
fn a_reader_parked_in_the_store_stops_no_submission() {
    let mut sandbox = Sandbox::new();
    sandbox.bank("bank-a");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
    let auditor = sandbox.auditor();
    let size = sandbox.node().reader().size();
    let (node, store) = gated(&mut sandbox);
    issue(&node, &sandbox);
    store.close(true);
    type Read = fn(&quittance::node::Reader, &quittance::node::Viewer, u64) -> bool;
    let reads: [Read; 6] = [
        |log, viewer, size| {
            log.account_at("bank-a:usd", viewer, At::Index(size - 1))
                .is_ok()
        },
        |log, viewer, size| log.accounts(viewer, None, 50, At::Index(size - 1)).is_ok(),
        |log, viewer, _| {
            log.history("bank-a:usd", viewer, &Default::default(), 50)
                .is_ok()
        },
        |log, viewer, _| {
            log.statement("bank-a:usd", viewer, &Default::default(), 50)
                .is_ok()
        },
        |log, viewer, size| {
            log.receipt(size - 1, None, ReceiptLevel::LogSigned, viewer)
                .is_ok()
        },
        |log, _, size| log.entry(size - 1).is_ok(),
    ];
    let threads: Vec<_> = reads
        .into_iter()
        .map(|read| {
            let (log, viewer) = (node.reader(), auditor.clone());
            std::thread::spawn(move || read(&log, &viewer, size))
        })
        .collect();
    store.wait_for_readers(reads.len());
    for _ in 0..20 {
        issue(&node, &sandbox);
    }
    store.close(false);
    for (n, thread) in threads.into_iter().enumerate() {
        assert!(thread.join().unwrap(), "read {n}");
    }
    assert_eq!(
        node.reader()
            .account("bank-a:usd", &auditor)
            .unwrap()
            .posted,
        "121.00"
    );
    node.shutdown();
}

#[test]
fn so_many_read_at_one_time_and_the_others_wait() {
    let mut sandbox = Sandbox::new();
    let key = sandbox.bank("bank-a");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
    let (node, store) = gated(&mut sandbox);
    let api = api::serve(node.clone(), &sandbox.config).unwrap();
    let to = api.bound().public;
    let log = (node.origin(), &node.genesis_hash());
    let session = session_at(to, log, "bank-a", &key);
    store.close(true);
    let threads: Vec<_> = (0..3 * READS_AT_ONCE_MAX)
        .map(|_| {
            let session = session.clone();
            std::thread::spawn(move || {
                call(to, "GET", "/v1/accounts/bank-a:usd/history", &session, b"").status
            })
        })
        .collect();
    store.wait_for_readers(READS_AT_ONCE_MAX);
    for _ in 0..20 {
        issue(&node, &sandbox);
    }
    assert_eq!(store.gate.lock().unwrap().waiting, READS_AT_ONCE_MAX);
    store.close(false);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 200);
    }
    api.stop();
    node.shutdown();
}
