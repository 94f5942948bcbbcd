//! `propose`, `approve`, `withdraw`, `decline`, and the expiry of proposals: what takes the signatures
//! of several, each in a message of its own (LEDGER F05, F09, F18).
//!
//! What is proposed is carried out in the entry of the approval that completes it, all or nothing,
//! as if its maker had sent it right then with all signatures. Its items stand behind the approval's.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::apply::{Refusal, Work};
use super::book::{Book, Effect};
use super::governance;
use super::id::{InstructionId, ParticipantId};
use super::instruction::{AccountRef, Approve, EndProposal, Instruction, Leg, Propose};
use super::outcome::Outcome;
use super::proposal::{KeyRef, Proposal, ProposalEnd, ProposalEnded, proposal_hash};
use super::time::DAY;
use super::transfer::leg_number;
use crate::limits::{
    ITEMS_MAX, PROPOSAL_BYTES_MAX, PROPOSAL_DAYS_MAX, PROPOSAL_INSTRUCTIONS_MAX, PROPOSALS_MAX,
    PROPOSALS_PARTICIPANT_MAX,
};

/// Whose signatures instructions take.
#[derive(Default)]
struct Needs {
    participants: BTreeSet<u32>,
    four_eyes: bool,
    /// Something in it cannot be proposed.
    unfit: bool,
}

/// Keeps instructions for those whose signatures they take.
pub(super) fn propose(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Propose,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let mut needs = Needs::default();
    for instruction in &i.instructions {
        needs.ask(work, instruction)?;
    }
    let expires = i.expires_at.nanos();
    let latest = work
        .time
        .saturating_add(PROPOSAL_DAYS_MAX.saturating_mul(DAY));
    if expires <= work.time || expires > latest {
        return Err(Outcome::ExpiryInvalid.into());
    }
    let book = work.state.book();
    let participants = needs.participants.iter();
    let participants: BTreeSet<u32> = participants.map(|one| book.signer_of(*one)).collect();
    let maker = book.participant_numbered(work.submitter);
    let maker = maker.filter(|maker| participants.contains(&maker.number));
    let maker = maker.ok_or(Outcome::ProposalNotYours)?;
    if work.proposal(i.id).is_some() {
        return Err(Outcome::ProposalExists.into());
    }
    if is_full(book, maker.number) {
        return Err(Outcome::ProposalsTooMany.into());
    }
    let json = asked.to_json();
    if json.len() > PROPOSAL_BYTES_MAX || i.instructions.len() > PROPOSAL_INSTRUCTIONS_MAX {
        return Err(Outcome::ProposalTooLarge.into());
    }
    if needs.unfit {
        return Err(Outcome::NotProposable.into());
    }
    let participants: Vec<u32> = participants.into_iter().collect();
    let it = Proposal {
        id: i.id,
        maker: maker.number,
        index: work.index,
        time: work.time,
        expires,
        hash: proposal_hash(&maker.id, &json),
        json,
        keys: work.keys_of(&participants),
        asked: participants,
        four_eyes: needs.four_eyes,
        ended: None,
    };
    work.accept(ordinal, asked, Outcome::Proposed);
    work.write(Effect::Proposal(i.id, Some(it)));
    Ok(())
}

/// Whether a participant may make no more proposals now.
fn is_full(book: &Book, maker: u32) -> bool {
    let (own, all) = (book.proposals.open_of(maker), book.proposals.open());
    let part = book.equal_part(u64::try_from(PROPOSALS_MAX).unwrap_or(u64::MAX));
    let part = usize::try_from(part).unwrap_or(usize::MAX);
    own >= PROPOSALS_PARTICIPANT_MAX || all >= PROPOSALS_MAX && own >= part
}

