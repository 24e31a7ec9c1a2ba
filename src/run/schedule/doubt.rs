//! Verdicts that do not count yet: found beside other cases, and to be decided by a second run alone.
//!
//! Whoever was late beside others may have been kept waiting by them, so lateness proves nothing there. Two different
//! behaviours without any lateness are a disagreement of the target with itself.

use super::held::Held;
use crate::case::Case;
use crate::judge::{Finding, Outcome, Severity, Source, Verdict};
use crate::transcript::Entry;

/// The verdict of a first run that has to be confirmed.
pub(super) struct Doubt {
    pub verdict: Verdict,
    /// Whether the first run proves nothing, so that the second decides whatever the first had shown.
    disturbed: bool,
}

impl Doubt {
    /// The doubt that a conversation beside others leaves, or its verdict when there is none.
    pub fn about(case: &Case, held: &Held, verdict: Verdict) -> Result<Doubt, Verdict> {
        let disturbed = was_late(held);
        let is_doubtful = match verdict.outcome {
            Outcome::Fail | Outcome::Broken => true,
            Outcome::Warn => disturbed || hinges_on_time(case, &verdict),
            _ => false,
        };
        if is_doubtful { Ok(Doubt { verdict, disturbed }) } else { Err(verdict) }
    }

    /// The doubt that a first run leaves which proves nothing at all.
    pub fn without_verdict(reason: &str) -> Doubt {
        Doubt { verdict: Verdict::of(vec![Finding::broken(reason)], true), disturbed: true }
    }

    /// The verdict, now that the case was run again alone.
    pub fn settled_by(&self, second: Verdict) -> Verdict {
        match (self.verdict.outcome, second.outcome) {
            _ if self.disturbed => second,
            (Outcome::Fail, Outcome::Fail | Outcome::Broken) | (Outcome::Broken, _) => second,
            // too late beside others and not alone: others were the reason
            (Outcome::Warn, outcome) if outcome != Outcome::Fail => second,
            (_, outcome) => self.contradicted_by(outcome),
        }
    }

    fn contradicted_by(&self, second: Outcome) -> Verdict {
        let first = self.verdict.outcome;
        let seen: Vec<&str> = self.verdict.reasons().map(|finding| finding.says.as_str()).collect();
        let says = match second {
            Outcome::Fail => format!("beside other cases the outcome was {first}, and alone it failed"),
            _ => format!("it failed beside other cases, and alone the outcome was {second}"),
        };
        let mut requirements: Vec<String> = Vec::new();
        for requirement in self.verdict.reasons().flat_map(|finding| &finding.requirements) {
            if !requirements.contains(requirement) {
                requirements.push(requirement.clone());
            }
        }
        let says = format!("{says}; beside others: {}", seen.join(" "));
        let disagreement = Finding { requirements, ..Finding::of_run(Severity::Flaky, says) };
        let mut findings = vec![disagreement];
        findings.extend(
            self.verdict
                .findings
                .iter()
                .map(|finding| Finding { severity: finding.severity.min(Severity::Note), ..finding.clone() }),
        );
        Verdict::of(findings, true)
    }
}

/// Whether a deadline passed, or the look for a new connection failed.
fn was_late(held: &Held) -> bool {
    let unserved = |entry: &Entry| *entry == Entry::Aftermath { served: false };
    held.recording.missed.is_some() || held.recording.transcript.0.iter().any(|timed| unserved(&timed.entry))
}

