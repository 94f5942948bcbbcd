//! Replaying stored entries by themselves: every link, every signature, every outcome again.
//!
//! This is what an audit does, on what the store keeps instead of on items; bodies stay closed,
//! for a backup has no keys.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use chain::statement::{Purpose, submission_text};
use chain::{Entry, EntryKind, Hash, Item, ItemView, TILE_WIDTH, VerifierKey};

use super::error::BackupError;
use super::frame::Frame;
use crate::assets;
use crate::ledger::{
    Authorisation, Genesis, Modules, SealedItems, State, Time, apply_again, check, is_entry_of,
    message_from_drafts, message_from_items,
};
use crate::node::Record;

/// Entries between two checks of conservation over the whole book.
const CONSERVATION_EVERY: u64 = 1_000;
/// Levels of the tree that one level of tiles spans.
const TILE_LEVELS: u8 = 8;

/// The log and the ledger as replayed so far.
pub struct Replay {
    /// None before entry 0.
    ledger: Option<Ledger>,
    prev: Hash,
    /// Hashes of the tile under way, by level.
    tiles: Vec<Vec<Hash>>,
    modules: Modules<'static>,
    /// Keys seen, so that each point is decompressed once.
    keys: BTreeMap<[u8; 32], VerifierKey>,
}

struct Ledger {
    state: State,
    genesis: Genesis,
    hash: Hash,
}

/// An entry with its items, as an export holds it.
#[derive(Debug, Clone)]
pub struct Items {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The entry's salt.
    pub salt: [u8; 32],
    /// Item bytes, item 0 first.
    pub items: Vec<Vec<u8>>,
    /// The body under its key; empty for genesis.
    pub sealed_body: Vec<u8>,
}

/// A full tile: level, number, bytes.
pub(super) type Tile = (u8, u64, Vec<u8>);

/// An entry that was replayed and holds.
pub struct Stepped {
    /// The entry.
    pub entry: Entry,
    /// Who asked; the founders for entry 0.
    pub authorisation: Authorisation,
    /// Tiles that the entry completed.
    pub(super) tiles: Vec<Tile>,
}

impl Default for Replay {
    fn default() -> Self {
        Self {
            ledger: None,
            prev: Hash::ZERO,
            tiles: Vec::new(),
            modules: assets::modules(),
            keys: BTreeMap::new(),
        }
    }
}

