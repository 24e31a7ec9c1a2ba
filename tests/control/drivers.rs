//! The reference client as a driver of the control paths: through all ids that have a case, plain and behind TLS.

use super::caller::{Caller, request};
use super::stage::{Manner, Stage};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;
use wsspec::case::Corpus;
use wsspec::drive::TlsServer;
use wsspec::drive::Trust;
use wsspec::judge::Outcome;
use wsspec::peer::echo_client;
use wsspec::wstest::Catalogue;

#[tokio::test]
async fn the_reference_client_drives_itself_through_all_ids() {
    let corpus = Corpus::embedded().unwrap();
    let catalogue = Catalogue::new(&corpus);
    let ids: Vec<String> = catalogue.entries().iter().map(|entry| entry.id.to_owned()).collect();
    let count = ids.len();
    let stage = Stage::with(Manner { ids, ..Manner::default() }).await;
    let began = Instant::now();
    for number in 1..=count {
        let url = format!("ws://{}/runCase?case={number}&agent=reference", stage.address);
        echo_client(&Url::parse(&url).unwrap(), &Trust::default()).await.unwrap();
    }
    assert_eq!(Caller::ask(stage.address, "/updateReports?agent=reference").await.all(true).await[1], "close");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let agents = stage.stop().await;
    assert_eq!(agents[0].runs.len(), 517);
    let count = |outcome| agents[0].runs.iter().filter(|run| run.result.verdict.outcome == outcome).count();
    assert_eq!(count(Outcome::Pass), 517);
}

#[tokio::test]
async fn behind_tls_the_paths_are_the_same() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let tls = TlsServer::new(&certificate, &key).unwrap();
    let stage = Stage::with(Manner { tls: Some(tls), ..Manner::default() }).await;

    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let ask = async |target: &str| {
        let name = ServerName::try_from("localhost").unwrap();
        let plain = TcpStream::connect(stage.address).await.unwrap();
        let mut caller = Caller::over(connector.connect(name, plain).await.unwrap());
        caller.send(request(target).as_bytes()).await;
        caller
    };
    assert_eq!(ask("/getCaseCount").await.all(true).await, ["101", "text 4", "close", "eof"]);
    assert_eq!(ask("/runCase?case=2&agent=x").await.echo().await, "eof");
    // one without TLS is nobody
    let plain = Caller::ask(stage.address, "/getCaseCount").await;
    drop(plain);
    assert_eq!(stage.stop().await[0].runs[0].result.verdict.outcome, Outcome::Pass);
    for (certificate, key) in [(&key, &key), (&certificate, &certificate), (&certificate, &folder.path().join("none"))]
    {
        assert!(TlsServer::new(certificate, key).is_err());
    }
}
