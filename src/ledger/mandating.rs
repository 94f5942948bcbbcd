//! `grant_mandate`, `revoke_mandate`, and what a transfer may do under a mandate.

use alloc::vec::Vec;

use super::apply::{Refusal, Work};
use super::book::Effect;
use super::draft::OfHold;
use super::id::InstructionId;
use super::instruction::{GrantMandate, RevokeMandate, Transfer};
use super::mandate::{Mandate, MandateTerms, MandateUsage, Spans};
use super::outcome::Outcome;
use super::participant::Role;
use super::time::Time;
use super::transfer::{self, Prepared, leg_number, to_minor};
use crate::limits::{MANDATE_CREDITORS_MAX, MANDATE_PERIOD_S_MAX};

/// The mandate that a transfer is under.
pub(super) struct Under {
    id: InstructionId,
    account: u64,
    /// Whether the account's owner, or the operators, have signed as well.
    known: bool,
}

impl Under {
    /// Whether a debit of this account is under it.
    pub(super) const fn covers(&self, account: u64) -> bool {
        self.account == account
    }

    /// What an item says of it.
    pub(super) const fn of(&self) -> OfHold {
        OfHold {
            hold: self.id,
            unreserved: 0,
        }
    }

    /// What may be told of a leg to who has not signed for the account: of its owner's limits and
    /// standing, that there is not enough, as of its funds.
    const fn told(&self, debit: u64, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::LimitPerTransfer | Outcome::ParticipantSuspended
                if self.covers(debit) && !self.known =>
            {
                Outcome::InsufficientFunds
            }
            outcome => outcome,
        }
    }
}

/// What may be told of a leg, see [`Under::told`].
pub(super) fn told(under: Option<&Under>, debit: u64, outcome: Outcome) -> Outcome {
    under.map_or(outcome, |under| under.told(debit, outcome))
}

/// Checks that all accounts exist and that every debit has its owner's authority: a signature, or the
/// mandate that the transfer states. Gives the mandate.
pub(super) fn authorise(work: &Work<'_>, i: &Transfer) -> Result<Option<Under>, Refusal> {
    let Some(id) = i.mandate else {
        return transfer::authorise(work, &i.legs).map(|()| None);
    };
    let book = work.state.book();
    let mut debits = Vec::with_capacity(i.legs.len());
    for (n, leg) in i.legs.iter().enumerate() {
        let unknown = || Outcome::AccountUnknown.at_leg(leg_number(n));
        let debit = book.account_ref(&leg.debit).ok_or_else(unknown)?;
        book.account_ref(&leg.credit).ok_or_else(unknown)?;
        debits.push((debit.number, debit.owner));
    }
    let concerned = |mandate: &&Mandate| {
        work.signed_by(mandate.to) && debits.iter().any(|(debit, _)| *debit == mandate.account)
    };
    let mandate = book.mandate(id).filter(concerned);
    let mandate = mandate.ok_or(Outcome::MandateUnknown)?;
    if !mandate.runs(work.time) {
        return Err(Outcome::MandateExpired.into());
    }
    for (n, (debit, owner)) in debits.iter().enumerate() {
        if *debit != mandate.account && !work.signed_by(*owner) {
            return Err(Outcome::NotOwner.at_leg(leg_number(n)));
        }
    }
    Ok(Some(Under {
        id,
        account: mandate.account,
        known: work.signed_by(mandate.owner) || work.quorum(),
    }))
}

/// Checks a leg against the mandate that it is under, if it is, and counts it.
pub(super) fn take(
    work: &mut Work<'_>,
    under: Option<&Under>,
    leg: &Prepared,
) -> Result<(), Outcome> {
    let Some(under) = under.filter(|under| under.covers(leg.debit)) else {
        return Ok(());
    };
    let amount = leg.minor()?;
    let mandate = work.state.book().mandate(under.id);
    let mandate = mandate.ok_or(Outcome::MandateUnknown)?;
    if !mandate.lets_credit(leg.credit) {
        return Err(Outcome::MandateNotForCreditor);
    }
    let after = mandate.after(amount, work.time);
    let after = after.ok_or(Outcome::MandateExceeded)?;
    work.write(Effect::Mandate(under.id, Some(after)));
    Ok(())
}

