//! `/docs/errors/CODE`: what the `type` of a problem leads to, on whichever listener it was told.
//!
//! The type is relative (RFC 9457, section 3.1.1): nobody has to own a name for it to answer, and it
//! works where there is no outside. The words are those of `quittance explain`.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder, web};

use super::failure::Failure;
use crate::wire::{ErrorCode, Explanation, explain};

/// The page loads nothing at all.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Gives the page of a code.
pub(super) async fn code(code: web::Path<String>) -> Result<HttpResponse, Failure> {
    let found = explain::explain(&code).ok_or_else(|| Failure::plain(ErrorCode::NotFound))?;
    let body = format!(
        "{}<p><a href=\"../errors\">All codes</a></p>\n",
        about(&found)
    );
    Ok(answer().body(page(found.code, &body)))
}

/// Gives the page of all codes.
pub(super) async fn all() -> HttpResponse {
    let mut body = String::from("<h1>Codes</h1>\n<ul>\n");
    for found in explain::all() {
        let means = found
            .problem
            .map(|problem| problem.title)
            .or(found.outcome.map(|outcome| outcome.meaning))
            .unwrap_or_default();
        let code = found.code;
        body.push_str(&format!(
            "<li><a href=\"errors/{code}\">{code}</a>: {}</li>\n",
            escaped(means)
        ));
    }
    body.push_str("</ul>\n");
    answer().body(page("Codes", &body))
}

fn about(found: &Explanation) -> String {
    let mut body = format!("<h1>{}</h1>\n", found.code);
    let mut row = |name: &str, text: &str| {
        body.push_str(&format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(text)));
    };
    let yes = |may: bool| if may { "yes" } else { "no" };
    if let Some(problem) = found.problem {
        row("As a problem", &format!("HTTP {}", problem.status));
        row("Means", problem.title);
        row("What to do", problem.what_to_do);
        row("Can the same bytes help later", yes(problem.retry_may_help));
    }
    if let Some(outcome) = found.outcome {
        let number = outcome.number;
        let iso = format!("{} {}", outcome.iso_status, outcome.iso_reason);
        row(
            "As an outcome",
            &format!("number {number} in the log; ISO 20022 {iso}"),
        );
        row("Means", outcome.meaning);
        row("Can the same wish help later", yes(outcome.retry_may_help));
    }
    body.replacen("</h1>\n", "</h1>\n<dl>\n", 1) + "</dl>\n"
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// Our own words hold quotes, arrows and `<`, too.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn answer() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::problem::PROBLEM_TYPE_BASE;

    #[test]
    fn the_type_of_a_problem_is_a_path_of_these_routes() {
        let [all, one] = super::super::ERROR_ROUTES else {
            panic!("two routes");
        };
        assert_eq!(format!("{}/", all.1), PROBLEM_TYPE_BASE);
        assert_eq!(format!("{PROBLEM_TYPE_BASE}{{code}}"), one.1);
    }

    #[test]
    fn our_words_are_text_and_never_markup() {
        assert_eq!(escaped("a<b & `c`"), "a&lt;b &amp; `c`");
        let funds = explain::explain("INSUFFICIENT_FUNDS").unwrap();
        let body = about(&funds);
        assert!(
            body.contains("<h1>INSUFFICIENT_FUNDS</h1>\n<dl>\n"),
            "{body}"
        );
        assert!(body.contains("AM04") && body.ends_with("</dl>\n"), "{body}");
    }
}
