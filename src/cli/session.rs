//! One run against one server, from the arguments to the written report.

use super::progress::Display;
use super::server::{EchoArg, ProfileArg, default_out};
use super::{Exit, UserError};
use crate::case::{Case, Corpus, Role};
use crate::drive::tls::Tls;
use crate::drive::{Endpoint, Spawned, TlsOptions};
use crate::judge::{Outcome, Strictness};
use crate::plan::{Barrier, Target};
use crate::run::directory::FORMAT;
use crate::run::probe::{ProbeError, probe};
use crate::run::schedule::{Finished, Parts, Settings, SpawnPlan};
use crate::run::{RunDirectory, RunInfo, RunResults, Runner, TargetInfo};
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use url::Url;

/// Arguments about the target and the run.
#[derive(Clone, Debug, Args)]
pub struct SessionArgs {
    /// Start the target with this shell command first, and end it afterwards.
    #[arg(long, value_name = "CMD", help_heading = "Target")]
    pub spawn: Option<String>,
    /// Whether the target sends every message back.
    #[arg(long, value_enum, default_value = "probe", help_heading = "Target")]
    pub echo: EchoArg,
    /// Add a field to the opening handshake, as in `Cookie: a=b`; may be given several times.
    #[arg(long, value_name = "NAME: VALUE", help_heading = "Target")]
    pub header: Vec<String>,
    /// The Origin field.
    #[arg(long, value_name = "ORIGIN", help_heading = "Target")]
    pub origin: Option<String>,
    /// Offer a subprotocol; may be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub subprotocol: Vec<String>,
    /// The Host field, in place of host and port of the URL.
    #[arg(long, value_name = "HOST", help_heading = "Target")]
    pub host: Option<String>,
    /// Trust the certificates in this PEM file instead of the system's.
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub ca: Option<PathBuf>,
    /// Take any certificate.
    #[arg(long, conflicts_with = "ca", help_heading = "Target")]
    pub insecure: bool,
    /// Ask for this server name in TLS, in place of the host of the URL.
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub sni: Option<String>,
    /// The name of the target in reports; the host and path of the URL if absent.
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub name: Option<String>,
    /// Write the report here; `reports/NAME` if absent.
    #[arg(long, value_name = "DIR", help_heading = "Report")]
    pub out: Option<PathBuf>,
    /// What to print at the end.
    #[arg(long, value_enum, default_value = "text", help_heading = "Report")]
    pub format: FormatArg,
    /// What else makes a case fail.
    #[arg(long, value_enum, default_value = "core", help_heading = "Run")]
    pub profile: ProfileArg,
    /// How many cases run beside each other.
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Run")]
    pub jobs: u16,
    /// Stretch every deadline, for a target that is slow.
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = scale, help_heading = "Run")]
    pub timeout_scale: f64,
    /// The seed of masks and generated payloads.
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Run")]
    pub seed: u64,
    /// Go on with a run that was interrupted, in the same folder.
    #[arg(long, help_heading = "Run")]
    pub resume: bool,
}

/// What to print at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatArg {
    /// A summary for people.
    Text,
    /// One JSON object.
    Json,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.01..=1000.0).contains(&scale) => Ok(scale),
        Ok(_) => Err("a factor from 0.01 to 1000 is needed".to_owned()),
        Err(fault) => Err(fault.to_string()),
    }
}

