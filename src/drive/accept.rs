//! Accepts many connections at one place, and reads the head of the request of each.
//!
//! What a caller is told is not decided here: it is answered and let go, spoken with as a stream of octets, or handed to an
//! engine, which then gets what was already read with the times at which it came.

use super::Recording;
use super::prompt::Prompt;
use super::tls_server::TlsServer;
use super::transfer::transfer;
use crate::engine::{Deadlines, Engine};
use crate::plan::Plan;
use crate::wire::Head;
use crate::wire::http::head_length;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::server::TlsStream;

/// Connections at a time; those beyond wait until others have ended.
const CONNECTIONS: usize = 4096;
/// Descriptors that are left for files.
const KEPT: usize = 64;
/// How long a caller has until its request has come.
const REQUEST: Duration = Duration::from_secs(5);
/// A head that is longer is not read to its end.
const LONGEST_HEAD: usize = 16 * 1024;
/// How much is read at a time.
const PIECE: usize = 4 * 1024;
/// How long a caller may take to leave, once it was let go.
const LEAVES: Duration = Duration::from_secs(1);
/// How long is waited where the system has no descriptor for another connection.
const EXHAUSTED: Duration = Duration::from_millis(20);

/// A place where callers arrive.
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsServer>,
    slots: Arc<Semaphore>,
}

impl Door {
    /// Listens at `address`; port 0 takes a free one.
    pub async fn open(address: SocketAddr, tls: Option<TlsServer>) -> io::Result<Door> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let most = super::descriptors::at_most().saturating_sub(KEPT).clamp(KEPT, CONNECTIONS);
        Ok(Door { listener, address, tls, slots: Arc::new(Semaphore::new(most)) })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Whether callers have to speak TLS.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// The next connection, before anything was read from it.
    pub async fn next(&self) -> Knock {
        loop {
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else { continue };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // small writes would wait for acknowledgements; a socket that refuses this still works
                    let _ = stream.set_nodelay(true);
                    return Knock { stream, peer, tls: self.tls.clone(), start: Instant::now(), slot };
                }
                // out of descriptors, or a connection that died in the queue: neither ends the service
                Err(_) => sleep(EXHAUSTED).await,
            }
        }
    }
}

/// A connection from which nothing was read yet.
pub struct Knock {
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsServer>,
    start: Instant,
    slot: OwnedSemaphorePermit,
}

impl Knock {
    /// Reads the request; `None` when the caller has gone, or said nothing in time.
    pub async fn request(self) -> Option<Caller> {
        let Knock { stream, peer, tls, start, slot } = self;
        let until = start + REQUEST;
        let mut stream = match tls {
            None => Stream::Plain(stream),
            Some(tls) => Stream::Tls(Box::new(timeout_at(until, tls.acceptor.accept(stream)).await.ok()?.ok()?)),
        };
        let connected = start.elapsed();
        let mut heard = Heard::default();
        let reading = async {
            loop {
                if heard.octets.len() >= LONGEST_HEAD {
                    return Some(Err(NoHead::TooLong));
                }
                let known = heard.octets.len();
                if stream.read(&mut heard.octets).await.ok()? == 0 {
                    return None;
                }
                heard.ends.push((heard.octets.len(), start.elapsed()));
                // only a line end can end a head, and a head may come octet by octet
                if heard.octets[known..].contains(&b'\n')
                    && let Some(end) = head_length(&heard.octets)
                {
                    return Some(Ok(end));
                }
            }
        };
        let head = match timeout_at(until, reading).await {
            Ok(read) => read?,
            Err(_) if heard.octets.is_empty() => return None,
            Err(_) => Err(NoHead::TooSlow),
        };
        Some(Caller { stream, peer, start, connected, heard, head, _slot: slot })
    }
}

/// What was read, and when.
#[derive(Default)]
struct Heard {
    octets: Vec<u8>,
    /// For each read, how many octets there were behind it.
    ends: Vec<(usize, Duration)>,
}

/// Why a caller has no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHead {
    /// It is longer than what is read.
    TooLong,
    /// It did not come in time.
    TooSlow,
}

/// A connection on which a request has come.
pub struct Caller {
    stream: Stream,
    peer: SocketAddr,
    start: Instant,
    connected: Duration,
    heard: Heard,
    head: Result<usize, NoHead>,
    _slot: OwnedSemaphorePermit,
}

impl Caller {
    /// The head of the request.
    pub fn request(&self) -> Result<Head, NoHead> {
        self.head.map(|end| Head::parse(&self.heard.octets[..end]))
    }

    /// Where it calls from.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Runs a plan from the request on.
    pub async fn converse(self, plan: Arc<Plan>, deadlines: Deadlines) -> Recording {
        let mut engine = Engine::new(plan, deadlines);
        engine.connected(self.connected);
        let mut from = 0;
        for (end, at) in &self.heard.ends {
            engine.next(*at);
            engine.received(&self.heard.octets[from..*end], *at);
            from = *end;
        }
        match self.stream {
            Stream::Plain(stream) => transfer(Prompt(stream), engine, self.start).await,
            Stream::Tls(stream) => transfer(*stream, engine, self.start).await,
        }
    }

    /// Sends octets and ends the connection.
    pub async fn dismiss(self, octets: &[u8]) {
        let (mut line, _) = self.into_line();
        if line.send(octets).await.is_ok() {
            line.end().await;
        }
    }

    /// The connection as it is, and what was read behind the head.
    pub fn into_line(self) -> (Line, Vec<u8>) {
        let Caller { stream, heard, head, _slot: slot, .. } = self;
        let behind = heard.octets[head.unwrap_or(heard.octets.len())..].to_vec();
        let stream: Box<dyn Duplex> = match stream {
            Stream::Plain(stream) => Box::new(stream),
            Stream::Tls(stream) => stream,
        };
        (Line { stream, _slot: slot }, behind)
    }
}

/// A connection with a caller on which octets go both ways.
pub struct Line {
    stream: Box<dyn Duplex>,
    _slot: OwnedSemaphorePermit,
}

impl Line {
    /// Sends octets.
    pub async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets).await?;
        self.stream.flush().await
    }

    /// Sends some of the octets, and tells how many.
    pub async fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.write(octets).await
    }

    /// Hands on what a layer below keeps.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.stream.flush().await
    }

    /// Reads what has come, behind what is in the buffer; 0 at the end of the connection.
    pub async fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        read_more(&mut self.stream, buffer).await
    }

    /// Ends the connection with FIN: octets that nobody read would turn that into a reset, so they are read away first.
    pub async fn end(mut self) {
        let leave = async {
            self.stream.shutdown().await?;
            let mut unread = vec![0; PIECE];
            while AsyncReadExt::read(&mut self.stream, &mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        let _ = timeout(LEAVES, leave).await;
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    async fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => read_more(stream, buffer).await,
            Stream::Tls(stream) => read_more(stream, buffer).await,
        }
    }
}

/// Whatever octets go through in both directions.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Appends one piece of what has come.
async fn read_more(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<usize> {
    buffer.reserve(PIECE);
    stream.read_buf(buffer).await
}
