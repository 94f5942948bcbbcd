//! Outcomes as people read them: what was asked for, by its kind and name, and what came of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::output::Table;
use crate::ledger::{Outcome, SECOND, Time};
use crate::wire::OutcomeView;

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
            let name = name.as_str().map_or_else(|| name.to_string(), Into::into);
            about.insert(id.to_owned(), format!("{kind} {name}"));
        }
    }
    about
}

/// Outcomes, a line each.
pub(in crate::cli) fn outcomes(outcomes: &[OutcomeView], about: &About) -> Table {
    let mut table = Table::new(&["n>", "outcome", "means", "instruction id"]);
    for outcome in outcomes {
        let mut meaning = outcome.code.meaning().trim_end_matches('.').to_owned();
        if let Some(leg) = outcome.leg {
            meaning.push_str(&format!(" (leg {leg})"));
        }
        match (
            outcome.code,
            about.get(&outcome.id.to_string()),
            outcome.detail,
        ) {
            (Outcome::Settled, ..) => {}
            (
                Outcome::IdAlreadyUsed
                | Outcome::Approved
                | Outcome::CarriedOut
                | Outcome::Withdrawn
                | Outcome::Declined
                | Outcome::ProposalOver
                | Outcome::ApprovalExpired
                | Outcome::AlreadyReturned
                | Outcome::RecallAlreadyOpen
                | Outcome::CaseOpen,
                _,
                Some(entry),
            ) => {
                meaning.push_str(&format!(" (entry {entry})"));
            }
            (Outcome::RetentionActive, _, Some(end)) => {
                let end = Time::from_nanos(end.saturating_mul(SECOND));
                meaning.push_str(&format!(" (until {end})"));
            }
            (Outcome::PreconditionFailed, _, Some(number)) => {
                meaning.push_str(&format!(" (condition {number})"));
            }
            (Outcome::BalanceLeft | Outcome::HoldOpen | Outcome::PaymentWaits, _, Some(number)) => {
                meaning.push_str(&format!(" (account {number})"));
            }
            (Outcome::PositionOpen, _, Some(number)) => {
                meaning.push_str(&format!(" (model {number})"));
            }
            (_, Some(wish), _) => meaning.push_str(&format!(" ({wish})")),
            // Without the body there is only the number that the ledger gave it.
            (_, None, Some(number)) => meaning.push_str(&format!(" (number {number})")),
            (_, None, None) => {}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn governance_is_named_by_its_kind_and_what_it_is_about() {
        let body = br#"{"instructions":[
            {"open_account":{"id":"1","address":"bank-a:usd","owner":"bank-a","asset":"USD"}},
            {"add_key":{"id":"2","participant":"bank-a","vkey":"v"}},
            {"erase":{"id":"3","entry_index":7,"basis":"b"}},
            {"transfer":{"id":"4","legs":[]}}, {"odd":1}]}"#;
        let about: Vec<_> = about(body).into_values().collect();
        let expected = ["open_account bank-a:usd", "add_key bank-a", "erase 7"];
        assert_eq!(about, expected);
        assert!(super::about(b"QTB1").is_empty());
    }
}
