//! `quote`: a firm quote is a hold of what it pays, which only a conversion books.

use super::instruction::Quote;
use crate::ledger::apply::{Refusal, Work};
use crate::ledger::hold::{HoldTerms, QuoteTerms};
use crate::ledger::holding;
use crate::ledger::instruction::{AccountRef, Instruction, Leg};
use crate::ledger::outcome::Outcome;
use crate::ledger::time::DAY;
use crate::ledger::transfer::{authorise, to_minor};
use crate::limits::HOLD_DAYS_MAX;

/// Reserves the target amount for whom it may be used by.
pub(in crate::ledger) fn quote(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Quote,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let legs = [Leg {
        debit: AccountRef::Address(i.debit.clone()),
        credit: AccountRef::Address(i.credit.clone()),
        asset: None,
        amount: i.target_amount,
    }];
    let book = work.state.book();
    let receive = book.account(&i.receive).ok_or(Outcome::AccountUnknown)?;
    let (receive, asset, dealer) = (receive.number, receive.asset, receive.owner);
    authorise(work, &legs)?;
    // Who deals is one: else a bank could have others pay for what it receives.
    let debit = book.account(&i.debit).ok_or(Outcome::AccountUnknown)?;
    if debit.owner != dealer {
        return Err(Outcome::NotOwner.into());
    }
    if debit.asset == asset {
        return Err(Outcome::AssetMismatch.into());
    }
    let scale = book.asset_numbered(asset).ok_or(Outcome::AssetUnknown)?;
    let source_amount = to_minor(i.source_amount, scale.scale)?;
    let taker = book.participant(&i.taker).map(|taker| taker.number);
    let legs = holding::reserve_legs(work, ordinal, i.id, &legs, asked)?;
    let expires = i.expires_at.nanos();
    let latest = work.time.saturating_add(HOLD_DAYS_MAX.saturating_mul(DAY));
    if expires <= work.time || expires > latest {
        return Err(Outcome::ExpiryInvalid.into());
    }
    let terms = HoldTerms {
        expires: Some(expires),
        quote: Some(QuoteTerms {
            taker: taker.ok_or(Outcome::ParticipantUnknown)?,
            receive,
            source_amount,
        }),
        ..HoldTerms::default()
    };
    Ok(holding::open(work, i.id, terms, legs)?)
}
