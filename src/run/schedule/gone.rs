//! A target that is gone: who was with it, whether it comes back, and how it is started again.

use super::again::Round;
use super::doubt::Doubt;
use super::held::Held;
use super::{Progress, Runner};
use crate::drive::{Endpoint, SpawnError, Spawned};
use crate::judge::{Finding, Severity, Verdict};
use crate::run::DirectoryError;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often a target that the harness started is started again.
const MOST_RESTARTS: u32 = 20;
/// How long a target that is gone may take to come back, before scaling.
const COMES_BACK: Duration = Duration::from_secs(3);
/// How many cases are named when the target died beside them.
const NAMED: usize = 4;

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
        match spawned.until_listening(self.limit, || endpoint.accepts(Duration::from_millis(500))).await {
            Ok(()) => Ok(spawned),
            Err(fault) => {
                spawned.stop().await;
                Err(fault)
            }
        }
    }
}

impl Runner<'_> {
    /// The target refuses connections: everything under way is waited for, then the target.
    pub(super) async fn target_gone(
        &mut self,
        running: &mut JoinSet<Held>,
        round: &mut Round,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        observe(Progress::TargetGone);
        while let Some(Some(joined)) = self.interruption.clone().or(running.join_next()).await {
            if let Ok(held) = joined {
                self.take(held, round, observe)?;
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
                self.doubtful.entry(index).or_insert_with(|| Doubt::without_verdict("the target died"));
            }
            return Ok(());
        }
        if self.interruption.has_come() {
            return Ok(());
        }
        for index in &suspects {
            let says = match suspects.len() {
                1 => "the target died in this case, and did not come back".to_owned(),
                many => {
                    format!("the target died in this case or in one of {} beside it, and did not come back", many - 1)
                }
            };
            let known = self.results.get(index).map(|result| result.verdict.clone());
            let verdict = self.doubtful.remove(index).map(|doubt| doubt.verdict).or(known);
            self.finish(*index, unjudged(verdict, says), 1, Duration::ZERO, observe)?;
        }
        let named: Vec<&str> = suspects.iter().map(|index| self.cases[*index].id.as_str()).collect();
        let why = match named.as_slice() {
            [] => "the target is gone".to_owned(),
            [one] => format!("the target is gone since {one}"),
            several if several.len() <= NAMED => format!("the target is gone since one of {}", several.join(", ")),
            many => {
                let (first, rest) = many.split_at(NAMED);
                format!("the target is gone since one of {} and {} more", first.join(", "), rest.len())
            }
        };
        self.stopped = Some(self.with_spawn_fault(why));
        Ok(())
    }

    /// Waits for a target that is gone, and starts it again where the harness had started it.
    pub(super) async fn comes_back(&mut self) -> bool {
        let interruption = self.interruption.clone();
        let back = match &mut self.spawn {
            Some((plan, spawned)) => {
                if self.restarts >= MOST_RESTARTS {
                    self.spawn_fault = Some(format!("it was started again {MOST_RESTARTS} times already"));
                    return false;
                }
                self.restarts += 1;
                if let Some(old) = spawned.take() {
                    old.stop().await;
                }
                match interruption.or(plan.start(&self.endpoint)).await {
                    Some(Ok(started)) => {
                        *spawned = Some(started);
                        true
                    }
                    Some(Err(fault)) => {
                        self.spawn_fault = Some(fault.to_string());
                        false
                    }
                    None => false,
                }
            }
            None => {
                let limit = COMES_BACK.mul_f64(self.settings.scale);
                interruption.or(accepts_within(&self.endpoint, limit)).await.unwrap_or(false)
            }
        };
        if back {
            self.alive_at = Instant::now();
        }
        back
    }

    /// Whether the target is there, by a look of no more than the time that it would have to come back.
    pub(super) async fn is_there(&self) -> bool {
        let limit = COMES_BACK.mul_f64(self.settings.scale);
        self.interruption.or(self.endpoint.accepts(limit)).await.unwrap_or(true)
    }

    /// A reason to stop, with what kept the target from being started again.
    pub(super) fn with_spawn_fault(&mut self, why: String) -> String {
        match self.spawn_fault.take() {
            Some(fault) => format!("{why}; {fault}"),
            None => why,
        }
    }
}

/// Whether the target accepts a connection in time.
async fn accepts_within(endpoint: &Endpoint, limit: Duration) -> bool {
    let accepts = async {
        while !endpoint.accepts(limit).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(limit, accepts).await.is_ok()
}

/// The verdict of a case of which nothing can be said but why: what was seen of it is kept as a note.
pub(super) fn unjudged(seen: Option<Verdict>, says: impl Into<String>) -> Verdict {
    let mut findings = seen.map(|verdict| verdict.findings).unwrap_or_default();
    for finding in &mut findings {
        finding.severity = finding.severity.min(Severity::Note);
    }
    findings.push(Finding::of_run(Severity::Broken, says));
    Verdict::of(findings, true)
}
