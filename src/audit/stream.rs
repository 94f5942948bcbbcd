//! A source, read ahead: everything that an audit compares, in the order in which it does.
//!
//! ```text
//!   tile, bundle ─▶ records of its entries, a chunk at a time ─▶ tiles above ─▶ next bundle
//! ```

use std::sync::Arc;
use std::sync::mpsc::Sender;

use chain::{TILE_WIDTH, TilePath, TileWidths, decode_bundle};

use super::Stop;
use super::log::{Block, Upper};
use super::look::{Chunk, Looked, Records};
use super::pool::{Budget, Later, Pool};
use super::report::Divergence;
use super::source::{Fault, Page, Source};

/// Records in one chunk, in bytes; the record that passes it is the last. Much less than the budget,
/// so that all threads have something to do.
const CHUNK_BYTES: usize = 1 << 20;
/// Levels of tiles that any log can have.
const TILE_LEVELS: u8 = 8;

/// What is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Entries that were audited before.
    pub(super) from: u64,
    /// Entries that the checkpoint speaks for.
    pub(super) size: u64,
    /// Whether the source has records.
    pub(super) with_records: bool,
}

/// What comes of a source, in order.
pub(super) enum Part {
    /// A bundle begins.
    Block(Arc<Block>),
    /// Some of its entries; others look at them already.
    Chunk(Later<Looked>),
    /// A tile above the leaves that is full now or, at the end, as wide as it gets.
    Upper(Upper),
    /// All entries and tiles have come.
    Whole,
    /// Nothing comes any more: whether the source ends where the log does.
    End(Result<(), Stop>),
}

/// Why reading ends.
enum Cease {
    /// The source has something wrong.
    Wrong(Stop),
    /// Nobody listens any more.
    Unheard,
}

impl<E: Into<Stop>> From<E> for Cease {
    fn from(error: E) -> Self {
        Self::Wrong(error.into())
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Source(error) => Self::Source(error),
            Fault::Malformed { what, why } => {
                Self::Log(Divergence::of_log(what, "what the format says", why))
            }
        }
    }
}

/// Reads a source to its end, or to the first thing that is wrong with it.
pub(super) struct Stream<'a> {
    pub(super) source: &'a mut Source,
    pub(super) span: Span,
    pub(super) pool: &'a Pool,
    pub(super) budget: &'a Arc<Budget>,
    pub(super) parts: Sender<Part>,
    pub(super) page: Page,
}

impl Stream<'_> {
    pub(super) fn run(mut self) {
        let ended = match self.read() {
            Ok(()) => Ok(()),
            Err(Cease::Wrong(stop)) => Err(stop),
            Err(Cease::Unheard) => return,
        };
        // If nobody listens, there is nobody to tell.
        let _ = self.parts.send(Part::End(ended));
    }

    fn send(&self, part: Part) -> Result<(), Cease> {
        self.parts.send(part).map_err(|_| Cease::Unheard)
    }

    fn read(&mut self) -> Result<(), Cease> {
        let Span { from, size, .. } = self.span;
        let width = u64::from(TILE_WIDTH);
        let mut done = from;
        if done == size && !size.is_multiple_of(width) {
            // Nothing is new: what was seen before must be there still.
            let block = self.block(size / width)?;
            self.send(Part::Block(block))?;
        }
        while done < size {
            let block = self.block(done / width)?;
            self.send(Part::Block(Arc::clone(&block)))?;
            let end = size.min(block.first.saturating_add(width));
            self.entries(&block, done..end)?;
            done = end;
            // A tile is full when all that is below it is.
            let full = |level: &u8| done.trailing_zeros() >= 8 * (u32::from(*level) + 1);
            for level in (1..TILE_LEVELS).take_while(full) {
                let n = (done >> (8 * (u32::from(level) + 1))) - 1;
                self.upper(level, n, TILE_WIDTH)?;
            }
        }
        for level in 1..TILE_LEVELS {
            let widths = TileWidths::at(level, size);
            if widths.partial > 0 {
                self.upper(level, widths.full, widths.partial)?;
            }
        }
        self.send(Part::Whole)?;
        Ok(self.source.finish(size)?)
    }

    fn block(&mut self, n: u64) -> Result<Arc<Block>, Cease> {
        let widths = TileWidths::at(0, self.span.size);
        let width = match n < widths.full {
            true => TILE_WIDTH,
            false => widths.partial,
        };
        let tile = TilePath::hashes(0, n, width).map_err(|e| malformed("tile", "a tile", e))?;
        let bundle = TilePath::entries(n, width).map_err(|e| malformed("tile", "a bundle", e))?;
        let bytes = self.source.tile(&tile)?;
        let hashes = tile
            .decode_hashes(&bytes)
            .map_err(|error| malformed(tile, "a tile of hashes", error))?;
        let bytes = self.source.tile(&bundle)?;
        let entries = decode_bundle(bundle, &bytes)
            .map_err(|error| malformed(bundle, "a bundle of entries", error))?;
        Ok(Arc::new(Block {
            first: n * u64::from(TILE_WIDTH),
            tile,
            bundle,
            hashes,
            entries: entries.into_iter().map(<[u8]>::to_vec).collect(),
        }))
    }

    fn upper(&mut self, level: u8, n: u64, width: u16) -> Result<(), Cease> {
        let path = TilePath::hashes(level, n, width)
            .map_err(|error| malformed("tile", "a tile path", error))?;
        let bytes = self.source.tile(&path)?;
        let hashes = path
            .decode_hashes(&bytes)
            .map_err(|error| malformed(path, "a tile of hashes", error))?;
        self.send(Part::Upper(Upper {
            level,
            path,
            hashes,
        }))
    }

    /// Reads the records of some entries of a bundle, and sends them on a chunk at a time.
    fn entries(&mut self, block: &Arc<Block>, which: std::ops::Range<u64>) -> Result<(), Cease> {
        let place = |index: u64| usize::try_from(index - block.first).unwrap_or(usize::MAX);
        let mut next = which.start;
        while next < which.end {
            let first = next;
            let mut failed = None;
            let records = match self.span.with_records {
                false => {
                    next = which.end;
                    None
                }
                true => {
                    let mut records = self.source.no_records(self.budget.buffer());
                    while next < which.end && records.bytes.len() < CHUNK_BYTES {
                        if let Err(fault) = self.source.record(next, &mut records, &mut self.page) {
                            failed = Some(fault);
                            break;
                        }
                        next += 1;
                    }
                    Some(records)
                }
            };
            if next > first {
                self.chunk(block, place(first)..place(next), records)?;
            }
            if let Some(fault) = failed {
                return Err(fault.into());
            }
        }
        Ok(())
    }

    /// Sends a chunk on, when there is room for it.
    fn chunk(
        &self,
        block: &Arc<Block>,
        places: std::ops::Range<usize>,
        records: Option<Records>,
    ) -> Result<(), Cease> {
        let entries: usize = block
            .entries
            .get(places.clone())
            .map_or(0, |entries| entries.iter().map(Vec::len).sum());
        // What the buffer takes, which may have been used for more before.
        let bytes = records.as_ref().map_or(0, |r| r.bytes.capacity());
        let share = self.budget.take(bytes.saturating_add(entries));
        let chunk = Chunk {
            block: Arc::clone(block),
            places,
            records,
            share: share.ok_or(Cease::Unheard)?,
        };
        self.send(Part::Chunk(self.pool.begin(|| chunk.look())))
    }
}

fn malformed(path: impl std::fmt::Display, expected: &str, error: impl std::fmt::Display) -> Stop {
    Divergence::of_log(path, expected, error).into()
}
