//! Fault injection: power cuts, killed processes, damaged files. A binary of its own, because these
//! tests take seconds where the others take milliseconds.
//!
//! What a client was told is kept as evidence outside the node, and afterwards compared with what
//! the node still says: `evidence` collects and compares, `model` is a ledger of one map.
#![expect(
    clippy::unwrap_used,
    reason = "the lint spares test functions, not their helpers"
)]
#![expect(
    clippy::print_stdout,
    reason = "a failed run must name its seed, and what was not run must be said"
)]

mod clocks;
mod crowd;
mod cutstore;
mod erasure;
mod errors;
mod evidence;
mod founding;
mod image;
mod kill;
#[expect(
    dead_code,
    reason = "written for the other test binary, shared as far as it goes"
)]
#[path = "../it/kit.rs"]
mod kit;
mod load;
mod model;
mod points;
mod power;
mod process;
mod recovery;
mod recovery_doctor;
mod recovery_rebuild;
mod recovery_rows;
mod recovery_store;
mod replays;
mod rich;
mod second;
mod site;
mod soak;
mod space;
mod tamper;
mod world;

use std::path::Path;

/// SplitMix64: small, seeded, good enough to throw dice with.
#[derive(Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 to `sides` - 1.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// Whether the long form was asked for: `QUITTANCE_SLOW=1`.
pub(crate) fn slow() -> bool {
    std::env::var_os("QUITTANCE_SLOW").is_some_and(|value| value == "1")
}

/// A fresh folder for the files of one test, on the disk that holds the build (`/tmp` may be
/// memory, which knows no power cut).
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap()
}
