//! How far participants take part: onboarding, test, active, suspended, terminated (LEDGER F17).
//!
//! Who is being prepared, or terminated, moves nothing. Who is in test moves money with others in
//! test, and funds in and out; before it takes part for good it must have nothing left of that, so that
//! money to test with never becomes money.

use alloc::vec::Vec;

use super::account::{Account, AccountKind};
use super::apply::{Refusal, Work};
use super::book::{Book, Effect};
use super::cycle::Turnover;
use super::holding::room;
use super::id::ParticipantId;
use super::identifier::{Bic, Lei};
use super::instruction::{
    AdmitParticipant, IdentifyParticipant, Incoming, Instruction, OfParticipant, Queued,
    SuspendParticipant,
};
use super::outcome::Outcome;
use super::participant::{Participant, ParticipantState, Role};
use super::queue::Payment;
use super::{indirect, queueing};

/// How far a new participant takes part at first.
pub(super) fn first_state(
    role: Role,
    stated: Option<ParticipantState>,
) -> Result<ParticipantState, Outcome> {
    match stated {
        None => Ok(ParticipantState::Active),
        Some(_) if role != Role::Bank => Err(Outcome::ParticipantNotBank),
        Some(state @ (ParticipantState::Onboarding | ParticipantState::Active)) => Ok(state),
        Some(_) => Err(Outcome::StateNotAllowed),
    }
}

/// Whether no other participant that is not terminated has these identifiers: `own` is whose they are
/// to be, if it has a number yet.
pub(super) fn are_free(
    work: &Work<'_>,
    own: Option<u32>,
    (bic, lei): (Option<&Bic>, Option<&Lei>),
) -> Result<(), Outcome> {
    let has = |other: &Participant| {
        let bics = bic.zip(other.bic.as_ref());
        let leis = lei.zip(other.lei.as_ref());
        bics.is_some_and(|(bic, other)| bic.is_same(other))
            || leis.is_some_and(|(lei, other)| lei == other)
    };
    let others = work.state.book().participants().iter();
    let mut others = others
        .filter(|other| own != Some(other.number) && other.state != ParticipantState::Terminated);
    match others.any(has) {
        true => Err(Outcome::IdentifierExists),
        false => Ok(()),
    }
}

/// Whether a participant is not terminated.
pub(super) fn is_not_over(participant: &Participant) -> Result<(), Outcome> {
    match participant.state {
        ParticipantState::Terminated => Err(Outcome::StateNotAllowed),
        _ => Ok(()),
    }
}

pub(super) fn find(work: &Work<'_>, id: &ParticipantId) -> Result<Participant, Outcome> {
    let participant = work.state.book().participant(id).cloned();
    participant.ok_or(Outcome::ParticipantUnknown)
}

pub(super) fn bank(work: &Work<'_>, id: &ParticipantId) -> Result<Participant, Outcome> {
    match find(work, id)? {
        bank if bank.role == Role::Bank => Ok(bank),
        _ => Err(Outcome::ParticipantNotBank),
    }
}

/// Writes a participant; gives its number.
fn put(work: &mut Work<'_>, participant: Participant) -> u64 {
    let number = participant.number;
    work.write(Effect::Participant(number, Some(participant)));
    u64::from(number)
}

/// Sets the identifiers of a participant.
pub(super) fn identify(work: &mut Work<'_>, i: &IdentifyParticipant) -> Result<u64, Outcome> {
    let mut participant = find(work, &i.participant)?;
    is_not_over(&participant)?;
    if (&participant.bic, &participant.lei) == (&i.bic, &i.lei) {
        return Err(Outcome::NoChange);
    }
    let both = (i.bic.as_ref(), i.lei.as_ref());
    are_free(work, Some(participant.number), both)?;
    (participant.bic, participant.lei) = (i.bic.clone(), i.lei.clone());
    Ok(put(work, participant))
}

/// Lets a bank take part in tests, or for good.
pub(super) fn admit(work: &mut Work<'_>, i: &AdmitParticipant) -> Result<u64, Refusal> {
    use ParticipantState::{Active, Onboarding, Test};
    let mut bank = bank(work, &i.participant)?;
    match (bank.state, i.to) {
        (before, to) if before == to => return Err(Outcome::NoChange.into()),
        (Onboarding, Test | Active) => {}
        (Test, Active) => has_nothing_left(work.state.book(), bank.number)?,
        _ => return Err(Outcome::StateNotAllowed.into()),
    }
    bank.state = i.to;
    Ok(put(work, bank))
}

