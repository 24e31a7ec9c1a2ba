//! Certificates that are made for one run: an authority that a client is told to trust, a good certificate, and some that
//! no client may take.

use super::tls::TlsError;
use super::tls_server::TlsServer;
use crate::case::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::collections::BTreeMap;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The name of this machine in the URLs of clients.
pub(super) const OWN_NAME: &str = "localhost";
/// A name that is not ours.
const OTHER_NAME: &str = "other.example";

/// An authority, and a way to speak TLS with a certificate of each kind.
pub struct Certificates {
    authority: String,
    servers: BTreeMap<Certificate, TlsServer>,
}

impl Certificates {
    /// Makes new ones, which no other run has.
    pub fn new() -> Result<Certificates, TlsError> {
        let known = issuer("wsspec authority")?;
        let unknown = issuer("another authority")?;
        let mut servers = BTreeMap::new();
        for kind in Certificate::ALL {
            servers.insert(kind, server(kind, &known, &unknown)?);
        }
        Ok(Certificates { authority: known.pem(), servers })
    }

    /// The certificate of the authority to trust, as PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn server(&self, kind: Certificate) -> Option<&TlsServer> {
        self.servers.get(&kind)
    }
}

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer(name: &str) -> Result<Issuer, TlsError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(refused)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(refused)?).map_err(refused)
}

fn server(kind: Certificate, known: &Issuer, unknown: &Issuer) -> Result<TlsServer, TlsError> {
    let names = match kind {
        Certificate::OtherName => vec![OTHER_NAME.to_owned()],
        _ => vec![OWN_NAME.to_owned(), "127.0.0.1".to_owned()],
    };
    let mut params = CertificateParams::new(names).map_err(refused)?;
    params.distinguished_name.push(DnType::CommonName, "wsspec");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = kind != Certificate::SelfSigned;
    if kind == Certificate::Expired {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    }
    let key = KeyPair::generate().map_err(refused)?;
    let certificate = match kind {
        Certificate::SelfSigned => params.self_signed(&key),
        Certificate::UnknownIssuer => params.signed_by(&key, unknown),
        Certificate::Trusted | Certificate::Expired | Certificate::OtherName => params.signed_by(&key, known),
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    TlsServer::with(vec![certificate.map_err(refused)?.der().clone()], key)
}

fn refused(fault: rcgen::Error) -> TlsError {
    TlsError::Setup(fault.to_string())
}
