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
mod traffic;
mod wirelog;
mod words;

pub use words::{Behavior, BehaviorClose, Words};

use super::Record;
use crate::case::Role;
use crate::case::autobahn::Entry;
use crate::judge::Verdict;
use pages::Pages;
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
    /// The words, once somebody has asked for them.
    words: OnceLock<Words>,
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
        CaseReport { entry, verdict, record, started, duration, words: OnceLock::new(), written: OnceLock::new() }
    }

    /// The same without its record, which whoever writes it later has to get from elsewhere.
    pub fn without_record(mut self, role: Role) -> CaseReport<'c> {
        self.words(role);
        self.record = None;
        self
    }

    /// Autobahn's words for the verdict.
    pub fn words(&self, role: Role) -> Words {
        self.words.get_or_init(|| Words::of(self, role)).clone()
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
    let writer = Writer::new(outdir)?;
    let stems = stems(agents);
    for (agent, stem) in agents.iter().zip(&stems) {
        for case in &agent.cases {
            writer.write_case(agent, stem, case)?;
        }
    }
    writer.write_index(agents, &stems)
}

/// Writes reports as they come.
pub struct Writer {
    outdir: PathBuf,
    pages: Pages,
}

impl Writer {
    /// One that writes into a folder, which is made where it does not exist.
    pub fn new(outdir: &Path) -> io::Result<Writer> {
        fs::create_dir_all(outdir)?;
        Ok(Writer { outdir: outdir.to_owned(), pages: Pages::new()? })
    }

    /// Writes the files of a case ahead, and lets go of its record.
    pub fn ahead(&self, agents: &mut [AgentReport<'_>], agent: usize, case: usize) -> io::Result<()> {
        let stems = stems(agents);
        self.write_case(&agents[agent], &stems[agent], &agents[agent].cases[case])?;
        agents[agent].cases[case].record = None;
        Ok(())
    }

    /// Writes everything as [`write()`] does. The record of a case without one is fetched by agent and id where its files are
    /// to be written, one at a time.
    pub fn write_from(
        &self,
        agents: &mut [AgentReport<'_>],
        records: &mut dyn FnMut(&str, &str) -> Option<Record>,
    ) -> io::Result<()> {
        // somebody may have cleared the place of old reports since
        fs::create_dir_all(&self.outdir)?;
        let stems = stems(agents);
        for (agent, stem) in agents.iter_mut().zip(&stems) {
            for place in 0..agent.cases.len() {
                let case = &mut agent.cases[place];
                if case.is_written(&self.paths(stem, case)) {
                    continue;
                }
                case.record = case.record.take().or_else(|| records(&agent.agent, case.entry.id));
                self.write_case(agent, stem, &agent.cases[place])?;
                agent.cases[place].record = None;
            }
        }
        self.write_index(agents, &stems)
    }

    fn paths(&self, stem: &str, case: &CaseReport<'_>) -> [PathBuf; 2] {
        ["html", "json"].map(|ending| self.outdir.join(names::file(stem, case.entry.id, ending)))
    }

    fn write_case(&self, agent: &AgentReport<'_>, stem: &str, case: &CaseReport<'_>) -> io::Result<()> {
        let paths = self.paths(stem, case);
        if case.is_written(&paths) {
            return Ok(());
        }
        let words = case.words(agent.role);
        fs::write(&paths[0], self.pages.case(agent, case, &words)?)?;
        fs::write(&paths[1], json::case(agent, case, &words)?)?;
        let _ = case.written.set(paths);
        Ok(())
    }

    fn write_index(&self, agents: &[AgentReport<'_>], stems: &[String]) -> io::Result<()> {
        fs::write(self.outdir.join("index.html"), self.pages.index(agents, stems)?)?;
        // scripts wait for this file, so it is there last and at once
        let unfinished = self.outdir.join("index.json.unfinished");
        fs::write(&unfinished, json::index(agents, stems)?)?;
        fs::rename(unfinished, self.outdir.join("index.json"))
    }
}

fn stems(agents: &[AgentReport<'_>]) -> Vec<String> {
    names::stems(agents.iter().map(|agent| agent.agent.as_str()))
}

#[cfg(test)]
mod tests;
