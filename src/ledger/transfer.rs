//! Moving money: `transfer`, `issue`, `redeem`.
//!
//! Authority over *all* legs comes before any status, limit or funds check, so that nobody can
//! feel out a balance that is not theirs.

use super::account::{Account, AccountKind, AccountStatus};
use super::amount::{Amount, AmountUnfit};
use super::apply::{Refusal, Work};
use super::asset::{Asset, AssetStatus};
use super::batch::BatchTransfer;
use super::book::Book;
use super::calendar::{self, Timing};
use super::draft::{Change, LegDraft, LegKind};
use super::guarding;
use super::id::{AssetId, InstructionId};
use super::instruction::{Funds, Instruction, Leg, Transfer};
use super::outcome::Outcome;
use super::queue::QueuedLeg;
use super::{fees, queueing, telling};

/// One leg, its accounts found.
struct Found {
    debit: u64,
    credit: u64,
    amount: Amount,
    leg: u16,
    /// Legs of the same instruction behind it.
    left: usize,
    numbered: Option<chain::Numbered>,
}

/// Which leg of which instruction an item is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) ordinal: u32,
    pub(super) leg: u16,
    pub(super) id: InstructionId,
}

/// A leg whose accounts may be joined by it.
pub(super) struct Prepared {
    pub(super) debit: u64,
    pub(super) credit: u64,
    amount: Amount,
    scale: u8,
}

impl Prepared {
    /// Its amount in minor units.
    pub(super) fn minor(&self) -> Result<u128, Outcome> {
        to_minor(self.amount, self.scale)
    }

    /// Checks amount, status, limits and funds; gives minor units.
    pub(super) fn check(&self, work: &Work<'_>) -> Result<u128, Outcome> {
        let book = work.state.book();
        let unknown = Outcome::AccountUnknown;
        let debit = book.account_numbered(self.debit).ok_or(unknown)?;
        let credit = book.account_numbered(self.credit).ok_or(unknown)?;
        let amount = to_minor(self.amount, self.scale)?;
        may_debit(work, debit, credit, amount)?;
        Ok(amount)
    }

    /// The same without funds: they are looked at for a set of legs.
    pub(super) fn check_but_funds(&self, work: &Work<'_>) -> Result<u128, Outcome> {
        let book = work.state.book();
        let unknown = Outcome::AccountUnknown;
        let debit = book.account_numbered(self.debit).ok_or(unknown)?;
        let credit = book.account_numbered(self.credit).ok_or(unknown)?;
        let amount = to_minor(self.amount, self.scale)?;
        may_move(work, debit, credit, amount)?;
        Ok(amount)
    }
}

/// Finds the accounts of a leg and checks its asset, in the order of [`transfer`].
pub(super) fn prepare(work: &Work<'_>, leg: &Leg, n: u16) -> Result<Prepared, Refusal> {
    let book = work.state.book();
    let unknown = || Outcome::AccountUnknown.at_leg(n);
    let debit = book.account_ref(&leg.debit).ok_or_else(unknown)?;
    let credit = book.account_ref(&leg.credit).ok_or_else(unknown)?;
    let scale = leg_asset(work, leg.asset.as_ref(), debit, credit).map_err(|o| o.at_leg(n))?;
    check_pair(book, debit, credit).map_err(|o| o.at_leg(n))?;
    Ok(Prepared {
        debit: debit.number,
        credit: credit.number,
        amount: leg.amount,
        scale,
    })
}

/// Moves money between accounts, by authority of the debited owners.
pub(super) fn transfer(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Transfer,
    asked: &Instruction,
) -> Result<(), Refusal> {
    if !i.is_plain() {
        return match i.is_set() {
            true => queueing::transfer(work, ordinal, i, asked),
            false => telling::transfer(work, ordinal, i, asked),
        };
    }
    if let [leg] = i.legs.as_slice() {
        return single(work, ordinal, i, leg, asked);
    }
    authorise(work, &i.legs)?;
    if calendar::timing(work, i)? != Timing::Now {
        return queueing::transfer(work, ordinal, i, asked);
    }
    for (n, leg) in i.legs.iter().enumerate() {
        let n = leg_number(n);
        let prepared = prepare(work, leg, n)?;
        let found = Found {
            debit: prepared.debit,
            credit: prepared.credit,
            amount: prepared.amount,
            leg: n,
            left: i
                .legs
                .len()
                .saturating_sub(usize::from(n).saturating_add(1)),
            numbered: None,
        };
        let scale = prepared.scale;
        let posted = post(work, ordinal, LegKind::Transfer, i.id, scale, &found);
        posted.map_err(|o| o.at_leg(n))?;
    }
    Ok(())
}