impl Replay {
    /// Entries replayed.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.state().map_or(0, |state| state.edge().size())
    }

    /// Root over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        let root = |state: &State| state.edge().frontier().root();
        self.state().map_or_else(chain::empty_root, root)
    }

    /// Leaf hash of the last one.
    #[must_use]
    pub const fn leaf(&self) -> Hash {
        self.prev
    }

    /// The ledger's state after them; none before entry 0.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.ledger.as_ref().map(|ledger| &ledger.state)
    }

    /// The document that founded the log.
    #[must_use]
    pub fn genesis(&self) -> Option<&Genesis> {
        self.ledger.as_ref().map(|ledger| &ledger.genesis)
    }

    /// Leaf hash of entry 0.
    #[must_use]
    pub fn genesis_hash(&self) -> Option<Hash> {
        self.ledger.as_ref().map(|ledger| ledger.hash)
    }

    /// Replays the next entry and compares everything that can be computed.
    pub(super) fn step(&mut self, frame: Frame<'_>) -> Result<Stepped, BackupError> {
        let index = self.size();
        let wrong = |what: String| BackupError::wrong(index, what);
        let entry = Entry::from_bytes(frame.entry).map_err(|error| wrong(error.to_string()))?;
        if entry.index != index || entry.prev != self.prev {
            return Err(wrong("it does not follow the one before it".into()));
        }
        let record = Record::from_bytes(frame.record).map_err(|error| wrong(error.to_string()))?;
        if record.to_bytes() != frame.record {
            return Err(wrong("its record is not spelled as records are".into()));
        }
        let item = record
            .authorisation()
            .map_err(|error| wrong(error.to_string()))?;
        let who = Authorisation::from_item(&item).map_err(|error| wrong(error.to_string()))?;
        match &mut self.ledger {
            None => self.ledger = Some(found(&entry, &record, &item, &who)?),
            Some(ledger) => {
                verify_signatures(ledger, &mut self.keys, index, &who)?;
                replay(ledger, &self.modules, &entry, &record, who.clone())?;
            }
        }
        Ok(self.append(entry, who))
    }

    /// The same for an entry of which items are kept and no record: gives the record as well.
    pub(super) fn step_items(&mut self, kept: &Items) -> Result<(Stepped, Record), BackupError> {
        let index = self.size();
        let wrong = |what: String| BackupError::wrong(index, what);
        let entry = Entry::from_bytes(&kept.entry).map_err(|error| wrong(error.to_string()))?;
        if entry.index != index || entry.prev != self.prev {
            return Err(wrong("it does not follow the one before it".into()));
        }
        let items = kept.items.iter().map(|item| ItemView::parse(item));
        let items: Result<Vec<ItemView<'_>>, _> = items.collect();
        let items = items.map_err(|error| wrong(error.to_string()))?;
        let Some(ItemView::Other(Item::Authorisation(item))) = items.first() else {
            return Err(wrong("item 0 is not an authorisation".into()));
        };
        let who = Authorisation::from_item(item).map_err(|error| wrong(error.to_string()))?;
        let record = match &mut self.ledger {
            None => {
                let Some(ItemView::Other(Item::Genesis(json))) = items.get(1) else {
                    return Err(wrong("it is not a genesis".into()));
                };
                let record = Record::of_genesis(kept.salt, item, json.clone());
                self.ledger = Some(found(&entry, &record, item, &who)?);
                record
            }
            Some(ledger) => {
                verify_signatures(ledger, &mut self.keys, index, &who)?;
                replay_items(ledger, &self.modules, &entry, &items, item, kept)?
            }
        };
        Ok((self.append(entry, who), record))
    }

    fn append(&mut self, entry: Entry, authorisation: Authorisation) -> Stepped {
        let mut full = Vec::new();
        self.prev = entry.leaf_hash();
        let tiles = &mut self.tiles;
        let ledger = self.ledger.as_mut();
        let state = ledger.map(|ledger| &mut ledger.state);
        let state = state.expect("entry 0 founds the ledger");
        state.append(self.prev, &mut |level, at, hash| {
            full.extend(put_in_tile(tiles, level, at, hash));
        });
        Stepped {
            entry,
            authorisation,
            tiles: full,
        }
    }

    /// Checks that the balances of every asset sum to zero.
    pub(super) fn conservation(&self) -> Result<(), BackupError> {
        let Some(ledger) = &self.ledger else {
            return Ok(());
        };
        check::conservation(ledger.state.book())
            .map_err(|error| BackupError::wrong(self.size().saturating_sub(1), error))
    }
}

/// Founds the ledger from entry 0: the founders signed this document, and the entry commits to it.
fn found(
    entry: &Entry,
    record: &Record,
    item: &chain::Authorisation,
    who: &Authorisation,
) -> Result<Ledger, BackupError> {
    let wrong = |what: &dyn std::fmt::Display| BackupError::wrong(0, what);
    let json = record.genesis.as_deref();
    let json = json.ok_or_else(|| wrong(&"it is not a genesis"))?;
    let genesis = Genesis::from_json(json).map_err(|error| wrong(&error))?;
    genesis
        .verify(&who.signatures)
        .map_err(|error| wrong(&error))?;
    let salt = Hash::from_bytes(record.salt);
    let items = SealedItems::of_genesis(item, json, &salt);
    let kept = items.item(1) == Some(Item::Genesis(json.to_owned()).to_bytes().as_slice());
    if !kept || items.root() != entry.payload_root || entry.kind != EntryKind::Genesis {
        return Err(wrong(&"it does not commit to the genesis document"));
    }
    let state = genesis
        .state(Time::from_nanos(entry.time))
        .map_err(|error| wrong(&error))?;
    Ok(Ledger {
        state,
        genesis,
        hash: entry.leaf_hash(),
    })
}

