//! One run against one target, from the arguments to the written report.

use super::arguments::{CorpusArgs, FilterArgs};
use super::fields::{plain, variable_of};
use super::present;
use super::progress::Display;
use super::session_args::{EchoArg, FormatArg, SessionArgs, command, with_option};
use super::target::{self, default_root, program_name, server_name};
use super::way::Way;
use super::{Exit, UserError, complain, note, say};
use crate::case::{Case, Corpus};
use crate::drive::{Call, Task, descriptors};
use crate::judge::Outcome;
use crate::plan::Target;
use crate::run::directory::in_corpus_order;
use crate::run::journal::Journal;
use crate::run::probe::probe;
use crate::run::schedule::{Finished, Parts, Settings};
use crate::run::{
    CaseResult, Filed, Interruption, Progress, ReportFolder, RunDirectory, RunInfo, RunResults, Runner, TargetInfo,
};
use std::path::{Path, PathBuf};
use std::time::Instant;
use url::Url;

/// The descriptors of a conversation with a server: its socket, and the transcript that is written.
const OF_SERVER: usize = 2;
/// Those of one with a client: a listener, the socket, and the process with its output.
const OF_CLIENT: usize = 5;
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
    /// Whether only a part of the corpus is chosen.
    part: bool,
}

impl Session {
    /// Checks the arguments.
    pub fn prepare(args: &SessionArgs, url: Url) -> Result<Session, UserError> {
        descriptors::suffice(usize::from(args.jobs), OF_SERVER)?;
        let url = with_query(args, url)?;
        let way = Way::to_server(args, url.clone())?;
        let target = target::server(args, &url)?;
        let name = args.name.clone().unwrap_or_else(|| server_name(&url));
        let (shown, named) = without_query(args, url.as_str());
        let command = told(&target, command(&["server", &shown], &named, &[]));
        let root = args.out.clone().unwrap_or_else(|| default_root(&name));
        Ok(Session { args: args.clone(), way, name, root, target, command, part: false })
    }

    /// Checks the arguments of a run against a client that `words` start, with `path` in its URL; `reference` is the name of
    /// our own, which is the one that is tested where no words are given.
    pub fn of_client(
        args: &SessionArgs,
        words: Vec<String>,
        path: &str,
        reference: Option<&str>,
    ) -> Result<Session, UserError> {
        descriptors::suffice(usize::from(args.jobs), OF_CLIENT)?;
        Call::check(&words)?;
        let name = args.name.clone().or(reference.map(str::to_owned)).unwrap_or_else(|| program_name(&words));
        let path = &match &args.query_env {
            Some(variable) => format!("{}?{}", path_without_query(path)?, query(variable)?),
            None => path.to_owned(),
        };
        let mut target = target::client(args, path)?;
        target.known.called = true;
        let tail: Vec<&str> = std::iter::once("--").chain(words.iter().map(String::as_str)).collect();
        // the reference client is the one without a command
        let tail = if reference.is_some() { &[][..] } else { &tail[..] };
        let (shown, named) = without_query(args, path);
        let command = told(&target, command(&["client", "--path", &shown], &named, tail));
        let root = args.out.clone().unwrap_or_else(|| default_root(&name));
        Ok(Session { args: args.clone(), way: Way::Command(words), name, root, target, command, part: false })
    }

    /// Takes in which cases are chosen, and from which corpus.
    pub fn choosing(mut self, corpus: &CorpusArgs, filters: &FilterArgs) -> Session {
        self.part = filters.is_part() || corpus.cases.is_some();
        if let Some(folder) = &corpus.cases {
            self.command = with_option(self.command, "--cases", folder.display().to_string());
        }
        self
    }

