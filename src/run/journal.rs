//! The journal: every finished case is in it as soon as it is finished, so that nothing is lost when the run is killed.

use super::DirectoryError;
use super::directory::{FORMAT, RunDirectory};
use super::results::CaseResult;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

#[derive(Serialize, Deserialize)]
struct Opening {
    format: u32,
    /// A digest of everything that a resumed run must have in common with the first.
    run: String,
}

/// The journal of a run that is under way.
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Stands for a run that has come to no case yet.
    pub(super) const NO_RUN: &str = "";

    /// Begins a journal; `run` identifies what is run.
    pub fn begin(directory: &RunDirectory, run: &str) -> Result<Journal, DirectoryError> {
        let path = directory.journal();
        let unwritable = |source| DirectoryError::Unwritable { path: path.clone(), source };
        let mut journal = Journal { file: File::create(&path).map_err(unwritable)?, path: path.clone() };
        journal.line(&Opening { format: FORMAT, run: run.to_owned() })?;
        Ok(journal)
    }

    /// Goes on with a journal, and tells which cases are finished.
    pub fn resume(directory: &RunDirectory, run: &str) -> Result<(Journal, Vec<CaseResult>), DirectoryError> {
        let path = directory.journal();
        let refused = |reason: &str| DirectoryError::NotResumable {
            path: directory.root().to_owned(),
            reason: reason.to_owned(),
        };
        let (opening, finished) = match load(&path) {
            Err(DirectoryError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
                return Err(refused("there is no journal of an earlier run"));
            }
            Err(DirectoryError::Malformed { .. }) => return Err(refused("its journal is malformed")),
            loaded => loaded?,
        };
        if opening.run == Journal::NO_RUN {
            return Ok((Journal::begin(directory, run)?, Vec::new()));
        }
        if opening.run != run {
            return Err(refused("the earlier run had another target, selection, seed, profile or corpus"));
        }
        Ok((Journal::append(directory)?, finished))
    }

    /// Opens the journal of an earlier run, to add cases to it.
    pub fn append(directory: &RunDirectory) -> Result<Journal, DirectoryError> {
        let path = directory.journal();
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|source| DirectoryError::Unwritable { path: path.clone(), source })?;
        let mut journal = Journal { file, path };
        // whatever stands behind the last line end belongs to no line of ours
        journal.raw(b"\n")?;
        Ok(journal)
    }

    /// The cases in the journal of a run; of several entries for a case the last counts.
    pub fn read(directory: &RunDirectory) -> Result<Vec<CaseResult>, DirectoryError> {
        load(&directory.journal()).map(|(_, finished)| finished)
    }

    /// Goes on with a journal that this process has begun, for one more case.
    pub fn reopen(directory: &RunDirectory) -> Result<Journal, DirectoryError> {
        let path = directory.journal();
        let opened = OpenOptions::new().append(true).open(&path);
        let file = opened.map_err(|source| DirectoryError::Unwritable { path: path.clone(), source })?;
        Ok(Journal { file, path })
    }

    /// Adds a finished case.
    pub fn add(&mut self, result: &CaseResult) -> Result<(), DirectoryError> {
        self.line(result)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), DirectoryError> {
        let mut line = serde_json::to_vec(value).unwrap_or_default();
        line.push(b'\n');
        self.raw(&line)
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), DirectoryError> {
        self.file.write_all(bytes).map_err(|source| DirectoryError::Unwritable { path: self.path.clone(), source })
    }
}

/// The opening of a journal, and its cases.
fn load(path: &Path) -> Result<(Opening, Vec<CaseResult>), DirectoryError> {
    let text = crate::case::source::read(path)
        .map_err(|source| DirectoryError::Unreadable { path: path.to_owned(), source })?;
    // a line that a kill has cut may end inside a character
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let opening = super::directory::parse(path, lines.next().unwrap_or_default())?;
    let finished = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok((opening, last_of_each(finished)))
}

fn last_of_each(results: Vec<CaseResult>) -> Vec<CaseResult> {
    let mut last: Vec<CaseResult> = Vec::new();
    for result in results {
        match last.iter_mut().find(|known| known.id == result.id) {
            Some(known) => *known = result,
            None => last.push(result),
        }
    }
    last
}
