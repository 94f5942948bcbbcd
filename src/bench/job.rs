//! What the load generator is told, and what it answers: JSON on its stdin and stdout.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;

/// One load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) address: SocketAddr,
    /// PEM file with the CA, if the node speaks TLS.
    pub(super) ca: Option<PathBuf>,
    /// The log's key, which sampled receipts are verified with.
    pub(super) log_vkey: String,
    pub(super) spool: PathBuf,
    /// Requests in the spool.
    pub(super) messages: u64,
    pub(super) connections: usize,
    /// Messages a second on a fixed schedule; without it each connection sends the next message
    /// when the one before is answered.
    pub(super) rate: Option<f64>,
    /// After this time nothing more is sent.
    pub(super) seconds: Option<f64>,
    /// The operators' listener, if the clock runs until the store holds the whole log.
    pub(super) catch_up: Option<SocketAddr>,
    /// Whether a sample of answers is verified: a node without its guarantees has no good ones.
    pub(super) verify: bool,
    /// What the requests are, by the number that stands before each in the spool.
    pub(super) series: Vec<Series>,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) answer: AnswerForm,
    /// What one answer counts for: transfers of a message, 1 for a read.
    pub(super) counts: u64,
}

/// How an answer is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AnswerForm {
    /// Outcomes and receipt as JSON.
    Json,
    /// The binary outcomes of a batch.
    Outcomes,
    /// A receipt file.
    Receipt,
    /// An account's balance.
    Account,
    /// A page of an account's history.
    History,
}

/// What a load measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Measured {
    /// From the first request to the last answer, or until the store had caught up.
    pub(super) seconds: f64,
    /// From the first request to the last answer.
    pub(super) answered_seconds: f64,
    /// Times of more than 100 ms without an answer while one was due.
    pub(super) stalls: u64,
    pub(super) longest_stall_ms: f64,
    /// One a series, in the order of the job.
    pub(super) series: Vec<Tally>,
}

/// What became of the requests of one series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Requests that were answered well.
    pub(super) good: u64,
    /// Answers 503: the client would send the same bytes again.
    pub(super) refused: u64,
    /// Answers more than a second after the request was due.
    pub(super) late: u64,
    /// Answers verified offline.
    pub(super) verified: u64,
    pub(super) latencies: Histogram,
}

impl Measured {
    /// Goes on with the next piece of the same load.
    pub(super) fn append(&mut self, next: &Self) {
        self.seconds += next.seconds;
        self.answered_seconds += next.answered_seconds;
        self.stalls += next.stalls;
        self.longest_stall_ms = self.longest_stall_ms.max(next.longest_stall_ms);
        self.series.resize_with(next.series.len(), Tally::default);
        for (all, piece) in self.series.iter_mut().zip(&next.series) {
            all.append(piece);
        }
    }

    /// All series as one.
    pub(super) fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.series.iter().for_each(|tally| total.append(tally));
        total
    }
}

impl Tally {
    pub(super) fn append(&mut self, next: &Self) {
        self.good += next.good;
        self.refused += next.refused;
        self.late += next.late;
        self.verified += next.verified;
        self.latencies.merge(&next.latencies);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_load_add_up_and_the_longest_stall_stays() {
        let mut tally = Tally {
            good: 3,
            refused: 1,
            late: 1,
            verified: 2,
            ..Tally::default()
        };
        tally.latencies.record(2_000_000);
        let piece = Measured {
            seconds: 1.5,
            answered_seconds: 1.0,
            stalls: 1,
            longest_stall_ms: 250.0,
            series: vec![tally.clone(), tally],
        };
        let mut all = Measured::default();
        all.append(&piece);
        all.append(&Measured {
            longest_stall_ms: 120.0,
            ..piece
        });
        assert_eq!(
            (all.seconds, all.answered_seconds, all.stalls),
            (3.0, 2.0, 2)
        );
        assert_eq!(all.longest_stall_ms, 250.0);
        let total = all.total();
        assert_eq!(
            (total.good, total.refused, total.late, total.verified),
            (12, 4, 4, 8)
        );
        assert!((total.latencies.ms(0.5) - 2_000.0).abs() < 2.0);
    }
}
