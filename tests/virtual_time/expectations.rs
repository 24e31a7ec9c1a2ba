//! Each expectation with a server that fulfils it and one that does not, judged from what the engine recorded.

use crate::peer::{Act, Heard, Script, at, but, case, close, conforming, converse, frame, switching};
use wsspec::case::Law;
use wsspec::judge::{Outcome, Strictness, judge};
use wsspec::transcript::{Ending, Entry};
use wsspec::wire::{FrameHeader, Opcode};

const ECHO: &str =
    r#"["barrier", {"send": [{"text": "Hello"}, {"binary": "World"}]}, {"await": "echo"}, {"close": 1000}]"#;
const PINGS: &str = r#"[{"send": [{"ping": "1"}, {"ping": "2"}]}, {"await": "pong"}, {"close": 1000}]"#;
const ONE_PING: &str = r#"[{"send": [{"ping": "1"}]}, {"await": "pong"}, {"close": 1000}]"#;
const CLOSE: &str = r#"["barrier", {"close": 1000}]"#;
const VIOLATION: &str = r#"["barrier", {"send": [{"text": "first"}, {"text": "second", "rsv": 2, "violates": true}, {"ping": ""}]}, {"await": "end"}]"#;
const UNFINISHED: &str =
    r#"["barrier", {"send": [{"text": "He", "fin": false}]}, {"linger_ms": 100}, {"close": 1000}]"#;
const EARLY: &str = r#"["barrier", {"send": [{"text": "He", "rsv": 2, "violates": true}]}, {"linger_ms": 100}, {"send": [{"text": "llo"}]}, {"await": "end"}]"#;
const HALF_CLOSE: &str = r#"["barrier", "half_close", {"await": "end"}]"#;
const TWO_REQUESTS: &str = r#"[{"request": {}}, {"await": "response"}, {"await": "end"}]"#;

