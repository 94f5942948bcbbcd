//! `/v1/assets`, `/v1/participants`, `/v1/whoami`: what and who there is.

use actix_web::HttpResponse;

use super::access::{AnyRole, Reader};
use super::failure::Failure;

/// Lists the assets.
#[utoipa::path(
    get, path = "/v1/assets", tag = "directory", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Vec<super::openapi_schema::Asset>))
)]
pub(super) async fn assets(reader: Reader<AnyRole>) -> HttpResponse {
    HttpResponse::Ok().json(reader.log().assets())
}

/// Lists the participants with their keys.
#[utoipa::path(
    get, path = "/v1/participants", tag = "directory", security(("session" = [])),
    responses((status = 200, description = "All of them", body = Vec<super::openapi_schema::Participant>))
)]
pub(super) async fn participants(reader: Reader<AnyRole>) -> HttpResponse {
    HttpResponse::Ok().json(reader.log().participants())
}

/// Says whose session it is.
#[utoipa::path(
    get, path = "/v1/whoami", tag = "directory", security(("session" = [])),
    responses((status = 200, description = "The session's participant", body = super::openapi_schema::WhoAmI))
)]
pub(super) async fn whoami(reader: Reader<AnyRole>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(reader.log().whoami(&reader.viewer)))
}
