//! The receipt file: one JSON object that proves, offline and for ever, what was settled.
//!
//! The file is text around a [`chain::Receipt`]; the proof is in there, and `level` and `log_vkey`
//! are only what the log says of itself: whoever verifies brings the key.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chain::{Entry, EntryError, ItemOpening, Opening, Receipt, TlogProof, TlogProofError};
use serde::{Deserialize, Serialize};

use super::base64::{Bytes, HashText};

/// The version of the file's form.
pub const RECEIPT_VERSION: u32 = 1;

/// A receipt as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptFile {
    /// Version of the form: 1.
    pub version: u32,
    /// What stands behind the checkpoint.
    pub level: ReceiptLevel,
    /// The log's key as the log says it; the verifier brings its own.
    pub log_vkey: String,
    /// The entry, 120 bytes.
    pub entry: Bytes,
    /// The items opened here, by number.
    pub items: Vec<ReceiptItem>,
    /// How many items of the entry its holder may read; those that are not here are fetched
    /// one by one.
    pub items_total: u32,
    /// Inclusion proof and checkpoint (C2SP tlog-proof).
    pub tlog_proof: String,
}

/// What stands behind a receipt's checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptLevel {
    /// Durable, signed by the log, with an inclusion proof.
    LogSigned,
    /// Also cosigned by a quorum of witnesses.
    Witnessed,
}

/// An item opened in a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptItem {
    /// Number of the item in its entry.
    pub n: u32,
    /// Item bytes.
    pub bytes: Bytes,
    /// Item salt.
    pub salt: HashText,
    /// Inclusion proof in the payload tree, the leaf's sibling first.
    pub proof: Vec<HashText>,
    /// Private parts that the holder may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private: Vec<ReceiptPrivate>,
    /// The text part, if there is one and the holder may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<ReceiptPart>,
}

/// A private part, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptPrivate {
    /// Number of the part in its item: 0 the debited account's, 1 the credited one's.
    pub k: u16,
    /// The part's bytes.
    pub bytes: Bytes,
    /// The salt of its commitment.
    pub salt: HashText,
}

/// A text part, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptPart {
    /// The part's bytes.
    pub bytes: Bytes,
    /// The salt of its commitment.
    pub salt: HashText,
}

/// Why a file is not a receipt. Whether a receipt *proves* anything, [`Receipt::verify`] says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptFileError {
    /// Not the JSON it should be.
    #[error("the receipt file cannot be read: {0}")]
    Json(String),
    /// A version this code does not know.
    #[error("receipt version {0} is unknown")]
    Version(u32),
    /// The entry's bytes are not an entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The proof's text is not one.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// The proof is for another entry.
    #[error("the proof is for index {proof}, the entry has index {entry}")]
    Index {
        /// Index in the proof.
        proof: u64,
        /// Index in the entry.
        entry: u64,
    },
    /// `items_total` cannot be.
    #[error("{opened} items opened, {total} stated, {entry} in the entry")]
    Items {
        /// Items in the file.
        opened: usize,
        /// `items_total`.
        total: u32,
        /// Items in the entry.
        entry: u32,
    },
    /// `log_vkey` is not a vkey.
    #[error("`log_vkey` is not a vkey")]
    LogKey,
}

