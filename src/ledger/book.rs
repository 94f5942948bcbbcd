//! The book: participants, assets, accounts and parameters. All that a reader may ask about.

mod effect;
mod head;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::account::{Account, Counters, ItemRef};
use super::asset::Asset;
use super::calendar::Calendars;
use super::cycle::Cycles;
use super::dense::{Dense, Records};
use super::draft::Change;
use super::fees::Fees;
use super::fx::Fx;
use super::guard::Guards;
use super::hold::{Hold, Holds};
use super::id::{Address, AssetId, ParticipantId};
use super::index::Index;
use super::instruction::AccountRef;
use super::mandate::{Mandate, Mandates};
use super::module::Mode;
use super::parameter::Parameters;
use super::participant::{Key, Participant};
use super::posting::Postings;
use super::proposal::{Proposal, Proposals};
use super::queue::{Payment, Queue};
use super::returns::Returns;
use super::snapshot::{PartReader, SnapshotError};
use super::values::Values;
pub use effect::Effect;
pub use head::BookHead;

/// Participants, assets, accounts and parameters.
#[derive(Debug, Clone)]
pub struct Book {
    /// Live or sandbox, from genesis.
    mode: u8,
    parameters: Parameters,
    protocol: (u32, u64),
    participants: Vec<Participant>,
    assets: Vec<Asset>,
    accounts: Dense<Account>,
    public_keys: BTreeSet<[u8; 32]>,
    erased: BTreeSet<u64>,
    log_keys: Vec<Key>,
    pub(super) holds: Holds,
    pub(super) proposals: Proposals,
    pub(super) guards: Guards,
    queue: Queue,
    cycles: Cycles,
    pub(super) calendars: Calendars,
    returns: Returns,
    pub(super) mandates: Mandates,
    postings: Postings,
    /// Shared with snapshots; whoever changes it afterwards copies it.
    fx: Arc<Fx>,
    pub(super) values: Values,
    /// Shared with snapshots, too.
    fees: Arc<Fees>,
    participant_numbers: BTreeMap<ParticipantId, u32>,
    /// Participants without keys of their own, by number, and those whose keys sign for them.
    pub(super) indirect: BTreeMap<u32, u32>,
    /// Participants that have days of their own on which they are closed, by number.
    pub(super) with_holidays: BTreeSet<u32>,
    asset_numbers: BTreeMap<AssetId, u32>,
    addresses: Index<Address, u64>,
}

impl Book {
    /// An empty book.
    #[must_use]
    pub fn new(mode: Mode, parameters: Parameters) -> Self {
        Self {
            mode: mode.code(),
            parameters,
            protocol: (1, 0),
            participants: Vec::new(),
            assets: Vec::new(),
            accounts: Dense::new(),
            public_keys: BTreeSet::new(),
            erased: BTreeSet::new(),
            log_keys: Vec::new(),
            holds: Holds::default(),
            proposals: Proposals::default(),
            guards: Guards::default(),
            queue: Queue::default(),
            cycles: Cycles::default(),
            calendars: Calendars::default(),
            returns: Returns::default(),
            mandates: Mandates::default(),
            postings: Postings::default(),
            fx: Arc::default(),
            values: Values::default(),
            fees: Arc::default(),
            participant_numbers: BTreeMap::new(),
            indirect: BTreeMap::new(),
            with_holidays: BTreeSet::new(),
            asset_numbers: BTreeMap::new(),
            addresses: Index::default(),
        }
    }

    /// Live or sandbox.
    #[must_use]
    pub fn mode(&self) -> Mode {
        Mode::from_code(self.mode).unwrap_or(Mode::Live)
    }

    /// The rule parameters in force.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The protocol version in force and its first index.
    #[must_use]
    pub const fn protocol(&self) -> (u32, u64) {
        self.protocol
    }

