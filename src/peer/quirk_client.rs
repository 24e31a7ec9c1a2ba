//! The hand-written client: conforming until a quirk bends its opening handshake, or its [`Conduct`] behind it.

use super::BindError;
use super::client_fault::{Manner, client_faults};
use super::client_handshake::{Asked, ask, connect, is_interim, objections, read_head};
use super::conduct::Conduct;
use super::driver::{Driver, Ending};
use super::fault::{self, Area, Quirk};
use super::listener::{finish, reset};
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;
use url::Url;

const PATIENCE_WITHOUT_READING: Duration = Duration::from_secs(120);

/// The hand-written client with one quirk, which may be tried on any number of servers.
#[derive(Clone, Copy)]
pub struct QuirkClient {
    conduct: Conduct,
    manner: Manner,
}

impl QuirkClient {
    /// The client with the fault or variant of that name; `conforming` names the one without any. Of the quirks of the
    /// hand-written server it has those behind the opening handshake.
    pub fn new(name: &str) -> Result<QuirkClient, BindError> {
        if let Some(fault) = client_faults().iter().find(|fault| fault.name == name) {
            return Ok(QuirkClient { conduct: Conduct::conforming(), manner: fault.manner() }.as_client());
        }
        let quirk = fault::find(name)?;
        if quirk.is_some_and(|quirk| matches!(quirk.area, Area::Opening | Area::Switching)) {
            let names: Vec<&str> = client_faults().iter().map(|fault| fault.name).collect();
            return Err(BindError::unknown_name(name, &names));
        }
        let conduct = quirk.map_or_else(Conduct::conforming, Quirk::conduct);
        Ok(QuirkClient { conduct, manner: Manner::conforming() }.as_client())
    }

    fn as_client(mut self) -> QuirkClient {
        self.conduct.is_client = true;
        self
    }

    /// Connects and sends back what comes, until the connection ends.
    pub async fn run(self, url: &Url) -> io::Result<()> {
        let mut stream = connect(url).await?;
        let Some(mut behind) = self.open(&mut stream, url).await? else {
            finish(stream).await;
            return Ok(());
        };
        if self.manner.loses_what_is_behind {
            behind.clear();
        }
        let ending = Driver::new(&mut stream, self.conduct).run(Vec::new(), behind).await?;
        match ending {
            Ending::Finish | Ending::Leak | Ending::BreakDown | Ending::NextRequest => finish(stream).await,
            Ending::Reset | Ending::LoseNext | Ending::Die => reset(stream),
            Ending::StopReading => sleep(PATIENCE_WITHOUT_READING).await,
        }
        Ok(())
    }

    /// The opening handshake; what came behind the response when it is taken.
    async fn open(self, stream: &mut TcpStream, url: &Url) -> io::Result<Option<Vec<u8>>> {
        let Asked { key, request } = ask(url);
        stream.write_all((self.manner.request)(request).as_bytes()).await?;
        let mut heard = Vec::new();
        loop {
            let Some((head, pieces)) = read_head(stream, &mut heard).await? else { return Ok(None) };
            if is_interim(&head) {
                continue;
            }
            let refused = objections(&head, &key).any(|objection| !(self.manner.overlook)(objection, &head, &key))
                || (self.manner.refuse)(&head)
                || (self.manner.refuses_pieces && pieces > 1);
            return Ok((!refused).then_some(heard));
        }
    }
}
