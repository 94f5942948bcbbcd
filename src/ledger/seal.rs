//! Seals: the state frozen at one log size, and what a later entry says of it.
//!
//! A seal falls due when log time passes a multiple of `seal_interval_s`: the state before the first
//! entry at or past it is frozen, whatever time it is when somebody looks. The root over the frozen
//! accounts is computed beside the log and stands in an entry some way on; a replay computes it
//! again. One seal is outstanding at a time: a due time that comes meanwhile is passed over.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use chain::{Hash, SealItem, SealedAsset, SealedFields};
use serde::{Deserialize, Serialize};

use super::account::{Counters, ItemRef};
use super::admit::Rejection;
use super::apply::{Applied, Step};
use super::book::Book;
use super::draft::Draft;
use super::id::{MessageId, ParticipantId};
use super::items::Names;
use super::message::{Authorisation, Message};
use super::snapshot::{PartReader, PartWriter, SnapshotError};
use super::state::State;
use super::time::Time;

/// The content type that a seal's authorisation names. No submission may have it.
pub const SEAL_CONTENT_TYPE: &str = "application/vnd.quittance.seal";

/// The accounts as they stood at one log size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// The log size: entries below it count.
    pub size: u64,
    /// Counters and last item, by account number.
    accounts: Vec<(Counters, Option<ItemRef>)>,
}

/// The newest seal of a log.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealRef {
    /// Index of its entry.
    pub index: u64,
    /// Size of the log at which the state is sealed.
    pub sealed_size: u64,
    /// What the salts of the leaves derive from.
    pub secret: [u8; 32],
}

/// Without the secret.
impl fmt::Debug for SealRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealRef")
            .field("index", &self.index)
            .field("sealed_size", &self.sealed_size)
            .finish_non_exhaustive()
    }
}

/// What a seal states; its root is the entry's `aux`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealDraft {
    /// Size of the log at which the state is sealed.
    pub sealed_size: u64,
    /// What the salts of the leaves derive from.
    pub secret: [u8; 32],
    /// Root over the leaves.
    pub root: [u8; 32],
    /// Accounts.
    pub accounts: u64,
    /// Totals of the assets, by number.
    pub totals: Vec<SealTotals>,
}

/// Sums over all accounts in one asset, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealTotals {
    /// Accounts in the asset.
    pub accounts: u64,
    /// Sums of their counters.
    pub sums: Counters,
    /// Ever issued.
    pub issued: u128,
    /// Ever redeemed.
    pub redeemed: u128,
}

/// The wish to log a seal: which, and under what secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SealOrder {
    /// Size of the log at which the state was frozen.
    pub sealed_size: u64,
    /// What the salts of the leaves derive from: 32 random bytes.
    pub secret: [u8; 32],
    /// What comes of it, if whoever orders it has computed that already.
    pub computed: Option<Arc<SealDraft>>,
}

/// Without the secret.
impl fmt::Debug for SealDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealDraft")
            .field("sealed_size", &self.sealed_size)
            .field("accounts", &self.accounts)
            .field("totals", &self.totals)
            .finish_non_exhaustive()
    }
}

/// Without the secret.
impl fmt::Debug for SealOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealOrder")
            .field("sealed_size", &self.sealed_size)
            .finish_non_exhaustive()
    }
}

impl Frozen {
    pub(super) fn of(book: &Book, size: u64) -> Self {
        let accounts = book.accounts().iter().map(|a| (a.counters, a.last));
        Self {
            size,
            accounts: accounts.collect(),
        }
    }

    /// The accounts of log size `size`, by number, from wherever they are known.
    #[must_use]
    pub const fn from_accounts(size: u64, accounts: Vec<(Counters, Option<ItemRef>)>) -> Self {
        Self { size, accounts }
    }

    pub(super) fn write<E, F>(&self, out: &mut PartWriter<F>) -> Result<(), E>
    where
        F: FnMut(Vec<u8>, bool) -> Result<(), E>,
    {
        out.put(&self.size)?;
        out.put_all(self.accounts.iter())
    }

