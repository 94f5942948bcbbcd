//! What hurt the users of other ledgers must not come back here: for each pain that this product
//! covers, tests that are named after it. The table in `docs/reference/reliability.md` says which.

mod access;
mod at_once;
mod fx;
mod holds;
mod limits;
mod log;
mod reads;
mod returned;
mod times;
mod windows;

use std::fs;
use std::path::Path;

/// Where the table stands.
const PAGE: &str = "docs/reference/reliability.md";
/// How many pains there are.
const PAINS: usize = 25;

/// The names of all tests in a folder that are named after a pain.
fn tests_in(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_in(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut lines = text.lines().peekable();
            while let Some(line) = lines.next() {
                let name = lines.peek().and_then(|next| next.strip_prefix("fn "));
                let name = name.filter(|_| line == "#[test]");
                let name = name
                    .and_then(|name| name.split_once('('))
                    .map(|(name, _)| name);
                names.extend(name.filter(|n| n.starts_with("pain_")).map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_pain_has_a_row_and_every_test_in_it_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut there = Vec::new();
    tests_in(&root.join("tests"), &mut there);
    let page = fs::read_to_string(root.join(PAGE)).unwrap();
    let (_, section) = page.split_once("\n## Pains of others\n").expect(PAGE);
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| #"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let (mut covered, mut named) = (0, 0);
    for (n, row) in (1..).zip(&rows) {
        let [number, _, tests] = row[..] else {
            panic!("{row:?}")
        };
        assert_eq!(number, n.to_string(), "{row:?}");
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        for test in &tests {
            assert!(
                test.starts_with(&format!("pain_{n:02}_")),
                "row {n}: {test}"
            );
            assert!(there.iter().any(|name| name == test), "no test {test}");
        }
        // A row without tests says why in words.
        assert!(!tests.is_empty() || row[2].len() > 20, "{row:?}");
        covered += usize::from(!tests.is_empty());
        named += tests.len();
    }
    assert_eq!(rows.len(), PAINS);
    assert!(
        covered >= 19 && named > covered,
        "{covered} rows, {named} tests"
    );
}
