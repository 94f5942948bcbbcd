//! `quittance batch submit`: nothing is sent by halves, nothing is paid twice.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use quittance::wire::base64;
use serde_json::Value;

use crate::bad_line::{BadLine, Fate};
use crate::cli::{line, quittance, run};
use crate::cli_node::{BANK, Node, balance, ends, good, set_up};

/// A sandbox with bank-a, 100.00 USD on its account, and a file of payments of 0.10 each.
fn world(payments: usize) -> Node {
    let node = Node::start();
    set_up(node.path());
    write_sheet(&node.path().join("pay.csv"), payments);
    node
}

fn write_sheet(path: &Path, payments: usize) {
    let mut sheet = String::from("From,To,Currency,Amount,Reference\r\n");
    for n in 0..payments {
        write!(
            sheet,
            "bank-a:usd,bank-a:reserve,USD,0.10,\"SALARY, {n}\"\r\n"
        )
        .unwrap();
    }
    fs::write(path, sheet).unwrap();
}

/// The results as rows by column name.
fn results(path: &Path) -> Vec<Value> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.deserialize::<std::collections::BTreeMap<String, String>>();
    rows.map(|row| serde_json::to_value(row.unwrap()).unwrap())
        .collect()
}

fn statuses(path: &Path) -> Vec<String> {
    let rows = results(path);
    rows.iter()
        .map(|row| row["status"].as_str().unwrap().to_owned())
        .collect()
}

/// How many payments left the account, by the log.
fn debits(folder: &Path) -> usize {
    let told = good(
        folder,
        &format!("accounts bank-a:usd --history --limit 100000 {BANK}"),
    );
    told.lines().filter(|line| line.contains(" -0.10 ")).count()
}

/// Both forms, and the words that choose them.
const FORMS: [&str; 2] = ["--form json", "--form binary"];

#[test]
fn a_file_is_paid_once_with_a_result_and_a_receipt_for_each_row() {
    FORMS.into_iter().for_each(paid_once);
}

fn paid_once(form: &str) {
    let node = world(25);
    let folder = node.path();
    let pay = format!("batch submit pay.csv --results out.csv --per-message 10 {form} {BANK}");
    let told = good(
        folder,
        &format!("batch submit pay.csv --dry-run {form} {BANK}"),
    );
    assert!(
        told.contains("settled  25") && told.contains("nothing was logged"),
        "{told}"
    );
    assert!(!folder.join("out.csv").exists() && balance(folder) == "100.00");

    let told = good(folder, &format!("{pay} --receipts receipts"));
    assert!(told.contains("settled  25"), "{told}");
    assert_eq!(balance(folder), "97.50");
    let rows = results(&folder.join("out.csv"));
    assert_eq!(rows.len(), 25);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(
            (&row["line"], &row["status"]),
            (&(n + 2).to_string().into(), &"settled".into())
        );
        assert_eq!(row["item"], (n % 10 + 1).to_string());
        let receipt = row["receipt"].as_str().unwrap();
        let told = good(
            folder,
            &format!("receipt verify {receipt} --log-vkey data/log.vkey"),
        );
        assert!(told.contains(row["id"].as_str().unwrap()), "{told}");
        let end = if form == FORMS[0] { "\"" } else { "\n" };
        assert!(told.contains(&format!("SALARY, {n}{end}")), "{told}");
    }
    // The payer's reference finds it, whatever carried it.
    let mut find = vec!["find", "--end-to-end-id", "SALARY, 7"];
    find.extend(BANK.split(' '));
    let (code, told, _) = run(folder, &find);
    assert!(
        code == 0 && told.contains("-0.10") && told.contains("+0.10"),
        "{told}"
    );
    assert_eq!(told.matches("SALARY, 7").count(), 2, "{told}");
    // Again: everything is known, nothing moves.
    good(folder, &pay);
    assert_eq!((balance(folder), debits(folder)), ("97.50".into(), 25));
    // The same file as another batch is recognised by the log.
    let told = ends(
        folder,
        2,
        &format!("batch submit pay.csv --results new.csv --per-message 10 {form} {BANK}"),
    );
    assert!(told.contains("this file was sent before"), "{told}");
    assert!(!folder.join("new.csv").exists() && !folder.join("new.csv.journal").exists());
    // Results of something else are not overwritten, journals of something else not continued.
    fs::write(folder.join("mine.csv"), "mine").unwrap();
    ends(
        folder,
        2,
        &format!("batch submit pay.csv --results mine.csv {BANK}"),
    );
    write_sheet(&folder.join("pay.csv"), 24);
    let told = ends(folder, 2, &pay);
    assert!(told.contains("of a file with other content"), "{told}");
    let told = good(
        folder,
        &format!("batch submit pay.csv --message-id again --results again.csv {form} {BANK}"),
    );
    assert!(told.contains("settled  24"), "{told}");
}

