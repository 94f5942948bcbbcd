//! The binary batch: a 128-byte header, then 128-byte records, little-endian.
//!
//! ```text
//! header  0      4         6       8       12     16        24        25    32           96         112    128
//!         | QTB1 | version | flags | count | zero | created | mid_len | zero | message id | first id | zero |
//!
//! record  0       8        16       32           48     50      52        56              88     128
//!         | debit | credit | amount | pending id | kind | flags | timeout | reference [32] | zero |
//! ```
//!
//! The record at position `n` has instruction id `first id + n`. What `kind` and `flags` of a
//! record mean is for the ledger to say; this module guards the bytes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::text::array_at;

/// Length of the header and of each record in bytes.
pub const BATCH_RECORD_BYTES: usize = 128;
/// Largest number of records in a batch.
pub const BATCH_RECORDS_MAX: u32 = 8189;
/// Longest message id in bytes.
pub const MESSAGE_ID_BYTES_MAX: usize = 64;

const MAGIC: [u8; 4] = *b"QTB1";
const VERSION: u16 = 1;
const FLAG_ATOMIC: u16 = 1;
const RANDOM_BITS: u32 = 62;

/// The head of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchHeader {
    /// All records or none.
    pub atomic: bool,
    /// Number of records.
    pub count: u32,
    /// When the message was made: nanoseconds since 1970 UTC.
    pub created: u64,
    /// `[A-Za-z0-9._:/-]{1,64}`.
    pub message_id: String,
    /// Instruction id of the first record: a UUIDv7 in the byte order of its text.
    pub first_id: [u8; 16],
}

/// One instruction of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchRecord {
    /// Number of the account debited.
    pub debit: u64,
    /// Number of the account credited.
    pub credit: u64,
    /// Minor units of the accounts' asset.
    pub amount: u128,
    /// Id of the hold that is captured or voided; zero if none.
    pub pending_id: [u8; 16],
    /// What is asked for, as the ledger numbers it.
    pub kind: u16,
    /// Options of `kind`, as the ledger numbers them.
    pub flags: u16,
    /// How long a new hold lasts, in seconds.
    pub timeout: u32,
    /// End-to-end reference: opaque bytes without personal data.
    pub reference: [u8; 32],
}

/// Bytes that are not a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Not 128 bytes, or not 128 for the header and each record.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// The length that the kind of thing or its header demands.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// Another magic number.
    #[error("a batch begins with QTB1, not with {0:02x?}")]
    Magic([u8; 4]),
    /// A format version other than 1.
    #[error("unknown batch version {0}")]
    Version(u16),
    /// A flag of the header that has no meaning.
    #[error("unknown batch flags {0:#06x}")]
    Flags(u16),
    /// No record, or more than [`BATCH_RECORDS_MAX`].
    #[error("a batch has 1 to 8189 records, not {0}")]
    Count(u32),
    /// A byte that must be zero is not; the number is its offset.
    #[error("reserved byte {0} is not zero")]
    Reserved(usize),
    /// Not a message id.
    #[error("{0:02x?} is not a message id")]
    MessageId(Vec<u8>),
    /// The first id is not a UUIDv7.
    #[error("{0:02x?} is not a UUIDv7")]
    FirstId([u8; 16]),
    /// Counting on from the first id would leave its random bits.
    #[error("{count} ids from {first_id:02x?} on carry out of the low 62 bits")]
    IdCarry {
        /// The first id.
        first_id: [u8; 16],
        /// The number of records.
        count: u32,
    },
}

impl BatchHeader {
    /// Writes the 128 bytes of the header.
    ///
    /// # Errors
    /// [`BatchError`] if a field has a value that could not be read back.
    pub fn to_bytes(&self) -> Result<[u8; BATCH_RECORD_BYTES], BatchError> {
        self.check()?;
        let message_id = self.message_id.as_bytes();
        let mut bytes = [0; BATCH_RECORD_BYTES];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[6..8].copy_from_slice(&if self.atomic { FLAG_ATOMIC } else { 0 }.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.count.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.created.to_le_bytes());
        bytes[24] = message_id.len() as u8;
        bytes[32..32 + message_id.len()].copy_from_slice(message_id);
        bytes[96..112].copy_from_slice(&self.first_id);
        Ok(bytes)
    }

