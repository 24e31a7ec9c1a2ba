//! The folder of one client: what is found goes there at once, and an earlier report stays until there is something.

use crate::run::directory::{DirectoryError, StoredTranscript};
use crate::run::journal::Journal;
use crate::run::report_folder::{Relation, place, relation};
use crate::run::{CaseResult, RunDirectory, RunInfo};
use std::path::Path;

/// Where a client's transcripts, journal and report are kept.
pub struct AgentFolder {
    directory: RunDirectory,
    /// `None` until something is found that an earlier report has to make room for.
    journal: Option<Journal>,
    info: RunInfo,
    updates: bool,
}

impl AgentFolder {
    /// The folder for a client, of whose run `info` is known, with every case as not run.
    pub fn open(root: &Path, info: RunInfo) -> Result<AgentFolder, DirectoryError> {
        let directory = place(root, &info, false)?;
        let relation = relation(&directory, &info);
        let updates = relation == Relation::Updates;
        let mut folder = AgentFolder { directory, journal: None, info, updates };
        match relation {
            Relation::Vacant => folder.begin()?,
            Relation::Updates => folder.journal = Some(Journal::append(&folder.directory)?),
            Relation::Replaces | Relation::Foreign => {}
        }
        Ok(folder)
    }

    fn begin(&mut self) -> Result<(), DirectoryError> {
        self.directory.clear()?;
        self.journal = Some(Journal::begin(&self.directory, &self.info.target.name)?);
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

    /// Keeps what came of a case.
    pub fn keep(&mut self, stored: &StoredTranscript, result: &CaseResult) -> Result<(), DirectoryError> {
        if self.journal.is_none() {
            self.begin()?;
        }
        self.directory.write_transcript(stored)?;
        self.journal.as_mut().map_or(Ok(()), |journal| journal.add(result))
    }
}
