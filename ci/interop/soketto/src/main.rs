//! Echo server with permessage-deflate on the crate soketto: `interop-soketto PORT`.
//!
//! Like the echo server of that crate, it drops the connection at the first error; pongs and closes are the library's own.

use std::error::Error;

use soketto::extension::deflate::Deflate;
use soketto::handshake::{Server, server::Response};
use soketto::{Data, Mode};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::TokioAsyncReadCompatExt;

/// Large enough for the largest message of any case, so that a size limit never hides another answer.
const LIMIT: usize = 64 << 20;

// One thread, like every other target here: the harness keeps the second core.
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: interop-soketto PORT");
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(echo(stream));
    }
}

async fn echo(stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut server = Server::new(stream.compat());
    server.add_extension(Box::new(Deflate::new(Mode::Server)));
    let key = server.receive_request().await.map(|request| request.key());
    let answer = match key {
        Ok(key) => Response::Accept { key, protocol: None },
        Err(_) => Response::Reject { status_code: 400 },
    };
    server.send_response(&answer).await?;
    key?;
    let mut builder = server.into_builder();
    builder.set_max_message_size(LIMIT);
    builder.set_max_frame_size(LIMIT);
    let (mut sender, mut receiver) = builder.finish();
    let mut message = Vec::new();
    loop {
        message.clear();
        match receiver.receive_data(&mut message).await? {
            Data::Binary(_) => sender.send_binary_mut(&mut message).await?,
            Data::Text(_) => sender.send_text(std::str::from_utf8(&message)?).await?,
        }
        sender.flush().await?;
    }
}
