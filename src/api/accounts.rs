//! `/v1/accounts`: balances and history, to their owners, auditors and operators.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::{Index, limit};
use super::tagged::{self, link};
use crate::ledger::{Date, Time};
use crate::limits::{ACCOUNTS_PAGE_MAX, HISTORY_PAGE_MAX};
use crate::node::{At, HistoryQuery};
use crate::wire::{AccountsPage, Cursor, ErrorCode};

/// Which accounts, and when.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountsQuery {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    cursor: Option<String>,
    /// Lines on the page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Balances after the entry with this index.
    #[param(value_type = Option<u64>)]
    at_index: Option<Index>,
    /// Balances after the last entry at or before this time (RFC 3339; `+` is sent as `%2B`).
    #[param(value_type = Option<String>, format = DateTime)]
    at_time: Option<Time>,
}

/// When.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountQuery {
    /// The balance after the entry with this index.
    #[param(value_type = Option<u64>)]
    at_index: Option<Index>,
    /// The balance after the last entry at or before this time (RFC 3339; `+` is sent as `%2B`).
    #[param(value_type = Option<String>, format = DateTime)]
    at_time: Option<Time>,
    /// The balance at the close of this business date, in the calendar of the account's asset.
    #[param(value_type = Option<String>, format = Date)]
    at_date: Option<Date>,
    /// The account as it is now, and beside it the balance at this date with each payment counted from
    /// its value date on; alone.
    #[param(value_type = Option<String>, format = Date)]
    value_date: Option<Date>,
}

/// Which lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    cursor: Option<String>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Entries at or after this time.
    #[param(value_type = Option<String>, format = DateTime)]
    from_time: Option<Time>,
    /// Entries before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to_time: Option<Time>,
    /// Only transfers with exactly this reference of the payer: a text, or that of a record of a
    /// binary batch (text or 64 hexadecimal digits).
    end_to_end_id: Option<String>,
}

/// Lists the accounts that the reader may see, by number, all at one log index.
#[utoipa::path(
    get, path = "/v1/accounts", tag = "accounts", operation_id = "accounts", params(AccountsQuery), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_schema::AccountsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: the moment is before the log began", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`INDEX_BEYOND_LOG`, `TIME_AHEAD`: the moment lies ahead", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`READ_UNFINISHED`: The moment is far back: ask the same again, see `Retry-After`", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<AccountsQuery>,
) -> Result<HttpResponse, Failure> {
    let AccountsQuery {
        cursor,
        limit: size,
        at_index,
        at_time,
    } = query.into_inner();
    let size = limit(size, ACCOUNTS_PAGE_MAX)?;
    let at = moment(at_index, at_time)?;
    let accounts = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.accounts(viewer, cursor.as_deref(), size, at)
    });
    let (items, more) = accounts.await?;
    let last = items.last().filter(|_| more);
    // The next page is at the same index, whatever is settled until somebody asks for it.
    let index = last
        .filter(|_| at != At::Now)
        .map(|account| account.at_index.to_string());
    let next = last.map(|account| account.address.to_string());
    let link = next.clone().map(|next| {
        let parameters = [
            ("cursor", Some(next)),
            ("limit", Some(size.to_string())),
            ("at_index", index),
        ];
        link("/v1/accounts", &parameters)
    });
    tagged::json(&request, &AccountsPage { items, next }, link)
}

