//! What readers may see: everything here is at the durable watermark, never above it.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use arc_swap::{ArcSwap, ArcSwapOption};
use chain::{Hash, VerifierKey};

use super::cosigner::Witnessed;
use super::group::Logged;
use super::metrics::Metrics;
use super::reader::{Kept, Made, Parted, Stored, TileTrees, Trails};
use super::sealed::Seals;
use super::tree::{FullTile, GroupTree, TileCache};
use crate::clock::Clock;
use crate::ledger::{
    Book, BookHead, Copies, Draft, Effect, Message, MessageId, Mode, Parameters, ParticipantId,
    Rejection, SealRef, Signature, Standing, Ticket, Time, foresee, foresee_window, signing_at,
};
use crate::limits::{DECODED_BYTES_MAX, HEADS_BYTES_MAX, MADE_BYTES_MAX};
use crate::store::Store;
use crate::store::slots::KeySlots;
use crate::store::wal::Mark;

/// The newest checkpoint.
#[derive(Debug)]
pub(super) struct View {
    pub(super) mark: Mark,
    /// The signed note, verbatim.
    pub(super) checkpoint: Arc<str>,
}

/// The book with the log size that it is exact at.
pub(super) struct BookAt {
    pub(super) book: Book,
    pub(super) size: u64,
    /// Copies of it that the copying thread makes.
    pub(super) copies: Copies,
}

impl BookAt {
    fn new(book: Book, size: u64) -> Self {
        let copies = Copies::default();
        Self { book, size, copies }
    }

    /// Follows one entry. Its changes end with what its effects began, so they come last.
    fn follow(&mut self, logged: &Logged) {
        for effect in &logged.effects {
            self.copies.before_effect(&self.book, effect);
            self.book.absorb(effect.clone());
        }
        for (item, change) in logged.changes() {
            self.copies.before_change(&self.book, change.account);
            self.book.absorb_change(change, item);
        }
        self.size = logged.entry.index + 1;
    }
}

/// What came of a group that readers may see now.
pub(super) struct Absorbed {
    /// Tiles that it finished.
    pub(super) tiles: Vec<FullTile>,
    /// The copy that was begun where the state was frozen.
    pub(super) frozen: Option<Ticket>,
}

/// Entries that are durable and published, and that the store does not hold yet.
#[derive(Default)]
pub(super) struct Recent {
    first: u64,
    entries: VecDeque<Arc<Logged>>,
}

/// What a log was founded with.
pub(super) struct Founded {
    pub(super) origin: String,
    pub(super) genesis_hash: Hash,
    /// Keys at hand.
    pub(super) held: Vec<VerifierKey>,
    pub(super) mode: Mode,
}

/// What the node stands on.
pub(super) struct Backends {
    pub(super) clock: Clock,
    pub(super) store: Arc<dyn Store>,
    pub(super) slots: KeySlots,
    /// Stored bytes that one read may look through.
    pub(super) read_bytes_max: u64,
}

/// State shared by the threads of a node and by whoever reads.
pub(super) struct Shared {
    pub(super) origin: String,
    pub(super) genesis_hash: Hash,
    /// Keys that sign the newest checkpoint, the newest last.
    pub(super) log_keys: ArcSwap<Vec<VerifierKey>>,
    /// Keys at hand, signing or not.
    pub(super) held: Vec<VerifierKey>,
    pub(super) mode: Mode,
    pub(super) clock: Clock,
    pub(super) metrics: Metrics,
    /// Stored bytes that one read may look through.
    pub(super) read_bytes_max: u64,
    pub(super) store: Arc<dyn Store>,
    pub(super) slots: KeySlots,
    pub(super) view: ArcSwap<View>,
    /// The newest checkpoint that a quorum of witnesses has cosigned.
    pub(super) witnessed: ArcSwapOption<Witnessed>,
    pub(super) keys: ArcSwap<KeyTable>,
    pub(super) book: RwLock<BookAt>,
    pub(super) recent: RwLock<Recent>,
    pub(super) tiles: RwLock<TileCache>,
    /// Trees over tiles that proofs went through.
    pub(super) tile_trees: TileTrees,
    /// Where readers have been on the chains of accounts; nobody waits for the disk with it.
    pub(super) trails: Mutex<Trails>,
    /// Heads of batches that readers came by.
    pub(super) heads: Kept<Parted>,
    /// Other large entries that readers came by, decoded.
    pub(super) decoded: Kept<Stored>,
    /// Items of those of which readers asked for some.
    pub(super) made: Kept<Made>,
    /// The newest seal and its tree.
    seals: Mutex<Seals>,
    /// Size of the log as applied, durable or not: a metric.
    pub(super) applied_size: AtomicU64,
    /// Size of the log that the store holds.
    pub(super) stored_size: AtomicU64,
    /// Bytes of memory that entries take which the store does not hold yet.
    pub(super) unstored_bytes: AtomicU64,
    /// Disk space is below the reserve: nothing is admitted.
    pub(super) reserve_low: AtomicBool,
    /// The node is going down: nothing is admitted.
    pub(super) stopping: AtomicBool,
}