/// Whether a check about how soon something came has a part in the verdict.
fn hinges_on_time(case: &Case, verdict: &Verdict) -> bool {
    let is_of_time = |source: &Source| match source {
        Source::Check(number) => case.checks.get(*number).is_some_and(|check| check.expect.is_of_time()),
        _ => false,
    };
    verdict.reasons().any(|finding| finding.sources().any(is_of_time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::Recording;
    use crate::engine::{DeadlineKind, Deadlines};
    use crate::transcript::Transcript;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    fn case() -> Case {
        let text = r#"{"id": "x", "group": "x", "title": "x", "why": [], "autobahn": [], "roles": ["server"], "needs": [],
            "tags": [], "opening": {}, "delivery": "plain", "steps": [], "checks": [
            {"should": "a", "expect": {"pong_within_ms": 1000}}, {"should": "b", "expect": "clean_end"}]}"#;
        serde_json::from_str(text).unwrap()
    }

    fn held(missed: Option<DeadlineKind>, served: bool) -> Held {
        let mut transcript = Transcript::default();
        transcript.push(Duration::ZERO, Entry::Aftermath { served });
        let recording = Recording { transcript, waits: Vec::new(), missed };
        let (began, deadlines) = (Instant::now(), Deadlines::scaled(1.0));
        Held { index: 0, plan: Arc::default(), recording, deadlines, began, ended: began }
    }

    fn verdict(severity: Option<Severity>, check: usize) -> Verdict {
        let finding = |severity| Finding {
            severity,
            requirements: vec!["6455-1".to_owned()],
            source: Source::Check(check),
            ..Finding::broken("It was so.")
        };
        Verdict::of(severity.map(finding).into_iter().collect(), true)
    }

    #[test]
    fn failures_and_late_warnings_are_doubtful() {
        let (late, in_time, unserved) = (held(Some(DeadlineKind::Pong), true), held(None, true), held(None, false));
        for (seen, severity, check, doubtful) in [
            (&in_time, Some(Severity::Fail), 1, true),
            (&in_time, Some(Severity::Broken), 1, true),
            (&in_time, Some(Severity::Warn), 0, true),
            (&in_time, Some(Severity::Warn), 1, false),
            (&late, Some(Severity::Warn), 1, true),
            (&unserved, Some(Severity::Warn), 1, true),
            (&late, None, 1, false),
        ] {
            assert_eq!(Doubt::about(&case(), seen, verdict(severity, check)).is_ok(), doubtful, "{severity:?} {check}");
        }
    }

    #[test]
    fn only_a_target_that_was_not_late_is_flaky() {
        let (late, in_time) = (held(Some(DeadlineKind::Pong), true), held(None, true));
        let (fail, warn, pass) = (Some(Severity::Fail), Some(Severity::Warn), None);
        for (seen, first, second, outcome) in [
            (&in_time, fail, fail, Outcome::Fail),
            (&in_time, fail, Some(Severity::Broken), Outcome::Broken),
            (&in_time, fail, pass, Outcome::Flaky),
            (&in_time, fail, warn, Outcome::Flaky),
            (&in_time, warn, pass, Outcome::Pass),
            (&in_time, warn, warn, Outcome::Warn),
            (&in_time, warn, fail, Outcome::Flaky),
            (&in_time, Some(Severity::Broken), pass, Outcome::Pass),
            (&late, fail, pass, Outcome::Pass),
            (&late, fail, warn, Outcome::Warn),
            (&late, warn, fail, Outcome::Fail),
        ] {
            let doubt = Doubt::about(&case(), seen, verdict(first, 0)).ok().unwrap();
            assert_eq!(doubt.settled_by(verdict(second, 0)).outcome, outcome, "{first:?} {second:?}");
        }
        assert_eq!(Doubt::without_verdict("busy").settled_by(verdict(fail, 0)).outcome, Outcome::Fail);
    }

    #[test]
    fn a_disagreement_tells_what_was_seen_first() {
        let doubt = Doubt::about(&case(), &held(None, true), verdict(Some(Severity::Fail), 0)).ok().unwrap();
        let settled = doubt.settled_by(verdict(None, 0));
        let first = settled.findings.first().unwrap();
        let says = "it failed beside other cases, and alone the outcome was pass; beside others: It was so.";
        assert_eq!((first.says.as_str(), first.requirements.as_slice()), (says, &["6455-1".to_owned()][..]));
        assert!(settled.findings[1..].iter().all(|finding| finding.severity == Severity::Note));
    }
}
