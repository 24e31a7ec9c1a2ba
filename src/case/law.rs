//! What the judge needs of the corpus beside the case: the monitors, and whom each requirement binds.

use super::{Corpus, Monitor, Register, Role};

/// The law for every conversation.
#[derive(Clone, Copy, Debug)]
pub struct Law<'c> {
    /// The monitors.
    pub monitors: &'c [Monitor],
    /// The requirements; without them each id counts as one that binds the target.
    register: Option<&'c Register>,
}

impl<'c> Law<'c> {
    /// No monitors and no requirements: only the checks of a case count.
    pub const NONE: Law<'static> = Law { monitors: &[], register: None };

    /// That of a corpus.
    pub fn of(corpus: &'c Corpus) -> Law<'c> {
        Law { monitors: &corpus.monitors, register: Some(&corpus.register) }
    }

    /// Those of the requirements that bind such a target. A check or monitor that is left with none says nothing of it.
    pub fn binding(&self, ids: &[String], role: Role, is_browser: bool) -> Vec<String> {
        match self.register {
            Some(register) => register.binding(ids, role, is_browser),
            None => ids.to_vec(),
        }
    }
}
