//! A log made beforehand, of messages of several kinds, for workloads that read it.

use std::ops::Range;

use super::bodies::Payers;
use super::options::Options;
use super::sandbox::{Manner, Places};
use super::site::{Pace, Site};
use super::table::Workload;
use super::{BenchError, Say};

/// A log with equal parts of settlements by the messages of some workloads.
pub(super) struct Made {
    pub(super) site: Site,
    /// The entries of each part.
    pub(super) parts: Vec<Range<u64>>,
}

impl Made {
    /// Makes the messages of these workloads, one part after the other.
    pub(super) fn new(
        parts: &[&'static str],
        settlements: usize,
        options: &Options,
        say: Say<'_>,
    ) -> Result<Self, BenchError> {
        let places = Places::new(options.folder.as_deref());
        let workloads: Vec<_> = parts.iter().filter_map(|id| Workload::named(id)).collect();
        let accounts = workloads.iter().map(|workload| workload.accounts).max();
        let accounts = accounts.unwrap_or_default();
        let site = Site::make(&places, Manner::default(), accounts, say)?;
        let mut made = Vec::new();
        for workload in workloads {
            let messages = workload.messages(settlements / parts.len());
            let connections = workload.connections.first().copied().unwrap_or(1);
            let pace = Pace {
                catch_up: true,
                ..Pace::closed(connections)
            };
            let first = site.size()?;
            say(&format!("making {messages} messages of {}", workload.id));
            site.settle(workload.kind(Payers::Many), messages, pace, say)?;
            made.push(first..site.size()?);
        }
        Ok(Self { site, parts: made })
    }
}
