//! A scripted check of a conforming echo server, in raw octets over loopback; both conforming servers have to pass it.

use crate::wire::{FrameHeader, Head, MaskKey, Opcode};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(super) const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A raw client.
pub(super) struct Client(pub(super) TcpStream);

/// What the server sent: first octet and payload of every frame, and whether FIN was behind them.
pub(super) type Heard = (Vec<(u8, Vec<u8>)>, bool);

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client(stream)
    }

    /// Sends a request and reads the head of the answer.
    pub(super) async fn ask(&mut self, request: &str) -> Head {
        self.0.write_all(request.as_bytes()).await.unwrap();
        let mut octets = Vec::new();
        while !octets.ends_with(b"\r\n\r\n") {
            octets.push(self.0.read_u8().await.unwrap());
        }
        Head::parse(&octets)
    }

    pub(super) async fn open(address: SocketAddr) -> Client {
        let mut client = Client::connect(address).await;
        assert_eq!(client.ask(REQUEST).await.status(), Some(101));
        client
    }

    /// Sends octets and reads until the server closes.
    pub(super) async fn hear(mut self, octets: &[u8]) -> Heard {
        let (mut reader, mut writer) = self.0.split();
        let mut input = Vec::new();
        let (_, end) = tokio::join!(writer.write_all(octets), reader.read_to_end(&mut input));
        let mut rest = &input[..];
        let mut frames = Vec::new();
        while let Some((header, used)) = FrameHeader::parse(rest) {
            let end = used + header.length as usize;
            if end > rest.len() {
                break;
            }
            frames.push((rest[0], rest[used..end].to_vec()));
            rest = &rest[end..];
        }
        (frames, end.is_ok() && rest.is_empty())
    }
}

/// A masked frame with that first octet.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let key = MaskKey([1, 2, 3, 4]);
    let mut header = FrameHeader::new(Opcode(first & 15), payload.len() as u64, Some(key));
    (header.fin, header.rsv) = (first & 0x80 != 0, first >> 4 & 7);
    let mut octets = Vec::new();
    header.encode(&mut octets);
    let start = octets.len();
    octets.extend_from_slice(payload);
    key.apply(&mut octets[start..]);
    octets
}

/// Runs the whole list.
pub(super) async fn run(address: SocketAddr) {
    handshakes(address).await;
    conversation(address).await;
    violations(address).await;
    closes(address).await;
    big_message(address).await;
}

