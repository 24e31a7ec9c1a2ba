//! What is known of each client: which cases it is in, what came of those that are over, and where that is kept.
//!
//! Verdicts are in memory and in a journal, so that nothing is lost when the process is killed; transcripts are on the disk
//! only. A case that is run again replaces what was known of it.

use super::agent_folder::AgentFolder;
use super::standing::{Ran, Standing};
use crate::case::Case;
use crate::engine::Deadlines;
use crate::plan::Target;
use crate::report::naming::{folder_name, untaken};
use crate::run::directory::{DirectoryError, FORMAT, StoredTranscript};
use crate::run::{Pace, RunInfo};
use crate::transcript::Transcript;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The most clients that are kept apart.
const MOST: usize = 1000;
/// The most folders that are kept from other runs.
const MOST_LOCKED: usize = 32;

/// Why there is no place for another client.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// One client.
pub struct Agent {
    runs: BTreeMap<usize, Ran>,
    under_way: BTreeMap<usize, usize>,
    pace: Pace,
    /// How many conversations have begun; who saw the number change was not alone.
    begun: u64,
    software: Option<String>,
    first: SystemTime,
    folder: Option<AgentFolder>,
    /// Whether something came in since its report was written.
    news: bool,
}

/// All clients by name.
pub struct Ledger {
    root: PathBuf,
    scale: f64,
    info: RunInfo,
    agents: BTreeMap<String, Agent>,
    /// Names of folders that are taken.
    folders: BTreeSet<String>,
    /// The clients that came last, whose folders are kept from other runs: each takes a file descriptor.
    locked: VecDeque<String>,
    /// Who has asked for the reports, be it under a name that has run no case.
    asked: BTreeSet<String>,
}

impl Ledger {
    /// One without clients; each gets a folder under `root`.
    ///
    /// `info` is what is the same for all of them, with every case as not run.
    pub fn new(root: &Path, scale: f64, info: RunInfo) -> Ledger {
        Ledger {
            info,
            root: root.to_owned(),
            scale,
            agents: BTreeMap::new(),
            folders: BTreeSet::new(),
            locked: VecDeque::new(),
            asked: BTreeSet::new(),
        }
    }

    /// A client is about to run a case. The error inside tells why nothing of it can be kept on the disk.
    pub fn begin(
        &mut self,
        name: &str,
        place: usize,
        software: Option<String>,
    ) -> Result<(u64, Result<(), DirectoryError>), Full> {
        let mut kept = Ok(());
        if !self.agents.contains_key(name) {
            if self.agents.len() >= MOST {
                return Err(Full);
            }
            let folder = match self.folder(name) {
                Ok(folder) => Some(folder),
                Err(fault) => {
                    kept = Err(fault);
                    None
                }
            };
            let agent = Agent {
                runs: BTreeMap::new(),
                under_way: BTreeMap::new(),
                pace: Pace::new(self.scale),
                begun: 0,
                software: None,
                first: SystemTime::now(),
                folder,
                news: false,
            };
            self.agents.insert(name.to_owned(), agent);
            self.unlock_others(name);
        }
        let agent = self.agents.get_mut(name).ok_or(Full)?;
        agent.begun += 1;
        agent.software = agent.software.take().or(software);
        *agent.under_way.entry(place).or_default() += 1;
        Ok((agent.begun, kept))
    }

    /// Lets go of the folders of clients that came long ago.
    fn unlock_others(&mut self, newest: &str) {
        self.locked.push_back(newest.to_owned());
        while self.locked.len() > MOST_LOCKED {
            let Some(oldest) = self.locked.pop_front() else { break };
            if let Some(folder) = self.agents.get_mut(&oldest).and_then(|agent| agent.folder.as_mut()) {
                folder.unlock();
            }
        }
    }

    fn folder(&mut self, name: &str) -> Result<AgentFolder, DirectoryError> {
        let free = untaken(&folder_name(name), '-', |folder| self.folders.contains(folder));
        let mut info = self.info.clone();
        info.target.name = name.to_owned();
        let folder = AgentFolder::open(&self.root.join(&free), info)?;
        self.folders.insert(free);
        Ok(folder)
    }

    /// The deadlines for a conversation with a client.
    pub fn deadlines(&self, name: &str, is_bulk: bool) -> Deadlines {
        self.agents.get(name).map_or(Deadlines::scaled(self.scale), |agent| agent.pace.only_once(is_bulk))
    }

    /// Whether a client has, or had since that one began, another conversation than the one with that number.
    pub fn had_others(&self, name: &str, number: u64) -> bool {
        self.agents.get(name).is_some_and(|agent| agent.begun > number || agent.under_way.values().sum::<usize>() > 1)
    }

