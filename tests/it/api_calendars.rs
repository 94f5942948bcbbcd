//! What readers are told of business days.

use quittance::ledger::SECOND;
use serde_json::Value;

use crate::api_kit::Door;
use crate::cli_calendar::one_in_the_night;

/// A day that opened and closed at once, when the calendar was set, and the next one that has opened.
#[test]
fn a_day_that_is_over_is_told_with_its_balances() {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let a = sandbox.bank("bank-a");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "10.00");
    sandbox.account("bank-a", "bank-a:two", "USD", "0");
    let now = sandbox.node().clock().now_ns() / SECOND;
    let (offset, today) = one_in_the_night(now);
    let calendar = format!(
        r#"{{"set_calendar":{{"id":"{}","asset":"USD","valid_from":"{today}","good_days":["mon","tue","wed","thu","fri","sat","sun"],"holidays":[],"offset_min":{offset},"opens":"00:30","opens_day_before":true,"customer_cutoff":"00:10","interbank_cutoff":"00:20","closes":"00:30","roll":"none","cutoff_policy":"reject","max_warehouse_days":5}}}}"#,
        sandbox.id()
    );
    crate::kit::assert_good(&sandbox.govern(&[calendar]));
    let pay = sandbox.transfer("bank-a:usd", "bank-a:two", "USD", "1.00");
    let paid = door.submit("bank-a", &[&a], &sandbox.body(&[pay]));
    assert_eq!(paid.outcomes(), ["SETTLED"], "{}", paid.text());
    let bank = door.session("bank-a", &a);
    let get = |path: &str| door.get(path, bank.clone());

    let view = get("/v1/calendars/USD").json();
    let tomorrow = today.plus(1).to_string();
    assert_eq!(view["business_date"], tomorrow.as_str(), "{view}");
    assert_eq!([&view["phase"], &view["next"]["event"]], ["open", "CUSC"]);
    assert_eq!(view["days"][0]["date"], today.to_string().as_str());
    let row = &get("/v1/accounts/bank-a:usd/history").json()["items"][0];
    assert_eq!(row["business_date"], tomorrow.as_str(), "{row}");

    let then = get(&format!("/v1/accounts/bank-a:usd?at_date={today}")).json();
    assert_eq!(then["posted"], "10.00", "{then}");
    assert_eq!(then["at_index"], view["days"][0]["to_index"]);
    let problem = |path: &str| get(path).problem();
    for (path, expected) in [
        (
            format!("/v1/accounts/bank-a:usd?at_date={tomorrow}"),
            "CALENDAR_NOT_FOUND",
        ),
        (
            format!("/v1/accounts/bank-x:usd?at_date={today}"),
            "ACCOUNT_NOT_FOUND",
        ),
        (
            format!("/v1/accounts/bank-a:usd?at_date={today}&at_index=1"),
            "QUERY_INVALID",
        ),
        (
            "/v1/accounts/bank-a:usd?at_date=2026-13-01".to_owned(),
            "QUERY_INVALID",
        ),
        ("/v1/calendars/JPY".to_owned(), "CALENDAR_NOT_FOUND"),
        ("/v1/calendars/USD?limit=0".to_owned(), "QUERY_INVALID"),
        ("/v1/calendars/%20".to_owned(), "PATH_INVALID"),
    ] {
        assert_eq!(problem(&path), expected, "{path}");
    }
    // It is said which of the reasons it is.
    for (path, why) in [
        ("/v1/calendars/JPY".to_owned(), "no such asset"),
        (
            format!("/v1/accounts/bank-a:usd?at_date={tomorrow}"),
            "not over yet",
        ),
    ] {
        let detail = get(&path).json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(why), "{detail}");
    }

    // Everybody may read what the node says of a day.
    let opened = view["from_index"].as_u64().unwrap() + 1;
    let receipt: Value = get(&format!("/v1/receipts/{opened}")).json();
    let items = receipt["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(1), "{receipt}");
}
