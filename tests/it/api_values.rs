//! Value-dated balances as readers are told them, each with the index at which it is exact: inside the
//! month in which they may still change, and behind it.

use std::time::{Duration, Instant};

use chain::Item;
use quittance::ledger::{Date, SECOND};
use quittance::wire::Bytes;
use serde_json::Value;

use crate::api_kit::{Door, Headers};
use crate::cli_calendar::one_in_the_night;
use crate::kit::assert_good;
use keys::SigningKey;

const PATIENCE: Duration = Duration::from_secs(60);
const DAY_NS: i64 = 86_400_000_000_000;

/// A bank with three accounts, in two assets, of which one has a calendar: one day of it is over, the
/// next one is open, and two days later is a holiday.
struct Bank {
    door: Door,
    key: SigningKey,
    session: Headers,
    today: Date,
}

impl Bank {
    fn new() -> Self {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let key = sandbox.bank("bank-a");
        for asset in ["USD", "JPY"] {
            sandbox.asset(asset);
        }
        sandbox.account("bank-a", "bank-a:usd", "USD", "10.00");
        sandbox.account("bank-a", "bank-a:jpy", "JPY", "10");
        let now = sandbox.node().clock().now_ns() / SECOND;
        let (offset, today) = one_in_the_night(now);
        let calendar = format!(
            r#"{{"set_calendar":{{"id":"{}","asset":"USD","valid_from":"{today}","good_days":["mon","tue","wed","thu","fri","sat","sun"],"holidays":["{}"],"offset_min":{offset},"opens":"00:30","opens_day_before":true,"customer_cutoff":"00:10","interbank_cutoff":"00:20","closes":"00:30","roll":"none","cutoff_policy":"reject","max_warehouse_days":5,"back_value_days":5}}}}"#,
            sandbox.id(),
            today.plus(3),
        );
        assert_good(&sandbox.govern(&[calendar]));
        // It is opened when a day is over already.
        sandbox.account("bank-a", "bank-a:two", "USD", "0");
        let session = door.session("bank-a", &key);
        Self {
            door,
            key,
            session,
            today,
        }
    }

    /// Pays, with a value date or without; gives the index of the entry.
    fn pay(&self, amount: &str, value: Option<Date>) -> u64 {
        let sandbox = &self.door.sandbox;
        let pay = sandbox.transfer("bank-a:usd", "bank-a:two", "USD", amount);
        let pay = match value {
            Some(date) => pay.replacen(
                "\"legs\"",
                &format!("\"value_date\":\"{date}\",\"legs\""),
                1,
            ),
            None => pay,
        };
        let paid = self
            .door
            .submit("bank-a", &[&self.key], &sandbox.body(&[pay]));
        assert_eq!(paid.outcomes(), ["SETTLED"], "{}", paid.text());
        paid.json()["index"].as_u64().unwrap()
    }

    fn get(&self, path: &str) -> Value {
        self.door.get(path, self.session.clone()).json()
    }

    /// What an account has at a date: value-dated, booked; and the indexes at which these are exact.
    fn valued(&self, address: &str, date: Date) -> (Value, Value) {
        let account = self.get(&format!("/v1/accounts/{address}?value_date={date}"));
        let valued = &account["value_dated"];
        assert_eq!(valued["date"], date.to_string().as_str(), "{account}");
        (valued.clone(), account["at_index"].clone())
    }
}

/// LEDGER, what users of other ledgers were hurt by, 15 and 16.
#[test]
fn a_value_dated_balance_names_the_index_it_is_exact_at() {
    let bank = Bank::new();
    let (today, tomorrow) = (bank.today, bank.today.plus(1));
    bank.pay("1.00", None);
    let paid = bank.pay("2.00", Some(today));
    let close = bank.get("/v1/calendars/USD")["days"][0]["to_index"].clone();

    let (valued, at) = bank.valued("bank-a:usd", today);
    assert_eq!(at, paid, "{valued}");
    assert_eq!([&valued["balance"], &valued["booked"]], ["8.00", "10.00"]);
    assert_eq!(valued["booked_at_index"], close);
    assert_eq!(valued["business_date"], today.to_string().as_str());
    assert_eq!(valued["final"], false);
    // The booked one is what it was then.
    let then = bank.get(&format!("/v1/accounts/bank-a:usd?at_index={close}"));
    assert_eq!(
        [&then["posted"], &then["at_index"]],
        [&valued["booked"], &close]
    );
    // An account that was not there had nothing, and has been given value.
    let (valued, _) = bank.valued("bank-a:two", today);
    assert_eq!([&valued["balance"], &valued["booked"]], ["2.00", "0.00"]);
    // Of the present date both are what is booked.
    let (valued, at) = bank.valued("bank-a:usd", tomorrow);
    assert_eq!([&valued["balance"], &valued["booked"]], ["7.00", "7.00"]);
    assert_eq!(valued["booked_at_index"], at);

    // With the next payment it is another, and so is the index; what is booked then stays.
    let next = bank.pay("0.50", Some(today));
    let (valued, at) = bank.valued("bank-a:usd", today);
    assert_eq!([&valued["balance"], &valued["booked"]], ["7.50", "10.00"]);
    assert_eq!(at, next);
}

