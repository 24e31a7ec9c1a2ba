//! `wsspec client --listen` and `--driver`: serves the control paths, and reports on each client that came.

use super::native::Native;
use super::present;
use super::session::exit_of;
use super::session_args::{EchoArg, FormatArg, SessionArgs, command, with_option};
use super::target::client;
use super::{Exit, UserError, complain, note, say};
use crate::case::{Case, Corpus};
use crate::drive::{Door, Spawned, TlsServer, descriptors};
use crate::judge::{Finding, Severity, Verdict};
use crate::plan::Target;
use crate::run::{CaseResult, Interruption, RunInfo, RunResults, TargetInfo};
use crate::wstest::control::{End, Offer, Program, Settings, Standing, serve};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What stands in the command of a driver for the control port.
const URL: &str = "{url}";
/// What stands there for the page for browsers.
const PAGE: &str = "{page}";
/// The descriptors of a client that drives itself: its sockets, and what is kept of it.
const OF_CALLER: usize = 4;
/// How long a driver may do nothing, before scaling.
const IDLE: Duration = Duration::from_secs(30);
/// How long a driver has to end by itself when all is over.
const GOES: Duration = Duration::from_secs(2);

/// What the user asks for.
pub struct Listen {
    /// Where to listen; any free port of this machine if absent.
    pub address: Option<SocketAddr>,
    /// The files of a certificate and its key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The driver; empty when clients come by themselves.
    pub command: Vec<String>,
    /// How many clients are expected.
    pub enough: Option<usize>,
    /// The path of `--path`, which clients choose themselves here.
    pub path: String,
    /// The folder of another corpus than the one built in.
    pub cases: Option<PathBuf>,
    /// Whether only a part of the corpus is chosen.
    pub part: bool,
}

/// Runs the command.
pub async fn run(listen: Listen, args: &SessionArgs, corpus: Arc<Corpus>, cases: &[&Case]) -> Result<Exit, UserError> {
    check(&listen, args)?;
    descriptors::suffice(usize::from(args.jobs), OF_CALLER)?;
    let target = Target { echo: args.echo != EchoArg::No, ..client(args, &listen.path)? };
    let tls = listen.tls.as_ref().map(|(certificate, key)| TlsServer::new(certificate, key)).transpose()?;
    let address = listen.address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
    let refused = |fault: std::io::Error| UserError(format!("could not listen on {address}: {fault}"));
    let door = Door::open(address, tls).await.map_err(refused)?;
    let (scheme, http) = if door.is_secure() { ("wss", "https") } else { ("ws", "http") };
    let url = format!("{scheme}://{}", door.local_addr());
    let page = format!("{http}://{}/?agent={}&run=1", door.local_addr(), args.name.as_deref().unwrap_or("browser"));
    let root = args.out.clone().unwrap_or_else(|| PathBuf::from("reports"));
    std::fs::create_dir_all(&root)?;
    let info = info(args, &listen, &target, &url);
    let reporter =
        Arc::new(Native { info: info.clone(), corpus: Arc::clone(&corpus), quiet: args.format == FormatArg::Json });
    let offers =
        cases.iter().map(|case| Offer { names: case.autobahn.clone(), ..Offer::of_case(&case.id, case, &target) });
    let settings = Settings {
        program: Program::new(offers.collect(), Box::new(|_, _| false)),
        target,
        seed: args.seed,
        scale: args.timeout_scale,
        strictness: args.profile.strictness(),
        corpus: Arc::clone(&corpus),
        root: root.clone(),
        info,
        enough: listen.enough,
        idle: (!listen.command.is_empty()).then(|| IDLE.mul_f64(args.timeout_scale)),
        named: None,
        shown: Some(root.clone()),
        reporter: reporter.clone(),
    };
    let interruption = Interruption::by_signals()?;
    let mut driver = start(&listen.command, &url, &page, &root)?;
    if driver.is_none() && args.format == FormatArg::Text {
        say(&format!(
            "listening on {url}, with {} cases; a browser finds its page at {http}://{}/",
            cases.len(),
            door.local_addr()
        ));
    }
    let outside = async {
        let ended = async {
            match &mut driver {
                Some(driver) => drop(driver.wait().await),
                None => std::future::pending().await,
            }
        };
        let _ = interruption.or(ended).await;
    };
    let (end, agents, service) = serve(door, None, settings, outside).await;
    if let Some(driver) = driver {
        driver.let_go(GOES).await;
    }
    let stopped = match end {
        _ if interruption.has_come() => Some("interrupted".to_owned()),
        End::Idle => Some(format!("nobody was connected for {} s", IDLE.mul_f64(args.timeout_scale).as_secs_f64())),
        _ => None,
    };
    let mut exit = Exit::Expected;
    for agent in &agents {
        let mut results = agent.results(&reporter.info, service.program());
        results.info.stopped.clone_from(&stopped);
        if !listen.command.is_empty() {
            never_ran(&mut results, service.program());
        }
        exit = exit.max(report(agent, &results, &reporter, args.format));
    }
    if agents.is_empty() {
        let why = stopped.unwrap_or_else(|| "no client has run a case".to_owned());
        note(&format!("nothing could be judged: {why}"));
        return Ok(Exit::Broken);
    }
    Ok(exit)
}

