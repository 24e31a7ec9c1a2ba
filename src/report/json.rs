//! A run as one JSON document, for programs.
//!
//! Its fields are stable: they are only added to, and `format` rises when one of them changes its meaning.

use super::RunReport;
use super::printable::acts;
use crate::case::Role;
use crate::judge::{Outcome, Severity};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the document.
pub const FORMAT: u32 = 1;

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary<'a> {
    /// The version of this format.
    pub format: u32,
    /// The version of wsspec.
    pub wsspec: &'a str,
    /// The name of the target.
    pub target: &'a str,
    /// Its URL.
    pub url: &'a str,
    /// How it names itself.
    pub software: Option<&'a str>,
    /// Its end of the connection.
    pub role: Role,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How long it took.
    pub took_ms: f64,
    /// The seed of masks and generated payloads.
    pub seed: u64,
    /// How many cases ran beside each other.
    pub jobs: usize,
    /// The profile.
    pub profile: &'a str,
    /// How many cases have each outcome, those that none has included.
    pub counts: BTreeMap<&'static str, usize>,
    /// Why the run stopped before its end.
    pub stopped: Option<&'a str>,
    /// Cases that were selected but not run.
    pub not_run: &'a [String],
    /// The cases in the order of the corpus.
    pub cases: Vec<CaseSummary<'a>>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseSummary<'a> {
    /// The id.
    pub id: &'a str,
    /// The title.
    pub title: &'a str,
    /// Autobahn's ids of the same stimulus.
    pub autobahn: &'a [String],
    /// The outcome.
    pub outcome: Outcome,
    /// Everything that was found.
    pub findings: Vec<FindingSummary<'a>>,
    /// How many conversations it took.
    pub attempts: u32,
    /// How long the last of them took.
    pub took_ms: f64,
    /// The file of the transcript, relative to the run directory.
    pub transcript: Option<&'a str>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingSummary<'a> {
    /// How much it weighs.
    pub severity: Severity,
    /// The requirements that it is about.
    pub requirements: &'a [String],
    /// The finding as a sentence.
    pub says: &'a str,
}

impl<'a> Summary<'a> {
    /// Sums up a run.
    pub fn of(report: &'a RunReport<'a>) -> Summary<'a> {
        let case = |reported: &'a super::ReportedCase<'a>| CaseSummary {
            id: &reported.case.id,
            title: &reported.case.title,
            autobahn: &reported.case.autobahn,
            outcome: reported.verdict.outcome,
            findings: reported
                .verdict
                .findings
                .iter()
                .map(|finding| FindingSummary {
                    severity: finding.severity,
                    requirements: &finding.requirements,
                    says: &finding.says,
                })
                .collect(),
            attempts: reported.attempts,
            took_ms: milliseconds(reported.took),
            transcript: reported.transcript.as_deref(),
        };
        Summary {
            format: FORMAT,
            wsspec: &report.wsspec,
            target: &report.target.name,
            url: &report.target.url,
            software: report.target.software.as_deref(),
            role: report.target.role,
            started: report.started,
            took_ms: milliseconds(report.took),
            seed: report.seed,
            jobs: report.jobs,
            profile: &report.profile,
            counts: Outcome::ALL.iter().map(|outcome| (outcome.word(), report.count(*outcome))).collect(),
            stopped: report.stopped.as_deref(),
            not_run: &report.not_run,
            cases: report.cases.iter().map(case).collect(),
        }
    }
}

/// The document as text.
pub fn summary(report: &RunReport<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&Summary::of(report)).unwrap_or_default();
    text.push('\n');
    inert(&text)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

/// JSON without a character that acts on a terminal: the escapes mean the same to a program that reads it.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter != '\n' && acts(letter) {
            let mut units = [0; 2];
            letter.encode_utf16(&mut units).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_means_the_same() {
        let text = "a\u{202e}b\u{e0001}c\x7f\u{9b}d\0\n";
        let json = inert(&serde_json::to_string(text).unwrap());
        assert_eq!(json, r#""a\u202eb\udb40\udc01c\u007f\u009bd\u0000\n""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