#[test]
fn lines_and_receipts_say_both_dates() {
    let bank = Bank::new();
    let (today, tomorrow) = (bank.today.to_string(), bank.today.plus(1).to_string());
    bank.pay("1.00", None);
    let paid = bank.pay("2.00", Some(bank.today));
    let rows = bank.get("/v1/accounts/bank-a:usd/history")["items"].clone();
    let dates = |n: usize| {
        [
            &rows[n]["kind"],
            &rows[n]["business_date"],
            &rows[n]["value_date"],
        ]
    };
    assert_eq!(dates(0), ["valued", tomorrow.as_str(), today.as_str()]);
    assert_eq!(dates(1), ["transfer", tomorrow.as_str(), tomorrow.as_str()]);
    let rows = bank.get("/v1/accounts/bank-a:jpy/history")["items"].clone();
    assert!(rows[0].get("value_date").is_none(), "{rows}");
    let mut headers = bank.session.clone();
    headers.push(("Accept", "text/csv".to_owned()));
    let csv = bank.door.get("/v1/accounts/bank-a:usd/statement", headers);
    let csv = csv.text();
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .ends_with(",business_date,value_date,outcome,booked_amount"),
        "{csv}"
    );
    assert!(
        csv.contains(&format!(",{tomorrow},{today},SETTLED,-2.00")),
        "{csv}"
    );

    // Item 1 is what was asked for, 2 the leg.
    let receipt = bank.get(&format!("/v1/receipts/{paid}?item=2"));
    let bytes: Bytes = serde_json::from_value(receipt["items"][0]["bytes"].clone()).unwrap();
    let Ok(Item::Leg(leg)) = Item::parse(&bytes.0) else {
        panic!("{receipt}")
    };
    assert_eq!(leg.value_date, Some(bank.today.days()));
}

#[test]
fn what_has_no_answer_is_told() {
    let bank = Bank::new();
    let today = bank.today;
    let before = Date::from_days(today.days() - 1);
    for (path, expected) in [
        (
            format!("bank-a:usd?value_date={}", today.plus(2)),
            "CALENDAR_NOT_FOUND",
        ),
        (
            format!("bank-a:usd?value_date={before}"),
            "CALENDAR_NOT_FOUND",
        ),
        (
            format!("bank-a:jpy?value_date={today}"),
            "CALENDAR_NOT_FOUND",
        ),
        (
            format!("bank-x:usd?value_date={today}"),
            "ACCOUNT_NOT_FOUND",
        ),
        (
            format!("bank-a:usd?value_date={today}&at_date={today}"),
            "QUERY_INVALID",
        ),
        (
            format!("bank-a:usd?value_date={today}&at_index=1"),
            "QUERY_INVALID",
        ),
        (
            "bank-a:usd?value_date=2026-11-31".to_owned(),
            "QUERY_INVALID",
        ),
    ] {
        let answer = bank
            .door
            .get(&format!("/v1/accounts/{path}"), bank.session.clone());
        assert_eq!(answer.problem(), expected, "{path}");
    }
}

/// More than a month later the state has forgotten by how much balances differ; the account's own chain
/// has not.
#[test]
fn a_month_later_it_comes_from_the_chain_and_is_final() {
    let mut bank = Bank::new();
    let today = bank.today;
    bank.pay("1.00", None);
    bank.pay("2.00", Some(today));
    let clock = |days: i64| {
        bank.door
            .sandbox
            .node()
            .clock()
            .set_offset_ns(days * DAY_NS)
    };
    // The day after tomorrow: the holiday is behind it.
    clock(1);
    reached(&bank, today.plus(2));
    bank.pay("0.25", Some(today));
    clock(40);
    reached(&bank, today.plus(41));
    bank.session = bank.door.session("bank-a", &bank.key);
    let last = bank.pay("0.01", None);
    let book = bank.door.sandbox.node().reader();
    assert!(book.size() > last);
    let (valued, at) = bank.valued("bank-a:usd", today);
    assert_eq!([&valued["balance"], &valued["booked"]], ["7.75", "10.00"]);
    assert_eq!(
        (&valued["final"], at),
        (&Value::from(true), Value::from(last))
    );
    // Tomorrow: without what counts from today, and with what was booked on it.
    let (valued, _) = bank.valued("bank-a:usd", today.plus(1));
    assert_eq!([&valued["balance"], &valued["booked"]], ["6.75", "7.00"]);
    let (valued, _) = bank.valued("bank-a:two", today.plus(2));
    assert_eq!([&valued["balance"], &valued["booked"]], ["3.25", "3.25"]);
    // The holiday has the balance of the date before.
    let (valued, _) = bank.valued("bank-a:usd", today.plus(3));
    assert_eq!(valued["business_date"], today.plus(2).to_string().as_str());
    assert_eq!(valued["final"], true);
    let (valued, _) = bank.valued("bank-a:usd", today.plus(20));
    assert_eq!(valued["final"], false);
}

/// Waits until a business date is open.
fn reached(bank: &Bank, date: Date) {
    let session = bank.door.session("bank-a", &bank.key);
    let end = Instant::now() + PATIENCE;
    loop {
        let view = bank.door.get("/v1/calendars/USD", session.clone()).json();
        if view["business_date"] == date.to_string().as_str() && view["phase"] == "open" {
            return;
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
