//! Connections on which nothing moves: when they end, and what ten thousand of them cost (held by a
//! process of their own; in the slow suite: `QUITTANCE_SLOW=1 cargo test --test it edge_idle`).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::api_kit::{connect, read_answer};
use crate::edge::{Program, Wishes};

const HOLD: &str = "QUITTANCE_TEST_HOLD";
const IDLE: usize = 10_000;
/// Answers of more than a mebibyte.
const ANSWERS: usize = 40;
/// Resident bytes that an idle connection may cost the node.
const BYTES_EACH: u64 = 32 << 10;

/// Not a test by itself: the other process. It opens connections, says so, and holds them until
/// its standard input ends.
#[test]
fn hold_connections() {
    let Ok(text) = std::env::var(HOLD) else {
        return;
    };
    let (to, count) = text.split_once(' ').unwrap();
    let (to, count): (SocketAddr, usize) = (to.parse().unwrap(), count.parse().unwrap());
    // Each asks once: who never says a word is hung up on after `api.header_timeout_ms`.
    let open = |_| {
        let mut line = TcpStream::connect(to).unwrap();
        let asked = line.write_all(b"GET /log/checkpoint HTTP/1.1\r\nHost: t\r\n\r\n");
        asked.unwrap();
        read_answer(&mut line).unwrap();
        line
    };
    let lines: Vec<TcpStream> = (0..count).map(open).collect();
    println!("held {}", lines.len());
    let _ = std::io::stdin().read(&mut [0]);
}

/// A command with as many descriptors as it may ever have.
fn with_descriptors(program: &str) -> Command {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "ulimit -n 65536 2>/dev/null || ulimit -n \"$(ulimit -H -n)\"; exec \"$0\" \"$@\"",
        program,
    ]);
    command
}

/// Connections that the node counts.
fn open(program: &Program) -> usize {
    let metrics = program.metrics();
    let line = metrics
        .lines()
        .find(|line| line.starts_with("quittance_http_connections_open"));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

/// Asks for so much that it does not fit between the two sides, and does not wait for it.
fn ask_for_much(to: SocketAddr) -> TcpStream {
    let mut line = connect(to);
    let head = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: t\r\n";
    let asked = format!("{head}\r\n").repeat(ANSWERS - 1);
    line.write_all(asked.as_bytes()).unwrap();
    line.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())
        .unwrap();
    line
}

#[test]
fn a_slow_reader_is_served_and_one_that_reads_nothing_is_not() {
    let settings = "[api]\nkeep_alive_s = 1\nheader_timeout_ms = 500\n";
    let mut program = Program::start(tempfile::tempdir().unwrap(), settings, &[]);
    let mut slow = ask_for_much(program.public());
    // Several times as long as an idle connection may live.
    let mut bytes = vec![0; 20 << 20];
    for piece in bytes.chunks_mut(1 << 20) {
        slow.read_exact(piece).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    slow.read_to_end(&mut bytes).unwrap();
    let line = b"HTTP/1.1 200 OK\r\n";
    let answers = bytes.windows(line.len()).filter(|part| part == line);
    assert_eq!(answers.count(), ANSWERS);
    let stuck = ask_for_much(program.public());
    program.until("it never came", |program| open(program) == 1);
    program.until("it is held for ever", |program| open(program) == 0);
    drop(stuck);
    program.signal("-TERM");
    assert_eq!(program.end(), Some(0));
}

#[test]
fn ten_thousand_idle_connections_are_cheap() {
    if std::env::var_os("QUITTANCE_SLOW").is_none() {
        return;
    }
    let hard = with_descriptors("sh")
        .args(["-c", "ulimit -n"])
        .output()
        .unwrap();
    let hard: usize = String::from_utf8(hard.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(
        hard >= IDLE + 2_000,
        "one descriptor for each connection, and some for the store: {hard} are allowed"
    );
    let idle = IDLE;
    let settings = format!(
        "[api]\nkeep_alive_s = 600\nconnections_max = {}\n[api.limits]\nconnections_per_address = {}\n",
        idle + 2_000,
        idle + 1_000
    );
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_by(folder, &settings, &[], with_descriptors);
    let wishes = Wishes::granted(&program);
    let before = program.resident();
    let this = std::env::current_exe().unwrap();
    let mut holder = with_descriptors(this.to_str().unwrap())
        .args(["--exact", "edge_idle::hold_connections", "--nocapture"])
        .env(HOLD, format!("{} {idle}", program.public()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    program.until("the connections do not come", |program| {
        open(program) >= idle
    });
    let mut line = connect(program.public());
    for _ in 0..1_000 {
        line.write_all(&wishes.next()).unwrap();
        let answer = read_answer(&mut line).unwrap();
        assert_eq!(answer.outcomes(), ["SETTLED"], "{}", answer.text());
    }
    let after = program.resident();
    assert!(open(&program) >= idle, "they were hung up on meanwhile");
    println!(
        "{idle} idle connections: {} KiB before, {} KiB with them, {} bytes each",
        before >> 10,
        after >> 10,
        after.saturating_sub(before) / idle as u64
    );
    assert!(
        after < before + BYTES_EACH * idle as u64,
        "{before} {after}"
    );
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    program.signal("-TERM");
    assert_eq!(program.end(), Some(0));
}
