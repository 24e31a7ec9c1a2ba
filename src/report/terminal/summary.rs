//! What stands on the terminal when a run is over.

use super::Style;
use super::explanation::cited;
use super::sheet::{Sheet, Tone};
use crate::report::prose::RequirementProse;
use crate::report::view::case::rerun;
use crate::report::view::diff::{DiffView, Observed};
use crate::report::view::{Alike, CountView, FindingView, SummaryView};
use crate::report::{Printable, Records, RunReport};

/// Of cases with the same finding, so many are told in full.
const IN_FULL: usize = 3;
/// Of other cases, so many are named.
const NAMED: usize = 12;
/// In all, so many cases are told in full; a terminal is no place for hundreds.
const MOST_IN_FULL: usize = 24;
/// Behind them, so many findings of one outcome get a line.
const MOST_NOTED: usize = 24;

/// Of the values of a figure, so many are told.
const MOST_VALUES: usize = 5;

/// The groups with their counts, every failure with what it takes to understand and repeat it, and the verdict.
pub fn summary(report: &RunReport<'_>, records: &Records<'_>, style: Style) -> String {
    let view = SummaryView::of(report);
    let mut sheet = Sheet::new(style);
    groups(&view, &mut sheet);
    let mut left = MOST_IN_FULL;
    for chapter in &view.chapters {
        let is_told = matches!(chapter.word, "fail" | "broken" | "flaky");
        let mut lists = chapter.lists.iter().peekable();
        while let Some(list) = lists.next_if(|list| is_told && list.cases.len().min(IN_FULL) <= left) {
            left -= list.cases.len().min(IN_FULL);
            told(report, chapter.word, list, records, &mut sheet);
        }
        if lists.peek().is_some() {
            sheet.gap();
        }
        lists.by_ref().take(MOST_NOTED).for_each(|list| noted(chapter.word, list, &mut sheet));
        let (findings, cases) = lists.fold((0, 0), |(findings, cases), list| (findings + 1, cases + list.cases.len()));
        if findings > 0 {
            let says = format!("{findings} more findings in {cases} cases; the report has them all");
            sheet.paragraph(0, (Tone::of(chapter.word), &format!("{} ", chapter.word)), Tone::Plain, &says);
        }
    }
    profile(&view, &mut sheet);
    if !view.not_run.is_empty() {
        sheet.gap();
        let names = named(view.not_run.iter(), NAMED);
        sheet.paragraph(0, (Tone::Bad, "not run "), Tone::Plain, &names);
    }
    sheet.gap();
    if let Some(stopped) = &view.stopped {
        sheet.paragraph(0, (Tone::Bad, "The run stopped before its end: "), Tone::Plain, stopped.as_str());
    }
    sheet.paragraph(0, (Tone::Plain, ""), Tone::of(view.gravest), view.verdict.as_str());
    sheet.mixed(0, &tally(&view.counts, &[]));
    sheet.done()
}

/// One case that did not pass, in full.
pub fn failure(report: &RunReport<'_>, number: usize, records: &Records<'_>, style: Style) -> String {
    let mut sheet = Sheet::new(style);
    in_full(report, number, false, records, &mut sheet);
    sheet.done()
}

fn groups(view: &SummaryView, sheet: &mut Sheet) {
    let widest = view.groups.iter().map(|group| group.name.as_str().chars().count()).max().unwrap_or(0);
    let widths: Vec<(&str, usize)> = view
        .counts
        .iter()
        .map(|count| {
            let of_groups = view.groups.iter().flat_map(|group| &group.counts);
            let most = of_groups.filter(|other| other.word == count.word).map(|other| other.count).max();
            (count.word, most.unwrap_or(0).to_string().len())
        })
        .collect();
    for group in &view.groups {
        let name = format!("{:<widest$}  ", group.name.as_str());
        let mut parts = vec![(Tone::Plain, name)];
        parts.extend(tally(&group.counts, &widths));
        sheet.mixed(0, &parts);
    }
}

/// What was measured of the target, a line for each figure.
fn profile(view: &SummaryView, sheet: &mut Sheet) {
    let widest = view.profile.iter().map(|line| line.name.len()).max().unwrap_or(0);
    if !view.profile.is_empty() {
        sheet.gap();
    }
    for line in &view.profile {
        let values: Vec<String> = line
            .values
            .iter()
            .map(|value| match (value.cases.as_slice(), line.values.len()) {
                (_, 1) => value.says.to_string(),
                ([only], _) => format!("{} ({})", value.says, only.id.as_str().rsplit('/').next().unwrap_or_default()),
                (several, _) => format!("{} ({} cases)", value.says, several.len()),
            })
            .collect();
        let more = values.len().saturating_sub(MOST_VALUES);
        let dots = if more > 0 { format!("; and {more} more") } else { String::new() };
        let says = format!("{}{dots}", values[..values.len() - more].join("; "));
        sheet.paragraph(0, (Tone::Soft, &format!("{:<widest$}  ", line.name)), Tone::Plain, &says);
    }
}

