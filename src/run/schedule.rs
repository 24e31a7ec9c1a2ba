//! Runs the cases: many beside each other, then those that failed once more, each alone.

use super::directory::{DirectoryError, FORMAT, RunDirectory, StoredTranscript, in_corpus_order};
use super::journal::Journal;
use super::pace::Pace;
use super::results::CaseResult;
use crate::case::{Case, Corpus, Need, Role, Step};
use crate::drive::{Endpoint, Recording, SpawnError, Spawned};
use crate::judge::{Finding, Outcome, Severity, Strictness, Verdict, judge};
use crate::plan::{Plan, Target, plan};
use crate::transcript::{Ending, Entry};
use sha1::{Digest, Sha1};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// A case that sends this much counts as bulk.
const BULK: u64 = 1024 * 1024;
/// Bulk cases beside each other: more would only queue up in the target, and make it look slow.
const MOST_BULK: usize = 4;
/// How often a target that the harness started is started again.
const MOST_RESTARTS: u32 = 20;
/// How long a target that is gone may take to come back, before scaling.
const COMES_BACK: Duration = Duration::from_secs(3);

/// A target that the harness starts itself.
pub struct SpawnPlan {
    /// The shell command.
    pub command: String,
    /// The file that takes its output.
    pub output: PathBuf,
    /// How long it has to listen.
    pub limit: Duration,
}

impl SpawnPlan {
    /// Starts it and waits until it listens.
    pub async fn start(&self, endpoint: &Endpoint) -> Result<Spawned, SpawnError> {
        let mut spawned = Spawned::start(&self.command, &self.output)?;
        spawned.until_listening(self.limit, || endpoint.accepts(Duration::from_millis(500))).await?;
        Ok(spawned)
    }
}

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

/// A conversation that is over, with the case that it belongs to.
struct Held {
    index: usize,
    plan: Arc<Plan>,
    recording: Recording,
    began: Instant,
    ended: Instant,
}

impl Held {
    fn took(&self) -> Duration {
        self.ended - self.began
    }

    fn connected(&self) -> bool {
        self.recording.transcript.0.iter().any(|timed| timed.entry == Entry::Connected)
    }

    fn refused(&self) -> bool {
        matches!(self.recording.transcript.ending(), Some(Ending::NoConnection(_)))
    }
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
    interrupted: watch::Receiver<bool>,
    results: BTreeMap<usize, CaseResult>,
    /// Verdicts of first runs that have to be confirmed.
    doubtful: BTreeMap<usize, Verdict>,
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
    /// Becomes true when the user wants to stop.
    pub interrupted: watch::Receiver<bool>,
}

