//! `/v1/recalls`: payments that are asked back, to whom they concern.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::{Address, InstructionId};
use crate::limits::RECALLS_PAGE_MAX;
use crate::node::RecallsQuery;
use crate::wire::ErrorCode;

/// Which recalls.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RecallsParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::InstructionId>)]
    cursor: Option<InstructionId>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only recalls of payments that debited or credited this account.
    #[param(value_type = Option<super::openapi_words::Address>)]
    account: Option<Address>,
}

/// Lists recalls that wait for an answer: those of the reader, and those that ask the reader for money.
#[utoipa::path(
    get, path = "/v1/recalls", tag = "accounts", operation_id = "recalls", params(RecallsParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_back::RecallsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<RecallsParameters>,
) -> Result<HttpResponse, Failure> {
    let RecallsParameters {
        cursor,
        limit: size,
        account,
    } = query.into_inner();
    let size = limit(size, RECALLS_PAGE_MAX)?;
    let address = account.as_ref().map(ToString::to_string);
    let query = RecallsQuery {
        after: cursor,
        account,
    };
    let page = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.recalls(viewer, &query, size)
    });
    let page = page.await?;
    let others = [("account", address)];
    tagged::page(&request, &page, page.next, ("/v1/recalls", size), others)
}
