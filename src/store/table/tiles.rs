//! `t`: full tiles of 256 hashes, in two halves.
//!
//! ```text
//! key    't' | level u8 | number u64 | half u8
//! value  hash [32] * 128
//! ```

const LETTER: u8 = b't';
const HALF: usize = 4096;

pub(in crate::store) type Key = [u8; 11];

pub(in crate::store) fn key(level: u8, number: u64, half: u8) -> Key {
    let mut key = [LETTER; 11];
    key[1] = level;
    key[2..10].copy_from_slice(&number.to_be_bytes());
    key[10] = half;
    key
}

/// Cuts a tile in two.
pub(in crate::store) fn halves(
    level: u8,
    number: u64,
    tile: &[u8],
) -> impl Iterator<Item = (Key, &[u8])> {
    (0..)
        .zip(tile.chunks(HALF))
        .map(move |(half, bytes)| (key(level, number, half), bytes))
}

/// Puts the halves together; `None` when one has the wrong length.
pub(in crate::store) fn join(halves: [&[u8]; 2]) -> Option<Vec<u8>> {
    halves
        .iter()
        .all(|half| half.len() == HALF)
        .then(|| halves.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_round_trip_and_keys_are_ordered() {
        let tile: Vec<u8> = (0..8192_u32).map(|at| (at / 32) as u8).collect();
        let parts: Vec<(Key, &[u8])> = halves(2, 300, &tile).collect();
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].0, parts[1].0), (key(2, 300, 0), key(2, 300, 1)));
        assert_eq!(join([parts[0].1, parts[1].1]), Some(tile.clone()));
        assert_eq!(join([parts[0].1, &tile[1..4096]]), None);
        assert!(key(2, 300, 1) < key(2, 301, 0) && key(2, u64::MAX, 1) < key(3, 0, 0));
    }
}
