//! Mutual TLS: whose certificates clients must bring. It says who may connect at all; who may do
//! what is for signatures and sessions.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use super::files::{TlsError, certificates};

/// The current verifier of clients' certificates.
#[derive(Debug)]
pub(super) struct Roots(ArcSwap<Verifier>);

type Verifier = Arc<dyn ClientCertVerifier>;

/// The verifier for a file of CAs; without a file clients are not asked.
pub(super) fn verifier(client_ca: Option<&Path>) -> Result<Verifier, TlsError> {
    let Some(path) = client_ca else {
        return Ok(WebPkiClientVerifier::no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|_| TlsError::Certificate(path.to_owned()))?;
    }
    let provider = Arc::new(ring::default_provider());
    let built = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let path = path.to_owned();
    let built = built.map_err(|source| TlsError::ClientCa { path, source })?;
    Ok(built)
}

impl Roots {
    pub(super) fn read(client_ca: Option<&Path>) -> Result<Roots, TlsError> {
        Ok(Roots(ArcSwap::from_pointee(verifier(client_ca)?)))
    }

    pub(super) fn replace(&self, verifier: Verifier) {
        self.0.store(Arc::new(verifier));
    }
}

impl ClientCertVerifier for Roots {
    fn offer_client_auth(&self) -> bool {
        self.0.load().offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.0.load().client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Hints would have to live as long as this; clients do without.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0
            .load()
            .verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.load().verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.load().verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        // Without client authentication nobody asks, but an empty list would be a lie in the
        // handshake after a reload.
        self.0.load().supported_verify_schemes()
    }
}
