//! The numbers of accounts whose addresses one knows.

use std::collections::BTreeSet;

use super::{Client, ClientError};
use crate::ledger::Address;
use crate::limits::NUMBERS_MAX;
use crate::wire::NumbersView;

/// Bytes of addresses in one request: a request line of 8 KiB passes every proxy.
const ASKED_BYTES_MAX: usize = 4_000;

impl Client {
    /// The numbers of any number of accounts, and which addresses are none's; in the order asked
    /// for, and at least up to `at_index`. What a number belongs to is the node's word: no proof
    /// comes with it.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Answer`] if an answer is to another question.
    pub fn numbers(&self, addresses: &[Address]) -> Result<NumbersView, ClientError> {
        let mut all = NumbersView {
            at_index: u64::MAX,
            items: Vec::new(),
            unknown: Vec::new(),
        };
        for asked in pieces(addresses) {
            let list: Vec<&str> = asked.iter().map(Address::as_str).collect();
            let path = format!("/v1/numbers?addresses={}", list.join(","));
            let raw = self.get_patiently(&path, "application/json")?;
            let other = raw.wrong("numbers of other addresses than were asked for".to_owned());
            let found: NumbersView = raw.json()?;
            if !answers(&found, asked) {
                return Err(other);
            }
            all.at_index = all.at_index.min(found.at_index);
            all.items.extend(found.items);
            all.unknown.extend(found.unknown);
        }
        Ok(all)
    }
}

/// Cuts a list into what one request may ask for.
fn pieces(mut rest: &[Address]) -> Vec<&[Address]> {
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |address: &&Address| {
            bytes += address.as_str().len() + 1;
            bytes <= ASKED_BYTES_MAX
        };
        let count = rest.iter().take(NUMBERS_MAX).take_while(fits).count();
        let (piece, behind) = rest.split_at(count);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// Whether an answer says of each address asked for one thing, and of no other anything.
fn answers(found: &NumbersView, asked: &[Address]) -> bool {
    let told = found.items.iter().map(|item| &item.address);
    let told: Vec<_> = told.chain(&found.unknown).collect();
    let names: BTreeSet<_> = told.iter().copied().collect();
    told.len() == asked.len() && names == asked.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::AccountNumber;

    fn address(text: &str) -> Address {
        Address::new(text).unwrap()
    }

    #[test]
    fn a_long_list_is_asked_for_in_pieces_that_pass_a_proxy() {
        let short: Vec<_> = (0..450).map(|n| address(&format!("b:{n}"))).collect();
        let lengths = |list: &[Address]| -> Vec<usize> {
            pieces(list).iter().map(|piece| piece.len()).collect()
        };
        assert_eq!(lengths(&short), [200, 200, 50]);
        let long: Vec<_> = (0..100).map(|n| address(&format!("{n:064}"))).collect();
        assert_eq!(lengths(&long), [61, 39]);
        assert_eq!(pieces(&long).concat(), long);
        assert!(lengths(&[]).is_empty());
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let item = |text: &str| AccountNumber {
            address: address(text),
            number: 7,
            asset: "USD".parse().unwrap(),
        };
        let found = |items: &[&str], unknown: &[&str]| NumbersView {
            at_index: 3,
            items: items.iter().map(|text| item(text)).collect(),
            unknown: unknown.iter().map(|text| address(text)).collect(),
        };
        let asked = [address("a"), address("b")];
        assert!(answers(&found(&["a"], &["b"]), &asked));
        for (items, unknown) in [
            (&["a"][..], &[][..]),
            (&["a"], &["c"]),
            (&["a", "b"], &["b"]),
            (&["a", "a"], &[]),
        ] {
            assert!(
                !answers(&found(items, unknown), &asked),
                "{items:?} {unknown:?}"
            );
        }
    }
}
