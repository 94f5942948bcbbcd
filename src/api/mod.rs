//! The HTTP door: two listeners, one for everybody and one for operators.
//!
//! ```text
//!  request ──door──▶ extractor (who may?) ──▶ handler (ask the node) ──▶ answer
//!            │ request id, panics,      └──────────── Failure ─────────▶ problem+json
//!            │ framework errors
//! ```
//!
//! Permission is part of a handler's type: what it needs comes out of an extractor
//! ([`access::Public`], [`access::Reader`], [`signed::Signed`]) or not at all. A handler extracts,
//! asks the node and maps; rules of business are nowhere in here.
//!
//! The tables below are the whole surface, and a test compares them with `/openapi.json`.

mod access;
mod account_numbers;
mod accounts;
mod admin;
mod backup;
mod body;
mod budget;
mod calendars;
mod csv;
mod cycles;
mod directory;
mod docs;
mod door;
mod entries;
mod explained;
mod failure;
mod fees;
mod fx;
mod guard;
mod gzip;
mod holds;
mod instructions;
mod lines;
mod listener;
mod log;
mod mandates;
mod message;
mod numbers;
mod openapi;
mod openapi_answers;
mod openapi_back;
mod openapi_body;
mod openapi_calendar;
mod openapi_control;
mod openapi_cycle;
mod openapi_examples;
mod openapi_fees;
mod openapi_forms;
mod openapi_fx;
mod openapi_hold;
mod openapi_links;
mod openapi_numbers;
mod openapi_proposal;
mod openapi_queue;
mod openapi_schema;
mod openapi_standing;
mod openapi_words;
mod path;
mod proposals;
mod queue;
mod rates;
mod recalls;
mod receipts;
mod returns;
mod sending;
mod server;
mod sessions;
mod signed;
mod state;
mod statements;
mod stream;
mod submissions;
mod tagged;
mod tls;

use actix_web::guard::{Any, Get, Head};
use actix_web::{Route, web};

pub use openapi::{admin_document, document};
pub use server::{Api, Bound, ServeError, serve};
pub use tls::{TlsError, check as check_tls};

/// Declares a list of routes, and the function that registers exactly these.
macro_rules! routes {
    ($(#[$doc:meta])* $list:ident, $register:ident: $($path:literal => $($method:ident $handler:path),+;)+) => {
        $(#[$doc])*
        pub const $list: &[(&str, &str)] = &[$($((stringify!($method), $path),)+)+];

        fn $register(service: &mut web::ServiceConfig) {
            $(service.service(web::resource($path)$(.route(on(stringify!($method)).to($handler)))+);)+
        }
    };
}

/// A route for a method. HEAD asks for what GET gives, without the body (RFC 9110, 9.3.2).
fn on(method: &str) -> Route {
    match method {
        "get" => web::route().guard(Any(Get()).or(Head())),
        _ => web::post(),
    }
}

routes! {
    /// Method and path of every route of the public listener. They are tried in this order: what is
    /// asked most stands first.
    PUBLIC_ROUTES, public_routes:
    "/v1/submissions" => post submissions::submit, get submissions::find;
    "/v1/dry-runs" => post submissions::dry_run;
    "/v1/accounts" => get accounts::list;
    "/v1/accounts/{address}" => get accounts::one;
    "/v1/accounts/{address}/history" => get accounts::history;
    "/v1/accounts/{address}/proof" => get accounts::proof;
    "/v1/accounts/{address}/statement" => get statements::statement;
    "/v1/receipts/{index}" => get receipts::receipt;
    "/v1/instructions/{id}" => get instructions::instruction;
    "/v1/entries" => get entries::list;
    "/v1/entries/{index}" => get entries::entry;
    "/v1/calendars" => get calendars::list;
    "/v1/calendars/{asset}" => get calendars::one;
    "/v1/cycles" => get cycles::list;
    "/v1/cycles/{model}/{window}" => get cycles::one;
    "/v1/holds" => get holds::list;
    "/v1/holds/{id}" => get holds::one;
    "/v1/proposals" => get proposals::list;
    "/v1/proposals/{id}" => get proposals::one;
    "/v1/queue" => get queue::list;
    "/v1/recalls" => get recalls::list;
    "/v1/returns" => get returns::list;
    "/v1/mandates" => get mandates::list;
    "/v1/mandates/{id}" => get mandates::one;
    "/v1/postings" => get mandates::postings;
    "/v1/rates" => get fx::rates;
    "/v1/fees" => get fees::fees;
    "/v1/quotes" => get fx::quotes;
    "/v1/quotes/{id}" => get fx::quote;
    "/v1/numbers" => get account_numbers::list;
    "/v1/assets" => get directory::assets;
    "/v1/participants" => get directory::participants;
    "/v1/participants/{participant}" => get directory::participant;
    "/v1/whoami" => get directory::whoami;
    "/v1/log" => get log::log;
    "/v1/sessions" => post sessions::open;
    "/log/checkpoint" => get log::checkpoint;
    "/log/checkpoint.witnessed" => get log::witnessed;
    "/log/tile/{path:.*}" => get log::tile;
    "/openapi.json" => get openapi::serve;
}

routes! {
    /// Method and path of every page for people, on the public listener; they are no part of
    /// `/openapi.json`.
    PAGE_ROUTES, page_routes:
    "/" => get docs::home;
    "/docs" => get docs::page;
    "/docs/" => get docs::slash;
    "/docs/{file}" => get docs::file;
}

routes! {
    /// Method and path of the pages that problems point to, on both listeners.
    ERROR_ROUTES, error_routes:
    "/docs/errors" => get explained::all;
    "/docs/errors/{code}" => get explained::code;
}

routes! {
    /// Method and path of every route of the operators' listener.
    ADMIN_ROUTES, admin_routes:
    "/healthz" => get admin::health;
    "/readyz" => get admin::ready;
    "/metrics" => get admin::metrics;
    "/version" => get admin::version;
    "/backup/log" => get backup::log;
    "/backup/entries" => get backup::entries;
    "/openapi.json" => get openapi::serve_admin;
}
