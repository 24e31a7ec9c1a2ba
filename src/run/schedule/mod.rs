//! Runs the cases: many beside each other, those that were late once more with the full time, then those that failed
//! once more, each alone.

mod again;
mod alone;
mod conversation;
mod cost;
mod doubt;
mod gone;
mod held;
mod identity;
mod order;
mod together;

pub use cost::is_bulk;
pub use gone::SpawnPlan;

use super::directory::{DirectoryError, FORMAT, RunDirectory, StoredTranscript, in_corpus_order};
use super::interruption::Interruption;
use super::journal::Journal;
use super::pace::Pace;
use super::results::CaseResult;
use crate::case::{Case, Corpus, Law};
use crate::drive::{Endpoint, Spawned};
use crate::engine::DeadlineKind;
use crate::judge::{Finding, Outcome, Severity, Strictness, Verdict, judge};
use crate::plan::{Target, digest};
use again::Round;
use doubt::Doubt;
use held::Held;
use identity::identity;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// What a run goes by.
pub struct Settings {
    /// The seed of masks and payloads.
    pub seed: u64,
    /// How many cases run beside each other.
    pub jobs: usize,
    /// What every deadline is multiplied with.
    pub scale: f64,
    /// What turns warnings into failures.
    pub strictness: Strictness,
    /// Whether a case that failed beside others is run again alone before that counts. Only our own tests do without:
    /// they run servers that fail most cases, and know which.
    pub confirm: bool,
    /// Whether transcripts are kept. Only our own tests do without, as they run the corpus hundreds of times.
    pub transcripts: bool,
}

/// Something worth telling while a run goes on.
#[derive(Debug)]
pub enum Progress<'a> {
    /// So many cases are to be run.
    Begins {
        /// How many.
        total: usize,
    },
    /// A case has its verdict.
    Finished {
        /// The result.
        result: &'a CaseResult,
        /// How many are finished.
        done: usize,
    },
    /// Cases that were late are run once more with the full time, many at a time.
    Again {
        /// How many.
        count: usize,
    },
    /// Cases are run once more, each alone.
    Repeats {
        /// How many.
        count: usize,
    },
    /// The target does not accept connections any more.
    TargetGone,
    /// It does again.
    TargetBack,
}

/// What came of a run.
pub struct Finished {
    /// The results in the order of the corpus.
    pub cases: Vec<CaseResult>,
    /// Cases without a verdict.
    pub not_run: Vec<String>,
    /// Why the run stopped early.
    pub stopped: Option<String>,
}

/// Runs cases against one server.
pub struct Runner<'a> {
    corpus: &'a Corpus,
    cases: Vec<&'a Case>,
    endpoint: Endpoint,
    target: Target,
    directory: &'a RunDirectory,
    settings: Settings,
    journal: Journal,
    pace: Pace,
    spawn: Option<(SpawnPlan, Option<Spawned>)>,
    restarts: u32,
    /// Why it could not be started again.
    spawn_fault: Option<String>,
    interruption: Interruption,
    /// How many conversations the target is given at a time.
    jobs: usize,
    results: BTreeMap<usize, CaseResult>,
    /// What first runs left open.
    doubtful: BTreeMap<usize, Doubt>,
    /// The deadline that those of them missed that waited in vain.
    waited: BTreeMap<usize, DeadlineKind>,
    /// Cases that may have killed the target: they ended when it was last alive, or later.
    recent: Vec<(usize, Instant)>,
    /// When the target last accepted a connection.
    alive_at: Instant,
    stopped: Option<String>,
}

/// What a runner is made of.
pub struct Parts<'a> {
    /// The law.
    pub corpus: &'a Corpus,
    /// The selected cases, in the order of the corpus.
    pub cases: Vec<&'a Case>,
    /// Where the target listens.
    pub endpoint: Endpoint,
    /// What is known of it.
    pub target: Target,
    /// Where to keep what is finished.
    pub directory: &'a RunDirectory,
    /// What to go by.
    pub settings: Settings,
    /// How to start the target, and the process that runs.
    pub spawn: Option<(SpawnPlan, Option<Spawned>)>,
    /// Tells when the user wants to stop.
    pub interruption: Interruption,
}