    /// Reads the 128 bytes of the header.
    ///
    /// # Errors
    /// [`BatchError`] for any bytes that [`BatchHeader::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        let bytes = fixed(bytes)?;
        if bytes[0..4] != MAGIC {
            return Err(BatchError::Magic(array_at(bytes, 0)));
        }
        let version = u16::from_le_bytes(array_at(bytes, 4));
        if version != VERSION {
            return Err(BatchError::Version(version));
        }
        let flags = u16::from_le_bytes(array_at(bytes, 6));
        if flags & !FLAG_ATOMIC != 0 {
            return Err(BatchError::Flags(flags));
        }
        let id_end = 32 + usize::from(bytes[24]);
        let message_id = bytes.get(32..id_end).unwrap_or_default();
        if !is_message_id(message_id) {
            return Err(BatchError::MessageId(message_id.into()));
        }
        for range in [12..16, 25..32, id_end..96, 112..128] {
            expect_zero(bytes, range)?;
        }
        let header = BatchHeader {
            atomic: flags & FLAG_ATOMIC != 0,
            count: u32::from_le_bytes(array_at(bytes, 8)),
            created: u64::from_le_bytes(array_at(bytes, 16)),
            message_id: message_id.iter().copied().map(char::from).collect(),
            first_id: array_at(bytes, 96),
        };
        header.check()?;
        Ok(header)
    }

    /// Returns the instruction id of the record at `position`, below [`BatchHeader::count`].
    #[must_use]
    pub fn instruction_id(&self, position: u32) -> [u8; 16] {
        u128::from_be_bytes(self.first_id)
            .wrapping_add(u128::from(position))
            .to_be_bytes()
    }

    fn check(&self) -> Result<(), BatchError> {
        let BatchHeader {
            count, first_id, ..
        } = *self;
        if !(1..=BATCH_RECORDS_MAX).contains(&count) {
            return Err(BatchError::Count(count));
        }
        if !is_message_id(self.message_id.as_bytes()) {
            return Err(BatchError::MessageId(self.message_id.as_bytes().into()));
        }
        if first_id[6] >> 4 != 7 || first_id[8] >> 6 != 0b10 {
            return Err(BatchError::FirstId(first_id));
        }
        let random = u64::from_be_bytes(array_at(&first_id, 8)) & ((1 << RANDOM_BITS) - 1);
        if random + u64::from(count - 1) >= 1 << RANDOM_BITS {
            return Err(BatchError::IdCarry { first_id, count });
        }
        Ok(())
    }
}

impl BatchRecord {
    /// Writes the 128 bytes of the record.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; BATCH_RECORD_BYTES] {
        let mut bytes = [0; BATCH_RECORD_BYTES];
        bytes[0..8].copy_from_slice(&self.debit.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.credit.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.amount.to_le_bytes());
        bytes[32..48].copy_from_slice(&self.pending_id);
        bytes[48..50].copy_from_slice(&self.kind.to_le_bytes());
        bytes[50..52].copy_from_slice(&self.flags.to_le_bytes());
        bytes[52..56].copy_from_slice(&self.timeout.to_le_bytes());
        bytes[56..88].copy_from_slice(&self.reference);
        bytes
    }

    /// Reads the 128 bytes of a record.
    ///
    /// # Errors
    /// [`BatchError::Length`], or [`BatchError::Reserved`] with the offset inside the record.
    pub fn from_bytes(bytes: &[u8]) -> Result<BatchRecord, BatchError> {
        let bytes = fixed(bytes)?;
        expect_zero(bytes, 88..128)?;
        Ok(BatchRecord {
            debit: u64::from_le_bytes(array_at(bytes, 0)),
            credit: u64::from_le_bytes(array_at(bytes, 8)),
            amount: u128::from_le_bytes(array_at(bytes, 16)),
            pending_id: array_at(bytes, 32),
            kind: u16::from_le_bytes(array_at(bytes, 48)),
            flags: u16::from_le_bytes(array_at(bytes, 50)),
            timeout: u32::from_le_bytes(array_at(bytes, 52)),
            reference: array_at(bytes, 56),
        })
    }
}

/// Splits the body of a batch into its header and the bytes of its records, whose number is that in
/// the header. [`BatchRecord::from_bytes`] reads each.
///
/// # Errors
/// [`BatchError`] if the header is malformed or the length is not the one it announces.
pub fn split_batch(body: &[u8]) -> Result<(BatchHeader, &[[u8; BATCH_RECORD_BYTES]]), BatchError> {
    let (header, records) =
        body.split_at_checked(BATCH_RECORD_BYTES)
            .ok_or(BatchError::Length {
                expected: BATCH_RECORD_BYTES,
                found: body.len(),
            })?;
    let header = BatchHeader::from_bytes(header)?;
    let expected = (header.count as usize + 1) * BATCH_RECORD_BYTES;
    if body.len() != expected {
        return Err(BatchError::Length {
            expected,
            found: body.len(),
        });
    }
    Ok((header, records.as_chunks().0))
}

/// Tells whether `id` is a message id: `[A-Za-z0-9._:/-]{1,64}`.
#[must_use]
pub fn is_message_id(id: &[u8]) -> bool {
    (1..=MESSAGE_ID_BYTES_MAX).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:/-".contains(byte))
}

fn fixed(bytes: &[u8]) -> Result<&[u8; BATCH_RECORD_BYTES], BatchError> {
    let wrong = BatchError::Length {
        expected: BATCH_RECORD_BYTES,
        found: bytes.len(),
    };
    bytes.try_into().map_err(|_| wrong)
}

fn expect_zero(bytes: &[u8], range: core::ops::Range<usize>) -> Result<(), BatchError> {
    match range
        .clone()
        .zip(&bytes[range])
        .find(|(_, byte)| **byte != 0)
    {
        Some((offset, _)) => Err(BatchError::Reserved(offset)),
        None => Ok(()),
    }
}
