//! TLS of the public listener: rustls with ring, TLS 1.3 and 1.2 and nothing older.
//!
//! Certificate, key and client CAs can be exchanged while connections stay open: each handshake
//! takes what is current. New files that are no good change nothing.

mod expiry;
mod files;
mod roots;

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use rustls::crypto::ring;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use crate::clock;
use crate::config;
use roots::Roots;

pub use files::TlsError;

const MODERN: &[&SupportedProtocolVersion] = &[&TLS13];
const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// Reads the files of `[tls]`, if there are any, and forgets them.
///
/// # Errors
/// [`TlsError`] names the file and what is wrong with it.
pub fn check(config: &config::Config) -> Result<(), TlsError> {
    let Some(mut settings) = config.tls.clone() else {
        return Ok(());
    };
    if !config.data_dir.exists() {
        // Names that lead out of a folder that is only to be made.
        settings.cert = led_out(&settings.cert);
        settings.key = led_out(&settings.key);
        settings.client_ca = settings.client_ca.as_deref().map(led_out);
    }
    // The settings are made from the files only then.
    Tls::read(&settings)?.server().map(drop)
}

/// `data/../x` as `x`: the same while nothing on the way is a link.
fn led_out(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        let folder = matches!(path.components().next_back(), Some(Component::Normal(_)));
        if part == Component::ParentDir && folder {
            path.pop();
        } else {
            path.push(part);
        }
        path
    })
}

/// What handshakes are made with.
pub(super) struct Tls {
    settings: config::Tls,
    identity: Arc<Identity>,
    roots: Arc<Roots>,
    /// End of the certificate's life, seconds since 1970 UTC.
    expires: AtomicI64,
}

/// The current certificate.
struct Identity(ArcSwap<CertifiedKey>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`] names the file and what is wrong with it.
    pub(super) fn read(settings: &config::Tls) -> Result<Arc<Tls>, TlsError> {
        let (certified, expires) = files::identity(settings)?;
        let roots = Roots::read(settings.client_ca.as_deref())?;
        let tls = Tls {
            settings: settings.clone(),
            identity: Arc::new(Identity(ArcSwap::from_pointee(certified))),
            roots: Arc::new(roots),
            expires: expires.into(),
        };
        tls.warn_of_age();
        Ok(Arc::new(tls))
    }

    /// Reads the files again. Open connections go on; new handshakes take the new files.
    ///
    /// # Errors
    /// [`TlsError`]; then everything is as before.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        let (certified, expires) = files::identity(&self.settings)?;
        let roots = roots::verifier(self.settings.client_ca.as_deref())?;
        self.identity.0.store(Arc::new(certified));
        self.roots.replace(roots);
        self.expires.store(expires, Ordering::Relaxed);
        self.warn_of_age();
        Ok(())
    }

    /// Seconds until the certificate expires; negative when it has.
    pub(super) fn seconds_left(&self) -> i64 {
        let now = i64::try_from(clock::unix_seconds()).unwrap_or(i64::MAX);
        self.expires.load(Ordering::Relaxed).saturating_sub(now)
    }

    /// The settings of the listener.
    pub(super) fn server(&self) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let versions = match self.settings.min_version {
            config::TlsVersion::Tls13 => MODERN,
            config::TlsVersion::Tls12 => BOTH,
        };
        let roots = Arc::clone(&self.roots);
        let identity = Arc::clone(&self.identity);
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(TlsError::Settings)?
            .with_client_cert_verifier(roots)
            .with_cert_resolver(identity);
        if self.settings.client_ca.is_some() {
            // A session that is taken up again is not asked for its certificate: it would outlive
            // the CA that was taken away.
            server.session_storage = Arc::new(NoServerSessionStorage {});
            server.send_tls13_tickets = 0;
        }
        Ok(server)
    }

    fn warn_of_age(&self) {
        let days = self.seconds_left().div_euclid(86_400);
        if days < 14 {
            tracing::warn!(days, "the TLS certificate has expired, or will soon");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_out_of_a_folder_that_is_not_there() {
        for (name, same) in [
            ("./data/../server.pem", "./server.pem"),
            ("/srv/data/../../tls/key", "/tls/key"),
            ("../x/../../y", "../../y"),
            ("data/server.pem", "data/server.pem"),
        ] {
            assert_eq!(led_out(Path::new(name)), Path::new(same), "{name}");
        }
    }
}
