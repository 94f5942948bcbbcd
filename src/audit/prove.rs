//! What is left of an entry when it has been replayed: signatures, commitments, and the comparison
//! of its items with those that were computed. Any thread does it, in any order, behind the replay.

use std::sync::{Arc, PoisonError, RwLock};

use chain::statement::{Purpose, submission_text};
use chain::{Hash, Item, Record, VerifierKey};

use super::look::Ready;
use super::report::Divergence;
use crate::ledger::{
    Account, Asset, Authorisation, Book, Draft, Effect, Message, Names, Outcome, print_minor,
    write_items,
};

/// What never changes of a ledger once it is there.
pub(super) struct Constants {
    /// The log's origin.
    pub(super) origin: String,
    /// Leaf hash of entry 0.
    genesis: Hash,
    names: RwLock<NameTable>,
}

/// Accounts and assets by number, for what items say of them: the rest grows old here.
struct NameTable {
    accounts: Vec<Account>,
    assets: Vec<Asset>,
}

impl Names for NameTable {
    fn account_numbered(&self, number: u64) -> Option<&Account> {
        self.accounts.get(usize::try_from(number).ok()?)
    }

    fn asset_numbered(&self, number: u32) -> Option<&Asset> {
        self.assets.get(usize::try_from(number).ok()?)
    }
}

impl Constants {
    pub(super) fn new(origin: String, genesis: Hash, book: &Book) -> Self {
        Self {
            origin,
            genesis,
            names: RwLock::new(NameTable {
                accounts: book.accounts().iter().cloned().collect(),
                assets: book.assets().to_vec(),
            }),
        }
    }

    /// Takes in what a message has added.
    pub(super) fn learn(&self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Account(number, Some(account)) => {
                    let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
                    if usize::try_from(*number) == Ok(names.accounts.len()) {
                        names.accounts.push(account.clone());
                    }
                }
                Effect::Asset(number, Some(asset)) => {
                    let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
                    if usize::try_from(*number) == Ok(names.assets.len()) {
                        names.assets.push(asset.clone());
                    }
                }
                _ => {}
            }
        }
    }
}

/// An entry that was replayed.
pub(super) struct Pending {
    index: u64,
    ready: Ready,
    /// The keys of the signatures, in their order.
    keys: Vec<Arc<VerifierKey>>,
    /// What the replay made of the message.
    pub(super) drafts: Vec<Draft>,
    /// What the replay has found wrong, and whether before the items.
    wrong: Option<(Order, Divergence)>,
}

#[derive(PartialEq, Eq)]
enum Order {
    BeforeItems,
    BehindItems,
}

/// What was counted of an entry that holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Proven {
    pub(super) signatures: u64,
    /// Whether its body was compared with the items.
    pub(super) body: bool,
}

impl Pending {
    pub(super) const fn new(index: u64, ready: Ready, keys: Vec<Arc<VerifierKey>>) -> Self {
        Self {
            index,
            ready,
            keys,
            drafts: Vec::new(),
            wrong: None,
        }
    }

    pub(super) const fn message(&self) -> &Message {
        &self.ready.message
    }

    /// The message was not one that could be applied.
    pub(super) fn fails_before_items(&mut self, divergence: Divergence) {
        self.wrong = Some((Order::BeforeItems, divergence));
    }

    /// It was, and what it did is wrong.
    pub(super) fn fails_behind_items(&mut self, divergence: Divergence) {
        self.wrong = Some((Order::BehindItems, divergence));
    }

    /// Proves the rest, and says what of all is wrong first.
    pub(super) fn prove(
        self,
        record: &Record<'_>,
        constants: &Constants,
    ) -> Result<Proven, Divergence> {
        let Self {
            index,
            ready,
            keys,
            drafts,
            wrong,
        } = self;
        let signatures = verify(index, &ready.message.authorisation, &keys, constants)?;
        let behind = match wrong {
            Some((Order::BeforeItems, divergence)) => return Err(divergence),
            Some((Order::BehindItems, divergence)) => Err(divergence),
            None => Ok(()),
        };
        items(index, &ready, &drafts, record, constants)?;
        behind?;
        let body = ready.body.transpose()?.is_some();
        Ok(Proven { signatures, body })
    }
}

