//! A round: many conversations beside each other, and what each of them settles or leaves open.

use super::again::Round;
use super::cost::is_heavy;
use super::doubt::Doubt;
use super::held::Held;
use super::{Progress, Runner};
use crate::judge::{Outcome, Severity};
use crate::run::DirectoryError;
use std::collections::{HashMap, VecDeque};
use tokio::task::{Id, JoinSet};

/// Heavy cases beside each other: more would only queue up in the target, and make it look slow.
const MOST_HEAVY: usize = 4;
/// A target that turns clients away is left with so many at a time; whom it still turns away comes again alone.
const FEWEST_JOBS: usize = 4;

impl Runner<'_> {
    /// Runs the queue, many conversations at a time.
    pub(super) async fn together(
        &mut self,
        mut queue: VecDeque<usize>,
        round: &mut Round,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        let mut running: JoinSet<Held> = JoinSet::new();
        let mut under_way: HashMap<Id, usize> = HashMap::new();
        loop {
            while running.len() < self.jobs
                && self.stopped.is_none()
                && !self.interruption.has_come()
                && round.goes_on(self)
            {
                let heavy = under_way.values().filter(|index| is_heavy(self.cases[**index])).count();
                let is_crowd = |index: &usize| self.cases[*index].crowd.is_some();
                let has_crowd = under_way.values().any(is_crowd);
                let may_run = |index: &usize| {
                    (heavy < MOST_HEAVY || !is_heavy(self.cases[*index])) && !(has_crowd && is_crowd(index))
                };
                let Some(index) = queue.iter().position(may_run).and_then(|place| queue.remove(place)) else { break };
                match self.plan(index) {
                    Ok(plan) => {
                        let conversation = self.conversation(index, plan, round.deadlines(self));
                        under_way.insert(running.spawn(conversation).id(), index);
                    }
                    Err(fault) => self.could_not(index, Severity::Broken, fault.to_string(), observe)?,
                }
            }
            let Some(Some(joined)) = self.interruption.or(running.join_next_with_id()).await else { break };
            match joined {
                Ok((id, held)) => {
                    under_way.remove(&id);
                    let gone = held.refused();
                    self.take(held, round, observe)?;
                    if gone && self.stopped.is_none() {
                        self.target_gone(&mut running, round, observe).await?;
                        under_way.clear();
                    }
                }
                Err(fault) => {
                    if let Some(index) = under_way.remove(&fault.id()) {
                        self.could_not(index, Severity::Broken, format!("the harness failed: {fault}"), observe)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes in a conversation that ran beside others in a round.
    pub(super) fn take(
        &mut self,
        held: Held,
        round: &mut Round,
        observe: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), DirectoryError> {
        let index = held.index;
        round.learn(held.recording.missed.is_some());
        let doubt = self.doubtful.remove(&index);
        let verdict = self.judge(&held);
        self.store(&held)?;
        if let Some(missed) = held.recording.missed {
            self.waited.insert(index, missed);
        }
        let attempts = 1 + u32::from(doubt.is_some());
        let verdict = match doubt {
            Some(doubt) if round.settles() => {
                return self.finish(index, doubt.settled_by(verdict), 2, held.took(), observe);
            }
            _ => verdict,
        };
        if !self.settings.confirm {
            return self.finish(index, verdict, attempts, held.took(), observe);
        }
        let proves_nothing = if held.was_turned_away() {
            if verdict.outcome == Outcome::Broken {
                self.jobs = (self.jobs / 2).max(FEWEST_JOBS).min(self.jobs);
            }
            Some("the target took no connection beside others")
        } else if self.pace.was_short(&held.recording, &held.deadlines) {
            Some("the target was not given the full time")
        } else {
            None
        };
        if let Some(reason) = proves_nothing {
            self.doubtful.insert(index, Doubt::without_verdict(reason));
            return Ok(());
        }
        match Doubt::about(self.cases[index], &held, verdict) {
            Ok(doubt) => {
                self.doubtful.insert(index, doubt);
                Ok(())
            }
            Err(verdict) => self.finish(index, verdict, attempts, held.took(), observe),
        }
    }
}
