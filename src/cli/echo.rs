//! `wsspec echo`: the reference echo server or client, and on request a server that misbehaves.

use super::server::parse_url;
use super::{Exit, UserError, say};
use crate::drive::Trust;
use crate::peer::{
    ClientQuirk, EchoServer, HostileServer, QuirkClient, QuirkServer, client_faults, client_variants, echo_client,
    faults, hostiles, variants,
};
use clap::Args;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Arguments of `wsspec echo`.
#[derive(Debug, Args)]
pub struct EchoArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    /// Misbehave in this one way, to see how it is reported.
    #[arg(long, value_name = "NAME")]
    behave: Option<String>,
    /// Be a client: connect to this URL and send back what comes, until the connection ends.
    #[arg(long, value_name = "URL", conflicts_with_all = ["listen", "list"])]
    connect: Option<String>,
    /// With --connect: trust the certificates in this PEM file, which a wss URL needs.
    #[arg(long, value_name = "FILE", requires = "connect")]
    ca: Option<PathBuf>,
    /// List the names that --behave knows.
    #[arg(long, conflicts_with = "behave")]
    list: bool,
}

/// Runs the command until it is interrupted.
pub async fn run(args: &EchoArgs) -> Result<Exit, UserError> {
    if args.list {
        say(&names());
        return Ok(Exit::Expected);
    }
    if let Some(url) = &args.connect {
        let target = parse_url(url)?;
        let trust = args.ca.as_deref().map_or_else(|| Ok(Trust::default()), trust)?;
        if let Some(name) = &args.behave {
            // what becomes of the connection is for the server to see
            let _ = QuirkClient::new(name)?.trusting(trust).run(&target).await;
            return Ok(Exit::Expected);
        }
        let connected = echo_client(&target, &trust).await;
        connected.map_err(|fault| UserError(format!("could not open a connection to {url}: {fault}")))?;
        return Ok(Exit::Expected);
    }
    let listening = |address: SocketAddr| say(&format!("listening on ws://{address}"));
    let refused = |fault: std::io::Error| UserError(format!("could not listen on {}: {fault}", args.listen));
    let serving: std::pin::Pin<Box<dyn Future<Output = ()>>> = match args.behave.as_deref() {
        None => {
            let server = EchoServer::bind(args.listen).await.map_err(refused)?;
            listening(server.local_addr());
            Box::pin(server.serve())
        }
        Some(name) if hostiles().iter().any(|hostile| hostile.name == name) => {
            let server = HostileServer::bind(args.listen, name).await?;
            listening(server.local_addr());
            Box::pin(server.serve())
        }
        Some(name) => {
            let server = QuirkServer::bind(args.listen, name).await?;
            listening(server.local_addr());
            Box::pin(server.serve())
        }
    };
    tokio::select! {
        () = serving => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(Exit::Expected)
}

fn trust(file: &Path) -> Result<Trust, UserError> {
    let read = crate::case::source::read(file).and_then(|pem| Trust::of_pem(&pem));
    read.map_err(|fault| UserError(format!("could not read certificates from {}: {fault}", file.display())))
}

fn names() -> String {
    let quirks = |title: &str, quirks: &[crate::peer::Quirk]| {
        let lines: Vec<String> = quirks.iter().map(|quirk| format!("  {:44} {}", quirk.name, quirk.about)).collect();
        format!("{title}\n{}\n", lines.join("\n"))
    };
    let own = |quirks: &[ClientQuirk]| {
        let own = quirks.iter().filter(|quirk| quirk.is_own());
        own.map(|quirk| format!("  {:44} {}", quirk.name, quirk.about)).collect::<Vec<String>>().join("\n")
    };
    let hostile: Vec<String> =
        hostiles().iter().map(|hostile| format!("  {:44} {}", hostile.name, hostile.about)).collect();
    [
        quirks("faults, each of which breaks something:", faults()),
        quirks("variants, which are odd and conforming:", variants()),
        format!("faults that only a client can have, for --connect:\n{}\n", own(client_faults())),
        format!("variants that only a client can be:\n{}\n", own(client_variants())),
        format!("hostile servers:\n{}", hostile.join("\n")),
    ]
    .join("\n")
}