/// One leg that is the whole transfer.
struct Single<'a> {
    debit: Option<&'a Account>,
    credit: Option<&'a Account>,
    asset: Option<&'a AssetId>,
    amount: Amount,
    numbered: Option<chain::Numbered>,
}

/// Carries out a transfer of one leg, whose accounts are looked for once.
fn single(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Transfer,
    leg: &Leg,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let book = work.state.book();
    let wanted = Single {
        debit: book.account_ref(&leg.debit),
        credit: book.account_ref(&leg.credit),
        asset: leg.asset.as_ref(),
        amount: leg.amount,
        numbered: None,
    };
    let (asset, found) = match examine(work, &wanted) {
        // It may wait for the day that takes it.
        Err(Outcome::CutoffPassed) => return queueing::transfer(work, ordinal, i, asked),
        examined => examined.map_err(|o| o.at_leg(0))?,
    };
    post(work, ordinal, LegKind::Transfer, i.id, asset, &found).map_err(|o| o.at_leg(0))
}

/// Carries out one transfer of a batch: one leg, by numbers.
pub(super) fn numbered(
    work: &mut Work<'_>,
    ordinal: u32,
    id: InstructionId,
    i: &BatchTransfer,
) -> Result<(), Refusal> {
    let book = work.state.book();
    let wanted = Single {
        debit: book.account_numbered(i.debit),
        credit: book.account_numbered(i.credit),
        asset: None,
        amount: Amount::of_minor_units(i.amount),
        numbered: Some(chain::Numbered {
            reference: i.reference,
        }),
    };
    let (asset, found) = examine(work, &wanted).map_err(|o| o.at_leg(0))?;
    post(work, ordinal, LegKind::Transfer, id, asset, &found).map_err(|o| o.at_leg(0))
}

/// Checks all that comes before posting, under the rules of [`transfer`] and in their order; gives
/// the asset's scale.
fn examine(work: &Work<'_>, wanted: &Single<'_>) -> Result<(u8, Found), Outcome> {
    let debit = wanted.debit.ok_or(Outcome::AccountUnknown)?;
    let credit = wanted.credit.ok_or(Outcome::AccountUnknown)?;
    if !work.signed_by(debit.owner) {
        return Err(Outcome::NotOwner);
    }
    if !calendar::admits(work.state.book(), debit, credit) {
        return Err(Outcome::CutoffPassed);
    }
    let scale = leg_asset(work, wanted.asset, debit, credit)?;
    check_pair(work.state.book(), debit, credit)?;
    let found = Found {
        debit: debit.number,
        credit: credit.number,
        amount: wanted.amount,
        leg: 0,
        left: 0,
        numbered: wanted.numbered,
    };
    Ok((scale, found))
}

/// Whether a transfer may go between two accounts at all.
pub(super) fn check_pair(book: &Book, debit: &Account, credit: &Account) -> Result<(), Outcome> {
    if debit.number == credit.number {
        return Err(Outcome::SelfTransfer);
    }
    let reserved = debit.kind.is_reserved() || credit.kind.is_reserved();
    if reserved || !book.postings().allows(debit.kind, credit.kind) {
        return Err(Outcome::PostingNotAllowed);
    }
    Ok(())
}

/// Checks that all accounts exist and every debited owner has signed.
pub(super) fn authorise(work: &Work<'_>, legs: &[Leg]) -> Result<(), Refusal> {
    let book = work.state.book();
    let mut not_owned = None;
    for (n, leg) in legs.iter().enumerate() {
        let n = leg_number(n);
        let unknown = || Outcome::AccountUnknown.at_leg(n);
        let debit = book.account_ref(&leg.debit).ok_or_else(unknown)?;
        book.account_ref(&leg.credit).ok_or_else(unknown)?;
        if not_owned.is_none() && !work.signed_by(debit.owner) {
            not_owned = Some(n);
        }
    }
    match not_owned {
        Some(n) => Err(Outcome::NotOwner.at_leg(n)),
        None => Ok(()),
    }
}

