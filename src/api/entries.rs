//! `/v1/entries`: everything about entries, for auditors.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AuditorOnly, Reader};
use super::failure::Failure;
use super::path::{Index, limit};
use super::tagged::{self, link};
use crate::limits::ENTRIES_PAGE_MAX;
use crate::wire::{EntriesPage, ErrorCode};

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EntriesQuery {
    /// The first log index: `next` of the page before, or any.
    #[param(value_type = Option<u64>)]
    cursor: Option<Index>,
    /// Entries on the page; there may be fewer before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists entries with all that belongs to them, by index.
#[utoipa::path(
    get, path = "/v1/entries", tag = "audit", params(EntriesQuery), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_schema::EntriesPage),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 403, description = "`FORBIDDEN`: the reader is no auditor", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`INDEX_BEYOND_LOG`: the log is shorter", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AuditorOnly>,
    query: web::Query<EntriesQuery>,
) -> Result<HttpResponse, Failure> {
    let first = query.cursor.map_or(0, |index| index.0);
    let size = limit(query.limit, ENTRIES_PAGE_MAX)?;
    let page = reader.read(ErrorCode::EntryNotFound, move |log, _| {
        log.entry_page(first, size)
    });
    let (items, next) = page.await?;
    let link = next.map(|next| {
        let parameters = [
            ("cursor", Some(next.to_string())),
            ("limit", Some(size.to_string())),
        ];
        link("/v1/entries", &parameters)
    });
    tagged::json(&request, &EntriesPage { items, next }, link)
}

/// Gives an entry with its items, salt, and sealed body.
#[utoipa::path(
    get, path = "/v1/entries/{index}", tag = "audit",
    params(("index" = u64, Path, description = "Log index")),
    security(("session" = [])),
    responses(
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 200, description = "The entry", body = super::openapi_schema::Entry),
        (status = 403, description = "`FORBIDDEN`: the reader is no auditor", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ENTRY_NOT_FOUND`: the log is shorter", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn entry(
    request: HttpRequest,
    reader: Reader<AuditorOnly>,
    index: web::Path<Index>,
) -> Result<HttpResponse, Failure> {
    let entry = reader.read(ErrorCode::EntryNotFound, move |log, _| log.entry(index.0));
    tagged::json(&request, &entry.await?, None)
}
