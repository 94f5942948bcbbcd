//! Tables in documents that name tests: what stands in them, and what tests there are.

use std::fs;
use std::path::Path;

/// A test: the file that has it, from the root of the repository on, and its name.
pub(crate) struct Test {
    pub(crate) file: String,
    pub(crate) name: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of the files in a folder.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// The part of a page from a heading of the second level to the next.
pub(crate) fn section<'p>(page: &'p str, title: &str) -> &'p str {
    let start = format!("\n## {title}\n");
    let (_, section) = page.split_once(&start).unwrap_or_else(|| panic!("{title}"));
    section.split("\n## ").next().unwrap()
}

/// The rows of its table, without the head.
pub(crate) fn rows(section: &str) -> Vec<Vec<&str>> {
    let lines = section.lines().filter(|line| line.starts_with("| "));
    let rows = lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect());
    rows.skip(1).collect()
}

/// What stands between backticks.
pub(crate) fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// All tests of these folders, those inside of modules too.
pub(crate) fn tests(folders: &[&str]) -> Vec<Test> {
    let mut found = Vec::new();
    for folder in folders {
        visit(&root().join(folder), &mut found);
    }
    found
}

fn visit(folder: &Path, found: &mut Vec<Test>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(root()).unwrap().to_str().unwrap();
            let lines = text.lines().map(str::trim);
            for (line, next) in lines.clone().zip(lines.skip(1)) {
                let name = next.strip_prefix("fn ").filter(|_| line == "#[test]");
                if let Some((name, _)) = name.and_then(|name| name.split_once('(')) {
                    found.push(Test {
                        file: file.to_owned(),
                        name: name.to_owned(),
                    });
                }
            }
        }
    }
}
