//! Which kinds of accounts may pay which (LEDGER F02).

use serde::{Deserialize, Serialize};

use crate::ledger::account::AccountKind;
use crate::ledger::id::InstructionId;

/// Allows accounts of one kind to pay accounts of another, or stops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPosting {
    /// Instruction id.
    pub id: InstructionId,
    /// Kind of the account debited; `issuance` stands for funds in.
    pub debit: AccountKind,
    /// Kind of the account credited; `issuance` stands for funds out.
    pub credit: AccountKind,
    /// Whether it may be.
    pub allowed: bool,
}
