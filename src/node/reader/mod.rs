//! Reading: every answer is exact at one log size, at or below the durable watermark.

mod balance;
mod calendars;
mod cycles;
mod directory;
mod entry;
mod excerpt;
mod fees;
mod fx;
mod history;
mod holds;
mod kept;
mod made;
mod mandates;
mod parts;
mod past;
mod payments;
mod present;
mod proposals;
mod recalls;
mod receipt;
mod returns;
mod search;
mod statement;
mod stored;
mod tile;
mod tile_trees;
mod trail;
mod values;
mod visible;

pub use fees::FeesQuery;
pub use fx::{QuotesQuery, RatesQuery};
pub use history::{HistoryQuery, StatementQuery};
pub use holds::HoldsQuery;
pub(in crate::node) use kept::Kept;
pub(in crate::node) use made::{Made, Stored};
pub use mandates::MandatesQuery;
pub(in crate::node) use parts::Parted;
pub use past::At;
pub use payments::PaymentsQuery;
pub use proposals::ProposalsQuery;
pub use recalls::RecallsQuery;
pub use returns::ReturnsQuery;
pub use search::MessageQuery;
pub(in crate::node) use tile_trees::TileTrees;
pub(in crate::node) use trail::Trails;

use std::ops::Deref;
use std::sync::Arc;

pub use stored::StoredEntry;
use tile_trees::TileNodes;

use chain::{Checkpoint, Entry, Hash, TilePath};

use super::group::{Logged, LoggedItems};
use super::record::Record;
use super::shared::{Shared, View, read};
use crate::ledger::{Book, Names, ParticipantId, Role, SealedItems, Time};
use crate::store::StoreError;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Number of the participant.
    pub number: u32,
    /// Its id.
    pub id: ParticipantId,
    /// Its role.
    pub role: Role,
    /// Participants that are reached via it, which it reads for.
    pub behind: Vec<(u32, ParticipantId)>,
    /// When its session ends.
    pub expires_at: Time,
}

impl Viewer {
    /// Those that are reached via a participant.
    pub(in crate::node) fn behind(book: &Book, direct: u32) -> Vec<(u32, ParticipantId)> {
        let reached = book.reached_via(direct);
        let id = |number| Some((number, book.participant_numbered(number)?.id.clone()));
        reached.filter_map(id).collect()
    }

    /// Whether it is a participant, or reads for it.
    #[must_use]
    pub fn is(&self, participant: u32) -> bool {
        self.number == participant || self.behind.iter().any(|(number, _)| *number == participant)
    }

    /// The same by id.
    #[must_use]
    pub fn is_named(&self, participant: &ParticipantId) -> bool {
        self.id == *participant || self.behind.iter().any(|(_, id)| id == participant)
    }
}