/// Grants a mandate, by the account's owner; gives the number of the participant that has it.
pub(super) fn grant(work: &mut Work<'_>, i: &GrantMandate) -> Result<u64, Outcome> {
    let book = work.state.book();
    let account = book.account(&i.account).ok_or(Outcome::AccountUnknown)?;
    let (number, owner) = (account.number, account.owner);
    if !work.signed_by(owner) {
        return Err(Outcome::NotOwner);
    }
    let terms = terms(work, i)?;
    let to = book.participant(&i.to).ok_or(Outcome::ParticipantUnknown)?;
    let (to, role) = (to.number, to.role);
    if !account.has_floor() {
        return Err(Outcome::AccountKindNotAllowed);
    }
    let bounded =
        terms.per_transfer_max.is_some() || terms.total_max.is_some() || terms.period.is_some();
    let creditors = i.creditors.as_ref().map_or(1, Vec::len);
    if to == owner
        || role == Role::Auditor
        || !bounded
        || i.period.is_some() != i.period_max.is_some()
        || !(1..=MANDATE_CREDITORS_MAX).contains(&creditors)
    {
        return Err(Outcome::MandateInvalid);
    }
    if let Some((Spans::Seconds(seconds), _)) = terms.period
        && !(1..=MANDATE_PERIOD_S_MAX).contains(&seconds)
    {
        return Err(Outcome::MandateInvalid);
    }
    let over = book.mandates_of(number).filter(|m| !m.runs(work.time));
    let over: Vec<InstructionId> = over.map(|mandate| mandate.id).collect();
    for id in over {
        work.write(Effect::Mandate(id, None));
    }
    let book = work.state.book();
    if book.mandate(i.id).is_some() {
        return Err(Outcome::MandateExists);
    }
    if book.mandates_are_full(number, owner) {
        return Err(Outcome::MandatesTooMany);
    }
    let mandate = Mandate {
        id: i.id,
        account: number,
        owner,
        to,
        granted: work.index,
        terms,
        used: MandateUsage::default(),
    };
    work.write(Effect::Mandate(i.id, Some(mandate)));
    Ok(u64::from(to))
}

/// The bounds of a mandate: accounts and amounts of the account's asset, and an end that is ahead.
fn terms(work: &Work<'_>, i: &GrantMandate) -> Result<MandateTerms, Outcome> {
    let book = work.state.book();
    let account = book.account(&i.account).ok_or(Outcome::AccountUnknown)?;
    let asset = book.asset_numbered(account.asset);
    let scale = asset.ok_or(Outcome::AssetUnknown)?.scale;
    let mut creditors = Vec::new();
    for address in i.creditors.iter().flatten() {
        let creditor = book.account(address).ok_or(Outcome::AccountUnknown)?;
        if creditor.asset != account.asset {
            return Err(Outcome::AssetMismatch);
        }
        creditors.push(creditor.number);
    }
    let minor = |amount: Option<super::amount::Amount>| {
        let minor = amount.map(|amount| to_minor(amount, scale));
        minor.transpose()
    };
    let per_transfer_max = minor(i.per_transfer_max)?;
    let total_max = minor(i.total_max)?;
    let period_max = minor(i.period_max)?;
    if account.status == super::account::AccountStatus::Closed {
        return Err(Outcome::AccountClosed);
    }
    let expires = i.expires_at.map(Time::nanos);
    if expires.is_some_and(|at| at <= work.time) {
        return Err(Outcome::ExpiryInvalid);
    }
    Ok(MandateTerms {
        per_transfer_max,
        total_max,
        period: i.period.map(Spans::from).zip(period_max),
        expires,
        creditors,
    })
}

/// Ends a mandate: of others' nothing is told.
pub(super) fn revoke(work: &mut Work<'_>, i: &RevokeMandate) -> Result<u64, Outcome> {
    let own = |mandate: &&Mandate| work.signed_by(mandate.owner) || work.signed_by(mandate.to);
    let mandate = work.state.book().mandate(i.mandate).filter(own);
    let to = mandate.ok_or(Outcome::MandateUnknown)?.to;
    work.write(Effect::Mandate(i.mandate, None));
    Ok(u64::from(to))
}
