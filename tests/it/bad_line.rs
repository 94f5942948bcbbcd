//! A bad line between a client and a node: answers are lost, and the node is said to be busy.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// What happens to one submission on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It gets there, and so does its answer.
    Pass,
    /// It gets there, and its answer is lost.
    LoseAnswer,
    /// It is lost.
    Lose,
    /// It is answered with 503 and `Retry-After: 1`.
    Busy,
}

/// A listener that forwards to a node.
pub(crate) struct BadLine {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<(Fate, Instant)>>>,
}

impl BadLine {
    /// `fate` says what happens to the n-th submission; everything else passes.
    pub(crate) fn to(node: String, fate: impl Fn(usize) -> Fate + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming() {
                // Whatever breaks here breaks a connection, which is what the line is for.
                let _ = serve(&mut client.unwrap(), &node, &fate, &noted);
            }
        });
        Self { url, seen }
    }

    /// What happened to each submission, and when it came.
    pub(crate) fn seen(&self) -> Vec<(Fate, Instant)> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    client: &mut TcpStream,
    node: &str,
    fate: &impl Fn(usize) -> Fate,
    seen: &Mutex<Vec<(Fate, Instant)>>,
) -> std::io::Result<()> {
    let (head, body) = message(client)?;
    let mut fate_of_this = Fate::Pass;
    if head.starts_with("POST /v1/submissions") {
        let mut seen = seen.lock().unwrap();
        fate_of_this = fate(seen.len());
        seen.push((fate_of_this, Instant::now()));
    }
    match fate_of_this {
        Fate::Lose => return Ok(()),
        Fate::Busy => {
            let problem = "{\"type\":\"x\",\"title\":\"busy\",\"status\":503,\"code\":\"QUEUE_FULL\",\
                           \"detail\":\"busy\",\"request_id\":\"r\"}";
            let length = problem.len();
            return write!(
                client,
                "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n\r\n{problem}"
            );
        }
        Fate::Pass | Fate::LoseAnswer => {}
    }
    let mut upstream = TcpStream::connect(node)?;
    upstream.write_all(head.as_bytes())?;
    upstream.write_all(&body)?;
    let (head, body) = message(&mut upstream)?;
    if fate_of_this == Fate::Pass {
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        client.write_all(head.as_bytes())?;
        client.write_all(&body)?;
    }
    Ok(())
}

/// Reads one HTTP message: its head and as much body as it announces.
fn message(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((head, body))
}
