//! A proxy in front of the reference server: it hears what the harness sends, and can hold, refuse or lose connections
//! at a moment that the test chooses.

// each test file uses a part of it
#![allow(dead_code)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc as tokio_mpsc, watch};
use wsspec::peer::{EchoServer, QuirkServer};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// How long a test waits for something that has to happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that has just come in.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its number, from 1.
    pub number: usize,
    /// How many connections there are, with it.
    pub open: usize,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// The reference server gets it.
    Pass,
    /// Nothing happens on it until [`Proxy::release`].
    Hold,
    /// These octets, and the end.
    Answer(&'static str),
    /// The end, behind the request.
    Close,
    /// The end, and nobody listens until [`Proxy::listen`].
    Deafen,
}

enum Wish {
    Listen,
    Release,
}

/// The proxy; it serves until the test process ends.
pub struct Proxy {
    address: SocketAddr,
    wishes: tokio_mpsc::UnboundedSender<Wish>,
    held: mpsc::Receiver<usize>,
    count: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

struct State {
    open: AtomicUsize,
    released: watch::Receiver<bool>,
    target: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    holds: mpsc::Sender<usize>,
}

impl Proxy {
    /// A proxy in front of the reference server.
    pub fn start(policy: impl Fn(Arrival) -> Treatment + Send + 'static) -> Proxy {
        Proxy::in_front_of("", policy)
    }

    /// A proxy in front of the server that misbehaves in the named way, or in none.
    pub fn in_front_of(quirk: &'static str, policy: impl Fn(Arrival) -> Treatment + Send + 'static) -> Proxy {
        let (ready, address) = mpsc::channel();
        let (wishes, granted) = tokio_mpsc::unbounded_channel();
        let (holds, held) = mpsc::channel();
        let count = Arc::new(AtomicUsize::new(0));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (counted, listened) = (count.clone(), heard.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let target = match quirk {
                    "" => {
                        let server = EchoServer::bind(ANY_PORT).await.unwrap();
                        let target = server.local_addr();
                        tokio::spawn(server.serve());
                        target
                    }
                    name => {
                        let server = QuirkServer::bind(ANY_PORT, name).await.unwrap();
                        let target = server.local_addr();
                        tokio::spawn(server.serve());
                        target
                    }
                };
                let listener = TcpListener::bind(ANY_PORT).await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let (release, released) = watch::channel(false);
                let state = State { open: AtomicUsize::new(0), released, target, heard: listened, holds };
                serve(listener, policy, granted, release, Arc::new(state), &counted).await;
            });
        });
        Proxy { address: address.recv().unwrap(), wishes, held, count, heard }
    }

    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have come in.
    pub fn connections(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// What the harness has sent, connection by connection.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until a connection is held.
    pub fn wait_until_held(&self) {
        self.held.recv_timeout(PATIENCE).expect("a connection is held");
    }

    /// Lets go of what is held; from now on holding passes.
    pub fn release(&self) {
        self.wishes.send(Wish::Release).unwrap();
    }

    /// Listens again.
    pub fn listen(&self) {
        self.wishes.send(Wish::Listen).unwrap();
    }
}

async fn serve(
    listener: TcpListener,
    policy: impl Fn(Arrival) -> Treatment,
    mut wishes: tokio_mpsc::UnboundedReceiver<Wish>,
    release: watch::Sender<bool>,
    state: Arc<State>,
    count: &AtomicUsize,
) {
    let address = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    loop {
        let arrives = async {
            match &listener {
                Some(listener) => listener.accept().await.unwrap().0,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            stream = arrives => {
                stream.set_nodelay(true).unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let open = state.open.fetch_add(1, Ordering::SeqCst) + 1;
                let treatment = policy(Arrival { number, open });
                state.heard.lock().unwrap().push(Vec::new());
                if treatment == Treatment::Deafen {
                    listener = None;
                }
                let state = state.clone();
                tokio::spawn(async move {
                    connection(stream, number, treatment, &state).await;
                    state.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
            wish = wishes.recv() => match wish {
                Some(Wish::Listen) => listener = Some(TcpListener::bind(address).await.unwrap()),
                Some(Wish::Release) => drop(release.send(true)),
                None => std::future::pending().await,
            },
        }
    }
}

async fn connection(mut stream: TcpStream, number: usize, treatment: Treatment, state: &State) {
    match treatment {
        Treatment::Pass => {}
        Treatment::Hold => {
            let mut released = state.released.clone();
            if !*released.borrow() {
                let _ = state.holds.send(number);
            }
            if released.wait_for(|released| *released).await.is_err() {
                return;
            }
        }
        Treatment::Answer(octets) => {
            let mut request = [0; 2048];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(octets.as_bytes()).await;
            let _ = stream.shutdown().await;
            return;
        }
        Treatment::Close => {
            // what nobody has read would make it a reset
            let mut request = [0; 2048];
            let _ = stream.read(&mut request).await;
            return;
        }
        Treatment::Deafen => return,
    }
    let server = TcpStream::connect(state.target).await.unwrap();
    server.set_nodelay(true).unwrap();
    let (from_harness, to_harness) = stream.into_split();
    let (from_server, to_server) = server.into_split();
    let hear = |octets: &[u8]| state.heard.lock().unwrap()[number - 1].extend_from_slice(octets);
    tokio::join!(pump(from_harness, to_server, hear), pump(from_server, to_harness, |_| {}));
}

/// Hands on octets and the end behind them.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, hear: impl Fn(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => {
                hear(&buffer[..read]);
                if to.write_all(&buffer[..read]).await.is_err() {
                    break;
                }
            }
        }
    }
    let _ = to.shutdown().await;
}
