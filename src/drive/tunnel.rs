//! TLS for clients of this program: a tunnel, of which they know no more than the TCP connection in front of it.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use url::Url;

/// The authorities that a client trusts; by default none, so that TLS never comes about.
#[derive(Clone, Debug, Default)]
pub struct Trust(Vec<CertificateDer<'static>>);

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nobody who is trusted vouches for it.
    UnknownIssuer,
    /// Its time is over.
    Expired,
    /// It is for another name.
    OtherName,
    /// Something else.
    Other,
}

/// How a client takes TLS.
#[derive(Clone, Copy, Debug)]
pub struct Care {
    /// Whether a flaw of a certificate is overlooked.
    pub overlooks: fn(Flaw) -> bool,
    /// Whether the server is told which name is meant.
    pub names_server: bool,
}

impl Trust {
    /// Trust in the certificates of a PEM file.
    pub fn of_pem(pem: &[u8]) -> io::Result<Trust> {
        let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        certificates.map(Trust).map_err(io::Error::other)
    }

    /// Speaks TLS on a connection to where a URL points; what is written to the stream comes out at the other end.
    pub async fn through(&self, url: &Url, stream: TcpStream, care: Care) -> io::Result<TcpStream> {
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let config = self.config(care).map_err(io::Error::other)?;
        let mut secured = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let (near, mut far) = pair().await?;
        tokio::spawn(async move {
            // either side may leave without a word
            let _ = tokio::io::copy_bidirectional(&mut far, &mut secured).await;
        });
        Ok(near)
    }

    fn config(&self, care: Care) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let mut roots = RootCertStore::empty();
        for certificate in &self.0 {
            roots.add(certificate.clone())?;
        }
        let mut config = if roots.is_empty() {
            builder.with_root_certificates(roots).with_no_client_auth()
        } else {
            let strict = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|fault| Error::General(fault.to_string()))?;
            let verifier = Arc::new(Careless { strict, overlooks: care.overlooks });
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        };
        config.enable_sni = care.names_server;
        Ok(config)
    }
}

/// Both ends of a connection within this process.
async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let near = TcpStream::connect(listener.local_addr()?).await?;
    let (far, _) = listener.accept().await?;
    // small echoes would wait for acknowledgements
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    Ok((near, far))
}

fn flaw(fault: &CertificateError) -> Flaw {
    match fault {
        CertificateError::UnknownIssuer => Flaw::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Flaw::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Flaw::OtherName,
        _ => Flaw::Other,
    }
}

/// Verifies certificates as one should, and then overlooks some of what is wrong.
#[derive(Debug)]
struct Careless {
    strict: Arc<WebPkiServerVerifier>,
    overlooks: fn(Flaw) -> bool,
}

impl ServerCertVerifier for Careless {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.strict.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(fault)) if (self.overlooks)(flaw(&fault)) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
