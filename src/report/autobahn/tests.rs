//! Conversations and the words for them, and what scripts read in the files.

use super::*;
use crate::case::Law;
use crate::case::{Case, Corpus};
use crate::judge::{Finding, Strictness, judge};
use crate::report::tests::{planned, record};
use crate::transcript::{Ending, Entry as Event};
use crate::wire::deflate::Deflater;
use crate::wire::{FrameHeader, Opcode, handshake};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| Corpus::embedded().unwrap());

fn case_of(id: &str) -> Option<&'static Case> {
    CORPUS.cases().find(|case| case.autobahn.iter().any(|known| known == id))
}

fn entry(id: &str) -> Entry<'static> {
    let known = &CORPUS.autobahn;
    let at = known.ids.iter().position(|one| one.id == id).unwrap();
    let expectation = &known.expectations[&known.ids[at].expects];
    known.ids[at].entry(expectation, at + 1, case_of(id), &known.unimplemented)
}

fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    FrameHeader::new(opcode, payload.len() as u64, None).encode(&mut octets);
    octets.extend_from_slice(payload);
    octets
}

fn text(payload: &[u8]) -> Vec<u8> {
    frame(Opcode::TEXT, payload)
}

fn close(code: u16) -> Vec<u8> {
    frame(Opcode::CLOSE, &code.to_be_bytes())
}

fn pong() -> Vec<u8> {
    frame(Opcode::PONG, b"wsspec barrier 1")
}

/// The report on a target that answered the opening handshake, sent these frames and then ended the connection.
fn report(id: &str, frames: &[Vec<u8>], ending: Ending) -> CaseReport<'static> {
    let case = case_of(id).unwrap();
    let key = planned(case).requests[0].values("sec-websocket-key").next().unwrap().to_vec();
    let accept = handshake::accept(&key);
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let answers: Vec<&[u8]> = std::iter::once(head.as_bytes()).chain(frames.iter().map(Vec::as_slice)).collect();
    let record = record(case, &answers, ending);
    let verdict = judge(case, &record.plan, &record.transcript, &Law::of(&CORPUS), Strictness::default());
    CaseReport::new(entry(id), verdict, Some(record), SystemTime::UNIX_EPOCH, Duration::from_millis(7))
}

fn words(case: &CaseReport<'_>) -> (&'static str, &'static str, Option<u16>) {
    let words = case.words(Role::Server);
    (words.behavior.word(), words.behavior_close.word(), words.remote_close_code)
}

#[test]
fn words_are_those_of_autobahn() {
    let stars = "*".repeat(125);
    for (id, frames, expected) in [
        ("1.1.2", vec![text(stars.as_bytes()), close(1000)], ("OK", "OK", Some(1000))),
        ("1.1.2", vec![text(stars.as_bytes()), frame(Opcode::CLOSE, b"")], ("OK", "OK", None)),
        ("1.1.2", vec![text(&stars.as_bytes()[1..]), close(1000)], ("FAILED", "OK", Some(1000))),
        ("1.1.2", vec![text(stars.as_bytes())], ("OK", "UNCLEAN", None)),
        ("3.1", vec![pong(), close(1002)], ("OK", "OK", Some(1002))),
        ("3.1", vec![pong()], ("OK", "OK", None)),
        ("3.1", vec![pong(), close(1000)], ("OK", "WRONG CODE", Some(1000))),
        ("3.1", vec![pong(), text(b"Hello, world!"), close(1002)], ("FAILED", "OK", Some(1002))),
        ("3.2", vec![pong(), text(b"Hello, world!"), close(1002)], ("OK", "OK", Some(1002))),
        ("3.2", vec![pong(), close(1002)], ("NON-STRICT", "OK", Some(1002))),
        ("6.4.1", vec![pong(), close(1007)], ("NON-STRICT", "OK", Some(1007))),
        ("7.1.2", vec![close(1000)], ("OK", "OK", Some(1000))),
        ("7.1.2", vec![], ("FAILED", "UNCLEAN", None)),
        ("7.9.1", vec![pong(), close(1000)], ("OK", "WRONG CODE", Some(1000))),
        ("7.9.6", vec![pong(), close(1000)], ("OK", "OK", Some(1000))),
        ("7.13.1", vec![close(5000)], ("INFORMATIONAL", "INFORMATIONAL", Some(5000))),
        ("9.1.6", vec![close(1009)], ("INFORMATIONAL", "INFORMATIONAL", Some(1009))),
    ] {
        let case = report(id, &frames, Ending::Eof);
        assert_eq!(words(&case), expected, "{id} {frames:?} {:?}", case.verdict);
    }
}

