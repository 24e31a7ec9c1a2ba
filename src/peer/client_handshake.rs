//! The client's side of the opening handshake, RFC 6455 section 4.1: the request, and what makes a response no 101 for it.
//!
//! Both clients of this layer use it: tungstenite takes extensions that it did not offer, and refuses a list in Connection.

use crate::wire::http::{HeadFault, head_length};
use crate::wire::{Head, handshake};
use std::io;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use url::Url;

/// A response head that is longer is refused.
const LONGEST_HEAD: usize = 64 * 1024;

/// Why a response opens no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    Status,
    Malformed,
    Upgrade,
    Connection,
    Accept,
    Extension,
    Subprotocol,
}

impl Objection {
    /// A few words for whoever started the client.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Objection::Status => "it is no 101",
            Objection::Malformed => "it is malformed",
            Objection::Upgrade => "its Upgrade does not name websocket",
            Objection::Connection => "its Connection does not name upgrade",
            Objection::Accept => "its Sec-WebSocket-Accept does not answer the key",
            Objection::Extension => "it accepts an extension that was not offered",
            Objection::Subprotocol => "it selects a subprotocol, and none was offered",
        }
    }
}

/// A request, and the key in it.
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) request: String,
}

/// Connects to where a URL points.
pub(super) async fn connect(url: &Url) -> io::Result<TcpStream> {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, url.port_or_known_default().unwrap_or(80))).await?;
    // small echoes would wait for acknowledgements
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The request for a URL, with a new key. It offers neither extension nor subprotocol.
pub(super) fn ask(url: &Url) -> Asked {
    ask_with(url, |key| key)
}

/// The same with the key changed.
pub(super) fn ask_with(url: &Url, change: fn(String) -> String) -> Asked {
    let key = change(generate_key());
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = format!(
        "GET {}{query} HTTP/1.1\r\nHost: {}{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n",
        url.path(),
        url.host_str().unwrap_or_default()
    );
    Asked { key, request }
}

/// Reads up to the end of a head, and tells in how many pieces it came; what came behind it stays in `heard`.
/// `None` when it has no end.
pub(super) async fn read_head(stream: &mut TcpStream, heard: &mut Vec<u8>) -> io::Result<Option<(Head, u32)>> {
    let mut pieces = 0;
    loop {
        if let Some(end) = head_length(heard) {
            let head: Vec<u8> = heard.drain(..end).collect();
            return Ok(Some((Head::parse(&head), pieces)));
        }
        if heard.len() > LONGEST_HEAD || stream.read_buf(heard).await? == 0 {
            return Ok(None);
        }
        pieces += 1;
    }
}

/// Whether another response follows, RFC 9110 section 15.2.
pub(super) fn is_interim(head: &Head) -> bool {
    matches!(head.status(), Some(100 | 102..=199))
}

/// What is wrong with the response to a request with that key.
pub(super) fn objections(head: &Head, key: &str) -> impl Iterator<Item = Objection> + use<> {
    let accepts: Vec<&[u8]> = head.values("sec-websocket-accept").collect();
    [
        (head.status() != Some(101), Objection::Status),
        // a user agent reads a folded field as if it stood in one line, RFC 9112 section 5.2
        (head.response_faults().iter().any(|fault| *fault != HeadFault::Folded), Objection::Malformed),
        (!head.list_has("upgrade", "websocket"), Objection::Upgrade),
        (!head.list_has("connection", "upgrade"), Objection::Connection),
        (accepts != [handshake::accept(key.as_bytes()).as_bytes()], Objection::Accept),
        (!head.list("sec-websocket-extensions").is_empty(), Objection::Extension),
        (!head.list("sec-websocket-protocol").is_empty(), Objection::Subprotocol),
    ]
    .into_iter()
    .filter_map(|(is_so, objection)| is_so.then_some(objection))
}
