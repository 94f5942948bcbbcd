//! Governance: participants, keys, assets, accounts, limits, parameters. Same door, same log.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::account::{Account, AccountKind, AccountStatus, Counters, Limits};
use super::apply::{Refusal, Work};
use super::asset::{Asset, AssetStatus};
use super::book::Effect;
use super::freezes::Freezes;
use super::id::{Address, ParticipantId};
use super::instruction::{
    AddAsset, AddKey, AddParticipant, CloseAccount, Erase, Instruction, OpenAccount, Protocol,
    RevokeKey, SetAssetStatus, SetParameter, VerifierKeyText,
};
use super::outcome::Outcome;
use super::parameter::ParameterRefusal;
use super::participant::{Key, Participant, Role};
use super::time::SECOND;
use super::{calendar, cycle, fees, fx, indirect, life, log_key, mandating, posting, standing};
use crate::limits::KEYS_PER_PARTICIPANT_MAX;

/// The protocol version that this code implements.
pub const PROTOCOL_VERSION: u32 = 1;

/// Carries out a governance instruction; gives the detail of its outcome.
pub(super) fn govern(work: &mut Work<'_>, instruction: &Instruction) -> Result<u64, Refusal> {
    if !work.quorum() && !without_quorum(work, instruction) {
        return Err(Outcome::QuorumNotMet.into());
    }
    let detail = match instruction {
        Instruction::AddParticipant(i) => add_participant(work, i)?,
        Instruction::AddKey(i) => add_key(work, i)?,
        Instruction::RevokeKey(i) => revoke_key(work, i)?,
        Instruction::AddAsset(i) => add_asset(work, i)?,
        Instruction::SetAssetStatus(i) => set_asset_status(work, i)?,
        Instruction::OpenAccount(i) => open_account(work, i)?,
        Instruction::CloseAccount(i) => close_account(work, i)?,
        Instruction::SetLimits(i) => life::set_limits(work, i)?,
        Instruction::SetParameter(i) => set_parameter(work, i)?,
        Instruction::Protocol(i) => protocol(work, i)?,
        Instruction::Erase(i) => erase(work, i)?,
        Instruction::AddLogKey(i) => log_key::add(work, i)?,
        Instruction::RetireLogKey(i) => log_key::retire(work, i)?,
        Instruction::Freeze(i) => life::freeze(work, i)?,
        Instruction::Lift(i) => life::lift(work, i)?,
        Instruction::ReopenAccount(i) => life::reopen(work, i)?,
        Instruction::AdmitParticipant(i) => standing::admit(work, i)?,
        Instruction::ResumeParticipant(i) => standing::resume(work, i)?,
        Instruction::TerminateParticipant(i) => standing::terminate(work, i)?,
        Instruction::IdentifyParticipant(i) => standing::identify(work, i)?,
        Instruction::SetVia(i) => indirect::set_via(work, i)?,
        Instruction::SetParticipantDays(i) => calendar::set_participant_days(work, i)?,
        Instruction::OpenModel(i) => cycle::open_model(work, i)?,
        Instruction::CloseModel(i) => cycle::close_model(work, i)?,
        Instruction::JoinModel(i) => cycle::join_model(work, i)?,
        Instruction::CloseWindow(i) => cycle::close_window(work, i)?,
        Instruction::GrantMandate(i) => mandating::grant(work, i)?,
        Instruction::RevokeMandate(i) => mandating::revoke(work, i)?,
        Instruction::SetPosting(i) => posting::set(work, i)?,
        Instruction::SetProvider(i) => fx::set_provider(work, i)?,
        Instruction::SetRate(i) => fx::set_rate(work, i)?,
        Instruction::WithdrawRate(i) => fx::withdraw_rate(work, i)?,
        Instruction::SetCalendar(i) => calendar::set_calendar(work, i)?,
        Instruction::SetFees(i) => fees::set_fees(work, i)?,
        Instruction::Transfer(_)
        | Instruction::Issue(_)
        | Instruction::Redeem(_)
        | Instruction::Reserve(_)
        | Instruction::Capture(_)
        | Instruction::Clear(_)
        | Instruction::Split(_)
        | Instruction::Quote(_)
        | Instruction::Convert(_)
        | Instruction::Void(_)
        | Instruction::Cancel(_)
        | Instruction::Requeue(_)
        | Instruction::SetReservation(_)
        | Instruction::SuspendParticipant(_)
        | Instruction::Propose(_)
        | Instruction::Approve(_)
        | Instruction::Withdraw(_)
        | Instruction::Decline(_)
        | Instruction::Return(_)
        | Instruction::Reverse(_)
        | Instruction::Recall(_)
        | Instruction::RefuseRecall(_) => {
            unreachable!("money is moved and revoked elsewhere, and proposals are kept elsewhere")
        }
    };
    Ok(detail)
}

