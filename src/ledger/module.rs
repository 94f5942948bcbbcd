//! The plug for assets: what the ledger asks a module, and nothing else.
//!
//! ```text
//!   ledger ── owns ──▶ trait AssetModule ◀── implements ── assets::fiat, ...
//!     ▲                                                         │
//!     └────────────── is handed Modules (the list) ◀────────────┘
//! ```
//!
//! The ledger never names a module and a module never writes a posting: it *describes* assets.
//! A description is asked for once, when `add_asset` is applied, and what the ledger keeps of it is
//! state from then on.
//!
//! **Determinism.** Replaying a log must give the answer of the day it was written, on any later
//! build. So one (name, version) pair means the same answers for ever: a module whose table
//! changes gets a new version and stays registered under the old one ([`Modules::at`]).

use alloc::borrow::Cow;
use core::fmt;
use core::str::FromStr;

/// The largest scale an asset may have: 18 decimal places, as the finest tokens do.
pub const SCALE_MAX: u8 = 18;

/// Whether a log settles real obligations. It is part of the genesis item and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Real money: sandbox conveniences are refused.
    Live,
    /// A place to try things: the test currency exists, keys may lie beside their passphrase.
    Sandbox,
}

impl Mode {
    /// The byte that stands for the mode in the genesis item.
    pub const fn code(self) -> u8 {
        match self {
            Mode::Live => 0,
            Mode::Sandbox => 1,
        }
    }

    /// Reads the byte that [`Mode::code`] writes; `None` for every other byte.
    pub const fn from_code(code: u8) -> Option<Mode> {
        match code {
            0 => Some(Mode::Live),
            1 => Some(Mode::Sandbox),
            _ => None,
        }
    }

    /// The word in `node.toml`, in `GET /v1/log` and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Live => "live",
            Mode::Sandbox => "sandbox",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(text: &str) -> Result<Mode, ModeError> {
        match text {
            "live" => Ok(Mode::Live),
            "sandbox" => Ok(Mode::Sandbox),
            _ => Err(ModeError),
        }
    }
}

/// The text is no [`Mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a mode is \"live\" or \"sandbox\"")]
pub struct ModeError;

/// What a module says about one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetDescription {
    /// Decimal places between the unit people name and the unit the ledger counts (USD 2, JPY 0).
    pub scale: u8,
    /// True when the asset was withdrawn from circulation by the edition the module stands for.
    pub historic: bool,
    /// True when the asset exists in sandboxes only.
    pub sandbox_only: bool,
    /// The asset's name in English, for people.
    pub name: Cow<'static, str>,
}

/// Why a module does not describe an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AssetRefusal {
    /// The text does not have the shape of this module's ids.
    #[error("the text is no asset id of this module")]
    Malformed,
    /// The shape is right, but no such asset is in the module's edition.
    #[error("no such asset is known to this module")]
    Unknown,
    /// The id stands for something that is not a means of payment (the "no currency" code).
    #[error("the code stands for no currency")]
    NotMoney,
    /// The asset has no minor unit (metals, bond market units), so no amount of it can be counted.
    #[error("the asset has no minor unit and cannot be settled in")]
    NoMinorUnit,
    /// The asset exists in sandboxes only and the log is live.
    #[error("the asset exists in sandboxes only")]
    SandboxOnly,
}

/// A family of assets: fiat currencies, the tokens of one chain, ...
///
/// Answers depend on the arguments alone: no clock, no file, no network, no configuration.
pub trait AssetModule: Sync {
    /// The module's name in `add_asset` and in `node.toml`: `[a-z0-9]{1,16}`.
    fn name(&self) -> &'static str;

    /// The version of the answers, logged beside the asset. Different answers, different version.
    fn version(&self) -> u16;

    /// Describes the asset `asset_id`, as it may be used in a log of this mode.
    ///
    /// # Errors
    /// The reason why no account can be held in it.
    fn describe(&self, asset_id: &str, mode: Mode) -> Result<AssetDescription, AssetRefusal>;
}

/// The modules a node knows, handed to the ledger as a plain list.
#[derive(Clone, Copy)]
pub struct Modules<'a>(&'a [&'a dyn AssetModule]);

impl<'a> Modules<'a> {
    /// Wraps a list. Where two modules have the same name, their versions differ.
    pub const fn new(modules: &'a [&'a dyn AssetModule]) -> Modules<'a> {
        Modules(modules)
    }

    /// The newest version of the module with this name.
    pub fn newest(&self, name: &str) -> Option<&'a dyn AssetModule> {
        self.iter()
            .filter(|module| module.name() == name)
            .max_by_key(|module| module.version())
    }

    /// The module with exactly this name and version: what replay of an old entry asks for.
    pub fn at(&self, name: &str, version: u16) -> Option<&'a dyn AssetModule> {
        self.iter()
            .find(|module| module.name() == name && module.version() == version)
    }

    /// All modules, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &'a dyn AssetModule> + use<'a> {
        self.0.iter().copied()
    }
}

impl fmt::Debug for Modules<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|module| (module.name(), module.version())))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Toy(u16);

    impl AssetModule for Toy {
        fn name(&self) -> &'static str {
            "toy"
        }

        fn version(&self) -> u16 {
            self.0
        }

        fn describe(&self, _: &str, _: Mode) -> Result<AssetDescription, AssetRefusal> {
            Err(AssetRefusal::Unknown)
        }
    }

    #[test]
    fn a_mode_is_printed_as_it_is_parsed() {
        for mode in [Mode::Live, Mode::Sandbox] {
            assert_eq!(mode.as_str().parse(), Ok(mode));
            assert_eq!(Mode::from_code(mode.code()), Some(mode));
        }
        assert_eq!("Live".parse::<Mode>(), Err(ModeError));
        assert_eq!(Mode::from_code(2), None);
    }

    #[test]
    fn old_versions_stay_reachable() {
        let list: [&dyn AssetModule; 2] = [&Toy(2), &Toy(1)];
        let modules = Modules::new(&list);
        assert_eq!(modules.newest("toy").map(AssetModule::version), Some(2));
        assert_eq!(modules.at("toy", 1).map(AssetModule::version), Some(1));
        assert!(modules.at("toy", 3).is_none());
        assert!(modules.newest("fiat").is_none());
    }
}
