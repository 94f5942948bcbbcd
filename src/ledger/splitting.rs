//! `split`: what some pay and others get is worked out here, from what is available and by weights
//! (LEDGER F05). The instruction is an item with what was asked for; each leg is one with what moved.
//!
//! A refusal names a *place*: that of an account among the payers, then the payees. Nothing is told of
//! an account whose owner has not signed but what any transfer to it tells.

use alloc::vec::Vec;

use super::account::{Account, AccountStatus};
use super::amount::MINOR_MAX;
use super::apply::{Refusal, Work};
use super::draft::LegKind;
use super::instruction::{AccountRef, Getting, Instruction, Paying, Split};
use super::outcome::Outcome;
use super::transfer::{Place, as_limit, leg_number, to_minor, usable};
use super::{calendar, condition, guarding, sharing, standing, telling};

/// The accounts of a split, by number.
struct Parties {
    payers: Vec<u64>,
    payees: Vec<u64>,
}

impl Parties {
    fn all(&self) -> impl Iterator<Item = u64> + Clone {
        self.payers.iter().chain(&self.payees).copied()
    }

    /// The place of a payee.
    const fn place(&self, payee: usize) -> usize {
        self.payers.len().saturating_add(payee)
    }
}

fn at(outcome: Outcome, place: usize) -> Refusal {
    outcome.at_leg(leg_number(place))
}

/// Moves what the payers pay to the payees, or nothing.
pub(super) fn split(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Split,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let parties = find(work, i)?;
    condition::check(work, i.conditions.as_deref())?;
    let book = work.state.book();
    let named = parties
        .all()
        .filter_map(|number| book.account_numbered(number));
    if !calendar::admits_all(book, named) {
        return Err(Outcome::CutoffPassed.into());
    }
    if !i.is_sound() {
        return Err(Outcome::SplitInvalid.into());
    }
    let scale = scale(work, i, &parties)?;
    may_join(work, &parties)?;
    let (asks, takes) = (asked_of(i, scale)?, asked_for(i, &parties, scale)?);
    may_move(work, &parties)?;
    let pays = pays(work, &parties, &asks)?;
    let gets = gets(&pays, &takes)?;
    has_room(work, &parties, &pays, &gets)?;
    work.accept(ordinal, asked, Outcome::Settled);
    for (n, (payer, payee, amount)) in sharing::pairs(&pays, &gets).into_iter().enumerate() {
        let number = |of: &[u64], n: usize| of.get(n).copied().unwrap_or(u64::MAX);
        let pair = (
            number(&parties.payers, payer),
            number(&parties.payees, payee),
        );
        let place = Place {
            ordinal,
            leg: leg_number(n),
            id: i.id,
        };
        let refused = |outcome| at(outcome, parties.place(payee));
        let after = telling::after(work, pair, amount).map_err(refused)?;
        let counted = guarding::Leg {
            debit: pair.0,
            credit: pair.1,
            amount,
            booked: amount,
            legs: 1,
            settles: true,
        };
        // What comes to nothing moves nothing: it is told, and counts nowhere.
        if amount > 0 {
            guarding::count(work, &counted).map_err(refused)?;
        }
        telling::draft(work, &place, LegKind::Split, None, amount, after);
    }
    Ok(())
}

/// Finds all accounts; every payer's owner must have signed.
fn find(work: &Work<'_>, i: &Split) -> Result<Parties, Refusal> {
    let book = work.state.book();
    let (mut not_owned, mut place) = (None, 0usize);
    let mut number = |account: &AccountRef, pays: bool| {
        let account = book.account_ref(account);
        let account = account.ok_or_else(|| at(Outcome::AccountUnknown, place))?;
        if pays && not_owned.is_none() && !work.signed_by(account.owner) {
            not_owned = Some(place);
        }
        place = place.saturating_add(1);
        Ok::<u64, Refusal>(account.number)
    };
    let payers = i.payers.iter().map(|payer| number(&payer.account, true));
    let payers = payers.collect::<Result<Vec<_>, _>>()?;
    let payees = i.payees.iter().map(|payee| number(&payee.account, false));
    let payees = payees.collect::<Result<Vec<_>, _>>()?;
    match not_owned {
        Some(place) => Err(at(Outcome::NotOwner, place)),
        None => Ok(Parties { payers, payees }),
    }
}

