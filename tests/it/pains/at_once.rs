//! Many who want the same at the same moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Barrier};

use chain::statement::Purpose;
use keys::SigningKey;
use quittance::node::{Node, Reply, Submission};

use crate::api_kit::{Answered, Door, call};
use crate::kit::{Sandbox, body_at, codes, futures_block, submission};

/// How many ask at once.
const CROWD: usize = 12;

/// Banks A and B, which both have a thousand dollars, and their keys.
fn two_banks() -> (Sandbox, [SigningKey; 2]) {
    let sandbox = Sandbox::new();
    let keys = ["bank-a", "bank-b"].map(|name| sandbox.bank(name));
    sandbox.asset("USD");
    for name in ["bank-a", "bank-b"] {
        sandbox.account(name, &format!("{name}:usd"), "USD", "1000.00");
    }
    (sandbox, keys)
}

fn cents(text: &str) -> i128 {
    text.replace('.', "").parse().unwrap()
}

/// Submits all of these before any of them is answered.
fn all_at_once(node: &Arc<Node>, submissions: Vec<Submission>) -> Vec<Reply> {
    futures_block(async {
        let mut tasks = tokio::task::JoinSet::new();
        for (n, one) in submissions.into_iter().enumerate() {
            let node = Arc::clone(node);
            tasks.spawn(async move { (n, node.submit(one).await.unwrap()) });
        }
        let mut replies: Vec<_> = tasks.join_all().await;
        replies.sort_by_key(|(n, _)| *n);
        replies.into_iter().map(|(_, reply)| reply).collect()
    })
}

/// Two holds were each compared with a balance that did not have the other in it.
#[test]
fn pain_02_parallel_holds_do_not_overspend() {
    let (sandbox, [a, _]) = two_banks();
    let node = sandbox.node();
    let reserves = (0..CROWD).map(|_| {
        let reserve = sandbox.reserve("bank-a:usd", "bank-b:usd", "USD", "300.00");
        submission(node, "bank-a", &[&a], &body_at(node, &[reserve]))
    });
    let replies = all_at_once(node, reserves.collect());
    let good = replies.iter().filter(|reply| codes(reply) == ["RESERVED"]);
    assert_eq!(good.count(), 3);
    let refused = replies
        .iter()
        .filter(|reply| codes(reply) == ["INSUFFICIENT_FUNDS"]);
    assert_eq!(refused.count(), CROWD - 3);
    let account = node
        .reader()
        .account("bank-a:usd", &sandbox.auditor())
        .unwrap();
    assert_eq!(
        [&account.posted, &account.pending_debits, &account.available],
        ["1000.00", "900.00", "100.00"]
    );
}

