//! Answers that clients may keep, and ask about again: entity tags (RFC 9110, 8.8.3), caching, and
//! links to the next page (RFC 8288).

use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::failure::Failure;

/// What somebody may read and others may not: kept by its reader alone, and asked for anew each
/// time; unchanged, it costs a 304.
const PRIVATE: &str = "private, no-cache";

/// A JSON answer to its reader.
pub(super) fn json(
    request: &HttpRequest,
    value: &impl Serialize,
    next: Option<String>,
) -> Result<HttpResponse, Failure> {
    let bytes = serde_json::to_vec(value).map_err(Failure::internal)?;
    Ok(private(request, "application/json", bytes, next))
}

/// A page of at most `size` lines to its reader, with a link to the next one if there is a cursor.
/// `others` are the parameters that the link repeats behind cursor and limit.
pub(super) fn page(
    request: &HttpRequest,
    page: &impl Serialize,
    next: Option<impl ToString>,
    (path, size): (&str, usize),
    others: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> Result<HttpResponse, Failure> {
    let link = next.map(|next| {
        let mut parameters = vec![
            ("cursor", Some(next.to_string())),
            ("limit", Some(size.to_string())),
        ];
        parameters.extend(others);
        link(path, &parameters)
    });
    json(request, page, link)
}

/// An answer to its reader.
pub(super) fn private(
    request: &HttpRequest,
    content_type: &'static str,
    bytes: Vec<u8>,
    next: Option<String>,
) -> HttpResponse {
    answer(request, content_type, bytes, |answer| {
        answer.insert_header((header::CACHE_CONTROL, PRIVATE));
        answer.insert_header((header::VARY, "Accept, Authorization"));
        if let Some(next) = next {
            answer.insert_header((header::LINK, format!("<{next}>; rel=\"next\"")));
        }
    })
}

/// An answer with a tag of its bytes, or 304 without them if the client holds the same.
pub(super) fn answer(
    request: &HttpRequest,
    content_type: &'static str,
    bytes: Vec<u8>,
    headers: impl FnOnce(&mut HttpResponseBuilder),
) -> HttpResponse {
    let tag = tag(&chain::Hash::sha256(&bytes));
    let known = holds(request.headers(), &tag);
    let mut answer = match known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    answer.insert_header((header::ETAG, tag));
    headers(&mut answer);
    match known {
        true => answer.finish(),
        false => answer.content_type(content_type).body(bytes),
    }
}

/// The tag of what has this hash: half of it, in hexadecimal and quotes.
fn tag(hash: &chain::Hash) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let half = hash.as_bytes().iter().take(16);
    let digits = half.flat_map(|byte| [byte >> 4, byte & 0xf]);
    let mut tag = String::with_capacity(34);
    tag.push('"');
    tag.extend(digits.filter_map(|digit| HEX.get(usize::from(digit))));
    tag.push('"');
    tag
}

/// Whether `If-None-Match` names the tag; weak and strong tags compare alike there.
fn holds(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH);
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','));
    tags.any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}

/// Whether `Accept` names this kind before JSON. Whatever else it names, the answer is JSON.
pub(super) fn prefers(request: &HttpRequest, wanted: &str) -> bool {
    let values = request.headers().get_all(header::ACCEPT);
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut kinds = texts.flat_map(|text| text.split(',')).map(|kind| {
        kind.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    });
    kinds
        .find(|kind| kind == wanted || kind == "application/json")
        .is_some_and(|kind| kind == wanted)
}

/// A path with those of the parameters that have a value.
pub(super) fn link(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let mut link = path.to_owned();
    let mut before = '?';
    for (name, value) in parameters {
        if let Some(value) = value {
            link.push(before);
            link.push_str(name);
            link.push('=');
            encode(value, &mut link);
            before = '&';
        }
    }
    link
}

/// Percent-encodes what may not stand in a query.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_tag_is_recognised_in_a_list_and_nowhere_else() {
        for (value, known) in [
            ("\"a\"", true),
            ("\"b\", \"a\"", true),
            ("W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, value));
            let request = request.to_http_request();
            assert_eq!(holds(request.headers(), "\"a\""), known, "{value}");
        }
    }

    #[test]
    fn another_kind_than_json_is_for_whoever_asks_for_it() {
        for (accept, csv) in [
            ("text/csv", true),
            ("Text/CSV; charset=utf-8", true),
            ("text/csv, application/json;q=0.5", true),
            ("application/json, text/csv", false),
            ("*/*", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((header::ACCEPT, accept));
            let request = request.to_http_request();
            assert_eq!(prefers(&request, "text/csv"), csv, "{accept}");
        }
    }

    #[test]
    fn links_are_encoded() {
        let parameters = [
            ("cursor", Some("1.2".to_owned())),
            ("to", None),
            ("x", Some("a+b c".to_owned())),
        ];
        assert_eq!(link("/v1/x", &parameters), "/v1/x?cursor=1.2&x=a%2Bb%20c");
    }
}