/// A registered key, as the door needs it.
#[derive(Debug, Clone)]
pub struct KnownKey {
    /// The key, decompressed.
    pub key: VerifierKey,
    /// Index that revoked it.
    pub revoked: Option<u64>,
}

/// What the door needs of the published book: every key ever registered, by name, who may submit
/// with how many of them, and the window.
#[derive(Debug, Default)]
pub struct KeyTable {
    keys: HashMap<String, Vec<KnownKey>>,
    participants: HashMap<ParticipantId, Standing>,
    parameters: Parameters,
}

impl KeyTable {
    /// Reads the keys out of a book.
    #[must_use]
    pub fn of(book: &Book) -> Self {
        let mut table = Self {
            parameters: book.parameters().clone(),
            ..Self::default()
        };
        for participant in book.participants() {
            let standing = Standing {
                role: participant.role,
                threshold: participant.threshold,
            };
            table.participants.insert(participant.id.clone(), standing);
            for key in &participant.keys {
                let Some(verifier) = key.verifier_key() else {
                    continue;
                };
                let known = KnownKey {
                    key: verifier,
                    revoked: key.revoked,
                };
                table.keys.entry(key.name.clone()).or_default().push(known);
            }
        }
        table
    }

    /// Finds a key by name and id, revoked or not.
    #[must_use]
    pub fn find(&self, name: &str, id: u32) -> Option<&KnownKey> {
        self.keys
            .get(name)?
            .iter()
            .find(|known| known.key.id().get() == id)
    }

    /// Whether a participant of this id is registered.
    #[must_use]
    pub fn has_participant(&self, id: &ParticipantId) -> bool {
        self.participants.contains_key(id)
    }

    /// Refuses what the sequencer would refuse if this table is of the present; as far as it can
    /// be told. `quiet` says that nothing of the submitter was under way when the table was
    /// loaded: else a repetition might overtake the original, and be told that it is too late.
    pub(super) fn foresee(
        &self,
        now: u64,
        message: &Message,
        quiet: bool,
    ) -> Result<(), Rejection> {
        let who = &message.authorisation;
        let active = |signature: &Signature| {
            let known = self.find(&signature.key_name, signature.key_id);
            known.is_some_and(|known| known.revoked.is_none())
        };
        if !who.signatures.iter().all(active) {
            // The door has looked, so this is rare; the sequencer says what is wrong.
            return Ok(());
        }
        foresee(self.participants.get(&who.submitter), message)?;
        match quiet {
            true => foresee_window(&self.parameters, now, message),
            false => Ok(()),
        }
    }
}

impl Recent {
    pub(super) fn starting_at(first: u64) -> Self {
        Self {
            first,
            entries: VecDeque::new(),
        }
    }