    /// All participants, by number.
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.participants
    }

    /// All assets, by number.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// All accounts, by number.
    #[must_use]
    pub const fn accounts(&self) -> &Dense<Account> {
        &self.accounts
    }

    /// The entries whose bodies were erased.
    #[must_use]
    pub const fn erased(&self) -> &BTreeSet<u64> {
        &self.erased
    }

    /// Whether the public key was ever registered.
    #[must_use]
    pub fn knows_public_key(&self, public: &[u8; 32]) -> bool {
        self.public_keys.contains(public)
    }

    /// Finds a participant by id.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> Option<&Participant> {
        let number = *self.participant_numbers.get(id)?;
        self.participants.get(usize::try_from(number).ok()?)
    }

    /// Finds a participant by number.
    #[must_use]
    pub fn participant_numbered(&self, number: u32) -> Option<&Participant> {
        self.participants.get(usize::try_from(number).ok()?)
    }

    /// Finds an asset by id.
    #[must_use]
    pub fn asset(&self, id: &AssetId) -> Option<&Asset> {
        self.asset_numbered(*self.asset_numbers.get(id)?)
    }

    /// Finds an asset by number.
    #[must_use]
    pub fn asset_numbered(&self, number: u32) -> Option<&Asset> {
        self.assets.get(usize::try_from(number).ok()?)
    }

    /// Finds an account by number.
    #[must_use]
    pub fn account_numbered(&self, number: u64) -> Option<&Account> {
        self.accounts.get(usize::try_from(number).ok()?)
    }

    /// Finds an account by address.
    #[must_use]
    pub fn account(&self, address: &Address) -> Option<&Account> {
        self.account_numbered(*self.addresses.get(address)?)
    }

    /// Finds an account by address or number.
    #[must_use]
    pub fn account_ref(&self, reference: &AccountRef) -> Option<&Account> {
        match reference {
            AccountRef::Address(address) => self.account(address),
            AccountRef::Number(number) => self.account_numbered(*number),
        }
    }

    /// Sets an account's counters and last item; gives back what they were.
    pub(super) fn set_counters(
        &mut self,
        number: u64,
        counters: Counters,
        last: Option<ItemRef>,
    ) -> Option<(Counters, Option<ItemRef>)> {
        let account = self.accounts.slot(usize::try_from(number).ok()?)?;
        let before = (account.counters, account.last);
        account.counters = counters;
        account.last = last;
        Some(before)
    }

    /// Takes over the change of one account by item `at`: how readers follow the ledger.
    pub fn absorb_change(&mut self, change: &Change, at: ItemRef) {
        self.set_counters(change.account, change.counters, Some(at));
    }

    /// The log's own keys, oldest first, retired ones too.
    #[must_use]
    pub fn log_keys(&self) -> &[Key] {
        &self.log_keys
    }

    /// The settlement models.
    #[must_use]
    pub const fn cycles(&self) -> &Cycles {
        &self.cycles
    }

    /// What was given back, and open recalls.
    #[must_use]
    pub const fn returns(&self) -> &Returns {
        &self.returns
    }

    /// Providers and rates.
    #[must_use]
    pub fn fx(&self) -> &Fx {
        &self.fx
    }

    /// Schedules of fees.
    #[inline]
    #[must_use]
    pub fn fees(&self) -> &Fees {
        &self.fees
    }

    /// When the next hold or proposal expires, the next payment is released or revoked, or the next
    /// recall ends.
    pub(super) fn next_due(&self) -> Option<u64> {
        let due = [
            self.holds.next_due(),
            self.proposals.next_due(),
            self.queue.next_due(),
            self.returns.next_due(),
        ];
        due.into_iter().flatten().min()
    }

    /// When the next hold expires, or the next payment is released or revoked: what money waits for.
    pub(super) fn next_due_of_money(&self) -> Option<u64> {
        let due = [self.holds.next_due(), self.queue.next_due()];
        due.into_iter().flatten().min()
    }

    /// Which kinds of accounts may pay which.
    #[inline]
    #[must_use]
    pub const fn postings(&self) -> &Postings {
        &self.postings
    }

    /// The payments that wait.
    #[must_use]
    pub const fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The equal part of a participant that signs of something that there is so much of for all: it is kept
    /// for it, also if others have taken the rest.
    pub(super) fn equal_part(&self, of: u64) -> u64 {
        let signing = self.participants.len().saturating_sub(self.indirect.len());
        let participants = u64::try_from(signing).unwrap_or(u64::MAX);
        of.checked_div(participants).unwrap_or(of)
    }

    /// Reads what a snapshot has of a book.
    pub(super) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        let (mode, protocol) = from.take()?;
        let mut book = Self {
            mode,
            protocol,
            parameters: from.take()?,
            log_keys: from.take()?,
            participants: from.take_list()?,
            assets: from.take_list()?,
            ..Self::new(Mode::Live, Parameters::default())
        };
        from.take_all(|public| {
            book.public_keys.insert(public);
            Ok(())
        })?;
        from.take_all(|index| {
            book.erased.insert(index);
            Ok(())
        })?;
        from.take_all(|hold: Hold| {
            book.holds.put(hold.id, Some(hold));
            Ok(())
        })?;
        from.take_all(|it: Proposal| {
            book.proposals.put(it.id, Some(it));
            Ok(())
        })?;
        from.take_all(|(account, guard)| {
            book.guards.put(account, Some(guard));
            Ok(())
        })?;
        from.take_all(|(account, reservation)| {
            book.guards.reservations.put(account, Some(reservation));
            Ok(())
        })?;
        from.take_all(|payment: Payment| {
            book.queue.put(payment.rank.key, Some(payment));
            Ok(())
        })?;
        book.cycles = Cycles::read(from)?;
        book.calendars = Calendars::read(from)?;
        book.returns = Returns::read(from)?;
        book.postings = from.take()?;
        from.take_all(|mandate: Mandate| {
            book.mandates.put(mandate.id, Some(mandate));
            Ok(())
        })?;
        book.fx = Arc::new(Fx::read(from)?);
        book.values = Values::read(from)?;
        book.fees = Arc::new(Fees::read(from)?);
        from.take_all(|account: Account| {
            let number = account.number;
            book.addresses.insert(account.address.clone(), number);
            book.accounts.append(account);
            Ok(())
        })?;
        for participant in &book.participants {
            book.guards
                .note(participant.number, None, Some(participant));
        }
        book.indirect = indirect_of(&book.participants);
        book.with_holidays = with_holidays(&book.participants);
        let participants = book.participants.iter();
        book.participant_numbers = participants.map(|p| (p.id.clone(), p.number)).collect();
        let assets = book.assets.iter();
        book.asset_numbers = assets.map(|a| (a.id.clone(), a.number)).collect();
        Ok(book)
    }
}

/// Those that are reached via another, and via whom.
fn indirect_of(participants: &[Participant]) -> BTreeMap<u32, u32> {
    let pair = |it: &Participant| Some((it.number, it.via?));
    participants.iter().filter_map(pair).collect()
}

/// Those that have days of their own on which they are closed.
fn with_holidays(participants: &[Participant]) -> BTreeSet<u32> {
    let closed = participants.iter().filter(|it| !it.holidays.is_empty());
    closed.map(|it| it.number).collect()
}
