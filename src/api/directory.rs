//! `/v1/assets`, `/v1/participants`, `/v1/whoami`: what and who there is.

use actix_web::{HttpRequest, HttpResponse};

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

/// Says whose session it is.
#[utoipa::path(
    get, path = "/v1/whoami", tag = "directory", security(("session" = [])),
    responses((status = 200, description = "The session's participant", body = super::openapi_schema::WhoAmI))
)]
pub(super) async fn whoami(reader: Reader<AnyRole>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(reader.log().whoami(&reader.viewer)))
}
