//! Reading and writing the fields of items.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::Hash;
use crate::item::ItemError;

/// Appends a text of at most 255 bytes behind its length.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    debug_assert!(
        text.len() <= usize::from(u8::MAX),
        "names are limited to 255 bytes"
    );
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(text.as_bytes());
}

/// A strict cursor over an item's bytes.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'a [u8], ItemError> {
        let end = self
            .at
            .checked_add(len)
            .ok_or(ItemError::Truncated(self.at))?;
        let field = self
            .bytes
            .get(self.at..end)
            .ok_or(ItemError::Truncated(self.bytes.len()))?;
        self.at = end;
        Ok(field)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], ItemError> {
        let mut out = [0u8; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, ItemError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, ItemError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, ItemError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Result<u64, ItemError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn u128(&mut self) -> Result<u128, ItemError> {
        Ok(u128::from_be_bytes(self.array()?))
    }

    pub(crate) fn hash(&mut self) -> Result<Hash, ItemError> {
        Ok(Hash::from_bytes(self.array()?))
    }

    fn utf8(&mut self, len: usize) -> Result<&'a str, ItemError> {
        let bytes = self.take(len)?;
        core::str::from_utf8(bytes).map_err(|_| ItemError::Field("text"))
    }

    /// Reads a text where it stands.
    pub(crate) fn text_ref(&mut self) -> Result<&'a str, ItemError> {
        let len = usize::from(self.u8()?);
        self.utf8(len)
    }

    pub(crate) fn text(&mut self) -> Result<String, ItemError> {
        self.text_ref().map(ToString::to_string)
    }

    pub(crate) fn json(&mut self) -> Result<String, ItemError> {
        let len = usize::try_from(self.u32()?).map_err(|_| ItemError::Field("json"))?;
        self.utf8(len).map(ToString::to_string)
    }

    /// Reads a count, and so many hashes where they stand.
    pub(crate) fn hashes_ref(&mut self) -> Result<&'a [[u8; Hash::LEN]], ItemError> {
        let count = usize::from(self.u8()?);
        let (hashes, _) = self.take(count * Hash::LEN)?.as_chunks();
        Ok(hashes)
    }

    /// Reads a flags byte in which bit 0 says "has a text part" and no other bit may be set.
    pub(crate) fn text_flag(&mut self) -> Result<bool, ItemError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ItemError::Field("flags")),
        }
    }

    /// How many of `count` announced things to make room for: no more than can follow, at `least`
    /// bytes each.
    pub(crate) fn room(&self, count: u8, least: usize) -> usize {
        usize::from(count).min((self.bytes.len() - self.at) / least)
    }

    pub(crate) const fn finish(&self) -> Result<(), ItemError> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            left => Err(ItemError::Trailing(left)),
        }
    }
}
