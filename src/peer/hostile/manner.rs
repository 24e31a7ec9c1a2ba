//! What the hostile servers do on a connection.

use crate::peer::conduct::Conduct;
use crate::peer::driver::Driver;
use crate::peer::handshake::{Reading, accepted, read_request};
use crate::peer::listener::{finish, reset};
use crate::peer::out::Frame;
use crate::peer::request::Request;
use crate::wire::http::head_length;
use crate::wire::{FrameHeader, Opcode};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::TcpStream;
use tokio::time::sleep;

const WRITTEN_AT_ONCE: usize = 64 << 10;
const HELD: Duration = Duration::from_secs(600);

/// What a hostile server does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    StaySilent,
    CloseAtOnce,
    ResetAtOnce,
    /// These octets answer the request, and TCP closes.
    Answer(&'static str),
    /// These octets answer the request, and TCP stays open.
    AnswerAndHold(&'static [u8]),
    WrongAccept,
    NotUtf8,
    EndlessHeader,
    Slow101,
    CloseAfterHandshake,
    EndlessFrames,
    PingFlood,
    EndlessMessage,
    EndlessFrame,
    TricklingFrame,
    NeverRead,
    ResetInsideFrame,
    CloseFrameOnly,
    DieAfterConnections,
}

/// One connection, from its first octet to its end.
pub(super) async fn connection(mut stream: TcpStream, manner: Manner) -> io::Result<()> {
    match manner {
        Manner::StaySilent => return hold(stream).await,
        Manner::CloseAtOnce => {
            finish(stream).await;
            return Ok(());
        }
        Manner::ResetAtOnce => {
            reset(stream);
            return Ok(());
        }
        _ => {}
    }
    let Reading { request, objection: None, behind } =
        read_request(&mut stream, Vec::new(), head_length, |_| false).await?
    else {
        return Ok(());
    };
    match manner {
        Manner::Answer(answer) => {
            stream.write_all(answer.as_bytes()).await?;
            finish(stream).await;
            Ok(())
        }
        Manner::AnswerAndHold(answer) => {
            stream.write_all(answer).await?;
            hold(stream).await
        }
        Manner::WrongAccept => {
            let other = Request::new(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: other\r\n\r\n".to_vec());
            stream.write_all(accepted(&other).as_bytes()).await?;
            hold(stream).await
        }
        Manner::NotUtf8 => {
            let head = accepted(&request).replace("Switching Protocols\r\n", "");
            let (status, fields) = head.split_at(head.find("Upgrade").unwrap_or(head.len()));
            stream.write_all(&[status.as_bytes(), b"\xFF\xFE\r\nX-\xFF: \xC0\r\n", fields.as_bytes()].concat()).await?;
            hold(stream).await
        }
        Manner::EndlessHeader => {
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n").await?;
            flood(stream, b"", b"X-Again: and again and again and again\r\n").await
        }
        Manner::Slow101 => {
            for octet in accepted(&request).as_bytes() {
                stream.write_all(std::slice::from_ref(octet)).await?;
                sleep(Duration::from_millis(50)).await;
            }
            Driver::new(&mut stream, Conduct::conforming()).run(Vec::new(), behind).await?;
            finish(stream).await;
            Ok(())
        }
        Manner::DieAfterConnections => {
            Driver::new(&mut stream, Conduct::conforming()).run(accepted(&request).into_bytes(), behind).await?;
            finish(stream).await;
            Ok(())
        }
        _ => {
            stream.write_all(accepted(&request).as_bytes()).await?;
            behind_handshake(stream, manner).await
        }
    }
}

async fn behind_handshake(mut stream: TcpStream, manner: Manner) -> io::Result<()> {
    match manner {
        Manner::EndlessFrames => flood(stream, b"", &octets(Frame::new(Opcode::BINARY, [0xAA; 1000]))).await,
        Manner::PingFlood => flood(stream, b"", &octets(Frame::new(Opcode::PING, "flood"))).await,
        Manner::EndlessMessage => {
            let first = octets(Frame::new(Opcode::BINARY, "first").unfinished());
            flood(stream, &first, &octets(Frame::new(Opcode::CONTINUATION, [0xAA; 1000]).unfinished())).await
        }
        Manner::EndlessFrame => flood(stream, &endless_header(), &[0xAA]).await,
        Manner::TricklingFrame => {
            stream.write_all(&endless_header()).await?;
            loop {
                stream.write_all(&[0xAA]).await?;
                sleep(Duration::from_millis(50)).await;
            }
        }
        Manner::NeverRead => {
            sleep(HELD).await;
            Ok(())
        }
        Manner::ResetInsideFrame => {
            stream.read_u8().await?;
            let frame = octets(Frame::new(Opcode::BINARY, [0xAA; 1000]));
            stream.write_all(&frame[..500]).await?;
            reset(stream);
            Ok(())
        }
        Manner::CloseFrameOnly => {
            stream.write_all(&octets(Frame::close(1000, "bye"))).await?;
            let (mut reader, _) = stream.split();
            copy(&mut reader, &mut sink()).await?;
            sleep(HELD).await;
            Ok(())
        }
        _ => {
            finish(stream).await;
            Ok(())
        }
    }
}

/// Reads whatever comes, answers nothing, and leaves when the peer does.
async fn hold(mut stream: TcpStream) -> io::Result<()> {
    copy(&mut stream, &mut sink()).await?;
    Ok(())
}

/// Sends `first` and then `again` without end, reading whatever comes.
async fn flood(mut stream: TcpStream, first: &[u8], again: &[u8]) -> io::Result<()> {
    let (mut reader, mut writer) = stream.split();
    let buffer = again.repeat(WRITTEN_AT_ONCE.div_ceil(again.len()));
    let write = async {
        let mut written = writer.write_all(first).await;
        while written.is_ok() {
            written = writer.write_all(&buffer).await;
        }
        written
    };
    let mut nowhere = sink();
    tokio::join!(copy(&mut reader, &mut nowhere), write).1
}

fn octets(frame: Frame) -> Vec<u8> {
    let mut octets = Vec::new();
    frame.header.encode(&mut octets);
    octets.extend_from_slice(&frame.payload);
    octets
}

fn endless_header() -> Vec<u8> {
    let mut octets = Vec::new();
    FrameHeader::new(Opcode::BINARY, (1 << 63) - 1, None).encode(&mut octets);
    octets
}