async fn handshakes(address: SocketAddr) {
    for (old, new, status) in [
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400),
        ("Version: 13", "Version: 12", 426),
        ("GET", "POST", 405),
        ("HTTP/1.1", "HTTP/1.0", 400),
        ("Upgrade: websocket\r\n", "", 426),
        ("Connection: Upgrade\r\n", "", 426),
        ("Host: a\r\n", "", 400),
        ("GET / HTTP/1.1\r\n", "\u{16}\u{3}\u{1}", 400),
    ] {
        let mut client = Client::connect(address).await;
        let head = client.ask(&REQUEST.replace(old, new)).await;
        assert_eq!(head.status(), Some(status), "{new}");
        assert_eq!(status == 426, head.list_has("Sec-WebSocket-Version", "13"));
        assert_eq!(client.0.read(&mut [0]).await.unwrap(), 0, "{new}");
    }
    let mut client = Client::connect(address).await;
    let head = client.ask(&format!("\r\n{REQUEST}")).await;
    assert_eq!(head.list("Sec-WebSocket-Accept"), [b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
}

async fn conversation(address: SocketAddr) {
    let long = vec![0xFF; 70_000];
    let sent = [
        frame(0x81, "h\u{e9}".as_bytes()),
        frame(0x82, &long),
        frame(0x01, b"\xE2"),
        frame(0x89, &[0xFF; 125]),
        frame(0x00, b""),
        frame(0x8A, b"unasked"),
        frame(0x80, b"\x82\xAC"),
        frame(0x81, b""),
        frame(0x88, b"\x03\xE8"),
        frame(0x81, b"late"),
    ]
    .concat();
    let expected = vec![
        (0x81, "h\u{e9}".as_bytes().to_vec()),
        (0x82, long),
        (0x8A, vec![0xFF; 125]),
        (0x81, "\u{20ac}".as_bytes().to_vec()),
        (0x81, Vec::new()),
        (0x88, b"\x03\xE8".to_vec()),
    ];
    assert_eq!(Client::open(address).await.hear(&sent).await, (expected.clone(), true));

    let mut client = Client::connect(address).await;
    let together = [REQUEST.as_bytes(), &frame(0x81, b"early"), &frame(0x88, b"")].concat();
    client.0.write_all(&together).await.unwrap();
    assert_eq!(client.ask("").await.status(), Some(101));
    assert_eq!(client.hear(b"").await, (vec![(0x81, b"early".to_vec()), (0x88, vec![])], true));
}

async fn violations(address: SocketAddr) {
    let mut table = vec![
        (b"\x81\x01x".to_vec(), 1002),
        (b"\x81\x00".to_vec(), 1002),
        (frame(0x80, b"x"), 1002),
        (frame(0x00, b""), 1002),
        ([frame(0x01, b"a"), frame(0x81, b"b")].concat(), 1002),
        ([frame(0x01, b"a"), frame(0x02, b"b")].concat(), 1002),
        (frame(0x89, &[0; 126]), 1002),
        (frame(0x8A, &[0; 126]), 1002),
        (frame(0x88, &[3; 126]), 1002),
        (frame(0x09, b"x"), 1002),
        (frame(0x08, b""), 1002),
        (frame(0x81, b"a\xED\xA0\x80"), 1007),
        (frame(0x81, b"\xE2\x82"), 1007),
        ([frame(0x01, b"\xF4"), frame(0x80, b"\x90\x80\x80")].concat(), 1007),
        ([frame(0x01, b"\xE2"), frame(0x80, b"")].concat(), 1007),
        (b"\x82\xFF\0\0\0\0\x04\0\0\x01\0\0\0\0".to_vec(), 1009),
        ([frame(0x01, b"a"), b"\x80\xFF\0\0\0\0\x04\0\0\0\0\0\0\0".to_vec(), vec![b'a'; 64 << 20]].concat(), 1009),
    ];
    for rsv in 1..8 {
        table.push((frame(0x81 | rsv << 4, b"x"), 1002));
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        table.push((frame(0x80 | opcode, b"x"), 1002));
    }
    for (violation, code) in table {
        let start = violation[..violation.len().min(20)].escape_ascii().to_string();
        let sent = [frame(0x82, b"before"), violation, frame(0x89, b"after"), frame(0x81, b"after")].concat();
        let (frames, fin) = Client::open(address).await.hear(&sent).await;
        let [echo, (0x88, reason)] = &frames[..] else { panic!("{start}: {frames:?}") };
        assert_eq!(
            (echo.1.as_slice(), &reason[..2], fin),
            (&b"before"[..], &u16::to_be_bytes(code)[..], true),
            "{start}"
        );
    }
    // The most significant bit of a length: either code is accepted.
    let (frames, fin) = Client::open(address).await.hear(b"\x82\xFF\x80\0\0\0\0\0\0\x05\0\0\0\0x").await;
    assert!(
        matches!(&frames[..], [(0x88, reason)] if [&[3, 0xEA], &[3, 0xF1]].contains(&&[reason[0], reason[1]])) && fin
    );
}

async fn closes(address: SocketAddr) {
    for (sent, expected) in [
        (&b""[..], &b""[..]),
        (b"\x03\xE8", b"\x03\xE8"),
        (b"\x0F\xA0reason \xC3\xA9", b"\x0F\xA0reason \xC3\xA9"),
        (b"\x13\x87", b"\x13\x87"),
        (b"\x03", b"\x03\xEA"),
        (b"\x00\x00", b"\x03\xEA"),
        (b"\x03\xE7", b"\x03\xEA"),
        (b"\x03\xED", b"\x03\xEA"),
        (b"\x03\xEE", b"\x03\xEA"),
        (b"\x03\xF7", b"\x03\xEA"),
        (b"\x0B\xB7", b"\x03\xEA"),
        (b"\xFF\xFF", b"\x03\xEA"),
        (b"\x03\xE8\xFF", b"\x03\xEF"),
    ] {
        let octets = [frame(0x88, sent), frame(0x88, sent), frame(0x81, b"late")].concat();
        let (frames, fin) = Client::open(address).await.hear(&octets).await;
        let [(0x88, reply)] = &frames[..] else { panic!("{sent:?}: {frames:?}") };
        assert!(reply.starts_with(expected) && fin, "{sent:?}: {reply:?}");
    }
    let mut client = Client::open(address).await;
    client.0.shutdown().await.unwrap();
    assert_eq!(client.hear(b"").await, (vec![], true));
}

async fn big_message(address: SocketAddr) {
    let big: Vec<u8> = (0..16 << 20).map(|at: u32| (at / 251) as u8).collect();
    let sent = [frame(0x82, &big), frame(0x88, b"")].concat();
    let (frames, fin) = Client::open(address).await.hear(&sent).await;
    assert!(frames[0] == (0x82, big) && frames.len() == 2 && fin);
}
