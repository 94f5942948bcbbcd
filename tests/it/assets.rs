//! Every registered asset module passes the conformance kit, and our ISO 4217 table agrees with an
//! independent one.

use iso_currency::{Currency, Flag, IntoEnumIterator};
use quittance::assets::iso4217::{self, Unit};
use quittance::assets::suite::{self, Samples};
use quittance::assets::{MODULES, modules};
use quittance::ledger::module::{AssetDescription, AssetModule, AssetRefusal, Mode};

/// The samples for one module; a new module adds its arm here.
fn samples(name: &str) -> Samples<'static> {
    match name {
        "fiat" => Samples {
            live: &[
                ("EUR", 2, false),
                ("USD", 2, false),
                ("JPY", 0, false),
                ("KWD", 3, false),
                ("UYW", 4, false),
                ("XCG", 2, false),
                ("ANG", 2, true),
                ("BGN", 2, true),
                ("CUC", 2, true),
                ("DEM", 2, true),
                ("FRF", 2, true),
                ("HRK", 2, true),
                ("ITL", 0, true),
                ("SLL", 2, true),
                ("VEF", 2, true),
                ("ZWL", 2, true),
            ],
            sandbox_only: &["XTS"],
            refused: &[
                ("XAU", AssetRefusal::NoMinorUnit),
                ("XDR", AssetRefusal::NoMinorUnit),
                ("XFU", AssetRefusal::NoMinorUnit),
                ("XXX", AssetRefusal::NotMoney),
                ("QQQ", AssetRefusal::Unknown),
                ("US", AssetRefusal::Malformed),
            ],
        },
        other => panic!("module {other} has no samples: add an arm"),
    }
}

#[test]
fn every_module_conforms() {
    for module in MODULES {
        assert_eq!(suite::check(*module, &samples(module.name())), []);
    }
}

#[test]
fn the_registry_has_each_name_and_version_once() {
    for (at, module) in MODULES.iter().enumerate() {
        let key = (module.name(), module.version());
        assert!(
            MODULES
                .iter()
                .skip(at + 1)
                .all(|other| (other.name(), other.version()) != key)
        );
        assert!(modules().at(key.0, key.1).is_some());
    }
    assert_eq!(modules().newest("fiat").map(AssetModule::version), Some(1));
}

/// A module that breaks promises in ways that a careless author might.
struct Careless;

impl AssetModule for Careless {
    fn name(&self) -> &'static str {
        "Careless"
    }

    fn version(&self) -> u16 {
        0
    }

    fn describe(&self, asset_id: &str, _: Mode) -> Result<AssetDescription, AssetRefusal> {
        let known = asset_id.trim().eq_ignore_ascii_case("AAA");
        let name = "A\nA".into();
        let asset = AssetDescription {
            scale: 19,
            historic: false,
            sandbox_only: false,
            name,
        };
        if known {
            Ok(asset)
        } else {
            Err(AssetRefusal::Unknown)
        }
    }
}

#[test]
fn the_kit_notices_what_a_careless_module_breaks() {
    let samples = Samples {
        live: &[("AAA", 2, false)],
        sandbox_only: &["AAA"],
        refused: &[("BBB", AssetRefusal::NotMoney)],
    };
    let broken = suite::check(&Careless, &samples);
    for rule in [
        "the name is 1 to 16 small letters and digits",
        "versions start at 1",
        "a live asset is described alike in both modes",
        "a sandbox asset is refused in live mode",
        "a sandbox asset is described as such",
        "the scale is at most 18",
        "the name is one line of 1 to 140 bytes",
        "an asset has exactly one spelling",
        "an unusable id is refused for its own reason",
    ] {
        assert!(
            broken.iter().any(|entry| entry.rule == rule),
            "not noticed: {rule}"
        );
    }
}

/// Codes where the crate `iso_currency` and the standard's lists differ, and why we side with the
/// lists. The test fails when an entry is no longer needed.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "VES",
        "the crate calls it superseded by VED; List One carries both, side by side",
    ),
    (
        "XTS",
        "the standard gives no minor unit; sandboxes need one and ours is two places",
    ),
];

/// (numeric code, decimal places, historic), as our table has it.
fn ours(code: &str) -> Option<(Option<u16>, Option<u16>, bool)> {
    let row = iso4217::find(code)?;
    let places = match row.unit {
        Unit::Places(places) | Unit::Test(places) => Some(u16::from(places)),
        Unit::NoUnit | Unit::NotMoney => None,
    };
    Some((row.numeric, places, row.withdrawn.is_some()))
}

#[test]
fn the_table_agrees_with_an_independent_one() {
    let mut compared = 0;
    for currency in Currency::iter() {
        let code = currency.code();
        let historic = currency
            .flags()
            .iter()
            .any(|flag| matches!(flag, Flag::Superseded(_)));
        let theirs = Some((Some(currency.numeric()), currency.exponent(), historic));
        if EXCEPTIONS.iter().any(|(exception, _)| *exception == code) {
            assert_ne!(ours(code), theirs, "{code} needs no exception any more");
        } else {
            assert_eq!(ours(code), theirs, "{code}: (numeric, places, historic)");
        }
        compared += 1;
    }
    assert!(compared >= 178, "the crate lists {compared} codes only");
}

#[test]
fn no_active_code_is_missing_from_the_independent_table() {
    for row in iso4217::ACTIVE {
        assert!(
            Currency::from_code(row.code).is_some(),
            "{} is in our list only",
            row.code
        );
    }
}

#[test]
fn withdrawn_codes_are_kept_with_their_dates() {
    let month = |code| {
        iso4217::find(code)
            .and_then(|row| row.withdrawn)
            .map(|m| (m.year, m.month))
    };
    assert_eq!(month("ANG"), Some((2025, 3)));
    assert_eq!(month("HRK"), Some((2023, 1)));
    assert_eq!(month("BGN"), Some((2026, 1)));
    assert_eq!(month("DEM"), Some((2002, 3)));
    assert_eq!(month("ZWL"), Some((2024, 9)));
    assert_eq!(month("EUR"), None);
    assert!(iso4217::HISTORIC.len() >= 125);
}
