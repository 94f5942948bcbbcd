//! Honest settlements while bad signatures pour in: the ratio to the same load alone.
//!
//! The flood is open-loop: requests are written one behind the other without waiting for answers,
//! and whoever is hung up on connects anew. It shares the machine with node and honest load.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::bodies::Payers;
use super::job::Series;
use super::options::Options;
use super::report::Run;
use super::sandbox::{Manner, Places};
use super::site::Site;
use super::table::Workload;
use super::{BenchError, Say, io};
use crate::clock;

/// Bad signatures offered a second, over this many connections.
const OFFERED_PER_S: u64 = 20_000;
const CONNECTIONS: u64 = 64;
/// One turn of a flooding connection.
const TURN: Duration = Duration::from_millis(10);
/// The honest connections have settled once by then, as those of a bank at work have.
const HEAD_START: Duration = Duration::from_millis(300);
/// The honest load comes from 127.0.0.1.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);

/// One pass: the honest rate, and what became of the flood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// Where the flood comes from.
    pub flood: String,
    /// Honest settlements acknowledged per second.
    pub per_second: f64,
    /// 99th percentile of the honest latency, milliseconds.
    pub p99_ms: f64,
    /// Honest requests answered 503.
    pub refused: u64,
    /// Part of the rate alone in the same round.
    pub ratio: f64,
    /// Bad requests that the flooder meant to send per second.
    pub offered_per_second: u64,
    /// Bad requests that it could write per second.
    pub written_per_second: f64,
    /// Connections that it made per second.
    pub connections_per_second: f64,
}

/// All passes of all rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FloodReport {
    /// Honest connections.
    pub connections: usize,
    /// Three passes a round: alone, flood from another address, flood from the same one.
    pub passes: Vec<Pass>,
}

/// Measures W1 in rounds, alone and beside the flood.
///
/// # Errors
/// [`BenchError`].
pub fn run_flood(options: &Options, say: Say<'_>) -> Result<FloodReport, BenchError> {
    let workload = Workload::named("W1");
    let workload = workload.ok_or_else(|| BenchError::Answer("W1 is not in the table".into()))?;
    let places = Places::new(options.folder.as_deref());
    let site = workload.site(&places, Manner::default(), say)?;
    let connections = options.connections(workload).first().copied().unwrap_or(1);
    let messages = workload.messages(options.settlements(workload));
    let kind = workload.kind(Payers::Many);
    let series = [Series::of("messages", kind)];
    let pace = options.pace(workload, connections);
    say("warming up, alone");
    site.settle(kind, workload.warm_up(messages), pace, say)?;
    let mut passes = Vec::new();
    for round in 1..=options.runs(workload) {
        let mut alone = None;
        for (name, from) in [
            ("none", None),
            ("another address", Some(ELSEWHERE)),
            ("the same address", Some(Ipv4Addr::LOCALHOST)),
        ] {
            say(&format!("round {round}, flood from: {name}"));
            let mut flood = None;
            let mut make = |_| Ok((0, site.banks.request(kind)?));
            let mut begin = || {
                flood = from.map(|from| Flood::start(&site, from)).transpose()?;
                Ok(())
            };
            let measured = site.load_beside(&series, messages, pace, &mut make, &mut begin, say)?;
            let sent = flood.map(Flood::end).unwrap_or_default();
            let run = Run::of(&measured, 1);
            passes.push(Pass {
                flood: name.to_owned(),
                per_second: run.per_second,
                p99_ms: run.p99_ms,
                refused: run.refused,
                ratio: run.per_second / *alone.get_or_insert(run.per_second),
                offered_per_second: from.map_or(0, |_| OFFERED_PER_S),
                written_per_second: sent.written as f64 / run.seconds,
                connections_per_second: sent.connections as f64 / run.seconds,
            });
        }
    }
    Ok(FloodReport {
        connections,
        passes,
    })
}

#[derive(Default)]
struct Counts {
    over: AtomicBool,
    written: AtomicU64,
    connections: AtomicU64,
}

#[derive(Default)]
struct Sent {
    written: u64,
    connections: u64,
}

struct Flood {
    counts: Arc<Counts>,
    thread: JoinHandle<io::Result<()>>,
}

impl Flood {
    fn start(site: &Site, from: Ipv4Addr) -> Result<Self, BenchError> {
        let to = site.sandbox.public;
        let single = Workload::named("W1").map(|workload| workload.kind(Payers::Many));
        let mut bad = single.map_or(Ok(Vec::new()), |kind| site.banks.request(kind))?;
        // Another amount than the one that was signed, of the same length.
        if let Some(at) = bad.windows(6).position(|window| window == b"\"0.01\"") {
            bad.splice(at..at + 6, *b"\"0.09\"");
        }
        let counts = Arc::new(Counts::default());
        let seen = Arc::clone(&counts);
        let thread = std::thread::Builder::new()
            .name("flood".to_owned())
            .spawn(move || pour(to, from.into(), &bad.into(), &seen))
            .map_err(io("starting the flood"))?;
        Ok(Self { counts, thread })
    }

    fn end(self) -> Sent {
        self.counts.over.store(true, Ordering::Relaxed);
        // What it ends with is that it was hung up on.
        let _ = self.thread.join();
        Sent {
            written: self.counts.written.load(Ordering::Relaxed),
            connections: self.counts.connections.load(Ordering::Relaxed),
        }
    }
}

fn pour(to: SocketAddr, from: IpAddr, bad: &Arc<[u8]>, counts: &Arc<Counts>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        tokio::time::sleep(HEAD_START).await;
        for _ in 0..CONNECTIONS {
            let (bad, counts) = (Arc::clone(bad), Arc::clone(counts));
            tokio::spawn(async move {
                while !counts.over.load(Ordering::Relaxed) {
                    // Hung up on, or refused: once more, at the pace of the flood.
                    let _ = one(to, from, &bad, &counts).await;
                    tokio::time::sleep(TURN).await;
                }
            });
        }
        while !counts.over.load(Ordering::Relaxed) {
            tokio::time::sleep(TURN).await;
        }
        Ok(())
    })
}

/// One connection of the flood, until it is hung up on.
async fn one(to: SocketAddr, from: IpAddr, bad: &[u8], counts: &Counts) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream: TcpStream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    counts.connections.fetch_add(1, Ordering::Relaxed);
    let (mut answers, mut requests) = stream.into_split();
    let read = async {
        let mut waste = [0; 8_192];
        while answers.read(&mut waste).await? > 0 {}
        io::Result::Ok(())
    };
    let write = async {
        let start = clock::instant();
        let mut sent: u64 = 0;
        loop {
            let due = OFFERED_PER_S * u64::try_from(start.elapsed().as_millis()).unwrap_or(0);
            while sent < due / (CONNECTIONS * 1_000) {
                requests.write_all(bad).await?;
                sent += 1;
                counts.written.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(TURN).await;
        }
    };
    tokio::select! {
        ended = read => ended,
        ended = write => ended,
    }
}
