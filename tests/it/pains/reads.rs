//! What readers are told: everything at one point of the log, and with its decimals.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keys::SigningKey;
use serde_json::Value;

use crate::api_kit::{Door, Headers};
use crate::kit::{body_at, codes, futures_block, id, submission};

/// A door with two banks, of which A has funds, and A's session.
fn open() -> (Door, SigningKey, Headers) {
    let door = Door::open();
    let sandbox = &door.sandbox;
    let a = sandbox.bank("bank-a");
    sandbox.bank("bank-b");
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    let session = door.session("bank-a", &a);
    (door, a, session)
}

fn cents(value: &Value) -> i128 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Reserves and ends holds until it is told to stop.
fn reserves(door: &Door, a: &SigningKey, stop: &AtomicBool) {
    let node = door.sandbox.node();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let hold = id(node);
        let reserve = format!(
            r#"{{"reserve":{{"id":"{hold}","legs":[{{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"0.{:02}"}}]}}}}"#,
            1 + n % 99
        );
        let end = match n % 3 {
            0 => format!(r#"{{"capture":{{"id":"{}","hold":"{hold}"}}}}"#, id(node)),
            _ => format!(r#"{{"void":{{"id":"{}","hold":"{hold}"}}}}"#, id(node)),
        };
        for wish in [reserve, end] {
            let body = body_at(node, &[wish]);
            let reply = futures_block(node.submit(submission(node, "bank-a", &[a], &body)));
            assert_eq!(codes(&reply.unwrap()).len(), 1);
        }
    }
}

/// A balance and the holds that explain it were two answers of two moments, and nobody could say which
/// belonged together.
#[test]
fn pain_15_a_balance_and_its_holds_are_read_at_one_index() {
    let (door, a, session) = open();
    let get = |path: &str| {
        let answer = door.get(path, session.clone());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    };
    // Something stays on hold all the time.
    let reserve = door
        .sandbox
        .reserve("bank-a:usd", "bank-b:usd", "USD", "70.00");
    let answer = door.submit("bank-a", &[&a], &door.sandbox.body(&[reserve]));
    assert_eq!(answer.outcomes(), ["RESERVED"]);
    // The answer itself has what is left after it, and says up to where.
    let row = &answer.json()["balances"][0];
    assert_eq!(
        [
            &row["posted"],
            &row["pending_debits"],
            &row["available"],
            &row["at_index"]
        ],
        [
            &"1000.00".into(),
            &"70.00".into(),
            &"930.00".into(),
            &answer.json()["index"]
        ]
    );
    let stop = AtomicBool::new(false);
    let mut differed = 0;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| reserves(&door, &a, &stop));
        }
        let end = Instant::now() + Duration::from_secs(60);
        for _ in 0..60 {
            assert!(Instant::now() < end);
            let page = get("/v1/holds?account=bank-a:usd&open=true&limit=200");
            let holds = page["items"].as_array().unwrap();
            let index = holds[0]["at_index"].as_u64().unwrap();
            assert!(holds.iter().all(|hold| hold["at_index"] == index), "{page}");
            let held: i128 = holds
                .iter()
                .map(|hold| cents(&hold["legs"][0]["remaining"]))
                .sum();
            // By now the log has gone on; the account as it stood then is asked for by its index.
            differed += u32::from(get("/v1/accounts/bank-a:usd")["at_index"] != index);
            let then = get(&format!("/v1/accounts/bank-a:usd?at_index={index}"));
            assert_eq!(then["at_index"], index);
            assert_eq!(cents(&then["pending_debits"]), held, "{page}{then}");
            let left = cents(&then["posted"]) - held;
            assert_eq!(cents(&then["available"]), left, "{then}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(differed > 0, "nothing happened meanwhile");
}

/// The same with accounts in yen, which have no decimals, and in dinars, which have three.
fn open_in_three() -> (Door, SigningKey, Headers) {
    let (door, a, session) = open();
    let sandbox = &door.sandbox;
    for (asset, amount) in [("JPY", "5000"), ("KWD", "7.125")] {
        sandbox.asset(asset);
        sandbox.account(
            "bank-a",
            &format!("bank-a:{}", asset.to_lowercase()),
            asset,
            amount,
        );
        sandbox.account(
            "bank-b",
            &format!("bank-b:{}", asset.to_lowercase()),
            asset,
            "0",
        );
    }
    (door, a, session)
}

/// Answers had whole numbers without saying of what, so that each client remembered how many decimals
/// it had once sent.
#[test]
fn pain_17_amounts_come_with_the_decimals_of_their_asset() {
    let (door, _, session) = open_in_three();
    let assets = door.get("/v1/assets", session.clone()).json();
    let assets = assets
        .as_array()
        .or_else(|| assets["items"].as_array())
        .unwrap();
    for (asset, scale, posted) in [
        ("USD", 2, "1000.00"),
        ("JPY", 0, "5000"),
        ("KWD", 3, "7.125"),
    ] {
        let stated = assets.iter().find(|one| one["id"] == asset).unwrap();
        assert_eq!(stated["scale"], scale, "{stated}");
        let path = format!("/v1/accounts/bank-a:{}", asset.to_lowercase());
        let view = door.get(&path, session.clone()).json();
        assert_eq!(
            (&view["asset"], &view["posted"]),
            (&asset.into(), &posted.into())
        );
        for field in [
            "posted",
            "pending_debits",
            "pending_credits",
            "available",
            "credit_line",
        ] {
            let text = view[field]
                .as_str()
                .unwrap_or_else(|| panic!("{field}: {view}"));
            let decimals = text
                .split_once('.')
                .map_or(0, |(_, decimals)| decimals.len());
            assert_eq!(decimals, scale, "{field}: {view}");
        }
    }
}

/// Sums drifted, because amounts went through binary fractions, or were rounded to what fits.
#[test]
fn pain_17_amounts_are_exact_and_nothing_is_rounded() {
    let (door, a, _) = open_in_three();
    let sandbox = &door.sandbox;
    // A thousand times ten cents is a hundred: what binary fractions make 99.9999999999986.
    let pay = || sandbox.transfer("bank-a:usd", "bank-b:usd", "USD", "0.10");
    let all: Vec<String> = (0..1_000).map(|_| pay()).collect();
    let answer = door.submit("bank-a", &[&a], &sandbox.body(&all));
    assert!(answer.outcomes().iter().all(|code| code == "SETTLED"));
    assert_eq!(answer.json()["balances"][0]["posted"], "900.00");
    // Neither more decimals than there are, nor numbers that lose some on their way.
    for (debit, asset, amount) in [
        ("usd", "USD", "0.001"),
        ("jpy", "JPY", "1.0"),
        ("kwd", "KWD", "0.0001"),
    ] {
        let (debit, credit) = (format!("bank-a:{debit}"), format!("bank-b:{debit}"));
        let pay = sandbox.transfer(&debit, &credit, asset, amount);
        let answer = door.submit("bank-a", &[&a], &sandbox.body(&[pay]));
        assert_eq!(
            answer.outcomes(),
            ["PRECISION_EXCEEDED"],
            "{amount} {asset}"
        );
    }
    let size = door.size();
    let number = pay().replace("\"0.10\"", "0.10");
    let answer = door.submit("bank-a", &[&a], &sandbox.body(&[number]));
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "AMOUNT_NOT_STRING")
    );
    assert_eq!(door.size(), size);
}
