//! What all targets share: how long they run, what a parser may cost, what it must give back.

use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use allocation_counter::measure;
use bolero::{BorrowedInput, ByteSliceGenerator, DefaultEngine, TestTarget, produce};

use crate::mutate::{Corpus, Script};

/// Inputs that a target tries when nobody says how long it shall run.
pub(crate) const RUNS: usize = 5_000;
/// Random bytes for one input: enough for a chain of changes, or for the fields of a made value.
const SCRIPT_BYTES_MAX: usize = 256;

/// A target before it has a check: what `bolero::check!()` makes.
pub(crate) type Target = TestTarget<ByteSliceGenerator, DefaultEngine, BorrowedInput>;

/// Runs `check` on random bytes: [`RUNS`] times, or for `QUITTANCE_FUZZ_S` seconds.
pub(crate) fn fuzz(target: Target, mut check: impl FnMut(&mut Script<'_>) + RefUnwindSafe) {
    let target = match std::env::var("QUITTANCE_FUZZ_S") {
        Ok(seconds) => target.with_test_time(Duration::from_secs(seconds.parse().unwrap())),
        Err(_) => target.with_iterations(RUNS),
    };
    let bytes = produce::<Vec<u8>>().with().len(0..=SCRIPT_BYTES_MAX);
    let target = target.with_generator(bytes);
    target.for_each(|bytes: &Vec<u8>| check(&mut Script::new(bytes)));
}

/// Fuzzes a parser of bytes. `reprint` gives what the printer writes, or `None` for a refusal.
pub(crate) fn bytes(target: Target, corpus: &Corpus, reprint: fn(&[u8]) -> Option<Vec<u8>>) {
    expect_good(corpus, reprint);
    fuzz(target, |script| canonical(&corpus.input(script), reprint));
}

/// Fuzzes a parser of text.
pub(crate) fn text(target: Target, corpus: &Corpus, reprint: fn(&str) -> Option<String>) {
    expect_good_text(corpus, reprint);
    fuzz(target, |script| {
        canonical_text(&corpus.text(script), reprint)
    });
}

/// Every valid example is accepted and prints as itself.
pub(crate) fn expect_good(corpus: &Corpus, reprint: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    for good in &corpus.good {
        assert_eq!(reprint(good).as_ref(), Some(good));
    }
}

pub(crate) fn expect_good_text(corpus: &Corpus, reprint: fn(&str) -> Option<String>) {
    expect_good(corpus, |good| {
        reprint(str::from_utf8(good).unwrap()).map(String::into_bytes)
    });
}

/// What is accepted prints as what was read.
pub(crate) fn canonical(input: &[u8], reprint: fn(&[u8]) -> Option<Vec<u8>>) {
    if let Some(printed) = reprint(input) {
        assert_eq!(printed, input);
    }
}

pub(crate) fn canonical_text(input: &str, reprint: fn(&str) -> Option<String>) {
    if let Some(printed) = reprint(input) {
        assert_eq!(printed, input);
    }
}

/// Parses, and checks the cost: at most 16 bytes of memory at any time for each byte of input.
///
/// A refusal must have words; what they say is not looked at.
pub(crate) fn metered<T, E: std::fmt::Display>(
    input: &[u8],
    parse: impl FnOnce() -> Result<T, E>,
) -> Option<T> {
    let mut outcome = None;
    let used = measure(|| outcome = Some(catch_unwind(AssertUnwindSafe(parse))));
    match outcome.unwrap() {
        Err(panic) => resume_unwind(panic),
        Ok(parsed) => {
            let limit = 16 * input.len() as u64 + 256;
            assert!(used.bytes_max <= limit, "{} bytes: {used:?}", input.len());
            parsed
                .inspect_err(|refusal| assert!(!refusal.to_string().is_empty()))
                .ok()
        }
    }
}
