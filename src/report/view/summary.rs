//! A run at a glance: the verdict in words, counts by outcome and by group, and what went wrong.

use super::alike::{Alike, alike};
use super::coverage::CoverageView;
use super::finding::sentence;
use super::group::{CaseRow, page_path};
use super::negotiation::{self, NegotiationView};
use super::profile::ProfileLine;
use crate::judge::Outcome;
use crate::report::{Printable, RunReport, command, moment};
use serde::Serialize;

/// The first page.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryView {
    /// The name of the target.
    pub name: Printable,
    /// Its URL.
    pub url: Printable,
    /// How it names itself.
    pub software: Option<Printable>,
    /// When the run was, how long it took and how it was set up, as pairs of name and value.
    pub facts: Vec<(&'static str, Printable)>,
    /// The run in one sentence.
    pub verdict: Printable,
    /// The gravest outcome, as a word for styles.
    pub gravest: &'static str,
    /// How many cases have a verdict.
    pub total: usize,
    /// The outcomes that occur, from good to grave.
    pub counts: Vec<CountView>,
    /// The groups in order.
    pub groups: Vec<GroupLine>,
    /// The documents whose requirements bind the target.
    pub documents: Vec<CoverageView>,
    /// The page with the negotiation of permessage-deflate, seen from the index.
    pub negotiation: Option<&'static str>,
    /// What was measured of the target.
    pub profile: Vec<ProfileLine>,
    /// What went wrong or is worth knowing, the gravest first.
    pub chapters: Vec<Chapter>,
    /// All cases, in the order of the corpus.
    pub cases: Vec<CaseRow>,
    /// Why the run stopped before its end.
    pub stopped: Option<Printable>,
    /// Cases without a verdict.
    pub not_run: Vec<Printable>,
    /// The command that repeats the run.
    pub rerun: Printable,
}

/// How often an outcome occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountView {
    /// The word for it.
    pub word: &'static str,
    /// What it means.
    pub means: &'static str,
    /// How many cases.
    pub count: usize,
    /// The same in thousandths of all cases.
    pub permille: usize,
}

/// A group in the table of groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupLine {
    /// The group.
    pub name: Printable,
    /// Its heading.
    pub title: Printable,
    /// Its page, seen from the index.
    pub href: String,
    /// How many of its cases have a verdict.
    pub total: usize,
    /// The outcomes that occur, from good to grave.
    pub counts: Vec<CountView>,
    /// The gravest outcome, as a word for styles.
    pub gravest: &'static str,
}

/// Everything with one outcome that needs words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// The outcome.
    pub word: &'static str,
    /// The heading.
    pub title: &'static str,
    /// Whether the target, or the run, has to answer for it.
    pub is_grave: bool,
    /// How many cases.
    pub count: usize,
    /// The cases by what was found.
    pub lists: Vec<Alike>,
}

impl SummaryView {
    /// Sums up a run.
    pub fn of(report: &RunReport<'_>) -> SummaryView {
        let outcomes: Vec<Outcome> = report.cases.iter().map(|case| case.verdict.outcome).collect();
        SummaryView {
            name: (&report.target.name).into(),
            url: (&report.target.url).into(),
            software: report.target.software.as_ref().map(Printable::from),
            facts: facts(report),
            verdict: verdict(report).into(),
            gravest: gravest(&outcomes),
            total: outcomes.len(),
            counts: counts(&outcomes),
            groups: groups(report),
            documents: CoverageView::all(report),
            negotiation: NegotiationView::is_there(report).then_some(negotiation::PAGE),
            profile: ProfileLine::all(report),
            chapters: chapters(report),
            cases: report.cases.iter().map(CaseRow::of).collect(),
            stopped: report.stopped.as_ref().map(|why| sentence(why).into()),
            not_run: report.not_run.iter().map(Printable::from).collect(),
            rerun: command::line(report.command.iter().map(String::as_str)),
        }
    }
}

fn facts(report: &RunReport<'_>) -> Vec<(&'static str, Printable)> {
    vec![
        ("Begun", moment::utc(report.started).into()),
        ("Took", moment::span(report.took).into()),
        ("Profile", (&report.profile).into()),
        ("Side by side", report.jobs.to_string().into()),
        ("Seed", report.seed.to_string().into()),
        ("wsspec", (&report.wsspec).into()),
    ]
}

