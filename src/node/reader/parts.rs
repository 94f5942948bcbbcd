//! Reading a few items of a large entry without the others.
//!
//! ```text
//!            payload root
//!          /      ...      \          upper tree: over the roots of the runs, kept with the head
//!       run 0  run 1  ...  run 511
//!       / ... \                       a run's own tree: sixteen items, hashed when one is asked for
//!  item 0    item 15
//! ```
//!
//! RFC 6962 splits at powers of two, so a proof in a run's tree and one in the upper tree, joined,
//! are the proof in the whole tree. Whatever is opened was hashed and leads to the payload root.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use chain::{Entry, Hash, ItemOpening, LeafTree, Nodes};

use super::excerpt::Excerpt;
use super::receipt::opening;
use super::visible::Sight;
use super::{Held, ReadError, Reader, Viewer};
use crate::ledger::{Draft, Names, SealedItems, seal_part};
use crate::node::bytes::Bytes;
use crate::node::group::Logged;
use crate::node::packed::RUN;
use crate::node::record::RecordError;
use crate::node::record_head::{HEAD_BYTES, RecordHead};

/// What the items of an entry have in common that is read in parts.
pub(in crate::node) struct Parted {
    entry: Entry,
    authorisation: chain::Authorisation,
    first_item: Bytes,
    salt: Hash,
    upper: LeafTree,
    source: Source,
}

/// Where the drafts are.
enum Source {
    Memory(Arc<Logged>),
    Store(RecordHead),
}

/// The drafts of one run.
pub(super) struct Run {
    number: usize,
    drafts: Vec<Draft>,
    /// Bytes that were read for it.
    pub(super) weight: usize,
}

/// An entry that was looked for.
pub(super) enum Found {
    Whole(Held),
    Parts(Arc<Parted>),
}

impl Found {
    pub(super) fn authorisation(&self) -> Result<chain::Authorisation, ReadError> {
        match self {
            Self::Whole(held) => held.authorisation(),
            Self::Parts(parted) => Ok(parted.authorisation.clone()),
        }
    }
}

impl Run {
    pub(super) const fn of(item: u32) -> usize {
        item as usize / RUN
    }

    pub(super) const fn has(&self, item: u32) -> bool {
        Self::of(item) == self.number
    }

    /// The number of its first item.
    fn first(&self) -> u32 {
        u32::try_from(self.number.saturating_mul(RUN)).unwrap_or(u32::MAX)
    }

    /// The draft of an item; item 0 has none.
    pub(super) fn draft(&self, item: u32) -> Option<&Draft> {
        let at = item.checked_sub(self.first().max(1))?;
        self.drafts.get(usize::try_from(at).ok()?)
    }
}

impl Parted {
    /// What a record that is in memory whole has kept of its tree; `None` if that is nothing.
    fn of_recent(logged: &Arc<Logged>) -> Result<Option<Self>, RecordError> {
        let record = &logged.record;
        if record.runs.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            entry: logged.entry,
            authorisation: record.authorisation()?,
            first_item: record.first_item_shared(),
            salt: Hash::from_bytes(record.salt),
            upper: LeafTree::new(record.runs.clone()),
            source: Source::Memory(Arc::clone(logged)),
        }))
    }

    fn of_head(entry: Entry, mut head: RecordHead) -> Result<Self, RecordError> {
        Ok(Self {
            entry,
            authorisation: head.authorisation()?,
            first_item: head.first_item.clone(),
            salt: Hash::from_bytes(head.salt),
            upper: LeafTree::new(head.table.take_roots()),
            source: Source::Store(head),
        })
    }

    pub(super) const fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(super) const fn authorisation(&self) -> &chain::Authorisation {
        &self.authorisation
    }

    /// About how many bytes of memory it takes: item 0 twice, and of each run its place, its root
    /// and a node above that.
    pub(super) fn weight(&self) -> usize {
        let runs = usize::try_from(self.upper.size()).unwrap_or(usize::MAX);
        let each = size_of::<usize>() + 2 * Hash::LEN;
        let items = self.first_item.0.len().saturating_mul(2);
        runs.saturating_mul(each)
            .saturating_add(items)
            .saturating_add(size_of::<Self>())
    }

    /// Whether what is kept of the tree is of the entry.
    fn leads(&self) -> Result<(), ReadError> {
        match self.upper.root() == self.entry.payload_root {
            true => Ok(()),
            false => Err(self.damaged("its record does not lead to its payload root")),
        }
    }

    fn damaged(&self, what: &str) -> ReadError {
        ReadError::Damaged(self.entry.index, what.to_owned())
    }

    /// Makes the items of a run, which lead to the payload root. Hashes: never under the book's
    /// lock.
    fn seal(&self, run: &Run, names: &impl Names) -> Result<SealedItems, ReadError> {
        let first_item = (run.number == 0).then_some(self.first_item.0.as_slice());
        let place = (run.first(), &self.salt);
        let items = seal_part(names, first_item, &run.drafts, place, |_, _| None);
        match self.upper.node(0, run.number as u64) == Some(items.root()) {
            true => Ok(items),
            false => Err(self.damaged("its items do not lead to its payload root")),
        }
    }

    /// The proof of an item in the entry's tree.
    fn proof(&self, run: &Run, items: &SealedItems, n: u32) -> Result<Vec<Hash>, ReadError> {
        let damaged = |error: chain::ProofError| self.damaged(&error.to_string());
        let within = u64::from(n.saturating_sub(run.first()));
        let mut proof = items.tree().inclusion_proof(within).map_err(damaged)?;
        let above = self.upper.inclusion_proof(run.number as u64);
        proof.extend(above.map_err(damaged)?);
        Ok(proof)
    }
}

