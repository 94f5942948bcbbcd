//! What a sandbox goes without, one thing at a time, to measure what it costs. A live log cannot.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::OpenError;
use crate::ledger::Mode;
use crate::store::{Batch, EntryBytes, Head, Store, StoreError};

/// The environment variable that names it.
pub const WITHOUT: &str = "QUITTANCE_BENCH_WITHOUT";

/// A guarantee that is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Signatures of submissions are not verified.
    Signatures,
    /// Items of batches are not hashed: no receipt of one holds.
    Merkle,
    /// The write-ahead log is not synced: nothing is durable.
    Sync,
    /// The store is given nothing: old entries cannot be read, and no start recovers.
    Store,
}

impl Without {
    /// Reads what the variable says.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "signatures" => Some(Self::Signatures),
            "merkle" => Some(Self::Merkle),
            "sync" => Some(Self::Sync),
            "store" => Some(Self::Store),
            _ => None,
        }
    }

    /// Refuses to go without anything in a log that is not a sandbox.
    pub(super) fn allowed(without: Option<Self>, mode: Mode) -> Result<(), OpenError> {
        match without.is_some() && mode != Mode::Sandbox {
            true => Err(OpenError::OtherLog {
                key: "log.mode",
                configured: format!("sandbox, which {WITHOUT} is for"),
                found: mode.as_str().to_owned(),
            }),
            false => Ok(()),
        }
    }
}

/// A store that takes everything and keeps nothing but its head.
pub(super) struct Forgetful {
    inner: Arc<dyn Store>,
    head: Mutex<Option<Head>>,
}

impl Forgetful {
    pub(super) fn new(inner: Arc<dyn Store>) -> Self {
        let head = Mutex::new(inner.head());
        Self { inner, head }
    }
}

impl Store for Forgetful {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        if let Some(head) = batch.new_head() {
            *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
        }
        Ok(())
    }

    fn head(&self) -> Option<Head> {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries(&self, first: u64, max: usize) -> Result<Vec<EntryBytes>, StoreError> {
        self.inner.entries(first, max)
    }

    fn record(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record(index)
    }

    fn record_part(
        &self,
        index: u64,
        from: usize,
        len: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.record_part(index, from, len)
    }

    fn tile(&self, level: u8, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.tile(level, number)
    }

    fn message(
        &self,
        created: u64,
        participant: &str,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        self.inner.message(created, participant, id)
    }

    fn snapshot(
        &self,
        at_or_below: u64,
        each: &mut dyn FnMut(Vec<u8>),
    ) -> Result<Option<u64>, StoreError> {
        self.inner.snapshot(at_or_below, each)
    }

    fn sync(&self) -> Result<Option<Head>, StoreError> {
        Ok(self.head())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_log_goes_without_nothing() {
        for name in ["signatures", "merkle", "sync", "store"] {
            let without = Without::from_name(name);
            assert!(without.is_some(), "{name}");
            assert!(Without::allowed(without, Mode::Sandbox).is_ok());
            let refused = Without::allowed(without, Mode::Live).unwrap_err();
            assert!(refused.to_string().contains(WITHOUT), "{refused}");
        }
        assert!(Without::allowed(None, Mode::Live).is_ok());
        assert_eq!(Without::from_name("all"), None);
    }
}
