//! **The reference module: copy this one.** Fiat currencies by ISO 4217 alphabetic code.
//!
//! An id is three capital letters (`USD`); the scale is the official minor unit (JPY 0, KWD 3).
//! Withdrawn codes are described for ever, as historic: whether an account may still be opened in
//! one is the ledger's rule, not the module's. Metals and units of account without a minor unit
//! are refused, as there is no integer to count them in. XTS, the code reserved for tests, exists
//! in sandboxes only and has two places there.

use alloc::borrow::Cow;

use super::iso4217::{self, Unit};
use crate::ledger::module::{AssetDescription, AssetModule, AssetRefusal, Mode};

/// The module `fiat`, version 1: the edition [`iso4217::EDITION`].
#[derive(Clone, Copy, Debug)]
pub struct Fiat;

impl AssetModule for Fiat {
    fn name(&self) -> &'static str {
        "fiat"
    }

    fn version(&self) -> u16 {
        1
    }

    fn describe(&self, asset_id: &str, mode: Mode) -> Result<AssetDescription, AssetRefusal> {
        if asset_id.len() != 3 || !asset_id.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(AssetRefusal::Malformed);
        }
        let currency = iso4217::find(asset_id).ok_or(AssetRefusal::Unknown)?;
        let (scale, sandbox_only) = match currency.unit {
            Unit::Places(scale) => (scale, false),
            Unit::Test(_) if mode == Mode::Live => return Err(AssetRefusal::SandboxOnly),
            Unit::Test(scale) => (scale, true),
            Unit::NoUnit => return Err(AssetRefusal::NoMinorUnit),
            Unit::NotMoney => return Err(AssetRefusal::NotMoney),
        };
        Ok(AssetDescription {
            scale,
            historic: currency.withdrawn.is_some(),
            sandbox_only,
            name: Cow::Borrowed(currency.name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_by_the_table() {
        let scale = |id| {
            Fiat.describe(id, Mode::Live)
                .map(|asset| (asset.scale, asset.historic))
        };
        assert_eq!(scale("USD"), Ok((2, false)));
        assert_eq!(scale("JPY"), Ok((0, false)));
        assert_eq!(scale("KWD"), Ok((3, false)));
        assert_eq!(scale("CLF"), Ok((4, false)));
        assert_eq!(scale("HRK"), Ok((2, true)));
        assert_eq!(scale("ITL"), Ok((0, true)));
        assert_eq!(scale("XAU"), Err(AssetRefusal::NoMinorUnit));
        assert_eq!(scale("XXX"), Err(AssetRefusal::NotMoney));
        assert_eq!(scale("XTS"), Err(AssetRefusal::SandboxOnly));
        assert_eq!(scale("ABC"), Err(AssetRefusal::Unknown));
        assert_eq!(scale("usd"), Err(AssetRefusal::Malformed));
    }
}
