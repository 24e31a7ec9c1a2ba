//! A server in this process, and runs of the corpus against it as `wsspec server` does them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use tokio::task::JoinHandle;
use wsspec::case::{Case, Corpus, Role};
use wsspec::drive::Endpoint;
use wsspec::judge::Strictness;
use wsspec::peer::{EchoServer, QuirkServer};
use wsspec::plan::{Barrier, Target};
use wsspec::run::probe::probe;
use wsspec::run::schedule::{Finished, Parts, Settings};
use wsspec::run::{Interruption, RunDirectory, Runner};

/// The name of the reference server, beside those of the quirks.
pub const REFERENCE: &str = "reference";
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A server that listens until it is dropped.
pub struct Peer {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Peer {
    /// The reference server, or the hand-written one with a quirk.
    pub async fn start(name: &str) -> Peer {
        if name == REFERENCE {
            let server = EchoServer::bind(ANY_PORT).await.expect("a loopback port is free");
            return Peer { address: server.local_addr(), serving: tokio::spawn(server.serve()) };
        }
        let server = QuirkServer::bind(ANY_PORT, name).await.expect("the quirk exists and a loopback port is free");
        Peer { address: server.local_addr(), serving: tokio::spawn(server.serve()) }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.serving.abort();
    }
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

/// A server that echoes, as far as plans have to know it.
pub fn target() -> Target {
    Target {
        role: Role::Server,
        // without the port, which differs from run to run
        host: "localhost".to_owned(),
        resource: "/".to_owned(),
        // so that a handshake without them is another one
        origin: Some("http://localhost".to_owned()),
        subprotocols: vec!["wsspec.test".to_owned()],
        fields: Vec::new(),
        echo: true,
        binary: true,
        barrier: Barrier::Ping,
        patient: false,
        known: Default::default(),
    }
}

/// Runs cases against a server and keeps the run in `folder`; the error says why nothing could be run.
pub async fn run(
    corpus: &Corpus,
    cases: Vec<&Case>,
    peer: &Peer,
    folder: &Path,
    manner: Manner,
) -> Result<(Target, Finished), String> {
    let Manner { jobs, scale, confirm, transcripts } = manner;
    let endpoint = Endpoint::resolve("127.0.0.1", peer.address.port(), None).await.expect("an address needs no lookup");
    let target = probe(&endpoint, target(), None, 1, scale).await.map_err(|fault| fault.to_string())?.target;
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
    let finished = runner.run(&mut |_| {}).await.expect("the folder can be written to");
    Ok((target, finished))
}
