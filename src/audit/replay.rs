//! The ledger half of an audit: every outcome and every balance, computed again, in order.
//!
//! What does not depend on what came before is left to others: `look` makes the messages, `prove`
//! computes signatures and commitments, and compares the items.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::sync::Arc;

use chain::{Entry, EntryKind, Hash, Item, Record, VerifierKey};

use super::look::Ready;
use super::prove::{Constants, Pending, same_items};
use super::report::{AssetTotals, Divergence, SealSum, StateSum};
use crate::assets;
use crate::ledger::{
    Applied, Authorisation, Book, Draft, Genesis, Message, Modules, SealedItems, State,
    apply_again, check, entry_kind, is_entry_of, print_minor, start_entry,
};

/// Entries between two checks of conservation over the whole book.
const CONSERVATION_EVERY: u64 = 1_000;

/// Why a replay does not go on.
pub(super) enum Halt {
    /// The ledger broke its rules.
    Broken(Divergence),
    /// The entry is of a kind that this build does not replay.
    Unknown(String),
}

impl From<Divergence> for Halt {
    fn from(divergence: Divergence) -> Self {
        Self::Broken(divergence)
    }
}

/// The ledger as replayed so far.
pub(super) struct Replay {
    state: State,
    modules: Modules<'static>,
    mode: &'static str,
    constants: Arc<Constants>,
    /// Keys seen, so that each point is decompressed once.
    keys: BTreeMap<[u8; 32], Arc<VerifierKey>>,
    /// The newest seal that was replayed.
    seal: Option<SealSum>,
}

