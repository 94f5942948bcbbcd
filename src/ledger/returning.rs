//! `return`, `reverse`, `recall`, `refuse_recall`, and the end of recalls (LEDGER F16).
//!
//! Nothing in the log is ever undone: what goes back is a leg of its own, which names the one that it
//! gives back. That leg is not in the state; whoever asks brings it, with its proof.

use chain::LegItem;

use super::account::{Account, ItemRef};
use super::amount::Amount;
use super::apply::{Refusal, Work};
use super::book::{Book, Effect};
use super::draft::{LegKind, LinkedLeg, OfOriginal};
use super::edge::Node;
use super::guarding;
use super::holding::room;
use super::id::InstructionId;
use super::instruction::{Instruction, Original, Recall, RefuseRecall, Return, Reverse};
use super::outcome::Outcome;
use super::returns::{RecallCase, Returned, ReturnsEffect};
use super::time::SECOND;
use super::transfer::{Place, may_debit, to_minor, usable};
use crate::limits::{ITEMS_MAX, RETURN_S_MAX};

/// A leg of the log that was proven.
struct Found {
    at: ItemRef,
    /// Time of its entry, nanoseconds since 1970 UTC.
    time: u64,
    id: InstructionId,
    amount: u128,
    debit: u64,
    credit: u64,
    numbered: bool,
    kind: chain::LegKind,
}

impl Found {
    /// What is left of it to give back, minor units; or why nothing is.
    fn left(&self, work: &Work<'_>) -> Result<u128, Refusal> {
        let book = work.state.book();
        let latest = self.time.saturating_add(book.parameters().return_window());
        if work.time > latest {
            return Err(Outcome::ReturnWindowClosed.into());
        }
        let Some(returned) = book.returns().returned(self.at) else {
            return Ok(self.amount);
        };
        match self.amount.saturating_sub(returned.amount) {
            0 => Err(Refusal {
                outcome: Outcome::AlreadyReturned,
                leg: None,
                detail: returned.last,
            }),
            left => Ok(left),
        }
    }

    const fn of(&self, reason: [u8; 4]) -> OfOriginal {
        OfOriginal {
            original: self.at,
            id: self.id,
            reason,
            numbered: self.numbered,
        }
    }
}

/// Gives back what was received, by authority of the owner of the account that received it.
pub(super) fn give_back(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Return,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let found = prove(work, &i.original)?;
    payment(&found)?;
    if !signed_for(work, found.credit) {
        return Err(Outcome::NotOwner.into());
    }
    let place = Place {
        ordinal,
        leg: 0,
        id: i.id,
    };
    move_back(work, &found, (&place, i.amount, i.reason.bytes()), asked)
}

/// Corrects funds in or out, by two operators.
pub(super) fn reverse(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Reverse,
    asked: &Instruction,
) -> Result<(), Refusal> {
    if !work.quorum() {
        return Err(Outcome::QuorumNotMet.into());
    }
    if !work.four_eyes() {
        return Err(Outcome::FourEyesNeeded.into());
    }
    let found = prove(work, &i.original)?;
    match found.kind {
        chain::LegKind::Issue | chain::LegKind::Redeem => {}
        _ => return Err(Outcome::OriginalNotReturnable.into()),
    }
    let place = Place {
        ordinal,
        leg: 0,
        id: i.id,
    };
    move_back(work, &found, (&place, i.amount, i.reason.bytes()), asked)
}

/// Asks for a payment back, by authority of the owner of the account that paid it.
pub(super) fn recall(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Recall,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let found = prove(work, &i.original)?;
    payment(&found)?;
    if !signed_for(work, found.debit) {
        return Err(Outcome::NotOwner.into());
    }
    let amount = found.left(work)?;
    let book = work.state.book();
    if let Some(open) = book.returns().recall_of(found.at) {
        return Err(Refusal {
            outcome: Outcome::RecallAlreadyOpen,
            leg: None,
            detail: open.index,
        });
    }
    if book.returns().recall(i.id).is_some() {
        return Err(Outcome::RecallExists.into());
    }
    let sender = owner(book, found.debit).ok_or(Outcome::OriginalUnknown)?;
    if book.returns().recalls_of(sender) >= book.parameters().returns_most() {
        return Err(Outcome::RecallsTooMany.into());
    }
    let case = RecallCase {
        id: i.id,
        original: found.at,
        of: found.id,
        numbered: found.numbered,
        sender,
        debit: found.debit,
        credit: found.credit,
        amount,
        reason: i.reason.bytes(),
        index: work.index,
        ends: work.time.saturating_add(book.parameters().recall_window()),
    };
    room(work, 1)?;
    work.accept(ordinal, asked, Outcome::Recalled);
    tell(work, (ordinal, i.id), &case, case.reason, Outcome::Recalled);
    write(work, ReturnsEffect::Recall(i.id, Some(case)));
    Ok(())
}

