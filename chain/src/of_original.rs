//! Originals in leg items: which leg of the log a return, a reversal or a recall is about.

use alloc::vec::Vec;

use crate::codec::Reader;
use crate::item::ItemError;

/// Which leg of the log is given back, or asked for, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfOriginal {
    /// Log index of its entry.
    pub index: u64,
    /// Number of its item in that entry.
    pub item: u32,
    /// Id of its instruction.
    pub id: [u8; 16],
    /// Why: a code of four letters and digits from the external code sets of ISO 20022.
    pub reason: [u8; 4],
}

impl OfOriginal {
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, ItemError> {
        let of = Self {
            index: r.u64()?,
            item: r.u32()?,
            id: r.array()?,
            reason: r.array()?,
        };
        let allowed = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        match of.item > 0 && of.reason.iter().all(allowed) {
            true => Ok(of),
            false => Err(ItemError::Field("original")),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.item.to_be_bytes());
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.reason);
    }

    /// The reason as a text.
    #[must_use]
    pub fn reason(&self) -> &str {
        core::str::from_utf8(&self.reason).unwrap_or_default()
    }
}
