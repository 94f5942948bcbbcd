//! The sequencer: the only writer. Takes whatever has arrived as one group, stamps time, draws
//! salts, hands the inputs to the commit thread and applies them meanwhile.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::applier::{Applier, Verdict};
use super::committer::Commit;
use super::fatal;
use super::frame::{Group, Input};
use super::group::{Done, DryRun, Job, Reply, Waiting};
use super::pace::Pace;
use super::shared::Shared;
use super::submission::Submission;
use super::tree::GroupTree;
use crate::clock;
use crate::ledger::{Effect, InstructionId, StateCapture, Step, outcomes};
use crate::wire::FeeRow;

/// Below this many submissions in the last group the node counts as idle: a group never waits.
const BUSY: usize = 8;
/// How long the log must be quiet before a closing frame is written.
const QUIET: Duration = Duration::from_millis(5);
/// How long to wait at most before the clock is asked again whether something is due.
const DUE_WAIT_MAX: Duration = Duration::from_secs(1);

/// The bounds of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) submissions_max: usize,
    pub(super) bytes_max: usize,
    pub(super) wait_max: Duration,
    pub(super) lag_bytes_max: u64,
}

pub(super) struct Sequencer {
    pub(super) applier: Applier,
    pub(super) jobs: Receiver<Job>,
    pub(super) commits: Sender<Commit>,
    pub(super) done: Sender<Done>,
    pub(super) shared: Arc<Shared>,
    pub(super) tail: crate::store::wal::Tail,
    pub(super) bounds: Bounds,
    pub(super) pace: Arc<Pace>,
    /// From the sealing thread.
    pub(super) seals: Receiver<Box<Submission>>,
}

/// What comes next.
enum Next {
    Jobs(Job),
    Seal(Box<Submission>),
    /// Something is due, and nobody has submitted anything.
    Tick,
    /// The time at which something is due has not come.
    NotYet,
    Quiet,
    End,
}

impl Sequencer {
    /// Runs until nobody can submit any more and everything submitted is answered.
    pub(super) fn run(mut self) {
        let mut last_len = 0;
        let mut unclosed = false;
        loop {
            let (first, own) = match self.next(unclosed) {
                Next::Jobs(job) => (Some(job), self.seals.try_recv().ok()),
                Next::Seal(seal) => (None, Some(seal)),
                Next::NotYet => continue,
                Next::Tick => (None, Some(Box::new(Submission::of_tick()))),
                Next::Quiet => {
                    self.commit(Commit::Close(self.applier.mark()));
                    unclosed = false;
                    continue;
                }
                Next::End => break,
            };
            self.wait_for_store();
            let jobs = first.map_or_else(Vec::new, |first| self.collect(first, last_len));
            last_len = jobs.len();
            let mut done = self.group(jobs, own);
            unclosed |= done.framed;
            let instructions = done
                .entries
                .iter()
                .map(|e| u64::from(e.entry.items))
                .sum::<u64>();
            if self.pace.begins(instructions) {
                done.snapshot = Some(self.capture());
            }
            self.send(done);
        }
        self.finish();
    }

    /// Waits for a submission or a seal; when frames are to be closed, not for long.
    fn next(&self, unclosed: bool) -> Next {
        // The end of a day comes before whatever is submitted, and may take hundreds of entries: they are
        // made in parts, each with a group of its own.
        let day = self.applier.state().next_due_of_days();
        if day.is_some_and(|due| due <= self.shared.clock.now_ns()) {
            return Next::Tick;
        }
        match self.jobs.try_recv() {
            Ok(job) => return Next::Jobs(job),
            Err(TryRecvError::Disconnected) => return Next::End,
            Err(TryRecvError::Empty) => {}
        }
        let quiet = match unclosed {
            true => crossbeam_channel::after(QUIET),
            false => crossbeam_channel::never(),
        };
        let due = match self.applier.state().next_due() {
            Some(due) => {
                let wait = due.saturating_sub(self.shared.clock.now_ns());
                // A clock may be set: it is asked again now and then.
                crossbeam_channel::after(Duration::from_nanos(wait).min(DUE_WAIT_MAX))
            }
            None => crossbeam_channel::never(),
        };
        crossbeam_channel::select! {
            recv(self.jobs) -> job => job.map_or(Next::End, Next::Jobs),
            recv(self.seals) -> seal => match seal {
                Ok(seal) => Next::Seal(seal),
                Err(_) => fatal("the sealing thread is gone"),
            },
            recv(quiet) -> _ => Next::Quiet,
            recv(due) -> _ => match self.is_due() {
                true => Next::Tick,
                false => Next::NotYet,
            },
        }
    }

