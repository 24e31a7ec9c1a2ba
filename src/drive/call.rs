//! Starts a client with a place to connect to, and holds the one conversation that it comes for.

use super::Recording;
use super::certificates::{Certificates, OWN_NAME};
use super::dial::unconnected;
use super::others::{Seen, meet};
use super::start::{Start, Started, Task, URL};
use super::tls;
use super::tls_server::TlsServer;
use super::transfer::transfer;
use crate::case::Certificate;
use crate::engine::{DeadlineKind, Deadlines, Engine};
use crate::plan::Plan;
use crate::transcript::{Entry, Turnout};
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

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

/// A client, and where it is told to connect to.
pub struct Call {
    client: Start,
    resource: String,
    /// Listeners at which tasks have been, for the next ones: each port that is left behind stays taken for a minute.
    idle: Mutex<Vec<TcpListener>>,
    secure: Option<Secure>,
}

/// TLS with a client that trusts our authority.
pub struct Secure {
    /// What the client is shown.
    pub certificates: Certificates,
    /// Whether TLS is spoken in every case that has no URL of its own, and not only in those that name a certificate.
    pub everywhere: bool,
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
        Call { client: Start::Command(words, output), resource, idle: Mutex::default(), secure: None }
    }

    /// A client in this process.
    pub fn of_task(task: Task, resource: String) -> Call {
        Call { client: Start::Task(task), resource, idle: Mutex::default(), secure: None }
    }

    /// Speaks TLS with the client.
    pub fn secured(self, secure: Secure) -> Call {
        Call { secure: Some(secure), ..self }
    }

    /// What the client is shown before the conversation of a plan; `None` for clear text.
    fn tls(&self, plan: &Plan) -> Option<&TlsServer> {
        let secure = self.secure.as_ref()?;
        let everywhere = (secure.everywhere && plan.url.is_none()).then_some(Certificate::Trusted);
        secure.certificates.server(plan.certificate.or(everywhere)?)
    }

    /// Starts the client and runs the plan on its connection.
    pub(super) async fn converse(&self, plan: Arc<Plan>, deadlines: Deadlines) -> Recording {
        let start = Instant::now();
        let limit = deadlines.of(DeadlineKind::Handshake) * ARRIVES;
        let (url, tls, others) = (plan.url.clone(), self.tls(&plan), plan.others);
        let mut engine = Engine::new(plan, deadlines);
        let (mut client, listener, authority) = match self.start(url.as_deref(), tls.is_some()).await {
            Ok(started) => started,
            Err(fault) => return unconnected(engine, fault.to_string(), start),
        };
        engine.called(authority, start.elapsed());
        let arrived = arrival(&listener, &mut client, limit).await;
        let kept = match (&self.client, &arrived, self.idle.lock()) {
            _ if others.is_some() => Some(listener),
            (Start::Task(_), Arrival::Connected(_), Ok(mut idle)) => {
                idle.push(listener);
                None
            }
            // whoever comes again finds nobody
            _ => None,
        };
        let recording = match arrived {
            Arrival::Connected(stream) => {
                let mut arrived = start.elapsed();
                let seen = Seen::default();
                let meeting = async {
                    if let (Some(listener), Some(others)) = (&kept, &others) {
                        tokio::select! {
                            _ = meet(listener, others, tls, start, Arc::clone(&seen)) => {}
                            _ = client.ends() => {}
                            () = tokio::time::sleep(limit) => {}
                        }
                    }
                };
                let talking = async {
                    match tls {
                        None => {
                            engine.connected(arrived);
                            transfer(stream, engine, start).await
                        }
                        Some(tls) => match timeout_at(start + limit, tls.acceptor.accept(stream)).await {
                            Ok(Ok(stream)) => {
                                arrived = start.elapsed();
                                engine.connected(arrived);
                                transfer(stream, engine, start).await
                            }
                            Ok(Err(fault)) => unconnected(engine, tls::reason_of_client(&fault), start),
                            Err(_) => {
                                unconnected(engine, "the TLS handshake was not finished in time".to_owned(), start)
                            }
                        },
                    }
                };
                let (mut recording, ()) = tokio::join!(talking, meeting);
                let others: Vec<_> = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
                if !others.is_empty() {
                    let turnout = Turnout { opened: others.len() as u32, others, ..Turnout::default() };
                    recording.transcript.push(start.elapsed(), Entry::Crowd(turnout));
                }
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

    /// Starts the client with the URL of the case, or that of the user; the name of the place in it comes back.
    async fn start(&self, url: Option<&str>, secure: bool) -> io::Result<(Started, TcpListener, String)> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let listener = match idle {
            Some(listener) => listener,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
        };
        let place = listener.local_addr()?;
        let url = match url {
            Some(url) => url.replace("{host}", &place.to_string()).replace("{port}", &place.port().to_string()),
            None if secure => format!("wss://{OWN_NAME}:{}{}", place.port(), self.resource),
            None => format!("ws://{place}{}", self.resource),
        };
        Ok((self.client.at(&url)?, listener, authority(&url).to_owned()))
    }
}

/// Host and port of a URL, without user information.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest[..end].rsplit('@').next().unwrap_or_default()
}

enum Arrival {
    Connected(TcpStream),
    Never(String),
    Late,
}

async fn arrival(listener: &TcpListener, client: &mut Started, limit: Duration) -> Arrival {
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
        reason = client.ends() => match timeout(LEFT_BEHIND, listener.accept()).await {
            Ok(connection) => accepted(connection),
            Err(_) => Arrival::Never(reason),
        },
        () = tokio::time::sleep(limit) => Arrival::Late,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_a_url_has_no_user() {
        for (url, place) in [
            ("ws://127.0.0.1:80/a?b", "127.0.0.1:80"),
            ("ws://u:p@h:9", "h:9"),
            ("ws://h?x=@y", "h"),
            ("ws:///x", ""),
            ("x", "x"),
        ] {
            assert_eq!(authority(url), place);
        }
    }
}
