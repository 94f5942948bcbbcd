//! Against floods: each limit of the door by itself, and what others feel of it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chain::statement::Purpose;
use keys::SigningKey;

use crate::api_kit::{Answered, Door, Headers, connect, read_answer};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A connection from another address of this machine.
pub(crate) fn connect_from(last: u8, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
        socket.bind(from).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// A request that leaves the connection open.
pub(crate) fn request(method: &str, path: &str, headers: &Headers, body: &str) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: t\r\n");
    head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}\r\n{body}").into_bytes()
}

pub(crate) fn ask(on: &mut TcpStream, bytes: &[u8]) -> Option<Answered> {
    on.write_all(bytes).ok()?;
    read_answer(on)
}

pub(crate) fn get(on: &mut TcpStream, path: &str) -> Option<Answered> {
    ask(on, &request("GET", path, &Vec::new(), ""))
}

/// A bank with a signed wish that the ledger refuses, which is all the same to the door.
pub(crate) fn wish(door: &Door, who: &str, key: &SigningKey) -> Vec<u8> {
    let id = door.sandbox.id();
    let body = door.sandbox.body(&[format!(
        r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"{who}:none","credit":"{who}:none","asset":"USD","amount":"0.01"}}]}}}}"#
    )]);
    let headers = door.signed(Purpose::Submission, who, &[key], &body);
    request("POST", "/v1/submissions", &headers, &body)
}

/// The same with a body that was not signed.
pub(crate) fn forged(door: &Door, who: &str, key: &SigningKey) -> Vec<u8> {
    let (body, other) = (door.sandbox.body(&[]), door.sandbox.body(&[]));
    let headers = door.signed(Purpose::Submission, who, &[key], &other);
    request("POST", "/v1/submissions", &headers, &body)
}

fn n(number: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(number)
}