/// Applies the entry's message again: the same outcomes, the same items, the same root.
fn replay(
    ledger: &mut Ledger,
    modules: &Modules<'static>,
    entry: &Entry,
    record: &Record,
    who: Authorisation,
) -> Result<(), BackupError> {
    let index = entry.index;
    let wrong = |what: String| BackupError::wrong(index, what);
    let message =
        message_from_drafts(who, &record.drafts).map_err(|error| wrong(error.to_string()))?;
    let applied = apply_again(&mut ledger.state, entry.time, &message, modules)
        .map_err(|error| wrong(error.to_string()))?;
    let same = applied.drafts == record.drafts && is_entry_of(&applied, entry);
    if !same {
        let what = "the outcomes computed again are not those stored";
        return Err(wrong(what.into()));
    }
    let book = ledger.state.book();
    let leads = record
        .leads_to(book, &entry.payload_root)
        .map_err(|error| wrong(error.to_string()))?;
    if !leads {
        return Err(wrong("its items do not lead to its payload root".into()));
    }
    check::step(book, &applied).map_err(|error| wrong(error.to_string()))?;
    if index.is_multiple_of(CONSERVATION_EVERY) {
        check::conservation(book).map_err(|error| wrong(error.to_string()))?;
    }
    Ok(())
}

/// Applies the message that the items are of, and makes the record that they come from.
fn replay_items(
    ledger: &mut Ledger,
    modules: &Modules<'static>,
    entry: &Entry,
    items: &[ItemView<'_>],
    item: &chain::Authorisation,
    kept: &Items,
) -> Result<Record, BackupError> {
    let wrong = |what: String| BackupError::wrong(entry.index, what);
    let message = message_from_items(items).map_err(|error| wrong(error.to_string()))?;
    let applied = apply_again(&mut ledger.state, entry.time, &message, modules)
        .map_err(|error| wrong(error.to_string()))?;
    let texts = (0u32..).zip(items);
    let texts = texts.filter_map(|(n, item)| Some((n, *item.text()?.as_bytes())));
    let body = Arc::new(kept.sealed_body.clone());
    let book = ledger.state.book();
    let drafts = applied.drafts.clone();
    let record = match message.batch {
        Some(_) => {
            let (record, _) = Record::of_batch(kept.salt, item, drafts, book);
            record
        }
        None => Record::new(kept.salt, item, drafts, texts.collect(), body),
    };
    let leads = record
        .leads_to(book, &entry.payload_root)
        .map_err(|error| wrong(error.to_string()))?;
    let same = leads && is_entry_of(&applied, entry);
    if !same {
        return Err(wrong("its items do not lead to its payload root".into()));
    }
    check::step(book, &applied).map_err(|error| wrong(error.to_string()))?;
    Ok(record)
}

/// Verifies the submitters' signatures under the keys active at this very index.
fn verify_signatures(
    ledger: &Ledger,
    keys: &mut BTreeMap<[u8; 32], VerifierKey>,
    index: u64,
    who: &Authorisation,
) -> Result<(), BackupError> {
    let hash = Hash::from_bytes(who.body_hash);
    let (submitter, content_type) = (who.submitter.as_str(), who.content_type.as_str());
    let (purpose, origin) = (Purpose::Submission, ledger.genesis.origin.as_str());
    let text = submission_text(
        purpose,
        origin,
        &ledger.hash,
        submitter,
        content_type,
        &hash,
    );
    for signature in &who.signatures {
        let by = &signature.key_name;
        let wrong = |why: &dyn std::fmt::Display| {
            BackupError::wrong(index, format_args!("the signature by {by}: {why}"))
        };
        let participant = ledger.state.book().participant(&signature.participant);
        let registered = participant
            .and_then(|found| found.active_key(by, signature.key_id))
            .ok_or_else(|| wrong(&"no such key is active here"))?;
        let key = match keys.entry(registered.public) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(place) => {
                let key = registered.verifier_key();
                place.insert(key.ok_or_else(|| wrong(&"the key is unusable"))?)
            }
        };
        key.verify(text.as_bytes(), &signature.signature)
            .map_err(|error| wrong(&error))?;
    }
    Ok(())
}

/// Adds a node to the tile it belongs to, if its level has tiles; gives the tile when it is full.
fn put_in_tile(tiles: &mut Vec<Vec<Hash>>, level: u8, at: u64, hash: Hash) -> Option<Tile> {
    if !level.is_multiple_of(TILE_LEVELS) {
        return None;
    }
    let tile_level = level / TILE_LEVELS;
    let place = usize::from(tile_level);
    if tiles.len() <= place {
        tiles.resize_with(place + 1, Vec::new);
    }
    let tile = tiles.get_mut(place)?;
    tile.push(hash);
    if tile.len() < usize::from(TILE_WIDTH) {
        return None;
    }
    let bytes = std::mem::take(tile)
        .iter()
        .flat_map(|hash| *hash.as_bytes())
        .collect();
    Some((tile_level, at / u64::from(TILE_WIDTH), bytes))
}