impl ReceiptFile {
    /// Puts a receipt into a file.
    ///
    /// # Errors
    /// [`ReceiptFileError::Proof`] if the receipt's checkpoint is not UTF-8 text.
    pub fn from_receipt(
        receipt: &Receipt,
        level: ReceiptLevel,
        log_vkey: &str,
        items_total: u32,
    ) -> Result<Self, ReceiptFileError> {
        let checkpoint = core::str::from_utf8(&receipt.checkpoint)
            .map_err(|_| ReceiptFileError::Proof(TlogProofError::Form))?;
        let proof = TlogProof {
            index: receipt.entry.index,
            proof: receipt.proof.clone(),
            checkpoint: checkpoint.to_owned(),
        };
        Ok(Self {
            version: RECEIPT_VERSION,
            level,
            log_vkey: log_vkey.to_owned(),
            entry: Bytes(receipt.entry.to_bytes().to_vec()),
            items: receipt.items.iter().map(ReceiptItem::of).collect(),
            items_total,
            tlog_proof: proof.to_string(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ReceiptFileError::Json`].
    pub fn from_json(json: &[u8]) -> Result<Self, ReceiptFileError> {
        serde_json::from_slice(json).map_err(|error| ReceiptFileError::Json(error.to_string()))
    }

    /// The file's text: one line, without a line end.
    ///
    /// # Panics
    /// Never: every field has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("every field of a receipt has a JSON form")
    }

    /// Takes the receipt out of the file, strictly. Nothing is verified yet.
    ///
    /// # Errors
    /// [`ReceiptFileError`], which names the first thing that is wrong.
    pub fn to_receipt(&self) -> Result<Receipt, ReceiptFileError> {
        if self.version != RECEIPT_VERSION {
            return Err(ReceiptFileError::Version(self.version));
        }
        if self.log_vkey.parse::<chain::VerifierKey>().is_err() {
            return Err(ReceiptFileError::LogKey);
        }
        let entry = Entry::from_bytes(&self.entry.0)?;
        let proof = TlogProof::parse(&self.tlog_proof)?;
        if proof.index != entry.index {
            return Err(ReceiptFileError::Index {
                proof: proof.index,
                entry: entry.index,
            });
        }
        let opened = self.items.len();
        let few = u32::try_from(opened).is_ok_and(|opened| opened <= self.items_total);
        if !few || self.items_total > entry.items {
            return Err(ReceiptFileError::Items {
                opened,
                total: self.items_total,
                entry: entry.items,
            });
        }
        Ok(Receipt {
            entry,
            items: self.items.iter().map(ReceiptItem::to_opening).collect(),
            proof: proof.proof,
            checkpoint: proof.checkpoint.into_bytes(),
        })
    }
}

impl ReceiptItem {
    /// Shows an opened item.
    #[must_use]
    pub fn of(opening: &ItemOpening) -> Self {
        let private = opening.private.iter().map(|(k, part)| ReceiptPrivate {
            k: *k,
            bytes: Bytes(part.bytes.clone()),
            salt: part.salt.into(),
        });
        Self {
            n: opening.n,
            bytes: Bytes(opening.bytes.clone()),
            salt: opening.salt.into(),
            proof: opening.proof.iter().copied().map(HashText).collect(),
            private: private.collect(),
            text: opening.text.as_ref().map(|part| ReceiptPart {
                bytes: Bytes(part.bytes.clone()),
                salt: part.salt.into(),
            }),
        }
    }

    /// The opened item.
    #[must_use]
    pub fn to_opening(&self) -> ItemOpening {
        let opening = |bytes: &Bytes, salt: &HashText| Opening {
            bytes: bytes.0.clone(),
            salt: salt.0,
        };
        ItemOpening {
            n: self.n,
            bytes: self.bytes.0.clone(),
            salt: self.salt.0,
            proof: self.proof.iter().map(|hash| hash.0).collect(),
            private: self
                .private
                .iter()
                .map(|part| (part.k, opening(&part.bytes, &part.salt)))
                .collect(),
            text: self
                .text
                .as_ref()
                .map(|part| opening(&part.bytes, &part.salt)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use chain::{EntryKind, Hash, LeafTree};

    /// A public key that is a point of the curve: its base point.
    const VKEY_POINT: [u8; 32] = {
        let mut bytes = [0x66; 32];
        bytes[0] = 0x58;
        bytes
    };

    /// A receipt whose proofs hold; nobody signed its checkpoint, which nothing here asks for.
    fn receipt() -> Receipt {
        let salts = [1u8, 2].map(|n| Hash::from_bytes([n; 32]));
        let leaves = [0usize, 1].map(|n| chain::salt::item_leaf(&salts[n], &[0]));
        let tree = LeafTree::new(leaves.to_vec());
        let entry = Entry {
            kind: EntryKind::Submission,
            items: 2,
            index: 1,
            time: 5,
            prev: Hash::sha256(b"prev"),
            payload_root: tree.root(),
            aux: Hash::ZERO,
        };
        let part = || Opening {
            bytes: vec![1, 2],
            salt: Hash::ZERO,
        };
        let log = LeafTree::new(vec![entry.prev, entry.leaf_hash()]);
        let signature = super::super::base64::encode(&[3; 68]);
        let root = log.root();
        Receipt {
            items: vec![ItemOpening {
                n: 1,
                bytes: vec![0],
                salt: salts[1],
                proof: tree.inclusion_proof(1).unwrap(),
                private: vec![(0, part())],
                text: Some(part()),
            }],
            proof: log.inclusion_proof(1).unwrap(),
            checkpoint: alloc::format!(
                "example.com/log\n2\n{root}\n\n\u{2014} example.com/log {signature}\n"
            )
            .into_bytes(),
            entry,
        }
    }

    fn file() -> ReceiptFile {
        let key = chain::VerifierKey::new("example.com/log", &VKEY_POINT).unwrap();
        ReceiptFile::from_receipt(&receipt(), ReceiptLevel::LogSigned, &key.to_string(), 2).unwrap()
    }

    #[test]
    fn a_receipt_comes_back_from_its_file() {
        let file = file();
        let json = file.to_json();
        assert!(json.starts_with("{\"version\":1,\"level\":\"log-signed\",\"log_vkey\":\""));
        let again = ReceiptFile::from_json(json.as_bytes()).unwrap();
        assert_eq!(again, file);
        assert_eq!(again.to_receipt().unwrap(), receipt());
        assert_eq!(again.to_json(), json);
    }

    #[test]
    fn what_is_not_a_receipt_file_is_refused() {
        let spoilt = |spoil: fn(&mut ReceiptFile)| {
            let mut file = file();
            spoil(&mut file);
            file.to_receipt().unwrap_err()
        };
        use ReceiptFileError as E;
        assert_eq!(spoilt(|f| f.version = 2), E::Version(2));
        assert_eq!(spoilt(|f| f.log_vkey.clear()), E::LogKey);
        assert!(matches!(spoilt(|f| f.items_total = 0), E::Items { .. }));
        assert!(matches!(spoilt(|f| f.items_total = 3), E::Items { .. }));
        assert!(matches!(spoilt(|f| f.entry.0.truncate(119)), E::Entry(_)));
        let other = |f: &mut ReceiptFile| f.tlog_proof = f.tlog_proof.replace("index 1", "index 0");
        assert_eq!(spoilt(other), E::Index { proof: 0, entry: 1 });
        assert!(matches!(spoilt(|f| f.tlog_proof.clear()), E::Proof(_)));
        let json = file().to_json();
        for bad in [
            json.replace("log-signed", "sworn"),
            json.replace("\"version\":1", "\"version\":1,\"note\":1"),
            json.replace("\"n\":1,", ""),
            json.replace("\"bytes\":\"AA==\"", "\"bytes\":\"AA\""),
        ] {
            assert!(
                matches!(ReceiptFile::from_json(bad.as_bytes()), Err(E::Json(_))),
                "{bad}"
            );
        }
    }

    /// The files that other implementations run.
    #[test]
    fn the_published_vectors_hold() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../chain/vectors/receipt.json")).unwrap();
        let key: chain::VerifierKey = vectors["key"].as_str().unwrap().parse().unwrap();
        let read = |case: &serde_json::Value| {
            ReceiptFile::from_json(case["receipt"].to_string().as_bytes())?.to_receipt()
        };
        for case in vectors["valid"].as_array().unwrap() {
            let receipt = read(case).unwrap();
            let verified = receipt.verify(&key).unwrap();
            let file = ReceiptFile::from_json(case["receipt"].to_string().as_bytes()).unwrap();
            assert_eq!(serde_json::to_value(&file).unwrap(), case["receipt"]);
            let (level, total) = (file.level, file.items_total);
            let again = ReceiptFile::from_receipt(&receipt, level, &key.to_string(), total);
            assert_eq!(again.unwrap(), file);
            assert_eq!(verified.items.len(), file.items.len());
        }
        for case in vectors["malformed"].as_array().unwrap() {
            assert!(read(case).is_err(), "{}", case["why"]);
        }
        for case in vectors["unbelieved"].as_array().unwrap() {
            assert!(read(case).unwrap().verify(&key).is_err(), "{}", case["why"]);
        }
    }
}
