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

use crate::Hash;

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

/// Hashes an item into a leaf of the payload tree: `SHA-256(0x00 | salt | item)`.
#[must_use]
pub fn item_leaf(salt: &Hash, item: &[u8]) -> Hash {
    Hash::leaf_parts(&[salt.as_bytes(), item])
}
