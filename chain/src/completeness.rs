//! Completeness: that between two sealed states of an account no item was left out.
//!
//! Every private part names the account's item before it, and every seal the account's last one. A
//! list of items that leads from one seal to another by these names is all there was.

use crate::private_part::{Counters, ItemRef, PrivatePart};
use crate::receipt::VerifiedItem;
use crate::seal::SealedAccount;
use crate::{Item, LegItem, LegKind};

/// One item of an account, with its place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountItem<'a> {
    /// Where it stands.
    pub at: ItemRef,
    /// The item, verified, with the account's private part.
    pub item: &'a VerifiedItem,
}

/// What a complete list of items adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turnover {
    /// Items.
    pub items: u64,
    /// Posted to debit, minor units.
    pub debits: u128,
    /// Posted to credit, minor units.
    pub credits: u128,
}

/// The first place where a list is not all there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IncompleteError {
    /// The two ends are of different accounts, or the wrong way round.
    #[error("the two balances are not of one account, the older first")]
    Ends,
    /// An item is no leg, or its private part of the account is not opened.
    #[error("item {} of entry {} does not open the account's part", .0.item, .0.index)]
    Closed(ItemRef),
    /// An item does not follow the one before it.
    #[error(
        "something is missing before item {} of entry {}: it follows {}, not {}",
        at.item, at.index, Named(*.follows), Named(*.listed)
    )]
    Gap {
        /// The item.
        at: ItemRef,
        /// The item that it says it follows.
        follows: Option<ItemRef>,
        /// The item that stands before it in the list.
        listed: Option<ItemRef>,
    },
    /// The counters after an item are not those before it and its amount.
    #[error("item {} of entry {}: its amount does not lead to its counters", .0.item, .0.index)]
    Amount(ItemRef),
    /// The list ends before the newer balance.
    #[error("something is missing at the end: the balance follows {}, not {}", Named(*.follows), Named(*.listed))]
    End {
        /// The last item by the newer balance.
        follows: Option<ItemRef>,
        /// The last item of the list.
        listed: Option<ItemRef>,
    },
    /// The counters at the end are not those of the newer balance.
    #[error("the items do not lead to the newer balance")]
    Balance,
}

/// An item as words.
struct Named(Option<ItemRef>);

impl core::fmt::Display for Named {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            None => f.write_str("nothing"),
            Some(at) => write!(f, "item {} of entry {}", at.item, at.index),
        }
    }
}

