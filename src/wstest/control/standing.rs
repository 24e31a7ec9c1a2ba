//! A look at one client: what it has been through, for those who report on it.

use super::program::Program;
use crate::run::report_folder::united;
use crate::run::{CaseResult, RunDirectory, RunInfo, RunResults};
use std::time::{SystemTime, UNIX_EPOCH};

/// A case that a client has been through.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The place of the case in the program.
    pub place: usize,
    /// What came of it; its id is that of the case.
    pub result: CaseResult,
    /// The verdict in the word that clients are told.
    pub behavior: &'static str,
}

/// What is known of one client.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// How it names itself in its requests.
    pub software: Option<String>,
    /// When it first came.
    pub first: SystemTime,
    /// The cases that it has been through, in their order.
    pub runs: Vec<Ran>,
    /// Where the transcripts are; `None` when nothing could be written.
    pub directory: Option<RunDirectory>,
    /// Whether the folder has a wider report on the same client, which is updated.
    pub updates: bool,
    /// Whether something came in since the last report.
    pub news: bool,
}

impl Standing {
    /// The results of a run; `info` is what is the same for all clients. Cases that it was spared are nowhere in it.
    pub fn results(&self, info: &RunInfo, program: &Program) -> RunResults {
        let mut info = info.clone();
        info.target.name.clone_from(&self.name);
        info.target.software.clone_from(&self.software);
        info.started = self.first.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        info.took_ms = SystemTime::now().duration_since(self.first).unwrap_or_default().as_millis() as u64;
        let ran = |place: usize| self.runs.binary_search_by_key(&place, |run| run.place).is_ok();
        let left = program
            .offers()
            .iter()
            .enumerate()
            .filter(|(place, _)| !ran(*place) && !program.spares(&self.name, *place));
        info.not_run = left.map(|(_, offer)| offer.case.id.clone()).collect();
        info.took_us = self.runs.iter().map(|run| (run.result.id.clone(), run.result.took_us)).collect();
        RunResults { info, cases: self.runs.iter().map(|run| run.result.clone()).collect() }
    }

    /// What the report on the client has: its results, and in a report that is updated those of other cases too.
    pub fn report(&self, results: &RunResults) -> RunResults {
        match &self.directory {
            Some(directory) if self.updates => united(directory, results),
            _ => results.clone(),
        }
    }
}
