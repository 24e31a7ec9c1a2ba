//! Everything about one case: what was asked, what happened, and what follows from it.

use super::diff::Observed;
use super::finding::{FindingView, broken_checks};
use super::group::{page_path, way_up};
use super::rows::{Bounds, Row, rows};
use super::summary::means;
use crate::judge::Outcome;
use crate::report::prose::{Explanation, explain};
use crate::report::{Printable, Record, ReportedCase, RunReport, command, moment};
use serde::Serialize;

/// The page of a case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseView {
    /// The case in prose.
    pub explained: Explanation,
    /// The last part of the id.
    pub name: Printable,
    /// The group.
    pub group: Printable,
    /// The page of the group, seen from the index.
    pub group_href: String,
    /// The way from this page to the folder of the index.
    pub root: String,
    /// The outcome.
    pub outcome: &'static str,
    /// What the outcome means.
    pub means: &'static str,
    /// The findings, the gravest first.
    pub findings: Vec<FindingView>,
    /// For each check, the severity of the finding that says that it does not hold.
    pub broken: Vec<Option<&'static str>>,
    /// How the verdict came about, as pairs of name and value.
    pub facts: Vec<(&'static str, Printable)>,
    /// The command that repeats exactly this case.
    pub rerun: Printable,
    /// The file of the transcript, relative to the run directory.
    pub transcript: Option<Printable>,
    /// The same as a link from the folder of the index.
    pub transcript_href: Option<String>,
    /// The file of the transcript of the first run, where two runs disagreed.
    pub first_transcript: Option<Printable>,
    /// The same as a link from the folder of the index.
    pub first_transcript_href: Option<String>,
    /// What happened; empty where there is no transcript.
    pub rows: Vec<Row>,
    /// The case in front of it in its group.
    pub before: Option<Neighbour>,
    /// The case behind it in its group.
    pub behind: Option<Neighbour>,
}

/// A case that a reader may want to see next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// The last part of its id.
    pub name: Printable,
    /// Its page, seen from the index.
    pub href: String,
}

impl CaseView {
    /// The case at that place of the report.
    pub fn of(report: &RunReport<'_>, number: usize, record: Option<&Record>) -> CaseView {
        let reported = &report.cases[number];
        let (case, verdict) = (reported.case, reported.verdict);
        let register = &report.corpus.register;
        let is_questioned = !matches!(verdict.outcome, Outcome::Pass | Outcome::Info | Outcome::Skip);
        // to know what happened takes a second decoding, which only a diff needs
        let has_diff = verdict.findings.iter().any(|finding| !finding.accepted.is_empty());
        let observed = record.filter(|_| has_diff).map(Observed::of);
        let bounds = if is_questioned { Bounds::FULL } else { Bounds::BRIEF };
        let beside = |at: Option<usize>| {
            let other = report.cases.get(at?).filter(|other| other.case.group == case.group)?;
            Some(Neighbour { name: other.case.name().into(), href: page_path(&other.case.id) })
        };
        CaseView {
            explained: explain(case, register),
            name: case.name().into(),
            group: (&case.group).into(),
            group_href: page_path(&case.group),
            root: way_up(&case.id),
            outcome: verdict.outcome.word(),
            means: means(verdict.outcome),
            findings: FindingView::all(&verdict.findings, register, observed.as_ref()),
            broken: broken_checks(case, &verdict.findings),
            facts: facts(reported),
            rerun: rerun(report, reported),
            transcript: reported.transcript.as_ref().map(Printable::from),
            transcript_href: reported.transcript.as_ref().map(|path| href(path)),
            first_transcript: reported.first_transcript.as_ref().map(Printable::from),
            first_transcript_href: reported.first_transcript.as_ref().map(|path| href(path)),
            rows: record.map(|record| rows(record, bounds)).unwrap_or_default(),
            before: beside(number.checked_sub(1)),
            behind: beside(number.checked_add(1)),
        }
    }
}

/// The command that repeats exactly one case.
pub fn rerun(report: &RunReport<'_>, reported: &ReportedCase<'_>) -> Printable {
    let words: Vec<&str> = report.command.iter().map(String::as_str).collect();
    // what stands behind `--` belongs to the target
    let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    let (options, rest) = words.split_at(end);
    command::line(options.iter().chain(&["--case", reported.case.id.as_str()]).chain(rest).copied())
}

fn facts(reported: &ReportedCase<'_>) -> Vec<(&'static str, Printable)> {
    let attempts = match reported.attempts {
        0 => "none".to_owned(),
        1 => "one conversation".to_owned(),
        count => format!("{count} conversations, the last one alone"),
    };
    vec![("Took", moment::span(reported.took).into()), ("Attempts", attempts.into())]
}

/// A path as a link: what a URL would act upon is encoded.
fn href(path: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.~/".contains(&octet);
    path.bytes()
        .map(|octet| if plain(octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") })
        .collect()
}
