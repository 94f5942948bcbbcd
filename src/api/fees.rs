//! `/v1/fees`: what payments are charged, to everybody who reads.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::tagged::{self, link};
use crate::ledger::AssetId;
use crate::node::FeesQuery;
use crate::wire::ErrorCode;

/// Which schedules of fees.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeesParameters {
    /// `next` of the page before, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::AssetId>)]
    cursor: Option<AssetId>,
    /// All versions that are remembered of the schedule of this asset, the newest first; without it, the
    /// schedules in force of all assets.
    #[param(value_type = Option<super::openapi_words::AssetId>)]
    asset: Option<AssetId>,
}

/// Lists the schedules of fees in force, or the last 16 versions of one.
#[utoipa::path(
    get, path = "/v1/fees", tag = "directory", operation_id = "fees", params(FeesParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_fees::FeesPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn fees(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<FeesParameters>,
) -> Result<HttpResponse, Failure> {
    let FeesParameters { cursor, asset } = query.into_inner();
    let query = FeesQuery {
        from: cursor,
        asset,
    };
    let page = reader.read(ErrorCode::CursorInvalid, move |log, _| log.fees(&query));
    let page = page.await?;
    let link = page.next.as_ref().map(|next| {
        let cursor = ("cursor", Some(next.to_string()));
        link("/v1/fees", &[cursor])
    });
    tagged::json(&request, &page, link)
}