/// A run that is about to begin; everything that the user could have mistyped has been looked at.
pub struct Session {
    args: SessionArgs,
    url: Url,
    name: String,
    tls: Option<Tls>,
    target: Target,
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
        };
        Ok(Session { args: args.clone(), url, name, tls, target })
    }

    /// Runs the cases and writes the report.
    pub async fn run(self, corpus: &Corpus, cases: Vec<&Case>) -> Result<Exit, UserError> {
        let began = Instant::now();
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let root = self.args.out.clone().unwrap_or_else(|| default_out(&self.name));
        let directory = RunDirectory::prepare(&root, self.args.resume)?;
        let mut report = RunResults {
            info: RunInfo {
                format: FORMAT,
                wsspec: env!("CARGO_PKG_VERSION").to_owned(),
                target: TargetInfo {
                    name: self.name.clone(),
                    url: self.url.to_string(),
                    software: None,
                    target: self.target.clone(),
                },
                started,
                took_ms: 0,
                seed: self.args.seed,
                jobs: usize::from(self.args.jobs),
                profile: format!("{:?}", self.args.profile).to_lowercase(),
                stopped: None,
                not_run: cases.iter().map(|case| case.id.clone()).collect(),
                took_us: BTreeMap::new(),
            },
            cases: Vec::new(),
        };
        match self.attempt(corpus, &cases, &directory, &mut report).await? {
            Ok(finished) => {
                report.info.took_us = finished.cases.iter().map(|case| (case.id.clone(), case.took_us)).collect();
                report.info.not_run = finished.not_run;
                report.info.stopped = finished.stopped;
                report.cases = finished.cases;
            }
            Err(reason) => report.info.stopped = Some(reason),
        }
        report.info.took_ms = began.elapsed().as_millis() as u64;
        directory.write_info(&report.info)?;
        directory.write_verdicts(&report)?;
        summary(&report);
        Ok(exit_of(&report))
    }

    /// Reaches the target and runs the cases; the inner error says why nothing could be run.
    async fn attempt(
        &self,
        corpus: &Corpus,
        cases: &[&Case],
        directory: &RunDirectory,
        report: &mut RunResults,
    ) -> Result<Result<Finished, String>, UserError> {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(80);
        let scale = self.args.timeout_scale;
        let endpoint = match Endpoint::resolve(host, port, self.tls.clone()).await {
            Ok(endpoint) => endpoint,
            Err(fault) => return Ok(Err(fault.to_string())),
        };
        let spawn = match self.spawn(directory, &endpoint, scale).await {
            Ok(spawn) => spawn,
            Err(reason) => return Ok(Err(reason)),
        };
        let echo = match self.args.echo {
            EchoArg::Yes => Some(true),
            EchoArg::No => Some(false),
            EchoArg::Probe => None,
        };
        let probe = match probe(&endpoint, self.target.clone(), echo, self.args.seed, scale).await {
            Ok(probe) => probe,
            Err(fault @ (ProbeError::Unreachable(_) | ProbeError::NoWebSocket(_))) => {
                return Ok(Err(fault.to_string()));
            }
        };
        report.info.target.software = probe.software;
        report.info.target.target = probe.target.clone();
        let settings = Settings {
            seed: self.args.seed,
            jobs: usize::from(self.args.jobs),
            // a target that answers slowly is given time in proportion
            scale: scale * (1.0 + probe.slowest.as_secs_f64()),
            strictness: Strictness {
                should: self.args.profile == ProfileArg::Strict,
                http: self.args.profile == ProfileArg::StrictHttp,
            },
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
            interrupted: interruption(),
        };
        let runner = Runner::new(parts, self.url.as_str(), self.args.resume)?;
        let mut display = Display::new(self.args.format == FormatArg::Json);
        let finished = runner.run(&mut |progress| display.show(&progress)).await;
        display.finish();
        Ok(Ok(finished?))
    }

    async fn spawn(
        &self,
        directory: &RunDirectory,
        endpoint: &Endpoint,
        scale: f64,
    ) -> Result<Option<(SpawnPlan, Option<Spawned>)>, String> {
        let Some(command) = &self.args.spawn else { return Ok(None) };
        if endpoint.accepts(Duration::from_millis(200)).await {
            return Err("something listens at the URL already, so --spawn was not done".to_owned());
        }
        let plan = SpawnPlan {
            command: command.clone(),
            output: directory.file("target.log"),
            limit: Duration::from_secs_f64(30.0 * scale.max(1.0)),
        };
        let spawned = plan.start(endpoint).await.map_err(|fault| fault.to_string())?;
        Ok(Some((plan, Some(spawned))))
    }
}

/// Becomes true at the first Ctrl-C; the second ends the program as it always would.
fn interruption() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = sender.send(true);
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::abort();
            }
        }
    });
    receiver
}

fn exit_of(report: &RunResults) -> Exit {
    if report.any(Outcome::Fail) {
        Exit::Failed
    } else if report.is_broken() {
        Exit::Broken
    } else {
        Exit::Expected
    }
}

fn parse_field(text: &str) -> Result<(String, String), UserError> {
    match text.split_once(':') {
        Some((name, value)) if crate::wire::http::is_token(name.as_bytes()) && !value.contains(['\r', '\n']) => {
            Ok((name.to_owned(), value.trim().to_owned()))
        }
        _ => Err(UserError(format!("could not use the header `{text}`: it must look like `Name: value`"))),
    }
}

/// A name for reports and folders: host and path, without the port, which changes from run to run.
fn target_name(host: &str, resource: &str) -> String {
    let path = resource.split('?').next().unwrap_or_default().trim_matches('/');
    let name = if path.is_empty() { host.to_owned() } else { format!("{host}-{path}") };
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-._".contains(letter) { letter } else { '-' })
        .collect()
}

fn summary(report: &RunResults) {
    for case in &report.cases {
        if !matches!(case.verdict.outcome, Outcome::Pass) {
            println!("{:6} {}", case.verdict.outcome, case.id);
            for finding in case.verdict.reasons() {
                println!("         {} {:?}", finding.says, finding.requirements);
            }
        }
    }
    for (outcome, count) in report.counts() {
        println!("{outcome}: {count}");
    }
    if let Some(stopped) = &report.info.stopped {
        println!("stopped: {stopped}; not run: {}", report.info.not_run.len());
    }
    println!("took {} ms", report.info.took_ms);
}
