//! A server or client in this process, and runs of the corpus against it as `wsspec` does them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;
use url::Url;
use wsspec::case::{Case, Corpus, Role};
use wsspec::drive::{Call, Certificates, Endpoint, Secure, Task, Trust};
use wsspec::judge::Strictness;
use wsspec::peer::{EchoServer, QuirkClient, QuirkServer, echo_client};
use wsspec::plan::{Known, Target};
use wsspec::run::probe::probe;
use wsspec::run::schedule::{Finished, Parts, Settings};
use wsspec::run::{Interruption, RunDirectory, Runner};

/// The name of the reference server, beside those of the quirks.
pub const REFERENCE: &str = "reference";
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A server that listens until it is dropped, or a client that comes when it is called.
pub struct Peer {
    role: Role,
    endpoint: Endpoint,
    serving: Option<JoinHandle<()>>,
}

impl Peer {
    /// The reference peer of that role, or the hand-written one with a quirk.
    pub async fn start(role: Role, name: &str) -> Peer {
        match role {
            Role::Server => Peer::server(name).await,
            Role::Client => Peer { role, endpoint: called(name), serving: None },
        }
    }

    async fn server(name: &str) -> Peer {
        let (address, serving) = if name == REFERENCE {
            let server = EchoServer::bind(ANY_PORT).await.expect("a loopback port is free");
            (server.local_addr(), tokio::spawn(server.serve()))
        } else {
            let server = QuirkServer::bind(ANY_PORT, name).await.expect("the quirk exists and a loopback port is free");
            (server.local_addr(), tokio::spawn(server.serve()))
        };
        let resolved = Endpoint::resolve("127.0.0.1", address.port(), None).await;
        Peer { role: Role::Server, endpoint: resolved.expect("an address needs no lookup"), serving: Some(serving) }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// A client that trusts our authority, which it needs for few cases.
fn called(name: &str) -> Endpoint {
    let certificates = Certificates::new().expect("keys can be made");
    let trust = Trust::of_pem(certificates.authority().as_bytes()).expect("the authority can be read");
    let call = Call::of_task(client(name, trust), "/".to_owned());
    Endpoint::Client(Arc::new(call.secured(Secure { certificates, everywhere: false })))
}

/// The reference client, or the hand-written one with a quirk. What becomes of a connection is for the harness to see.
fn client(name: &str, trust: Trust) -> Task {
    if name == REFERENCE {
        return Arc::new(move |url| {
            let trust = trust.clone();
            Box::pin(async move {
                if let Ok(url) = Url::parse(&url) {
                    let _ = echo_client(&url, &trust).await;
                }
            })
        });
    }
    let client = QuirkClient::new(name).expect("the quirk exists").trusting(trust);
    Arc::new(move |url| {
        let client = client.clone();
        Box::pin(async move {
            if let Ok(url) = Url::parse(&url) {
                let _ = client.run(&url).await;
            }
        })
    })
}

/// How the cases are run.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How many beside each other.
    pub jobs: usize,
    /// What deadlines are multiplied with.
    pub scale: f64,
    /// Whether what failed is run again alone.
    pub confirm: bool,
    /// Whether transcripts are kept.
    pub transcripts: bool,
}

/// A peer that echoes, as far as plans have to know it.
pub fn target(role: Role) -> Target {
    // the Host field has no port, which differs from run to run
    let plain = Target::echoing(role);
    match role {
        Role::Server => Target {
            // so that a handshake without them is another one
            origin: Some("http://localhost".to_owned()),
            subprotocols: vec!["wsspec.test".to_owned()],
            ..plain
        },
        Role::Client => {
            Target { known: Known { called: true, commands: true, tls: true, ..Known::default() }, ..plain }
        }
    }
}

/// Runs cases against a peer and keeps the run in `folder`; the error says why nothing could be run.
pub async fn run(
    corpus: &Corpus,
    cases: Vec<&Case>,
    peer: &Peer,
    folder: &Path,
    manner: Manner,
) -> Result<(Target, Finished), String> {
    let Manner { jobs, scale, confirm, transcripts } = manner;
    let endpoint = peer.endpoint.clone();
    let target = probe(&endpoint, target(peer.role), None, 1, scale).await.map_err(|fault| fault.to_string())?.target;
    let directory = RunDirectory::prepare(folder, false).expect("the folder can be written to");
    let parts = Parts {
        corpus,
        cases,
        endpoint,
        target: target.clone(),
        directory: &directory,
        settings: Settings { seed: 1, jobs, scale, strictness: Strictness::default(), confirm, transcripts },
        spawn: None,
        interruption: Interruption::never(),
    };
    let runner = Runner::new(parts, "ws://localhost", false).expect("the folder can be written to");
    let finished = runner.run(&mut |_| {}).await;
    Ok((target, finished))
}
