//! Everything side by side for a given time: single settlements, full batches and reads at fixed
//! shares. Rates, memory and disk are told stretch by stretch, so that what leaks or slows down
//! shows.

use serde::{Deserialize, Serialize};

use super::bodies::Payers;
use super::job::{Measured, Series};
use super::options::Options;
use super::reads::Read;
use super::sandbox::{Manner, Places};
use super::site::{Pace, Site};
use super::table::Workload;
use super::{BenchError, Say, gauges};

/// Requests in one round.
const ROUND: u64 = 1_000;
/// Of these, so many are: single settlements, full batches, receipts, balances, pages of history.
const SHARES: [u64; 5] = [700, 4, 100, 98, 98];
const NAMES: [&str; 5] = ["singles", "batches", "receipts", "balances", "histories"];
/// Connections, if nobody says.
const CONNECTIONS: usize = 64;
/// Rounds of the first stretch, when nothing is known of the rate yet.
const ROUNDS_FIRST: u64 = 5;
/// A stretch lasts about so long: what is signed for it must fit the disk.
const STRETCH_S: f64 = 20.0;

/// A mixed load, stretch by stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixedReport {
    /// Connections, each with one request under way.
    pub connections: usize,
    /// The stretches, between which the clock stands still and the next one is signed.
    pub stretches: Vec<Stretch>,
}

/// One stretch of a mixed load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Seconds of load before it.
    pub after_s: f64,
    /// Its seconds.
    pub seconds: f64,
    /// Transfers settled per second, singles and batches together.
    pub transfers_per_second: f64,
    /// The node's resident memory at its end, bytes.
    pub memory_bytes: u64,
    /// The data folder on the disk at its end, bytes.
    pub disk_bytes: u64,
    /// Entries in the log at its end.
    pub entries: u64,
    /// Requests answered 503.
    pub refused: u64,
    /// Answers more than a second after their request was sent.
    pub late: u64,
    /// Times of more than 100 ms without an answer.
    pub stalls: u64,
    /// The kinds of requests.
    pub kinds: Vec<KindRate>,
}

/// One kind of requests in a stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindRate {
    /// What is asked for.
    pub name: String,
    /// Requests answered well per second.
    pub per_second: f64,
    /// Median latency, milliseconds.
    pub p50_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// The slowest.
    pub p100_ms: f64,
    /// Answers verified offline.
    pub verified: u64,
}

/// Which kind each request of a round is of: every kind as evenly as its share allows.
fn pattern() -> Vec<u8> {
    let mut given = [0_u64; SHARES.len()];
    let mut round = Vec::new();
    for slot in 1..=ROUND {
        // Whoever is furthest behind its share is next.
        let behind = |at: &usize| {
            let (share, given) = (SHARES.get(*at), given.get(*at));
            let due = share.copied().unwrap_or(0) * slot;
            i128::from(due) - i128::from(given.copied().unwrap_or(0) * ROUND)
        };
        let next = (0..SHARES.len()).max_by_key(behind).unwrap_or(0);
        if let Some(given) = given.get_mut(next) {
            *given += 1;
        }
        round.push(next as u8);
    }
    round
}

