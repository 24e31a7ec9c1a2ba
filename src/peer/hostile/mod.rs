//! Servers that do what no WebSocket server does: the harness has to survive them and call them what they are.
//!
//! None of them builds up memory: what is endless is one buffer, written as fast as the peer reads.

mod manner;

use super::BindError;
use super::listener::Listener;
use manner::{Manner, connection};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

const CONNECTIONS_BEFORE_DEATH: usize = 40;

/// One hostile behaviour.
#[derive(Clone, Copy)]
pub struct Hostile {
    /// What the server does.
    pub name: &'static str,
    /// The same in a sentence.
    pub about: &'static str,
    manner: Manner,
}

const fn hostile(name: &'static str, about: &'static str, manner: Manner) -> Hostile {
    Hostile { name, about, manner }
}

const TABLE: &[Hostile] = &[
    hostile("accepts-and-stays-silent", "accepts TCP, reads, and never sends an octet", Manner::StaySilent),
    hostile("closes-at-once", "sends FIN as soon as TCP is open", Manner::CloseAtOnce),
    hostile("resets-at-once", "sends RST as soon as TCP is open", Manner::ResetAtOnce),
    hostile(
        "answers-404",
        "answers every request with 404",
        Manner::Answer("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 9\r\n\r\nnot found"),
    ),
    hostile(
        "answers-200",
        "answers every request with a page",
        Manner::Answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"),
    ),
    hostile(
        "answers-302",
        "answers every request with a redirection",
        Manner::Answer(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        ),
    ),
    hostile("wrong-accept", "opens with a Sec-WebSocket-Accept for another key", Manner::WrongAccept),
    hostile(
        "garbage-with-empty-line",
        "answers with octets that are no HTTP, and an empty line",
        Manner::AnswerAndHold(b"\x00\x01\xFF<garbage>\r\nmore of it\r\n\r\n"),
    ),
    hostile(
        "garbage-without-empty-line",
        "answers with octets that are no HTTP, without an end",
        Manner::AnswerAndHold(b"\x15\x03\x01\x00\x02\x02\x46 SSH-2.0-garbage"),
    ),
    hostile(
        "half-a-head",
        "sends the first half of a 101 and no more",
        Manner::AnswerAndHold(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs"),
    ),
    hostile("non-utf8-head", "opens with a head that is not UTF-8", Manner::NotUtf8),
    hostile("endless-header", "sends header fields without end", Manner::EndlessHeader),
    hostile("slow-101", "sends the 101 an octet every 50 ms, and is a good server then", Manner::Slow101),
    hostile("closes-after-handshake", "sends FIN behind the 101", Manner::CloseAfterHandshake),
    hostile("endless-frames", "sends binary messages without end", Manner::EndlessFrames),
    hostile("ping-flood", "sends pings without end", Manner::PingFlood),
    hostile("endless-fragmented-message", "sends fragments of one message without end", Manner::EndlessMessage),
    hostile("frame-of-2-63-minus-1", "announces a frame of 2^63-1 octets and sends it", Manner::EndlessFrame),
    hostile(
        "trickling-frame-of-2-63-minus-1",
        "announces a frame of 2^63-1 octets and sends one every 50 ms",
        Manner::TricklingFrame,
    ),
    hostile("never-reads", "opens, and reads nothing", Manner::NeverRead),
    hostile("resets-in-mid-frame", "sends RST inside a frame when it has heard something", Manner::ResetInsideFrame),
    hostile(
        "close-and-never-drops-tcp",
        "sends a Close frame behind the 101, and nothing else",
        Manner::CloseFrameOnly,
    ),
    hostile(
        "dies-after-n-connections",
        "is a good server that stops listening after 40 connections",
        Manner::DieAfterConnections,
    ),
];

/// Every hostile behaviour.
pub fn hostiles() -> &'static [Hostile] {
    TABLE
}

/// A hostile server, bound and not yet serving.
pub struct HostileServer {
    listener: Listener,
    manner: Manner,
}