/// The outcomes that occur among these, from good to grave.
pub(super) fn counts(outcomes: &[Outcome]) -> Vec<CountView> {
    let of = |outcome: &Outcome| {
        let count = outcomes.iter().filter(|other| *other == outcome).count();
        let permille = if outcomes.is_empty() { 0 } else { count * 1000 / outcomes.len() };
        CountView { word: outcome.word(), means: means(*outcome), count, permille }
    };
    Outcome::ALL.iter().map(of).filter(|view| view.count > 0).collect()
}

/// The word for the gravest of these outcomes.
pub(super) fn gravest(outcomes: &[Outcome]) -> &'static str {
    outcomes.iter().max().map_or("skip", |outcome| outcome.word())
}

/// What an outcome means.
pub fn means(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "every check held",
        Outcome::Info => "measured or limited, not judged",
        Outcome::Skip => "not decidable on this target",
        Outcome::Warn => "conforming, but a recommendation is not met",
        Outcome::Flaky => "two runs disagree",
        Outcome::Broken => "could not be judged",
        Outcome::Fail => "a requirement is broken",
    }
}

fn groups(report: &RunReport<'_>) -> Vec<GroupLine> {
    let mut names: Vec<&str> = Vec::new();
    for reported in &report.cases {
        if !names.contains(&reported.case.group.as_str()) {
            names.push(&reported.case.group);
        }
    }
    let line = |name: &str| {
        let of_group = report.cases.iter().filter(|reported| reported.case.group == name);
        let outcomes: Vec<Outcome> = of_group.map(|reported| reported.verdict.outcome).collect();
        let known = report.corpus.groups.iter().find(|group| group.name == name);
        GroupLine {
            name: name.into(),
            title: known.map_or(name, |group| &group.title).into(),
            href: page_path(name),
            total: outcomes.len(),
            counts: counts(&outcomes),
            gravest: gravest(&outcomes),
        }
    };
    names.into_iter().map(line).collect()
}

fn chapters(report: &RunReport<'_>) -> Vec<Chapter> {
    [
        (Outcome::Fail, "Failures"),
        (Outcome::Broken, "Could not be judged"),
        (Outcome::Flaky, "Two runs disagree"),
        (Outcome::Warn, "Warnings"),
        (Outcome::Info, "Limits and measurements"),
        (Outcome::Skip, "Not decidable on this target"),
    ]
    .into_iter()
    .map(|(outcome, title)| Chapter {
        word: outcome.word(),
        title,
        is_grave: outcome >= Outcome::Warn,
        count: report.count(outcome),
        lists: alike(report, outcome),
    })
    .filter(|chapter| chapter.count > 0)
    .collect()
}

fn verdict(report: &RunReport<'_>) -> String {
    let total = report.cases.len();
    let cases = |count: usize| if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
    let (fail, broken, flaky, warn) = (
        report.count(Outcome::Fail),
        report.count(Outcome::Broken),
        report.count(Outcome::Flaky),
        report.count(Outcome::Warn),
    );
    let mut words = match (total, fail) {
        (0, _) => "No case has a verdict".to_owned(),
        _ if broken == total => format!("Nothing could be judged in {}", cases(total)),
        (_, 0) => format!("No requirement is broken in {}", cases(total)),
        _ => format!("{fail} of {} {} a requirement", cases(total), if fail == 1 { "breaks" } else { "break" }),
    };
    let mut more = Vec::new();
    if warn > 0 {
        more.push(format!("{warn} {} only a recommendation", if warn == 1 { "misses" } else { "miss" }));
    }
    if flaky > 0 {
        more.push(format!("{flaky} {} not end the same way twice", if flaky == 1 { "does" } else { "do" }));
    }
    if broken > 0 && broken < total {
        more.push(format!("{broken} could not be judged"));
    }
    if !report.not_run.is_empty() {
        more.push(format!(
            "{} not run",
            if report.not_run.len() == 1 { "1 was".to_owned() } else { format!("{} were", report.not_run.len()) }
        ));
    }
    if !more.is_empty() {
        words.push_str("; ");
        words.push_str(&more.join(", "));
    }
    words.push('.');
    words
}