/// Funds in: from the asset's issuance account, by the operators' quorum.
pub(super) fn issue(work: &mut Work<'_>, ordinal: u32, i: &Funds) -> Result<(), Refusal> {
    if !work.quorum() {
        return Err(Outcome::QuorumNotMet.into());
    }
    let account = work
        .state
        .book()
        .account_ref(&i.account)
        .ok_or(Outcome::AccountUnknown)?;
    let (asset, issuance) = funds_asset(work, account, true)?;
    let found = Found {
        debit: issuance,
        credit: account.number,
        amount: i.amount,
        leg: 0,
        left: 0,
        numbered: None,
    };
    Ok(post(work, ordinal, LegKind::Issue, i.id, asset, &found)?)
}

/// Funds out: to the asset's issuance account, by the owner's policy and the operators' quorum.
pub(super) fn redeem(work: &mut Work<'_>, ordinal: u32, i: &Funds) -> Result<(), Refusal> {
    if !work.quorum() {
        return Err(Outcome::QuorumNotMet.into());
    }
    let account = work
        .state
        .book()
        .account_ref(&i.account)
        .ok_or(Outcome::AccountUnknown)?;
    if !work.signed_by(account.owner) {
        return Err(Outcome::NotOwner.into());
    }
    let (asset, issuance) = funds_asset(work, account, false)?;
    let found = Found {
        debit: account.number,
        credit: issuance,
        amount: i.amount,
        leg: 0,
        left: 0,
        numbered: None,
    };
    Ok(post(work, ordinal, LegKind::Redeem, i.id, asset, &found)?)
}

pub(super) fn leg_number(n: usize) -> u16 {
    // At most 256 legs pass admission.
    u16::try_from(n).unwrap_or(u16::MAX - 1)
}

/// The account's asset, ready for funds in or out, and its issuance account.
fn funds_asset(work: &Work<'_>, account: &Account, comes: bool) -> Result<(u8, u64), Outcome> {
    let book = work.state.book();
    let asset = book.asset_numbered(account.asset);
    let asset = asset.ok_or(Outcome::AssetUnknown)?;
    usable(asset)?;
    let allowed = match comes {
        true => book.postings().allows(AccountKind::Issuance, account.kind),
        false => book.postings().allows(account.kind, AccountKind::Issuance),
    };
    if !allowed || account.kind.is_reserved() {
        return Err(Outcome::PostingNotAllowed);
    }
    Ok((asset.scale, asset.issuance))
}

pub(super) fn usable(asset: &Asset) -> Result<(), Outcome> {
    match asset.status {
        AssetStatus::Active => Ok(()),
        AssetStatus::Retired => Err(Outcome::AssetRetired),
        AssetStatus::Suspended => Err(Outcome::AssetSuspended),
    }
}

/// Checks the leg's asset against both accounts; gives its scale.
fn leg_asset(
    work: &Work<'_>,
    id: Option<&AssetId>,
    debit: &Account,
    credit: &Account,
) -> Result<u8, Outcome> {
    let book = work.state.book();
    let asset = book
        .asset_numbered(debit.asset)
        .filter(|asset| id.is_none_or(|id| asset.id == *id))
        .ok_or_else(|| match id.and_then(|id| book.asset(id)) {
            None => Outcome::AssetUnknown,
            Some(_) => Outcome::AssetMismatch,
        })?;
    if credit.asset != debit.asset {
        return Err(Outcome::AssetMismatch);
    }
    usable(asset)?;
    Ok(asset.scale)
}

/// An amount in minor units of its asset, if it is one that moves.
#[inline]
pub(super) fn to_minor(amount: Amount, scale: u8) -> Result<u128, Outcome> {
    if amount.is_zero() {
        return Err(Outcome::AmountZero);
    }
    as_limit(amount, scale)
}

/// A limit in minor units of its asset; it may be zero.
pub(super) fn as_limit(amount: Amount, scale: u8) -> Result<u128, Outcome> {
    match amount.to_minor(scale) {
        Ok(amount) => Ok(amount),
        Err(AmountUnfit::Precision) => Err(Outcome::PrecisionExceeded),
        Err(AmountUnfit::TooLarge) => Err(Outcome::AmountTooLarge),
    }
}

