//! A person's text, once erased, is nowhere: the binary founds, settles, backs up, exports and erases,
//! and afterwards every file of the operator is searched for the text and for the key it was under.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use crate::backup_kit::files_below;
use crate::cli_node::{BANK, Node, ends, good, json_of, set_up};

const TEXT: &str = "Erika-Mustermann-of-Musterdorf";
/// What the operator has on disks: node, backup, export, and what the node said.
const OPERATORS: [&str; 4] = ["data", "saved", "copy", "words"];
const AUDITOR: &str = "--key auditor.pem --passphrase-file secret";

/// The bytes in the forms in which they could stand in a file: raw, hex, and base64 at each of the
/// three places of a group.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![bytes.to_vec(), hex.into_bytes()];
    // A character that the bytes before have a part in is left out.
    for (before, skip) in [(0, 0), (1, 2), (2, 3)] {
        let padded = [&vec![0; before][..], bytes].concat();
        let whole = padded.len() / 3 * 3;
        let text = Base64::encode_string(&padded[..whole]);
        forms.push(text.as_bytes()[skip..].to_vec());
    }
    forms
}

/// The files below these folders that hold one of the forms.
fn holding(folder: &Path, places: &[&str], wanted: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for place in places {
        let path = folder.join(place);
        let files = match path.is_dir() {
            true => files_below(&path),
            false => vec![path],
        };
        for file in files {
            let bytes = fs::read(&file).unwrap();
            let here = |form: &Vec<u8>| memchr::memmem::find(&bytes, form).is_some();
            if wanted.iter().any(here) {
                found.push(file);
            }
        }
    }
    found
}

/// Asserts that no file of the operator holds one of the forms.
fn assert_nowhere(folder: &Path, wanted: &[Vec<u8>]) {
    let found = holding(folder, &OPERATORS, wanted);
    assert!(found.is_empty(), "still in {found:?}");
}

fn names(found: &[PathBuf]) -> Vec<&str> {
    found
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect()
}

/// The key of an entry's body, from an auditor's export.
fn body_key(folder: &Path, index: u64) -> Option<Vec<u8>> {
    let keys = fs::read_to_string(folder.join("copy/body.keys")).unwrap();
    let line = keys
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{index} ")))?;
    Some(Base64::decode_vec(line).unwrap())
}

/// Pays with a text; gives the index of the entry.
fn pay(folder: &Path) -> u64 {
    let leg = json!({"debit": "bank-a:usd", "credit": "bank-a:reserve", "asset": "USD", "amount": "1.00"});
    let wish = json!({"transfer": {"legs": [leg], "remittance": TEXT}}).to_string();
    let mut args = vec!["submit", "--instruction", &wish, "--dir", "out"];
    args.extend(["--message-id", "pay-1"]);
    args.extend(BANK.split(' '));
    let answer = json_of(folder, &args);
    answer["index"]
        .as_u64()
        .unwrap_or_else(|| panic!("{answer}"))
}

/// What the receipt of the entry opens of its text.
fn text_of(folder: &Path, index: u64) -> bool {
    good(
        folder,
        &format!("receipt get {index} --item 1 --out fresh.json {BANK}"),
    );
    good(folder, "receipt verify fresh.json --log-vkey data/log.vkey");
    let receipt: Value =
        serde_json::from_slice(&fs::read(folder.join("fresh.json")).unwrap()).unwrap();
    receipt["items"][0].get("text").is_some()
}

#[test]
fn an_erased_text_is_nowhere() {
    let node = Node::start();
    let folder = node.path();
    set_up(folder);
    let index = pay(folder);
    good(folder, "backup saved");
    good(folder, &format!("export copy {AUDITOR}"));
    let key = body_key(folder, index).unwrap();
    let (text, key) = (forms(TEXT.as_bytes()), forms(&key));
    // The search finds what is there: the bank's own copy, the key in its slot and in the export.
    let mine = holding(folder, &["out"], &text);
    assert!(!mine.is_empty() && text_of(folder, index));
    let found = holding(folder, &OPERATORS, &key);
    assert!(
        names(&found).contains(&"keys.slots") && names(&found).contains(&"body.keys"),
        "{found:?}"
    );
    // The text itself never reaches the disk of the operator in the clear.
    assert_nowhere(folder, &text);

    let parameter = |days: u64| {
        let wish = json!({"set_parameter": {"name": "retention_days", "value": days}});
        format!("submit --instruction {wish} --dir out")
    };
    let erase = json!({"erase": {"entry_index": index, "basis": "GDPR-Art-17"}});
    let erase = format!("submit --instruction {erase} --dir out");
    good(folder, &parameter(1));
    let told = ends(folder, 1, &erase);
    assert!(
        told.contains("RETENTION_ACTIVE") && told.contains("(until 2"),
        "{told}"
    );
    assert!(text_of(folder, index), "what is refused changes nothing");
    good(folder, &parameter(0));
    good(folder, &erase);
    assert!(!text_of(folder, index));

    // The export is brought up to date, and a backup added to.
    good(folder, &format!("export copy {AUDITOR}"));
    good(folder, "backup saved");
    assert_eq!(body_key(folder, index), None);
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let left = holding(folder, &OPERATORS, &key);
        if left.is_empty() {
            break;
        }
        assert!(Instant::now() < end, "the erased key is still in {left:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_nowhere(folder, &text);

    // Everything else holds, and the audit says what cannot be compared any more.
    let told = good(folder, "audit copy --log-vkey data/log.vkey");
    assert!(told.contains("erased"), "{told}");
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    for wanted in [&text, &key] {
        assert_nowhere(folder.path(), wanted);
    }
    let node = Node::start_in(folder);
    assert!(!text_of(node.path(), index));
    for wanted in [&text, &key] {
        assert_nowhere(node.path(), wanted);
    }
}
