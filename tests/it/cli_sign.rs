//! Several signers: each key with its own passphrase in one command, and one message that two
//! organisations sign on machines that never meet.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::{line, run};
use crate::cli_node::{Node, ends, good, json_of};

/// A folder of an organisation with a key of its own under a passphrase of its own.
fn office(folder: &Path, name: &str, labels: &[&str]) -> Vec<String> {
    let at = folder.join(name);
    fs::create_dir(&at).unwrap();
    let mut keys = Vec::new();
    for label in labels {
        let passphrase = keys::Passphrase::new(&format!("{name} {label}")).unwrap();
        passphrase
            .write_file(&at.join(format!("{label}.secret")))
            .unwrap();
        good(
            &at,
            &format!(
                "keys generate {name}/{label} --out {label}.pem --passphrase-file {label}.secret"
            ),
        );
        let vkey = fs::read_to_string(at.join(format!("{label}.vkey"))).unwrap();
        keys.push(vkey.trim_end().to_owned());
    }
    keys
}

/// Bank A, of which both keys must sign, and bank B, each with an account and 100.00.
fn two_banks(folder: &Path) {
    let mut wishes = vec![json!({"add_asset": {"asset": "USD", "module": "fiat"}})];
    for (bank, labels) in [("bank-a", &["one", "two"][..]), ("bank-b", &["one"])] {
        let keys = office(folder, bank, labels);
        let threshold = keys.len();
        wishes.push(json!({"add_participant":
            {"participant": bank, "role": "bank", "threshold": threshold, "keys": keys}}));
        let account = format!("{bank}:usd");
        wishes.push(json!({"open_account":
            {"address": account, "owner": bank, "kind": "settlement", "asset": "USD"}}));
        wishes.push(json!({"issue": {"account": account, "amount": "100.00"}}));
    }
    let wishes: Vec<String> = wishes.iter().map(ToString::to_string).collect();
    let mut args = vec!["submit", "--atomic"];
    wishes
        .iter()
        .for_each(|wish| args.extend(["--instruction", wish]));
    let (code, out, err) = run(folder, &args);
    assert!(
        code == 0 && out.contains("(open_account bank-b:usd)"),
        "{out}{err}"
    );
}

/// An exchange: each of the banks pays the other, in one transfer.
fn exchange(amount: &str) -> String {
    let leg = |from: &str, to: &str| {
        json!({"debit": format!("{from}:usd"), "credit": format!("{to}:usd"), "asset": "USD",
            "amount": amount})
    };
    json!({"transfer": {"legs": [leg("bank-a", "bank-b"), leg("bank-b", "bank-a")]}}).to_string()
}

const TWO_KEYS: &str = "--key one.pem --key two.pem \
                        --passphrase-file one.secret --passphrase-file two.secret";

#[test]
fn each_key_of_a_command_has_its_own_passphrase() {
    let node = Node::start();
    let folder = node.path();
    two_banks(folder);
    let url = format!("--url http://{}", node.address());
    let bank = folder.join("bank-a");
    let leg =
        json!({"debit": "bank-a:usd", "credit": "bank-b:usd", "asset": "USD", "amount": "1.00"});
    let wish = json!({"transfer": {"legs": [leg]}});
    let pay = format!("submit --dry-run --instruction {wish} {url}");
    assert!(good(&bank, &format!("{pay} {TWO_KEYS}")).contains("SETTLED"));
    // The variable takes a list, as that of the keys does.
    let out = crate::cli::quittance(&bank, &pay.split(' ').collect::<Vec<_>>())
        .env("QUITTANCE_KEY", "one.pem,two.pem")
        .env("QUITTANCE_PASSPHRASE_FILE", "one.secret,two.secret")
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let one_for_both = "--key one.pem --key two.pem --passphrase-file one.secret";
    let told = ends(&bank, 2, &format!("{pay} {one_for_both}"));
    assert!(
        told.contains("two.pem") && told.contains("once for each"),
        "{told}"
    );
    let told = ends(&bank, 2, &format!("{pay} {TWO_KEYS} --passphrase-file x"));
    assert!(told.contains("2 keys and 3 files"), "{told}");
    // One of the two is not enough for this bank.
    let told = ends(
        &bank,
        1,
        &format!("{pay} --key one.pem --passphrase-file one.secret"),
    );
    assert!(told.contains("POLICY_UNMET"), "{told}");
}

