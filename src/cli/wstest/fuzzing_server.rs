//! The mode `fuzzingserver` of `wsspec wstest`: serves the control paths by a spec file, and writes Autobahn's reports.

use super::super::session::exit_of;
use super::super::{Exit, UserError, complain, say};
use super::clerk::Clerk;
use super::{WstestArgs, spec_file, usage, warn};
use crate::case::{Case, Corpus, Role};
use crate::drive::{Door, TlsServer, descriptors};
use crate::judge::Strictness;
use crate::plan::Target;
use crate::report::autobahn::CaseReport;
use crate::report::{Printable, Record};
use crate::run::{Interruption, RunInfo, TargetInfo};
use crate::transcript::redaction::hidden_url;
use crate::wstest::control::{News, Offer, Program, Reporter, Run, Settings, Standing, response, serve};
use crate::wstest::{Catalogue, Entry, Mode, Spec};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use url::{Host, Url};

/// The folder under that of the reports where transcripts and journals are kept.
const KEPT: &str = "wsspec";

/// The descriptors of a client: its sockets, and what is kept of it.
const OF_CALLER: usize = 4;

/// Runs the mode until somebody ends it.
pub async fn run(args: &WstestArgs) -> Result<Exit, UserError> {
    let spec = spec_file::load(args.spec.as_deref(), Mode::FuzzingServer)?.spec;
    descriptors::suffice(usize::from(args.jobs), OF_CALLER)?;
    let webport: u16 = args.webport.parse().map_err(|_| usage("the web port is no number"))?;
    // the reporter lives as long as the service and refers to the ids of the corpus, which lives as long as the process
    let corpus: &'static Arc<Corpus> = Box::leak(Box::new(Arc::new(Corpus::embedded()?)));
    let selection = Catalogue::new(corpus).select(&spec)?;
    let outdir = spec.outdir(Mode::FuzzingServer).to_owned();
    let url = parse(spec.url.as_deref().unwrap_or_default())?;
    let door = open(&url, url.port_or_known_default().unwrap_or(80), tls(&url, &spec)?).await?;
    let web = match webport {
        0 => None,
        port => match open(&url, port, None).await {
            Ok(web) => Some(web),
            Err(UserError(reason)) => {
                warn(&format!("there is no page for browsers: {reason}"));
                None
            }
        },
    };
    let target = target();
    let offers = selection.entries.iter().map(|entry| offer(entry, &target)).collect();
    let spared = selection.spared.clone();
    let ids: Vec<String> = selection.entries.iter().map(|entry| format!("'{}'", entry.id)).collect();
    let reporter = Arc::new(Reports {
        clerk: Clerk::employ(&outdir, corpus)?,
        entries: selection.entries,
        info: info(&url, &target),
    });
    let settings = Settings {
        program: Program::new(offers, Box::new(move |agent, id| spared.has(agent, id))),
        target,
        seed: 1,
        scale: 1.0,
        strictness: Strictness::default(),
        corpus: Arc::clone(corpus),
        root: outdir.join(KEPT),
        info: reporter.info.clone(),
        enough: None,
        idle: None,
        named: url.host_str().map(str::to_owned),
        shown: Some(outdir),
        reporter: reporter.clone(),
    };
    let interruption = Interruption::by_signals()?;
    let secure = if door.is_secure() { " TLS" } else { "" };
    say(&format!(
        "{} as Autobahn WebSocket Fuzzing Server (Port {}{secure})",
        response::SERVER,
        door.local_addr().port()
    ));
    say(&format!("Ok, will run {} test cases for any clients connecting", ids.len()));
    say(&format!("Cases = [{}]", ids.join(", ")));
    let (_, agents, service) = serve(door, web, settings, interruption.comes()).await;
    if agents.iter().any(|agent| agent.news) {
        // what came in since the last report would be lost
        if let Err(fault) = reporter.write(&agents, service.program()) {
            complain(fault);
            let exit = if args.gate { reporter.exit(&agents, service.program()) } else { Exit::Expected };
            return Ok(exit.max(Exit::Broken));
        }
    }
    Ok(if args.gate { reporter.exit(&agents, service.program()) } else { Exit::Expected })
}

fn parse(text: &str) -> Result<Url, UserError> {
    let refused =
        |reason: &str| UserError(format!("could not use the url `{}` of the spec file: {reason}", hidden_url(text)));
    let url = Url::parse(text).map_err(|fault| refused(&fault.to_string()))?;
    if !["ws", "wss"].contains(&url.scheme()) {
        return Err(refused("it begins with ws:// or wss://"));
    }
    if url.host().is_none() {
        return Err(refused("there is no host in it"));
    }
    Ok(url)
}

