use super::*;
use crate::case::Corpus;
use crate::case::load::load_group;
use std::path::Path;

fn told(opening: &str, steps: &str, checks: &str) -> String {
    let text = format!(
        r#"{{"group":"g","title":"","why":"","cases":[
            {{"name":"c","title":"","opening":{opening},"steps":{steps},"checks":{checks}}}]}}"#
    );
    let case = load_group(Path::new("g.json"), &text).unwrap().cases.remove(0);
    let told = explain(&case, &Register::default());
    let mut lines: Vec<String> = told.opening.iter().map(Printable::to_string).collect();
    for step in &told.steps {
        lines.push(step.says.to_string());
        lines.extend(step.items.iter().map(|item| format!("  {item}")));
    }
    lines.extend(told.checks.iter().map(|check| format!("{}: {}", check.level, check.says)));
    lines.join("\n")
}

#[test]
fn every_step_and_cut() {
    let steps = r#"[
        "barrier",
        {"send": [{"text": "Hello"}]},
        {"send": [{"text": "a", "fin": false}, {"ping": ""}, {"cont": "b"}]},
        {"send": {"frames": [{"text": "a"}, {"pong": "b"}], "flush": true}},
        {"send": {"frames": [{"text": "abc"}], "chop": 1}},
        {"send": {"frames": [{"text": "abc", "violates": true}], "chop": 2}},
        {"send": {"frames": [{"text": "abcdef"}], "cut_payload_at": [1, 4], "pause_ms": 50}},
        {"send": {"frames": [{"text": "abcdef"}], "cut_payload_at": [3]}},
        {"await": "echo"}, {"await": "pong"}, {"await": "close"}, {"await": "end"},
        {"await": "response"},
        {"linger_ms": 20},
        {"linger_patiently": {"usual_ms": 300, "patient_ms": 20000}},
        {"request": {}},
        {"request": {"remove": ["Upgrade"]}},
        "stop_reading",
        "go_on_reading",
        {"exchange": {"message": {"binary": {"random": 9}}, "times": 1000}},
        {"close": 1000},
        "half_close",
        "reset"
    ]"#;
    insta::assert_snapshot!(told("{}", steps, "[]"), @r#"
    Prove that the connection works: send a ping and wait for its pong.
    Send a text frame with 5 octets "Hello".
    Send in one write:
      a text frame with 1 octet "a", without FIN
      a ping without payload
      a continuation frame with 1 octet "b"
    Send each frame in a write of its own:
      a text frame with 1 octet "a"
      a pong with 1 octet "b"
    Send a text frame with 3 octets "abc", 1 octet at a time.
    Send 2 octets at a time:
      a text frame with 3 octets "abc": at this frame the target has to fail the connection
    Send a text frame with 6 octets "abcdef", in parts, cut behind 1 and 4 octets of the payload, with a pause of 50 ms at each cut.
    Send a text frame with 6 octets "abcdef", in parts, cut behind 3 octets of the payload.
    Wait until every message so far has come back; where the target does not echo, send a ping and wait for its pong.
    Wait for the pong that answers the last ping.
    Wait for a Close, or for the end of the connection.
    Wait until the target has ended the connection.
    Wait for the response to the last request, or for the end of the connection.
    Wait for 20 ms, or until the connection ends.
    Wait for 300 ms (20000 ms in a patient run), or until the connection ends.
    Send another request head on the same connection.
    Send another request head on the same connection:
      The field Upgrade is left out.
    Leave what the target sends unread from here on.
    Go on reading what the target sends.
    Do this 1000 times: send a binary frame with 9 octets drawn from the seed, and wait until it has come back.
    Send a Close with status code 1000 (normal), wait for the Close that answers it, then for the end of the connection.
    Close the sending half of the TCP connection.
    Reset the TCP connection.
    "#);
}

