//! What clients were told, and whether the log still says so.

use std::collections::{BTreeMap, BTreeSet};

use chain::{Checkpoint, Entry, EntryKind, Frontier, Hash, Item, LegKind, Note, VerifierKey, salt};
use quittance::ledger::Outcome;
use quittance::node::body;
use quittance::wire::{Answer, EntryView, HoldView, ModelView, PaymentView, ReceiptFile};

use crate::model::{Content, Model};
use crate::rich::Follower;

/// One submission, with the answer if one came back.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Participant that submits.
    pub(crate) submitter: &'static str,
    pub(crate) message_id: String,
    pub(crate) body: String,
    pub(crate) content: Content,
    pub(crate) answer: Option<Box<Answer>>,
    /// Somebody has asked to erase its body.
    pub(crate) erasing: bool,
}

/// Everything that was sent to a node, and seen of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) sent: Vec<Sent>,
    /// Checkpoints, verbatim.
    pub(crate) checkpoints: BTreeSet<String>,
}

/// Where a log stood before the load began.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) size: u64,
    pub(crate) model: Model,
}

/// A node, or what is left of one, as an auditor reads it.
pub(crate) trait Source {
    fn checkpoint(&self) -> Result<String, String>;
    fn entry(&self, index: u64) -> Result<EntryView, String>;
    fn receipt(&self, index: u64) -> Result<ReceiptFile, String>;
    fn posted(&self, address: &str) -> Result<String, String>;
    /// What is booked, and reserved for debits and for credits.
    fn standing(&self, address: &str) -> Result<[String; 3], String>;
    fn holds(&self) -> Result<Vec<HoldView>, String>;
    fn payments(&self) -> Result<Vec<PaymentView>, String>;
    fn models(&self) -> Result<Vec<ModelView>, String>;
}

/// What was found in a log that holds everything it should.
#[derive(Debug)]
pub(crate) struct Found {
    /// Size of the log.
    pub(crate) size: u64,
    /// Index of each message.
    pub(crate) placed: BTreeMap<String, u64>,
    /// How many legs of holds, of payments that waited and of netting there are.
    pub(crate) rich: u64,
}

macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

impl Evidence {
    /// Reads the whole log from `source` and compares it with the evidence: every entry hashed,
    /// every checkpoint that anybody saw a prefix, every answer still true, no message twice,
    /// every outcome and balance as the model has it. Every `stride`-th receipt is asked for again.
    pub(crate) fn check(
        &self,
        source: &dyn Source,
        key: &VerifierKey,
        start: &Start,
        stride: usize,
    ) -> Result<Found, String> {
        let newest = verified(&source.checkpoint()?, key)?;
        let views: Vec<EntryView> = (0..newest.size)
            .map(|index| source.entry(index))
            .collect::<Result<_, _>>()?;
        let roots = roots(&views)?;
        ensure!(
            roots.last() == Some(&newest.root),
            "the entries do not lead to the checkpoint's root"
        );
        for text in &self.checkpoints {
            let seen = verified(text, key)?;
            let found = usize::try_from(seen.size)
                .ok()
                .and_then(|size| roots.get(size));
            ensure!(
                found == Some(&seen.root),
                "a checkpoint of size {} was seen and is no prefix of the {} entries",
                seen.size,
                newest.size
            );
        }
        let placed = self.replay(source, &views, start)?;
        self.answers(source, &views, &placed, key, stride)?;
        let mut follower = Follower::default();
        for view in &views {
            follower.take(view)?;
        }
        follower.follow(source)?;
        let (size, rich) = (newest.size, follower.rich);
        Ok(Found { size, placed, rich })
    }

