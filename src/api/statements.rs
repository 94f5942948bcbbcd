//! `/v1/accounts/{address}/statement`: what a bank books and reconciles from, as JSON or CSV.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::csv;
use super::failure::Failure;
use super::path::limit;
use super::tagged::{self, link};
use crate::limits::STATEMENT_PAGE_MAX;
use crate::node::StatementQuery;
use crate::wire::{Bound, ErrorCode, StatementCursor};

/// Which part of a statement.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StatementParameters {
    /// The first log index, or an RFC 3339 time (`+` is sent as `%2B`): entries at or after it.
    /// From the beginning, if left out.
    #[param(value_type = Option<String>)]
    from: Option<Bound>,
    /// A log index or a time: entries before it. `to` of one statement is `from` of the next. Up to
    /// now, if left out.
    #[param(value_type = Option<String>)]
    to: Option<Bound>,
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    cursor: Option<String>,
    /// Lines on the page; there may be fewer before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Gives a page of an account's statement, oldest first. All pages are exact at one end.
#[utoipa::path(
    get, path = "/v1/accounts/{address}/statement", tag = "accounts",
    params(
        ("address" = String, Path, description = "Account address"), StatementParameters,
        ("Accept" = Option<String>, Header, description = "`text/csv` for CSV (RFC 4180)"),
    ),
    security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", content(
            (super::openapi_schema::StatementPage = "application/json"),
            (String = "text/csv"),
        )),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is no account, it is somebody else's, or it was opened later", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`INDEX_BEYOND_LOG`: the log is shorter", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`READ_UNFINISHED`: The range is long or far back: ask the same again, see `Retry-After`", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn statement(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    address: web::Path<String>,
    query: web::Query<StatementParameters>,
) -> Result<HttpResponse, Failure> {
    let StatementParameters {
        from,
        to,
        cursor,
        limit: size,
    } = query.into_inner();
    let size = limit(size, STATEMENT_PAGE_MAX)?;
    let path = format!("/v1/accounts/{address}/statement");
    let wrong = |_| Failure::plain(ErrorCode::CursorInvalid);
    let cursor = cursor.as_deref().map(str::parse::<StatementCursor>);
    let wanted = StatementQuery {
        from,
        to,
        cursor: cursor.transpose().map_err(wrong)?,
    };
    let page = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.statement(&address, viewer, &wanted, size)
    });
    let page = page.await?;
    let link = page.next.map(|next| {
        let parameters = [
            ("cursor", Some(next.to_string())),
            ("limit", Some(size.to_string())),
            ("from", from.map(|bound| bound.to_string())),
            ("to", to.map(|bound| bound.to_string())),
        ];
        link(&path, &parameters)
    });
    if !tagged::prefers(&request, "text/csv") {
        return tagged::json(&request, &page, link);
    }
    let bytes = csv::statement(&page, wanted.cursor.is_none()).map_err(Failure::internal)?;
    let content_type = "text/csv; charset=utf-8; header=present";
    Ok(tagged::private(&request, content_type, bytes, link))
}
