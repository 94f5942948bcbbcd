//! What of an audit needs nothing but an entry and its record: hashes, the body, the message that
//! the items are of. Any thread does it, in any order, ahead of the replay.

use std::ops::Range;
use std::sync::Arc;

use chain::{Entry, EntryError, Hash, Item, ItemView, Record};
use zeroize::Zeroizing;

use super::body;
use super::log::{self, Block, Copies};
use super::pool::Share;
use super::record::is_bodiless;
use super::report::Divergence;
use super::source::Fault;
use crate::ledger::{
    BATCH_CONTENT_TYPE, Message, MessageFromItems, ReplayError, message_from_items,
};

/// The erasable key of a body.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// Entries that travel together: some of one bundle.
pub(super) struct Chunk {
    /// The bundle that they are of.
    pub(super) block: Arc<Block>,
    /// Which of its entries they are.
    pub(super) places: Range<usize>,
    /// Their records, unless the source has none.
    pub(super) records: Option<Records>,
    /// What they take of the budget.
    pub(super) share: Share,
}

/// Records as they came, one behind the other.
pub(super) struct Records {
    pub(super) bytes: Vec<u8>,
    /// Where each of them begins, without its length, and ends.
    pub(super) ranges: Vec<Range<usize>>,
    /// The keys that stand beside them; none if keys stand in the records.
    pub(super) keys: Option<Vec<Option<Key>>>,
    /// What the record of an entry is called.
    pub(super) name: fn(u64) -> String,
}

/// A chunk with what was found out about its entries.
pub(super) struct Looked {
    pub(super) block: Arc<Block>,
    pub(super) places: Range<usize>,
    pub(super) records: Option<Records>,
    pub(super) entries: Vec<Result<LookedEntry, Fault>>,
    pub(super) share: Share,
}

/// What was found out about an entry.
pub(super) struct LookedEntry {
    pub(super) copies: Copies,
    pub(super) entry: Result<Entry, EntryError>,
    /// What was found out about its record; none without records.
    pub(super) record: Option<Found>,
}

/// What was found out about a record.
pub(super) struct Found {
    /// Whether it is what the entry commits to, and what became of its body.
    pub(super) held: Result<Body, Divergence>,
    /// The message that its items are of, or why they are of none; none for entry 0.
    pub(super) ready: Option<Result<Ready, Divergence>>,
}

/// The body of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// There is none, and need not be.
    None,
    /// It is the one that was signed.
    Opened,
    /// There is no key for it.
    Closed,
}

/// A message to be replayed.
pub(super) struct Ready {
    pub(super) message: Message,
    /// Commitments to texts, by item.
    pub(super) texts: Vec<(u32, Hash)>,
    /// Whether the body that was signed asks for it, if there is one to be compared.
    pub(super) body: Option<Result<(), Divergence>>,
}

impl Chunk {
    /// Looks at its entries, up to the first record that cannot be read.
    pub(super) fn look(self) -> Looked {
        let mut entries = Vec::with_capacity(self.places.len());
        for (n, place) in self.places.clone().enumerate() {
            let bytes = self.block.entries.get(place);
            let bytes = bytes.map(Vec::as_slice).unwrap_or_default();
            let looked = look(
                bytes,
                self.block.first + place as u64,
                self.records.as_ref(),
                n,
            );
            let unread = looked.is_err();
            entries.push(looked);
            if unread {
                break;
            }
        }
        Looked {
            block: self.block,
            places: self.places,
            records: self.records,
            entries,
            share: self.share,
        }
    }
}

impl Records {
    /// Record `n`; the bytes were read as one before.
    pub(super) fn get(&self, n: usize) -> Option<Record<'_>> {
        let range = self.ranges.get(n)?.clone();
        Record::parse(self.bytes.get(range)?).ok()
    }

    /// Reads record `n`, of the entry at `index`, for the first time; with the body's key.
    fn read(&self, n: usize, index: u64) -> Result<(Record<'_>, Option<&[u8; 32]>), Fault> {
        let malformed = |why: String| Fault::Malformed {
            what: (self.name)(index),
            why,
        };
        let range = self.ranges.get(n).cloned().unwrap_or_default();
        let bytes = self.bytes.get(range).unwrap_or_default();
        let record = Record::parse(bytes).map_err(|error| malformed(error.to_string()))?;
        match &self.keys {
            None => Ok((record, record.key)),
            Some(_) if record.key.is_some() => Err(malformed("a key stands in it".into())),
            Some(keys) => Ok((record, keys.get(n).and_then(|key| key.as_deref()))),
        }
    }
}

