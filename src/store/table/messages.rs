//! `m`: the entry of each message, by the identity of a submission: `created`, participant, message
//! id. A message id may come back once the window has passed, so all three stand in the key.
//!
//! ```text
//! key    'm' | created u64 | participant | 0 | message id
//! value  entry index u64 | first 8 bytes of the entry's leaf hash
//! ```
//!
//! A key written for a batch whose head was lost may outlive it. The check shows that the entry now
//! at that index is another one, so such a key is never believed.

use chain::Hash;

use crate::store::batch::EntryBytes;

use super::take;

const LETTER: u8 = b'm';

pub(in crate::store) fn key(created: u64, participant: &str, id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(10 + participant.len() + id.len());
    key.push(LETTER);
    key.extend_from_slice(&created.to_be_bytes());
    key.extend_from_slice(participant.as_bytes());
    key.push(0);
    key.extend_from_slice(id.as_bytes());
    key
}

pub(in crate::store) fn value(index: u64, entry: &EntryBytes) -> [u8; 16] {
    let mut value = [0; 16];
    value[..8].copy_from_slice(&index.to_be_bytes());
    value[8..].copy_from_slice(&check(entry));
    value
}

/// Reads the index and the check; `None` for other bytes.
pub(in crate::store) fn parse_value(value: &[u8]) -> Option<(u64, [u8; 8])> {
    let index = take(value, 0).map(u64::from_be_bytes)?;
    (value.len() == 16).then_some((index, take(value, 8)?))
}

pub(in crate::store) fn check(entry: &EntryBytes) -> [u8; 8] {
    let mut check = [0; 8];
    check.copy_from_slice(&Hash::leaf(entry).as_bytes()[..8]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_round_trip() {
        let entry = [7; 120];
        assert_eq!(parse_value(&value(9, &entry)), Some((9, check(&entry))));
        assert_eq!(parse_value(&value(9, &entry)[..15]), None);
        assert_eq!(parse_value(&[0; 17]), None);
    }

    #[test]
    fn keys_differ_where_texts_differ() {
        assert_ne!(key(1, "ab", "c"), key(1, "a", "bc"));
        assert!(key(1, "z", "z") < key(2, "a", "a"));
    }
}
