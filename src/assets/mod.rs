//! The asset modules, and the one list of them.
//!
//! To add a module: copy [`fiat`], pass [`suite`] in `tests/it/assets.rs`, append it to
//! [`MODULES`]. A module that stands in a release is never changed in what it answers and never
//! removed; a new edition is a new version beside it (see [`crate::ledger::module`]).
//!
//! `node.toml` switches modules on for *admission* (`[assets.fiat] enabled`); the list here is what
//! replay knows, whatever the configuration says.
#![warn(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing
)]

pub mod fiat;
pub mod iso4217;
pub mod suite;

use crate::ledger::module::{AssetModule, Modules};

/// Every module of this build.
pub static MODULES: &[&dyn AssetModule] = &[&fiat::Fiat];

/// The list in the shape in which the ledger takes it.
pub fn modules() -> Modules<'static> {
    Modules::new(MODULES)
}
