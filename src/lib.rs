//! Quittance: a settlement node.
#![cfg_attr(not(feature = "node"), no_std)]
extern crate alloc;

#[cfg(feature = "node")]
pub mod api;
pub mod assets;
#[cfg(feature = "node")]
pub mod audit;
#[cfg(feature = "node")]
pub mod backup;
#[cfg(feature = "node")]
pub mod bench;
#[cfg(feature = "node")]
pub mod cli;
#[cfg(feature = "node")]
pub mod client;
#[cfg(feature = "node")]
pub mod clock;
#[cfg(feature = "node")]
pub mod config;
pub mod ledger;
pub mod limits;
#[cfg(feature = "node")]
pub mod node;
#[cfg(feature = "node")]
pub mod store;
#[cfg(feature = "node")]
pub mod telemetry;
pub mod wire;
#[cfg(feature = "node")]
pub mod witness;
