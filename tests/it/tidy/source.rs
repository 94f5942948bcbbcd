//! Reads the repository as text: its files, and Rust code without comments and literals.

use std::path::{Path, PathBuf};

/// The checkout.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text file of the repository.
pub(super) struct File {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Code that ships: literals, comments and the unit tests at the end are cut.
    pub(super) fn shipped(&self) -> String {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return String::new();
        }
        let code = code(&self.text);
        let end = code.find("#[cfg(test)]\nmod ").unwrap_or(code.len());
        code.get(..end).unwrap_or_default().to_owned()
    }
}

/// Every text file; what is built, fetched or written at run time is no part of the repository.
pub(super) fn files() -> Vec<File> {
    let mut files = Vec::new();
    visit(root(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        files.iter().any(|file| file.path == "src/lib.rs"),
        "this is not the repository"
    );
    files
}

fn visit(folder: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let relative = path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        let skipped = [".git", "target", "data"].contains(&relative.as_str())
            || relative.ends_with("node_modules")
            || relative.ends_with("__pycache__");
        if skipped || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            visit(&path, files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.push(File {
                path: relative,
                text,
            });
        }
    }
}

/// Rust code with comments and the contents of literals replaced by blanks; lines stay where they
/// are.
pub(super) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest, code.chars().next_back());
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(
                rest[..length]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' }),
            );
            rest = &rest[length..];
        }
    }
    code
}

/// Length of the comment or literal at the start of `rest`, or 0.
fn skipped(rest: &str, before: Option<char>) -> usize {
    let until = |from: usize, end: &str| {
        rest.get(from..)
            .and_then(|tail| tail.find(end))
            .map_or(rest.len(), |at| from + at)
    };
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return until(0, "\n");
    }
    if rest.starts_with("/*") {
        return (until(2, "*/") + 2).min(rest.len());
    }
    let raw = rest
        .strip_prefix("br")
        .or_else(|| rest.strip_prefix('r'))
        .filter(|_| !in_word);
    if let Some(raw) = raw {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let start = rest.len() - raw.len() + hashes + 1;
            let end = format!("\"{}", "#".repeat(hashes));
            return (until(start, &end) + end.len()).min(rest.len());
        }
    }
    match rest.as_bytes() {
        [b'"', ..] => quoted(rest, b'"'),
        // A character, not a lifetime.
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', ..] if rest.chars().nth(2) == Some('\'') => quoted(rest, b'\''),
        _ => 0,
    }
}

fn quoted(rest: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn code_loses_comments_and_literals_only() {
    let text = "use a; // use b;\nlet s = \"use \\\" c\"; /* d\n */ let c = '\"'; fn f<'a>() {}\n\
                let r = r#\"use \"e\" \"#; let b = b\"f\"; for_r\n";
    let code = code(text);
    assert_eq!(code.lines().count(), text.lines().count());
    let words: Vec<_> = code.split_whitespace().collect();
    assert_eq!(
        words.join(" "),
        "use a; let s = ; let c = ; fn f<'a>() {} let r = ; let b = b ; for_r"
    );
}
