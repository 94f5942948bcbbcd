//! `quittance bench` through the binary, small: what is counted and said, never how fast it was.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{line, quittance};
use crate::cli_node::json_of;

/// Runs a command and gives its document; the circumstances are as they must be.
fn document(command: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let args: Vec<_> = command.split_whitespace().collect();
    let document = json_of(folder.path(), &args);
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    assert!(document["commit"].is_null() || document["commit"].as_str().unwrap().len() >= 40);
    assert!(document["machine"]["cores"].as_u64().unwrap() > 0);
    for field in ["processor", "kernel"] {
        assert!(document["machine"][field].is_string(), "{field}");
    }
    assert!(document["started"].as_str().unwrap().ends_with('Z'));
    document
}

fn reports(document: &Value) -> &Vec<Value> {
    document["reports"].as_array().unwrap()
}

fn names(document: &Value) -> Vec<&str> {
    let names = reports(document).iter().map(|report| &report["name"]);
    names.map(|name| name.as_str().unwrap()).collect()
}

/// Every report did this much in each of its runs, with every figure in its place.
fn counts(document: &Value, runs: usize, done: u64) {
    for report in reports(document) {
        let all = report["runs"].as_array().unwrap();
        assert_eq!(all.len(), runs, "{report}");
        for part in all.iter().chain([report]) {
            let ms = ["p50_ms", "p99_ms", "p999_ms", "p100_ms"].map(|name| part[name].as_f64());
            assert!(ms.is_sorted() && ms[0] > Some(0.0), "{part}");
            assert!(part["per_second"].as_f64().unwrap() > 0.0, "{part}");
            assert!(part["late"].is_u64() && part["stalls"].is_u64(), "{part}");
            assert_eq!(part["refused"], 0, "{part}");
        }
        for run in all {
            assert_eq!(run["done"], done, "{report}");
            assert!(run["seconds"].as_f64().unwrap() > 0.0, "{run}");
        }
    }
}

fn verified(document: &Value) -> bool {
    let runs = reports(document)
        .iter()
        .flat_map(|report| report["runs"].as_array().unwrap());
    runs.into_iter()
        .all(|run| run["verified"].as_u64().unwrap() > 0)
}

#[test]
fn singles_are_counted_and_verified_for_each_number_of_connections() {
    let document = document("bench W2 --settlements 50 --runs 1");
    assert_eq!(names(&document), ["W2, 1 connection", "W2, 16 connections"]);
    counts(&document, 1, 50);
    assert!(verified(&document));
    assert_eq!(document["reports"][1]["connections"], 16);
    assert_eq!(document["reports"][1]["transfers_per_message"], 1);
}

#[test]
fn batches_are_counted_until_the_store_has_caught_up() {
    let document = document("bench W3 W5 --settlements 8189 --runs 1");
    assert_eq!(names(&document), ["W3", "W5"]);
    let done = reports(&document)
        .iter()
        .map(|report| report["runs"][0]["done"].as_u64().unwrap());
    assert_eq!(done.collect::<Vec<_>>(), [8_189, 8_200]);
    assert!(verified(&document));
    let answered =
        &document["reports"][0]["runs"][0]["figures"]["per second until the last answer"];
    assert!(
        answered.as_f64() > document["reports"][0]["per_second"].as_f64(),
        "{document}"
    );
}

#[test]
fn a_schedule_sends_everything_at_its_rate() {
    let document = document("bench W1 --settlements 40 --runs 2 --rate 200 --connections 4");
    counts(&document, 2, 40);
    assert_eq!(document["reports"][0]["rate"], 200.0);
    // The fortieth is due 195 ms after the first.
    for run in document["reports"][0]["runs"].as_array().unwrap() {
        assert!(run["seconds"].as_f64().unwrap() >= 0.195, "{run}");
    }
}

#[test]
fn comparisons_within_one_run_say_their_ratio() {
    let document = document("bench W11 --settlements 40 --runs 1 --connections 4");
    assert_eq!(names(&document), ["W11, plain", "W11, TLS 1.3"]);
    counts(&document, 1, 40);
    assert!(verified(&document));
    assert!(document["reports"][0]["ratio"].is_null());
    assert!(document["reports"][1]["ratio"].as_f64().unwrap() > 0.0);
    assert_eq!(document["reports"][1]["ratio_to"], "W11, plain");
}

#[test]
fn richer_rules_are_measured_in_turns_with_none() {
    let document = document("bench W12 --settlements 8189 --runs 1 --accounts 200");
    assert_eq!(names(&document), ["W12, plain", "W12, under rules"]);
    counts(&document, 1, 8_189);
    assert!(verified(&document));
    assert_eq!(document["reports"][1]["ratio_to"], "W12, plain");
    assert!(document["reports"][1]["ratio"].as_f64().unwrap() > 0.0);
}

