//! TLS of the public listener: versions, CAs, certificates of clients, exchange while it runs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use quittance::client::{Client, ClientError, Trust};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use tempfile::TempDir;

use crate::api_kit::call;
use crate::edge::Program;

const PATIENCE: Duration = Duration::from_secs(30);

/// A CA, and what it issues.
struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Ca {
    fn new() -> Ca {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // A name of its own: OpenSSL takes equal names for one certificate that signed itself.
        params.distinguished_name = DistinguishedName::new();
        let name = "CA of a test";
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Ca {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Certificate and key, PEM, good until the end of `year`.
    fn issue(&self, year: i32) -> (String, String) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder with `server.pem`, `server.key`, `ca.pem`; and the settings that name them.
fn folder(ca: &Ca, year: i32) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = ca.issue(year);
    put(folder.path(), "server.pem", &cert);
    put(folder.path(), "server.key", &key);
    put(folder.path(), "ca.pem", &ca.pem);
    let settings = "[tls]\ncert = \"../server.pem\"\nkey = \"../server.key\"\n".to_owned();
    (folder, settings)
}

type Line = StreamOwned<ClientConnection, TcpStream>;

/// Opens a TLS connection the way `versions` and `identity` say.
fn open(
    to: SocketAddr,
    ca: &Ca,
    versions: &[&'static SupportedProtocolVersion],
    identity: Option<&(String, String)>,
) -> std::io::Result<Line> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca.pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let config = match identity {
        None => config.with_no_client_auth(),
        Some((cert, key)) => {
            let cert = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            config.with_client_auth_cert(vec![cert], key).unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(to)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(StreamOwned::new(session, socket))
}

/// Asks for the log on an open connection; gives the status.
fn ask(line: &mut Line) -> std::io::Result<u16> {
    line.write_all(b"GET /v1/log HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    while !bytes
        .windows(2)
        .any(|window| window == b"\"}" || window == b"1}")
    {
        match line.read(&mut chunk)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.split(' ').nth(1).unwrap().parse().unwrap())
}

fn try_once(
    to: SocketAddr,
    ca: &Ca,
    versions: &[&'static SupportedProtocolVersion],
    identity: Option<&(String, String)>,
) -> std::io::Result<u16> {
    ask(&mut open(to, ca, versions, identity)?)
}

const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

#[test]
fn http_2_is_spoken() {
    let (folder, settings) = folder(&Ca::new(), 2090);
    let ca_file = folder.path().join("ca.pem");
    let settings = format!("{settings}[api]\nkeep_alive_s = 1\nheader_timeout_ms = 500\n");
    let program = Program::start(folder, &settings, &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/http2.sh");
    let version = Command::new("curl").arg("--version").output();
    if !version.is_ok_and(|version| String::from_utf8_lossy(&version.stdout).contains("HTTP2")) {
        println!("NOT RUN: no curl with HTTP/2 here");
        return;
    }
    let to = format!("localhost:{}", program.public().port());
    let seen = Command::new(script).arg(to).arg(&ca_file).arg("4").output();
    let seen = seen.unwrap();
    assert!(seen.status.success(), "{seen:?}");
    print!("{}", String::from_utf8_lossy(&seen.stdout));
}

#[test]
fn both_versions_are_spoken_and_the_ca_counts() {
    let (ca, stranger) = (Ca::new(), Ca::new());
    let (folder, settings) = folder(&ca, 2090);
    let ca_file = folder.path().join("ca.pem");
    let program = Program::start(folder, &settings, &[]);
    let to = program.public();
    assert_eq!(try_once(to, &ca, &[&TLS13], None).unwrap(), 200);
    assert_eq!(try_once(to, &ca, &[&TLS12], None).unwrap(), 200);
    assert!(try_once(to, &stranger, BOTH, None).is_err());
    // OpenSSL's view, where it is installed: nothing older is spoken.
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/tls.sh");
    if Command::new("openssl").arg("version").output().is_ok() {
        let to = format!("localhost:{}", to.port());
        let seen = Command::new(script).arg(to).arg(&ca_file).output().unwrap();
        assert!(seen.status.success(), "{seen:?}");
    }
    // Our own client, by name of host and CA.
    let url = format!("https://localhost:{}", to.port());
    let trust = |ca: Option<&Path>| Trust {
        ca: ca.map(Path::to_owned),
        identity: None,
    };
    let log = Client::over_tls(&url, &trust(Some(&ca_file))).unwrap();
    assert_eq!(log.log().unwrap().origin, "localhost/sandbox");
    let web = Client::new(&url).unwrap();
    assert!(matches!(web.log(), Err(ClientError::Transport { .. })));
    let missing = Client::over_tls(&url, &trust(Some(Path::new("/nowhere/ca.pem"))));
    assert!(matches!(missing, Err(ClientError::Tls { .. })));
    // Words for a port that speaks TLS are not TLS: an end, no hang.
    let mut plain = TcpStream::connect(to).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    plain
        .write_all(b"GET /v1/log HTTP/1.1\r\nHost: t\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    match plain.read_to_end(&mut answer) {
        Ok(_) => assert!(!answer.starts_with(b"HTTP"), "plain HTTP was answered"),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    let metrics = call(program.admin(), "GET", "/metrics", &Vec::new(), b"").text();
    let left = metrics
        .lines()
        .find(|l| l.starts_with("quittance_http_tls_certificate_seconds_left"));
    let left: i64 = left.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(left >= 0, "{left}");
}

#[test]
fn only_the_newest_version_if_asked_and_no_expired_certificate() {
    let ca = Ca::new();
    let (newest, settings) = folder(&ca, 2090);
    let settings = format!("{settings}min_version = \"1.3\"\n");
    let program = Program::start(newest, &settings, &[]);
    assert_eq!(
        try_once(program.public(), &ca, &[&TLS13], None).unwrap(),
        200
    );
    assert!(try_once(program.public(), &ca, &[&TLS12], None).is_err());
    let (old, settings) = folder(&ca, 2021);
    let program = Program::start(old, &settings, &[]);
    assert!(try_once(program.public(), &ca, BOTH, None).is_err());
    assert!(
        program.lines().contains("has expired"),
        "{}",
        program.lines()
    );
}

#[test]
fn mutual_tls_asks_for_a_certificate() {
    let (ca, stranger) = (Ca::new(), Ca::new());
    let (folder, settings) = folder(&ca, 2090);
    let settings = format!("{settings}client_ca = \"../ca.pem\"\n");
    let ca_file = folder.path().join("ca.pem");
    let (cert, key) = ca.issue(2090);
    put(folder.path(), "client.pem", &cert);
    put(folder.path(), "client.key", &key);
    let trust = Trust {
        ca: Some(ca_file),
        identity: Some((
            folder.path().join("client.pem"),
            folder.path().join("client.key"),
        )),
    };
    let program = Program::start(folder, &settings, &[]);
    let to = program.public();
    for versions in [&[&TLS13][..], &[&TLS12][..]] {
        assert!(
            try_once(to, &ca, versions, None).is_err(),
            "without a certificate"
        );
        let good = ca.issue(2090);
        assert_eq!(try_once(to, &ca, versions, Some(&good)).unwrap(), 200);
        for bad in [ca.issue(2021), stranger.issue(2090)] {
            assert!(try_once(to, &ca, versions, Some(&bad)).is_err());
        }
    }
    let url = format!("https://localhost:{}", to.port());
    let client = Client::over_tls(&url, &trust).unwrap();
    assert_eq!(client.log().unwrap().mode, "sandbox");
}

#[test]
fn certificates_are_exchanged_under_load() {
    let (old, new) = (Ca::new(), Ca::new());
    let (folder, settings) = folder(&old, 2090);
    let place = folder.path().to_owned();
    let mut program = Program::start(folder, &settings, &[]);
    let to = program.public();
    let mut kept = open(to, &old, BOTH, None).unwrap();
    assert_eq!(ask(&mut kept).unwrap(), 200);
    let (done, asked) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let load = || {
            while !done.load(Ordering::Relaxed) {
                // Either certificate will do, and one of them there must be.
                let by_old = try_once(to, &old, BOTH, None);
                let status = by_old.or_else(|_| try_once(to, &new, BOTH, None)).unwrap();
                assert_eq!(status, 200);
                assert_eq!(ask(&mut kept).unwrap(), 200);
                asked.fetch_add(1, Ordering::Relaxed);
            }
        };
        scope.spawn(load);
        program.until("no load", |_| asked.load(Ordering::Relaxed) > 3);
        let (cert, key) = new.issue(2090);
        put(&place, "server.pem", &cert);
        put(&place, "server.key", &key);
        program.signal("-HUP");
        program.until("no new certificate", |_| {
            try_once(to, &new, BOTH, None).is_ok()
        });
        assert!(try_once(to, &old, BOTH, None).is_err());
        // Files that are no good change nothing.
        put(
            &place,
            "server.pem",
            "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n",
        );
        program.signal("-HUP");
        program.until("no complaint", |program| {
            program.lines().contains("the old ones stay")
        });
        let mut seen = asked.load(Ordering::Relaxed);
        program.until("no load", |_| asked.load(Ordering::Relaxed) > seen + 3);
        // A key that others may read is no good either.
        put(&place, "server.pem", &cert);
        let open_to_all = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(place.join("server.key"), open_to_all).unwrap();
        program.signal("-HUP");
        program.until("no complaint", |program| {
            program.lines().contains("lets others at the key")
        });
        seen = asked.load(Ordering::Relaxed);
        program.until("no load", |_| asked.load(Ordering::Relaxed) > seen + 3);
        done.store(true, Ordering::Relaxed);
    });
    let metrics = call(program.admin(), "GET", "/metrics", &Vec::new(), b"").text();
    for line in [
        "tls_reloads_total{status=\"good\"} 1",
        "tls_reloads_total{status=\"bad\"} 2",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    program.signal("-TERM");
    assert_eq!(program.end(), Some(0));
}