/// Says no to a recall, by authority of the owner of the account that received.
pub(super) fn refuse(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &RefuseRecall,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let case = work.state.book().returns().recall(i.of).copied();
    let party = |case: &RecallCase| {
        work.quorum() || signed_for(work, case.debit) || signed_for(work, case.credit)
    };
    let case = case.filter(party).ok_or(Outcome::RecallUnknown)?;
    if !signed_for(work, case.credit) {
        return Err(Outcome::NotOwner.into());
    }
    room(work, 1)?;
    work.accept(ordinal, asked, Outcome::Applied);
    let reason = i.reason.bytes();
    tell(work, (ordinal, i.id), &case, reason, Outcome::RecallRefused);
    write(work, ReturnsEffect::Recall(case.id, None));
    Ok(())
}

/// Ends the recalls that nobody has answered in time, soonest first, as many as an entry has room for.
/// Says whether there were any.
pub(super) fn on_time(work: &mut Work<'_>) -> bool {
    let mut ordinal = 0u32;
    while let Some(case) = work.state.book().returns().due_at(work.time).copied()
        && work.drafted() < ITEMS_MAX
    {
        tell(
            work,
            (ordinal, case.id),
            &case,
            case.reason,
            Outcome::RecallEnded,
        );
        write(work, ReturnsEffect::Recall(case.id, None));
        ordinal = ordinal.saturating_add(1);
    }
    ordinal > 0
}

/// Finds out which leg of the log an original is, and that it is one.
fn prove(work: &Work<'_>, original: &Original) -> Result<Found, Outcome> {
    let unknown = Outcome::OriginalUnknown;
    let proof = original.to_proof().ok_or(unknown)?;
    let subtree = proof.subtree().map_err(|_| unknown)?;
    match work.state.edge().node(subtree.level, subtree.index) {
        Node::Kept(root) if root == subtree.root => {}
        Node::Forgotten => return Err(Outcome::ProofOutdated),
        Node::Kept(_) | Node::Ahead => return Err(unknown),
    }
    let Ok(chain::Item::Leg(leg)) = chain::Item::parse(&proof.item) else {
        return Err(Outcome::OriginalNotReturnable);
    };
    let at = ItemRef {
        index: proof.entry.index,
        item: proof.n,
    };
    found(work.state.book(), at, proof.entry.time, &leg).ok_or(unknown)
}

fn found(book: &Book, at: ItemRef, time: u64, leg: &LegItem) -> Option<Found> {
    // Accounts never go, so a leg of this log has them.
    book.account_numbered(leg.debit)?;
    book.account_numbered(leg.credit)?;
    Some(Found {
        at,
        time,
        id: InstructionId::from_bytes(leg.id).ok()?,
        amount: leg.amount,
        debit: leg.debit,
        credit: leg.credit,
        numbered: leg.numbered.is_some(),
        kind: leg.kind,
    })
}

/// A return gives back what moved between participants, and is nothing that is given back itself. A leg
/// of a conversion is one half of an exchange: what would come back is not what was given for it.
fn payment(found: &Found) -> Result<(), Outcome> {
    use chain::LegKind::{Capture, Mandated, Queued, Split, Transfer, Valued};
    match found.kind {
        // Of a split somebody may have got nothing.
        Transfer | Capture | Queued | Split | Mandated | Valued if found.amount > 0 => Ok(()),
        _ => Err(Outcome::OriginalNotReturnable),
    }
}

