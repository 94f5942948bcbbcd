//! `/v1/cycles`: settlement models and their windows, to those who have joined them.

use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::tagged;
use crate::ledger::ModelId;
use crate::wire::ErrorCode;

/// Lists the settlement models that the reader has joined, with its own position and their windows;
/// operators and auditors see all models and all positions.
#[utoipa::path(
    get, path = "/v1/cycles", tag = "accounts", operation_id = "cycles", security(("session" = [])),
    responses(
        (status = 200, description = "The models, in the order in which they were opened", body = super::openapi_cycle::CyclesPage),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
) -> Result<HttpResponse, Failure> {
    let page = reader.read(ErrorCode::CycleNotFound, |log, viewer| log.cycles(viewer));
    tagged::json(&request, &page.await?, None)
}

/// Gives one window, with what the reader sent and received in it; operators and auditors see what
/// everybody did.
#[utoipa::path(
    get, path = "/v1/cycles/{model}/{window}", tag = "accounts", operation_id = "cycle",
    params(
        ("model" = super::openapi_cycle::ModelId, Path, description = "Name of the settlement model"),
        ("window" = u64, Path, description = "Number of the window, from 1 on", minimum = 1),
    ),
    security(("session" = [])),
    responses(
        (status = 200, description = "The window", body = super::openapi_cycle::Window),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no name of a model, or no number", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`CYCLE_NOT_FOUND`: there is none, the reader has not joined its model, or it settled long ago", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    path: web::Path<(ModelId, u64)>,
) -> Result<HttpResponse, Failure> {
    let (model, window) = path.into_inner();
    let view = reader.read(ErrorCode::CycleNotFound, move |log, viewer| {
        log.cycle(&model, window, viewer)
    });
    tagged::json(&request, &view.await?, None)
}
