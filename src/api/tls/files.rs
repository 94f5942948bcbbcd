//! Certificate and key files.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::VerifierBuilderError;
use rustls::sign::CertifiedKey;

use super::expiry;
use crate::config;

/// Group may read a key (a deployment tool's group, say), and nobody else may do anything.
const FORBIDDEN_MODE: u32 = 0o037;

/// Why TLS cannot be had with these files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        source: io::Error,
    },
    /// A file holds no PEM of the kind that is needed.
    #[error("{path}: {source}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
    /// There is no certificate in a file.
    #[error("{0}: no certificate in it")]
    Empty(PathBuf),
    /// The key file is open to others.
    #[error("{path}: mode {mode:03o} lets others at the key; use chmod 600 (or 640)")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("{cert} with {key}: {source}")]
    Pair {
        /// Certificate file.
        cert: PathBuf,
        /// Key file.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// The certificate is not X.509.
    #[error("{0}: the certificate cannot be read")]
    Certificate(PathBuf),
    /// The client CAs cannot be used.
    #[error("{path}: {source}")]
    ClientCa {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: VerifierBuilderError,
    },
    /// The settings contradict each other.
    #[error("TLS settings: {0}")]
    Settings(rustls::Error),
}

/// Reads certificate chain and key; gives the end of the certificate's life with them.
pub(super) fn identity(settings: &config::Tls) -> Result<(CertifiedKey, i64), TlsError> {
    let (cert, key) = (&settings.cert, &settings.key);
    let chain = certificates(cert)?;
    let end = chain.first().and_then(|first| expiry::not_after(first));
    let end = end.ok_or_else(|| TlsError::Certificate(cert.clone()))?;
    let read = |source| TlsError::Read {
        path: key.clone(),
        source,
    };
    let mode = std::fs::metadata(key).map_err(read)?.permissions().mode() & 0o777;
    if mode & FORBIDDEN_MODE != 0 {
        let path = key.clone();
        return Err(TlsError::Mode { path, mode });
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|source| of_pem(key, source))?;
    let certified = CertifiedKey::from_der(chain, secret, &ring::default_provider());
    let certified = certified.map_err(|source| TlsError::Pair {
        cert: cert.clone(),
        key: key.clone(),
        source,
    })?;
    Ok((certified, end))
}

/// All certificates of a file; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all = CertificateDer::pem_file_iter(path).map_err(|source| of_pem(path, source))?;
    let all: Result<Vec<_>, _> = all.collect();
    let all = all.map_err(|source| of_pem(path, source))?;
    match all.is_empty() {
        true => Err(TlsError::Empty(path.to_owned())),
        false => Ok(all),
    }
}

fn of_pem(path: &Path, source: pem::Error) -> TlsError {
    let path = path.to_owned();
    match source {
        pem::Error::Io(source) => TlsError::Read { path, source },
        source => TlsError::Pem { path, source },
    }
}
