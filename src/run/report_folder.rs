//! What becomes of the report that a folder holds already when another run writes there.
//!
//! A run writes into a folder inside that of the report until it is over, so that a kill leaves the earlier report as it
//! was and the new run resumable. Then it takes the place of the earlier report, or updates its cases there, or stays
//! where it is: a part never replaces the whole, and a run that found nothing replaces nothing.

use super::directory::{DirectoryError, RunDirectory};
use super::journal::Journal;
use super::results::{CaseResult, RunInfo, RunResults};
use super::same_target::is_same_target;
use crate::judge::Outcome;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where a run writes while an earlier report stays in place.
const UNFINISHED: &str = "unfinished";
/// The name of that folder once the run is to replace the report, or to update it: whoever finds it completes that.
const REPLACING: &str = "replacing";
const UPDATING: &str = "updating";
/// More folders beside one another are not tried.
const MOST_PARTS: usize = 1000;

/// What a run is to the report that its folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// There are no verdicts to lose.
    Vacant,
    /// The run has every case of the report, or is a whole run itself.
    Replaces,
    /// It is a part of what the report has, on the same target.
    Updates,
    /// It is a part of something else, and belongs into another folder.
    Foreign,
}

/// What a run, of which `info` is known before it begins, is to the report in a directory.
pub fn relation(directory: &RunDirectory, info: &RunInfo) -> Relation {
    let found = Journal::read(directory).unwrap_or_default();
    let mut earlier: BTreeSet<String> = found.iter().map(|result| result.id.clone()).collect();
    let is_updatable = !earlier.is_empty();
    if let Ok(stored) = directory.read_verdicts() {
        earlier.extend(stored.cases.into_keys());
    }
    if earlier.is_empty() {
        return Relation::Vacant;
    }
    let earlier_info = directory.read_info().ok();
    earlier.extend(earlier_info.iter().flat_map(|info| info.not_run.iter().cloned()));
    let selected: BTreeSet<&String> = info.not_run.iter().collect();
    if !info.part || earlier.iter().all(|id| selected.contains(id)) {
        return Relation::Replaces;
    }
    match earlier_info {
        Some(earlier) if is_updatable && is_same_target(&earlier.command, &info.command) => Relation::Updates,
        _ => Relation::Foreign,
    }
}

/// The folder of a report, or one beside it where this run does not fit.
pub fn place(root: &Path, info: &RunInfo, resume: bool) -> Result<RunDirectory, DirectoryError> {
    let mut beside = root.to_owned();
    for number in 1..=MOST_PARTS {
        let directory = RunDirectory::prepare(&beside, resume)?;
        complete(&directory)?;
        if relation(&directory, info) != Relation::Foreign {
            return Ok(directory);
        }
        drop(directory);
        // the next that is free or ours
        beside = part_of(root, number);
        while matches!(RunDirectory::inspect(&beside, false), Err(DirectoryError::Foreign(_))) {
            beside.as_mut_os_string().push("-other");
        }
    }
    Err(DirectoryError::Foreign(beside))
}

/// The name of a folder for a part of a run: `NAME.part` beside `NAME`.
fn part_of(root: &Path, number: usize) -> PathBuf {
    let ending = if number == 1 { "part".to_owned() } else { format!("part-{number}") };
    match root.file_name() {
        Some(name) => {
            let mut name = name.to_owned();
            name.push(format!(".{ending}"));
            root.with_file_name(name)
        }
        None => root.join(ending),
    }
}

/// A folder with a report, and where the run writes that is to fill it.
#[derive(Debug)]
pub struct ReportFolder {
    report: RunDirectory,
    work: RunDirectory,
    relation: Relation,
    resume: bool,
}

/// What was written, and where.
pub struct Filed {
    /// The folder with the transcripts of the run and the report.
    pub directory: RunDirectory,
    /// Everything that the report has, which can be more than this run found.
    pub results: RunResults,
    /// The folder of an earlier report that was left as it is.
    pub untouched: Option<PathBuf>,
    /// Whether the run found so little that nothing is reported.
    pub is_void: bool,
}

impl ReportFolder {
    /// The folder of a report for a run, of which `info` is known before it begins, with all of its cases as not run.
    /// Nothing of an earlier report is touched.
    pub fn prepare(root: &Path, info: &RunInfo, resume: bool) -> Result<ReportFolder, DirectoryError> {
        let report = place(root, info, resume)?;
        let relation = relation(&report, info);
        let staged = report.inside(UNFINISHED);
        let is_staged = match resume {
            true => Journal::read(&staged).is_ok(),
            false => relation != Relation::Vacant,
        };
        let work = if is_staged { staged } else { report.clone() };
        Ok(ReportFolder { report, work, relation, resume })
    }

    /// The folder of the report.
    pub fn root(&self) -> &Path {
        self.report.root()
    }

    /// Where the run writes.
    pub fn work(&self) -> &RunDirectory {
        &self.work
    }

    /// Makes room for the run, whose report is known by `info` from now on, also when it is killed.
    pub fn begin(&self, info: &RunInfo) -> Result<(), DirectoryError> {
        if self.resume {
            return Ok(());
        }
        if self.is_staged() {
            remove(self.work.root())?;
            fs::create_dir_all(self.work.root()).map_err(|fault| self.unwritable(fault))?;
        }
        self.work.clear()?;
        self.work.write_info(info)
    }

    fn is_staged(&self) -> bool {
        self.work.root() != self.report.root()
    }

    fn unwritable(&self, source: std::io::Error) -> DirectoryError {
        DirectoryError::Unwritable { path: self.work.root().to_owned(), source }
    }

