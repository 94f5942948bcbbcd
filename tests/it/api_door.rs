//! The door itself: framework errors in our form, slow clients, the public log, the operators'
//! listener, the document.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use quittance::api::ADMIN_ROUTES;

use crate::api_kit::{Door, call, connect, read_answer};

#[test]
fn framework_errors_are_problems_too() {
    let door = Door::open();
    let to = door.bound().public;
    let none = Vec::new();
    let cases = [
        ("GET", "/v1", 404, "NOT_FOUND"),
        ("GET", "/v1/submissions/", 404, "NOT_FOUND"),
        ("GET", "/healthz", 404, "NOT_FOUND"),
        ("DELETE", "/v1/submissions", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/v1/log", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/log/checkpoint", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/log/tile/nonsense", 404, "TILE_NOT_FOUND"),
        ("GET", "/log/tile/0/000", 404, "TILE_NOT_FOUND"),
        ("GET", "/log/tile/0/001.p/1", 404, "TILE_NOT_FOUND"),
        ("GET", "/v1/accounts", 401, "TOKEN_MISSING"),
        ("GET", "/v1/entries/1", 401, "TOKEN_MISSING"),
        ("POST", "/v1/sessions", 415, "CONTENT_TYPE_UNSUPPORTED"),
        ("POST", "/v1/submissions", 400, "SUBMITTER_MISSING"),
    ];
    for (method, path, status, code) in cases {
        let answer = call(to, method, path, &none, b"");
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, code),
            "{method} {path}"
        );
        if status == 405 {
            let allow = answer.header("allow").unwrap();
            assert!(allow.contains("GET") || allow.contains("POST"), "{allow}");
            assert!(!allow.contains(method), "{allow}");
        }
    }
    let operator = door.session("operators", &door.sandbox.operator);
    for path in [
        "/v1/receipts/x",
        "/v1/receipts/01",
        "/v1/receipts/+1",
        "/v1/receipts/-1",
    ] {
        assert_eq!(
            door.get(path, operator.clone()).problem(),
            "PATH_INVALID",
            "{path}"
        );
    }
    for path in [
        "/v1/receipts/0?item=x",
        "/v1/receipts/0?n=1",
        "/v1/submissions",
        "/v1/submissions?participant=A&created=x&message_id=1",
        "/v1/accounts?limit=1&limit=2",
    ] {
        assert_eq!(
            door.get(path, operator.clone()).problem(),
            "QUERY_INVALID",
            "{path}"
        );
    }
    // HEAD is GET without the body.
    let head = call(to, "HEAD", "/v1/log", &none, b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    // Ids differ.
    let ids: BTreeSet<_> = (0..3)
        .map(|_| {
            door.get("/v1/log", Vec::new())
                .header("quittance-request-id")
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn large_bodies_are_refused_however_they_come() {
    let door = Door::open_with(|config| config.api.body_bytes_max = 4096);
    let headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Quittance-Submitter", "operators".to_owned()),
    ];
    let key = &door.sandbox.operator;
    let body = " ".repeat(4097);
    let purpose = chain::statement::Purpose::Submission;
    let signed = door.signed(purpose, "operators", &[key], &body);
    let answer = door.post("/v1/submissions", &signed, body.as_bytes());
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (413, "BODY_TOO_LARGE")
    );
    let answer = door.post("/v1/submissions", &headers, body.as_bytes());
    assert_eq!(answer.problem(), "SIGNATURE_MISSING");

    // In chunks, without a stated length.
    let mut connection = connect(door.bound().public);
    let mut head =
        "POST /v1/submissions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n".to_owned();
    for (name, value) in &signed {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    connection
        .write_all(format!("{head}\r\n").as_bytes())
        .unwrap();
    for _ in 0..5 {
        let _ = connection.write_all(format!("400\r\n{}\r\n", " ".repeat(1024)).as_bytes());
    }
    let answer = read_answer(&mut connection).unwrap();
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (413, "BODY_TOO_LARGE")
    );
    assert_eq!(door.size(), 1);
}

#[test]
fn lengths_that_contradict_are_refused() {
    let door = Door::open();
    let mut connection = connect(door.bound().public);
    let head = "POST /v1/submissions HTTP/1.1\r\nHost: t\r\n\
                Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}";
    connection.write_all(head.as_bytes()).unwrap();
    let answer = read_answer(&mut connection);
    assert!(answer.is_none_or(|answer| answer.status == 400));
}

#[test]
fn slow_clients_do_not_hold_connections() {
    let door = Door::open_with(|config| {
        config.api.header_timeout = Duration::from_millis(1500);
        config.api.body_timeout = Duration::from_millis(1500);
        config.api.keep_alive = Duration::from_millis(500);
    });
    let to = door.bound().public;
    // A head that never ends.
    let mut connection = connect(to);
    connection
        .write_all(b"GET /v1/log HTTP/1.1\r\nHost:")
        .unwrap();
    let answer = read_answer(&mut connection);
    assert!(answer.is_none_or(|answer| answer.status == 408));

    // The second head on a connection that was good once.
    let mut connection = connect(to);
    connection
        .write_all(b"GET /v1/log HTTP/1.1\r\nHost: t\r\n\r\n")
        .unwrap();
    assert_eq!(read_answer(&mut connection).unwrap().status, 200);
    connection
        .write_all(b"GET /v1/log HTTP/1.1\r\nHost:")
        .unwrap();
    let answer = read_answer(&mut connection);
    assert!(answer.is_none_or(|answer| answer.status == 408));

    // A head that never ends, a byte at a time.
    let mut connection = connect(to);
    connection
        .write_all(b"GET /v1/log HTTP/1.1\r\nHost: t\r\n\r\n")
        .unwrap();
    assert_eq!(read_answer(&mut connection).unwrap().status, 200);
    let started = std::time::Instant::now();
    while connection.write_all(b"G").is_ok() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "the server listens for ever"
        );
        std::thread::sleep(Duration::from_millis(100));
    }

    // A body that never ends.
    let key = &door.sandbox.operator;
    let signed = door.signed(
        chain::statement::Purpose::Submission,
        "operators",
        &[key],
        "{}",
    );
    let mut head = "POST /v1/submissions HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n".to_owned();
    for (name, value) in &signed {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut connection = connect(to);
    connection
        .write_all(format!("{head}\r\n{{").as_bytes())
        .unwrap();
    let answer = read_answer(&mut connection).unwrap();
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (408, "BODY_TIMEOUT")
    );
    assert_eq!(door.size(), 1);
}

