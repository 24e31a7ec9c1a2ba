//! A caller of the control port that sees every octet: what the service sends, in order, and how the connection ends.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wsspec::wire::http::head_length;
use wsspec::wire::{ClosePayload, FrameHeader, Head, MaskKey, Opcode};

/// Nothing that is awaited here takes nearly so long unless it never comes.
const LONG: Duration = Duration::from_secs(20);
const KEY: MaskKey = MaskKey([1, 2, 3, 4]);

/// One connection.
pub struct Caller<S = TcpStream> {
    stream: S,
    heard: Vec<u8>,
    /// How many reads it took so far.
    pub reads: usize,
}

/// An opening handshake for a path.
pub fn request(target: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         User-Agent: test/1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
}

/// A frame as a client sends it.
pub fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    FrameHeader::new(opcode, payload.len() as u64, Some(KEY)).encode(&mut octets);
    let start = octets.len();
    octets.extend_from_slice(payload);
    KEY.apply(&mut octets[start..]);
    octets
}

impl Caller {
    /// Connects, and sends nothing yet.
    pub async fn connect(address: SocketAddr) -> Caller {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Caller::over(stream)
    }

    /// Connects and asks for a path.
    pub async fn ask(address: SocketAddr, target: &str) -> Caller {
        let mut caller = Caller::connect(address).await;
        caller.send(request(target).as_bytes()).await;
        caller
    }

    /// Goes without a word: the system resets the connection.
    pub fn vanish(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Caller<S> {
    /// One on a stream.
    pub fn over(stream: S) -> Caller<S> {
        Caller { stream, heard: Vec::new(), reads: 0 }
    }

    /// Sends octets.
    pub async fn send(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }

    async fn more(&mut self) -> std::io::Result<usize> {
        self.reads += 1;
        self.heard.reserve(4096);
        timeout(LONG, self.stream.read_buf(&mut self.heard)).await.expect("something comes, or the end")
    }

    /// The head of the answer.
    pub async fn head(&mut self) -> Head {
        loop {
            if let Some(end) = head_length(&self.heard) {
                let octets: Vec<u8> = self.heard.drain(..end).collect();
                return Head::parse(&octets);
            }
            assert!(self.more().await.unwrap() > 0, "no answer: {:?}", String::from_utf8_lossy(&self.heard));
        }
    }

    /// The status of the answer.
    pub async fn status(&mut self) -> u16 {
        self.head().await.status().expect("a status")
    }

    /// The next frame, in a word, or how the connection ended: `text 4`, `close`, `close 1000`, `ping x`, `eof`, `reset`.
    pub async fn frame(&mut self) -> String {
        loop {
            if let Some((header, start)) = FrameHeader::parse(&self.heard)
                && self.heard.len() as u64 >= start as u64 + header.length
            {
                assert_eq!(header.mask, None, "the service masks nothing");
                let payload: Vec<u8> = self.heard.drain(..start + header.length as usize).skip(start).collect();
                return said(header.opcode, &payload);
            }
            match self.more().await {
                Ok(0) if self.heard.is_empty() => return "eof".to_owned(),
                Ok(0) => panic!("the end inside a frame: {:?}", self.heard),
                Ok(_) => {}
                Err(fault) if fault.kind() == ErrorKind::ConnectionReset => return "reset".to_owned(),
                Err(fault) => panic!("{fault}"),
            }
        }
    }

    /// Everything that comes up to the end, with the status in front; a Close is answered where `polite` says so.
    pub async fn all(mut self, polite: bool) -> Vec<String> {
        let mut seen = vec![self.status().await.to_string()];
        loop {
            let next = self.frame().await;
            let is_close = next.starts_with("close");
            let is_end = next == "eof" || next == "reset";
            seen.push(next);
            if is_end {
                return seen;
            }
            if is_close && polite {
                self.send(&frame(Opcode::CLOSE, b"")).await;
            }
        }
    }

    /// Sends back every message until the connection has ended, and tells how it ended.
    pub async fn echo(mut self) -> String {
        assert_eq!(self.status().await, 101);
        loop {
            let seen = self.frame().await;
            match seen.split_once(' ').unwrap_or((&seen, "")) {
                ("text", text) => self.send(&frame(Opcode::TEXT, text.as_bytes())).await,
                ("ping", payload) => self.send(&frame(Opcode::PONG, payload.as_bytes())).await,
                ("close", "") => self.send(&frame(Opcode::CLOSE, b"")).await,
                ("close", code) => self.send(&frame(Opcode::CLOSE, &code.parse::<u16>().unwrap().to_be_bytes())).await,
                ("eof" | "reset", _) => return seen,
                _ => {}
            }
        }
    }

    /// The body of an answer, up to the end of the connection.
    pub async fn body(mut self) -> String {
        self.head().await;
        while self.more().await.unwrap() > 0 {}
        String::from_utf8(self.heard).unwrap()
    }
}

fn said(opcode: Opcode, payload: &[u8]) -> String {
    let mut says = match opcode {
        Opcode::CLOSE => match ClosePayload::parse(payload) {
            ClosePayload::Code(code, _) => return format!("close {code}"),
            _ => return "close".to_owned(),
        },
        opcode => opcode.to_string(),
    };
    if !payload.is_empty() {
        write!(says, " {}", String::from_utf8_lossy(payload)).unwrap();
    }
    says
}
