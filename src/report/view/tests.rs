use super::rows::{Bounds, Row, rows};
use crate::case::{Case, Corpus};
use crate::report::Record;
use crate::report::tests::planned;
use crate::transcript::{Ending, Entry, Span, Transcript};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const HEAD: &[u8] = b"HTTP/1.1 101 S\r\n\r\n";

fn case(steps: &str) -> Case {
    let text = format!(
        r#"{{"group":"g","title":"","why":"","cases":[{{"name":"c","title":"","steps":{steps},"checks":[]}}]}}"#
    );
    let files = BTreeMap::from([("g.json".into(), text.into_bytes())]);
    Corpus::from_files(Path::new("cases"), files).unwrap().groups.remove(0).cases.remove(0)
}

/// A record in which the head was exchanged, and then `happened`.
fn record(steps: &str, happened: impl FnOnce(&mut Transcript)) -> Record {
    let plan = planned(&case(steps));
    let mut transcript = Transcript::default();
    transcript.push_received(Duration::ZERO, Span::Octets(HEAD.to_vec()));
    happened(&mut transcript);
    transcript.push(Duration::from_micros(9_001), Entry::Ended(Ending::Eof));
    Record { plan, transcript }
}

fn told(rows: &[Row]) -> String {
    let mut lines = Vec::new();
    for row in rows.iter().filter(|row| row.lines.is_empty()) {
        let carries = row.carries.as_ref().map(|carries| format!(" | {carries}")).unwrap_or_default();
        lines.push(format!("{} {}: {} | {}{carries}", row.at_ms, row.by, row.what, row.detail));
        lines.extend(row.notes.iter().map(|note| format!("    {}: {}", note.kind, note.says)));
        if let Some(hex) = &row.hex {
            let key = hex.key.as_ref().map(|_| " (key)").unwrap_or_default();
            let header = hex.header.as_deref().unwrap_or("none");
            lines.push(format!("    header {header}{key}, {} lines, {} more", hex.lines.len(), hex.more));
        }
    }
    lines.join("\n")
}

fn shown(record: &Record, bounds: Bounds) -> String {
    told(&rows(record, bounds))
}

#[test]
fn sent_frames_are_taken_apart_as_they_were_meant() {
    let steps = r#"[{"send": [
        {"text": "Hello", "length": 3},
        {"binary": "Hello", "length": 70000, "violates": true},
        {"raw": {"hex": "ff00"}},
        {"text": {"repeat": {"unit": "ab", "to": 6}}, "fragment": 4},
        {"close": 1000, "reason": "bye", "form": 16, "rsv": 1}
    ]}]"#;
    let record = record(steps, |transcript| {
        let at = Duration::from_millis;
        transcript.push_sent(at(1), 2, 12);
        transcript.push(at(2), Entry::Connected);
        transcript.push_sent(at(3), 2, 1000);
    });
    insta::assert_snapshot!(shown(&record, Bounds::FULL), @r#"
    1.000 harness: text frame | FIN, masked | 5 octets "Hello"
        violation: announces 3 octets, 5 follow
        header 81 83 (key), 1 lines, 0 more
    1.000 harness: binary frame | FIN, masked | 5 octets "Hello"
        plain: only the first 1 of 19 octets now
        violation: announces 70000 octets, 5 follow
        violation: the violation, on purpose
        header 82 ff 00 00 00 00 00 01 11 70 (key), 1 lines, 0 more
    2.000 : connected | 
    3.000 harness: binary frame | FIN, masked | 5 octets "Hello"
        plain: the rest, from octet 1 of 19 on
        violation: announces 70000 octets, 5 follow
        violation: the violation, on purpose
    3.000 harness: octets without a frame |  | 2 octets ff 00
        plain: behind the violation
        header none, 1 lines, 0 more
    3.000 harness: text frame | no FIN, masked | 4 octets "abab"
        plain: behind the violation
        header 01 84 (key), 1 lines, 0 more
    3.000 harness: continuation frame | FIN, masked | 2 octets "ab"
        plain: behind the violation
        header 80 82 (key), 1 lines, 0 more
    3.000 harness: Close | FIN, RSV3, masked, length in 16 bits | 1000 (normal), reason "bye"
        plain: behind the violation
        header 98 fe 00 05 (key), 1 lines, 0 more
    9.001 : end of the connection |
    "#);
}

