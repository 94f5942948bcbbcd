//! From drafts to items: bytes, salts, commitments, payload root, entry.

use alloc::vec::Vec;

use chain::{Entry, EntryKind, Hash, LeafTree, LegFields, salt};

use super::account::Account;
use super::apply::Applied;
use super::asset::Asset;
use super::book::{Book, Effect};
use super::calendar::{Date, Month};
use super::draft::{Draft, InstructionDraft, LegDraft};
use super::id::InstructionId;

/// The items of an entry, as bytes, with the tree over their leaf hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedItems {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    tree: LeafTree,
}

impl SealedItems {
    /// The two items of entry 0.
    #[must_use]
    pub fn of_genesis(authorisation: &chain::Authorisation, json: &str, salt: &Hash) -> Self {
        let mut writer = Writer::new(1);
        authorisation.write(&mut writer.bytes);
        writer.close();
        let item = chain::Item::Genesis(json.into());
        writer.bytes.extend_from_slice(&item.to_bytes());
        writer.close();
        writer.finish(salt, 0)
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
        item_at(&self.bytes, &self.ends, n)
    }

    /// About how many bytes of memory they take.
    #[must_use]
    pub fn weight(&self) -> usize {
        // A place, a leaf and a node above it.
        let each = self.ends.len().saturating_mul(8 + 2 * Hash::LEN);
        self.bytes.len().saturating_add(each)
    }

    /// The tree over the leaves of the items.
    #[must_use]
    pub const fn tree(&self) -> &LeafTree {
        &self.tree
    }

    /// Root over the items.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }
}

/// Item `n` of bytes that have items ending at these places.
fn item_at<'a>(bytes: &'a [u8], ends: &[usize], n: usize) -> Option<&'a [u8]> {
    let end = *ends.get(n)?;
    let start = match n.checked_sub(1) {
        None => 0,
        Some(before) => *ends.get(before)?,
    };
    bytes.get(start..end)
}

/// Items written one behind the other.
struct Writer {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Writer {
    fn new(drafts: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(drafts.saturating_mul(200).saturating_add(300)),
            ends: Vec::with_capacity(drafts.saturating_add(1)),
        }
    }

