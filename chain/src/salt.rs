//! Salts: how items are hidden from those who may not read them, yet provable to those who may.
//!
//! An entry has one random salt `S`, known to auditors. Everything else is derived from it (or from
//! the entry's erasable key `K`) under a domain byte, so opening one value reveals no other:
//!
//! ```text
//! item salt      = SHA-256(0x10 | S | u32be item)          leaf input = item salt || item bytes
//! private salt P = SHA-256(0x11 | S | u32be item | u16be k)
//! commitment     = SHA-256(0x12 | salt | part)             for private and for text parts
//! text salt    T = SHA-256(0x13 | K | u32be item)
//! account salt   = SHA-256(0x14 | secret of a seal | u64be account)
//! system salt    = SHA-256(0x15 | S_trigger | u32be j)
//! ```

use alloc::vec;
use alloc::vec::Vec;

use crate::hash::{SHORT_BLOCKS, short_bytes_max, side_by_side};
use crate::{Hash, PrivatePart};

/// Legs whose commitments are made at once: their salts wait for no more than these.
const LEGS_AT_ONCE: usize = 8;

/// Derives the salt of item number `item` from the entry's salt.
#[must_use]
pub fn item_salt(entry_salt: &Hash, item: u32) -> Hash {
    Hash::sha256_parts(&[&[0x10], entry_salt.as_bytes(), &item.to_be_bytes()])
}

/// Derives the salt of private part `part` of item number `item` from the entry's salt.
#[must_use]
pub fn private_salt(entry_salt: &Hash, item: u32, part: u16) -> Hash {
    Hash::sha256_parts(&[
        &[0x11],
        entry_salt.as_bytes(),
        &item.to_be_bytes(),
        &part.to_be_bytes(),
    ])
}

#[inline(always)]
fn lay_private_salt(bytes: &mut [u8], entry_salt: &Hash, item: u32, part: u16) -> usize {
    bytes[0] = 0x11;
    bytes[1..33].copy_from_slice(entry_salt.as_bytes());
    bytes[33..37].copy_from_slice(&item.to_be_bytes());
    bytes[37..39].copy_from_slice(&part.to_be_bytes());
    39
}

/// Derives the salt of the text part of item number `item` from the entry's erasable key.
#[must_use]
pub fn text_salt(entry_key: &[u8; 32], item: u32) -> Hash {
    Hash::sha256_parts(&[&[0x13], entry_key, &item.to_be_bytes()])
}

/// Derives the salt of an account's leaf under a seal from the seal's secret.
#[must_use]
pub fn account_salt(secret: &Hash, account: u64) -> Hash {
    Hash::sha256_parts(&[&[0x14], secret.as_bytes(), &account.to_be_bytes()])
}

/// Derives the salt of the `j`-th system entry that an input with salt `trigger` made due.
#[must_use]
pub fn system_salt(trigger: &Hash, j: u32) -> Hash {
    Hash::sha256_parts(&[&[0x15], trigger.as_bytes(), &j.to_be_bytes()])
}

/// Commits to a private or text part under its salt.
#[must_use]
pub fn commit(salt: &Hash, part: &[u8]) -> Hash {
    Hash::sha256_parts(&[&[0x12], salt.as_bytes(), part])
}

/// Commits to the private parts of legs, each with its item's number: what [`commit`] makes of both
/// under their [`private_salt`]s, for many at once, which takes less time than one by one.
#[must_use]
pub fn commit_legs(entry_salt: &Hash, legs: &[(u32, [PrivatePart; 2])]) -> Vec<[Hash; 2]> {
    let mut hashes = vec![[Hash::ZERO; 2]; legs.len()];
    for (out, legs) in hashes
        .chunks_mut(LEGS_AT_ONCE)
        .zip(legs.chunks(LEGS_AT_ONCE))
    {
        let mut salts = [[Hash::ZERO; 2]; LEGS_AT_ONCE];
        let salts = &mut salts.as_flattened_mut()[..2 * legs.len()];
        side_by_side::<1>(salts, |n, bytes| {
            let k = if n % 2 == 0 { 0u16 } else { 1 };
            lay_private_salt(bytes, entry_salt, legs[n / 2].0, k)
        });
        side_by_side::<2>(out.as_flattened_mut(), |n, bytes| {
            bytes[0] = 0x12;
            bytes[1..33].copy_from_slice(salts[n].as_bytes());
            bytes[33..117].copy_from_slice(&legs[n / 2].1[n % 2].to_bytes());
            117
        });
    }
    hashes
}

