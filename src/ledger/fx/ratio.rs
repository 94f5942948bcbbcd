//! Exact rationals, and the one rounding of a conversion.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use chain::Residue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ledger::amount::MINOR_MAX;
use crate::ledger::invalid::Invalid;

/// Most digits of a numerator or a denominator, so that both are below 2^64.
const DIGITS_MAX: usize = 19;

/// A price: so many units of one asset for so many of another, `"108345/100000"`. Neither is zero.
/// It keeps the form that it was typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    numerator: u64,
    denominator: u64,
}

/// A price: so many units of one asset for so many of another, `"108345/100000"`. Neither is zero.
/// It keeps the form that it was typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio(Parts);

impl Ratio {
    /// The numerator, at least 1.
    #[must_use]
    pub const fn numerator(self) -> u64 {
        self.0.numerator
    }

    /// The denominator, at least 1.
    #[must_use]
    pub const fn denominator(self) -> u64 {
        self.0.denominator
    }

    /// The price the other way round.
    #[must_use]
    pub const fn inverse(self) -> Self {
        Self(Parts {
            numerator: self.0.denominator,
            denominator: self.0.numerator,
        })
    }

    /// Compares the values, not the forms.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let product = |a: u64, b: u64| u128::from(a).wrapping_mul(u128::from(b));
        let left = product(self.numerator(), other.denominator());
        left.cmp(&product(other.numerator(), self.denominator()))
    }

    /// The factor from minor units of the one asset, with `from` decimal places, to those of the
    /// other, with `to` of them: both below 2^124.
    pub(super) fn factor(self, from: u8, to: u8) -> (u128, u128) {
        // Scales are at most 18, so no power is above 10^18.
        let power = |places: u8| 10u128.saturating_pow(u32::from(places));
        let up = power(to.saturating_sub(from));
        let down = power(from.saturating_sub(to));
        (
            u128::from(self.numerator()).wrapping_mul(up),
            u128::from(self.denominator()).wrapping_mul(down),
        )
    }
}

/// Which way the amount that is not fixed is rounded: always against who converts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    /// Down: it is what is received.
    Down,
    /// Up: it is what is paid.
    Up,
}

/// `amount * factor`, rounded once to a whole number of minor units, and what lies between it and the
/// exact value; `None` above 2^96 - 1.
pub(super) fn exchange(
    amount: u128,
    (multiply, divide): (u128, u128),
    rounding: Rounding,
) -> Option<(u128, Residue)> {
    let (quotient, rest) = divided(product(amount, multiply), divide)?;
    let up = rounding == Rounding::Up && rest > 0;
    let rounded = quotient.checked_add(u128::from(up))?;
    let left = if up { divide.checked_sub(rest)? } else { rest };
    let residue = Residue::new(left, divide)?;
    (rounded <= MINOR_MAX).then_some((rounded, residue))
}

/// The whole product: its upper 128 bits, then its lower ones.
fn product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low) = (a >> 64, a & LOW);
    let (b_high, b_low) = (b >> 64, b & LOW);
    // Each is a product of two numbers below 2^64: none of these wraps.
    let low = a_low.wrapping_mul(b_low);
    let middle = a_low.wrapping_mul(b_high);
    let other = a_high.wrapping_mul(b_low);
    let high = a_high.wrapping_mul(b_high);
    // Three numbers below 2^64 each.
    let carried = (low >> 64)
        .wrapping_add(middle & LOW)
        .wrapping_add(other & LOW);
    let upper = high
        .wrapping_add(middle >> 64)
        .wrapping_add(other >> 64)
        .wrapping_add(carried >> 64);
    (upper, (carried << 64) | (low & LOW))
}

/// Long division, bit by bit: quotient and rest; `None` if the quotient has more than 128 bits.
fn divided((high, mut low): (u128, u128), by: u128) -> Option<(u128, u128)> {
    if high >= by {
        return None;
    }
    let (mut quotient, mut rest) = (0u128, high);
    for _ in 0..128 {
        let carry = rest >> 127;
        rest = (rest << 1) | (low >> 127);
        low <<= 1;
        quotient <<= 1;
        if carry == 1 || rest >= by {
            rest = rest.wrapping_sub(by);
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

impl FromStr for Ratio {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Ratio(text.chars().take(64).collect::<String>());
        let part = |digits: &str| {
            let whole = (1..=DIGITS_MAX).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.starts_with('0');
            match whole {
                true => digits.parse::<u64>().map_err(|_| invalid()),
                false => Err(invalid()),
            }
        };
        let (numerator, denominator) = text.split_once('/').ok_or_else(invalid)?;
        Ok(Self(Parts {
            numerator: part(numerator)?,
            denominator: part(denominator)?,
        }))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator(), self.denominator())
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Ratio;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a price such as \"108345/100000\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Ratio, E> {
                text.parse().map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            return deserializer.deserialize_str(Visitor);
        }
        let parts = Parts::deserialize(deserializer)?;
        match parts.numerator > 0 && parts.denominator > 0 {
            true => Ok(Self(parts)),
            false => Err(serde::de::Error::custom("a price of nothing")),
        }
    }
}

#[cfg(test)]
mod tests;