fn check(listen: &Listen, args: &SessionArgs) -> Result<(), UserError> {
    if args.resume {
        return Err(UserError("--resume cannot be used where clients drive themselves".to_owned()));
    }
    let is_told = listen.command.iter().any(|word| word.contains(URL) || word.contains(PAGE));
    if !listen.command.is_empty() && !is_told && listen.address.is_none() {
        let command = listen.command.join(" ");
        return Err(UserError(format!(
            "could not use the command `{command}`: {URL} or {PAGE} has to stand in it, or --listen says where it connects to"
        )));
    }
    Ok(())
}

fn start(command: &[String], url: &str, page: &str, root: &Path) -> Result<Option<Spawned>, UserError> {
    if command.is_empty() {
        return Ok(None);
    }
    let words: Vec<String> = command.iter().map(|word| word.replace(URL, url).replace(PAGE, page)).collect();
    Ok(Some(Spawned::client(&words, &root.join("driver.log"))?))
}

/// What is the same for all clients of a run.
fn info(args: &SessionArgs, listen: &Listen, target: &Target, url: &str) -> RunInfo {
    let address = listen.address.map(|address| address.to_string());
    let mut first = vec!["client"];
    first.extend(address.iter().flat_map(|address| ["--listen", address.as_str()]));
    let mut rest = Vec::new();
    if !listen.command.is_empty() {
        first.push("--driver");
        rest.push("--");
        rest.extend(listen.command.iter().map(String::as_str));
    }
    let path = |path: &PathBuf| path.display().to_string();
    let options = [
        ("--path", (listen.path != "/").then(|| listen.path.clone())),
        ("--agents", listen.enough.map(|count| count.to_string())),
        ("--cert", listen.tls.as_ref().map(|(certificate, _)| path(certificate))),
        ("--key", listen.tls.as_ref().map(|(_, key)| path(key))),
        ("--cases", listen.cases.as_ref().map(path)),
    ];
    let mut command = command(&first, args, &rest);
    for (name, value) in options {
        if let Some(value) = value {
            command = with_option(command, name, value);
        }
    }
    let place = if listen.command.is_empty() { url.to_owned() } else { listen.command.join(" ") };
    let info = TargetInfo {
        name: String::new(),
        url: target.redaction.text(&place),
        software: None,
        target: target.redacted(),
    };
    let command = command.iter().map(|word| target.redaction.text(word)).collect();
    RunInfo { seed: args.seed, profile: args.profile.word(), part: listen.part, ..RunInfo::beginning(info, command) }
}

/// What a driver leaves out cannot be judged.
fn never_ran(results: &mut RunResults, program: &Program) {
    for id in std::mem::take(&mut results.info.not_run) {
        let never = Finding::of_run(Severity::Broken, "the client never came for this case");
        let verdict = Verdict::of(vec![never], true);
        results.cases.push(CaseResult { id, verdict, attempts: 0, took_us: 0 });
    }
    let rank: BTreeMap<&str, usize> =
        program.offers().iter().enumerate().map(|(place, offer)| (offer.case.id.as_str(), place)).collect();
    results.cases.sort_by_key(|result| rank.get(result.id.as_str()).copied());
}

/// Writes and prints the report on one client.
fn report(agent: &Standing, results: &RunResults, reporter: &Native, format: FormatArg) -> Exit {
    let Some(directory) = &agent.directory else { return Exit::Broken };
    let written = reporter.write_one(agent, results, directory);
    let shown = present::report(results, &reporter.corpus, directory);
    present::print(&shown, &reporter.corpus, directory, format);
    match written {
        Ok(()) if format == FormatArg::Text => say(&format!("\nreport: {}", directory.file("index.html").display())),
        Ok(()) => {}
        Err(fault) => {
            complain(format!("the report is not complete: {fault}"));
            return exit_of(results).max(Exit::Broken);
        }
    }
    exit_of(results)
}