#[test]
fn whether_a_frame_was_noticed_early_is_no_race_for_the_next_one() {
    for (id, octets_left, expected) in [("6.4.3", 0, "NON-STRICT"), ("6.4.3", 6, "OK"), ("6.4.4", 0, "NON-STRICT")] {
        let mut case = report(id, &[pong(), close(1007)], Ending::Eof);
        let record = case.record.as_mut().unwrap();
        let (violation, _) = record.plan.violation.unwrap();
        // the target was faster than the empty frame behind the violation
        record.transcript.0.retain(|timed| !matches!(timed.entry, Event::Sent { op, .. } if op > violation));
        for timed in &mut record.transcript.0 {
            if let Event::Sent { op, octets } = &mut timed.entry
                && *op == violation
            {
                *octets -= octets_left;
            }
        }
        let judged = case_of(id).unwrap();
        case.verdict = judge(judged, &record.plan, &record.transcript, &Law::of(&CORPUS), Strictness::default());
        assert_eq!(words(&case), (expected, "OK", Some(1007)), "{id} {octets_left} {:?}", case.verdict);
    }
}

#[test]
fn what_was_not_judged_is_no_success() {
    let unreachable = || {
        let verdict = Verdict::of(vec![Finding::broken("no connection")], false);
        CaseReport::new(entry("1.1.1"), verdict, None, SystemTime::UNIX_EPOCH, Duration::ZERO)
    };
    assert_eq!(words(&unreachable()), ("FAILED", "FAILED", None));
    assert_eq!(unreachable().words(Role::Server).result_close, "The WebSocket opening handshake was never completed!");
    let kept_open = report("1.1.1", &[text(b""), close(1000)], Ending::Closed);
    assert_eq!(words(&kept_open), ("OK", "FAILED BY CLIENT", Some(1000)));
}

#[test]
fn an_id_whose_extension_is_not_agreed_on_is_unimplemented_and_says_why() {
    let case = report("12.1.1", &[close(1000)], Ending::Eof);
    assert_eq!(words(&case), ("UNIMPLEMENTED", "OK", Some(1000)));
    assert!(case.words(Role::Server).result.contains("permessage-deflate"));
}

#[test]
fn what_compression_saves_is_told_of_good_conversations() {
    let case = case_of("13.1.1").unwrap();
    let plan = planned(case);
    let key = plan.requests[0].values("sec-websocket-key").next().unwrap().to_vec();
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        handshake::accept(&key)
    );
    let mut deflater = Deflater::new(15, true);
    let mut octets = head.clone().into_bytes();
    let mut compressed = 0;
    for message in &plan.messages {
        let payload = deflater.deflate(&plan.payload(message.payload).to_vec());
        let mut header = FrameHeader::new(Opcode::TEXT, payload.len() as u64, None);
        header.rsv = 4;
        header.encode(&mut octets);
        octets.extend_from_slice(&payload);
        compressed += payload.len();
    }
    octets.extend_from_slice(&close(1000));
    let record = record(case, &[&octets], Ending::Eof);
    let figures = traffic::traffic(&record);
    let count = plan.messages.len() as u64;
    assert_eq!(figures["incomingWebSocketMessages"], count);
    assert_eq!(figures["incomingWebSocketFrames"], count);
    assert_eq!(figures["incomingOctetsAppLevel"], 16 * count);
    assert_eq!(figures["incomingOctetsWebSocketLevel"], compressed);
    assert_eq!(figures["incomingOctetsWireLevel"], compressed as u64 + 2 * count);
    assert_eq!(figures["preopenIncomingOctetsWireLevel"], head.len());
    assert_eq!(figures["outgoingWebSocketMessages"], count);
    assert_eq!(figures["outgoingOctetsAppLevel"], 16 * count);
    let overhead = 2.0 * count as f64 / compressed as f64;
    assert!((figures["incomingWebSocketOverhead"].as_f64().unwrap() - overhead).abs() < 1e-9);
    let shorter = |key: &str| figures[key].as_f64().is_some_and(|ratio| ratio > 0.0 && ratio < 2.0);
    assert!(shorter("incomingCompressionRatio") && shorter("outgoingCompressionRatio"));
}

