//! Judges the transcripts of a finished run again, offline, with the same function.

use super::DirectoryError;
use super::directory::{RunDirectory, StoredTranscript};
use super::journal::Journal;
use super::results::{CaseResult, RunInfo, RunResults, TargetInfo};
use crate::case::{Corpus, Law};
use crate::judge::recording::fault_of;
use crate::judge::{Finding, Strictness, Verdict, judge};
use crate::plan::{Plan, PlanError, Target, digest, plan};
use std::io::ErrorKind;

/// What came of judging a run again.
pub struct Rejudged {
    /// The verdicts.
    pub results: RunResults,
    /// For each recording that could not be judged, its file and the reason.
    pub unusable: Vec<String>,
}

/// What is known of a run that was killed: what its transcripts say of the target.
fn info_of_killed(directory: &RunDirectory, cases: &[CaseResult], corpus: &Corpus) -> RunInfo {
    let recorded = cases.iter().find_map(|result| directory.read_transcript(&result.id).ok().flatten());
    let (target, seed) = match recorded {
        Some(stored) => (stored.target, stored.seed),
        None => {
            (Target::echoing(corpus.cases().next().and_then(|case| case.roles.first().copied()).unwrap_or_default()), 0)
        }
    };
    let name = directory.root().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let url = format!("{}{}", target.host, target.resource);
    let mut info = RunInfo::beginning(TargetInfo { name, url, software: None, target }, Vec::new());
    info.seed = seed;
    info.stopped = Some("the run was killed, or it is under way".to_owned());
    info
}

/// The verdicts of a run as its transcripts give them.
///
/// What no transcript can show is taken over from the journal: skipped cases, cases that could not be run,
/// and cases in which two runs disagreed.
pub fn rejudge(directory: &RunDirectory, corpus: &Corpus, strictness: Strictness) -> Result<Rejudged, DirectoryError> {
    let mut cases = Journal::read(directory)?;
    let info = match directory.read_info() {
        // a run that was killed has not written it
        Err(DirectoryError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
            info_of_killed(directory, &cases, corpus)
        }
        info => info?,
    };
    let mut unusable = Vec::new();
    for result in &mut cases {
        if !result.verdict.is_of_run() {
            let verdict = match directory.read_transcript(&result.id) {
                Ok(None) => continue,
                Ok(Some(stored)) => match plan_of(&stored, corpus) {
                    Ok(plan) => judge(&stored.case, &plan, &stored.transcript, &Law::of(corpus), strictness),
                    Err(fault) => {
                        unusable.push(format!("{}: {fault}", directory.transcript_path(&result.id).display()));
                        broken(fault.to_string())
                    }
                },
                Err(fault) => {
                    unusable.push(fault.to_string());
                    broken(format!("it cannot be judged again: {}", fault.reason()))
                }
            };
            result.verdict = verdict;
        }
    }
    let order: Vec<&crate::case::Case> = corpus.cases().collect();
    Ok(Rejudged { results: RunResults { info, cases: super::directory::in_corpus_order(cases, &order) }, unusable })
}

/// The verdict of one transcript; one that cannot be judged any more says why.
pub fn judge_stored(stored: &StoredTranscript, corpus: &Corpus, strictness: Strictness) -> Verdict {
    let planned = plan_of(stored, corpus);
    match planned {
        Ok(plan) => judge(&stored.case, &plan, &stored.transcript, &Law::of(corpus), strictness),
        Err(fault) => broken(fault.to_string()),
    }
}

/// Why a recording cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// There is no plan for its case.
    #[error("{0}")]
    NoPlan(#[from] PlanError),
    /// It was recorded before plans had a digest.
    #[error(
        "it cannot be judged again: its transcript is of an older wsspec, and does not say how the case was planned"
    )]
    NoDigest,
    /// It was planned otherwise.
    #[error("it cannot be judged again: its case or the way in which it is planned has changed since it was recorded")]
    PlannedOtherwise,
    /// It speaks of what its plan does not have.
    #[error("it cannot be judged again: its transcript is damaged, {0}")]
    Damaged(String),
}

/// The plan that a recording was made with; whatever the recording refers to is in it.
pub fn plan_of(stored: &StoredTranscript, corpus: &Corpus) -> Result<Plan, Unusable> {
    let known = stored.plan.as_ref().ok_or(Unusable::NoDigest)?;
    if *known != digest(&stored.case, &stored.target, stored.seed, &corpus.data)? {
        return Err(Unusable::PlannedOtherwise);
    }
    let plan = plan(&stored.case, &stored.target, stored.seed, &corpus.data)?;
    match fault_of(&plan, &stored.transcript) {
        Some(fault) => Err(Unusable::Damaged(fault)),
        None => Ok(plan),
    }
}

fn broken(says: String) -> Verdict {
    Verdict::of(vec![Finding::broken(says)], true)
}
