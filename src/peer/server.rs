//! The hand-written server: conforming until a quirk bends its [`Conduct`].

use super::BindError;
use super::conduct::Conduct;
use super::driver::{Driver, Ending};
use super::fault::{self, Quirk};
use super::handshake::{self, Answer, read_request};
use super::listener::{Listener, finish, reset};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, watch};
use tokio::time::sleep;

/// How many connections a server that leaks can lose before it serves nobody any more.
const SLOTS: usize = 32;
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
        let house = Arc::new(House::default());
        let handle = move |stream| connection(stream, conduct, Arc::clone(&house), death.clone(), dead.clone());
        let stopped = async move {
            let _ = stop.wait_for(|dead| *dead).await;
        };
        self.listener.serve(handle, stopped).await;
    }
}

/// What all connections of a server share.
#[derive(Default)]
struct House {
    /// Whether the next connection is lost.
    lost: AtomicBool,
    /// The slots that never came back.
    leaked: AtomicUsize,
    /// The connections that are open.
    open: AtomicUsize,
    /// Held by who reads a head, where that is done in turn.
    door: Mutex<()>,
}

impl House {
    fn leak(&self, slots: usize) {
        self.leaked.fetch_add(slots, Ordering::Relaxed);
    }

    /// Whether a connection is not served at all.
    fn turns_away(&self) -> bool {
        self.lost.swap(false, Ordering::Relaxed) || self.leaked.load(Ordering::Relaxed) >= SLOTS
    }
}

async fn connection(
    stream: TcpStream,
    conduct: Conduct,
    house: Arc<House>,
    death: watch::Sender<bool>,
    dead: watch::Receiver<bool>,
) {
    let open = house.open.fetch_add(1, Ordering::Relaxed) + 1;
    if conduct.fatal_crowd.is_some_and(|most| open >= most) {
        house.leak(SLOTS);
    }
    serve(stream, conduct, &house, death, dead).await;
    house.open.fetch_sub(1, Ordering::Relaxed);
}

async fn serve(
    mut stream: TcpStream,
    conduct: Conduct,
    house: &House,
    death: watch::Sender<bool>,
    mut dead: watch::Receiver<bool>,
) {
    if house.turns_away() {
        return reset(stream);
    }
    let ending = tokio::select! {
        ending = converse(&mut stream, conduct, &house.door) => ending,
        _ = dead.wait_for(|dead| *dead) => Ok(Ending::Reset),
    };
    match ending {
        Ok(Ending::Finish | Ending::NextRequest) => finish(stream).await,
        Ok(Ending::Reset) => reset(stream),
        Ok(Ending::LoseNext) => {
            house.lost.store(true, Ordering::Relaxed);
            reset(stream);
        }
        Ok(Ending::BreakDown) => {
            house.leak(SLOTS);
            finish(stream).await;
        }
        Ok(Ending::Leak) => {
            house.leak(1);
            finish(stream).await;
        }
        Ok(Ending::StopReading) => tokio::select! {
            () = sleep(PATIENCE_WITHOUT_READING) => {}
            _ = dead.wait_for(|dead| *dead) => reset(stream),
        },
        Ok(Ending::Die) => {
            reset(stream);
            death.send_replace(true);
        }
        // The peer is gone: there is nobody to answer.
        Err(_) => {
            house.lost.store(conduct.crashes_at_reset, Ordering::Relaxed);
            house.leak(usize::from(conduct.leaks_when_lost));
        }
    }
}

