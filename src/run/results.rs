//! What a run found.

use super::directory::FORMAT;
use crate::judge::{Outcome, Verdict};
use crate::plan::Target;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// What is known of the target of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// The name that reports use.
    pub name: String,
    /// The URL.
    pub url: String,
    /// The value of its Server field.
    pub software: Option<String>,
    /// The facts that plans were made from.
    pub target: Target,
}

/// What is volatile about a run: the content of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The version of this format.
    pub format: u32,
    /// The version of wsspec.
    pub wsspec: String,
    /// The target.
    pub target: TargetInfo,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The seed of masks and generated payloads.
    pub seed: u64,
    /// How many cases ran beside each other.
    pub jobs: usize,
    /// The profile.
    pub profile: String,
    /// The words of the command that repeats the run.
    #[serde(default)]
    pub command: Vec<String>,
    /// Whether the user chose a part of the corpus, or another corpus.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// Why the run stopped before its end.
    pub stopped: Option<String>,
    /// Cases that were selected but not run.
    pub not_run: Vec<String>,
    /// For each case how long its last conversation took, in microseconds.
    pub took_us: BTreeMap<String, u64>,
}

impl RunInfo {
    /// That of a run of this program which begins now: what others are made from.
    pub fn beginning(target: TargetInfo, command: Vec<String>) -> RunInfo {
        RunInfo {
            format: FORMAT,
            wsspec: env!("CARGO_PKG_VERSION").to_owned(),
            target,
            started: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            took_ms: 0,
            seed: 1,
            jobs: 1,
            profile: "core".to_owned(),
            command,
            part: false,
            stopped: None,
            not_run: Vec::new(),
            took_us: BTreeMap::new(),
        }
    }
}

/// One case of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The id.
    pub id: String,
    /// The verdict.
    pub verdict: Verdict,
    /// How many conversations it took.
    pub attempts: u32,
    /// How long the last of them took, in microseconds.
    pub took_us: u64,
}

/// Everything that a run found.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResults {
    /// The volatile part.
    pub info: RunInfo,
    /// The cases in the order of the corpus.
    pub cases: Vec<CaseResult>,
}

impl RunResults {
    /// How many cases have each outcome, from good to grave, without those that none has.
    pub fn counts(&self) -> Vec<(Outcome, usize)> {
        Outcome::ALL
            .iter()
            .map(|outcome| (*outcome, self.cases.iter().filter(|case| case.verdict.outcome == *outcome).count()))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Whether any case has the outcome.
    pub fn any(&self, outcome: Outcome) -> bool {
        self.cases.iter().any(|case| case.verdict.outcome == outcome)
    }

    /// Whether something could not be judged, or was not run at all.
    pub fn is_broken(&self) -> bool {
        self.any(Outcome::Broken) || self.info.stopped.is_some() || !self.info.not_run.is_empty()
    }
}