/// Of payments that read one balance and wrote it back, the last one won.
#[test]
fn pain_04_no_update_is_lost_when_all_pay_at_once() {
    let (sandbox, keys) = two_banks();
    let node = sandbox.node();
    let amount = |n: usize| 1 + (n * 7_919) % 20_000;
    let pay = |n: usize| {
        let (from, names) = (n % 2, ["bank-a", "bank-b"]);
        let (debit, credit) = (
            format!("{}:usd", names[from]),
            format!("{}:usd", names[1 - from]),
        );
        let amount = format!("{}.{:02}", amount(n) / 100, amount(n) % 100);
        let pay = sandbox.transfer(&debit, &credit, "USD", &amount);
        submission(node, names[from], &[&keys[from]], &body_at(node, &[pay]))
    };
    // From many threads, each of which waits for its answer before it goes on.
    let moved: i128 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CROWD)
            .map(|thread| {
                scope.spawn(move || {
                    let paid = (0..20).map(|n| {
                        let n = thread * 20 + n;
                        let reply = futures_block(node.submit(pay(n))).unwrap();
                        match (codes(&reply)[..].first().copied(), n % 2) {
                            (Some("SETTLED"), 0) => amount(n) as i128,
                            (Some("SETTLED"), _) => -(amount(n) as i128),
                            (Some("INSUFFICIENT_FUNDS"), _) => 0,
                            other => panic!("{other:?}"),
                        }
                    });
                    paid.sum::<i128>()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(cents(&sandbox.posted("bank-a:usd")), 100_000 - moved);
    assert_eq!(cents(&sandbox.posted("bank-b:usd")), 100_000 + moved);
    // And the running balance of the history leads there, line by line.
    let viewer = sandbox.viewer("bank-a");
    let history = node
        .reader()
        .history("bank-a:usd", &viewer, &Default::default(), 200);
    let history = history.unwrap().items;
    for pair in history.windows(2) {
        let change = cents(&pair[0].balance) - cents(&pair[1].balance);
        assert_eq!(change.abs(), cents(&pair[0].amount), "{pair:?}");
    }
}

/// A duplicate that came while the first was under way was told that it had settled, before it had;
/// or was carried out as well.
#[test]
fn pain_10_a_duplicate_of_what_is_under_way_is_answered_when_that_is_in_the_log() {
    let (sandbox, [a, _]) = two_banks();
    let node = sandbox.node();
    for round in 0..15_u64 {
        let amount = if round % 3 == 2 { "9999.00" } else { "1.00" };
        let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", amount);
        let (size, body) = (node.reader().size(), body_at(node, &[pay]));
        let (start, body) = (Barrier::new(CROWD), body.as_str());
        let indexes: Vec<(u64, bool)> = std::thread::scope(|scope| {
            let ask = || {
                let same = submission(node, "bank-a", &[&a], body);
                start.wait();
                let reply = futures_block(node.submit(same)).unwrap();
                let (index, first) = match reply {
                    Reply::Applied(applied) => (applied.logged.entry.index, true),
                    Reply::Replay { index } => (index, false),
                    other => panic!("{other:?}"),
                };
                // Whoever is answered can read it at once: nothing is told of what is not durable.
                assert!(node.reader().size() > index);
                let viewer = sandbox.viewer("bank-a");
                let stored = node.reader().stored_answer(index, &viewer).unwrap();
                let expected = if round % 3 == 2 {
                    "INSUFFICIENT_FUNDS"
                } else {
                    "SETTLED"
                };
                assert_eq!(stored.outcomes[0].code.code(), expected);
                (index, first)
            };
            let threads: Vec<_> = (0..CROWD).map(|_| scope.spawn(ask)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(indexes.iter().filter(|(_, first)| *first).count(), 1);
        assert!(
            indexes.iter().all(|(index, _)| *index == size),
            "{indexes:?}"
        );
        assert_eq!(node.reader().size(), size + 1);
    }
    assert_eq!(sandbox.posted("bank-b:usd"), "1010.00");
}

/// The same through the door, with two contents under one message id: one of them wins, for all.
#[test]
fn pain_10_one_content_of_a_message_id_wins_for_everybody() {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let a = sandbox.bank("bank-a");
    sandbox.bank("bank-b");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    let pay = |amount| sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", amount);
    let one = sandbox.body(&[pay("5.00")]);
    // The same message id and time, another payment.
    let (head, _) = one.split_once("\"instructions\"").unwrap();
    let other = format!("{head}\"instructions\":[{}]}}", pay("7.00"));
    let (to, size) = (door.bound().public, door.size());
    let requests: Vec<_> = [&one, &other]
        .map(|body| {
            (
                door.signed(Purpose::Submission, "bank-a", &[&a], body),
                body,
            )
        })
        .into();
    let start = Barrier::new(CROWD);
    let answers: Vec<(usize, Answered)> = std::thread::scope(|scope| {
        let ask = |n: usize| {
            let (headers, body) = &requests[n % 2];
            start.wait();
            let answer = call(to, "POST", "/v1/submissions", headers, body.as_bytes());
            (n % 2, answer)
        };
        let threads: Vec<_> = (0..CROWD).map(|n| scope.spawn(move || ask(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let won: BTreeSet<usize> = answers
        .iter()
        .filter(|(_, answer)| answer.status < 300)
        .map(|(which, _)| *which)
        .collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let mut told = BTreeMap::new();
    for (which, answer) in &answers {
        let replayed = answer.header("quittance-replayed") == Some("true");
        *told.entry((answer.status, replayed)).or_insert(0) += 1;
        if won.contains(which) {
            assert_eq!(answer.json()["index"], size);
            assert_eq!(answer.outcomes(), ["SETTLED"]);
        } else {
            assert_eq!(answer.problem(), "MESSAGE_ID_REUSED");
        }
    }
    let half = CROWD / 2;
    let expected = BTreeMap::from([
        ((201, false), 1),
        ((200, true), half - 1),
        ((409, false), half),
    ]);
    assert_eq!(told, expected);
    let moved = if won.contains(&0) { "5.00" } else { "7.00" };
    assert_eq!(sandbox.posted("bank-b:usd"), moved);
    assert_eq!(door.size(), size + 1);
}

/// One account that everybody pays to or from was a lock: payments waited for each other's sync, or
/// failed with a conflict and had to be tried again.
#[test]
fn pain_19_an_account_that_all_touch_takes_one_sync_for_many_payments() {
    let (sandbox, [a, _]) = two_banks();
    let node = sandbox.node();
    let count = 240;
    let payments = (0..count).map(|_| {
        let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "0.01");
        submission(node, "bank-a", &[&a], &body_at(node, &[pay]))
    });
    let payments: Vec<_> = payments.collect();
    let (groups, size) = (node.metrics().groups.get(), node.reader().size());
    let replies = all_at_once(node, payments);
    // None is turned away, none is to be tried again.
    for reply in &replies {
        assert_eq!(codes(reply), ["SETTLED"]);
    }
    assert_eq!(node.reader().size(), size + count);
    let groups = node.metrics().groups.get() - groups;
    assert!(groups < count / 2, "{groups} syncs for {count} payments");
    assert_eq!(sandbox.posted("bank-b:usd"), "1002.40");
    // The order is that of the log, and each has the balance that it left.
    let left: Vec<i128> = replies
        .iter()
        .map(|reply| {
            let Reply::Applied(applied) = reply else {
                panic!("{reply:?}")
            };
            let answer = node.reader().answer(applied).unwrap();
            cents(&answer.balances[0].posted)
        })
        .collect();
    let distinct: BTreeSet<_> = left.iter().collect();
    assert_eq!(distinct.len() as u64, count, "{left:?}");
}
