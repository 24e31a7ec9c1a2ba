//! What the engine does at what time.

use crate::peer::{Act, Heard, Outcome, at, but, case, close, conforming, converse, frame};
use std::time::Duration;
use wsspec::transcript::{Ending, Entry, Reply};
use wsspec::wire::Opcode;

const ECHO: &str = r#"[{"send": [{"text": "Hello"}]}, {"await": "echo"}, {"close": 1000}]"#;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn run(steps: &str, script: crate::peer::Script) -> Outcome {
    converse(case(steps, "[]"), true, script)
}

fn misses(outcome: &Outcome) -> usize {
    outcome.transcript.0.iter().filter(|timed| matches!(timed.entry, Entry::Missed { .. })).count()
}

fn replies(outcome: &Outcome) -> Vec<Reply> {
    let entries = outcome.transcript.0.iter();
    entries.filter_map(|timed| if let Entry::Replied { to, .. } = timed.entry { Some(to) } else { None }).collect()
}

fn opcodes(outcome: &Outcome) -> Vec<Opcode> {
    let frames = outcome.heard.iter();
    frames.filter_map(|heard| if let Heard::Frame(header, _) = heard { Some(header.opcode) } else { None }).collect()
}

#[test]
fn a_conforming_server_is_never_waited_for() {
    let outcome = run(ECHO, Box::new(conforming));
    assert_eq!((outcome.took, misses(&outcome)), (Duration::ZERO, 0));
    assert_eq!(opcodes(&outcome), [Opcode::TEXT, Opcode::CLOSE]);
    assert_eq!(outcome.transcript.ending(), Some(&Ending::Eof));
}

#[test]
fn every_wait_has_a_deadline() {
    for (silent_at, limit) in [(None, 5), (Some(Opcode::TEXT), 5), (Some(Opcode::CLOSE), 12)] {
        let script = but(move |heard| match heard {
            Heard::Request(_) if silent_at.is_none() => Some(Vec::new()),
            Heard::Frame(header, _) if Some(header.opcode) == silent_at => Some(Vec::new()),
            _ => None,
        });
        let outcome = run(ECHO, script);
        // the time for the octets themselves comes on top
        assert_eq!((outcome.took.as_secs(), misses(&outcome)), (limit, 1), "{silent_at:?}");
        assert_eq!(outcome.transcript.ending(), Some(&Ending::Closed));
    }
    let keeps_open = at(Opcode::CLOSE, |payload| vec![Act::Say(frame(Opcode::CLOSE, payload))]);
    assert_eq!(run(ECHO, keeps_open).took.as_secs(), 12);
    let ignores_violations = run(
        r#"[{"send": [{"text": "a", "rsv": 2, "violates": true}]}, {"await": "end"}]"#,
        at(Opcode::TEXT, |_| Vec::new()),
    );
    assert_eq!((ignores_violations.took.as_secs(), misses(&ignores_violations)), (5, 1));
}

#[test]
fn an_answer_just_before_the_deadline_counts() {
    let late = |ms| at(Opcode::TEXT, move |payload| vec![Act::Wait(ms), Act::Say(frame(Opcode::TEXT, payload))]);
    assert_eq!(misses(&run(ECHO, late(4999))), 0);
    assert_eq!(misses(&run(ECHO, late(5001))), 1);
}

#[test]
fn a_transfer_that_moves_has_time_and_a_trickle_of_something_else_has_not() {
    let steps = r#"[{"send": [{"text": {"repeat": {"unit": "*", "to": 1000}}}]}, {"await": "echo"}, {"close": 1000}]"#;
    let slow = |octet: u8| {
        at(Opcode::TEXT, move |payload| {
            let mut acts = vec![Act::Say(frame(Opcode::TEXT, payload)[..4].to_vec())];
            for _ in 0..10 {
                acts.extend([Act::Wait(3000), Act::Say([octet; 100].to_vec())]);
            }
            acts
        })
    };
    let (echo, other) = (run(steps, slow(b'*')), run(steps, slow(b'+')));
    assert_eq!((echo.took, misses(&echo)), (seconds(30), 0));
    assert_eq!((other.took.as_secs(), misses(&other)), (5, 1));
}

