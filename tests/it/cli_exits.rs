//! How `submit` ends, with the real binary: a script tells what settled from what waits, what was
//! refused, what was never sent, and what nobody knows.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::cli::run;
use crate::cli_node::{BANK, Node, balance, ends, good, pay, set_up};

/// Passes bytes on in both directions, until a submission has gone through: then it hangs up, and
/// nobody hears the answer.
fn deaf_to_submissions(node: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || between(client, node));
        }
    });
    at
}

fn between(mut client: TcpStream, node: SocketAddr) {
    let mut upstream = TcpStream::connect(node).unwrap();
    let deaf = Arc::new(AtomicBool::new(false));
    let (mut back, mut answers, is_deaf) = (
        client.try_clone().unwrap(),
        upstream.try_clone().unwrap(),
        Arc::clone(&deaf),
    );
    std::thread::spawn(move || {
        let mut chunk = [0; 65_536];
        while let Ok(n @ 1..) = answers.read(&mut chunk) {
            if is_deaf.load(Ordering::SeqCst) {
                // The node has answered, so it is in the log.
                let _ = back.shutdown(Shutdown::Both);
                return;
            }
            if back.write_all(&chunk[..n]).is_err() {
                return;
            }
        }
    });
    let mut chunk = [0; 65_536];
    while let Ok(n @ 1..) = client.read(&mut chunk) {
        if chunk[..n].starts_with(b"POST /v1/submissions ") {
            deaf.store(true, Ordering::SeqCst);
        }
        if upstream.write_all(&chunk[..n]).is_err() {
            return;
        }
    }
}

fn wish(path: &Path, expected: i32, wishes: &[Value], more: &str) -> String {
    let wishes: Vec<String> = wishes
        .iter()
        .map(|wish| format!("--instruction {wish}"))
        .collect();
    let command = format!("submit {} --dir out {more} {BANK}", wishes.join(" "));
    ends(path, expected, &command)
}

fn transfer(amount: &str) -> Value {
    json!({"transfer": {"legs": [{"debit": "bank-a:usd", "credit": "bank-a:reserve",
        "asset": "USD", "amount": amount}]}})
}

fn waiting(amount: &str) -> Value {
    let mut transfer = transfer(amount);
    transfer["transfer"]["queue"] = json!({});
    transfer
}

#[test]
fn each_end_of_a_submission_has_its_exit_code() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    // Done, and accepted but not done; a dry run says the same.
    wish(path, 0, &[transfer("1.00")], "--dry-run");
    wish(path, 0, &[transfer("1.00")], "");
    let told = wish(path, 3, &[waiting("500.00")], "--dry-run");
    assert!(told.contains("QUEUED"), "{told}");
    wish(path, 3, &[waiting("500.00"), transfer("1.00")], "");
    // Refused by the ledger, whatever else was accepted; and by the node, which logs nothing.
    wish(path, 1, &[transfer("1000.00")], "--dry-run");
    let told = wish(path, 1, &[waiting("600.00"), transfer("1000.00")], "");
    assert!(
        told.contains("QUEUED") && told.contains("INSUFFICIENT_FUNDS"),
        "{told}"
    );
    let stranger = pay("1.00", "").replace("bank-a.pem", "auditor.pem");
    let told = ends(path, 1, &stranger);
    assert!(told.contains("ROLE_NOT_ALLOWED"), "{told}");
    // Never sent: an amount that is none, no such file, no such key, another log, no node.
    let told = wish(path, 2, &[transfer("1.0x")], "");
    assert!(told.contains("AMOUNT_GRAMMAR"), "{told}");
    ends(path, 2, &format!("submit nowhere.json {BANK}"));
    wish(path, 2, &[transfer("1.00")], "--key nowhere.pem");
    let other = fs::read_to_string(path.join("bank-a.vkey")).unwrap();
    // A key whose id is not that of its name and bytes; it is said what is wrong with it.
    let retyped = other.trim_end().replace("/one+", "/two+");
    let wrong = json!({"add_key": {"participant": "bank-a", "vkey": retyped}});
    let told = wish(path, 2, &[wrong], "");
    assert!(
        told.contains("VKEY_GRAMMAR") && told.contains("the key id is"),
        "{told}"
    );
    let other = BANK.replace("data/log.vkey", other.trim_end());
    let pays = pay("1.00", "").replace(BANK, &other);
    let told = ends(path, 2, &pays);
    assert!(told.contains("another log"), "{told}");
    let told = wish(path, 2, &[transfer("1.00")], "--url http://127.0.0.1:1");
    assert!(told.contains("is the node running"), "{told}");
    let json = pay("1.00", "--url http://127.0.0.1:1 --output json");
    let (code, _, err) = run(path, &json.split(' ').collect::<Vec<_>>());
    let failure: Value = serde_json::from_str(err.lines().last().unwrap()).unwrap();
    assert_eq!((code, &failure["exit"]), (2, &json!(2)), "{err}");
    assert_eq!(balance(path), "98.00");
}

#[test]
fn what_nobody_knows_ends_with_four_and_the_same_bytes_tell() {
    let node = Node::start();
    let path = node.path();
    set_up(path);
    let proxy = deaf_to_submissions(node.address().parse().unwrap());
    let lost = pay("12.50", &format!("--message-id lost --url http://{proxy}"));
    let told = ends(path, 4, &lost);
    assert!(
        told.contains("nobody knows whether it was logged") && told.contains("out/lost.json"),
        "{told}"
    );
    let told = good(path, &format!("submit out/lost.json {BANK}"));
    assert!(told.contains("nothing moved again"), "{told}");
    assert_eq!(balance(path), "87.50");
    // It was answered, and the receipt cannot be kept: the answer comes again.
    fs::create_dir(path.join("out/kept.receipt.json")).unwrap();
    let told = ends(path, 4, &pay("1.00", "--message-id kept"));
    assert!(told.contains("it is in the log, entry"), "{told}");
    fs::remove_dir(path.join("out/kept.receipt.json")).unwrap();
    let told = good(path, &format!("submit out/kept.json {BANK}"));
    assert!(told.contains("nothing moved again"), "{told}");
    assert_eq!(balance(path), "86.50");
}