    pub(super) fn read<I: Iterator<Item = Vec<u8>>>(
        from: &mut PartReader<I>,
    ) -> Result<Self, SnapshotError> {
        Ok(Self {
            size: from.take()?,
            accounts: from.take_list()?,
        })
    }

    /// How many accounts there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there were none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The leaf of an account, by number; `None` if the names of it are not known.
    #[must_use]
    pub fn leaf(
        &self,
        names: &impl Names,
        number: u64,
        secret: &Hash,
        buffer: &mut Vec<u8>,
    ) -> Option<Hash> {
        Some(self.fields(names, number)?.leaf(secret, buffer))
    }

    /// An account as the seal states it.
    #[must_use]
    pub fn fields<'a>(&self, names: &'a impl Names, number: u64) -> Option<SealedFields<'a>> {
        let (counters, last) = *self.accounts.get(usize::try_from(number).ok()?)?;
        let account = names.account_numbered(number)?;
        let asset = names.asset_numbered(account.asset)?;
        Some(SealedFields {
            sealed_size: self.size,
            accounts: u64::try_from(self.accounts.len()).unwrap_or(u64::MAX),
            number,
            asset: asset.id.as_str(),
            scale: asset.scale,
            address: account.address.as_str(),
            counters: counters.into(),
            last: last.map(Into::into),
        })
    }

    /// Computes the leaves of all accounts, by number.
    ///
    /// # Panics
    /// If `book` is not one that the state was frozen from, or a later one.
    #[must_use]
    pub fn leaves(&self, book: &Book, secret: &[u8; 32]) -> Vec<Hash> {
        let (secret, mut buffer) = (Hash::from_bytes(*secret), Vec::new());
        let numbers = 0..u64::try_from(self.accounts.len()).unwrap_or(u64::MAX);
        let leaf = |number| {
            self.leaf(book, number, &secret, &mut buffer)
                .expect("accounts and assets are never removed")
        };
        numbers.map(leaf).collect()
    }

    /// Computes what the seal states, over its leaves.
    #[must_use]
    pub fn seal(&self, book: &Book, secret: &[u8; 32], leaves: &[Hash]) -> SealDraft {
        let mut totals = Vec::new();
        self.add_totals(book, 0..self.accounts.len(), &mut totals);
        self.seal_with(secret, &chain::root_of(leaves), totals)
    }

    /// Adds some accounts to the totals of their assets: whoever shares the book takes a few at a time.
    pub fn add_totals(&self, book: &Book, some: Range<usize>, totals: &mut Vec<SealTotals>) {
        let frozen = self.accounts.get(some.clone()).unwrap_or_default();
        let accounts = book.accounts().range(some);
        for ((counters, _), account) in frozen.iter().zip(accounts) {
            let Ok(place) = usize::try_from(account.asset) else {
                continue;
            };
            if totals.len() <= place {
                // An asset that came after the freeze has no account in it, and no total.
                totals.resize_with(place.saturating_add(1), SealTotals::default);
            }
            if let Some(total) = totals.get_mut(place) {
                total.add(counters);
                let issuance = book
                    .asset_numbered(account.asset)
                    .map(|asset| asset.issuance);
                if issuance == Some(account.number) {
                    total.issued = counters.debits_posted;
                    total.redeemed = counters.credits_posted;
                }
            }
        }
    }

    /// What the seal states, with the root over the leaves and the totals of all accounts.
    #[must_use]
    pub fn seal_with(&self, secret: &[u8; 32], root: &Hash, totals: Vec<SealTotals>) -> SealDraft {
        SealDraft {
            sealed_size: self.size,
            secret: *secret,
            root: *root.as_bytes(),
            accounts: u64::try_from(self.accounts.len()).unwrap_or(u64::MAX),
            totals,
        }
    }
}

impl SealTotals {
    fn add(&mut self, c: &Counters) {
        self.accounts = self.accounts.saturating_add(1);
        let sums = &mut self.sums;
        // Counters are below 2^96 and accounts far fewer than 2^32.
        sums.debits_pending = sums.debits_pending.saturating_add(c.debits_pending);
        sums.debits_posted = sums.debits_posted.saturating_add(c.debits_posted);
        sums.credits_pending = sums.credits_pending.saturating_add(c.credits_pending);
        sums.credits_posted = sums.credits_posted.saturating_add(c.credits_posted);
    }
}

