//! What a run says about a requirement, from the verdicts of the cases that judge it.

use crate::case::coverage::Covered;
use crate::judge::{Outcome, Severity};
use std::collections::BTreeMap;

/// The outcome of a case, and how grave its findings about each requirement are.
#[derive(Clone, Debug)]
pub struct Judged<'v> {
    /// The outcome.
    pub outcome: Outcome,
    /// The gravest finding about a requirement, by its id.
    pub findings: BTreeMap<&'v str, Severity>,
}

impl<'v> Judged<'v> {
    /// A case with these findings, each with the requirements that it is about.
    pub fn new(outcome: Outcome, found: impl Iterator<Item = (Severity, &'v [String])>) -> Judged<'v> {
        let mut findings: BTreeMap<&str, Severity> = BTreeMap::new();
        for (severity, ids) in found {
            for id in ids {
                let known = findings.entry(id).or_insert(severity);
                *known = severity.max(*known);
            }
        }
        Judged { outcome, findings }
    }
}

/// The gravest finding about a requirement, or that the cases that judge it held; `None` when no case that judges it was run.
pub fn standing(covered: &Covered<'_>, cases: &BTreeMap<&str, Judged<'_>>) -> Option<Outcome> {
    if !covered.is_judged() {
        return None;
    }
    let id = covered.requirement.id.as_str();
    match cases.values().filter_map(|judged| judged.findings.get(id)).max() {
        Some(Severity::Fail) => return Some(Outcome::Fail),
        Some(Severity::Warn) => return Some(Outcome::Warn),
        _ => {}
    }
    let outcomes: Vec<Outcome> = match covered.cases.is_empty() {
        // a monitor watched every case
        true => cases.values().map(|judged| judged.outcome).collect(),
        false => covered.cases.iter().filter_map(|case| Some(cases.get(case)?.outcome)).collect(),
    };
    let decided = outcomes.iter().any(|outcome| !matches!(outcome, Outcome::Skip | Outcome::Broken));
    if decided { Some(Outcome::Pass) } else { outcomes.into_iter().max() }
}