#[test]
fn the_log_is_public_and_cached_as_it_may_be() {
    let door = Door::open();
    door.sandbox.bank("bank-a");
    let checkpoint = door.get("/log/checkpoint", Vec::new());
    assert_eq!(
        checkpoint.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(
        checkpoint.header("cache-control"),
        Some("public, max-age=1")
    );
    let note = chain::Note::parse(&checkpoint.body).unwrap();
    let log_key = door.sandbox.node().log_key();
    assert_eq!(note.verify(&[&log_key]).unwrap().len(), 1);

    let tile = door.get("/log/tile/0/000.p/2", Vec::new());
    assert_eq!((tile.status, tile.body.len()), (200, 64));
    assert_eq!(
        tile.header("content-type"),
        Some("application/octet-stream")
    );
    let forever = "public, max-age=31536000, immutable";
    assert_eq!(tile.header("cache-control"), Some(forever));
    let bundle = door.get("/log/tile/entries/000.p/2", Vec::new());
    assert_eq!((bundle.status, bundle.body.len()), (200, 2 * 122));
    let leaf = chain::Hash::leaf(&bundle.body[2..122]);
    assert_eq!(&tile.body[..32], leaf.as_bytes());

    let log = door.get("/v1/log", Vec::new()).json();
    assert_eq!(log["vkey"], log_key.to_string());
    assert_eq!(log["genesis_hash"], leaf.to_string());
    assert_eq!(log["mode"], "sandbox");
}

#[test]
fn operators_have_a_listener_of_their_own() {
    let mut door = Door::open();
    let open = |path: &&(&str, &str)| !path.1.starts_with("/backup/");
    for (_, path) in ADMIN_ROUTES.iter().filter(open) {
        assert_eq!(door.admin(path).status, 200, "{path}");
    }
    assert_eq!(door.admin("/v1/log").problem(), "NOT_FOUND");
    let metrics = door.admin("/metrics").text();
    assert!(metrics.contains("quittance_log_size 1"), "{metrics}");
    assert!(
        metrics.contains("quittance_http_answers_total{status=\"2xx\"}"),
        "{metrics}"
    );
    assert_eq!(metrics.matches("# EOF").count(), 1);

    // A node that goes down says so, and nothing is lost silently.
    door.sandbox.node().shutdown();
    let ready = door.admin("/readyz");
    assert_eq!(
        (ready.status, ready.problem().as_str()),
        (503, "SHUTTING_DOWN")
    );
    let id = door.sandbox.id();
    let add = format!(r#"{{"add_asset":{{"id":"{id}","asset":"USD","module":"fiat"}}}}"#);
    let body = door.sandbox.body(&[add]);
    let answer = door.submit("operators", &[&door.sandbox.operator], &body);
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (503, "SHUTTING_DOWN")
    );
    // An idle connection does not hold up the end.
    let bound = door.bound();
    let mut idle = connect(bound.public);
    idle.write_all(b"GET /v1/log HTTP/1.1\r\nHost: t\r\n\r\n")
        .unwrap();
    assert_eq!(read_answer(&mut idle).unwrap().status, 200);
    let started = std::time::Instant::now();
    door.stop();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(read_answer(&mut idle).is_none());
    for address in [bound.public, bound.admin] {
        assert!(std::net::TcpStream::connect(address).is_err(), "{address}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let door = Door::open();
    let mut config = door.sandbox.config.clone();
    config.api.listen = door.bound().public;
    let error = quittance::api::serve(door.sandbox.node().clone(), &config).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("api.listen: cannot listen on 127.0.0.1:"),
        "{error}"
    );
}
