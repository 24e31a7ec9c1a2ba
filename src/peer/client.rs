//! The reference echo client: tokio-tungstenite for handshake and frames, and a Close frame before a connection fails.

use super::echo::converse;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use url::Url;

/// Connects to `url` and sends back every message until the connection ends; the error says why it never opened.
pub async fn echo_client(url: &Url) -> Result<(), Box<Error>> {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, url.port_or_known_default().unwrap_or(80))).await.map_err(Error::Io)?;
    // small echoes would wait for acknowledgements
    stream.set_nodelay(true).map_err(Error::Io)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(super::echo::LARGEST_MESSAGE))
        .max_frame_size(Some(super::echo::LARGEST_MESSAGE));
    let (mut socket, _) = client_async_with_config(url.as_str(), stream, Some(config)).await?;
    converse(&mut socket).await;
    // a server that has gone already leaves nothing to end
    let _ = socket.get_mut().shutdown().await;
    Ok(())
}
