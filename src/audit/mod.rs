//! The audit: everything about a log, read and computed again, trusting nobody.
//!
//! ```text
//!   Source (node or folder) ──▶ log check ──▶ "the log is append-only and intact"
//!                          └──▶ replay    ──▶ "the ledger follows its rules"
//! ```
//!
//! One pass from the first entry to the last, on all cores (`pass` says how), in bounded memory
//! besides the ledger's own state. However many threads there are, the report is the same. The two verdicts are kept apart: bytes may be intact while the node broke its rules, and a byte that
//! was changed afterwards says nothing about the node. What is *absent* makes an audit impossible;
//! what *contradicts* makes it fail.

mod body;
mod dir;
mod frames;
pub mod layout;
mod log;
mod look;
mod monitor;
mod pass;
mod pool;
mod prove;
mod record;
mod replay;
mod report;
mod saved;
mod signers;
mod source;
mod stream;
mod trust;

use std::num::NonZero;

use chain::{Checkpoint, VerifierKey};

pub use dir::DirSource;
pub use frames::{FrameError, next_record, split_record};
pub use monitor::{Alarm, MonitorMetrics, compare, serve};
pub use record::{leads_to, opens};
pub use report::{AssetTotals, Counts, Divergence, Report, SealSum, StateSum, Verdict};
pub use saved::{Saved, SavedError};
pub use source::{Source, SourceError};
pub use trust::{Anchor, Signer, Trust};

use log::LogCheck;
use pass::Guide;
use replay::Replay;
use signers::Older;
use trust::{identity, signed_checkpoint};

/// How far an audit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries done.
    pub entries: u64,
    /// Entries there are.
    pub of: u64,
    /// Items done.
    pub items: u64,
}

