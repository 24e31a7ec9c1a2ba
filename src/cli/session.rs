//! One run against one server, from the arguments to the written report.

use super::present;
use super::progress::Display;
use super::session_args::{EchoArg, FormatArg, SessionArgs, command};
use super::{Exit, UserError, say};
use crate::case::{Case, Corpus, Role};
use crate::drive::tls::Tls;
use crate::drive::{Call, Certificates, Endpoint, Secure, Spawned, Task, TlsOptions};
use crate::judge::Outcome;
use crate::plan::{Barrier, Known, Target};
use crate::run::directory::FORMAT;
use crate::run::journal::Journal;
use crate::run::probe::probe;
use crate::run::schedule::{Finished, Parts, Settings, SpawnPlan};
use crate::run::{CaseResult, Interruption, Progress, RunDirectory, RunInfo, RunResults, Runner, TargetInfo};
use crate::wire::http::is_token;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use url::Url;

/// How long a target that was started may take until it listens, before scaling.
const LISTENS: Duration = Duration::from_secs(30);
/// How long is looked for a target that listens although it was not started yet.
const LISTENS_ALREADY: Duration = Duration::from_millis(200);

/// What stands in the command of a client for the file of the authority to trust.
const CA: &str = "{ca}";

/// How the target is started, and the process, where the harness starts it.
type SpawnedTarget = Option<(SpawnPlan, Option<Spawned>)>;

/// How the target is reached.
enum Way {
    /// It listens here.
    Url(Url, Option<Tls>),
    /// These words start it.
    Command(Vec<String>),
    /// It is a task of this process; these words would start the same.
    Task(Vec<String>, Task),
}

/// A run that is about to begin; everything that the user could have mistyped has been looked at.
pub struct Session {
    args: SessionArgs,
    way: Way,
    name: String,
    /// Where the report goes.
    root: PathBuf,
    target: Target,
    /// The words of the command that repeats the run.
    command: Vec<String>,
    /// Whether a client has to come through TLS.
    secure: bool,
}

