//! `/v1/entries`: everything about entries, for auditors, as JSON or as records.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AuditorOnly, Reader};
use super::failure::Failure;
use super::path::{Index, limit};
use super::tagged::{self, link};
use crate::limits::ENTRIES_PAGE_MAX;
use crate::wire::{EntriesPage, ErrorCode, RECORDS_TYPE};

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
    get, path = "/v1/entries", tag = "audit",
    params(
        EntriesQuery,
        ("Accept" = Option<String>, Header, description = "`application/vnd.quittance.records` for records, one behind the other, as files of an export have them; each with the body's key, unless it was erased"),
    ),
    security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", content(
            (super::openapi_schema::EntriesPage = "application/json"),
            (Vec<u8> = "application/vnd.quittance.records"),
        )),
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
    let link = |next: u64| {
        let parameters = [
            ("cursor", Some(next.to_string())),
            ("limit", Some(size.to_string())),
        ];
        link("/v1/entries", &parameters)
    };
    if tagged::prefers(&request, RECORDS_TYPE) {
        let page = reader.read(ErrorCode::EntryNotFound, move |log, _| {
            log.record_page(first, size)
        });
        let (bytes, next) = page.await?;
        let next = next.map(link);
        return Ok(tagged::private(&request, RECORDS_TYPE, bytes, next));
    }
    let page = reader.read(ErrorCode::EntryNotFound, move |log, _| {
        log.entry_page(first, size)
    });
    let (items, next) = page.await?;
    let link = next.map(link);
    tagged::json(&request, &EntriesPage { items, next }, link)
}

/// Gives an entry with its items, salt, and sealed body.
#[utoipa::path(
    get, path = "/v1/entries/{index}", tag = "audit",
    params(
        ("index" = u64, Path, description = "Log index"),
        ("Accept" = Option<String>, Header, description = "`application/vnd.quittance.records` for the entry's record"),
    ),
    security(("session" = [])),
    responses(
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 200, description = "The entry", content(
            (super::openapi_schema::Entry = "application/json"),
            (Vec<u8> = "application/vnd.quittance.records"),
        )),
        (status = 403, description = "`FORBIDDEN`: the reader is no auditor", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ENTRY_NOT_FOUND`: the log is shorter", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn entry(
    request: HttpRequest,
    reader: Reader<AuditorOnly>,
    index: web::Path<Index>,
) -> Result<HttpResponse, Failure> {
    if tagged::prefers(&request, RECORDS_TYPE) {
        let record = reader.read(ErrorCode::EntryNotFound, move |log, _| {
            log.entry_record(index.0)
        });
        let bytes = record.await?;
        return Ok(tagged::private(&request, RECORDS_TYPE, bytes, None));
    }
    let entry = reader.read(ErrorCode::EntryNotFound, move |log, _| log.entry(index.0));
    tagged::json(&request, &entry.await?, None)
}
