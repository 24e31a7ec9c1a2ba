//! What is run first.

use super::cost::cost;
use super::{Progress, Runner};
use crate::judge::Severity;
use crate::run::DirectoryError;
use crate::run::excuse::excuse;
use std::cmp::Reverse;
use std::collections::VecDeque;

impl Runner<'_> {
    /// The cases that are to be run, long ones first but for some scouts: on a target that hangs, these have shortened
    /// the deadlines before much is sent. Cases that make no sense on this target are finished at once.
    pub(super) fn queue(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<VecDeque<usize>, DirectoryError> {
        let mut queue = Vec::new();
        for index in 0..self.cases.len() {
            if self.results.contains_key(&index) {
                continue;
            }
            match excuse(self.cases[index], &self.target) {
                Some(reason) => self.could_not(index, Severity::Skip, reason, observe)?,
                None => queue.push(index),
            }
        }
        queue.sort_by_key(|index| (Reverse(cost(self.cases[*index])), *index));
        let mut queue = VecDeque::from(queue);
        let light = queue.len() / 2;
        // what follows the first that end still begins with the full time
        let scouts = self.jobs * 2;
        let stride = (light / scouts).max(1);
        for scout in (light..queue.len()).step_by(stride).take(scouts) {
            if let Some(index) = queue.remove(scout) {
                queue.push_front(index);
            }
        }
        Ok(queue)
    }
}