/// The audit could not be done; this says nothing about the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The source does not give what was asked for.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A kept checkpoint is not one of this log's.
    #[error("{name} is no checkpoint signed by the log's key: {why}")]
    Kept {
        /// The name it was given.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Why the pass ends early.
enum Stop {
    /// The log is broken here.
    Log(Divergence),
    /// The source ends here.
    Source(SourceError),
}

impl From<Divergence> for Stop {
    fn from(divergence: Divergence) -> Self {
        Self::Log(divergence)
    }
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

/// Audits a log from its first entry to its newest checkpoint.
///
/// # Errors
/// [`AuditError`] if the audit cannot be done. Tampering is no error: it is in the report.
pub fn audit(
    source: &mut Source,
    trust: &Trust,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, AuditError> {
    audit_since(source, trust, None, progress).map(|(report, _)| report)
}

/// The same from where a saved audit ended, if there is one: what that checked is not read again,
/// and the log must extend it. If everything holds, what the next audit may go on from.
///
/// # Errors
/// [`AuditError`].
pub fn audit_since(
    source: &mut Source,
    trust: &Trust,
    since: Option<&Saved>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Report, Option<Saved>), AuditError> {
    let cores = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    audit_on(cores, source, trust, since, progress)
}

/// The same on so many threads; one more reads, and one replays.
///
/// # Errors
/// [`AuditError`].
pub fn audit_on(
    threads: NonZero<usize>,
    source: &mut Source,
    trust: &Trust,
    since: Option<&Saved>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Report, Option<Saved>), AuditError> {
    let mut run = Run::new(threads);
    if let Some(saved) = since {
        run.go_on(saved);
    }
    match run.pass(source, trust, since, progress) {
        Ok(()) if run.report.signer.is_other() => run.unanswered(),
        Ok(()) => {
            run.report.log = Verdict::Holds;
            run.anchor(trust, since);
        }
        Err(Stop::Log(divergence)) => {
            run.halt_replay(format!("the log is broken: {divergence}"));
            run.report.log = Verdict::Broken(divergence);
        }
        Err(Stop::Source(error)) => return Err(error.into()),
    }
    if let Some(error) = run.kept_error.take() {
        return Err(error);
    }
    let next = run.next.take();
    let report = run.finish();
    let known = report.signer.is_known();
    let next = next
        .filter(|_| report.holds())
        .map(|next| next.known(known));
    Ok((report, next))
}

/// An audit under way.
struct Run {
    report: Report,
    log: LogCheck,
    replay: Option<Replay>,
    /// Whether the replay goes no further.
    halted: bool,
    /// Threads beside the one that reads and the one that replays.
    threads: NonZero<usize>,
    /// Checkpoints kept from before, smallest first.
    kept: Vec<(String, Checkpoint)>,
    kept_error: Option<AuditError>,
    /// Kept checkpoints that an older key may have signed.
    older: Vec<Older>,
    /// What to say of the signer if the log has not changed its key.
    changed: Option<Signer>,
    /// What the next audit may go on from, if everything holds.
    next: Option<Saved>,
}

impl Run {
    fn new(threads: NonZero<usize>) -> Self {
        let unchecked = || Verdict::Unchecked {
            reason: "not reached".into(),
        };
        Self {
            report: Report {
                origin: String::new(),
                mode: None,
                size: 0,
                root: String::new(),
                genesis_hash: None,
                log_vkey: String::new(),
                log_vkey_is_yours: false,
                signer: Signer::Stated,
                log: unchecked(),
                ledger: unchecked(),
                since: None,
                counts: Counts::default(),
                totals: Vec::new(),
                state: None,
            },
            log: LogCheck::default(),
            replay: None,
            halted: false,
            threads,
            kept: Vec::new(),
            kept_error: None,
            older: Vec::new(),
            changed: None,
            next: None,
        }
    }

    /// Takes over what a saved audit has checked.
    fn go_on(&mut self, saved: &Saved) {
        self.report.since = Some(saved.size());
        self.log = saved.log().unwrap_or_default();
        self.replay = saved.replay();
        self.report.mode = self.replay.as_ref().map(|replay| replay.mode().into());
    }

    fn pass(
        &mut self,
        source: &mut Source,
        trust: &Trust,
        since: Option<&Saved>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Stop> {
        let key = source.log_vkey()?;
        self.report.log_vkey = key.to_string();
        let note = source.checkpoint()?;
        self.report.signer = trust::signer(&key, trust.log_vkey.as_ref(), &note)?;
        if let Signer::OtherKey { .. } = self.report.signer
            && trust.may_show_a_change()
        {
            // Perhaps the log has changed its key since: its entries say so, and what was brought
            // says whether they are this log's.
            let other = std::mem::replace(&mut self.report.signer, Signer::Stated);
            self.changed = Some(other);
        }
        if self.report.signer.is_other() {
            return Ok(());
        }
        self.report.log_vkey_is_yours = trust.log_vkey.is_some() && self.changed.is_none();
        let checkpoint = self.checkpoint(&note, &key)?;
        let genesis = identity(source, trust, &checkpoint)?;
        self.report.genesis_hash = Some(genesis.to_string());
        if !self.keep(trust, &key, &checkpoint)? {
            return Ok(());
        }
        if let Some(saved) = since {
            saved.extended_by(genesis, &checkpoint)?;
            source.start_at(saved.size())?;
            self.compare_kept()?;
        }
        let with_records = source.has_records();
        let guide = Guide {
            checkpoint: &checkpoint,
            genesis,
            with_records,
            threads: self.threads,
        };
        self.follow(source, &guide, progress)?;
        self.report.counts.tiles = self.log.tiles;
        self.judge_keys(&key, &note, trust)?;
        if let Some(replay) = self.replay.as_ref().filter(|_| with_records) {
            let saved = Saved::new(&note, genesis, &self.log, replay);
            self.next = Some(saved);
        }
        if !with_records {
            self.halt_replay("the source gives no records: only auditors may read them".into());
        }
        Ok(())
    }

    /// Verifies the signature of the newest checkpoint.
    fn checkpoint(&mut self, note: &[u8], key: &VerifierKey) -> Result<Checkpoint, Divergence> {
        let checkpoint = signed_checkpoint(note, key).map_err(|why| {
            Divergence::of_log("the checkpoint", format!("signed by {}", key.name()), why)
        })?;
        self.report.origin.clone_from(&checkpoint.origin);
        self.report.size = checkpoint.size;
        self.report.root = checkpoint.root.to_string();
        Ok(checkpoint)
    }

    /// Takes over the kept checkpoints; false if one of them is none.
    fn keep(&mut self, trust: &Trust, key: &VerifierKey, now: &Checkpoint) -> Result<bool, Stop> {
        for (name, note) in &trust.kept {
            match signed_checkpoint(note, key) {
                Ok(kept) if kept.size > now.size => {
                    let what = format!("the size of the log beside {name}");
                    return Err(Divergence::of_log(
                        what,
                        format!("{} or more", kept.size),
                        now.size,
                    )
                    .into());
                }
                Ok(kept) if kept.size < self.log.size() => {
                    let why = "it is older than the saved audit: audit without --since".to_owned();
                    let name = name.clone();
                    self.kept_error = Some(AuditError::Kept { name, why });
                    return Ok(false);
                }
                Ok(kept) => self.kept.push((name.clone(), kept)),
                Err(why) => match Older::of(name, note, &now.origin, self.log.size()) {
                    Some(older) => self.older.push(older),
                    None => {
                        let name = name.clone();
                        self.kept_error = Some(AuditError::Kept { name, why });
                        return Ok(false);
                    }
                },
            }
        }
        Ok(true)
    }

    fn compare_kept(&mut self) -> Result<(), Divergence> {
        if self.kept.is_empty() && self.older.is_empty() {
            return Ok(());
        }
        let (size, root) = (self.log.size(), self.log.root());
        self.older
            .iter_mut()
            .for_each(|older| older.see(size, root));
        for (name, kept) in self.kept.iter().filter(|(_, kept)| kept.size == size) {
            if kept.root != root {
                let what = format!("the root at size {size}, as in {name}");
                return Err(Divergence::at(size - 1, what, kept.root, root));
            }
            self.report.counts.kept_checkpoints += 1;
        }
        Ok(())
    }

    /// Another log than the one that was meant: nothing is said about either.
    fn unanswered(&mut self) {
        let reason = "it is not signed by the key that you brought".to_owned();
        self.report.log = Verdict::Unchecked {
            reason: reason.clone(),
        };
        self.halt_replay(reason);
    }

    /// Notes what of the auditor's own shows that the stated key is the log's.
    fn anchor(&mut self, trust: &Trust, since: Option<&Saved>) {
        // The genesis document names the key: with its hash, and the document read, it is known.
        let by = if self.report.signer.is_known() {
            return;
        } else if trust.genesis_hash.is_some() && self.report.mode.is_some() {
            Anchor::GenesisHash
        } else if since.is_some_and(Saved::is_known) {
            Anchor::Saved
        } else if self.report.counts.kept_checkpoints > 0 {
            Anchor::Kept
        } else {
            return;
        };
        self.report.signer = Signer::Known { by };
    }

    fn halt_replay(&mut self, reason: String) {
        if !matches!(self.report.ledger, Verdict::Broken(_)) {
            self.report.ledger = Verdict::Unchecked { reason };
        }
        if let Some(replay) = self.replay.take() {
            self.report.totals = replay.totals();
        }
    }

    fn finish(mut self) -> Report {
        self.report.counts.tiles = self.log.tiles;
        if let Some(replay) = self.replay.take() {
            self.report.totals = replay.totals();
            self.report.state = Some(replay.sum());
            self.report.ledger = match replay.conservation(self.report.size.saturating_sub(1)) {
                Ok(()) => Verdict::Holds,
                Err(divergence) => Verdict::Broken(divergence),
            };
            let counts = &mut self.report.counts;
            let closed = std::mem::take(&mut counts.bodies_closed);
            (counts.bodies_erased, counts.bodies_closed) =
                closed.into_iter().partition(|index| replay.erased(*index));
            let closed = counts.bodies_closed.len();
            // What a bank signed is the body: items that nobody can compare with it are the
            // operator's word.
            if closed > 0 && self.report.ledger.holds() {
                let reason = format!(
                    "{closed} bodies that were not erased could not be opened and compared with \
                     their items"
                );
                self.report.ledger = Verdict::Unchecked { reason };
            }
        }
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_holds_only_if_both_verdicts_do() {
        let mut run = Run::new(NonZero::<usize>::MIN);
        assert!(!run.report.holds() && !run.report.is_broken());
        run.report.log = Verdict::Holds;
        run.report.ledger = Verdict::Holds;
        assert!(run.report.holds());
        run.report.ledger = Verdict::Broken(Divergence::at(7, "item 1", "a", "b"));
        assert!(!run.report.holds() && run.report.is_broken());
        let shown = run.report.ledger.divergence().unwrap().to_string();
        assert_eq!(shown, "entry 7: item 1: expected a, found b");
    }
}
