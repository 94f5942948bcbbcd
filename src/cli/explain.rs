//! `quittance explain`: what a code means and what to do about it.

use clap::Args;

use super::Context;
use super::error::Failure;
use super::output::Table;
use crate::node::Trouble;
use crate::wire::{Explanation, explain};
use serde::Serialize;

/// Explains a code that the node answered, or lists them all
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance explain INSUFFICIENT_FUNDS")]
pub(crate) struct ExplainArgs {
    /// The code; all codes if none is named
    code: Option<String>,
}

pub(super) fn run(context: &Context, args: &ExplainArgs) -> Result<(), Failure> {
    let Some(code) = &args.code else {
        let troubles = Trouble::ALL.iter().copied();
        let all = Everything {
            codes: explain::all().collect(),
            starting: troubles.map(Starting::from).collect(),
        };
        return context.out.data(&all, || list(&all));
    };
    let name = code.to_ascii_uppercase().replace('-', "_");
    if let Some(trouble) = Trouble::from_code(&name) {
        let trouble = Starting::from(trouble);
        return context.out.data(&trouble, || trouble.details());
    }
    let Some(found) = explain::explain(&name) else {
        return Err(Failure::usage(format_args!("no code is named {code:?}")).hint(similar(&name)));
    };
    context.out.data(&found, || details(&found))
}

/// Every code there is.
#[derive(Debug, Serialize)]
struct Everything {
    codes: Vec<Explanation>,
    starting: Vec<Starting>,
}

/// Why a node does not start.
#[derive(Debug, Serialize)]
struct Starting {
    code: &'static str,
    means: &'static str,
    what_to_do: &'static str,
}

impl From<Trouble> for Starting {
    fn from(trouble: Trouble) -> Self {
        Self {
            code: trouble.as_str(),
            means: trouble.title(),
            what_to_do: trouble.what_to_do(),
        }
    }
}

impl Starting {
    fn details(&self) -> Table {
        Table::pairs(&[
            ("code", self.code.to_owned()),
            (
                "said by",
                "a node that does not start; nothing was signed".to_owned(),
            ),
            ("means", self.means.to_owned()),
            ("what to do", self.what_to_do.to_owned()),
        ])
    }
}

fn details(found: &Explanation) -> Table {
    let yes = |may: bool| if may { "yes" } else { "no" }.to_owned();
    let mut rows = vec![("code", found.code.to_owned())];
    if let Some(problem) = found.problem {
        rows.push((
            "as a problem",
            format!("HTTP {}; nothing was logged", problem.status),
        ));
        rows.push(("means", problem.title.to_owned()));
        rows.push(("what to do", problem.what_to_do.to_owned()));
        rows.push(("can the same bytes help later", yes(problem.retry_may_help)));
    }
    if let Some(outcome) = found.outcome {
        let iso = format!("{} {}", outcome.iso_status, outcome.iso_reason);
        rows.push((
            "as an outcome",
            format!("number {} in the log; ISO 20022 {iso}", outcome.number),
        ));
        rows.push(("means", outcome.meaning.to_owned()));
        rows.push(("can the same wish help later", yes(outcome.retry_may_help)));
    }
    Table::pairs(&rows)
}

fn list(all: &Everything) -> Table {
    let mut table = Table::new(&["code", "where", "means"]);
    for found in &all.codes {
        if let Some(problem) = found.problem {
            table.row([
                found.code,
                &format!("HTTP {}", problem.status),
                problem.title,
            ]);
        }
        if let Some(outcome) = found.outcome {
            table.row([
                found.code,
                &format!("log {}", outcome.number),
                outcome.meaning,
            ]);
        }
    }
    for found in &all.starting {
        table.row([found.code, "start", found.means]);
    }
    table
}

/// The hint for a code that is not known.
fn similar(name: &str) -> String {
    let starting = Trouble::ALL.iter().map(|trouble| trouble.as_str());
    let codes = explain::all().map(|found| found.code).chain(starting);
    let alike = near(name, codes);
    if alike.is_empty() {
        "`quittance explain` lists all codes".to_owned()
    } else {
        format!("did you mean {}?", alike.join(", "))
    }
}

/// At most five codes that are near: a few letters off, or with a word in common, nearest first.
fn near<'a>(name: &str, codes: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let far = |code: &str| {
        let letters = strsim::damerau_levenshtein(name, code);
        if letters <= (name.len() / 3).clamp(1, 3) {
            return Some(letters);
        }
        let shared = name
            .split('_')
            .filter(|word| word.len() > 2)
            .any(|word| code.split('_').any(|other| is_word(word, other)));
        shared.then_some(usize::MAX)
    };
    let mut found: Vec<_> = codes
        .filter_map(|code| far(code).map(|far| (far, code)))
        .collect();
    found.sort_by_key(|(far, _)| *far);
    found.dedup_by_key(|(_, code)| *code);
    // A slip of the pen is one; what only shares a word is for those who made none.
    if found.first().is_some_and(|(far, _)| *far != usize::MAX) {
        found.retain(|(far, _)| *far != usize::MAX);
    }
    found.into_iter().map(|(_, code)| code).take(5).collect()
}

/// The same word, or one of some length with a letter wrong.
fn is_word(word: &str, other: &str) -> bool {
    word == other || word.len() > 4 && strsim::damerau_levenshtein(word, other) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesses(name: &str) -> Vec<&'static str> {
        near(name, explain::all().map(|found| found.code))
    }

    #[test]
    fn only_near_codes_are_guessed() {
        assert_eq!(guesses("FUNDS"), ["INSUFFICIENT_FUNDS"]);
        assert_eq!(guesses("INSUFICIENT_FUND")[0], "INSUFFICIENT_FUNDS");
        assert_eq!(guesses("NOT_OWNR"), ["NOT_OWNER"]);
        assert!(guesses("SIGNATUR_BAD").contains(&"SIGNATURE_INVALID"));
        for far in ["NOPE", "X", "", "HELLO_WORLD"] {
            assert_eq!(guesses(far), [""; 0], "{far}");
        }
    }
}
