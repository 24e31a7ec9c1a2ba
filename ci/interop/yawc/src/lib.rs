//! What both ends on the crate yawc share: their options, and the echo.
//!
//! Pongs, closes and what is negotiated are the library's own; at the first error the connection is dropped.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use yawc::{OpCode, Options, WebSocket};

/// Large enough for the largest message of any case, so that a size limit never hides another answer.
const LIMIT: usize = 64 << 20;

/// The options of the server and of the client.
pub fn options() -> Options {
    Options::default()
        .with_low_latency_compression()
        // the library does not come to an end of compressing an empty message behind another one
        .with_compression_threshold(1)
        .with_limits(LIMIT, LIMIT)
        .with_utf8()
}

/// Sends back each message until the connection ends.
pub async fn echo<S>(mut socket: WebSocket<S>) -> yawc::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(frame) = socket.next().await {
        if matches!(frame.opcode(), OpCode::Text | OpCode::Binary) {
            socket.send(frame).await?;
        }
    }
    Ok(())
}
