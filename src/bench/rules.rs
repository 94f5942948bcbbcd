//! What richer rules cost: W3 between accounts with limits of every kind, beside holds and a queue,
//! against W3 between accounts without any.

use super::banks::Banks;
use super::bodies::Payers;
use super::options::Options;
use super::report::Report;
use super::sandbox::{Manner, Places};
use super::settle::{Side, compare};
use super::table::Workload;
use super::{BenchError, Say};
use crate::client::Client;

/// More than all transfers of a run move: every limit is looked at, and none is met.
const MUCH: &str = "1000000000000000";
/// More legs than a run has.
const OFTEN: u32 = u32::MAX;
/// Holds that stay open, and payments that wait.
const BESIDE: usize = 500;

/// W12: W3 under every rule, in turns with W3 under none, each on a node of its own.
pub(super) fn run(
    workload: &Workload,
    options: &Options,
    say: Say<'_>,
) -> Result<Vec<Report>, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let plain = workload.site(&places, Manner::default(), say)?;
    let ruled = workload.site(&places, Manner::default(), say)?;
    say("setting limits, reserving, letting payments wait");
    ruled.banks.restrict(&ruled.sandbox.client()?)?;
    let side = |name: &str, site| Side {
        name: format!("{}, {name}", workload.id),
        site,
        payers: Payers::Many,
    };
    let sides = [side("plain", &plain), side("under rules", &ruled)];
    compare(workload, options, workload.target, sides, say).map(Vec::from)
}

impl Banks {
    /// Gives every account limits of every kind, and makes holds and payments that stay.
    fn restrict(&self, client: &Client) -> Result<(), BenchError> {
        let limits = |owner: &str, other: &str, n: usize| {
            format!(
                r#"{{"set_limits":{{"id":"{}","address":"{owner}:usd-{n}","per_transfer_max":"{MUCH}","max_balance":"{MUCH}","multilateral":"{MUCH}","bilateral":[{{"counterparty":"{other}","amount":"{MUCH}"}}],"velocity":[{{"seconds":3600,"direction":"debit","amount":"{MUCH}","count":{OFTEN}}}]}}}}"#,
                self.id()
            )
        };
        let payers = (0..self.payers.len()).map(|n| limits("bench-a", "bench-b", n));
        let payees = (0..self.payees.len()).map(|n| limits("bench-b", "bench-a", n));
        self.govern(client, &payers.chain(payees).collect::<Vec<_>>())?;
        // An account without funds, whose payments wait for ever.
        self.open(client, "bench-a", "poor", 1)?;
        let beside = (0..BESIDE).flat_map(|n| {
            let (debit, credit) = (n % self.payers.len().max(1), n % self.payees.len().max(1));
            let leg = |debit: &str| format!(r#"{{"debit":"bench-a:{debit}","credit":"bench-b:usd-{credit}","asset":"USD","amount":"0.01"}}"#);
            [
                format!(
                    r#"{{"reserve":{{"id":"{}","legs":[{}]}}}}"#,
                    self.id(),
                    leg(&format!("usd-{debit}"))
                ),
                format!(
                    r#"{{"transfer":{{"id":"{}","legs":[{}],"queue":{{}}}}}}"#,
                    self.id(),
                    leg("poor-0")
                ),
            ]
        });
        let beside: Vec<String> = beside.collect();
        self.send(client, ("bench-a", &self.bank), &beside)
            .map(drop)
    }
}