#[test]
fn a_file_without_texts_goes_as_binary_batches() {
    let node = world(3);
    let folder = node.path();
    let told = good(
        folder,
        &format!("batch submit pay.csv --form binary --results out.csv {BANK}"),
    );
    assert!(
        told.contains("settled  3") && told.contains("binary batches: 1"),
        "{told}"
    );
    let index = results(&folder.join("out.csv"))[0]["index"].clone();
    let index = index.as_str().unwrap();
    let told = good(
        folder,
        &format!("receipt get {index} --item 2 --out one.json {BANK}"),
    );
    assert!(told.contains("written"), "{told}");
    let told = good(folder, "receipt verify one.json --log-vkey data/log.vkey");
    for word in ["from #", "to #", "reference", "SALARY, 1"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let told = good(folder, &format!("statement bank-a:usd {BANK}"));
    assert!(
        told.contains("bank-a:reserve") && told.contains("SALARY, 2"),
        "{told}"
    );
    let told = good(folder, &format!("statement bank-a:usd --csv {BANK}"));
    assert!(
        told.contains(",\"SALARY, 2\",,,SETTLED,-0.10\r\n"),
        "{told}"
    );
    // A text makes it JSON.
    let sheet = "from,to,asset,amount,name\nbank-a:usd,bank-a:reserve,USD,0.10,Ann Lee\n";
    fs::write(folder.join("named.csv"), sheet).unwrap();
    let told = good(folder, &format!("batch submit named.csv {BANK}"));
    assert!(
        told.contains("settled  1") && !told.contains("binary"),
        "{told}"
    );
    let told = ends(
        folder,
        1,
        &format!("batch submit named.csv --form binary --message-id n {BANK}"),
    );
    assert!(
        told.contains("line 2, column 5 (creditor_name): "),
        "{told}"
    );
    let command = format!("batch submit named.csv --form json --per-message 1001 {BANK}");
    let told = ends(folder, 2, &command);
    assert!(told.contains("at most 1000"), "{told}");
}

#[test]
fn rows_that_no_account_or_asset_fits_are_told_before_anything_is_sent() {
    let node = world(1);
    let folder = node.path();
    let sheet = "from,to,asset,amount\nbank-a:usd,bank-a:reserve,USD,0.10\n\
                 bank-a:usd,bank-x:usd,USD,0.10\nbank-a:usd,bank-a:reserve,EUR,0.10\n\
                 bank-a:usd,bank-a:reserve,USD,0.101\n";
    fs::write(folder.join("pay.csv"), sheet).unwrap();
    let pay = format!("batch submit pay.csv --results out.csv {BANK}");
    for command in [&pay, &format!("batch submit pay.csv --dry-run {BANK}")] {
        let told = ends(folder, 1, command);
        for place in [
            "line 3, column 2 (to): there is no account bank-x:usd (ACCOUNT_UNKNOWN)",
            "line 4, column 3 (asset): the asset of bank-a:usd is USD (ASSET_MISMATCH)",
            "line 5, column 4 (amount): ",
            "nothing was sent",
        ] {
            assert!(told.contains(place), "{place}: {told}");
        }
    }
    assert!(!folder.join("out.csv").exists() && balance(folder) == "100.00");
    let all = ["settled", "bad", "bad", "bad"];
    ends(folder, 1, &format!("{pay} --skip-bad"));
    assert_eq!(statuses(&folder.join("out.csv")), all);
    // They are in the journal: the same command says the same without asking again.
    let first = results(&folder.join("out.csv"));
    fs::remove_file(folder.join("out.csv")).unwrap();
    ends(folder, 1, &format!("{pay} --skip-bad"));
    assert_eq!(results(&folder.join("out.csv")), first);
    assert_eq!(balance(folder), "99.90");
}

#[test]
fn bad_rows_stop_a_batch_unless_they_are_skipped() {
    let node = world(1);
    let folder = node.path();
    let sheet = "amount,from,to,asset\n0.10,bank-a:usd,bank-a:reserve,USD\n\
                 \"0,10\",bank-a:usd,bank-a:reserve,USD\n500.00,bank-a:usd,bank-a:reserve,USD\n";
    fs::write(folder.join("pay.csv"), sheet).unwrap();
    let told = ends(
        folder,
        1,
        &format!("batch submit pay.csv --results out.csv {BANK}"),
    );
    assert!(
        told.contains("line 3, column 1 (amount)") && told.contains("nothing was sent"),
        "{told}"
    );
    assert!(!folder.join("out.csv").exists() && balance(folder) == "100.00");
    ends(
        folder,
        1,
        &format!("batch submit pay.csv --results out.csv --skip-bad {BANK}"),
    );
    assert_eq!(
        statuses(&folder.join("out.csv")),
        ["settled", "bad", "refused"]
    );
    let rows = results(&folder.join("out.csv"));
    assert_eq!(
        (&rows[1]["code"], &rows[2]["code"]),
        (&"AMOUNT_GRAMMAR".into(), &"INSUFFICIENT_FUNDS".into())
    );
    assert_eq!(balance(folder), "99.90");
    for (sheet, expected) in [
        ("fron,to,asset,amount\n", "did you mean `from`?"),
        ("from,to,asset\n", "`amount` is missing"),
        ("\0\0", "no CSV file"),
    ] {
        fs::write(folder.join("other.csv"), sheet).unwrap();
        let told = ends(folder, 2, &format!("batch submit other.csv {BANK}"));
        assert!(told.contains(expected), "{told}");
    }
    // An id that is too old is found out before anything is written down or sent.
    let old = "018bcfe5-6800-7000-8000-000000000005";
    let sheet = format!(
        "id,amount,from,to,asset\n,0.10,bank-a:usd,bank-a:reserve,USD\n\
                         {old},0.10,bank-a:usd,bank-a:reserve,USD\n"
    );
    fs::write(folder.join("old.csv"), sheet).unwrap();
    let told = ends(folder, 2, &format!("batch submit old.csv {BANK}"));
    assert!(told.contains("line 3: the id is too old"), "{told}");
    assert!(balance(folder) == "99.90" && !folder.join("old.results.csv.journal").exists());
}

/// Numbers that look random and are the same every time.
fn shuffled(n: u64) -> u64 {
    (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
}

#[test]
fn a_client_that_is_killed_at_random_pays_nobody_twice() {
    FORMS.into_iter().for_each(killed);
}

fn killed(form: &str) {
    const PAYMENTS: usize = 300;
    let node = world(PAYMENTS);
    let folder = node.path();
    let pay = format!("batch submit pay.csv --results out.csv --per-message 4 {form} {BANK}");
    let args: Vec<_> = pay.split(' ').collect();
    let journal = folder.join("out.csv.journal");
    let mut killed_midway = 0;
    let mut done = false;
    for round in 0..60 {
        let mut client = quittance_command(folder, &args);
        let mut client = client.spawn().unwrap();
        // From the moment the journal grows, a kill may come at any time.
        let before = fs::metadata(&journal).map_or(0, |meta| meta.len());
        let end = Instant::now() + Duration::from_secs(60);
        while fs::metadata(&journal).map_or(0, |meta| meta.len()) == before
            && client.try_wait().unwrap().is_none()
        {
            assert!(Instant::now() < end);
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(shuffled(round) % 40_000));
        if let Some(status) = client.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0));
            done = true;
            break;
        }
        client.kill().unwrap();
        client.wait().unwrap();
        killed_midway += 1;
    }
    assert!(
        killed_midway > 0,
        "the client was never killed while it worked"
    );
    if !done {
        good(folder, &pay);
    }
    assert_eq!(
        (balance(folder), debits(folder)),
        ("70.00".into(), PAYMENTS)
    );
    assert!(
        statuses(&folder.join("out.csv"))
            .iter()
            .all(|status| status == "settled")
    );
    let ids: std::collections::BTreeSet<_> = results(&folder.join("out.csv"))
        .iter()
        .map(|row| row["id"].to_string())
        .collect();
    assert_eq!(ids.len(), PAYMENTS);
}

