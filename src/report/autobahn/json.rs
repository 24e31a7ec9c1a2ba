//! `index.json` and the file of each case: three spaces, sorted keys, one key in a line, because some read them by line.

use super::closing::{Closing, Late};
use super::traffic::traffic;
use super::wirelog::{Stats, wirelog};
use super::{AgentReport, Behavior, CaseReport, Words, events, names};
use crate::case::Role;
use crate::plan::{Op, Plan};
use crate::report::{Record, moment};
use crate::wire::http::head_length;
use crate::wire::{ClosePayload, Head};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// The longest head that is shown.
const LONGEST_HEAD: usize = 64 * 1024;

/// The list of all results.
pub(super) fn index(agents: &[AgentReport<'_>], stems: &[String]) -> io::Result<Vec<u8>> {
    let mut index: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for (agent, stem) in agents.iter().zip(stems) {
        let cases = index.entry(&agent.agent).or_default();
        for case in &agent.cases {
            let words = case.words(agent.role);
            let row = json!({
                "behavior": words.behavior.word(),
                "behaviorClose": words.behavior_close.word(),
                "duration": case.duration.as_millis() as u64,
                "remoteCloseCode": words.remote_close_code,
                "reportfile": names::file(stem, case.entry.id, "json"),
            });
            cases.insert(case.entry.id, row);
        }
    }
    text(&index)
}

/// Everything about one case.
pub(super) fn case(agent: &AgentReport<'_>, case: &CaseReport<'_>, words: &Words) -> io::Result<Vec<u8>> {
    let entry = &case.entry;
    let closing = case.record.as_ref().map(|record| Closing::of(record, agent.role)).unwrap_or_default();
    let stats = case.record.as_ref().map(Stats::of).unwrap_or_default();
    let plan = case.record.as_ref().map(|record| &record.plan);
    let (request, response) = match &case.record {
        Some(record) => heads(record, agent.role),
        None => ("?".to_owned(), "?".to_owned()),
    };
    // Autobahn counts among all of its cases when it is the client, and among the selected ones when it is the server
    let number = if agent.role == Role::Server { entry.index } else { entry.number };
    let tells_events = !entry.timed;
    let expected = match (entry.case, plan) {
        (Some(case), Some(plan)) if tells_events => events::expected(case, plan),
        _ => json!({}),
    };
    let received = match &case.record {
        Some(record) if tells_events => events::received(record),
        _ => json!([]),
    };
    let mut expected_close = json!({"closeCode": entry.close.codes, "closedByMe": entry.close.by_harness});
    if entry.close.fatal {
        expected_close["closedByWrongEndpointIsFatal"] = json!(true);
    }
    expected_close["requireClean"] = json!(entry.close.clean);
    let traffic = match &case.record {
        Some(record) if entry.compressed && words.behavior == Behavior::Ok => traffic(record),
        _ => Value::Null,
    };
    let findings: Vec<&str> = case.verdict.findings.iter().map(|finding| finding.says.as_str()).collect();
    let all = [
        ("agent", json!(agent.agent)),
        ("behavior", json!(words.behavior.word())),
        ("behaviorClose", json!(words.behavior_close.word())),
        ("case", json!(number)),
        ("closedByMe", json!(closing.by_harness)),
        ("createStats", json!(true)),
        ("createWirelog", json!(true)),
        ("description", json!(entry.description)),
        ("droppedByMe", json!(closing.dropped)),
        ("duration", json!(case.duration.as_millis() as u64)),
        ("expectation", json!(entry.expectation)),
        ("expected", expected),
        ("expectedClose", expected_close),
        ("failedByMe", json!(closing.given_up)),
        ("httpRequest", json!(request)),
        ("httpResponse", json!(response)),
        ("id", json!(entry.id)),
        ("isServer", json!(agent.role == Role::Client)),
        ("localCloseCode", json!(closing.ours.as_ref().and_then(ClosePayload::code))),
        ("localCloseReason", json!(reason(closing.ours.as_ref()))),
        ("received", received),
        ("remoteCloseCode", json!(words.remote_close_code)),
        ("remoteCloseReason", json!(reason(closing.theirs.as_ref()))),
        ("reportCompressionRatio", json!(entry.compressed)),
        ("reportTime", json!(entry.timed)),
        ("result", json!(words.result)),
        ("resultClose", json!(words.result_close)),
        ("rxFrameStats", json!(stats.rx_frames)),
        ("rxOctetStats", json!(stats.rx_octets)),
        ("started", json!(moment::iso(case.started))),
        ("trafficStats", traffic),
        ("txFrameStats", json!(stats.tx_frames)),
        ("txOctetStats", json!(stats.tx_octets)),
        ("wasClean", json!(closing.opened && closing.unclean.is_none())),
        ("wasCloseHandshakeTimeout", json!(closing.late == Some(Late::Close))),
        ("wasNotCleanReason", json!(closing.unclean)),
        ("wasOpenHandshakeTimeout", json!(closing.late == Some(Late::Opening))),
        ("wasServerConnectionDropTimeout", json!(closing.late == Some(Late::End) && agent.role == Role::Server)),
        ("wirelog", json!(case.record.as_ref().map(wirelog).unwrap_or_default())),
        // what Autobahn has no field for
        (
            "wsspec",
            json!({
                "case": entry.case.map(|case| case.id.as_str()),
                "findings": findings,
                "outcome": case.verdict.outcome.word(),
            }),
        ),
    ];
    text(&BTreeMap::from(all))
}

fn reason(close: Option<&ClosePayload>) -> Option<String> {
    match close {
        Some(ClosePayload::Code(_, reason)) if !reason.is_empty() => Some(String::from_utf8_lossy(reason).into_owned()),
        _ => None,
    }
}

/// The heads of the opening handshake: request and response.
fn heads(record: &Record, role: Role) -> (String, String) {
    let octets = record.transcript.first_octets(LONGEST_HEAD);
    let end = head_length(&octets).unwrap_or(octets.len());
    let theirs = String::from_utf8_lossy(&octets[..end]).into_owned();
    let mut plan = record.plan.clone();
    plan.answer(&Head::parse(&octets[..end]));
    let ours = our_head(&plan);
    let shown = |head: String| if head.is_empty() { "?".to_owned() } else { head };
    match role {
        Role::Server => (ours, shown(theirs)),
        Role::Client => (shown(theirs), ours),
    }
}

fn our_head(plan: &Plan) -> String {
    let op = plan.ops.iter().position(|op| matches!(op, Op::Send(_)));
    let octets = op.map(|op| plan.octets_of(op as u32, LONGEST_HEAD as u64)).unwrap_or_default();
    let end = head_length(&octets).unwrap_or(octets.len());
    String::from_utf8_lossy(&octets[..end]).into_owned()
}

fn text(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut octets, PrettyFormatter::with_indent(b"   ")))?;
    Ok(octets)
}
