//! What a stranger needs to check a Quittance log: proof formats and nothing else.
//!
//! The crate has no input or output, no clock and no secrets. It is `no_std`, and every byte
//! and text form is a pair: a printer, and a strict parser that accepts exactly what the printer
//! writes. `SPEC.md` beside this crate describes the formats; `vectors/` holds worked examples that
//! implementations in other languages can run.
//!
//! | module | holds | source |
//! |---|---|---|
//! | `hash` | [`Hash`] and its domain-separated constructors | RFC 6962, 2.1 |
//! | `merkle` | [`Frontier`], proofs and their verification | RFC 6962, RFC 9162 |
//! | `entry` | [`Entry`]: one leaf of the log | `SPEC.md` |
//! | `vkey` | [`VerifierKey`], [`KeyId`] | C2SP signed-note |
//! | `note` | [`Note`], [`NoteSignature`], [`Signer`] | C2SP signed-note |
//! | `checkpoint` | [`Checkpoint`] | C2SP tlog-checkpoint |
//! | `cosignature` | [`WitnessKey`], [`AddCheckpoint`] | C2SP tlog-cosignature, tlog-witness |
//! | `policy` | [`Policy`]: logs, witnesses, quorum | C2SP tlog-policy |
//! | `tile`, `bundle` | [`TilePath`], [`decode_bundle`] | C2SP tlog-tiles |
//! | `tlog_proof` | [`TlogProof`] | C2SP tlog-proof |
//! | [`statement`] | the texts that are signed | `SPEC.md` |
//! | `item`, `private_part`, [`salt`] | [`Item`]: the leaves of an entry | `SPEC.md` |
//! | `seal` | [`SealItem`], [`SealedAccount`]: balances without a replay | `SPEC.md` |
//! | `receipt` | [`Receipt`] and its verification | `SPEC.md` |
//! | `original` | [`Original`]: that a leg is in the log, for who gives it back | `SPEC.md` |
//! | `record` | [`Record`]: what an export holds of an entry | `SPEC.md` |
//! | `balance` | [`BalanceProof`] and its verification | `SPEC.md` |
//! | `completeness` | [`verify_complete`]: nothing was left out | `SPEC.md` |
//! | [`batch`] | the binary batch | `SPEC.md` |
#![no_std]
extern crate alloc;

mod balance;
pub mod batch;
mod bundle;
mod checkpoint;
mod codec;
mod completeness;
mod cosignature;
mod entry;
mod hash;
mod item;
mod leg;
mod leg_kind;
mod merkle;
mod note;
mod of_exchange;
mod of_original;
mod of_window;
mod original;
pub mod outcomes;
mod policy;
mod private_part;
mod receipt;
mod record;
pub mod salt;
mod seal;
pub mod statement;
mod text;
mod tile;
mod tlog_proof;
mod vkey;

pub use balance::{BalanceError, BalanceProof, ProvenBalance};
pub use batch::{BatchError, BatchHeader, BatchRecord};
pub use bundle::{BUNDLE_ENTRY_BYTES_MAX, BundleError, decode_bundle, encode_bundle};
pub use checkpoint::{Checkpoint, CheckpointError, ORIGIN_BYTES_MAX, is_origin};
pub use completeness::{AccountItem, IncompleteError, Turnover, previous_of, verify_complete};
pub use cosignature::{
    AddCheckpoint, AddCheckpointError, COSIGNATURE_TIME_MAX, CosignatureError,
    WITNESS_PROOF_HASHES_MAX, WitnessKey, cosignature_message,
};
pub use entry::{Entry, EntryError, EntryKind};
pub use hash::{HASH_TEXT_BYTES, Hash, HashError};
pub use item::{
    Authorisation, AuthorisationSignature, ITEM_VERSION, InstructionItem, Item, ItemError, ItemView,
};
pub use leg::{LegFields, LegItem, LegView, Numbered, OfHold};
pub use leg_kind::LegKind;
pub use merkle::{
    Frontier, FrontierError, LeafTree, Nodes, ProofError, consistency_proof, empty_root,
    inclusion_proof, root_at, root_of, verify_consistency, verify_inclusion,
};
pub use note::{
    NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, Note, NoteError, NoteSignature, SignError, Signer,
};
pub use of_exchange::{OfExchange, Residue};
pub use of_original::OfOriginal;
pub use of_window::{ModelName, OfWindow};
pub use original::{Original, OriginalError, Subtree};
pub use outcomes::{BatchOutcome, OutcomesError, OutcomesHeader};
pub use policy::{
    POLICY_BYTES_MAX, Policy, PolicyError, PolicyFault, PolicyLog, PolicyRefusal, PolicyVerdict,
    PolicyWitness,
};
pub use private_part::{Counters, ItemRef, PrivatePart};
pub use receipt::{ItemOpening, Opening, Receipt, ReceiptError, Verified, VerifiedItem};
pub use record::{
    ItemBytes, ItemIter, RECORD_BYTES_MAX, RECORDS_PER_FILE, Record, RecordError, RecordParts,
    record_length,
};
pub use seal::{SealItem, SealedAccount, SealedAsset, SealedFields};
pub use tile::{
    FULL_TILE_BYTES, TILE_LEVEL_MAX, TILE_WIDTH, TileError, TileKind, TilePath, TileWidths,
    node_from_tiles, tiles_between,
};
pub use tlog_proof::{PROOF_HASHES_MAX, TlogProof, TlogProofError};
pub use vkey::{KeyId, RegistrationError, SignatureError, VerifierKey, VerifierKeyError};
