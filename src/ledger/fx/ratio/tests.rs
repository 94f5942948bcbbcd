//! Conversions against sums done by hand.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "numbers that fit"
)]

use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;

/// The same by hand: digits to the base 2^32, lowest first.
fn digits(mut n: u128) -> Vec<u64> {
    let mut all = Vec::new();
    while n > 0 {
        all.push(u64::try_from(n & 0xffff_ffff).unwrap());
        n >>= 32;
    }
    all
}

fn add_product(sum: &mut Vec<u64>, a: u128, b: u128) {
    for (i, x) in digits(a).iter().enumerate() {
        for (j, y) in digits(b).iter().enumerate() {
            let (mut carry, mut at) = (x * y, i + j);
            while carry > 0 {
                if sum.len() <= at {
                    sum.resize(at + 1, 0);
                }
                let here = sum[at] + (carry & 0xffff_ffff);
                sum[at] = here & 0xffff_ffff;
                carry = (carry >> 32) + (here >> 32);
                at += 1;
            }
        }
    }
}

fn sum(products: &[(u128, u128)]) -> Vec<u64> {
    let mut sum = Vec::new();
    for (a, b) in products {
        add_product(&mut sum, *a, *b);
    }
    while sum.last() == Some(&0) {
        sum.pop();
    }
    sum
}

/// Numbers that look random (SplitMix64), of all lengths.
fn random(state: &mut u64, bits: u32) -> u128 {
    let mut next = || {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let wide = (u128::from(next()) << 64) | u128::from(next());
    let bits = u32::try_from(next() % u64::from(bits)).unwrap() + 1;
    (wide >> (128 - bits)).max(1)
}

#[test]
fn conversions_are_exact_but_for_one_rounding() {
    let (mut state, mut met) = (7, [0u32; 4]);
    for _ in 0..20_000 {
        let amount = random(&mut state, 96);
        let rate = Ratio(Parts {
            numerator: u64::try_from(random(&mut state, 64)).unwrap(),
            denominator: u64::try_from(random(&mut state, 64)).unwrap(),
        });
        let scale = |state: &mut u64| u8::try_from(random(state, 5) % 19).unwrap();
        let (from, to) = (scale(&mut state), scale(&mut state));
        let (p, q) = rate.factor(from, to);
        // amount * numerator * 10^to / (denominator * 10^from)
        let power = |n: u8| 10u128.pow(u32::from(n));
        let (n, d) = (u128::from(rate.numerator()), u128::from(rate.denominator()));
        assert_eq!(
            sum(&[(p, d * power(from.saturating_sub(to)))]),
            sum(&[(q, n * power(to.saturating_sub(from)))])
        );
        for rounding in [Rounding::Down, Rounding::Up] {
            let Some((other, residue)) = exchange(amount, (p, q), rounding) else {
                // Only if it is too large: 2^96 of them are not more than the exact value.
                let (wide, high) = (sum(&[(amount, p)]), sum(&[(MINOR_MAX, q)]));
                let less = |a: &[u64], b: &[u64]| {
                    (a.len(), a.iter().rev().collect::<Vec<_>>())
                        < (b.len(), b.iter().rev().collect())
                };
                assert!(less(&high, &wide));
                met[0] += 1;
                continue;
            };
            // residue = left / q, in lowest terms.
            let scale = q / residue.denominator();
            assert_eq!(q % residue.denominator(), 0);
            let left = residue.numerator() * scale;
            assert!(left < q);
            let exact = sum(&[(amount, p)]);
            match rounding {
                Rounding::Down => assert_eq!(sum(&[(other, q), (left, 1)]), exact),
                Rounding::Up => assert_eq!(sum(&[(amount, p), (left, 1)]), sum(&[(other, q)])),
            }
            met[1 + usize::from(left > 0)] += 1;
            met[3] += u32::from(other == 0);
        }
    }
    assert!(met.iter().all(|count| *count > 50), "{met:?}");
}

#[test]
fn a_price_keeps_to_its_grammar_and_compares_by_value() {
    for text in ["1/1", "108345/100000", "9999999999999999999/1"] {
        assert_eq!(text.parse::<Ratio>().unwrap().to_string(), text);
    }
    let long = "1".repeat(20);
    for text in [
        "", "/", "1", "0/1", "1/0", "01/1", "1/01", "-1/1", "1.0/1", "1/2/3", &long,
    ] {
        assert!(text.parse::<Ratio>().is_err(), "{text}");
    }
    assert!(alloc::format!("{long}/1").parse::<Ratio>().is_err());
    let of = |text: &str| text.parse::<Ratio>().unwrap();
    assert_eq!(of("2/4").compare(of("1/2")), Ordering::Equal);
    assert_eq!(of("1/3").compare(of("1/2")), Ordering::Less);
    assert_eq!(
        of("9999999999999999999/1").compare(of("1/9999999999999999999")),
        Ordering::Greater
    );
}
