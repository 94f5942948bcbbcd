//! What a client trusts and shows when it speaks TLS.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::error::ClientError;

/// Files for `https`. Certificates say that the right machine answers; what it answers is proven
/// by the log's key in every case.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// CAs that the node's certificate must come from; the web's if not given.
    pub ca: Option<PathBuf>,
    /// The client's own certificate and key, for nodes that ask for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Trust {
    /// An agent for requests of at most this time, from the connection to the last byte: no
    /// redirects, no proxy, and every status is an answer.
    ///
    /// # Errors
    /// [`ClientError::Tls`] if a file cannot be used.
    pub fn agent(&self, timeout: Duration) -> Result<Agent, ClientError> {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .tls_config(self.tls()?)
            .build();
        Ok(config.into())
    }

    fn tls(&self) -> Result<TlsConfig, ClientError> {
        let mut tls = TlsConfig::builder();
        if let Some(ca) = &self.ca {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(ca)?));
        }
        if let Some((cert, key)) = &self.identity {
            let secret = PrivateKey::from_pem(&read(key)?);
            let secret = secret.map_err(|error| wrong(key, error))?;
            tls = tls.client_cert(Some(ClientCert::new_with_certs(
                &certificates(cert)?,
                secret,
            )));
        }
        Ok(tls.build())
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, ClientError> {
    let pem = read(path)?;
    let mut all = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(path, error))? {
            all.push(certificate);
        }
    }
    match all.is_empty() {
        true => Err(wrong(path, "no certificate in it")),
        false => Ok(all),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ClientError> {
    std::fs::read(path).map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, why: impl ToString) -> ClientError {
    ClientError::Tls {
        file: path.display().to_string(),
        why: why.to_string(),
    }
}