impl<'a> Runner<'a> {
    /// A runner that begins anew, or goes on with what the journal of the directory has.
    pub fn new(parts: Parts<'a>, url: &str, resume: bool) -> Result<Runner<'a>, DirectoryError> {
        let run = identity(&parts, url);
        let (journal, finished) = if resume {
            Journal::resume(parts.directory, &run)?
        } else {
            (Journal::begin(parts.directory, &run)?, Vec::new())
        };
        let ranks: BTreeMap<&str, usize> =
            parts.cases.iter().enumerate().map(|(rank, case)| (case.id.as_str(), rank)).collect();
        let results =
            finished.into_iter().filter_map(|result| Some((*ranks.get(result.id.as_str())?, result))).collect();
        Ok(Runner {
            jobs: parts.settings.jobs,
            pace: Pace::new(parts.settings.scale),
            corpus: parts.corpus,
            cases: parts.cases,
            endpoint: parts.endpoint,
            target: parts.target,
            directory: parts.directory,
            settings: parts.settings,
            journal,
            spawn: parts.spawn,
            restarts: 0,
            spawn_fault: None,
            interruption: parts.interruption,
            results,
            doubtful: BTreeMap::new(),
            waited: BTreeMap::new(),
            recent: Vec::new(),
            alive_at: Instant::now(),
            stopped: None,
        })
    }

    /// Runs everything, and ends the target when the harness started it.
    ///
    /// What cannot be kept on the disk stops the run, and what was found until then is told.
    pub async fn run(mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Finished {
        observe(Progress::Begins { total: self.cases.len() });
        if let Err(fault) = self.run_all(observe).await {
            self.stopped = Some(fault.to_string());
        }
        if self.interruption.has_come() {
            self.stopped = Some("interrupted".to_owned());
        }
        if let Some((_, Some(spawned))) = self.spawn.take() {
            spawned.stop().await;
        }
        let not_run = (0..self.cases.len())
            .filter(|index| !self.results.contains_key(index))
            .map(|index| self.cases[index].id.clone())
            .collect();
        let cases = in_corpus_order(self.results.into_values().collect(), &self.cases);
        Finished { cases, not_run, stopped: self.stopped }
    }

    async fn run_all(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let queue = self.queue(observe)?;
        self.together(queue, &mut Round::First, observe).await?;
        self.again(observe).await?;
        self.alone(observe).await
    }

    fn judge(&mut self, held: &Held) -> Verdict {
        let case = self.cases[held.index];
        self.pace.learn(&held.recording, &held.deadlines, is_bulk(case));
        if held.connected() {
            self.alive_at = self.alive_at.max(held.began);
        }
        self.recent.retain(|(_, ended)| *ended >= self.alive_at);
        if !held.refused() {
            self.recent.push((held.index, held.ended));
        }
        let law = Law::of(self.corpus);
        let verdict = judge(case, &held.plan, &held.recording.transcript, &law, self.settings.strictness);
        if is_bulk(case) && matches!(verdict.outcome, Outcome::Pass | Outcome::Warn) {
            self.pace.transfers_work();
        }
        verdict
    }

    fn store(&self, held: &Held) -> Result<(), DirectoryError> {
        if !self.settings.transcripts {
            return Ok(());
        }
        self.directory.write_transcript(&StoredTranscript {
            format: FORMAT,
            case: self.cases[held.index].clone(),
            target: self.target.redacted(),
            seed: self.settings.seed,
            plan: digest(self.cases[held.index], &self.target, self.settings.seed, &self.corpus.data).ok(),
            transcript: held.recording.transcript.clone(),
        })
    }

    /// Finishes a case that has no conversation.
    fn could_not(
        &mut self,
        index: usize,
        severity: Severity,
        reason: String,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        self.finish(index, Verdict::of(vec![Finding::of_run(severity, reason)], true), 0, Duration::ZERO, observe)
    }

    fn finish(
        &mut self,
        index: usize,
        verdict: Verdict,
        attempts: u32,
        took: Duration,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        let id = self.cases[index].id.clone();
        let result = CaseResult { id, verdict, attempts, took_us: took.as_micros() as u64 };
        let kept = self.journal.add(&result);
        self.results.insert(index, result);
        observe(Progress::Finished { result: &self.results[&index], done: self.results.len() });
        kept
    }
}