/// Stops a bank from paying; what of its payments waits is kept, or revoked in this very entry.
pub(super) fn suspend(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &SuspendParticipant,
    asked: &Instruction,
) -> Result<(), Refusal> {
    if !work.quorum() {
        return Err(Outcome::QuorumNotMet.into());
    }
    let mut bank = bank(work, &i.participant)?;
    let again = match bank.state {
        ParticipantState::Active => false,
        ParticipantState::Suspended => true,
        _ => return Err(Outcome::StateNotAllowed.into()),
    };
    let refuses = i.incoming == Some(Incoming::Refuse);
    let revoked = match i.queued {
        Some(Queued::Revoke) => payments_of(work.state.book(), bank.number),
        Some(Queued::Keep) | None => Vec::new(),
    };
    if again && bank.refuses == refuses && revoked.is_empty() {
        return Err(Outcome::NoChange.into());
    }
    let legs = revoked.iter().map(|payment| payment.legs.len());
    room(work, legs.fold(0, usize::saturating_add))?;
    let applied = Refusal {
        outcome: Outcome::Applied,
        leg: None,
        detail: u64::from(bank.number),
    };
    work.refuse(ordinal, asked, applied);
    for payment in &revoked {
        queueing::revoke(work, ordinal, payment, Outcome::RevokedAtSuspension);
    }
    (bank.state, bank.refuses) = (ParticipantState::Suspended, refuses);
    put(work, bank);
    Ok(())
}

/// The payments that wait and debit an account of a participant, by submitter and id.
pub(super) fn payments_of(book: &Book, participant: u32) -> Vec<Payment> {
    let owns = |account: u64| {
        let account = book.account_numbered(account);
        account.is_some_and(|account| account.owner == participant)
    };
    let pays = |payment: &&Payment| payment.legs.iter().any(|leg| owns(leg.debit));
    book.queue().iter().filter(pays).cloned().collect()
}

/// Lets a bank go on that was suspended, by two pairs of eyes.
pub(super) fn resume(work: &mut Work<'_>, i: &OfParticipant) -> Result<u64, Outcome> {
    let mut bank = bank(work, &i.participant)?;
    match bank.state {
        ParticipantState::Suspended => {}
        ParticipantState::Active => return Err(Outcome::NoChange),
        _ => return Err(Outcome::StateNotAllowed),
    }
    if !work.four_eyes() {
        return Err(Outcome::FourEyesNeeded);
    }
    (bank.state, bank.refuses) = (ParticipantState::Active, false);
    Ok(put(work, bank))
}

/// Ends a bank's part for ever, by two pairs of eyes, if nothing of it is open. Its keys sign nothing
/// from the next entry on.
pub(super) fn terminate(work: &mut Work<'_>, i: &OfParticipant) -> Result<u64, Refusal> {
    let mut bank = bank(work, &i.participant)?;
    if bank.state == ParticipantState::Terminated {
        return Err(Outcome::NoChange.into());
    }
    if !work.four_eyes() {
        return Err(Outcome::FourEyesNeeded.into());
    }
    has_nothing_left(work.state.book(), bank.number)?;
    has_nothing_open(work.state.book(), bank.number)?;
    indirect::reaches_nobody(work.state.book(), bank.number)?;
    (bank.state, bank.refuses) = (ParticipantState::Terminated, false);
    let index = work.index;
    for key in bank.keys.iter_mut().filter(|key| key.revoked.is_none()) {
        key.revoked = Some(index);
    }
    Ok(put(work, bank))
}

const fn because(outcome: Outcome, detail: u64) -> Refusal {
    Refusal {
        outcome,
        leg: None,
        detail,
    }
}

