//! The last round: what failed beside other cases is run once more, one conversation at a time.

use super::doubt::Doubt;
use super::gone::unjudged;
use super::held::Held;
use super::{Progress, Runner};
use crate::judge::{Finding, Outcome, Severity, Verdict};
use crate::plan::Plan;
use crate::run::DirectoryError;
use std::sync::Arc;
use std::time::Duration;

impl Runner<'_> {
    /// Runs every doubtful case alone, and finishes it with what came of that.
    pub(super) async fn alone(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let mut doubtful: Vec<usize> = self.doubtful.keys().copied().collect();
        if doubtful.is_empty() || self.stopped.is_some() {
            return self.keep_unconfirmed(observe);
        }
        observe(Progress::Repeats { count: doubtful.len() });
        // those that keep nobody waiting come first: what is left of the patience is for the others
        doubtful.sort_by_key(|index| (self.waited.contains_key(index), *index));
        doubtful.reverse();
        let mut last: Option<usize> = None;
        while let Some(index) = doubtful.pop() {
            let left = doubtful.len() + 1;
            let Ok(plan) = self.plan(index) else { continue };
            let Some(mut held) = self.one(index, Arc::clone(&plan), left).await else { break };
            if held.refused() {
                observe(Progress::TargetGone);
                self.blame(last.take(), observe)?;
                if !self.comes_back().await {
                    let why = format!("the target is gone since before {}", self.cases[index].id);
                    self.stopped = Some(self.with_spawn_fault(why));
                    break;
                }
                observe(Progress::TargetBack);
                let Some(again) = self.one(index, plan, left).await else { break };
                held = again;
            }
            let second = self.judge(&held);
            if held.recording.missed.is_some() {
                self.pace.spend(held.took());
            }
            let Some(doubt) = self.doubtful.remove(&index) else { continue };
            let verdict = doubt.settled_by(second);
            if verdict.outcome == Outcome::Flaky && self.settings.transcripts {
                self.directory.keep_first_transcript(&self.cases[index].id)?;
            }
            self.store(&held)?;
            self.finish(index, verdict, 2, held.took(), observe)?;
            last = Some(index);
        }
        if self.interruption.has_come() {
            return Ok(());
        }
        if self.stopped.is_none() && last.is_some() && !self.is_there().await {
            self.blame(last, observe)?;
        }
        self.keep_unconfirmed(observe)
    }

    /// One conversation; `None` when the user interrupts it.
    async fn one(&self, index: usize, plan: Arc<Plan>, left: usize) -> Option<Held> {
        self.interruption.or(self.conversation(index, plan, self.pace.alone(left))).await
    }

    /// The target was alive when this case began, ran alone with it, and is gone.
    fn blame(&mut self, index: Option<usize>, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let Some((index, known)) = index.and_then(|index| Some((index, self.results.get(&index)?.clone()))) else {
            return Ok(());
        };
        let mut findings = known.verdict.findings;
        findings.push(Finding::of_run(Severity::Broken, "the target died in this case"));
        self.finish(index, Verdict::of(findings, true), known.attempts, Duration::from_micros(known.took_us), observe)
    }

    /// Where the run stopped, what was seen once is kept as what could not be confirmed.
    fn keep_unconfirmed(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        for (index, Doubt { verdict, .. }) in std::mem::take(&mut self.doubtful) {
            let says = match verdict.outcome {
                Outcome::Fail => "it failed, and the run stopped before it could be run again alone",
                Outcome::Warn => "it was late, and the run stopped before it could be run again alone",
                _ => continue,
            };
            self.finish(index, unjudged(Some(verdict), says), 1, Duration::ZERO, observe)?;
        }
        Ok(())
    }
}
