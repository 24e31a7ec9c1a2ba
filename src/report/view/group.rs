//! A group of cases, and where pages are.

use super::finding::sentence;
use super::summary::{CountView, counts, gravest};
use crate::judge::Outcome;
use crate::report::{Printable, ReportedCase, RunReport};
use serde::Serialize;

/// The page of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupView {
    /// The group.
    pub name: Printable,
    /// Its heading.
    pub title: Printable,
    /// Why its cases exist.
    pub why: Option<Printable>,
    /// The way from this page to the folder of the index.
    pub root: String,
    /// How many of its cases have a verdict.
    pub total: usize,
    /// The outcomes that occur, from good to grave.
    pub counts: Vec<CountView>,
    /// The gravest outcome, as a word for styles.
    pub gravest: &'static str,
    /// The cases.
    pub cases: Vec<CaseRow>,
}

/// A case in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseRow {
    /// The id.
    pub id: Printable,
    /// The last part of it.
    pub name: Printable,
    /// The title.
    pub title: Printable,
    /// Its page, seen from the index.
    pub href: String,
    /// The outcome.
    pub outcome: &'static str,
    /// What made it so.
    pub reason: Option<Printable>,
    /// Autobahn's ids.
    pub autobahn: Printable,
}

impl CaseRow {
    /// The line of a case.
    pub fn of(reported: &ReportedCase<'_>) -> CaseRow {
        let reason = reported.verdict.reasons().next();
        CaseRow {
            id: (&reported.case.id).into(),
            name: reported.case.name().into(),
            title: (&reported.case.title).into(),
            href: page_path(&reported.case.id),
            outcome: reported.verdict.outcome.word(),
            reason: reason.map(|reason| sentence(&reason.says).into()),
            autobahn: reported.case.autobahn.join(", ").into(),
        }
    }
}

impl GroupView {
    /// The group of that name.
    pub fn of(report: &RunReport<'_>, name: &str) -> GroupView {
        let of_group: Vec<_> = report.cases.iter().filter(|reported| reported.case.group == name).collect();
        let outcomes: Vec<Outcome> = of_group.iter().map(|reported| reported.verdict.outcome).collect();
        let known = report.corpus.groups.iter().find(|group| group.name == name);
        GroupView {
            name: name.into(),
            title: known.map_or(name, |group| &group.title).into(),
            why: known.map(|group| (&group.why).into()),
            root: way_up(name),
            total: outcomes.len(),
            counts: counts(&outcomes),
            gravest: gravest(&outcomes),
            cases: of_group.into_iter().map(CaseRow::of).collect(),
        }
    }
}

/// The page of a group or case, relative to the index. What a file system or URL would act upon is spelled `~HH`.
pub fn page_path(id: &str) -> String {
    let folder = |part: &str| {
        let mut path = if part.is_empty() { "~".to_owned() } else { String::new() };
        for (at, octet) in part.bytes().enumerate() {
            match octet {
                b'.' if at == 0 => path.push_str("~2e"),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => path.push(char::from(octet)),
                _ => path.push_str(&format!("~{octet:02x}")),
            }
        }
        path
    };
    let parts: Vec<String> = id.split('/').map(folder).collect();
    format!("pages/{}.html", parts.join("/"))
}

/// The way from the page of a group or case to the folder of the index.
pub fn way_up(id: &str) -> String {
    "../".repeat(id.matches('/').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leads_out_of_the_folder() {
        for (id, path) in [
            ("framing/rsv", "pages/framing/rsv.html"),
            ("../../etc/passwd", "pages/~2e./~2e./etc/passwd.html"),
            ("a b/c\"<%#?", "pages/a~20b/c~22~3c~25~23~3f.html"),
            ("a//b\\c~", "pages/a/~/b~5cc~7e.html"),
        ] {
            assert_eq!(page_path(id), path);
        }
        assert_eq!(way_up("a/b"), "../../");
    }
}
