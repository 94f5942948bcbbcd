//! Takes receipts out of their files.

use base64ct::{Base64, Encoding};
use chain::{Entry, Hash, ItemOpening, Opening, Receipt, TlogProof};
use serde_json::Value;

use super::{list, small, text};

fn base64(value: &Value) -> Vec<u8> {
    Base64::decode_vec(value.as_str().unwrap()).unwrap()
}

fn base64_hash(value: &Value) -> Hash {
    Hash::from_base64(value.as_str().unwrap()).unwrap()
}

/// Takes a receipt out of its file, trusting the file's form.
pub(crate) fn receipt(file: &Value) -> Receipt {
    let part = |part: &Value| Opening {
        bytes: base64(&part["bytes"]),
        salt: base64_hash(&part["salt"]),
    };
    let none = Vec::new();
    let opening = |item: &Value| ItemOpening {
        n: small(item, "n"),
        bytes: base64(&item["bytes"]),
        salt: base64_hash(&item["salt"]),
        proof: list(item, "proof").iter().map(base64_hash).collect(),
        private: item["private"]
            .as_array()
            .unwrap_or(&none)
            .iter()
            .map(|private| (small(private, "k"), part(private)))
            .collect(),
        text: item.get("text").map(part),
    };
    let proof = TlogProof::parse(text(file, "tlog_proof")).unwrap();
    Receipt {
        entry: Entry::from_bytes(&base64(&file["entry"])).unwrap(),
        items: list(file, "items").iter().map(opening).collect(),
        proof: proof.proof,
        checkpoint: proof.checkpoint.into_bytes(),
    }
}
