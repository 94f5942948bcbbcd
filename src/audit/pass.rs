//! The one pass in order: links and tiles, then the replay; and what became of it, in order again.
//!
//! ```text
//!   source ─▶ Stream ─chunks─▶ look ─▶ pass ─▶ prove ─▶ settle
//!             1 thread         pool    this    pool     this
//! ```
//!
//! Records of at most [`BYTES_UNDER_WAY`] are on this way at once, however long the log is and
//! however many threads there are; one that is larger goes alone, and an answer of a node waits
//! beside them. What is made of them on the way is a few times as long.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::mpsc::{self, Receiver};
use std::thread::Builder;

use chain::{Checkpoint, Entry, EntryKind, Hash};

use super::log::Block;
use super::look::{Body, Found, Looked, LookedEntry};
use super::pool::{Budget, Later, Pool};
use super::prove::{Pending, Proven};
use super::replay::{Halt, Replay};
use super::report::{Divergence, Verdict};
use super::source::{Fault, Page, Source};
use super::stream::{Part, Span, Stream};
use super::{Progress, Run, Stop};

/// What scoped threads without a name panic with, too.
const NO_THREAD: &str = "the system gives a thread";
/// Bytes of records that are read and not done with.
const BYTES_UNDER_WAY: usize = 16 << 20;

/// What became of an entry of a log that is intact.
struct Passed {
    index: u64,
    items: u32,
    is_seal: bool,
    body: Body,
    ledger: Ledger,
}

/// What became of an entry in the replay.
enum Ledger {
    /// No replay is under way.
    Left,
    /// The ledger was founded, in this mode.
    Founded(&'static str),
    /// It was replayed, and is to be proven.
    Pending(Box<Pending>),
    /// It holds.
    Proven(Proven),
    /// The replay ends.
    Halt(Halt),
}

/// What the pass is led by.
pub(super) struct Guide<'a> {
    pub(super) checkpoint: &'a Checkpoint,
    pub(super) genesis: Hash,
    pub(super) with_records: bool,
    pub(super) threads: NonZero<usize>,
}

/// Ends threads that wait for more.
struct Ending<'a>(&'a Pool, &'a Budget);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.close();
        self.1.close();
    }
}