/// Verifies the submitter's signatures under the keys that were registered for them; gives how many
/// there are.
fn verify(
    index: u64,
    who: &Authorisation,
    keys: &[Arc<VerifierKey>],
    constants: &Constants,
) -> Result<u64, Divergence> {
    if keys.is_empty() {
        return Ok(0);
    }
    let statement = submission_text(
        Purpose::Submission,
        &constants.origin,
        &constants.genesis,
        who.submitter.as_str(),
        &who.content_type,
        &Hash::from_bytes(who.body_hash),
    );
    for (signature, key) in who.signatures.iter().zip(keys) {
        if let Err(error) = key.verify(statement.as_bytes(), &signature.signature) {
            let what = format!("the signature by {}", signature.key_name);
            return Err(Divergence::at(index, what, "over this body", error));
        }
    }
    Ok(u64::try_from(keys.len()).unwrap_or(u64::MAX))
}

/// Makes the items again, and compares them with those that are stated: byte by byte, for what is
/// stated leads to the entry's payload root.
fn items(
    index: u64,
    ready: &Ready,
    drafts: &[Draft],
    record: &Record<'_>,
    constants: &Constants,
) -> Result<(), Divergence> {
    let message = &ready.message;
    let mut stated = record.items.iter();
    let mut first = Vec::new();
    let who = message.authorisation.to_item(message.len());
    who.write(&mut first);
    same_item(index, 0, Some(&first), stated.next())?;
    let mut texts = ready.texts.iter().peekable();
    let text = |n, _| texts.next_if(|(at, _)| *at == n).map(|(_, hash)| *hash);
    let names = constants
        .names
        .read()
        .unwrap_or_else(PoisonError::into_inner);
    let mut compared = Ok(());
    write_items(&*names, drafts, &record.salt, text, |n, item| {
        compared = same_item(index, n, Some(item), stated.next());
        compared.is_ok()
    });
    compared?;
    let n = u32::try_from(drafts.len()).map_or(u32::MAX, |n| n.saturating_add(1));
    same_item(index, n, None, stated.next())
}

/// Compares whole lists of items; the first that differs is named with what it says.
pub(super) fn same_items<'a>(
    index: u64,
    computed: impl Iterator<Item = &'a [u8]>,
    record: &Record<'_>,
) -> Result<(), Divergence> {
    let mut stated = record.items.iter();
    let mut n = 0;
    for item in computed {
        same_item(index, n, Some(item), stated.next())?;
        n += 1;
    }
    same_item(index, n, None, stated.next())
}

fn same_item(
    index: u64,
    n: u32,
    expected: Option<&[u8]>,
    found: Option<&[u8]>,
) -> Result<(), Divergence> {
    if expected == found {
        return Ok(());
    }
    let what = format!("item {n}");
    Err(Divergence::at(
        index,
        what,
        describe(expected),
        describe(found),
    ))
}

/// Says in one line what an item says.
fn describe(bytes: Option<&[u8]>) -> String {
    match bytes.map(Item::parse) {
        None => "none".into(),
        Some(Err(error)) => error.to_string(),
        Some(Ok(Item::Leg(leg))) => format!(
            "{} {} from {} to {} ({})",
            print_minor(i128::try_from(leg.amount).unwrap_or(i128::MAX), leg.scale),
            leg.asset,
            leg.debit_name(),
            leg.credit_name(),
            leg.private
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        ),
        Some(Ok(Item::Instruction(i))) => {
            let outcome = Outcome::from_number(i.outcome);
            format!(
                "{} for {}",
                outcome.map_or("an unknown outcome", |o| o.code()),
                i.json
            )
        }
        Some(Ok(other)) => format!("{other:?}"),
    }
}
