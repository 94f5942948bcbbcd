//! Checks over the repository itself, so that `cargo test` alone keeps its shape: who imports whom,
//! how long files are, that nothing is dead, secret or unfinished.

mod imports;
mod source;

use std::collections::BTreeSet;

use source::{File, code, files, root};

/// A file of Rust code has at most this many lines.
const LINES_MAX: usize = 500;

/// Files that are longer, with their length. The list only shrinks: a shorter file lowers its
/// number, and nothing is added.
const LONGER: &[(&str, usize)] = &[];

#[test]
fn files_are_short_enough_to_read() {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        let lines = file.text.lines().count();
        let exception = LONGER
            .iter()
            .find(|(path, _)| *path == file.path)
            .map(|(_, lines)| *lines);
        match exception {
            None if lines > LINES_MAX => {
                wrong.push(format!("{}: {lines} lines, split it", file.path));
            }
            Some(allowed) if lines > allowed => {
                wrong.push(format!(
                    "{}: grew from {allowed} to {lines} lines",
                    file.path
                ));
            }
            Some(allowed) if lines < allowed => {
                wrong.push(format!(
                    "{}: now {lines} lines, lower its exception",
                    file.path
                ));
            }
            _ => {}
        }
    }
    for (path, lines) in LONGER {
        assert!(
            *lines > LINES_MAX && root().join(path).exists(),
            "{path} needs no exception"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where each program and library begins.
const ROOTS: &[&str] = &[
    "src/lib.rs",
    "src/main.rs",
    "chain/src/lib.rs",
    "keys/src/lib.rs",
    "tests/it/main.rs",
    "tests/faults/main.rs",
    "benches/stages.rs",
    "benches/instructions.rs",
];

#[test]
fn every_source_file_is_part_of_a_program() {
    let files = files();
    let mut reached = BTreeSet::new();
    let mut todo: Vec<String> = ROOTS.iter().map(|root| (*root).to_owned()).collect();
    while let Some(path) = todo.pop() {
        if let Some(file) = files.iter().find(|file| file.path == path) {
            todo.extend(modules(file));
            reached.insert(path);
        }
    }
    let folders = [
        "src/",
        "chain/src/",
        "keys/src/",
        "tests/it/",
        "tests/faults/",
        "benches/",
    ];
    let dead: Vec<_> = files
        .iter()
        .filter(|file| file.is_rust() && folders.iter().any(|f| file.path.starts_with(f)))
        .filter(|file| !reached.contains(&file.path))
        .map(|file| file.path.as_str())
        .collect();
    assert!(
        reached.len() > ROOTS.len() && dead.is_empty(),
        "no `mod` names {dead:?}"
    );
}

/// The files that a file's `mod name;` lines may mean.
fn modules(file: &File) -> Vec<String> {
    let beside = file.path.ends_with("/mod.rs") || ROOTS.contains(&file.path.as_str());
    let folder = match file.path.rsplit_once('/') {
        Some((folder, _)) if beside => folder,
        _ => file.path.trim_end_matches(".rs"),
    };
    let code = code(&file.text);
    let names = code.lines().filter_map(|line| {
        let line = line.trim_end().strip_suffix(';')?;
        let (before, name) = line.rsplit_once("mod ")?;
        (before.trim().is_empty() || before.trim().starts_with("pub")).then(|| name.to_owned())
    });
    names
        .flat_map(|n| [format!("{folder}/{n}.rs"), format!("{folder}/{n}/mod.rs")])
        .collect()
}

#[test]
fn a_page_has_one_title() {
    for file in files().iter().filter(|file| file.path.ends_with(".md")) {
        let mut fenced = false;
        let mut titles = 0;
        for line in file.text.lines() {
            fenced ^= line.trim_start().starts_with("```");
            titles += usize::from(!fenced && line.starts_with("# "));
        }
        assert_eq!(titles, 1, "{}: titles", file.path);
        assert!(!fenced, "{}: a code block is not closed", file.path);
    }
}

/// Words are put together here so that this file does not contain them.
fn joined(parts: [&str; 2]) -> String {
    parts.concat()
}

#[test]
fn private_keys_are_nowhere_but_in_testdata() {
    let (begin, end) = (joined(["-----BE", "GIN "]), joined(["PRIVATE", " KEY"]));
    let secret = |line: &str| {
        line.split_once(&begin)
            .is_some_and(|(_, label)| label.contains(&end))
    };
    assert!(secret(&format!("x {begin}ENCRYPTED {end}-----")) && !secret(&format!("{begin}CERT")));
    for file in files()
        .iter()
        .filter(|file| !file.path.starts_with("keys/testdata/"))
    {
        for (at, line) in file.text.lines().enumerate() {
            assert!(!secret(line), "{}:{}: a private key", file.path, at + 1);
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let macros = [["to", "do!"], ["unimple", "mented!"], ["db", "g!"]].map(joined);
    let note = joined(["FIX", "ME"]);
    for file in files() {
        if file.is_rust() {
            let code = code(&file.text);
            for (at, line) in code.lines().enumerate() {
                let found = macros.iter().find(|word| line.contains(word.as_str()));
                assert!(found.is_none(), "{}:{}: {found:?}", file.path, at + 1);
            }
        }
        let at = file.text.lines().position(|line| line.contains(&note));
        assert!(
            at.is_none(),
            "{}:{}: {note}",
            file.path,
            at.unwrap_or(0) + 1
        );
    }
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let homes = [
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/Us", "ers/"],
        ["C:\\", "Users"],
    ]
    .map(joined);
    let checkout = root().to_str().unwrap();
    for file in files() {
        for (at, line) in file.text.lines().enumerate() {
            let named = homes.iter().any(|home| begins_path(line, home));
            assert!(
                !named && !begins_path(line, checkout),
                "{}:{}: {line}",
                file.path,
                at + 1
            );
        }
    }
}

/// Whether `path` stands in the line at the start of a path, not inside one.
fn begins_path(line: &str, path: &str) -> bool {
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~}".contains(c)))
}

#[test]
fn only_the_clock_asks_for_the_time() {
    let calls = ["SystemTime", "Instant", "Timestamp", "Zoned"].map(|name| format!("{name}::now"));
    let mut asked = 0;
    for file in files().iter().filter(|file| file.is_rust()) {
        let ships = ["src/", "chain/src/", "keys/src/"]
            .iter()
            .any(|f| file.path.starts_with(f));
        for (at, line) in file.shipped().lines().enumerate() {
            if ships && calls.iter().any(|call| line.contains(call)) {
                assert_eq!(
                    file.path,
                    "src/clock.rs",
                    "line {}: use quittance::clock",
                    at + 1
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 0, "the clock was not found");
}
