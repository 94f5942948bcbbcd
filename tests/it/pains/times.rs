//! What ends by its time.

use std::time::{Duration, Instant};

use quittance::ledger::Time;

use crate::api_kit::Door;
use crate::ledger_tables::started;

/// Time-outs left positions reserved, fired again at every look, told different codes to different
/// askers, or released only when somebody else did something.
#[test]
fn pain_09_what_times_out_gives_back_all_of_it_once_and_under_one_code() {
    started().table(
        "
bank-a {
  #1 reserve bank-a:usd bank-b:usd USD 60; for=3000                      -> RESERVED
  #2 reserve bank-a:usd bank-c:usd USD 30; for=3000                      -> RESERVED
}
bank-b: #3 pay bank-b:usd bank-a:usd USD 5; queue until=3000             -> QUEUED
bank-a: #4 propose 3000 [pay bank-a:usd bank-b:usd USD 1 & pay bank-b:usd bank-a:usd USD 1] -> PROPOSED
balance bank-a:usd 100.00 10.00
later 2000
tick 0
// Captured before its time, it is not released behind it.
bank-c/k1+bank-c/k2: capture #2 10                                       -> SETTLED
balance bank-a:usd 90.00 30.00
later 2000
tick 3
balance bank-a:usd 90.00 90.00
pending bank-a:usd 0.00 0.00
pending bank-b:usd 0.00 0.00
queue bank-b:usd
// Not again, however often somebody looks and however late.
tick 0
later 60000
tick 0
mark
bank-b: capture #1                                                       -> HOLD_EXPIRED
bank-b: capture #1 1                                                     -> HOLD_EXPIRED
bank-a: void #1                                                          -> HOLD_EXPIRED
bank-b: approve #4                                                       -> APPROVAL_EXPIRED
bank-b: cancel #3                                                        -> PAYMENT_NOT_QUEUED
unchanged
// And what was given back is there to be spent.
bank-a: pay bank-a:usd bank-c:usd USD 90                                 -> SETTLED
tick 0
",
    );
}

/// A node on which nobody does anything: whoever only reads sees the funds come back, and the log
/// grows by one entry.
#[test]
fn pain_09_a_reader_of_an_idle_node_sees_what_timed_out() {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let keys = ["bank-a", "bank-b"].map(|name| sandbox.bank(name));
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "100.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    let session = door.session("bank-a", &keys[0]);
    let soon = Time::from_nanos(sandbox.node().clock().now_ns() + 1_500_000_000);
    let reserve = sandbox.reserve("bank-a:usd", "bank-b:usd", "USD", "60.00");
    let reserve = reserve.replacen("\"legs\"", &format!(r#""expires_at":"{soon}","legs""#), 1);
    let answer = door.submit("bank-a", &[&keys[0]], &sandbox.body(&[reserve]));
    assert_eq!(answer.outcomes(), ["RESERVED"]);
    let size = door.size();
    let account = || door.get("/v1/accounts/bank-a:usd", session.clone()).json();
    assert_eq!(account()["available"], "40.00");
    let end = Instant::now() + Duration::from_secs(60);
    while account()["available"] != "100.00" {
        assert!(Instant::now() < end, "{}", account());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(account()["pending_debits"], "0.00");
    assert!(
        sandbox.node().clock().now_ns() >= soon.nanos(),
        "not before its time"
    );
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(door.size(), size + 1, "it is in the log, and once");
}
