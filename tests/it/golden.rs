//! Golden files: what people see, kept as text.
//!
//! `QUITTANCE_UPDATE_DOCS=1 cargo test --test it` writes them anew; read the difference before it
//! is committed.

use std::fs;
use std::path::Path;

/// Compares a text with a file of the repository.
pub(crate) fn same(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("QUITTANCE_UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let differs = kept
        .lines()
        .zip(text.lines())
        .position(|(kept, found)| kept != found);
    let at = differs.unwrap_or(kept.lines().count().min(text.lines().count()));
    assert!(
        kept == text,
        "{file}:{}: kept {:?}, found {:?}; if this is meant: \
         `QUITTANCE_UPDATE_DOCS=1 cargo test --test it`",
        at + 1,
        kept.lines().nth(at),
        text.lines().nth(at),
    );
}

/// Masks what differs from run to run: times, ids, hashes, keys, ports.
pub(crate) fn masked(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let mut out = String::new();
        let mut word = String::new();
        for c in line.chars().chain(['\n']) {
            if c.is_ascii_alphanumeric() || "+/=:.-_".contains(c) {
                word.push(c);
                continue;
            }
            out.push_str(&mask(&word));
            word.clear();
            out.push(c);
        }
        out.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The same for a table, whose widths follow what is masked in it.
pub(crate) fn masked_table(text: &str) -> String {
    let narrow = |line: &str| {
        let cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        cells.collect::<Vec<_>>().join("  ") + "\n"
    };
    masked(text).lines().map(narrow).collect()
}

fn mask(word: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_time =
        word.len() >= 20 && word.contains('T') && word.ends_with('Z') && word.as_bytes()[4] == b'-';
    let is_uuid = word.len() == 36 && word.matches('-').count() == 4;
    let is_hash = word.trim_end_matches('.').len() == 44 && word.contains('=');
    let known_key = word.splitn(3, '+').collect::<Vec<_>>();
    if is_time {
        "<time>".into()
    } else if is_uuid {
        "<id>".into()
    } else if is_hash {
        "<hash>".into()
    } else if let [name, id, key] = known_key[..]
        && id.len() == 8
        && key.len() >= 44
    {
        format!("{name}+<key>")
    } else if let Some((host, port)) = word.rsplit_once(':')
        && host.ends_with("127.0.0.1")
        && digits(port.split('/').next().unwrap())
    {
        let path = port.find('/').map_or("", |at| &port[at..]);
        format!("{host}:<port>{path}")
    } else {
        word.to_owned()
    }
}
