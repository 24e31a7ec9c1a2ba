//! The modes in which the program is the one that is tested: its reference server and client under Autobahn's names.

use super::super::server::{parse_place, parse_url};
use super::super::{Exit, UserError, say};
use crate::drive::Trust;
use crate::peer::{EchoServer, echo_client, first_text};
use crate::report::Printable;
use crate::transcript::redaction::hidden_url;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use url::{Host, Url};

/// The name of testeeclient, when nobody gives it another.
const IDENT: &str = concat!("wsspec/", env!("CARGO_PKG_VERSION"));

/// Refuses a URL that only TLS could reach.
fn plain(url: Url, text: &str, mode_can: &str) -> Result<Url, UserError> {
    if url.scheme() == "wss" {
        return Err(UserError(format!("could not use {}: {mode_can} without TLS only", hidden_url(text))));
    }
    Ok(url)
}

/// Serves until it is interrupted; port 0 takes a free one.
pub async fn serve(text: &str) -> Result<Exit, UserError> {
    let url = plain(parse_place(text)?, text, "these modes serve")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain("localhost")) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => {
            return Err(UserError(format!(
                "could not listen at {}: an address is needed, as in ws://0.0.0.0:9000",
                hidden_url(text)
            )));
        }
    };
    let refused = |fault: std::io::Error| UserError(format!("could not listen at {text}: {fault}"));
    let server = EchoServer::bind(SocketAddr::new(address, port)).await.map_err(refused)?;
    say(&format!("listening on ws://{}", server.local_addr()));
    tokio::select! {
        () = server.serve() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(Exit::Expected)
}

/// Connects once and sends back what comes.
pub async fn connect(text: &str) -> Result<Exit, UserError> {
    let url = plain(parse_url(text)?, text, "this mode connects")?;
    let text = hidden_url(text);
    match echo_client(&url, &Trust::default()).await {
        Ok(()) => Ok(Exit::Expected),
        Err(fault) => Err(UserError(format!("Connection to {text} failed ({fault})"))),
    }
}

/// Lets a fuzzing server go through all of its cases.
pub async fn testee(text: &str, ident: Option<&str>) -> Result<Exit, UserError> {
    let base = plain(parse_url(text)?, text, "this mode connects")?;
    let text = &hidden_url(text);
    let agent = ident.unwrap_or(IDENT);
    let at = |path: &str, query: &[(&str, &str)]| {
        let mut url = base.clone();
        url.set_path(path);
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    };
    say("Getting case count ..");
    let failed = |what: &str, fault: &dyn std::fmt::Display| {
        UserError(format!("{what} at {text} failed: {}", Printable::of(fault.to_string())))
    };
    let told = first_text(&at("/getCaseCount", &[])).await.map_err(|fault| failed("/getCaseCount", &fault))?;
    let count: u32 = told.trim().parse().map_err(|_| failed("/getCaseCount", &format!("`{told}` is no number")))?;
    say(&format!("Ok, will run {count} cases"));
    for number in 1..=count {
        say(&format!("Running test case {number}/{count} as user agent {} on peer {text}", Printable::of(agent)));
        let url = at("/runCase", &[("case", &number.to_string()), ("agent", agent)]);
        // a connection that never opens is for the server to judge, and the next case may go well
        if let Err(fault) = echo_client(&url, &Trust::default()).await {
            say(&format!("Connection to {text} failed ({})", Printable::of(fault.to_string())));
        }
    }
    say("Updating reports");
    let reports = echo_client(&at("/updateReports", &[("agent", agent)]), &Trust::default()).await;
    reports.map_err(|fault| failed("/updateReports", &fault))?;
    Ok(Exit::Expected)
}
