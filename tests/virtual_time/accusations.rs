//! Conforming servers that were once accused: what they do is legal, or breaks another rule than it seems to.

use crate::peer::{Act, Heard, Script, at, but, close, converse, frame};
use wsspec::case::{Case, Corpus, Law};
use wsspec::judge::{Outcome, Strictness, Verdict, judge};
use wsspec::wire::Opcode;

fn verdict(corpus: &Corpus, id: &str, script: Script) -> Verdict {
    let case: Case = corpus.cases().find(|case| case.id == id).unwrap_or_else(|| panic!("no case {id}")).clone();
    let seen = converse(case, true, script);
    judge(&seen.case, &seen.plan, &seen.transcript, &Law::of(corpus), Strictness::default())
}

fn says(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|finding| finding.says.as_str()).collect()
}

#[test]
fn a_switch_to_another_protocol_that_was_asked_for_is_legal() {
    let corpus = Corpus::embedded().unwrap();
    let switches = || {
        but(|heard| match heard {
            Heard::Request(_) => Some(vec![
                Act::Say(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".to_vec()),
                Act::Say(b"\0\0\x0c\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x01\0\0".to_vec()),
                Act::End,
            ]),
            _ => None,
        })
    };
    let asked = verdict(&corpus, "handshake/upgrade/other-h2c", switches());
    assert!(asked.outcome < Outcome::Warn, "{asked:?}");
    // nobody asked for it here
    let unasked = verdict(&corpus, "handshake/upgrade/other-tls", switches());
    assert_eq!(unasked.outcome, Outcome::Fail, "{unasked:?}");
}

#[test]
fn a_malformed_refusal_breaks_http_and_no_rule_on_accepting() {
    let corpus = Corpus::embedded().unwrap();
    let refuses = || {
        but(|heard| match heard {
            Heard::Request(_) => Some(vec![
                Act::Say(b"HTTP/1.1 400 Bad\x01Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec()),
                Act::End,
            ]),
            _ => None,
        })
    };
    let verdict = verdict(&corpus, "handshake/upgrade/missing", refuses());
    assert_eq!(verdict.outcome, Outcome::Warn, "{verdict:?}");
}

#[test]
fn an_echo_that_comes_behind_the_pong_is_awaited() {
    let corpus = Corpus::embedded().unwrap();
    const ID: &str = "handshake/segments/frames-behind-the-head";
    let late = || at(Opcode::TEXT, |payload| vec![Act::Wait(300), Act::Say(frame(Opcode::TEXT, payload))]);
    let pong_first = || {
        let mut held: Vec<u8> = Vec::new();
        but(move |heard| match heard {
            Heard::Frame(header, payload) if header.opcode == Opcode::TEXT => {
                held.clone_from(payload);
                Some(Vec::new())
            }
            Heard::Frame(header, payload) if header.opcode == Opcode::PING && payload != b"early" => {
                Some(vec![Act::Say(frame(Opcode::PONG, payload)), Act::Wait(300), Act::Say(frame(Opcode::TEXT, &held))])
            }
            _ => None,
        })
    };
    for script in [late(), pong_first()] {
        let verdict = verdict(&corpus, ID, script);
        assert_eq!(verdict.outcome, Outcome::Pass, "{verdict:?}");
    }
    let swallows = verdict(&corpus, ID, at(Opcode::TEXT, |_| Vec::new()));
    assert_eq!(swallows.outcome, Outcome::Warn, "{swallows:?}");
    assert!(!says(&swallows).iter().any(|says| says.contains("must not be")), "{swallows:?}");
}

#[test]
fn an_end_inside_legal_frames_is_the_doing_of_the_target() {
    let corpus = Corpus::embedded().unwrap();
    let ends = |acts: fn() -> Vec<Act>| at(Opcode::TEXT, move |_| acts());
    let gone = verdict(&corpus, "framing/text-length/125-octets", ends(|| vec![Act::End]));
    assert_eq!(gone.outcome, Outcome::Fail, "{gone:?}");
    let left = verdict(&corpus, "framing/text-length/125-octets", ends(|| vec![Act::Say(close(1002)), Act::End]));
    assert_eq!(left.outcome, Outcome::Fail, "{left:?}");
}
