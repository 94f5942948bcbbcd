//! Every parser of the crate on bytes that nobody meant: what is taken is written back the same, and
//! nothing panics.
//!
//! Plain tests with a bounded number of inputs; for as long as one likes with
//!
//! ```sh
//! BOLERO_RANDOM_ITERATIONS=1000000000 BOLERO_RANDOM_TEST_TIME_MS=600000 \
//!     cargo test --release -p quittance-chain --test fuzz
//! ```
//!
//! An input that fails is printed with its seed (`BOLERO_RANDOM_SEED`).

#![expect(
    clippy::unwrap_used,
    reason = "a parser that does not write back what it read fails its test"
)]

mod binary;
mod proofs;
mod seeds;
mod texts;

/// Inputs of a plain run; a time or a number in the environment wins.
const ITERATIONS: usize = 3_000;

/// Declares a target: a test that hands `$parse` raw bytes, and good examples that were spoilt.
/// `$parse` gives whether it took them, and panics if it took them wrongly.
macro_rules! target {
    ($name:ident, $parse:expr) => {
        #[test]
        fn $name() {
            let good = crate::seeds::that(&$parse);
            assert!(!good.is_empty(), "no example is taken");
            bolero::check!()
                .with_iterations(crate::ITERATIONS)
                .for_each(|input: &[u8]| {
                    $parse(input);
                    $parse(&crate::seeds::spoilt(&good, input));
                });
        }
    };
}
pub(crate) use target;
