//! An erased key is nowhere: not in its slot, not in the write-ahead segments, also when the power
//! fails on the way and when nobody submits anything afterwards.

use std::time::Duration;

use quittance::clock;
use quittance::node::{Reply, body::EntryKey};
use quittance::store::disk::Disk;
use quittance::store::simdisk::SimDisk;

use crate::evidence::Sent;
use crate::load;
use crate::power::NodeStamp;
use crate::world::{Attempt, Machine, World};
use crate::{Dice, kit};

/// How long a quiet node may take to clear its segments.
const PATIENCE: Duration = Duration::from_secs(5);

/// Submits and gives the index of the entry and its erasable key; the answer may come after a cut.
fn submit(world: &World, machine: &Machine, sent: &Sent) -> (u64, EntryKey) {
    let signer = world.signer(sent.submitter);
    let submission = kit::submission(&machine.node, sent.submitter, &[signer], &sent.body);
    let key = submission.key.clone();
    match kit::futures_block(machine.node.submit(submission)) {
        Ok(Reply::Applied(applied)) => (applied.logged.entry.index, key),
        other => panic!("{other:?}"),
    }
}

/// The files that hold these bytes.
fn holding(disk: &SimDisk, key: &EntryKey) -> Vec<String> {
    let folder = disk.folder("wal").unwrap();
    let segments = folder
        .list()
        .unwrap()
        .into_iter()
        .map(|n| format!("wal/{n}"));
    let mut names: Vec<String> = disk.list().unwrap();
    names.extend(segments);
    names.retain(|name| {
        let bytes = disk.contents(name).unwrap_or_default();
        has(&bytes, &**key)
    });
    names
}

/// Whether the bytes stand somewhere; most pages of the files are zeros and passed over at once.
fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    let pages = (0..bytes.len()).step_by(4096).map(|at| {
        let end = (at + 4096 + wanted.len()).min(bytes.len());
        &bytes[at..end]
    });
    let mut written = pages.filter(|page| **page != ZEROS[..page.len()]);
    written.any(|page| page.windows(wanted.len()).any(|window| window == wanted))
}

const ZEROS: [u8; 8192] = [0; 8192];

fn wait_until_gone(disk: &SimDisk, key: &EntryKey) -> Result<(), String> {
    let give_up = clock::instant() + PATIENCE;
    loop {
        let left = holding(disk, key);
        if left.is_empty() {
            return Ok(());
        }
        if clock::instant() > give_up {
            return Err(format!("the erased key is still in {left:?}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_quiet_node_clears_an_erased_key() {
    let world = World::new();
    let machine = Machine::open(&world.config, world.media()).unwrap();
    let stamp = NodeStamp(&machine.node);
    let (index, key) = submit(&world, &machine, &load::payment(&mut Dice(1), &stamp));
    assert!(!holding(&machine.disk, &key).is_empty());
    submit(&world, &machine, &load::erasure(&stamp, index));
    let gone = wait_until_gone(&machine.disk, &key);
    machine.stop();
    gone.unwrap();
}

#[test]
fn an_erasure_that_a_power_cut_interrupts_is_finished_at_the_next_start() {
    let world = World::new();
    let mut interrupted = 0;
    for seed in 0..30 {
        let mut dice = Dice(seed);
        let attempt = Attempt::new(&world.config, world.media(), u64::MAX);
        let machine = attempt.machine.as_ref().unwrap();
        let stamp = NodeStamp(&machine.node);
        let (index, key) = submit(&world, machine, &load::payment(&mut dice, &stamp));
        machine.disk.cut_after(dice.below(25));
        submit(&world, machine, &load::erasure(&stamp, index));
        let give_up = clock::instant() + Duration::from_millis(200);
        while !machine.disk.is_cut() && clock::instant() < give_up {
            std::thread::sleep(Duration::from_millis(1));
        }
        let survivors = attempt.survivors(dice.below(u64::MAX));
        attempt.machine.unwrap().stop();
        // An erasure may need fewer operations than that.
        let Some(survivors) = survivors else { continue };
        let machine = Machine::open(&world.config, survivors).unwrap();
        if machine.node.reader().size() > index + 1 {
            interrupted += u64::from(!holding(&machine.disk, &key).is_empty());
            let gone = wait_until_gone(&machine.disk, &key);
            let view = machine.node.reader().entry(index).unwrap();
            machine.stop();
            gone.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            assert!(view.body_key.is_none(), "seed {seed}");
        } else {
            machine.stop();
        }
    }
    assert!(
        interrupted > 0,
        "no cut came between an erasure and its end"
    );
}
