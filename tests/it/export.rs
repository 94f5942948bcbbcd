//! Exports: brought up to date by what is new, resumed after a kill, and never of what the node
//! has not signed. A proxy before the node counts, stalls and lies.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::api_kit::{Answered, Door, call};
use crate::backup_kit::files_below;
use crate::cli::line;
use crate::cli_node::{ends, good};
use crate::kit::{Sandbox, assert_good};

/// What a proxy does with the answer to a path.
type Change = Arc<dyn Fn(&str, &mut Answered) + Send + Sync>;

/// Stands between a client and a node.
#[derive(Clone)]
struct Proxy {
    at: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    node: SocketAddr,
    paths: Mutex<Vec<String>>,
    change: Mutex<Change>,
}

impl Proxy {
    fn before(node: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            at: listener.local_addr().unwrap(),
            shared: Arc::new(Shared {
                node,
                paths: Mutex::default(),
                change: Mutex::new(Arc::new(|_, _| ())),
            }),
        };
        let shared = Arc::clone(&proxy.shared);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that was killed reads no answer.
                std::thread::spawn(move || shared.pass_on(connection));
            }
        });
        proxy
    }

    fn change(&self, change: impl Fn(&str, &mut Answered) + Send + Sync + 'static) {
        *self.shared.change.lock().unwrap() = Arc::new(change);
    }

    /// The paths asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.paths.lock().unwrap())
    }
}

impl Shared {
    fn pass_on(&self, mut connection: TcpStream) {
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            match connection.read(&mut chunk) {
                Ok(0) | Err(_) => return,
                Ok(n) => bytes.extend_from_slice(&chunk[..n]),
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let value = |name: &str| {
            let mut lines = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "));
            let found = lines.find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        let length: usize = value("content-length").map_or(0, |text| text.parse().unwrap());
        while bytes.len() < end + 4 + length {
            let n = connection.read(&mut chunk).unwrap();
            bytes.extend_from_slice(&chunk[..n]);
        }
        let mut words = head.lines().next().unwrap().split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let headers = ["Authorization", "Content-Type", "Accept"];
        let headers = headers.map(|name| Some((name, value(name)?)));
        let headers = headers.into_iter().flatten().collect();
        self.paths.lock().unwrap().push(path.to_owned());
        let mut answer = call(self.node, method, path, &headers, &bytes[end + 4..]);
        // It may take long, and must not hold up others.
        let change = Arc::clone(&self.change.lock().unwrap());
        change(path, &mut answer);
        let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", answer.status);
        head.push_str(&format!("Content-Length: {}\r\n\r\n", answer.body.len()));
        let _ = connection.write_all(&[head.as_bytes(), &answer.body].concat());
    }
}

/// A node in this process with a bank and an auditor, whose key the command line has.
struct Site {
    door: Door,
    proxy: Proxy,
    bank: keys::SigningKey,
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let folder = tempfile::tempdir().unwrap();
        let bank = sandbox.bank("bank-a");
        sandbox.asset("USD");
        sandbox.account("bank-a", "bank-a:x", "USD", "1000.00");
        sandbox.account("bank-a", "bank-a:y", "USD", "0");
        let secret = keys::Passphrase::new("throw-away").unwrap();
        secret.write_file(&folder.path().join("secret")).unwrap();
        good(
            folder.path(),
            "keys generate auditor/one --out auditor.pem --passphrase-file secret",
        );
        let vkey = fs::read_to_string(folder.path().join("auditor.vkey")).unwrap();
        assert_good(&sandbox.govern(&[format!(
            r#"{{"add_participant":{{"id":"{}","participant":"auditor","role":"auditor","keys":["{}"],"threshold":1}}}}"#,
            sandbox.id(),
            vkey.trim_end()
        )]));
        let door = Door::serving(sandbox);
        let proxy = Proxy::before(door.bound().public);
        Self {
            door,
            proxy,
            bank,
            folder,
        }
    }

    /// Makes the log longer, to this many entries.
    fn pay(&self, size: u64) {
        let sandbox = &self.door.sandbox;
        while sandbox.node().reader().size() < size {
            let pay = sandbox.transfer("bank-a:x", "bank-a:y", "USD", "0.01");
            assert_good(&sandbox.submit("bank-a", &[&self.bank], &sandbox.body(&[pay])));
        }
    }

    fn erase(&self, index: u64) {
        let id = self.door.sandbox.id();
        let wish =
            format!(r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"GDPR-Art-17"}}}}"#);
        assert_good(&self.door.sandbox.govern(&[wish]));
    }

    fn export(&self, to: &str) -> String {
        format!(
            "export {to} --url http://{} --key auditor.pem --passphrase-file secret",
            self.proxy.at
        )
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Exports into a new folder; gives the files.
    fn fresh(&self, to: &str) -> BTreeMap<String, Vec<u8>> {
        good(self.path(), &self.export(to));
        contents(&self.path().join(to))
    }
}

