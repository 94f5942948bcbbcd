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
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Status { status: "ok" })
}

/// Says whether submissions are taken.
pub(super) async fn ready(state: web::Data<State>) -> Result<HttpResponse, Failure> {
    if state.is_closing() {
        return Err(crate::node::Unavailable::ShuttingDown.into());
    }
    state.node.ready()?;
    Ok(HttpResponse::Ok().json(Status { status: "ready" }))
}

/// Gives the numbers of node and door as OpenMetrics text.
pub(super) async fn metrics(state: web::Data<State>) -> HttpResponse {
    let text = state.numbers.append_to(state.node.metrics_text());
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text)
}

/// Says which software this is.
pub(super) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        protocol: PROTOCOL_VERSION,
    })
}
