//! The heads of the answers on the control port, and the bodies of those that open no connection.

use super::access::Denied;
use super::request::{Refusal, VERSION};
use crate::drive::NoHead;
use crate::wire::http::head_length;
use crate::wire::{Head, handshake};

/// How the harness names itself.
pub const SERVER: &str = concat!("wsspec/", env!("CARGO_PKG_VERSION"));

/// Opens a connection, RFC 6455 section 4.2.2.
pub fn accepted(request: &Head) -> String {
    let key = request.values("sec-websocket-key").next().unwrap_or_default();
    let accept = handshake::accept(key);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nServer: {SERVER}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Answers with a document, and ends the connection.
pub fn document(status: &str, kind: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nServer: {SERVER}\r\nConnection: close\r\nContent-Type: {kind}\r\n{fields}\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Answers with a line of text.
pub fn text(status: &str, fields: &str, says: &str) -> Vec<u8> {
    document(status, "text/plain; charset=utf-8", fields, format!("{says}\n").as_bytes())
}

/// Refuses a request.
pub fn refused(refusal: &Refusal) -> Vec<u8> {
    match refusal {
        Refusal::Bad(reason) => text("400 Bad Request", "", reason),
        Refusal::NoCase(case) => text("404 Not Found", "", &format!("there is no case {}", case.escape_default())),
        Refusal::Method => text("405 Method Not Allowed", "Allow: GET\r\n", "only GET is served here"),
        // RFC 6455 section 4.2.2: the versions that are understood
        Refusal::Version => {
            let fields = format!("Sec-WebSocket-Version: {VERSION}\r\n");
            text("400 Bad Request", &fields, "only version 13 of the protocol is spoken here")
        }
    }
}

/// Refuses a request of somebody who has no business here.
pub fn denied(request: &Head, denied: &Denied) -> Vec<u8> {
    let answer = match denied {
        Denied::Host(host) => {
            let host = host.escape_default();
            let says = format!(
                "this port is not called {host}: use the address or the name that wsspec was told to listen at"
            );
            text("421 Misdirected Request", "", &says)
        }
        Denied::Origin(origin) => {
            let says =
                format!("web pages of {} are not served here: only those of this port are", origin.escape_default());
            text("403 Forbidden", "", &says)
        }
    };
    to(request, answer)
}

/// An answer as it goes out: that to a HEAD is without its body, RFC 9110 section 9.3.2.
pub fn to(request: &Head, mut answer: Vec<u8>) -> Vec<u8> {
    if request.start_line.starts_with(b"HEAD ")
        && let Some(end) = head_length(&answer)
    {
        answer.truncate(end);
    }
    answer
}

/// Refuses a request whose head has no end.
pub fn without_head(fault: NoHead) -> Vec<u8> {
    match fault {
        NoHead::TooLong => text("431 Request Header Fields Too Large", "", "the head of the request is too long"),
        NoHead::TooSlow => text("408 Request Timeout", "", "the head of the request did not come in time"),
    }
}