impl Session {
    /// Checks the arguments.
    pub fn prepare(args: &SessionArgs, url: Url) -> Result<Session, UserError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let options = TlsOptions { ca: args.ca.clone(), insecure: args.insecure, sni: args.sni.clone() };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let tls = if url.scheme() == "wss" { Some(Tls::new(&options, bare)?) } else { None };
        let default_port = if url.scheme() == "wss" { 443 } else { 80 };
        let host_field = match url.port() {
            Some(port) if port != default_port => format!("{host}:{port}"),
            _ => host.clone(),
        };
        check_fields(args)?;
        let fields = args.header.iter().map(|header| parse_field(header)).collect::<Result<_, _>>()?;
        let resource = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let name = args.name.clone().unwrap_or_else(|| target_name(&host, &resource));
        let target = Target {
            role: Role::Server,
            host: args.host.clone().unwrap_or(host_field),
            resource,
            origin: args.origin.clone(),
            subprotocols: args.subprotocol.clone(),
            fields,
            echo: args.echo == EchoArg::Yes,
            binary: true,
            barrier: Barrier::Ping,
            patient: args.patient,
            known: Known {
                tls: tls.is_some(),
                refused_origin: args.refused_origin.clone(),
                missing_path: args.missing_path.clone(),
                ..Known::default()
            },
        };
        let command = command(&["server", url.as_str()], args, &[]);
        let root = args.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(&name));
        Ok(Session { args: args.clone(), way: Way::Url(url, tls), name, root, target, command, secure: false })
    }

    /// Checks the arguments of a run against a client that `words` start, with `path` in its URL.
    pub fn of_client(
        args: &SessionArgs,
        words: Vec<String>,
        path: &str,
        name: Option<&str>,
    ) -> Result<Session, UserError> {
        Call::check(&words)?;
        let name = args.name.clone().or(name.map(str::to_owned)).unwrap_or_else(|| program_name(&words));
        let mut target = client(args, path)?;
        target.known.called = true;
        let tail: Vec<&str> = std::iter::once("--").chain(words.iter().map(String::as_str)).collect();
        let command = command(&["client", "--path", path], args, &tail);
        let root = args.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(&name));
        Ok(Session { args: args.clone(), way: Way::Command(words), name, root, target, command, secure: false })
    }

    /// Has a client that a command starts come through TLS; `{ca}` in the command stands for whom it is to trust.
    pub fn over_tls(mut self) -> Result<Session, UserError> {
        let Way::Command(words) = &self.way else { return Ok(self) };
        if !words.iter().any(|word| word.contains(CA)) {
            return Err(UserError(format!(
                "could not use --tls: {CA} has to stand in the command for the file of the authority to trust"
            )));
        }
        self.secure = true;
        self.target.known.tls = true;
        let at = self.command.iter().position(|word| word == "client").map_or(0, |at| at + 1);
        self.command.insert(at, "--tls".to_owned());
        Ok(self)
    }

    /// Runs a client within this process, in place of the words that would start it.
    pub fn within(mut self, task: Task) -> Session {
        if let Way::Command(words) = self.way {
            self.way = Way::Task(words, task);
        }
        self
    }

    /// The URL of the target, or the command that starts it.
    pub fn place(&self) -> String {
        match &self.way {
            Way::Url(url, _) => url.to_string(),
            Way::Command(words) | Way::Task(words, _) => words.join(" "),
        }
    }

    /// The folder of the report.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Runs the cases, and writes and prints the report.
    pub async fn run(
        self,
        corpus: &Corpus,
        cases: &[&Case],
        directory: RunDirectory,
        interruption: &Interruption,
    ) -> Result<Exit, UserError> {
        let mut display = Display::new(self.args.format == FormatArg::Json);
        let observe = &mut |progress: Progress<'_>| display.show(&progress);
        let report = self.execute(corpus, cases, &directory, interruption, observe).await?;
        display.finish();
        let shown = present::report(&report, corpus, &directory);
        present::write_pages(&shown, corpus, &directory)?;
        present::print(&shown, corpus, &directory, self.args.format);
        if self.args.format == FormatArg::Text {
            say(&format!("\nreport: {}", directory.file("index.html").display()));
        }
        Ok(exit_of(&report))
    }

    /// Runs the cases and keeps what was found in the directory; `observe` hears how it goes.
    pub async fn execute(
        &self,
        corpus: &Corpus,
        cases: &[&Case],
        directory: &RunDirectory,
        interruption: &Interruption,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<RunResults, UserError> {
        let began = Instant::now();
        if !self.args.resume {
            directory.clear()?;
        }
        let mut report = RunResults { info: self.info(cases), cases: Vec::new() };
        let parts = (corpus, cases, directory);
        match self.attempt(parts, &mut report, interruption, observe).await? {
            Ok(finished) => {
                report.info.stopped = finished.stopped;
                report.cases = finished.cases;
            }
            Err(reason) => {
                report.info.stopped = Some(reason);
                if self.args.resume {
                    report.cases = in_order(Journal::read(directory)?, cases);
                }
            }
        }
        let is_finished = |case: &&&Case| report.cases.iter().any(|finished| finished.id == case.id);
        report.info.not_run = cases.iter().filter(|case| !is_finished(case)).map(|case| case.id.clone()).collect();
        report.info.took_us = report.cases.iter().map(|case| (case.id.clone(), case.took_us)).collect();
        report.info.took_ms = began.elapsed().as_millis() as u64;
        directory.write_info(&report.info)?;
        directory.write_verdicts(&report)?;
        Ok(report)
    }

    /// What the target calls itself in its answer to an opening handshake; `None` where it does not, or cannot be reached.
    pub async fn software(&self, directory: &RunDirectory) -> Option<String> {
        let (endpoint, _) = self.reach(directory).await.ok()?;
        let probing = probe(&endpoint, self.target.clone(), Some(true), self.args.seed, self.args.timeout_scale);
        probing.await.ok()?.software
    }

    fn info(&self, cases: &[&Case]) -> RunInfo {
        RunInfo {
            format: FORMAT,
            wsspec: env!("CARGO_PKG_VERSION").to_owned(),
            target: TargetInfo {
                name: self.name.clone(),
                url: self.place(),
                software: None,
                target: self.target.clone(),
            },
            started: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            took_ms: 0,
            seed: self.args.seed,
            jobs: usize::from(self.args.jobs),
            profile: self.args.profile.word(),
            command: self.command.clone(),
            stopped: None,
            not_run: cases.iter().map(|case| case.id.clone()).collect(),
            took_us: BTreeMap::new(),
        }
    }

    /// Says how the run is repeated, where that is not with the URL of this one.
    pub fn repeated_by(mut self, words: &[&str]) -> Session {
        self.command = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Reaches the target and runs the cases; the inner error says why nothing could be run.
    async fn attempt(
        &self,
        (corpus, cases, directory): (&Corpus, &[&Case], &RunDirectory),
        report: &mut RunResults,
        interruption: &Interruption,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Result<Finished, String>, UserError> {
        let Some(reached) = interruption.or(self.reach(directory)).await else {
            return Ok(Err("interrupted".to_owned()));
        };
        let (endpoint, mut spawn) = match reached {
            Ok(reached) => reached,
            Err(reason) => return Ok(Err(reason)),
        };
        let echo = match self.args.echo {
            EchoArg::Yes => Some(true),
            EchoArg::No => Some(false),
            EchoArg::Probe => None,
        };
        let scale = self.args.timeout_scale;
        let probing = probe(&endpoint, self.target.clone(), echo, self.args.seed, scale);
        let fault = match interruption.or(probing).await {
            Some(Ok(probe)) => {
                report.info.target.software = probe.software;
                report.info.target.target = probe.target.clone();
                let settings = Settings {
                    seed: self.args.seed,
                    jobs: usize::from(self.args.jobs),
                    // a target that answers slowly is given time in proportion
                    scale: scale * (1.0 + probe.slowest.as_secs_f64()),
                    strictness: self.args.profile.strictness(),
                    confirm: true,
                    transcripts: true,
                };
                let parts = Parts {
                    corpus,
                    cases: cases.to_vec(),
                    endpoint,
                    target: probe.target,
                    directory,
                    settings,
                    spawn,
                    interruption: interruption.clone(),
                };
                let runner = Runner::new(parts, &self.place(), self.args.resume)?;
                return Ok(Ok(runner.run(observe).await?));
            }
            Some(Err(fault)) => fault.to_string(),
            None => "interrupted".to_owned(),
        };
        if let Some((_, Some(spawned))) = spawn.take() {
            spawned.stop().await;
        }
        Ok(Err(fault))
    }

    /// Finds the address of the target, and starts it where that is asked for.
    async fn reach(&self, directory: &RunDirectory) -> Result<(Endpoint, SpawnedTarget), String> {
        let (url, tls) = match &self.way {
            Way::Url(url, tls) => (url, tls),
            Way::Command(words) => {
                let output = directory.file("target.log");
                let resource = self.target.resource.clone();
                if !self.secure {
                    return Ok((Endpoint::of_command(words.clone(), resource, output), None));
                }
                let certificates = Certificates::new().map_err(|fault| fault.to_string())?;
                let file = directory.file("authority.pem");
                std::fs::write(&file, certificates.authority())
                    .map_err(|fault| format!("could not write {}: {fault}", file.display()))?;
                let place = file.to_string_lossy();
                let words = words.iter().map(|word| word.replace(CA, &place)).collect();
                let call = Call::new(words, resource, output).secured(Secure { certificates, everywhere: true });
                return Ok((Endpoint::Client(Arc::new(call)), None));
            }
            Way::Task(_, task) => return Ok((Endpoint::of_task(task.clone(), self.target.resource.clone()), None)),
        };
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(80);
        let endpoint = Endpoint::resolve(host, port, tls.clone()).await.map_err(|fault| fault.to_string())?;
        let Some(command) = &self.args.spawn else { return Ok((endpoint, None)) };
        if endpoint.accepts(LISTENS_ALREADY).await {
            return Err(format!("something listens on port {port} already, so `{command}` was not started"));
        }
        let plan = SpawnPlan {
            command: command.clone(),
            output: directory.file("target.log"),
            limit: LISTENS.mul_f64(self.args.timeout_scale),
        };
        let spawned = plan.start(&endpoint).await.map_err(|fault| fault.to_string())?;
        Ok((endpoint, Some((plan, Some(spawned)))))
    }
}

/// A client, as far as the arguments tell, with `path` in the URL that it gets.
pub fn client(args: &SessionArgs, path: &str) -> Result<Target, UserError> {
    let of_server = [("--spawn", args.spawn.is_some()), ("--host", args.host.is_some()), ("--ca", args.ca.is_some())];
    if let Some((option, _)) = of_server.iter().find(|(_, given)| *given) {
        return Err(UserError(format!("{option} is about servers, and cannot be used with a client")));
    }
    plain("--path", path)?;
    if !path.starts_with('/') || path.contains([' ', '#']) {
        return Err(UserError(format!("could not use --path `{path}`: it begins with / and has no blanks and no #")));
    }
    check_fields(args)?;
    let fields = args.header.iter().map(|header| parse_field(header)).collect::<Result<_, _>>()?;
    Ok(Target {
        role: Role::Client,
        host: String::new(),
        resource: path.to_owned(),
        origin: None,
        subprotocols: args.subprotocol.clone(),
        fields,
        echo: args.echo == EchoArg::Yes,
        binary: true,
        barrier: Barrier::Ping,
        patient: args.patient,
        known: Known { commands: args.commands, ..Known::default() },
    })
}

/// Cases of an earlier run, in the order of the present selection.
fn in_order(mut finished: Vec<CaseResult>, cases: &[&Case]) -> Vec<CaseResult> {
    let rank = |result: &CaseResult| cases.iter().position(|case| case.id == result.id);
    finished.retain(|result| rank(result).is_some());
    finished.sort_by_key(rank);
    finished
}

/// The exit code that the results stand for.
pub fn exit_of(report: &RunResults) -> Exit {
    if report.any(Outcome::Fail) {
        Exit::Failed
    } else if report.is_broken() {
        Exit::Broken
    } else {
        Exit::Expected
    }
}

/// Fields of the opening handshake that the harness writes itself, and the option that changes them.
const OWN_FIELDS: [(&str, Option<&str>); 7] = [
    ("host", Some("--host")),
    ("origin", Some("--origin")),
    ("sec-websocket-protocol", Some("--subprotocol")),
    ("sec-websocket-key", None),
    ("sec-websocket-version", None),
    ("upgrade", None),
    ("connection", None),
];

fn parse_field(text: &str) -> Result<(String, String), UserError> {
    let refused =
        |reason: &str| Err(UserError(format!("could not use the header `{}`: {reason}", text.escape_debug())));
    let Some((name, value)) = text.split_once(':') else { return refused("it must look like `Name: value`") };
    if !is_token(name.as_bytes()) {
        return refused("its name holds characters that no name of a field has");
    }
    if let Err(reason) = check_value(value) {
        return refused(reason);
    }
    match OWN_FIELDS.iter().find(|(own, _)| name.eq_ignore_ascii_case(own)) {
        Some((_, Some(option))) => refused(&format!("{option} sets it")),
        Some((_, None)) => refused("the harness sets it"),
        None => Ok((name.to_owned(), value.trim().to_owned())),
    }
}

/// What can stand in a field: anything but what would end it.
fn check_value(value: &str) -> Result<(), &'static str> {
    if value.chars().any(|letter| letter.is_control() && letter != '\t') {
        return Err("it holds a control character");
    }
    Ok(())
}

/// Checks what becomes part of the opening handshake.
fn check_fields(args: &SessionArgs) -> Result<(), UserError> {
    args.host.as_deref().map_or(Ok(()), |host| plain("--host", host))?;
    args.origin.as_deref().map_or(Ok(()), |origin| plain("--origin", origin))?;
    args.refused_origin.as_deref().map_or(Ok(()), |origin| plain("--refused-origin", origin))?;
    if let Some(path) = &args.missing_path {
        plain("--missing-path", path)?;
        if !path.starts_with('/') || path.contains(' ') {
            return Err(UserError(format!(
                "could not use --missing-path `{path}`: a path begins with / and has no blanks"
            )));
        }
    }
    if let Some(name) = args.subprotocol.iter().find(|name| !is_token(name.as_bytes())) {
        let name = name.escape_debug();
        return Err(UserError(format!("could not use --subprotocol `{name}`: it is no token")));
    }
    Ok(())
}

/// Checks a value that becomes part of the opening handshake.
fn plain(option: &str, value: &str) -> Result<(), UserError> {
    check_value(value)
        .map_err(|reason| UserError(format!("could not use {option} `{}`: {reason}", value.escape_debug())))
}

/// A name for reports and folders: that of the program.
fn program_name(words: &[String]) -> String {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "client".to_owned());
    file_name(&name)
}

/// The name with a dash for each letter that does not belong into a file name.
pub fn file_name(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    name.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect()
}

/// A name for reports and folders: host and path, without the port, which changes from run to run.
fn target_name(host: &str, resource: &str) -> String {
    let path = resource.split('?').next().unwrap_or_default().trim_matches('/');
    let name = if path.is_empty() { host.to_owned() } else { format!("{host}-{path}") };
    file_name(&name)
}
