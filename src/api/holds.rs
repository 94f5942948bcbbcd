//! `/v1/holds`: reserved funds, to whom they concern.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::{Address, InstructionId};
use crate::limits::HOLDS_PAGE_MAX;
use crate::node::HoldsQuery;
use crate::wire::ErrorCode;

/// Which holds.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HoldsParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::InstructionId>)]
    cursor: Option<InstructionId>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only holds with a leg that debits or credits this account.
    #[param(value_type = Option<super::openapi_words::Address>)]
    account: Option<Address>,
    /// Only open ones.
    #[serde(default)]
    open: bool,
}

/// Lists holds that are open or ended lately: those that the reader submitted, and those with a leg
/// of an account that the reader may see.
#[utoipa::path(
    get, path = "/v1/holds", tag = "accounts", operation_id = "holds", params(HoldsParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_hold::HoldsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<HoldsParameters>,
) -> Result<HttpResponse, Failure> {
    let HoldsParameters {
        cursor,
        limit: size,
        account,
        open,
    } = query.into_inner();
    let size = limit(size, HOLDS_PAGE_MAX)?;
    let address = account.as_ref().map(ToString::to_string);
    let query = HoldsQuery {
        after: cursor,
        account,
        open,
    };
    let page = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.holds(viewer, &query, size)
    });
    let page = page.await?;
    let others = [
        ("account", address),
        ("open", open.then(|| "true".to_owned())),
    ];
    tagged::page(&request, &page, page.next, ("/v1/holds", size), others)
}

/// Gives one hold.
#[utoipa::path(
    get, path = "/v1/holds/{id}", tag = "accounts", operation_id = "hold",
    params(("id" = super::openapi_words::InstructionId, Path, description = "Id of the instruction that reserved, a UUID of version 7 in lower case")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The hold, with the legs that concern the reader", body = super::openapi_hold::Hold),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no instruction id", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`HOLD_NOT_FOUND`: there is none, it is somebody else's, or it ended before the window of ids", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    id: web::Path<InstructionId>,
) -> Result<HttpResponse, Failure> {
    let hold = reader.read(ErrorCode::HoldNotFound, move |log, viewer| {
        log.hold(*id, viewer)
    });
    tagged::json(&request, &hold.await?, None)
}
