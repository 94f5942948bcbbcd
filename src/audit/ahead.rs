//! What of an audit needs no ledger, done ahead and on all cores: parsing, hashing, opening bodies,
//! verifying signatures. What depends on what came before stays in the one pass.
//!
//! ```text
//!   records of a block ──▶ parse, payload root, body, signatures   (threads)
//!                      ──▶ links, tiles, replay                    (one after the other)
//! ```

use std::collections::VecDeque;
use std::num::NonZero;

use chain::{Entry, Item};
use zeroize::Zeroizing;

use super::record::Record;
use super::replay::Replay;
use super::report::Divergence;
use super::source::{Fault, Source};
use super::{body, log};

/// Threads that are used at most.
const THREADS_MAX: usize = 8;

/// A record as it came.
pub(super) struct Raw {
    /// Its bytes, length first.
    pub(super) bytes: Vec<u8>,
    /// The body's key, where it stands beside the record; the one in the record otherwise.
    pub(super) key: Option<Zeroizing<[u8; 32]>>,
    /// Whether a key may stand in the record.
    pub(super) keyed: bool,
    /// What it is called.
    pub(super) what: String,
}

impl Raw {
    /// Reads it.
    pub(super) fn parse(self) -> Result<Record, Fault> {
        let malformed = |why: String| Fault::Malformed {
            what: self.what.clone(),
            why,
        };
        let (record, _) =
            chain::Record::split(&self.bytes).map_err(|error| malformed(error.to_string()))?;
        if record.key.is_some() && !self.keyed {
            return Err(malformed("a key stands in it".into()));
        }
        let mut record = Record::from(&record);
        if self.key.is_some() {
            record.body_key = self.key;
        }
        Ok(record)
    }
}

/// A record with everything that was found out about it ahead.
pub(super) struct Looked {
    pub(super) record: Record,
    /// Whether it is what the entry commits to.
    pub(super) held: Result<(), Divergence>,
    /// Its body, if it could be opened.
    pub(super) opened: Result<Option<Vec<u8>>, Divergence>,
    /// Public keys under which the signatures of item 0 hold, in their order; `None` where the key
    /// was not known ahead, or does not hold.
    pub(super) signed: Vec<Option<[u8; 32]>>,
}

/// Reads the records of some entries, and looks at them on all cores. Where the source ends, so does
/// the list, with what is wrong.
pub(super) fn look(
    source: &mut Source,
    pages: &mut VecDeque<Vec<u8>>,
    first: u64,
    entries: &[Vec<u8>],
    replay: Option<&Replay>,
) -> VecDeque<Result<Looked, Fault>> {
    let mut raws = Vec::with_capacity(entries.len());
    let mut end = None;
    for (index, entry) in (first..).zip(entries) {
        match source.raw(index, pages) {
            Ok(raw) => raws.push((entry.as_slice(), raw)),
            Err(fault) => {
                end = Some(fault);
                break;
            }
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = raws.len().div_ceil(cores.min(THREADS_MAX)).max(1);
    let mut parts = Vec::new();
    while !raws.is_empty() {
        let rest = raws.split_off(share.min(raws.len()));
        parts.push(std::mem::replace(&mut raws, rest));
    }
    let one = |part: Vec<(&[u8], Raw)>| -> Vec<Result<Looked, Fault>> {
        let each = part.into_iter();
        each.map(|(entry, raw)| look_at(entry, raw, replay))
            .collect()
    };
    let mut looked: VecDeque<Result<Looked, Fault>> = std::thread::scope(|scope| {
        let mut parts = parts.into_iter();
        // This thread takes its share, too.
        let own = parts.next();
        let others: Vec<_> = parts.map(|part| scope.spawn(|| one(part))).collect();
        let mut all: VecDeque<_> = own.map(one).unwrap_or_default().into();
        for other in others {
            match other.join() {
                Ok(part) => all.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    looked.extend(end.map(Err));
    looked
}

fn look_at(entry: &[u8], raw: Raw, replay: Option<&Replay>) -> Result<Looked, Fault> {
    let record = raw.parse()?;
    let Ok(entry) = Entry::from_bytes(entry) else {
        // The pass finds it before anything here is asked for.
        return Ok(Looked {
            record,
            held: Ok(()),
            opened: Ok(None),
            signed: Vec::new(),
        });
    };
    let held = log::record(&entry, &record);
    let opened = body::open_and_compare(&entry, &record);
    let who = record.items.first().map(|item| Item::parse(item));
    let signed = match (who, replay) {
        (Some(Ok(Item::Authorisation(who))), Some(replay)) => replay.signed_ahead(&who),
        _ => Vec::new(),
    };
    Ok(Looked {
        record,
        held,
        opened,
        signed,
    })
}