impl SealDraft {
    /// Item 1 of the seal's entry.
    #[must_use]
    pub fn to_item(&self, names: &impl Names) -> SealItem {
        let assets = (0u32..).zip(&self.totals).filter_map(|(number, total)| {
            let asset = names.asset_numbered(number)?;
            Some(SealedAsset {
                asset: asset.id.as_str().into(),
                scale: asset.scale,
                accounts: total.accounts,
                sums: total.sums.into(),
                issued: total.issued,
                redeemed: total.redeemed,
            })
        });
        SealItem {
            sealed_size: self.sealed_size,
            secret: Hash::from_bytes(self.secret),
            accounts: self.accounts,
            assets: assets.collect(),
        }
    }

    /// The seal as the entry at `index`.
    #[must_use]
    pub const fn at(&self, index: u64) -> SealRef {
        SealRef {
            index,
            sealed_size: self.sealed_size,
            secret: self.secret,
        }
    }

    /// The wish that leads to this seal.
    #[must_use]
    pub const fn to_order(&self) -> SealOrder {
        SealOrder {
            sealed_size: self.sealed_size,
            secret: self.secret,
            computed: None,
        }
    }
}

impl SealOrder {
    /// The message that logs the seal. The node is nobody's participant: it stands under the
    /// operators, and nobody signs what everybody can compute.
    ///
    /// # Panics
    /// Never: the names in it keep to their grammar.
    #[must_use]
    pub fn into_message(self, created: Time) -> Message {
        let id = alloc::format!("seal-{}", self.sealed_size);
        Message {
            authorisation: Authorisation {
                submitter: ParticipantId::operators(),
                content_type: SEAL_CONTENT_TYPE.into(),
                body_hash: *Hash::sha256(&self.to_bytes()).as_bytes(),
                created,
                message_id: MessageId::new(&id).expect("a word and a number are a message id"),
                atomic: false,
                signatures: Vec::new(),
            },
            instructions: Vec::new(),
            batch: None,
            seal: Some(self),
        }
    }

    /// The order as bytes, `sealed size u64 | secret [32]`: what the authorisation's body hash is of.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 40] {
        let mut bytes = [0; 40];
        let (size, secret) = bytes.split_at_mut(8);
        size.copy_from_slice(&self.sealed_size.to_be_bytes());
        secret.copy_from_slice(&self.secret);
        bytes
    }

    /// Reads the bytes back.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (size, secret) = bytes.split_first_chunk::<8>()?;
        Some(Self {
            sealed_size: u64::from_be_bytes(*size),
            secret: secret.try_into().ok()?,
            computed: None,
        })
    }
}

/// Logs a seal: of the state that was frozen at the size that the order names, or not at all.
pub(super) fn seal(state: &mut State, proposed: u64, message: &Message, order: &SealOrder) -> Step {
    let due = state
        .frozen
        .take_if(|outstanding| outstanding.size() == order.sealed_size);
    let Some(outstanding) = due else {
        let submitter = message.authorisation.submitter.clone();
        return Step::Drop(Rejection::RoleNotAllowed(submitter));
    };
    let draft = match &order.computed {
        Some(draft) => SealDraft::clone(draft),
        None => {
            let held = outstanding.held();
            let frozen = held.expect("whoever keeps the accounts elsewhere computes the seal");
            let leaves = frozen.leaves(&state.book, &order.secret);
            frozen.seal(&state.book, &order.secret, &leaves)
        }
    };
    let index = state.next_index;
    state.last_seal = Some(SealRef {
        index,
        sealed_size: order.sealed_size,
        secret: order.secret,
    });
    let time = state.last_time.saturating_add(1).max(proposed);
    state.freeze_if_due(time);
    state.days.note(index, time);
    state.last_time = time;
    state.next_index = index.saturating_add(1);
    Step::Applied(Applied {
        index,
        time,
        drafts: alloc::vec![Draft::Seal(draft)],
        effects: Vec::new(),
    })
}
