//! A node as its auditor reads it over HTTP.

use quittance::client::{Client, ClientError};
use quittance::wire::{EntryView, HoldView, ModelView, PaymentView, ReceiptFile};

use crate::evidence::Source;
use crate::model::money;

/// An auditor's session.
pub(crate) struct Reading<'a>(pub(crate) &'a Client);

fn said<T>(answer: Result<T, ClientError>) -> Result<T, String> {
    answer.map_err(|error| format!("{error:?}"))
}

impl Source for Reading<'_> {
    fn checkpoint(&self) -> Result<String, String> {
        said(self.0.checkpoint())
    }

    fn entry(&self, index: u64) -> Result<EntryView, String> {
        said(self.0.entry(index))
    }

    fn receipt(&self, index: u64) -> Result<ReceiptFile, String> {
        Ok(said(self.0.receipt(index, None))?.0)
    }

    /// The model counts minor units and prints them with two decimals, whatever the currency.
    fn posted(&self, address: &str) -> Result<String, String> {
        let posted = said(self.0.account(address))?.posted;
        let minor = posted.replace('.', "").parse();
        Ok(money(minor.map_err(|_| posted)?))
    }

    fn standing(&self, address: &str) -> Result<[String; 3], String> {
        let account = said(self.0.account(address))?;
        Ok([
            account.posted,
            account.pending_debits,
            account.pending_credits,
        ])
    }

    fn holds(&self) -> Result<Vec<HoldView>, String> {
        said(self.0.holds(None, false, usize::MAX))
    }

    fn payments(&self) -> Result<Vec<PaymentView>, String> {
        said(self.0.payments(None, usize::MAX))
    }

    fn models(&self) -> Result<Vec<ModelView>, String> {
        said(self.0.cycles())
    }
}
