//! Reads vector files, and signs with seeds that they publish.

use chain::{Hash, SignError, Signer, VerifierKey};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::Value;

pub(crate) fn load(name: &str) -> Value {
    let path = format!("{}/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap()
}

pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

pub(crate) fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap().as_bytes();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

pub(crate) fn hash(value: &Value) -> Hash {
    Hash::from_bytes(bytes(value).try_into().unwrap())
}

pub(crate) fn hashes(value: &Value, name: &str) -> Vec<Hash> {
    list(value, name).iter().map(hash).collect()
}

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
