//! `/docs`: the document as a page to read and try, whole from the binary.
//!
//! The page is ours; the viewer is Swagger UI, of which three files are given out and nothing else.
//! The content security policy names no other host: no browser that opens this page tells anybody
//! outside that it did, and it works where there is no outside.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header::{self, CacheControl, CacheDirective};
use actix_web::{HttpResponse, HttpResponseBuilder, web};

use super::failure::Failure;
use crate::wire::ErrorCode;

/// What the page may load and whom it may ask: this node. Swagger UI carries its pictures within
/// its style sheet, and sets `style` attributes; it needs no other inline style and no script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page. References are relative, so that it also works below a path of a proxy.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quittance: the API</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<script defer src="docs/swagger-ui-bundle.js"></script>
<script defer src="docs/start.js"></script>
</head>
<body>
<div id="docs"></div>
<noscript>This page needs scripts; the document itself is <a href="openapi.json">openapi.json</a>.</noscript>
</body>
</html>
"#;

/// Starts the viewer. No validator badge: it would send the document to another host. Queries in
/// the page's address change nothing.
const START: &str = r##""use strict";
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
"##;

/// Names of the viewer's files that the page needs.
const FILES: [&str; 3] = [
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "favicon-32x32.png",
];

/// Seconds that a browser may keep a file; a new release of the node may bring another.
const FILE_AGE_S: u32 = 3600;

/// Gives the page.
pub(super) async fn page() -> HttpResponse {
    answer("text/html; charset=utf-8").body(PAGE)
}

/// Sends whoever comes to the front door to the page.
pub(super) async fn home() -> HttpResponse {
    elsewhere("docs")
}

/// Sends whoever wrote one slash too many to the page, below which its references hold.
pub(super) async fn slash() -> HttpResponse {
    elsewhere("../docs")
}

/// Gives a file of the page.
pub(super) async fn file(name: web::Path<String>) -> Result<HttpResponse, Failure> {
    let name = name.as_str();
    if name == "start.js" {
        return Ok(kept("text/javascript; charset=utf-8").body(START));
    }
    let nothing = || Failure::plain(ErrorCode::NotFound);
    if !FILES.contains(&name) {
        return Err(nothing());
    }
    let file = utoipa_swagger_ui::serve(name, Arc::default()).map_err(Failure::internal)?;
    let file = file.ok_or_else(nothing)?;
    let mut answer = kept(&file.content_type);
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => answer.body(bytes),
        Cow::Owned(bytes) => answer.body(bytes),
    })
}

/// Relative, as the page's references are.
fn elsewhere(place: &'static str) -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, place))
        .finish()
}

fn kept(content_type: &str) -> HttpResponseBuilder {
    let mut answer = answer(content_type);
    let age = CacheDirective::MaxAge(FILE_AGE_S);
    answer.insert_header(CacheControl(vec![CacheDirective::Public, age]));
    answer
}

fn answer(content_type: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    answer
}
