//! The signing key: an Ed25519 seed in memory that is wiped, and the name it signs under.

use std::fmt;

use chain::{SignError, Signer, VerifierKey};
use ed25519_dalek::Signer as _;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// Why there is no such key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The name cannot stand in a signed note.
    #[error("the key's name cannot be used: {0}")]
    Name(#[from] chain::VerifierKeyError),
    /// The system has no random bytes to give.
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// An Ed25519 private key and the name it signs under, e.g. `bank-a/hsm-1`.
///
/// The seed is wiped when the key is dropped. There is no way to print, clone or serialise it:
///
/// ```compile_fail
/// fn copied(key: &keys::SigningKey) -> keys::SigningKey { key.clone() }
/// ```
///
/// ```
/// use chain::Signer;
/// let key = keys::SigningKey::generate("bank-a/hsm-1")?;
/// let signature = key.sign(b"a note's text\n").unwrap();
/// assert!(key.verifier_key().verify(b"a note's text\n", &signature).is_ok());
/// # Ok::<(), keys::KeyError>(())
/// ```
pub struct SigningKey {
    // Boxed, so that moving the key about does not leave copies of the seed on the stack.
    secret: Box<ed25519_dalek::SigningKey>,
    verifier_key: VerifierKey,
}

impl SigningKey {
    /// Draws a new key from the system's random source.
    ///
    /// # Errors
    /// [`KeyError::Name`] for a name that is empty or contains white space or `+`;
    /// [`KeyError::Random`] when the system has no random bytes.
    pub fn generate(name: &str) -> Result<SigningKey, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())?;
        SigningKey::from_seed(name, *seed)
    }

    /// Takes over a seed (RFC 8032, 5.1.5), for tests and for import. The caller's own copy is
    /// the caller's to wipe.
    ///
    /// # Errors
    /// [`KeyError::Name`] for a name that is empty or contains white space or `+`.
    pub fn from_seed(name: &str, mut seed: [u8; 32]) -> Result<SigningKey, KeyError> {
        let secret = Box::new(ed25519_dalek::SigningKey::from_bytes(&seed));
        seed.zeroize();
        let verifier_key = VerifierKey::new(name, secret.verifying_key().as_bytes())?;
        Ok(SigningKey {
            secret,
            verifier_key,
        })
    }

    /// The public half: name, key id and public key.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.verifier_key
    }

    /// The seed, for the key file only.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.secret.as_bytes()
    }
}

impl Signer for SigningKey {
    fn verifier_key(&self) -> &VerifierKey {
        &self.verifier_key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(self.secret.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "SigningKey({} {})",
            self.verifier_key.name(),
            self.verifier_key.id()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, test 2.
    const SEED: [u8; 32] = [
        0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e,
        0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8,
        0xa6, 0xfb,
    ];

    #[test]
    fn signs_as_rfc_8032_says() {
        let key = SigningKey::from_seed("rfc/8032", SEED).unwrap();
        assert_eq!(
            key.verifier_key().public_key()[..4],
            [0x3d, 0x40, 0x17, 0xc3]
        );
        let signature = Signer::sign(&key, &[0x72]).unwrap();
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        assert!(key.verifier_key().verify(&[0x72], &signature).is_ok());
        assert!(key.verifier_key().verify(&[0x73], &signature).is_err());
    }

    #[test]
    fn draws_a_different_key_each_time() {
        let one = SigningKey::generate("bank-a/one").unwrap();
        let two = SigningKey::generate("bank-a/one").unwrap();
        assert_ne!(
            one.verifier_key().public_key(),
            two.verifier_key().public_key()
        );
    }

    #[test]
    fn refuses_names_that_a_note_cannot_hold() {
        for name in ["", "bank a", "bank+a", "bank\n"] {
            assert!(
                matches!(SigningKey::generate(name), Err(KeyError::Name(_))),
                "{name:?}"
            );
        }
    }

    #[test]
    fn debug_shows_the_name_and_id_only() {
        let key = SigningKey::from_seed("bank-a/hsm-1", SEED).unwrap();
        let id = key.verifier_key().id();
        assert_eq!(format!("{key:?}"), format!("SigningKey(bank-a/hsm-1 {id})"));
        assert_eq!(
            format!("{key:#?}"),
            format!("SigningKey(bank-a/hsm-1 {id})")
        );
    }
}
