//! The operators' listener: alive, ready, numbers, version.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::failure::Failure;
use super::state::State;
use crate::ledger::PROTOCOL_VERSION;

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

#[derive(Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
    protocol: u32,
}

/// Says that the process answers.
#[utoipa::path(
    get, path = "/healthz", tag = "operators",
    responses((status = 200, description = "It does", body = super::openapi_schema::Status))
)]
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Status { status: "ok" })
}

/// Says whether submissions are taken.
#[utoipa::path(
    get, path = "/readyz", tag = "operators",
    responses(
        (status = 200, description = "They are", body = super::openapi_schema::Status),
        (status = 503, description = "`QUEUE_FULL`, `STORAGE_RESERVE`, `SHUTTING_DOWN`, `NODE_FAILED`: not now"),
    )
)]
pub(super) async fn ready(state: web::Data<State>) -> Result<HttpResponse, Failure> {
    if state.is_closing() {
        return Err(crate::node::Unavailable::ShuttingDown.into());
    }
    state.node.ready()?;
    Ok(HttpResponse::Ok().json(Status { status: "ready" }))
}

/// Gives the numbers of node and door as OpenMetrics text.
#[utoipa::path(
    get, path = "/metrics", tag = "operators",
    responses((status = 200, description = "OpenMetrics 1.0", body = String, content_type = "application/openmetrics-text"))
)]
pub(super) async fn metrics(state: web::Data<State>) -> HttpResponse {
    let text = state.numbers.append_to(state.node.metrics_text());
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text)
}

/// Says which software this is.
#[utoipa::path(
    get, path = "/version", tag = "operators",
    responses((status = 200, description = "Name, version, protocol", body = super::openapi_schema::Version))
)]
pub(super) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        protocol: PROTOCOL_VERSION,
    })
}
