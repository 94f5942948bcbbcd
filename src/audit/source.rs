//! Where an audit reads from: a running node, or an export folder.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use chain::{Hash, Nodes, TILE_WIDTH, TilePath, TileWidths, VerifierKey, node_from_tiles};

use super::dir::{self, DirSource};
use super::frames::split_record;
use super::layout::{self, Identity};
use super::look::Records;
use crate::client::{Client, ClientError};

/// A source of everything an audit reads.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a process")]
pub enum Source {
    /// A running node; its session, if it has one, is an auditor's.
    Http(Client),
    /// An export folder.
    Dir(DirSource),
}

/// The source does not give what was asked for: the audit cannot say anything.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The node does not answer, or refuses.
    #[error(transparent)]
    Client(#[from] Box<ClientError>),
    /// Something that the checkpoint speaks for is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// Entries were asked for out of order.
    #[error("entry {0} was asked for out of order")]
    Order(u64),
}

impl SourceError {
    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

/// Why a thing could not be had: it was not given, or it is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Not given.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Given, and unreadable: evidence of tampering.
    #[error("{what}: {why}")]
    Malformed {
        /// What was read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

impl From<ClientError> for SourceError {
    fn from(error: ClientError) -> Self {
        Self::Client(Box::new(error))
    }
}

/// Records that a node gave at once; those behind `at` were not asked for yet.
#[derive(Default)]
pub(super) struct Page {
    bytes: Vec<u8>,
    at: usize,
}

impl Page {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

impl Source {
    /// The newest checkpoint, a signed note.
    pub(super) fn checkpoint(&mut self) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::Http(client) => Ok(client.checkpoint()?.into_bytes()),
            Self::Dir(dir) => dir.read(layout::CHECKPOINT),
        }
    }

    /// The newest checkpoint, as it came: nothing of it is verified.
    ///
    /// # Errors
    /// [`SourceError`] if the source does not give it.
    pub fn checkpoint_note(&mut self) -> Result<Vec<u8>, SourceError> {
        self.checkpoint()
    }

    /// The log's key as the source states it.
    pub(super) fn log_vkey(&mut self) -> Result<VerifierKey, Fault> {
        let text = match self {
            Self::Http(client) => client.log().map_err(SourceError::from)?.vkey.clone(),
            Self::Dir(dir) => {
                let text = String::from_utf8(dir.read(layout::LOG_VKEY)?).unwrap_or_default();
                text.strip_suffix('\n')
                    .map_or(String::new(), ToOwned::to_owned)
            }
        };
        VerifierKey::parse(&text).map_err(|error| Fault::Malformed {
            what: layout::LOG_VKEY.into(),
            why: error.to_string(),
        })
    }

    /// Origin and genesis hash as the source states them.
    pub(super) fn identity(&mut self) -> Result<(String, Hash), Fault> {
        match self {
            Self::Http(client) => {
                let log = client.log().map_err(SourceError::from)?;
                Ok((log.origin.clone(), log.genesis_hash.0))
            }
            Self::Dir(dir) => {
                let Identity {
                    origin,
                    genesis_hash,
                } = dir.identity()?;
                Ok((origin, genesis_hash.0))
            }
        }
    }

    /// A tile or bundle; of a partial one the full one may be given instead.
    pub(super) fn tile(&mut self, path: &TilePath) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Http(client) => match client.tile(path) {
                Ok(bytes) => Ok(bytes),
                // A node that serves a short tile under a full path has served something else.
                Err(ClientError::Tile { path, why }) => Err(Fault::Malformed {
                    what: path.to_string(),
                    why,
                }),
                Err(error) => Err(SourceError::from(error).into()),
            },
            Self::Dir(dir) => Ok(dir.tile(path)?),
        }
    }

    /// Whether records can be had: from a node only with a session.
    pub(super) fn has_records(&self) -> bool {
        match self {
            Self::Http(client) => client.has_session(),
            Self::Dir(dir) => dir.has_records(),
        }
    }

    /// Nothing yet of the records that [`Source::record`] gives, which go into this buffer.
    pub(super) fn no_records(&self, bytes: Vec<u8>) -> Records {
        let (keys, name): (_, fn(u64) -> String) = match self {
            Self::Http(_) => (None, |index| format!("the record of entry {index}")),
            Self::Dir(_) => (Some(Vec::new()), dir::record_name),
        };
        Records {
            bytes,
            ranges: Vec::new(),
            keys,
            name,
        }
    }

    /// Adds the record of an entry to others, as it came; asked for in order. `page` holds what a
    /// node gave ahead.
    pub(super) fn record(
        &mut self,
        index: u64,
        records: &mut Records,
        page: &mut Page,
    ) -> Result<(), Fault> {
        let start = records.bytes.len();
        match self {
            Self::Http(client) => {
                if page.rest().is_empty() {
                    let bytes = client.records(index).map_err(SourceError::from)?;
                    *page = Page { bytes, at: 0 };
                }
                if page.rest().is_empty() {
                    return Err(SourceError::Missing((records.name)(index)).into());
                }
                let next = split_record(page.rest()).map_err(|error| Fault::Malformed {
                    what: (records.name)(index),
                    why: error.to_string(),
                });
                let (record, _) = next?;
                records.bytes.extend_from_slice(record);
                page.at += record.len();
            }
            Self::Dir(dir) => {
                let key = dir.record(index, &mut records.bytes)?;
                records.keys.get_or_insert_default().push(key);
            }
        }
        // Behind its length.
        records.ranges.push(start + 4..records.bytes.len());
        Ok(())
    }

    /// The log's tree at a size, read from tiles as they are needed; nothing of it is verified.
    pub(super) fn tree(&mut self, size: u64) -> SourceTree<'_> {
        SourceTree {
            source: RefCell::new(self),
            size,
            failed: RefCell::default(),
        }
    }

    /// Makes ready to give records from `index` on.
    pub(super) fn start_at(&mut self, index: u64) -> Result<(), Fault> {
        match self {
            Self::Http(_) => Ok(()),
            Self::Dir(dir) if dir.has_records() => dir.start_at(index),
            Self::Dir(_) => Ok(()),
        }
    }

    /// Checks that the source ends where the checkpoint says.
    pub(super) fn finish(&mut self, size: u64) -> Result<(), Fault> {
        match self {
            Self::Http(_) => Ok(()),
            Self::Dir(dir) if dir.has_records() => dir.finish(size),
            Self::Dir(_) => Ok(()),
        }
    }
}

/// A tree as a source gives it.
pub(super) struct SourceTree<'a> {
    source: RefCell<&'a mut Source>,
    size: u64,
    /// Why the first tile that is missing is missing.
    failed: RefCell<Option<SourceError>>,
}

impl SourceTree<'_> {
    /// Why nodes are missing, if the source did not give a tile.
    pub(super) fn error(&self) -> Option<SourceError> {
        self.failed.borrow_mut().take()
    }

    fn tile(&self, level: u8, number: u64) -> Option<Vec<Hash>> {
        let widths = TileWidths::at(level, self.size);
        let full = number < widths.full;
        let width = if full { TILE_WIDTH } else { widths.partial };
        let path = TilePath::hashes(level, number, width).ok()?;
        let bytes = self.source.borrow_mut().tile(&path);
        let bytes = bytes
            .map_err(|fault| match fault {
                Fault::Source(error) => drop(self.failed.replace(Some(error))),
                // What is no tile proves nothing.
                Fault::Malformed { .. } => {}
            })
            .ok()?;
        path.decode_hashes(&bytes).ok()
    }
}

impl Nodes for SourceTree<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        node_from_tiles(level, index, |level, number| self.tile(level, number))
    }
}
