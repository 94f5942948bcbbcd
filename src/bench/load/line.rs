//! A connection to the node, with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Bytes in both directions.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

pub(super) type Line = Box<dyn Stream>;

/// Opens connections to one node.
pub(super) struct Dialler {
    address: SocketAddr,
    tls: Option<TlsConnector>,
}

impl Dialler {
    /// With a CA the connections speak TLS 1.3, and nothing older.
    pub(super) fn new(address: SocketAddr, ca: Option<&Path>) -> io::Result<Self> {
        let tls = ca.map(connector).transpose()?;
        Ok(Self { address, tls })
    }

    pub(super) async fn open(&self) -> io::Result<Line> {
        let socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Box::new(socket)),
            Some(tls) => {
                let name = ServerName::IpAddress(self.address.ip().into());
                Ok(Box::new(tls.connect(name, socket).await?))
            }
        }
    }
}

fn connector(ca: &Path) -> io::Result<TlsConnector> {
    let certificate = CertificateDer::from_pem_file(ca).map_err(io::Error::other)?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}
