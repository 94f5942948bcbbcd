//! Asset records: what the ledger keeps of an asset once a module has described it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::id::AssetId;

/// Whether an asset takes postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetStatus {
    /// Takes postings.
    Active,
    /// Takes none for now.
    Suspended,
    /// Takes none any more.
    Retired,
}

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Number, dense from 0.
    pub number: u32,
    /// Id.
    pub id: AssetId,
    /// Name of the module that described it.
    pub module: String,
    /// Version of the module's description.
    pub module_version: u16,
    /// Decimal places; never changes.
    pub scale: u8,
    /// Whether it takes postings.
    pub status: AssetStatus,
    /// Number of its issuance account.
    pub issuance: u64,
}
