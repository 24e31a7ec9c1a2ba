//! TLS towards a target: which certificates are trusted, and which name is asked for.

use crate::case::source;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// What the user says about TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// A file of PEM certificates to trust in place of the system's.
    pub ca: Option<PathBuf>,
    /// Whether any certificate is taken.
    pub insecure: bool,
    /// The name to ask for, in place of the host of the URL.
    pub sni: Option<String>,
}

/// Why TLS could not be set up; a mistake of the user, not a fault of the target.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The CA file could not be used.
    #[error("could not read certificates from {path}: {reason}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate or key that the harness is to show could not be used.
    #[error("could not read a certificate or key from {path}: {reason}")]
    Own {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The name to ask for is none.
    #[error("could not use `{0}` as a server name")]
    Name(String),
    /// The library refuses the configuration.
    #[error("could not set up TLS: {0}")]
    Setup(String),
}

/// A way to speak TLS with one target.
#[derive(Clone)]
pub struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// Prepares TLS towards `host`.
    pub fn new(options: &TlsOptions, host: &str) -> Result<Tls, TlsError> {
        let name = options.sni.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name(name.to_owned()))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|fault| TlsError::Setup(fault.to_string()))?;
        let config = if options.insecure {
            let verifier = Arc::new(AnyCertificate(provider));
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        } else {
            builder.with_root_certificates(roots(options)?).with_no_client_auth()
        };
        Ok(Tls { connector: TlsConnector::from(Arc::new(config)), name })
    }
}

fn roots(options: &TlsOptions) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    let Some(path) = &options.ca else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(store);
    };
    let refused = |reason: String| TlsError::Ca { path: path.clone(), reason };
    let pem = source::read(path).map_err(|fault| refused(fault.to_string()))?;
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|fault| refused(fault.to_string()))?;
    if certificates.is_empty() {
        return Err(refused("there is no certificate in it".to_owned()));
    }
    for certificate in certificates {
        store.add(certificate).map_err(|fault| refused(fault.to_string()))?;
    }
    Ok(store)
}

/// Why a TLS handshake failed.
pub(super) fn reason(fault: &io::Error) -> String {
    let known = fault.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match known {
        Some(Error::InvalidCertificate(why)) => {
            format!("the certificate of the target is not trusted ({why}); --ca FILE trusts it, --insecure any")
        }
        Some(Error::InvalidMessage(_)) => {
            "the target does not speak TLS; the URL may have to begin with ws://".to_owned()
        }
        Some(Error::AlertReceived(alert)) => format!("the target refused the TLS handshake: {alert:?}"),
        Some(other) => format!("the TLS handshake failed: {other}"),
        None => format!("the TLS handshake failed: {fault}"),
    }
}

/// Why a TLS handshake with a client failed.
pub(super) fn reason_of_client(fault: &io::Error) -> String {
    let known = fault.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match known {
        Some(Error::AlertReceived(alert)) => format!("the client refused the TLS handshake: {alert:?}"),
        Some(other) => format!("the TLS handshake failed: {other}"),
        None => format!("the client left the TLS handshake: {fault}"),
    }
}

/// Takes any certificate, because the user said so; signatures are still verified.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