#[test]
fn an_address_has_a_rate() {
    let door = Door::open_with(|config| config.api.limits.address_per_s = n(3));
    let to = door.bound().public;
    let mut line = connect(to);
    let mut last = None;
    for _ in 0..100 {
        let answer = get(&mut line, "/v1/log").unwrap();
        if answer.status != 200 {
            last = Some(answer);
            break;
        }
    }
    let last = last.expect("a limit");
    assert_eq!(
        (last.status, last.problem().as_str()),
        (429, "RATE_LIMITED")
    );
    // The connection ends with it, and another address feels nothing.
    assert_eq!(line.read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(
        get(&mut connect_from(9, to), "/v1/log").unwrap().status,
        200
    );
    // Operators' listener has no such limit.
    for _ in 0..10 {
        assert_eq!(door.admin("/healthz").status, 200);
    }
    let metrics = door.admin("/metrics").text();
    assert!(
        metrics.contains("quittance_http_rate_limited_total{limit=\"address\"} 1"),
        "{metrics}"
    );
}

#[test]
fn a_participant_has_a_rate_and_others_have_theirs() {
    let door = Door::open_with(|config| config.api.limits.participant_per_s = n(2));
    let to = door.bound().public;
    let (a, b) = (door.sandbox.bank("bank-a"), door.sandbox.bank("bank-b"));
    let met = (0..100).find_map(|_| {
        let answer = ask(&mut connect(to), &wish(&door, "bank-a", &a)).unwrap();
        (answer.status != 201).then_some(answer)
    });
    let met = met.expect("a limit");
    assert_eq!((met.status, met.problem().as_str()), (429, "RATE_LIMITED"));
    let other = ask(&mut connect(to), &wish(&door, "bank-b", &b)).unwrap();
    assert_eq!(other.status, 201, "{}", other.text());
}

#[test]
fn bad_signatures_turn_an_address_away_but_not_proven_connections() {
    let door = Door::open_with(|config| {
        config.api.limits.bad_signatures_per_s = n(1);
        config.api.limits.bad_signatures_burst = n(3).unwrap();
        config.api.limits.penalty = Duration::from_secs(600);
    });
    let to = door.bound().public;
    let key = door.sandbox.bank("bank-a");
    let mut honest = connect(to);
    assert_eq!(
        ask(&mut honest, &wish(&door, "bank-a", &key))
            .unwrap()
            .status,
        201
    );
    let mut flooder = connect(to);
    let mut refused = 0;
    let blocked = (0..50).find_map(|_| {
        let answer = ask(&mut flooder, &forged(&door, "bank-a", &key)).unwrap();
        refused += u32::from(answer.status == 401);
        (answer.status != 401).then_some(answer)
    });
    let blocked = blocked.expect("a limit");
    assert!(refused >= 3);
    assert_eq!(
        (blocked.status, blocked.problem().as_str()),
        (429, "ADDRESS_BLOCKED")
    );
    assert!(
        blocked
            .header("retry-after")
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 60
    );
    assert_eq!(
        flooder.read(&mut [0]).unwrap_or(0),
        0,
        "the connection is closed"
    );
    // A good signature on a new connection comes too late; on a proven one all goes on.
    let new = ask(&mut connect(to), &wish(&door, "bank-a", &key)).unwrap();
    assert_eq!(new.problem(), "ADDRESS_BLOCKED");
    let answer = ask(&mut honest, &wish(&door, "bank-a", &key)).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    // Reading needs no signature, and another address is another address.
    assert_eq!(get(&mut connect(to), "/v1/log").unwrap().status, 200);
    let answer = ask(&mut connect_from(7, to), &wish(&door, "bank-a", &key)).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    // What proves a connection is its newest signature.
    assert_eq!(
        ask(&mut honest, &forged(&door, "bank-a", &key))
            .unwrap()
            .status,
        401
    );
    let answer = ask(&mut honest, &wish(&door, "bank-a", &key)).unwrap();
    assert_eq!(answer.problem(), "ADDRESS_BLOCKED");
    let note = door.session_note("bank-a", &key);
    assert_eq!(door.open_session(&note).problem(), "ADDRESS_BLOCKED");
}

#[test]
fn who_does_not_wait_for_answers_is_cut() {
    let door = Door::open_with(|config| {
        config.api.limits.bad_signatures_burst = n(1).unwrap();
        config.api.limits.penalty = Duration::from_secs(600);
    });
    let key = door.sandbox.bank("bank-a");
    let mut line = connect(door.bound().public);
    let bytes: Vec<u8> = forged(&door, "bank-a", &key).repeat(1_000);
    let mut writer = line.try_clone().unwrap();
    // It is cut while it sends, or when it has sent.
    let sender = std::thread::spawn(move || while writer.write_all(&bytes).is_ok() {});
    let mut answers = Vec::new();
    let _ = line.read_to_end(&mut answers);
    sender.join().unwrap();
    let text = String::from_utf8_lossy(&answers);
    assert!(text.matches(" 429 ").count() <= 2, "{text}");
}

#[test]
fn a_block_ends() {
    let door = Door::open_with(|config| {
        config.api.limits.bad_signatures_per_s = n(100);
        config.api.limits.bad_signatures_burst = n(1).unwrap();
        config.api.limits.penalty = Duration::from_secs(1);
    });
    let to = door.bound().public;
    let key = door.sandbox.bank("bank-a");
    let start = Instant::now();
    while ask(&mut connect(to), &forged(&door, "bank-a", &key))
        .unwrap()
        .status
        != 429
    {
        assert!(start.elapsed() < PATIENCE, "no limit");
    }
    let start = Instant::now();
    while ask(&mut connect(to), &wish(&door, "bank-a", &key))
        .unwrap()
        .status
        != 201
    {
        assert!(start.elapsed() < PATIENCE, "no end");
    }
}

#[test]
fn an_address_has_so_many_connections() {
    let door = Door::open_with(|config| config.api.limits.connections_per_address = n(3));
    let to = door.bound().public;
    let mut lines: Vec<TcpStream> = (0..3).map(|_| connect(to)).collect();
    for line in &mut lines {
        assert_eq!(get(line, "/v1/log").unwrap().status, 200);
    }
    assert!(
        get(&mut connect(to), "/v1/log").is_none(),
        "a fourth connection"
    );
    assert_eq!(
        get(&mut connect_from(5, to), "/v1/log").unwrap().status,
        200
    );
    for line in &mut lines {
        assert_eq!(get(line, "/v1/log").unwrap().status, 200);
    }
    // Who leaves makes room.
    drop(lines);
    let start = Instant::now();
    while get(&mut connect(to), "/v1/log").is_none() {
        assert!(start.elapsed() < PATIENCE, "no room");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn when_all_places_are_taken_newcomers_wait_for_one() {
    let door = Door::open_with(|config| {
        config.api.workers = 1;
        config.api.connections_max = 2;
    });
    let to = door.bound().public;
    let mut lines: Vec<TcpStream> = (0..2).map(|_| connect(to)).collect();
    for line in &mut lines {
        assert_eq!(get(line, "/v1/log").unwrap().status, 200);
    }
    let mut third = connect(to);
    third
        .write_all(&request("GET", "/v1/log", &Vec::new(), ""))
        .unwrap();
    third
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    assert!(third.read(&mut [0]).is_err(), "answered beyond the limit");
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    drop(lines);
    assert_eq!(read_answer(&mut third).unwrap().status, 200);
}

#[test]
fn bodies_have_one_budget() {
    let door = Door::open_with(|config| config.api.limits.body_bytes_in_flight_max = 1 << 20);
    let to = door.bound().public;
    let key = door.sandbox.bank("bank-a");
    let large = " ".repeat(900 << 10);
    let headers = door.signed(Purpose::Submission, "bank-a", &[&key], &large);
    let bytes = request("POST", "/v1/submissions", &headers, &large);
    // All but the last byte, twice: the second is over the budget.
    let mut first = connect(to);
    first.write_all(&bytes[..bytes.len() - 1]).unwrap();
    let start = Instant::now();
    let held = format!("quittance_http_body_bytes {}", large.len() - 1);
    while !door.admin("/metrics").text().contains(&held) {
        assert!(start.elapsed() < PATIENCE, "the first does not arrive");
        std::thread::sleep(Duration::from_millis(50));
    }
    let second = loop {
        let mut second = connect(to);
        let _ = second.write_all(&bytes[..bytes.len() - 1]);
        second
            .set_read_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        if second.peek(&mut [0]).is_ok() {
            break read_answer(&mut second).unwrap();
        }
        assert!(start.elapsed() < PATIENCE, "no limit");
    };
    assert_eq!(
        (second.status, second.problem().as_str()),
        (503, "BODIES_FULL")
    );
    // What is small goes on.
    let small = ask(&mut connect(to), &wish(&door, "bank-a", &key)).unwrap();
    assert_eq!(small.status, 201, "{}", small.text());
    // And the budget comes back.
    first.write_all(&bytes[bytes.len() - 1..]).unwrap();
    assert_eq!(read_answer(&mut first).unwrap().problem(), "JSON_SYNTAX");
    let start = Instant::now();
    while ask(&mut connect(to), &bytes).is_none_or(|answer| answer.status != 400) {
        assert!(start.elapsed() < PATIENCE, "the budget does not come back");
    }
}

#[test]
fn dry_runs_have_a_rate_in_legs() {
    let door = Door::open_with(|config| config.api.limits.dry_run_legs_per_s = n(1));
    let key = door.sandbox.bank("bank-a");
    let leg = r#"{"debit":"bank-a:none","credit":"bank-a:none","asset":"USD","amount":"0.01"}"#;
    let legs = vec![leg; 250].join(",");
    let wishes = |count: usize| {
        let one = || {
            format!(
                r#"{{"transfer":{{"id":"{}","legs":[{legs}]}}}}"#,
                door.sandbox.id()
            )
        };
        door.sandbox
            .body(&(0..count).map(|_| one()).collect::<Vec<_>>())
    };
    assert_eq!(door.dry_run("bank-a", &[&key], &wishes(32)).status, 200);
    let second = door.dry_run("bank-a", &[&key], &wishes(32));
    assert_eq!(
        (second.status, second.problem().as_str()),
        (429, "RATE_LIMITED")
    );
    // For real it is another matter.
    assert_eq!(door.submit("bank-a", &[&key], &wishes(1)).status, 201);
}

#[test]
fn what_would_be_dropped_costs_no_group() {
    let door = Door::open();
    let key = door.sandbox.bank("bank-a");
    let auditor = SigningKey::generate("audit-x/key-1").unwrap();
    let pair = [
        SigningKey::generate("bank-b/a"),
        SigningKey::generate("bank-b/b"),
    ];
    let [one, two] = pair.map(|key| key.unwrap());
    let ids = (door.sandbox.id(), door.sandbox.id());
    let reply = door.sandbox.govern(&[
        format!(r#"{{"add_participant":{{"id":"{}","participant":"audit-x","role":"auditor","keys":["{}"],"threshold":1}}}}"#, ids.0, auditor.verifier_key()),
        format!(r#"{{"add_participant":{{"id":"{}","participant":"bank-b","role":"bank","keys":["{}","{}"],"threshold":2}}}}"#, ids.1, one.verifier_key(), two.verifier_key()),
    ]);
    crate::kit::assert_good(&reply);
    let body = || {
        let id = door.sandbox.id();
        door.sandbox.body(&[format!(
            r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"x:none","credit":"x:none","asset":"USD","amount":"0.01"}}]}}}}"#
        )])
    };
    let groups = |door: &Door| {
        let text = door.admin("/metrics").text();
        let line = text
            .lines()
            .find(|l| l.starts_with("quittance_groups_total"));
        line.unwrap()
            .rsplit(' ')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let before = groups(&door);
    let young = body();
    let at = young.find("\"created\":\"").unwrap() + "\"created\":\"".len();
    let old = format!("{}2001{}", &young[..at], &young[at + 4..]);
    for (who, key, body, code) in [
        ("audit-x", &auditor, body(), "ROLE_NOT_ALLOWED"),
        ("bank-b", &one, body(), "POLICY_UNMET"),
        ("bank-c", &key, body(), "PARTICIPANT_UNKNOWN"),
        ("bank-a", &key, old.clone(), "CREATED_OUTSIDE_WINDOW"),
    ] {
        assert_eq!(door.submit(who, &[key], &body).problem(), code, "{who}");
        assert_eq!(door.dry_run(who, &[key], &body).problem(), code, "{who}");
    }
    assert_eq!(groups(&door), before, "a refusal reached the sequencer");
    let both = door.submit("bank-b", &[&one, &two], &body());
    assert_eq!(both.status, 201, "{}", both.text());
}

#[test]
fn one_bank_cannot_fill_the_queue() {
    let mut sandbox = crate::kit::Sandbox::new();
    sandbox.config.sequencer.queue_len_max = 8;
    sandbox.config.sequencer.queue_share_percent = 25;
    sandbox.reopen();
    let door = Door::serving(sandbox);
    let (a, b) = (door.sandbox.bank("bank-a"), door.sandbox.bank("bank-b"));
    let to = door.bound().public;
    let (full, done) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let mut line = connect(to);
                while !done.load(Ordering::Relaxed) {
                    let answer = ask(&mut line, &wish(&door, "bank-a", &a)).unwrap();
                    if answer.status != 201 {
                        assert_eq!(answer.problem(), "QUEUE_SHARE_FULL");
                        full.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
        let start = Instant::now();
        let mut settled = 0;
        while !(full.load(Ordering::Relaxed) && settled >= 20) && start.elapsed() < PATIENCE {
            let answer = ask(&mut connect(to), &wish(&door, "bank-b", &b)).unwrap();
            let fine = answer.status == 201;
            if !fine {
                done.store(true, Ordering::Relaxed);
            }
            assert!(fine, "{}", answer.text());
            settled += 1;
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(full.load(Ordering::Relaxed), "no share was met");
}
