//! The cosigner: asks the witnesses of a policy, on a cadence, to cosign the newest checkpoint.
//!
//! It stands beside the pipeline and never on the way of a settlement: a witness that is down
//! costs level 2 of receipts, and nothing else. A witness that can show more, or something else,
//! with the log's own signature ends the process: nothing may be signed any more.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chain::{Checkpoint, Note};
use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::fatal;
use super::reader::Reader;
use super::shared::{Shared, View};
use crate::clock;
use crate::store::disk::{Disk, OpenMode};
use crate::witness::{Peers, Round};

/// The file with the newest checkpoint that a quorum cosigned.
const NAME: &str = "witnessed";
const MAKING: &str = "witnessed.new";
/// Longest file that is read.
const BYTES_MAX: u64 = 1 << 20;
/// Seconds after which a quorum is asked again although nothing was settled: whoever reads the
/// checkpoint sees that the log is alive.
const REFRESH_S: u64 = 600;
/// Seconds without a quorum, when there is something to cosign, after which it is an alarm.
const ALARM_S: u64 = 60;

/// A checkpoint that a quorum of witnesses has cosigned.
#[derive(Debug, Clone)]
pub(super) struct Witnessed {
    pub(super) checkpoint: Checkpoint,
    /// The signed note, verbatim.
    pub(super) note: Arc<str>,
    /// When the quorum was seen, in seconds since 1970.
    pub(super) time: u64,
}

pub(super) struct Cosigner {
    pub(super) peers: Peers,
    pub(super) shared: Arc<Shared>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) every: Duration,
    /// Hangs up when the node goes down.
    pub(super) stop: Receiver<()>,
    /// What was told last of each witness that fails.
    pub(super) told: BTreeMap<String, String>,
    /// Since when there is something to cosign and no quorum, in seconds since 1970.
    pub(super) waiting_since: Option<u64>,
}

impl Cosigner {
    /// Runs until the node goes down.
    pub(super) fn run(mut self) {
        loop {
            let view = self.shared.view.load_full();
            if self.is_due(&view) {
                self.round(&view);
            }
            match self.stop.recv_timeout(self.every) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return,
            }
        }
    }

    fn is_due(&self, view: &View) -> bool {
        match &*self.shared.witnessed.load() {
            None => true,
            Some(held) => {
                let age = clock::unix_seconds().saturating_sub(held.time);
                held.checkpoint.size < view.mark.size || age >= REFRESH_S
            }
        }
    }

    fn round(&mut self, view: &View) {
        let checkpoint = Checkpoint {
            origin: self.shared.origin.clone(),
            size: view.mark.size,
            root: view.mark.root,
        };
        let Ok(note) = Note::parse(view.checkpoint.as_bytes()) else {
            fatal("the node's own checkpoint cannot be read");
        };
        let nodes = Reader::new(Arc::clone(&self.shared));
        let round = self.peers.round(&nodes, &checkpoint, &note);
        self.tell(&round);
        if round.faults.iter().any(|(_, fault)| fault.is_suspicious()) {
            self.look();
        }
        if round.quorum {
            self.keep(checkpoint, &round);
        } else {
            self.alarm();
        }
    }

    /// Says once what is wrong with a witness, and once that it is back.
    fn tell(&mut self, round: &Round) {
        let metrics = &self.shared.metrics;
        for (name, fault) in &round.faults {
            metrics.witness_failures.inc();
            let fault = fault.to_string();
            if self.told.get(name) != Some(&fault) {
                tracing::warn!(witness = name, fault, "no cosignature");
                self.told.insert(name.clone(), fault);
            }
        }
        for (name, _) in &round.cosigned {
            metrics.witness_cosignatures.inc();
            if self.told.remove(name).is_some() {
                tracing::info!(witness = name, "cosigns again");
            }
        }
    }

    /// Looks at what the witnesses hold. Only a checkpoint with the log's own signature counts.
    fn look(&self) {
        let (seen, _) = self.peers.seen();
        let reader = Reader::new(Arc::clone(&self.shared));
        for seen in seen {
            if let Err(contradiction) = seen.compare(&reader, reader.size()) {
                fatal(&format!(
                    "{contradiction}: this is an old copy or a clone, and nothing may be signed"
                ));
            }
        }
    }

    fn keep(&mut self, checkpoint: Checkpoint, round: &Round) {
        self.waiting_since = None;
        let (note, time) = (round.note.to_string(), clock::unix_seconds());
        let metrics = &self.shared.metrics;
        metrics.witnessed_size.set(checkpoint.size);
        metrics.witnessed_time.set(time);
        if let Err(error) = write(&*self.disk, &note) {
            tracing::error!(%error, "the file `{NAME}` cannot be written; after a restart level 2 begins again");
        }
        self.shared.witnessed.store(Some(Arc::new(Witnessed {
            checkpoint,
            note: note.into(),
            time,
        })));
    }

    fn alarm(&mut self) {
        let now = clock::unix_seconds();
        let since = *self.waiting_since.get_or_insert(now);
        if now.saturating_sub(since) >= ALARM_S {
            self.waiting_since = Some(now);
            tracing::error!("no quorum of witnesses for {ALARM_S} s: receipts stay at level 1");
        }
    }
}

/// Reads what a quorum cosigned last; nothing if there is no such file.
pub(super) fn read(disk: &dyn Disk) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(NAME, OpenMode::Existing) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = vec![0; usize::try_from(file.len()?.min(BYTES_MAX)).unwrap_or(0)];
    file.read_at(&mut bytes, 0)?;
    Ok(Some(bytes))
}

fn write(disk: &dyn Disk, note: &str) -> io::Result<()> {
    let file = disk.open(MAKING, OpenMode::Create)?;
    file.set_len(0)?;
    file.write_at(note.as_bytes(), 0)?;
    file.sync_data()?;
    disk.rename(MAKING, NAME)?;
    disk.sync_dir()
}