/// Gives one account, as it is or as it was.
#[utoipa::path(
    get, path = "/v1/accounts/{address}", tag = "accounts",
    params(("address" = super::openapi_words::Address, Path, description = "Account address"), AccountQuery),
    security(("session" = [])),
    responses(
        (status = 200, description = "The account; `at_index` says after which entry", body = super::openapi_schema::Account),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, it is somebody else's, or it was opened later; `CALENDAR_NOT_FOUND`: there is no such business date that is over, or no date that has begun to value at", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`INDEX_BEYOND_LOG`, `TIME_AHEAD`: the moment lies ahead", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`READ_UNFINISHED`: The moment is far back: ask the same again, see `Retry-After`", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    address: web::Path<String>,
    query: web::Query<AccountQuery>,
) -> Result<HttpResponse, Failure> {
    let AccountQuery {
        at_index,
        at_time,
        at_date,
        value_date,
    } = query.into_inner();
    if let Some(date) = value_date {
        if at_index.is_some() || at_time.is_some() || at_date.is_some() {
            let detail = "`value_date` stands alone: what it gives is exact at the present index";
            return Err(Failure::new(ErrorCode::QueryInvalid, detail));
        }
        let account = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
            log.account_valued(&address, viewer, date)
        });
        return tagged::json(&request, &account.await?, None);
    }
    let at = match (moment(at_index, at_time)?, at_date) {
        (at, None) => at,
        (At::Now, Some(date)) => At::Close(date),
        (_, Some(_)) => {
            let detail = "give one of `at_index`, `at_time` and `at_date`";
            return Err(Failure::new(ErrorCode::QueryInvalid, detail));
        }
    };
    let missing = ErrorCode::AccountNotFound;
    let account = match at {
        At::Now => reader.look(missing, |log, viewer| log.account(&address, viewer))?,
        at => {
            let then = reader.read(missing, move |log, viewer| {
                log.account_at(&address, viewer, at)
            });
            then.await?
        }
    };
    tagged::json(&request, &account, None)
}

/// Proves what an account held at the newest seal, offline and without a replay.
#[utoipa::path(
    get, path = "/v1/accounts/{address}/proof", tag = "accounts", operation_id = "balance_proof",
    params(("address" = super::openapi_words::Address, Path, description = "Account address")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The balance file", body = super::openapi_schema::BalanceFile),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's; `SEAL_NOT_FOUND`: there is no seal yet, or the account is younger", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`READ_UNFINISHED`: the node has just started: ask the same again, see `Retry-After`", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn proof(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    address: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let proof = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.balance_proof(&address, viewer)
    });
    tagged::json(&request, &proof.await?, None)
}

/// Gives a page of an account's history, newest first.
#[utoipa::path(
    get, path = "/v1/accounts/{address}/history", tag = "accounts",
    params(("address" = super::openapi_words::Address, Path, description = "Account address"), HistoryParameters),
    security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_schema::HistoryPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is no account, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`READ_UNFINISHED`: `to_time` is far back: ask the same again, see `Retry-After`", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn history(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    address: web::Path<String>,
    query: web::Query<HistoryParameters>,
) -> Result<HttpResponse, Failure> {
    let HistoryParameters {
        cursor,
        limit: size,
        from_time,
        to_time,
        end_to_end_id,
    } = query.into_inner();
    let size = limit(size, HISTORY_PAGE_MAX)?;
    let path = format!("/v1/accounts/{address}/history");
    let wrong = |_| Failure::plain(ErrorCode::CursorInvalid);
    let cursor = cursor.as_deref().map(str::parse::<Cursor>);
    let wanted = HistoryQuery {
        cursor: cursor.transpose().map_err(wrong)?,
        from_time,
        to_time,
        end_to_end_id: end_to_end_id.clone(),
    };
    let history = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.history(&address, viewer, &wanted, size)
    });
    let history = history.await?;
    let link = history.next.map(|next| {
        let parameters = [
            ("cursor", Some(next.to_string())),
            ("limit", Some(size.to_string())),
            ("from_time", from_time.map(|time| time.to_string())),
            ("to_time", to_time.map(|time| time.to_string())),
            ("end_to_end_id", end_to_end_id),
        ];
        link(&path, &parameters)
    });
    tagged::json(&request, &history, link)
}

/// The moment that a query asks about.
fn moment(index: Option<Index>, time: Option<Time>) -> Result<At, Failure> {
    match (index, time) {
        (None, None) => Ok(At::Now),
        (Some(Index(index)), None) => Ok(At::Index(index)),
        (None, Some(time)) => Ok(At::Time(time)),
        (Some(_), Some(_)) => {
            let detail = "give `at_index` or `at_time`, not both";
            Err(Failure::new(ErrorCode::QueryInvalid, detail))
        }
    }
}
