//! Bodies: read whole, within a length and a time, before anybody looks at them.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use super::access::single;
use super::budget::Share;
use super::failure::Failure;
use crate::wire::ErrorCode;

/// What is set aside for a body before it arrives.
const AHEAD_BYTES: usize = 16 << 10;

/// Reads a body of at most `max` bytes that arrives within `time`.
///
/// A sender that states a larger length is refused before a byte of the body is read. What
/// arrives is counted in `share`: all bodies together have a bound.
pub(super) async fn collect(
    request: &HttpRequest,
    mut payload: Payload,
    max: usize,
    time: Duration,
    share: &mut Share,
) -> Result<Vec<u8>, Failure> {
    let too_large = || {
        let detail = format!("the body has more than the {max} bytes that are allowed here");
        Failure::new(ErrorCode::BodyTooLarge, detail)
    };
    let stated = single(request.headers(), header::CONTENT_LENGTH.as_str())?
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<usize>().ok());
    if stated.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let payload = web::Payload::from_request(request, &mut payload).await;
    let mut stream = BodyStream::new(payload.map_err(Failure::internal)?);
    // No more is set aside than is promised, and no more than a little before it arrives.
    let mut bytes = Vec::with_capacity(stated.unwrap_or_default().min(AHEAD_BYTES));
    let read = async {
        while let Some(chunk) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
            let chunk = chunk.map_err(|error| {
                let detail = format!("the body ended early: {error}");
                Failure::new(ErrorCode::RequestMalformed, detail)
            })?;
            if bytes.len().saturating_add(chunk.len()) > max {
                return Err(too_large());
            }
            if !share.grow(chunk.len()) {
                return Err(Failure::plain(ErrorCode::BodiesFull));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(())
    };
    match tokio::time::timeout(time, read).await {
        Ok(result) => result.map(|()| bytes),
        Err(_) => Err(Failure::plain(ErrorCode::BodyTimeout)),
    }
}

/// Takes the parameters off a content type. `charset=utf-8` may stand there; nothing else may, for
/// what it would change is not signed.
pub(super) fn content_type(request: &HttpRequest) -> Result<Option<&str>, Failure> {
    let Some(value) = single(request.headers(), header::CONTENT_TYPE.as_str())? else {
        return Ok(None);
    };
    let unsupported = || Failure::plain(ErrorCode::ContentTypeUnsupported);
    let value = value.to_str().map_err(|_| unsupported())?;
    let (essence, parameters) = match value.split_once(';') {
        None => (value, None),
        Some((essence, parameters)) => (essence, Some(parameters)),
    };
    match parameters.map(str::trim) {
        None => Ok(Some(essence.trim())),
        Some(one) if is_utf8(one) => Ok(Some(essence.trim())),
        Some(_) => Err(unsupported()),
    }
}

fn is_utf8(parameter: &str) -> bool {
    ["charset=utf-8", "charset=\"utf-8\""]
        .iter()
        .any(|known| parameter.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn essence(value: &str) -> Option<String> {
        let request = TestRequest::default().insert_header((header::CONTENT_TYPE, value));
        let request = request.to_http_request();
        content_type(&request).ok().flatten().map(str::to_owned)
    }

    #[test]
    fn a_charset_is_taken_off_and_nothing_else() {
        for value in [
            "application/json",
            "application/json;charset=utf-8",
            "application/json; charset=UTF-8",
            "application/json; charset=\"utf-8\"",
        ] {
            assert_eq!(
                essence(value).as_deref(),
                Some("application/json"),
                "{value}"
            );
        }
        for value in [
            "application/json; charset=latin1",
            "application/json; charset=utf-8; profile=x",
            "application/json;",
        ] {
            assert_eq!(essence(value), None, "{value}");
        }
    }
}
