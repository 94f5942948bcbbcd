//! The ledger half of an audit: every outcome and every balance, computed again.

use std::collections::BTreeMap;

use chain::statement::{Purpose, submission_text};
use chain::{Entry, EntryKind, Hash, Item, VerifierKey, salt};

use super::body;
use super::record::Record;
use super::report::{AssetTotals, Counts, Divergence};
use crate::assets;
use crate::ledger::{
    Applied, Authorisation, Book, Genesis, Message, Modules, SealedItems, State, Step, apply,
    check, entry_kind, is_entry_of, message_from_items, print_minor, seal_items, start_entry,
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

/// What was found out about an entry ahead.
pub(super) struct Seen<'a> {
    /// Its body, if it could be opened.
    pub(super) opened: Option<&'a [u8]>,
    /// Public keys under which its signatures hold.
    pub(super) signed: &'a [Option<[u8; 32]>],
}

/// The ledger as replayed so far.
pub(super) struct Replay {
    state: State,
    modules: Modules<'static>,
    origin: String,
    mode: &'static str,
    genesis: Hash,
    /// Keys seen, so that each point is decompressed once.
    keys: BTreeMap<[u8; 32], VerifierKey>,
}

impl Replay {
    /// Founds the ledger anew from entry 0.
    pub(super) fn found(entry: &Entry, record: &Record) -> Result<Self, Halt> {
        let broken =
            |what: &str, expected: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
                Halt::Broken(Divergence::at(0, what, expected, found))
            };
        let items = parse(0, &record.items)?;
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
        same_items(0, &sealed, &record.items)?;
        let mode = genesis
            .mode()
            .map_err(|error| broken("item 1", &rules, &error))?;
        let state = genesis
            .state(time)
            .map_err(|error| broken("item 1", &rules, &error))?;
        Ok(Self {
            state,
            modules: assets::modules(),
            origin: genesis.origin.clone(),
            mode: mode.as_str(),
            genesis: entry.leaf_hash(),
            keys: BTreeMap::new(),
        })
    }

    /// Goes on from a state that an earlier audit has computed.
    pub(super) fn of(state: State, origin: &str, genesis: Hash) -> Self {
        Self {
            mode: state.book().mode().as_str(),
            state,
            modules: assets::modules(),
            origin: origin.to_owned(),
            genesis,
            keys: BTreeMap::new(),
        }
    }

    /// The log's origin.
    pub(super) fn origin(&self) -> &str {
        &self.origin
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

    /// Replays one entry and compares every byte; `opened` is its body, if it could be opened.
    pub(super) fn step(
        &mut self,
        entry: &Entry,
        record: &Record,
        seen: &Seen<'_>,
        counts: &mut Counts,
    ) -> Result<(), Halt> {
        let index = entry.index;
        if matches!(entry.kind, EntryKind::Genesis | EntryKind::System) {
            return Err(Halt::Unknown(format!(
                "entry {index} is of kind {:?}",
                entry.kind
            )));
        }
        let items = parse(index, &record.items)?;
        let message = message_from_items(&items)
            .map_err(|error| Divergence::at(index, "the items", "those of one message", error))?;
        counts.signatures += self.signatures(index, &message.authorisation, seen.signed)?;
        let applied = self.apply(entry, &message)?;
        let text = |n: u32, _| {
            usize::try_from(n)
                .ok()
                .and_then(|n| items.get(n)?.text().copied())
        };
        let who = message.authorisation.to_item(message.len());
        let sealed = seal_items(self.book(), &who, &applied.drafts, &record.salt, text);
        same_items(index, &sealed, &record.items)?;
        if entry_kind(&applied) != entry.kind {
            let expected = format!("{:?}", entry_kind(&applied));
            let found = format!("{:?}", entry.kind);
            return Err(Divergence::at(index, "the entry's kind", expected, found).into());
        }
        if !is_entry_of(&applied, entry) {
            let again = start_entry(&applied, entry.prev);
            let what = "the root over all accounts";
            return Err(Divergence::at(index, what, again.aux, entry.aux).into());
        }
        check::step(self.book(), &applied)
            .map_err(|error| Divergence::at(index, "an invariant", "to hold", error))?;
        if index.is_multiple_of(CONSERVATION_EVERY) {
            self.conservation(index)?;
        }
        if message.batch.is_some() {
            body::compare_batch(index, &message)?;
            counts.bodies += 1;
        }
        if let (Some(opened), Some(key)) = (seen.opened, &record.body_key) {
            let texts = body::compare(index, opened, &message, self.book())?;
            compare_texts(index, &items, &texts, key)?;
            counts.bodies += 1;
        }
        counts.items_replayed += u64::from(entry.items);
        Ok(())
    }

    /// Verifies the submitter's signatures against the keys registered at this very index.
    fn signatures(
        &mut self,
        index: u64,
        who: &Authorisation,
        ahead: &[Option<[u8; 32]>],
    ) -> Result<u64, Divergence> {
        let (genesis, hash) = (&self.genesis, Hash::from_bytes(who.body_hash));
        let (submitter, content_type) = (who.submitter.as_str(), who.content_type.as_str());
        let statement = submission_text(
            Purpose::Submission,
            &self.origin,
            genesis,
            submitter,
            content_type,
            &hash,
        );
        for (at, signature) in who.signatures.iter().enumerate() {
            let what = format!("the signature by {}", signature.key_name);
            let registered = self
                .state
                .book()
                .participant(&signature.participant)
                .and_then(|participant| {
                    participant.active_key(&signature.key_name, signature.key_id)
                });
            let Some(registered) = registered else {
                return Err(Divergence::at(
                    index,
                    what,
                    "by a key active here",
                    "no such key",
                ));
            };
            if let std::collections::btree_map::Entry::Vacant(e) =
                self.keys.entry(registered.public)
            {
                let Some(key) = registered.verifier_key() else {
                    return Err(Divergence::at(
                        index,
                        what,
                        "by a usable key",
                        "an unusable one",
                    ));
                };
                e.insert(key);
            }
            let verified = ahead.get(at) == Some(&Some(registered.public));
            let Some(key) = self.keys.get(&registered.public).filter(|_| !verified) else {
                continue;
            };
            if let Err(error) = key.verify(statement.as_bytes(), &signature.signature) {
                return Err(Divergence::at(index, what, "over this body", error));
            }
        }
        Ok(u64::try_from(who.signatures.len()).unwrap_or(u64::MAX))
    }

    /// Verifies signatures under the keys that are known by now, active or not: whether they count
    /// is found out in the pass.
    pub(super) fn signed_ahead(&self, who: &chain::Authorisation) -> Vec<Option<[u8; 32]>> {
        let statement = submission_text(
            Purpose::Submission,
            &self.origin,
            &self.genesis,
            &who.submitter,
            &who.content_type,
            &who.body_hash,
        );
        let holds = |signature: &chain::AuthorisationSignature| {
            let (participant, _) = signature.key_name.split_once('/')?;
            let participant = self.state.book().participant(&participant.parse().ok()?)?;
            let key = participant.key(&signature.key_name, signature.key_id.get())?;
            let verifier = match self.keys.get(&key.public) {
                Some(known) => known.clone(),
                None => key.verifier_key()?,
            };
            let holds = verifier.verify(statement.as_bytes(), &signature.signature);
            holds.is_ok().then_some(key.public)
        };
        who.signatures.iter().map(holds).collect()
    }

    fn apply(&mut self, entry: &Entry, message: &Message) -> Result<Applied, Divergence> {
        let index = entry.index;
        let at =
            |what: &str, found: String| Divergence::at(index, what, "to be applied here", found);
        match apply(&mut self.state, entry.time, message, &self.modules) {
            Step::Applied(applied) if applied.index == index && applied.time == entry.time => {
                Ok(applied)
            }
            Step::Applied(applied) => {
                let found = format!("index {} at {} ns", applied.index, applied.time);
                Err(at("the entry's place", found))
            }
            Step::Replay(before) => {
                Err(at("the message", format!("a repetition of entry {before}")))
            }
            Step::Drop(rejection) => Err(at("the message", rejection.to_string())),
        }
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

fn parse(index: u64, items: &[Vec<u8>]) -> Result<Vec<Item>, Divergence> {
    let parse = |(n, bytes): (usize, &Vec<u8>)| {
        Item::parse(bytes)
            .map_err(|error| Divergence::at(index, format!("item {n}"), "an item", error))
    };
    items.iter().enumerate().map(parse).collect()
}

/// Compares items byte by byte; the first that differs is named with what it says.
fn same_items(index: u64, computed: &SealedItems, stated: &[Vec<u8>]) -> Result<(), Divergence> {
    for n in 0..computed.len().max(stated.len()) {
        let (expected, found) = (computed.item(n), stated.get(n).map(Vec::as_slice));
        if expected != found {
            return Err(Divergence::at(
                index,
                format!("item {n}"),
                describe(expected),
                describe(found),
            ));
        }
    }
    Ok(())
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
            let outcome = crate::ledger::Outcome::from_number(i.outcome);
            format!(
                "{} for {}",
                outcome.map_or("an unknown outcome", |o| o.code()),
                i.json
            )
        }
        Some(Ok(other)) => format!("{other:?}"),
    }
}

/// Checks that the text commitments in the items are to the texts of the body.
fn compare_texts(
    index: u64,
    items: &[Item],
    texts: &[Option<Box<str>>],
    key: &[u8; 32],
) -> Result<(), Divergence> {
    for (n, item) in (0u32..).zip(items) {
        let instruction = match item {
            Item::Leg(leg) => leg.instruction,
            Item::Instruction(i) => i.instruction,
            _ => continue,
        };
        let text = usize::try_from(instruction)
            .ok()
            .and_then(|i| texts.get(i)?.as_deref());
        let expected = text.map(|text| salt::commit(&salt::text_salt(key, n), text.as_bytes()));
        if item.text() != expected.as_ref() {
            let what = format!("the text of item {n}");
            let [expected, found] = [expected.as_ref(), item.text()]
                .map(|hash| hash.map_or_else(|| "none".to_owned(), ToString::to_string));
            return Err(Divergence::at(index, what, expected, found));
        }
    }
    Ok(())
}
