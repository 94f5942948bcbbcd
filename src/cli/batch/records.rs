//! From rows to records: account numbers for addresses, minor units for amounts.
//!
//! A node is asked for both. What it says of numbers no proof stands behind; a row whose asset is
//! not that of both accounts is never sent.

use std::collections::{BTreeMap, BTreeSet};

use chain::BatchRecord;

use super::columns::{AMOUNT, ASSET, FROM, REFERENCE, TO};
use super::table::{Payment, Table};
use crate::cli::error::Failure;
use crate::client::Client;
use crate::ledger::{
    Address, Amount, AmountUnfit, AssetId, Outcome, RECORD_KIND_TRANSFER, Reference,
};
use crate::wire::{AccountNumber, reference};

/// A row that is no record: its position, the column to blame, a code, and why.
pub(super) type Unfit = (usize, usize, &'static str, String);

/// What the node says of accounts and assets.
#[derive(Debug, Default)]
pub(super) struct Known {
    accounts: BTreeMap<Address, AccountNumber>,
    scales: BTreeMap<AssetId, u8>,
}

impl Known {
    /// Asks for the accounts of some rows, and for all assets.
    pub(super) fn ask(reader: &Client, table: &Table, rows: &[usize]) -> Result<Self, Failure> {
        let payments = rows.iter().filter_map(|at| table.payment(*at));
        let legs = payments.flat_map(|payment| &payment.legs);
        let addresses: BTreeSet<Address> = legs
            .flat_map(|leg| [&leg.debit, &leg.credit])
            .filter_map(|text| Address::new(text).ok())
            .collect();
        let addresses: Vec<Address> = addresses.into_iter().collect();
        let numbers = reader.numbers(&addresses)?;
        let accounts = numbers.items.into_iter();
        let assets = reader.assets()?.into_iter();
        Ok(Self {
            accounts: accounts.map(|item| (item.address.clone(), item)).collect(),
            scales: assets.map(|asset| (asset.id, asset.scale)).collect(),
        })
    }

    /// The records of some rows, and the rows that are none.
    pub(super) fn records(
        &self,
        table: &Table,
        rows: &[usize],
    ) -> (Vec<(usize, BatchRecord)>, Vec<Unfit>) {
        let (mut records, mut unfit) = (Vec::new(), Vec::new());
        for &at in rows {
            let Some(payment) = table.payment(at) else {
                continue;
            };
            match self.record(payment) {
                Ok(record) => records.push((at, record)),
                Err((column, code, why)) => unfit.push((at, column, code, why)),
            }
        }
        (records, unfit)
    }

    fn record(&self, payment: &Payment) -> Result<BatchRecord, (usize, &'static str, String)> {
        let [leg] = &payment.legs;
        let debit = self.account(&leg.debit, FROM)?;
        let credit = self.account(&leg.credit, TO)?;
        for account in [debit, credit] {
            if account.asset.as_str() != leg.asset {
                let why = format!("the asset of {} is {}", account.address, account.asset);
                return Err((ASSET, Outcome::AssetMismatch.code(), why));
            }
        }
        let unknown = || {
            let why = format!("there is no asset {}", debit.asset);
            (ASSET, Outcome::AssetUnknown.code(), why)
        };
        let scale = *self.scales.get(&debit.asset).ok_or_else(unknown)?;
        let amount = minor_units(&leg.amount, scale)?;
        let reference = payment
            .reference
            .as_deref()
            .map(reference::parse)
            .transpose();
        let reference = reference.map_err(|why| (REFERENCE, "TEXT_GRAMMAR", why.to_string()))?;
        Ok(BatchRecord {
            debit: debit.number,
            credit: credit.number,
            amount,
            pending_id: [0; 16],
            kind: RECORD_KIND_TRANSFER,
            flags: 0,
            timeout: 0,
            reference: reference.map_or([0; 32], Reference::to_bytes),
        })
    }

    fn account(
        &self,
        address: &str,
        column: usize,
    ) -> Result<&AccountNumber, (usize, &'static str, String)> {
        let found = Address::new(address).ok();
        let found = found.and_then(|address| self.accounts.get(&address));
        found.ok_or_else(|| {
            let why = format!("there is no account {address}");
            (column, Outcome::AccountUnknown.code(), why)
        })
    }
}

/// An amount in the smallest units of its asset; nothing is rounded.
fn minor_units(text: &str, scale: u8) -> Result<u128, (usize, &'static str, String)> {
    let amount: Result<Amount, _> = text.parse();
    let amount = amount.map_err(|error| (AMOUNT, "AMOUNT_GRAMMAR", error.to_string()))?;
    amount.to_minor(scale).map_err(|unfit| {
        let outcome = match unfit {
            AmountUnfit::Precision => Outcome::PrecisionExceeded,
            AmountUnfit::TooLarge => Outcome::AmountTooLarge,
        };
        let why = format!("{text:?} has {unfit}; the asset has {scale} decimals");
        (AMOUNT, outcome.code(), why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let mut known = Known::default();
        for (number, address, asset) in [(3, "a", "USD"), (17, "b", "USD"), (5, "y", "JPY")] {
            let address = Address::new(address).unwrap();
            let item = AccountNumber {
                address: address.clone(),
                number,
                asset: AssetId::new(asset).unwrap(),
            };
            known.accounts.insert(address, item);
        }
        for (asset, scale) in [("USD", 2), ("JPY", 0)] {
            known.scales.insert(AssetId::new(asset).unwrap(), scale);
        }
        known
    }

    #[test]
    fn rows_become_records_or_are_told_with_their_column() {
        let max = (1u128 << 96) - 1;
        let sheet = format!(
            "from,to,asset,amount,reference\na,b,USD,12.5,INV-88\na,b,USD,0.01,\na,c,USD,1,\n\
             a,y,USD,1,\na,b,JPY,1,\na,b,USD,0.001,\ny,y,JPY,1.0,\na,b,USD,{max},\n"
        );
        let table = Table::read(sheet.as_bytes()).unwrap();
        let rows: Vec<usize> = (0..table.rows.len()).collect();
        let (records, unfit) = known().records(&table, &rows);
        let told: Vec<_> = records
            .iter()
            .map(|(at, r)| (*at, r.debit, r.credit, r.amount, r.reference[0]))
            .collect();
        assert_eq!(told, [(0, 3, 17, 1_250, b'I'), (1, 3, 17, 1, 0)]);
        let unfit: Vec<_> = unfit
            .iter()
            .map(|(at, c, code, _)| (*at, *c, *code))
            .collect();
        let wanted = [
            (2, TO, "ACCOUNT_UNKNOWN"),
            (3, ASSET, "ASSET_MISMATCH"),
            (4, ASSET, "ASSET_MISMATCH"),
            (5, AMOUNT, "PRECISION_EXCEEDED"),
            (6, AMOUNT, "PRECISION_EXCEEDED"),
            (7, AMOUNT, "AMOUNT_TOO_LARGE"),
        ];
        assert_eq!(unfit, wanted);
    }
}
