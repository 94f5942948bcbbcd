//! Generated reference pages, compared with the tables that they are made from.
//!
//! `QUITTANCE_UPDATE_DOCS=1 cargo test reference` writes them anew.

use std::fmt::Write;
use std::path::Path;

use quittance::ledger::Outcome;
use quittance::node::Trouble;
use quittance::wire::ErrorCode;

/// The page of all codes, as it must stand in the repository.
fn errors_page() -> String {
    let mut page = String::from(
        "# Codes\n\nGenerated from the tables in `src/wire/code.rs` and `src/ledger/outcome.rs`; \
         `quittance explain CODE` says the same.\n\n\
         ## Problems: nothing was logged\n\n\
         | code | HTTP | means | what to do | retry |\n|---|---|---|---|---|\n",
    );
    for code in ErrorCode::ALL {
        let retry = if code.retry_may_help() { "yes" } else { "no" };
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {retry} |",
            code.as_str(),
            code.status(),
            code.title(),
            code.what_to_do()
        )
        .unwrap();
    }
    page.push_str(
        "\n## Outcomes: results in the log\n\nIn order of precedence: when several apply, the first \
         is given. Numbers and codes never change.\n\n\
         | number | code | ISO 20022 | means | a retry may help |\n|---|---|---|---|---|\n",
    );
    for outcome in Outcome::ALL {
        let retry = if outcome.retry_may_help() {
            "yes"
        } else {
            "no"
        };
        let meaning = outcome.meaning().replace('|', "\\|");
        writeln!(
            page,
            "| {} | `{}` | {} | {meaning} | {retry} |",
            outcome.number(),
            outcome.code(),
            outcome.iso_reason()
        )
        .unwrap();
    }
    page.push_str(
        "\n## Starting: why a node refuses\n\nFrom `src/node/trouble.rs`. Nothing was signed; \
         `docs/operate/recovery.md` has every case.\n\n\
         | code | means | what to do |\n|---|---|---|\n",
    );
    for trouble in Trouble::ALL {
        let (means, todo) = (trouble.title(), trouble.what_to_do());
        writeln!(page, "| `{}` | {means} | {todo} |", trouble.as_str()).unwrap();
    }
    page
}

#[test]
fn every_code_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/errors.md");
    let expected = errors_page();
    if std::env::var_os("QUITTANCE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/reference/errors.md is not what the tables say; run \
         `QUITTANCE_UPDATE_DOCS=1 cargo test --test it reference`"
    );
}

/// The examples for banks name what can become of a transfer: all of it, and by its number.
#[test]
fn the_clients_name_every_outcome_of_a_transfer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let python = read("python/quittance_batch.py");
    let java = read("java/QuittanceBatch.java");
    // Others are of holds and of governance.
    let of_transfers = |outcome: &&Outcome| {
        matches!(outcome.number(), 1 | 10..28 | 63..69 | 198) && **outcome != Outcome::QuorumNotMet
    };
    let mut named = 0;
    for outcome in Outcome::ALL.iter().filter(of_transfers) {
        let (number, code) = (outcome.number(), outcome.code());
        assert!(python.contains(&format!("{number}: \"{code}\"")), "{code}");
        let entry = format!("Map.entry({number}, \"{code}\")");
        assert!(java.contains(&entry), "{code}");
        named += 1;
    }
    assert_eq!(java.matches("Map.entry(").count(), named);
}
