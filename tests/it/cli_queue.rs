//! The queue with the real binary: a payment waits, its payee sees it come, funds come and the node
//! settles it without anybody asking; and everything that reads a log afterwards.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quittance::ledger::Time;
use serde_json::{Value, json};

use crate::cli::run;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up, waits};
use crate::cli_readers::{TRUST, everything_that_reads_a_log, export_and_audit, restarted};

const PATIENCE: Duration = Duration::from_secs(60);

fn submit(wish: &Value, id: &str) -> String {
    format!("submit --instruction {wish} --message-id {id} --dir out {BANK}")
}

fn pay(amount: &str, more: &Value) -> Value {
    let leg = json!({"debit": "bank-a:usd", "credit": "bank-a:reserve", "asset": "USD",
        "amount": amount});
    let mut transfer = json!({"legs": [leg], "end_to_end_id": "RENT-7"});
    for (name, value) in more.as_object().unwrap() {
        transfer[name] = value.clone();
    }
    json!({ "transfer": transfer })
}

fn in_ms(after: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let at = u64::try_from(now.as_nanos()).unwrap() + after * 1_000_000;
    Time::from_nanos(at).to_string()
}

fn as_json(path: &Path, command: &str) -> Value {
    let command = format!("{command} {BANK}");
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

/// Looks until so many payments wait.
fn until_waiting(path: &Path, count: usize) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let queue = as_json(path, "queue --account bank-a:usd");
        if queue.as_array().unwrap().len() == count {
            return queue;
        }
        assert!(Instant::now() < end, "{queue}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn found(path: &Path, id: &Value) -> String {
    let id = id.as_str().unwrap();
    good(path, &format!("find --instruction {id} {BANK}"))
}

#[test]
fn payments_wait_and_settle_by_themselves() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let told = waits(
        path,
        &submit(
            &pay("130.00", &json!({"queue": {"priority": "high"}})),
            "q-1",
        ),
    );
    assert!(told.contains("QUEUED"), "{told}");
    let told = waits(path, &submit(&pay("20.00", &json!({"queue": {}})), "q-2"));
    assert!(told.contains("QUEUED"), "{told}");
    good(
        path,
        &format!("receipt verify out/q-1.receipt.json {TRUST}"),
    );
    let queue = until_waiting(path, 2);
    let (first, second) = (&queue[0], &queue[1]);
    assert_eq!(
        [&first["priority"], &second["priority"]],
        ["high", "normal"]
    );
    assert_eq!((&first["place"], &second["place"]), (&json!(1), &json!(2)));
    assert_eq!(first["legs"][0]["amount"], "130.00");
    let told = good(path, &format!("queue {BANK}"));
    assert!(
        told.contains("waiting") && told.contains("bank-a:reserve"),
        "{told}"
    );
    let (of, wish) = (
        &second["id"],
        |of: &Value| json!({"requeue": {"of": of, "priority": "urgent"}}),
    );
    let told = found(path, of);
    assert!(
        told.contains("QUEUED") && told.contains("it waits still, for funds"),
        "{told}"
    );
    // More urgent, and there is enough for it: the node settles it at once.
    let told = good(path, &submit(&wish(of), "r-1"));
    assert!(told.contains("APPLIED"), "{told}");
    until_waiting(path, 1);
    let history = as_json(path, "accounts bank-a:reserve --history");
    assert_eq!(history[0]["kind"], "queued", "{history}");
    assert_eq!(history[0]["id"], *of);
    assert_eq!(
        history[0]["end_to_end_id"], "RENT-7",
        "the texts came with the payment"
    );
    settled_there(path, of, &history[0]["index"]);

    let wish = json!({"issue": {"account": "bank-a:usd", "amount": "50.00"}});
    good(path, &format!("submit --instruction {wish} --dir out"));
    until_waiting(path, 0);
    assert_eq!(as_json(path, "accounts bank-a:usd")["posted"], "0.00");

    cancelled(path);
    let statement = as_json(path, "statement bank-a:usd");
    assert_eq!(statement["closing_balance"], "0.00", "{statement}");
    proven_and_read(node);
}

/// Whoever looks for the payment is told where it settled, and fetches the proof there.
fn settled_there(path: &Path, of: &Value, settled: &Value) {
    let told = found(path, of);
    for words in [
        format!("since then SETTLED, entry {settled}"),
        format!("receipt get {settled} --item 1"),
        "20.00".to_owned(),
    ] {
        assert!(told.contains(&words), "{words}: {told}");
    }
    good(
        path,
        &format!("receipt get {settled} --item 1 --out settled.json {BANK}"),
    );
    let told = good(path, &format!("receipt verify settled.json {TRUST}"));
    assert!(told.contains("20.00"), "{told}");
    let told = good(path, &format!("find --message-id q-2 {BANK}"));
    assert!(
        told.contains("QUEUED") && told.contains("find --instruction"),
        "{told}"
    );
}

