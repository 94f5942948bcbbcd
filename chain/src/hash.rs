//! SHA-256 hashes and the domain-separated ways to make them.
//!
//! The log's tree hashes are those of RFC 6962, section 2.1:
//!
//! ```text
//! leaf = SHA-256(0x00 || bytes)        node = SHA-256(0x01 || left || right)
//! ```
//!
//! The first byte keeps a leaf from ever being read as a node and the other way round.

use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use crate::text::parse_base64_exact;

const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;
const NODE_BYTES: usize = 1 + 2 * Hash::LEN;
/// A block of SHA-256 in bytes.
const BLOCK: usize = 64;
/// What stands behind an input at least: a byte and the input's length in bits.
const PADDING_BYTES_MIN: usize = 1 + 8;
/// Blocks of a short input: a leg item with its salt fits.
pub(crate) const SHORT_BLOCKS: usize = 4;
/// Characters of a hash as text.
pub const HASH_TEXT_BYTES: usize = 44;

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
        Hash::sha256_parts(&[bytes])
    }

    /// Computes the plain SHA-256 of the concatenation of `parts`.
    #[must_use]
    pub fn sha256_parts(parts: &[&[u8]]) -> Hash {
        digest(&[], parts)
    }

    /// Computes the RFC 6962 leaf hash of `bytes`.
    #[must_use]
    pub fn leaf(bytes: &[u8]) -> Hash {
        Hash::leaf_parts(&[bytes])
    }

    /// Computes the RFC 6962 leaf hash of the concatenation of `parts`.
    #[must_use]
    pub fn leaf_parts(parts: &[&[u8]]) -> Hash {
        digest(&[LEAF_PREFIX], parts)
    }

    /// Computes the RFC 6962 hash of the node above `left` and `right`.
    #[must_use]
    pub fn node(left: &Hash, right: &Hash) -> Hash {
        laid_out::<2>(NODE_BYTES, |bytes| lay_node(bytes, left, right))
    }

    /// Computes the hashes of the nodes above pairs: half as many as there are hashes, and one that
    /// is left over is left out.
    pub(crate) fn nodes(below: &[Hash]) -> Vec<Hash> {
        let (pairs, _) = below.as_chunks::<2>();
        let mut nodes = alloc::vec![Hash::ZERO; pairs.len()];
        side_by_side::<2>(&mut nodes, |n, bytes| {
            let [left, right] = &pairs[n];
            lay_node(bytes, left, right);
            NODE_BYTES
        });
        nodes
    }

    /// The text that `Display` writes, into a buffer of the caller's: for whoever writes many.
    ///
    /// # Panics
    /// Never: 32 bytes are 44 characters of base64.
    #[must_use]
    pub fn text<'a>(&self, buffer: &'a mut [u8; HASH_TEXT_BYTES]) -> &'a str {
        Base64::encode(&self.0, buffer).expect("32 bytes are 44 characters of base64")
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

#[inline(always)]
fn lay_node(bytes: &mut [u8], left: &Hash, right: &Hash) {
    bytes[0] = NODE_PREFIX;
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..65].copy_from_slice(&right.0);
}

