//! A finding with its requirements in words and its diff.

use super::diff::{DiffView, Observed};
use crate::case::{Case, Register};
use crate::judge::{Finding, Severity, Source};
use crate::report::Printable;
use crate::report::prose::RequirementProse;
use serde::Serialize;

/// A finding as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingView {
    /// How much it weighs, as a word for styles.
    pub severity: &'static str,
    /// The same for a reader.
    pub weight: &'static str,
    /// The finding as a sentence.
    pub says: Printable,
    /// The requirements that it is about.
    pub requirements: Vec<RequirementProse>,
    /// What was accepted against what happened, unless an earlier finding of the case shows the same.
    pub diff: Option<DiffView>,
}

impl FindingView {
    /// A finding; what happened is known only where the transcript is.
    pub fn of(finding: &Finding, register: &Register, observed: Option<&Observed>) -> FindingView {
        FindingView {
            severity: word(finding.severity),
            weight: weight(finding.severity),
            says: sentence(&finding.says).into(),
            requirements: finding.requirements.iter().map(|id| RequirementProse::of(id, register)).collect(),
            diff: observed.and_then(|observed| observed.against(&finding.accepted)),
        }
    }

    /// All findings of a case, the gravest first; a diff that repeats itself is shown once.
    pub fn all(findings: &[Finding], register: &Register, observed: Option<&Observed>) -> Vec<FindingView> {
        let mut ordered: Vec<&Finding> = findings.iter().collect();
        ordered.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let mut views: Vec<FindingView> = Vec::new();
        for finding in ordered {
            let mut view = FindingView::of(finding, register, observed);
            if view.diff.is_some() && views.iter().any(|earlier| earlier.diff == view.diff) {
                view.diff = None;
            }
            views.push(view);
        }
        views
    }
}

/// The severity of the finding that says that a check does not hold, for each check of the case.
pub(super) fn broken_checks(case: &Case, findings: &[Finding]) -> Vec<Option<&'static str>> {
    let of = |number: usize| {
        let requirements = &case.checks[number].requirements;
        findings.iter().find(|finding| match finding.source {
            Source::Check(source) if source == number => true,
            // findings that say the same are joined under the number of the first
            Source::Check(_) => requirements.iter().all(|id| finding.requirements.contains(id)),
            _ => false,
        })
    };
    (0..case.checks.len()).map(|number| of(number).map(|finding| word(finding.severity))).collect()
}

/// The word for a severity.
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Measured => "info",
        Severity::Limit => "limit",
        Severity::Skip => "skip",
        Severity::Warn => "warn",
        Severity::Flaky => "flaky",
        Severity::Broken => "broken",
        Severity::Fail => "fail",
    }
}

/// A severity for someone who does not know the words.
fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "Chosen among permitted behaviours",
        Severity::Measured => "Measured",
        Severity::Limit => "A limit of the target",
        Severity::Skip => "Not decided",
        Severity::Warn => "A recommendation is not met",
        Severity::Flaky => "Two runs disagree",
        Severity::Broken => "Could not be judged",
        Severity::Fail => "A requirement is broken",
    }
}

/// A fragment such as `the connection broke` as a sentence.
pub(super) fn sentence(says: &str) -> String {
    let mut letters = says.chars();
    let mut sentence: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    sentence.push_str(letters.as_str());
    if !sentence.is_empty() && !sentence.ends_with(['.', '!', '?', ')', '"']) {
        sentence.push('.');
    }
    sentence
}
