//! A running node and banks that ask for much: others have their turn, and are told nothing of it.

use std::time::{Duration, Instant};

use chain::{Entry, EntryKind};
use quittance::limits::{CLEARING_REST_NS, CLEARING_ROUNDS_MAX, HOLDS_SCAN, LEGS_MAX};
use quittance::node::HoldsQuery;

use crate::kit::{Sandbox, assert_good, codes};

const PATIENCE: Duration = Duration::from_secs(60);
/// Payments that free each other one by one: three runs.
const LINKS: usize = 2 * CLEARING_ROUNDS_MAX + 4;

/// Payments that wait, as instructions.
fn wait(sandbox: &Sandbox, debit: &str, credit: &str, amount: &str) -> String {
    let transfer = sandbox.transfer(debit, credit, "USD", amount);
    transfer.replacen(r#","legs""#, r#","queue":{},"legs""#, 1)
}

/// Kind and time of each entry from `from` on.
fn entries(sandbox: &Sandbox, from: u64) -> Vec<(EntryKind, u64)> {
    let reader = sandbox.node().reader();
    let read = |index| {
        let view = reader.entry(index).unwrap();
        let entry = Entry::from_bytes(&view.entry.0).unwrap();
        (entry.kind, entry.time)
    };
    (from..reader.size()).map(read).collect()
}

#[test]
fn while_payments_free_each_other_one_by_one_a_stranger_pays() {
    let sandbox = Sandbox::new();
    sandbox.asset("USD");
    let (busy, stranger) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    for n in 0..=LINKS {
        sandbox.account("bank-a", &format!("bank-a:{n}"), "USD", "0");
    }
    sandbox.account("bank-b", "bank-b:usd", "USD", "100.00");
    let name = |n: usize| format!("bank-a:{n}");
    // Nobody funds these, and each link is behind one of them; the last link comes first.
    let before = (0..LINKS).map(|n| wait(&sandbox, &name(n), "bank-b:usd", "500.00"));
    let links = (0..LINKS).rev();
    let links = links.map(|n| wait(&sandbox, &name(n), &name(n + 1), "10.00"));
    for wishes in [before.collect::<Vec<_>>(), links.collect()] {
        let reply = sandbox.submit("bank-a", &[&busy], &sandbox.body(&wishes));
        assert_eq!(codes(&reply), vec!["QUEUED"; LINKS]);
    }
    let from = sandbox.node().reader().size();
    let money = sandbox.transfer("bank-b:usd", "bank-a:0", "USD", "10.00");
    assert_good(&sandbox.submit("bank-b", &[&stranger], &sandbox.body(&[money])));
    let (until, mut paid) = (Instant::now() + PATIENCE, 0);
    while sandbox.posted(&name(LINKS)) != "10.00" {
        assert!(Instant::now() < until, "{:?}", entries(&sandbox, from));
        let cent = sandbox.transfer("bank-b:usd", "bank-a:0", "USD", "0.01");
        assert_good(&sandbox.submit("bank-b", &[&stranger], &sandbox.body(&[cent])));
        paid += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    let entries = entries(&sandbox, from);
    let runs = entries.iter().enumerate();
    let runs: Vec<(usize, u64)> = runs
        .filter(|(_, (kind, _))| *kind == EntryKind::System)
        .map(|(at, (_, time))| (at, *time))
        .collect();
    assert_eq!((runs.len(), entries.len() - 1), (3, 3 + paid));
    for pair in runs.windows(2) {
        let [(before, began), (after, goes_on)] = pair else {
            panic!("a pair")
        };
        assert!(goes_on - began >= CLEARING_REST_NS);
        assert!(after - before > 1, "nobody paid between: {runs:?}");
    }
}

#[test]
fn pages_of_holds_name_nobody_elses() {
    let sandbox = Sandbox::new();
    sandbox.asset("USD");
    let (busy, stranger) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
    sandbox.account("bank-a", "bank-a:two", "USD", "0");
    sandbox.account("bank-b", "bank-b:usd", "USD", "1000.00");
    // More legs than one page looks at, and one hold of the stranger behind them.
    let leg = r#"{"debit":"bank-a:usd","credit":"bank-a:two","asset":"USD","amount":"0.01"}"#;
    let legs = vec![leg; LEGS_MAX].join(",");
    let mut ids = Vec::new();
    for _ in 0..HOLDS_SCAN / LEGS_MAX + 4 {
        let id = sandbox.id();
        let wish = format!(r#"{{"reserve":{{"id":"{id}","legs":[{legs}]}}}}"#);
        let reply = sandbox.submit("bank-a", &[&busy], &sandbox.body(&[wish]));
        assert_eq!(codes(&reply), ["RESERVED"]);
        ids.push(id);
        std::thread::sleep(Duration::from_millis(2));
    }
    let own = sandbox.reserve("bank-b:usd", "bank-a:usd", "USD", "1.00");
    let reply = sandbox.submit("bank-b", &[&stranger], &sandbox.body(&[own]));
    assert_eq!(codes(&reply), ["RESERVED"]);
    let reader = sandbox.node().reader();
    let (viewer, mut query) = (sandbox.viewer("bank-b"), HoldsQuery::default());
    let (mut pages, mut found) = (0, Vec::new());
    loop {
        let page = reader.holds(&viewer, &query, 10).unwrap();
        found.extend(page.items);
        pages += 1;
        query.after = page.next;
        match query.after {
            Some(cursor) => assert!(!ids.contains(&cursor), "page {pages} ends with {cursor}"),
            None => break,
        }
    }
    assert_eq!((found.len(), pages), (1, 2));
}
