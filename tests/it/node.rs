//! The node from the inside: settle, replay, restart, erase.

use quittance::node::{HistoryQuery, Reply};
use quittance::wire::ReceiptLevel;

use crate::kit::{Sandbox, assert_good, codes};

fn two_banks() -> (Sandbox, keys::SigningKey, keys::SigningKey) {
    let sandbox = Sandbox::new();
    let (a, b) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    (sandbox, a, b)
}

#[test]
fn a_settlement_leaves_a_receipt_that_proves_itself() {
    let (sandbox, a, _) = two_banks();
    let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "12.50");
    let body = sandbox.body(&[pay]);
    let reply = sandbox.submit("bank-a", &[&a], &body);
    let Reply::Applied(applied) = &reply else {
        panic!("{reply:?}")
    };
    let answer = sandbox.node().reader().answer(applied).unwrap();
    assert_eq!(answer.balances[0].posted, "987.50");
    let receipt = answer.receipt.unwrap().to_receipt().unwrap();
    let verified = receipt.verify(&sandbox.node().log_key()).unwrap();
    assert_eq!(verified.items.len(), 2);
    assert_eq!(
        verified.items[1].private.len(),
        1,
        "the payer's private part alone"
    );
    assert_eq!(sandbox.posted("bank-b:usd"), "12.50");
}

#[test]
fn the_same_submission_moves_money_once() {
    let (sandbox, a, _) = two_banks();
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "12.50")]);
    let Reply::Applied(first) = sandbox.submit("bank-a", &[&a], &body) else {
        panic!()
    };
    let Reply::Replay { index } = sandbox.submit("bank-a", &[&a], &body) else {
        panic!()
    };
    assert_eq!(index, first.logged.entry.index);
    assert_eq!(sandbox.posted("bank-a:usd"), "987.50");
    let viewer = sandbox.viewer("bank-a");
    let again = sandbox
        .node()
        .reader()
        .stored_answer(index, &viewer)
        .unwrap();
    let fresh = sandbox.node().reader().answer(&first).unwrap();
    assert_eq!(again.outcomes, fresh.outcomes);
    again
        .receipt
        .unwrap()
        .to_receipt()
        .unwrap()
        .verify(&sandbox.node().log_key())
        .unwrap();
}

#[test]
fn a_restart_computes_the_same_state_again() {
    let (mut sandbox, a, b) = two_banks();
    for i in 1..40 {
        let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", &format!("{i}.00"));
        let body = sandbox.body(&[pay]);
        sandbox.submit("bank-a", &[&a], &body);
    }
    let before = (
        sandbox.posted("bank-a:usd"),
        sandbox.node().reader().checkpoint_data(),
    );
    let resent = sandbox.body(&[sandbox.transfer("bank-b:usd", "bank-a:usd", "USD", "1.00")]);
    assert_good(&sandbox.submit("bank-b", &[&b], &resent));
    sandbox.reopen();
    let reply = sandbox.submit("bank-b", &[&b], &resent);
    assert!(
        matches!(reply, Reply::Replay { .. }),
        "the window survives a restart: {reply:?}"
    );
    assert_eq!(
        sandbox.node().reader().checkpoint_data().size,
        before.1.size + 1
    );
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "1.00")]);
    assert_good(&sandbox.submit("bank-a", &[&a], &body));
    assert_eq!(sandbox.posted("bank-a:usd"), before.0);
    for index in 0..sandbox.node().reader().size() {
        let receipt = sandbox
            .node()
            .reader()
            .receipt(index, None, ReceiptLevel::LogSigned, &sandbox.auditor())
            .unwrap();
        receipt
            .to_receipt()
            .unwrap()
            .verify(&sandbox.node().log_key())
            .unwrap();
    }
}

