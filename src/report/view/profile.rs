//! The profile of a target: what cases measured beside their checks, collected by figure.

use super::alike::AlikeCase;
use super::group::page_path;
use crate::case::{Expect, Measure};
use crate::judge::{Finding, Source};
use crate::report::{Printable, ReportedCase, RunReport};
use serde::Serialize;
use std::collections::BTreeMap;

/// A figure with everything that it came out as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileLine {
    /// What was measured.
    pub name: &'static str,
    /// The values, the most frequent first.
    pub values: Vec<ProfileValue>,
}

/// A value with the cases that showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileValue {
    /// The value.
    pub says: Printable,
    /// The cases, in the order of the corpus.
    pub cases: Vec<AlikeCase>,
}

impl ProfileLine {
    /// The profile of the target of a run; empty where nothing was measured.
    pub fn all(report: &RunReport<'_>) -> Vec<ProfileLine> {
        let mut figures: BTreeMap<Measure, Vec<(&str, ProfileValue)>> = BTreeMap::new();
        for (number, reported) in report.cases.iter().enumerate() {
            for finding in &reported.verdict.findings {
                let Some(measure) = figure(reported, finding) else { continue };
                let case = AlikeCase {
                    number,
                    id: (&reported.case.id).into(),
                    title: (&reported.case.title).into(),
                    href: page_path(&reported.case.id),
                };
                let values = figures.entry(measure).or_default();
                match values.iter_mut().find(|(says, _)| *says == finding.says) {
                    Some((_, value)) => value.cases.push(case),
                    None => {
                        let lead = format!("{}: ", measure.title());
                        let says = finding.says.strip_prefix(&lead).unwrap_or(&finding.says);
                        let says = says.strip_suffix('.').unwrap_or(says);
                        values.push((&finding.says, ProfileValue { says: says.into(), cases: vec![case] }));
                    }
                }
            }
        }
        let line = |(measure, values): (Measure, Vec<(&str, ProfileValue)>)| {
            let mut values: Vec<ProfileValue> = values.into_iter().map(|(_, value)| value).collect();
            values.sort_by_key(|value| std::cmp::Reverse(value.cases.len()));
            ProfileLine { name: measure.title(), values }
        };
        figures.into_iter().map(line).collect()
    }
}

/// Which figure a finding tells.
fn figure(reported: &ReportedCase<'_>, finding: &Finding) -> Option<Measure> {
    let Source::Check(number) = finding.source else { return None };
    match reported.case.checks.get(number)?.expect {
        Expect::Measure(measure) => Some(measure),
        _ => None,
    }
}