/// What a bank may do by itself: open a customer account under its own prefix, let others debit its
/// accounts, and state rates if it is a provider.
pub(super) fn without_quorum(work: &Work<'_>, instruction: &Instruction) -> bool {
    match instruction {
        Instruction::GrantMandate(_) | Instruction::RevokeMandate(_) => true,
        Instruction::SetRate(_) | Instruction::WithdrawRate(_) => {
            work.state.book().fx().is_provider(work.submitter)
        }
        Instruction::OpenAccount(i) => {
            let book = work.state.book();
            let signs = |number| book.signer_of(number) == work.submitter;
            let owner = book.participant(&i.owner);
            let own = owner.is_some_and(|p| signs(p.number) && p.role == Role::Bank);
            own && i.kind == AccountKind::Customer && prefix(&i.address) == Some(i.owner.as_str())
        }
        _ => false,
    }
}

fn prefix(address: &Address) -> Option<&str> {
    address.as_str().split_once(':').map(|(prefix, _)| prefix)
}

/// Checks a new key against everything registered so far and makes its record.
fn new_key(work: &Work<'_>, owner: &ParticipantId, text: &VerifierKeyText) -> Result<Key, Outcome> {
    let vkey: chain::VerifierKey = text
        .as_str()
        .parse()
        .map_err(|_| Outcome::KeyUnacceptable)?;
    if !owner.owns_key_name(vkey.name()) {
        return Err(Outcome::KeyNameMismatch);
    }
    vkey.check_registration()
        .map_err(|_| Outcome::KeyUnacceptable)?;
    let public = vkey.public_key();
    if work.state.book().knows_public_key(&public) {
        return Err(Outcome::KeyAlreadyRegistered);
    }
    Ok(Key {
        name: vkey.name().to_string(),
        id: vkey.id().get(),
        public,
        added: work.index,
        revoked: None,
    })
}

fn add_participant(work: &mut Work<'_>, i: &AddParticipant) -> Result<u64, Outcome> {
    let book = work.state.book();
    if i.via
        .as_ref()
        .is_some_and(|via| book.participant(via).is_none())
    {
        return Err(Outcome::ParticipantUnknown);
    }
    if book.participant(&i.participant).is_some() {
        return Err(Outcome::ParticipantExists);
    }
    if i.role == Role::Operator {
        return Err(Outcome::ParticipantExists);
    }
    let mut keys: Vec<Key> = Vec::with_capacity(i.keys.len());
    for text in &i.keys {
        let key = new_key(work, &i.participant, text)?;
        if keys
            .iter()
            .any(|k| k.public == key.public || k.id == key.id)
        {
            return Err(Outcome::KeyAlreadyRegistered);
        }
        keys.push(key);
    }
    let needs_one = u32::from(i.via.is_none());
    if i.threshold < needs_one || usize::try_from(i.threshold).is_ok_and(|t| t > keys.len()) {
        return Err(Outcome::ThresholdInvalid);
    }
    let via = indirect::via(work, (i.role, keys.len()), i.via.as_ref())?;
    let state = standing::first_state(i.role, i.state)?;
    standing::are_free(work, None, (i.bic.as_ref(), i.lei.as_ref()))?;
    let number = u32::try_from(work.state.book().participants().len()).unwrap_or(u32::MAX);
    for key in &keys {
        work.write(Effect::PublicKey(key.public, true));
    }
    // Without keys it takes one, which nobody has.
    let (id, role, threshold) = (i.participant.clone(), i.role, i.threshold.max(1));
    let participant = Participant {
        number,
        id,
        role,
        keys,
        threshold,
        state,
        refuses: false,
        bic: i.bic.clone(),
        lei: i.lei.clone(),
        via,
        holidays: Vec::new(),
        freezes: Freezes::default(),
    };
    work.write(Effect::Participant(number, Some(participant)));
    Ok(u64::from(number))
}

