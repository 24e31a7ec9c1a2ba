//! Echo server with permessage-deflate on the crate yawc, upgraded from hyper: `interop-yawc PORT`.

use std::convert::Infallible;

use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, SEC_WEBSOCKET_VERSION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use http_body_util::Empty;
use interop_yawc::{echo, options};
use tokio::net::TcpListener;
use yawc::{UpgradeFut, WebSocket};

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
    if let Ok((response, upgraded)) = WebSocket::upgrade_with_options(&mut request, options()) {
        tokio::spawn(converse(upgraded));
        return Ok(response);
    }
    // The library leaves the answer to a request that it refuses to the application.
    let mut refusal = Response::new(Empty::new());
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    refusal.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    Ok(refusal)
}

async fn converse(upgraded: UpgradeFut) -> yawc::Result<()> {
    echo(upgraded.await?).await
}