#[test]
fn two_echoes_at_once_are_no_sign_that_the_last_one_stays_out() {
    let steps = r#"[{"send": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}, {"await": "echo"}, {"close": 1000}]"#;
    let mut seen = Vec::new();
    let in_two_parts = at(Opcode::TEXT, move |payload| {
        seen.extend(frame(Opcode::TEXT, payload));
        match payload {
            b"a" => Vec::new(),
            b"b" => vec![Act::Say(std::mem::take(&mut seen))],
            _ => vec![Act::Wait(4000), Act::Say(std::mem::take(&mut seen))],
        }
    });
    let outcome = run(steps, in_two_parts);
    assert_eq!((outcome.took, misses(&outcome)), (seconds(4), 0));
}

#[test]
fn an_exchange_fills_its_window_and_never_more() {
    let exchange = |window: u32| {
        format!(
            r#"[{{"exchange": {{"message": {{"text": "x"}}, "times": 8, "window": {window}}}}}, {{"close": 1000}}]"#
        )
    };
    // answers when so many messages are there
    let holds = |most: usize| {
        let mut held = Vec::new();
        at(Opcode::TEXT, move |payload| {
            held.push(frame(Opcode::TEXT, payload));
            if held.len() < most { Vec::new() } else { vec![Act::Say(std::mem::take(&mut held).concat())] }
        })
    };
    for window in [1, 2, 4, 8] {
        let outcome = run(&exchange(window), holds(window as usize));
        assert_eq!((outcome.took, misses(&outcome)), (Duration::ZERO, 0), "{window}");
        assert_eq!(opcodes(&outcome).len(), 9, "{window}");
        assert_eq!(misses(&run(&exchange(window), holds(window as usize + 1))), 1, "{window}");
    }
}

#[test]
fn each_echo_of_an_exchange_has_a_deadline_of_its_own() {
    let steps = r#"[{"exchange": {"message": {"text": "x"}, "times": 30, "window": 32}}, {"close": 1000}]"#;
    let late = |ms| at(Opcode::TEXT, move |payload| vec![Act::Wait(ms), Act::Say(frame(Opcode::TEXT, payload))]);
    let outcome = run(steps, late(4900));
    assert_eq!((outcome.took, misses(&outcome)), (Duration::from_millis(30 * 4900), 0));
    assert_eq!(misses(&run(steps, late(5100))), 1);
}

#[test]
fn large_messages_of_an_exchange_go_one_by_one() {
    let steps =
        r#"[{"exchange": {"message": {"binary": {"random": 200000}}, "times": 3, "window": 32}}, {"close": 1000}]"#;
    assert_eq!(misses(&run(steps, Box::new(conforming))), 0);
    let mut held = Vec::new();
    let holds_two = at(Opcode::BINARY, move |payload| {
        held.push(frame(Opcode::BINARY, payload));
        if held.len() < 2 { Vec::new() } else { vec![Act::Say(std::mem::take(&mut held).concat())] }
    });
    assert_eq!(misses(&run(steps, holds_two)), 1);
}

#[test]
fn pings_are_answered_between_frames_and_never_inside_one() {
    // one comes before the message, one while its frame is under way in two pieces
    let script = but(|heard| match heard {
        Heard::Request(request) => {
            let mut octets = crate::peer::switching(request);
            octets.extend(frame(Opcode::PING, b"before"));
            Some(vec![Act::Say(octets), Act::Wait(10), Act::Say(frame(Opcode::PING, b"inside"))])
        }
        _ => None,
    });
    let steps = r#"[{"send": {"frames": [{"text": "Hello"}], "cut_payload_at": [3], "pause_ms": 20}}, {"await": "echo"}, {"close": 1000}]"#;
    let outcome = run(steps, script);
    let heard: Vec<(Opcode, &[u8])> = outcome
        .heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Frame(header, payload) if header.mask.is_some() => Some((header.opcode, payload.as_slice())),
            _ => None,
        })
        .collect();
    let expected: [(Opcode, &[u8]); 4] = [
        (Opcode::PONG, b"before"),
        (Opcode::TEXT, b"Hello"),
        (Opcode::PONG, b"inside"),
        (Opcode::CLOSE, &1000_u16.to_be_bytes()),
    ];
    assert_eq!(heard, expected);
    assert_eq!(replies(&outcome), [Reply::Pong, Reply::Pong]);
}