#[test]
fn history_follows_the_accounts_own_chain() {
    let (sandbox, a, _) = two_banks();
    for i in 1..=5 {
        let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", &format!("{i}.00"));
        let body = sandbox.body(&[pay]);
        sandbox.submit("bank-a", &[&a], &body);
    }
    let viewer = sandbox.viewer("bank-a");
    let reader = sandbox.node().reader();
    let all = HistoryQuery::default();
    let first = reader.history("bank-a:usd", &viewer, &all, 4).unwrap();
    let further = HistoryQuery {
        cursor: first.next,
        ..HistoryQuery::default()
    };
    let rest = reader.history("bank-a:usd", &viewer, &further, 4).unwrap();
    assert_eq!(
        (first.items.len(), rest.items.len(), rest.next),
        (4, 2, None)
    );
    assert_eq!(first.items[0].balance, "985.00");
    assert_eq!(rest.items[1].balance, "1000.00");
    assert!(
        reader
            .history("bank-a:usd", &sandbox.viewer("bank-b"), &all, 4)
            .is_err()
    );
}

#[test]
fn a_dry_run_appends_nothing() {
    let (sandbox, a, _) = two_banks();
    let size = sandbox.node().reader().size();
    let body = sandbox.body(&[sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "5000.00")]);
    let submission = sandbox.submission("bank-a", &[&a], &body);
    let reply = crate::kit::futures_block(sandbox.node().dry_run(submission)).unwrap();
    assert_eq!(codes(&reply), ["INSUFFICIENT_FUNDS"]);
    assert_eq!(sandbox.node().reader().size(), size);
}

#[test]
fn erasing_destroys_the_body_and_nothing_else() {
    let (mut sandbox, a, _) = two_banks();
    let id = sandbox.id();
    let pay = format!(
        r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"1.00"}}],"remittance":"for Erika Mustermann"}}}}"#
    );
    let body = sandbox.body(&[pay]);
    let Reply::Applied(paid) = sandbox.submit("bank-a", &[&a], &body) else {
        panic!()
    };
    let index = paid.logged.entry.index;
    let viewer = sandbox.viewer("bank-b");
    let text = |sandbox: &Sandbox| {
        let receipt = sandbox
            .node()
            .reader()
            .receipt(index, None, ReceiptLevel::LogSigned, &viewer)
            .unwrap();
        let verified = receipt
            .to_receipt()
            .unwrap()
            .verify(&sandbox.node().log_key())
            .unwrap();
        verified.items[0].text.clone()
    };
    assert!(
        String::from_utf8(text(&sandbox).unwrap())
            .unwrap()
            .contains("Erika")
    );
    let erase = sandbox.id();
    assert_good(&sandbox.govern(&[format!(
        r#"{{"erase":{{"id":"{erase}","entry_index":{index},"basis":"GDPR 17"}}}}"#
    )]));
    assert_eq!(text(&sandbox), None);
    sandbox.reopen();
    assert_eq!(text(&sandbox), None);
    assert_eq!(sandbox.posted("bank-b:usd"), "1.00");
    assert!(
        sandbox
            .node()
            .reader()
            .entry(index)
            .unwrap()
            .body_key
            .is_none()
    );
}

#[test]
fn bundles_hold_the_entries_that_the_tiles_hash() {
    let (sandbox, ..) = two_banks();
    let reader = sandbox.node().reader();
    let width = reader.size();
    let tile = |path: String| reader.tile(&path.parse().unwrap()).unwrap();
    let bundle = format!("tile/entries/000.p/{width}");
    let entries = tile(bundle.clone());
    let leaves: Vec<u8> = chain::decode_bundle(bundle.parse().unwrap(), &entries)
        .unwrap()
        .iter()
        .flat_map(|entry| *chain::Hash::leaf(entry).as_bytes())
        .collect();
    assert_eq!(leaves, tile(format!("tile/0/000.p/{width}")));
}

/// Found by the mixed load of `tests/faults`: a reader takes its view, a payment comes in, and the
/// account's newest item is above the view.
#[test]
fn a_history_read_while_payments_come_in_is_whole() {
    let (sandbox, a, _) = two_banks();
    let reader = sandbox.node().reader();
    let pay = sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "12.50");
    assert_good(&sandbox.submit("bank-a", &[&a], &sandbox.body(&[pay])));
    let history = reader.history(
        "bank-a:usd",
        &sandbox.auditor(),
        &HistoryQuery::default(),
        10,
    );
    let history = history.unwrap();
    let amounts: Vec<&str> = history.items.iter().map(|row| &*row.amount).collect();
    assert_eq!(amounts, ["12.50", "1000.00"]);
}