    /// Runs the model over the entries behind `start` and compares outcomes and balances.
    fn replay(
        &self,
        source: &dyn Source,
        views: &[EntryView],
        start: &Start,
    ) -> Result<BTreeMap<String, u64>, String> {
        let sent: BTreeMap<&str, &Sent> = self.sent.iter().map(|s| (&*s.message_id, s)).collect();
        let mut model = start.model.clone();
        let total = model.total();
        let mut placed = BTreeMap::new();
        let mut erased = BTreeSet::new();
        let from = usize::try_from(start.size).unwrap();
        for view in views
            .get(from..)
            .ok_or("the log is shorter than at the start")?
        {
            let index = view.index;
            if is_nodes_own(view)? {
                continue;
            }
            let (message_id, outcomes) = read_items(view)?;
            let Some(sent) = sent.get(message_id.as_str()) else {
                return Err(format!("entry {index}: nobody sent {message_id}"));
            };
            let before = placed.insert(message_id, index);
            ensure!(
                before.is_none(),
                "entries {before:?} and {index} are one message"
            );
            let expected = model.apply(&sent.content);
            ensure!(
                expected
                    .as_ref()
                    .is_none_or(|expected| outcomes == *expected),
                "entry {index}: outcomes {outcomes:?}, the model says {expected:?}: {:?} {sent:?}",
                numbers(view)
            );
            if let Content::Erase(of) = sent.content {
                erased.insert(of);
            }
        }
        ensure!(model.total() == total, "money was made or lost");
        for (address, balance) in model.balances() {
            let posted = source.posted(address)?;
            ensure!(
                posted == balance,
                "{address}: {posted}, the model says {balance}"
            );
        }
        for sent in &self.sent {
            if let Some(index) = placed.get(&sent.message_id) {
                check_body(&views[usize::try_from(*index).unwrap()], sent, &erased)?;
            }
        }
        Ok(placed)
    }

    /// Everything that was answered is there, byte for byte, and its receipt holds.
    fn answers(
        &self,
        source: &dyn Source,
        views: &[EntryView],
        placed: &BTreeMap<String, u64>,
        key: &VerifierKey,
        stride: usize,
    ) -> Result<(), String> {
        let answered = self
            .sent
            .iter()
            .filter_map(|sent| Some((sent, sent.answer.as_ref()?)));
        for (n, (sent, answer)) in answered.enumerate() {
            let index = answer.index;
            let found = placed.get(&sent.message_id);
            ensure!(
                found == Some(&index),
                "acknowledged at {index}, found at {found:?}: {}",
                sent.message_id
            );
            let old = answer
                .receipt
                .as_ref()
                .ok_or("an answer without a receipt")?;
            let view = &views[usize::try_from(index).unwrap()];
            ensure!(
                old.entry == view.entry,
                "entry {index} is not the one acknowledged"
            );
            let outcomes: Vec<bool> = answer.outcomes.iter().map(|o| o.code.is_good()).collect();
            ensure!(
                outcomes == read_items(view)?.1,
                "entry {index}: other outcomes than acknowledged"
            );
            // The old receipt's checkpoint must be a prefix too, so it is among those seen.
            holds(old, key)?;
            if n.is_multiple_of(stride) {
                let new = source.receipt(index)?;
                ensure!(new.entry == old.entry, "receipt {index}: another entry");
                holds(&new, key)?;
            }
        }
        Ok(())
    }
}

/// Verifies a checkpoint's signature and reads it.
pub(crate) fn verified(text: &str, key: &VerifierKey) -> Result<Checkpoint, String> {
    let note = Note::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    note.verify(&[key]).map_err(|error| error.to_string())?;
    Checkpoint::parse_text(note.text()).map_err(|error| error.to_string())
}

/// The root at every size, from the entries alone; checks the hash chain and the items on the way.
fn roots(views: &[EntryView]) -> Result<Vec<Hash>, String> {
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    let mut prev = Hash::ZERO;
    for (view, index) in views.iter().zip(0u64..) {
        let entry = Entry::from_bytes(&view.entry.0).map_err(|e| format!("entry {index}: {e}"))?;
        ensure!(
            entry.index == index,
            "entry {index} says it is {}",
            entry.index
        );
        ensure!(
            entry.prev == prev,
            "entry {index} does not follow the one before"
        );
        let items = (0u32..).zip(&view.items);
        let leaves: Vec<Hash> = items
            .map(|(n, bytes)| salt::item_leaf(&salt::item_salt(&view.salt.0, n), &bytes.0))
            .collect();
        ensure!(
            chain::root_of(&leaves) == entry.payload_root,
            "entry {index}: the items are not those that it commits to"
        );
        prev = entry.leaf_hash();
        frontier.push(prev, &mut |_, _, _| {});
        roots.push(frontier.root());
    }
    Ok(roots)
}

