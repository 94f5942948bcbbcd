//! `/openapi.json`: each listener's surface as OpenAPI 3.1, made from the handlers themselves.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::{
    account_numbers, accounts, admin, backup, calendars, cycles, directory, entries, fees, fx,
    holds, instructions, log, mandates, openapi_answers, openapi_examples, openapi_links,
    openapi_schema, openapi_words, proposals, queue, recalls, receipts, returns, sessions,
    statements, submissions,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Quittance",
        description = "A multi-currency settlement node whose log anybody can check.\n\nAnswers \
            that are no success are problems (RFC 9457) with a stable `code`. A request that is \
            no HTTP, or whose head is too long or too slow, gets a bare 400, 408 or 431, or the \
            connection is closed. Every GET may be asked as HEAD.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "submissions", description = "The one door for settlements and governance"),
        (name = "receipts", description = "Proofs that stand by themselves"),
        (name = "accounts", description = "Balances and history, to whom they concern"),
        (name = "directory", description = "What and who there is"),
        (name = "audit", description = "Everything, for auditors"),
        (name = "log", description = "The public log (C2SP tlog-tiles)"),
        (name = "sessions", description = "Tokens for reading"),
    ),
    paths(
        submissions::submit,
        submissions::find,
        submissions::dry_run,
        receipts::receipt,
        instructions::instruction,
        entries::list,
        entries::entry,
        accounts::list,
        accounts::one,
        accounts::history,
        accounts::proof,
        statements::statement,
        calendars::list,
        calendars::one,
        cycles::list,
        cycles::one,
        holds::list,
        holds::one,
        proposals::list,
        proposals::one,
        queue::list,
        recalls::list,
        returns::list,
        mandates::list,
        mandates::one,
        mandates::postings,
        fees::fees,
        fx::rates,
        fx::quotes,
        fx::quote,
        account_numbers::list,
        directory::assets,
        directory::participants,
        directory::participant,
        directory::whoami,
        log::log,
        log::checkpoint,
        log::witnessed,
        log::tile,
        sessions::open,
        serve,
    ),
    // What only parameters refer to is not found by itself.
    components(schemas(
        openapi_schema::Problem,
        openapi_words::Addresses,
        openapi_words::ParticipantName,
    )),
)]
struct Public;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Quittance, the operators' listener",
        description = "Health, readiness, numbers and version, without credentials, and backups \
            for whoever can read the data folder: keep this listener on a network of the \
            operators' own.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "operators", description = "What machines of the operators ask"),
        (name = "backup", description = "The log in pieces, for `quittance backup`"),
    ),
    paths(
        admin::health,
        admin::ready,
        admin::metrics,
        admin::version,
        backup::log,
        backup::entries,
        serve_admin,
    ),
    components(schemas(openapi_schema::Problem)),
)]
struct Admin;

static PUBLIC: LazyLock<String> = LazyLock::new(|| complete(Public::openapi(), schemes()));
static ADMIN: LazyLock<String> = LazyLock::new(|| complete(Admin::openapi(), admin_schemes()));

/// The OpenAPI document of the public listener, as JSON.
#[must_use]
pub fn document() -> &'static str {
    &PUBLIC
}

/// The OpenAPI document of the operators' listener, as JSON.
#[must_use]
pub fn admin_document() -> &'static str {
    &ADMIN
}

/// Says what the derives cannot.
fn complete(document: utoipa::openapi::OpenApi, schemes: Value) -> String {
    let mut document = serde_json::to_value(document).expect("the document consists of texts");
    // Wherever the document came from is where the API is.
    document["servers"] = json!([{ "url": "/" }]);
    document["components"]["securitySchemes"] = schemes;
    openapi_answers::complete(&mut document);
    openapi_examples::add(&mut document);
    openapi_links::add(&mut document);
    document.to_string()
}

/// How those who ask say who they are.
fn schemes() -> Value {
    json!({
        "session": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token that `POST /v1/sessions` gives for a signed note",
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Quittance-Signature",
            "description": "`<key name> <base64 of key id and signature>` over the statement \
                (origin, genesis hash, submitter, content type, hash of the body's bytes); once \
                for each signer",
        },
    })
}

/// How a backup says that it may read the data folder.
fn admin_schemes() -> Value {
    json!({
        "backup": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token in `backup.token` in the data folder",
        },
    })
}

/// Gives this document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "log", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value, content_type = "application/json"))
)]
pub(super) async fn serve() -> HttpResponse {
    json_text(document())
}

/// Gives this document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operators", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value, content_type = "application/json"))
)]
pub(super) async fn serve_admin() -> HttpResponse {
    json_text(admin_document())
}

fn json_text(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(header::ContentType::json())
        .body(text)
}