fn look(
    bytes: &[u8],
    index: u64,
    records: Option<&Records>,
    n: usize,
) -> Result<LookedEntry, Fault> {
    let leaf = Hash::leaf(bytes);
    let entry = Entry::from_bytes(bytes);
    let Some(records) = records else {
        return Ok(LookedEntry {
            copies: Copies {
                leaf,
                recorded: None,
            },
            entry,
            record: None,
        });
    };
    let (record, key) = records.read(n, index)?;
    let recorded = match record.entry[..] == *bytes {
        true => leaf,
        false => Hash::leaf(record.entry),
    };
    Ok(LookedEntry {
        copies: Copies {
            leaf,
            recorded: Some(recorded),
        },
        record: entry.as_ref().ok().map(|entry| found(entry, &record, key)),
        entry,
    })
}

fn found(entry: &Entry, record: &Record<'_>, key: Option<&[u8; 32]>) -> Found {
    let (body, opened) = match held(entry, record, key) {
        Ok(held) => held,
        Err(divergence) => {
            return Found {
                held: Err(divergence),
                ready: None,
            };
        }
    };
    let opened = opened.as_deref().zip(key);
    Found {
        held: Ok(body),
        ready: (entry.index > 0).then(|| ready(entry, record, opened)),
    }
}

/// Whether a record is what its entry commits to; its body, if that can be opened.
fn held(
    entry: &Entry,
    record: &Record<'_>,
    key: Option<&[u8; 32]>,
) -> Result<(Body, Option<Vec<u8>>), Divergence> {
    log::record(entry, record)?;
    let Some(Ok(Item::Authorisation(who))) = record.items.first().map(Item::parse) else {
        // That item 0 is no authorisation is for the replay to say.
        return Ok((Body::Closed, None));
    };
    let index = entry.index;
    let bodiless = is_bodiless(entry, &who);
    if bodiless && !record.sealed_body.is_empty() {
        let found = format!("{} bytes", record.sealed_body.len());
        return Err(Divergence::at(index, "the sealed body", "none", found));
    }
    Ok(match body::open_and_compare(index, &who, record, key)? {
        Some(opened) => (Body::Opened, Some(opened)),
        None if bodiless => (Body::None, None),
        None => (Body::Closed, None),
    })
}

/// Makes the message that the items are of, and compares it with the body that was signed.
fn ready(
    entry: &Entry,
    record: &Record<'_>,
    opened: Option<(&[u8], &[u8; 32])>,
) -> Result<Ready, Divergence> {
    let index = entry.index;
    let parse = |(n, bytes)| {
        ItemView::parse(bytes)
            .map_err(|error| Divergence::at(index, format!("item {n}"), "an item", error))
    };
    let wrong = |error| Divergence::at(index, "the items", "those of one message", error);
    let mut items = record.items.iter().enumerate().map(parse);
    let first = items.next().transpose()?;
    let Some(ItemView::Other(Item::Authorisation(who))) = &first else {
        return Err(wrong(ReplayError::Misplaced(0)));
    };
    if who.content_type == BATCH_CONTENT_TYPE {
        // One of its items after the other: they are many, and no body is compared with them.
        let mut message = MessageFromItems::begin(who, record.items.len()).map_err(wrong)?;
        let mut texts = Vec::new();
        for (n, item) in (1u32..).zip(items) {
            let item = item?;
            texts.extend(item.text().map(|text| (n, *text)));
            message.take(&item).map_err(wrong)?;
        }
        let message = message.finish().map_err(wrong)?;
        let body = body::compare_batch(index, &message, &texts);
        return Ok(Ready {
            texts,
            message,
            body: Some(body),
        });
    }
    let items: Vec<ItemView<'_>> = first
        .into_iter()
        .map(Ok)
        .chain(items)
        .collect::<Result<_, _>>()?;
    let message = message_from_items(&items).map_err(wrong)?;
    let texts = (0u32..).zip(&items);
    let texts = texts.filter_map(|(n, item)| Some((n, *item.text()?)));
    Ok(Ready {
        texts: texts.collect(),
        body: opened.map(|(opened, key)| body::compare(index, opened, &message, &items, key)),
        message,
    })
}
