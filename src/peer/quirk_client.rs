//! The hand-written client: conforming until a quirk bends its [`Manner`].

use super::BindError;
use super::client_handshake::{Asked, Objection, ask_with, connect, is_interim, objections, read_head};
use super::client_quirk::{Leaving, Manner, Secure, client_faults, client_variants, with};
use super::companions::{Another, Companions};
use super::conduct::Conduct;
use super::deflate;
use super::driver::{Driver, Ending};
use super::fault::CONFORMING;
use super::listener::{finish, reset};
use crate::drive::Trust;
use crate::wire::extension::Agreement;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use url::Url;

const PATIENCE_WITHOUT_READING: Duration = Duration::from_secs(120);
/// How long the server has to close TCP behind both Closes, RFC 6455 section 7.1.1.
const PATIENCE_WITH_SERVERS: Duration = Duration::from_secs(1);

/// The hand-written client with one quirk, which may be tried on any number of servers.
#[derive(Clone)]
pub struct QuirkClient {
    manner: Manner,
    trust: Trust,
}

/// What came of the opening handshake.
enum Opened {
    /// A response that is taken, what it agrees to on permessage-deflate, and what came behind it.
    Taken(Option<Agreement>, Vec<u8>),
    Refused,
    /// The response has no end.
    Nothing,
    Hangs,
}

impl QuirkClient {
    /// The client with the fault or variant of that name; `conforming` names the one without any.
    pub fn new(name: &str) -> Result<QuirkClient, BindError> {
        if name == CONFORMING {
            return Ok(QuirkClient { manner: Manner::conforming(), trust: Trust::default() });
        }
        let mut known = client_faults().iter().chain(client_variants());
        match known.clone().find(|quirk| quirk.name == name) {
            Some(quirk) => Ok(QuirkClient { manner: quirk.manner(), trust: Trust::default() }),
            None => {
                let names: Vec<&str> = known.by_ref().map(|quirk| quirk.name).collect();
                Err(BindError::unknown_name(name, &names))
            }
        }
    }

    /// Trusts these authorities, where a URL asks for TLS.
    pub fn trusting(self, trust: Trust) -> QuirkClient {
        QuirkClient { trust, ..self }
    }

    /// Connects and sends back what comes, until the connection ends.
    pub async fn run(&self, url: &Url) -> io::Result<()> {
        let manner = self.manner;
        let declines = match url.scheme() {
            "ws" | "wss" => false,
            _ => !manner.takes_any_scheme,
        };
        if declines || (manner.declines)(url) {
            return Ok(());
        }
        let mut stream = connect(url).await?;
        if url.scheme() == "wss" && manner.speaks_tls == Secure::Speaks {
            stream = self.trust.through(url, stream, manner.care).await?;
        }
        let (agreed, behind) = match self.open(&mut stream, url).await? {
            Opened::Taken(agreed, behind) => (agreed, behind),
            Opened::Refused => return leave(stream, manner.at_refusal).await,
            Opened::Nothing => return leave(stream, manner.at_no_response).await,
            Opened::Hangs => return leave(stream, Leaving::Never).await,
        };
        let (client, again) = (self.clone(), url.clone());
        let another: Another = Arc::new(move || client.clone().boxed(again.clone()));
        let conduct = Conduct { agreed, ..manner.conduct };
        let mut driver = Driver::new(&mut stream, conduct).with(Companions::new(another, manner.opens_side_by_side));
        let ending = driver.run(Vec::new(), behind).await?;
        let companions = driver.companions();
        let leaving = match ending {
            Ending::Finish | Ending::Leak | Ending::BreakDown | Ending::NextRequest if driver.sent_close() => {
                manner.at_close
            }
            Ending::Finish | Ending::Leak | Ending::BreakDown | Ending::NextRequest => Leaving::Finish,
            Ending::Reset | Ending::LoseNext | Ending::Die => Leaving::Reset,
            Ending::StopReading => Leaving::Never,
        };
        leave(stream, leaving).await?;
        if let Some(companions) = companions {
            companions.gone().await;
        }
        Ok(())
    }

    fn boxed(self, url: Url) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            // what becomes of the connection is for the server to see
            let _ = self.run(&url).await;
        })
    }

    /// The opening handshake.
    async fn open(&self, stream: &mut TcpStream, url: &Url) -> io::Result<Opened> {
        let manner = self.manner;
        let Asked { key, mut request } = ask_with(url, manner.key);
        let deflate = manner.conduct.deflate;
        if let Some(ways) = deflate {
            request = with(&request, &format!("Sec-WebSocket-Extensions: {}", ways.offer));
        }
        let mut request = (manner.request)(request, url).into_bytes();
        request.extend_from_slice(manner.behind_request);
        let piece = if manner.request_bytewise { 1 } else { request.len().max(1) };
        for piece in request.chunks(piece) {
            stream.write_all(piece).await?;
        }
        let mut heard = Vec::new();
        loop {
            let Some((head, pieces)) = read_head(stream, &mut heard).await? else { return Ok(Opened::Nothing) };
            if manner.takes_interims && is_interim(&head) {
                continue;
            }
            if (manner.hangs)(&head) {
                return Ok(Opened::Hangs);
            }
            let agreed = deflate.map_or(Ok(None), |ways| deflate::taken(&ways, &head));
            // who has offered one looks at what was accepted
            let is_known = |objection| deflate.is_some() && objection == Objection::Extension;
            let refused = agreed.is_err()
                || objections(&head, &key)
                    .any(|objection| !is_known(objection) && !(manner.overlook)(objection, &head, &key))
                || (manner.refuse)(&head)
                || (manner.refuses_pieces && pieces > 1);
            return Ok(match agreed {
                Ok(agreed) if !refused => Opened::Taken(agreed, (manner.behind)(&head, heard)),
                _ => Opened::Refused,
            });
        }
    }
}

async fn leave(mut stream: TcpStream, leaving: Leaving) -> io::Result<()> {
    match leaving {
        Leaving::Finish => finish(stream).await,
        Leaving::Waits => {
            let gone = async {
                let mut sink = vec![0; 64 << 10];
                while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
            };
            let _ = timeout(PATIENCE_WITH_SERVERS, gone).await;
            finish(stream).await;
        }
        Leaving::Reset => reset(stream),
        Leaving::WithClose(code) => {
            let [high, low] = code.to_be_bytes();
            // masked with zeros
            stream.write_all(&[0x88, 0x82, 0, 0, 0, 0, high, low]).await?;
            finish(stream).await;
        }
        Leaving::Never => sleep(PATIENCE_WITHOUT_READING).await,
    }
    Ok(())
}
