//! `/v1/returns`: payments of which something was given back, to whom they concern.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::Address;
use crate::limits::RECALLS_PAGE_MAX;
use crate::node::ReturnsQuery;
use crate::wire::{Cursor, ErrorCode};

/// Which payments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReturnsParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only payments that debited or credited this account.
    #[param(value_type = Option<super::openapi_words::Address>)]
    account: Option<Address>,
    /// Only payments of the entry with this log index.
    index: Option<u64>,
}

/// Lists payments of which something was given back, by returns or by reversals: those that the reader's
/// accounts paid or received. What came back 400 days after a payment, or longer ago, is in the log alone.
#[utoipa::path(
    get, path = "/v1/returns", tag = "accounts", operation_id = "returns", params(ReturnsParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_back::ReturnsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<ReturnsParameters>,
) -> Result<HttpResponse, Failure> {
    let ReturnsParameters {
        cursor,
        limit: size,
        account,
        index,
    } = query.into_inner();
    let size = limit(size, RECALLS_PAGE_MAX)?;
    let address = account.as_ref().map(ToString::to_string);
    let query = ReturnsQuery {
        after: cursor,
        account,
        index,
    };
    let page = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.returns(viewer, &query, size)
    });
    let page = page.await?;
    let others = [
        ("account", address),
        ("index", index.map(|index| index.to_string())),
    ];
    tagged::page(&request, &page, page.next, ("/v1/returns", size), others)
}
