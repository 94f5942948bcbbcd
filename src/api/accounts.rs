//! `/v1/accounts`: balances and history, to their owners, auditors and operators.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::Page;
use crate::limits::{ACCOUNTS_PAGE_MAX, HISTORY_PAGE_MAX};
use crate::wire::{AccountsPage, Cursor, ErrorCode};

/// Lists the accounts that the reader may see, by number.
#[utoipa::path(
    get, path = "/v1/accounts", tag = "accounts", operation_id = "accounts", params(Page), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_schema::AccountsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 400, description = "The cursor or the limit is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    reader: Reader<AnyRole>,
    page: web::Query<Page>,
) -> Result<HttpResponse, Failure> {
    let limit = page.limit(ACCOUNTS_PAGE_MAX)?;
    // One more than asked for tells whether there is another page.
    let accounts = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.accounts(viewer, page.cursor.as_deref(), limit.saturating_add(1))
    });
    let mut items = accounts.await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|account| account.address.to_string());
    Ok(paged("/v1/accounts", limit, next.as_deref()).json(AccountsPage { items, next }))
}

/// Gives one account.
#[utoipa::path(
    get, path = "/v1/accounts/{address}", tag = "accounts", operation_id = "account",
    params(("address" = super::openapi_words::Address, Path, description = "Account address")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The account", body = super::openapi_schema::Account),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    reader: Reader<AnyRole>,
    address: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let account = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.account(&address, viewer)
    });
    Ok(HttpResponse::Ok().json(account.await?))
}

/// Gives a page of an account's history, newest first.
#[utoipa::path(
    get, path = "/v1/accounts/{address}/history", tag = "accounts",
    params(("address" = super::openapi_words::Address, Path, description = "Account address"), Page),
    security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_schema::HistoryPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is no account, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn history(
    reader: Reader<AnyRole>,
    address: web::Path<String>,
    page: web::Query<Page>,
) -> Result<HttpResponse, Failure> {
    let limit = page.limit(HISTORY_PAGE_MAX)?;
    let path = format!("/v1/accounts/{address}/history");
    let wrong = |_| Failure::plain(ErrorCode::CursorInvalid);
    let cursor = page.cursor.as_deref().map(str::parse::<Cursor>);
    let cursor = cursor.transpose().map_err(wrong)?;
    let history = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.history(&address, viewer, cursor, limit)
    });
    let history = history.await?;
    let next = history.next.map(|cursor| cursor.to_string());
    Ok(paged(&path, limit, next.as_deref()).json(history))
}

/// An answer that names the page after it (RFC 8288).
fn paged(path: &str, limit: usize, next: Option<&str>) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = next {
        let link = format!("<{path}?cursor={cursor}&limit={limit}>; rel=\"next\"");
        answer.insert_header((header::LINK, link));
    }
    answer
}
