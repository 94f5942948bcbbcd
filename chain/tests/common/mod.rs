//! Reads vector files.

use chain::Hash;
use serde_json::Value;

mod receipt;
mod signer;

pub(crate) use receipt::receipt;
pub(crate) use signer::TestSigner;

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

pub(crate) fn small<T: TryFrom<u64>>(value: &Value, name: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(number(value, name)).unwrap()
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