    /// A conversation is over, whatever came of it.
    pub fn end(&mut self, name: &str, place: usize) {
        if let Some(count) = self.agents.get_mut(name).and_then(|agent| agent.under_way.get_mut(&place)) {
            *count = count.saturating_sub(1);
        }
    }

    /// Takes in what came of a case, and what that tells of the pace of the client.
    pub fn take(
        &mut self,
        name: &str,
        ran: Ran,
        learn: impl FnOnce(&mut Pace),
        record: Recorded<'_>,
    ) -> Result<(), DirectoryError> {
        let Some(agent) = self.agents.get_mut(name) else { return Ok(()) };
        learn(&mut agent.pace);
        agent.news = true;
        let kept = match &mut agent.folder {
            Some(folder) => {
                let Recorded { case, target, seed, plan, transcript } = record;
                let (format, case, target) = (FORMAT, case.clone(), target.clone());
                folder.keep(&StoredTranscript { format, case, target, seed, plan, transcript }, &ran.result)
            }
            None => Ok(()),
        };
        agent.runs.insert(ran.place, ran);
        kept
    }

    /// What came of a case.
    pub fn behavior(&self, name: &str, place: usize) -> Option<&'static str> {
        self.agents.get(name)?.runs.get(&place).map(|ran| ran.behavior)
    }

    /// Whether a client is in a case at the moment.
    pub fn is_under_way(&self, name: &str, place: usize) -> bool {
        self.agents.get(name).and_then(|agent| agent.under_way.get(&place)).is_some_and(|count| *count > 0)
    }

    /// Whether any client is in a case at the moment.
    pub fn is_busy(&self) -> bool {
        self.agents.values().any(|agent| agent.under_way.values().any(|count| *count > 0))
    }

    /// A client has asked for the reports; tells how many have so far.
    pub fn asked(&mut self, name: &str) -> usize {
        if self.asked.len() < MOST {
            self.asked.insert(name.to_owned());
        }
        self.asked.len()
    }

    /// A look at all clients; from now on their news are old.
    pub fn look(&mut self) -> Vec<Standing> {
        let of_agent = |(name, agent): (&String, &mut Agent)| Standing {
            name: name.clone(),
            software: agent.software.clone(),
            first: agent.first,
            runs: agent.runs.values().cloned().collect(),
            directory: agent.folder.as_ref().map(|folder| folder.directory().clone()),
            updates: agent.folder.as_ref().is_some_and(AgentFolder::updates),
            news: std::mem::take(&mut agent.news),
        };
        self.agents.iter_mut().map(of_agent).collect()
    }
}

/// What is kept of a conversation.
pub struct Recorded<'a> {
    /// The case as it was run.
    pub case: &'a Case,
    /// The target as the plan saw it.
    pub target: &'a Target,
    /// The seed of the plan.
    pub seed: u64,
    /// The digest of the plan.
    pub plan: Option<String>,
    /// What happened.
    pub transcript: Transcript,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::naming::LONGEST;

    fn info() -> RunInfo {
        let target = r#"{"name": "", "url": "", "software": null, "target": {"role": "client", "host": "", "resource": "/",
            "origin": null, "subprotocols": [], "fields": [], "echo": true, "binary": true, "barrier": "ping"}}"#;
        let text = format!(
            r#"{{"format": 1, "wsspec": "", "target": {target}, "started": 0, "took_ms": 0, "seed": 1, "jobs": 1,
            "profile": "core", "stopped": null, "not_run": [], "took_us": {{}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn clients_whose_names_look_alike_have_folders_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::new(root.path(), 1.0, info());
        let long = "x".repeat(500);
        for name in ["a b", "a-b", "a/b", &long] {
            assert!(matches!(ledger.begin(name, 0, None), Ok((1, Ok(())))));
        }
        let folders: Vec<String> = ledger
            .look()
            .iter()
            .map(|agent| agent.directory.as_ref().unwrap().root().file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(folders, ["a-b", "a-b-2", "a-b-3", &long[..LONGEST]]);
    }

    #[test]
    fn who_is_in_several_cases_at_a_time_is_known() {
        let root = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::new(root.path(), 1.0, info());
        ledger.begin("a", 0, None).unwrap().1.unwrap();
        assert!(!ledger.had_others("a", 1) && ledger.is_under_way("a", 0));
        ledger.begin("b", 1, None).unwrap().1.unwrap();
        assert!(!ledger.had_others("a", 1));
        ledger.begin("a", 1, None).unwrap().1.unwrap();
        ledger.end("a", 1);
        assert!(ledger.had_others("a", 1) && !ledger.is_under_way("a", 1));
        ledger.end("a", 0);
        ledger.begin("a", 2, None).unwrap().1.unwrap();
        assert!(!ledger.had_others("a", 3));
    }
}
