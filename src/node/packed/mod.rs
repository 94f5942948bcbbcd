//! What the node keeps of a binary batch, packed: most bytes of its records are zeros.
//!
//! ```text
//!  WAL frame   what was asked: debit, credit, amount, reference        batch.rs
//!  record      what came of it: counters and previous items as well    drafts.rs
//! ```
//!
//! Integers are varints (LEB128): seven bits a byte, the lowest first, no needless last byte.

mod batch;
mod drafts;
mod table;

pub use batch::pack_batch;
pub(super) use batch::unpack_batch;
pub(super) use drafts::{pack_drafts, unpack_drafts};
pub(super) use table::{ROW_BYTES, RUN, RUN_LEVEL, Table};

/// Bytes that are not what was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("packed bytes are malformed at {0}, counted from their end")]
pub struct Unpackable(usize);

/// Appends an integer.
fn put(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Appends a wide integer; amounts and counters almost always fit 64 bits.
fn put_wide(out: &mut Vec<u8>, value: u128) {
    match u64::try_from(value) {
        Ok(value) => put(out, value),
        Err(_) => {
            let mut rest = value;
            while rest >= 0x80 {
                out.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            out.push(rest as u8);
        }
    }
}

/// Reads what was packed.
struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    fn wrong(&self) -> Unpackable {
        Unpackable(self.0.len())
    }

    fn byte(&mut self) -> Result<u8, Unpackable> {
        let (first, rest) = self.0.split_first().ok_or(self.wrong())?;
        self.0 = rest;
        Ok(*first)
    }

    fn bytes(&mut self, len: usize) -> Result<&'a [u8], Unpackable> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(self.wrong())?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unpackable> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(self.wrong())?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn wide(&mut self) -> Result<u128, Unpackable> {
        let mut value = 0u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            // The last byte has room for two bits, and a zero byte behind others says nothing.
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return Err(self.wrong());
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.wrong())
    }

    fn long(&mut self) -> Result<u64, Unpackable> {
        let wrong = self.wrong();
        self.wide()?.try_into().map_err(|_| wrong)
    }

    fn int(&mut self) -> Result<u32, Unpackable> {
        let wrong = self.wrong();
        self.wide()?.try_into().map_err(|_| wrong)
    }

    /// How many things to make room for: no more than bytes are left.
    fn room(&self, count: u32) -> usize {
        usize::try_from(count).map_or(0, |count| count.min(self.0.len()))
    }

    fn end(&self) -> Result<(), Unpackable> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(self.wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_form() {
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::MAX, u64::MAX - 1] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(Unpacker(&bytes).long(), Ok(value));
            let mut wide = Vec::new();
            put_wide(&mut wide, u128::from(value));
            assert_eq!(wide, bytes);
        }
        for value in [u128::from(u64::MAX) + 1, (1 << 96) - 1, u128::MAX] {
            let mut bytes = Vec::new();
            put_wide(&mut bytes, value);
            assert_eq!(Unpacker(&bytes).wide(), Ok(value));
            assert!(Unpacker(&bytes).long().is_err());
        }
        assert!(Unpacker(&[0x80, 0]).wide().is_err());
        assert!(Unpacker(&[0x80]).wide().is_err());
        let mut over = [0xff; 19];
        over[18] = 0x04;
        assert!(Unpacker(&over).wide().is_err());
        assert!(Unpacker(&[0xff; 20]).wide().is_err());
    }
}
