//! Judges the transcripts of a finished run again, offline, with the same function.

use super::DirectoryError;
use super::directory::{RunDirectory, StoredTranscript};
use super::journal::Journal;
use super::results::RunResults;
use crate::case::{Corpus, Law};
use crate::judge::{Strictness, Verdict, judge};
use crate::plan::plan;

/// The verdicts of a run as its transcripts give them.
///
/// What no transcript can show is taken over from the journal: skipped cases, cases that could not be run,
/// and cases in which two runs disagreed.
pub fn rejudge(
    directory: &RunDirectory,
    corpus: &Corpus,
    strictness: Strictness,
) -> Result<RunResults, DirectoryError> {
    let info = directory.read_info()?;
    let mut cases = Journal::read(directory)?;
    for result in &mut cases {
        if !result.verdict.is_of_run()
            && let Some(stored) = directory.read_transcript(&result.id)?
        {
            result.verdict = judge_stored(&stored, corpus, strictness);
        }
    }
    let order: Vec<&crate::case::Case> = corpus.cases().collect();
    Ok(RunResults { info, cases: super::directory::in_corpus_order(cases, &order) })
}

/// The verdict of one transcript.
pub fn judge_stored(stored: &StoredTranscript, corpus: &Corpus, strictness: Strictness) -> Verdict {
    match plan(&stored.case, &stored.target, stored.seed, &corpus.data) {
        Ok(plan) => judge(&stored.case, &plan, &stored.transcript, &Law::of(corpus), strictness),
        Err(fault) => Verdict::of(vec![crate::judge::Finding::broken(fault.to_string())], true),
    }
}
