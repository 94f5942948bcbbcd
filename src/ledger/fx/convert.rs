//! `convert`: one amount is stated, the other follows; two legs in one entry, or none.

use chain::Residue;

use super::instruction::{Convert, ConvertAt, Fixed, RateName};
use super::of::OfExchange;
use super::ratio::{Rounding, exchange};
use super::record::{Fx, InForce, Rate, RateExecution, RateKey};
use crate::ledger::account::Account;
use crate::ledger::apply::{Refusal, Work};
use crate::ledger::asset::Asset;
use crate::ledger::calendar;
use crate::ledger::draft::{About, HeldLeg, LegKind};
use crate::ledger::guarding;
use crate::ledger::hold::{Hold, HoldEnd};
use crate::ledger::holding;
use crate::ledger::id::InstructionId;
use crate::ledger::instruction::Instruction;
use crate::ledger::outcome::Outcome;
use crate::ledger::transfer::{Place, as_limit, check_pair, may_debit, to_minor, usable};

/// Ordinals of the two legs.
const SOURCE: u16 = 0;
const TARGET: u16 = 1;

/// What is exchanged: amounts in minor units, and the accounts of whoever deals.
struct Deal {
    /// Id of the rate or quote.
    at: InstructionId,
    source: u128,
    target: u128,
    /// What the rounding left, of the amount that was not stated.
    residue: Residue,
    /// The dealer's account that the source amount is paid to.
    receive: u64,
    /// The dealer's account that pays the target amount.
    pays: u64,
    /// The hold that the target amount is taken from.
    hold: Option<Hold>,
}

/// The two accounts of who converts, with their assets.
struct Sides<'a> {
    debit: &'a Account,
    credit: &'a Account,
    source: &'a Asset,
    target: &'a Asset,
}

/// Carries out a conversion.
pub(in crate::ledger) fn convert(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Convert,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let sides = sides(work, i)?;
    // A quote was promised before, as a hold is; a rate is the price of now.
    let promised = matches!(i.at, ConvertAt::Quote(_));
    let both = || [sides.debit, sides.credit].into_iter();
    if !promised && !calendar::admits_all(work.state.book(), both()) {
        return Err(Outcome::CutoffPassed.into());
    }
    let (fixed, other) = match i.fixed {
        Fixed::Source => (sides.source, sides.target),
        Fixed::Target => (sides.target, sides.source),
    };
    // As a least it may be zero: then any is good.
    let (amount, limit) = (
        to_minor(i.amount, fixed.scale)?,
        as_limit(i.limit, other.scale)?,
    );
    let deal = match &i.at {
        ConvertAt::Quote(id) => quoted(work, &sides, *id, (i.fixed, amount))?,
        ConvertAt::Rate(name) => rated(work, &sides, name, (i.fixed, amount))?,
    };
    let within = match i.fixed {
        Fixed::Source => deal.target >= limit,
        Fixed::Target => deal.source <= limit,
    };
    if !within {
        return Err(Outcome::AmountMismatch.into());
    }
    let (debit, credit) = (sides.debit.number, sides.credit.number);
    work.accept(ordinal, asked, Outcome::Settled);
    let place = |leg| Place {
        ordinal,
        leg,
        id: i.id,
    };
    let residues = match i.fixed {
        Fixed::Source => [Residue::NONE, deal.residue],
        Fixed::Target => [deal.residue, Residue::NONE],
    };
    let of = residues.map(|residue| OfExchange::new(deal.at, residue));
    pay(
        work,
        &place(SOURCE),
        (debit, deal.receive),
        deal.source,
        of[0],
    )
    .map_err(|outcome| outcome.at_leg(SOURCE))?;
    match deal.hold {
        Some(hold) => holding::deliver(work, &place(TARGET), hold),
        None => pay(
            work,
            &place(TARGET),
            (deal.pays, credit),
            deal.target,
            of[1],
        )
        .map_err(dealers),
    }
    .map_err(|outcome| outcome.at_leg(TARGET))
}

/// Finds both accounts, of which the payer's owner has signed, and the assets, which move.
fn sides<'w>(work: &'w Work<'_>, i: &Convert) -> Result<Sides<'w>, Refusal> {
    let book = work.state.book();
    let unknown = |leg| Outcome::AccountUnknown.at_leg(leg);
    let debit = book.account(&i.debit).ok_or_else(|| unknown(SOURCE))?;
    let credit = book.account(&i.credit).ok_or_else(|| unknown(TARGET))?;
    if !work.signed_by(debit.owner) {
        return Err(Outcome::NotOwner.at_leg(SOURCE));
    }
    let asset = |account: &Account, leg| {
        let asset = book.asset_numbered(account.asset);
        let asset = asset.ok_or_else(|| Outcome::AssetUnknown.at_leg(leg))?;
        usable(asset).map_err(|outcome| outcome.at_leg(leg))?;
        Ok::<_, Refusal>(asset)
    };
    Ok(Sides {
        debit,
        credit,
        source: asset(debit, SOURCE)?,
        target: asset(credit, TARGET)?,
    })
}