fn tls(url: &Url, spec: &Spec) -> Result<Option<TlsServer>, UserError> {
    if url.scheme() != "wss" {
        return Ok(None);
    }
    let (Some(key), Some(certificate)) = (&spec.key, &spec.cert) else {
        return Err(UserError(
            "a wss:// url needs the keys `key` and `cert` in the spec file, each a PEM file".to_owned(),
        ));
    };
    Ok(Some(TlsServer::new(Path::new(certificate), Path::new(key))?))
}

/// Listens on the host of the url. One that is no address of this machine is only how others call it, as in a container.
async fn open(url: &Url, port: u16, tls: Option<TlsServer>) -> Result<Door, UserError> {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let address = match url.host() {
        Some(Host::Ipv4(address)) => SocketAddr::from((IpAddr::V4(address), port)),
        Some(Host::Ipv6(address)) => SocketAddr::from((IpAddr::V6(address), port)),
        Some(Host::Domain("localhost")) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        Some(Host::Domain(name)) => {
            let found = tokio::net::lookup_host((name, port)).await.ok().and_then(|mut found| found.next());
            found.unwrap_or(everywhere)
        }
        None => everywhere,
    };
    let failed = |fault: io::Error| UserError(format!("could not listen on {address}: {fault}"));
    match Door::open(address, tls.clone()).await {
        Err(fault) if fault.kind() == io::ErrorKind::AddrNotAvailable => {
            warn(&format!("{} is no address of this machine, so all of them are listened on", address.ip()));
            Door::open(everywhere, tls).await.map_err(failed)
        }
        opened => opened.map_err(failed),
    }
}

/// A client as Autobahn takes it: it echoes.
fn target() -> Target {
    let fields = vec![("Server".to_owned(), response::SERVER.to_owned())];
    Target { fields, ..Target::echoing(Role::Client) }
}

/// Several ids may have one case, and each has transcripts of its own.
fn offer(entry: &Entry<'_>, target: &Target) -> Offer {
    let Some(case) = entry.case else {
        return Offer::without_case(entry.id, entry.description, entry.unimplemented);
    };
    let case = Case { id: entry.id.to_owned(), ..case.clone() };
    Offer { description: entry.description.to_owned(), ..Offer::of_case(entry.id, &case, target) }
}

fn info(url: &Url, target: &Target) -> RunInfo {
    let target =
        TargetInfo { name: String::new(), url: hidden_url(url.as_str()), software: None, target: target.clone() };
    let command = ["wsspec", "wstest", "-m", "fuzzingserver"].map(str::to_owned).to_vec();
    // the spec file chooses the cases
    RunInfo { part: true, ..RunInfo::beginning(target, command) }
}

/// Autobahn's reports on all clients that came.
struct Reports {
    entries: Vec<Entry<'static>>,
    clerk: Clerk,
    info: RunInfo,
}

impl Reporter for Reports {
    fn tell(&self, news: &News<'_>) {
        match news {
            News::Runs { agent, id, peer } => {
                say(&format!("Running test case ID {id} for agent {} from peer {peer}", Printable::of(agent)));
            }
            News::Spared { agent, id } => {
                say(&format!("Skipping test case {id} for agent {} by test configuration!", Printable::of(agent)));
            }
            News::Updates { peer } => say(&format!("Updating reports, requested by peer {peer}")),
            News::Updated => say("Report generation complete."),
            News::Commands { peer } => say(&format!("Entering direct command mode for peer {peer}")),
            News::Stops => say("Shutting down server."),
            News::Trouble(reason) => warn(reason),
        }
    }

    fn ran(&self, run: &Run<'_>) -> &'static str {
        let Some(entry) = self.entries.iter().find(|entry| entry.id == run.offer.id) else { return "FAILED" };
        let record = Record { plan: run.plan.clone(), transcript: run.transcript.clone() };
        let case = CaseReport::new(entry.clone(), run.verdict.clone(), Some(record), run.started, run.took);
        let word = case.words(Role::Client).behavior.word();
        self.clerk.take(run.agent, case);
        word
    }

    fn write(&self, agents: &[Standing], program: &Program) -> Result<(), String> {
        for agent in agents.iter().filter(|agent| agent.news) {
            if let Some(directory) = &agent.directory {
                let results = agent.report(&agent.results(&self.info, program));
                directory.write_results(&results).map_err(|fault| fault.to_string())?;
            }
        }
        self.clerk.write(agents.to_vec())
    }
}

impl Reports {
    /// The exit code that all clients together stand for.
    fn exit(&self, agents: &[Standing], program: &Program) -> Exit {
        let exits = agents.iter().map(|agent| exit_of(&agent.results(&self.info, program)));
        exits.max().unwrap_or(Exit::Broken)
    }
}
