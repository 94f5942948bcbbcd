//! Audits that go on from where one ended, and the monitor that never ends.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli_node::{Node, ends, json_of, set_up};
use crate::log_maker::LogMaker;
use crate::witness::pay;

fn report(folder: &Path, more: &str) -> Value {
    let args = format!("audit export --log-vkey export/log.vkey {more}");
    json_of(folder, &args.split_whitespace().collect::<Vec<_>>())
}

/// Audits in steps say what an audit of everything says, wherever the steps end.
#[test]
fn an_audit_goes_on_from_where_one_ended() {
    let maker = LogMaker::with_payments(600);
    let folder = tempfile::tempdir().unwrap();
    let (path, export) = (folder.path(), folder.path().join("export"));
    let mut before = None;
    for size in [1, 100, 255, 256, 300, 512, 513, maker.entries.len()] {
        let _ = fs::remove_dir_all(&export);
        fs::create_dir(&export).unwrap();
        maker.export(&export, size);
        let whole = report(path, "");
        let since = before.map_or(String::new(), |_| "--since saved".to_owned());
        let step = report(path, &format!("{since} --save saved"));
        assert_eq!(
            step["since"],
            serde_json::to_value(before).unwrap(),
            "{size}"
        );
        let new = size - before.unwrap_or(0);
        assert_eq!(step["counts"]["entries"], new, "only what is new");
        for same in ["size", "root", "log", "ledger", "totals", "mode", "origin"] {
            assert_eq!(step[same], whole[same], "{same} at {size}");
        }
        // Nothing new is an audit, too.
        let again = report(path, "--since saved");
        assert_eq!(again["counts"]["entries"], 0);
        assert_eq!(again["totals"], whole["totals"]);
        // And nothing but the saved audit says whose log it is.
        let stated = json_of(path, &["audit", "export", "--since", "saved"]);
        assert_eq!(stated["signer"]["by"], "saved");
        before = Some(size);
    }
    older_and_other(path, &maker);
}

/// What a saved audit contradicts.
fn older_and_other(path: &Path, maker: &LogMaker) {
    let export = path.join("export");
    let audit = "audit export --log-vkey export/log.vkey --since saved";
    // Entry 513 is the first of the unfinished bundle: it is looked at again.
    let bundle = export
        .join("log/tile/entries/002.p")
        .join((maker.entries.len() - 512).to_string());
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[60] ^= 1;
    fs::write(&bundle, &bytes).unwrap();
    let told = ends(path, 1, audit);
    assert!(told.contains("as it was audited before"), "{told}");
    let again = || {
        fs::remove_dir_all(&export).unwrap();
        fs::create_dir(&export).unwrap();
    };
    again();
    maker.export(&export, 500);
    let told = ends(path, 1, audit);
    assert!(
        told.contains("the size of the log beside the saved audit"),
        "{told}"
    );
    again();
    LogMaker::with_payments(700).export(&export, 650);
    let told = ends(path, 1, audit);
    assert!(
        told.contains("beside the saved audit") || told.contains("root"),
        "{told}"
    );
    let mut saved = fs::read(path.join("saved")).unwrap();
    saved[100] ^= 1;
    fs::write(path.join("saved"), saved).unwrap();
    let told = ends(path, 2, audit);
    assert!(told.contains("is no saved audit"), "{told}");
}

/// A monitor that the binary runs.
struct Monitor {
    child: Child,
    address: String,
}

impl Monitor {
    fn start(folder: &Path, source: &str) -> Self {
        let key = "--key auditor.pem --passphrase-file secret --stale-after 3600";
        Self::start_with(folder, source, key)
    }