fn agents(name: &str) -> Vec<AgentReport<'static>> {
    let cases = vec![
        report("1.1.1", &[text(b""), close(1000)], Ending::Eof),
        report("10.1.1", &[close(1000)], Ending::Eof),
        report("2.1", &[frame(Opcode::PONG, b""), close(1000)], Ending::Eof),
        report("9.7.1", &[], Ending::Eof),
    ];
    vec![AgentReport { agent: name.to_owned(), role: Role::Server, cases }]
}

#[test]
fn the_index_is_read_by_line_and_by_key() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &agents("My Server/1.0")).unwrap();
    let index = std::fs::read_to_string(folder.path().join("index.json")).unwrap();
    insta::assert_snapshot!(index.lines().take(16).collect::<Vec<_>>().join("\n"), @r#"
    {
       "My Server/1.0": {
          "1.1.1": {
             "behavior": "OK",
             "behaviorClose": "OK",
             "duration": 7,
             "remoteCloseCode": 1000,
             "reportfile": "my_server_1_0_case_1_1_1.json"
          },
          "10.1.1": {
             "behavior": "FAILED",
             "behaviorClose": "OK",
             "duration": 7,
             "remoteCloseCode": 1000,
             "reportfile": "my_server_1_0_case_10_1_1.json"
          },
    "#);
    let parsed: BTreeMap<String, BTreeMap<String, serde_json::Value>> = serde_json::from_str(&index).unwrap();
    for row in parsed["My Server/1.0"].values() {
        assert!(folder.path().join(row["reportfile"].as_str().unwrap()).exists());
        assert!(row["duration"].is_u64());
    }
}

/// The keys of every report of a case, and one letter for the types that scripts find there.
const KEYS: &str = "agent:s behavior:s behaviorClose:s case:n closedByMe:b createStats:b createWirelog:b description:s \
    droppedByMe:b duration:n expectation:s expected:o expectedClose:o failedByMe:b httpRequest:s httpResponse:s id:s isServer:b \
    localCloseCode:n localCloseReason:z received:a remoteCloseCode:n remoteCloseReason:z reportCompressionRatio:b \
    reportTime:b result:s resultClose:s rxFrameStats:o rxOctetStats:o started:s trafficStats:z txFrameStats:o \
    txOctetStats:o wasClean:b wasCloseHandshakeTimeout:b wasNotCleanReason:z wasOpenHandshakeTimeout:b \
    wasServerConnectionDropTimeout:b wirelog:a wsspec:o";

#[test]
fn a_case_has_every_key_in_order() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &agents("x")).unwrap();
    let case = std::fs::read_to_string(folder.path().join("x_case_1_1_1.json")).unwrap();
    let case: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&case).unwrap();
    let letter = |value: &serde_json::Value| match value {
        serde_json::Value::Null => 'z',
        serde_json::Value::Bool(_) => 'b',
        serde_json::Value::Number(_) => 'n',
        serde_json::Value::String(_) => 's',
        serde_json::Value::Array(_) => 'a',
        serde_json::Value::Object(_) => 'o',
    };
    let keys: Vec<String> = case.iter().map(|(key, value)| format!("{key}:{}", letter(value))).collect();
    assert_eq!(keys.join(" "), KEYS);
    assert_eq!(case["expected"], serde_json::json!({"OK": [["message", "", false]]}));
    assert_eq!(case["received"], serde_json::json!([["message", "", false]]));
    assert_eq!(case["localCloseCode"], 1000);
    assert_eq!(case["started"], "1970-01-01T00:00:00.000Z");
    assert!(case["httpRequest"].as_str().unwrap().starts_with("GET / HTTP/1.1\r\n"));
    assert!(case["httpResponse"].as_str().unwrap().ends_with("\r\n\r\n"));
    let kinds: Vec<&str> = case["wirelog"].as_array().unwrap().iter().filter_map(|row| row[0].as_str()).collect();
    assert_eq!(kinds, ["TO", "TF", "TO", "TF", "TO", "RO", "RO", "RF", "RO", "RF"]);
}

