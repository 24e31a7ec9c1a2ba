//! The reference echo client: tokio-tungstenite for the frames, and around it the opening handshake, and a Close frame
//! before a connection fails. Where permessage-deflate is agreed, the hand-written peer has the connection.

use super::client_handshake::{Asked, Objection, ask, connect, is_interim, objections, read_head};
use super::client_quirk::{Manner, with};
use super::companions::{Another, Companions};
use super::conduct::Conduct;
use super::deflate::{Deflating, taken};
use super::driver::Driver;
use super::echo::{LARGEST_MESSAGE, converse};
use crate::drive::{Care, Trust};
use crate::wire::extension::Agreement;
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
    let ways = Deflating::conforming();
    let Opened { mut stream, agreed, behind } = opened(url, trust, Some(&ways)).await?;
    let (again, trusted) = (url.clone(), trust.clone());
    let another: Another = Arc::new(move || boxed(again.clone(), trusted.clone()));
    let mut companions = Companions::new(another, false);
    if agreed.is_some() {
        let conduct = Conduct { agreed, deflate: Some(ways), ..Manner::conforming().conduct };
        let mut driver = Driver::new(&mut stream, conduct).with(companions);
        // a connection that is lost is an end like any other
        let _ = driver.run(Vec::new(), behind).await;
        let companions = driver.companions();
        leave(&mut stream).await;
        if let Some(companions) = companions {
            companions.gone().await;
        }
    } else {
        let mut socket = framed(stream, behind).await;
        converse(&mut socket, Some(&mut companions)).await;
        leave(socket.get_mut()).await;
        companions.gone().await;
    }
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
    let Opened { stream, behind, .. } = opened(url, &Trust::default(), None).await?;
    let mut socket = framed(stream, behind).await;
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

/// Lets the server close TCP, as section 7.1.1 asks of a client, and waits for that a while.
async fn leave(stream: &mut TcpStream) {
    let _ = timeout(PATIENCE, drained(stream)).await;
    // a server that has gone already leaves nothing to end
    let _ = stream.shutdown().await;
}

/// Reads until the server has closed its side.
async fn drained(stream: &mut TcpStream) {
    let mut sink = vec![0; 64 << 10];
    while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
}

/// A connection behind its opening handshake.
struct Opened {
    stream: TcpStream,
    /// What was agreed on permessage-deflate.
    agreed: Option<Agreement>,
    /// What the server sent behind its response.
    behind: Vec<u8>,
}

/// Connects, and offers permessage-deflate where `ways` says how it is spoken.
async fn opened(url: &Url, trust: &Trust, ways: Option<&Deflating>) -> Result<Opened, ClientError> {
    if !["ws", "wss"].contains(&url.scheme()) {
        return Err(ClientError::Scheme(url.scheme().to_owned()));
    }
    let mut stream = connect(url).await?;
    if url.scheme() == "wss" {
        stream = trust.through(url, stream, Care { overlooks: |_| false, names_server: true }).await?;
    }
    let (agreed, behind) = open(&mut stream, url, ways).await?;
    Ok(Opened { stream, agreed, behind })
}

async fn framed(stream: TcpStream, behind: Vec<u8>) -> WebSocketStream<TcpStream> {
    let config =
        WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
    WebSocketStream::from_partially_read(stream, behind, Role::Client, Some(config)).await
}

/// The opening handshake, RFC 6455 section 4.1: what was agreed on permessage-deflate, and what the server sent behind it.
async fn open(
    stream: &mut TcpStream,
    url: &Url,
    ways: Option<&Deflating>,
) -> Result<(Option<Agreement>, Vec<u8>), ClientError> {
    let Asked { key, mut request } = ask(url);
    if let Some(ways) = ways {
        request = with(&request, &format!("Sec-WebSocket-Extensions: {}", ways.offer));
    }
    stream.write_all(request.as_bytes()).await?;
    let mut heard = Vec::new();
    loop {
        let Some((head, _)) = read_head(stream, &mut heard).await? else {
            return Err(ClientError::Refused("its head has no end"));
        };
        if is_interim(&head) {
            continue;
        }
        // who has offered an extension looks at what was accepted
        let is_known = |objection: &Objection| ways.is_some() && *objection == Objection::Extension;
        if let Some(objection) = objections(&head, &key).find(|objection| !is_known(objection)) {
            return Err(ClientError::Refused(objection.reason()));
        }
        let agreed = ways.map_or(Ok(None), |ways| taken(ways, &head));
        let agreed = agreed.map_err(|_| ClientError::Refused(Objection::Extension.reason()))?;
        return Ok((agreed, heard));
    }
}