#[test]
fn one_payer_is_measured_in_turns_with_many() {
    let document = document("bench W10 --settlements 40 --runs 1 --connections 4");
    let expected = [
        "W10, W1",
        "W10, W1 with one payer",
        "W10, W3",
        "W10, W3 with one payer",
    ];
    assert_eq!(names(&document), expected);
    let done = reports(&document)
        .iter()
        .map(|report| report["runs"][0]["done"].as_u64().unwrap());
    assert_eq!(done.collect::<Vec<_>>(), [40, 40, 8_189, 8_189]);
    assert_eq!(document["reports"][3]["ratio_to"], "W10, W3");
}

#[test]
fn exports_of_both_logs_are_audited() {
    let document = document("bench W6 --settlements 2000 --runs 1");
    assert_eq!(
        names(&document),
        ["W6, single and JSON messages", "W6, binary batches"]
    );
    for (report, settled) in reports(&document).iter().zip([2_000.0, 8_189.0]) {
        // The set-up is in the log as well.
        assert!(
            report["runs"][0]["done"].as_f64().unwrap() > settled,
            "{report}"
        );
        let peak = report["runs"][0]["figures"]["peak memory, bytes"].as_f64();
        assert!(peak.is_some_and(|bytes| bytes > 1e6), "{report}");
    }
}

#[test]
fn old_receipts_balances_and_histories_are_read_and_verified() {
    let document = document("bench W9 --settlements 30 --runs 1");
    counts(&document, 1, 30);
    assert!(verified(&document));
    assert_eq!(
        names(&document),
        [
            "W9, receipts of single settlements",
            "W9, receipts of items of 1000",
            "W9, receipts of items of 8189",
            "W9, balances",
            "W9, pages of history",
        ]
    );
}

#[test]
fn a_node_is_stopped_killed_and_started_again() {
    let document = document("bench W7 --settlements 100 --runs 1");
    assert_eq!(names(&document), ["W7, after SIGTERM", "W7, after SIGKILL"]);
    counts(&document, 1, 1);
    let figures = |at: usize| &document["reports"][at]["runs"][0]["figures"];
    assert!(figures(0)["stop, seconds"].is_number() && figures(1)["stop, seconds"].is_null());
    let transfers = [0, 1].map(|at| figures(at)["transfers in the log"].as_f64().unwrap());
    assert_eq!(transfers, [2.0 * 8_189.0, 3.0 * 8_189.0]);
}

#[test]
fn a_mixed_load_tells_every_kind_memory_and_disk() {
    let document = document("bench mixed --seconds 0.5 --connections 8");
    let stretch = &document["reports"]["stretches"][0];
    let kinds = stretch["kinds"].as_array().unwrap();
    let names: Vec<_> = kinds
        .iter()
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["singles", "batches", "receipts", "balances", "histories"]
    );
    for field in ["memory_bytes", "disk_bytes", "entries"] {
        assert!(stretch[field].as_u64().unwrap() > 0, "{field}");
    }
}

#[test]
fn settlements_beside_reads_tell_both() {
    let document =
        document("bench beside --seconds 0.3 --rate 200 --runs 1 --settlements 40 --connections 4");
    let passes = document["reports"]["passes"].as_array().unwrap();
    let names: Vec<_> = passes
        .iter()
        .map(|pass| pass["reads"].as_str().unwrap())
        .collect();
    let all = [
        "none",
        "balances",
        "receipts",
        "pages of history",
        "a third of each",
    ];
    assert_eq!(names, all);
    for pass in passes {
        assert!(pass["per_second"].as_f64().unwrap() > 0.0, "{pass}");
        let read = pass["reads_per_second"].as_f64().unwrap() > 0.0;
        assert_eq!(read, pass["reads"] != "none", "{pass}");
    }
}

#[test]
fn two_documents_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let args = "bench W1 --settlements 20 --runs 2 --connections 2";
    let document = json_of(path, &args.split_whitespace().collect::<Vec<_>>());
    fs::write(path.join("a.json"), document.to_string()).unwrap();
    let mut faster = document;
    for run in faster["reports"][0]["runs"].as_array_mut().unwrap() {
        run["per_second"] = 1e9.into();
    }
    fs::write(path.join("b.json"), faster.to_string()).unwrap();
    let verdict = |a: &str, b: &str| {
        let found = json_of(path, &["bench", "compare", a, b]);
        assert_eq!(found["rows"][0]["figure"], "per second");
        found["rows"][0]["verdict"].clone()
    };
    assert_eq!(verdict("a.json", "a.json"), "within-spread");
    assert_eq!(verdict("a.json", "b.json"), "better");
    assert_eq!(verdict("b.json", "a.json"), "worse");
    let (code, out, _) = line(path, "bench compare a.json b.json");
    assert!(code == 0 && out.contains("better"), "{out}");
    let (code, _, err) = line(path, "bench compare a.json nothing.json");
    assert!(code == 2 && err.contains("nothing.json"), "{err}");
}

