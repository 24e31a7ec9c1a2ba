//! The server's side of the opening handshake: reading the request, and the two conforming answers.
//!
//! The reference server uses this too: tungstenite drops a connection whose request it refuses without a word of HTTP.

use super::conduct::Conduct;
use super::request::{Objection, Request};
use crate::wire::handshake::accept;
use crate::wire::http::is_token_octet;
use std::io;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

const LONGEST_HEAD: usize = 64 << 10;
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Tells where the head at the start of some octets ends, if it does.
pub(super) type HeadEnd = fn(&[u8]) -> Option<usize>;

/// Reads one request head, and returns with it what came behind it.
pub(super) async fn read_request(
    stream: &mut TcpStream,
    head_end: HeadEnd,
) -> io::Result<Result<(Request, Vec<u8>), Objection>> {
    let reading = async {
        let mut octets = Vec::new();
        loop {
            // RFC 9112 section 2.2: empty lines in front of a request are ignored.
            let blank = octets.iter().take_while(|octet| b"\r\n".contains(octet)).count();
            octets.drain(..blank);
            if octets.first().is_some_and(|first| !is_token_octet(*first)) {
                return Ok(Err(Objection::Malformed));
            }
            if let Some(length) = head_end(&octets) {
                let rest = octets.split_off(length);
                return Ok(Ok((Request::new(octets), rest)));
            }
            if octets.len() > LONGEST_HEAD {
                return Ok(Err(Objection::TooLong));
            }
            if stream.read_buf(&mut octets).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    };
    timeout(HEAD_TIME, reading).await.unwrap_or(Ok(Err(Objection::TooSlow)))
}

/// What to do with a request.
pub(super) enum Answer {
    /// 101, and frames behind it.
    Open(String),
    /// A refusal, or silence.
    Refuse(Option<String>),
}

impl Answer {
    #[cfg(test)]
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Answer::Open(head) => Some(head),
            Answer::Refuse(head) => head,
        }
    }
}

/// The answer to a request under a conduct.
pub(super) fn answer(conduct: &Conduct, request: &Request) -> Answer {
    let objection = request.objections().into_iter().find(|objection| !(conduct.waive)(*objection));
    match objection.or_else(|| (conduct.refuse)(request).then_some(Objection::Malformed)) {
        None => Answer::Open((conduct.accepted)(accepted(request), request)),
        Some(objection) => refusal(conduct, objection),
    }
}

/// The answer to an objection under a conduct.
pub(super) fn refusal(conduct: &Conduct, objection: Objection) -> Answer {
    Answer::Refuse((conduct.refused)(refused(objection), objection))
}

/// The head that opens the connection; no subprotocol and no extension is ever selected.
pub(super) fn accepted(request: &Request) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        accept(request.key())
    )
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