/// Checks status, freezes and limits for a debit; gives what is kept on the account from it, minor units:
/// by freezes, and for payments that are urgent or high.
#[inline]
fn may_move(
    work: &Work<'_>,
    debit: &Account,
    credit: &Account,
    amount: u128,
) -> Result<u128, Outcome> {
    if debit.status == AccountStatus::Closed || credit.status == AccountStatus::Closed {
        return Err(Outcome::AccountClosed);
    }
    let kept = match work.state.book().is_guarded(debit, credit) {
        true => guarding::may_join(work, debit, credit)?,
        false => 0,
    };
    let max = debit.limits.per_transfer_max;
    if max.is_some_and(|max| amount > max) {
        return Err(Outcome::LimitPerTransfer);
    }
    Ok(kept)
}

/// Checks status, freezes, limits and funds for a debit, posted or pending.
#[inline]
pub(super) fn may_debit(
    work: &Work<'_>,
    debit: &Account,
    credit: &Account,
    amount: u128,
) -> Result<(), Outcome> {
    let kept = may_move(work, debit, credit, amount)?;
    match affords(work.state.book(), debit, amount, kept) {
        true => Ok(()),
        false => Err(Outcome::InsufficientFunds),
    }
}

/// Whether an account has so much available beside what is kept, and nothing urgent waits for it.
#[inline]
pub(super) fn affords(book: &Book, debit: &Account, amount: u128, kept: u128) -> bool {
    let available = u128::try_from(debit.available()).unwrap_or(0);
    let free = available.saturating_sub(kept);
    !debit.has_floor() || amount <= free && !book.queue().keeps(debit.number)
}

/// Checks and posts one leg.
fn post(
    work: &mut Work<'_>,
    ordinal: u32,
    kind: LegKind,
    id: InstructionId,
    scale: u8,
    found: &Found,
) -> Result<(), Outcome> {
    debug_assert_ne!(found.debit, found.credit, "refused before");
    let amount = to_minor(found.amount, scale)?;
    let book = work.state.book();
    let debit = book
        .account_numbered(found.debit)
        .ok_or(Outcome::AccountUnknown)?;
    let credit = book
        .account_numbered(found.credit)
        .ok_or(Outcome::AccountUnknown)?;
    may_debit(work, debit, credit, amount)?;
    let guarded = debit.guarded | credit.guarded;
    let debited = debit
        .counters
        .debit(amount)
        .ok_or(Outcome::AmountOverflow)?;
    let credited = credit
        .counters
        .credit(amount)
        .ok_or(Outcome::AmountOverflow)?;
    let charged = fees::is_charged(book, debit, credit);
    if charged && found.numbered.is_some() {
        return Err(Outcome::FeeNotInBatch);
    }
    let changes = [
        Change {
            account: found.debit,
            counters: debited,
            previous: debit.last,
        },
        Change {
            account: found.credit,
            counters: credited,
            previous: credit.last,
        },
    ];
    if guarded {
        guarding::count(work, &counted(kind, found, amount))?;
    }
    let at = work.next_item();
    work.post(found.debit, debited, at);
    work.post(found.credit, credited, at);
    work.draft_leg(LegDraft {
        kind,
        instruction: ordinal,
        leg: found.leg,
        id,
        amount,
        changes,
        numbered: found.numbered,
    });
    match charged {
        true => charge(work, (ordinal, id), found, amount),
        false => Ok(()),
    }
}

/// What limits that are counted are told of a leg.
const fn counted(kind: LegKind, found: &Found, amount: u128) -> guarding::Leg {
    guarding::Leg {
        debit: found.debit,
        credit: found.credit,
        amount,
        booked: amount,
        legs: 1,
        settles: matches!(kind, LegKind::Transfer),
    }
}

/// Takes what is due on a leg that has been posted.
fn charge(
    work: &mut Work<'_>,
    (ordinal, id): (u32, InstructionId),
    found: &Found,
    amount: u128,
) -> Result<(), Outcome> {
    let place = Place {
        ordinal,
        leg: found.leg,
        id,
    };
    let leg = QueuedLeg {
        debit: found.debit,
        credit: found.credit,
        amount,
    };
    fees::charge(work, &place, &leg, found.left)
}