/// The deal of a quote, for whom it is; to others there is none.
fn quoted(
    work: &Work<'_>,
    sides: &Sides<'_>,
    id: InstructionId,
    (fixed, amount): (Fixed, u128),
) -> Result<Deal, Refusal> {
    let unknown = Outcome::QuoteUnknown;
    let hold = work.hold(id).ok_or(unknown)?;
    let quote = hold.terms.quote.ok_or(unknown)?;
    let [leg] = hold.legs.as_slice() else {
        return Err(unknown.into());
    };
    if !work.signed_by(quote.taker) {
        return Err(unknown.into());
    }
    if let Some(ended) = hold.ended {
        let outcome = match ended.how {
            HoldEnd::Captured => Outcome::QuoteUsed,
            HoldEnd::Voided => Outcome::QuoteWithdrawn,
            HoldEnd::Expired => Outcome::QuoteExpired,
        };
        return Err(Refusal {
            outcome,
            leg: None,
            detail: ended.index,
        });
    }
    let receive = work.state.book().account_numbered(quote.receive);
    let receives = receive.is_some_and(|account| account.asset == sides.debit.asset);
    if leg.credit != sides.credit.number || !receives {
        return Err(Outcome::QuoteDiffers.into());
    }
    let (source, target) = (quote.source_amount, leg.reserved);
    let stated = match fixed {
        Fixed::Source => source,
        Fixed::Target => target,
    };
    if stated != amount {
        return Err(Outcome::AmountMismatch.into());
    }
    Ok(Deal {
        at: id,
        source,
        target,
        residue: Residue::NONE,
        receive: quote.receive,
        pays: leg.debit,
        hold: Some(hold.clone()),
    })
}

/// Which way a rate is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The base asset is paid: at the bid.
    Sells,
    /// The base asset is received: at the ask.
    Buys,
}

/// The rate in force of a provider and source for a pair of accounts: of the pair as it stands, else
/// of the pair turned round.
fn find<'w>(
    work: &'w Work<'_>,
    sides: &Sides<'_>,
    name: &RateName,
) -> Result<(Way, &'w Rate), Outcome> {
    let book = work.state.book();
    let provider = book.participant(&name.provider).ok_or(Outcome::RateGap)?;
    let fx: &Fx = book.fx();
    let key = |base, quote| RateKey {
        owner: provider.number,
        base,
        quote,
        source: name.source.clone(),
    };
    let (source, target) = (sides.source.number, sides.target.number);
    let mut way = (Way::Sells, key(source, target));
    if fx.line(&way.1).is_empty() {
        way = (Way::Buys, key(target, source));
    }
    match fx.in_force(&way.1, work.time) {
        InForce::Rate(rate) => Ok((way.0, rate)),
        InForce::Stale => Err(Outcome::RateStale),
        InForce::Gap => Err(Outcome::RateGap),
    }
}

/// The deal at a rate.
fn rated(
    work: &Work<'_>,
    sides: &Sides<'_>,
    name: &RateName,
    (fixed, amount): (Fixed, u128),
) -> Result<Deal, Outcome> {
    let (way, rate) = find(work, sides, name)?;
    let execution = rate.execution.ok_or(Outcome::RateIndicative)?;
    // Units of the target asset for one of the source asset.
    let price = match way {
        Way::Sells => rate.bid,
        Way::Buys => rate.ask.inverse(),
    };
    let (from, to) = (sides.source.scale, sides.target.scale);
    let (other, residue) = match fixed {
        Fixed::Source => exchange(amount, price.factor(from, to), Rounding::Down),
        Fixed::Target => exchange(amount, price.inverse().factor(to, from), Rounding::Up),
    }
    .ok_or(Outcome::AmountTooLarge)?;
    if other == 0 {
        return Err(Outcome::RoundsToZero);
    }
    let (source, target) = match fixed {
        Fixed::Source => (amount, other),
        Fixed::Target => (other, amount),
    };
    let RateExecution { base, quote, max } = execution;
    let (in_base, receive, pays) = match way {
        Way::Sells => (source, base, quote),
        Way::Buys => (target, quote, base),
    };
    if in_base > max {
        return Err(Outcome::ConversionTooLarge);
    }
    Ok(Deal {
        at: rate.id,
        source,
        target,
        residue,
        receive,
        pays,
        hold: None,
    })
}

/// Checks and posts one leg, as a transfer does.
fn pay(
    work: &mut Work<'_>,
    place: &Place,
    (from, to): (u64, u64),
    amount: u128,
    of: OfExchange,
) -> Result<(), Outcome> {
    let book = work.state.book();
    let debit = book.account_numbered(from).ok_or(Outcome::AccountUnknown)?;
    let credit = book.account_numbered(to).ok_or(Outcome::AccountUnknown)?;
    check_pair(book, debit, credit)?;
    may_debit(work, debit, credit, amount)?;
    let overflow = Outcome::AmountOverflow;
    let debited = debit.counters.debit(amount).ok_or(overflow)?;
    let credited = credit.counters.credit(amount).ok_or(overflow)?;
    let counted = guarding::Leg {
        debit: from,
        credit: to,
        amount,
        booked: amount,
        legs: 1,
        settles: true,
    };
    guarding::count(work, &counted)?;
    let after = [(from, debited), (to, credited)];
    let leg = work.post_leg(place, LegKind::Exchange, amount, after);
    work.draft_held(HeldLeg {
        outcome: LegKind::Exchange.outcome(),
        leg,
        of: None,
        since: None,
        about: About::Exchange(of),
    });
    Ok(())
}

/// What is told of the account that deals: not how much is on it, nor what limits it.
const fn dealers(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::InsufficientFunds | Outcome::LimitPerTransfer | Outcome::ParticipantSuspended => {
            Outcome::InventoryShort
        }
        other => other,
    }
}
