//! Amounts: decimal strings outside, integers in minor units inside, never a float.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::invalid::Invalid;

/// The largest number of minor units any amount or counter may reach: 96 bits, so that every
/// counter prints through [`Decimal`].
pub const MINOR_MAX: u128 = (1 << 96) - 1;
/// The most decimal places an asset may have.
pub const SCALE_MAX: u8 = 18;

/// An amount as it was typed: digits and decimal places, not yet fitted to an asset.
///
/// Grammar `(0|[1-9][0-9]*)(\.[0-9]{1,18})?`, so print gives back the text that was parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    digits: u128,
    /// Decimal places typed; [`MINOR_UNITS`] if the digits count minor units of whatever asset.
    scale: u8,
}

/// Stands where the scale would: the digits are minor units already.
const MINOR_UNITS: u8 = u8::MAX;
/// What follows the digits of such an amount in an item's JSON. Bodies may not write it.
const MINOR_UNITS_SUFFIX: &str = " minor units";

/// Why an amount does not fit an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountUnfit {
    /// More decimal places than the asset has. Never rounded.
    #[error("more decimal places than the asset has")]
    Precision,
    /// More than 96 bits of minor units.
    #[error("more than 96 bits of minor units")]
    TooLarge,
}

impl Amount {
    /// An amount that counts minor units, whatever the asset: how legs are replayed from a log.
    #[must_use]
    pub const fn of_minor_units(minor: u128) -> Self {
        Self {
            digits: minor,
            scale: MINOR_UNITS,
        }
    }

    /// Whether the amount counts minor units: so do records of a batch and replayed legs, while a
    /// body in JSON must state amounts in the asset's own unit.
    #[must_use]
    pub const fn is_minor_units(self) -> bool {
        self.scale == MINOR_UNITS
    }

    /// The number of minor units, if that is what the amount counts.
    #[must_use]
    pub const fn as_minor_units(self) -> Option<u128> {
        match self.is_minor_units() {
            true => Some(self.digits),
            false => None,
        }
    }

    /// Whether the amount is nothing, in whatever unit.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Reads the text of an amount as it stands in an item: what `Display` writes, minor units
    /// included.
    fn from_item_text(text: &str) -> Result<Self, Invalid> {
        let Some(digits) = text.strip_suffix(MINOR_UNITS_SUFFIX) else {
            return text.parse();
        };
        let invalid = || Invalid::Amount(text.chars().take(64).collect());
        match grammar(digits) {
            Some(0) => digits
                .parse()
                .map(Self::of_minor_units)
                .map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }

    /// Fits the amount to an asset: its value in minor units.
    ///
    /// # Errors
    /// [`AmountUnfit`]; nothing is ever rounded.
    pub fn to_minor(self, scale: u8) -> Result<u128, AmountUnfit> {
        if self.scale == MINOR_UNITS {
            return if self.digits <= MINOR_MAX {
                Ok(self.digits)
            } else {
                Err(AmountUnfit::TooLarge)
            };
        }
        let up = scale
            .checked_sub(self.scale)
            .ok_or(AmountUnfit::Precision)?;
        let factor = 10u128
            .checked_pow(u32::from(up))
            .ok_or(AmountUnfit::TooLarge)?;
        match self.digits.checked_mul(factor) {
            Some(minor) if minor <= MINOR_MAX => Ok(minor),
            _ => Err(AmountUnfit::TooLarge),
        }
    }
}

/// Checks the grammar; returns the number of decimal places.
fn grammar(text: &str) -> Option<usize> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    match fraction {
        None => Some(0),
        Some(f) if digits(f) && f.len() <= usize::from(SCALE_MAX) => Some(f.len()),
        Some(_) => None,
    }
}

impl FromStr for Amount {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shown = || text.chars().take(64).collect::<String>();
        let scale = grammar(text).ok_or_else(|| Invalid::Amount(shown()))?;
        // `from_str` would round past 28 digits without a word; `from_str_exact` refuses.
        let value = Decimal::from_str_exact(text).map_err(|_| Invalid::AmountTooLarge(shown()))?;
        let digits = u128::try_from(value.mantissa()).map_err(|_| Invalid::Amount(shown()))?;
        let scale = u8::try_from(scale).map_err(|_| Invalid::Amount(shown()))?;
        debug_assert_eq!(
            value.scale(),
            u32::from(scale),
            "the decimal keeps trailing zeros"
        );
        Ok(Self { digits, scale })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == MINOR_UNITS {
            return write!(f, "{}{MINOR_UNITS_SUFFIX}", self.digits);
        }
        f.write_str(&print_minor(
            i128::try_from(self.digits).unwrap_or(i128::MAX),
            self.scale,
        ))
    }
}

/// The longest text of a 64-bit amount: a sign, twenty digits, a point.
const SHORT_TEXT_MAX: usize = 22;
/// Places up to which such a text fits, with a zero before the point.
const SHORT_SCALE_MAX: u8 = 19;