    fn start_with(folder: &Path, source: &str, more: &str) -> Self {
        let words = folder.join("monitor.words");
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
            .env_clear()
            .current_dir(folder)
            .args([
                "audit", source, "--watch", "--every", "1", "--save", "watched",
            ])
            .args(["--log-vkey", "log.vkey", "--listen", "127.0.0.1:0"])
            .args(more.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&words).unwrap())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let words = fs::read_to_string(&words).unwrap();
            if let Some(at) = words.find("numbers  http://") {
                let address = words[at + 16..].split('/').next().unwrap().to_owned();
                return Self { child, address };
            }
            assert!(child.try_wait().unwrap().is_none(), "{words}");
            assert!(Instant::now() < end, "{words}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Waits for a line of the metrics.
    fn until(&self, line: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let metrics = self.get("/metrics");
            if metrics.lines().any(|found| found == line) {
                return;
            }
            assert!(Instant::now() < end, "{line} is not in {metrics}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn alarm(kind: &str, stands: u8) -> String {
    format!("quittance_audit_alarm{{kind=\"{kind}\"}} {stands}")
}

#[test]
fn a_monitor_follows_the_log_and_finds_it_rolled_back() {
    let node = Node::start();
    set_up(node.path());
    // A port of its own, so that the monitor finds the node again after a restart.
    let address = node.address();
    let listen = [("QUITTANCE__API__LISTEN", address.clone())];
    let (_, folder) = node.stop();
    let path = folder.path().to_owned();
    fs::copy(path.join("data/log.vkey"), path.join("log.vkey")).unwrap();
    fs::create_dir(path.join("copy")).unwrap();
    let copied = Command::new("cp")
        .arg("-a")
        .args([path.join("data"), path.join("copy")])
        .status();
    assert!(copied.unwrap().success());
    let node = Node::start_with(folder, &listen);
    let monitor = Monitor::start(&path, &format!("http://{address}"));
    monitor.until("quittance_audit_size 2");
    pay(&path);
    pay(&path);
    monitor.until("quittance_audit_size 4");
    assert!(monitor.get("/healthz").starts_with("HTTP/1.1 200"));
    // A node that is down is no finding, and is forgotten when it is back.
    let (_, folder) = node.stop();
    monitor.until(&alarm("unreachable", 1));
    let node = Node::start_with(folder, &listen);
    monitor.until(&alarm("unreachable", 0));
    assert!(monitor.get("/healthz").starts_with("HTTP/1.1 200"));
    // An older copy in its place.
    let (_, folder) = node.stop();
    fs::remove_dir_all(path.join("data")).unwrap();
    fs::rename(path.join("copy/data"), path.join("data")).unwrap();
    let node = Node::start_with(folder, &listen);
    monitor.until(&alarm("rollback", 1));
    let health = monitor.get("/healthz");
    assert!(
        health.starts_with("HTTP/1.1 503") && health.contains("rollback"),
        "{health}"
    );
    // It grows to where the true one was: another history, with the same key.
    pay(&path);
    pay(&path);
    monitor.until(&alarm("fork", 1));
    monitor.until("quittance_audit_alarms_total{kind=\"rollback\"} 1");
    assert_eq!(monitor.stop(), Some(1), "a finding is not forgotten");
    let kept: Vec<String> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("watched."))
        .collect();
    for part in ["fork", "rollback"] {
        let of = |end: &str| kept.iter().any(|n| n.contains(part) && n.ends_with(end));
        assert!(of(".checkpoint") && of(".before"), "{kept:?}");
    }
    drop(node);
}

/// A log that stands still, one that breaks its rules, and one that states another key.
#[test]
fn a_monitor_tells_staleness_from_breaches() {
    let mut maker = LogMaker::twin(3);
    let folder = tempfile::tempdir().unwrap();
    let (path, export) = (folder.path(), folder.path().join("export"));
    let put = |maker: &LogMaker| {
        let _ = fs::remove_dir_all(&export);
        fs::create_dir(&export).unwrap();
        maker.export(&export, maker.entries.len());
    };
    put(&maker);
    fs::copy(export.join("log.vkey"), path.join("log.vkey")).unwrap();
    let monitor = Monitor::start_with(path, "export", "--stale-after 4");
    monitor.until("quittance_audit_size 5");
    monitor.until(&alarm("stale", 1));
    maker.pay("0.25", None);
    put(&maker);
    monitor.until("quittance_audit_size 6");
    monitor.until(&alarm("stale", 0));
    maker.pay("0.25", Some(|items| crate::log_maker::pays_more(items)));
    put(&maker);
    monitor.until(&alarm("rule", 1));
    assert!(
        monitor.get("/metrics").contains("quittance_audit_size 6\n"),
        "what held last"
    );
    let kept = || -> Vec<String> {
        let files = fs::read_dir(path).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with("watched.rule"))
            .collect()
    };
    // The alarm is told first, and what it is about is written behind it.
    let end = Instant::now() + Duration::from_secs(60);
    for suffix in [".json", ".checkpoint", ".before"] {
        while !kept().iter().any(|name| name.ends_with(suffix)) {
            assert!(Instant::now() < end, "{:?}", kept());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let other = keys::SigningKey::generate("settle.example/test").unwrap();
    fs::write(
        export.join("log.vkey"),
        format!("{}\n", other.verifier_key()),
    )
    .unwrap();
    monitor.until(&alarm("log", 1));
    assert_eq!(monitor.stop(), Some(1));
}

/// What stands where the log stood is whole, keeps its rules, and is signed by another key.
#[test]
fn a_monitor_tells_a_log_that_another_key_has_signed() {
    let (own, other) = (LogMaker::with_payments(3), LogMaker::under_another_key(6));
    let folder = tempfile::tempdir().unwrap();
    let (path, export) = (folder.path(), folder.path().join("export"));
    let put = |maker: &LogMaker| {
        let _ = fs::remove_dir_all(&export);
        fs::create_dir(&export).unwrap();
        maker.export(&export, maker.entries.len());
    };
    put(&own);
    fs::copy(export.join("log.vkey"), path.join("log.vkey")).unwrap();
    let monitor = Monitor::start_with(path, "export", "--stale-after 3600");
    monitor.until("quittance_audit_size 5");
    // By itself nothing is wrong with the other.
    put(&other);
    assert_eq!(report(path, "")["log"]["verdict"], "holds");
    monitor.until(&alarm("signer", 1));
    let metrics = monitor.get("/metrics");
    assert!(metrics.contains("quittance_audit_size 5\n"), "{metrics}");
    let health = monitor.get("/healthz");
    assert!(health.starts_with("HTTP/1.1 503"), "{health}");
    assert!(health.contains("signer"), "{health}");
    // The right one is back; the finding stands.
    put(&own);
    std::thread::sleep(Duration::from_secs(3));
    assert!(monitor.get("/metrics").contains(&alarm("signer", 1)));
    assert_eq!(monitor.stop(), Some(1));
    let evidence = fs::read_dir(path).unwrap().filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("watched.signer")
    });
    assert_eq!(evidence.count(), 3);
}
