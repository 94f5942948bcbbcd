//! `/v1/assets`, `/v1/participants`, `/v1/whoami`: what and who there is.

use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::tagged;
use crate::wire::ErrorCode;

/// Lists the assets.
#[utoipa::path(
    get, path = "/v1/assets", tag = "directory", security(("session" = [])),
    responses(
        (status = 200, description = "All of them", body = Vec<super::openapi_schema::Asset>),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn assets(
    request: HttpRequest,
    reader: Reader<AnyRole>,
) -> Result<HttpResponse, Failure> {
    let all = reader.read(ErrorCode::Internal, |log, _| Ok(log.assets()));
    tagged::json(&request, &all.await?, None)
}

/// Lists the participants with their keys.
#[utoipa::path(
    get, path = "/v1/participants", tag = "directory", security(("session" = [])),
    responses(
        (status = 200, description = "All of them", body = Vec<super::openapi_schema::Participant>),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn participants(
    request: HttpRequest,
    reader: Reader<AnyRole>,
) -> Result<HttpResponse, Failure> {
    let all = reader.read(ErrorCode::Internal, |log, viewer| {
        Ok(log.participants(viewer))
    });
    tagged::json(&request, &all.await?, None)
}

/// Gives the participant with an id, a BIC or an LEI.
#[utoipa::path(
    get, path = "/v1/participants/{participant}", tag = "directory", operation_id = "participant",
    params(("participant" = super::openapi_words::ParticipantName, Path, description = "Its id, its BIC or its LEI: of several that had one, the one that is not terminated, else the newest")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The participant", body = super::openapi_schema::Participant),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 404, description = "`PARTICIPANT_NOT_FOUND`: there is none", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn participant(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    who: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let one = reader.read(ErrorCode::ParticipantNotFound, move |log, viewer| {
        log.participant(&who, viewer)
    });
    tagged::json(&request, &one.await?, None)
}

/// Says whose session it is.
#[utoipa::path(
    get, path = "/v1/whoami", tag = "directory", security(("session" = [])),
    responses((status = 200, description = "The session's participant", body = super::openapi_schema::WhoAmI))
)]
pub(super) async fn whoami(reader: Reader<AnyRole>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(reader.log().whoami(&reader.viewer)))
}
