//! One conversation with the target, with its crowd before it and the look behind it.

use super::Runner;
use super::held::Held;
use crate::case::Role;
use crate::engine::Deadlines;
use crate::plan::{Plan, PlanError, plan};
use crate::run::crowd::Invited;
use crate::run::probe::serves;
use crate::transcript::Entry;
use std::sync::Arc;
use tokio::time::Instant;

impl Runner<'_> {
    pub(super) fn plan(&self, index: usize) -> Result<Arc<Plan>, PlanError> {
        plan(self.cases[index], &self.target, self.settings.seed, &self.corpus.data).map(Arc::new)
    }

    /// The plan as it may be written: verdicts rest on it, so that they are the same when they are judged again.
    fn shown_plan(&self, index: usize) -> Result<Arc<Plan>, PlanError> {
        plan(self.cases[index], &self.target.redacted(), self.settings.seed, &self.corpus.data).map(Arc::new)
    }

    /// What runs a case by its plan.
    pub(super) fn conversation(
        &self,
        index: usize,
        plan: Arc<Plan>,
        deadlines: Deadlines,
    ) -> impl Future<Output = Held> + Send + 'static {
        let endpoint = self.endpoint.clone();
        let asks = self.cases[index].checks.iter().any(|check| check.expect.is_of_aftermath());
        let is_server = self.target.role == Role::Server;
        let crowd = Invited::of(self.cases[index], &self.target, self.settings.seed, self.corpus);
        let must_survive = (asks && is_server).then(|| self.target.clone());
        let seed = self.settings.seed;
        let redaction = self.target.redaction.clone();
        let shown = match redaction.is_empty() {
            true => Ok(Arc::clone(&plan)),
            false => self.shown_plan(index),
        };
        async move {
            let began = Instant::now();
            let crowd = match crowd {
                Some(invited) => Some(invited.gather(&endpoint, &deadlines).await),
                None => None,
            };
            let mut recording = endpoint.converse(Arc::clone(&plan), deadlines.clone()).await;
            if let Some(gathered) = crowd {
                gathered.note(&mut recording.transcript);
            }
            if let Some(target) = must_survive {
                let served = serves(&endpoint, &target, seed, &deadlines).await;
                recording.transcript.push(began.elapsed(), Entry::Aftermath { served });
            }
            let side = plan.role.into();
            redaction.transcript(&mut recording.transcript, side, &plan.payloads);
            // what could be planned can be planned without its secrets
            let plan = shown.unwrap_or(plan);
            Held { index, plan, recording, deadlines, began, ended: Instant::now() }
        }
    }
}
