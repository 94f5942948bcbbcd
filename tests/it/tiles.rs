//! The tile service, line by line: every width that was ever published, never a short tile under a
//! full path, coding and caching at the door alone.

use chain::{Hash, LeafTree, TileKind, TilePath, tiles_between};
use flate2::read::GzDecoder;
use quittance::node::{Node, OpenOptions, ReadError};
use quittance::store::disk::RealDisk;
use quittance::store::marker::DataFolder;
use quittance::store::sled::{SledOptions, SledStore};
use quittance::store::{Batch, EntryBytes, Head, Store, StoreError};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::api_kit::{Answered, Door};

/// A log of this many entries, made by the operators.
fn door_with(entries: u64) -> Door {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let mut value = 0;
    while door.size() < entries {
        value += 1;
        let id = sandbox.id();
        let wish = format!(
            r#"{{"set_parameter":{{"id":"{id}","name":"retention_days","value":{}}}}}"#,
            value % 2
        );
        crate::kit::assert_good(&sandbox.govern(&[wish]));
    }
    door
}

fn get(door: &Door, path: &TilePath) -> Answered {
    door.get(&format!("/log/{path}"), Vec::new())
}

#[test]
fn every_width_that_was_published_is_served_for_ever() {
    let door = door_with(513);
    let size = door.size();
    let mut leaves = Vec::new();
    for n in 0..2 {
        let tile = TilePath::hashes(0, n, 256).unwrap();
        let bundle = TilePath::entries(n, 256).unwrap();
        let (tile, bundle) = (get(&door, &tile), get(&door, &bundle));
        assert_eq!((tile.status, tile.body.len()), (200, 8_192));
        assert_eq!((bundle.status, bundle.body.len()), (200, 256 * 122));
        for k in 0..256 {
            let entry = &bundle.body[k * 122 + 2..(k + 1) * 122];
            assert_eq!(
                Hash::leaf(entry).as_bytes(),
                &tile.body[k * 32..(k + 1) * 32]
            );
            leaves.push(Hash::leaf(entry));
        }
        // The partial ones of every size on the way are prefixes, also when the full one is there.
        for width in 1..256u16 {
            for (path, each, full) in [
                (TilePath::hashes(0, n, width).unwrap(), 32, &tile.body),
                (TilePath::entries(n, width).unwrap(), 122, &bundle.body),
            ] {
                let part = get(&door, &path);
                let end = usize::from(width) * each;
                assert!(part.status == 200 && part.body == full[..end], "{path}");
                let cache = part.header("cache-control").unwrap();
                assert!(
                    cache.contains("immutable") && cache.contains("31536000"),
                    "{cache}"
                );
            }
        }
    }
    // The level above, at every size at which it had a hash.
    let tree = LeafTree::new(leaves);
    for path in tiles_between(0, 512) {
        if path.kind() == TileKind::Hashes(1) {
            assert_eq!(get(&door, &path).body, path.encode_hashes(&tree).unwrap());
        }
    }
    // What the log has not reached, or never will.
    for missing in [
        "0/002",
        "0/003.p/1",
        "1/000",
        "1/000.p/3",
        "2/000.p/1",
        "entries/002",
        "0/000.p/0",
        "0/000.p/256",
        "0/0",
    ] {
        let answer = door.get(&format!("/log/tile/{missing}"), Vec::new());
        assert_eq!(answer.problem(), "TILE_NOT_FOUND", "{missing}");
    }
    assert!(size < 768, "{size}");
}

#[test]
fn only_bundles_are_compressed_and_only_at_the_door() {
    let door = door_with(40);
    let ask =
        |path: &str, accept: &str| door.get(path, vec![("Accept-Encoding", accept.to_owned())]);
    let path = "/log/tile/entries/000.p/40";
    let plain = door.get(path, Vec::new());
    let zipped = ask(path, "gzip");
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    assert!(zipped.body.len() < plain.body.len());
    let mut opened = Vec::new();
    GzDecoder::new(&zipped.body[..])
        .read_to_end(&mut opened)
        .unwrap();
    assert_eq!(opened, plain.body);
    for answer in [&plain, &zipped] {
        let vary = answer.header("vary").unwrap_or_default().to_lowercase();
        assert!(vary.contains("accept-encoding"), "{vary}");
    }
    // Each coding has a tag of its own, and each is known again.
    let tags = [
        plain.header("etag").unwrap(),
        zipped.header("etag").unwrap(),
    ];
    assert_ne!(tags[0], tags[1]);
    for (tag, accept) in tags.iter().zip(["identity", "gzip"]) {
        let headers = vec![
            ("Accept-Encoding", accept.to_owned()),
            ("If-None-Match", (*tag).to_owned()),
        ];
        let again = door.get(path, headers);
        assert_eq!((again.status, again.body.len()), (304, 0), "{accept}");
    }
    // Hashes do not get shorter, and a checkpoint is a line or three.
    for path in ["/log/tile/0/000.p/40", "/log/checkpoint"] {
        assert_eq!(
            ask(path, "gzip, *").header("content-encoding"),
            None,
            "{path}"
        );
    }
    let cache = door.get("/log/checkpoint", Vec::new());
    assert!(cache.header("cache-control").unwrap().contains("max-age=1"));
}

/// A store that gives less than it was given, as soon as it is told to.
struct Short {
    inner: SledStore,
    on: Arc<AtomicBool>,
}

impl Store for Short {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        self.inner.apply(batch)
    }

    fn head(&self) -> Option<Head> {
        self.inner.head()
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        let mut entries = self.inner.entries(first, max)?;
        if self.on.load(Ordering::Relaxed) && !entries.is_empty() {
            // Shifted by one: as many as were asked for, and none in its place.
            entries.rotate_left(1);
        }
        Ok(entries)
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record(index)
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tile = self.inner.tile(level, number)?;
        if self.on.load(Ordering::Relaxed) {
            tile = tile.map(|bytes| bytes[..bytes.len() - 32].to_vec());
        }
        Ok(tile)
    }

    fn message(&self, created: u64, who: &str, id: &str) -> Result<Option<u64>, StoreError> {
        self.inner.message(created, who, id)
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

/// A short tile under a full path would be kept by caches for ever.
#[test]
fn a_damaged_store_gives_no_short_tile() {
    let mut door = door_with(300);
    door.stop();
    let sandbox = &mut door.sandbox;
    sandbox.stop();
    let data = &sandbox.config.data_dir;
    let inner = SledStore::open(&SledOptions {
        path: data.join("sled"),
        cache_bytes: 16 << 20,
    })
    .unwrap();
    let on = Arc::new(AtomicBool::new(false));
    let store: Arc<dyn Store> = Arc::new(Short {
        inner,
        on: Arc::clone(&on),
    });
    let disk = RealDisk::open_existing(data).unwrap();
    let folder = DataFolder::open(Arc::new(disk)).unwrap();
    let node = Node::open_on(&sandbox.config, &OpenOptions::default(), folder, store).unwrap();
    let paths = [
        TilePath::hashes(0, 0, 256).unwrap(),
        TilePath::hashes(0, 0, 17).unwrap(),
        TilePath::entries(0, 256).unwrap(),
        TilePath::entries(0, 17).unwrap(),
    ];
    for path in &paths {
        assert!(node.reader().tile(path).is_ok(), "{path}");
    }
    on.store(true, Ordering::Relaxed);
    for path in &paths {
        let told = node.reader().tile(path);
        assert!(matches!(told, Err(ReadError::Tile(..))), "{path}: {told:?}");
    }
    node.shutdown();
}
