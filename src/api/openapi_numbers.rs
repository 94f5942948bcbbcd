//! Shapes of the numbers of accounts, for the description of the API.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{Address, AssetId};

/// Numbers of accounts, for binary batches.
#[derive(ToSchema)]
pub(super) struct Numbers {
    /// Log index up to which this is true; numbers never change.
    at_index: u64,
    /// The accounts there are, in the order asked for.
    items: Vec<AccountNumber>,
    /// The addresses of no account.
    unknown: Vec<Address>,
}

/// How a binary batch names an account.
#[derive(ToSchema)]
pub(super) struct AccountNumber {
    address: Address,
    number: u64,
    asset: AssetId,
}