#[test]
fn every_frame_and_modifier() {
    let steps = r#"[{"send": [
        {"text": ""},
        {"text": "κόσμε", "rsv": 5},
        {"binary": {"hex": "00ff"}, "masking": "wrong"},
        {"binary": {"random": 9}, "masking": {"key": [0, 0, 0, 1]}},
        {"text": {"repeat": {"unit": "*", "to": 65536}}, "fragment": 64, "empty_last": true},
        {"text": {"repeat": {"unit": {"hex": "fe"}, "to": 126}}, "fragment": 1},
        {"text": {"random_text": 9}, "form": 64},
        {"binary": {"file": "x.bin"}, "length": 70000},
        {"text": {"concat": ["a", {"hex": "ff"}, {"random": 2}]}},
        {"cont": "x", "fin": false},
        {"ping": "p"}, {"pong": ""},
        {"close": 1000}, {"close": 4999, "reason": "bye"},
        {"close_payload": ""}, {"close_payload": {"hex": "03"}},
        {"binary": "x", "disputed": true},
        {"opcode": 3}, {"opcode": 11, "payload": "x", "violates": true},
        {"raw": {"hex": "8f"}}
    ]}]"#;
    insta::assert_snapshot!(told("{}", steps, "[]"), @r#"
    Send in one write:
      a text frame without payload
      a text frame with 10 octets "κόσμε", with RSV1 and RSV3 set
      a binary frame with 2 octets 00 ff, unmasked towards a server, masked towards a client
      a binary frame with 9 octets drawn from the seed, masked with the key 00 00 00 01
      a text message with 65536 octets that repeat "*", cut into frames of 64 octets, with an empty frame at the end where that comes out even
      a text message with 126 octets that repeat fe, cut into frames of 1 octet
      a text frame with 9 octets of printable text drawn from the seed, with its length in 64 bits
      a binary frame with the octets of the file data/x.bin, announcing 70000 octets
      a text frame with 1 octet "a", 1 octet ff and then 2 octets drawn from the seed
      a continuation frame with 1 octet "x", without FIN
      a ping with 1 octet "p"
      a pong without payload
      a Close with status code 1000 (normal)
      a Close with status code 4999 and a reason of 3 octets "bye"
      a Close without payload
      a Close with 1 octet 03
      a binary frame with 1 octet "x": the target may take this frame, or fail the connection at it
      a frame with opcode 0x3 and no payload
      a frame with opcode 0xb and 1 octet "x": at this frame the target has to fail the connection
      1 octet 8f, with no frame around them
    "#);
}

