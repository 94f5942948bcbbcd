//! Failures on their way out: a code of the one table, what happened this time, and where.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};

use crate::ledger::Rejection;
use crate::node::{ReadError, SessionError, Unavailable};
use crate::wire::problem::PROBLEM_CONTENT_TYPE;
use crate::wire::{BodyError, ErrorCode, Problem};

/// The header that names a request in every answer.
pub(super) const REQUEST_ID: &str = "quittance-request-id";

/// Why a request is answered with a problem.
#[derive(Debug)]
pub(super) struct Failure {
    problem: Box<Problem>,
    code: ErrorCode,
    /// For the node's own records, never for the sender.
    cause: Option<String>,
    /// Seconds to wait, where it is known better than the code does.
    retry_after_s: Option<u64>,
}

impl Failure {
    /// A failure with what happened this time.
    pub(super) fn new(code: ErrorCode, detail: impl Into<String>) -> Failure {
        Failure::of(Problem::new(code, detail, ""), code)
    }

    /// A failure about which there is no more to say than its code does.
    pub(super) fn plain(code: ErrorCode) -> Failure {
        Failure::new(code, code.what_to_do())
    }

    /// A mistake of the node's own: the sender gets a request id, the operator the cause.
    pub(super) fn internal(cause: impl fmt::Display) -> Failure {
        let mut failure = Failure::plain(ErrorCode::Internal);
        failure.cause = Some(cause.to_string());
        failure
    }

    /// Too much, too soon: the sender may come again after some seconds.
    pub(super) fn too_soon(code: ErrorCode, detail: impl Into<String>, seconds: u64) -> Failure {
        let mut failure = Failure::new(code, detail);
        failure.retry_after_s = Some(seconds.max(1));
        failure
    }

    /// The code.
    pub(super) fn code(&self) -> ErrorCode {
        self.code
    }

    /// What admission answers.
    pub(super) fn rejected(rejection: &Rejection) -> Failure {
        Failure::of(Problem::of_rejection(rejection, ""), rejection.into())
    }

    /// What cannot be read, where `missing` is the code for "not there", and for what belongs to
    /// others: the two must look the same.
    pub(super) fn unread(error: &ReadError, missing: ErrorCode) -> Failure {
        match error {
            ReadError::NotFound => Failure::plain(missing),
            ReadError::NotSealed(_) => Failure::new(ErrorCode::SealNotFound, error.to_string()),
            ReadError::NoDay(_) => Failure::new(ErrorCode::CalendarNotFound, error.to_string()),
            ReadError::NotWitnessed => Failure::plain(ErrorCode::NotWitnessed),
            ReadError::Cursor => Failure::plain(ErrorCode::CursorInvalid),
            ReadError::NotOpened(_) | ReadError::BeforeLog(_) => {
                Failure::new(missing, error.to_string())
            }
            ReadError::BeyondLog(_) => Failure::new(ErrorCode::IndexBeyondLog, error.to_string()),
            ReadError::TimeAhead(_) => Failure::new(ErrorCode::TimeAhead, error.to_string()),
            ReadError::Range => Failure::new(ErrorCode::QueryInvalid, error.to_string()),
            ReadError::Unfinished => Failure::plain(ErrorCode::ReadUnfinished),
            ReadError::TooWide(_) => Failure::new(ErrorCode::SearchTooWide, error.to_string()),
            ReadError::Tile(..) => {
                let mut failure = Failure::plain(ErrorCode::TileDamaged);
                failure.cause = Some(error.to_string());
                failure
            }
            error => Failure::internal(error),
        }
    }

    /// The failure that an error of the framework stands for.
    pub(super) fn of_status(status: StatusCode) -> Failure {
        let code = match status {
            StatusCode::NOT_FOUND => ErrorCode::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::ContentTypeUnsupported,
            StatusCode::REQUEST_TIMEOUT => ErrorCode::BodyTimeout,
            status if status.is_client_error() => ErrorCode::RequestMalformed,
            status => return Failure::internal(status),
        };
        Failure::plain(code)
    }

    fn of(problem: Problem, code: ErrorCode) -> Failure {
        let problem = Box::new(problem);
        Failure {
            problem,
            code,
            cause: None,
            retry_after_s: None,
        }
    }

    /// Names the request that failed.
    pub(super) fn with_request_id(mut self, id: impl fmt::Display) -> Failure {
        self.problem.request_id = id.to_string();
        self
    }

    /// What the operator should know besides the code.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The answer, for the request with this id.
    pub(super) fn answer(&self, request_id: &str) -> HttpResponse {
        let mut problem = self.problem.clone();
        problem.request_id = request_id.to_owned();
        let json = serde_json::to_vec(&problem).expect("a problem consists of texts and a number");
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CONTENT_TYPE, PROBLEM_CONTENT_TYPE));
        answer.insert_header((REQUEST_ID, request_id));
        let by_code = self.code.retry_after_s().map(u64::from);
        if let Some(seconds) = self.retry_after_s.or(by_code) {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        if matches!(self.code, ErrorCode::TokenMissing | ErrorCode::TokenInvalid) {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if self.code.status() == 429
            || matches!(
                self.code,
                ErrorCode::BodyTooLarge | ErrorCode::BodyTimeout | ErrorCode::BodiesFull
            )
        {
            // What is left of the body is not worth reading, nor what else comes that fast.
            answer.force_close();
        }
        answer.body(json)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.problem.detail)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(&self.problem.request_id)
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Failure {
        Failure::of(Problem::of_body(&error, ""), error.error_code())
    }
}

impl From<Unavailable> for Failure {
    fn from(unavailable: Unavailable) -> Failure {
        let code = match unavailable {
            Unavailable::QueueFull => ErrorCode::QueueFull,
            Unavailable::QueueShare => ErrorCode::QueueShareFull,
            Unavailable::StorageReserve => ErrorCode::StorageReserve,
            Unavailable::ShuttingDown => ErrorCode::ShuttingDown,
            Unavailable::LogKeyNotHeld => ErrorCode::LogKeyNotHeld,
            _ => ErrorCode::NodeFailed,
        };
        Failure::plain(code)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Failure {
        let code = match error {
            SessionError::Signature => ErrorCode::SignatureInvalid,
            SessionError::Expired => ErrorCode::SessionExpired,
            SessionError::NonceReused => ErrorCode::SessionNonceReused,
            SessionError::Full => ErrorCode::SessionsFull,
            SessionError::Random => return Failure::internal(error),
            _ => ErrorCode::SessionNoteInvalid,
        };
        Failure::new(code, error.to_string())
    }
}
