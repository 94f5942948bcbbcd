//! The numbers of accounts whose addresses somebody knows, for binary batches.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{Account, Address, AssetId, Book};

/// What is told of addresses: numbers and assets, and nothing that an attempt to pay them would not
/// tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumbersView {
    /// Log index up to which this is true. Numbers never change; an unknown address may be opened
    /// later.
    pub at_index: u64,
    /// The accounts there are, in the order asked for.
    pub items: Vec<AccountNumber>,
    /// The addresses of no account, in the order asked for.
    pub unknown: Vec<Address>,
}

/// How a binary batch names an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountNumber {
    /// Address.
    pub address: Address,
    /// Number.
    pub number: u64,
    /// Asset id: amounts count its minor units.
    pub asset: AssetId,
}

impl AccountNumber {
    /// Shows an account's number; `None` if the account is not one of the book's.
    #[must_use]
    pub fn of(book: &Book, account: &Account) -> Option<Self> {
        Some(Self {
            address: account.address.clone(),
            number: account.number,
            asset: book.asset_numbered(account.asset)?.id.clone(),
        })
    }
}
