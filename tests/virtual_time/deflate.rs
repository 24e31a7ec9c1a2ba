//! Compression: what is agreed decides what is sent, and what comes is read within bounds.

use crate::peer::{Act, Heard, Outcome, Script, but, case, close, converse, frame, switching};
use std::time::Duration;
use wsspec::case::Law;
use wsspec::judge::{Outcome as Judged, Strictness, judge};
use wsspec::transcript::Ending;
use wsspec::wire::blocks::{BlockWriter, Token};
use wsspec::wire::deflate::Deflater;
use wsspec::wire::inflate::{Inflater, Inspection};
use wsspec::wire::{FrameHeader, Opcode};

/// A compressed message twice, of which the second is little more than a reference to the first.
const TWICE: &str = r#"[{"send": [{"text": {"sample": {"kind": "json", "len": 3000}}, "deflate": true}]},
    {"send": [{"text": {"sample": {"kind": "json", "len": 3000}}, "deflate": true}]}, {"await": "echo"}, {"close": 1000}]"#;
const CHECKS: &str = r#"[{"must": "x", "expect": "accepted"}]"#;

fn run(offer: &str, checks: &str, script: Script) -> Outcome {
    let mut case = case(TWICE, checks);
    case.opening = serde_json::from_str(&format!(r#"{{"deflate": {{"offer": "{offer}"}}}}"#)).unwrap();
    converse(case, true, script)
}

/// A server that answers an offer with this, and messages with what `reply` makes of their compressed octets.
fn answering(answer: &'static str, mut reply: impl FnMut(&[u8]) -> Vec<u8> + 'static) -> Script {
    but(move |heard| match heard {
        Heard::Request(request) => {
            let head = String::from_utf8(switching(request)).unwrap();
            let fields = format!("Sec-WebSocket-Extensions: {answer}\r\n\r\n");
            Some(vec![Act::Say(head.replacen("\r\n\r\n", &format!("\r\n{fields}"), 1).into_bytes())])
        }
        Heard::Frame(header, payload) if header.opcode == Opcode::TEXT => {
            let octets = reply(payload);
            let mut frame = Vec::new();
            FrameHeader { rsv: 4, ..FrameHeader::new(Opcode::TEXT, octets.len() as u64, None) }.encode(&mut frame);
            frame.extend(octets);
            Some(vec![Act::Say(frame)])
        }
        _ => None,
    })
}

/// What the compressed messages of the harness are made of.
fn sent(outcome: &Outcome) -> Vec<Inspection> {
    let mut inflater = Inflater::default();
    let messages = outcome.heard.iter().filter_map(|heard| match heard {
        Heard::Frame(header, payload) if header.opcode == Opcode::TEXT => Some(inflater.inflate(payload, 1 << 20)),
        _ => None,
    });
    messages.collect()
}

fn verdict(outcome: &Outcome) -> wsspec::judge::Verdict {
    judge(&outcome.case, &outcome.plan, &outcome.transcript, &Law::NONE, Strictness::default())
}

#[test]
fn the_harness_compresses_as_was_agreed() {
    for (offer, answer, farthest, refers) in [
        ("permessage-deflate", "permessage-deflate", 32_768, true),
        ("permessage-deflate; client_no_context_takeover", "permessage-deflate", 32_768, true),
        ("permessage-deflate", "permessage-deflate; client_no_context_takeover", 32_768, false),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=9", 512, false),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=8", 256, false),
    ] {
        let outcome = run(offer, CHECKS, answering(answer, <[u8]>::to_vec));
        let inspections = sent(&outcome);
        assert_eq!(inspections.len(), 2, "{answer}");
        assert!(inspections.iter().all(|read| read.fault.is_none() && read.farthest <= farthest), "{answer}");
        assert_eq!(inspections[1].before > 1000, refers, "{answer}");
        assert_eq!(outcome.transcript.ending(), Some(&Ending::Eof));
    }
}

#[test]
fn without_agreement_nothing_is_sent_but_a_farewell() {
    let declines = but(|_| None);
    let outcome = run("permessage-deflate", CHECKS, declines);
    assert!(outcome.heard.iter().all(|heard| match heard {
        Heard::Frame(header, _) => header.opcode == Opcode::CLOSE,
        _ => true,
    }));
    assert_eq!((outcome.took, outcome.transcript.ending()), (Duration::ZERO, Some(&Ending::Eof)));
    let verdict = verdict(&outcome);
    assert_eq!(verdict.outcome, Judged::Skip);
    assert_eq!(verdict.findings[0].says, "the target did not accept this offer of permessage-deflate");
}

#[test]
fn a_bomb_ends_the_conversation() {
    let bomb = Deflater::new(15, true).deflate(&vec![0; 64 << 20]);
    let outcome = run("permessage-deflate", CHECKS, answering("permessage-deflate", move |_| bomb.clone()));
    assert_eq!(outcome.transcript.ending(), Some(&Ending::Overflow));
    // as far as it was read, it is no echo
    assert_eq!(verdict(&outcome).outcome, Judged::Fail);
}

#[test]
fn what_cannot_be_read_is_no_echo() {
    let outcome = run("permessage-deflate", CHECKS, answering("permessage-deflate", |_| vec![0xFF; 20]));
    let says = verdict(&outcome).findings[0].says.clone();
    assert!(says.contains("came back") && verdict(&outcome).outcome == Judged::Fail, "{says}");
}

#[test]
fn a_message_refused_for_what_it_comes_to_is_refused() {
    let mut writer = BlockWriter::default();
    writer.fixed(&[Token::Literals(b"made up".to_vec())], false);
    let made_up = writer.message();
    let steps = r#"[{"send": [{"text": {"hex": "ffffffff"}, "rsv": 4, "disputed": true}]}, {"await": "end"}]"#;
    let checks = r#"[{"must": "x", "expect": "nothing_else"}]"#;
    let run = |script: Script| {
        let mut case = case(steps, checks);
        case.opening = serde_json::from_str(r#"{"deflate": {}}"#).unwrap();
        verdict(&converse(case, true, script)).outcome
    };
    assert_eq!(run(answering("permessage-deflate", move |_| made_up.clone())), Judged::Fail);
    let refuses = but({
        let mut answers = answering("permessage-deflate", <[u8]>::to_vec);
        move |heard| match heard {
            Heard::Frame(header, _) if header.opcode == Opcode::TEXT => {
                Some(vec![Act::Say(close(1007)), Act::Say(frame(Opcode::PING, b"")), Act::End])
            }
            heard => Some(answers(heard)),
        }
    });
    assert_eq!(run(refuses), Judged::Pass);
}
