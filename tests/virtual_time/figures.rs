//! Each figure that a case can measure, on servers that differ in it.

use crate::peer::{Act, Heard, Script, at, but, case, close, conforming, converse, frame};
use wsspec::case::Law;
use wsspec::judge::{Outcome, Severity, Strictness, judge};
use wsspec::wire::{FrameHeader, Opcode};

const ECHO: &str = r#"["barrier", {"send": [{"text": "Hello"}]}, {"await": "echo"}, {"close": 1000}]"#;
const PINGS: &str = r#"[{"send": [{"ping": "1"}, {"ping": "2"}, {"ping": "3"}]}, {"await": "pong"}, {"linger_ms": 50}, {"close": 1000}]"#;
const CLOSE: &str = r#"["barrier", {"close": 1000}]"#;
const VIOLATION: &str = r#"["barrier", {"send": [{"text": "x", "rsv": 2, "violates": true}]}, {"await": "end"}]"#;
const EARLY: &str = r#"["barrier", {"send": [{"text": "He", "fin": false, "rsv": 2, "violates": true}]}, {"linger_ms": 100}, {"send": [{"cont": "llo"}]}, {"await": "end"}]"#;
const DISPUTED: &str =
    r#"["barrier", {"send": [{"text": "Hello", "disputed": true}]}, {"await": "echo"}, {"close": 1000}]"#;

/// What a case says that does nothing but measure.
fn told(measure: &str, steps: &str, script: Script) -> Option<String> {
    let checks = format!(r#"[{{"may": "6455-5.5-1", "expect": {{"measure": "{measure}"}}}}]"#);
    let outcome = converse(case(steps, &checks), true, script);
    let verdict = judge(&outcome.case, &outcome.plan, &outcome.transcript, &Law::NONE, Strictness::default());
    assert_eq!(verdict.outcome, Outcome::Info, "{measure}: {verdict:?}");
    verdict.findings.into_iter().find(|finding| finding.severity == Severity::Measured).map(|finding| finding.says)
}

fn answers(response: &'static str) -> Script {
    but(move |heard| match heard {
        Heard::Request(_) => Some(vec![Act::Say(response.as_bytes().to_vec()), Act::End]),
        _ => None,
    })
}

fn pongs(answered: &'static [&'static [u8]], late: u64) -> Script {
    at(Opcode::PING, move |payload| match answered.contains(&payload) || payload.len() > 1 {
        true => vec![Act::Wait(late), Act::Say(frame(Opcode::PONG, payload))],
        false => Vec::new(),
    })
}

fn failing(acts: fn() -> Vec<Act>) -> Script {
    but(move |heard| matches!(heard, Heard::Frame(header, _) if header.rsv != 0).then(acts))
}

fn halves() -> Script {
    at(Opcode::TEXT, |payload| {
        let (first, second) = payload.split_at(payload.len() / 2);
        let mut octets = Vec::new();
        FrameHeader { fin: false, ..FrameHeader::new(Opcode::TEXT, first.len() as u64, None) }.encode(&mut octets);
        octets.extend(first);
        octets.extend(frame(Opcode::CONTINUATION, second));
        vec![Act::Say(octets)]
    })
}

const REFUSAL: &str = "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, Close\r\nSec-WebSocket-Version: 13, 8\r\n\
                       Content-Length: 0\r\n\r\n";

#[test]
fn each_figure_has_its_words() {
    let fine = || Box::new(conforming) as Script;
    let all: &[&[u8]] = &[b"1", b"2", b"3"];
    let replies = |code| at(Opcode::CLOSE, move |_| vec![Act::Say(close(code)), Act::End]);
    let ends = |late| {
        at(Opcode::CLOSE, move |payload| vec![Act::Say(frame(Opcode::CLOSE, payload)), Act::Wait(late), Act::End])
    };
    let refuses = || failing(|| vec![Act::Say(close(1009)), Act::End]);
    let too_big = || at(Opcode::TEXT, |_| vec![Act::Say(close(1009)), Act::End]);
    let early = || failing(|| vec![Act::Say(close(1002)), Act::End]);
    let late = || failing(|| vec![Act::Wait(150), Act::Say(close(1002)), Act::End]);
    for (measure, steps, script, says) in [
        ("handshake", CLOSE, fine(), Some("Large heads: opened.")),
        ("handshake", CLOSE, answers(REFUSAL), Some("Large heads: refused with 426.")),
        ("handshake", CLOSE, answers(""), Some("Large heads: refused by the end of the connection.")),
        ("refusal", CLOSE, fine(), None),
        ("refusal", CLOSE, answers(REFUSAL), Some("Refusals: 426 with Connection: close.")),
        ("refusal", CLOSE, answers(""), Some("Refusals: the bare end of the connection.")),
        ("versions", CLOSE, answers(REFUSAL), Some("Versions: 13, 8.")),
        ("subprotocol", CLOSE, fine(), Some("Subprotocol selected: none.")),
        ("message", DISPUTED, fine(), Some("Large messages: taken.")),
        ("message", DISPUTED, too_big(), Some("Large messages: refused by Close 1009 and FIN.")),
        ("fragmentation", ECHO, fine(), Some("Echoes: in one frame.")),
        ("fragmentation", ECHO, halves(), Some("Echoes: in several frames.")),
        ("pongs", PINGS, fine(), Some("Pings answered: all.")),
        ("pongs", PINGS, pongs(&[b"3"], 0), Some("Pings answered: only the last.")),
        ("pongs", PINGS, pongs(&[b"1", b"3"], 0), Some("Pings answered: some.")),
        ("pong_latency", PINGS, fine(), Some("Pong behind: under 1 s.")),
        ("pong_latency", PINGS, pongs(all, 400), Some("Pong behind: under 10 s.")),
        ("close_reply", CLOSE, fine(), Some("Answer to a Close: the same code.")),
        ("close_reply", CLOSE, replies(1001), Some("Answer to a Close: Close 1001.")),
        ("close_reply", CLOSE, at(Opcode::CLOSE, |_| vec![Act::End]), Some("Answer to a Close: FIN alone.")),
        ("ending", CLOSE, ends(10), Some("End of the connection: by the target, with FIN, under 1 s later.")),
        ("ending", CLOSE, ends(2000), Some("End of the connection: by the target, with FIN, under 10 s later.")),
        ("ending", CLOSE, ends(20_000), Some("End of the connection: by the harness, at the deadline.")),
        ("failing", VIOLATION, refuses(), Some("Failed by: Close 1009 and FIN.")),
        ("failing", VIOLATION, failing(|| vec![Act::Reset]), Some("Failed by: RST alone.")),
        ("detection", EARLY, early(), Some("Invalid text noticed: before the rest was sent.")),
        ("detection", EARLY, late(), Some("Invalid text noticed: when the rest had come.")),
    ] {
        assert_eq!(told(measure, steps, script).as_deref(), says, "{measure}");
    }
}

#[test]
fn a_figure_beside_checks_changes_no_verdict() {
    let checks = r#"[{"must": "6455-5.5.1-9", "expect": "close_reply"}, {"may": "6455-5.5.1-10", "expect": {"measure": "close_reply"}}]"#;
    let judged = |script| {
        let outcome = converse(case(CLOSE, checks), true, script);
        judge(&outcome.case, &outcome.plan, &outcome.transcript, &Law::NONE, Strictness::default())
    };
    let good = judged(Box::new(conforming));
    assert_eq!((good.outcome, good.findings[0].severity), (Outcome::Pass, Severity::Note));
    assert_eq!(judged(at(Opcode::CLOSE, |_| vec![Act::End])).outcome, Outcome::Fail);
}