#[test]
fn two_organisations_sign_one_message_on_two_machines() {
    let node = Node::start();
    let folder = node.path();
    two_banks(folder);
    let url = format!("--url http://{}", node.address());
    let (a, b) = (folder.join("bank-a"), folder.join("bank-b"));
    let wish = exchange("10.00");

    // The first of bank A's keys begins; nothing is sent, and only the message is left behind.
    let begin = [
        "submit",
        "--instruction",
        &wish,
        "--sign-only",
        "swap.message.json",
    ];
    let rest = format!("--key one.pem --passphrase-file one.secret {url}");
    let rest: Vec<_> = rest.split(' ').collect();
    let (code, out, err) = run(&a, &[&begin[..], &rest].concat());
    assert!(code == 0 && err.contains("nothing was sent"), "{out}{err}");
    assert!(out.contains("bank-a/one (key id "), "{out}");
    let (code, _, err) = run(&a, &[&begin[..], &rest].concat());
    assert!(code == 2 && err.contains("exists"), "{err}");

    // Bank A's second key and bank B's key sign copies, without a node, in any order.
    for to in [a.join("two.message.json"), b.join("swap.message.json")] {
        fs::copy(a.join("swap.message.json"), to).unwrap();
    }
    let shown = json_of(&b, &["sign", "swap.message.json", "--show"]);
    assert_eq!(shown["submitter"], "bank-a");
    let legs = &shown["body"]["instructions"][0]["transfer"]["legs"];
    assert_eq!(legs[1]["debit"], "bank-b:usd");
    let sign_b = "sign swap.message.json --key one.pem --passphrase-file one.secret";
    assert!(good(&b, sign_b).contains("signed by bank-b/one"));
    assert!(good(&b, sign_b).contains("bank-b/one has signed it before"));
    good(
        &a,
        "sign two.message.json --key two.pem --passphrase-file two.secret",
    );
    let told = ends(&a, 2, "sign swap.message.json");
    assert!(told.contains("--key"), "{told}");

    // Too few signatures of the submitter: a refusal that logs nothing, and the message stays good.
    let told = ends(&a, 1, &format!("submit swap.message.json {url}"));
    assert!(told.contains("POLICY_UNMET"), "{told}");
    let copies = "--copy two.message.json --copy ../bank-b/swap.message.json";
    let told = good(&a, &format!("sign swap.message.json {copies}"));
    assert!(told.contains("1 signatures taken over"), "{told}");
    let told = good(
        &a,
        &format!("submit swap.message.json {url} --log-vkey ../data/log.vkey"),
    );
    assert!(
        told.contains("SETTLED") && told.contains("receipt verified"),
        "{told}"
    );
    good(
        &a,
        "receipt verify swap.message.receipt.json --log-vkey ../data/log.vkey",
    );
    let told = good(&a, &format!("submit swap.message.json {url}"));
    assert!(told.contains("nothing moved again"), "{told}");
}