/// The outcomes of an entry's items, for words about what is wrong.
fn numbers(view: &EntryView) -> Vec<Option<Outcome>> {
    let items = view
        .items
        .iter()
        .filter_map(|item| Item::parse(&item.0).ok());
    let outcomes = items.filter_map(|item| match item {
        Item::Leg(leg) => Some(leg.outcome),
        Item::Instruction(item) => Some(item.outcome),
        _ => None,
    });
    outcomes.map(Outcome::from_number).collect()
}

/// Whether an entry is the log's own: what was due, which the follower computes again; or a seal of a
/// state before it, whose sums are of money that was neither made nor lost. The audit computes its
/// root again.
fn is_nodes_own(view: &EntryView) -> Result<bool, String> {
    let index = view.index;
    let entry = Entry::from_bytes(&view.entry.0).map_err(|e| format!("entry {index}: {e}"))?;
    if entry.kind != EntryKind::Seal {
        return Ok(entry.kind == EntryKind::System);
    }
    let items = view.items.iter().map(|item| Item::parse(&item.0));
    let items: Result<Vec<Item>, _> = items.collect();
    match items.as_deref() {
        Ok([Item::Authorisation(_), Item::Seal(seal)]) => {
            let even =
                |asset: &chain::SealedAsset| asset.sums.debits_posted == asset.sums.credits_posted;
            ensure!(
                seal.sealed_size <= index && seal.assets.iter().all(even),
                "entry {index}: a seal that does not add up: {seal:?}"
            );
            Ok(true)
        }
        other => Err(format!("entry {index}: a seal of {other:?}")),
    }
}

/// Message id and, for each instruction, whether it took effect.
fn read_items(view: &EntryView) -> Result<(String, Vec<bool>), String> {
    let (mut message_id, mut count) = (String::new(), 0);
    let mut outcomes: BTreeMap<u32, bool> = BTreeMap::new();
    for bytes in &view.items {
        let item = Item::parse(&bytes.0).map_err(|e| format!("entry {}: {e}", view.index))?;
        let (instruction, outcome) = match item {
            Item::Authorisation(who) => {
                (message_id, count) = (who.message_id, who.instructions);
                continue;
            }
            // It says what became of a payment, and its instruction stands before it.
            Item::Leg(leg) if leg.kind == LegKind::Notice => continue,
            Item::Leg(leg) => (leg.instruction, leg.outcome),
            Item::Instruction(item) => (item.instruction, item.outcome),
            _ => continue,
        };
        let good = Outcome::from_number(outcome).is_some_and(Outcome::is_good);
        *outcomes.entry(instruction).or_insert(true) &= good;
    }
    let complete = outcomes.keys().copied().eq(0..count);
    ensure!(complete, "entry {}: half of its instructions", view.index);
    Ok((message_id, outcomes.into_values().collect()))
}

/// The body opens under its key and is what was sent; or it was erased, and its key is gone.
fn check_body(view: &EntryView, sent: &Sent, erased: &BTreeSet<u64>) -> Result<(), String> {
    let index = view.index;
    match &view.body_key {
        None => ensure!(
            erased.contains(&index),
            "the body key of entry {index} is lost"
        ),
        Some(_) if erased.contains(&index) => {
            return Err(format!("the body key of entry {index} came back"));
        }
        Some(key) => {
            let sealed = view.sealed_body.as_ref().ok_or("no sealed body")?;
            let plain = body::open(key.0.as_bytes(), &sealed.0).map_err(|e| e.to_string())?;
            ensure!(
                plain == sent.body.as_bytes(),
                "the body of entry {index} is another"
            );
        }
    }
    Ok(())
}

fn holds(file: &ReceiptFile, key: &VerifierKey) -> Result<(), String> {
    let receipt = file.to_receipt().map_err(|error| error.to_string())?;
    let verified = receipt.verify(key);
    verified.map(|_| ()).map_err(|error| error.to_string())
}