impl Needs {
    /// Adds those whose signatures an instruction takes, as far as it can be told now. Whoever moves
    /// money is told at once if there is no such account, as in a transfer.
    fn ask(&mut self, work: &Work<'_>, instruction: &Instruction) -> Result<(), Refusal> {
        let book = work.state.book();
        match instruction {
            Instruction::Transfer(i) => self.ask_payers(book, &i.legs)?,
            Instruction::Reserve(i) => self.ask_payers(book, &i.legs)?,
            Instruction::Split(i) => {
                let payers = i.payers.iter().map(|payer| (&payer.account, true));
                let payees = i.payees.iter().map(|payee| (&payee.account, false));
                for (n, (account, pays)) in payers.chain(payees).enumerate() {
                    let owner = owner(book, account, n)?;
                    self.participants.extend(pays.then_some(owner));
                }
            }
            Instruction::Convert(i) => {
                let debit = AccountRef::Address(i.debit.clone());
                let credit = AccountRef::Address(i.credit.clone());
                self.participants.insert(owner(book, &debit, 0)?);
                owner(book, &credit, 1)?;
            }
            Instruction::Clear(i) => {
                for (n, payment) in i.payments.iter().enumerate() {
                    let payer = book.participant(&payment.from);
                    let unknown = || Outcome::MemberUnknown.at_leg(leg_number(n));
                    self.participants.insert(payer.ok_or_else(unknown)?.number);
                }
            }
            Instruction::Redeem(i) => {
                let account = book.account_ref(&i.account);
                let account = account.ok_or(Outcome::AccountUnknown)?;
                self.participants.extend([0, account.owner]);
            }
            Instruction::AddKey(i) => {
                let participant = book.participant(&i.participant);
                let participant = participant.ok_or(Outcome::ParticipantUnknown)?;
                self.participants.extend([0, participant.number]);
            }
            Instruction::Lift(_)
            | Instruction::Reverse(_)
            | Instruction::ResumeParticipant(_)
            | Instruction::TerminateParticipant(_)
            | Instruction::SetVia(_)
            | Instruction::SetFees(_) => {
                self.participants.insert(0);
                self.four_eyes = true;
            }
            // Of these each is for one participant alone: whose it is shows when it is carried out.
            Instruction::Capture(_)
            | Instruction::Void(_)
            | Instruction::Cancel(_)
            | Instruction::Requeue(_)
            | Instruction::SetReservation(_)
            | Instruction::Quote(_)
            | Instruction::Return(_)
            | Instruction::Recall(_)
            | Instruction::RefuseRecall(_) => {
                self.participants.insert(work.submitter);
            }
            // The node must have the log's new key at hand at that very moment.
            Instruction::AddLogKey(_)
            | Instruction::Propose(_)
            | Instruction::Approve(_)
            | Instruction::Withdraw(_)
            | Instruction::Decline(_) => {
                self.participants.insert(work.submitter);
                self.unfit = true;
            }
            other => {
                let own = governance::without_quorum(work, other);
                self.participants
                    .insert(if own { work.submitter } else { 0 });
            }
        }
        Ok(())
    }

    fn ask_payers(&mut self, book: &Book, legs: &[Leg]) -> Result<(), Refusal> {
        for (n, leg) in legs.iter().enumerate() {
            let debited = owner(book, &leg.debit, n)?;
            owner(book, &leg.credit, n)?;
            self.participants.insert(debited);
        }
        Ok(())
    }
}

/// Whose an account is; a refusal names leg or place `n`.
fn owner(book: &Book, account: &AccountRef, n: usize) -> Result<u32, Refusal> {
    let account = book.account_ref(account);
    let unknown = || Outcome::AccountUnknown.at_leg(leg_number(n));
    Ok(account.ok_or_else(unknown)?.owner)
}

/// Adds the signatures of this message to a proposal; with the last of them it is carried out.
pub(super) fn approve(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &Approve,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let (Some(of), Some(hash)) = (i.of, &i.hash) else {
        return Err(Outcome::NothingPending.into());
    };
    let (mut it, keys) = find(work, of)?;
    is_open(&it)?;
    if chain::Hash::from_base64(hash) != Ok(chain::Hash::from_bytes(it.hash)) {
        return Err(Outcome::BodyChanged.into());
    }
    if keys.iter().any(|key| it.keys.contains(key)) {
        return Err(Outcome::SelfApproval.into());
    }
    it.keys.extend(keys);
    it.keys.sort_unstable();
    let book = work.state.book();
    let complete = it.asked.iter().all(|n| it.missing(book, *n) == 0);
    let outcome = match complete {
        true => Outcome::CarriedOut,
        false => Outcome::Approved,
    };
    work.refuse(ordinal, asked, told(outcome, &it));
    if complete {
        work.carry_out(ordinal, &it)?;
        end(work, &mut it, ProposalEnd::CarriedOut, work.submitter);
    }
    put(work, it);
    Ok(())
}

