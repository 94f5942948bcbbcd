//! Conversions in leg items: at which rate or quote a leg was exchanged, and what its rounding left.

use crate::item::ItemError;

/// At which rate or quote a leg of a conversion is, and what was rounded away of its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfExchange {
    /// Id of the instruction that stated the rate, or of the quote.
    pub at: [u8; 16],
    /// What lies between the leg's amount and the exact one, in parts of a minor unit.
    pub residue: Residue,
}

/// A part of a minor unit, as a rational in lowest terms: below one, and nothing is 0/1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Residue {
    numerator: u128,
    denominator: u128,
}

impl Residue {
    /// Nothing: the amount is exact.
    pub const NONE: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// Brings a part of a minor unit into lowest terms; `None` if it is not below one.
    #[must_use]
    pub const fn new(numerator: u128, denominator: u128) -> Option<Self> {
        if numerator >= denominator {
            return None;
        }
        let divisor = gcd(denominator, numerator);
        Some(Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// Takes what is in lowest terms already.
    ///
    /// # Errors
    /// [`ItemError::Field`] if it is not, or is not below one.
    pub fn from_lowest(numerator: u128, denominator: u128) -> Result<Self, ItemError> {
        let stated = Self {
            numerator,
            denominator,
        };
        match Self::new(numerator, denominator) {
            Some(lowest) if lowest == stated => Ok(stated),
            _ => Err(ItemError::Field("residue")),
        }
    }

    /// The numerator.
    #[must_use]
    pub const fn numerator(&self) -> u128 {
        self.numerator
    }

    /// The denominator, at least 1.
    #[must_use]
    pub const fn denominator(&self) -> u128 {
        self.denominator
    }
}

/// The greatest common divisor (Euclid); `a` is not zero.
const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residue_is_below_one_and_in_lowest_terms() {
        let of = |n, d| Residue::new(n, d).map(|r| (r.numerator(), r.denominator()));
        assert_eq!(of(0, 7), Some((0, 1)));
        assert_eq!(of(6, 8), Some((3, 4)));
        assert_eq!(
            of(u128::MAX - 1, u128::MAX),
            Some((u128::MAX - 1, u128::MAX))
        );
        assert_eq!((of(1, 1), of(2, 1), of(0, 0)), (None, None, None));
        assert_eq!(Residue::from_lowest(0, 1), Ok(Residue::NONE));
        assert!(Residue::from_lowest(3, 4).is_ok());
        for (n, d) in [(6, 8), (0, 2), (1, 1), (5, 4), (0, 0), (1, 0)] {
            assert!(Residue::from_lowest(n, d).is_err(), "{n}/{d}");
        }
    }
}
