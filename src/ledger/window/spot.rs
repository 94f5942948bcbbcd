//! Where an id or a message stands in the window.

use crate::ledger::id::InstructionId;
use crate::ledger::ordered::Spot;

/// Milliseconds in a shard.
const SHARD_MS: u64 = 256;
/// Nanoseconds in a shard: about a quarter of a second. A shard is what the floor drops at once, so
/// it is small; and a power of two of milliseconds, so that a shard and eight bits are an id's time.
pub(super) const SHARD: u64 = SHARD_MS * 1_000_000;
/// Random bits of an id.
const RANDOM: u32 = 74;
/// Random bits behind the variant.
const RANDOM_LOW: u32 = 62;

/// The shard of a time, nanoseconds.
pub(super) const fn shard_of(time: u64) -> u64 {
    time / SHARD
}

/// The place of a participant's id: the shard of the id's time, and in there
/// `participant 32 | millisecond 8 | random 74`, which are all of the id but its fixed bits. Ids of
/// one participant stand in their own order, and consecutive ones beside each other.
pub(super) fn id_spot(participant: u32, id: InstructionId) -> Spot {
    let number = id.to_u128();
    let millis = (number >> 80) as u64;
    let high = (number >> 64) & 0xfff;
    let low = number & ((1 << RANDOM_LOW) - 1);
    let random = (high << RANDOM_LOW) | low;
    let at = u128::from(participant) << 8 | u128::from(millis % SHARD_MS);
    (millis / SHARD_MS, at << RANDOM | random)
}

/// The participant that a key in a shard belongs to.
pub(super) const fn participant_of(key: u128) -> u32 {
    // The cast cuts nothing: above the participant's 32 bits a key has none.
    (key >> (RANDOM + 8)) as u32
}

/// The place of a message: half of the hash that is its key. 2^64 messages would have to be tried
/// for two that meet, and all of them inside one window. Whoever did that would meet a message of
/// their own, for the hash is over the participant too: it would be answered as if its id had been
/// used. To meet somebody else's, 2^128 divided by how many of theirs there are.
pub(super) fn message_spot(key: &[u8; 32]) -> Spot {
    let half = key.first_chunk().copied().unwrap_or_default();
    (0, u128::from_be_bytes(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_all_of_an_id() {
        let mut spots = alloc::collections::BTreeSet::new();
        for participant in [0, 1, u32::MAX] {
            for millis in [0, 1, 255, 256, 257, (1 << 48) - 1] {
                for random in [0, 1, (1 << 62) - 1, 1 << 62, (1u128 << 74) - 1] {
                    let id = InstructionId::from_parts(millis, random);
                    let spot = id_spot(participant, id);
                    assert!(spots.insert(spot));
                    assert_eq!(participant_of(spot.1), participant);
                    if id.time() < u64::MAX {
                        assert_eq!(spot.0, shard_of(id.time()));
                    }
                    if random & ((1 << 62) - 1) == 0 {
                        let next = id_spot(participant, id.count_on(7));
                        assert_eq!(next, (spot.0, spot.1 + 7));
                    }
                }
            }
        }
    }
}
