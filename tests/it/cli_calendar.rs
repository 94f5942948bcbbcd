//! The business day with the real binary: a payment waits for its date while the node is stopped and
//! started; and everything that reads a log afterwards.
//!
//! The offset of the calendar jumps by hours, so that a day passes while a test looks on.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quittance::ledger::{Date, SECOND, Time};
use serde_json::{Value, json};

use crate::cli::run;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up, waits};
use crate::cli_readers::{TRUST, everything_that_reads_a_log};

const PATIENCE: Duration = Duration::from_secs(60);
const OTHER: &str = "--key bank-b.pem --passphrase-file secret --log-vkey data/log.vkey";

fn govern(path: &Path, wishes: &[Value]) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    good(path, &format!("submit {} --dir out", wishes.join(" ")))
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}

fn pay(amount: &str, date: Option<Date>, id: &str) -> String {
    let leg = json!({"debit": "bank-a:usd", "credit": "bank-b:usd", "asset": "USD",
        "amount": amount});
    let mut transfer = json!({"legs": [leg]});
    if let Some(date) = date {
        transfer["settlement_date"] = date.to_string().into();
    }
    let wish = json!({"transfer": transfer});
    format!("submit --instruction {wish} --message-id {id} --dir out {BANK}")
}

/// Looks until the calendar is in a phase.
fn becomes(path: &Path, phase: &str) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let view = as_json(path, &format!("calendar USD {BANK}"));
        if view["phase"] == phase {
            return view;
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn found(path: &Path) {
    set_up(path);
    good(
        path,
        "keys generate bank-b/one --out bank-b.pem --passphrase-file secret",
    );
    let vkey = std::fs::read_to_string(path.join("bank-b.vkey")).unwrap();
    let bank = json!({"add_participant": {"participant": "bank-b", "role": "bank", "threshold": 1,
        "keys": [vkey.trim_end()]}});
    let account = json!({"open_account": {"address": "bank-b:usd", "owner": "bank-b",
        "kind": "settlement", "asset": "USD"}});
    govern(path, &[bank, account]);
}

/// The offset by which it is one in the night at a time, seconds since 1970, and the date there.
pub(crate) fn one_in_the_night(now: u64) -> (i64, Date) {
    let minutes = i64::try_from(now / 60).unwrap();
    let offset = match 60 - minutes % 1_440 {
        offset @ -840.. => offset,
        offset => offset + 1_440,
    };
    let days = (minutes + offset) / 1_440;
    (offset, Date::from_days(u32::try_from(days).unwrap()))
}

/// A calendar by which it is one in the night now, a quarter past two when the first seconds have
/// passed, so that the day has closed, and three when the second have; with today's date.
fn calendar(seconds: [u64; 2]) -> (Value, Date) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (offset, today) = one_in_the_night(now.as_secs());
    let changes = seconds.iter().zip([75, 120]).map(|(after, more)| {
        let at = Time::from_nanos((now.as_secs() + after) * SECOND);
        json!({"at": at, "offset_min": offset + more})
    });
    let set = json!({"set_calendar": {
        "asset": "USD",
        "valid_from": today,
        "good_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "holidays": [today.plus(2)],
        "offset_min": offset,
        "offset_changes": changes.collect::<Vec<_>>(),
        "opens": "02:30",
        "opens_day_before": true,
        "customer_cutoff": "01:45",
        "interbank_cutoff": "02:00",
        "closes": "02:15",
        "roll": "following",
        "cutoff_policy": "roll",
        "max_warehouse_days": 5,
    }});
    (set, today)
}

