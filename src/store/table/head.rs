//! `h`: the head, written last.
//!
//! ```text
//! key    'h'
//! value  format u8 = 1 | size u64 | root [32] | leaf [32] | time u64
//! ```

use chain::Hash;

use crate::store::head::Head;

use super::take;

pub(in crate::store) const KEY: &[u8] = b"h";
pub(in crate::store) const FORMAT: u8 = 1;
const LEN: usize = 81;

pub(in crate::store) fn value(head: &Head) -> [u8; LEN] {
    let mut value = [FORMAT; LEN];
    value[1..9].copy_from_slice(&head.size.to_be_bytes());
    value[9..41].copy_from_slice(head.root.as_bytes());
    value[41..73].copy_from_slice(head.leaf.as_bytes());
    value[73..].copy_from_slice(&head.time.to_be_bytes());
    value
}

/// What the value says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum Parsed {
    /// A head.
    Head(Head),
    /// Another format than [`FORMAT`].
    Format(u8),
    /// No head.
    Damaged,
}

pub(in crate::store) fn parse_value(value: &[u8]) -> Parsed {
    match value.first() {
        Some(&FORMAT) => parse_fields(value).map_or(Parsed::Damaged, Parsed::Head),
        Some(&format) => Parsed::Format(format),
        None => Parsed::Damaged,
    }
}

fn parse_fields(value: &[u8]) -> Option<Head> {
    let head = Head {
        size: take(value, 1).map(u64::from_be_bytes)?,
        root: take(value, 9).map(Hash::from_bytes)?,
        leaf: take(value, 41).map(Hash::from_bytes)?,
        time: take(value, 73).map(u64::from_be_bytes)?,
    };
    (value.len() == LEN).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_round_trip() {
        let (root, leaf) = (Hash::from_bytes([1; 32]), Hash::from_bytes([2; 32]));
        let head = Head {
            size: 3,
            root,
            leaf,
            time: 4,
        };
        assert_eq!(parse_value(&value(&head)), Parsed::Head(head));
        assert_eq!(parse_value(&value(&head)[..80]), Parsed::Damaged);
        assert_eq!(parse_value(&[2; LEN]), Parsed::Format(2));
        assert_eq!(parse_value(&[]), Parsed::Damaged);
    }
}
