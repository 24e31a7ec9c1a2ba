//! A report made of the worst that a target can send, through every writer.

use super::*;
use crate::case::Law;
use crate::case::{Case, Corpus, Role};
use crate::judge::{Finding, Severity, Strictness, Verdict, judge};
use crate::plan::{Plan, Target, plan};
use crate::transcript::{Ending, Entry, Reply, Span, Transcript};
use crate::wire::{FrameHeader, Opcode};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

const NASTY: &str = "<script>alert(1)</script>\"'&\0\x1b[31m\u{202e}\u{9b}\u{feff}\x7f\n</pre>";

const CASES: &str = r#"{
    "group": "g/rsv", "title": "Reserved bits", "why": "They mean nothing yet.",
    "checks": [{"should": "6455-7.1.7-4", "expect": "close_frame"}],
    "cases": [
        {"name": "on-text", "title": "A text frame with RSV1 set", "autobahn": "3.1",
         "steps": ["barrier", {"send": [{"text": "Hello"}, {"text": "Hello", "rsv": 4, "violates": true}]}, {"await": "end"}],
         "checks": [{"must": ["6455-5.2-3", "6455-7.1.7-1"], "expect": "failed"}]},
        {"name": "echo", "title": "A long text", "steps": [{"send": [{"text": {"repeat": {"unit": "*", "to": 400}}}]}, {"await": "echo"}],
         "checks": [{"must": "6455-6.1-10", "expect": "echo"}]}
    ]
}"#;

pub(super) fn corpus() -> Corpus {
    let mut corpus = Corpus::embedded().unwrap();
    let files = BTreeMap::from([("g/rsv.json".into(), CASES.as_bytes().to_vec())]);
    corpus.groups = Corpus::from_files(Path::new("cases"), files).unwrap().groups;
    corpus
}

pub(super) fn planned(case: &Case) -> Plan {
    let target = Target { host: "localhost:9001".to_owned(), ..Target::echoing(Role::Server) };
    plan(case, &target, 1, &BTreeMap::new()).unwrap()
}

fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    FrameHeader::new(opcode, payload.len() as u64, None).encode(&mut octets);
    octets.extend_from_slice(payload);
    octets
}

/// A conversation in which everything was sent and the target answered with `octets`.
pub(super) fn record(case: &Case, answers: &[&[u8]], ending: Ending) -> Record {
    let plan = planned(case);
    let mut transcript = Transcript::default();
    let at = Duration::from_millis;
    transcript.push(at(0), Entry::Connected);
    for op in 0..plan.ops.len() as u32 {
        let len = plan.octets_of(op, 1 << 20).len() as u64;
        if len > 0 {
            transcript.push_sent(at(1), op, len);
        }
    }
    answers.iter().for_each(|octets| transcript.push_received(at(2), Span::Octets(octets.to_vec())));
    transcript.push(at(3), Entry::Ended(ending));
    Record { plan, transcript }
}

/// What the target answers when it wants to break the report.
pub(super) fn nasty(case: &Case) -> Record {
    let head = [b"HTTP/1.1 101 \x1b]0;x\x07\r\nServer: ", NASTY.as_bytes(), b"\xff\xfe\xc0\xaf\r\n\r\n"].concat();
    let close = [&1002u16.to_be_bytes(), NASTY.as_bytes(), b"\xff"].concat();
    let frames = [
        frame(Opcode::PONG, b"wsspec barrier 1"),
        frame(Opcode::TEXT, NASTY.as_bytes()),
        frame(Opcode::TEXT, b"\xc0\x80<b>\xff"),
        frame(Opcode::PING, NASTY.as_bytes()),
        frame(Opcode(11), NASTY.as_bytes()),
        frame(Opcode::CLOSE, &close),
        b"\x81\x7e\x01".to_vec(),
    ];
    let mut answers: Vec<&[u8]> = vec![&head];
    answers.extend(frames.iter().map(Vec::as_slice));
    let mut record = record(case, &answers, Ending::Broken(NASTY.to_owned()));
    let last = record.transcript.0.len() - 1;
    let mut more = Transcript::default();
    let at = Duration::from_millis(3);
    more.push(at, Entry::Replied { to: Reply::Close, octets: frame(Opcode::CLOSE, &close) });
    more.push(at, Entry::Missed { op: 3, waited_us: 2_000_000 });
    more.push(at, Entry::Unsent { op: 4, octets: 7 });
    record.transcript.0.splice(last..last, more.0);
    record
}

