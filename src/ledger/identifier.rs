//! By what the world knows a participant: its BIC (ISO 9362) and its LEI (ISO 17442).

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::invalid::Invalid;

/// The branch that a BIC of eight characters stands for.
const HEAD_OFFICE: &str = "XXX";

/// A business identifier code (ISO 9362): four characters of the party, two letters of its country,
/// two of its place, and perhaps three of a branch. The form is that of ISO 20022
/// (`BICFIDec2014Identifier`); whether it is registered anywhere, no form can tell.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bic(CompactString);

/// A legal entity identifier (ISO 17442): eighteen capital letters and digits, and two check digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lei(CompactString);

impl Bic {
    /// Checks the form.
    ///
    /// # Errors
    /// [`Invalid::Bic`].
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let sound = |(n, b): (usize, u8)| match n {
            4 | 5 => b.is_ascii_uppercase(),
            _ => is_character(b),
        };
        match matches!(text.len(), 8 | 11) && text.bytes().enumerate().all(sound) {
            true => Ok(Self(CompactString::from(text))),
            false => Err(Invalid::Bic(cut(text))),
        }
    }

    /// The text, as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name one party and branch: without a branch it is the head office, as `XXX` is.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let full = |bic: &Self| {
            let (party, branch) = bic.0.split_at(8);
            let branch = if branch.is_empty() {
                HEAD_OFFICE
            } else {
                branch
            };
            (CompactString::from(party), CompactString::from(branch))
        };
        full(self) == full(other)
    }
}

impl Lei {
    /// Checks the form and the check digits.
    ///
    /// # Errors
    /// [`Invalid::Lei`].
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let sound = |(n, b): (usize, u8)| match n {
            18 | 19 => b.is_ascii_digit(),
            _ => is_character(b),
        };
        let formed = text.len() == 20 && text.bytes().enumerate().all(sound);
        // The digits are worked out as 98 less a remainder: 00, 01 and 99 never come of that.
        let made = text.get(18..).is_some_and(|digits| {
            let digits = digits.parse::<u8>();
            digits.is_ok_and(|digits| (2..=98).contains(&digits))
        });
        match formed && made && remainder(text) == 1 {
            true => Ok(Self(CompactString::from(text))),
            false => Err(Invalid::Lei(cut(text))),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Capital letters and digits, each as its number (A is 10), one behind the other, modulo 97: ISO 7064
/// MOD 97-10, in which a sound identifier leaves 1.
fn remainder(text: &str) -> u32 {
    text.bytes().fold(0, |remainder: u32, b| {
        let number = char::from(b).to_digit(36).unwrap_or(0);
        let base = if number < 10 { 10 } else { 100 };
        // Below 97 * 100 + 36.
        remainder.saturating_mul(base).saturating_add(number) % 97
    })
}

const fn is_character(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

macro_rules! as_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = CompactString::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(Bic);
as_text!(Lei);

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test may panic")]

    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_bic_has_the_form_of_iso_9362() {
        for good in ["DEUTDEFF", "DEUTDEFF500", "E097AEXXXXX", "7FKNUS33"] {
            assert_eq!(Bic::new(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "DEUTDEF",
            "DEUTDEFF5",
            "DEUTDEFF50",
            "DEUTDEFF5000",
            "deutdeff",
            "DEUT1EFF",
            "DEUTD1FF",
            "DEUTDEF-",
            "DEUTDEFÄ",
            "DEUTDEFF 00",
        ] {
            assert!(Bic::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_branch_it_is_the_head_office() {
        let [plain, head, branch] =
            ["DEUTDEFF", "DEUTDEFFXXX", "DEUTDEFF500"].map(|text| Bic::new(text).unwrap());
        assert!(plain.is_same(&head) && head.is_same(&plain) && plain.is_same(&plain));
        assert!(!plain.is_same(&branch) && !branch.is_same(&head));
        assert_ne!(plain, head);
    }

    /// Those of GLEIF, Deutsche Bank and Apple, as they are published.
    const PUBLISHED: [&str; 3] = [
        "506700GE1G29325QX363",
        "7LTWFZYICNSX8D621K86",
        "HWUPKR0MPOU8FGXBT394",
    ];

    #[test]
    fn an_lei_has_its_check_digits() {
        for good in PUBLISHED {
            assert_eq!(Lei::new(good).unwrap().to_string(), good);
            // A digit for a digit and a letter for a letter are always told, and so are two of a kind
            // that changed places; a letter for a digit mostly is.
            for n in 0..20 {
                let is_digit = good.as_bytes()[n].is_ascii_digit();
                for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".bytes() {
                    if other.is_ascii_digit() != is_digit {
                        continue;
                    }
                    let mut bytes = good.as_bytes().to_vec();
                    let before = core::mem::replace(&mut bytes[n], other);
                    let changed = String::from_utf8(bytes).unwrap();
                    assert_eq!(Lei::new(&changed).is_ok(), before == other, "{changed}");
                }
                let mut bytes = good.as_bytes().to_vec();
                let of_a_kind = n < 19 && bytes[n + 1].is_ascii_digit() == is_digit;
                if of_a_kind && bytes[n] != bytes[n + 1] {
                    bytes.swap(n, n + 1);
                    let swapped = String::from_utf8(bytes).unwrap();
                    assert!(Lei::new(&swapped).is_err(), "{swapped}");
                }
            }
        }
        for bad in [
            "",
            "506700GE1G29325QX36",
            "506700GE1G29325QX3633",
            "506700ge1g29325qx363",
            "506700GE1G29325QX3Ä",
        ] {
            assert!(Lei::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn check_digits_that_nobody_makes_are_none() {
        // 97 leaves what 00 leaves, 98 what 01 leaves, 02 what 99 leaves.
        let mut met = 0;
        for n in 0..100_000u32 {
            let stem = alloc::format!("{n:0>18}");
            let sound: alloc::vec::Vec<u32> = (0..100)
                .filter(|digits| Lei::new(&alloc::format!("{stem}{digits:0>2}")).is_ok())
                .collect();
            let [one] = sound[..] else {
                panic!("{stem}: {sound:?}")
            };
            met += u32::from(matches!(one, 2 | 97 | 98));
            if n > 2_000 && met > 10 {
                return;
            }
        }
        panic!("such digits are not that rare");
    }
}
