//! `quittance explain`: what a code means and what to do about it.

use clap::Args;

use super::Context;
use super::error::Failure;
use super::output::Table;
use crate::wire::{Explanation, explain};

/// Explains a code that the node answered, or lists them all
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance explain INSUFFICIENT_FUNDS")]
pub(crate) struct ExplainArgs {
    /// The code; all codes if none is named
    code: Option<String>,
}

pub(super) fn run(context: &Context, args: &ExplainArgs) -> Result<(), Failure> {
    let Some(code) = &args.code else {
        let all: Vec<_> = explain::all().collect();
        return context.out.data(&all, || list(&all));
    };
    let name = code.to_ascii_uppercase().replace('-', "_");
    let Some(found) = explain::explain(&name) else {
        return Err(Failure::usage(format_args!("no code is named {code:?}")).hint(similar(&name)));
    };
    context.out.data(&found, || details(&found))
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

fn list(all: &[Explanation]) -> Table {
    let mut table = Table::new(&["code", "where", "means"]);
    for found in all {
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
    table
}

/// Codes that share a word with the one asked for.
fn similar(name: &str) -> String {
    let words: Vec<_> = name.split('_').filter(|word| word.len() > 2).collect();
    let alike: Vec<_> = explain::all()
        .map(|found| found.code)
        .filter(|code| words.iter().any(|word| code.contains(word)))
        .take(5)
        .collect();
    if alike.is_empty() {
        "`quittance explain` lists all codes".to_owned()
    } else {
        format!("did you mean {}?", alike.join(", "))
    }
}