#[test]
fn what_came_is_told_by_frame_with_its_facts() {
    let steps = r#"[{"send": [{"text": {"repeat": {"unit": "*", "to": 300}}}]}, {"await": "echo"}]"#;
    let record = record(steps, |transcript| {
        let at = Duration::from_millis;
        let echo = |from, len| Span::Echo { payload: 0, from, len, mask: None };
        let octets = |octets: &[u8]| Span::Octets(octets.to_vec());
        transcript.push_received(at(2), octets(&[0x01, 0x7e, 0, 150]));
        transcript.push_received(at(2), echo(0, 150));
        transcript.push_received(at(3), octets(&[0xc0, 0x7e, 0, 150]));
        transcript.push_received(at(4), echo(150, 100));
        transcript.push_received(at(4), octets(b"?"));
        transcript.push_received(at(4), echo(251, 49));
        transcript.push_received(at(5), octets(&[0x88, 0x02, 0x03, 0xea, 0x81]));
        transcript.push(at(6), Entry::Missed { op: 3, waited_us: 2_000_000 });
    });
    insta::assert_snapshot!(shown(&record, Bounds::FULL), @r#"
    2.000 target: text frame | no FIN, unmasked | 150 octets "************************************************…", as sent in payload 0
        header 01 7e 00 96, 10 lines, 0 more
    4.000 target: continuation frame | FIN, RSV1, unmasked | 150 octets "************************************************…"
        fact: altered at octet 100 of this frame: 3f where 2a was sent
        fact: a continuation frame with RSV bits 100
        plain: completes a text message of 300 octets in 2 frames
        header c0 7e 00 96, 10 lines, 0 more
    5.000 target: Close | FIN, unmasked | 1002 (protocol error)
        header 88 02, 1 lines, 0 more
    6.000 : deadline passed | the message that should come back was not there after 2.0 s
    9.001 target: unfinished | the connection ended in the middle of the header of a frame | 1 octet 81
        header none, 1 lines, 0 more
    9.001 : end of the connection |
    "#);
}

#[test]
fn long_conversations_keep_their_ends() {
    let steps = r#"[{"send": [{"text": {"repeat": {"unit": "*", "to": 40}}, "fragment": 1}]},
                    {"exchange": {"message": {"text": "x"}, "times": 50}}]"#;
    let record = record(steps, |transcript| {
        transcript.push_sent(Duration::from_millis(1), 2, 10_000);
        for round in 0..50 {
            transcript.push_sent(Duration::from_millis(2), 3 + 2 * round, 7);
            transcript.push_received(Duration::from_millis(3), Span::Octets(vec![0x81, 1, b'x']));
        }
    });
    let of_fragments = rows(&record, Bounds::FULL);
    assert_eq!(of_fragments.iter().filter(|row| row.kind == "gap").count(), 1);
    assert_eq!(of_fragments[4].what.as_str(), "… 34 more rows …");
    let bounded = rows(&record, Bounds { rows: 20, octets: 64 });
    assert_eq!(bounded.len(), 21);
    assert_eq!(bounded[10].what.as_str(), "… 89 more rows …");
    assert_eq!(bounded[20].kind, "end");
}

#[test]
fn what_a_strict_endpoint_would_not_let_pass_is_never_left_out() {
    let steps = r#"[{"send": [{"text": "x"}]}]"#;
    let frames = |rude: usize| {
        let mut octets = vec![0x01, 0];
        for number in 1..30 {
            octets.extend_from_slice(&[if number == rude { 0x40 } else { 0 }, 0]);
        }
        octets.extend_from_slice(&[0x80, 0]);
        octets
    };
    let record = record(steps, |transcript| {
        transcript.push_received(Duration::from_millis(1), Span::Octets(frames(15)));
    });
    for bounds in [Bounds::FULL, Bounds { rows: 4, octets: 32 }] {
        let rows = rows(&record, bounds);
        assert!(rows.len() < 20);
        assert!(rows.iter().any(|row| row.detail.as_str() == "no FIN, RSV1, unmasked"), "{bounds:?}");
        let left_out: usize = rows
            .iter()
            .filter_map(|row| row.what.as_str().strip_prefix("… ")?.split(' ').next()?.parse::<usize>().ok())
            .sum();
        let shown = rows.iter().filter(|row| row.kind != "gap").count();
        assert_eq!(left_out + shown, 33, "the head, 31 frames and the end, {bounds:?}");
    }
}

#[test]
fn a_body_between_two_responses_does_not_shift_the_frames() {
    let steps = r#"[{"request": {}}, {"send": [{"text": "x"}]}]"#;
    let record = record(steps, |transcript| {
        transcript.0.clear();
        let at = Duration::from_millis;
        let octets = |octets: &[u8]| Span::Octets(octets.to_vec());
        transcript.push_received(at(1), octets(b"HTTP/1.1 401 No\r\nContent-Length: 5\r\n\r\nHello"));
        transcript.push_received(at(2), octets(HEAD));
        transcript.push_received(at(3), octets(&[0x81, 1, b'x']));
    });
    insta::assert_snapshot!(shown(&record, Bounds::FULL), @r#"
    2.000 target: body of the response |  | 5 octets "Hello"
        header none, 1 lines, 0 more
    3.000 target: text frame | FIN, unmasked | 1 octet "x"
        header 81 01, 1 lines, 0 more
    9.001 : end of the connection |
    "#);
}

#[test]
fn a_head_and_the_frames_that_go_with_it_are_told_apart() {
    let text = r#"{"group":"g","title":"","why":"","cases":[{"name":"c","title":"",
        "opening":{"with":[{"text":"early"},{"ping":"p","disputed":true}]},"steps":[],"checks":[]}]}"#;
    let files = BTreeMap::from([("g.json".into(), text.as_bytes().to_vec())]);
    let case = Corpus::from_files(Path::new("cases"), files).unwrap().groups.remove(0).cases.remove(0);
    let plan = planned(&case);
    let mut transcript = Transcript::default();
    transcript.push_sent(Duration::ZERO, 0, 9);
    transcript.push(Duration::ZERO, Entry::Connected);
    transcript.push_sent(Duration::ZERO, 0, 10_000);
    let rows = rows(&Record { plan, transcript }, Bounds::FULL);
    let kinds: Vec<_> = rows.iter().map(|row| (row.what.as_str(), row.lines.len())).collect();
    assert_eq!(kinds, [("request head", 1), ("connected", 0), ("request head", 6), ("text frame", 0), ("ping", 0)]);
    assert_eq!(rows[3].carries.as_ref().unwrap().as_str(), "5 octets \"early\"");
    assert_eq!(rows[4].notes[0].says.as_str(), "the target may take this frame, or refuse it");
}
