//! Other connections that a client opens because it was told to: how they begin is kept, and each is closed at once.

use super::accept::Duplex;
use super::tls_server::TlsServer;
use crate::case::opening::Others;
use crate::transcript::Other;
use crate::wire::http::head_length;
use crate::wire::{FrameHeader, Head, Opcode, handshake};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// A head that is longer is not read to its end.
const LONGEST_HEAD: usize = 16 * 1024;
/// How long a client may take to leave a connection that is closed.
const LEAVES: Duration = Duration::from_millis(500);

/// What is known of the connections so far.
pub(super) type Seen = Arc<Mutex<Vec<Other>>>;

/// Takes as many connections as there are to be, and returns when each was answered and closed.
pub(super) async fn meet(
    listener: &TcpListener,
    others: &Others,
    tls: Option<&TlsServer>,
    start: Instant,
    seen: Seen,
) -> io::Result<()> {
    let mut under_way = JoinSet::new();
    for _ in 0..others.connections {
        let (stream, _) = listener.accept().await?;
        let visit = Visit { seen: Arc::clone(&seen), start, late: Duration::from_millis(others.answered_after_ms) };
        under_way.spawn(visit.receive(stream, tls.cloned()));
    }
    under_way.join_all().await;
    Ok(())
}

struct Visit {
    seen: Seen,
    start: Instant,
    /// How late it is answered.
    late: Duration,
}

impl Visit {
    async fn receive(self, stream: TcpStream, tls: Option<TlsServer>) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream: Box<dyn Duplex> = match tls {
            None => Box::new(stream),
            Some(tls) => Box::new(tls.acceptor.accept(stream).await?),
        };
        let mut heard = Vec::new();
        let end = loop {
            if let Some(end) = head_length(&heard) {
                break end;
            }
            if heard.len() > LONGEST_HEAD || stream.read_buf(&mut heard).await? == 0 {
                return Ok(());
            }
        };
        let number = self.note(|seen| {
            seen.push(Other { asked_us: self.now(), answered_us: None });
            seen.len() - 1
        });
        sleep(self.late).await;
        // noted first: what the client does next follows its answer
        self.note(|seen| seen[number].answered_us = Some(self.now()));
        stream.write_all(&farewell(&Head::parse(&heard[..end]))).await?;
        stream.flush().await?;
        let leave = async {
            // the answer to the Close, behind which a server ends the connection
            stream.read_buf(&mut heard).await?;
            stream.shutdown().await?;
            while stream.read_buf(&mut heard).await? > 0 {
                heard.clear();
            }
            io::Result::Ok(())
        };
        let _ = timeout(LEAVES, leave).await;
        Ok(())
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    fn note<T>(&self, change: impl FnOnce(&mut Vec<Other>) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// The response that opens the connection, and a Close.
fn farewell(request: &Head) -> Vec<u8> {
    let accept = handshake::accept(request.values("sec-websocket-key").next().unwrap_or_default());
    let mut octets = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes();
    FrameHeader::new(Opcode::CLOSE, 2, None).encode(&mut octets);
    octets.extend(1000_u16.to_be_bytes());
    octets
}
