//! Starts a client with a place to connect to, and holds the one conversation that it comes for.

use super::Recording;
use super::dial::unconnected;
use super::spawn::Spawned;
use super::transfer::transfer;
use crate::engine::{DeadlineKind, Deadlines, Engine};
use crate::plan::Plan;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// What stands for the place to connect to.
const URL: &str = "{url}";
/// How many times the deadline of a handshake a client has to start and to connect.
const ARRIVES: u32 = 3;
/// How long a client that has ended may have left a connection behind that was not accepted yet.
const LEFT_BEHIND: Duration = Duration::from_millis(20);
/// How long a client has to end by itself behind its conversation.
const GOES: Duration = Duration::from_millis(500);

/// Why a command cannot start a client.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It is not told where to connect to.
    #[error("could not use the command `{0}`: {{url}} has to stand in it for where to connect to")]
    NoUrl(String),
}

/// A command that starts a client.
pub struct Call {
    words: Vec<String>,
    resource: String,
    output: PathBuf,
}

impl Call {
    /// Whether a command can start a client: `{url}` is among its words.
    pub fn check(words: &[String]) -> Result<(), CallError> {
        match words.iter().any(|word| word.contains(URL)) {
            true => Ok(()),
            false => Err(CallError::NoUrl(words.join(" "))),
        }
    }

    /// A command that was checked; `resource` is the path and query of the URL that it gets.
    pub fn new(words: Vec<String>, resource: String, output: PathBuf) -> Call {
        Call { words, resource, output }
    }

    /// Starts the client and runs the plan on its connection.
    pub(super) async fn converse(&self, plan: Arc<Plan>, deadlines: Deadlines) -> Recording {
        let start = Instant::now();
        let limit = deadlines.of(DeadlineKind::Handshake) * ARRIVES;
        let mut engine = Engine::new(plan, deadlines);
        let (mut client, listener) = match self.start().await {
            Ok(started) => started,
            Err(fault) => return unconnected(engine, fault.to_string(), start),
        };
        let arrived = arrival(&listener, &mut client, limit).await;
        // whoever comes again finds nobody
        drop(listener);
        let recording = match arrived {
            Arrival::Connected(stream) => {
                let arrived = start.elapsed();
                engine.connected(arrived);
                let mut recording = transfer(stream, engine, start).await;
                recording.waits.push((DeadlineKind::Handshake, arrived));
                recording
            }
            Arrival::Never(reason) => unconnected(engine, reason, start),
            Arrival::Late => Recording {
                missed: Some(DeadlineKind::Handshake),
                ..unconnected(engine, format!("the client did not connect within {} s", limit.as_secs_f64()), start)
            },
        };
        tokio::spawn(client.let_go(GOES));
        recording
    }

    async fn start(&self) -> io::Result<(Spawned, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("ws://{}{}", listener.local_addr()?, self.resource);
        let words: Vec<String> = self.words.iter().map(|word| word.replace(URL, &url)).collect();
        let client = Spawned::client(&words, &self.output).map_err(io::Error::other)?;
        Ok((client, listener))
    }
}

enum Arrival {
    Connected(TcpStream),
    Never(String),
    Late,
}

async fn arrival(listener: &TcpListener, client: &mut Spawned, limit: Duration) -> Arrival {
    let accepted = |accepted: io::Result<(TcpStream, std::net::SocketAddr)>| match accepted {
        // small writes would wait for acknowledgements
        Ok((stream, _)) => match stream.set_nodelay(true) {
            Ok(()) => Arrival::Connected(stream),
            Err(fault) => Arrival::Never(fault.to_string()),
        },
        Err(fault) => Arrival::Never(fault.to_string()),
    };
    tokio::select! {
        biased;
        connection = listener.accept() => accepted(connection),
        ended = client.wait() => match timeout(LEFT_BEHIND, listener.accept()).await {
            Ok(connection) => accepted(connection),
            Err(_) => Arrival::Never(match ended {
                Ok(status) => format!("the client ended ({status}) and did not connect"),
                Err(fault) => fault.to_string(),
            }),
        },
        () = tokio::time::sleep(limit) => Arrival::Late,
    }
}
