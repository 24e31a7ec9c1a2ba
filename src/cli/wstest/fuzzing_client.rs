//! The mode `fuzzingclient`: tests the servers of a spec file, one after the other, and reports as Autobahn does.

use super::super::present;
use super::super::server::parse_url;
use super::super::session::Session;
use super::super::session_args::{EchoArg, FormatArg, SessionArgs};
use super::super::{Exit, UserError, complain, say};
use super::{WstestArgs, spec_file, warn};
use crate::case::{Case, Corpus, Role};
use crate::judge::{Finding, Outcome, Verdict};
use crate::report::Printable;
use crate::report::autobahn::{AgentReport, CaseReport, write};
use crate::report::naming::{folder_name, untaken};
use crate::run::{Interruption, Progress, RunDirectory, RunResults};
use crate::transcript::redaction::hidden_url;
use crate::wstest::{Catalogue, Mode, Selection, ServerSpec, Spec, unimplemented};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The agent name of a server that does not name itself.
const UNKNOWN: &str = "UnknownServer";
/// The case that is run for all ids without one.
const STAND_IN: &str = "autobahn/unimplemented";

/// What all servers have in common.
struct Suite<'c> {
    corpus: &'c Corpus,
    selection: &'c Selection<'c>,
    stand_in: &'c Case,
    /// Whether the spec file spares agents of some names some cases.
    spares: bool,
    interruption: Interruption,
}

/// Runs the mode.
pub async fn run(args: &WstestArgs) -> Result<Exit, UserError> {
    let file = spec_file::load(args.spec.as_deref(), Mode::FuzzingClient)?;
    let mut spec = file.spec;
    choose_servers(&mut spec, args.wsuri.as_deref(), file.is_new)?;
    let corpus = Corpus::embedded()?;
    let selection = Catalogue::new(&corpus).select(&spec)?;
    let outdir = spec.outdir(Mode::FuzzingClient).to_path_buf();
    let stand_in = unimplemented::stand_in(STAND_IN);
    announce(&selection, &spec);
    let suite = Suite {
        corpus: &corpus,
        selection: &selection,
        stand_in: &stand_in,
        spares: !spec.exclude_agent_cases.is_empty(),
        interruption: Interruption::by_signals()?,
    };
    let sessions = spec.servers.iter().enumerate().map(|(place, server)| {
        let folder = folder_name(server.agent.as_deref().unwrap_or("server"));
        session(server, args.jobs, outdir.join("wsspec").join(format!("{}-{folder}", place + 1)))
    });
    let sessions = sessions.collect::<Result<Vec<Session>, UserError>>()?;
    let mut agents: Vec<AgentReport<'_>> = Vec::new();
    for (server, session) in spec.servers.iter().zip(sessions) {
        if suite.interruption.has_come() {
            break;
        }
        let taken = agents.iter().map(|agent| agent.agent.clone()).collect();
        agents.push(suite.test(server, &session, &taken).await?);
        // what is known is not lost when a later server brings the run to an end
        if let Err(fault) = write(&outdir, &agents) {
            complain(format!("could not write the reports to {}: {fault}", outdir.display()));
            return Ok(exit(&agents, args.gate, false).max(Exit::Broken));
        }
    }
    say(&format!("Reports are in {}", outdir.display()));
    Ok(exit(&agents, args.gate, suite.interruption.has_come()))
}

/// The servers of the spec file, or the one of the command line where it names none.
fn choose_servers(spec: &mut Spec, wsuri: Option<&str>, is_new: bool) -> Result<(), UserError> {
    match wsuri {
        Some(url) if spec.servers.is_empty() || is_new => {
            spec.servers = vec![ServerSpec { url: Some(url.to_owned()), ..ServerSpec::default() }];
        }
        Some(_) => warn("--wsuri has no effect where the spec file names servers"),
        None if spec.servers.is_empty() => {
            return Err(UserError("the spec file names no servers, and -w no other".to_owned()));
        }
        None => {}
    }
    Ok(())
}

/// The lines that scripts wait for.
fn announce(selection: &Selection<'_>, spec: &Spec) {
    let list = |items: &mut dyn Iterator<Item = &str>| {
        items.map(|item| format!("'{}'", Printable::of(item))).collect::<Vec<_>>().join(", ")
    };
    say(&format!("\nFuzzing WebSocket client (wsspec {})", env!("CARGO_PKG_VERSION")));
    say(&format!("Ok, will run {} test cases against {} servers", selection.entries.len(), spec.servers.len()));
    say(&format!("Cases = [{}]", list(&mut selection.entries.iter().map(|entry| entry.id))));
    let servers: Vec<String> = spec.servers.iter().filter_map(|server| server.url.as_deref()).map(hidden_url).collect();
    say(&format!("Servers = [{}]", list(&mut servers.iter().map(String::as_str))));
}

fn session(server: &ServerSpec, jobs: u16, folder: PathBuf) -> Result<Session, UserError> {
    let args = SessionArgs {
        // whoever runs these cases says that the server echoes
        echo: EchoArg::Yes,
        origin: server.origin.clone(),
        subprotocol: server.protocols.clone(),
        // a name to verify is all that asks for a certificate that can be trusted
        insecure: server.hostname.is_none(),
        sni: server.hostname.clone(),
        format: FormatArg::Json,
        out: Some(folder),
        jobs,
        ..SessionArgs::unchanged()
    };
    let session = Session::prepare(&args, parse_url(server.url.as_deref().unwrap_or_default())?)?;
    Ok(session.without_asking_for_deflate().of_part())
}

