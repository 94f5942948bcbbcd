//! `/v1/sessions`: a signed note in, a short-lived token for reading out.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::access::Public;
use super::body;
use super::failure::Failure;
use super::guard;
use super::lines::Line;
use crate::limits::SESSION_NOTE_BYTES_MAX;
use crate::wire::ErrorCode;

/// Opens a session. The note's nonce is good for one.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "sessions", operation_id = "open_session",
    request_body(content = String, content_type = "text/plain", description = "A C2SP signed note over the six lines of `quittance session v1`"),
    responses(
        (status = 201, description = "A bearer token", body = super::openapi_schema::Session),
        (status = 400, description = "`SESSION_NOTE_INVALID`: no note, or not one of this log's"),
        (status = 401, description = "`SIGNATURE_INVALID`, `SESSION_EXPIRED`, `SESSION_NONCE_REUSED`: not by a key of the participant, or not a fresh one"),
        (status = 503, description = "`SESSIONS_FULL`: come later"),
    )
)]
pub(super) async fn open(
    public: Public,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    match body::content_type(&request)? {
        Some(essence) if essence.eq_ignore_ascii_case("text/plain") => {}
        _ => return Err(Failure::plain(ErrorCode::ContentTypeUnsupported)),
    }
    let state = &public.state;
    let line = request.conn_data::<Arc<Line>>().cloned();
    guard::not_blocked(state, request.version(), line.as_deref()).await?;
    let (max, time) = (SESSION_NOTE_BYTES_MAX, state.body_timeout);
    let mut share = state.bodies.share();
    let note = body::collect(&request, payload.into_inner(), max, time, &mut share).await?;
    let opened = state.node.sessions().open(&note).map_err(Failure::from);
    guard::judged(state, line.as_deref(), &opened);
    let session = opened?;
    Ok(HttpResponse::Created().json(session))
}
