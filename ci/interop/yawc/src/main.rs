//! Echo server with permessage-deflate on the crate yawc, upgraded from hyper: `interop-yawc PORT`.
//!
//! Pongs, closes and what is negotiated are the library's own; at the first error the connection is dropped.

use std::convert::Infallible;

use futures_util::{SinkExt, StreamExt};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, SEC_WEBSOCKET_VERSION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use http_body_util::Empty;
use tokio::net::TcpListener;
use yawc::{OpCode, Options, UpgradeFut, WebSocket};

/// Large enough for the largest message of any case, so that a size limit never hides another answer.
const LIMIT: usize = 64 << 20;

// One thread, like every other target here: the harness keeps the second core.
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: interop-yawc PORT");
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(handshake))
                .with_upgrades(),
        );
    }
}

async fn handshake(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let options = Options::default()
        .with_low_latency_compression()
        // the library does not come to an end of compressing an empty message behind another one
        .with_compression_threshold(1)
        .with_limits(LIMIT, LIMIT)
        .with_utf8();
    if let Ok((response, upgraded)) = WebSocket::upgrade_with_options(&mut request, options) {
        tokio::spawn(echo(upgraded));
        return Ok(response);
    }
    // The library leaves the answer to a request that it refuses to the application.
    let mut refusal = Response::new(Empty::new());
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    refusal.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    Ok(refusal)
}

async fn echo(upgraded: UpgradeFut) -> yawc::Result<()> {
    let mut socket = upgraded.await?;
    while let Some(frame) = socket.next().await {
        if matches!(frame.opcode(), OpCode::Text | OpCode::Binary) {
            socket.send(frame).await?;
        }
    }
    Ok(())
}