#[test]
fn a_flood_of_pings_gets_some_answers_and_an_end() {
    let flood = but(|heard| match heard {
        Heard::Frame(header, _) if header.opcode == Opcode::TEXT => Some(vec![
            Act::Say(frame(Opcode::PING, b"?").repeat(1000)),
            Act::Wait(1),
            Act::Say(frame(Opcode::PING, b"!").repeat(100_000)),
        ]),
        _ => None,
    });
    let outcome = run(ECHO, flood);
    assert_eq!(outcome.transcript.ending(), Some(&Ending::Overflow));
    assert_eq!(replies(&outcome).len(), 64);
}

#[test]
fn a_close_of_the_server_is_answered_once_and_its_end_awaited() {
    let closes_first = at(Opcode::TEXT, |_| vec![Act::Say(close(1001)), Act::Wait(3000), Act::End]);
    let outcome = run(ECHO, closes_first);
    assert_eq!((opcodes(&outcome), replies(&outcome)), (vec![Opcode::TEXT, Opcode::CLOSE], vec![Reply::Close]));
    assert_eq!((outcome.took, misses(&outcome)), (seconds(3), 0));
    let crossing = at(Opcode::CLOSE, |_| vec![Act::Say(close(1001)), Act::End]);
    assert!(replies(&run(ECHO, crossing)).is_empty(), "our Close was under way, and is the answer");
}

#[test]
fn what_came_before_a_failed_write_is_read() {
    let leaves = at(Opcode::TEXT, |_| vec![Act::Deafen, Act::Say(close(1011)), Act::End]);
    let steps = r#"[{"send": [{"text": "a"}]}, {"send": [{"text": "b"}]}, {"await": "close"}]"#;
    let outcome = run(steps, leaves);
    assert_eq!(outcome.transcript.ending(), Some(&Ending::Eof));
    let received = outcome.transcript.0.iter().filter(|timed| matches!(timed.entry, Entry::Received(_))).count();
    assert_eq!(received, 2, "the response and the Close: {:?}", outcome.transcript);
}

#[test]
fn an_end_cuts_a_silence_short() {
    let steps = r#"[{"send": [{"text": "a"}]}, {"linger_ms": 800}, {"close": 1000}]"#;
    assert_eq!(run(steps, Box::new(conforming)).took, Duration::from_millis(800));
    let ends = at(Opcode::TEXT, |_| vec![Act::Wait(300), Act::Reset]);
    let outcome = run(steps, ends);
    assert_eq!((outcome.took, outcome.transcript.ending()), (Duration::from_millis(300), Some(&Ending::Reset)));
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let endless = at(Opcode::TEXT, |_| vec![Act::Say(vec![0; 1 << 20]); 32]);
    let outcome = run(ECHO, endless);
    assert_eq!(outcome.transcript.ending(), Some(&Ending::Overflow));
    let stored = serde_json::to_string(&outcome.transcript).unwrap().len();
    assert!(stored < 4 << 20, "{stored} octets are kept");
}

#[test]
fn a_refused_handshake_ends_a_case_that_is_not_about_it() {
    let refuses = but(|heard| match heard {
        Heard::Request(_) => Some(vec![Act::Say(b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\n".to_vec())]),
        _ => None,
    });
    let outcome = run(ECHO, refuses);
    assert_eq!((outcome.took, opcodes(&outcome)), (Duration::ZERO, vec![]));
}
