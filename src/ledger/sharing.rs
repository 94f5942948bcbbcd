//! How a sum is divided: the arithmetic of splits, and nothing else.

use alloc::vec::Vec;
use core::cmp::Reverse;

/// Divides `whole` by weights: each part is its exact share rounded down, and what is left over goes,
/// one unit each, to the parts that lost most by rounding, of equal ones to the earliest (the method
/// of the largest remainder). So the sum is exact, and each part less than one unit from its share.
///
/// `whole` is at most [`super::amount::MINOR_MAX`], and weights have 32 bits: no product has more than
/// 128. Of no weights at all there are no parts.
pub(super) fn by_weight(whole: u128, weights: &[u32]) -> Vec<u128> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let share = |weight: &u32| {
        let product = whole.saturating_mul(u128::from(*weight));
        let part = product.checked_div(sum).unwrap_or(0);
        (part, product.checked_rem(sum).unwrap_or(0))
    };
    let shares: Vec<(u128, u128)> = weights.iter().map(share).collect();
    let given = shares.iter().map(|(part, _)| *part);
    let left = whole.saturating_sub(given.fold(0, u128::saturating_add));
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    let mut order: Vec<usize> = (0..shares.len()).collect();
    let lost = |n: &usize| shares.get(*n).map_or(0, |(_, lost)| *lost);
    order.sort_by_key(|n| (Reverse(lost(n)), *n));
    let mut parts: Vec<u128> = shares.iter().map(|(part, _)| *part).collect();
    for n in order.into_iter().take(left) {
        if let Some(part) = parts.get_mut(n) {
            *part = part.saturating_add(1);
        }
    }
    parts
}

