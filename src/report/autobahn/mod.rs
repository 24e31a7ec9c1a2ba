//! Reports in the shape of Autobahn's, so that what reads those goes on working: `index.json`, `index.html`, and a JSON
//! file and a page for each case of each agent.
//!
//! The words are derived from our verdict and from what happened on the wire. Where the two suites judge differently ours
//! counts; `cases/spec/autobahn-differences.json` says where that is, and why.

mod closing;
mod events;
mod json;
mod names;
mod pages;
mod wirelog;
mod words;

pub use words::{Behavior, BehaviorClose, Words};

use super::Record;
use crate::case::Role;
use crate::case::autobahn::Entry;
use crate::judge::Verdict;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// What is reported of one agent.
#[derive(Debug)]
pub struct AgentReport<'c> {
    /// The name of the agent, as it came.
    pub agent: String,
    /// Its end of the connection.
    pub role: Role,
    /// The cases that have a verdict.
    pub cases: Vec<CaseReport<'c>>,
}

/// What is reported of one case with one agent.
#[derive(Debug)]
pub struct CaseReport<'c> {
    /// The id with its words.
    pub entry: Entry<'c>,
    /// The verdict.
    pub verdict: Verdict,
    /// What was planned and what happened; `None` where there was no conversation.
    pub record: Option<Record>,
    /// When the conversation began.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Where its files were written.
    written: OnceLock<[PathBuf; 2]>,
}

impl<'c> CaseReport<'c> {
    /// A report that is not written yet.
    pub fn new(
        entry: Entry<'c>,
        verdict: Verdict,
        record: Option<Record>,
        started: SystemTime,
        duration: Duration,
    ) -> CaseReport<'c> {
        CaseReport { entry, verdict, record, started, duration, written: OnceLock::new() }
    }

    /// Autobahn's words for the verdict.
    pub fn words(&self, role: Role) -> Words {
        Words::of(self, role)
    }

    /// Whether its files are already there, and nothing has to be done about them.
    fn is_written(&self, paths: &[PathBuf; 2]) -> bool {
        self.written.get() == Some(paths) && paths.iter().all(|path| path.exists())
    }
}

/// Writes the reports on all agents into a folder. It may be called again with more agents and cases: what was written
/// before and is still there stays as it is, but for the index.
///
/// The agents come in the order in which they were first seen, because the files of two whose names differ only in
/// letters that no file name has are told apart by a number, which the later one gets.
pub fn write(outdir: &Path, agents: &[AgentReport<'_>]) -> io::Result<()> {
    fs::create_dir_all(outdir)?;
    let stems = names::stems(agents.iter().map(|agent| agent.agent.as_str()));
    let press = pages::Press::new()?;
    for (agent, stem) in agents.iter().zip(&stems) {
        for case in &agent.cases {
            let name = |ending: &str| outdir.join(names::file(stem, case.entry.id, ending));
            let paths = [name("html"), name("json")];
            if case.is_written(&paths) {
                continue;
            }
            let words = case.words(agent.role);
            fs::write(&paths[0], press.case(agent, case, &words)?)?;
            fs::write(&paths[1], json::case(agent, case, &words)?)?;
            let _ = case.written.set(paths);
        }
    }
    fs::write(outdir.join("index.html"), press.index(agents, &stems)?)?;
    // scripts wait for this file, so it is there last and at once
    let unfinished = outdir.join("index.json.unfinished");
    fs::write(&unfinished, json::index(agents, &stems)?)?;
    fs::rename(unfinished, outdir.join("index.json"))
}

#[cfg(test)]
mod tests;
