//! What a report is made from. A run fills it in, and so does whoever reads a finished run again.

use crate::case::{Case, Corpus, Role};
use crate::judge::{Outcome, Verdict};
use crate::plan::Plan;
use crate::transcript::{Side, Transcript};
use std::time::Duration;

/// One run against one target.
#[derive(Clone, Debug)]
pub struct RunReport<'a> {
    /// The target.
    pub target: TargetLine,
    /// The version of wsspec that ran.
    pub wsspec: String,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How long it took.
    pub took: Duration,
    /// The seed of masks and generated payloads.
    pub seed: u64,
    /// How many cases ran beside each other.
    pub jobs: usize,
    /// The profile.
    pub profile: String,
    /// Why the run stopped before its end.
    pub stopped: Option<String>,
    /// Cases that were selected but not run.
    pub not_run: Vec<String>,
    /// The words of the command that repeats the run; `--case ID` is put behind them. Quoting is done here.
    pub command: Vec<String>,
    /// The run directory as the user names it, for a terminal. Pages never hold it, so that the folder can be moved.
    pub directory: Option<String>,
    /// Where groups and requirements are looked up.
    pub corpus: &'a Corpus,
    /// The cases that have a verdict, in the order of the corpus.
    pub cases: Vec<ReportedCase<'a>>,
}

/// Who was tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetLine {
    /// The name that reports use.
    pub name: String,
    /// The URL.
    pub url: String,
    /// The value of its Server or User-Agent field, as it came.
    pub software: Option<String>,
    /// Its end of the connection.
    pub role: Role,
}

/// One case with its verdict.
#[derive(Clone, Debug)]
pub struct ReportedCase<'a> {
    /// The case as it was run.
    pub case: &'a Case,
    /// Its verdict.
    pub verdict: &'a Verdict,
    /// How many conversations it took.
    pub attempts: u32,
    /// How long the last of them took.
    pub took: Duration,
    /// The file of its transcript, relative to the run directory and with `/` between folders.
    pub transcript: Option<String>,
    /// That of its first run, where two runs disagreed.
    pub first_transcript: Option<String>,
}

/// What was planned and what happened in one case.
#[derive(Clone, Debug)]
pub struct Record {
    /// The plan.
    pub plan: Plan,
    /// The transcript.
    pub transcript: Transcript,
}

/// Hands out the record of the case of that id, and `None` where there is none.
///
/// It is asked for a case when that is written, so that a report never holds more transcripts than there are processors.
pub type Records<'r> = dyn Fn(&str) -> Option<Record> + Sync + 'r;

impl RunReport<'_> {
    /// How many cases have that outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.cases.iter().filter(|case| case.verdict.outcome == outcome).count()
    }

    /// The end whose octets the transcripts hold.
    pub fn side(&self) -> Side {
        self.target.role.into()
    }
}
