//! `/v1/submissions` and `/v1/dry-runs`: the one door, and what was said at it before.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use chain::outcomes::OUTCOMES_CONTENT_TYPE;
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::guard;
use super::message::{Identity, read};
use super::signed::{ForReal, ForTrial, Signed};
use super::state::State;
use super::tagged;
use crate::clock;
use crate::ledger::{MessageId, ParticipantId, Rejection, Time};
use crate::node::{MessageQuery, ReadError, Reply};
use crate::wire::{Answer, ErrorCode, OutcomeView, batch_answer};

/// Marks an answer that was given before.
const REPLAYED: &str = "quittance-replayed";

/// An answer in the form that goes with the body's.
enum Said {
    Json(Box<Answer>),
    /// To a binary batch.
    Rows(Vec<u8>),
}

impl Said {
    fn send(self, mut response: HttpResponseBuilder) -> HttpResponse {
        match self {
            Self::Json(answer) => response.json(answer),
            Self::Rows(rows) => response.content_type(OUTCOMES_CONTENT_TYPE).body(rows),
        }
    }
}

/// Submits a signed message. It is in the log when the answer is 201, even if every outcome refuses.
#[utoipa::path(
    post, path = "/v1/submissions", tag = "submissions", security(("signature" = [])),
    params(("Quittance-Submitter" = super::openapi_words::ParticipantId, Header, description = "Who submits")),
    request_body(content((super::openapi_body::Body = "application/json"), (super::openapi_words::BatchBytes = "application/vnd.quittance.batch"))),
    responses(
        (status = 201, description = "In the log", content((super::openapi_schema::Answer = "application/json"), (super::openapi_words::OutcomesBytes = "application/vnd.quittance.outcomes"))),
        (status = 200, description = "Was in the log before; `Quittance-Replayed: true`", content((super::openapi_schema::Answer = "application/json"), (super::openapi_words::OutcomesBytes = "application/vnd.quittance.outcomes")), headers(("Quittance-Replayed" = String, description = "`true`"))),
    )
)]
pub(super) async fn submit(signed: Signed<ForReal>) -> Result<HttpResponse, Failure> {
    let started = clock::instant();
    let state = signed.state.clone();
    let (identity, submission) = read(signed)?;
    let answer = match state.node.submit(submission).await? {
        Reply::Applied(applied) => {
            let log = state.node.reader();
            let answer = match identity.is_batch() {
                true => log.batch_answer(&applied).map(Said::Rows),
                false => log
                    .answer(&applied)
                    .map(|answer| Said::Json(Box::new(answer))),
            };
            let answer = answer.map_err(Failure::internal)?;
            Ok(answer.send(HttpResponse::Created()))
        }
        Reply::Replay { index } => replayed(&state, &identity, index).await,
        Reply::Drop(rejection) => late(&state, &identity, &rejection).await,
        Reply::DryRun(_) => Err(Failure::internal("a submission was answered as a dry run")),
    };
    state.numbers.submitted(started.elapsed());
    answer
}

/// Tries a signed message: full validation and the would-be outcomes; nothing is appended. The
/// statement's first line is `quittance dry-run v1`.
#[utoipa::path(
    post, path = "/v1/dry-runs", tag = "submissions", security(("signature" = [])),
    params(("Quittance-Submitter" = super::openapi_words::ParticipantId, Header, description = "Who would submit")),
    request_body(content((super::openapi_body::Body = "application/json"), (super::openapi_words::BatchBytes = "application/vnd.quittance.batch"))),
    responses(
        (status = 200, description = "What would happen, without receipt; or, with `Quittance-Replayed: true`, what did", content((super::openapi_schema::Answer = "application/json"), (super::openapi_words::OutcomesBytes = "application/vnd.quittance.outcomes")), headers(("Quittance-Replayed" = Option<String>, description = "`true`, or absent"))),
    )
)]
pub(super) async fn dry_run(signed: Signed<ForTrial>) -> Result<HttpResponse, Failure> {
    let state = signed.state.clone();
    let (identity, submission) = read(signed)?;
    guard::trial(&state, &submission.message)?;
    match state.node.dry_run(submission).await? {
        Reply::DryRun(trial) => {
            let now = state.node.clock().now_ns();
            let said = match identity.is_batch() {
                true => Said::Rows(batch_answer(trial.size, now, &trial.outcomes, b"")),
                false => Said::Json(Box::new(Answer {
                    index: trial.size,
                    time: Time::from_nanos(now),
                    outcomes: trial.outcomes.iter().map(OutcomeView::of).collect(),
                    balances: Vec::new(),
                    fees: trial.fees,
                    settles: trial.settles,
                    receipt: None,
                })),
            };
            Ok(said.send(HttpResponse::Ok()))
        }
        Reply::Replay { index } => replayed(&state, &identity, index).await,
        Reply::Drop(rejection) => late(&state, &identity, &rejection).await,
        Reply::Applied(_) => Err(Failure::internal("a dry run was answered as a submission")),
    }
}

