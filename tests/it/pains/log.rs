//! The log: whoever keeps something of it can hold the operator to it, and nothing that was
//! acknowledged is missing from it.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chain::{Hash, Signer};
use keys::{Passphrase, SigningKey};
use quittance::audit::{DirSource, Report, Source, Trust, audit};
use quittance::client::{Client, Outgoing};
use quittance::clock::Clock;
use quittance::ledger::{InstructionId, Time};
use serde_json::Value;

use crate::api_kit::{call, session_at};
use crate::cli_node::{Node, set_up};
use crate::log_maker::LogMaker;

fn audited(maker: &LogMaker, size: usize, kept: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    maker.export(folder.path(), size);
    let trust = Trust {
        log_vkey: Some(maker.log_key.verifier_key().clone()),
        kept: kept
            .iter()
            .map(|note| ("kept".to_owned(), note.as_bytes().into()))
            .collect(),
        ..Trust::default()
    };
    let mut source = Source::Dir(DirSource::open(folder.path()).unwrap());
    audit(&mut source, &trust, &mut |_| ()).unwrap()
}

/// A hash chain that only its operator keeps proves nothing: an operator who writes the whole of it
/// anew, or leaves out its end, has a chain that holds.
#[test]
fn pain_12_a_history_that_was_written_anew_fails_against_what_others_kept() {
    let (told, anew) = (LogMaker::twin(6), {
        let mut maker = LogMaker::twin(3);
        maker.pay("2.00", None);
        maker.pay("0.10", None);
        maker.pay("0.20", None);
        maker
    });
    let size = told.entries.len();
    assert_eq!(anew.entries.len(), size);
    // Both hold by themselves, and are signed by the same key.
    assert!(audited(&told, size, &[]).passes());
    assert!(audited(&anew, size, &[]).passes());
    // Who kept a checkpoint of the one knows the other from it, from wherever they part.
    for kept in 1..=size {
        let note = told.checkpoint(kept);
        assert!(audited(&told, size, &[note]).passes(), "{kept}");
        let same = anew.checkpoint(kept) == note;
        let report = audited(&anew, size, &[note]);
        assert_eq!(report.passes(), same, "{kept}: {:?}", report.log);
        assert!(same || report.log.divergence().is_some(), "{kept}");
    }
    assert_ne!(told.checkpoint(size), anew.checkpoint(size));
    // And a log without its end, which holds as well.
    assert!(audited(&told, size - 1, &[]).passes());
    let report = audited(&told, size - 1, &[told.checkpoint(size)]);
    assert!(report.log.divergence().is_some(), "{:?}", report.log);
}

/// A payer: pays until nobody answers any more, and writes down what was acknowledged.
fn pays(url: &str, n: u64, key: &SigningKey, told: &Mutex<Vec<(u64, String)>>, stop: &AtomicBool) {
    let (client, clock) = (Client::new(url).unwrap(), Clock::start());
    for m in 0u64.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let random = Hash::sha256(&[n.to_be_bytes(), m.to_be_bytes()].concat());
        let random = u128::from_be_bytes(random.as_bytes()[..16].try_into().unwrap());
        let id = InstructionId::from_parts(clock.now_ns() / 1_000_000, random >> 54).to_string();
        let created = Time::from_nanos(clock.now_ns());
        let body = format!(
            r#"{{"message_id":"pain-{n}-{m}","created":"{created}","nonce":"AAECAwQFBgcICQoLDA0ODw==","instructions":[{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd","credit":"bank-a:reserve","asset":"USD","amount":"0.01"}}]}}}}]}}"#
        );
        let out = Outgoing {
            submitter: "bank-a",
            content_type: "application/json",
            body: body.as_bytes(),
        };
        match client.submit(&out, &[key as &dyn Signer]) {
            Ok(submitted) => {
                assert!(submitted.answer.outcomes[0].code.is_good());
                told.lock().unwrap().push((submitted.answer.index, id));
            }
            Err(error) if error.is_passing() => return,
            Err(error) => panic!("{error}"),
        }
    }
}

