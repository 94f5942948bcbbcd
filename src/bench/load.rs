//! The load generator: plain sockets, requests made beforehand, answers read whole.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::BenchError;
use crate::clock;

/// One answer in this many is kept and verified.
const SAMPLE: usize = 997;

/// What a run measured.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) elapsed: Duration,
    /// Microseconds from the first byte sent to the last byte received, one a request.
    pub(super) latencies_us: Vec<u64>,
    pub(super) logged: usize,
    /// Answers 503: the client would send the same bytes again.
    pub(super) refused: usize,
    pub(super) samples: Vec<Vec<u8>>,
}

/// What one connection measured.
#[derive(Default)]
struct Part {
    latencies_us: Vec<u64>,
    logged: usize,
    refused: usize,
    samples: Vec<Vec<u8>>,
}

/// Sends all requests over `connections` connections and waits for every answer.
pub(super) fn send(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
) -> Result<Measured, BenchError> {
    let failed = |source| BenchError::Io {
        doing: "sending the load",
        source,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime
        .block_on(run(address, requests, connections))
        .map_err(failed)
}

async fn run(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
) -> io::Result<Measured> {
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    // Tasks must own what they use: the requests are shared, not copied.
    let requests: Arc<[Vec<u8>]> = requests.to_vec().into();
    let next = Arc::new(AtomicUsize::new(0));
    let started = clock::instant();
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|stream| tokio::spawn(connection(stream, Arc::clone(&requests), Arc::clone(&next))))
        .collect();
    let mut measured = Measured::default();
    for task in tasks {
        let part = task.await.map_err(io::Error::other)??;
        measured.latencies_us.extend(part.latencies_us);
        measured.logged += part.logged;
        measured.refused += part.refused;
        measured.samples.extend(part.samples);
    }
    measured.elapsed = started.elapsed();
    measured.latencies_us.sort_unstable();
    Ok(measured)
}

async fn connection(
    mut stream: TcpStream,
    requests: Arc<[Vec<u8>]>,
    next: Arc<AtomicUsize>,
) -> io::Result<Part> {
    let mut part = Part::default();
    let mut buffer = Vec::with_capacity(16 << 10);
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = requests.get(n) else {
            return Ok(part);
        };
        let sent = clock::instant();
        stream.write_all(request).await?;
        buffer.clear();
        let (status, head) = read_answer(&mut stream, &mut buffer).await?;
        let latency = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
        part.latencies_us.push(latency);
        match status {
            // 200 is a receipt of what was logged before.
            200 | 201 => part.logged += 1,
            503 => part.refused += 1,
            other => {
                let body = String::from_utf8_lossy(buffer.get(head..).unwrap_or_default());
                return Err(io::Error::other(format!("answer {other}: {body}")));
            }
        }
        if status != 503 && n.is_multiple_of(SAMPLE) {
            part.samples
                .push(buffer.get(head..).unwrap_or_default().to_vec());
        }
    }
}

/// Reads one answer; gives its status and where its body begins.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<(u16, usize)> {
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::Error::other("the node closed the connection"));
        }
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end]).map_err(io::Error::other)?;
            let (status, length) = parse_head(head)
                .ok_or_else(|| io::Error::other(format!("not an answer: {head}")))?;
            let body = end + 4;
            while buffer.len() < body + length {
                if stream.read_buf(buffer).await? == 0 {
                    return Err(io::Error::other("the node closed the connection"));
                }
            }
            return Ok((status, body));
        }
    }
}

fn parse_head(head: &str) -> Option<(u16, usize)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    })?;
    Some((status, length))
}