/// Why something cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such thing, or the viewer may not know that there is.
    #[error("not found")]
    NotFound,
    /// The cursor is not one that this list gave out.
    #[error("the cursor is not one that this list gave out")]
    Cursor,
    /// The log has only so many entries.
    #[error("the log has {0} entries so far")]
    BeyondLog(u64),
    /// The time lies ahead of the node's clock.
    #[error("the node's clock stands at {0}")]
    TimeAhead(Time),
    /// The account was opened later, by this entry.
    #[error("the account was opened later, by entry {0}")]
    NotOpened(u64),
    /// The asset has no such business date to be asked for.
    #[error("{0}")]
    NoDay(&'static str),
    /// No seal covers the account yet.
    #[error("{0}")]
    NotSealed(&'static str),
    /// No quorum of witnesses has cosigned a checkpoint that covers it.
    #[error("no quorum of witnesses has cosigned a checkpoint that covers it yet")]
    NotWitnessed,
    /// The log was founded later.
    #[error("the log begins at {0}")]
    BeforeLog(Time),
    /// A range ends before it begins.
    #[error("the range ends before it begins")]
    Range,
    /// There is more to walk than one request may; the next one is nearer.
    #[error("more entries lie between than one request may walk")]
    Unfinished,
    /// There is more to search than one request may.
    #[error("the search came as far as entry {0}")]
    TooWide(u64),
    /// A tile that the log has is not there whole. What there is of it is given to nobody: under
    /// this path it would be kept for ever.
    #[error("{0} cannot be served: {1}")]
    Tile(TilePath, String),
    /// What is stored cannot be read.
    #[error("entry {0} cannot be read: {1}")]
    Damaged(u64, String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A view at the durable watermark of the moment it was made.
pub struct Reader {
    shared: Arc<Shared>,
    view: Arc<View>,
}

/// An entry with its record, from memory or from the store.
enum Held {
    Recent(Arc<Logged>),
    Stored(Arc<Stored>),
    Made(Arc<Made>),
}

/// The items of an entry: at hand, or made again.
enum Items<'a> {
    Kept(&'a SealedItems),
    Made(SealedItems),
}

impl Deref for Items<'_> {
    type Target = SealedItems;

    fn deref(&self) -> &SealedItems {
        match self {
            Self::Kept(items) => items,
            Self::Made(items) => items,
        }
    }
}

impl Held {
    fn entry(&self) -> &Entry {
        match self {
            Self::Recent(logged) => &logged.entry,
            Self::Stored(stored) => &stored.entry,
            Self::Made(made) => &made.stored.entry,
        }
    }

    fn record(&self) -> &Record {
        match self {
            Self::Recent(logged) => &logged.record,
            Self::Stored(stored) => &stored.record,
            Self::Made(made) => &made.stored.record,
        }
    }

    /// About how many bytes were read for it.
    fn weight(&self) -> usize {
        match self {
            Self::Recent(logged) => logged.record.sealed_body().len(),
            Self::Stored(stored) => stored.read,
            Self::Made(made) => made.stored.read,
        }
    }

    /// The items, if they are at hand.
    fn kept_items(&self) -> Option<&SealedItems> {
        match self {
            Self::Recent(logged) => match &logged.items {
                LoggedItems::Whole(items) => Some(items),
                LoggedItems::First(_) => None,
            },
            Self::Stored(_) => None,
            Self::Made(made) => Some(&made.items),
        }
    }

    /// The items. Making them again takes a hash or more for each: never under the book's lock.
    fn items(&self, names: &impl Names) -> Result<Items<'_>, ReadError> {
        if let Some(items) = self.kept_items() {
            return Ok(Items::Kept(items));
        }
        match self.record().items(names) {
            Ok(items) => Ok(Items::Made(items)),
            Err(error) => Err(ReadError::Damaged(self.entry().index, error.to_string())),
        }
    }

    fn authorisation(&self) -> Result<chain::Authorisation, ReadError> {
        let index = self.entry().index;
        self.record()
            .authorisation()
            .map_err(|error| ReadError::Damaged(index, error.to_string()))
    }
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let view = shared.view.load_full();
        Self { shared, view }
    }

    /// Size of the log in this view.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.view.mark.size
    }

    /// The newest checkpoint: a signed note, verbatim.
    #[must_use]
    pub fn checkpoint(&self) -> Arc<str> {
        Arc::clone(&self.view.checkpoint)
    }

    /// A participant as a viewer of what is its own; `None` if there is no such participant.
    #[must_use]
    pub fn viewer(&self, id: &ParticipantId) -> Option<Viewer> {
        let at = read(&self.shared.book);
        let participant = at.book.participant(id)?;
        Some(Viewer {
            number: participant.number,
            id: participant.id.clone(),
            role: participant.role,
            behind: Viewer::behind(&at.book, participant.number),
            expires_at: Time::default(),
        })
    }

    /// The newest checkpoint that a quorum of witnesses has cosigned, verbatim.
    ///
    /// # Errors
    /// [`ReadError::NotWitnessed`] if there is none.
    pub fn witnessed(&self) -> Result<Arc<str>, ReadError> {
        let witnessed = self.shared.witnessed.load();
        let note = witnessed.as_ref().map(|held| Arc::clone(&held.note));
        note.ok_or(ReadError::NotWitnessed)
    }

    /// What the newest checkpoint says.
    #[must_use]
    pub fn checkpoint_data(&self) -> Checkpoint {
        let (size, root) = (self.view.mark.size, self.view.mark.root);
        Checkpoint {
            origin: self.shared.origin.clone(),
            size,
            root,
        }
    }

    /// Size of the log that answers about accounts are exact at. The book is ahead of the view for
    /// as long as a group is being published; what it shows is durable and signed for already.
    fn end(&self) -> u64 {
        read(&self.shared.book).size.max(self.size())
    }

    /// What one request may read.
    fn meter(&self) -> trail::Meter {
        trail::Meter::of(self.shared.read_bytes_max)
    }

    fn held(&self, index: u64) -> Result<Held, ReadError> {
        if index >= self.size() {
            return Err(ReadError::NotFound);
        }
        self.fetch(index)
    }

    /// An entry that is known to be below the watermark. Holds no lock while it reads the store.
    fn fetch(&self, index: u64) -> Result<Held, ReadError> {
        if let Some(logged) = self.recent(index) {
            return Ok(Held::Recent(logged));
        }
        if let Some(stored) = self.shared.decoded.get(index) {
            return Ok(Held::Stored(stored));
        }
        let record = self.shared.store.record(index)?;
        self.decoded(index, &record.ok_or_else(|| Self::missing(index))?)
    }

    fn stored_entry(&self, index: u64) -> Result<Entry, ReadError> {
        let bytes = self.shared.store.entries(index, 1)?.pop();
        Entry::from_bytes(&bytes.ok_or_else(|| Self::missing(index))?)
            .map_err(|error| ReadError::Damaged(index, error.to_string()))
    }

    fn missing(index: u64) -> ReadError {
        ReadError::Damaged(index, "it is missing".to_owned())
    }

    fn recent(&self, index: u64) -> Option<Arc<Logged>> {
        read(&self.shared.recent).get(index)
    }

    /// The inclusion proof of an entry in the log as it was at a size.
    fn proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        chain::inclusion_proof(&TileNodes::new(self), index, size)
            .map_err(|error| ReadError::Damaged(index, error.to_string()))
    }
}
