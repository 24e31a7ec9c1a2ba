//! Echo server on the crate fastwebsockets, upgraded from hyper: `interop-fastwebsockets PORT`.
//!
//! Limits (messages up to 64 MiB), pongs and closes are the library's own; at the first error the connection is dropped.

use std::convert::Infallible;

use fastwebsockets::upgrade::{UpgradeFut, is_upgrade_request, upgrade};
use fastwebsockets::{FragmentCollector, OpCode, WebSocketError};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, SEC_WEBSOCKET_VERSION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

// One thread, like every other target here: the harness keeps the second core.
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: interop-fastwebsockets PORT");
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
    // The library leaves this check, and the answer to a request that fails it, to the application.
    if is_upgrade_request(&request)
        && let Ok((response, upgraded)) = upgrade(&mut request)
    {
        tokio::spawn(echo(upgraded));
        return Ok(response);
    }
    let mut refusal = Response::new(Empty::new());
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    // What the library says nothing about must not look like a fault of it.
    refusal.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    Ok(refusal)
}

async fn echo(upgraded: UpgradeFut) -> Result<(), WebSocketError> {
    let mut socket = FragmentCollector::new(upgraded.await?);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            OpCode::Close => return Ok(()),
            _ => {}
        }
    }
}