/// A run with one case that failed for `reasons`, and one that passed.
pub(super) fn report<'a>(corpus: &'a Corpus, verdicts: &'a [Verdict; 2], text: &str) -> RunReport<'a> {
    let cases = corpus.cases().zip(verdicts).map(|(case, verdict)| ReportedCase {
        case,
        verdict,
        attempts: 2,
        took: Duration::from_micros(12_345),
        transcript: Some(format!("transcripts/{}.json", case.id)),
        first_transcript: None,
    });
    RunReport {
        target: TargetLine {
            name: format!("demo{text}"),
            url: format!("ws://localhost:9001/{text}"),
            software: Some(format!("demo/1{text}")),
            role: Role::Server,
        },
        wsspec: "0.1.0".to_owned(),
        started: 1_750_000_000,
        took: Duration::from_millis(2345),
        seed: 1,
        jobs: 16,
        profile: "core".to_owned(),
        stopped: (!text.is_empty()).then(|| format!("gone{text}")),
        not_run: if text.is_empty() { Vec::new() } else { vec![format!("g/other{text}")] },
        command: vec!["wsspec".to_owned(), "server".to_owned(), format!("ws://localhost:9001/{text}")],
        directory: Some("reports/demo".to_owned()),
        corpus,
        cases: cases.collect(),
    }
}

fn hostile_verdicts(corpus: &Corpus) -> [Verdict; 2] {
    let of = |case: &Case| {
        let record = nasty(case);
        let mut transcript = record.transcript.clone();
        transcript.0.pop();
        transcript.push(Duration::from_millis(3), Entry::Ended(Ending::Closed));
        let mut verdict = judge(case, &record.plan, &transcript, &Law::of(corpus), Strictness::default());
        let mut finding = Finding::of_run(Severity::Fail, NASTY);
        finding.requirements.push(NASTY.to_owned());
        finding.accepted.push(vec![NASTY.to_owned()]);
        verdict.findings.push(finding);
        verdict
    };
    let mut cases = corpus.cases();
    [of(cases.next().unwrap()), of(cases.next().unwrap())]
}

/// Every page by its path.
pub(super) fn pages(report: &RunReport<'_>, records: &Records<'_>) -> BTreeMap<String, String> {
    let pages = Mutex::new(BTreeMap::new());
    let sink = |path: &str, octets: &[u8]| {
        pages.lock().unwrap().insert(path.to_owned(), String::from_utf8(octets.to_vec()).unwrap());
        Ok(())
    };
    assert_eq!(html::write(report, records, &sink).unwrap(), [], "every page can be made");
    pages.into_inner().unwrap()
}

fn inert(text: &str, what: &str) {
    let bad: Vec<char> = text.chars().filter(|letter| *letter != '\n' && printable::acts(*letter)).collect();
    assert!(bad.is_empty(), "{what} has {bad:?}");
}

#[test]
fn hostile_text_is_inert_in_every_page() {
    let corpus = corpus();
    let verdicts = hostile_verdicts(&corpus);
    let report = report(&corpus, &verdicts, NASTY);
    let pages = pages(&report, &|id| corpus.case(id).map(nasty));
    assert_eq!(pages.keys().filter(|path| !path.starts_with("pages/coverage/")).count(), 4);
    for (path, text) in &pages {
        inert(text, path);
        assert!(!text.contains("<script>alert") && !text.contains("alert(1)</script>"), "{path}");
        assert!(!text.contains("\"'&\\x00"), "{path} has quotes that could end an attribute");
    }
    let case = &pages["pages/g/rsv/on-text.html"];
    assert!(case.contains("Server: &lt;script&gt;"), "the field is shown");
    assert!(case.contains(r"\xff\xfe\xc0\xaf"), "octets that are no UTF-8 are shown");
    assert!(case.contains(r"\u{202e}"), "an override is shown as what it is");
    assert!(case.contains("the connection ended in the middle of"), "what was not finished is shown");
}