fn add_key(work: &mut Work<'_>, i: &AddKey) -> Result<u64, Outcome> {
    let book = work.state.book();
    let mut participant = book
        .participant(&i.participant)
        .cloned()
        .ok_or(Outcome::ParticipantUnknown)?;
    standing::is_not_over(&participant)?;
    if !work.signed_by(participant.number) {
        return Err(Outcome::NotOwner);
    }
    indirect::is_direct(&participant)?;
    let key = new_key(work, &i.participant, &i.vkey)?;
    if participant.keys.iter().any(|k| k.id == key.id) {
        return Err(Outcome::KeyAlreadyRegistered);
    }
    if participant.active_keys() >= KEYS_PER_PARTICIPANT_MAX {
        return Err(Outcome::KeysTooMany);
    }
    work.write(Effect::PublicKey(key.public, true));
    participant.keys.push(key);
    let number = participant.number;
    work.write(Effect::Participant(number, Some(participant)));
    Ok(u64::from(number))
}

fn revoke_key(work: &mut Work<'_>, i: &RevokeKey) -> Result<u64, Outcome> {
    let book = work.state.book();
    let mut participant = book
        .participant(&i.participant)
        .cloned()
        .ok_or(Outcome::ParticipantUnknown)?;
    let index = work.index;
    let key = participant
        .keys
        .iter_mut()
        .find(|k| k.id == i.key_id.to_u32() && k.revoked.is_none())
        .ok_or(Outcome::KeyUnknown)?;
    key.revoked = Some(index);
    // A bank whose only key is stolen must be able to lose it; the operators must stay able to act.
    let left = u32::try_from(participant.active_keys()).unwrap_or(u32::MAX);
    if participant.role == Role::Operator && left < participant.threshold {
        return Err(Outcome::ThresholdInvalid);
    }
    let number = participant.number;
    work.write(Effect::Participant(number, Some(participant)));
    Ok(u64::from(number))
}

fn add_asset(work: &mut Work<'_>, i: &AddAsset) -> Result<u64, Outcome> {
    let book = work.state.book();
    let version = i.module_version.unwrap_or(1);
    let module = work
        .modules
        .at(&i.module, version)
        .ok_or(Outcome::ModuleUnknown)?;
    let description = module
        .describe(i.asset.as_str(), book.mode())
        .map_err(|_| Outcome::AssetNotOffered)?;
    if book.asset(&i.asset).is_some() {
        return Err(Outcome::AssetExists);
    }
    let number = u32::try_from(book.assets().len()).unwrap_or(u32::MAX);
    let issuance = u64::try_from(book.accounts().len()).unwrap_or(u64::MAX);
    let fiat = i.asset.as_str().len() == 3;
    let label = if fiat {
        i.asset.to_string()
    } else {
        number.to_string()
    };
    let address = Address::new(&format!("operators:issuance.{label}"));
    let account = Account {
        number: issuance,
        address: address.map_err(|_| Outcome::AssetNotOffered)?,
        owner: 0,
        kind: AccountKind::Issuance,
        asset: number,
        status: AccountStatus::Active,
        guarded: false,
        kept: false,
        limits: Limits::default(),
        counters: Counters::default(),
        last: None,
        opened: work.index,
        earlier: Vec::new(),
    };
    if book.account(&account.address).is_some() {
        return Err(Outcome::AccountExists);
    }
    let asset = Asset {
        number,
        id: i.asset.clone(),
        module: i.module.clone(),
        module_version: version,
        scale: description.scale,
        status: AssetStatus::Active,
        issuance,
    };
    work.write(Effect::Asset(number, Some(asset)));
    work.write(Effect::Account(issuance, Some(account)));
    Ok(u64::from(number))
}

fn set_asset_status(work: &mut Work<'_>, i: &SetAssetStatus) -> Result<u64, Outcome> {
    let mut asset = work
        .state
        .book()
        .asset(&i.asset)
        .cloned()
        .ok_or(Outcome::AssetUnknown)?;
    if asset.status == i.status {
        return Err(Outcome::NoChange);
    }
    asset.status = i.status;
    let number = asset.number;
    work.write(Effect::Asset(number, Some(asset)));
    Ok(u64::from(number))
}

