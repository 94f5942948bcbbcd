//! `/v1/queue`: payments that wait, to whom they concern.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::Address;
use crate::limits::QUEUE_PAGE_MAX;
use crate::node::PaymentsQuery;
use crate::wire::{ErrorCode, PaymentCursor};

/// Which payments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<String>)]
    cursor: Option<PaymentCursor>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only payments with a leg that debits or credits this account.
    #[param(value_type = Option<super::openapi_words::Address>)]
    account: Option<Address>,
}

/// Lists payments that wait: the reader's own, in full, and of others' payments the legs that would pay
/// an account of the reader.
#[utoipa::path(
    get, path = "/v1/queue", tag = "accounts", operation_id = "queue", params(QueueParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_queue::PaymentsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<QueueParameters>,
) -> Result<HttpResponse, Failure> {
    let QueueParameters {
        cursor,
        limit: size,
        account,
    } = query.into_inner();
    let size = limit(size, QUEUE_PAGE_MAX)?;
    let address = account.as_ref().map(ToString::to_string);
    let query = PaymentsQuery {
        after: cursor,
        account,
    };
    let page = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.payments(viewer, &query, size)
    });
    let page = page.await?;
    let others = [("account", address)];
    tagged::page(
        &request,
        &page,
        page.next.as_ref(),
        ("/v1/queue", size),
        others,
    )
}