impl<'c> Suite<'c> {
    /// Tests one server.
    async fn test(
        &self,
        server: &ServerSpec,
        session: &Session,
        taken: &BTreeSet<String>,
    ) -> Result<AgentReport<'c>, UserError> {
        let known = match &server.agent {
            // what is spared by name must not be run in order to learn the name
            None if self.spares => session.software().await,
            agent => agent.clone(),
        };
        let cases = self.cases(known.as_deref());
        let folder = session.folder(&cases)?;
        let place = &hidden_url(server.url.as_deref().unwrap_or_default());
        let mut finished: BTreeMap<String, SystemTime> = BTreeMap::new();
        let mut observe = |progress: Progress<'_>| {
            if let Progress::Finished { result, .. } = progress {
                finished.insert(result.id.clone(), SystemTime::now());
                self.tell(&result.id, known.as_deref().unwrap_or(place), place);
            }
        };
        let results = session.execute(self.corpus, &cases, &folder, &self.interruption, &mut observe).await?;
        let directory = match folder.file(&results) {
            Ok(filed) => filed.directory,
            Err(fault) => {
                warn(&format!("the transcripts are not all kept: {fault}"));
                folder.work().clone()
            }
        };
        if let Some(reason) = &results.info.stopped {
            say(&format!("Connection to {} failed ({})", Printable::of(place), Printable::of(reason)));
        }
        let agent = known.or(results.info.target.software.clone()).unwrap_or_else(|| UNKNOWN.to_owned());
        let agent = distinct(agent, taken);
        Ok(AgentReport { cases: self.reports(&agent, &results, &finished, &directory), agent, role: Role::Server })
    }

    /// The cases to run, each once although it may have several ids.
    fn cases(&self, agent: Option<&str>) -> Vec<&'c Case> {
        let mut chosen: BTreeMap<&str, &'c Case> = BTreeMap::new();
        for entry in self.selection.entries.iter().filter(|entry| !self.is_spared(agent, entry.id)) {
            let case = entry.case.unwrap_or(self.stand_in);
            chosen.insert(&case.id, case);
        }
        let in_corpus = self.corpus.cases().filter(|case| chosen.contains_key(case.id.as_str()));
        in_corpus.chain(chosen.get(self.stand_in.id.as_str()).copied()).collect()
    }

    fn is_spared(&self, agent: Option<&str>, id: &str) -> bool {
        agent.is_some_and(|agent| self.selection.excludes(agent, id))
    }

    fn tell(&self, case: &str, agent: &str, peer: &str) {
        for entry in &self.selection.entries {
            if entry.case.unwrap_or(self.stand_in).id == case && !self.selection.excludes(agent, entry.id) {
                let (agent, peer) = (Printable::of(agent), Printable::of(peer));
                say(&format!("Running test case ID {} for agent {agent} from peer {peer}", entry.id));
            }
        }
    }

    fn reports(
        &self,
        agent: &str,
        results: &RunResults,
        finished: &BTreeMap<String, SystemTime>,
        directory: &RunDirectory,
    ) -> Vec<CaseReport<'c>> {
        let found: BTreeMap<&str, _> = results.cases.iter().map(|result| (result.id.as_str(), result)).collect();
        let report = |entry: &crate::wstest::Entry<'c>| {
            let id = entry.case.unwrap_or(self.stand_in).id.as_str();
            let result = found.get(id);
            let took = Duration::from_micros(result.map_or(0, |result| result.took_us));
            let started = finished.get(id).and_then(|end| end.checked_sub(took)).unwrap_or_else(SystemTime::now);
            let verdict = match (entry.case, result) {
                (Some(_), Some(result)) => result.verdict.clone(),
                (None, Some(_)) => unimplemented::verdict(entry.unimplemented),
                (_, None) => not_run(results),
            };
            let record = result.and_then(|_| present::record(id, self.corpus, directory));
            CaseReport::new(entry.clone(), verdict, record, started, took)
        };
        let entries = self.selection.entries.iter();
        entries.filter(|entry| !self.is_spared(Some(agent), entry.id)).map(report).collect()
    }
}

/// The verdict on a case that the run did not come to.
fn not_run(results: &RunResults) -> Verdict {
    let reason = results.info.stopped.as_deref().unwrap_or("it was not run");
    Verdict::of(vec![Finding::broken(reason)], true)
}

/// The name of an agent, with a number where an earlier server has it already.
fn distinct(agent: String, taken: &BTreeSet<String>) -> String {
    let free = untaken(&agent, ' ', |name| taken.contains(name));
    if free != agent {
        warn(&format!("two servers are called {agent}; the second is reported as {free}"));
    }
    free
}

fn exit(agents: &[AgentReport<'_>], gate: bool, interrupted: bool) -> Exit {
    let is =
        |outcome: Outcome| agents.iter().flat_map(|agent| &agent.cases).any(|case| case.verdict.outcome == outcome);
    let was_reached = |agent: &AgentReport<'_>| agent.cases.iter().any(|case| case.record.is_some());
    let nobody = !agents.iter().any(was_reached);
    match gate {
        true if is(Outcome::Fail) => Exit::Failed,
        true if is(Outcome::Broken) => Exit::Broken,
        // an empty run is no finished one, whatever reads the exit code
        _ if nobody || interrupted => Exit::Broken,
        _ => Exit::Expected,
    }
}