/// A payment that was taken back is found as that, and its notice is no money.
fn cancelled(path: &Path) {
    waits(path, &submit(&pay("1.00", &json!({"queue": {}})), "q-3"));
    let of = until_waiting(path, 1)[0]["id"].clone();
    good(path, &submit(&json!({"cancel": {"of": of}}), "c-1"));
    let history = as_json(path, "accounts bank-a:usd --history");
    assert_eq!(history[0]["kind"], "notice", "{history}");
    assert_eq!(history[0]["outcome"], "CANCELLED_BY_SENDER");
    assert_eq!(history[0]["balance"], "0.00");
    assert_eq!(history[0]["booked"], false);
    let told = found(path, &of);
    let index = &history[0]["index"];
    let words = format!("since then CANCELLED_BY_SENDER, entry {index}");
    assert!(told.contains(&words), "{told}");
    let told = good(path, &format!("accounts bank-a:usd --history {BANK}"));
    assert!(
        told.contains("OUTCOME") && told.contains("BOOKED") && told.contains("CANCELLED_BY_SENDER"),
        "{told}"
    );
}

#[test]
fn what_is_reserved_is_shown_used_and_given_free() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let mark = |urgent: &str, high: &str| json!({"set_reservation": {"address": "bank-a:usd", "urgent": urgent, "high": high}});
    let told = good(path, &submit(&mark("60.00", "30"), "r-1"));
    assert!(told.contains("APPLIED"), "{told}");
    let reserved =
        |at: &str| as_json(path, &format!("accounts bank-a:usd{at}"))["reserved"].clone();
    let set = json!({"urgent": "60.00", "high": "30.00", "unreserved": "10.00"});
    assert_eq!(reserved(""), set);
    let index = as_json(path, "accounts bank-a:usd")["at_index"].clone();
    let told = good(path, &format!("accounts bank-a:usd {BANK}"));
    let said = "urgent 60.00, high 30.00; unreserved 10.00";
    assert!(told.contains(said), "{told}");
    assert_eq!(as_json(path, "accounts bank-a:usd")["available"], "100.00");
    // A plain payment sees what is not reserved, an urgent one uses it.
    let refused = ends(path, 1, &submit(&pay("10.01", &json!({})), "p-1"));
    assert!(
        refused.contains("INSUFFICIENT_FUNDS") && refused.contains("What is reserved there"),
        "{refused}"
    );
    let told = good(path, &format!("accounts {BANK}"));
    assert!(told.contains("RESERVED") && told.contains(said), "{told}");
    let urgent = json!({"queue": {"priority": "urgent"}});
    good(path, &submit(&pay("65.00", &urgent), "p-2"));
    let left = json!({"urgent": "0.00", "high": "30.00", "unreserved": "5.00"});
    assert_eq!(reserved(""), left);
    assert_eq!(reserved(&format!(" --as-of {index}")), set, "as it was");
    assert_eq!(
        as_json(path, "accounts bank-a:reserve")["reserved"],
        Value::Null
    );

    // What is late is told of; a dry run says what a smaller reservation would free.
    let soon = in_ms(5_000);
    waits(
        path,
        &submit(&pay("35.00", &json!({"queue": {"till": soon}})), "p-3"),
    );
    let end = Instant::now() + PATIENCE;
    let payment = loop {
        let payment = until_waiting(path, 1)[0].clone();
        if payment["overdue"] == true {
            break payment;
        }
        assert!(Instant::now() < end, "{payment}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let told = good(path, &format!("queue {BANK}"));
    assert!(told.contains("overdue"), "{told}");
    let history = as_json(path, "accounts bank-a:reserve --history");
    assert_eq!(
        [&history[0]["kind"], &history[0]["outcome"]],
        ["notice", "OVERDUE"]
    );
    let free = json!({"set_reservation": {"address": "bank-a:usd", "high": "0"}});
    let trial = |wish: &Value| as_json(path, &format!("submit --dry-run --instruction {wish}"));
    assert_eq!(trial(&free)["settles"], json!([payment["id"]]));
    assert_eq!(trial(&mark("1", "0"))["settles"], Value::Null);
    good(path, &submit(&free, "r-2"));
    until_waiting(path, 0);
    assert_eq!(reserved(""), Value::Null);
    assert_eq!(reserved(&format!(" --as-of {index}")), set, "as it was");
    let node = everything_that_reads_a_log(restarted(node));
    export_and_audit(node.path());
}

/// The balance proof over all of it, a restart, and everything that reads a log.
fn proven_and_read(node: Node) {
    let path = node.path();
    let wish = json!({"set_parameter": {"name": "seal_interval_s", "value": 1}});
    good(path, &format!("submit --instruction {wish} --dir out"));
    std::thread::sleep(Duration::from_millis(1_100));
    waits(path, &submit(&pay("9.00", &json!({"queue": {}})), "q-4"));
    let get = format!("balance get bank-a:usd --out at.json {BANK}");
    let get: Vec<&str> = get.split(' ').collect();
    let end = Instant::now() + PATIENCE;
    while run(path, &get).0 != 0 {
        assert!(Instant::now() < end, "no seal");
        std::thread::sleep(Duration::from_millis(100));
    }
    good(
        path,
        &format!("statement prove bank-a:usd --out whole.json {BANK}"),
    );
    let told = good(path, &format!("statement verify whole.json {TRUST}"));
    assert!(told.contains("nothing is missing"), "{told}");
    let node = restarted(node);
    until_waiting(node.path(), 1);
    let node = everything_that_reads_a_log(node);
    let path = node.path();
    let wish = json!({"issue": {"account": "bank-a:usd", "amount": "9.00"}});
    good(path, &format!("submit --instruction {wish} --dir out"));
    until_waiting(path, 0);
    assert_eq!(as_json(path, "accounts bank-a:usd")["posted"], "0.00");
    export_and_audit(path);
}
