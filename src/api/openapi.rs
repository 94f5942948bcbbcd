//! `/openapi.json`: the surface as OpenAPI 3.1, made from the handlers themselves.

use actix_web::HttpResponse;
use actix_web::http::header;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{accounts, directory, entries, log, receipts, sessions, submissions};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Quittance",
        description = "A multi-currency settlement node whose log anybody can check.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        submissions::submit,
        submissions::find,
        submissions::dry_run,
        receipts::receipt,
        entries::entry,
        accounts::list,
        accounts::one,
        accounts::history,
        directory::assets,
        directory::participants,
        directory::whoami,
        log::log,
        log::checkpoint,
        log::tile,
        sessions::open,
        serve,
    ),
    modifiers(&Session),
)]
struct Document;

/// How a session's token is sent.
struct Session;

impl Modify for Session {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", scheme);
    }
}

/// The OpenAPI document, as JSON.
///
/// # Panics
/// Never: it consists of texts.
#[must_use]
pub fn document() -> String {
    Document::openapi()
        .to_json()
        .expect("the document consists of texts")
}

/// Gives this document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "log",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"))
)]
pub(super) async fn serve() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(header::ContentType::json())
        .body(document())
}