impl<'a> Runner<'a> {
    /// A runner that begins anew, or goes on with what the journal of the directory has.
    pub fn new(parts: Parts<'a>, url: &str, resume: bool) -> Result<Runner<'a>, DirectoryError> {
        let run = digest(&parts, url);
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
            interrupted: parts.interrupted,
            results,
            doubtful: BTreeMap::new(),
            recent: Vec::new(),
            alive_at: Instant::now(),
            stopped: None,
        })
    }

    /// Runs everything, and ends the target when the harness started it.
    pub async fn run(mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<Finished, DirectoryError> {
        observe(Progress::Begins { total: self.cases.len() });
        let queue = self.queue(observe)?;
        self.together(queue, observe).await?;
        self.alone(observe).await?;
        if let Some((_, Some(spawned))) = self.spawn.take() {
            spawned.stop().await;
        }
        let not_run = (0..self.cases.len())
            .filter(|index| !self.results.contains_key(index))
            .map(|index| self.cases[index].id.clone())
            .collect();
        let cases = in_corpus_order(self.results.into_values().collect(), &self.cases);
        Ok(Finished { cases, not_run, stopped: self.stopped })
    }

    /// The cases that are to be run, long ones first; those that make no sense on this target are finished at once.
    fn queue(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<VecDeque<(usize, u64)>, DirectoryError> {
        let mut queue = Vec::new();
        for index in 0..self.cases.len() {
            if self.results.contains_key(&index) {
                continue;
            }
            let case = self.cases[index];
            match excuse(case, &self.target) {
                Some(reason) => {
                    let verdict = Verdict::of(vec![Finding::of_run(Severity::Skip, reason)], true);
                    self.finish(index, verdict, 0, Duration::ZERO, observe)?;
                }
                None => queue.push((index, cost(case))),
            }
        }
        queue.sort_by_key(|(index, cost)| (std::cmp::Reverse(*cost), *index));
        Ok(queue.into())
    }

    fn is_interrupted(&self) -> bool {
        *self.interrupted.borrow()
    }

    /// Runs the queue, many conversations at a time.
    async fn together(
        &mut self,
        mut queue: VecDeque<(usize, u64)>,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        let mut running: JoinSet<Held> = JoinSet::new();
        let mut bulk: BTreeMap<usize, ()> = BTreeMap::new();
        loop {
            while running.len() < self.settings.jobs && self.stopped.is_none() && !self.is_interrupted() {
                let free = |(_, cost): &(usize, u64)| *cost < BULK || bulk.len() < MOST_BULK;
                let Some(place) = queue.iter().position(free) else {
                    break;
                };
                let Some((index, cost)) = queue.remove(place) else {
                    break;
                };
                if cost >= BULK {
                    bulk.insert(index, ());
                }
                match self.conversation(index) {
                    Ok(conversation) => {
                        running.spawn(conversation);
                    }
                    Err(verdict) => self.finish(index, verdict, 0, Duration::ZERO, observe)?,
                }
            }
            let mut interrupted = self.interrupted.clone();
            let held = tokio::select! {
                joined = running.join_next() => joined,
                Ok(_) = interrupted.wait_for(|stop| *stop) => None,
            };
            let Some(held) = held else { break };
            let Ok(held) = held else { continue };
            bulk.remove(&held.index);
            let gone = held.refused();
            self.take(held, observe)?;
            if gone && self.stopped.is_none() {
                self.target_gone(&mut running, observe).await?;
            }
        }
        if self.is_interrupted() {
            self.stopped = Some("interrupted".to_owned());
        }
        running.abort_all();
        Ok(())
    }

    /// Takes in a conversation of the first round.
    fn take(&mut self, held: Held, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let index = held.index;
        let verdict = self.judge(&held);
        if self.settings.confirm && matches!(verdict.outcome, Outcome::Fail | Outcome::Broken) {
            self.doubtful.insert(index, verdict);
            return Ok(());
        }
        self.store(&held)?;
        self.finish(index, verdict, 1, held.took(), observe)
    }

    /// The target refuses connections: everything under way is waited for, then the target.
    async fn target_gone(
        &mut self,
        running: &mut JoinSet<Held>,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        observe(Progress::TargetGone);
        while let Some(held) = running.join_next().await {
            if let Ok(held) = held {
                self.take(held, observe)?;
            }
        }
        let alive_at = self.alive_at;
        let suspects: Vec<usize> =
            self.recent.iter().filter(|(_, ended)| *ended >= alive_at).map(|(index, _)| *index).collect();
        if self.comes_back().await {
            observe(Progress::TargetBack);
            // each of them is run again alone, where it will show which one it was
            for index in suspects {
                self.results.remove(&index);
                self.doubtful
                    .entry(index)
                    .or_insert_with(|| Verdict::of(vec![Finding::broken("the target died")], true));
            }
            return Ok(());
        }
        for index in &suspects {
            let says = match suspects.len() {
                1 => "the target died in this case, and did not come back".to_owned(),
                many => {
                    format!("the target died in this case or in one of {} beside it, and did not come back", many - 1)
                }
            };
            self.doubtful.remove(index);
            let verdict = Verdict::of(vec![Finding::of_run(Severity::Broken, says)], true);
            self.finish(*index, verdict, 1, Duration::ZERO, observe)?;
        }
        let named: Vec<&str> = suspects.iter().map(|index| self.cases[*index].id.as_str()).collect();
        self.stopped = Some(match named.as_slice() {
            [] => "the target is gone".to_owned(),
            [one] => format!("the target is gone since {one}"),
            several => format!("the target is gone since one of {}", several.join(", ")),
        });
        self.doubtful.retain(|_, verdict| verdict.outcome == Outcome::Fail);
        Ok(())
    }

    /// Waits for a target that is gone, and starts it again where the harness had started it.
    async fn comes_back(&mut self) -> bool {
        let limit = COMES_BACK.mul_f64(self.settings.scale);
        if let Some((plan, spawned)) = &mut self.spawn {
            if self.restarts >= MOST_RESTARTS {
                return false;
            }
            self.restarts += 1;
            if let Some(old) = spawned.take() {
                old.stop().await;
            }
            *spawned = plan.start(&self.endpoint).await.ok();
            self.alive_at = Instant::now();
            return spawned.is_some();
        }
        let start = Instant::now();
        while start.elapsed() < limit && !self.is_interrupted() {
            if self.endpoint.accepts(limit).await {
                self.alive_at = Instant::now();
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Runs what failed once more, one conversation at a time.
    async fn alone(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let doubtful: Vec<usize> = self.doubtful.keys().copied().collect();
        if doubtful.is_empty() || self.stopped.is_some() {
            return self.keep_unconfirmed(observe);
        }
        observe(Progress::Repeats { count: doubtful.len() });
        let mut last: Option<usize> = None;
        for index in doubtful {
            if self.is_interrupted() {
                self.stopped = Some("interrupted".to_owned());
                break;
            }
            let mut held = match self.conversation(index) {
                Ok(conversation) => conversation.await,
                Err(_) => continue,
            };
            if held.refused() {
                observe(Progress::TargetGone);
                self.blame(last.take(), observe)?;
                if !self.comes_back().await {
                    self.stopped = Some(format!("the target is gone since before {}", self.cases[index].id));
                    break;
                }
                observe(Progress::TargetBack);
                held = match self.conversation(index) {
                    Ok(conversation) => conversation.await,
                    Err(_) => continue,
                };
            }
            let second = self.judge(&held);
            self.store(&held)?;
            let Some(first) = self.doubtful.remove(&index) else {
                continue;
            };
            self.finish(index, confirmed(&first, second), 2, held.took(), observe)?;
            last = Some(index);
        }
        if self.stopped.is_none()
            && last.is_some()
            && !self.endpoint.accepts(COMES_BACK.mul_f64(self.settings.scale)).await
        {
            self.blame(last, observe)?;
        }
        self.keep_unconfirmed(observe)
    }

    /// The target was alive when this case began, ran alone with it, and is gone.
    fn blame(&mut self, index: Option<usize>, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let Some(index) = index else { return Ok(()) };
        let finding = Finding::of_run(Severity::Broken, "the target died in this case");
        self.finish(index, Verdict::of(vec![finding], true), 2, Duration::ZERO, observe)
    }

    /// Where the run stopped, failures that were seen once are kept as what could not be confirmed.
    fn keep_unconfirmed(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        if self.is_interrupted() {
            return Ok(());
        }
        for (index, verdict) in std::mem::take(&mut self.doubtful) {
            let mut findings = verdict.findings;
            findings
                .iter_mut()
                .filter(|finding| finding.severity == Severity::Fail)
                .for_each(|finding| finding.severity = Severity::Note);
            findings.push(Finding::of_run(
                Severity::Broken,
                "it failed, and the run stopped before it could be run again alone",
            ));
            self.finish(index, Verdict::of(findings, true), 1, Duration::ZERO, observe)?;
        }
        Ok(())
    }

    fn conversation(&self, index: usize) -> Result<impl Future<Output = Held> + Send + 'static, Verdict> {
        let plan = plan(self.cases[index], &self.target, self.settings.seed, &self.corpus.data)
            .map_err(|fault| Verdict::of(vec![Finding::of_run(Severity::Broken, fault.to_string())], true))?;
        let plan = Arc::new(plan);
        let (endpoint, deadlines) = (self.endpoint.clone(), self.pace.deadlines());
        Ok(async move {
            let began = Instant::now();
            let recording = endpoint.converse(Arc::clone(&plan), deadlines).await;
            Held { index, plan, recording, began, ended: Instant::now() }
        })
    }

    fn judge(&mut self, held: &Held) -> Verdict {
        self.pace.learn(&held.recording);
        if held.connected() {
            self.alive_at = self.alive_at.max(held.began);
        }
        self.recent.retain(|(_, ended)| *ended >= self.alive_at);
        if !held.refused() {
            self.recent.push((held.index, held.ended));
        }
        let case = self.cases[held.index];
        judge(case, &held.plan, &held.recording.transcript, &self.corpus.monitors, self.settings.strictness)
    }

    fn store(&self, held: &Held) -> Result<(), DirectoryError> {
        if !self.settings.transcripts {
            return Ok(());
        }
        self.directory.write_transcript(&StoredTranscript {
            format: FORMAT,
            case: self.cases[held.index].clone(),
            target: self.target.clone(),
            seed: self.settings.seed,
            transcript: held.recording.transcript.clone(),
        })
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
        self.journal.add(&result)?;
        self.results.insert(index, result);
        observe(Progress::Finished { result: &self.results[&index], done: self.results.len() });
        Ok(())
    }
}

/// The verdict of a case that failed beside others and was then run alone.
fn confirmed(first: &Verdict, second: Verdict) -> Verdict {
    match (first.outcome, second.outcome) {
        (Outcome::Fail, Outcome::Fail | Outcome::Broken) | (Outcome::Broken, _) => second,
        (_, outcome) => {
            let mut findings: Vec<Finding> = first.findings.clone();
            for finding in &mut findings {
                finding.severity = finding.severity.min(Severity::Note);
            }
            let says = format!("it failed beside other cases, and alone the outcome was {outcome}");
            findings.push(Finding::of_run(Severity::Flaky, says));
            Verdict::of(findings, true)
        }
    }
}

/// Why a case is not run against a target.
fn excuse(case: &Case, target: &Target) -> Option<String> {
    if !case.roles.contains(&target.role) {
        let role = if target.role == Role::Server { "a server" } else { "a client" };
        return Some(format!("the case says nothing about {role}"));
    }
    let exchanges = case.steps.iter().any(|step| matches!(step, Step::Exchange { .. }));
    if !target.echo && (exchanges || case.needs.contains(&Need::Echo)) {
        return Some("the target does not send messages back, and only an echo could decide".to_owned());
    }
    if !target.binary && case.needs.contains(&Need::Binary) {
        return Some("the target takes no binary messages (Close 1003)".to_owned());
    }
    None
}

/// How much a case makes the target do, in octets; each round trip counts like some kilobytes.
fn cost(case: &Case) -> u64 {
    const ROUND_TRIP: u64 = 16 * 1024;
    fn size(payload: &crate::case::PayloadSpec) -> u64 {
        use crate::case::PayloadSpec;
        use crate::case::payload::{Hex, Made};
        match payload {
            PayloadSpec::Text(text) => text.len() as u64,
            PayloadSpec::Made(Made::Hex(Hex(octets))) => octets.len() as u64,
            PayloadSpec::Made(Made::Repeat { to, .. } | Made::Random(to) | Made::RandomText(to)) => *to,
            PayloadSpec::Made(Made::File(_)) => 0,
            PayloadSpec::Made(Made::Concat(parts)) => parts.iter().map(size).sum(),
        }
    }
    fn frame(spec: &crate::case::FrameSpec) -> u64 {
        use crate::case::Kind;
        match &spec.kind {
            Kind::Text(payload) | Kind::Binary(payload) | Kind::Continuation(payload) | Kind::Raw(payload) => {
                size(payload)
            }
            _ => 0,
        }
    }
    case.steps
        .iter()
        .map(|step| match step {
            Step::Send(send) => send.frames.iter().map(frame).sum(),
            Step::Exchange { message, times } => u64::from(*times) * (frame(message) + ROUND_TRIP),
            _ => 0,
        })
        .sum()
}

/// What a resumed run must have in common with the one it goes on with.
fn digest(parts: &Parts<'_>, url: &str) -> String {
    let mut digest = Sha1::new();
    digest.update(url);
    digest.update(parts.settings.seed.to_be_bytes());
    digest.update(serde_json::to_vec(&parts.target).unwrap_or_default());
    for case in &parts.cases {
        digest.update(serde_json::to_vec(case).unwrap_or_default());
    }
    digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}