/// The decimal places of the asset, if it is that of all accounts and moves.
fn scale(work: &Work<'_>, i: &Split, parties: &Parties) -> Result<u8, Refusal> {
    let book = work.state.book();
    let asset = book.asset(&i.asset).ok_or(Outcome::AssetUnknown)?;
    for (place, number) in parties.all().enumerate() {
        let account = book.account_numbered(number);
        if account.is_none_or(|account| account.asset != asset.number) {
            return Err(at(Outcome::AssetMismatch, place));
        }
    }
    usable(asset)?;
    Ok(asset.scale)
}

/// Whether every account stands once, and every payer may pay every payee by their kinds.
fn may_join(work: &Work<'_>, parties: &Parties) -> Result<(), Refusal> {
    let all: Vec<u64> = parties.all().collect();
    for (place, number) in all.iter().enumerate() {
        if all.iter().take(place).any(|before| before == number) {
            return Err(at(Outcome::SelfTransfer, place));
        }
    }
    let book = work.state.book();
    let kind = |number: &u64| book.account_numbered(*number).map(|account| account.kind);
    for (place, payer) in parties.payers.iter().enumerate() {
        if kind(payer).is_none_or(super::account::AccountKind::is_reserved) {
            return Err(at(Outcome::PostingNotAllowed, place));
        }
    }
    for (n, payee) in parties.payees.iter().enumerate() {
        let Some(credit) = kind(payee).filter(|kind| !kind.is_reserved()) else {
            return Err(at(Outcome::PostingNotAllowed, parties.place(n)));
        };
        let mut debits = parties.payers.iter().filter_map(kind);
        if debits.any(|debit| !book.postings().allows(debit, credit)) {
            return Err(at(Outcome::PostingNotAllowed, parties.place(n)));
        }
    }
    Ok(())
}

/// What is asked of a payer, minor units: what it pays at most and at least, and whether it may be
/// less than the most.
struct Ask {
    most: u128,
    least: u128,
    exact: bool,
}

fn asked_of(i: &Split, scale: u8) -> Result<Vec<Ask>, Refusal> {
    let ask = |(place, payer): (usize, &super::instruction::Payer)| {
        let form = payer.form().ok_or(Outcome::SplitInvalid)?;
        let least = payer.at_least.map(|least| as_limit(least, scale));
        // By default nothing is no payment.
        let least = least.unwrap_or(Ok(1));
        match form {
            Paying::Exact(amount) => to_minor(amount, scale).map(|amount| Ask {
                most: amount,
                least: amount,
                exact: true,
            }),
            Paying::Available(most) => {
                let most = most.map_or(Ok(u128::MAX), |most| to_minor(most, scale));
                most.and_then(|most| {
                    Ok(Ask {
                        most,
                        least: least?,
                        exact: false,
                    })
                })
            }
        }
        .map_err(|outcome| at(outcome, place))
    };
    i.payers.iter().enumerate().map(ask).collect()
}

/// What is asked for a payee; stated amounts are in minor units.
enum Take {
    Exact(u128),
    Ratio(u32),
    Remainder,
}

fn asked_for(i: &Split, parties: &Parties, scale: u8) -> Result<Vec<Take>, Refusal> {
    let take = |(n, payee): (usize, &super::instruction::Payee)| {
        let form = payee.form().ok_or(Outcome::SplitInvalid)?;
        Ok(match form {
            Getting::Exact(amount) => {
                let amount = to_minor(amount, scale);
                Take::Exact(amount.map_err(|outcome| at(outcome, parties.place(n)))?)
            }
            Getting::Ratio(weight) => Take::Ratio(weight),
            Getting::Remainder => Take::Remainder,
        })
    };
    i.payees.iter().enumerate().map(take).collect()
}

