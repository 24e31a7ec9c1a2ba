//! The reference echo client: tokio-tungstenite for the frames, and around it the opening handshake, and a Close frame
//! before a connection fails.

use super::client_handshake::{Asked, ask, connect, is_interim, objections, read_head};
use super::companions::{Another, Companions};
use super::echo::{LARGEST_MESSAGE, converse};
use crate::drive::{Care, Trust};
use futures_util::StreamExt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

/// How long the server has to close TCP.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a connection did not open.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The network failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The response opens no connection.
    #[error("the response opens no connection: {0}")]
    Refused(&'static str),
    /// The URL begins otherwise than with `ws` or `wss`.
    #[error("the URL begins with {0}, and this client speaks ws and wss alone")]
    Scheme(String),
    /// The connection ended without a text message.
    #[error("no text message came")]
    Silent,
}

/// Connects to `url` and sends back every message until the connection ends; the error says why it never opened.
pub async fn echo_client(url: &Url, trust: &Trust) -> Result<(), ClientError> {
    let mut socket = opened(url, trust).await?;
    let (again, trusted) = (url.clone(), trust.clone());
    let another: Another = Arc::new(move || boxed(again.clone(), trusted.clone()));
    let mut companions = Companions::new(another, false);
    converse(&mut socket, Some(&mut companions)).await;
    // section 7.1.1: a client leaves it to the server to close TCP, and waits for that a while
    let _ = timeout(PATIENCE, drained(socket.get_mut())).await;
    // a server that has gone already leaves nothing to end
    let _ = socket.get_mut().shutdown().await;
    companions.gone().await;
    Ok(())
}

fn boxed(url: Url, trust: Trust) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        // what becomes of the connection is for the server to see
        let _ = echo_client(&url, &trust).await;
    })
}

/// Connects to `url` and gives back the first text message; the connection is closed in good order.
pub async fn first_text(url: &Url) -> Result<String, ClientError> {
    let mut socket = opened(url, &Trust::default()).await?;
    let mut first = None;
    // the server says goodbye behind it, and tungstenite answers
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            first.get_or_insert_with(|| text.to_string());
        }
    }
    let _ = socket.get_mut().shutdown().await;
    first.ok_or(ClientError::Silent)
}

/// Reads until the server has closed its side.
async fn drained(stream: &mut TcpStream) {
    let mut sink = vec![0; 64 << 10];
    while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
}

async fn opened(url: &Url, trust: &Trust) -> Result<WebSocketStream<TcpStream>, ClientError> {
    if !["ws", "wss"].contains(&url.scheme()) {
        return Err(ClientError::Scheme(url.scheme().to_owned()));
    }
    let mut stream = connect(url).await?;
    if url.scheme() == "wss" {
        stream = trust.through(url, stream, Care { overlooks: |_| false, names_server: true }).await?;
    }
    let behind = open(&mut stream, url).await?;
    let config =
        WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
    Ok(WebSocketStream::from_partially_read(stream, behind, Role::Client, Some(config)).await)
}

/// The opening handshake, RFC 6455 section 4.1; what the server sent behind it comes back.
async fn open(stream: &mut TcpStream, url: &Url) -> Result<Vec<u8>, ClientError> {
    let Asked { key, request } = ask(url);
    stream.write_all(request.as_bytes()).await?;
    let mut heard = Vec::new();
    loop {
        let Some((head, _)) = read_head(stream, &mut heard).await? else {
            return Err(ClientError::Refused("its head has no end"));
        };
        if is_interim(&head) {
            continue;
        }
        return match objections(&head, &key).next() {
            Some(objection) => Err(ClientError::Refused(objection.reason())),
            None => Ok(heard),
        };
    }
}
