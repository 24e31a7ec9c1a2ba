//! Targets behind TLS: who is trusted, which name is asked for, and what is said when it does not work.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;

use command::{Report, contains, rerun_keeps_the_rest, wsspec};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::{fs, path::Path, thread};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use wsspec::peer::EchoServer;

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const CASES: [&str; 4] = ["--case", "framing/text-length/*", "close/codes/code-1000", "close/malformed/*"];

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// The reference server behind TLS, with a certificate for `name`; it serves until the test process ends.
struct Server {
    port: u16,
    asked_for: Arc<Mutex<Vec<Option<String>>>>,
}

impl Server {
    fn start(issuer: &Issuer, name: &str) -> Server {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let asked_for = Arc::new(Mutex::new(Vec::new()));
        let (ready, port) = mpsc::channel();
        let heard = asked_for.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(TlsAcceptor::from(Arc::new(config)), &heard, &ready));
        });
        Server { port: port.recv().unwrap(), asked_for }
    }

    /// What the harness says of a run against it.
    fn run(&self, options: &[&str], out: &Path) -> (i32, String) {
        let url = format!("wss://localhost:{}", self.port);
        let output = wsspec(["server", &url]).args(CASES).args(options).arg("--out").arg(out).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), told.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

async fn serve(acceptor: TlsAcceptor, heard: &Mutex<Vec<Option<String>>>, ready: &mpsc::Sender<u16>) {
    let behind = EchoServer::bind(ANY_PORT).await.unwrap();
    let target = behind.local_addr();
    tokio::spawn(behind.serve());
    let listener = TcpListener::bind(ANY_PORT).await.unwrap();
    ready.send(listener.local_addr().unwrap().port()).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = acceptor.clone();
        // a client that does not trust us goes away
        let Ok(mut secured) = acceptor.accept(stream).await else { continue };
        heard.lock().unwrap().push(secured.get_ref().1.server_name().map(str::to_owned));
        tokio::spawn(async move {
            let mut plain = TcpStream::connect(target).await.unwrap();
            // either side may leave without a word
            let _ = tokio::io::copy_bidirectional(&mut secured, &mut plain).await;
        });
    }
}

fn pem_file(folder: &Path, name: &str, issuer: &Issuer) -> String {
    let path = folder.join(name);
    fs::write(&path, issuer.pem()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_certificate_is_trusted_by_its_authority_and_by_nobody_else() {
    let (folder, ours, other) = (tempfile::tempdir().unwrap(), authority(), authority());
    let server = Server::start(&ours, "localhost");
    let (ours, other) = (pem_file(folder.path(), "ours.pem", &ours), pem_file(folder.path(), "other.pem", &other));
    let out = folder.path().join("out");

    let (code, told) = server.run(&["--ca", &ours], &out);
    assert_eq!(code, 0, "{told}");
    let passed = Report::read(&out).outcomes();
    assert!(passed.len() > 12 && passed.values().all(|outcome| outcome == "pass"), "{passed:?}");

    for options in [&["--ca", other.as_str()][..], &[]] {
        let (code, told) = server.run(options, &out);
        assert_eq!(code, 3, "{options:?}: {told}");
        assert!(contains(&told, "the certificate of the target is not trusted"), "{options:?}: {told}");
        assert_eq!(Report::read(&out).outcomes(), passed, "{options:?}: the earlier report stays");
    }

    let (code, told) = server.run(&["--insecure"], &out);
    assert_eq!(code, 0, "{told}");
    assert_eq!(Report::read(&out).outcomes(), passed);
}

#[test]
fn the_command_for_a_case_behind_tls_leaves_the_others() {
    let (folder, ours) = (tempfile::tempdir().unwrap(), authority());
    let server = Server::start(&ours, "localhost");
    let ca = pem_file(folder.path(), "our authority.pem", &ours);
    for options in [&["--ca", ca.as_str()][..], &["--insecure", "--sni", "other.example"]] {
        let out = folder.path().join(options[0]);
        let (code, told) = server.run(options, &out);
        assert_eq!(code, 0, "{told}");
        rerun_keeps_the_rest(folder.path(), options[0], "framing/text-length/125-octets");
    }
}

#[test]
fn the_name_that_is_asked_for_is_the_host_or_the_one_that_is_named() {
    let (folder, issuer) = (tempfile::tempdir().unwrap(), authority());
    let ca = pem_file(folder.path(), "ca.pem", &issuer);
    let out = folder.path().join("out");
    let server = Server::start(&issuer, "chat.example");
    let (code, told) = server.run(&["--ca", &ca], &out);
    assert_eq!(code, 3, "a certificate for another name: {told}");
    let (code, told) = server.run(&["--ca", &ca, "--sni", "chat.example"], &out);
    assert_eq!(code, 0, "{told}");
    let asked_for = server.asked_for.lock().unwrap();
    assert!(!asked_for.is_empty());
    assert!(asked_for.iter().all(|name| name.as_deref() == Some("chat.example")), "{asked_for:?}");
}

#[test]
fn a_file_without_certificates_is_found_out_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("missing.pem"), folder.path().join("empty.pem"));
    fs::write(&empty, "no certificate\n").unwrap();
    let out = folder.path().join("out");
    for (file, reason) in [(&missing, "could not read certificates"), (&empty, "there is no certificate in it")] {
        let output = wsspec(["server", "wss://localhost:9", "--ca"]).arg(file).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(contains(&told, reason) && contains(&told, file.to_str().unwrap()), "{told}");
        assert!(!out.exists(), "nothing was begun");
    }
}

#[test]
fn a_scheme_that_does_not_fit_the_target_is_named() {
    let (folder, issuer) = (tempfile::tempdir().unwrap(), authority());
    let server = Server::start(&issuer, "localhost");
    let out = folder.path().join("out");
    let url = format!("ws://localhost:{}", server.port);
    let output = wsspec(["server", &url]).args(CASES).arg("--out").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(contains(&told, "the URL may have to begin with wss://"), "{told}");
}
