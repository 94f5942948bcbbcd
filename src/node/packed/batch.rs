//! What a batch asks for, as it stands in a frame of the write-ahead log.
//!
//! ```text
//! atomic u8 | created | message id: length u8, bytes | first id [16] | count | transfers
//! transfer:  flags u8 (1: has a reference) | debit | credit | amount | reference [32]
//! ```

use super::{Unpackable, Unpacker, put, put_wide};
use crate::ledger::{Authorisation, Batch, BatchTransfer, InstructionId, MessageId, Time};

const REFERENCE: u8 = 1;

/// A batch, unpacked, with what its header says beside.
pub(in crate::node) struct Unpacked {
    pub(in crate::node) batch: Batch,
    pub(in crate::node) created: Time,
    pub(in crate::node) message_id: MessageId,
    pub(in crate::node) atomic: bool,
}

/// Packs a batch.
#[must_use]
pub fn pack_batch(who: &Authorisation, batch: &Batch) -> Vec<u8> {
    let mut out = Vec::with_capacity(batch.transfers.len() * 12 + 128);
    out.push(u8::from(who.atomic));
    put(&mut out, who.created.nanos());
    let id = who.message_id.as_str().as_bytes();
    // At most 64 bytes.
    out.push(id.len() as u8);
    out.extend_from_slice(id);
    out.extend_from_slice(&batch.first_id.to_bytes());
    put(&mut out, u64::from(batch.len()));
    for transfer in &batch.transfers {
        out.push(if transfer.reference.is_some() {
            REFERENCE
        } else {
            0
        });
        put(&mut out, transfer.debit);
        put(&mut out, transfer.credit);
        put_wide(&mut out, transfer.amount);
        if let Some(reference) = &transfer.reference {
            out.extend_from_slice(reference);
        }
    }
    out
}

/// Unpacks a batch.
///
/// # Errors
/// [`Unpackable`].
pub(in crate::node) fn unpack_batch(bytes: &[u8]) -> Result<Unpacked, Unpackable> {
    let mut from = Unpacker(bytes);
    let wrong = from.wrong();
    let atomic = match from.byte()? {
        0 => false,
        1 => true,
        _ => return Err(wrong),
    };
    let created = Time::from_nanos(from.long()?);
    let id = usize::from(from.byte()?);
    let id = core::str::from_utf8(from.bytes(id)?).map_err(|_| wrong)?;
    let message_id = MessageId::new(id).map_err(|_| wrong)?;
    let first_id = InstructionId::from_bytes(from.array()?).map_err(|_| wrong)?;
    let count = from.int()?;
    let mut transfers = Vec::with_capacity(from.room(count));
    for _ in 0..count {
        let flags = from.byte()?;
        let (debit, credit, amount) = (from.long()?, from.long()?, from.wide()?);
        let reference = match flags {
            0 => None,
            REFERENCE => Some(from.array()?),
            _ => return Err(from.wrong()),
        };
        transfers.push(BatchTransfer {
            debit,
            credit,
            amount,
            reference,
        });
    }
    from.end()?;
    Ok(Unpacked {
        batch: Batch {
            first_id,
            transfers,
        },
        created,
        message_id,
        atomic,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_back_as_it_was() {
        let who = Authorisation {
            submitter: "bank-a".parse().unwrap(),
            content_type: String::new(),
            body_hash: [0; 32],
            created: Time::from_nanos(1_795_426_200_000_000_001),
            message_id: "m/1".parse().unwrap(),
            atomic: true,
            signatures: Vec::new(),
        };
        let transfer = |amount, reference| BatchTransfer {
            debit: 7,
            credit: u64::MAX,
            amount,
            reference,
        };
        let batch = Batch {
            first_id: InstructionId::from_parts(1_795_426_200_000, 9),
            transfers: vec![transfer(0, None), transfer(u128::MAX, Some([9; 32]))],
        };
        let bytes = pack_batch(&who, &batch);
        let unpacked = unpack_batch(&bytes).unwrap();
        assert_eq!((unpacked.batch, unpacked.atomic), (batch, true));
        assert_eq!(unpacked.created, who.created);
        assert_eq!(unpacked.message_id, who.message_id);
        for cut in 0..bytes.len() {
            assert!(unpack_batch(&bytes[..cut]).is_err(), "{cut}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(unpack_batch(&longer).is_err());
    }
}