fn open_account(work: &mut Work<'_>, i: &OpenAccount) -> Result<u64, Outcome> {
    let book = work.state.book();
    let asset = book.asset(&i.asset).ok_or(Outcome::AssetUnknown)?;
    if asset.status == AssetStatus::Retired {
        return Err(Outcome::AssetRetired);
    }
    let owner = book
        .participant(&i.owner)
        .ok_or(Outcome::ParticipantUnknown)?;
    standing::is_not_over(owner)?;
    if book.account(&i.address).is_some() {
        return Err(Outcome::AccountExists);
    }
    if prefix(&i.address).is_some_and(|prefix| prefix != i.owner.as_str()) {
        return Err(Outcome::AddressReserved);
    }
    let kind_fits = match i.kind {
        AccountKind::Settlement | AccountKind::Customer => owner.role == Role::Bank,
        AccountKind::Suspense | AccountKind::Fee | AccountKind::Pool => {
            owner.role == Role::Operator
        }
        // One per asset or model, opened with it.
        AccountKind::Issuance | AccountKind::Netting => false,
    };
    if !kind_fits {
        return Err(Outcome::AccountKindNotAllowed);
    }
    let number = u64::try_from(book.accounts().len()).unwrap_or(u64::MAX);
    let account = Account {
        number,
        address: i.address.clone(),
        owner: owner.number,
        kind: i.kind,
        asset: asset.number,
        status: AccountStatus::Active,
        guarded: false,
        kept: false,
        limits: Limits::default(),
        counters: Counters::default(),
        last: None,
        opened: work.index,
        earlier: Vec::new(),
    };
    work.write(Effect::Account(number, Some(account)));
    Ok(number)
}

fn close_account(work: &mut Work<'_>, i: &CloseAccount) -> Result<u64, Outcome> {
    let mut account = work
        .state
        .book()
        .account(&i.address)
        .cloned()
        .ok_or(Outcome::AccountUnknown)?;
    if account.kind.is_reserved() {
        return Err(Outcome::AccountKindNotAllowed);
    }
    if account.status == AccountStatus::Closed {
        return Err(Outcome::AccountClosed);
    }
    let c = &account.counters;
    let queued = work.state.book().queue().concerns(account.number);
    if queued || c.posted() != 0 || c.debits_pending != 0 || c.credits_pending != 0 {
        return Err(Outcome::AccountNotEmpty);
    }
    if cycle::is_joined(work.state.book(), &account) {
        return Err(Outcome::AccountJoined);
    }
    if cycle::is_pool(work.state.book(), account.number) {
        return Err(Outcome::PoolNamed);
    }
    if work
        .state
        .book()
        .fees()
        .names(account.asset, account.number)
    {
        return Err(Outcome::FeeAccountInUse);
    }
    account.set_terms(work.index, AccountStatus::Closed, account.limits);
    let number = account.number;
    work.write(Effect::Account(number, Some(account)));
    Ok(number)
}

fn set_parameter(work: &mut Work<'_>, i: &SetParameter) -> Result<u64, Outcome> {
    let changed = work
        .state
        .book()
        .parameters()
        .with(&i.name, i.value)
        .map_err(|e| match e {
            ParameterRefusal::Unknown => Outcome::ParameterUnknown,
            ParameterRefusal::OutOfRange => Outcome::ParameterOutOfRange,
        })?;
    work.write(Effect::Parameters(changed));
    Ok(0)
}

fn protocol(work: &mut Work<'_>, i: &Protocol) -> Result<u64, Outcome> {
    if i.version != PROTOCOL_VERSION || i.from_index <= work.index {
        return Err(Outcome::ProtocolUnsupported);
    }
    if work.state.book().protocol().0 == i.version {
        return Err(Outcome::NoChange);
    }
    work.write(Effect::Protocol(i.version, i.from_index));
    Ok(0)
}

fn erase(work: &mut Work<'_>, i: &Erase) -> Result<u64, Refusal> {
    // Genesis is public and has no body.
    if i.entry_index == 0 || i.entry_index >= work.index {
        return Err(Outcome::EntryUnknown.into());
    }
    if work.state.book().erased().contains(&i.entry_index) {
        return Err(Outcome::AlreadyErased.into());
    }
    if let Some(end) = retained_until(work, i.entry_index) {
        return Err(Refusal {
            outcome: Outcome::RetentionActive,
            leg: None,
            detail: end / SECOND,
        });
    }
    work.write(Effect::Erased(i.entry_index, true));
    Ok(i.entry_index)
}

/// The end of the retention period of an entry while it runs: by the parameter in force now, from
/// the end of the entry's day on.
fn retained_until(work: &Work<'_>, index: u64) -> Option<u64> {
    let state = &work.state;
    let end = state.days.end_of(index)?;
    let retention = state.book().parameters().retention();
    let end = end.saturating_add(retention);
    (retention > 0 && work.time < end).then_some(end)
}