impl Replay {
    /// Founds the ledger anew from entry 0.
    pub(super) fn found(entry: &Entry, record: &Record<'_>) -> Result<Self, Halt> {
        let broken =
            |what: &str, expected: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
                Halt::Broken(Divergence::at(0, what, expected, found))
            };
        let parse = |(n, bytes)| {
            Item::parse(bytes)
                .map_err(|error| Divergence::at(0, format!("item {n}"), "an item", error))
        };
        let items = record.items.iter().enumerate().map(parse);
        let items: Vec<Item> = items.collect::<Result<_, _>>()?;
        let [Item::Authorisation(first), Item::Genesis(json)] = items.as_slice() else {
            return Err(broken(
                "the items",
                &"an authorisation and a genesis document",
                &"others",
            ));
        };
        let rules = "a document that may found a log";
        let genesis = Genesis::from_json(json).map_err(|error| broken("item 1", &rules, &error))?;
        let who =
            Authorisation::from_item(first).map_err(|error| broken("item 0", &"names", &error))?;
        genesis.verify(&who.signatures).map_err(|error| {
            broken(
                "the founding signatures",
                &"one by every founding key",
                &error,
            )
        })?;
        let time = crate::ledger::Time::from_nanos(entry.time);
        let again = genesis
            .authorisation(time, who.signatures.clone())
            .to_item(first.instructions);
        let sealed = SealedItems::of_genesis(&again, &genesis.to_json(), &record.salt);
        same_items(0, (0..sealed.len()).filter_map(|n| sealed.item(n)), record)?;
        let mode = genesis
            .mode()
            .map_err(|error| broken("item 1", &rules, &error))?;
        let mut state = genesis
            .state(time)
            .map_err(|error| broken("item 1", &rules, &error))?;
        state.append(entry.leaf_hash(), &mut |_, _, _| {});
        let constants = Constants::new(genesis.origin.clone(), entry.leaf_hash(), state.book());
        Ok(Self {
            state,
            modules: assets::modules(),
            mode: mode.as_str(),
            constants: Arc::new(constants),
            keys: BTreeMap::new(),
            seal: None,
        })
    }

    /// Goes on from a state that an earlier audit has computed.
    pub(super) fn of(state: State, origin: &str, genesis: Hash) -> Self {
        let constants = Constants::new(origin.to_owned(), genesis, state.book());
        Self {
            mode: state.book().mode().as_str(),
            state,
            modules: assets::modules(),
            constants: Arc::new(constants),
            keys: BTreeMap::new(),
            seal: None,
        }
    }

    /// The log's origin.
    pub(super) fn origin(&self) -> &str {
        &self.constants.origin
    }

    /// What never changes of the ledger, for those who prove what was replayed.
    pub(super) const fn constants(&self) -> &Arc<Constants> {
        &self.constants
    }

    /// The state, to go on from.
    pub(super) fn snapshot(&self) -> Vec<u8> {
        self.state.to_snapshot()
    }

    /// `live` or `sandbox`.
    pub(super) const fn mode(&self) -> &'static str {
        self.mode
    }

    /// The book as replayed so far.
    pub(super) const fn book(&self) -> &Book {
        self.state.book()
    }

    /// Replays one entry. What is found wrong is said only if nothing is wrong of what is left to
    /// prove before it.
    pub(super) fn step(
        &mut self,
        entry: &Entry,
        ready: Result<Ready, Divergence>,
    ) -> Result<Pending, Halt> {
        let index = entry.index;
        if entry.kind == EntryKind::Genesis {
            return Err(Halt::Unknown(format!(
                "entry {index} is of kind {:?}",
                entry.kind
            )));
        }
        let ready = ready?;
        let mut keys = Vec::with_capacity(ready.message.authorisation.signatures.len());
        let active = self.active_keys(index, &ready.message.authorisation, &mut keys);
        let mut pending = Pending::new(index, ready, keys);
        let applied = active.and_then(|()| self.apply(entry, pending.message()));
        match applied {
            Err(divergence) => pending.fails_before_items(divergence),
            Ok(applied) => {
                if let Err(divergence) = self.check(entry, &applied) {
                    pending.fails_behind_items(divergence);
                }
                self.see_seal(&applied);
                self.constants.learn(&applied.effects);
                pending.drafts = applied.drafts;
            }
        }
        self.state.append(entry.leaf_hash(), &mut |_, _, _| {});
        Ok(pending)
    }

    /// Keeps the root that a seal comes to here.
    fn see_seal(&mut self, applied: &Applied) {
        let seals = applied.drafts.iter().filter_map(|draft| match draft {
            Draft::Seal(seal) => Some(seal),
            _ => None,
        });
        for seal in seals {
            self.seal = Some(SealSum {
                index: applied.index,
                sealed_size: seal.sealed_size,
                root: Hash::from_bytes(seal.root).to_string(),
            });
        }
    }

    /// The state as it stands, in one hash.
    pub(super) fn sum(&self) -> StateSum {
        StateSum {
            size: self.state.next_index(),
            hash: self.state.hash().to_string(),
            seal: self.seal.clone(),
        }
    }

    /// Checks what an entry says of itself, and the invariants after it.
    fn check(&self, entry: &Entry, applied: &Applied) -> Result<(), Divergence> {
        let index = entry.index;
        if entry_kind(applied) != entry.kind {
            let expected = format!("{:?}", entry_kind(applied));
            let found = format!("{:?}", entry.kind);
            return Err(Divergence::at(index, "the entry's kind", expected, found));
        }
        if !is_entry_of(applied, entry) {
            let again = start_entry(applied, entry.prev);
            let what = "the root over all accounts";
            return Err(Divergence::at(index, what, again.aux, entry.aux));
        }
        check::step(self.book(), applied)
            .map_err(|error| Divergence::at(index, "an invariant", "to hold", error))?;
        match index.is_multiple_of(CONSERVATION_EVERY) {
            true => self.conservation(index),
            false => Ok(()),
        }
    }

    /// The keys of the submitters' signatures, registered at this very index, up to the first that
    /// is not.
    fn active_keys(
        &mut self,
        index: u64,
        who: &Authorisation,
        keys: &mut Vec<Arc<VerifierKey>>,
    ) -> Result<(), Divergence> {
        for signature in &who.signatures {
            let wrong = |expected: &str, found: &str| {
                let what = format!("the signature by {}", signature.key_name);
                Divergence::at(index, what, expected, found)
            };
            let participant = self.state.book().participant(&signature.participant);
            let registered = participant
                .and_then(|found| found.active_key(&signature.key_name, signature.key_id))
                .ok_or_else(|| wrong("by a key active here", "no such key"))?;
            let key = match self.keys.entry(registered.public) {
                Place::Occupied(known) => Arc::clone(known.get()),
                Place::Vacant(place) => {
                    let key = registered.verifier_key();
                    let key = key.ok_or_else(|| wrong("by a usable key", "an unusable one"))?;
                    Arc::clone(place.insert(Arc::new(key)))
                }
            };
            keys.push(key);
        }
        Ok(())
    }

    fn apply(&mut self, entry: &Entry, message: &Message) -> Result<Applied, Divergence> {
        let index = entry.index;
        let at =
            |what: &str, found: String| Divergence::at(index, what, "to be applied here", found);
        let applied = apply_again(&mut self.state, entry.time, message, &self.modules)
            .map_err(|error| at("the message", error.to_string()))?;
        if applied.index != index || applied.time != entry.time {
            let found = format!("index {} at {} ns", applied.index, applied.time);
            return Err(at("the entry's place", found));
        }
        Ok(applied)
    }

    /// Checks that the balances of every asset sum to zero.
    pub(super) fn conservation(&self, index: u64) -> Result<(), Divergence> {
        check::conservation(self.book())
            .map_err(|error| Divergence::at(index, "conservation", "sums of zero", error))
    }

    /// Totals per asset.
    pub(super) fn totals(&self) -> Vec<AssetTotals> {
        let book = self.book();
        let totals = check::totals(book);
        let of = |asset: &crate::ledger::Asset| {
            let found = totals.get(asset.id.as_str()).copied().unwrap_or_default();
            let accounts = book.accounts().iter().filter(|a| a.asset == asset.number);
            AssetTotals {
                asset: asset.id.to_string(),
                issued: print_minor(found.issued, asset.scale),
                sum: print_minor(found.posted, asset.scale),
                accounts: u64::try_from(accounts.count()).unwrap_or(u64::MAX),
            }
        };
        book.assets().iter().map(of).collect()
    }

    /// Whether governance has erased the body of the entry.
    pub(super) fn erased(&self, index: u64) -> bool {
        self.book().erased().contains(&index)
    }
}