#[test]
fn a_payment_waits_for_its_date_and_the_day_closes_with_a_seal() {
    let node = Node::start();
    let path = node.path();
    found(path);
    let told = ends(path, 1, &pay("1.00", Some(Date::from_days(20_000)), "p-0"));
    assert!(told.contains("CALENDAR_UNKNOWN"), "{told}");
    let (set, today) = calendar([15, 30]);
    govern(path, std::slice::from_ref(&set));
    let view = becomes(path, "open");
    let date = today.to_string();
    assert_eq!(view["business_date"], date.as_str(), "{view}");
    assert_eq!(view["next"]["event"], "CUSC");
    assert_eq!(view["customer_payments_settle"], date.as_str());
    good(path, &pay("1.00", None, "p-1"));
    let told = waits(path, &pay("2.00", Some(today.plus(1)), "p-2"));
    assert!(told.contains("WAREHOUSED"), "{told}");
    good(
        path,
        &format!("receipt verify out/p-2.receipt.json {TRUST}"),
    );
    // A holiday rolls; it is the second day from now.
    let told = waits(path, &pay("3.00", Some(today.plus(2)), "p-3"));
    assert!(told.contains("ROLLED"), "{told}");
    let told = good(path, &format!("queue {BANK}"));
    assert!(told.contains(&today.plus(1).to_string()), "{told}");
    assert!(told.contains(&today.plus(3).to_string()), "{told}");
    bank_is_closed(path, today.plus(4));

    // The node is stopped when the day closes: it makes up for it.
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    std::thread::sleep(Duration::from_secs(2));
    let node = Node::start_in(folder);
    let path = node.path();
    let view = becomes(path, "night");
    let day = &view["days"][0];
    assert_eq!(
        [&day["date"], &view["business_date"]],
        [date.as_str(), &*today.plus(1).to_string()]
    );
    assert_eq!(day["sealed"], true, "{view}");
    let listed = as_json(path, &format!("calendar {OTHER}"));
    assert_eq!(listed[0]["phase"], "night", "{listed}");
    let told = good(path, &format!("calendar USD {BANK}"));
    assert!(told.contains("over") && told.contains("yes"), "{told}");
    // The balance at the close, and its proof.
    let to = day["to_index"].as_u64().unwrap();
    let balance = as_json(path, &format!("accounts bank-a:usd --as-of {to} {BANK}"));
    assert_eq!(balance["posted"], "99.00", "{balance}");
    proven(path, to);

    let view = becomes(path, "open");
    assert_eq!(view["business_date"], today.plus(1).to_string().as_str());
    let end = Instant::now() + PATIENCE;
    loop {
        let balance = as_json(path, &format!("accounts bank-a:usd {BANK}"));
        if balance["posted"] == "97.00" {
            break;
        }
        assert!(Instant::now() < end, "{balance}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let history = as_json(path, &format!("accounts bank-a:usd --history {BANK}"));
    assert_eq!(history[0]["kind"], "queued", "{history}");
    assert_eq!(
        history[0]["business_date"],
        today.plus(1).to_string().as_str()
    );
    assert_eq!(history[2]["business_date"], date.as_str(), "{history}");
    let node = everything_that_reads_a_log(node);
    let view = becomes(node.path(), "open");
    assert_eq!(view["days"].as_array().unwrap().len(), 1, "{view}");
}

/// A day of the payee, on which the asset is open: the payment is for the date behind it.
fn bank_is_closed(path: &Path, date: Date) {
    let days = json!({"set_participant_days": {"participant": "bank-b", "holidays": [date]}});
    govern(path, &[days]);
    let told = good(path, &format!("participants bank-b {BANK}"));
    assert!(told.contains("closed on"), "{told}");
    assert!(told.contains(&date.to_string()), "{told}");
    let told = waits(path, &pay("4.00", Some(date), "p-4"));
    assert!(told.contains("ROLLED"), "{told}");
    let told = good(path, &format!("queue {BANK}"));
    assert!(told.contains(&date.plus(1).to_string()), "{told}");
}

/// A balance proof under the seal of the close.
fn proven(path: &Path, to: u64) {
    let get = format!("balance get bank-a:usd --out at.json {BANK}");
    let get: Vec<&str> = get.split(' ').collect();
    let end = Instant::now() + PATIENCE;
    while run(path, &get).0 != 0 {
        assert!(Instant::now() < end, "no seal");
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = good(path, &format!("balance verify at.json {TRUST}"));
    assert!(told.contains(&(to + 1).to_string()), "{told}");
    assert!(told.contains("99.00"), "{told}");
}
