//! The round between the first and the one alone: what missed a deadline runs again with the full time, many at a time.
//!
//! One after the other, the full time for all of them would take for ever, and a share of it would fail a target that is
//! only slow: one that ends each refused connection by its own timeout of 10 s conforms. A target that hangs is told from
//! it by the first of them: as many as run beside each other, all in vain, end the round. What is left then has its second
//! run beside others too, with a short time: alone, hundreds that hang would have no time at all.

use super::{Progress, Runner};
use crate::engine::Deadlines;
use crate::run::DirectoryError;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How long conversations are begun in this round, before scaling.
const PATIENCE: Duration = Duration::from_secs(20);

/// The rounds in which cases run beside each other.
pub(super) enum Round {
    /// Every case, with deadlines that learn.
    First,
    /// Those that missed a deadline, with the full time.
    Again {
        /// When it began.
        began: Instant,
        /// Whether any did not wait in vain; `None` before the first is over.
        fruitful: Option<bool>,
    },
    /// The second run of those that are waited for in vain whatever their time.
    Hopeless,
}

impl Round {
    /// The deadlines of the next conversation.
    pub(super) fn deadlines(&self, runner: &Runner<'_>) -> Deadlines {
        match self {
            Round::First => runner.pace.beside_others(),
            Round::Again { .. } => runner.pace.in_full(),
            Round::Hopeless => runner.pace.hopeless(),
        }
    }

    /// Whether another conversation is to be begun.
    pub(super) fn goes_on(&self, runner: &Runner<'_>) -> bool {
        match self {
            Round::First | Round::Hopeless => true,
            Round::Again { began, .. } => {
                self.was_worth_it() && began.elapsed() < PATIENCE.mul_f64(runner.settings.scale)
            }
        }
    }

    /// Whether any conversation did not wait in vain, or none is over.
    fn was_worth_it(&self) -> bool {
        !matches!(self, Round::Again { fruitful: Some(false), .. })
    }

    /// Whether a conversation beside others decides what an earlier one left open.
    pub(super) fn settles(&self) -> bool {
        matches!(self, Round::Hopeless)
    }

    /// Takes in whether a conversation missed its deadline.
    pub(super) fn learn(&mut self, missed: bool) {
        if let Round::Again { fruitful, .. } = self {
            *fruitful = Some(!missed || *fruitful == Some(true));
        }
    }
}

impl Runner<'_> {
    /// Runs what missed a deadline again with the full time; a single case has that alone too.
    pub(super) async fn again(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), DirectoryError> {
        let late = self.late();
        if self.stopped.is_some() || late.len() < 2 {
            return Ok(());
        }
        // what the first round has shown again and again need not be shown once more
        let is_open = |index: &usize| !self.pace.is_hopeless(self.waited[index], self.jobs);
        let late: Vec<usize> = late.into_iter().filter(is_open).collect();
        let mut is_worth_it = false;
        if !late.is_empty() {
            observe(Progress::Again { count: late.len() });
            is_worth_it = self.in_full(&late, observe).await?;
        }
        if !is_worth_it {
            self.together(self.late().into(), &mut Round::Hopeless, observe).await?;
        }
        Ok(())
    }

    /// Runs cases with the full time; tells whether any did not wait in vain.
    async fn in_full(&mut self, late: &[usize], observe: &mut dyn FnMut(Progress<'_>)) -> Result<bool, DirectoryError> {
        // the first of them come from everywhere: neighbours are alike
        let queue: VecDeque<usize> =
            (0..self.jobs).flat_map(|first| late.iter().skip(first).step_by(self.jobs)).copied().collect();
        let mut round = Round::Again { began: Instant::now(), fruitful: None };
        self.together(queue, &mut round, observe).await?;
        Ok(round.was_worth_it())
    }

    /// The doubtful cases that missed a deadline.
    fn late(&self) -> Vec<usize> {
        self.doubtful.keys().copied().filter(|index| self.waited.contains_key(index)).collect()
    }
}
