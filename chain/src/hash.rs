//! SHA-256 hashes and the domain-separated ways to make them.
//!
//! The log's tree hashes are those of RFC 6962, section 2.1:
//!
//! ```text
//! leaf = SHA-256(0x00 || bytes)        node = SHA-256(0x01 || left || right)
//! ```
//!
//! The first byte keeps a leaf from ever being read as a node and the other way round.

use core::fmt;

use base64ct::{Base64, Encoding};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use crate::text::parse_base64_exact;

const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;
const NODE_INPUT_BITS: u16 = (1 + 2 * 32) * 8;
const BASE64_LEN: usize = 44;

/// The initial state of SHA-256 (FIPS 180-4, section 5.3.3).
const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A SHA-256 output of 32 bytes.
///
/// `Display` and [`Hash::from_base64`] are the text pair of all Quittance formats; `Debug` is hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash([u8; 32]);

/// A text that is not the base64 of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The text is not canonical padded base64, or holds another number of bytes.
    #[error("a hash is 44 characters of canonical base64; this text has {text_len}")]
    Base64 {
        /// Length of the refused text in bytes.
        text_len: usize,
    },
}

impl Hash {
    /// Thirty-two zero bytes: "no hash", as in the `prev` of entry 0.
    pub const ZERO: Hash = Hash([0; 32]);

    /// Length of a hash in bytes.
    pub const LEN: usize = 32;

