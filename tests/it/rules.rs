//! The walk through the rules of money in `docs/reference/rules.md` is kept true: every test that it
//! names is there, and so is everything that it sends its reader to.

use std::collections::BTreeSet;

use crate::named::{Test, files, page, quoted, rows, section, tests};

const PAGE: &str = "docs/reference/rules.md";
/// The tables, and the least number of rows that each has.
const TABLES: [(&str, usize); 14] = [
    ("How it is shown", 20),
    ("Limits and the life of accounts", 20),
    ("Several legs", 15),
    ("Balances in time", 6),
    ("Holds", 15),
    ("Foreign exchange", 15),
    ("Queues", 18),
    ("Business days", 12),
    ("Netting cycles", 20),
    ("Fees", 12),
    ("Returns, recalls, reversals", 12),
    ("Participants", 10),
    ("Four eyes", 8),
    ("Freezes", 10),
];

/// Where a row says that its rule stands: sections of the format, and decisions.
fn stands(place: &str, headings: &BTreeSet<String>, decisions: &[String]) -> Result<(), String> {
    let (kind, name) = place.split_once(' ').ok_or("neither SPEC nor ADR")?;
    let known = match kind {
        "SPEC" => headings.contains(name),
        "ADR" => decisions
            .iter()
            .any(|file| file.starts_with(&format!("{name}-"))),
        _ => false,
    };
    known.then_some(()).ok_or(format!("there is no {place}"))
}

/// What shows a rule: `file.rs` and behind it names of tests in it; or a command.
fn shows(cell: &str, there: &[Test], recipes: &str) -> Result<usize, String> {
    let (mut file, mut shown) = (None, 0);
    for word in quoted(cell) {
        if word.ends_with(".rs") {
            let end = format!("/{word}");
            let of_it = there.iter().filter(|test| test.file.ends_with(&end));
            let found: BTreeSet<&str> = of_it.map(|test| test.file.as_str()).collect();
            if found.len() != 1 {
                return Err(format!("{word} is {found:?}"));
            }
            file = found.first().copied();
        } else if let Some(recipe) = word.strip_prefix("just ") {
            let recipe = recipe.split(' ').next().unwrap();
            let begins = |line: &str| line.starts_with(recipe) && line.ends_with(':');
            if !recipes.lines().any(begins) {
                return Err(format!("no recipe {recipe}"));
            }
            shown += 1;
        } else if ["quittance ", ".ci/", "tests/interop/"]
            .iter()
            .any(|w| word.starts_with(w))
        {
            shown += 1;
        } else {
            let in_it = |test: &&Test| Some(test.file.as_str()) == file && test.name == word;
            there
                .iter()
                .find(in_it)
                .ok_or(format!("no test {word} in {file:?}"))?;
            shown += 1;
        }
    }
    Ok(shown)
}

#[test]
fn every_rule_names_where_it_stands_and_tests_that_are_there() {
    let there = tests(&["tests", "src"]);
    let spec = page("chain/SPEC.md");
    let headings = spec.lines().filter(|line| line.starts_with("##"));
    let headings = headings.map(|line| line.trim_start_matches('#').trim().to_owned());
    let headings: BTreeSet<String> = headings.collect();
    let (decisions, recipes) = (files("docs/adr"), page("justfile"));
    let page = page(PAGE);
    let titles = page.lines().filter_map(|line| line.strip_prefix("## "));
    assert!(titles.eq(TABLES.iter().map(|(title, _)| *title)), "tables");
    let (mut wrong, mut named) = (Vec::new(), 0);
    for (title, least) in TABLES {
        let rows = rows(section(&page, title));
        assert!(rows.len() >= least, "{title}: {} rows", rows.len());
        for row in rows {
            let [rule, places, cell] = row[..] else {
                panic!("{title}: {row:?}")
            };
            let mut tell = |what: String| wrong.push(format!("{title}: {rule}: {what}"));
            for place in places.split("; ") {
                stands(place, &headings, &decisions).unwrap_or_else(&mut tell);
            }
            match shows(cell, &there, &recipes) {
                // What is not built is decided somewhere.
                Ok(0) if !(cell.starts_with("none: ") && places.contains("ADR ")) => {
                    tell("nothing shows it".into());
                }
                Ok(shown) => named += shown,
                Err(error) => tell(error),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(named > 300, "{named}");
}

/// The check itself finds what it is for.
#[test]
fn a_row_that_is_not_true_is_found() {
    let there = tests(&["tests/it"]);
    let recipes = page("justfile");
    let shows = |cell: &str| shows(cell, &there, &recipes);
    let name = "every_rule_names_where_it_stands_and_tests_that_are_there";
    assert_eq!(shows(&format!("`it/rules.rs`: `{name}`")), Ok(1));
    assert!(shows("`it/rules.rs`: `no_such_test`").is_err());
    assert!(shows(&format!("`it/pains.rs`: `{name}`")).is_err());
    // A name that several files have, and one that none has.
    assert!(shows("`holds.rs`: `who_may_void_and_capture`").is_err());
    assert!(shows("`nowhere.rs`: `x`").is_err());
    assert_eq!(shows("`just bench-stages queue`"), Ok(1));
    assert!(shows("`just nothing`").is_err());
    let headings = BTreeSet::from(["Holds".to_owned()]);
    let stands = |place: &str| stands(place, &headings, &["0017-x.md".to_owned()]);
    assert_eq!((stands("SPEC Holds"), stands("ADR 0017")), (Ok(()), Ok(())));
    for place in ["SPEC Hold", "ADR 0018", "ADR 17", "Holds", ""] {
        assert!(stands(place).is_err(), "{place}");
    }
}
