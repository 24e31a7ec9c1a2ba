//! One run against one target, from the arguments to the written report.

use super::fields::{plain, variable_of};
use super::present;
use super::progress::Display;
use super::session_args::{EchoArg, FormatArg, SessionArgs, command};
use super::target::{self, program_name, server_name};
use super::way::Way;
use super::{Exit, UserError, say};
use crate::case::{Case, Corpus};
use crate::drive::{Call, Task};
use crate::judge::Outcome;
use crate::plan::Target;
use crate::run::journal::Journal;
use crate::run::probe::probe;
use crate::run::schedule::{Finished, Parts, Settings};
use crate::run::{CaseResult, Interruption, Progress, RunDirectory, RunInfo, RunResults, Runner, TargetInfo};
use std::path::{Path, PathBuf};
use std::time::Instant;
use url::Url;

/// The environment variable that a command that is told takes a query from.
const QUERY: &str = "QUERY";

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
}

impl Session {
    /// Checks the arguments.
    pub fn prepare(args: &SessionArgs, url: Url) -> Result<Session, UserError> {
        let url = with_query(args, url)?;
        let way = Way::to_server(args, url.clone())?;
        let target = target::server(args, &url)?;
        let name = args.name.clone().unwrap_or_else(|| server_name(&url));
        let (shown, named) = without_query(args, url.as_str());
        let command = told(&target, command(&["server", &shown], &named, &[]));
        let root = args.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(&name));
        Ok(Session { args: args.clone(), way, name, root, target, command })
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
        let path = &match &args.query_env {
            Some(variable) => format!("{}?{}", path_without_query(path)?, query(variable)?),
            None => path.to_owned(),
        };
        let mut target = target::client(args, path)?;
        target.known.called = true;
        let tail: Vec<&str> = std::iter::once("--").chain(words.iter().map(String::as_str)).collect();
        let (shown, named) = without_query(args, path);
        let command = told(&target, command(&["client", "--path", &shown], &named, &tail));
        let root = args.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(&name));
        Ok(Session { args: args.clone(), way: Way::Command(words), name, root, target, command })
    }

    /// Has cases with permessage-deflate find out by themselves whether the target speaks it, as Autobahn's do.
    pub fn without_asking_for_deflate(mut self) -> Session {
        self.target.known.deflate = Some(true);
        self
    }

    /// Has a client that a command starts come through TLS.
    pub fn over_tls(mut self) -> Result<Session, UserError> {
        self.way = self.way.through_tls()?;
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
        self.target.redaction.text(&self.way.place())
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
                report.info.stopped = finished.stopped.map(|reason| self.target.redaction.text(&reason));
                report.cases = finished.cases;
            }
            Err(reason) => {
                report.info.stopped = Some(self.target.redaction.text(&reason));
                if self.args.resume {
                    report.cases = in_order(Journal::read(directory)?, cases);
                }
            }
        }
        let is_finished = |case: &&&Case| report.cases.iter().any(|finished| finished.id == case.id);
        report.info.not_run = cases.iter().filter(|case| !is_finished(case)).map(|case| case.id.clone()).collect();
        report.info.took_us = report.cases.iter().map(|case| (case.id.clone(), case.took_us)).collect();
        report.info.took_ms = began.elapsed().as_millis() as u64;
        directory.write_results(&report)?;
        Ok(report)
    }

    /// What the target calls itself in its answer to an opening handshake; `None` where it does not, or cannot be reached.
    pub async fn software(&self, directory: &RunDirectory) -> Option<String> {
        let (endpoint, _) = self.way.reach(&self.args, &self.target.resource, directory).await.ok()?;
        let probing = probe(&endpoint, self.target.clone(), Some(true), self.args.seed, self.args.timeout_scale);
        probing.await.ok()?.software
    }

    fn info(&self, cases: &[&Case]) -> RunInfo {
        let (name, url, target) = (self.name.clone(), self.place(), self.target.redacted());
        RunInfo {
            seed: self.args.seed,
            jobs: usize::from(self.args.jobs),
            profile: self.args.profile.word(),
            not_run: cases.iter().map(|case| case.id.clone()).collect(),
            ..RunInfo::beginning(TargetInfo { name, url, software: None, target }, self.command.clone())
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
        let Some(reached) = interruption.or(self.way.reach(&self.args, &self.target.resource, directory)).await else {
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
                report.info.target.target = probe.target.redacted();
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
}

/// The query that an environment variable has.
fn query(variable: &str) -> Result<String, UserError> {
    let query = variable_of("--query-env", variable, variable, "the query of the URL")?;
    plain("--query-env", variable).map(|()| query.trim_start_matches('?').to_owned())
}

fn with_query(args: &SessionArgs, mut url: Url) -> Result<Url, UserError> {
    if let Some(variable) = &args.query_env {
        path_without_query(url.as_str())?;
        url.set_query(Some(&query(variable)?));
    }
    Ok(url)
}

fn path_without_query(path: &str) -> Result<&str, UserError> {
    match path.contains('?') {
        true => Err(UserError("--query-env gives the query, and the URL has one already".to_owned())),
        false => Ok(path),
    }
}

/// A URL or path as a command that is told has it, and the options that go with it: its query may be a secret.
fn without_query(args: &SessionArgs, url: &str) -> (String, SessionArgs) {
    match url.split_once('?') {
        Some((path, _)) if !args.show_secrets || args.query_env.is_some() => {
            let query_env = args.query_env.clone().or(Some(QUERY.to_owned()));
            (path.to_owned(), SessionArgs { query_env, ..args.clone() })
        }
        _ => (url.to_owned(), args.clone()),
    }
}

/// A command as it is told: a secret may stand in other words of it too.
fn told(target: &Target, words: Vec<String>) -> Vec<String> {
    words.iter().map(|word| target.redaction.text(word)).collect()
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
