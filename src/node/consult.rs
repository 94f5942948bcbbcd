//! Before anything is signed: do the witnesses know more of this log than its own disk does?

use std::path::PathBuf;

use chain::{Note, VerifierKey};

use super::cosigner::{self, Witnessed};
use super::error::OpenError;
use super::open::{self, Replayed};
use crate::client::Trust;
use crate::config::{self, Config};
use crate::store::Store;
use crate::store::marker::DataFolder;
use crate::witness::{Peers, Seen, read_policy};

/// The witnesses of a node, and what a quorum of them cosigned last.
pub(super) struct Witnesses {
    pub(super) peers: Peers,
    pub(super) newest: Option<Witnessed>,
}

/// Reads the policy and asks everybody in it. Witnesses that do not answer are told and hold up
/// nothing; one that can show a contradiction does.
pub(super) fn consult(
    config: &Config,
    folder: &DataFolder,
    store: &dyn Store,
    replayed: &Replayed,
    signing: &[VerifierKey],
) -> Result<Option<Witnesses>, OpenError> {
    let Some(witness) = &config.witness else {
        return Ok(None);
    };
    let peers = peers(witness, signing)?;
    let size = replayed.applier.mark().size;
    let nodes = open::nodes(replayed, store);
    let (seen, silent) = peers.seen();
    for (name, error) in &silent {
        tracing::warn!(witness = name, %error, "not asked what it remembers of this log");
    }
    for seen in &seen {
        seen.compare(&nodes, size)?;
    }
    let newest = own(folder, &peers, peers.origin())?;
    if let Some((own, _)) = &newest {
        own.compare(&nodes, size)?;
    }
    Ok(Some(Witnesses {
        peers,
        newest: newest.map(|(_, witnessed)| witnessed),
    }))
}

/// The witnesses of a policy that speaks of this log.
fn peers(witness: &config::Witness, signing: &[VerifierKey]) -> Result<Peers, OpenError> {
    let unusable = |why: String| OpenError::Policy {
        file: witness.policy.clone(),
        why,
    };
    let policy = read_policy(&witness.policy).map_err(|error| unusable(error.why))?;
    // While one key takes over from another, either will do.
    let newest = signing.last().ok_or(OpenError::Empty)?;
    if !policy.logs().iter().any(|log| signing.contains(&log.key)) {
        return Err(unusable(format!("no `log` line names {newest}")));
    }
    if !policy.needs_witnesses() {
        tracing::warn!("the policy needs no witness: receipts stay at level 1");
    }
    let trust = Trust {
        ca: witness.ca.clone(),
        identity: None,
    };
    let peers = Peers::new(policy, newest.name(), &trust, witness.timeout)
        .map_err(|error| unusable(error.to_string()))?;
    if peers.names().next().is_none() {
        return Err(unusable("no witness in it has an address".to_owned()));
    }
    Ok(peers)
}

/// What this node kept of its last quorum. A policy that has changed may not be met any more; what
/// the log signed counts all the same.
fn own(
    folder: &DataFolder,
    peers: &Peers,
    origin: &str,
) -> Result<Option<(Seen, Witnessed)>, OpenError> {
    let io = |source| OpenError::Io {
        path: PathBuf::from("witnessed"),
        source,
    };
    let Some(bytes) = cosigner::read(&**folder.disk()).map_err(io)? else {
        return Ok(None);
    };
    let verdict = Note::parse(&bytes)
        .ok()
        .and_then(|note| Some((peers.policy().evaluate(&note, origin).ok()?, note)));
    let Some((verdict, note)) = verdict.filter(|(verdict, _)| verdict.quorum) else {
        tracing::warn!("the file `witnessed` does not meet the policy: level 2 begins again");
        return Ok(None);
    };
    let time = verdict.cosigned.iter().map(|(_, time)| *time).min();
    let time = time.unwrap_or_default();
    let seen = Seen {
        witness: "of the file `witnessed`".to_owned(),
        checkpoint: verdict.checkpoint.clone(),
        time,
    };
    let witnessed = Witnessed {
        checkpoint: verdict.checkpoint,
        note: note.to_string().into(),
        time,
    };
    Ok(Some((seen, witnessed)))
}
