//! The log's tree as a node serves it in tiles, and receipts made new from it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use chain::{
    Checkpoint, Hash, Nodes, Note, Receipt, TILE_WIDTH, TilePath, TileWidths, Verified,
    consistency_proof, inclusion_proof, node_from_tiles, verify_consistency,
};

use super::{Client, ClientError};
use crate::wire::{ReceiptFile, ReceiptLevel};

/// The tree at one size; each tile is fetched once, and only if it is needed.
struct RemoteTree<'a> {
    client: &'a Client,
    size: u64,
    tiles: RefCell<BTreeMap<(u8, u64), Vec<Hash>>>,
    /// Why the first tile that is missing is missing.
    failed: OnceCell<ClientError>,
}

impl RemoteTree<'_> {
    fn tile(&self, level: u8, number: u64) -> Result<Vec<Hash>, ClientError> {
        let widths = TileWidths::at(level, self.size);
        let width = if number < widths.full {
            TILE_WIDTH
        } else {
            widths.partial
        };
        let malformed = |error: chain::TileError| ClientError::Proof(error.to_string());
        let path = TilePath::hashes(level, number, width).map_err(malformed)?;
        let bytes = self.client.tile(&path)?;
        path.decode_hashes(&bytes).map_err(malformed)
    }
}

impl Nodes for RemoteTree<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        node_from_tiles(level, index, |level, number| {
            if let Some(hashes) = self.tiles.borrow().get(&(level, number)) {
                return Some(hashes.clone());
            }
            let fetched = self.tile(level, number);
            let hashes = fetched.map_err(|error| self.failed.set(error)).ok()?;
            let mut tiles = self.tiles.borrow_mut();
            tiles.insert((level, number), hashes.clone());
            Some(hashes)
        })
    }
}

impl Client {
    /// The newest checkpoint that a quorum of witnesses has cosigned, as it came.
    ///
    /// # Errors
    /// [`ClientError`]; the problem `NOT_WITNESSED` if there is none.
    pub fn witnessed_checkpoint(&self) -> Result<String, ClientError> {
        self.http.get("/log/checkpoint.witnessed")?.text()
    }

    /// Makes the proof of a receipt anew, at the newest checkpoint or at the newest one of a quorum
    /// of witnesses; the items stay as they are. Everything it takes is public: no session. The
    /// new checkpoint must continue the one in the file.
    ///
    /// # Errors
    /// [`ClientError::Behind`] and [`ClientError::Forked`] say that the log is not what the receipt
    /// shows it was.
    pub fn refresh(
        &self,
        file: &ReceiptFile,
        level: ReceiptLevel,
    ) -> Result<(ReceiptFile, Verified), ClientError> {
        let old = file.to_receipt()?;
        let index = old.entry.index;
        let key = self.log_key()?;
        let text = match level {
            ReceiptLevel::LogSigned => self.checkpoint()?,
            ReceiptLevel::Witnessed => self.witnessed_checkpoint()?,
        };
        let wrong = |error: String| ClientError::Checkpoint(error);
        let note = Note::parse(text.as_bytes())?;
        let new = Checkpoint::from_note(&note, key.name(), &[key]);
        let new = new.map_err(|error| wrong(error.to_string()))?;
        let kept = Note::parse(&old.checkpoint)?;
        let kept = Checkpoint::parse_text(kept.text()).map_err(|error| wrong(error.to_string()))?;
        if new.size <= index && level == ReceiptLevel::Witnessed {
            return Err(ClientError::NotCovered(new.size));
        }
        let tree = RemoteTree {
            client: self,
            size: new.size,
            tiles: RefCell::default(),
            failed: OnceCell::new(),
        };
        let proven = prove(&tree, index, &kept, &new, level);
        let proof = proven.map_err(|error| tree.failed.into_inner().unwrap_or(error))?;
        let receipt = Receipt {
            proof,
            checkpoint: text.into_bytes(),
            ..old
        };
        let verified = receipt.verify(key)?;
        let total = file.items_total;
        let file = ReceiptFile::from_receipt(&receipt, level, &key.to_string(), total)?;
        Ok((file, verified))
    }
}

/// The inclusion proof in the new log, once it is sure that it continues the old one.
fn prove(
    tree: &impl Nodes,
    index: u64,
    old: &Checkpoint,
    new: &Checkpoint,
    level: ReceiptLevel,
) -> Result<Vec<Hash>, ClientError> {
    let tile = |error: chain::ProofError| ClientError::Proof(error.to_string());
    if old.size <= new.size {
        let proof = consistency_proof(tree, old.size, new.size).map_err(tile)?;
        verify_consistency(old.size, &old.root, new.size, &new.root, &proof)
            .map_err(|_| ClientError::Forked(old.size))?;
    } else if level == ReceiptLevel::LogSigned {
        return Err(ClientError::Behind {
            kept: old.size,
            found: new.size,
        });
    }
    inclusion_proof(tree, index, new.size).map_err(tile)
}