/// An expectation, the steps around it, a server for which it holds, and one for which it does not.
fn row(expect: &str, steps: &str, good: Script, bad: Script) -> Option<String> {
    let verdict = |script| {
        let checks = format!(r#"[{{"must": "6455-5.5-1", "expect": {expect}}}]"#);
        let mut outcome = converse(case(steps, &checks), true, script);
        // whoever resets a connection is taken for dead
        let served = outcome.transcript.ending() != Some(&Ending::Reset);
        outcome.transcript.push(outcome.took, Entry::Aftermath { served });
        judge(&outcome.case, &outcome.plan, &outcome.transcript, &Law::NONE, Strictness::default())
    };
    let (good, bad) = (verdict(good), verdict(bad));
    let wrong = (good.outcome, bad.outcome) != (Outcome::Pass, Outcome::Fail);
    wrong.then(|| format!("{expect}: {good:?}, and not so: {bad:?}"))
}

fn fine() -> Script {
    Box::new(conforming)
}

fn answers(response: &'static str) -> Script {
    but(move |heard| match heard {
        Heard::Request(_) => Some(vec![Act::Say(response.as_bytes().to_vec()), Act::End]),
        _ => None,
    })
}

/// A Close of the server behind some time.
fn closing(ms: u64, reply: bool) -> Script {
    at(Opcode::CLOSE, move |payload| match reply {
        true => vec![Act::Wait(ms), Act::Say(frame(Opcode::CLOSE, payload)), Act::End],
        false => vec![Act::Say(frame(Opcode::CLOSE, payload)), Act::Wait(ms), Act::End],
    })
}

fn failing(acts: fn() -> Vec<Act>) -> Script {
    but(move |heard| match heard {
        Heard::Frame(header, _) if header.rsv != 0 => Some(acts()),
        Heard::Frame(header, payload) if header.opcode == Opcode::PING && payload.is_empty() => Some(Vec::new()),
        _ => None,
    })
}

fn goes_on() -> Script {
    but(|heard| match heard {
        Heard::Frame(header, payload) if header.rsv != 0 => Some(vec![Act::Say(frame(Opcode::TEXT, payload))]),
        _ => None,
    })
}

fn unfinished(fin: bool) -> Script {
    but(move |heard| match heard {
        Heard::Frame(header, payload) if header.opcode == Opcode::TEXT => {
            let mut octets = Vec::new();
            FrameHeader { fin, ..FrameHeader::new(Opcode::TEXT, payload.len() as u64, None) }.encode(&mut octets);
            octets.extend(payload);
            Some(if fin { vec![Act::Say(octets)] } else { Vec::new() })
        }
        _ => None,
    })
}

fn silent() -> Script {
    but(|heard| matches!(heard, Heard::Request(_)).then(Vec::new))
}

const REFUSAL: &str =
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8, 13\r\nContent-Length: 0\r\n\r\n";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\n\r\n";
const TWO_ANSWERS: &str =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\nHTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
const NO_ANSWER: &str = "";

#[test]
fn expectations_of_the_opening_handshake() {
    let wrong: Vec<String> = [
        row(r#""established""#, CLOSE, fine(), answers(REFUSAL)),
        row(r#""not_established""#, CLOSE, answers(REFUSAL), fine()),
        row(r#"{"refused": [400, 426]}"#, CLOSE, answers(REFUSAL), answers(NOT_FOUND)),
        row(r#"{"refused": []}"#, CLOSE, answers(NOT_FOUND), fine()),
        row(r#""answered""#, TWO_REQUESTS, answers(REFUSAL), answers(NO_ANSWER)),
        row(r#""settled""#, TWO_REQUESTS, answers(NO_ANSWER), silent()),
        row(r#""one_response""#, CLOSE, answers(NOT_FOUND), answers(TWO_ANSWERS)),
        row(r#"{"statuses": [[426, 400]]}"#, CLOSE, answers(REFUSAL), answers(NOT_FOUND)),
        row(
            r#"{"field": {"name": "Sec-WebSocket-Version", "has": "13"}}"#,
            CLOSE,
            answers(REFUSAL),
            answers(NOT_FOUND),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expectations_of_messages_and_pings() {
    let twice = |opcode| at(opcode, move |payload| vec![Act::Say(frame(opcode, payload).repeat(2))]);
    let only_last = || {
        at(
            Opcode::PING,
            |payload| if payload == b"1" { Vec::new() } else { vec![Act::Say(frame(Opcode::PONG, payload))] },
        )
    };
    let reversed = || {
        let mut first = Vec::new();
        at(Opcode::PING, move |payload| {
            let pong = frame(Opcode::PONG, payload);
            match payload {
                b"1" => {
                    first = pong;
                    Vec::new()
                }
                _ => vec![Act::Say(pong), Act::Say(std::mem::take(&mut first))],
            }
        })
    };
    let late = |ms| at(Opcode::PING, move |payload| vec![Act::Wait(ms), Act::Say(frame(Opcode::PONG, payload))]);
    let wrong: Vec<String> = [
        row(r#""echo""#, ECHO, fine(), twice(Opcode::BINARY)),
        row(r#""echo""#, ECHO, fine(), at(Opcode::BINARY, |_| vec![Act::Say(frame(Opcode::TEXT, b"World"))])),
        row(r#""echo_prefix""#, ECHO, fine(), at(Opcode::TEXT, |_| vec![Act::Say(frame(Opcode::TEXT, b"hello"))])),
        row(r#""accepted""#, ECHO, fine(), at(Opcode::BINARY, |_| vec![Act::Say(close(1002)), Act::End])),
        row(r#""pongs""#, PINGS, fine(), at(Opcode::PING, |_| vec![Act::Say(frame(Opcode::PONG, b"3"))])),
        row(r#""pongs""#, PINGS, only_last(), silent_at(Opcode::PING)),
        row(r#""pongs_in_order""#, PINGS, fine(), reversed()),
        row(r#"{"pong_within_ms": 500}"#, PINGS, late(200), late(700)),
        row(r#""nothing_unfinished""#, UNFINISHED, unfinished(false), unfinished(true)),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A server behind a way of 300 ms, which answers pings so late and fails a connection at once.
fn far(ms: u64) -> Script {
    but(move |heard| match heard {
        Heard::Request(request) => Some(vec![Act::Wait(300), Act::Say(switching(request))]),
        Heard::Frame(header, payload) if header.opcode == Opcode::PING => {
            Some(vec![Act::Wait(ms), Act::Say(frame(Opcode::PONG, payload))])
        }
        Heard::Frame(header, _) if header.rsv != 0 => Some(vec![Act::Wait(300), Act::Say(close(1002)), Act::End]),
        _ => None,
    })
}

#[test]
fn what_the_way_takes_is_no_slowness_of_the_target() {
    let near = || failing(|| vec![Act::Wait(300), Act::Say(close(1002)), Act::End]);
    let wrong: Vec<String> = [
        row(r#"{"pong_within_ms": 500}"#, ONE_PING, far(700), far(900)),
        row(r#""failed_early""#, EARLY, far(0), near()),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn silent_at(opcode: Opcode) -> Script {
    at(opcode, |_| Vec::new())
}

/// A server that takes so many milliseconds for each octet of a message, or for the square of their number.
fn taking(of: fn(u64) -> u64) -> Script {
    at(Opcode::TEXT, move |payload| vec![Act::Wait(of(payload.len() as u64)), Act::Say(frame(Opcode::TEXT, payload))])
}

#[test]
fn expectations_of_growth() {
    let parts: Vec<String> = [8, 16, 32, 64]
        .map(|octets| {
            format!(r#"{{"send": [{{"text": {{"random_text": {octets}}}}}]}}, {{"await": "echo"}}, "barrier""#)
        })
        .into();
    let steps = format!(r#"["barrier", {}, {{"close": 1000}}]"#, parts.join(", "));
    let expect = r#""grows_linearly""#;
    let slow_but_linear = || taking(|octets| 20 * octets);
    let wrong: Vec<String> = [
        row(expect, &steps, fine(), taking(|octets| octets * octets / 4)),
        row(expect, &steps, slow_but_linear(), taking(|octets| octets * octets / 4)),
        // the growth is the same, and nobody is harmed
        row(expect, &steps, taking(|octets| octets * octets / 16), taking(|octets| octets * octets / 4)),
        // twice as much took more than twice as long only once
        row(
            expect,
            &steps,
            taking(|octets| if octets == 64 { 1000 } else { octets }),
            taking(|octets| octets * octets / 4),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expectations_of_failing_and_closing() {
    let bare = || failing(|| vec![Act::End]);
    let resets = || failing(|| vec![Act::Reset]);
    let with_close = || failing(|| vec![Act::Say(close(1002)), Act::End]);
    let with_other_code = || failing(|| vec![Act::Say(close(1000)), Act::End]);
    let with_empty_close = || failing(|| vec![Act::Say(frame(Opcode::CLOSE, b"")), Act::End]);
    let late = || failing(|| vec![Act::Wait(150), Act::Say(close(1002)), Act::End]);
    let deaf_until_then =
        |acts: fn() -> Vec<Act>| at(Opcode::TEXT, move |payload| if payload == b"first" { Vec::new() } else { acts() });
    let half_close = |acts: fn() -> Vec<Act>| but(move |heard| matches!(heard, Heard::HalfClose).then(acts));
    let wrong: Vec<String> = [
        row(r#""failed""#, VIOLATION, with_close(), goes_on()),
        row(r#""failed""#, VIOLATION, bare(), failing(Vec::new)),
        row(r#""failed""#, VIOLATION, resets(), failing(|| vec![Act::Say(frame(Opcode::TEXT, b"second")), Act::End])),
        row(r#""close_frame""#, VIOLATION, with_close(), bare()),
        row(r#"{"close_code": [1002]}"#, VIOLATION, with_close(), with_other_code()),
        row(r#"{"close_code_not": [1000]}"#, VIOLATION, with_close(), with_other_code()),
        row(r#"{"closed_with": [1002]}"#, VIOLATION, with_close(), with_other_code()),
        row(r#"{"closed_with": [1002]}"#, VIOLATION, with_close(), with_empty_close()),
        row(
            r#"{"echoed_first": 1}"#,
            VIOLATION,
            with_close(),
            deaf_until_then(|| vec![Act::Say(close(1002)), Act::End]),
        ),
        row(r#""failed_early""#, EARLY, with_close(), late()),
        row(r#""reset""#, VIOLATION, resets(), bare()),
        row(r#""clean_end""#, VIOLATION, bare(), resets()),
        row(r#""close_reply""#, CLOSE, fine(), at(Opcode::CLOSE, |_| vec![Act::End])),
        row(r#"{"close_reply_within_ms": 500}"#, CLOSE, closing(200, true), closing(700, true)),
        row(r#""ended""#, CLOSE, closing(2000, false), closing(20_000, false)),
        row(r#"{"ended_within_ms": 500}"#, CLOSE, closing(200, false), closing(700, false)),
        row(r#""ended_after_half_close""#, HALF_CLOSE, fine(), half_close(Vec::new)),
        row(r#""survives""#, ECHO, fine(), at(Opcode::BINARY, |_| vec![Act::Reset])),
        row(
            r#"{"any_of": ["close_frame", {"echoed_first": 1}]}"#,
            VIOLATION,
            bare(),
            deaf_until_then(|| vec![Act::End]),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
