//! Connects to a target that is a server, and holds one conversation.

use super::Recording;
use super::tls::{self, Tls};
use super::transfer::{transfer, transfer_and_stay};
use crate::engine::{DeadlineKind, Deadlines, Engine};
use crate::plan::Plan;
use crate::transcript::Ending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

/// Where a server listens.
#[derive(Clone)]
pub struct Dial {
    addresses: Vec<SocketAddr>,
    tls: Option<Tls>,
}

/// Why a host name has no address.
#[derive(Debug, thiserror::Error)]
#[error("could not resolve {host}: {reason}")]
pub struct ResolveError {
    /// The host.
    pub host: String,
    /// The reason.
    pub reason: String,
}

impl Dial {
    /// Resolves the host once; every conversation then uses the same addresses.
    pub async fn resolve(host: &str, port: u16, tls: Option<Tls>) -> Result<Dial, ResolveError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let failed = |reason: String| ResolveError { host: host.to_owned(), reason };
        let addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((bare, port)).await.map_err(|fault| failed(fault.to_string()))?.collect();
        if addresses.is_empty() {
            return Err(failed("the name has no address".to_owned()));
        }
        Ok(Dial { addresses, tls })
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::other("no address");
        for address in &self.addresses {
            match TcpStream::connect(address).await {
                Ok(stream) if is_its_own_peer(&stream) => {
                    // reset, so that the port is free at once for the target that is about to listen there
                    stream.set_zero_linger()?;
                    last = io::ErrorKind::ConnectionRefused.into();
                }
                Ok(stream) => {
                    // without this, octet-wise writes coalesce and wait for acknowledgements
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    /// Whether the target accepts a TCP connection within `limit`.
    pub async fn accepts(&self, limit: Duration) -> bool {
        matches!(tokio::time::timeout(limit, self.connect()).await, Ok(Ok(_)))
    }

    /// Runs a plan on a connection of its own.
    pub async fn converse(&self, plan: Arc<Plan>, deadlines: Deadlines) -> Recording {
        let start = Instant::now();
        match self.open(plan, deadlines, start).await {
            Opened::Plain(stream, engine) => transfer(stream, *engine, start).await,
            Opened::Tls(stream, engine) => transfer(*stream, *engine, start).await,
            Opened::Not(recording) => recording,
        }
    }

    /// The same, and the connection stays open for as long as what comes beside the recording is kept.
    pub async fn converse_and_stay(&self, plan: Arc<Plan>, deadlines: Deadlines) -> (Recording, Option<Stay>) {
        let start = Instant::now();
        match self.open(plan, deadlines, start).await {
            Opened::Plain(stream, engine) => {
                let (recording, open) = transfer_and_stay(stream, *engine, start).await;
                (recording, open.map(|stream| Stay { _stream: Box::new(stream) }))
            }
            Opened::Tls(stream, engine) => {
                let (recording, open) = transfer_and_stay(*stream, *engine, start).await;
                (recording, open.map(|stream| Stay { _stream: Box::new(stream) }))
            }
            Opened::Not(recording) => (recording, None),
        }
    }

    async fn open(&self, plan: Arc<Plan>, deadlines: Deadlines, start: Instant) -> Opened {
        let limit = start + deadlines.of(DeadlineKind::Handshake);
        let tls = self.tls.as_ref().filter(|_| !plan.clear_text);
        let mut engine = Box::new(Engine::new(plan, deadlines));
        let failed = |engine: Box<Engine>, reason| Opened::Not(unconnected(*engine, reason, start));
        let stream = match timeout_at(limit, self.connect()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(fault)) if fault.kind() == io::ErrorKind::ConnectionReset => {
                return Opened::Not(reset_at_once(*engine, start));
            }
            Ok(Err(fault)) => return failed(engine, reason(&fault)),
            Err(_) => return failed(engine, "nobody accepted it in time".to_owned()),
        };
        let Some(tls) = tls else {
            engine.connected(start.elapsed());
            return Opened::Plain(stream, engine);
        };
        match timeout_at(limit, tls.connector.connect(tls.name.clone(), stream)).await {
            Ok(Ok(stream)) => {
                engine.connected(start.elapsed());
                Opened::Tls(Box::new(stream), engine)
            }
            Ok(Err(fault)) => failed(engine, tls::reason(&fault)),
            Err(_) => failed(engine, "the TLS handshake was not finished in time".to_owned()),
        }
    }
}

/// What came of the attempt to connect.
enum Opened {
    Plain(TcpStream, Box<Engine>),
    Tls(Box<TlsStream<TcpStream>>, Box<Engine>),
    Not(Recording),
}

/// A connection that is open until this is dropped.
pub struct Stay {
    _stream: Box<dyn Send>,
}

/// Whether the system, asked to connect to a port of its own where nobody listens, happened to connect from that very port.
fn is_its_own_peer(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer)
}

/// The reason without the number that the system has for it.
fn reason(fault: &io::Error) -> String {
    match fault.kind() {
        kind @ (io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::TimedOut) => kind.to_string(),
        _ => fault.to_string(),
    }
}

/// The connection was there, and gone before the system could tell that it was there.
fn reset_at_once(mut engine: Engine, start: Instant) -> Recording {
    engine.connected(start.elapsed());
    engine.ended(Ending::Reset, start.elapsed());
    Recording { transcript: engine.into_transcript(), waits: Vec::new(), missed: None }
}

pub(super) fn unconnected(mut engine: Engine, reason: String, start: Instant) -> Recording {
    engine.ended(Ending::NoConnection(reason), start.elapsed());
    Recording { transcript: engine.into_transcript(), waits: Vec::new(), missed: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpSocket};

    #[tokio::test]
    async fn a_connection_to_itself_is_told_from_one_to_a_target() {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let own = socket.local_addr().unwrap();
        assert!(is_its_own_peer(&socket.connect(own).await.unwrap()));

        let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert!(!is_its_own_peer(&TcpStream::connect(target.local_addr().unwrap()).await.unwrap()));
    }
}
