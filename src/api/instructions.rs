//! `/v1/instructions/{id}`: what became of an instruction, also later, if it waited.

use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::tagged;
use crate::ledger::InstructionId;
use crate::wire::ErrorCode;

/// Says what became of an instruction, to its submitter, the parties of its legs, and auditors.
#[utoipa::path(
    get, path = "/v1/instructions/{id}", tag = "submissions",
    params(("id" = super::openapi_words::InstructionId, Path, description = "Instruction id, a UUID of version 7 in lower case")),
    security(("session" = [])),
    responses(
        (status = 200, description = "Its entry, its outcome, and the legs that concern the reader; of a payment that waited also how it stands now", body = super::openapi_schema::InstructionFound),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no instruction id", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`INSTRUCTION_NOT_FOUND`: there is none, or it is somebody else's", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`READ_UNFINISHED`: much lies between a payment that waited and its end: ask the same again, see `Retry-After`", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`SEARCH_TOO_WIDE`: the log has more entries of the id's time than one request may search", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn instruction(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    id: web::Path<InstructionId>,
) -> Result<HttpResponse, Failure> {
    let found = reader.read(ErrorCode::InstructionNotFound, move |log, viewer| {
        log.instruction(*id, viewer)
    });
    tagged::json(&request, &found.await?, None)
}