/// Whether nothing is on the accounts of a participant, reserved there, or waits to be: of the first
/// that has anything it is told. Looks at every account of the log, once.
fn has_nothing_left(book: &Book, participant: u32) -> Result<(), Refusal> {
    let own = |account: &&Account| account.owner == participant;
    for account in book.accounts().iter().filter(own) {
        let c = &account.counters;
        let outcome = if c.posted() != 0 {
            Outcome::BalanceLeft
        } else if c.debits_pending != 0 || c.credits_pending != 0 {
            Outcome::HoldOpen
        } else if book.queue().concerns(account.number) {
            Outcome::PaymentWaits
        } else {
            continue;
        };
        return Err(because(outcome, account.number));
    }
    Ok(())
}

/// Whether nothing that a participant cleared is unsettled, and nobody waits for its word.
fn has_nothing_open(book: &Book, participant: u32) -> Result<(), Refusal> {
    for model in book.cycles().models() {
        let member = model.member(participant);
        if member.is_some_and(|member| member.whole() != Turnover::default()) {
            let number = u64::from(model.record.number);
            return Err(because(Outcome::PositionOpen, number));
        }
    }
    let mut proposals = book.proposals_after(None);
    if let Some(it) = proposals.find(|it| it.is_open() && it.asks(participant)) {
        return Err(because(Outcome::CaseOpen, it.index));
    }
    let owns = |account: u64| {
        let account = book.account_numbered(account);
        account.is_some_and(|account| account.owner == participant)
    };
    let mut recalls = book.returns().recalls_after(None);
    match recalls.find(|case| owns(case.debit) || owns(case.credit)) {
        Some(case) => Err(because(Outcome::CaseOpen, case.index)),
        None => Ok(()),
    }
}

fn state(book: &Book, account: &Account) -> ParticipantState {
    let owner = book.participant_numbered(account.owner);
    owner.map_or(ParticipantState::Terminated, |owner| owner.state)
}

/// Whether the owner of an account takes part in a leg with another one.
fn takes_part(book: &Book, account: &Account, other: &Account) -> bool {
    match state(book, account) {
        ParticipantState::Active | ParticipantState::Suspended => true,
        ParticipantState::Test => {
            other.kind == AccountKind::Issuance || state(book, other) == ParticipantState::Test
        }
        ParticipantState::Onboarding | ParticipantState::Terminated => false,
    }
}

/// Whether the owner of an account lets nothing come in while it is suspended.
fn refuses(book: &Book, account: &Account) -> bool {
    let owner = book.participant_numbered(account.owner);
    owner.is_some_and(|owner| owner.refuses)
}

/// Whether the owners of both accounts take part in a leg between them. That its debited account pays
/// at all is asked elsewhere.
pub(super) fn may_join(book: &Book, debit: &Account, credit: &Account) -> Result<(), Outcome> {
    if !takes_part(book, debit, credit) {
        return Err(Outcome::DebtorNotActive);
    }
    if !takes_part(book, credit, debit) || refuses(book, credit) {
        return Err(Outcome::CreditorNotActive);
    }
    Ok(())
}

/// Whether the owners of both accounts take part in netting, if they do in a leg.
pub(super) fn may_net(book: &Book, debit: &Account, credit: &Account) -> Result<(), Outcome> {
    if state(book, debit) == ParticipantState::Test {
        return Err(Outcome::DebtorNotActive);
    }
    if state(book, credit) == ParticipantState::Test {
        return Err(Outcome::CreditorNotActive);
    }
    Ok(())
}

/// The same as [`may_join`] for all payers of a split with all its payees; a refusal has the place of
/// the first payer, else of the first payee, that does not take part.
pub(super) fn may_split(
    book: &Book,
    payers: &[u64],
    payees: &[u64],
) -> Result<(), (Outcome, usize)> {
    let account = |number: &u64| book.account_numbered(*number);
    for (place, payer) in payers.iter().filter_map(account).enumerate() {
        let mut payees = payees.iter().filter_map(account);
        if payees.any(|payee| !takes_part(book, payer, payee)) {
            return Err((Outcome::DebtorNotActive, place));
        }
    }
    let behind = payers.len();
    for (n, payee) in payees.iter().filter_map(account).enumerate() {
        let mut payers = payers.iter().filter_map(account);
        if refuses(book, payee) || payers.any(|payer| !takes_part(book, payee, payer)) {
            return Err((Outcome::CreditorNotActive, behind.saturating_add(n)));
        }
    }
    Ok(())
}