impl Run {
    /// Goes through all entries that are new, on all threads.
    pub(super) fn follow(
        &mut self,
        source: &mut Source,
        guide: &Guide<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Stop> {
        let (pool, budget) = (Pool::default(), Budget::new(BYTES_UNDER_WAY));
        let (sender, parts) = mpsc::channel();
        let span = Span {
            from: self.log.size(),
            size: guide.checkpoint.size,
            with_records: guide.with_records,
        };
        let stream = Stream {
            source,
            span,
            pool: &pool,
            budget: &budget,
            parts: sender,
            page: Page::default(),
        };
        std::thread::scope(|scope| {
            let _ending = Ending(&pool, &budget);
            let named = |name: &str| Builder::new().name(name.to_owned());
            for _ in 0..guide.threads.get() {
                let thread = named("audit-work").spawn_scoped(scope, || pool.work());
                thread.expect(NO_THREAD);
            }
            let thread = named("audit-read").spawn_scoped(scope, || stream.run());
            thread.expect(NO_THREAD);
            let mut way = Way {
                guide,
                pool: &pool,
                proving: VecDeque::new(),
                progress,
            };
            let passed = self.pass_all(&parts, &mut way);
            // Whatever was passed is proven before anything is said.
            while let Some(proving) = way.proving.pop_front() {
                self.settle(proving.get(), &mut way);
            }
            passed
        })
    }

    fn pass_all(&mut self, parts: &Receiver<Part>, way: &mut Way<'_>) -> Result<(), Stop> {
        loop {
            match parts.recv() {
                Ok(Part::Block(block)) => self.log.open(&block)?,
                Ok(Part::Chunk(looked)) => self.pass_chunk(looked.get(), way)?,
                Ok(Part::Upper(upper)) => self.log.upper(&upper)?,
                Ok(Part::Whole) => self.log.finish(way.guide.checkpoint)?,
                Ok(Part::End(ended)) => return ended,
                // The stream has panicked, and its panic goes on when it is joined.
                Err(_) => return Ok(()),
            }
            while let Some(proven) = way.proving.front().and_then(Later::try_get) {
                way.proving.pop_front();
                self.settle(proven, way);
            }
        }
    }

    /// Takes a chunk in order, up to its first entry that is not what it must be.
    fn pass_chunk(&mut self, looked: Looked, way: &mut Way<'_>) -> Result<(), Stop> {
        let Looked {
            block,
            places,
            records,
            entries,
            share,
        } = looked;
        let mut chunk = Vec::with_capacity(entries.len());
        let mut passed = Ok(());
        for (n, (place, entry)) in places.zip(entries).enumerate() {
            let record = records.as_ref().and_then(|records| records.get(n));
            match self.pass_entry(&block, place, entry, record.as_ref(), way.guide.genesis) {
                Ok(entry) => chunk.push(entry),
                Err(stop) => {
                    passed = Err(stop);
                    break;
                }
            }
        }
        let constants = self.replay.as_ref().map(Replay::constants).cloned();
        way.proving.push_back(way.pool.end(move || {
            for (n, entry) in chunk.iter_mut().enumerate() {
                let (Some(records), Some(constants)) = (&records, &constants) else {
                    break;
                };
                entry.prove(records.get(n).as_ref(), constants);
            }
            if let Some(records) = records {
                share.done(records.bytes);
            }
            chunk
        }));
        passed
    }

    /// Passes one entry: its place in the log, its record, and the ledger's step.
    fn pass_entry(
        &mut self,
        block: &Block,
        place: usize,
        looked: Result<LookedEntry, Fault>,
        record: Option<&chain::Record<'_>>,
        genesis: Hash,
    ) -> Result<Passed, Stop> {
        let LookedEntry {
            copies,
            entry,
            record: found,
        } = looked?;
        let entry = self.log.entry(block, place, entry, &copies)?;
        if entry.index == 0 && copies.leaf != genesis {
            let what = "the genesis hash";
            return Err(Divergence::at(0, what, genesis, copies.leaf).into());
        }
        let mut passed = Passed {
            index: entry.index,
            items: 0,
            is_seal: entry.kind == EntryKind::Seal,
            body: Body::None,
            ledger: Ledger::Left,
        };
        if let (Some(found), Some(record)) = (found, record) {
            passed.items = entry.items;
            passed.ledger = self.step(&entry, found, record, &mut passed.body)?;
        }
        self.compare_kept()?;
        Ok(passed)
    }

    /// Checks a record against its entry and replays it.
    fn step(
        &mut self,
        entry: &Entry,
        found: Found,
        record: &chain::Record<'_>,
        body: &mut Body,
    ) -> Result<Ledger, Divergence> {
        *body = found.held?;
        let ledger = match (&mut self.replay, found.ready) {
            (_, None) => match Replay::found(entry, record) {
                Ok(replay) => {
                    let mode = replay.mode();
                    self.replay = Some(replay);
                    Ledger::Founded(mode)
                }
                Err(halt) => Ledger::Halt(halt),
            },
            (Some(replay), Some(ready)) if !self.halted => match replay.step(entry, ready) {
                Ok(pending) => Ledger::Pending(Box::new(pending)),
                Err(halt) => Ledger::Halt(halt),
            },
            _ => Ledger::Left,
        };
        self.halted |= matches!(ledger, Ledger::Halt(_));
        Ok(ledger)
    }

    /// Counts what was proven, and ends the replay where something does not hold.
    fn settle(&mut self, chunk: Vec<Passed>, way: &mut Way<'_>) {
        for passed in chunk {
            let counts = &mut self.report.counts;
            counts.entries += 1;
            counts.items += u64::from(passed.items);
            counts.seals += u64::from(passed.is_seal && passed.items > 0);
            if passed.body == Body::Closed {
                counts.bodies_closed.push(passed.index);
            }
            self.settle_ledger(passed.ledger, u64::from(passed.items));
            (way.progress)(Progress {
                entries: passed.index + 1,
                of: way.guide.checkpoint.size,
                items: self.report.counts.items,
            });
        }
    }

    fn settle_ledger(&mut self, ledger: Ledger, items: u64) {
        // What was replayed behind a place where the ledger is broken is of no account.
        if self.replay.is_none() && !matches!(ledger, Ledger::Halt(_)) {
            return;
        }
        let counts = &mut self.report.counts;
        match ledger {
            Ledger::Left | Ledger::Pending(_) => {}
            Ledger::Founded(mode) => {
                self.report.mode = Some(mode.into());
                counts.items_replayed += items;
            }
            Ledger::Proven(proven) => {
                counts.items_replayed += items;
                counts.signatures += proven.signatures;
                counts.bodies += u64::from(proven.body);
            }
            Ledger::Halt(Halt::Broken(divergence)) => self.break_ledger(divergence),
            Ledger::Halt(Halt::Unknown(reason)) => {
                self.halt_replay(format!("{reason}, which this version does not replay"));
            }
        }
    }

    fn break_ledger(&mut self, divergence: Divergence) {
        self.halted = true;
        self.replay = None;
        if !matches!(self.report.ledger, Verdict::Broken(_)) {
            self.report.ledger = Verdict::Broken(divergence);
        }
    }
}

/// What goes along with the pass.
struct Way<'a> {
    guide: &'a Guide<'a>,
    pool: &'a Pool,
    /// Chunks that were passed, in their order.
    proving: VecDeque<Later<Vec<Passed>>>,
    progress: &'a mut dyn FnMut(Progress),
}

impl Passed {
    fn prove(&mut self, record: Option<&chain::Record<'_>>, constants: &super::prove::Constants) {
        let ledger = std::mem::replace(&mut self.ledger, Ledger::Left);
        self.ledger = match (ledger, record) {
            (Ledger::Pending(pending), Some(record)) => match pending.prove(record, constants) {
                Ok(proven) => Ledger::Proven(proven),
                Err(divergence) => Ledger::Halt(Halt::Broken(divergence)),
            },
            (other, _) => other,
        };
    }
}
