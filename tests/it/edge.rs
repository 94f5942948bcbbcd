//! The real program at its edges: signals, the service manager, lines for machines.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chain::Hash;
use chain::statement::Purpose;
use keys::{Passphrase, SigningKey};
use quittance::client::Client;
use quittance::clock::Clock;
use quittance::ledger::{InstructionId, Time};
use serde_json::Value;
use tempfile::TempDir;

use crate::api_kit::{call, connect, read_answer, signed_for};
use crate::api_limits::request;

const PATIENCE: Duration = Duration::from_secs(60);

/// `quittance run` in a folder of its own.
pub(crate) struct Program {
    child: Child,
    folder: TempDir,
    settings: String,
    env: Vec<(String, String)>,
}

impl Program {
    /// Starts it with further lines for `node.toml`, and waits until it listens.
    pub(crate) fn start(folder: TempDir, settings: &str, env: &[(&str, &str)]) -> Program {
        let text = format!(
            "admin.listen = \"127.0.0.1:0\"\n[wal]\nsegment_bytes = 16777216\nsegments_min = 2\n{settings}"
        );
        Program::made(folder, text, env, |program| Command::new(program))
    }

    /// The same; `command` makes the command that runs a program.
    pub(crate) fn start_by(
        folder: TempDir,
        settings: &str,
        env: &[(&str, &str)],
        command: fn(&str) -> Command,
    ) -> Program {
        let text = format!("admin.listen = \"127.0.0.1:0\"\n{settings}");
        Program::made(folder, text, env, command)
    }

    fn made(
        folder: TempDir,
        text: String,
        env: &[(&str, &str)],
        command: fn(&str) -> Command,
    ) -> Program {
        std::fs::write(folder.path().join("node.toml"), &text).unwrap();
        let env: Vec<(String, String)> = env
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let child = spawn(command, folder.path(), &env);
        let mut program = Program {
            child,
            folder,
            settings: text,
            env,
        };
        program.wait_until_up();
        program
    }

    pub(crate) fn restart(&mut self) {
        std::fs::write(self.folder.path().join("node.toml"), &self.settings).unwrap();
        self.child = spawn(
            |program| Command::new(program),
            self.folder.path(),
            &self.env,
        );
        self.wait_until_up();
    }

    fn wait_until_up(&mut self) {
        let pid = u64::from(self.child.id());
        self.until("it does not come up", |program| {
            if let Ok(Some(status)) = program.child.try_wait() {
                panic!("ended with {status}: {}", program.lines());
            }
            let run = std::fs::read(program.data().join("run.json")).unwrap_or_default();
            serde_json::from_slice::<Value>(&run).is_ok_and(|run| run["pid"] == pid)
        });
    }