/// Loads a sandbox for so many seconds, those not counted in which the next requests are signed.
///
/// # Errors
/// [`BenchError`].
pub fn run_mixed(options: &Options, seconds: f64, say: Say<'_>) -> Result<MixedReport, BenchError> {
    let places = Places::new(options.folder.as_deref());
    let [single, batch] = ["W1", "W3"].map(|id| {
        let named = Workload::named(id);
        named.ok_or_else(|| BenchError::Answer(format!("{id} is not in the table")))
    });
    let (single, batch) = (single?, batch?);
    let site = batch.site(&places, Manner::default(), say)?;
    let connections = options.connections.unwrap_or(CONNECTIONS).max(1);
    let kinds = [single, batch].map(|workload| workload.kind(Payers::Many));
    let round = pattern();
    // Something to read.
    let first = site.size()?;
    site.settle(kinds[0], ROUND, Pace::closed(connections), say)?;
    let entries = first..site.size()?;
    let reads = [Read::Receipt(entries, 1), Read::Account, Read::History];
    let mut series = vec![
        Series::of(NAMES[0], kinds[0]),
        Series::of(NAMES[1], kinds[1]),
    ];
    series.extend(
        NAMES
            .iter()
            .skip(2)
            .zip(&reads)
            .map(|(name, read)| Series::reads(name, read.answer())),
    );
    let (mut stretches, mut after, mut rounds) = (Vec::<Stretch>::new(), 0.0, ROUNDS_FIRST);
    while after < seconds {
        // A token lives for a quarter of an hour, a stretch much shorter.
        let token = site.banks.session(&site.sandbox)?;
        let mut make = |n: u64| {
            let which = round.get((n % ROUND) as usize).copied().unwrap_or(0);
            let at = usize::from(which);
            match (kinds.get(at), reads.get(at.wrapping_sub(kinds.len()))) {
                (Some(kind), _) => Ok((which, site.banks.request(*kind)?)),
                (None, Some(read)) => Ok((which, read.request(&site, &token))),
                (None, None) => Err(BenchError::Answer("the pattern is wrong".to_owned())),
            }
        };
        let pace = Pace {
            seconds: Some(seconds - after),
            ..Pace::closed(connections)
        };
        let measured = site.load(&series, rounds * ROUND, pace, &mut make, say)?;
        let stretch = stretch(&site, &series, &measured, after)?;
        after += measured.answered_seconds;
        say(&format!(
            "after {after:.0} s: {:.0} transfers a second, {} MB of memory, {} MB on disk",
            stretch.transfers_per_second,
            stretch.memory_bytes >> 20,
            stretch.disk_bytes >> 20
        ));
        stretches.push(stretch);
        let per_round = measured.answered_seconds / rounds as f64;
        rounds = ((STRETCH_S / per_round) as u64).clamp(1, 1_000);
    }
    Ok(MixedReport {
        connections,
        stretches,
    })
}

fn stretch(
    site: &Site,
    series: &[Series],
    measured: &Measured,
    after_s: f64,
) -> Result<Stretch, BenchError> {
    let seconds = measured.answered_seconds;
    let total = measured.total();
    let kinds = series
        .iter()
        .zip(&measured.series)
        .map(|(series, tally)| KindRate {
            name: series.name.clone(),
            per_second: tally.good as f64 / seconds,
            p50_ms: tally.latencies.ms(0.5),
            p99_ms: tally.latencies.ms(0.99),
            p100_ms: tally.latencies.ms(1.0),
            verified: tally.verified,
        });
    let settled = series.iter().zip(&measured.series);
    let settled: u64 = settled.map(|(series, tally)| series.settled(tally)).sum();
    Ok(Stretch {
        after_s,
        seconds,
        transfers_per_second: settled as f64 / seconds,
        memory_bytes: gauges::memory(site.sandbox.pid(), "VmRSS").unwrap_or(0),
        disk_bytes: gauges::disk(&site.sandbox.data()),
        entries: site.size()?,
        refused: total.refused,
        late: total.late,
        stalls: measured.stalls,
        kinds: kinds.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_every_share_evenly() {
        let round = pattern();
        for (at, share) in SHARES.iter().enumerate() {
            let places: Vec<_> = (0..round.len())
                .filter(|n| usize::from(round[*n]) == at)
                .collect();
            assert_eq!(places.len() as u64, *share, "{}", NAMES[at]);
            let widest = places
                .windows(2)
                .map(|pair| pair[1] - pair[0])
                .max()
                .unwrap() as u64;
            assert!(widest <= 2 * ROUND / share + 1, "{}: {widest}", NAMES[at]);
        }
        assert_eq!(SHARES.iter().sum::<u64>(), ROUND);
    }
}
