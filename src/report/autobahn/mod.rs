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
    let folder = Folder::open(outdir, agents)?;
    for (agent, stem) in agents.iter().zip(&folder.stems) {
        for case in &agent.cases {
            folder.write_case(agent, stem, case)?;
        }
    }
    folder.write_index(agents)
}

/// The same for cases without a record: it is fetched for those that are to be written, by agent and id, one at a time.
pub fn write_from(
    outdir: &Path,
    agents: &mut [AgentReport<'_>],
    records: &mut dyn FnMut(&str, &str) -> Option<Record>,
) -> io::Result<()> {
    let folder = Folder::open(outdir, agents)?;
    for (agent, stem) in agents.iter_mut().zip(&folder.stems) {
        for place in 0..agent.cases.len() {
            let case = &mut agent.cases[place];
            if case.is_written(&folder.paths(stem, case)) {
                continue;
            }
            case.record = records(&agent.agent, case.entry.id);
            folder.write_case(agent, stem, &agent.cases[place])?;
            agent.cases[place].record = None;
        }
    }
    folder.write_index(agents)
}

/// Where reports are written.
struct Folder<'o> {
    outdir: &'o Path,
    stems: Vec<String>,
    press: pages::Press,
}

impl Folder<'_> {
    fn open<'o>(outdir: &'o Path, agents: &[AgentReport<'_>]) -> io::Result<Folder<'o>> {
        fs::create_dir_all(outdir)?;
        let stems = names::stems(agents.iter().map(|agent| agent.agent.as_str()));
        Ok(Folder { outdir, stems, press: pages::Press::new()? })
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
        fs::write(&paths[0], self.press.case(agent, case, &words)?)?;
        fs::write(&paths[1], json::case(agent, case, &words)?)?;
        let _ = case.written.set(paths);
        Ok(())
    }

    fn write_index(&self, agents: &[AgentReport<'_>]) -> io::Result<()> {
        fs::write(self.outdir.join("index.html"), self.press.index(agents, &self.stems)?)?;
        // scripts wait for this file, so it is there last and at once
        let unfinished = self.outdir.join("index.json.unfinished");
        fs::write(&unfinished, json::index(agents, &self.stems)?)?;
        fs::rename(unfinished, self.outdir.join("index.json"))
    }
}

#[cfg(test)]
mod tests;