/// The command with nothing of the caller's environment, for spawning.
fn quittance_command(folder: &Path, args: &[&str]) -> std::process::Command {
    let program = quittance(folder, &[]).get_program().to_owned();
    let mut command = std::process::Command::new(program);
    let null = std::process::Stdio::null;
    command.env_clear().current_dir(folder).args(args);
    command.stdin(null()).stdout(null()).stderr(null());
    command
}

#[test]
fn lost_answers_and_busy_nodes_are_waited_out() {
    FORMS.into_iter().for_each(waited_out);
}

fn waited_out(form: &str) {
    let node = world(40);
    let folder = node.path();
    let fates = [Fate::LoseAnswer, Fate::Busy, Fate::Pass, Fate::Lose];
    let bad = BadLine::to(node.address(), move |n| fates[n % fates.len()]);
    let pay = format!(
        "batch submit pay.csv --results out.csv --per-message 10 {form} --url {} {BANK}",
        bad.url
    );
    good(folder, &pay);
    assert_eq!((balance(folder), debits(folder)), ("96.00".into(), 40));
    let seen = bad.seen();
    for fate in fates {
        assert!(seen.iter().any(|(seen, _)| *seen == fate), "{seen:?}");
    }
    for pair in seen.windows(2) {
        let waited = pair[1].1 - pair[0].1;
        assert!(
            pair[0].0 != Fate::Busy || waited >= Duration::from_secs(1),
            "{waited:?}"
        );
    }
}