/// Whether accounts are open, and freezes and suspensions let them pay and receive.
fn may_move(work: &Work<'_>, parties: &Parties) -> Result<(), Refusal> {
    let (book, time) = (work.state.book(), work.time);
    let accounts = || {
        let all = parties.all().enumerate();
        all.filter_map(|(place, number)| Some((place, book.account_numbered(number)?)))
    };
    let pays = |place: usize| place < parties.payers.len();
    let first = |wrong: &dyn Fn(usize, &Account) -> bool| {
        let mut found = accounts().filter(|(place, account)| wrong(*place, account));
        found.next().map(|(place, _)| place)
    };
    if let Some(place) = first(&|_, account| account.status == AccountStatus::Closed) {
        return Err(at(Outcome::AccountClosed, place));
    }
    let frozen = |place: usize, account: &Account| match pays(place) {
        true => book.debits_frozen(account, time),
        false => book.credits_frozen(account, time),
    };
    if let Some(place) = first(&frozen) {
        return Err(at(Outcome::AccountFrozen, place));
    }
    if let Some(place) = first(&|place, account| pays(place) && book.owner_suspended(account)) {
        return Err(at(Outcome::ParticipantSuspended, place));
    }
    standing::may_split(book, &parties.payers, &parties.payees)
        .map_err(|(outcome, place)| at(outcome, place))
}

/// What each payer pays, minor units: within its limit for one transfer, and what it has.
fn pays(work: &Work<'_>, parties: &Parties, asks: &[Ask]) -> Result<Vec<u128>, Refusal> {
    let book = work.state.book();
    let mut pays = Vec::with_capacity(asks.len());
    for (place, (number, ask)) in parties.payers.iter().zip(asks).enumerate() {
        let account = book.account_numbered(*number);
        let account = account.ok_or_else(|| at(Outcome::AccountUnknown, place))?;
        let free = free(work, account);
        let amount = match ask.exact {
            true => ask.most,
            false => ask.most.min(free),
        };
        if account
            .limits
            .per_transfer_max
            .is_some_and(|max| amount > max)
        {
            return Err(at(Outcome::LimitPerTransfer, place));
        }
        let short = ask.exact && account.has_floor() && amount > free;
        if short || amount < ask.least {
            return Err(at(Outcome::InsufficientFunds, place));
        }
        pays.push(amount);
    }
    Ok(pays)
}

/// What is available on an account beside what is reserved, minor units; nothing while something urgent
/// waits for it.
fn free(work: &Work<'_>, account: &Account) -> u128 {
    let book = work.state.book();
    match account.has_floor() && book.queue().keeps(account.number) {
        true => 0,
        false => {
            let available = u128::try_from(book.available(account, work.time)).unwrap_or(0);
            available.saturating_sub(book.reserved(account).sum())
        }
    }
}

/// What each payee gets, minor units: stated amounts, and what they leave by weights or to the last.
fn gets(pays: &[u128], takes: &[Take]) -> Result<Vec<u128>, Refusal> {
    let whole = pays.iter().copied().fold(0, u128::saturating_add);
    if whole > MINOR_MAX {
        return Err(Outcome::AmountOverflow.into());
    }
    let stated = takes.iter().map(|take| match take {
        Take::Exact(amount) => *amount,
        Take::Ratio(_) | Take::Remainder => 0,
    });
    let stated = stated.fold(0, u128::saturating_add);
    let rest = whole.checked_sub(stated).ok_or(Outcome::Unbalanced)?;
    let weight = |take: &Take| match take {
        Take::Exact(_) => None,
        Take::Ratio(weight) => Some(*weight),
        Take::Remainder => Some(1),
    };
    let weights: Vec<u32> = takes.iter().filter_map(weight).collect();
    if weights.is_empty() && rest > 0 {
        return Err(Outcome::Unbalanced.into());
    }
    let mut parts = sharing::by_weight(rest, &weights).into_iter();
    let get = |take: &Take| match take {
        Take::Exact(amount) => *amount,
        Take::Ratio(_) | Take::Remainder => parts.next().unwrap_or(0),
    };
    Ok(takes.iter().map(get).collect())
}

/// Checks that no counter would pass its bound.
fn has_room(
    work: &Work<'_>,
    parties: &Parties,
    pays: &[u128],
    gets: &[u128],
) -> Result<(), Refusal> {
    let book = work.state.book();
    for (place, (number, amount)) in parties.all().zip(pays.iter().chain(gets)).enumerate() {
        let account = book.account_numbered(number);
        let counters = account.and_then(|account| match place < pays.len() {
            true => account.counters.debit(*amount),
            false => account.counters.credit(*amount),
        });
        if counters.is_none() {
            return Err(at(Outcome::AmountOverflow, place));
        }
    }
    Ok(())
}
