//! `/backup/...` on the operators' listener: the log as the store keeps it, in pieces.
//!
//! What is given out is everybody's business in one place, so it takes a token that lies in the
//! data folder: whoever may read that folder may read this, and nobody else. Every answer is
//! bounded, and one is made at a time; neither the sequencer nor a reader waits for it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chain::Hash;
use serde::Deserialize;

use super::access::{bearer, single, state};
use super::failure::Failure;
use super::state::State;
use crate::backup::{RUN_BYTES, encode_run, log_state};
use crate::node::ReadError;
use crate::wire::ErrorCode;

/// Which size to give the root of.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct At {
    /// Size whose root is wanted.
    at: u64,
}

/// Which entries to give.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// Index of the first entry.
    first: u64,
    /// Index behind the last one.
    end: u64,
}

/// Says which log this is, where it stands, and its root at a size.
#[utoipa::path(
    get, path = "/backup/log", tag = "backup", operation_id = "backup_log", params(At),
    security(("backup" = [])),
    responses((status = 200, description = "The log's state", body = super::openapi_schema::LogState))
)]
pub(super) async fn log(request: HttpRequest, at: web::Query<At>) -> Result<HttpResponse, Failure> {
    let state = operator(&request)?;
    let found = web::block(move || log_state(&state.node, &state.node.reader(), at.at)).await;
    Ok(HttpResponse::Ok().json(found.map_err(Failure::internal)?))
}

/// Gives entries and records, as many as fit one answer.
#[utoipa::path(
    get, path = "/backup/entries", tag = "backup", operation_id = "backup_entries", params(Range),
    security(("backup" = [])),
    responses(
        (status = 200, description = "Entries with their records, in the form of a backup's files", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "`ENTRY_NOT_FOUND`: the log is shorter, or nothing was asked for"),
    )
)]
pub(super) async fn entries(
    request: HttpRequest,
    range: web::Query<Range>,
) -> Result<HttpResponse, Failure> {
    let state = operator(&request)?;
    let turn = state.clone();
    let turn = turn.backup_turn.acquire().await;
    let read = move || -> Result<Vec<u8>, ReadError> {
        let reader = state.node.reader();
        let entries = reader.stored(range.first, range.end, RUN_BYTES)?;
        Ok(encode_run(&entries))
    };
    let bytes = web::block(read).await.map_err(Failure::internal)?;
    drop(turn);
    let bytes = bytes.map_err(|error| Failure::unread(&error, ErrorCode::EntryNotFound))?;
    Ok(HttpResponse::Ok()
        .content_type(header::ContentType::octet_stream())
        .body(bytes))
}

/// Lets whoever has read the data folder's token in.
fn operator(request: &HttpRequest) -> Result<web::Data<State>, Failure> {
    let state = state(request)?;
    let value = single(request.headers(), header::AUTHORIZATION.as_str())?;
    let token = value.and_then(|value| value.to_str().ok().and_then(bearer));
    let say = |code| Failure::new(code, "the token is in `backup.token` in the data folder");
    let token = token.ok_or_else(|| say(ErrorCode::TokenMissing))?;
    // Hashes are compared: how long it takes tells nothing of the token.
    if Hash::sha256(token.as_bytes()) != Hash::sha256(state.backup_token.as_bytes()) {
        return Err(say(ErrorCode::TokenInvalid));
    }
    Ok(state)
}
