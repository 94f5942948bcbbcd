//! A key whose seed everybody knows.

use chain::{SignError, Signer, VerifierKey};
use ed25519_dalek::{Signer as _, SigningKey};

/// Signs with a published seed.
pub(crate) struct TestSigner {
    key: VerifierKey,
    secret: SigningKey,
}

impl TestSigner {
    pub(crate) fn new(name: &str, seed: &[u8]) -> TestSigner {
        let secret = SigningKey::from_bytes(seed.try_into().unwrap());
        let key = VerifierKey::new(name, secret.verifying_key().as_bytes()).unwrap();
        TestSigner { key, secret }
    }
}

impl Signer for TestSigner {
    fn verifier_key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(self.secret.sign(message).to_bytes())
    }
}