    pub(crate) fn until(&mut self, what: &str, mut is: impl FnMut(&mut Program) -> bool) {
        let start = Instant::now();
        while !is(self) {
            assert!(start.elapsed() < PATIENCE, "{what}\n{}", self.lines());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it wrote to stderr.
    pub(crate) fn lines(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    fn address(&self, which: &str) -> SocketAddr {
        let run = std::fs::read(self.data().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        run[which].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn public(&self) -> SocketAddr {
        self.address("public")
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.address("admin")
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; gives the exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let mut code = None;
        self.until("it does not end", |program| {
            let ended = program.child.try_wait().unwrap();
            code = ended.map(|status| status.code());
            ended.is_some()
        });
        code.unwrap()
    }

    pub(crate) fn metrics(&self) -> String {
        call(self.admin(), "GET", "/metrics", &Vec::new(), b"").text()
    }

    /// Resident bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kib << 10
    }

    fn operator(&self) -> SigningKey {
        let keys = self.data().join("keys");
        let passphrase = Passphrase::from_file(&keys.join("passphrase")).unwrap();
        keys::read_key_file(&keys.join("operator-1.pem"), &passphrase).unwrap()
    }
}

fn spawn(command: fn(&str) -> Command, folder: &Path, env: &[(String, String)]) -> Child {
    let stderr = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("stderr"))
        .unwrap();
    command(env!("CARGO_BIN_EXE_quittance"))
        .args(["run", "--set", "api.listen=127.0.0.1:0"])
        .current_dir(folder)
        .envs(env.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap()
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(settings: &str, env: &[(&str, &str)]) -> Program {
    Program::start(tempfile::tempdir().unwrap(), settings, env)
}

/// Signed wishes of the operator, who issues money: the ledger refuses and logs them, unless the
/// account is there.
pub(crate) struct Wishes {
    operator: SigningKey,
    origin: String,
    genesis: Hash,
    clock: Clock,
    count: AtomicU64,
    account: &'static str,
}

impl Wishes {
    /// Wishes that settle.
    pub(crate) fn granted(program: &Program) -> Wishes {
        let mut wishes = Wishes::of(program);
        let id = || {
            let n = wishes.count.fetch_add(1, Ordering::Relaxed);
            InstructionId::from_parts(wishes.clock.now_ns() / 1_000_000, u128::from(n))
        };
        let key = SigningKey::generate("edge/key").unwrap();
        let setup = format!(
            r#"{{"add_participant":{{"id":"{}","participant":"edge","role":"bank","keys":["{}"],"threshold":1}}}},{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}},{{"open_account":{{"id":"{}","address":"edge:usd","owner":"edge","kind":"settlement","asset":"USD"}}}}"#,
            id(),
            key.verifier_key(),
            id(),
            id()
        );
        let mut line = connect(program.public());
        line.write_all(&wishes.message(&setup)).unwrap();
        assert_eq!(read_answer(&mut line).unwrap().status, 201);
        wishes.account = "edge:usd";
        wishes
    }

    pub(crate) fn of(program: &Program) -> Wishes {
        let client = Client::new(&format!("http://{}", program.public())).unwrap();
        let log = client.log().unwrap();
        Wishes {
            operator: program.operator(),
            origin: log.origin.clone(),
            genesis: log.genesis_hash.0,
            clock: Clock::start(),
            count: AtomicU64::new(1),
            account: "nobody:none",
        }
    }

    pub(crate) fn next(&self) -> Vec<u8> {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let id = InstructionId::from_parts(self.clock.now_ns() / 1_000_000, u128::from(n));
        let account = self.account;
        self.message(&format!(
            r#"{{"issue":{{"id":"{id}","account":"{account}","amount":"1.00"}}}}"#
        ))
    }

    fn message(&self, instructions: &str) -> Vec<u8> {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let created = Time::from_nanos(self.clock.now_ns());
        let body = format!(
            r#"{{"message_id":"edge-{n}","created":"{created}","nonce":"AAAAAAAAAAAAAAAAAAAAAA==","instructions":[{instructions}]}}"#
        );
        let log = (self.origin.as_str(), &self.genesis);
        let headers = signed_for(
            Purpose::Submission,
            log,
            "operators",
            &[&self.operator],
            &body,
        );
        request("POST", "/v1/submissions", &headers, &body)
    }
}

/// Sends on one connection after the other until nobody answers; notes acknowledged indexes.
/// A connection that was answered once, and was not told to end, must answer again.
fn load(
    to: SocketAddr,
    wishes: &Wishes,
    newest: &AtomicU64,
    answers: &AtomicU64,
) -> Result<(), String> {
    loop {
        let Ok(mut line) = std::net::TcpStream::connect(to) else {
            return Ok(());
        };
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut first = true;
        loop {
            let sent = line.write_all(&wishes.next());
            let answer = sent.ok().and_then(|()| read_answer(&mut line));
            let Some(answer) = answer else {
                if first {
                    // It was never taken out of the kernel's queue.
                    return Ok(());
                }
                return Err("a connection in use was cut without an answer".to_owned());
            };
            first = false;
            if answer.status == 201 {
                let index = answer.json()["index"].as_u64().unwrap();
                newest.fetch_max(index, Ordering::Relaxed);
                answers.fetch_add(1, Ordering::Relaxed);
            } else if answer.status != 503 {
                return Err(answer.text());
            }
            if answer.header("connection") == Some("close") {
                break;
            }
        }
    }
}

#[test]
fn whoever_is_inside_is_answered_at_the_end() {
    let mut program = program("", &[]);
    let wishes = Wishes::of(&program);
    let (to, admin) = (program.public(), program.admin());
    // One request is half sent, and holds the end open.
    let mut slow = connect(to);
    let bytes = wishes.next();
    slow.write_all(&bytes[..bytes.len() - 1]).unwrap();
    let (newest, answers) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| load(to, &wishes, &newest, &answers)))
            .collect();
        program.until("no load", |_| answers.load(Ordering::Relaxed) > 100);
        program.signal("-TERM");
        // Not ready at once, while those inside are still served.
        program.until("still ready", |_| {
            call(admin, "GET", "/readyz", &Vec::new(), b"").status == 503
        });
        slow.write_all(&bytes[bytes.len() - 1..]).unwrap();
        let answer = read_answer(&mut slow).expect("an answer for who was inside");
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.header("connection"), Some("close"));
        newest.fetch_max(answer.json()["index"].as_u64().unwrap(), Ordering::Relaxed);
        for worker in workers {
            assert_eq!(worker.join().unwrap(), Ok(()));
        }
    });
    assert_eq!(program.end(), Some(0), "{}", program.lines());
    assert!(!program.data().join("run.json").exists());
    // What was acknowledged is there.
    program.restart();
    let checkpoint = call(program.public(), "GET", "/log/checkpoint", &Vec::new(), b"").text();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    assert!(size > newest.load(Ordering::Relaxed), "{size}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut program = program(
        "[api]\nbody_timeout_ms = 300000\n[sequencer]\nshutdown_drain_ms = 600000\n",
        &[],
    );
    let wishes = Wishes::of(&program);
    let admin = program.admin();
    let mut slow = connect(program.public());
    let bytes = wishes.next();
    slow.write_all(&bytes[..bytes.len() - 1]).unwrap();
    // The half request must have arrived: a whole one behind it on another line is answered.
    let mut other = connect(program.public());
    other.write_all(&wishes.next()).unwrap();
    assert_eq!(read_answer(&mut other).unwrap().status, 201);
    program.signal("-TERM");
    program.until("still ready", |_| {
        call(admin, "GET", "/readyz", &Vec::new(), b"").status == 503
    });
    program.signal("-INT");
    assert_eq!(program.end(), Some(2), "{}", program.lines());
    // It comes back by itself.
    program.restart();
    assert_eq!(
        call(program.admin(), "GET", "/readyz", &Vec::new(), b"").status,
        200
    );
}