#[test]
fn hostile_text_is_inert_on_a_terminal_and_in_json() {
    let corpus = corpus();
    let verdicts = hostile_verdicts(&corpus);
    let report = report(&corpus, &verdicts, NASTY);
    let records = &|id: &str| corpus.case(id).map(nasty);
    inert(&terminal::summary(&report, records, terminal::Style::PLAIN), "the plain summary");
    let colored = terminal::summary(&report, records, terminal::Style { color: true, width: 80 });
    let mut rest = colored.clone();
    for code in ["0", "1", "2", "31", "32", "33", "36"] {
        rest = rest.replace(&format!("\x1b[{code}m"), "");
    }
    assert_ne!(rest, colored);
    inert(&rest, "the summary in colours");
    let json = json::summary(&report);
    inert(&json, "the JSON");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["software"], format!("demo/1{NASTY}"));
}

#[test]
fn every_link_leads_to_a_page() {
    let corpus = corpus();
    let verdicts = hostile_verdicts(&corpus);
    let report = report(&corpus, &verdicts, "");
    let pages = pages(&report, &|id| corpus.case(id).map(nasty));
    let mut followed = BTreeSet::new();
    for (path, text) in &pages {
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("src="), "{path}");
        for href in text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if let Some(anchor) = href.strip_prefix('#') {
                assert!(text.contains(&format!("id=\"{anchor}\"")), "{path} has no {anchor}");
                continue;
            }
            let mut place: Vec<&str> = path.split('/').collect();
            place.pop();
            for step in href.split('/') {
                match step {
                    ".." => assert!(place.pop().is_some(), "{href} in {path} leads out of the folder"),
                    step => place.push(step),
                }
            }
            let target = place.join("/");
            assert!(pages.contains_key(&target) || target.starts_with("transcripts/g/"), "{href} in {path}");
            followed.insert(target);
        }
    }
    assert!(pages.keys().all(|path| followed.contains(path)), "every page can be reached");
}

#[test]
fn a_case_without_a_transcript_has_a_page_too() {
    let corpus = corpus();
    let verdicts = hostile_verdicts(&corpus);
    let report = report(&corpus, &verdicts, "");
    let pages = pages(&report, &|_| None);
    assert!(pages["pages/g/rsv/echo.html"].contains("There is no transcript of this case."));
    terminal::summary(&report, &|_| None, terminal::Style::PLAIN);
}

#[test]
fn a_panic_costs_one_page_and_is_told_there() {
    let corpus = corpus();
    let verdicts = hostile_verdicts(&corpus);
    let report = report(&corpus, &verdicts, "");
    let pages = Mutex::new(BTreeMap::new());
    let sink = |path: &str, octets: &[u8]| {
        pages.lock().unwrap().insert(path.to_owned(), String::from_utf8(octets.to_vec()).unwrap());
        Ok(())
    };
    let records =
        |id: &str| if id == "g/rsv/echo" { panic!("\x1b no record of <{id}>") } else { corpus.case(id).map(nasty) };
    let unmade = html::write(&report, &records, &sink).unwrap();
    let paths: Vec<&str> = unmade.iter().map(|page| page.path.as_str()).collect();
    assert_eq!(paths, ["pages/g/rsv/echo.html"]);
    assert_eq!(unmade[0].reason.as_str(), r"\x1b no record of <g/rsv/echo>");
    let pages = pages.into_inner().unwrap();
    let page = &pages["pages/g/rsv/echo.html"];
    inert(page, "the page in its place");
    assert!(page.contains("could not write this page") && page.contains("no record of &lt;g/rsv/echo&gt;"), "{page}");
    assert!(page.contains("href=\"../../../index.html\""), "it leads back to the index");
    let others = pages.iter().filter(|(path, _)| *path != "pages/g/rsv/echo.html");
    assert!(
        others.clone().count() > 2 && others.into_iter().all(|(_, text)| !text.contains("could not write this page"))
    );
}