#[test]
fn class_names_are_those_that_scripts_count() {
    let folder = tempfile::tempdir().unwrap();
    let page = || std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    let mut good = agents("x");
    good[0].cases.retain(|case| words(case).0 == "OK");
    write(folder.path(), &good).unwrap();
    assert!(page().matches("case_failed").count() <= 2);
    assert_eq!(page().matches(r#"<td class="case_ok"><a "#).count(), 2);
    write(folder.path(), &agents("x")).unwrap();
    assert!(page().matches("case_failed").count() > 2);
}

#[test]
fn nothing_of_a_target_acts_in_a_page_or_names_a_file() {
    let nasty = "../<script>alert(1)</script>\"'&\0\x1b[31m\u{202e}\n</td>";
    let folder = tempfile::tempdir().unwrap();
    let outdir = folder.path().join("reports");
    let mut agents = agents(nasty);
    agents[0].cases.push(report("1.1.2", &[text(nasty.as_bytes())], Ending::Reset));
    write(&outdir, &agents).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    for file in std::fs::read_dir(&outdir).unwrap() {
        let path = file.unwrap().path();
        let octets = std::fs::read(&path).unwrap();
        let content = String::from_utf8(octets).unwrap();
        if path.extension().is_some_and(|ending| ending == "html") {
            assert!(!content.contains("<script") && !content.contains("\x1b") && !content.contains('\u{202e}'));
        } else {
            serde_json::from_str::<serde_json::Value>(&content).unwrap();
        }
    }
}

#[test]
fn reports_may_be_written_again_with_more_agents() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut all = agents("a.b");
    write(folder.path(), &all).unwrap();
    std::fs::remove_file(path("a_b_case_1_1_1.json")).unwrap();
    std::fs::write(path("a_b_case_2_1.json"), "kept").unwrap();
    all.extend(agents("A-B"));
    write(folder.path(), &all).unwrap();
    // what a script deleted is there again, and what was written is not written twice
    assert!(path("a_b_case_1_1_1.json").exists());
    assert_eq!(std::fs::read_to_string(path("a_b_case_2_1.json")).unwrap(), "kept");
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(path("index.json")).unwrap()).unwrap();
    assert_eq!(index["a.b"]["2.1"]["reportfile"], "a_b_case_2_1.json");
    assert_eq!(index["A-B"]["2.1"]["reportfile"], "a_b_2_case_2_1.json");
    assert!(path("a_b_2_case_2_1.json").exists() && path("a_b_2_case_2_1.html").exists());
}

#[test]
fn a_flood_does_not_fill_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let pings: Vec<Vec<u8>> = (0..20_000).map(|_| frame(Opcode::PING, b"are you there")).collect();
    let cases = vec![report("1.1.1", &pings, Ending::Closed)];
    write(folder.path(), &[AgentReport { agent: "f".to_owned(), role: Role::Server, cases }]).unwrap();
    for name in ["f_case_1_1_1.json", "f_case_1_1_1.html"] {
        assert!(std::fs::metadata(folder.path().join(name)).unwrap().len() < 400_000, "{name}");
    }
}
