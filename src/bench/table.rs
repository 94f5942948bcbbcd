//! The workloads, in one table.

/// How a workload is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Messages are sent; what was settled is counted.
    Settle,
    /// A whole audit of an export, by another process.
    Audit,
    /// The node is stopped, or killed, and started again.
    Restart,
    /// The same load over and over, with an eye on disk and memory.
    Growth,
    /// Receipts, balances and pages of history of what was settled.
    Reads,
    /// Every transfer touches one account, against transfers that do not.
    Hot,
    /// Over TLS, against the same without.
    Tls,
    /// Under limits, beside holds and a queue, against the same without.
    Rules,
}

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// The binary batch.
    Batch,
}

/// One workload.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Its name.
    pub id: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// How.
    pub method: Method,
    /// Connections, each with one request under way; a report for each number.
    pub connections: &'static [usize],
    /// Form of the bodies.
    pub form: Form,
    /// Transfers in one message.
    pub transfers: usize,
    /// Accounts that pay and are paid, both halves together.
    pub accounts: usize,
    /// Whether the clock runs until the store holds the whole log.
    pub catch_up: bool,
    /// Whether each run has a sandbox of its own: a log that grows by as much as is measured would
    /// make later runs other than the first.
    pub fresh: bool,
    /// The warm-up is this part of a run: 4 for a quarter.
    pub warm_up: u64,
    /// Settlements in one run, if nobody says.
    pub settlements: usize,
    /// Measured runs, if nobody says.
    pub runs: usize,
    /// What it should reach on the two cores of the reference machine.
    pub target: &'static str,
}

/// Transfers in a full binary batch.
pub(super) const BATCH: usize = crate::limits::BATCH_RECORDS_MAX;

const PLAIN: Workload = Workload {
    id: "",
    what: "",
    method: Method::Settle,
    connections: &[8],
    form: Form::Json,
    transfers: 1,
    accounts: 2_000,
    catch_up: false,
    fresh: false,
    warm_up: 4,
    settlements: 200_000,
    runs: 3,
    target: "",
};

/// All of them.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        id: "W1",
        what: "one settlement a JSON message, 256 connections",
        connections: &[256],
        target: "30,000/s, p99 15 ms",
        ..PLAIN
    },
    Workload {
        id: "W2",
        what: "the same over 1 and over 16 connections",
        connections: &[1, 16],
        settlements: 50_000,
        target: "p50 0.6 ms and 1 ms",
        ..PLAIN
    },
    Workload {
        id: "W3",
        what: "8,189 transfers a binary batch, until the store has caught up",
        form: Form::Batch,
        transfers: BATCH,
        accounts: 10_000,
        catch_up: true,
        fresh: true,
        warm_up: 20,
        settlements: 10_000_000,
        target: "600,000/s",
        ..PLAIN
    },
    Workload {
        id: "W4",
        what: "1,000 settlements a JSON message",
        transfers: 1_000,
        settlements: 1_000_000,
        target: "700,000/s",
        ..PLAIN
    },
    Workload {
        id: "W5",
        what: "100 transfers a binary batch",
        form: Form::Batch,
        transfers: 100,
        accounts: 10_000,
        settlements: 2_000_000,
        target: "470,000/s",
        ..PLAIN
    },
    Workload {
        id: "W6",
        what: "audit of an export: of W1 and W4 by halves, and of binary batches",
        method: Method::Audit,
        settlements: 400_000,
        target: "1,500,000/s",
        ..PLAIN
    },
    Workload {
        id: "W7",
        what: "restart after W3's transfers, stopped and killed",
        method: Method::Restart,
        form: Form::Batch,
        transfers: BATCH,
        accounts: 10_000,
        settlements: 10_000_000,
        target: "5 s",
        ..PLAIN
    },
    Workload {
        id: "W8",
        what: "growth: W3's rate, disk and memory as the log grows",
        method: Method::Growth,
        form: Form::Batch,
        transfers: BATCH,
        accounts: 10_000,
        catch_up: true,
        settlements: 10_000_000,
        runs: 1,
        target: "last rate 90 % of the first, 400 B of disk a transfer",
        ..PLAIN
    },
    Workload {
        id: "W9",
        what: "receipts of old entries, balances, pages of history",
        method: Method::Reads,
        target: "20,000/s, p99 5 ms",
        ..PLAIN
    },
    Workload {
        id: "W10",
        what: "one hot account: W1 and W3 with it, against both without",
        method: Method::Hot,
        settlements: 200_000,
        target: "90 % of W1 and W3",
        ..PLAIN
    },
    Workload {
        id: "W11",
        what: "W1 over TLS 1.3, against W1",
        method: Method::Tls,
        connections: &[256],
        target: "80 % of W1",
        ..PLAIN
    },
    Workload {
        id: "W12",
        what: "W3 under limits of every kind, beside holds and a queue, against W3",
        method: Method::Rules,
        form: Form::Batch,
        transfers: BATCH,
        accounts: 10_000,
        catch_up: true,
        warm_up: 20,
        settlements: 2_000_000,
        target: "77 % of W3, which is 1.3 times the time",
        ..PLAIN
    },
];

impl Workload {
    /// The workload of that name, in capitals or not.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        WORKLOADS
            .iter()
            .find(|workload| workload.id.eq_ignore_ascii_case(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_workload_once_and_whole() {
        for (n, workload) in WORKLOADS.iter().enumerate() {
            assert_eq!(workload.id, format!("W{}", n + 1));
            assert!(!workload.what.is_empty() && !workload.target.is_empty());
            assert!(!workload.connections.is_empty() && workload.runs > 0 && workload.warm_up > 0);
            assert!(workload.settlements >= workload.transfers);
            let most = match workload.form {
                Form::Json => crate::limits::INSTRUCTIONS_MAX,
                Form::Batch => BATCH,
            };
            assert!((1..=most).contains(&workload.transfers));
            assert!(Workload::named(&workload.id.to_lowercase()).is_some());
        }
        assert_eq!(WORKLOADS.len(), 12);
        assert!(Workload::named("W13").is_none());
    }
}