#[test]
fn every_expectation_and_level() {
    let checks = r#"[
        {"must": "a", "expect": "established"},
        {"must": "a", "expect": {"refused": []}},
        {"must": "a", "expect": {"refused": [400, 426]}},
        {"must": "a", "expect": "not_established"},
        {"must": "a", "expect": "settled"},
        {"must": "a", "expect": "answered"},
        {"must": "a", "expect": {"statuses": [[401], [101, 200]]}},
        {"must": "a", "expect": {"field": {"name": "Allow"}}},
        {"must": "a", "expect": {"field": {"name": "Upgrade", "has": "websocket"}}},
        {"must": "a", "expect": "echo_prefix"},
        {"should": "a", "expect": {"pong_within_ms": 1000}},
        {"should": "a", "expect": {"close_reply_within_ms": 1000}},
        {"should": "a", "expect": {"ended_within_ms": 1000}},
        {"should": "a", "expect": "clean_end"},
        {"must": "a", "expect": "ended_after_half_close"},
        {"must": "a", "expect": "survives"},
        {"must": "a", "expect": "echo"},
        {"must": "a", "expect": "accepted"},
        {"must": "a", "expect": "pongs"},
        {"must": "a", "expect": "failed"},
        {"should": "a", "expect": "close_frame"},
        {"should": "a", "expect": {"close_code": [1002, 1007, 1009]}},
        {"must": "a", "expect": "close_reply"},
        {"must": "a", "expect": "ended"},
        {"should": "a", "expect": "failed_early"},
        {"may": "a", "expect": {"echoed_first": 1}},
        {"may": "a", "expect": {"echoed_first": 2}},
        {"must": "a", "expect": {"any_of": ["failed", "established"]}}
    ]"#;
    insta::assert_snapshot!(told("{}", "[]", checks), @r#"
    Required (MUST): The opening handshake is completed.
    Required (MUST): The opening handshake is refused with any status of 400 and more.
    Required (MUST): The opening handshake is refused with 400 or 426.
    Required (MUST): The opening handshake is not completed.
    Required (MUST): The target answers the request or ends the connection, rather than leaving the harness waiting.
    Required (MUST): The request is answered by an HTTP response, rather than by the bare end of the connection.
    Required (MUST): The responses have the status codes 401, then 101 or 200, in this order.
    Required (MUST): The last response has the field Allow.
    Required (MUST): The last response has the field Upgrade with websocket in it.
    Required (MUST): What comes back are the first messages, unchanged and in order, however many.
    Recommended (SHOULD): A ping is answered within 1000 ms.
    Recommended (SHOULD): The Close is answered within 1000 ms.
    Recommended (SHOULD): The connection ends within 1000 ms.
    Recommended (SHOULD): The target closes the TCP connection rather than resetting it.
    Required (MUST): The target ends the connection once nothing more can come.
    Required (MUST): A new connection to the target works afterwards.
    Required (MUST): Every message comes back once, in order, with the same type and octets (nothing is said of a target that does not echo).
    Required (MUST): Every message is taken: it comes back, or, where the target does not echo, the connection goes on behind it.
    Required (MUST): Pings are answered by pongs with the same octets, in order, and the last ping in any case.
    Required (MUST): The target fails the connection, that is, it acts upon nothing from the violation on and ends the connection in time.
    Recommended (SHOULD): A target that fails the connection sends a Close first.
    Recommended (SHOULD): Where the target gives a status code, it is 1002, 1007 or 1009.
    Required (MUST): The Close is answered by a Close.
    Required (MUST): Behind the closing handshake the target ends the TCP connection.
    Recommended (SHOULD): The target fails the connection before the last part has been sent.
    Told, not judged (MAY): A message comes back before the connection is failed.
    Told, not judged (MAY): 2 messages come back before the connection is failed.
    Required (MUST): One of these holds: the target fails the connection, that is, it acts upon nothing from the violation on and ends the connection in time; or the opening handshake is completed.
    "#);
}

#[test]
fn every_change_of_the_opening() {
    let opening = r#"{"request_line": "GET /\u001b[2J HTTP/1.0", "set": [["Host", "x"]], "remove": ["Upgrade"],
        "add": [["X-More", ""]], "chop": 1, "nonce": {"hex": "00"}, "with": [{"text": "early"}]}"#;
    insta::assert_snapshot!(told(opening, "[]", "[]"), @r#"
    The request line is "GET /\x1b[2J HTTP/1.0".
    The field Host has the value "x".
    The field Upgrade is left out.
    A field is added: X-More with the value "".
    The head is written 1 octet at a time.
    The key is the Base64 of 1 octet 00.
    In one write with the head, before it is answered, goes a text frame with 5 octets "early".
    "#);
    insta::assert_snapshot!(told(r#"{"raw": "GET", "cut_at": [1, 2], "pause_ms": 9}"#, "[]", "[]"), @r#"
    In place of a head the harness sends 3 octets "GET".
    The head is sent in parts, cut behind octet 1 and 2, with a pause of 9 ms at each cut.
    "#);
}

#[test]
fn every_case_of_the_corpus_reads_as_sentences() {
    let corpus = Corpus::embedded().unwrap();
    for case in corpus.cases() {
        let told = explain(case, &corpus.register);
        let checks = told.checks.iter().map(|check| &check.says);
        for says in told.opening.iter().chain(told.steps.iter().map(|step| &step.says)).chain(checks) {
            let says = says.as_str();
            assert!(says.ends_with(['.', ':']), "{}: {says}", case.id);
            assert!(!says.contains(" ."), "{}: {says}", case.id);
        }
        let cited = told.checks.iter().flat_map(|check| &check.requirements);
        cited.for_each(|requirement| assert!(!requirement.level.is_empty(), "{} in {}", requirement.id, case.id));
    }
}
