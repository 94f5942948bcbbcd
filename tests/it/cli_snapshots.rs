//! What people see, word for word: the help of every command and the words of the common cases.
//! Times, ids, hashes, keys and ports are masked; [`golden`](crate::golden) says how to update.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::cli::{line, run};
use crate::cli_node::{BANK, Node, set_up};
use crate::golden::{masked, masked_table, same};
use crate::log_maker::LogMaker;

/// A session as it would look in a terminal, without what volatile words would change in it.
#[derive(Default)]
struct Session(String);

impl Session {
    fn shows(&mut self, folder: &Path, command: &str) {
        self.shows_args(
            folder,
            command,
            &command.split_whitespace().collect::<Vec<_>>(),
        );
    }

    fn shows_args(&mut self, folder: &Path, said: &str, args: &[&str]) {
        let (code, out, err) = run(folder, args);
        assert!(
            !(out.clone() + &err).contains('\u{1b}'),
            "{said}: escape codes without a terminal"
        );
        let said = said.replace(&format!(" {BANK}"), "");
        writeln!(self.0, "$ quittance {said}").unwrap();
        for (name, text) in [("", masked_table(&out)), ("! ", masked(&err))] {
            for line in text.lines().filter(|line| !line.is_empty()) {
                // How long something took is nobody's to compare.
                let rate = line.contains(" a second");
                let line = if rate { "<rate>" } else { line };
                writeln!(self.0, "{name}{line}").unwrap();
            }
        }
        writeln!(self.0, "exit {code}\n").unwrap();
    }
}

/// Every command, as the names of the manual's pages.
fn commands(folder: &Path) -> Vec<String> {
    let (code, _, err) = line(folder, "man --dir man");
    assert_eq!(code, 0, "{err}");
    let mut names: Vec<String> = fs::read_dir(folder.join("man"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .map(|name| name.trim_end_matches(".1").to_owned())
        .collect();
    names.sort();
    names
}

/// `quittance-config-check` as it is typed; names with a hyphen of their own are few.
fn typed(page: &str) -> String {
    let few = ["sign-genesis", "refuse-recall"];
    let joined = few.map(|name| (name, name.replace('-', "_")));
    let kept = joined
        .iter()
        .fold(page.to_owned(), |page, (name, one)| page.replace(name, one));
    let words = kept.replace('-', " ");
    joined
        .iter()
        .fold(words, |words, (name, one)| words.replace(one, name))
}

#[test]
fn the_reference_of_commands_is_the_help() {
    let folder = tempfile::tempdir().unwrap();
    let mut page = String::from(
        "# Commands\n\nGenerated from the program's own help; `quittance help` and `man quittance` \
         say the same. Data goes to stdout, words to stderr. Exit codes are the same everywhere: 0 \
         yes, 1 no (refused, invalid, tampered), 2 no answer.\n",
    );
    let mut count = 0;
    for name in commands(folder.path()) {
        let command = typed(&name);
        let args = format!("{} --help", command.trim_start_matches("quittance"));
        let (code, help, err) = line(folder.path(), &args);
        assert_eq!((code, err.as_str()), (0, ""), "{command}");
        assert!(help.starts_with("Example: quittance"), "{command}: {help}");
        let help: Vec<_> = help.lines().map(str::trim_end).collect();
        write!(
            page,
            "\n## {command}\n\n```text\n{}\n```\n",
            help.join("\n").trim_end()
        )
        .unwrap();
        count += 1;
    }
    assert!(count > 25, "{count}");
    same("docs/reference/cli.md", &page);
}

#[test]
fn mistakes_in_the_configuration_look_like_this() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[api]\nlistn = \"127.0.0.1:7700\"\nworkers = \"4\"\nflush_ms = 50\n\n[stor]\nx = 1\n\n\
                [log]\nmode = \"Live\"\norigin = settle.example\n\n[wal]\nsegments_min = 1\n";
    fs::write(folder.path().join("node.toml"), text).unwrap();
    let mut session = Session::default();
    session.shows(folder.path(), "config check --set api.worker=1");
    session.shows(folder.path(), "run");
    session.shows(folder.path(), "config check --config missing.toml");
    same("tests/it/snapshots/config.txt", &session.0);
}

#[test]
fn payments_look_like_this() {
    let node = Node::start();
    let folder = node.path();
    set_up(folder);
    let mut session = Session::default();
    for (id, amount) in [("pay-1", "12.50"), ("pay-2", "1000.00")] {
        let leg = json!({"debit": "bank-a:usd", "credit": "bank-a:reserve", "asset": "USD", "amount": amount});
        let wish = json!({"transfer": {"legs": [leg], "end_to_end_id": "INV-88"}}).to_string();
        let mut args = vec!["submit", "--message-id", id, "--instruction", &wish];
        args.extend(BANK.split(' '));
        let said = format!("submit --message-id {id} --instruction '... {amount} ...'");
        session.shows_args(folder, &said, &args);
    }
    session.shows(folder, &format!("submit pay-1.json {BANK}"));
    session.shows(
        folder,
        "submit pay-1.json --key auditor.pem --passphrase-file secret",
    );
    session.shows(
        folder,
        "submit pay-1.json --as bank-a --key auditor.pem --passphrase-file secret",
    );
    for read in [
        "accounts",
        "accounts --as-of 1",
        "statement bank-a:usd --from 1",
        "find --message-id pay-2",
        "find --end-to-end-id INV-88 --account bank-a:usd",
    ] {
        session.shows(folder, &format!("{read} {BANK}"));
    }
    session.shows(
        folder,
        "receipt verify pay-1.receipt.json --log-vkey data/log.vkey",
    );
    fs::write(
        folder.join("pay.csv"),
        "from,to,asset,amount\nbank-a:usd,bank-a:reserve,USD,1.00\n\
        bank-a:usd,bank-a:reserve,USD,\"1,00\"\nbank-a:usd,bank-a:reserve,USD,900.00\n",
    )
    .unwrap();
    session.shows(
        folder,
        &format!("batch submit pay.csv --results out.csv {BANK}"),
    );
    session.shows(
        folder,
        &format!("batch submit pay.csv --results out.csv --skip-bad {BANK}"),
    );
    // Nobody listens on the discard port.
    session.shows(
        folder,
        "whoami --url http://127.0.0.1:9 --key bank-a.pem --passphrase-file secret",
    );
    same("tests/it/snapshots/payments.txt", &session.0);
}

#[test]
fn proofs_look_like_this() {
    let maker = LogMaker::with_payments(3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    maker.export(path, maker.entries.len());
    let receipt = maker.receipt(3, 1);
    fs::write(path.join("receipt.json"), receipt.to_json()).unwrap();
    let mut forged = receipt;
    forged.items[0].bytes.0[44] ^= 1;
    fs::write(path.join("forged.json"), forged.to_json()).unwrap();
    let mut session = Session::default();
    session.shows(path, "receipt verify receipt.json --log-vkey log.vkey");
    session.shows(path, "receipt verify forged.json --log-vkey log.vkey");
    session.shows(path, "audit . --log-vkey log.vkey");
    let bundle = path.join("log/tile/entries/000.p/5");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[300] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    session.shows(path, "audit . --log-vkey log.vkey");
    session.shows(path, "explain INSUFFICIENT_FUNDS");
    session.shows(path, "explain FUNDS");
    same("tests/it/snapshots/proofs.txt", &session.0);
}