impl HostileServer {
    /// Listens at `address` with the behaviour of that name.
    pub async fn bind(address: SocketAddr, name: &str) -> Result<HostileServer, BindError> {
        let hostile = TABLE.iter().find(|hostile| hostile.name == name).ok_or_else(|| {
            let names: Vec<_> = TABLE.iter().map(|hostile| hostile.name).collect();
            BindError::unknown_name(name, &names)
        })?;
        Ok(HostileServer { listener: Listener::bind(address).await?, manner: hostile.manner })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped; the mortal one until its last connection has ended.
    pub async fn serve(self) {
        let manner = self.manner;
        let death = Arc::new(Notify::new());
        let served = AtomicUsize::new(0);
        let stop = death.clone();
        let handle = move |stream| {
            let connections = served.fetch_add(1, Ordering::Relaxed) + 1;
            if manner == Manner::DieAfterConnections && connections == CONNECTIONS_BEFORE_DEATH {
                death.notify_one();
            }
            async move {
                // Whatever goes wrong here is the peer's way of leaving.
                let _ = connection(stream, manner).await;
            }
        };
        self.listener.serve(handle, async move { stop.notified().await }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::checklist::{ANY_PORT, Client, REQUEST};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    async fn start(name: &str) -> (SocketAddr, tokio::task::JoinHandle<()>) {
        let server = HostileServer::bind(ANY_PORT, name).await.unwrap();
        (server.local_addr(), tokio::spawn(server.serve()))
    }

    /// What the server sends first, at most so many octets.
    async fn first_octets(name: &str, count: usize) -> Vec<u8> {
        let (address, serving) = start(name).await;
        let mut client = Client::connect(address).await;
        client.0.write_all(REQUEST.as_bytes()).await.unwrap();
        let mut octets = vec![0; count];
        let mut got = 0;
        while got < count {
            match client.0.read(&mut octets[got..]).await {
                Ok(0) | Err(_) => break,
                Ok(read) => got += read,
            }
        }
        serving.abort();
        octets.truncate(got);
        octets
    }

    #[tokio::test]
    async fn answers_are_what_their_names_say() {
        for (name, expected) in [
            ("closes-at-once", &b""[..]),
            ("resets-at-once", b""),
            ("answers-404", b"HTTP/1.1 404 "),
            ("answers-200", b"HTTP/1.1 200 "),
            ("answers-302", b"HTTP/1.1 302 "),
            ("garbage-with-empty-line", b"\x00\x01\xFF"),
            ("garbage-without-empty-line", b"\x15\x03\x01"),
            ("half-a-head", b"HTTP/1.1 101 "),
            ("non-utf8-head", b"HTTP/1.1 101 \xFF\xFE\r\n"),
            ("slow-101", b"HT"),
        ] {
            assert_eq!(first_octets(name, expected.len()).await, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn what_is_endless_does_not_end() {
        const ENOUGH: usize = 1 << 20;
        for name in
            ["endless-header", "endless-frames", "ping-flood", "endless-fragmented-message", "frame-of-2-63-minus-1"]
        {
            assert_eq!(first_octets(name, ENOUGH).await.len(), ENOUGH, "{name}");
        }
    }

    #[tokio::test]
    async fn a_wrong_accept_is_wrong() {
        let (address, serving) = start("wrong-accept").await;
        let head = Client::connect(address).await.ask(REQUEST).await;
        assert_eq!(head.status(), Some(101));
        assert_ne!(head.list("Sec-WebSocket-Accept"), [b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
        serving.abort();
    }

    #[tokio::test]
    async fn a_reset_comes_inside_a_frame() {
        let (address, serving) = start("resets-in-mid-frame").await;
        let (frames, whole) = Client::open(address).await.hear(b"x").await;
        assert!(frames.is_empty() && !whole);
        serving.abort();
    }

    #[tokio::test]
    async fn the_mortal_one_stops_listening() {
        let (address, serving) = start("dies-after-n-connections").await;
        for _ in 0..CONNECTIONS_BEFORE_DEATH {
            Client::open(address).await;
        }
        serving.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn an_unknown_name_is_told_its_neighbours() {
        let error = HostileServer::bind(ANY_PORT, "answers-405").await.err().unwrap();
        assert!(error.to_string().contains("`answers-404`"), "{error}");
    }
}
