//! Who may import whom: the table of ARCHITECTURE, kept by the test.

use super::source::{File, files};

/// A top-level module of `src` and what it may import of ours. `chain` and `keys` are crates.
///
/// `limits` is a list of constants without imports of its own and stands below everything.
const TABLE: &[(&str, &[&str])] = &[
    // Rules of money: no clock, no file, no randomness.
    ("ledger", &["chain", "limits"]),
    ("assets", &["ledger", "chain"]),
    ("wire", &["ledger", "chain", "limits"]),
    // Leaves of the world half.
    ("limits", &[]),
    ("clock", &["limits"]),
    ("config", &["limits", "ledger"]),
    ("telemetry", &["config"]),
    // Disk and network.
    ("store", &["ledger", "chain", "limits"]),
    ("cluster", &["store"]),
    // Others who remember the log: asked by the node, and run by anybody.
    (
        "witness",
        &["client", "store", "keys", "clock", "limits", "chain"],
    ),
    // The one place that knows all below.
    (
        "node",
        &[
            "store",
            "cluster",
            "witness",
            "client",
            "keys",
            "config",
            "clock",
            "telemetry",
            "limits",
            "wire",
            "assets",
            "ledger",
            "chain",
        ],
    ),
    // The log in files: taken from a node, checked and replayed by itself.
    (
        "backup",
        &[
            "client", "node", "store", "config", "wire", "assets", "ledger", "chain",
        ],
    ),
    // The edges.
    (
        "api",
        &[
            "backup", "node", "wire", "ledger", "chain", "limits", "config", "clock",
        ],
    ),
    ("client", &["wire", "ledger", "chain", "limits"]),
    (
        "audit",
        &["client", "wire", "assets", "ledger", "chain", "limits"],
    ),
    // Measures the product from outside: over the wire, as a client.
    (
        "bench",
        &[
            "client", "wire", "ledger", "chain", "keys", "clock", "limits",
        ],
    ),
    (
        "cli",
        &[
            "backup",
            "bench",
            "witness",
            "client",
            "audit",
            "node",
            "api",
            "config",
            "keys",
            "wire",
            "assets",
            "ledger",
            "chain",
            "limits",
            "clock",
            "telemetry",
        ],
    ),
    ("main", &["cli"]),
];

/// One import: the line it stands on and the module it names.
type Import = (usize, String);

#[test]
fn modules_import_downwards_only() {
    let mut wrong = Vec::new();
    let mut modules = 0;
    for file in files()
        .iter()
        .filter(|file| file.is_rust() && file.path.starts_with("src/"))
    {
        let module = module_of(&file.path);
        if module == "lib" {
            continue;
        }
        modules += 1;
        let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!(
                "{}: module {module} has no row in the table",
                file.path
            ));
            continue;
        };
        for (line, import) in imports(file) {
            if import != module && !allowed.contains(&import.as_str()) {
                wrong.push(format!(
                    "{}:{line}: {module} may not import {import}",
                    file.path
                ));
            }
        }
    }
    assert!(modules > 5, "the modules were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_crates_import_downwards_only() {
    for file in files().iter().filter(|file| file.is_rust()) {
        for (line, import) in paths(&file.shipped(), &["chain", "keys", "quittance"]) {
            let bad = file.path.starts_with("chain/src/") && import != "chain"
                || file.path.starts_with("keys/src/") && import == "quittance";
            assert!(!bad, "{}:{line}: imports {import}", file.path);
        }
    }
}

#[test]
fn the_table_has_no_cycle() {
    // Peeled from the bottom: whoever imports only what is gone, goes.
    let mut left: Vec<_> = TABLE.to_vec();
    let known = |name: &str| TABLE.iter().any(|(module, _)| *module == name);
    assert!(
        TABLE
            .iter()
            .flat_map(|(_, to)| *to)
            .all(|to| known(to) || crates(to))
    );
    while !left.is_empty() {
        let before = left.len();
        let names: Vec<_> = left.iter().map(|(name, _)| *name).collect();
        left.retain(|(_, to)| to.iter().any(|to| names.contains(to)));
        assert!(left.len() < before, "a cycle among {names:?}");
    }
}

fn crates(name: &str) -> bool {
    ["chain", "keys"].contains(&name)
}

fn module_of(path: &str) -> &str {
    let path = path.trim_start_matches("src/");
    path.split('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs")
}

/// What a file imports of ours: crates, and modules through `crate::` or enough `super::`.
fn imports(file: &File) -> Vec<Import> {
    let code = file.shipped();
    let mut found = paths(&code, &["chain", "keys"]);
    let is_module = |name: &String| TABLE.iter().any(|(module, _)| module == name);
    for root in ["crate", "quittance"] {
        found.extend(below(&code, &format!("{root}::")));
    }
    let depth = file.path.trim_start_matches("src/").split('/').count()
        - usize::from(file.path.ends_with("/mod.rs"));
    let to_root = below(&code, &"super::".repeat(depth));
    found.extend(to_root.into_iter().filter(|(_, name)| is_module(name)));
    found
}

/// The crates among `names` that the code names at the start of a path.
fn paths(code: &str, names: &[&str]) -> Vec<Import> {
    let mut found = Vec::new();
    for name in names {
        for (at, _) in code.match_indices(&format!("{name}::")) {
            if starts_path(code, at) {
                found.push((line(code, at), (*name).to_owned()));
            }
        }
        for (at, _) in code.match_indices(&format!("use {name};")) {
            found.push((line(code, at), (*name).to_owned()));
        }
    }
    found
}

/// The names that follow `root`, such as `crate::`, singly or in braces.
fn below(code: &str, root: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for (at, _) in code
        .match_indices(root)
        .filter(|(at, _)| starts_path(code, *at))
    {
        let rest = &code[at + root.len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![word(rest)],
        };
        let names = names.into_iter().filter(|name| !name.is_empty());
        found.extend(names.map(|name| (line(code, at), name)));
    }
    found
}

/// The first word of each member of a group whose `{` is already read.
fn top_level(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => {
                names.push(word(group[start..at].trim_start()));
                start = at + 1;
                if byte == b'}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn starts_path(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

fn line(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[test]
fn imports_are_found_in_every_form() {
    let text = "use crate::store;\nuse crate::{ledger::{a, b}, wire,\n  clock as time};\n\
                use super::super::api::x; use super::own;\nfn f() { crate::node::g(chain::Hash) }\n\
                // crate::comment\nuse keys::Ring; let s = \"crate::text\"; unchain::x();\n\
                #[cfg(test)]\nmod tests { use crate::assets; }\n";
    let file = File {
        path: "src/store/table/page.rs".to_owned(),
        text: text.to_owned(),
    };
    let mut found = imports(&file);
    found.sort();
    let expected = [
        (1, "store"),
        (2, "clock"),
        (2, "ledger"),
        (2, "wire"),
        (5, "chain"),
        (5, "node"),
        (7, "keys"),
    ];
    assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
    let file = File {
        path: "src/store/mod.rs".to_owned(),
        text: "use super::api::x;".to_owned(),
    };
    assert_eq!(imports(&file), [(1, "api".to_owned())]);
}