/// Hashes `prefix` and `parts`, one behind the other.
///
/// Most inputs are short. Those are laid out with their padding in one piece: the general hasher,
/// which never knows whether more comes, takes a third longer.
fn digest(prefix: &[u8], parts: &[&[u8]]) -> Hash {
    let lengths = parts.iter().map(|part| part.len());
    let len = lengths.fold(prefix.len(), usize::saturating_add);
    if len > short_bytes_max(SHORT_BLOCKS) {
        let mut hasher = Sha256::new_with_prefix(prefix);
        parts.iter().for_each(|part| hasher.update(part));
        return Hash(hasher.finalize().into());
    }
    let mut blocks = [[0u8; BLOCK]; SHORT_BLOCKS];
    let bytes = blocks.as_flattened_mut();
    let mut at = 0;
    for part in [prefix].iter().chain(parts) {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    let used = (len + PADDING_BYTES_MIN).div_ceil(BLOCK);
    compress(&mut blocks[..used], len)
}

/// Hashes `len` bytes that `lay` writes, and that fill as many blocks with their padding: for what
/// always has one length.
#[inline(always)]
pub(crate) fn laid_out<const BLOCKS: usize>(len: usize, lay: impl FnOnce(&mut [u8])) -> Hash {
    let mut blocks = [[0u8; BLOCK]; BLOCKS];
    lay(blocks.as_flattened_mut());
    compress(&mut blocks, len)
}

/// Hashes many inputs of at most [`short_bytes_max`] bytes for so many blocks: `lay` writes number
/// `n` and gives its length.
///
/// Several are laid out before the first is hashed. A processor then finds all of an input in its
/// cache, where it would otherwise wait for each piece that has just been written, and overlaps
/// hashes that do not wait for each other: half the time of one by one.
#[inline(always)]
pub(crate) fn side_by_side<const BLOCKS: usize>(
    out: &mut [Hash],
    mut lay: impl FnMut(usize, &mut [u8]) -> usize,
) {
    const SIDE: usize = 16;
    let mut n = 0;
    for out in out.chunks_mut(SIDE) {
        let mut inputs = [[[0u8; BLOCK]; BLOCKS]; SIDE];
        let mut used = [0; SIDE];
        for (input, used) in inputs.iter_mut().zip(&mut used).take(out.len()) {
            let len = lay(n, input.as_flattened_mut());
            *used = (len + PADDING_BYTES_MIN).div_ceil(BLOCK);
            pad(&mut input[..*used], len);
            n += 1;
        }
        for ((out, input), used) in out.iter_mut().zip(&inputs).zip(used) {
            *out = compressed(&input[..used]);
        }
    }
}

/// The longest input of so many blocks.
pub(crate) const fn short_bytes_max(blocks: usize) -> usize {
    blocks * BLOCK - PADDING_BYTES_MIN
}

/// Pads an input of `len` bytes, and hashes it.
#[inline(always)]
fn compress(blocks: &mut [[u8; BLOCK]], len: usize) -> Hash {
    pad(blocks, len);
    compressed(blocks)
}

#[inline(always)]
fn pad(blocks: &mut [[u8; BLOCK]], len: usize) {
    let bytes = blocks.as_flattened_mut();
    bytes[len] = 0x80;
    if let Some(bits) = bytes.last_chunk_mut() {
        *bits = (len as u64 * 8).to_be_bytes();
    }
}

#[inline(always)]
fn compressed(blocks: &[[u8; BLOCK]]) -> Hash {
    let mut state = SHA256_START;
    compress256(&mut state, blocks);
    let mut hash = [0; Hash::LEN];
    for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Hash(hash)
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text(&mut [0; HASH_TEXT_BYTES]))
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
    fn inputs_of_every_length_have_the_hash_that_the_general_hasher_gives() {
        let bytes: alloc::vec::Vec<u8> = (0u8..=255).cycle().take(700).collect();
        for len in 0..bytes.len() {
            let (input, at) = (&bytes[..len], len / 3);
            let expected = Hash(Sha256::digest(input).into());
            assert_eq!(Hash::sha256(input), expected, "{len}");
            assert_eq!(Hash::sha256_parts(&[&input[..at], &input[at..]]), expected);
            let leaf = Sha256::new_with_prefix([LEAF_PREFIX]).chain_update(input);
            assert_eq!(Hash::leaf(input), Hash(leaf.finalize().into()), "{len}");
        }
    }

    #[test]
    fn a_node_is_the_plain_hash_of_its_65_bytes() {
        let mut left = Hash::ZERO;
        let (mut below, mut above) = (Vec::new(), Vec::new());
        for round in 0..200 {
            let right = Hash::sha256(&[round]);
            let expected = Hash::sha256_parts(&[&[NODE_PREFIX], &left.0, &right.0]);
            assert_eq!(Hash::node(&left, &right), expected);
            assert_eq!(Hash::nodes(&below), above);
            below.extend([left, right]);
            above.push(expected);
            left = expected;
        }
        below.push(left);
        assert_eq!(Hash::nodes(&below), above, "one is left over");
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
