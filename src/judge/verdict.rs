//! Verdicts, and the one function that folds findings into an outcome.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of a case, from good to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every check held.
    Pass,
    /// Measured, not judged.
    Info,
    /// Not run, or not decidable on this target.
    Skip,
    /// Conforming, but a SHOULD was not met.
    Warn,
    /// Two runs disagree.
    Flaky,
    /// Could not be judged.
    Broken,
    /// A MUST was broken.
    Fail,
}

impl Outcome {
    /// Every outcome, from good to grave.
    pub const ALL: [Outcome; 7] =
        [Outcome::Pass, Outcome::Info, Outcome::Skip, Outcome::Warn, Outcome::Flaky, Outcome::Broken, Outcome::Fail];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Info => "info",
            Outcome::Skip => "skip",
            Outcome::Warn => "warn",
            Outcome::Flaky => "flaky",
            Outcome::Broken => "broken",
            Outcome::Fail => "fail",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// What the target chose among permitted behaviours.
    Note,
    /// A figure, in a case that does nothing but measure.
    Measured,
    /// A legal message that the target refused for its size.
    Limit,
    /// Why the case tells nothing about this target.
    Skip,
    /// A SHOULD that was not met.
    Warn,
    /// Two runs disagree.
    Flaky,
    /// Why the case could not be judged.
    Broken,
    /// A MUST that was broken.
    Fail,
}

/// What came to the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The check of that number in the case.
    Check(usize),
    /// The monitor of that fact.
    Monitor(String),
    /// The judge, about the conversation as a whole.
    Harness,
    /// The run: what no single transcript can show.
    Run,
}

/// Something to be said about a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// The requirements that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// What came to it.
    pub source: Source,
    /// What else came to the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Source>,
    /// The finding as a sentence.
    pub says: String,
    /// What would have been accepted, as lines of events; alternatives follow one another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Vec<String>>,
}

impl Finding {
    pub(super) fn about(source: Source) -> Finding {
        Finding {
            severity: Severity::Note,
            requirements: Vec::new(),
            source,
            also: Vec::new(),
            says: String::new(),
            accepted: Vec::new(),
        }
    }

    /// Everything that came to it.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        std::iter::once(&self.source).chain(&self.also)
    }

    /// A finding about what kept the case from being judged.
    pub fn broken(says: impl Into<String>) -> Finding {
        Finding { severity: Severity::Broken, says: says.into(), ..Finding::about(Source::Harness) }
    }

    /// A finding of the run, which no single transcript shows.
    pub fn of_run(severity: Severity, says: impl Into<String>) -> Finding {
        Finding { severity, says: says.into(), ..Finding::about(Source::Run) }
    }
}

/// The outcome of a case, with everything that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// The findings, those of the checks first.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Folds findings; `judges` tells whether the case judges anything or only measures.
    pub fn of(findings: Vec<Finding>, judges: bool) -> Verdict {
        Verdict { outcome: fold(&findings, judges), findings }
    }

    /// Whether the run had a say in it, beside the transcript.
    pub fn is_of_run(&self) -> bool {
        self.findings.iter().any(|finding| finding.source == Source::Run)
    }

    /// The gravest findings: those that made the outcome what it is.
    pub fn reasons(&self) -> impl Iterator<Item = &Finding> {
        let gravest = self.findings.iter().map(|finding| finding.severity).max();
        self.findings
            .iter()
            .filter(move |finding| Some(finding.severity) == gravest && finding.severity > Severity::Note)
    }
}

/// The outcome of a case with these findings.
pub fn fold(findings: &[Finding], judges: bool) -> Outcome {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Fail) => Outcome::Fail,
        Some(Severity::Broken) => Outcome::Broken,
        Some(Severity::Flaky) => Outcome::Flaky,
        Some(Severity::Warn) => Outcome::Warn,
        Some(Severity::Skip) => Outcome::Skip,
        Some(Severity::Limit | Severity::Measured) => Outcome::Info,
        Some(Severity::Note) | None if judges => Outcome::Pass,
        Some(Severity::Note) | None => Outcome::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_finding_decides() {
        let with = |severity| Finding { severity, ..Finding::about(Source::Harness) };
        for (severities, judges, outcome) in [
            (&[][..], true, Outcome::Pass),
            (&[], false, Outcome::Info),
            (&[Severity::Note], true, Outcome::Pass),
            (&[Severity::Note, Severity::Limit], true, Outcome::Info),
            (&[Severity::Note, Severity::Measured], false, Outcome::Info),
            (&[Severity::Limit, Severity::Skip], true, Outcome::Skip),
            (&[Severity::Warn, Severity::Skip], true, Outcome::Warn),
            (&[Severity::Broken, Severity::Warn], true, Outcome::Broken),
            (&[Severity::Broken, Severity::Fail, Severity::Note], true, Outcome::Fail),
        ] {
            let findings: Vec<Finding> = severities.iter().map(|severity| with(*severity)).collect();
            assert_eq!(fold(&findings, judges), outcome, "{severities:?}");
        }
    }
}