    /// Takes 32 bytes as they are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Hash {
        Hash(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Computes the plain SHA-256 of `bytes`.
    #[must_use]
    pub fn sha256(bytes: &[u8]) -> Hash {
        Hash(Sha256::digest(bytes).into())
    }

    /// Computes the plain SHA-256 of the concatenation of `parts`.
    #[must_use]
    pub fn sha256_parts(parts: &[&[u8]]) -> Hash {
        prefixed(&[], parts)
    }

    /// Computes the RFC 6962 leaf hash of `bytes`.
    #[must_use]
    pub fn leaf(bytes: &[u8]) -> Hash {
        Hash::leaf_parts(&[bytes])
    }

    /// Computes the RFC 6962 leaf hash of the concatenation of `parts`.
    #[must_use]
    pub fn leaf_parts(parts: &[&[u8]]) -> Hash {
        prefixed(&[LEAF_PREFIX], parts)
    }

    /// Computes the RFC 6962 hash of the node above `left` and `right`.
    ///
    /// The input always has 65 bytes, so its two padded blocks are laid out here: the general
    /// hasher takes a third longer, and a tree is made of these.
    #[must_use]
    pub fn node(left: &Hash, right: &Hash) -> Hash {
        let mut blocks = [[0; 64]; 2];
        let [first, second] = &mut blocks;
        first[0] = NODE_PREFIX;
        first[1..33].copy_from_slice(&left.0);
        first[33..].copy_from_slice(&right.0[..31]);
        second[0] = right.0[31];
        second[1] = 0x80;
        second[62..].copy_from_slice(&NODE_INPUT_BITS.to_be_bytes());
        compressed(&blocks)
    }

    /// Reads the text that `Display` writes: 44 characters of padded standard base64.
    ///
    /// # Errors
    /// [`HashError::Base64`] for any other text, including other base64 spellings of 32 bytes.
    pub fn from_base64(text: &str) -> Result<Hash, HashError> {
        parse_base64_exact(text).map(Hash).ok_or(HashError::Base64 {
            text_len: text.len(),
        })
    }
}

/// Hashes a prefix and parts. Salts, commitments and most leaves are short: those are laid out in
/// padded blocks at once, which takes a third off what the general hasher takes for them.
#[inline]
fn prefixed(prefix: &[u8], parts: &[&[u8]]) -> Hash {
    let len = parts
        .iter()
        .fold(prefix.len(), |len, part| len + part.len());
    match len {
        0..=SHORT_MAX_1 => short::<1>(len, prefix, parts),
        0..=SHORT_MAX_2 => short::<2>(len, prefix, parts),
        0..=SHORT_MAX_4 => short::<4>(len, prefix, parts),
        _ => {
            let mut hasher = Sha256::new().chain_update(prefix);
            parts.iter().for_each(|part| hasher.update(part));
            Hash(hasher.finalize().into())
        }
    }
}

/// The longest inputs that one, two and four blocks hold: a byte and a length of eight stand behind
/// them.
const SHORT_MAX_1: usize = 64 - 9;
const SHORT_MAX_2: usize = 2 * 64 - 9;
const SHORT_MAX_4: usize = 4 * 64 - 9;

/// Hashes `len` bytes that fit `N` blocks with their padding.
#[inline]
fn short<const N: usize>(len: usize, prefix: &[u8], parts: &[&[u8]]) -> Hash {
    let mut blocks = [[0; 64]; N];
    let used = (len + 9).div_ceil(64);
    let bytes = blocks.as_flattened_mut();
    let mut at = 0;
    for part in core::iter::once(&prefix).chain(parts) {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    bytes[at] = 0x80;
    let bits = (len as u64) * 8;
    bytes[used * 64 - 8..used * 64].copy_from_slice(&bits.to_be_bytes());
    compressed(&blocks[..used])
}

/// Runs the compression function over padded blocks, from the start.
fn compressed(blocks: &[[u8; 64]]) -> Hash {
    let mut state = SHA256_START;
    compress256(&mut state, blocks);
    let mut bytes = [0; Hash::LEN];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Hash(bytes)
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; BASE64_LEN];
        f.pad(Base64::encode(&self.0, &mut buffer).expect("32 bytes are 44 characters of base64"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Hash {
        Hash(bytes)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn rfc_6962_examples() {
        assert_eq!(
            format!("{:?}", Hash::leaf(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            format!("{:?}", Hash::node(&Hash::leaf(b""), &Hash::leaf(&[0]))),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
    }

    #[test]
    fn a_node_is_the_plain_hash_of_its_65_bytes() {
        let mut left = Hash::ZERO;
        for round in 0..200 {
            let right = Hash::sha256(&[round]);
            let bytes = [&[NODE_PREFIX], &left.0[..], &right.0].concat();
            let expected = Hash(Sha256::digest(bytes).into());
            assert_eq!(Hash::node(&left, &right), expected);
            left = expected;
        }
    }

    /// Short inputs do not go through the general hasher; around every border they must not differ.
    #[test]
    fn inputs_of_all_lengths_are_hashed_as_the_general_hasher_does() {
        let bytes: alloc::vec::Vec<u8> = (0..600u32).map(|n| n as u8).collect();
        for len in 0..bytes.len() {
            let (head, tail) = bytes[..len].split_at(len / 3);
            let expected = Hash(Sha256::digest(&bytes[..len]).into());
            assert_eq!(Hash::sha256_parts(&[head, &[], tail]), expected, "{len}");
            let leaf = [&[LEAF_PREFIX], &bytes[..len]].concat();
            let expected = Hash(Sha256::digest(leaf).into());
            assert_eq!(Hash::leaf_parts(&[head, tail]), expected, "leaf {len}");
        }
    }

    #[test]
    fn parts_are_concatenated() {
        assert_eq!(Hash::leaf(b"abcd"), Hash::leaf_parts(&[b"ab", b"", b"cd"]));
        assert_eq!(Hash::sha256(b"abcd"), Hash::sha256_parts(&[b"a", b"bcd"]));
    }

    #[test]
    fn text_round_trips_and_is_strict() {
        let hash = Hash::sha256(b"x");
        let text = hash.to_string();
        assert_eq!(Hash::from_base64(&text), Ok(hash));
        for wrong in [
            &text[..43],
            &format!("{text}="),
            &format!(" {text}"),
            "",
            "AQ==",
        ] {
            assert_eq!(
                Hash::from_base64(wrong),
                Err(HashError::Base64 {
                    text_len: wrong.len()
                })
            );
        }
    }
}