    /// Ends an item.
    fn close(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Writes the items of drafts, from this number on under this salt.
    fn drafts(
        &mut self,
        book: &impl Names,
        drafts: &[Draft],
        place: (u32, &Hash),
        text: impl FnMut(u32, u32) -> Option<Hash>,
    ) {
        let Self { bytes, ends } = self;
        each_item(book, drafts, place, text, bytes, |_, bytes| {
            ends.push(bytes.len());
            true
        });
    }

    /// Hashes the items, number `first` first.
    fn hash(&self, entry_salt: &Hash, first: u32, leaves: &mut Vec<Hash>) {
        let item = |n| item_at(&self.bytes, &self.ends, n).unwrap_or_default();
        let items = (0..self.ends.len()).map(item);
        salt::item_leaves(entry_salt, first, items, leaves);
    }

    /// Ends a list of items, number `first` first.
    fn finish(self, entry_salt: &Hash, first: u32) -> SealedItems {
        let mut leaves = Vec::with_capacity(self.ends.len());
        self.hash(entry_salt, first, &mut leaves);
        SealedItems {
            bytes: self.bytes,
            ends: self.ends,
            tree: LeafTree::new(leaves),
        }
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
    let mut writer = Writer::new(drafts.len());
    authorisation.write(&mut writer.bytes);
    writer.close();
    writer.drafts(book, drafts, (1, entry_salt), text);
    writer.finish(entry_salt, 0)
}

/// Makes a part of the items of an entry, number `first` and on, with the tree over this part
/// alone. Item 0 has no draft: `authorisation` is its bytes, for the part that begins with it.
pub fn seal_part(
    book: &impl Names,
    authorisation: Option<&[u8]>,
    drafts: &[Draft],
    (first, entry_salt): (u32, &Hash),
    text: impl Fn(u32, u32) -> Option<Hash>,
) -> SealedItems {
    let mut writer = Writer::new(drafts.len());
    let mut from = first;
    if let Some(item) = authorisation {
        writer.bytes.extend_from_slice(item);
        writer.close();
        from = first.saturating_add(1);
    }
    writer.drafts(book, drafts, (from, entry_salt), text);
    writer.finish(entry_salt, first)
}

/// Makes the items of drafts one by one, without hashing them, for whoever has their leaves
/// already. `each` takes the number of an item and its bytes, and says whether to go on.
pub fn write_items(
    book: &impl Names,
    drafts: &[Draft],
    entry_salt: &Hash,
    text: impl FnMut(u32, u32) -> Option<Hash>,
    mut each: impl FnMut(u32, &[u8]) -> bool,
) {
    let mut bytes = Vec::new();
    each_item(
        book,
        drafts,
        (1, entry_salt),
        text,
        &mut bytes,
        |n, item| {
            let goes_on = each(n, item);
            item.clear();
            goes_on
        },
    );
}

/// Leaf hashes of item 0 and of the drafts of a batch, whose bytes nobody wants now. They have no
/// texts. `from` is how many drafts come before these: whoever hashes a batch on several cores hashes
/// parts of it, and item 0 belongs to the first.
pub fn hash_leaves(
    book: &impl Names,
    authorisation: &[u8],
    drafts: &[Draft],
    from: u32,
    entry_salt: &Hash,
) -> Vec<Hash> {
    let mut leaves = Vec::with_capacity(drafts.len().saturating_add(1));
    if from == 0 {
        let item = core::iter::once(authorisation);
        salt::item_leaves(entry_salt, 0, item, &mut leaves);
    }
    let mut first = from.saturating_add(1);
    let mut part = Writer::new(DRAFTS_AT_ONCE);
    for drafts in drafts.chunks(DRAFTS_AT_ONCE) {
        part.bytes.clear();
        part.ends.clear();
        part.drafts(book, drafts, (first, entry_salt), |_, _| None);
        part.hash(entry_salt, first, &mut leaves);
        first = first.saturating_add(u32::try_from(drafts.len()).unwrap_or(u32::MAX));
    }
    leaves
}

/// Drafts whose commitments are made at once: enough to gain by it, and little memory.
const DRAFTS_AT_ONCE: usize = 64;

/// Appends the items of drafts to `out`, from this number on under this salt, and tells `each` after
/// every one, until it says no.
fn each_item(
    book: &impl Names,
    drafts: &[Draft],
    (first, entry_salt): (u32, &Hash),
    mut text: impl FnMut(u32, u32) -> Option<Hash>,
    out: &mut Vec<u8>,
    mut each: impl FnMut(u32, &mut Vec<u8>) -> bool,
) {
    let mut n = first;
    let mut legs = Vec::with_capacity(DRAFTS_AT_ONCE.min(drafts.len()));
    for drafts in drafts.chunks(DRAFTS_AT_ONCE) {
        legs.clear();
        legs.extend((n..).zip(drafts).filter_map(|(n, draft)| {
            let leg = draft.leg()?;
            Some((n, leg.changes.map(|change| change.to_private_part())))
        }));
        let mut commitments = salt::commit_legs(entry_salt, &legs).into_iter();
        for draft in drafts {
            // A fee is told with no text: who receives it need not read what the payment was for.
            let text = match draft.is_charge() {
                true => None,
                false => text(n, draft.instruction()),
            };
            match draft {
                Draft::Leg(leg) => {
                    let private = commitments.next().unwrap_or_default();
                    write_leg(book, leg, None, &private, text, out);
                }
                Draft::Held(_) | Draft::Linked(_) => {
                    let private = commitments.next().unwrap_or_default();
                    if let Some(leg) = draft.leg() {
                        write_leg(book, leg, Some(draft), &private, text, out);
                    }
                }
                Draft::Instruction(i) => write_instruction(i, text, out),
                Draft::Seal(seal) => seal.to_item(book).write(out),
            }
            if !each(n, out) {
                return;
            }
            n = n.saturating_add(1);
        }
    }
}

/// Writes a leg, with what its draft says beside it if it stands behind an instruction.
fn write_leg(
    book: &impl Names,
    leg: &LegDraft,
    behind: Option<&Draft>,
    private: &[Hash; 2],
    text: Option<Hash>,
    out: &mut Vec<u8>,
) {
    let [debit, credit] = &leg.changes;
    let of_original = behind.and_then(Draft::of_original);
    let by_number = of_original.is_some_and(|of| of.numbered);
    let numbered = leg.numbered.or(by_number.then(chain::Numbered::default));
    let debit_account = book.account_numbered(debit.account);
    let credit_account = match numbered {
        // No address is written, so none is looked up.
        Some(_) => None,
        None => book.account_numbered(credit.account),
    };
    let asset = debit_account.and_then(|account| book.asset_numbered(account.asset));
    LegFields {
        kind: leg.kind.into(),
        instruction: leg.instruction,
        leg: leg.leg,
        outcome: behind
            .and_then(Draft::leg_outcome)
            .unwrap_or(leg.kind.outcome())
            .number(),
        id: leg.id.to_bytes(),
        scale: asset.map_or(0, |asset| asset.scale),
        amount: leg.amount,
        debit: debit.account,
        credit: credit.account,
        asset: asset.map_or("", |asset| asset.id.as_str()),
        debit_address: debit_account.map_or("", |account| account.address.as_str()),
        credit_address: credit_account.map_or("", |account| account.address.as_str()),
        numbered,
        of_hold: behind.and_then(Draft::of_hold).map(Into::into),
        since: behind.and_then(Draft::since),
        of_window: behind.and_then(Draft::of_window).map(Into::into),
        of_original: of_original.map(Into::into),
        mandate: behind.and_then(Draft::mandate).map(InstructionId::to_bytes),
        of_exchange: behind.and_then(Draft::of_exchange).map(Into::into),
        value_date: behind.and_then(Draft::value_date).map(Date::days),
        month: behind.and_then(Draft::month).map(Month::number),
        text,
        private,
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
        // Whatever somebody asks for stands before the legs that come of it.
        [Draft::Held(_) | Draft::Linked(_), ..] => EntryKind::System,
        [Draft::Instruction(i), ..] if i.outcome.is_notice() => EntryKind::System,
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

/// The log entry of a message, but for its items.
#[must_use]
pub fn start_entry(applied: &Applied, prev: Hash) -> Entry {
    Entry {
        kind: entry_kind(applied),
        items: 0,
        index: applied.index,
        time: applied.time,
        prev,
        payload_root: Hash::ZERO,
        aux: aux(applied),
    }
}

/// Commits an entry to its items.
#[must_use]
pub fn finish_entry(started: Entry, items: &LeafTree) -> Entry {
    Entry {
        items: u32::try_from(items.size()).unwrap_or(u32::MAX),
        payload_root: items.root(),
        ..started
    }
}