/// Prints a signed number of minor units with exactly `scale` decimal places. Never panics.
///
/// Answers have three of them for every account that a message touched, so almost all take the way
/// without the formatting machinery; past 64 bits there is the other.
#[must_use]
pub fn print_minor(minor: i128, scale: u8) -> String {
    match u64::try_from(minor.unsigned_abs()) {
        Ok(magnitude) if scale <= SHORT_SCALE_MAX => print_short(minor < 0, magnitude, scale),
        _ => print_wide(minor, scale),
    }
}

/// Prints digits from the last to the first.
fn print_short(negative: bool, magnitude: u64, scale: u8) -> String {
    let mut text = [0u8; SHORT_TEXT_MAX];
    let mut free = text.iter_mut().rev();
    let mut put = |byte: u8| {
        if let Some(slot) = free.next() {
            *slot = byte;
        }
    };
    let (mut rest, mut place) = (magnitude, 0u8);
    while rest > 0 || place <= scale {
        if place == scale && scale > 0 {
            put(b'.');
        }
        // A digit: below ten.
        put(b'0' | (rest % 10) as u8);
        rest /= 10;
        place = place.saturating_add(1);
    }
    if negative {
        put(b'-');
    }
    let left = free.len();
    let printed = text.get(left..).unwrap_or_default();
    String::from_utf8_lossy(printed).into_owned()
}

/// The same for any number and scale.
fn print_wide(minor: i128, scale: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let places = usize::from(scale);
    let digits = alloc::format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (units, rest) = digits.split_at(digits.len().saturating_sub(places));
    let point = if rest.is_empty() { "" } else { "." };
    alloc::format!("{sign}{units}{point}{rest}")
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount as a string")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                Amount::from_item_text(text).map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Amount, E> {
                Err(E::custom(Invalid::AmountNotString))
            }
            fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Amount, E> {
                Err(E::custom(Invalid::AmountNotString))
            }
            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Amount, E> {
                Err(E::custom(Invalid::AmountNotString))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar_is_strict_and_print_gives_the_text_back() {
        for good in [
            "0",
            "1",
            "0.00",
            "1250.00",
            "79228162514264337593543950335",
            "0.000000000000000001",
        ] {
            let amount: Amount = good.parse().unwrap();
            assert_eq!(amount.to_string(), good);
        }
        for bad in [
            "",
            "1e5",
            "1_000",
            "+1",
            "-0",
            "-1",
            "00.5",
            "01",
            ".5",
            "5.",
            "1.2.3",
            " 1",
            "1 ",
            "1,0",
            "0x1",
            "1.0000000000000000000",
            "\u{661}",
            "NaN",
        ] {
            assert!(
                matches!(bad.parse::<Amount>(), Err(Invalid::Amount(_))),
                "{bad}"
            );
        }
        let over = "79228162514264337593543950336".parse::<Amount>();
        assert!(matches!(over, Err(Invalid::AmountTooLarge(_))));
    }

    #[test]
    fn minor_units_come_back_from_an_item_and_from_nowhere_else() {
        for minor in [0, 125, u128::MAX] {
            let amount = Amount::of_minor_units(minor);
            let json = serde_json::to_string(&amount).unwrap();
            assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
            assert!(amount.to_string().parse::<Amount>().is_err());
        }
        for bad in [
            "1.5 minor units",
            " minor units",
            "01 minor units",
            "-1 minor units",
        ] {
            assert!(serde_json::from_str::<Amount>(&alloc::format!("\"{bad}\"")).is_err());
        }
    }

    #[test]
    fn fitting_to_an_asset_never_rounds() {
        let amount: Amount = "12.50".parse().unwrap();
        assert_eq!(amount.to_minor(2), Ok(1250));
        assert_eq!(amount.to_minor(3), Ok(12_500));
        assert_eq!(amount.to_minor(1), Err(AmountUnfit::Precision));
        let large: Amount = "79228162514264337593543950335".parse().unwrap();
        assert_eq!(large.to_minor(0), Ok(MINOR_MAX));
        assert_eq!(large.to_minor(1), Err(AmountUnfit::TooLarge));
        assert_eq!(print_minor(-5, 2), "-0.05");
        let wide = i128::MAX;
        assert_eq!(
            print_minor(wide, 2),
            "1701411834604692317316873037158841057.27"
        );
        assert_eq!(print_minor(-wide, 0), format!("-{wide}"));
        assert_eq!(
            print_wide(i128::MIN, 40),
            "-0.0170141183460469231731687303715884105728"
        );
        // Both ways of printing agree wherever both can.
        let (most, above) = (i128::from(u64::MAX), i128::from(u64::MAX) + 1);
        for minor in [
            0,
            1,
            7,
            10,
            99,
            100,
            12_345,
            most - 1,
            most,
            above,
            i128::MAX,
        ] {
            for scale in 0..=28 {
                for minor in [minor, -minor] {
                    let printed = print_minor(minor, scale);
                    assert_eq!(printed, print_wide(minor, scale));
                    if let Ok(value) = Decimal::try_from_i128_with_scale(minor, scale.into()) {
                        assert_eq!(printed, value.to_string());
                    }
                }
            }
        }
    }
}
