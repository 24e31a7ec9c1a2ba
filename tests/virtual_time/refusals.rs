//! A message that a server refuses for its size or its kind is told, and not held against the server.

use crate::peer::{Act, Script, at, case, close, converse, frame};
use wsspec::case::Law;
use wsspec::judge::{Outcome, Strictness, judge};
use wsspec::wire::Opcode;

const LARGE: &str =
    r#"["barrier", {"send": [{"text": {"repeat": {"unit": "*", "to": 1000}}}]}, {"await": "echo"}, {"close": 1000}]"#;
const BINARY: &str = r#"[{"send": [{"binary": "x"}, {"ping": "y"}]}, {"await": "pong"}, {"close": 1000}]"#;

/// The outcome on a server that does not echo.
fn outcome(expect: &str, steps: &str, script: Script) -> Outcome {
    let checks = format!(r#"[{{"must": "6455-5.5-1", "expect": {expect}}}]"#);
    let seen = converse(case(steps, &checks), false, script);
    judge(&seen.case, &seen.plan, &seen.transcript, &Law::NONE, Strictness::default()).outcome
}

fn too_big() -> Vec<Act> {
    vec![Act::Say(close(1009)), Act::End]
}

#[test]
fn a_refusal_by_size_is_a_limit_whether_or_not_a_pong_overtakes_it() {
    let at_once = || at(Opcode::TEXT, |_| too_big());
    let overtaken = || {
        let mut pings = 0;
        at(Opcode::PING, move |payload| {
            pings += 1;
            let pong = Act::Say(frame(Opcode::PONG, payload));
            std::iter::once(pong).chain(if pings == 2 { too_big() } else { Vec::new() }).collect()
        })
    };
    assert_eq!(outcome(r#""accepted""#, LARGE, at_once()), Outcome::Info);
    assert_eq!(outcome(r#""accepted""#, LARGE, overtaken()), Outcome::Info);
    assert_eq!(outcome(r#""close_reply""#, LARGE, at_once()), Outcome::Info);
}

#[test]
fn it_is_said_of_a_limit_that_a_longer_message_had_come_back() {
    const TWO: &str = r#"[
        {"send": [{"text": {"repeat": {"unit": "*", "to": 2000}}}]}, {"await": "echo"},
        {"send": [{"text": {"repeat": {"unit": "*", "to": 1000}}}]}, {"await": "echo"}, {"close": 1000}
    ]"#;
    let refuses = |most: Option<usize>| {
        let mut messages = 0;
        at(Opcode::TEXT, move |payload| {
            messages += 1;
            match most {
                Some(most) if payload.len() > most => too_big(),
                None if messages == 2 => too_big(),
                _ => vec![Act::Say(frame(Opcode::TEXT, payload))],
            }
        })
    };
    for (most, length, longer) in [(Some(1500), 2000, ""), (None, 1000, ", although one of 2000 octets had come back")]
    {
        let seen = converse(case(TWO, r#"[{"must": "6455-5.5-1", "expect": "echo"}]"#), true, refuses(most));
        let verdict = judge(&seen.case, &seen.plan, &seen.transcript, &Law::NONE, Strictness::default());
        let said: Vec<&str> = verdict.findings.iter().map(|finding| finding.says.as_str()).collect();
        let expected = format!("the target refused a message of {length} octets with 1009{longer}");
        assert_eq!((verdict.outcome, said), (Outcome::Info, vec![expected.as_str()]));
    }
}

#[test]
fn a_ping_behind_a_binary_message_that_nobody_takes_decides_nothing() {
    let closes_with = |code| at(Opcode::BINARY, move |_| vec![Act::Say(close(code)), Act::End]);
    assert_eq!(outcome(r#""pongs""#, BINARY, closes_with(1003)), Outcome::Skip);
    assert_eq!(outcome(r#""pongs""#, BINARY, closes_with(1000)), Outcome::Fail);
}

#[test]
fn what_others_say_while_a_message_is_disputed_decides_nothing() {
    const DISPUTED: &str = r#"[
        "barrier", {"send": [{"binary": {"repeat": {"unit": "*", "to": 1000}}, "disputed": true}]},
        {"await": "echo"}, {"close": 1000}
    ]"#;
    let passes_on = || at(Opcode::BINARY, |_| vec![Act::Say(frame(Opcode::BINARY, &[0; 60_000])); 64]);
    let silent = || at(Opcode::BINARY, |_| Vec::new());
    let either = r#"{"any_of": ["failed", "accepted"]}"#;
    for echo in [false, true] {
        let outcome = |script: Script| {
            let checks = format!(r#"[{{"must": "6455-5.5-1", "expect": {either}}}]"#);
            let seen = converse(case(DISPUTED, &checks), echo, script);
            judge(&seen.case, &seen.plan, &seen.transcript, &Law::NONE, Strictness::default()).outcome
        };
        assert_eq!(outcome(passes_on()), Outcome::Broken, "echo: {echo}");
        assert_eq!(outcome(silent()), if echo { Outcome::Fail } else { Outcome::Pass }, "echo: {echo}");
    }
}
