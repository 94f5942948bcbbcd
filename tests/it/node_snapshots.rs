//! Snapshots that a running node takes beside its writer, end to end: what is in the store is the
//! state of its index, byte for byte.

use std::time::{Duration, Instant};

use chain::Entry;
use quittance::assets::modules;
use quittance::ledger::{Authorisation, State, Step, apply, message_from_drafts};
use quittance::node::Record;
use quittance::store::Store;
use quittance::store::sled::{SledOptions, SledStore};

use crate::backup_kit::{payment, send, two_banks};
use crate::kit::{Sandbox, assert_good};

/// More accounts than are copied at once.
const ACCOUNTS: usize = 1_500;

const PATIENCE: Duration = Duration::from_secs(60);

/// The newest snapshot at or below an index.
fn snapshot(store: &SledStore, at_or_below: u64) -> (u64, Vec<Vec<u8>>) {
    let mut parts = Vec::new();
    let found = store.snapshot(at_or_below, &mut |part| parts.push(part));
    (found.unwrap().unwrap(), parts)
}

/// Applies a stored entry again.
fn step(store: &SledStore, state: &mut State, index: u64) {
    let entry = Entry::from_bytes(&store.entries(index, 1).unwrap()[0]).unwrap();
    let record = Record::from_bytes(&store.record(index).unwrap().unwrap()).unwrap();
    let who = Authorisation::from_item(&record.authorisation().unwrap()).unwrap();
    let message = message_from_drafts(who, &record.drafts).unwrap();
    let Step::Applied(applied) = apply(state, entry.time, &message, &modules()) else {
        panic!("entry {index} is not applied again")
    };
    assert_eq!(applied.drafts, record.drafts);
    state.append(entry.leaf_hash(), &mut |_, _, _| ());
}

#[test]
fn a_snapshot_taken_on_the_way_leads_to_the_one_taken_at_the_end() {
    let mut sandbox = Sandbox::new();
    sandbox.config.snapshot_every_instructions = 60;
    sandbox.reopen();
    let bank = two_banks(&sandbox);
    let id = sandbox.id();
    assert_good(&sandbox.govern(&[format!(
        r#"{{"set_parameter":{{"id":"{id}","name":"seal_interval_s","value":1}}}}"#
    )]));
    let open = |n| {
        let id = sandbox.id();
        format!(
            r#"{{"open_account":{{"id":"{id}","address":"bank-b:usd-{n}","owner":"bank-b","kind":"settlement","asset":"USD"}}}}"#
        )
    };
    let open: Vec<String> = (0..ACCOUNTS).map(open).collect();
    for some in open.chunks(500) {
        assert_good(&sandbox.govern(some));
    }
    let mut closed_at = 0;
    for n in 0..3u64 {
        for paid in 0..120 {
            assert_good(&send(sandbox.node(), &bank, &payment(sandbox.node())));
            if paid % 20 == 0 {
                let id = sandbox.id();
                let limit = n * 1_000 + paid;
                assert_good(&sandbox.govern(&[format!(
                    r#"{{"set_limits":{{"id":"{id}","address":"bank-b:usd-{paid}","credit_line":"{limit}.00"}}}}"#
                )]));
            }
        }
        let metrics = || sandbox.node().metrics();
        let end = Instant::now() + PATIENCE;
        while metrics().snapshot_size.get() == 0 {
            assert!(Instant::now() < end, "no snapshot is stored");
            std::thread::sleep(Duration::from_millis(10));
        }
        let begun = metrics().snapshot_size.get();
        assert!(begun > closed_at, "{begun} is of this round");
        sandbox.reopen_after(|data| {
            let store = SledStore::open(&SledOptions {
                path: data.join("sled"),
                cache_bytes: 16 << 20,
            });
            let store = store.unwrap();
            let size = store.head().unwrap().size;
            let (at_the_end, last) = snapshot(&store, size);
            assert_eq!(at_the_end, size, "a clean stop ends with a snapshot");
            let (on_the_way, parts) = snapshot(&store, size - 1);
            let mut state = State::from_parts(parts).unwrap();
            assert_eq!(state.next_index(), on_the_way);
            assert!(on_the_way >= begun);
            (on_the_way..size).for_each(|index| step(&store, &mut state, index));
            let mut replayed = Vec::new();
            let written = state.write_parts(|part, _| {
                replayed.push(part);
                Ok::<(), ()>(())
            });
            assert!(written.is_ok() && replayed == last);
            closed_at = size;
        });
    }
}