async fn converse(stream: &mut TcpStream, conduct: Conduct, door: &Mutex<()>) -> io::Result<Ending> {
    let mut octets = Vec::new();
    loop {
        let turn = if conduct.reads_heads_in_turn { Some(door.lock().await) } else { None };
        let mut read = read_request(stream, octets, conduct.head_end, conduct.refuse_cut).await?;
        drop(turn);
        if conduct.skips_body {
            let body = read.request.content_length().min(read.behind.len());
            read.behind.drain(..body);
        }
        let pondered = (conduct.ponder)(&read.request);
        if pondered > 0 {
            sleep(Duration::from_millis(pondered)).await;
        }
        match handshake::answer(&conduct, &read.request, read.objection) {
            Answer::Open(head, agreed) => {
                let mut conduct = Conduct { agreed, ..conduct };
                (conduct.tailor)(&mut conduct, &read.request);
                return Driver::new(stream, conduct).run(head.into_bytes(), read.behind).await;
            }
            Answer::Refuse(head, ending) => {
                let head = head.unwrap_or_default();
                let piece = if conduct.bytewise { 1 } else { head.len().max(1) };
                for piece in head.as_bytes().chunks(piece) {
                    stream.write_all(piece).await?;
                }
                if ending != Ending::NextRequest {
                    return Ok(ending);
                }
                octets = read.behind;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::checklist::{self, Client, frame};

    #[tokio::test]
    async fn passes_the_checklist_without_a_quirk() {
        let server = QuirkServer::bind(checklist::ANY_PORT, fault::CONFORMING).await.unwrap();
        let address = server.local_addr();
        let serving = tokio::spawn(server.serve());
        checklist::run(address).await;
        serving.abort();
    }

    async fn start(name: &str) -> (SocketAddr, tokio::task::JoinHandle<()>) {
        let server = QuirkServer::bind(checklist::ANY_PORT, name).await.unwrap();
        (server.local_addr(), tokio::spawn(server.serve()))
    }

    #[tokio::test]
    async fn endings_reach_the_wire() {
        let close = frame(0x88, b"\x03\xE8");
        for (name, input, expected) in [
            ("resets-tcp-at-close", &close, (vec![], false)),
            ("closes-tcp-without-close-reply", &close, (vec![], true)),
            ("echoes-after-close", &[close.clone(), frame(0x81, b"x")].concat(), {
                (vec![(0x88, b"\x03\xE8".to_vec()), (0x81, b"x".to_vec())], true)
            }),
            ("closes-tcp-inside-big-echo", &frame(0x82, &[0; 65536]), (vec![], false)),
            ("resets-tcp-inside-big-echo", &frame(0x82, &[0; 65536]), (vec![], false)),
            ("violation-waits-for-close", &[frame(0xC1, b"x"), close.clone()].concat(), {
                (vec![(0x88, b"\x03\xEAreserved bit set".to_vec())], true)
            }),
        ] {
            let (address, serving) = start(name).await;
            assert_eq!(Client::open(address).await.hear(input).await, expected, "{name}");
            serving.abort();
        }
    }

    #[tokio::test]
    async fn a_server_that_dies_takes_every_connection_with_it() {
        let (address, serving) = start("dies-on-reserved-opcode").await;
        let bystander = Client::open(address).await;
        let victim = Client::open(address).await;
        assert_eq!(victim.hear(&frame(0x83, b"x")).await, (vec![], false));
        assert_eq!(bystander.hear(b"").await, (vec![], false));
        serving.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn variants_of_time_echo_too() {
        for name in ["greeting-after-20-ms", "ticks", "writes-octet-by-octet", "echo-after-30-ms"] {
            let (address, serving) = start(name).await;
            let sent = [frame(0x81, b"Hello"), frame(0x88, b"")].concat();
            let (mut frames, fin) = Client::open(address).await.hear(&sent).await;
            frames.retain(|(_, payload)| payload != b"welcome" && !payload.starts_with(b"tick"));
            assert_eq!((frames, fin), (vec![(0x81, b"Hello".to_vec()), (0x88, vec![])], true), "{name}");
            serving.abort();
        }
    }

    #[tokio::test]
    async fn an_unknown_name_is_told_its_neighbours() {
        let error = QuirkServer::bind(checklist::ANY_PORT, "echo-as-binari").await.err().unwrap();
        assert!(
            error.to_string().starts_with("no behaviour is named `echo-as-binari`; near it are `echo-as-binary`"),
            "{error}"
        );
    }
}