    /// Whether something is due by the clock.
    fn is_due(&self) -> bool {
        let now = self.shared.clock.now_ns();
        self.applier
            .state()
            .next_due()
            .is_some_and(|due| due <= now)
    }

    /// The last words: a closing frame, and a snapshot so that the next start is quick.
    fn finish(&self) {
        let mark = self.applier.mark();
        self.commit(Commit::Close(mark));
        self.send(Done {
            framed: false,
            entries: Vec::new(),
            waiting: Vec::new(),
            tree: GroupTree::on(self.applier.frontier()),
            mark,
            leaf: self.applier.leaf(),
            frozen: None,
            snapshot: Some(self.capture()),
        });
    }

    /// Takes the state for a snapshot, but for the book, which the publisher has at the same size.
    fn capture(&self) -> Box<StateCapture> {
        let begun = clock::instant();
        let capture = Box::new(self.applier.state().capture());
        self.shared.metrics.paused(begun);
        capture
    }

    /// The store may be behind by a stated amount, in the write-ahead log or in memory, and no more: then the queue fills, and the door
    /// answers that it is full.
    fn wait_for_store(&self) {
        let behind = || {
            let unstored = self.shared.unstored_bytes.load(Ordering::Relaxed);
            self.tail.live_bytes().max(unstored)
        };
        while behind() > self.bounds.lag_bytes_max {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Takes what has arrived; waits for company only when there was company lately.
    fn collect(&self, first: Job, last_len: usize) -> Vec<Job> {
        let mut bytes = first.submission.frame_len();
        let mut jobs = Vec::with_capacity(last_len.max(16));
        jobs.push(first);
        let deadline = (last_len >= BUSY).then(|| clock::instant() + self.bounds.wait_max);
        // Enough company has come when the group is as large as the last one.
        let enough = last_len.min(self.bounds.submissions_max);
        while jobs.len() < self.bounds.submissions_max && bytes < self.bounds.bytes_max {
            let next = match deadline {
                Some(deadline) if jobs.len() < enough => self.jobs.recv_deadline(deadline).ok(),
                _ => self.jobs.try_recv().ok(),
            };
            let Some(job) = next else { break };
            bytes = bytes.saturating_add(job.submission.frame_len());
            jobs.push(job);
        }
        jobs
    }

    /// Orders, commits and applies one group.
    fn group(&mut self, jobs: Vec<Job>, own: Option<Box<Submission>>) -> Done {
        let proposed = self.shared.clock.now_ns();
        let mut wet = jobs;
        // Jobs are large, and dry runs are few: none is moved without need.
        let dry: Vec<Job> = wet.extract_if(.., |job| job.dry).collect();
        let mut askers = Vec::with_capacity(wet.len());
        let count = wet.len() + usize::from(own.is_some());
        let mut inputs = Vec::with_capacity(count);
        let mut salts = vec![0u8; count * 32];
        if let Err(error) = getrandom::fill(&mut salts) {
            fatal(&format!("the system gives no random numbers: {error}"));
        }
        let submissions = wet.into_iter().map(|job| {
            askers.push(job.asker);
            job.submission
        });
        for (submission, salt) in submissions.chain(own).zip(salts.chunks_exact(32)) {
            let salt = salt.try_into().expect("salts have 32 bytes");
            inputs.push(Input { salt, submission });
        }
        let group = Arc::new(Group { proposed, inputs });
        let framed = !group.inputs.is_empty();
        if framed {
            self.commit(Commit::Group(Arc::clone(&group), self.applier.mark()));
        }
        let mut tree = GroupTree::on(self.applier.frontier());
        let mut entries = Vec::with_capacity(group.inputs.len());
        let mut waiting = Vec::with_capacity(askers.len() + dry.len());
        let mut askers = askers.into_iter();
        let before = self.applier.state().frozen_size();
        for input in &group.inputs {
            let applies = self.applier.apply(proposed, input, &mut tree);
            entries.extend(applies.due);
            let answer = wait(applies.verdict, &mut entries);
            // The node's own input, which comes last, is nobody's.
            waiting.extend(askers.next().map(|asker| (asker, answer)));
        }
        for job in dry {
            let reply = self.dry_run(proposed, &job.submission);
            waiting.push((job.asker, Waiting::Ready(reply)));
        }
        let (mark, leaf) = (self.applier.mark(), self.applier.leaf());
        // One at most: a seal comes last in its group, and the state can freeze again with it.
        let frozen = self.applier.state().frozen_size();
        Done {
            framed,
            entries,
            waiting,
            tree,
            mark,
            leaf,
            frozen: frozen.filter(|_| frozen != before),
            snapshot: None,
        }
    }

    fn dry_run(&mut self, proposed: u64, submission: &Submission) -> Reply {
        match self.applier.dry_run(proposed, submission) {
            Step::Replay(index) => Reply::Replay { index },
            Step::Drop(rejection) => Reply::Drop(rejection),
            Step::Applied(applied) | Step::Due(applied) => {
                let book = self.applier.state().book();
                let submitter = &submission.message.authorisation.submitter;
                let owner = book.participant(submitter).map(|found| found.number);
                let fees = owner.map(|owner| {
                    let own = |other| book.signer_of(other) == owner;
                    FeeRow::all(book, &applied.drafts, own)
                });
                Reply::DryRun(DryRun {
                    size: applied.index,
                    outcomes: outcomes(&applied.drafts),
                    fees: fees.unwrap_or_default(),
                    settles: settles(&applied.effects, owner),
                })
            }
        }
    }

    fn commit(&self, commit: Commit) {
        if self.commits.send(commit).is_err() {
            fatal("the commit thread is gone");
        }
    }

    fn send(&self, done: Done) {
        self.shared.metrics.groups.inc();
        let window = self.applier.state().window();
        self.shared.metrics.window.measure(window);
        let weight: u64 = done.entries.iter().map(|logged| logged.weight()).sum();
        self.shared
            .unstored_bytes
            .fetch_add(weight, Ordering::Relaxed);
        self.shared
            .applied_size
            .store(done.mark.size, Ordering::Release);
        if self.done.send(done).is_err() {
            fatal("the publishing thread is gone");
        }
    }
}

/// The payments of a participant that leave the queue by these effects; those of others are secret.
fn settles(effects: &[Effect], submitter: Option<u32>) -> Vec<InstructionId> {
    let own = effects.iter().filter_map(|effect| match effect {
        Effect::Queued((of, id), None) if Some(*of) == submitter => Some(*id),
        _ => None,
    });
    own.collect()
}

fn wait(verdict: Verdict, entries: &mut Vec<Arc<super::group::Logged>>) -> Waiting {
    match verdict {
        Verdict::Logged(logged, balances) => {
            let at = entries.len();
            entries.push(logged);
            Waiting::Applied { at, balances }
        }
        Verdict::Replay(index) => Waiting::Ready(Reply::Replay { index }),
        Verdict::Drop(rejection) => Waiting::Ready(Reply::Drop(rejection)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_sender_is_told_of_a_payment_that_would_settle() {
        let id = |n| InstructionId::from_parts(1, n);
        let effects = [(1, id(1)), (2, id(2)), (1, id(3))];
        let effects = effects.map(|key| Effect::Queued(key, None));
        assert_eq!(settles(&effects, Some(1)), [id(1), id(3)]);
        assert_eq!(settles(&effects, Some(2)), [id(2)]);
        assert_eq!(settles(&effects, Some(0)), []);
        assert_eq!(settles(&effects, None), []);
    }
}