/// Counts one behind the other, in columns where `widths` names them.
fn tally(counts: &[CountView], widths: &[(&str, usize)]) -> Vec<(Tone, String)> {
    if widths.is_empty() {
        return counts
            .iter()
            .map(|count| (Tone::of(count.word), format!("{} {}  ", count.count, count.word)))
            .collect();
    }
    let column = |(word, width): &(&str, usize)| match counts.iter().find(|count| count.word == *word) {
        Some(count) => (Tone::of(word), format!("{:>width$} {word}  ", count.count)),
        None => (Tone::Plain, " ".repeat(width + word.len() + 3)),
    };
    widths.iter().map(column).collect()
}

fn told(report: &RunReport<'_>, word: &str, list: &Alike, records: &Records<'_>, sheet: &mut Sheet) {
    for (at, case) in list.cases.iter().take(IN_FULL).enumerate() {
        sheet.gap();
        in_full(report, case.number, at > 0, records, sheet);
    }
    let more = &list.cases[list.cases.len().min(IN_FULL)..];
    if !more.is_empty() {
        let count = if more.len() == 1 { "1 more case".to_owned() } else { format!("{} more cases", more.len()) };
        let names = named(more.iter().map(|case| &case.id), NAMED);
        sheet.gap();
        sheet.paragraph(
            word.len() + 1,
            (Tone::of(word), "… "),
            Tone::Plain,
            &format!("and {count} with the same finding: {names}"),
        );
    }
}

fn noted(word: &str, list: &Alike, sheet: &mut Sheet) {
    let count = list.cases.len();
    let places: Vec<String> =
        list.requirements.iter().map(|requirement| format!("{}; {}", requirement.place, requirement.id)).collect();
    let place = if places.is_empty() { String::new() } else { format!(" ({})", places.join(" | ")) };
    let cases = if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
    let says = format!("{cases}: {}{place}", list.says);
    sheet.paragraph(0, (Tone::of(word), &format!("{word} ")), Tone::Plain, &says);
    let names = named(list.cases.iter().map(|case| &case.id), IN_FULL);
    sheet.paragraph(word.len() + 1, (Tone::Plain, ""), Tone::Soft, &names);
}

fn named<'a>(ids: impl ExactSizeIterator<Item = &'a Printable>, most: usize) -> String {
    let more = ids.len().saturating_sub(most);
    let names: Vec<&str> = ids.take(most).map(Printable::as_str).collect();
    let dots = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{dots}", names.join(", "))
}

/// `again` says that what the requirements ask has just been told.
fn in_full(report: &RunReport<'_>, number: usize, again: bool, records: &Records<'_>, sheet: &mut Sheet) {
    let reported = &report.cases[number];
    let (case, verdict) = (reported.case, reported.verdict);
    let word = verdict.outcome.word();
    let indent = word.len() + 1;
    let record = records(&case.id);
    let observed = record.as_ref().map(Observed::of);
    let findings = FindingView::all(&verdict.findings, &report.corpus.register, observed.as_ref());
    sheet.mixed(0, &[(Tone::of(word), format!("{word} ")), (Tone::Strong, Printable::of(&case.id).to_string())]);
    sheet.paragraph(indent, (Tone::Plain, ""), Tone::Plain, Printable::of(&case.title).as_str());
    let gravest = findings.first().map(|finding| finding.severity);
    for finding in &findings {
        if Some(finding.severity) == gravest {
            sheet.paragraph(indent, (Tone::Plain, ""), Tone::of(finding.severity), finding.says.as_str());
            if again {
                let ids: Vec<String> = finding.requirements.iter().map(briefly).collect();
                sheet.paragraph(indent + 2, (Tone::Plain, ""), Tone::Soft, &ids.join(", "));
            } else {
                finding.requirements.iter().for_each(|requirement| cited(requirement, indent + 2, sheet));
            }
            finding.diff.iter().for_each(|diff| differs(diff, indent + 2, sheet));
        } else if finding.severity != "note" {
            let lead = format!("also {}: ", finding.severity);
            sheet.paragraph(indent, (Tone::of(finding.severity), &lead), Tone::Plain, finding.says.as_str());
        }
    }
    sheet.mixed(indent, &[(Tone::Soft, "rerun: ".to_owned()), (Tone::Plain, rerun(report, reported).to_string())]);
    if let Some(transcript) = &reported.transcript {
        let path = match &report.directory {
            Some(directory) => format!("{}/{transcript}", directory.trim_end_matches('/')),
            None => transcript.clone(),
        };
        sheet.mixed(
            indent,
            &[(Tone::Soft, "transcript: ".to_owned()), (Tone::Plain, Printable::from(path).to_string())],
        );
    }
}

fn briefly(requirement: &RequirementProse) -> String {
    let RequirementProse { id, level, place, .. } = requirement;
    let gap = if level.is_empty() { "" } else { " " };
    format!("{level}{gap}{place} ({id})")
}

fn differs(diff: &DiffView, indent: usize, sheet: &mut Sheet) {
    let which = if diff.alternatives > 1 { " (the nearest of several accepted outcomes)" } else { "" };
    sheet.mixed(
        indent,
        &[
            (Tone::Good, "- accepted".to_owned()),
            (Tone::Soft, format!("{which}, ")),
            (Tone::Bad, "+ happened".to_owned()),
        ],
    );
    for line in &diff.lines {
        let tone = match line.mark {
            '-' => Tone::Good,
            '+' => Tone::Bad,
            _ => Tone::Plain,
        };
        sheet.line(indent, tone, &format!("{} {}", line.mark, line.text));
    }
}
