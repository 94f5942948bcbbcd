//! How a workload is measured, where somebody wishes it otherwise than its row in the table says.

use std::path::PathBuf;

use super::bodies::{Kind, Payers};
use super::site::Pace;
use super::table::Workload;

/// Wishes; what is not said is as in the table.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Connections, each with one request under way.
    pub connections: Option<usize>,
    /// Settlements in one run, or in the log that is made.
    pub settlements: Option<usize>,
    /// Measured runs, after one to warm up.
    pub runs: Option<usize>,
    /// Messages a second on a fixed schedule.
    pub rate: Option<f64>,
    /// Where the sandbox is made and kept; a temporary folder if not said.
    pub folder: Option<PathBuf>,
}

impl Options {
    pub(super) fn runs(&self, workload: &Workload) -> usize {
        self.runs.unwrap_or(workload.runs).max(1)
    }

    pub(super) fn settlements(&self, workload: &Workload) -> usize {
        self.settlements.unwrap_or(workload.settlements).max(1)
    }

    /// The connections of each report.
    pub(super) fn connections(&self, workload: &Workload) -> Vec<usize> {
        match self.connections {
            Some(connections) => vec![connections.max(1)],
            None => workload.connections.to_vec(),
        }
    }

    /// How the messages of a workload are sent.
    pub(super) fn pace(&self, workload: &Workload, connections: usize) -> Pace {
        Pace {
            rate: self.rate,
            catch_up: workload.catch_up,
            ..Pace::closed(connections)
        }
    }
}

impl Workload {
    /// Its messages.
    pub(super) const fn kind(&self, payers: Payers) -> Kind {
        Kind {
            form: self.form,
            transfers: self.transfers,
            payers,
        }
    }

    /// How many of its messages make so many settlements; at least one.
    pub(super) const fn messages(&self, settlements: usize) -> u64 {
        let messages = settlements.div_ceil(self.transfers);
        if messages == 0 { 1 } else { messages as u64 }
    }

    /// The messages of a warm-up for so many.
    pub(super) const fn warm_up(&self, messages: u64) -> u64 {
        let part = messages / self.warm_up;
        if part == 0 { 1 } else { part }
    }
}
