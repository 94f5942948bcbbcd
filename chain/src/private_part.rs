//! The private part of an item: what one account's owner alone may read.

use crate::codec::Reader;
use crate::item::ItemError;

/// Names an item by its entry's index and its number inside the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemRef {
    /// Log index of the entry.
    pub index: u64,
    /// Number of the item inside the entry.
    pub item: u32,
}

/// The four counters of an account, in minor units. They only ever grow, except that pending
/// amounts go down when a hold ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Reserved for debits.
    pub debits_pending: u128,
    /// Debited for good.
    pub debits_posted: u128,
    /// Reserved for credits.
    pub credits_pending: u128,
    /// Credited for good.
    pub credits_posted: u128,
}

/// What an account's owner learns from an item: the counters after it, and the item before it that
/// touched the same account. Following `previous` proves that a statement leaves nothing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivatePart {
    /// Account number.
    pub account: u64,
    /// The account's counters after this item.
    pub counters: Counters,
    /// The account's previous item, if there is one.
    pub previous: Option<ItemRef>,
}

impl PrivatePart {
    /// Length of the encoding in bytes.
    pub const LEN: usize = 84;

    /// Writes `account u64 | four counters u128 | previous index u64 | previous item u32`; a first
    /// item has all ones in the last two fields.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0u8; Self::LEN];
        let previous = self.previous.unwrap_or(ItemRef {
            index: u64::MAX,
            item: u32::MAX,
        });
        let c = &self.counters;
        out[..8].copy_from_slice(&self.account.to_be_bytes());
        out[8..24].copy_from_slice(&c.debits_pending.to_be_bytes());
        out[24..40].copy_from_slice(&c.debits_posted.to_be_bytes());
        out[40..56].copy_from_slice(&c.credits_pending.to_be_bytes());
        out[56..72].copy_from_slice(&c.credits_posted.to_be_bytes());
        out[72..80].copy_from_slice(&previous.index.to_be_bytes());
        out[80..].copy_from_slice(&previous.item.to_be_bytes());
        out
    }

    /// Reads the encoding back.
    ///
    /// # Errors
    /// [`ItemError`] if the length is wrong or `previous` is half empty.
    pub fn parse(bytes: &[u8]) -> Result<Self, ItemError> {
        let mut r = Reader::new(bytes);
        let account = r.u64()?;
        let counters = Counters {
            debits_pending: r.u128()?,
            debits_posted: r.u128()?,
            credits_pending: r.u128()?,
            credits_posted: r.u128()?,
        };
        let (index, item) = (r.u64()?, r.u32()?);
        r.finish()?;
        let previous = match (index, item) {
            (u64::MAX, u32::MAX) => None,
            (u64::MAX, _) | (_, u32::MAX) => return Err(ItemError::Field("previous")),
            (index, item) => Some(ItemRef { index, item }),
        };
        Ok(Self {
            account,
            counters,
            previous,
        })
    }
}
