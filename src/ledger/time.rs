//! Time: nanoseconds since 1970 UTC, RFC 3339 outside. Always an argument, never a clock.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::invalid::Invalid;

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;
/// Nanoseconds in a day: UTC as POSIX counts it, without leap seconds.
pub(super) const DAY: u64 = 86_400 * SECOND;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// Takes nanoseconds since 1970 UTC.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970 UTC.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{}ns", self.0),
        }
    }
}

impl FromStr for Time {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Time(text.chars().take(64).collect::<String>());
        // RFC 3339 asks for the `T`, the seconds and an offset; jiff would accept more.
        let shape = text.len() >= 20
            && text.as_bytes().get(10) == Some(&b'T')
            && text.as_bytes().get(16) == Some(&b':')
            && !text.contains('[');
        if !shape {
            return Err(invalid());
        }
        let time: Timestamp = text.parse().map_err(|_| invalid())?;
        u64::try_from(time.as_nanosecond())
            .map(Self)
            .map_err(|_| invalid())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
                text.parse().map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Visitor)
        } else {
            u64::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn rfc_3339_only() {
        let time: Time = "2026-11-23T09:30:00Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-23T09:30:00Z");
        let offset: Time = "2026-11-23T10:30:00.5+01:00".parse().unwrap();
        assert_eq!(offset.nanos(), time.nanos() + 500_000_000);
        for bad in [
            "2026-11-23",
            "2026-11-23T09:30:00",
            "2026-11-23 09:30:00Z",
            "1969-12-31T23:59:59Z",
            "now",
            "",
        ] {
            assert!(bad.parse::<Time>().is_err(), "{bad}");
        }
    }
}