#[test]
fn the_sandbox_is_kept_where_it_was_wished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let args = "bench W1 --settlements 20 --runs 1 --connections 2 --folder kept";
    json_of(path, &args.split_whitespace().collect::<Vec<_>>());
    let kept = |name: &str| Path::new(path).join("kept").join(name).exists();
    assert!(kept("data/log.vkey") && kept("node.toml") && !kept("spool"));
}

/// Answers requests of one byte each on one connection, and stands still for half a second before
/// the tenth answer.
fn halting(listener: &TcpListener) {
    let (mut line, _) = listener.accept().unwrap();
    let mut byte = [0];
    let mut answered = 0;
    while line.read(&mut byte).unwrap_or(0) > 0 {
        answered += 1;
        if answered == 10 {
            std::thread::sleep(Duration::from_millis(500));
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        line.write_all(answer).unwrap();
    }
}

/// What the load generator measures on a node that halts, at a rate or without.
fn measured(rate: Option<f64>) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("spool");
    fs::write(&spool, [1, 0, 0, 0, 0, b'x'].repeat(60)).unwrap();
    let key = keys::SigningKey::generate("localhost/sandbox").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let job = json!({
        "address": listener.local_addr().unwrap(), "ca": null, "spool": spool, "messages": 60,
        "log_vkey": key.verifier_key().to_string(), "connections": 1, "rate": rate,
        "seconds": null, "catch_up": null, "verify": false,
        "series": [{"name": "x", "answer": "account", "counts": 1}],
    });
    let node = std::thread::spawn(move || halting(&listener));
    let mut command = quittance(folder.path(), &["bench-load"]);
    let output = command.write_stdin(job.to_string()).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    node.join().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How many latencies were longer than 100 ms.
fn slow(measured: &Value) -> u64 {
    let pairs = measured["series"][0]["latencies"].as_array().unwrap();
    assert_eq!(
        pairs
            .iter()
            .map(|pair| pair[1].as_u64().unwrap())
            .sum::<u64>(),
        60
    );
    let slow = pairs
        .iter()
        .filter(|pair| pair[0].as_u64().unwrap() > 100_000);
    slow.map(|pair| pair[1].as_u64().unwrap()).sum()
}

#[test]
fn a_halt_makes_all_those_late_that_were_due_meanwhile() {
    // Fifty come due while the node stands still; forty of them more than 100 ms before its end.
    let scheduled = measured(Some(100.0));
    assert!(slow(&scheduled) >= 35, "{scheduled}");
    assert!(scheduled["stalls"].as_u64().unwrap() >= 1, "{scheduled}");
    assert!(
        scheduled["longest_stall_ms"].as_f64().unwrap() >= 450.0,
        "{scheduled}"
    );
    // Without a schedule only the one that waited would know of it.
    let closed = measured(None);
    assert!(slow(&closed) < slow(&scheduled), "{closed}");
}

#[test]
fn the_load_generator_says_what_it_cannot_do() {
    let folder = tempfile::tempdir().unwrap();
    let output = quittance(folder.path(), &["bench-load"])
        .write_stdin("{}")
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && words.contains("the job"),
        "{words}"
    );
}

/// State and parent of a process, by `/proc`; `None` if there is none.
#[cfg(target_os = "linux")]
fn standing(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let mut behind = stat.rsplit(')').next()?.split_whitespace();
    Some((behind.next()?.chars().next()?, behind.next()?.parse().ok()?))
}

#[cfg(target_os = "linux")]
#[test]
fn a_benchmark_that_is_killed_leaves_no_node_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = std::process::Command::new(env!("CARGO_BIN_EXE_quittance"))
        .args([
            "bench",
            "W1",
            "--settlements",
            "1000000",
            "--folder",
            "kept",
        ])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let child = || {
        let all = fs::read_dir("/proc").unwrap().flatten();
        let mut pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.find(|pid| standing(*pid).is_some_and(|(_, parent)| parent == bench.id()))
    };
    let node = loop {
        if let Some(node) = child() {
            break node;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    bench.kill().unwrap();
    bench.wait().unwrap();
    // Who adopts it may be slow to bury it.
    while standing(node).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X')) {
        std::thread::sleep(Duration::from_millis(50));
    }
}
