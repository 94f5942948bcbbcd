//! Gzip, for whoever asks for it: of the log's entry bundles alone.
//!
//! Hashes and signatures do not get shorter. Answers to a reader are never compressed, for their
//! length would then say something of what stands in them beside what others wrote. Files, exports
//! and hashes know nothing of it: it is the door's alone, and `identity` is always to be had.

use std::io::Write;

use actix_web::http::header::{self, HeaderMap};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Whether `Accept-Encoding` takes gzip (RFC 9110, 12.5.3): named, or by `*`, and not with weight 0.
pub(super) fn is_accepted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING);
    let (mut named, mut any) = (None, None);
    for one in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = one.split(';');
        let coding = parts.next().unwrap_or_default().trim();
        let refused = parts
            .filter_map(|part| {
                part.trim()
                    .to_ascii_lowercase()
                    .strip_prefix("q=")?
                    .parse()
                    .ok()
            })
            .any(|weight: f32| weight <= 0.0);
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            named = Some(!refused);
        } else if coding == "*" {
            any = Some(!refused);
        }
    }
    named.or(any).unwrap_or(false)
}

/// The bytes, compressed; `None` where that gains nothing. The same bytes every time.
pub(super) fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    let short = encoder.finish().ok()?;
    (short.len() < bytes.len()).then_some(short)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn gzip_is_given_only_to_those_who_take_it() {
        for (value, taken) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("gzip; q=0.000", false),
            ("*;q=0", false),
            ("identity, br", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((header::ACCEPT_ENCODING, value));
            assert_eq!(
                is_accepted(request.to_http_request().headers()),
                taken,
                "{value}"
            );
        }
        assert!(!is_accepted(
            TestRequest::default().to_http_request().headers()
        ));
    }

    #[test]
    fn what_does_not_get_shorter_stays_as_it_is() {
        assert!(compressed(&[7; 500]).is_some_and(|short| short.len() < 100));
        assert_eq!(compressed(&[]), None);
        assert_eq!(compressed(chain::Hash::sha256(b"x").as_bytes()), None);
    }
}