/// Verifies that `items`, oldest first, are all that changed an account between two seals, or from
/// its opening to a seal if `older` is `None`.
///
/// # Errors
/// [`IncompleteError`], which names the first place.
pub fn verify_complete(
    older: Option<&SealedAccount>,
    newer: &SealedAccount,
    items: &[AccountItem<'_>],
) -> Result<Turnover, IncompleteError> {
    let same = older.is_none_or(|older| {
        (older.number, &older.address, &older.asset) == (newer.number, &newer.address, &newer.asset)
            && older.sealed_size <= newer.sealed_size
    });
    if !same {
        return Err(IncompleteError::Ends);
    }
    let mut counters = older.map_or_else(Counters::default, |older| older.counters);
    let mut last = older.and_then(|older| older.last);
    let mut turnover = Turnover::default();
    for AccountItem { at, item } in items {
        let (leg, part) = part_of(item, newer.number).ok_or(IncompleteError::Closed(*at))?;
        if part.previous != last {
            return Err(IncompleteError::Gap {
                at: *at,
                follows: part.previous,
                listed: last,
            });
        }
        let after = posted(counters, leg, newer.number).ok_or(IncompleteError::Amount(*at))?;
        if after != part.counters {
            return Err(IncompleteError::Amount(*at));
        }
        turnover.items += 1;
        turnover.debits += after.debits_posted - counters.debits_posted;
        turnover.credits += after.credits_posted - counters.credits_posted;
        (counters, last) = (after, Some(*at));
    }
    if last != newer.last {
        return Err(IncompleteError::End {
            follows: newer.last,
            listed: last,
        });
    }
    match counters == newer.counters {
        true => Ok(turnover),
        false => Err(IncompleteError::Balance),
    }
}

fn part_of(item: &VerifiedItem, account: u64) -> Option<(&LegItem, &PrivatePart)> {
    let Item::Leg(leg) = &item.item else {
        return None;
    };
    let part = item.private.iter().find(|part| part.account == account)?;
    Some((leg, part))
}

/// The counters of an account after a leg of which it is one side.
fn posted(mut counters: Counters, leg: &LegItem, account: u64) -> Option<Counters> {
    let (posted, pending) = match account {
        _ if leg.debit == account => (&mut counters.debits_posted, &mut counters.debits_pending),
        _ if leg.credit == account => (&mut counters.credits_posted, &mut counters.credits_pending),
        _ => return None,
    };
    if leg.kind.is_posted() {
        *posted = posted.checked_add(leg.amount)?;
    }
    *pending = match (leg.kind, &leg.of_hold) {
        (LegKind::Reserve, _) => pending.checked_add(leg.amount)?,
        (LegKind::Expire, _) => pending.checked_sub(leg.amount)?,
        (_, Some(of)) => pending.checked_sub(of.unreserved)?,
        (_, None) => *pending,
    };
    Some(counters)
}

/// The items that a list must hold before `newest`, newest first, by the names in private parts:
/// how whoever fetches them knows what to ask for next.
#[must_use]
pub fn previous_of(item: &VerifiedItem, account: u64) -> Option<Option<ItemRef>> {
    part_of(item, account).map(|(_, part)| part.previous)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    const ACCOUNT: u64 = 7;

    fn sealed(size: u64, counters: Counters, last: Option<ItemRef>) -> SealedAccount {
        SealedAccount {
            sealed_size: size,
            accounts: 9,
            number: ACCOUNT,
            asset: "USD".into(),
            scale: 2,
            address: "bank-a:usd".into(),
            counters,
            last,
        }
    }

    fn item(debit: u64, credit: u64, amount: u128, part: PrivatePart) -> VerifiedItem {
        let leg = LegItem {
            kind: LegKind::Transfer,
            instruction: 0,
            leg: 0,
            outcome: 1,
            id: [0; 16],
            scale: 2,
            amount,
            debit,
            credit,
            asset: "USD".into(),
            debit_address: "a".into(),
            credit_address: "b".into(),
            numbered: None,
            of_hold: None,
            since: None,
            of_window: None,
            of_original: None,
            mandate: None,
            of_exchange: None,
            value_date: None,
            month: None,
            text: None,
            private: Vec::new(),
        };
        VerifiedItem {
            n: 1,
            item: Item::Leg(leg),
            private: vec![part],
            text: None,
        }
    }

    /// An opening at nothing, +100, -30, +5, and where they stand.
    fn story() -> (Vec<(ItemRef, VerifiedItem)>, SealedAccount) {
        let mut all = Vec::new();
        let (mut counters, mut last) = (Counters::default(), None);
        for (n, (debit, credit, amount)) in [(1, ACCOUNT, 100), (ACCOUNT, 2, 30), (3, ACCOUNT, 5)]
            .into_iter()
            .enumerate()
        {
            match debit == ACCOUNT {
                true => counters.debits_posted += amount,
                false => counters.credits_posted += amount,
            }
            let at = ItemRef {
                index: 10 + n as u64,
                item: 1,
            };
            let part = PrivatePart {
                account: ACCOUNT,
                counters,
                previous: last,
            };
            all.push((at, item(debit, credit, amount, part)));
            last = Some(at);
        }
        (all, sealed(20, counters, last))
    }

    fn check(
        older: Option<&SealedAccount>,
        newer: &SealedAccount,
        items: &[(ItemRef, VerifiedItem)],
    ) -> Result<Turnover, IncompleteError> {
        let items: Vec<_> = items
            .iter()
            .map(|(at, item)| AccountItem { at: *at, item })
            .collect();
        verify_complete(older, newer, &items)
    }

    #[test]
    fn a_complete_list_holds_and_adds_up() {
        let (items, newer) = story();
        let whole = Turnover {
            items: 3,
            debits: 30,
            credits: 105,
        };
        assert_eq!(check(None, &newer, &items), Ok(whole));
        let first = &items[0];
        let counters = Counters {
            credits_posted: 100,
            ..Counters::default()
        };
        let older = sealed(11, counters, Some(first.0));
        let rest = check(Some(&older), &newer, &items[1..]).unwrap();
        assert_eq!((rest.debits, rest.credits), (30, 5));
        assert_eq!(check(Some(&newer), &newer, &[]), Ok(Turnover::default()));
    }

    #[test]
    fn whatever_is_missing_or_changed_is_named() {
        use IncompleteError as E;
        let (items, newer) = story();
        for missing in 0..2 {
            let mut list = items.clone();
            list.remove(missing);
            assert!(matches!(check(None, &newer, &list), Err(E::Gap { .. })));
        }
        assert!(matches!(
            check(None, &newer, &items[..2]),
            Err(E::End { .. })
        ));
        let mut list = items.clone();
        list.swap(0, 1);
        assert!(matches!(check(None, &newer, &list), Err(E::Gap { .. })));
        let mut list = items.clone();
        list[1].1.private.clear();
        assert_eq!(check(None, &newer, &list), Err(E::Closed(items[1].0)));
        let mut list = items.clone();
        list[1].1.private[0].counters.debits_posted += 1;
        assert_eq!(check(None, &newer, &list), Err(E::Amount(items[1].0)));
        let mut other = newer.clone();
        other.counters.debits_pending = 1;
        assert_eq!(check(None, &other, &items), Err(E::Balance));
        let mut other = sealed(1, Counters::default(), None);
        other.number = 8;
        assert_eq!(check(Some(&other), &newer, &items), Err(E::Ends));
        let later = sealed(21, Counters::default(), None);
        assert_eq!(check(Some(&later), &newer, &items), Err(E::Ends));
    }
}
