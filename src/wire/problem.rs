//! A problem: the answer to a request that changed nothing (RFC 9457, `application/problem+json`).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::body_error::BodyError;
use super::code::ErrorCode;
use crate::ledger::Rejection;

/// The content type of a problem.
pub const PROBLEM_CONTENT_TYPE: &str = "application/problem+json";

/// What stands before the code in `type`: a path on the listener that told the problem, where a page
/// explains the code. Relative references are allowed (RFC 9457, section 3.1.1) and resolve against
/// the address that was asked.
pub const PROBLEM_TYPE_BASE: &str = "/docs/errors/";

/// A problem. Clients match on `code`, never on prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// A URI reference that names the kind of problem and leads to its page; its last part is the
    /// code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it means, the same words every time.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The stable code; see [`ErrorCode`].
    pub code: String,
    /// What happened this time.
    pub detail: String,
    /// Names the request in the node's own records.
    pub request_id: String,
    /// Where in the body, if that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemDetail>,
}

/// One thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemDetail {
    /// JSON pointer into the body (RFC 6901).
    pub pointer: String,
    /// The stable code.
    pub code: String,
}

impl Problem {
    /// A problem with a code and what happened this time.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self {
            kind: format!("{PROBLEM_TYPE_BASE}{code}"),
            title: code.title().into(),
            status: code.status(),
            code: code.as_str().into(),
            detail: detail.into(),
            request_id: request_id.into(),
            errors: Vec::new(),
        }
    }

    /// The problem with a body.
    #[must_use]
    pub fn of_body(error: &BodyError, request_id: impl Into<String>) -> Self {
        let mut problem = Self::new(error.error_code(), error.detail.clone(), request_id);
        problem.errors.push(ProblemDetail {
            pointer: error.pointer.clone(),
            code: error.code.into(),
        });
        problem
    }

    /// The problem with a submission that admission refuses.
    #[must_use]
    pub fn of_rejection(rejection: &Rejection, request_id: impl Into<String>) -> Self {
        let mut problem = Self::new(rejection.into(), rejection.to_string(), request_id);
        if let Rejection::IdOutsideWindow(n) = rejection {
            problem.errors.push(ProblemDetail {
                pointer: format!("/instructions/{n}"),
                code: problem.code.clone(),
            });
        }
        problem
    }

    /// The code as a value of the table; `None` for a code of a later version.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        ErrorCode::from_code(&self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_shape_of_the_wire_page() {
        let rejection = Rejection::MessageIdReused(7);
        let problem = Problem::of_rejection(&rejection, "r-1");
        let json = serde_json::to_string(&problem).unwrap();
        assert_eq!(
            json,
            "{\"type\":\"/docs/errors/MESSAGE_ID_REUSED\",\
             \"title\":\"The message id was used for other content\",\"status\":409,\
             \"code\":\"MESSAGE_ID_REUSED\",\
             \"detail\":\"the message id was used at index 7 for other content\",\
             \"request_id\":\"r-1\"}"
        );
        assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
        assert_eq!(problem.error_code(), Some(ErrorCode::MessageIdReused));
    }

    #[test]
    fn a_body_error_points_at_its_place() {
        let error = BodyError::at(ErrorCode::AmountGrammar, "/instructions/0", "no amount");
        let problem = Problem::of_body(&error, "r");
        assert_eq!(problem.errors[0].pointer, "/instructions/0");
        assert_eq!(problem.errors[0].code, "AMOUNT_GRAMMAR");
        let json = serde_json::to_string(&problem).unwrap();
        assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
        let outside = Problem::of_rejection(&Rejection::IdOutsideWindow(3), "r");
        assert_eq!(outside.errors[0].pointer, "/instructions/3");
    }
}