/// A line of a journal whose message was made years ago.
fn aged(line: &str) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    let body = &mut line["message"]["body"];
    if let Some(text) = body["json"].as_str() {
        let at = text.find("created").unwrap() + 10;
        body["json"] = format!("{}2020{}", &text[..at], &text[at + 4..]).into();
    } else {
        let mut bytes = base64::decode(body["binary"].as_str().unwrap()).unwrap();
        let created = u64::from_le_bytes(bytes[16..24].try_into().unwrap());
        let years = 6 * 365 * 86_400 * 1_000_000_000;
        bytes[16..24].copy_from_slice(&(created - years).to_le_bytes());
        body["binary"] = base64::encode(&bytes).into();
    }
    line.to_string()
}

#[test]
fn a_journal_that_is_too_old_is_looked_up_and_sent_anew_only_on_demand() {
    FORMS.into_iter().for_each(too_old);
}

fn too_old(form: &str) {
    let node = world(20);
    let folder = node.path();
    // The first message is logged, its answer lost; the second never arrives.
    let fates = [Fate::LoseAnswer, Fate::Pass, Fate::Lose];
    let bad = BadLine::to(node.address(), move |n| fates[n.min(2)]);
    let pay = format!("batch submit pay.csv --results out.csv --per-message 10 {form} {BANK}");
    let told = ends(folder, 2, &format!("{pay} --patience 2 --url {}", bad.url));
    assert!(told.contains("open"), "{told}");
    let rows = statuses(&folder.join("out.csv"));
    assert_eq!(
        (&rows[..10], &rows[10..]),
        (
            &vec!["settled".to_owned(); 10][..],
            &vec!["open".to_owned(); 10][..]
        )
    );
    // Years pass for the message without an answer.
    let journal = fs::read_to_string(folder.join("out.csv.journal")).unwrap();
    let second = |line: &str| line.starts_with("{\"message\"") && line.contains("/2\"");
    let aged: Vec<String> = journal
        .lines()
        .map(|line| match second(line) {
            true => aged(line),
            false => line.to_owned(),
        })
        .collect();
    fs::write(folder.join("out.csv.journal"), aged.join("\n") + "\n").unwrap();
    let told = ends(folder, 1, &pay);
    assert!(
        told.contains("expired  10") && told.contains("--resend-expired"),
        "{told}"
    );
    assert_eq!(balance(folder), "99.00");
    let old = results(&folder.join("out.csv"));
    ends(folder, 1, &pay);
    assert_eq!(balance(folder), "99.00", "nothing is sent anew unasked");
    good(folder, &format!("{pay} --resend-expired"));
    assert_eq!((balance(folder), debits(folder)), ("98.00".into(), 20));
    let new = results(&folder.join("out.csv"));
    for n in 0..20 {
        assert_eq!(old[n]["id"] == new[n]["id"], n < 10, "row {n}");
    }
    good(folder, &format!("{pay} --resend-expired"));
    assert_eq!(debits(folder), 20);
    let (code, _, _) = line(folder, &format!("{pay} --dry-run --resend-expired"));
    assert_eq!(code, 2, "one or the other");
}
