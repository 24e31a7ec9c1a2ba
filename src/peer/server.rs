//! The hand-written server: conforming until a quirk bends its [`Conduct`].

use super::BindError;
use super::conduct::Conduct;
use super::driver::{Driver, Ending};
use super::fault::{self, Quirk};
use super::handshake::{self, Answer, read_request};
use super::listener::{Listener, finish, reset};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;

const PATIENCE_WITHOUT_READING: Duration = Duration::from_secs(120);

/// The hand-written server, bound and not yet serving.
pub struct QuirkServer {
    listener: Listener,
    conduct: Conduct,
}

impl QuirkServer {
    /// Listens at `address` with the fault or variant of that name; `conforming` names the server without any.
    pub async fn bind(address: SocketAddr, quirk_name: &str) -> Result<QuirkServer, BindError> {
        let quirk = fault::find(quirk_name)?;
        Ok(QuirkServer {
            listener: Listener::bind(address).await?,
            conduct: quirk.map_or_else(Conduct::conforming, Quirk::conduct),
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped, or until a quirk makes the server die.
    pub async fn serve(self) {
        let conduct = self.conduct;
        let (death, dead) = watch::channel(false);
        let mut stop = dead.clone();
        let handle = move |stream| connection(stream, conduct, death.clone(), dead.clone());
        let stopped = async move {
            let _ = stop.wait_for(|dead| *dead).await;
        };
        self.listener.serve(handle, stopped).await;
    }
}

async fn connection(
    mut stream: TcpStream,
    conduct: Conduct,
    death: watch::Sender<bool>,
    mut dead: watch::Receiver<bool>,
) {
    let ending = tokio::select! {
        ending = converse(&mut stream, conduct) => ending,
        _ = dead.wait_for(|dead| *dead) => Ok(Ending::Reset),
    };
    match ending {
        Ok(Ending::Finish) => finish(stream).await,
        Ok(Ending::Reset) => reset(stream),
        Ok(Ending::StopReading) => tokio::select! {
            () = sleep(PATIENCE_WITHOUT_READING) => {}
            _ = dead.wait_for(|dead| *dead) => reset(stream),
        },
        Ok(Ending::Die) => {
            reset(stream);
            death.send_replace(true);
        }
        // The peer is gone: there is nobody to answer.
        Err(_) => {}
    }
}

async fn converse(stream: &mut TcpStream, conduct: Conduct) -> io::Result<Ending> {
    let (answer, behind) = match read_request(stream, conduct.head_end).await? {
        Ok((request, behind)) => (handshake::answer(&conduct, &request), behind),
        Err(objection) => (handshake::refusal(&conduct, objection), Vec::new()),
    };
    match answer {
        Answer::Open(head) => Driver::new(stream, conduct).run(head.into_bytes(), behind).await,
        Answer::Refuse(head) => {
            stream.write_all(head.unwrap_or_default().as_bytes()).await?;
            Ok(if conduct.closes_after_refusal { Ending::Finish } else { Ending::StopReading })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::checklist;

    #[tokio::test]
    async fn passes_the_checklist_without_a_quirk() {
        let server = QuirkServer::bind(checklist::ANY_PORT, fault::CONFORMING).await.unwrap();
        let address = server.local_addr();
        let serving = tokio::spawn(server.serve());
        checklist::run(address).await;
        serving.abort();
    }
}
