//! The tile service: every published width for ever, never a short tile, gzip at the door alone.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chain::{TILE_WIDTH, TileKind, TilePath, TileWidths, tiles_between};
use flate2::read::GzDecoder;
use quittance::api;
use quittance::node::{Node, OpenOptions, ReadError, Viewer};
use quittance::store::disk::RealDisk;
use quittance::store::marker::DataFolder;
use quittance::store::sled::{SledOptions, SledStore};
use quittance::store::{Batch, EntryBytes, Head, Store, StoreError};
use quittance::wire::ReceiptLevel;

use crate::api_kit::{Door, call};
use crate::kit::{Sandbox, assert_good};

/// A sandbox and what is needed to make its log longer by single entries.
fn with_entries(size: u64, mut each: impl FnMut(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::new();
    let key = sandbox.bank("bank-a");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:x", "USD", "1000.00");
    sandbox.account("bank-a", "bank-a:y", "USD", "0");
    while sandbox.node().reader().size() < size {
        let pay = sandbox.transfer("bank-a:x", "bank-a:y", "USD", "0.01");
        assert_good(&sandbox.submit("bank-a", &[&key], &sandbox.body(&[pay])));
        each(&sandbox);
    }
    sandbox
}

/// The tiles and bundles at the end of a log of this size, partial or just filled.
fn newest(size: u64) -> Vec<TilePath> {
    let mut paths = tiles_between(size - 1, size);
    let widths = TileWidths::at(0, size);
    let bundle = match widths.partial {
        0 => TilePath::entries(widths.full - 1, TILE_WIDTH),
        width => TilePath::entries(widths.full, width),
    };
    paths.push(bundle.unwrap());
    paths
}

#[test]
fn every_width_that_was_published_is_served_for_ever() {
    let mut published = Vec::new();
    let mut sandbox = with_entries(530, |sandbox| {
        let reader = sandbox.node().reader();
        for path in newest(reader.size()) {
            published.push((path, reader.tile(&path).unwrap()));
        }
    });
    let partial = |level: u8| {
        let of = move |path: &TilePath| path.kind() == TileKind::Hashes(level) && !path.is_full();
        published.iter().filter(|(path, _)| of(path)).count()
    };
    assert!(partial(0) > 500 && partial(1) >= 2);
    // From memory and the store, and, after a start, from the store and what it restores.
    for _ in 0..2 {
        let reader = sandbox.node().reader();
        for (path, bytes) in &published {
            assert_eq!(&reader.tile(path).unwrap(), bytes, "{path}");
            let full = path.to_full();
            if full.is_within(reader.size()) {
                assert!(reader.tile(&full).unwrap().starts_with(bytes), "{path}");
            } else {
                let missing = reader.tile(&full).unwrap_err();
                assert!(matches!(missing, ReadError::NotFound), "{full}: {missing}");
            }
        }
        drop(reader);
        sandbox.reopen();
    }
}

const SOUND: u8 = 0;
const SHORT: u8 = 1;
const LONG: u8 = 2;
const GONE: u8 = 3;
const MISPLACED: u8 = 4;

/// A store that has lost something of what it held.
struct Damaged {
    inner: SledStore,
    how: AtomicU8,
}

impl Store for Damaged {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        self.inner.apply(batch)
    }

    fn head(&self) -> Option<Head> {
        self.inner.head()
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        let mut entries = self.inner.entries(first, max)?;
        match self.how.load(Ordering::Relaxed) {
            SHORT => entries.truncate(9),
            GONE => entries.clear(),
            MISPLACED => entries.reverse(),
            _ => {}
        }
        Ok(entries)
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record(index)
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record_part(index, from, len)
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tile = self.inner.tile(level, number)?;
        match self.how.load(Ordering::Relaxed) {
            SHORT => tile.as_mut().unwrap().truncate(8_192 - 32),
            LONG => tile.as_mut().unwrap().extend([0; 32]),
            GONE => tile = None,
            _ => {}
        }
        Ok(tile)
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
fn what_is_damaged_is_never_served_short() {
    let mut sandbox = with_entries(300, |_| {});
    // Once more, so that what was in memory is in the store alone.
    sandbox.reopen();
    sandbox.stop();
    let disk = RealDisk::open_existing(&sandbox.config.data_dir).unwrap();
    let folder = DataFolder::open(Arc::new(disk)).unwrap();
    let sled = SledOptions {
        path: sandbox.config.data_dir.join("sled"),
        cache_bytes: sandbox.config.store.cache_bytes,
    };
    let store = Arc::new(Damaged {
        inner: SledStore::open(&sled).unwrap(),
        how: AtomicU8::new(SOUND),
    });
    let options = OpenOptions::default();
    let node = Node::open_on(&sandbox.config, &options, folder, store.clone()).unwrap();
    let api = api::serve(node.clone(), &sandbox.config).unwrap();
    let get = |path: &str| {
        let path = format!("/log/tile/{path}");
        call(api.bound().public, "GET", &path, &Vec::new(), b"")
    };
    let paths = ["0/000", "0/000.p/255", "entries/000", "entries/000.p/200"];
    let sound = paths.map(|path| get(path).body);
    assert_eq!(
        sound.each_ref().map(Vec::len),
        [8_192, 255 * 32, 256 * 122, 200 * 122]
    );
    for (how, hits) in [
        (SHORT, [true; 4]),
        (LONG, [true, true, false, false]),
        (GONE, [true; 4]),
        (MISPLACED, [false, false, true, true]),
    ] {
        store.how.store(how, Ordering::Relaxed);
        for ((path, hit), sound) in paths.iter().zip(hits).zip(&sound) {
            let answer = get(path);
            if answer.status == 200 && (!hit || path.starts_with("entries")) {
                // What is still in memory is right, whatever the store says.
                assert_eq!(&answer.body, sound, "{how} {path}");
                assert!(!hit || how != MISPLACED, "{how} {path}");
                continue;
            }
            assert_eq!(
                (answer.status, answer.problem()),
                (500, "TILE_DAMAGED".into())
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
    store.how.store(SOUND, Ordering::Relaxed);
    assert_eq!(paths.map(|path| get(path).body), sound);
    assert_eq!(get("0/001").status, 404, "it is not there yet");
    drop(api);
    node.shutdown();
}

/// The receipt of an entry, verified.
fn prove(sandbox: &Sandbox, auditor: &Viewer, index: u64) {
    let node = sandbox.node();
    let level = ReceiptLevel::LogSigned;
    let file = node.reader().receipt(index, None, level, auditor).unwrap();
    let receipt = file.to_receipt().unwrap();
    assert_eq!(receipt.entry.index, index);
    receipt.verify(&node.log_key()).unwrap();
}

/// Trees over tiles are kept between proofs: over full ones, and over those that grow meanwhile.
#[test]
fn what_is_kept_of_tiles_proves_at_every_size() {
    let mut auditor = None;
    let mut sandbox = with_entries(530, |sandbox| {
        let auditor = auditor.get_or_insert_with(|| sandbox.auditor());
        let size = sandbox.node().reader().size();
        for index in [1, size / 3, size / 2, size - 2, size - 1] {
            prove(sandbox, auditor, index);
        }
    });
    let auditor = auditor.unwrap();
    // From what was kept, and from the store after a start.
    for _ in 0..2 {
        (1..sandbox.node().reader().size()).for_each(|index| prove(&sandbox, &auditor, index));
        sandbox.reopen();
    }
}

#[test]
fn gzip_is_the_doors_alone_and_has_tags_of_its_own() {
    let door = Door::serving(with_entries(40, |_| {}));
    let zip = |value: &str| vec![("Accept-Encoding", value.to_owned())];
    let (bundle, tile) = ("/log/tile/entries/000.p/40", "/log/tile/0/000.p/40");
    let plain = door.get(bundle, Vec::new());
    assert_eq!((plain.status, plain.body.len()), (200, 40 * 122));
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
    let short = door.get(bundle, zip("br, gzip"));
    assert_eq!(short.header("content-encoding"), Some("gzip"));
    assert_eq!(short.header("vary"), Some("Accept-Encoding"));
    assert_eq!(short.header("cache-control"), plain.header("cache-control"));
    assert!(short.body.len() < plain.body.len());
    let mut bytes = Vec::new();
    GzDecoder::new(short.body.as_slice())
        .read_to_end(&mut bytes)
        .unwrap();
    assert_eq!(bytes, plain.body);
    assert_eq!(door.get(bundle, zip("gzip;q=0")).body, plain.body);
    // Each coding has its tag, and a tag stands for its coding alone.
    let tag = |answer: &crate::api_kit::Answered| answer.header("etag").unwrap().to_owned();
    assert_ne!(tag(&plain), tag(&short));
    for (holds, asks, status) in [
        (&plain, Vec::new(), 304),
        (&short, zip("gzip"), 304),
        (&plain, zip("gzip"), 200),
        (&short, Vec::new(), 200),
    ] {
        let mut headers = asks;
        headers.push(("If-None-Match", tag(holds)));
        assert_eq!(door.get(bundle, headers).status, status);
    }
    // Hashes do not get shorter, and what a reader is told is not compressed at all.
    for path in [tile, "/log/checkpoint", "/v1/log"] {
        let answer = door.get(path, zip("gzip"));
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-encoding"), None, "{path}");
    }
    // A part of a tile is not served: whoever asks for a range gets all of it, and is told so.
    let whole = door.get(tile, vec![("Range", "bytes=0-31".to_owned())]);
    assert_eq!((whole.status, whole.body.len()), (200, 40 * 32));
    assert_eq!(whole.header("content-range"), None);
    // HEAD tells what GET would, and nothing more.
    for path in [bundle, tile, "/log/checkpoint"] {
        let head = call(door.bound().public, "HEAD", path, &Vec::new(), b"");
        let get = door.get(path, Vec::new());
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for name in ["etag", "cache-control", "content-length", "content-type"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}
