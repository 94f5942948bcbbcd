//! What of a run that fails is enough to fail.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use super::{MESSAGES, run};

/// How a run is made: which of its messages are left out, and whether it tells the others.
#[derive(Default)]
pub(super) struct Trial {
    pub(super) left_out: BTreeSet<u32>,
    pub(super) tells: bool,
}

/// For whoever reads why a test failed.
#[expect(
    clippy::print_stdout,
    reason = "a test that fails shows what it printed"
)]
pub(super) fn tell(words: &str) {
    println!("{words}");
}

/// Messages that may be left out, so that it still fails: parts of the list, by halves down to single
/// ones.
fn needless(fails: impl Fn(&BTreeSet<u32>) -> bool) -> BTreeSet<u32> {
    let mut left_out = BTreeSet::new();
    let mut part = MESSAGES / 2;
    while part > 0 {
        for start in (0..MESSAGES).step_by(part as usize) {
            let mut more = left_out.clone();
            more.extend(start..(start + part).min(MESSAGES));
            if more.len() > left_out.len() && fails(&more) {
                left_out = more;
            }
        }
        part /= 2;
    }
    left_out
}

/// Runs a seed; if it fails, again with as few messages as it takes, and tells these.
pub(super) fn checked(seed: u64, fast: bool) -> (BTreeSet<&'static str>, u64) {
    let trial = Trial::default();
    if let Ok(done) = catch_unwind(AssertUnwindSafe(|| run(seed, fast, &trial))) {
        return done;
    }
    // What fails on the way is not told.
    let hook = take_hook();
    set_hook(Box::new(|_| ()));
    let left_out = needless(|left_out| {
        let trial = Trial {
            left_out: left_out.clone(),
            tells: false,
        };
        catch_unwind(AssertUnwindSafe(|| run(seed, fast, &trial))).is_err()
    });
    set_hook(hook);
    tell(&format!("seed {seed} fails by these messages alone:"));
    let trial = Trial {
        left_out,
        tells: true,
    };
    run(seed, fast, &trial)
}

#[test]
fn what_fails_is_shrunk_to_what_it_takes() {
    let both = |left_out: &BTreeSet<u32>| !left_out.contains(&3) && !left_out.contains(&71);
    let left_out = needless(both);
    let kept: Vec<u32> = (0..MESSAGES).filter(|n| !left_out.contains(n)).collect();
    assert_eq!(kept, [3, 71]);
    // A run of fewer messages is a run: a hold that is voided takes two of them, or one.
    let voids = |seed: u64, left_out: &BTreeSet<u32>| {
        let trial = Trial {
            left_out: left_out.clone(),
            tells: false,
        };
        run(seed, true, &trial).0.contains("VOIDED")
    };
    let seed = (0..50).find(|seed| voids(*seed, &BTreeSet::new())).unwrap();
    let left_out = needless(|left_out| voids(seed, left_out));
    assert!(voids(seed, &left_out));
    let kept = MESSAGES as usize - left_out.len();
    assert!((1..=6).contains(&kept), "{kept}");
}
