//! `/v1/rates`: what assets are priced at, to everybody who reads. `/v1/quotes`: firm quotes, to whom
//! they concern.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged::{self, link};
use crate::ledger::{AssetId, InstructionId, ParticipantId};
use crate::limits::HOLDS_PAGE_MAX;
use crate::node::{QuotesQuery, RatesQuery};
use crate::wire::ErrorCode;

/// Which rates.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RatesParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::ParticipantId>)]
    cursor: Option<ParticipantId>,
    /// Only rates of this provider.
    #[param(value_type = Option<super::openapi_words::ParticipantId>)]
    provider: Option<ParticipantId>,
    /// Only rates of this asset.
    #[param(value_type = Option<super::openapi_words::AssetId>)]
    base: Option<AssetId>,
    /// Only rates in this asset.
    #[param(value_type = Option<super::openapi_words::AssetId>)]
    quote: Option<AssetId>,
}

/// Lists rates of exchange, all of one provider on one page.
#[utoipa::path(
    get, path = "/v1/rates", tag = "directory", operation_id = "rates", params(RatesParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_fx::RatesPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rates(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<RatesParameters>,
) -> Result<HttpResponse, Failure> {
    let RatesParameters {
        cursor,
        provider,
        base,
        quote,
    } = query.into_inner();
    let named = [
        ("provider", provider.as_ref().map(ToString::to_string)),
        ("base", base.as_ref().map(ToString::to_string)),
        ("quote", quote.as_ref().map(ToString::to_string)),
    ];
    let query = RatesQuery {
        from: cursor,
        provider,
        base,
        quote,
    };
    let page = reader.read(ErrorCode::CursorInvalid, move |log, _| log.rates(&query));
    let page = page.await?;
    let link = page.next.as_ref().map(|next| {
        let mut parameters = vec![("cursor", Some(next.to_string()))];
        parameters.extend(named);
        link("/v1/rates", &parameters)
    });
    tagged::json(&request, &page, link)
}

/// Which quotes.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QuotesParameters {
    /// `next` of the page before. Send the other parameters again, or follow `Link`.
    #[param(value_type = Option<super::openapi_words::InstructionId>)]
    cursor: Option<InstructionId>,
    /// Lines on the page; there may be fewer, even none, before the last page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only open ones.
    #[serde(default)]
    open: bool,
}

/// Lists firm quotes that are open or ended lately: those that the reader made, may use, or is paid
/// by; operators and auditors see all.
#[utoipa::path(
    get, path = "/v1/quotes", tag = "accounts", operation_id = "quotes", params(QuotesParameters), security(("session" = [])),
    responses(
        (status = 200, description = "A page; the header `Link` names the next", body = super::openapi_fx::QuotesPage, headers(("Link" = Option<String>, description = "The next page, if there is one"))),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "A parameter or the cursor is wrong", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn quotes(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    query: web::Query<QuotesParameters>,
) -> Result<HttpResponse, Failure> {
    let QuotesParameters {
        cursor,
        limit: size,
        open,
    } = query.into_inner();
    let size = limit(size, HOLDS_PAGE_MAX)?;
    let query = QuotesQuery {
        after: cursor,
        open,
    };
    let page = reader.read(ErrorCode::CursorInvalid, move |log, viewer| {
        log.quotes(viewer, &query, size)
    });
    let page = page.await?;
    let others = [("open", open.then(|| "true".to_owned()))];
    tagged::page(&request, &page, page.next, ("/v1/quotes", size), others)
}

/// Gives one quote.
#[utoipa::path(
    get, path = "/v1/quotes/{id}", tag = "accounts", operation_id = "quote",
    params(("id" = super::openapi_words::InstructionId, Path, description = "Id of the instruction that quoted, a UUID of version 7 in lower case")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The quote", body = super::openapi_fx::FirmQuote),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no instruction id", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`QUOTE_NOT_FOUND`: there is none, it concerns others, or it ended before the window of ids", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn quote(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    id: web::Path<InstructionId>,
) -> Result<HttpResponse, Failure> {
    let quote = reader.read(ErrorCode::QuoteNotFound, move |log, viewer| {
        log.quote(*id, viewer)
    });
    tagged::json(&request, &quote.await?, None)
}
