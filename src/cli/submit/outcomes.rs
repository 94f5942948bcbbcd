//! Outcomes as people read them: what was asked for, by its kind and name, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cli::Context;
use crate::cli::output::Table;
use crate::ledger::{Outcome, SECOND, Time};
use crate::wire::{Detail, OutcomeView};

/// What each instruction of a message is about, by its id.
pub(super) type About = BTreeMap<String, String>;

/// Fields that name what governance is about, the telling ones first.
const NAMES: [&str; 7] = [
    "address",
    "account",
    "participant",
    "asset",
    "name",
    "entry_index",
    "version",
];

/// Reads kinds and names out of a JSON body; from other bodies none.
pub(super) fn about(body: &[u8]) -> About {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let wishes = body.get("instructions").and_then(Value::as_array);
    let mut about = About::new();
    for wish in wishes.into_iter().flatten() {
        let Some((kind, fields)) = wish.as_object().and_then(|wish| wish.iter().next()) else {
            continue;
        };
        let Some(id) = fields.get("id").and_then(Value::as_str) else {
            continue;
        };
        let name = NAMES.iter().find_map(|name| fields.get(*name));
        // A transfer is about its legs, which have their numbers.
        if let Some(name) = name {
            let plain = |name: &Value| name.as_str().map_or_else(|| name.to_string(), Into::into);
            let mut said = format!("{kind} {}", plain(name));
            // A schedule of fees names two accounts, either of which may be the one that is missing.
            if let Some(tax) = fields.get("tax").and_then(|tax| tax.get("account")) {
                said.push_str(&format!(", tax to {}", plain(tax)));
            }
            about.insert(id.to_owned(), said);
        }
    }
    about
}

/// Outcomes, a line each.
pub(in crate::cli) fn outcomes(outcomes: &[OutcomeView], about: &About) -> Table {
    let mut table = Table::new(&["n>", "outcome", "means", "instruction id"]);
    for outcome in outcomes {
        let (meaning, _) = sentences(outcome.code);
        let mut meaning = meaning.trim_end_matches('.').to_owned();
        if let Some(leg) = outcome.leg {
            meaning.push_str(&format!(" (leg {leg})"));
        }
        let wish = about.get(&outcome.id.to_string());
        if let Some(said) = refers_to(outcome, wish) {
            meaning.push_str(&format!(" ({said})"));
        }
        table.row([
            outcome.instruction.to_string(),
            outcome.code.code().to_owned(),
            meaning,
            outcome.id.to_string(),
        ]);
    }
    table
}

/// What an outcome means in a sentence, and what else there is to say of it.
fn sentences(outcome: Outcome) -> (&'static str, Option<&'static str>) {
    let meaning = outcome.meaning();
    match meaning.split_once(". ") {
        Some((first, rest)) => (first, Some(rest)),
        None => (meaning, None),
    }
}

/// Says of each refusal once what did not fit into its line.
pub(super) fn say_more(context: &Context, outcomes: &[OutcomeView]) {
    let refused = outcomes.iter().map(|outcome| outcome.code);
    let refused: BTreeSet<Outcome> = refused.filter(|code| !code.is_good()).collect();
    for code in refused {
        if let (_, Some(rest)) = sentences(code) {
            context.out.say(format_args!("{}: {rest}", code.code()));
        }
    }
}

/// What an outcome is about: what it refers to, or else what was asked for, if it did not settle.
fn refers_to(outcome: &OutcomeView, wish: Option<&String>) -> Option<String> {
    let detail = Detail::of(outcome.code).zip(outcome.detail);
    let said = match detail {
        // What was made is known by its name, where that is known.
        None | Some((Detail::Number, _)) if wish.is_some() => {
            return wish.filter(|_| outcome.code != Outcome::Settled).cloned();
        }
        None => return None,
        Some((Detail::Number, n)) => format!("number {n}"),
        Some((Detail::Entry, n)) => format!("entry {n}"),
        Some((Detail::Account, n)) => format!("account {n}"),
        Some((Detail::Participant, n)) => format!("participant {n}"),
        Some((Detail::Model, n)) => format!("model {n}"),
        Some((Detail::Window, n)) => format!("window {n}"),
        Some((Detail::Condition, n)) => format!("condition {n}"),
        Some((Detail::Date, n)) => {
            format!("{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100)
        }
        Some((Detail::Seconds, n)) => {
            format!("until {}", Time::from_nanos(n.saturating_mul(SECOND)))
        }
    };
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{InstructionId, OutcomeRow};

    fn outcome(code: Outcome, detail: u64) -> OutcomeView {
        OutcomeView::of(&OutcomeRow {
            instruction: 0,
            id: InstructionId::from_parts(1, 1),
            outcome: code,
            leg: None,
            detail,
        })
    }

    #[test]
    fn what_an_outcome_refers_to_is_said_in_words() {
        let wish = "capture".to_owned();
        for (code, detail, said) in [
            (Outcome::HoldAlreadyCaptured, 17, Some("entry 17")),
            (Outcome::HoldAlreadyVoided, 18, Some("entry 18")),
            (Outcome::HoldExpired, 19, Some("entry 19")),
            (Outcome::AlreadyReturned, 20, Some("entry 20")),
            (Outcome::QuoteUsed, 21, Some("entry 21")),
            (Outcome::HoldOpen, 3, Some("account 3")),
            (Outcome::IndirectLeft, 4, Some("participant 4")),
            (Outcome::PreconditionFailed, 0, Some("condition 0")),
            (Outcome::Rolled, 20_261_202, Some("2026-12-02")),
            (
                Outcome::RetentionActive,
                0,
                Some("until 1970-01-01T00:00:00Z"),
            ),
            (Outcome::Applied, 5, Some("capture")),
            (Outcome::InsufficientFunds, 0, Some("capture")),
            (Outcome::Settled, 0, None),
        ] {
            let told = refers_to(&outcome(code, detail), Some(&wish));
            assert_eq!(told.as_deref(), said, "{}", code.code());
        }
        let number = refers_to(&outcome(Outcome::Applied, 5), None);
        assert_eq!(number.as_deref(), Some("number 5"));
        assert_eq!(refers_to(&outcome(Outcome::NotOwner, 5), None), None);
    }

    #[test]
    fn governance_is_named_by_its_kind_and_what_it_is_about() {
        let body = br#"{"instructions":[
            {"open_account":{"id":"1","address":"bank-a:usd","owner":"bank-a","asset":"USD"}},
            {"add_key":{"id":"2","participant":"bank-a","vkey":"v"}},
            {"erase":{"id":"3","entry_index":7,"basis":"b"}},
            {"set_fees":{"id":"5","asset":"USD","account":"operators:fees","tax":{"account":"operators:tax","bps":1}}},
            {"transfer":{"id":"4","legs":[]}}, {"odd":1}]}"#;
        let about: Vec<_> = about(body).into_values().collect();
        let expected = [
            "open_account bank-a:usd",
            "add_key bank-a",
            "erase 7",
            "set_fees operators:fees, tax to operators:tax",
        ];
        assert_eq!(about, expected);
        assert!(super::about(b"QTB1").is_empty());
    }
}
