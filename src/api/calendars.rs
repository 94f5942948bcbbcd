//! `/v1/calendars`: business days, to everybody who may read.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::access::{AnyRole, Reader};
use super::failure::Failure;
use super::path::limit;
use super::tagged;
use crate::ledger::AssetId;
use crate::limits::DAYS_PAGE_MAX;
use crate::wire::ErrorCode;

/// How much of the past.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CalendarQuery {
    /// Business dates that are over, newest first: so many at most.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 4000)]
    limit: Option<u32>,
}

/// Lists the calendars of all assets that have one, each with its present business day.
#[utoipa::path(
    get, path = "/v1/calendars", tag = "log", operation_id = "calendars", security(("session" = [])),
    responses(
        (status = 200, description = "The calendars, in the order in which they were first set", body = super::openapi_calendar::CalendarsPage),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn list(
    request: HttpRequest,
    reader: Reader<AnyRole>,
) -> Result<HttpResponse, Failure> {
    let page = reader.read(ErrorCode::CalendarNotFound, |log, _| log.calendars());
    tagged::json(&request, &page.await?, None)
}

/// Gives the calendar of an asset: present business date, how far it has come, what comes next, the
/// date on which a payment would settle now, and the log indexes of dates that are over.
#[utoipa::path(
    get, path = "/v1/calendars/{asset}", tag = "log", operation_id = "calendar",
    params(
        ("asset" = super::openapi_words::AssetId, Path, description = "The asset; `/` is sent as `%2F`"),
        CalendarQuery,
    ),
    security(("session" = [])),
    responses(
        (status = 200, description = "The calendar", body = super::openapi_calendar::Calendar),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 400, description = "That is no asset id, or no limit", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`CALENDAR_NOT_FOUND`: the asset has none", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    request: HttpRequest,
    reader: Reader<AnyRole>,
    path: web::Path<AssetId>,
    query: web::Query<CalendarQuery>,
) -> Result<HttpResponse, Failure> {
    let (asset, days) = (path.into_inner(), limit(query.limit, DAYS_PAGE_MAX)?);
    let view = reader.read(ErrorCode::CalendarNotFound, move |log, _| {
        log.calendar(&asset, days)
    });
    tagged::json(&request, &view.await?, None)
}
