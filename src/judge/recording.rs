//! Whether a recording that was read from a file can have come from a plan; whoever looks at it afterwards relies on that.

use crate::plan::{Op, Plan};
use crate::transcript::{Entry, Span, Transcript};

/// The longest time and the most octets that a recording may speak of.
const MOST: u64 = 1 << 53;

/// Why a transcript cannot have been recorded with a plan; `None` where it can.
pub fn fault_of(plan: &Plan, transcript: &Transcript) -> Option<String> {
    if let Some(number) = transcript.0.iter().position(|timed| timed.at_us > MOST) {
        return Some(format!("entry {number} has a time that no run comes to"));
    }
    let settled = plan.settled_by(transcript);
    let plan = settled.as_ref().unwrap_or(plan);
    let mut sent = vec![0_u64; plan.ops.len()];
    let mut decoder = plan.decoder();
    let mut events = Vec::new();
    for (number, timed) in transcript.0.iter().enumerate() {
        let fault = match &timed.entry {
            Entry::Sent { op, octets } => match (plan.ops.get(*op as usize), sent.get_mut(*op as usize)) {
                (Some(Op::Send(send)), Some(sum)) => {
                    *sum = sum.saturating_add(*octets);
                    (*sum > send.len).then(|| format!("{sum} octets of op {op}, which has {}", send.len))
                }
                _ => Some(format!("octets of op {op}, which sends none")),
            },
            Entry::Missed { op, .. } | Entry::Unsent { op, .. } if *op as usize >= plan.ops.len() => {
                Some(format!("op {op} of {}", plan.ops.len()))
            }
            Entry::Missed { waited_us, .. } if *waited_us > MOST => Some("a wait that no run comes to".to_owned()),
            Entry::Crowd(turnout) => {
                let answered = turnout.answered_us.iter().chain(turnout.others.iter().map(|other| &other.asked_us));
                let others = turnout.others.iter().filter_map(|other| other.answered_us.as_ref());
                let is_long = answered.chain(others).any(|us| *us > MOST);
                is_long.then(|| "a wait that no run comes to".to_owned())
            }
            Entry::Received(spans) => {
                let mut fault = None;
                for span in spans {
                    fault = of_span(plan, span, decoder.room_for_span());
                    if fault.is_some() {
                        break;
                    }
                    decoder.push(span, &plan.payloads, &mut events);
                    events.clear();
                }
                fault
            }
            _ => None,
        };
        if let Some(fault) = fault {
            return Some(format!("entry {number} speaks of {fault}"));
        }
    }
    None
}

/// What is wrong with a run of received octets, where the frame under way takes `room` more.
fn of_span(plan: &Plan, span: &Span, room: u64) -> Option<String> {
    let payload = match span {
        Span::Octets(_) => return None,
        Span::Echo { payload, .. } | Span::Deflated { payload, .. } => Some(*payload),
        Span::Opaque { .. } => None,
    };
    if span.len() > room {
        return Some(format!("{} octets of a frame that has room for {room}", span.len()));
    }
    let index = payload?;
    let Some(known) = plan.payloads.0.get(index as usize) else {
        return Some(format!("payload {index} of {}", plan.payloads.0.len()));
    };
    match span {
        Span::Echo { from, len, .. } if from.checked_add(*len).is_none_or(|end| end > known.len()) => {
            Some(format!("{len} octets from {from} on of a payload of {}", known.len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, Role};
    use crate::plan::{Target, plan};
    use crate::transcript::{Timed, Turnout};
    use std::collections::BTreeMap;

    #[test]
    fn whatever_no_run_records_is_refused() {
        let steps = r#"[{"send": [{"text": {"repeat": {"unit": "*", "to": 100}}}]}]"#;
        let case = Case::bare("a/b", serde_json::from_str(steps).unwrap());
        let plan = plan(&case, &Target::echoing(Role::Server), 1, &BTreeMap::new()).unwrap();
        let head = b"HTTP/1.1 101 S\r\n\r\n\x81\x64".to_vec();
        let echo = |payload, from, len| {
            Entry::Received(vec![Span::Octets(head.clone()), Span::Echo { payload, from, len, mask: None }])
        };
        let opaque = |len| Entry::Received(vec![Span::Octets(head.clone()), Span::Opaque { len, sha1: String::new() }]);
        let payload = plan.messages[0].payload;
        let says = |at_us, entry| fault_of(&plan, &Transcript(vec![Timed { at_us, entry }]));
        assert_eq!(says(7, echo(payload, 0, 100)), None);
        assert_eq!(says(7, opaque(100)), None);
        assert_eq!(says(7, Entry::Sent { op: 0, octets: 1 }), None);
        for (at_us, entry) in [
            (u64::MAX, Entry::Connected),
            (7, Entry::Sent { op: 99, octets: 1 }),
            (7, Entry::Sent { op: 0, octets: u64::MAX }),
            (7, Entry::Missed { op: 99, waited_us: 1 }),
            (7, Entry::Missed { op: 0, waited_us: u64::MAX }),
            (7, Entry::Unsent { op: u32::MAX, octets: 1 }),
            (7, Entry::Crowd(Turnout { answered_us: vec![u64::MAX], ..Turnout::default() })),
            (7, echo(77, 0, 1)),
            (7, echo(payload, 90, 11)),
            (7, echo(payload, u64::MAX, 2)),
            (7, opaque(101)),
            (7, opaque(u64::MAX)),
        ] {
            assert!(says(at_us, entry.clone()).is_some(), "{entry:?}");
        }
    }
}