/// Moves money back from where a leg brought it to where it came from, as far as there is anything
/// left of it. An open recall of it is answered by that.
fn move_back(
    work: &mut Work<'_>,
    found: &Found,
    (place, amount, reason): (&Place, Option<Amount>, [u8; 4]),
    asked: &Instruction,
) -> Result<(), Refusal> {
    let book = work.state.book();
    let giver = book.account_numbered(found.credit);
    let asset = giver.and_then(|account| book.asset_numbered(account.asset));
    let asset = asset.ok_or(Outcome::AssetUnknown)?;
    usable(asset)?;
    let stated = amount.map(|amount| to_minor(amount, asset.scale));
    let stated = stated.transpose()?;
    let left = found.left(work)?;
    let amount = stated.unwrap_or(left);
    if amount > left {
        return Err(Outcome::ReturnExceedsOriginal.into());
    }
    let returned = returned(work, found, amount)?;
    room(work, 1)?;
    work.accept(place.ordinal, asked, Outcome::Settled);
    post(work, place, found, amount, reason)?;
    write(work, ReturnsEffect::Returned(found.at, Some(returned)));
    if let Some(case) = work.state.book().returns().recall_of(found.at).copied() {
        write(work, ReturnsEffect::Recall(case.id, None));
    }
    Ok(())
}

/// What is given back of a leg with so much more, if there may be one more of which something is.
fn returned(work: &Work<'_>, found: &Found, amount: u128) -> Result<Returned, Outcome> {
    let book = work.state.book();
    let owner = owner(book, found.credit).ok_or(Outcome::OriginalUnknown)?;
    let returns = book.returns();
    let before = match returns.returned(found.at) {
        Some(returned) => returned.amount,
        None if returns.is_full(owner, book.parameters().returns_most(), work.floor()) => {
            return Err(Outcome::ReturnsTooMany);
        }
        None => 0,
    };
    Ok(Returned {
        owner,
        debit: found.debit,
        credit: found.credit,
        whole: found.amount,
        numbered: found.numbered,
        amount: before.saturating_add(amount),
        last: work.index,
        // The longest window there may be: a parameter that is raised must not find it forgotten.
        until: found
            .time
            .saturating_add(RETURN_S_MAX.saturating_mul(SECOND)),
    })
}

/// Posts the leg, under the rules for any other.
fn post(
    work: &mut Work<'_>,
    place: &Place,
    found: &Found,
    amount: u128,
    reason: [u8; 4],
) -> Result<(), Outcome> {
    let unknown = Outcome::OriginalUnknown;
    let book = work.state.book();
    let debit = book.account_numbered(found.credit).ok_or(unknown)?;
    let credit = book.account_numbered(found.debit).ok_or(unknown)?;
    may_debit(work, debit, credit, amount)?;
    let debited = debit.counters.debit(amount);
    let debited = debited.ok_or(Outcome::AmountOverflow)?;
    let credited = credit.counters.credit(amount);
    let credited = credited.ok_or(Outcome::AmountOverflow)?;
    let after = [(debit.number, debited), (credit.number, credited)];
    let counted = guarding::Leg {
        debit: debit.number,
        credit: credit.number,
        amount,
        booked: amount,
        legs: 1,
        settles: !debit.kind.is_reserved() && !credit.kind.is_reserved(),
    };
    guarding::count(work, &counted)?;
    let leg = work.post_leg(place, LegKind::Return, amount, after);
    work.draft_linked(LinkedLeg {
        leg,
        outcome: Outcome::Settled,
        of: found.of(reason),
    });
    Ok(())
}

/// Tells both parties what became of a recall: a leg that changes no counter.
fn tell(
    work: &mut Work<'_>,
    (ordinal, id): (u32, InstructionId),
    case: &RecallCase,
    reason: [u8; 4],
    outcome: Outcome,
) {
    let place = Place {
        ordinal,
        leg: 0,
        id,
    };
    let after = [case.debit, case.credit].map(|number| {
        let account = work.state.book().account_numbered(number);
        (number, account.expect("accounts never go").counters)
    });
    let leg = work.post_leg(&place, LegKind::Recall, case.amount, after);
    work.draft_linked(LinkedLeg {
        leg,
        outcome,
        of: OfOriginal {
            original: case.original,
            id: case.of,
            reason,
            numbered: case.numbered,
        },
    });
}

fn write(work: &mut Work<'_>, effect: ReturnsEffect) {
    work.write(Effect::Returns(effect));
}

fn owner(book: &Book, account: u64) -> Option<u32> {
    book.account_numbered(account).map(|account| account.owner)
}

fn signed_for(work: &Work<'_>, account: u64) -> bool {
    let account: Option<&Account> = work.state.book().account_numbered(account);
    account.is_some_and(|account| work.signed_by(account.owner))
}