/// The files below a folder.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    let files = files_below(folder);
    let files = files
        .iter()
        .map(|path| (name(path), fs::read(path).unwrap()));
    files.collect()
}

/// When each file was last written.
fn times(folder: &Path) -> BTreeMap<String, std::time::SystemTime> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    let files = files_below(folder);
    let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    files.iter().map(|path| (name(path), time(path))).collect()
}

fn keyed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u64> {
    let keys = String::from_utf8(files["body.keys"].clone()).unwrap();
    let index = |line: &str| line.split(' ').next().unwrap().parse().unwrap();
    keys.lines().map(index).collect()
}

#[test]
fn an_export_is_brought_up_to_date_by_what_is_new() {
    let site = Site::new();
    site.pay(1_070);
    let copy = site.path().join("copy");
    good(site.path(), &site.export("copy"));
    let before = times(&copy);
    assert!(keyed(&contents(&copy)).contains(&20));
    site.proxy.asked();

    site.pay(1_300);
    site.erase(20);
    site.erase(1_060);
    site.pay(1_310);
    let told = good(site.path(), &site.export("copy"));
    assert!(told.contains("there already, and right"), "{told}");
    let asked = site.proxy.asked();
    let entries: Vec<_> = asked
        .iter()
        .filter(|path| path.starts_with("/v1/entries"))
        .collect();
    // Two pages from 1,070 on, and the two that were erased.
    assert_eq!(entries.len(), 4, "{entries:?}");
    let tiles = asked.iter().filter(|path| path.starts_with("/log/tile"));
    // Four unfinished tiles, before and now; the tile that is full now, and bundles of the new.
    assert!(tiles.count() <= 8, "{asked:?}");

    let (mut now, fresh) = (contents(&copy), site.fresh("fresh"));
    let keys = keyed(&now);
    assert!(!keys.contains(&20) && !keys.contains(&1_060) && keys.contains(&21));
    // Full tiles were left alone, and so were records; of what the first checkpoint spoke for, the
    // tiles that are not full yet can still be had.
    let after = times(&copy);
    for name in [
        "log/tile/0/003",
        "log/tile/entries/000",
        "genesis.json",
        "log.vkey",
    ] {
        assert_eq!(before[name], after[name], "{name}");
    }
    let only_old: Vec<_> = now
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .cloned()
        .collect();
    assert_eq!(only_old, ["log/tile/1/000.p/4"]);
    now.retain(|name, _| fresh.contains_key(name));
    assert!(now == fresh, "not what a new export holds");
    let mode = fs::metadata(copy.join("body.keys"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let log_key = site.door.sandbox.node().log_key().to_string();
    fs::write(site.path().join("log.vkey"), log_key + "\n").unwrap();
    let told = good(site.path(), "audit copy --log-vkey log.vkey");
    assert!(told.contains("erased"), "{told}");

    // Nothing new: nothing of the log is asked for but its checkpoint.
    site.proxy.asked();
    let before = times(&copy);
    good(site.path(), &site.export("copy"));
    let asked = site.proxy.asked();
    let of_log = |path: &&String| path.starts_with("/log/tile") || path.starts_with("/v1/entries");
    assert_eq!(asked.iter().filter(of_log).count(), 0, "{asked:?}");
    let after = times(&copy);
    let written = after.iter().filter(|(name, time)| before[*name] != **time);
    let written: Vec<_> = written.map(|(name, _)| name.as_str()).collect();
    assert_eq!(written, ["body.keys"]);
    damaged(&site, &copy, &contents(&copy));
}

/// What was damaged on the disk is found and told; it is fetched again by whoever says so, and what was
/// there is kept. What is missing is fetched.
fn damaged(site: &Site, copy: &Path, whole: &BTreeMap<String, Vec<u8>>) {
    for name in [
        "log/tile/0/001",
        "log/tile/entries/002",
        "log/tile/1/000.p/4",
        "log/tile/0/005.p/30",
        "records/000000.bin",
        "records/000004.bin",
        "body.keys",
        "log.vkey",
    ] {
        let file = copy.join(name);
        for change in ["flip", "cut", "gone"] {
            let mut bytes = whole[name].clone();
            let middle = bytes.len() / 2;
            match change {
                "flip" => bytes[middle] ^= 1,
                _ => bytes.truncate(middle),
            }
            match change {
                "gone" => {
                    fs::remove_file(&file).unwrap();
                    good(site.path(), &site.export("copy"));
                }
                _ => {
                    fs::write(&file, &bytes).unwrap();
                    told(site, copy, name, &bytes);
                }
            }
            let mut now = contents(copy);
            // What no checkpoint of today speaks for is not made again.
            if name == "log/tile/1/000.p/4" {
                assert_eq!(now.remove(name), None, "{change}");
                fs::write(&file, &whole[name]).unwrap();
                now.insert(name.to_owned(), whole[name].clone());
            }
            assert!(&now == whole, "{name} {change}");
        }
    }
}

/// A file with other bytes ends the command and stays; where it is to be mended it is kept.
fn told(site: &Site, copy: &Path, name: &str, bytes: &[u8]) {
    let said = ends(site.path(), 1, &site.export("copy"));
    assert!(
        said.contains(name) && said.contains("is not what was exported") && said.contains("--mend"),
        "{said}"
    );
    assert!(fs::read(copy.join(name)).unwrap() == bytes, "{name}");
    let said = good(site.path(), &format!("{} --mend", site.export("copy")));
    assert!(said.contains("CHANGED:") && said.contains(name), "{said}");
    let aside = copy.join("changed");
    if name == "body.keys" {
        assert!(!aside.join(name).exists(), "keys are kept nowhere else");
    } else {
        assert!(fs::read(aside.join(name)).unwrap() == bytes, "{name}");
    }
    let _ = fs::remove_dir_all(aside);
}

/// Begins an export, which stalls in the middle of the ninth file of records, and kills it there.
fn killed(site: &Site) {
    let stall = |path: &str, _: &mut Answered| {
        if path.contains("cursor=2200") {
            std::thread::sleep(Duration::from_secs(3_600));
        }
    };
    site.proxy.change(stall);
    let args = site.export("copy");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("quittance"))
        .env_clear()
        .current_dir(site.path())
        .args(args.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(120);
    let stalled = |path: &String| path.contains("cursor=2200");
    while !site.proxy.shared.paths.lock().unwrap().iter().any(stalled) {
        assert!(Instant::now() < end && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Somebody else may not write there meanwhile.
    let told = ends(site.path(), 2, &site.export("copy"));
    assert!(
        told.contains("is being written by another command"),
        "{told}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_export_that_was_killed_goes_on_where_it_was() {
    let site = Site::new();
    site.pay(2_300);
    site.erase(30);
    killed(&site);
    let copy = site.path().join("copy");
    let left = contents(&copy);
    assert!(!left.contains_key("log/checkpoint") && !left.contains_key("body.keys"));
    assert!(left.contains_key("records/000007.bin") && !left.contains_key("records/000008.bin"));
    let hidden = |name: &str| name.starts_with('.') || name.contains("/.");
    for name in left.keys().filter(|name| hidden(name)) {
        let mode = fs::metadata(copy.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    // The stalled connection keeps the old proxy.
    let proxy = Proxy::before(site.door.bound().public);
    let site = Site { proxy, ..site };
    // The last line of a file under way may be cut off.
    let part = copy.join(".body.keys.part");
    let mut bytes = fs::read(&part).unwrap();
    bytes.extend_from_slice(b"2000 AAAA");
    fs::write(&part, bytes).unwrap();
    // Meanwhile somebody's text that was fetched is erased.
    site.erase(40);

    let told = good(site.path(), &site.export("copy"));
    assert!(told.contains("2048 records; fetched"), "{told}");
    let asked = site.proxy.asked();
    let entries = asked.iter().filter(|path| path.starts_with("/v1/entries"));
    let entries: Vec<_> = entries.map(String::as_str).collect();
    assert_eq!(
        entries,
        [
            "/v1/entries?cursor=2048&limit=200",
            "/v1/entries?cursor=2248&limit=200",
            "/v1/entries/40"
        ]
    );
    let (mut now, fresh) = (contents(&copy), site.fresh("fresh"));
    // The log has grown by one since; what was its end then is still a beginning of its tiles.
    let only_old: Vec<_> = now
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .cloned()
        .collect();
    assert_eq!(
        only_old,
        ["log/tile/0/008.p/253", "log/tile/entries/008.p/253"]
    );
    now.retain(|name, _| fresh.contains_key(name));
    assert!(now == fresh, "not what a new export holds");
    assert!(!keyed(&now).contains(&30) && !keyed(&now).contains(&40));
}

#[test]
fn what_the_node_has_not_signed_is_not_written() {
    let site = Site::new();
    site.pay(300);
    type Lie = (&'static str, fn(&mut Vec<u8>));
    let lies: [Lie; 8] = [
        ("/log/tile/0/000", |bytes| bytes.truncate(8_160)),
        ("/log/tile/0/000", |bytes| bytes.extend([0; 32])),
        ("/log/tile/0/000", |bytes| bytes[7] ^= 1),
        ("/log/tile/0/001.p/44", |bytes| bytes.truncate(43 * 32)),
        ("/log/tile/1/000.p/1", |bytes| bytes[7] ^= 1),
        ("/log/tile/entries/000", |bytes| bytes.truncate(255 * 122)),
        ("/log/tile/entries/001.p/44", |bytes| bytes[99] ^= 1),
        ("/v1/entries?cursor=0&limit=200", |bytes| {
            // The first byte of the first record's salt.
            bytes[126] ^= 1;
        }),
    ];
    for (n, (path, lie)) in lies.into_iter().enumerate() {
        site.proxy.change(move |asked, answer| {
            if asked == path {
                lie(&mut answer.body);
            }
        });
        let to = format!("copy-{n}");
        let (code, out, err) = line(site.path(), &site.export(&to));
        assert!(code == 1 || code == 2, "{path}: {code} {out}{err}");
        let there = contents(&site.path().join(&to));
        let name = path.trim_start_matches('/').split('?').next().unwrap();
        assert!(!there.contains_key(name), "{path} was written");
        assert!(!there.contains_key("log/checkpoint") && !there.contains_key("records/000000.bin"));
        // An audit over the network calls it what it is.
        if path.starts_with("/log") {
            let audit = format!("audit http://{}", site.proxy.at);
            let told = ends(site.path(), 1, &audit);
            assert!(told.contains(path.trim_start_matches("/log/")), "{told}");
        }
        // The next try, with a node that does not lie, goes on from there.
        site.proxy.change(|_, _| ());
        good(site.path(), &site.export(&to));
    }
}
