//! `/v1/mandates`: who may debit whose accounts, to whom they concern; `/v1/postings`: which kinds of
//! accounts may pay which.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::{Address, InstructionId};
use crate::limits::MANDATES_PAGE_MAX;
use crate::node::MandatesQuery;
use crate::wire::ErrorCode;

/// Which mandates.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MandatesParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::InstructionId>)]
    cursor: Option<InstructionId>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only mandates on this account.
    #[param(value_type = Option<super::openapi_words::Address>)]
    account: Option<Address>,
}

/// Lists mandates that were not revoked: those on accounts that the reader may see, and those that
/// were granted to the reader.
#[utoipa::path(
    get, path = "/v1/mandates", tag = "accounts", operation_id = "mandates", params(MandatesParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_forms::MandatesPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`ACCOUNT_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<MandatesParameters>,
) -> Result<HttpResponse, Failure> {
    let MandatesParameters {
        cursor,
        limit: size,
        account,
    } = query.into_inner();
    let size = limit(size, MANDATES_PAGE_MAX)?;
    let address = account.as_ref().map(ToString::to_string);
    let query = MandatesQuery {
        after: cursor,
        account,
    };
    let page = reader.read(ErrorCode::AccountNotFound, move |log, viewer| {
        log.mandates(viewer, &query, size)
    });
    let page = page.await?;
    let others = [("account", address)];
    tagged::page(&request, &page, page.next, ("/v1/mandates", size), others)
}

/// Gives one mandate.
#[utoipa::path(
    get, path = "/v1/mandates/{id}", tag = "accounts", operation_id = "mandate",
    params(("id" = super::openapi_words::InstructionId, Path, description = "Id of the instruction that granted it, a UUID of version 7 in lower case")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The mandate", body = super::openapi_forms::Mandate),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no instruction id", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`MANDATE_NOT_FOUND`: there is none, it concerns others, or it was revoked", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    id: web::Path<InstructionId>,
) -> Result<HttpResponse, Failure> {
    let mandate = reader.read(ErrorCode::MandateNotFound, move |log, viewer| {
        log.mandate(*id, viewer)
    });
    tagged::json(&request, &mandate.await?, None)
}

/// Lists which kinds of accounts may pay which.
#[utoipa::path(
    get, path = "/v1/postings", tag = "directory", operation_id = "postings", security(("session" = [])),
    responses(
        (status = 200, description = "All pairs that the operators decide about", body = Vec<super::openapi_forms::Posting>),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn postings(
    request: HttpRequest,
    reader: Reader<AnyRole>,
) -> Result<HttpResponse, Failure> {
    let all = reader.read(ErrorCode::Internal, |log, _| Ok(log.postings()));
    tagged::json(&request, &all.await?, None)
}