/// As the bank's guide has it: the operators ask, the bank's own policy signs too, then the old
/// key goes.
#[test]
fn a_bank_changes_its_key_together_with_the_operators() {
    let node = Node::start();
    let folder = node.path();
    two_banks(folder);
    let b = folder.join("bank-b");
    let secret = "--passphrase-file one.secret";
    good(
        &b,
        &format!("keys generate bank-b/two --out two.pem {secret}"),
    );
    let vkey = fs::read_to_string(b.join("two.vkey")).unwrap();
    let wish = json!({"add_key": {"participant": "bank-b", "vkey": vkey.trim_end()}});
    // The operators alone cannot, and are told who else must sign.
    let said = ends(folder, 1, &format!("submit --instruction {wish}"));
    assert!(
        said.contains("the participant that a new key is for"),
        "{said}"
    );
    assert!(
        said.contains("(add_key bank-b)") && !said.contains("number"),
        "{said}"
    );
    good(
        folder,
        &format!("submit --instruction {wish} --sign-only new-key.message.json"),
    );
    fs::rename(
        folder.join("new-key.message.json"),
        b.join("new-key.message.json"),
    )
    .unwrap();
    good(
        &b,
        &format!("sign new-key.message.json --key one.pem {secret}"),
    );
    let url = format!("--url http://{}", node.address());
    let told = good(&b, &format!("submit new-key.message.json {url}"));
    assert!(told.contains("APPLIED"), "{told}");
    good(&b, &format!("whoami --key two.pem {secret} {url}"));
    let old = keys::read_vkey_file(&b.join("one.vkey")).unwrap().id();
    let wish = json!({"revoke_key": {"participant": "bank-b", "key_id": old.to_string()}});
    good(folder, &format!("submit --instruction {wish}"));
    let said = ends(&b, 1, &format!("whoami --key one.pem {secret} {url}"));
    assert!(said.contains("no active key"), "{said}");
    good(&b, &format!("whoami --key two.pem {secret} {url}"));
}

#[test]
fn a_message_is_for_one_log_and_says_itself_what_was_signed() {
    let node = Node::start();
    let folder = node.path();
    two_banks(folder);
    let url = format!("--url http://{}", node.address());
    let b = folder.join("bank-b");
    let key = "--key one.pem --passphrase-file one.secret";
    let wish = json!({"transfer": {"legs": [{"debit": "bank-b:usd", "credit": "bank-a:usd",
        "asset": "USD", "amount": "1.00"}]}});
    let make = format!("submit --instruction {wish} {key} {url} --sign-only");
    good(&b, &format!("{make} m.json"));
    good(&b, &format!("{make} other.json"));
    for (args, told) in [
        ("submit m.json --dry-run", "cannot be tried"),
        ("submit m.json --as bank-a", "says itself who submits"),
        ("submit m.json --sign-only n.json", "signed message already"),
        ("sign one.vkey --show", "no message"),
    ] {
        let said = ends(
            &b,
            2,
            &format!("{args} {}", if args.starts_with("sub") { &url } else { "" }),
        );
        assert!(said.contains(told), "{said}");
    }
    let said = ends(&b, 1, "sign m.json --copy other.json");
    assert!(said.contains("no copy of"), "{said}");
    // A byte of the body changed after it was signed.
    let mut changed: Value = serde_json::from_slice(&fs::read(b.join("m.json")).unwrap()).unwrap();
    let body = changed["body"].as_str().unwrap();
    let body = quittance::wire::base64::decode(body).unwrap();
    let body = String::from_utf8(body).unwrap().replace("1.00", "9.00");
    changed["body"] = quittance::wire::base64::encode(body.as_bytes()).into();
    fs::write(
        b.join("changed.json"),
        serde_json::to_string_pretty(&changed).unwrap(),
    )
    .unwrap();
    let (code, _, err) = line(&b, &format!("submit changed.json {url}"));
    assert!(code != 0, "{err}");
    // Another log's message.
    changed["origin"] = "settle.example/other".into();
    let text = serde_json::to_string(&changed).unwrap();
    // The field that tells a message from a body is the first.
    let text = text.replacen('{', "{\"quittance_message\":1,", 1);
    let text = text.replacen(",\"quittance_message\":1", "", 1);
    fs::write(b.join("elsewhere.json"), text).unwrap();
    let told = ends(&b, 2, &format!("submit elsewhere.json {url}"));
    assert!(
        told.contains("was signed for settle.example/other"),
        "{told}"
    );
}
