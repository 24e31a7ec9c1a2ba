//! The negotiation of permessage-deflate as a table: every offer with what became of it, RFC 7692 sections 5 and 7.

use super::alike::AlikeCase;
use super::group::page_path;
use crate::case::{Case, Role, Step};
use crate::judge::{Conversation, Outcome, Severity, Source};
use crate::report::{Printable, Record, Records, ReportedCase, RunReport};
use crate::transcript::{FactKind, Timeline};
use crate::wire::Head;
use serde::Serialize;

/// Its page, seen from the index.
pub const PAGE: &str = "negotiation.html";

/// The table of one target.
#[derive(Clone, Debug, Serialize)]
pub struct NegotiationView {
    /// Whether the target is a server, which answers offers; a client is answered.
    pub is_server: bool,
    /// What a client offers by itself, each value once.
    pub own: Vec<Printable>,
    /// The rows, in the order of the corpus.
    pub rows: Vec<NegotiationRow>,
}

/// An offer, or an answer, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NegotiationRow {
    /// What the harness offered or answered.
    pub said: Printable,
    /// What the target made of it.
    pub became: Printable,
    /// As a word for styles: `accepted`, `declined` or `refused`.
    pub manner: &'static str,
    /// Whether the negotiation itself was right: `pass`, `warn` or `fail`, whatever the messages behind it came to.
    pub outcome: &'static str,
    /// The cases in which it came out so.
    pub cases: Vec<AlikeCase>,
}

/// Whether a case has a place in the table: bulk transfers say the same many times.
fn negotiates(case: &Case) -> bool {
    case.opening.deflate.is_some() && !case.steps.iter().any(|step| matches!(step, Step::Exchange { .. }))
}

impl NegotiationView {
    /// Whether a report has such a table.
    pub fn is_there(report: &RunReport<'_>) -> bool {
        report.cases.iter().any(|reported| reported.verdict.outcome != Outcome::Skip && negotiates(reported.case))
    }

    /// The table of the target of a run.
    pub fn of(report: &RunReport<'_>, records: &Records<'_>) -> NegotiationView {
        let is_server = report.target.role == Role::Server;
        let mut view = NegotiationView { is_server, own: Vec::new(), rows: Vec::new() };
        let mut gravest: Vec<Outcome> = Vec::new();
        for (number, reported) in report.cases.iter().enumerate().filter(|(_, reported)| negotiates(reported.case)) {
            let Some(record) = records(&reported.case.id) else { continue };
            let Some(told) = told(&record) else { continue };
            if let Some(own) = told.own
                && !view.own.contains(&own)
            {
                view.own.push(own);
            }
            let link = AlikeCase {
                number,
                id: (&reported.case.id).into(),
                title: (&reported.case.title).into(),
                href: page_path(&reported.case.id),
            };
            let outcome = outcome(reported);
            let same = |row: &NegotiationRow| row.said == told.said && row.became == told.became;
            match view.rows.iter().position(same) {
                Some(at) => {
                    view.rows[at].cases.push(link);
                    gravest[at] = gravest[at].max(outcome);
                }
                None => {
                    let (said, became, manner) = (told.said, told.became, told.manner);
                    view.rows.push(NegotiationRow { said, became, manner, outcome: "", cases: vec![link] });
                    gravest.push(outcome);
                }
            }
        }
        for (row, outcome) in view.rows.iter_mut().zip(gravest) {
            row.outcome = outcome.word();
        }
        view
    }
}

/// What the findings about the opening handshake come to.
fn outcome(reported: &ReportedCase<'_>) -> Outcome {
    const FACTS: [FactKind; 8] = [
        FactKind::ExtensionNotOffered,
        FactKind::ExtensionParameterUnknown,
        FactKind::ExtensionParameterValue,
        FactKind::ExtensionParameterRepeated,
        FactKind::ExtensionsConflict,
        FactKind::ClientWindowNotOffered,
        FactKind::DeflateNotAsOffered,
        FactKind::FullWindowUnsaid,
    ];
    let is_about_opening = |source: &Source| match source {
        Source::Check(number) => reported.case.checks.get(*number).is_some_and(|check| check.expect.is_of_opening()),
        Source::Monitor(name) => FACTS.iter().any(|fact| fact.name() == name),
        Source::Harness | Source::Run => false,
    };
    let findings = reported.verdict.findings.iter().filter(|finding| is_about_opening(&finding.source));
    findings.fold(Outcome::Pass, |outcome, finding| match finding.severity {
        Severity::Fail => Outcome::Fail,
        Severity::Warn => outcome.max(Outcome::Warn),
        _ => outcome,
    })
}

struct Told {
    own: Option<Printable>,
    said: Printable,
    became: Printable,
    manner: &'static str,
}

fn told(record: &Record) -> Option<Told> {
    let head = record.transcript.first_head()?;
    match record.plan.role {
        Role::Server => {
            let said = extensions(record.plan.requests.first()?)?;
            let (became, manner) = match (head.status(), extensions(&head)) {
                (Some(101), Some(answer)) => (answer, "accepted"),
                (Some(101), None) => ("declined".into(), "declined"),
                (Some(status), _) => (format!("refused with {status}").into(), "refused"),
                (None, _) => ("no answer".into(), "refused"),
            };
            Some(Told { own: None, said, became, manner })
        }
        Role::Client => {
            // without what the case needs in the offer nothing was answered
            let answer = record.plan.deflate.as_ref()?.answer()?;
            let timeline = Timeline::new(&record.transcript, record.plan.decoder(), &record.plan.payloads);
            let goes_on = Conversation::new(&record.plan, &timeline).opened;
            let (became, manner) = if goes_on { ("went on", "accepted") } else { ("left", "refused") };
            Some(Told { own: extensions(&head), said: answer.into(), became: became.into(), manner })
        }
    }
}

/// The values of the fields for extensions, as they stand; `None` where there is none.
fn extensions(head: &Head) -> Option<Printable> {
    let values: Vec<String> =
        head.values("sec-websocket-extensions").map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    (!values.is_empty()).then(|| values.join(", ").into())
}
