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
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct At {
    at: u64,
}

/// Which entries to give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    first: u64,
    end: u64,
}

/// Says which log this is, where it stands, and its root at a size.
pub(super) async fn log(request: HttpRequest, at: web::Query<At>) -> Result<HttpResponse, Failure> {
    let state = operator(&request)?;
    let found = web::block(move || log_state(&state.node, &state.node.reader(), at.at)).await;
    Ok(HttpResponse::Ok().json(found.map_err(Failure::internal)?))
}

/// Gives entries and records, as many as fit one answer.
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