#[test]
fn the_service_manager_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let env = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "300000"),
    ];
    let mut program = program("", &env);
    let hear = |wanted: &str| {
        let mut bytes = [0; 4_096];
        loop {
            let length = socket.recv(&mut bytes).expect(wanted);
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if text.lines().any(|line| line.starts_with(wanted)) {
                return text;
            }
        }
    };
    assert!(hear("EXTEND_TIMEOUT_USEC=").contains("STATUS=opening"));
    assert!(hear("READY=1").contains("STATUS=serving localhost/sandbox on http://127.0.0.1:"));
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    program.signal("-HUP");
    assert!(hear("RELOADING=1").contains("MONOTONIC_USEC="));
    hear("READY=1");
    program.signal("-TERM");
    hear("STOPPING=1");
    assert_eq!(program.end(), Some(0));
}

#[test]
fn lines_for_machines_are_objects_without_secrets() {
    let mut program = program("[telemetry]\nformat = \"json\"\nlevel = \"debug\"\n", &[]);
    let wishes = Wishes::of(&program);
    let request = wishes.next();
    let mut line = connect(program.public());
    line.write_all(&request).unwrap();
    let answer = read_answer(&mut line).unwrap();
    assert_eq!(answer.status, 201);
    let token = call(
        program.public(),
        "GET",
        "/v1/whoami",
        &vec![("Authorization", "Bearer qs_hidden_token".to_owned())],
        b"",
    );
    assert_eq!(token.status, 401);
    program.signal("-TERM");
    assert_eq!(program.end(), Some(0));
    let id = answer.header("quittance-request-id").unwrap();
    let mut found = false;
    let lines = program.lines();
    for line in lines.lines().filter(|line| line.starts_with('{')) {
        let object: Value = serde_json::from_str(line).expect(line);
        for field in ["timestamp", "level", "target", "message"] {
            assert!(object[field].is_string(), "{field}: {line}");
        }
        found |= object["request_id"] == id
            && object["status"] == 201
            && object["path"] == "/v1/submissions";
    }
    assert!(found, "{lines}");
    let keys = program.data().join("keys");
    let text = String::from_utf8(request).unwrap();
    let signature = text
        .lines()
        .find(|l| l.starts_with("Quittance-Signature"))
        .unwrap();
    let secrets = [
        std::fs::read_to_string(keys.join("passphrase"))
            .unwrap()
            .trim()
            .to_owned(),
        std::fs::read_to_string(keys.join("log.pem"))
            .unwrap()
            .lines()
            .nth(1)
            .unwrap()
            .to_owned(),
        signature.rsplit(' ').next().unwrap().to_owned(),
        "qs_hidden_token".to_owned(),
        "\"nonce\"".to_owned(),
        "nobody:none".to_owned(),
    ];
    for secret in secrets {
        assert!(
            secret.len() > 6 && !lines.contains(&secret),
            "{secret} in the lines"
        );
    }
}
