//! TLS towards callers: the certificate that the harness shows where it is the server.

use super::tls::TlsError;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A way to speak TLS with whoever calls.
#[derive(Clone)]
pub struct TlsServer {
    pub(super) acceptor: TlsAcceptor,
}

impl TlsServer {
    /// Prepares TLS with a certificate, its chain behind it, and its key, each in a PEM file.
    pub fn new(certificate: &Path, key: &Path) -> Result<TlsServer, TlsError> {
        let refused = |path: &Path, reason: String| TlsError::Own { path: path.to_owned(), reason };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(|fault| refused(certificate, fault.to_string()))?;
        if chain.is_empty() {
            return Err(refused(certificate, "there is no certificate in it".to_owned()));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|fault| refused(key, fault.to_string()))?;
        TlsServer::with(chain, private)
    }

    pub(super) fn with(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<TlsServer, TlsError> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|fault| TlsError::Setup(fault.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|fault| TlsError::Setup(fault.to_string()))?;
        Ok(TlsServer { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}
