//! Where an audit reads from: a running node, or an export folder.

use std::path::{Path, PathBuf};

use chain::{Hash, TilePath, VerifierKey};

use super::dir::DirSource;
use super::layout::{self, Identity};
use super::record::Record;
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

impl Source {
    /// The newest checkpoint, a signed note.
    pub(super) fn checkpoint(&mut self) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::Http(client) => Ok(client.checkpoint()?.into_bytes()),
            Self::Dir(dir) => dir.read(layout::CHECKPOINT),
        }
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

    /// The record of an entry; asked for in order.
    pub(super) fn record(&mut self, index: u64) -> Result<Record, Fault> {
        match self {
            Self::Http(client) => {
                let view = client.entry(index).map_err(SourceError::from)?;
                Ok(view.into())
            }
            Self::Dir(dir) => dir.record(index),
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
