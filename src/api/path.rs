//! Parts of paths and queries, read strictly.

use actix_web::HttpRequest;
use actix_web::error::{PathError, QueryPayloadError};
use actix_web::web;
use serde::{Deserialize, Deserializer};

use super::failure::Failure;
use crate::limits::PAGE_DEFAULT;
use crate::wire::ErrorCode;

/// Characters of a path or query that its refusal repeats.
const SHOWN_MAX: usize = 200;

/// A log index in a path: digits without sign and leading zeros.
#[derive(Debug, Clone, Copy)]
pub(super) struct Index(pub(super) u64);

/// Lines on a page, of those that a query may ask for.
pub(super) fn limit(limit: Option<u32>, max: usize) -> Result<usize, Failure> {
    let limit = limit.map_or(PAGE_DEFAULT, |limit| usize::try_from(limit).unwrap_or(0));
    if (1..=max).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("`limit` is 1 to {max}");
    Err(Failure::new(ErrorCode::QueryInvalid, detail))
}

/// Reads digits in their one spelling.
pub(super) fn parse_plain<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Index, D::Error> {
        let text = String::deserialize(deserializer)?;
        let index = parse_plain(&text).map(Index);
        index.ok_or_else(|| serde::de::Error::custom(format_args!("`{text}` is not a log index")))
    }
}

/// The answers to parts of a path or query that the framework could not read.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    let path = |error: PathError, request: &HttpRequest| {
        let why = match &error {
            PathError::Deserialize(why) => why.to_string(),
            _ => error.to_string(),
        };
        let detail = format!("`{}` is no path of anything: {why}", shown(request.path()));
        Failure::new(ErrorCode::PathInvalid, detail).into()
    };
    let query = |error: QueryPayloadError, request: &HttpRequest| {
        let why = match &error {
            QueryPayloadError::Deserialize(why) => why.to_string(),
            _ => error.to_string(),
        };
        let why = why.replace("field", "parameter");
        let detail = format!("`{}` cannot be read: {why}", shown(request.query_string()));
        Failure::new(ErrorCode::QueryInvalid, detail).into()
    };
    service.app_data(web::PathConfig::default().error_handler(path));
    service.app_data(web::QueryConfig::default().error_handler(query));
}

/// The beginning of what was sent, in an answer of bounded size.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(parse_plain::<u64>("0"), Some(0));
        assert_eq!(parse_plain::<u64>("18446744073709551615"), Some(u64::MAX));
        for wrong in ["", "+1", "-1", "01", "1.0", " 1", "18446744073709551616"] {
            assert_eq!(parse_plain::<u64>(wrong), None, "{wrong:?}");
        }
    }
}
