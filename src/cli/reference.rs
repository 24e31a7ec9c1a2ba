//! `wsspec` without a command: tests the embedded reference server.

use super::arguments::{CorpusArgs, FilterArgs};
use super::server::parse_url;
use super::session::Session;
use super::session_args::SessionArgs;
use super::{Exit, UserError, corpus, say};
use crate::case::Role;
use crate::peer::EchoServer;
use crate::run::Interruption;
use clap::Parser;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

/// The name of the reference server in reports.
const NAME: &str = "reference-server";

/// The arguments of a run when none are given.
#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    session: SessionArgs,
}

/// Starts the server, tests it, and says where the report is.
pub async fn run() -> Result<Exit, UserError> {
    let corpus = corpus::load(&CorpusArgs::default())?;
    let cases = FilterArgs::default().cases(&corpus, false, Role::Server)?;
    let address = start_server()?;
    say(&format!("testing the embedded reference server on ws://{address}"));
    let Defaults { mut session } = Defaults::parse_from(["wsspec"]);
    session.name = Some(NAME.to_owned());
    let session = Session::prepare(&session, parse_url(&format!("ws://{address}/"))?)?.repeated_by(&[
        "wsspec",
        "server",
        "ws://127.0.0.1:9001/",
        "--spawn",
        "wsspec echo",
        "--name",
        NAME,
    ]);
    let folder = session.folder(&cases)?;
    session.run(&corpus, &cases, folder, &Interruption::by_signals()?).await
}

/// Runs the server on a thread of its own, as if it were another program, and tells where it listens.
fn start_server() -> Result<SocketAddr, UserError> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(fault) => return drop(sender.send(Err(fault))),
        };
        runtime.block_on(async {
            match EchoServer::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await {
                Ok(server) => {
                    let _ = sender.send(Ok(server.local_addr()));
                    server.serve().await;
                }
                Err(fault) => drop(sender.send(Err(fault))),
            }
        });
    });
    let started = receiver.recv()?;
    started.map_err(|fault| UserError(format!("could not start the reference server: {fault}")))
}
