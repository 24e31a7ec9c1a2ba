//! The server's side of the opening handshake: reading the request, and the two conforming answers.
//!
//! The reference server uses this too: tungstenite drops a connection whose request it refuses without a word of HTTP.

use super::conduct::Conduct;
use super::deflate;
use super::driver::Ending;
use super::request::{Objection, Request};
use crate::wire::extension::Agreement;
use crate::wire::handshake::accept;
use crate::wire::http::is_token_octet;
use std::io;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

const LONGEST_HEAD: usize = 64 << 10;
const READ_AT_ONCE: usize = 16 << 10;
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Tells where the head at the start of some octets ends, if it does.
pub(super) type HeadEnd = fn(&[u8]) -> Option<usize>;

/// What was read of a request.
pub(super) struct Reading {
    pub(super) request: Request,
    /// Why it was not read to its end, or is none.
    pub(super) objection: Option<Objection>,
    /// What came behind the head.
    pub(super) behind: Vec<u8>,
}

/// Reads one request head, which may have begun with `octets`.
pub(super) async fn read_request(
    stream: &mut TcpStream,
    mut octets: Vec<u8>,
    head_end: HeadEnd,
    refuse_cut: fn(&[u8]) -> bool,
) -> io::Result<Reading> {
    let (mut behind_blank, mut reads) = (false, 0);
    let reading = async {
        loop {
            // RFC 9112 section 2.2: empty lines in front of a request are ignored.
            let blank = octets.iter().take_while(|octet| b"\r\n".contains(octet)).count();
            octets.drain(..blank);
            behind_blank |= blank > 0;
            if octets.first().is_some_and(|first| !is_token_octet(*first)) {
                return Ok(Err(Objection::Malformed));
            }
            if let Some(length) = head_end(&octets) {
                return Ok(Ok(octets.split_off(length)));
            }
            if octets.len() > LONGEST_HEAD {
                return Ok(Err(Objection::TooLong));
            }
            if !octets.is_empty() && refuse_cut(&octets) {
                return Ok(Err(Objection::Imagined));
            }
            // a small buffer would cut what TCP did not
            octets.reserve(READ_AT_ONCE);
            if stream.read_buf(&mut octets).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            reads += 1;
        }
    };
    let (behind, objection) = match timeout(HEAD_TIME, reading).await {
        Ok(read) => match read? {
            Ok(behind) => (behind, None),
            Err(objection) => (Vec::new(), Some(objection)),
        },
        Err(_) => (Vec::new(), Some(Objection::TooSlow)),
    };
    let request = Request { behind_blank, reads, followed: !behind.is_empty(), ..Request::new(octets) };
    Ok(Reading { request, objection, behind })
}

/// What to do with a request.
pub(super) enum Answer {
    /// 101, what it agrees to on permessage-deflate, and frames behind it.
    Open(String, Option<Agreement>),
    /// A refusal, or silence, and what comes behind it.
    Refuse(Option<String>, Ending),
}

impl Answer {
    #[cfg(test)]
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Answer::Open(head, _) => Some(head),
            Answer::Refuse(head, _) => head,
        }
    }
}

/// The answer to a request under a conduct; `unread` objects to it from the start.
pub(super) fn answer(conduct: &Conduct, request: &Request, unread: Option<Objection>) -> Answer {
    let objections = unread.map_or_else(|| request.objections(), |objection| vec![objection]);
    let objection = objections.into_iter().find(|objection| !(conduct.waive)(*objection, request));
    match objection.or_else(|| (conduct.refuse)(request).then_some(Objection::Imagined)) {
        None => {
            let deflate = conduct.deflate.and_then(|ways| deflate::answer(&ways, &request.head));
            let (value, agreed) = deflate.unzip();
            Answer::Open((conduct.accepted)(with_extension(accepted(request), value), request), agreed)
        }
        Some(objection) => {
            let head = (conduct.refused)(refused(objection), objection);
            Answer::Refuse(head, (conduct.behind_refusal)(objection, request))
        }
    }
}

/// The head that opens the connection; no subprotocol is ever selected, and no extension here.
pub(super) fn accepted(request: &Request) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        accept(request.key())
    )
}

fn with_extension(head: String, value: Option<String>) -> String {
    match value {
        Some(value) => head.replacen("\r\n\r\n", &format!("\r\nSec-WebSocket-Extensions: {value}\r\n\r\n"), 1),
        None => head,
    }
}

/// The head that refuses it, behind which TCP closes.
pub(super) fn refused(objection: Objection) -> String {
    let (status, fields) = match objection {
        Objection::TooSlow => ("408 Request Timeout", "Connection: close"),
        Objection::TooLong => ("431 Request Header Fields Too Large", "Connection: close"),
        Objection::Method => ("405 Method Not Allowed", "Allow: GET\r\nConnection: close"),
        Objection::Upgrade | Objection::Connection | Objection::Version => {
            ("426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade, close")
        }
        _ => ("400 Bad Request", "Connection: close"),
    };
    format!("HTTP/1.1 {status}\r\n{fields}\r\nContent-Length: 0\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Head;

    #[test]
    fn answers_are_heads_that_a_strict_reader_accepts() {
        let request = Request::new(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".to_vec());
        let mut answers = vec![(101, accepted(&request))];
        for (status, objection) in [
            (400, Objection::Host),
            (405, Objection::Method),
            (408, Objection::TooSlow),
            (426, Objection::Version),
            (431, Objection::TooLong),
        ] {
            answers.push((status, refused(objection)));
        }
        for (status, answer) in answers {
            let head = Head::parse(answer.as_bytes());
            assert_eq!((head.status(), head.response_faults()), (Some(status), vec![]), "{answer}");
        }
    }

    #[test]
    fn the_answer_proves_the_key() {
        let request = Request::new(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".to_vec());
        assert!(accepted(&request).contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    }
}