/// Ends a proposal of the submitter.
pub(super) fn withdraw(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &EndProposal,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let (mut it, _) = find(work, i.of)?;
    if it.maker != work.submitter {
        return Err(Outcome::ProposalNotYours.into());
    }
    is_open(&it)?;
    work.refuse(ordinal, asked, told(Outcome::Withdrawn, &it));
    end(work, &mut it, ProposalEnd::Withdrawn, work.submitter);
    put(work, it);
    Ok(())
}

/// Ends a proposal that it takes the signer's signature for.
pub(super) fn decline(
    work: &mut Work<'_>,
    ordinal: u32,
    i: &EndProposal,
    asked: &Instruction,
) -> Result<(), Refusal> {
    let (mut it, keys) = find(work, i.of)?;
    is_open(&it)?;
    let first = keys.first().map_or(0, |key| key.participant);
    let by = if it.asks(work.submitter) {
        work.submitter
    } else {
        first
    };
    work.refuse(ordinal, asked, told(Outcome::Declined, &it));
    end(work, &mut it, ProposalEnd::Declined, by);
    put(work, it);
    Ok(())
}

/// A proposal that takes the signature of somebody who signed, with the keys that did; of others
/// nothing is told.
fn find(work: &Work<'_>, id: InstructionId) -> Result<(Proposal, Vec<KeyRef>), Outcome> {
    let it = work.proposal(id).ok_or(Outcome::NothingPending)?;
    let keys = work.keys_of(&it.asked);
    match keys.is_empty() {
        true => Err(Outcome::NothingPending),
        false => Ok((it.clone(), keys)),
    }
}

fn is_open(it: &Proposal) -> Result<(), Refusal> {
    let Some(ended) = it.ended else {
        return Ok(());
    };
    Err(Refusal {
        outcome: match ended.how {
            ProposalEnd::Expired => Outcome::ApprovalExpired,
            _ => Outcome::ProposalOver,
        },
        leg: None,
        detail: ended.index,
    })
}

/// An outcome that says which entry proposed it.
const fn told(outcome: Outcome, it: &Proposal) -> Refusal {
    Refusal {
        outcome,
        leg: None,
        detail: it.index,
    }
}

/// Writes a proposal that has changed. If it has ended, the oldest that did are forgotten beyond what is
/// remembered of one participant.
fn put(work: &mut Work<'_>, it: Proposal) {
    let (maker, over) = (it.maker, !it.is_open());
    work.write(Effect::Proposal(it.id, Some(it)));
    while over && let Some(id) = work.state.book().proposals.ended_beyond(maker) {
        work.write(Effect::Proposal(id, None));
    }
}

/// Ends a proposal with this entry. What it proposed is in the log.
fn end(work: &Work<'_>, it: &mut Proposal, how: ProposalEnd, by: u32) {
    it.json = String::new();
    it.ended = Some(ProposalEnded {
        how,
        by,
        index: work.index,
        time: work.time,
    });
}

/// What the log says of a proposal whose time has come.
#[derive(Serialize)]
struct Said<'a> {
    proposal_expired: SaidExpired<'a>,
}

#[derive(Serialize)]
struct SaidExpired<'a> {
    id: InstructionId,
    /// Whose signatures it took: they may read this.
    asked: Vec<&'a ParticipantId>,
}

/// Ends the proposals whose time has come, soonest first, as many as an entry has room for. Says
/// whether there were any.
pub(super) fn expire(work: &mut Work<'_>) -> bool {
    let mut ordinal = 0u32;
    while let Some(it) = work.state.book().proposals.due_at(work.time) {
        let mut it = it.clone();
        if work.drafted() >= ITEMS_MAX {
            break;
        }
        let book = work.state.book();
        let asked = it
            .asked
            .iter()
            .filter_map(|n| book.participant_numbered(*n));
        let said = Said {
            proposal_expired: SaidExpired {
                id: it.id,
                asked: asked.map(|participant| &participant.id).collect(),
            },
        };
        let json = serde_json::to_string(&said).expect("every field has a JSON form");
        work.notice((ordinal, it.id), Outcome::ProposalExpired, it.index, json);
        end(work, &mut it, ProposalEnd::Expired, 0);
        put(work, it);
        ordinal = ordinal.saturating_add(1);
    }
    ordinal > 0
}