/// Who pays whom: the first payer pays the first payee until one of them is done, then the next, and
/// so on. Both lists have one sum and are not empty. Everybody is in it, also with nothing; there is
/// at most one pair less than there are parties.
///
/// Gives payer, payee and amount.
pub(super) fn pairs(pays: &[u128], gets: &[u128]) -> Vec<(usize, usize, u128)> {
    let mut pairs = Vec::with_capacity(pays.len().saturating_add(gets.len()));
    let (mut payer, mut payee) = (0usize, 0usize);
    let amount = |of: &[u128], n: usize| of.get(n).copied().unwrap_or(0);
    let (mut owes, mut wants) = (amount(pays, 0), amount(gets, 0));
    loop {
        let moved = owes.min(wants);
        pairs.push((payer, payee, moved));
        owes = owes.saturating_sub(moved);
        wants = wants.saturating_sub(moved);
        let more_payers = payer.saturating_add(1) < pays.len();
        let more_payees = payee.saturating_add(1) < gets.len();
        let (next_payer, next_payee) = (more_payers && owes == 0, more_payees && wants == 0);
        if !next_payer && !next_payee {
            debug_assert!(!more_payers && !more_payees, "both lists have one sum");
            return pairs;
        }
        if next_payer {
            payer = payer.saturating_add(1);
            owes = amount(pays, payer);
        }
        if next_payee {
            payee = payee.saturating_add(1);
            wants = amount(gets, payee);
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "numbers that fit"
)]
mod tests {
    use super::*;
    use crate::ledger::amount::MINOR_MAX;

    /// Whether a part is less than one unit from its exact share: |part * sum - whole * weight| < sum,
    /// in 256 bits by halves.
    fn is_near(part: u128, whole: u128, weight: u32, sum: u128) -> bool {
        let product = |a: u128, b: u128| {
            let (high, low) = (a >> 64, a & u128::from(u64::MAX));
            let low = low * b;
            (high * b + (low >> 64), low & u128::from(u64::MAX))
        };
        // All of `b` has at most 40 bits, so neither half is cut.
        let (is, should) = (product(part, sum), product(whole, u128::from(weight)));
        let (more, less) = if is > should {
            (is, should)
        } else {
            (should, is)
        };
        let (high, low) = match more.1.checked_sub(less.1) {
            Some(low) => (more.0 - less.0, low),
            None => (more.0 - less.0 - 1, more.1 + (1 << 64) - less.1),
        };
        high == 0 && low < sum
    }

    fn check(whole: u128, weights: &[u32]) {
        let parts = by_weight(whole, weights);
        let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        assert_eq!(parts.iter().sum::<u128>(), whole, "{whole} {weights:?}");
        for (part, weight) in parts.iter().zip(weights) {
            assert!(is_near(*part, whole, *weight, sum), "{whole} {weights:?}");
        }
        // Nobody who lost less by rounding got a unit before somebody who lost more, or as much and
        // stands before.
        for (n, a) in weights.iter().enumerate() {
            for (m, b) in weights.iter().enumerate() {
                let up = |part: u128, w: &u32| part > whole * u128::from(*w) / sum;
                let lost = |w: &u32| whole * u128::from(*w) % sum;
                if up(parts[m], b) && !up(parts[n], a) {
                    assert!((lost(b), Reverse(m)) > (lost(a), Reverse(n)));
                }
            }
        }
    }

    #[test]
    fn the_sum_is_exact_and_no_part_is_a_unit_from_its_share() {
        assert_eq!(by_weight(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(by_weight(5, &[1, 1]), [3, 2]);
        assert_eq!(by_weight(1, &[1, 2, 2]), [0, 1, 0]);
        assert_eq!(by_weight(0, &[3, 4]), [0, 0]);
        let most = by_weight(MINOR_MAX, &[u32::MAX, u32::MAX]);
        assert_eq!(most, [MINOR_MAX / 2 + 1, MINOR_MAX / 2]);
        let mut seed = 7u64;
        let mut random = |bits: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005);
            seed = seed.wrapping_add(1_442_695_040_888_963_407);
            (seed >> 20) & ((1 << bits) - 1)
        };
        for round in 0..3_000 {
            let count = 1 + random(3);
            let bits = 1 + u32::try_from(random(5)).unwrap();
            let weights: Vec<u32> = (0..count)
                .map(|_| 1u32.max(u32::try_from(random(bits)).unwrap()))
                .collect();
            let whole = match round % 3 {
                0 => u128::from(random(5)),
                1 => u128::from(random(40)),
                _ => MINOR_MAX - u128::from(random(8)),
            };
            check(whole, &weights);
        }
    }

    #[test]
    fn everybody_is_in_a_pair_and_is_done_by_them() {
        assert_eq!(pairs(&[5], &[2, 3]), [(0, 0, 2), (0, 1, 3)]);
        assert_eq!(
            pairs(&[5, 3], &[5, 0, 3]),
            [(0, 0, 5), (1, 1, 0), (1, 2, 3)]
        );
        assert_eq!(pairs(&[0, 4, 0], &[4]), [(0, 0, 0), (1, 0, 4), (2, 0, 0)]);
        for n in 0..4_096u32 {
            let digit = |at: u32| u128::from((n >> (2 * at)) & 3);
            let pays = [digit(0), digit(1), digit(2)];
            let mut gets = [digit(3), digit(4), digit(5)];
            let (paid, got): (u128, u128) = (pays.iter().sum(), gets[..2].iter().sum());
            if got > paid {
                continue;
            }
            gets[2] = paid - got;
            let pairs = pairs(&pays, &gets);
            assert!(pairs.len() <= 5, "{pays:?} {gets:?}");
            for side in 0..3 {
                let of = pairs.iter().filter(|(payer, ..)| *payer == side);
                assert!(of.clone().count() > 0);
                assert_eq!(of.map(|(.., a)| a).sum::<u128>(), pays[side]);
                let of = pairs.iter().filter(|(_, payee, _)| *payee == side);
                assert!(of.clone().count() > 0);
                assert_eq!(of.map(|(.., a)| a).sum::<u128>(), gets[side]);
            }
        }
    }
}
