//! What a code means: for `quittance explain CODE` and the reference page.

use serde::Serialize;

use super::code::ErrorCode;
use crate::ledger::Outcome;

/// What one code means. A few names are both: a problem when a request is read, and an outcome when
/// the ledger is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// As a problem: nothing was logged.
    pub problem: Option<ProblemMeaning>,
    /// As an outcome: it stands in the log.
    pub outcome: Option<OutcomeMeaning>,
}

/// What a code means as a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProblemMeaning {
    /// HTTP status.
    pub status: u16,
    /// What it means.
    pub title: &'static str,
    /// What the sender should do.
    pub what_to_do: &'static str,
    /// Whether identical bytes, sent again later, may be accepted.
    pub retry_may_help: bool,
}

/// What a code means as an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OutcomeMeaning {
    /// Its number in the log.
    pub number: u16,
    /// What it means.
    pub meaning: &'static str,
    /// ISO 20022 transaction status.
    pub iso_status: &'static str,
    /// ISO 20022 external status reason.
    pub iso_reason: &'static str,
    /// Whether the same wish, under new ids, may succeed later.
    pub retry_may_help: bool,
}

/// Explains a code; `None` if there is no such code.
#[must_use]
pub fn explain(code: &str) -> Option<Explanation> {
    let problem = ErrorCode::from_code(code);
    let outcome = Outcome::from_code(code);
    let code = problem
        .map(ErrorCode::as_str)
        .or(outcome.map(Outcome::code))?;
    Some(Explanation {
        code,
        problem: problem.map(|code| ProblemMeaning {
            status: code.status(),
            title: code.title(),
            what_to_do: code.what_to_do(),
            retry_may_help: code.retry_may_help(),
        }),
        outcome: outcome.map(|outcome| OutcomeMeaning {
            number: outcome.number(),
            meaning: outcome.meaning(),
            iso_status: outcome.iso_status(),
            iso_reason: outcome.iso_reason(),
            retry_may_help: outcome.retry_may_help(),
        }),
    })
}

/// Every code there is: problems first, then those outcomes that are not problems too.
pub fn all() -> impl Iterator<Item = Explanation> {
    let problems = ErrorCode::ALL.iter().map(|code| code.as_str());
    let outcomes = Outcome::ALL.iter().map(|outcome| outcome.code());
    let outcomes = outcomes.filter(|code| ErrorCode::from_code(code).is_none());
    problems.chain(outcomes).filter_map(explain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_several_reasons_names_them() {
        for (code, words) in [
            (
                "CALENDAR_UNKNOWN",
                &["value date", "month", "closes with the day"][..],
            ),
            (
                "QUEUE_TIMES_INVALID",
                &["`settle_from`", "`till`", "`reject_at`"],
            ),
            ("NOT_OWNER", &["direct bank"]),
            ("PARTICIPANT_SUSPENDED", &["direct bank"]),
            ("INSUFFICIENT_FUNDS", &["reserved", "mandate", "reversal"]),
        ] {
            let meaning = explain(code).unwrap().outcome.unwrap().meaning;
            for word in words {
                assert!(meaning.contains(word), "{code}: {meaning}");
            }
        }
        for (code, words) in [
            ("CALENDAR_NOT_FOUND", "The detail says which"),
            ("VKEY_GRAMMAR", "follow from name and key"),
            ("SEAL_NOT_FOUND", "A sandbox makes none"),
            ("ITEM_NOT_FOUND", "may not have so many entries"),
        ] {
            let what_to_do = explain(code).unwrap().problem.unwrap().what_to_do;
            assert!(what_to_do.contains(words), "{code}: {what_to_do}");
        }
    }

    #[test]
    fn problems_and_outcomes_are_explained() {
        let funds = explain("INSUFFICIENT_FUNDS").unwrap();
        assert!(funds.problem.is_none());
        assert_eq!(funds.outcome.unwrap().iso_reason, "AM04");
        let key = explain("KEY_UNKNOWN").unwrap();
        assert!(key.problem.is_some() && key.outcome.is_some());
        assert_eq!(explain("QUEUE_FULL").unwrap().problem.unwrap().status, 503);
        assert_eq!(explain("queue_full"), None);
        assert!(all().count() > ErrorCode::ALL.len());
    }
}
