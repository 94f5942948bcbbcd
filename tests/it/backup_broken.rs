//! Backups that break off, power cuts, and nodes that leave or lie.

use std::fs;
use std::sync::Arc;

use quittance::backup::{
    self, BackupError, LogState, NodeSource, Order, Plan, Source, SourceError,
};
use quittance::node::StoredEntry;
use quittance::store::simdisk::SimDisk;

use crate::backup_kit::{NOW, World, copy, files_below, open, payment, send};
use crate::kit;

#[test]
fn a_crash_leaves_the_backup_before_and_the_next_run_goes_on() {
    let world = World::new();
    world.pay(3);
    let (mut before, mut after) = (0, 0);
    let disk = SimDisk::new();
    let source = || NodeSource::new(Arc::clone(world.sandbox.node()));
    backup::take(&mut source(), &disk.shared(), &NOW, &mut |_| ()).unwrap();
    let size = backup::verify(&disk.shared(), None, None, &mut |_| ())
        .unwrap()
        .size;
    // As many again, so that the first segment is merged into the new one.
    world.pay(usize::try_from(size).unwrap());
    for operations in 0..4 {
        for seed in 0..12 {
            let running = disk.duplicate();
            running.power_cut(seed);
            running.cut_after(operations);
            let take = backup::take(&mut source(), &running.shared(), &NOW, &mut |_| ());
            assert_eq!(take.unwrap().size, size * 2);
            let Some(survivor) = running.survivor(seed) else {
                continue;
            };
            let found = backup::verify(&survivor.shared(), None, None, &mut |_| ()).unwrap();
            match found.size {
                n if n == size => before += 1,
                n if n == size * 2 => after += 1,
                n => panic!("{n} entries after a power cut"),
            }
            let again = backup::take(&mut source(), &survivor.shared(), &NOW, &mut |_| ());
            again.unwrap();
            let found = backup::verify(&survivor.shared(), None, None, &mut |_| ()).unwrap();
            assert_eq!(found.size, size * 2);
            assert_eq!(found.manifest.segments.len(), 1, "merged");
        }
    }
    assert!(before > 0, "{before} {after}");
}

#[test]
fn a_crash_of_the_first_run_leaves_nothing_that_pretends() {
    let world = World::new();
    let mut taken_over = 0;
    for (operations, seed) in (0..5).flat_map(|n| (0..8).map(move |seed| (n, seed))) {
        let disk = SimDisk::new();
        disk.cut_after(operations);
        let mut source = NodeSource::new(Arc::clone(world.sandbox.node()));
        backup::take(&mut source, &disk.shared(), &NOW, &mut |_| ()).unwrap();
        let Some(survivor) = disk.survivor(seed) else {
            continue;
        };
        match backup::verify(&survivor.shared(), None, None, &mut |_| ()) {
            Ok(found) => assert_eq!(found.size, world.sandbox.node().reader().size()),
            Err(error) => assert!(matches!(error, BackupError::None { .. }), "{error}"),
        }
        let again = backup::take(&mut source, &survivor.shared(), &NOW, &mut |_| ());
        taken_over += u32::from(again.unwrap().taken_over > 0);
        backup::verify(&survivor.shared(), None, None, &mut |_| ()).unwrap();
    }
    assert!(taken_over > 0, "what was written is not fetched again");
}

/// A node that gives a few entries at a time, and goes away after some answers.
struct Leaving {
    node: NodeSource,
    answers: u64,
}

impl Source for Leaving {
    fn state(&mut self, at: u64) -> Result<LogState, SourceError> {
        self.node.state(at)
    }

    fn run(&mut self, first: u64, end: u64) -> Result<Vec<StoredEntry>, SourceError> {
        self.answers = self
            .answers
            .checked_sub(1)
            .ok_or(SourceError::Missing(first))?;
        self.node.run(first, end.min(first + 7))
    }
}

#[test]
fn a_long_run_that_breaks_off_again_and_again_gets_there() {
    let world = World::new();
    world.pay(200);
    let node = world.sandbox.node();
    let folder = tempfile::tempdir().unwrap();
    let disk = backup::writable(folder.path()).unwrap();
    let order = Order {
        segment_bytes: 8_192,
        ..NOW
    };
    let (mut tries, mut taken_over) = (0, 0);
    let taken = loop {
        let mut source = Leaving {
            node: NodeSource::new(Arc::clone(node)),
            answers: 9,
        };
        tries += 1;
        assert!(tries < 50);
        match backup::take(&mut source, &disk, &order, &mut |_| ()) {
            Ok(taken) => break taken,
            Err(error) => assert!(matches!(error, BackupError::Source(_)), "{error}"),
        }
        // Nothing pretends to be a backup before it is one.
        let found = crate::backup_kit::verify(folder.path()).err().unwrap();
        assert!(matches!(found, BackupError::None { .. }), "{found}");
        // Of two attempts' leavings one is damaged, and is fetched again.
        let left = files_below(&folder.path().join("segments"));
        if let Some(last) = left.last().filter(|_| tries == 2) {
            let mut bytes = fs::read(last).unwrap();
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
            fs::write(last, bytes).unwrap();
        }
    };
    taken_over += taken.taken_over;
    assert!(
        tries > 2 && taken_over > 50,
        "{tries} tries, {taken_over} taken over"
    );
    let verified = crate::backup_kit::verify(folder.path()).unwrap();
    assert_eq!(
        (verified.size, verified.root),
        (node.reader().size(), taken.root)
    );
    assert!(
        verified.manifest.segments.len() > 5,
        "{:?}",
        verified.manifest.segments
    );
    let plan = Plan {
        confirmed: vec![world.kept()],
        ..Plan::default()
    };
    let disk = backup::readable(folder.path()).unwrap();
    let restored = backup::restore(&disk, &world.place("new"), &plan, &mut |_| ()).unwrap();
    assert_eq!(restored.root, taken.root);
}

/// A node that sends other records, or other entries, than it signed.
struct Lying {
    node: NodeSource,
    from: NodeSource,
}

impl Source for Lying {
    fn state(&mut self, at: u64) -> Result<LogState, SourceError> {
        self.node.state(at)
    }

    fn run(&mut self, first: u64, end: u64) -> Result<Vec<StoredEntry>, SourceError> {
        self.from.run(first, end)
    }
}

#[test]
fn what_does_not_lead_to_the_signed_root_is_not_kept() {
    let mut world = World::new();
    let old = world.place("old");
    world
        .sandbox
        .reopen_after(|data| copy(data, &old.join("data")));
    world.take();
    world.pay(3);
    let fork = open(&kit::config(&old)).unwrap();
    for _ in 0..3 {
        kit::assert_good(&send(&fork, &world.bank, &payment(&fork)));
    }
    let before = files_below(&world.dir());
    let disk = backup::writable(&world.dir()).unwrap();
    let mut source = Lying {
        node: NodeSource::new(Arc::clone(world.sandbox.node())),
        from: NodeSource::new(Arc::clone(&fork)),
    };
    let refused = backup::take(&mut source, &disk, &NOW, &mut |_| ()).unwrap_err();
    assert!(matches!(refused, BackupError::Root { .. }), "{refused}");
    assert_eq!(files_below(&world.dir()), before);
    fork.shutdown();
    world.take();
    world.verify().unwrap();
}