    pub(super) fn get(&self, index: u64) -> Option<Arc<Logged>> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.entries.get(at).cloned()
    }

    /// Finds the entry of a submission by its identity, newest first.
    pub(super) fn find(
        &self,
        participant: &ParticipantId,
        created: Time,
        id: &MessageId,
    ) -> Option<u64> {
        let found = self.entries.iter().rev().find(|logged| {
            let who = &logged.authorisation;
            who.created == created && who.message_id == *id && who.submitter == *participant
        });
        found.map(|logged| logged.entry.index)
    }

    fn forget_below(&mut self, size: u64) {
        while self.first < size && self.entries.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// Takes a read lock. A thread that panicked while it wrote has taken the process down before
/// anybody could read what it left.
pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(
        founded: Founded,
        backends: Backends,
        book: Book,
        tiles: TileCache,
        view: View,
        last_seal: Option<SealRef>,
    ) -> Self {
        let size = view.mark.size;
        let metrics = Metrics::default();
        metrics.log_size.set(size);
        Self {
            origin: founded.origin,
            genesis_hash: founded.genesis_hash,
            log_keys: ArcSwap::from_pointee(signing_at(book.log_keys(), size)),
            held: founded.held,
            mode: founded.mode,
            clock: backends.clock,
            metrics,
            read_bytes_max: backends.read_bytes_max,
            store: backends.store,
            slots: backends.slots,
            view: ArcSwap::from_pointee(view),
            witnessed: ArcSwapOption::empty(),
            keys: ArcSwap::from_pointee(KeyTable::of(&book)),
            book: RwLock::new(BookAt::new(book, size)),
            recent: RwLock::new(Recent::starting_at(size)),
            tiles: RwLock::new(tiles),
            trails: Mutex::default(),
            tile_trees: TileTrees::default(),
            heads: Kept::with_room(HEADS_BYTES_MAX),
            decoded: Kept::with_room(DECODED_BYTES_MAX),
            made: Kept::with_room(MADE_BYTES_MAX),
            seals: Mutex::new(Seals::starting_with(last_seal)),
            applied_size: size.into(),
            stored_size: size.into(),
            unstored_bytes: 0.into(),
            reserve_low: false.into(),
            stopping: false.into(),
        }
    }

    /// The newest key that signs checkpoints.
    pub(super) fn log_key(&self) -> VerifierKey {
        let keys = self.log_keys.load();
        let newest = keys.last().or(self.held.first());
        newest
            .cloned()
            .unwrap_or_else(|| super::fatal("the log has no key"))
    }

    /// What is known of seals; nobody waits for the disk with it.
    pub(super) fn seals(&self) -> MutexGuard<'_, Seals> {
        self.seals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets readers see a durable group. Where the state was `frozen`, before the entry of that index,
    /// a copy of the book is begun.
    pub(super) fn absorb(
        &self,
        entries: &[Arc<Logged>],
        tree: &GroupTree,
        view: View,
        frozen: Option<u64>,
    ) -> Absorbed {
        let tiles = write(&self.tiles).absorb(tree);
        write(&self.recent).entries.extend(entries.iter().cloned());
        let (mut keys_changed, mut rekeyed, mut ticket) = (false, false, None);
        {
            let mut guard = write(&self.book);
            let at = &mut *guard;
            for logged in entries {
                if frozen == Some(logged.entry.index) {
                    ticket = Some(at.copies.begin(&at.book));
                }
                for effect in &logged.effects {
                    rekeyed |= matches!(effect, Effect::LogKeys(_));
                    keys_changed |=
                        matches!(effect, Effect::Participant(..) | Effect::Parameters(..));
                }
                if let [Draft::Seal(seal)] = logged.drafts() {
                    self.seals().logged(seal.at(logged.entry.index));
                }
                at.follow(logged);
            }
            if rekeyed {
                let keys = signing_at(at.book.log_keys(), at.size);
                self.log_keys.store(Arc::new(keys));
            }
            if keys_changed {
                self.keys.store(Arc::new(KeyTable::of(&at.book)));
            }
        }
        self.view.store(Arc::new(view));
        Absorbed {
            tiles,
            frozen: ticket,
        }
    }

    /// Begins a copy of the book for a snapshot of the state as it stands.
    pub(super) fn begin_copy(&self) -> (BookHead, Ticket) {
        let mut guard = write(&self.book);
        let at = &mut *guard;
        (at.book.head(), at.copies.begin(&at.book))
    }

    /// Forgets what the store holds by now.
    pub(super) fn stored(&self, size: u64, tiles: &[FullTile]) {
        self.stored_size.store(size, Ordering::Release);
        self.metrics.stored_size.set(size);
        write(&self.recent).forget_below(size);
        write(&self.tiles).forget(tiles);
    }
}
