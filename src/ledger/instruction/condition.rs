//! Conditions: what must hold for a transfer or a split to be carried out (LEDGER F05).

use serde::{Deserialize, Serialize};

use super::AccountRef;
use crate::ledger::amount::Amount;
use crate::ledger::time::Time;

/// Something that must hold when an instruction is carried out, just before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The time of the entry is not after this one.
    NotAfter(Time),
    /// So much is booked on an account.
    BalanceAtLeast {
        /// The account; its owner has signed.
        account: AccountRef,
        /// Posted balance, at least.
        amount: Amount,
    },
    /// Nothing changed an account after an entry.
    AccountVersion {
        /// The account; its owner has signed.
        account: AccountRef,
        /// Log index of the entry: that of the newest item of the account, or any later one.
        index: u64,
    },
}
