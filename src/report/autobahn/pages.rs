//! The pages: an index whose class names scripts count, and a page for each case.

use super::{AgentReport, Behavior, BehaviorClose, CaseReport, Words, names};
use crate::report::press::Press;
use crate::report::view::{Bounds, Row, rows};
use crate::report::{Printable, moment};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Makes pages.
pub(super) struct Pages(Press);

#[derive(Serialize)]
struct Index {
    agents: Vec<Printable>,
    rows: Vec<IdRow>,
}

#[derive(Serialize)]
struct IdRow {
    id: String,
    description: Printable,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    class: &'static str,
    word: &'static str,
    href: Option<String>,
    took: Option<String>,
    close_class: &'static str,
    close: String,
}

#[derive(Serialize)]
struct CasePage {
    agent: Printable,
    id: Printable,
    class: &'static str,
    word: &'static str,
    close_class: &'static str,
    close: &'static str,
    description: Printable,
    expectation: Printable,
    result: Printable,
    result_close: Printable,
    findings: Vec<Printable>,
    case: Option<Printable>,
    why: Vec<Printable>,
    took: String,
    started: String,
    rows: Vec<Row>,
}

impl Pages {
    pub fn new() -> io::Result<Pages> {
        Ok(Pages(Press::new()?))
    }

    /// The page with all results.
    pub fn index(&self, agents: &[AgentReport<'_>], stems: &[String]) -> io::Result<Vec<u8>> {
        let mut ids: BTreeMap<usize, (&str, &str)> = BTreeMap::new();
        for case in agents.iter().flat_map(|agent| &agent.cases) {
            ids.insert(case.entry.index, (case.entry.id, case.entry.description));
        }
        let by_id: Vec<BTreeMap<usize, &CaseReport<'_>>> =
            agents.iter().map(|agent| agent.cases.iter().map(|case| (case.entry.index, case)).collect()).collect();
        let rows = ids.iter().map(|(index, (id, description))| IdRow {
            id: (*id).to_owned(),
            description: (*description).into(),
            cells: agents
                .iter()
                .zip(stems)
                .zip(&by_id)
                .map(|((agent, stem), cases)| match cases.get(index) {
                    Some(case) => cell(agent, stem, case),
                    None => MISSING,
                })
                .collect(),
        });
        let agents = agents.iter().map(|agent| (&agent.agent).into()).collect();
        Ok(self.0.page("autobahn/index.html", &Index { agents, rows: rows.collect() })?)
    }

    /// The page of a case.
    pub fn case(&self, agent: &AgentReport<'_>, case: &CaseReport<'_>, words: &Words) -> io::Result<Vec<u8>> {
        let bounds = if words.behavior == Behavior::Ok { Bounds::BRIEF } else { Bounds::FULL };
        let view = CasePage {
            agent: (&agent.agent).into(),
            id: case.entry.id.into(),
            class: class(words.behavior),
            word: words.behavior.word(),
            close_class: close_class(words.behavior_close),
            close: words.behavior_close.word(),
            description: case.entry.description.into(),
            expectation: case.entry.expectation.into(),
            result: (&words.result).into(),
            result_close: (&words.result_close).into(),
            findings: case.verdict.findings.iter().map(|finding| (&finding.says).into()).collect(),
            case: case.entry.case.map(|case| (&case.id).into()),
            why: case.entry.case.iter().flat_map(|case| &case.why).map(Printable::from).collect(),
            took: moment::span(case.duration),
            started: moment::iso(case.started),
            rows: case.record.as_ref().map(|record| rows::rows(record, bounds)).unwrap_or_default(),
        };
        Ok(self.0.page("autobahn/case.html", &view)?)
    }
}

const MISSING: Cell =
    Cell { class: "case_missing", word: "Missing", href: None, took: None, close_class: "", close: String::new() };

fn cell(agent: &AgentReport<'_>, stem: &str, case: &CaseReport<'_>) -> Cell {
    let words = case.words(agent.role);
    let is_run = words.behavior != Behavior::Unimplemented;
    let close = match words.behavior_close {
        BehaviorClose::Unclean => "Unclean".to_owned(),
        BehaviorClose::Failed => "Fail".to_owned(),
        _ => words.remote_close_code.map_or("None".to_owned(), |code| code.to_string()),
    };
    Cell {
        class: class(words.behavior),
        word: match words.behavior {
            Behavior::Ok => "Pass",
            Behavior::NonStrict => "Non-Strict",
            Behavior::Informational => "Info",
            Behavior::Unimplemented => "Unimplemented",
            Behavior::Failed => "Fail",
        },
        href: Some(names::file(stem, case.entry.id, "html")),
        took: (case.entry.timed && is_run).then(|| format!("{} ms", case.duration.as_millis())),
        close_class: if is_run { close_class(words.behavior_close) } else { "" },
        close: if is_run { close } else { String::new() },
    }
}

fn class(behavior: Behavior) -> &'static str {
    match behavior {
        Behavior::Ok => "case_ok",
        Behavior::NonStrict => "case_non_strict",
        Behavior::Informational => "case_info",
        Behavior::Unimplemented => "case_unimplemented",
        Behavior::Failed => "case_failed",
    }
}

fn close_class(close: BehaviorClose) -> &'static str {
    match close {
        BehaviorClose::Ok => "case_ok",
        BehaviorClose::Informational => "case_info",
        BehaviorClose::FailedByClient => "case_almost",
        BehaviorClose::WrongCode => "case_non_strict",
        BehaviorClose::Unclean | BehaviorClose::Failed => "case_failed",
    }
}
