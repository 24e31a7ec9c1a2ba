//! The folder of one client: what is found goes there at once, and an earlier report stays until there is something.

use crate::run::directory::{DirectoryError, StoredTranscript};
use crate::run::journal::Journal;
use crate::run::report_folder::{Relation, place, relation};
use crate::run::{CaseResult, RunDirectory, RunInfo};
use std::path::Path;

/// Where a client's transcripts, journal and report are kept.
pub struct AgentFolder {
    directory: RunDirectory,
    /// Whether the journal is that of this run; `false` until something is found that an earlier report has to make room for.
    is_begun: bool,
    info: RunInfo,
    updates: bool,
}

impl AgentFolder {
    /// The folder for a client, of whose run `info` is known, with every case as not run.
    pub fn open(root: &Path, info: RunInfo) -> Result<AgentFolder, DirectoryError> {
        let directory = place(root, &info, false)?;
        let relation = relation(&directory, &info);
        let updates = relation == Relation::Updates;
        let mut folder = AgentFolder { directory, is_begun: false, info, updates };
        match relation {
            Relation::Vacant => folder.begin()?,
            Relation::Updates => {
                Journal::append(&folder.directory)?;
                folder.is_begun = true;
            }
            Relation::Replaces | Relation::Foreign => {}
        }
        Ok(folder)
    }

    fn begin(&mut self) -> Result<(), DirectoryError> {
        self.directory.clear()?;
        Journal::begin(&self.directory, &self.info.target.name)?;
        self.is_begun = true;
        // with it the journal is a run that can be judged again, however the process ends
        self.directory.write_info(&self.info)
    }

    /// The folder itself.
    pub fn directory(&self) -> &RunDirectory {
        &self.directory
    }

    /// Whether the report has cases of earlier runs beside those of this one.
    pub fn updates(&self) -> bool {
        self.updates
    }

    /// Lets other runs in, which takes no descriptor of ours.
    pub fn unlock(&mut self) {
        self.directory = self.directory.unlocked();
    }

    /// Keeps what came of a case. The journal is open only meanwhile: a service may have a thousand clients.
    pub fn keep(&mut self, stored: &StoredTranscript, result: &CaseResult) -> Result<(), DirectoryError> {
        if !self.is_begun {
            self.begin()?;
        }
        self.directory.write_transcript(stored)?;
        Journal::reopen(&self.directory)?.add(result)
    }
}