    /// Has the report take the place of none that has more cases.
    pub fn of_part(mut self) -> Session {
        self.part = true;
        self
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

    /// The folder for the report on these cases; nothing of an earlier report there is touched.
    pub fn folder(&self, cases: &[&Case]) -> Result<ReportFolder, UserError> {
        let folder = ReportFolder::prepare(&self.root, &self.info(cases), self.args.resume)?;
        if folder.root() != self.root {
            note(&format!(
                "note: {} holds a wider run of another target, corpus, seed or profile; this report goes to {}",
                self.root.display(),
                folder.root().display()
            ));
        }
        Ok(folder)
    }

    /// Runs the cases, and writes and prints the report.
    pub async fn run(
        self,
        corpus: &Corpus,
        cases: &[&Case],
        folder: ReportFolder,
        interruption: &Interruption,
    ) -> Result<Exit, UserError> {
        let mut display = Display::new(self.args.format == FormatArg::Json);
        let observe = &mut |progress: Progress<'_>| display.show(&progress);
        let found = self.execute(corpus, cases, &folder, interruption, observe).await?;
        display.finish();
        let filed = self.file(corpus, &folder, &found);
        let directory = filed.as_ref().map_or(folder.work(), |filed| &filed.directory);
        let shown = present::report(&found, corpus, directory);
        present::print(&shown, corpus, directory, self.args.format);
        match filed {
            Ok(filed) => self.tell(&filed, &found),
            Err(fault) => {
                complain(format!("the report is not complete: {}", fault.0));
                // a report with a hole in it is not what the user asked for, whatever the verdicts are
                return Ok(Exit::Broken);
            }
        }
        Ok(exit_of(&found))
    }

    /// Puts what was found into the folder of the report, with pages.
    fn file(&self, corpus: &Corpus, folder: &ReportFolder, found: &RunResults) -> Result<Filed, UserError> {
        let mut filed = folder.file(found)?;
        if !filed.is_void {
            let order: Vec<&Case> = corpus.cases().collect();
            filed.results.cases = in_corpus_order(std::mem::take(&mut filed.results.cases), &order);
            let shown = present::report(&filed.results, corpus, &filed.directory);
            present::write_pages(&shown, corpus, &filed.directory)?;
        }
        Ok(filed)
    }

    /// Says where the report is.
    fn tell(&self, filed: &Filed, found: &RunResults) {
        if let Some(earlier) = &filed.untouched {
            note(&format!("the earlier report in {} is left as it was", earlier.display()));
        }
        let log = filed.directory.file("target.log");
        if filed.is_void && log.exists() {
            note(&format!("the output of the target is in {}", log.display()));
        }
        if filed.is_void || self.args.format == FormatArg::Json {
            return;
        }
        let index = filed.directory.file("index.html");
        let (new, all) = (found.cases.len(), filed.results.cases.len());
        let updated = if new < all { format!(" ({new} of its {all} cases updated)") } else { String::new() };
        say(&format!("\nreport: {}{updated}", index.display()));
    }

    /// Runs the cases and keeps what was found where the folder has room for it; `observe` hears how it goes.
    pub async fn execute(
        &self,
        corpus: &Corpus,
        cases: &[&Case],
        folder: &ReportFolder,
        interruption: &Interruption,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<RunResults, UserError> {
        let began = Instant::now();
        let mut report = RunResults { info: self.info(cases), cases: Vec::new() };
        folder.begin(&report.info)?;
        let directory = folder.work();
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
        Ok(report)
    }

    /// What the target calls itself in its answer to an opening handshake; `None` where it does not, or cannot be reached.
    pub async fn software(&self) -> Option<String> {
        let (endpoint, _) = self.way.reach(&self.args, &self.target.resource, &self.root).await.ok()?;
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
            part: self.part,
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
        let Some(reached) = interruption.or(self.way.reach(&self.args, &self.target.resource, directory.root())).await
        else {
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
                return Ok(Ok(runner.run(observe).await));
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
    finished.retain(|result| cases.iter().any(|case| case.id == result.id));
    in_corpus_order(finished, cases)
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