impl Reader {
    /// An entry that is known to be below the watermark, in parts if they are all that is needed of
    /// it. Holds no lock while it reads the store.
    pub(super) fn seek(&self, index: u64) -> Result<Found, ReadError> {
        if let Some(logged) = self.recent(index) {
            return Ok(Found::Whole(Held::Recent(logged)));
        }
        if let Some(parted) = self.shared.heads.get(index) {
            return Ok(Found::Parts(parted));
        }
        if let Some(stored) = self.shared.decoded.get(index) {
            return Ok(Found::Whole(Held::Stored(stored)));
        }
        let damaged = |error: RecordError| ReadError::Damaged(index, error.to_string());
        let bytes = self.shared.store.record_part(index, 0, HEAD_BYTES)?;
        let bytes = bytes.ok_or_else(|| Self::missing(index))?;
        let Some(head) = RecordHead::from_bytes(&bytes).map_err(damaged)? else {
            if bytes.len() >= HEAD_BYTES {
                return Ok(Found::Whole(self.fetch(index)?));
            }
            return Ok(Found::Whole(self.decoded(index, &bytes)?));
        };
        let items = head.table.drafts().saturating_add(1);
        let parted = Parted::of_head(self.stored_entry(index)?, head).map_err(damaged)?;
        parted.leads()?;
        if usize::try_from(parted.entry.items) != Ok(items) {
            return Err(parted.damaged("its record has another number of items"));
        }
        // Who signed decides who may read: item 0 is believed with its run only.
        let run = self.run(&parted, 0)?;
        parted.seal(&run, &self.excerpt(index, &run.drafts, []))?;
        let parted = Arc::new(parted);
        self.shared.heads.keep(index, parted.weight(), &parted);
        Ok(Found::Parts(parted))
    }

    /// The same where a few items are wanted: also what is in memory whole is not hashed whole.
    pub(super) fn seek_few(&self, index: u64) -> Result<Found, ReadError> {
        if let Some(made) = self.shared.made.get(index) {
            return Ok(Found::Whole(Held::Made(made)));
        }
        let found = self.seek(index)?;
        if let Found::Whole(Held::Recent(logged)) = &found {
            let damaged = |error: RecordError| ReadError::Damaged(index, error.to_string());
            if let Some(parted) = Parted::of_recent(logged).map_err(damaged)? {
                parted.leads()?;
                return Ok(Found::Parts(Arc::new(parted)));
            }
        }
        self.made(found)
    }

    /// Reads the drafts of a run.
    pub(super) fn run(&self, parted: &Parted, number: usize) -> Result<Run, ReadError> {
        let index = parted.entry.index;
        let lost = || parted.damaged("it has no such run");
        let (drafts, weight) = match &parted.source {
            Source::Memory(logged) => {
                let drafts = &logged.record.drafts;
                let place = |run: usize| run.saturating_mul(RUN).saturating_sub(1);
                let end = place(number.saturating_add(1)).min(drafts.len());
                let drafts = drafts.get(place(number)..end).ok_or_else(lost)?;
                (drafts.to_vec(), 0)
            }
            Source::Store(head) => {
                let range = head.bytes_of(number).ok_or_else(lost)?;
                let store = &self.shared.store;
                let bytes = store.record_part(index, range.start, range.len())?;
                let bytes = bytes.ok_or_else(|| Self::missing(index))?;
                let drafts = head.table.unpack_run(number, &bytes);
                let drafts = drafts.map_err(|error| parted.damaged(&error.to_string()))?;
                (drafts, bytes.len())
            }
        };
        Ok(Run {
            number,
            drafts,
            weight,
        })
    }

