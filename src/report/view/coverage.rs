//! The requirements of one document, section by section: what judges each, and what the run found.

use super::group::page_path;
use super::summary::{CountView, counts};
use crate::case::coverage::{Covered, coverage};
use crate::judge::Outcome;
use crate::report::standing::{Judged, standing};
use crate::report::{Printable, RunReport};
use serde::Serialize;
use std::collections::BTreeMap;

/// Of the cases that judge a requirement, so many are named.
const NAMED: usize = 12;

/// One document.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    /// The document, as in `RFC 6455`.
    pub document: Printable,
    /// Its page, seen from the index.
    pub href: String,
    /// How many of its requirements can be observed.
    pub observable: usize,
    /// How many of these something judges.
    pub judged: usize,
    /// How many of those are judged only in part.
    pub partly: usize,
    /// How the run came out, requirement by requirement.
    pub counts: Vec<CountView>,
    /// How many requirements no case of this run judged.
    pub untried: usize,
    /// Its sections in order.
    pub sections: Vec<SectionView>,
}

/// One section.
#[derive(Clone, Debug, Serialize)]
pub struct SectionView {
    /// Its number.
    pub number: Printable,
    /// Its requirements in order.
    pub requirements: Vec<RequirementView>,
}

/// One requirement.
#[derive(Clone, Debug, Serialize)]
pub struct RequirementView {
    /// Its id.
    pub id: Printable,
    /// The key word of RFC 2119.
    pub level: Printable,
    /// What it asks.
    pub statement: Printable,
    /// What the run found, as the word of an outcome; none when no case judged it.
    pub result: Option<&'static str>,
    /// Why nothing judges it.
    pub why_not: Option<Printable>,
    /// What no check looks at, where it is judged only in part.
    pub missing: Option<Printable>,
    /// Some of the cases that judge it.
    pub cases: Vec<CaseLink>,
    /// How many more cases do.
    pub more: usize,
    /// Whether it is watched in every case.
    pub is_watched: bool,
}

/// A case that judges a requirement.
#[derive(Clone, Debug, Serialize)]
pub struct CaseLink {
    /// Its id.
    pub id: Printable,
    /// Its page, seen from the index; none when it was not run.
    pub href: Option<String>,
}

impl CoverageView {
    /// Every document that binds the target.
    pub fn all(report: &RunReport<'_>) -> Vec<CoverageView> {
        let judged: BTreeMap<&str, Judged<'_>> = report
            .cases
            .iter()
            .map(|reported| {
                let findings = reported.verdict.findings.iter();
                let found = findings.map(|finding| (finding.severity, finding.requirements.as_slice()));
                (reported.case.id.as_str(), Judged::new(reported.verdict.outcome, found))
            })
            .collect();
        let all = coverage(report.corpus, report.target.role);
        let documents = all.chunk_by(|a, b| a.requirement.document == b.requirement.document);
        documents.map(|covered| document(covered, &judged)).collect()
    }

    /// The way from its page to the folder of the index.
    pub fn root(&self) -> String {
        "../".repeat(self.href.matches('/').count())
    }
}

fn document(covered: &[Covered<'_>], cases: &BTreeMap<&str, Judged<'_>>) -> CoverageView {
    let name = covered.first().map_or("", |covered| covered.requirement.document.as_str());
    let observable: Vec<&Covered<'_>> = covered.iter().filter(|covered| covered.requirement.observable).collect();
    let results: Vec<Option<Outcome>> = observable.iter().map(|covered| standing(covered, cases)).collect();
    let outcomes: Vec<Outcome> = results.iter().flatten().copied().collect();
    let sections = covered.chunk_by(|a, b| a.requirement.section == b.requirement.section);
    CoverageView {
        document: name.into(),
        href: page_path(&format!("coverage/{}", name.to_lowercase().replace(' ', "-"))),
        observable: observable.len(),
        judged: observable.iter().filter(|covered| covered.is_judged()).count(),
        partly: observable.iter().filter(|covered| covered.is_judged() && !covered.is_judged_whole()).count(),
        counts: counts(&outcomes),
        untried: results.len() - outcomes.len(),
        sections: sections.map(|covered| section(covered, cases)).collect(),
    }
}

fn section(covered: &[Covered<'_>], cases: &BTreeMap<&str, Judged<'_>>) -> SectionView {
    SectionView {
        number: covered.first().map_or("", |covered| covered.requirement.section.as_str()).into(),
        requirements: covered.iter().map(|covered| requirement(covered, cases)).collect(),
    }
}

fn requirement(covered: &Covered<'_>, cases: &BTreeMap<&str, Judged<'_>>) -> RequirementView {
    let link = |id: &&str| CaseLink { id: (*id).into(), href: cases.contains_key(*id).then(|| page_path(id)) };
    RequirementView {
        id: covered.requirement.id.as_str().into(),
        level: covered.requirement.level.as_str().into(),
        statement: covered.requirement.statement.as_str().into(),
        result: standing(covered, cases).map(Outcome::word),
        why_not: covered.why_not.filter(|_| !covered.is_judged()).map(Into::into),
        missing: covered.missing.map(Into::into),
        cases: covered.cases.iter().take(NAMED).map(link).collect(),
        more: covered.cases.len().saturating_sub(NAMED),
        is_watched: !covered.monitors.is_empty(),
    }
}
