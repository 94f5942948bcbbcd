//! What a request may be: bytes and lines of its head, bytes of its body, time for both, and what
//! is sent in a row.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use chain::statement::Purpose;

use crate::api_kit::{Door, Headers, connect, read_answer};
use crate::api_limits::{PATIENCE, ask, get, request, wish};

#[test]
fn heads_are_bounded_in_bytes_and_lines() {
    let door = Door::open();
    let to = door.bound().public;
    let long = vec![("X-Long", "x".repeat(200 << 10))];
    let many: Headers = (0..200).map(|_| ("X-Many", "x".to_owned())).collect();
    for headers in [long, many] {
        let mut line = connect(to);
        let bytes = request("GET", "/v1/log", &headers, "");
        let _ = line.write_all(&bytes);
        let answer = read_answer(&mut line);
        assert!(
            answer
                .as_ref()
                .is_none_or(|a| matches!(a.status, 400 | 408 | 413 | 431)),
            "{answer:?}"
        );
    }
    for nonsense in [
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
        "GET\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
    ] {
        let mut line = connect(to);
        let answer = ask(&mut line, nonsense.as_bytes());
        assert!(
            answer.as_ref().is_none_or(|a| a.status == 400),
            "{answer:?}"
        );
    }
    assert_eq!(get(&mut connect(to), "/v1/log").unwrap().status, 200);
}

#[test]
fn bodies_are_bounded_however_they_come() {
    let door = Door::open_with(|config| config.api.body_bytes_max = 4_096);
    let to = door.bound().public;
    let key = door.sandbox.bank("bank-a");
    let large = " ".repeat(5_000);
    let headers = door.signed(Purpose::Submission, "bank-a", &[&key], &large);
    let stated = request("POST", "/v1/submissions", &headers, &large);
    assert_eq!(
        ask(&mut connect(to), &stated).unwrap().problem(),
        "BODY_TOO_LARGE"
    );
    let mut chunked =
        String::from("POST /v1/submissions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n");
    for (name, value) in &headers {
        chunked.push_str(&format!("{name}: {value}\r\n"));
    }
    chunked.push_str(&format!("\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len()));
    let answer = ask(&mut connect(to), chunked.as_bytes()).unwrap();
    assert_eq!(answer.problem(), "BODY_TOO_LARGE");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let door = Door::open();
    let key = door.sandbox.bank("bank-a");
    let mut line = connect(door.bound().public);
    let mut bytes = Vec::new();
    for _ in 0..20 {
        bytes.extend(wish(&door, "bank-a", &key));
    }
    bytes.extend(request(
        "GET",
        "/v1/log",
        &vec![("Connection", "close".to_owned())],
        "",
    ));
    line.write_all(&bytes).unwrap();
    let mut text = String::new();
    line.read_to_string(&mut text).unwrap();
    let statuses: Vec<&str> = text
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &text[at + 9..at + 12])
        .collect();
    assert_eq!(statuses.len(), 21, "{text}");
    assert!(statuses[..20].iter().all(|s| *s == "201") && statuses[20] == "200");
    // In the order of the requests: the indexes rise.
    let indexes: Vec<u64> = text
        .match_indices("{\"index\":")
        .map(|(at, found)| {
            let digits = &text[at + found.len()..];
            digits[..digits.find(',').unwrap()].parse().unwrap()
        })
        .collect();
    assert!(indexes.is_sorted() && indexes.len() >= 20, "{indexes:?}");
}

#[test]
fn a_byte_a_second_is_cut_while_others_are_served() {
    let door = Door::open_with(|config| {
        config.api.header_timeout = Duration::from_millis(1_000);
        config.api.body_timeout = Duration::from_millis(1_000);
        config.api.keep_alive = Duration::from_millis(500);
    });
    let to = door.bound().public;
    let key = door.sandbox.bank("bank-a");
    let wish_bytes = wish(&door, "bank-a", &key);
    let head = wish_bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap()
        + 4;
    // One drips its head, another its body.
    let cut = |sent_at_once: usize| {
        let bytes = wish_bytes.clone();
        std::thread::spawn(move || {
            let mut line = connect(to);
            line.write_all(&bytes[..sent_at_once]).unwrap();
            let start = Instant::now();
            for byte in &bytes[sent_at_once..] {
                if line.write_all(&[*byte]).is_err() {
                    return true;
                }
                line.set_read_timeout(Some(Duration::from_millis(100)))
                    .unwrap();
                match line.read(&mut [0]) {
                    Ok(_) => return true,
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(_) => return true,
                }
                assert!(start.elapsed() < PATIENCE);
            }
            false
        })
    };
    let slow = [cut(10), cut(head + 1), cut(head - 3)];
    let mut served = 0;
    while !slow.iter().all(std::thread::JoinHandle::is_finished) {
        let answer = ask(&mut connect(to), &wish(&door, "bank-a", &key)).unwrap();
        assert_eq!(answer.status, 201);
        served += 1;
    }
    assert!(served > 0);
    for slow in slow {
        assert!(slow.join().unwrap(), "a slow client got through");
    }
}
