//! Integration tests: one binary, one module a subject.
#![expect(
    clippy::unwrap_used,
    reason = "the lint spares test functions, not their helpers"
)]

mod assets;
mod config;
mod kit;
mod ledger_model;
mod ledger_tables;
mod ledger_world;
mod node;
mod store;
mod store_wal;
