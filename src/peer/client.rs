//! The reference echo client: tokio-tungstenite for the frames, and around it the opening handshake, in which tungstenite
//! takes extensions that it did not offer and refuses a list in Connection, and a Close frame before a connection fails.

use super::echo::{LARGEST_MESSAGE, converse};
use crate::wire::http::head_length;
use crate::wire::{Head, handshake};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

/// A response head that is longer is refused.
const LONGEST_HEAD: usize = 64 * 1024;

/// Why a connection did not open.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The network failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The response opens no connection.
    #[error("the response opens no connection: {0}")]
    Refused(&'static str),
}

/// Connects to `url` and sends back every message until the connection ends; the error says why it never opened.
pub async fn echo_client(url: &Url) -> Result<(), ClientError> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    let mut stream = TcpStream::connect((host.trim_start_matches('[').trim_end_matches(']'), port)).await?;
    // small echoes would wait for acknowledgements
    stream.set_nodelay(true)?;
    let behind = open(&mut stream, url).await?;
    let config =
        WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
    let mut socket = WebSocketStream::from_partially_read(stream, behind, Role::Client, Some(config)).await;
    converse(&mut socket).await;
    // a server that has gone already leaves nothing to end
    let _ = socket.get_mut().shutdown().await;
    Ok(())
}

/// The opening handshake, RFC 6455 section 4.1; what the server sent behind it comes back.
async fn open(stream: &mut TcpStream, url: &Url) -> Result<Vec<u8>, ClientError> {
    let key = generate_key();
    let authority = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = format!(
        "GET {}{query} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n",
        url.path()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut heard = Vec::new();
    loop {
        let head = read_head(stream, &mut heard).await?;
        match head.status() {
            // an interim response; the final one follows
            Some(100 | 102..=199) => {}
            _ => return check(&head, &key).map(|()| heard),
        }
    }
}

/// Reads up to the end of a head; what came behind it stays in `heard`.
async fn read_head(stream: &mut TcpStream, heard: &mut Vec<u8>) -> Result<Head, ClientError> {
    loop {
        if let Some(end) = head_length(heard) {
            return Ok(Head::parse(&heard.drain(..end).collect::<Vec<u8>>()));
        }
        if heard.len() > LONGEST_HEAD {
            return Err(ClientError::Refused("its head has no end"));
        }
        if stream.read_buf(heard).await? == 0 {
            return Err(ClientError::Refused("the connection ended inside of it"));
        }
    }
}

fn check(head: &Head, key: &str) -> Result<(), ClientError> {
    let accepts: Vec<&[u8]> = head.values("sec-websocket-accept").collect();
    let has = |field| !head.list(field).is_empty();
    let faults = [
        (head.status() != Some(101) || !head.response_faults().is_empty(), "it is no well-formed 101"),
        (!head.list_has("upgrade", "websocket"), "its Upgrade does not name websocket"),
        (!head.list_has("connection", "upgrade"), "its Connection does not name upgrade"),
        (accepts != [handshake::accept(key.as_bytes()).as_bytes()], "its Sec-WebSocket-Accept does not answer the key"),
        (has("sec-websocket-extensions"), "it accepts an extension, and none was offered"),
        (has("sec-websocket-protocol"), "it selects a subprotocol, and none was offered"),
    ];
    match faults.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, why)) => Err(ClientError::Refused(why)),
        None => Ok(()),
    }
}
