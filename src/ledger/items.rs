//! From drafts to items: bytes, salts, commitments, payload root, entry.

use alloc::vec::Vec;

use chain::{Entry, EntryKind, Hash, LegFields, salt};

use super::account::Account;
use super::apply::Applied;
use super::asset::Asset;
use super::book::{Book, Effect};
use super::draft::{Draft, InstructionDraft, LegDraft};
use super::outcome::Outcome;

/// The items of an entry, as bytes, with their leaf hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedItems {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Leaf hashes, item 0 first.
    pub leaves: Vec<Hash>,
}

impl SealedItems {
    /// The two items of entry 0.
    #[must_use]
    pub fn of_genesis(authorisation: &chain::Authorisation, json: &str, salt: &Hash) -> Self {
        let mut sealed = Self::default();
        authorisation.write(&mut sealed.bytes);
        sealed.close(salt);
        sealed
            .bytes
            .extend_from_slice(&chain::Item::Genesis(json.into()).to_bytes());
        sealed.close(salt);
        sealed
    }

    /// How many items there are, item 0 included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of item `n`.
    #[must_use]
    pub fn item(&self, n: usize) -> Option<&[u8]> {
        let end = *self.ends.get(n)?;
        let start = match n.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.bytes.get(start..end)
    }

    /// Root over the items.
    #[must_use]
    pub fn root(&self) -> Hash {
        chain::root_of(&self.leaves)
    }

    /// Hashes what was written since the last item as the next item.
    fn close(&mut self, entry_salt: &Hash) {
        let n = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let start = self.ends.last().copied().unwrap_or(0);
        let item = self.bytes.get(start..).unwrap_or_default();
        self.leaves
            .push(salt::item_leaf(&salt::item_salt(entry_salt, n), item));
        self.ends.push(self.bytes.len());
    }
}

/// What items say of accounts and assets, which never changes once they are there: the book, or as
/// much of it as an entry needs.
pub trait Names {
    /// Finds an account by number.
    fn account_numbered(&self, number: u64) -> Option<&Account>;
    /// Finds an asset by number.
    fn asset_numbered(&self, number: u32) -> Option<&Asset>;
}

impl Names for Book {
    fn account_numbered(&self, number: u64) -> Option<&Account> {
        Self::account_numbered(self, number)
    }

    fn asset_numbered(&self, number: u32) -> Option<&Asset> {
        Self::asset_numbered(self, number)
    }
}

/// Makes the items of an entry.
///
/// `text` gives the commitment to the text part of an item, from the item's number and the ordinal
/// of its instruction: the ledger knows that there is a text, never which.
pub fn seal_items(
    book: &impl Names,
    authorisation: &chain::Authorisation,
    drafts: &[Draft],
    entry_salt: &Hash,
    text: impl Fn(u32, u32) -> Option<Hash>,
) -> SealedItems {
    let mut sealed = SealedItems {
        bytes: Vec::with_capacity(drafts.len().saturating_mul(200).saturating_add(300)),
        ends: Vec::with_capacity(drafts.len().saturating_add(1)),
        leaves: Vec::with_capacity(drafts.len().saturating_add(1)),
    };
    authorisation.write(&mut sealed.bytes);
    sealed.close(entry_salt);
    for draft in drafts {
        let n = u32::try_from(sealed.ends.len()).unwrap_or(u32::MAX);
        let text = text(n, draft.instruction());
        match draft {
            Draft::Leg(leg) => write_leg(book, leg, entry_salt, n, text, &mut sealed.bytes),
            Draft::Instruction(i) => write_instruction(i, text, &mut sealed.bytes),
            Draft::Seal(seal) => seal.to_item(book).write(&mut sealed.bytes),
        }
        sealed.close(entry_salt);
    }
    sealed
}

fn write_leg(
    book: &impl Names,
    leg: &LegDraft,
    entry_salt: &Hash,
    n: u32,
    text: Option<Hash>,
    out: &mut Vec<u8>,
) {
    let [debit, credit] = &leg.changes;
    let commit = |k: u16, change: &super::draft::Change| {
        let part = change.to_private_part().to_bytes();
        salt::commit(&salt::private_salt(entry_salt, n, k), &part)
    };
    let private = [commit(0, debit), commit(1, credit)];
    let debit_account = book.account_numbered(debit.account);
    let credit_account = match leg.numbered {
        // No address is written, so none is looked up.
        Some(_) => None,
        None => book.account_numbered(credit.account),
    };
    let asset = debit_account.and_then(|account| book.asset_numbered(account.asset));
    LegFields {
        kind: leg.kind.into(),
        instruction: leg.instruction,
        leg: leg.leg,
        outcome: Outcome::Settled.number(),
        id: leg.id.to_bytes(),
        scale: asset.map_or(0, |asset| asset.scale),
        amount: leg.amount,
        debit: debit.account,
        credit: credit.account,
        asset: asset.map_or("", |asset| asset.id.as_str()),
        debit_address: debit_account.map_or("", |account| account.address.as_str()),
        credit_address: credit_account.map_or("", |account| account.address.as_str()),
        numbered: leg.numbered,
        text,
        private: &private,
    }
    .write(out);
}

fn write_instruction(i: &InstructionDraft, text: Option<Hash>, out: &mut Vec<u8>) {
    chain::InstructionItem {
        instruction: i.instruction,
        outcome: i.outcome.number(),
        leg: i.leg,
        id: i.id.to_bytes(),
        detail: i.detail,
        json: i.json.clone(),
        text,
    }
    .write(out);
}

/// The kind of an entry: `erasure` if a submission erases anything, else `key` if it changes
/// the log's keys, so that whoever keeps copies finds both by walking entries alone.
#[must_use]
pub fn entry_kind(applied: &Applied) -> EntryKind {
    let erases = |effect: &Effect| matches!(effect, Effect::Erased(_, true));
    let rekeys = |effect: &Effect| matches!(effect, Effect::LogKeys(_));
    match applied.drafts.as_slice() {
        [Draft::Seal(_)] => EntryKind::Seal,
        _ if applied.effects.iter().any(erases) => EntryKind::Erasure,
        _ if applied.effects.iter().any(rekeys) => EntryKind::Key,
        _ => EntryKind::Submission,
    }
}

/// The `aux` of an entry: the root of a seal.
fn aux(applied: &Applied) -> Hash {
    match applied.drafts.as_slice() {
        [Draft::Seal(seal)] => Hash::from_bytes(seal.root),
        _ => Hash::ZERO,
    }
}

/// Whether an entry says of itself what was computed again: index, time, kind and `aux`.
#[must_use]
pub fn is_entry_of(applied: &Applied, entry: &Entry) -> bool {
    applied.index == entry.index
        && applied.time == entry.time
        && entry_kind(applied) == entry.kind
        && aux(applied) == entry.aux
}

/// Makes the log entry of a message.
#[must_use]
pub fn make_entry(applied: &Applied, prev: Hash, items: &SealedItems) -> Entry {
    Entry {
        kind: entry_kind(applied),
        items: u32::try_from(items.len()).unwrap_or(u32::MAX),
        index: applied.index,
        time: applied.time,
        prev,
        payload_root: items.root(),
        aux: aux(applied),
    }
}