    /// Writes what the run found, and puts it where it belongs.
    pub fn file(&self, results: &RunResults) -> Result<Filed, DirectoryError> {
        if !self.is_staged() {
            let results = if self.resume { united(&self.report, results) } else { results.clone() };
            self.report.write_results(&results)?;
            return Ok(Filed { directory: self.report.clone(), results, untouched: None, is_void: false });
        }
        self.work.write_results(results)?;
        let is_void = found_nothing(results);
        if is_void || !self.may_take_over(results) {
            let logged = fs::metadata(self.work.file("target.log")).is_ok_and(|log| log.len() > 0);
            if is_void && !logged {
                remove(self.work.root())?;
            }
            let untouched = Some(self.report.root().to_owned());
            return Ok(Filed { directory: self.work.clone(), results: results.clone(), untouched, is_void });
        }
        // with an empty folder a run without transcripts leaves none of an earlier run
        fs::create_dir_all(self.work.file("transcripts")).map_err(|fault| self.unwritable(fault))?;
        let updates = self.relation == Relation::Updates;
        if !updates && !self.work.file("target.log").exists() {
            remove(&self.report.file("target.log"))?;
        }
        let name = if updates { UPDATING } else { REPLACING };
        fs::rename(self.work.root(), self.report.file(name)).map_err(|fault| self.unwritable(fault))?;
        complete(&self.report)?;
        let results = match updates {
            true => RunResults { info: self.report.read_info()?, cases: Journal::read(&self.report)? },
            false => results.clone(),
        };
        Ok(Filed { directory: self.report.clone(), results, untouched: None, is_void: false })
    }

    /// A run that did not come to its end must not hide verdicts that the report has.
    fn may_take_over(&self, results: &RunResults) -> bool {
        let has = |id: &String| results.cases.iter().any(|case| case.id == *id);
        let earlier = Journal::read(&self.report).unwrap_or_default();
        results.info.not_run.is_empty()
            || (self.relation != Relation::Updates && earlier.iter().all(|result| has(&result.id)))
    }
}

/// Whether something went wrong before anything could be judged.
fn found_nothing(results: &RunResults) -> bool {
    let is_judged = |result: &CaseResult| !matches!(result.verdict.outcome, Outcome::Broken | Outcome::Skip);
    results.is_broken() && !results.cases.iter().any(is_judged)
}

/// The results of a run, with what the journal of its folder has of other cases.
pub fn united(directory: &RunDirectory, results: &RunResults) -> RunResults {
    let mut whole = results.clone();
    let known: BTreeSet<String> = results.cases.iter().map(|case| case.id.clone()).collect();
    let others = Journal::read(directory).unwrap_or_default();
    whole.cases.extend(others.into_iter().filter(|result| !known.contains(&result.id)));
    if let Ok(earlier) = directory.read_info() {
        whole.info.part &= earlier.part;
        whole.info.command = earlier.command;
        whole.info.not_run.extend(earlier.not_run);
        whole.info.took_us = earlier.took_us.into_iter().chain(std::mem::take(&mut whole.info.took_us)).collect();
    }
    let found: BTreeSet<&String> = whole.cases.iter().map(|case| &case.id).collect();
    let mut seen = BTreeSet::new();
    whole.info.not_run.retain(|id| !found.contains(id) && seen.insert(id.clone()));
    whole
}

/// Completes what a run had begun to put in place, be it one that was killed while it did.
fn complete(report: &RunDirectory) -> Result<(), DirectoryError> {
    for name in [REPLACING, UPDATING] {
        let work = report.inside(name);
        if !work.root().exists() {
            continue;
        }
        match name {
            REPLACING => replace(report, &work)?,
            _ => update(report, &work)?,
        }
        remove(work.root())?;
    }
    Ok(())
}

/// Each step can be done again when a kill came behind it.
fn replace(report: &RunDirectory, work: &RunDirectory) -> Result<(), DirectoryError> {
    // the journal is the last: while it is here, nothing that belongs to it is gone
    for name in ["target.log", "authority.pem", "transcripts", "run.json", "verdicts.json", "journal.jsonl"] {
        let (from, to) = (work.file(name), report.file(name));
        if from.is_dir() {
            remove(&to)?;
        }
        if from.exists() {
            fs::rename(&from, &to).map_err(|source| DirectoryError::Unwritable { path: to, source })?;
        }
    }
    Ok(())
}

/// Each step can be done again when a kill came behind it.
fn update(report: &RunDirectory, work: &RunDirectory) -> Result<(), DirectoryError> {
    let found = Journal::read(work)?;
    let unwritable = |source| DirectoryError::Unwritable { path: report.root().to_owned(), source };
    for result in &found {
        for name in RunDirectory::transcript_names(&result.id) {
            let (from, to) = (work.file(&name), report.file(&name));
            if !from.exists() {
                remove(&to)?;
                continue;
            }
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).map_err(unwritable)?;
            }
            let unfinished = to.with_extension("unfinished");
            fs::copy(&from, &unfinished).and_then(|_| fs::rename(&unfinished, &to)).map_err(unwritable)?;
        }
    }
    let log = work.file("target.log");
    if log.exists() {
        fs::copy(&log, report.file("target.log")).map_err(unwritable)?;
    }
    let mut results = RunResults { info: work.read_info()?, cases: found };
    let mut journal = Journal::append(report)?;
    results.cases.iter().try_for_each(|result| journal.add(result))?;
    results.info.not_run.clear();
    let mut whole = united(report, &results);
    let earlier = report.read_info()?;
    whole.info.started = earlier.started;
    whole.info.took_ms = earlier.took_ms;
    whole.info.stopped = earlier.stopped.filter(|_| !whole.info.not_run.is_empty());
    report.write_results(&whole)
}

/// Removes a file, or a folder with all that is in it; nothing is there afterwards.
fn remove(path: &Path) -> Result<(), DirectoryError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(DirectoryError::Unwritable { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
