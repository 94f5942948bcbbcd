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

use crate::named::{page, quoted, rows, section, tests};

/// Where the table stands.
const PAGE: &str = "docs/reference/reliability.md";
/// How many pains there are.
const PAINS: usize = 25;

#[test]
fn every_pain_has_a_row_and_every_test_in_it_exists() {
    let there = tests(&["tests"]);
    let page = page(PAGE);
    let rows = rows(section(&page, "Pains of others"));
    let (mut covered, mut named) = (0, 0);
    for (n, row) in (1..).zip(&rows) {
        let [number, _, cell] = row[..] else {
            panic!("{row:?}")
        };
        assert_eq!(number, n.to_string(), "{row:?}");
        let tests: Vec<&str> = quoted(cell).collect();
        for test in &tests {
            assert!(
                test.starts_with(&format!("pain_{n:02}_")),
                "row {n}: {test}"
            );
            assert!(
                there.iter().any(|known| known.name == *test),
                "no test {test}"
            );
        }
        // A row without tests says why in words.
        assert!(!tests.is_empty() || cell.len() > 20, "{row:?}");
        covered += usize::from(!tests.is_empty());
        named += tests.len();
    }
    assert_eq!(rows.len(), PAINS);
    assert!(
        covered >= 19 && named > covered,
        "{covered} rows, {named} tests"
    );
}
