//! The reference echo server: tokio-tungstenite for the frames, and around it what tungstenite leaves undone:
//! an HTTP answer to a request that it refuses, a Close frame before a connection fails, and FIN instead of RST.
//! Where permessage-deflate is agreed, which tungstenite does not speak, the hand-written peer has the connection.

use super::command::{Command, pieces};
use super::companions::Companions;
use super::conduct::Conduct;
use super::deflate::Deflating;
use super::driver::Driver;
use super::handshake::{self, Answer, read_request};
use super::listener::{Listener, finish};
use crate::wire::extension::Agreement;
use futures_util::{SinkExt, StreamExt};
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, error::ProtocolError};

pub(super) const LARGEST_MESSAGE: usize = 64 << 20;

/// The reference server, bound and not yet serving.
pub struct EchoServer {
    listener: Listener,
}

impl EchoServer {
    /// Listens at `address`; port 0 takes a free one.
    pub async fn bind(address: SocketAddr) -> io::Result<EchoServer> {
        Ok(EchoServer { listener: Listener::bind(address).await? })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped, which also ends its connections.
    pub async fn serve(self) {
        self.listener.serve(connection, pending()).await;
    }
}

async fn connection(mut stream: TcpStream) {
    match open(&mut stream).await {
        Ok(Some((Some(agreed), rest))) => {
            let conduct = Conduct { agreed: Some(agreed), ..conduct() };
            // however the conversation ends, the hand-written peer has said its Close by then
            let _ = Driver::new(&mut stream, conduct).run(Vec::new(), rest).await;
            finish(stream).await;
        }
        Ok(Some((None, rest))) => {
            let config = WebSocketConfig::default()
                .max_message_size(Some(LARGEST_MESSAGE))
                .max_frame_size(Some(LARGEST_MESSAGE));
            let mut socket = WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await;
            converse(&mut socket, None).await;
            finish(socket.into_inner()).await;
        }
        Ok(None) => finish(stream).await,
        // The peer is gone: there is nobody to answer.
        Err(_) => {}
    }
}

fn conduct() -> Conduct {
    Conduct { deflate: Some(Deflating::conforming()), ..Conduct::conforming() }
}

/// Answers the handshake; what was agreed on permessage-deflate and what the peer sent behind it when it succeeded, `None`
/// when it was refused.
async fn open(stream: &mut TcpStream) -> io::Result<Option<(Option<Agreement>, Vec<u8>)>> {
    let conduct = conduct();
    let read = read_request(stream, Vec::new(), conduct.head_end, conduct.refuse_cut).await?;
    let (head, opened) = match handshake::answer(&conduct, &read.request, read.objection) {
        Answer::Open(head, agreed) => (Some(head), Some((agreed, read.behind))),
        Answer::Refuse(head, _) => (head, None),
    };
    stream.write_all(head.unwrap_or_default().as_bytes()).await?;
    Ok(opened)
}

/// Echoes until either side closes, and does what a command says where there are companions. Pongs and the reply to a Close are tungstenite's own work.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    mut companions: Option<&mut Companions>,
) {
    while let Some(received) = socket.next().await {
        let sent = match received {
            Ok(Message::Text(text)) => match (Command::parse(text.as_bytes()), &mut companions) {
                (Some(Command::Open(count)), Some(companions)) => {
                    companions.open(count);
                    Ok(())
                }
                (Some(command), Some(_)) => obey(socket, command).await,
                _ => socket.send(Message::Text(text)).await,
            },
            Ok(message @ Message::Binary(_)) => socket.send(message).await,
            Ok(_) => Ok(()),
            Err(error) => {
                if let Some((code, reason)) = explanation(&error) {
                    // The connection fails either way; the Close frame only tells the peer why.
                    let _ = socket.close(Some(CloseFrame { code, reason: reason.into() })).await;
                }
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Does what a command says.
async fn obey<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    command: Command,
) -> Result<(), Error> {
    match command {
        Command::Close(None) => socket.close(None).await,
        Command::Close(Some((code, reason))) => {
            socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await
        }
        // that is not done on this connection
        Command::Open(_) => Ok(()),
        Command::Ping(payload) => socket.send(Message::Ping(payload.into_bytes().into())).await,
        Command::Send { is_text, octets, fragment } => {
            let pieces = pieces(octets, fragment);
            let last = pieces.len() - 1;
            for (number, piece) in pieces.into_iter().enumerate() {
                let opcode = match (number, is_text) {
                    (0, true) => Data::Text,
                    (0, false) => Data::Binary,
                    _ => Data::Continue,
                };
                let frame = Frame::message(piece, OpCode::Data(opcode), number == last);
                socket.send(Message::Frame(frame)).await?;
            }
            Ok(())
        }
    }
}

/// What the Close frame says of an error, unless the peer is no longer there to read it.
fn explanation(error: &Error) -> Option<(CloseCode, &'static str)> {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some((CloseCode::Protocol, "protocol error")),
        Error::Utf8(_) => Some((CloseCode::Invalid, "invalid UTF-8")),
        Error::Capacity(_) => Some((CloseCode::Size, "message too big")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::checklist;

    #[tokio::test]
    async fn passes_the_checklist() {
        let server = EchoServer::bind(checklist::ANY_PORT).await.unwrap();
        let address = server.local_addr();
        let serving = tokio::spawn(server.serve());
        checklist::run(address).await;
        serving.abort();
    }
}
