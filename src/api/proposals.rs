//! `/v1/proposals`: what waits for signatures, to whoever is asked for one.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::InstructionId;
use crate::limits::PROPOSALS_PAGE_MAX;
use crate::node::ProposalsQuery;
use crate::wire::ErrorCode;

/// Which proposals.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProposalsParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::InstructionId>)]
    cursor: Option<InstructionId>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 50)]
    limit: Option<u32>,
    /// Only open ones.
    #[serde(default)]
    open: bool,
}

/// Lists proposals that are open or ended lately, and that take a signature of the reader; operators
/// and auditors see all.
#[utoipa::path(
    get, path = "/v1/proposals", tag = "submissions", operation_id = "proposals", params(ProposalsParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_proposal::ProposalsPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<ProposalsParameters>,
) -> Result<HttpResponse, Failure> {
    let ProposalsParameters {
        cursor,
        limit: size,
        open,
    } = query.into_inner();
    let size = limit(size, PROPOSALS_PAGE_MAX)?;
    let query = ProposalsQuery {
        after: cursor,
        open,
    };
    let page = reader.read(ErrorCode::ProposalNotFound, move |log, viewer| {
        log.proposals(viewer, &query, size)
    });
    let page = page.await?;
    let others = [("open", open.then(|| "true".to_owned()))];
    tagged::page(&request, &page, page.next, ("/v1/proposals", size), others)
}

/// Gives one proposal.
#[utoipa::path(
    get, path = "/v1/proposals/{id}", tag = "submissions", operation_id = "proposal",
    params(("id" = super::openapi_words::InstructionId, Path, description = "Id of the instruction that proposed, a UUID of version 7 in lower case")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The proposal", body = super::openapi_proposal::Proposal),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no instruction id", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`PROPOSAL_NOT_FOUND`: there is none, it takes no signature of the reader, or it ended before the window of ids", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    id: web::Path<InstructionId>,
) -> Result<HttpResponse, Failure> {
    let proposal = reader.read(ErrorCode::ProposalNotFound, move |log, viewer| {
        log.proposal(*id, viewer)
    });
    tagged::json(&request, &proposal.await?, None)
}
