//! When a certificate ends: the one field of X.509 that operators must watch (RFC 5280, 4.1).

/// `notAfter` in seconds since 1970 UTC; `None` if this is no certificate.
pub(super) fn not_after(certificate: &[u8]) -> Option<i64> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (SEQUENCE, certificate, _) = element(certificate)? else {
        return None;
    };
    let (SEQUENCE, mut signed, _) = element(certificate)? else {
        return None;
    };
    if let (VERSION, _, rest) = element(signed)? {
        signed = rest;
    }
    // serialNumber, signature, issuer
    for _ in 0..3 {
        signed = element(signed)?.2;
    }
    let (SEQUENCE, validity, _) = element(signed)? else {
        return None;
    };
    let (_, _, rest) = element(validity)?;
    let (tag, text, _) = element(rest)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// Splits one DER element off: tag, content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            if bytes.is_empty() || bytes.len() > 4 {
                return None;
            }
            let length = bytes
                .iter()
                .fold(0usize, |n, byte| n << 8 | usize::from(*byte));
            (length, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` (tag 23; years from 50 on are of the last century) or `YYYYMMDDHHMMSSZ`.
fn time(tag: u8, text: &str) -> Option<i64> {
    let full = match tag {
        23 if text.get(..2)? < "50" => format!("20{text}"),
        23 => format!("19{text}"),
        24 => text.to_owned(),
        _ => return None,
    };
    let digits = full.strip_suffix('Z').filter(|text| text.len() == 14)?;
    let (date, clock) = digits.split_at_checked(8)?;
    let (year, day) = (date.get(..4)?, (date.get(4..6)?, date.get(6..)?));
    let (hour, minute, second) = (clock.get(..2)?, clock.get(2..4)?, clock.get(4..)?);
    let text = format!("{year}-{}-{}T{hour}:{minute}:{second}Z", day.0, day.1);
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_found() {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        for (year, seconds) in [(2031, 1_924_992_000), (2070, 3_155_760_000)] {
            params.not_after = rcgen::date_time_ymd(year, 1, 1);
            let certificate = params.self_signed(&key).unwrap();
            assert_eq!(not_after(certificate.der()), Some(seconds));
            // Cut anywhere, it is no certificate, and nothing breaks.
            for end in 0..certificate.der().len().min(200) {
                assert_eq!(not_after(&certificate.der()[..end]), None);
            }
        }
        assert_eq!(time(23, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(time(23, "700101000000Z"), Some(0));
        assert_eq!(time(24, "99999999999999Z"), None);
    }
}
