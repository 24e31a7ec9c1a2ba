//! Events as Autobahn's reports list them: what was expected and what came, cut to a length that people read.

use crate::case::{Case, Expect};
use crate::judge::Conversation;
use crate::plan::{Plan, Stage};
use crate::report::Record;
use crate::transcript::{Content, Event, Payloads, Timeline};
use crate::wire::Opcode;
use serde_json::{Map, Value, json};

/// So many octets of a payload are shown.
const SHOWN: usize = 64;
/// A payload is cut where it leaves no room for the dots.
const UNCUT: u64 = 60;
/// So many events are listed.
const MOST: usize = 200;

/// The first octets of a payload: as text where they are UTF-8, as digits where not.
pub(super) fn text(head: &[u8], len: u64) -> String {
    let shown = &head[..head.len().min(SHOWN)];
    let dots = if len > UNCUT { " ..." } else { "" };
    match std::str::from_utf8(shown) {
        Ok(text) => format!("{text}{dots}"),
        Err(_) => format!("0x{}", digits(shown, len)),
    }
}

/// The first octets as digits.
pub(super) fn digits(head: &[u8], len: u64) -> String {
    let shown = &head[..head.len().min(SHOWN)];
    let dots = if len > UNCUT { " ..." } else { "" };
    shown.iter().map(|octet| format!("{octet:02x}")).chain([dots.to_owned()]).collect()
}

fn text_of(content: &Content, payloads: &Payloads) -> String {
    text(&content.head(payloads, SHOWN), content.len())
}

/// What each verdict would have needed, where the case tells events apart.
pub(super) fn expected(case: &Case, plan: &Plan) -> Value {
    let first_close = plan.closes.first().map_or((u32::MAX, u64::MAX), |close| (close.op, close.end));
    let text_at = |payload: u32| {
        let payload = plan.payload(payload);
        let mut head = vec![0; payload.len().min(SHOWN as u64) as usize];
        payload.fill(0, &mut head);
        text(&head, payload.len())
    };
    let mut events: Vec<((u32, u64), Value)> = Vec::new();
    for message in plan.messages.iter().filter(|message| !message.barrier) {
        let event = json!(["message", text_at(message.payload), message.opcode == Opcode::BINARY]);
        events.push(((message.op, message.end), event));
    }
    for ping in plan.pings.iter().filter(|ping| !ping.barrier && ping.stage == Stage::Before) {
        events.push(((ping.op, ping.end), json!(["pong", text_at(ping.payload)])));
    }
    events.retain(|(place, _)| *place < first_close);
    events.sort_by_key(|(place, _)| *place);
    let ok: Vec<Value> = events.into_iter().take(MOST).map(|(_, event)| event).collect();
    let mut expected = Map::new();
    let knows_better = |expect: &Expect| matches!(expect, Expect::EchoedFirst(_) | Expect::FailedEarly);
    if case.checks.iter().any(|check| knows_better(&check.expect)) {
        expected.insert("NON-STRICT".to_owned(), json!([]));
    }
    expected.insert("OK".to_owned(), Value::Array(ok));
    Value::Object(expected)
}

/// The messages and pongs of the target, without those that only proved that the connection works.
pub(super) fn received(record: &Record) -> Value {
    let plan = &record.plan;
    let timeline = Timeline::new(&record.transcript, plan.decoder(), &plan.payloads);
    let conversation = Conversation::new(plan, &timeline);
    let is_barrier = |content: &Content, opcode: Option<Opcode>| {
        let pings = plan.pings.iter().filter(|ping| ping.barrier && opcode.is_none()).map(|ping| ping.payload);
        let messages = plan.messages.iter().filter(|message| message.barrier && Some(message.opcode) == opcode);
        pings
            .chain(messages.map(|message| message.payload))
            .any(|payload| content.is(plan.payload(payload), &plan.payloads))
    };
    let events = conversation.timeline.received().filter_map(|(_, event)| match event {
        Event::Message { opcode, content, .. } if !is_barrier(content, Some(*opcode)) => {
            Some(json!(["message", text_of(content, &plan.payloads), *opcode == Opcode::BINARY]))
        }
        Event::Pong(content) if !is_barrier(content, None) => Some(json!(["pong", text_of(content, &plan.payloads)])),
        _ => None,
    });
    Value::Array(events.take(MOST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_cut_as_readers_know_it() {
        assert_eq!(text(b"Hello, world!", 13), "Hello, world!");
        assert_eq!(text(&[0xfe; 3], 3), "0xfefefe");
        assert_eq!(text(&[b'*'; 64], 65536), format!("{} ...", "*".repeat(64)));
        assert_eq!(text(&[b'*'; 60], 60), "*".repeat(60));
        assert_eq!(text(&[0xfe; 64], 125), format!("0x{} ...", "fe".repeat(64)));
    }
}