    /// Opens items, in the order of their numbers, with everything in them that the viewer may read.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] if one of them is not for the viewer, or none is wanted.
    pub(super) fn open_few(
        &self,
        parted: &Parted,
        wanted: &[u32],
        viewer: &Viewer,
    ) -> Result<Vec<ItemOpening>, ReadError> {
        if wanted.is_empty() {
            return Err(ReadError::NotFound);
        }
        let mut runs = BTreeMap::new();
        for &n in wanted {
            if n >= parted.entry.items {
                return Err(ReadError::NotFound);
            }
            if let btree_map::Entry::Vacant(place) = runs.entry(Run::of(n)) {
                place.insert(self.run(parted, Run::of(n))?);
            }
        }
        let drafts = runs.values().flat_map(|run| &run.drafts);
        let excerpt: Excerpt = self.excerpt(parted.entry.index, drafts, []);
        let sight = Sight::new(&excerpt, viewer, &parted.authorisation);
        let draft = |n: u32| runs.get(&Run::of(n)).and_then(|run| run.draft(n));
        if !wanted.iter().all(|n| sight.item(draft(*n))) {
            return Err(ReadError::NotFound);
        }
        let mut opened = Vec::with_capacity(wanted.len());
        for run in runs.values() {
            let items = parted.seal(run, &excerpt)?;
            for &n in wanted.iter().filter(|n| run.has(**n)) {
                let at = usize::try_from(n.saturating_sub(run.first())).unwrap_or(usize::MAX);
                let bytes = items.item(at).ok_or(ReadError::NotFound)?;
                let proof = parted.proof(run, &items, n)?;
                let parts = (n, bytes, proof);
                opened.push(opening(&sight, run.draft(n), &parted.salt, parts, None));
            }
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Account, Asset, InstructionDraft, InstructionId, Outcome};
    use crate::node::Record;

    struct Nobody;

    impl Names for Nobody {
        fn account_numbered(&self, _: u64) -> Option<&Account> {
            None
        }
        fn asset_numbered(&self, _: u32) -> Option<&Asset> {
            None
        }
    }

    fn record(drafts: usize) -> (Record, LeafTree) {
        let draft = |n: usize| {
            Draft::Instruction(InstructionDraft {
                instruction: u32::try_from(n).unwrap(),
                outcome: Outcome::NotOwner,
                leg: Some(0),
                id: InstructionId::from_parts(1, 1).count_on(u32::try_from(n).unwrap()),
                detail: n as u64,
                json: String::from("{}"),
            })
        };
        let authorisation = chain::Authorisation {
            submitter: "bank-a".into(),
            created: 1,
            message_id: "m".into(),
            content_type: String::new(),
            body_hash: Hash::ZERO,
            atomic: false,
            instructions: u32::try_from(drafts).unwrap(),
            signatures: Vec::new(),
        };
        let drafts = (0..drafts).map(draft).collect();
        Record::of_batch([7; 32], &authorisation, drafts, &Nobody)
    }

    fn parted(index: u64, record: &[u8], tree: &LeafTree) -> Parted {
        let entry = Entry {
            kind: chain::EntryKind::Submission,
            items: u32::try_from(tree.size()).unwrap(),
            index,
            time: 1,
            prev: Hash::ZERO,
            payload_root: tree.root(),
            aux: Hash::ZERO,
        };
        let head = &record[..record.len().min(HEAD_BYTES)];
        let head = RecordHead::from_bytes(head).unwrap().unwrap();
        Parted::of_head(entry, head).unwrap()
    }

    #[test]
    fn every_item_is_proven_in_parts_as_in_the_whole() {
        for count in (1..=100).chain([511, 512, 8_189]) {
            let (record, tree) = record(count);
            let bytes = record.to_bytes();
            let parted = parted(3, &bytes, &tree);
            parted.leads().unwrap();
            let Source::Store(head) = &parted.source else {
                panic!("it is not in memory")
            };
            let whole = record.items(&Nobody).unwrap();
            let mut n = 0;
            for number in 0.. {
                let Some(range) = head.bytes_of(number) else {
                    break;
                };
                let bytes = &bytes[range.start..range.end.min(bytes.len())];
                let run = Run {
                    number,
                    drafts: head.table.unpack_run(number, bytes).unwrap(),
                    weight: 0,
                };
                let items = parted.seal(&run, &Nobody).unwrap();
                for at in 0..items.len() {
                    let draft = (n as usize).checked_sub(1).map(|n| &record.drafts[n]);
                    assert_eq!(run.draft(n), draft);
                    assert_eq!(items.item(at), whole.item(n as usize));
                    let proof = tree.inclusion_proof(u64::from(n)).unwrap();
                    assert_eq!(
                        parted.proof(&run, &items, n).unwrap(),
                        proof,
                        "{n} of {count}"
                    );
                    n += 1;
                }
            }
            assert_eq!(n as usize, count + 1);
        }
    }

    #[test]
    fn a_run_that_leads_elsewhere_is_told() {
        let (record, tree) = record(40);
        let parted = parted(3, &record.to_bytes(), &tree);
        let mut drafts = record.drafts[15..31].to_vec();
        let Draft::Instruction(draft) = &mut drafts[9] else {
            panic!("{:?}", drafts[9])
        };
        draft.detail += 1;
        let run = Run {
            number: 1,
            drafts,
            weight: 0,
        };
        let error = parted.seal(&run, &Nobody).unwrap_err();
        assert!(matches!(error, ReadError::Damaged(3, _)), "{error}");
    }
}