/// Hashes an item into a leaf of the payload tree: `SHA-256(0x00 | salt | item)`.
#[must_use]
pub fn item_leaf(salt: &Hash, item: &[u8]) -> Hash {
    Hash::leaf_parts(&[salt.as_bytes(), item])
}

/// Appends the leaves of items in the payload tree, number `first` first: [`item_leaf`] of each under
/// its [`item_salt`], for many at once, which takes less time than one by one.
pub fn item_leaves<'a>(
    entry_salt: &Hash,
    first: u32,
    items: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    leaves: &mut Vec<Hash>,
) {
    let mut salts = vec![Hash::ZERO; items.len()];
    side_by_side::<1>(&mut salts, |n, bytes| {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        bytes[0] = 0x10;
        bytes[1..33].copy_from_slice(entry_salt.as_bytes());
        bytes[33..37].copy_from_slice(&first.saturating_add(n).to_be_bytes());
        37
    });
    let start = leaves.len();
    leaves.resize(start + salts.len(), Hash::ZERO);
    let leaves = &mut leaves[start..];
    let mut short = items.clone();
    side_by_side::<SHORT_BLOCKS>(leaves, |n, bytes| {
        let item = short.next().unwrap_or_default();
        let len = 1 + Hash::LEN + item.len();
        if len > short_bytes_max(SHORT_BLOCKS) {
            return 0;
        }
        bytes[0] = 0x00;
        bytes[1..33].copy_from_slice(salts[n].as_bytes());
        bytes[33..len].copy_from_slice(item);
        len
    });
    for ((leaf, salt), item) in leaves.iter_mut().zip(&salts).zip(items) {
        if 1 + Hash::LEN + item.len() > short_bytes_max(SHORT_BLOCKS) {
            *leaf = item_leaf(salt, item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Counters, ItemRef};

    #[test]
    fn what_is_made_at_once_is_what_is_made_one_by_one() {
        let entry_salt = Hash::sha256(b"salt");
        let part = |n: u32| PrivatePart {
            account: u64::from(n),
            counters: Counters {
                debits_posted: u128::from(n) << 90,
                ..Counters::default()
            },
            previous: (!n.is_multiple_of(3)).then_some(ItemRef { index: 7, item: n }),
        };
        let legs: Vec<_> = (5..60).map(|n| (n, [part(n), part(2 * n)])).collect();
        for count in 0..legs.len() {
            let one = |(n, parts): &(u32, [PrivatePart; 2])| {
                [0, 1].map(|k: u16| {
                    let salt = private_salt(&entry_salt, *n, k);
                    commit(&salt, &parts[usize::from(k)].to_bytes())
                })
            };
            let all: Vec<_> = legs[..count].iter().map(one).collect();
            assert_eq!(commit_legs(&entry_salt, &legs[..count]), all);
        }
        let items: Vec<Vec<u8>> = (0..500)
            .step_by(7)
            .map(|len| vec![len as u8; len])
            .collect();
        for count in 0..items.len() {
            let items = &items[..count];
            let mut leaves = vec![entry_salt];
            item_leaves(&entry_salt, 3, items.iter().map(Vec::as_slice), &mut leaves);
            let one = |(n, item): (u32, &Vec<u8>)| item_leaf(&item_salt(&entry_salt, n), item);
            let expected = core::iter::once(entry_salt).chain((3..).zip(items).map(one));
            assert!(leaves.into_iter().eq(expected), "{count}");
        }
    }
}
