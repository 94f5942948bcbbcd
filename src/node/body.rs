//! Sealed bodies: what a bank sent, encrypted under the entry's own erasable key.
//!
//! AES-256-GCM. A key encrypts exactly one body, so the nonce is constant (twelve zero bytes).
//! Whoever destroys the 32 bytes of the key has destroyed the body, wherever copies of it lie.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// The erasable key of one entry.
pub type EntryKey = Zeroizing<[u8; 32]>;

/// A body cannot be opened: its key is not the one it was sealed under, or a byte has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed body does not open under its key")]
pub struct Unopenable;

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key).expect("the key has the cipher's length");
    LessSafeKey::new(key)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// Encrypts a body in place of its plain bytes; sixteen bytes of tag are appended.
///
/// # Panics
/// Never: key and body have lengths that the cipher takes.
#[must_use]
pub fn seal(key: &[u8; 32], mut body: Vec<u8>) -> Vec<u8> {
    cipher(key)
        .seal_in_place_append_tag(nonce(), Aad::empty(), &mut body)
        .expect("a body is far shorter than the cipher's limit");
    body
}

/// Decrypts a body.
///
/// # Errors
/// [`Unopenable`].
pub fn open(key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>, Unopenable> {
    let mut bytes = sealed.to_vec();
    let plain = cipher(key)
        .open_in_place(nonce(), Aad::empty(), &mut bytes)
        .map_err(|_| Unopenable)?
        .len();
    bytes.truncate(plain);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_opens_under_its_own_key_only_and_unchanged_only() {
        let sealed = seal(&[7; 32], b"pay".to_vec());
        assert_ne!(&sealed[..3], b"pay");
        assert_eq!(open(&[7; 32], &sealed).unwrap(), b"pay");
        assert_eq!(open(&[8; 32], &sealed), Err(Unopenable));
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert_eq!(open(&[7; 32], &changed), Err(Unopenable));
        }
    }
}
