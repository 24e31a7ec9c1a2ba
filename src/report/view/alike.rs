//! Cases that came to the same finding, so that one defect of a target is read once and not forty times.

use super::finding::{sentence, word};
use crate::judge::{Finding, Outcome, Severity};
use crate::report::prose::RequirementProse;
use crate::report::{Printable, ReportedCase, RunReport};
use serde::Serialize;

/// Cases with the same sentence about the same requirements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alike {
    /// How much the finding weighs, as a word for styles.
    pub severity: &'static str,
    /// The finding.
    pub says: Printable,
    /// The requirements.
    pub requirements: Vec<RequirementProse>,
    /// The cases, in the order of the corpus.
    pub cases: Vec<AlikeCase>,
}

/// A case in such a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlikeCase {
    /// Its place among the cases of the report.
    pub number: usize,
    /// The id.
    pub id: Printable,
    /// The title.
    pub title: Printable,
    /// Its page, seen from the index.
    pub href: String,
}

/// The cases with that outcome by what made it so, the largest list first. Each case stands in one list, that of its first reason.
pub fn alike(report: &RunReport<'_>, outcome: Outcome) -> Vec<Alike> {
    let severity = match outcome {
        Outcome::Fail => Severity::Fail,
        Outcome::Broken => Severity::Broken,
        Outcome::Flaky => Severity::Flaky,
        Outcome::Warn => Severity::Warn,
        Outcome::Skip => Severity::Skip,
        Outcome::Info => Severity::Limit,
        Outcome::Pass => Severity::Note,
    };
    let mut lists: Vec<(Option<&Finding>, Alike)> = Vec::new();
    for (number, reported) in report.cases.iter().enumerate() {
        if reported.verdict.outcome != outcome {
            continue;
        }
        let of = |severity| reported.verdict.findings.iter().find(|finding| finding.severity == severity);
        // a case that only measures has nothing but notes
        let reason = of(severity).or_else(|| of(Severity::Measured)).or_else(|| of(Severity::Note));
        let same = |(known, _): &&mut (Option<&Finding>, Alike)| match (known, reason) {
            (Some(known), Some(reason)) => known.says == reason.says && known.requirements == reason.requirements,
            (None, None) => true,
            _ => false,
        };
        let case = entry(number, reported);
        match lists.iter_mut().find(same) {
            Some((_, list)) => list.cases.push(case),
            None => lists.push((reason, list(report, severity, reason, case))),
        }
    }
    lists.sort_by_key(|(_, list)| std::cmp::Reverse(list.cases.len()));
    lists.into_iter().map(|(_, list)| list).collect()
}

fn entry(number: usize, reported: &ReportedCase<'_>) -> AlikeCase {
    AlikeCase {
        number,
        id: (&reported.case.id).into(),
        title: (&reported.case.title).into(),
        href: super::group::page_path(&reported.case.id),
    }
}

fn list(report: &RunReport<'_>, severity: Severity, reason: Option<&Finding>, case: AlikeCase) -> Alike {
    let register = &report.corpus.register;
    let requirements: &[String] = reason.map(|reason| reason.requirements.as_slice()).unwrap_or_default();
    // a case that only measures has nothing to say where the target does as most do
    let silent = if severity == Severity::Limit { "what is only measured was as usual" } else { "no reason is given" };
    Alike {
        severity: word(severity),
        says: sentence(reason.map_or(silent, |reason| &reason.says)).into(),
        requirements: requirements.iter().map(|id| RequirementProse::of(id, register)).collect(),
        cases: vec![case],
    }
}
