//! Fuzz targets: one test for each parser of the crate, and for each check that a stranger relies
//! on.
//!
//! Inputs are mostly valid examples that the engine's random bytes have changed: flipped, cut,
//! swapped, spliced. What a parser accepts must print as the very bytes that it read; what it
//! allocates on the way is bounded by the length of the input; what was changed is never believed.
//!
//! As part of `cargo test` each target runs [`kit::RUNS`] inputs. `QUITTANCE_FUZZ_S=600` runs each
//! for ten minutes. A failure prints a seed; `BOLERO_RANDOM_SEED` and the target's name repeat it.

#![expect(clippy::unwrap_used, reason = "whatever fails, fails its test")]

#[path = "../common/mod.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests that run the vectors, which read more of them"
)]
mod common;
mod completeness;
mod cosigners;
mod items;
mod kit;
mod limits;
mod mutate;
mod proofs;
mod records;
mod statements;
mod texts;