fn key_of(node: &Node, file: &str) -> SigningKey {
    let passphrase = Passphrase::from_file(&node.path().join("secret")).unwrap();
    keys::read_key_file(&node.path().join(file), &passphrase).unwrap()
}

/// Reads on from a place in the log, page by page, as a subscriber does; gives ids of instructions by
/// the index of their entry, and where to go on.
fn reads_on(node: &Node, from: u64) -> (Vec<(u64, String)>, u64) {
    let log = call(
        node.address().parse().unwrap(),
        "GET",
        "/v1/log",
        &Vec::new(),
        b"",
    )
    .json();
    let origin = log["origin"].as_str().unwrap();
    let genesis = Hash::from_base64(log["genesis_hash"].as_str().unwrap()).unwrap();
    let to = node.address().parse().unwrap();
    let session = session_at(
        to,
        (origin, &genesis),
        "auditor",
        &key_of(node, "auditor.pem"),
    );
    let (mut seen, mut cursor) = (Vec::new(), from);
    loop {
        let path = format!("/v1/entries?cursor={cursor}&limit=50");
        let page: Value = call(to, "GET", &path, &session, b"").json();
        let Some(items) = page["items"].as_array() else {
            // There is nothing behind the end.
            assert_eq!(page["code"], "INDEX_BEYOND_LOG");
            return (seen, cursor);
        };
        for view in items {
            assert_eq!(view["index"], cursor, "in order, and none left out");
            for item in view["items"].as_array().unwrap() {
                let bytes = chain_item(item.as_str().unwrap());
                if let Ok(chain::Item::Leg(leg)) = chain::Item::parse(&bytes) {
                    let id = InstructionId::from_bytes(leg.id).unwrap();
                    seen.push((cursor, id.to_string()));
                }
            }
            cursor += 1;
        }
        if page["next"].is_null() {
            return (seen, cursor);
        }
    }
}

fn chain_item(base64: &str) -> Vec<u8> {
    use base64ct::{Base64, Encoding};
    Base64::decode_vec(base64).unwrap()
}

/// Events went out when the books were closed over them, and not at all if the process ended in
/// between: subscribers never heard of payments that had been acknowledged.
#[test]
fn pain_13_a_reader_of_the_log_hears_of_all_that_was_acknowledged_before_a_kill() {
    let node = Node::start();
    set_up(node.path());
    let bank = key_of(&node, "bank-a.pem");
    // A subscriber that has read so far before the load.
    let (_, mut cursor) = reads_on(&node, 0);
    let (mut heard, told) = (BTreeSet::new(), Mutex::new(Vec::new()));
    let mut node = Some(node);
    for round in 0..3 {
        let running = node.take().unwrap();
        let (url, stop) = (
            format!("http://{}", running.address()),
            AtomicBool::new(false),
        );
        let folder = std::thread::scope(|scope| {
            for n in 0..4 {
                let (url, bank, told, stop) = (&url, &bank, &told, &stop);
                scope.spawn(move || pays(url, round * 4 + n, bank, told, stop));
            }
            std::thread::sleep(Duration::from_millis(400));
            // In the midst of it the subscriber reads a little, and is gone as well.
            let (seen, next) = reads_on(&running, cursor);
            heard.extend(seen);
            cursor = next;
            std::thread::sleep(Duration::from_millis(200));
            let folder = running.kill();
            stop.store(true, Ordering::Relaxed);
            folder
        });
        node = Some(Node::start_in(folder));
    }
    let (seen, _) = reads_on(node.as_ref().unwrap(), cursor);
    heard.extend(seen);
    let told = told.into_inner().unwrap();
    assert!(told.len() > 12, "{} payments", told.len());
    for payment in &told {
        assert!(heard.contains(payment), "nobody heard of {payment:?}");
    }
    // Each once.
    let ids: BTreeSet<_> = heard.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), heard.len());
}
