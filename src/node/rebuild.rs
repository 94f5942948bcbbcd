//! What a rebuilt store takes from a data folder that lost its own: the tail that the write-ahead
//! log holds, and the mark it must not end below.

use std::sync::Arc;

use chain::Hash;

use super::error::OpenError;
use super::start;
use crate::config::Config;
use crate::store::Store;
use crate::store::head::HeadFile;
use crate::store::marker::DataFolder;
use crate::store::wal::Mark;

/// The sizes of the log at which groups of the write-ahead log begin or end, rising: a store that
/// ends at one of them can be completed, one that ends between cannot. `None` if there is no head
/// file, so that nobody knows what was signed.
///
/// # Errors
/// [`OpenError`] when the write-ahead log does not open.
pub fn groups(config: &Config, folder: &DataFolder) -> Result<Option<Vec<u64>>, OpenError> {
    let Some(known) = HeadFile::open(Arc::clone(folder.disk()))?.head() else {
        return Ok(None);
    };
    let (_, recovered) = start::open_wal(config, folder, &known)?;
    let mut sizes: Vec<u64> = recovered
        .frames
        .iter()
        .map(|frame| frame.mark.size)
        .collect();
    sizes.push(known.size);
    sizes.sort_unstable();
    sizes.dedup();
    Ok(Some(sizes))
}

/// Brings a store to the log's end with the write-ahead log, compares it with the head file, and
/// makes it durable. Nothing is signed, and the store is the caller's to put in place. Gives where
/// the log ends, and the hash of the ledger's state there.
///
/// # Errors
/// [`OpenError`], for the same reasons for which a node with this store would not start.
pub fn complete(
    config: &Config,
    folder: &DataFolder,
    store: &Arc<dyn Store>,
) -> Result<(Mark, Hash), OpenError> {
    let recovery = start::recover(config, folder, store, true, |_| Ok(()))?;
    store.sync()?;
    let applier = &recovery.replayed.applier;
    Ok((applier.mark(), applier.state().hash()))
}