/// Names one submission.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Its message id.
    #[param(value_type = super::openapi_words::MessageId)]
    message_id: MessageId,
    /// Who submitted it; the reader, if left out.
    #[param(value_type = Option<String>)]
    participant: Option<ParticipantId>,
    /// Its `created`: found at once, however old. Without it entries are searched, newest first.
    #[param(value_type = Option<String>, format = DateTime)]
    created: Option<Time>,
    /// Search entries at or after this time; not together with `created`.
    #[param(value_type = Option<String>, format = DateTime)]
    from_time: Option<Time>,
    /// Search entries before this time; not together with `created`.
    #[param(value_type = Option<String>, format = DateTime)]
    to_time: Option<Time>,
}

/// Finds the stored answer to a submission.
#[utoipa::path(
    get, path = "/v1/submissions", tag = "submissions", operation_id = "find_submission", params(Wanted), security(("session" = [])),
    responses(
        (status = 200, description = "The stored answer with a fresh receipt", body = super::openapi_schema::Answer),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`SUBMISSION_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`SEARCH_TOO_WIDE`: without `created`: there is more to search than one request may", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Failure> {
    let wanted = wanted.into_inner();
    if wanted.created.is_some() && (wanted.from_time.is_some() || wanted.to_time.is_some()) {
        let detail = "give `created`, or the time it was logged at, not both";
        return Err(Failure::new(ErrorCode::QueryInvalid, detail));
    }
    let answer = reader.read(ErrorCode::SubmissionNotFound, move |log, viewer| {
        let participant = wanted.participant.unwrap_or_else(|| viewer.id.clone());
        let message_id = wanted.message_id;
        let index = match wanted.created {
            Some(created) => log
                .find_submission(&participant, created, &message_id)?
                .ok_or(ReadError::NotFound)?,
            None => {
                let (from_time, to_time) = (wanted.from_time, wanted.to_time);
                let query = MessageQuery {
                    participant,
                    message_id,
                    from_time,
                    to_time,
                };
                log.find_message(viewer, &query)?
            }
        };
        log.stored_answer(index, viewer)
    });
    tagged::json(&request, &answer.await?, None)
}

/// The answer to a submission that is in the log already.
async fn replayed(state: &State, identity: &Identity, index: u64) -> Result<HttpResponse, Failure> {
    let log = state.node.reader();
    let viewer = log.viewer(&identity.submitter);
    let viewer = viewer.ok_or_else(|| Failure::internal("an admitted submitter is unknown"))?;
    let batch = identity.is_batch();
    let answer = blocking(move || match batch {
        true => log.stored_batch_answer(index, &viewer).map(Said::Rows),
        false => {
            let answer = log.stored_answer(index, &viewer)?;
            Ok(Said::Json(Box::new(answer)))
        }
    });
    let answer = answer.await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((REPLAYED, "true"));
    Ok(answer.send(response))
}

/// The answer to a submission that admission refuses. Outside the window it may be one that was
/// executed long ago: then the sender gets what it got before.
async fn late(
    state: &State,
    identity: &Identity,
    rejection: &Rejection,
) -> Result<HttpResponse, Failure> {
    let outside = matches!(
        rejection,
        Rejection::CreatedOutsideWindow | Rejection::IdOutsideWindow(_)
    );
    if !outside {
        return Err(Failure::rejected(rejection));
    }
    let log = state.node.reader();
    let (submitter, created) = (identity.submitter.clone(), identity.created);
    let message_id = identity.message_id.clone();
    let found = blocking(
        move || match log.find_submission(&submitter, created, &message_id)? {
            None => Ok(None),
            Some(index) => log.content_of(index).map(|content| Some((index, content))),
        },
    );
    match found.await? {
        None => Err(Failure::rejected(rejection)),
        Some((index, (content_type, body_hash)))
            if content_type == identity.content_type && body_hash == identity.body_hash =>
        {
            replayed(state, identity, index).await
        }
        Some((index, _)) => Err(Failure::rejected(&Rejection::MessageIdReused(index))),
    }
}

/// Reads the store on a thread where waiting for the disk holds up nobody else.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, Failure> {
    let value = web::block(read).await.map_err(Failure::internal)?;
    value.map_err(Failure::internal)
}
