//! The hand-written client: conforming until a quirk bends its opening handshake, or its [`Conduct`] behind it.

use super::BindError;
use super::client_fault::{Manner, Objection, client_faults};
use super::conduct::Conduct;
use super::driver::{Driver, Ending};
use super::fault::{self, Area, Quirk};
use super::listener::{finish, reset};
use crate::wire::http::head_length;
use crate::wire::{Head, handshake};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use url::Url;

const PATIENCE_WITHOUT_READING: Duration = Duration::from_secs(120);
/// A response head that is longer is refused.
const LONGEST_HEAD: usize = 64 * 1024;

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
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let mut stream = TcpStream::connect((host, url.port_or_known_default().unwrap_or(80))).await?;
        stream.set_nodelay(true)?;
        let Some(mut behind) = self.open(&mut stream, url).await? else {
            finish(stream).await;
            return Ok(());
        };
        if self.manner.loses_what_is_behind {
            behind.clear();
        }
        let ending = Driver::new(&mut stream, self.conduct).run(Vec::new(), behind).await?;
        match ending {
            Ending::Finish | Ending::Leak | Ending::NextRequest => finish(stream).await,
            Ending::Reset | Ending::LoseNext | Ending::Die => reset(stream),
            Ending::StopReading => sleep(PATIENCE_WITHOUT_READING).await,
        }
        Ok(())
    }

    /// The opening handshake; what came behind the response when it is taken.
    async fn open(self, stream: &mut TcpStream, url: &Url) -> io::Result<Option<Vec<u8>>> {
        let key = generate_key();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let request = format!(
            "GET {}{query} HTTP/1.1\r\nHost: {}{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n",
            url.path(),
            url.host_str().unwrap_or_default()
        );
        stream.write_all((self.manner.request)(request).as_bytes()).await?;
        let mut heard = Vec::new();
        loop {
            let mut pieces = 0;
            let end = loop {
                if let Some(end) = head_length(&heard) {
                    break end;
                }
                if heard.len() > LONGEST_HEAD || stream.read_buf(&mut heard).await? == 0 {
                    return Ok(None);
                }
                pieces += 1;
            };
            let head = Head::parse(&heard.drain(..end).collect::<Vec<u8>>());
            if matches!(head.status(), Some(100 | 102..=199)) {
                continue;
            }
            let refused = objections(&head, &key).any(|objection| !(self.manner.overlook)(objection, &head, &key))
                || (self.manner.refuse)(&head)
                || (self.manner.refuses_pieces && pieces > 1);
            return Ok((!refused).then_some(heard));
        }
    }
}

fn objections(head: &Head, key: &str) -> impl Iterator<Item = Objection> + use<> {
    let accepts: Vec<&[u8]> = head.values("sec-websocket-accept").collect();
    [
        (head.status() != Some(101), Objection::Status),
        (!head.response_faults().is_empty(), Objection::Malformed),
        (!head.list_has("upgrade", "websocket"), Objection::Upgrade),
        (!head.list_has("connection", "upgrade"), Objection::Connection),
        (accepts != [handshake::accept(key.as_bytes()).as_bytes()], Objection::Accept),
        (!head.list("sec-websocket-extensions").is_empty(), Objection::Extension),
        (!head.list("sec-websocket-protocol").is_empty(), Objection::Subprotocol),
    ]
    .into_iter()
    .filter_map(|(is_so, objection)| is_so.then_some(objection))
}
