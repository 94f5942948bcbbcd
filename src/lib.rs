//! Quittance: a settlement node.
#![cfg_attr(not(feature = "node"), no_std)]
extern crate alloc;

pub mod assets;
pub mod ledger;
pub mod limits;
pub mod wire;
