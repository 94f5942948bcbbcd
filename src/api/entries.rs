//! `/v1/entries/{index}`: everything about an entry, for auditors.

use actix_web::{HttpResponse, web};

use super::access::{AuditorOnly, Reader};
use super::failure::Failure;
use super::path::Index;
use crate::wire::ErrorCode;

/// Gives an entry with its items, salt, and sealed body.
#[utoipa::path(
    get, path = "/v1/entries/{index}", tag = "audit",
    params(("index" = u64, Path, description = "Log index")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The entry", body = super::openapi_schema::Entry),
        (status = 403, description = "`FORBIDDEN`: the reader is no auditor", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ENTRY_NOT_FOUND`: the log is shorter", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn entry(
    reader: Reader<AuditorOnly>,
    index: web::Path<Index>,
) -> Result<HttpResponse, Failure> {
    let entry = reader.read(ErrorCode::EntryNotFound, move |log, _| log.entry(index.0));
    Ok(HttpResponse::Ok().json(entry.await?))
}
