//! The results of a batch: one row for each row of the file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::journal::{Body, Journal, Message, State};
use super::table::Table;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::cli::output;
use crate::ledger::{Instruction, InstructionId};
use crate::wire::{BodyLimits, parse_body};

/// What became of one row.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Line {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) code: String,
    pub(super) words: String,
    pub(super) index: Option<u64>,
    pub(super) item: Option<u32>,
    pub(super) time: String,
    pub(super) receipt: String,
}

/// In the log, and the money moved.
pub(super) const SETTLED: &str = "settled";
/// In the log, and the ledger refused.
pub(super) const REFUSED: &str = "refused";
/// No payment; not sent.
pub(super) const BAD: &str = "bad";
/// Not in the log, and it can never get there.
pub(super) const EXPIRED: &str = "expired";
/// Nobody knows yet.
pub(super) const OPEN: &str = "open";

/// What became of a batch.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counts {
    pub(super) rows: usize,
    pub(super) settled: usize,
    pub(super) refused: usize,
    pub(super) bad: usize,
    pub(super) expired: usize,
    pub(super) open: usize,
}

/// What became of each row, as far as the journal knows: what is newer counts.
pub(super) fn lines(table: &Table, journal: &Journal) -> Vec<Line> {
    let mut lines: Vec<Line> = table.rows.iter().map(unsent).collect();
    for message in &journal.messages {
        let ids = ids(message);
        for (k, row) in message.rows.iter().enumerate() {
            let Some(line) = lines.get_mut(*row) else {
                continue;
            };
            *line = Line {
                line: line.line,
                id: ids.get(k).map_or_else(String::new, ToString::to_string),
                ..of(&message.state, k)
            };
        }
    }
    lines
}

/// The ids of a message's payments.
pub(super) fn ids(message: &Message) -> Vec<InstructionId> {
    match &message.body {
        Body::Json(text) => {
            let body = parse_body(text.as_bytes(), &BodyLimits::default());
            let instructions = body.map(|body| body.instructions).unwrap_or_default();
            instructions.iter().map(Instruction::id).collect()
        }
        Body::Binary(bytes) => {
            let header = chain::batch::split_batch(&bytes.0).ok();
            let header = header.map(|(header, _)| header);
            let first = header.and_then(|h| InstructionId::from_bytes(h.first_id).ok());
            let rows = 0..u32::try_from(message.rows.len()).unwrap_or(u32::MAX);
            first.map_or_else(Vec::new, |first| rows.map(|n| first.count_on(n)).collect())
        }
    }
}

fn unsent(row: &super::table::Row) -> Line {
    match &row.payment {
        Ok(payment) => Line {
            line: row.line,
            id: payment.id.clone(),
            status: OPEN,
            ..Line::default()
        },
        Err(bad) => Line {
            line: row.line,
            status: BAD,
            code: bad.code.clone(),
            words: match bad.column.as_str() {
                "" => bad.words.clone(),
                column => format!("column {column}: {}", bad.words),
            },
            ..Line::default()
        },
    }
}

/// What is known of the `k`-th payment of a message. In a binary message a payment has one leg, so it has
/// one item, and item 0 says who asked.
fn of(state: &State, k: usize) -> Line {
    match state {
        State::Open => Line {
            status: OPEN,
            words: "no answer yet: run the same command again".into(),
            ..Line::default()
        },
        State::Expired => Line {
            status: EXPIRED,
            words: "never logged, and too old to be: --resend-expired sends it under a new id"
                .into(),
            ..Line::default()
        },
        State::Logged(logged) => {
            let outcome = logged.outcomes.get(k);
            let good = outcome.is_some_and(|outcome| outcome.code.is_good());
            Line {
                status: if good { SETTLED } else { REFUSED },
                code: outcome.map_or("", |outcome| outcome.code.code()).to_owned(),
                words: outcome
                    .map_or("", |outcome| outcome.code.meaning())
                    .to_owned(),
                index: Some(logged.index),
                item: match logged.items.get(k) {
                    Some(item) => *item,
                    None => u32::try_from(k + 1).ok(),
                },
                time: logged.time.to_string(),
                ..Line::default()
            }
        }
    }
}

/// Counts them.
pub(super) fn counts(lines: &[Line]) -> Counts {
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    lines
        .iter()
        .for_each(|line| *by_status.entry(line.status).or_default() += 1);
    let of = |status: &str| by_status.get(status).copied().unwrap_or(0);
    Counts {
        rows: lines.len(),
        settled: of(SETTLED),
        refused: of(REFUSED),
        bad: of(BAD),
        expired: of(EXPIRED),
        open: of(OPEN),
    }
}

impl Counts {
    /// 0 everything settled, 1 something did not, 2 nobody knows yet.
    pub(super) const fn exit(&self) -> u8 {
        if self.open > 0 {
            2
        } else if self.settled < self.rows {
            1
        } else {
            0
        }
    }

    pub(super) fn table(&self) -> output::Table {
        let all = [
            ("rows", self.rows),
            (SETTLED, self.settled),
            (REFUSED, self.refused),
            (BAD, self.bad),
            (EXPIRED, self.expired),
            (OPEN, self.open),
        ];
        let shown = |(name, count): &(&'static str, usize)| {
            (*count > 0).then(|| (*name, count.to_string()))
        };
        let rows: Vec<_> = all.iter().filter_map(shown).collect();
        output::Table::pairs(&rows)
    }
}

/// Writes the results: whole, or not at all.
pub(super) fn write(path: &Path, lines: &[Line]) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| {
        Failure::new(Kind::File, "the results cannot be written").because(error)
    };
    for line in lines {
        writer.serialize(line).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| failed(error.into_error().into()))?;
    files::write_atomic(path, &bytes, 0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_settled_from_not_and_from_not_known() {
        let line = |status| Line {
            status,
            ..Line::default()
        };
        for (statuses, exit) in [
            (&[SETTLED, SETTLED][..], 0),
            (&[SETTLED, REFUSED], 1),
            (&[BAD], 1),
            (&[EXPIRED, SETTLED], 1),
            (&[REFUSED, OPEN], 2),
        ] {
            let lines: Vec<_> = statuses.iter().map(|status| line(*status)).collect();
            assert_eq!(counts(&lines).exit(), exit, "{statuses:?}");
        }
    }
}
