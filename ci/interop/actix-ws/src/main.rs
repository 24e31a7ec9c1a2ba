//! Echo server on the crate actix-ws: `interop-actix-ws PORT`.
//!
//! The crate leaves pongs and closes to applications. At an error this one sends a Close without a code and ends the
//! connection, as the crate's documentation shows. Takes messages up to 64 MiB.

use actix_web::web::{self, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Result, rt};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, Closed, Session};

/// Large enough for the largest message of any case, so that a size limit never hides another answer.
const LIMIT: usize = 64 << 20;

// One thread, like every other target here: the harness keeps the second core.
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: interop-actix-ws PORT");
    HttpServer::new(|| App::new().default_service(web::get().to(handshake)))
        .workers(1)
        .bind(("127.0.0.1", port))?
        .run()
        .await
}

async fn handshake(request: HttpRequest, body: Payload) -> Result<HttpResponse> {
    let (response, session, stream) = actix_ws::handle(&request, body)?;
    let stream = stream.max_frame_size(LIMIT).aggregate_continuations().max_continuation_size(LIMIT);
    rt::spawn(echo(session, stream));
    Ok(response)
}

async fn echo(mut session: Session, mut stream: AggregatedMessageStream) -> Result<(), Closed> {
    while let Some(Ok(message)) = stream.recv().await {
        match message {
            AggregatedMessage::Text(text) => session.text(text).await?,
            AggregatedMessage::Binary(octets) => session.binary(octets).await?,
            AggregatedMessage::Ping(payload) => session.pong(&payload).await?,
            AggregatedMessage::Pong(_) => {}
            AggregatedMessage::Close(reason) => return session.close(reason).await,
        }
    }
    session.close(None).await
}
