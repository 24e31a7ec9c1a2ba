//! Expectations about what a target does by itself, or because it was told to.

use super::Conversation;
use super::expect::{Answer, fails};
use super::words;
use crate::transcript::{Event, Payload};
use crate::wire::{ClosePayload, Opcode};

pub(super) fn stays_open(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    let sent_close = plan.closes.iter().any(|close| conversation.is_sent(close.op, close.end));
    if conversation.close.is_some() && !conversation.closed_first {
        return fails("The target closed a connection on which nothing was wrong.", &[]);
    }
    if conversation.ended_by_target() && !sent_close {
        return fails("The target ended a connection on which nothing was wrong.", &[]);
    }
    Answer::Holds
}

pub(super) fn closes(conversation: &Conversation<'_>, code: Option<u16>, reason: &str) -> Answer {
    let expected = match code {
        Some(code) => ClosePayload::Code(code, reason.as_bytes().to_vec()),
        None => ClosePayload::Empty,
    };
    let accepted = words::close(&expected);
    match conversation.close {
        Some(close) if *close == expected => Answer::Holds,
        Some(close) => fails(format!("The target sent {}, where it was told {accepted}.", words::close(close)), &[]),
        None => fails(format!("The target sent no Close, where it was told {accepted}."), &[&[&accepted]]),
    }
}

pub(super) fn sends(conversation: &Conversation<'_>, opcode: Opcode, octets: u64) -> Answer {
    let wanted = Payload::repeat(b"*", octets);
    let payloads = &conversation.plan.payloads;
    let is_it = |opcode_seen: Opcode, content: &crate::transcript::Content| {
        opcode_seen == opcode && content.is(&wanted, payloads)
    };
    if conversation.messages.iter().any(|message| is_it(message.opcode, message.content)) {
        return Answer::Holds;
    }
    fails(format!("The target did not send the {opcode} message of {octets} octets that it was told to send."), &[])
}

pub(super) fn pings(conversation: &Conversation<'_>, payload: &str) -> Answer {
    let wanted = Payload::octets(payload.as_bytes().to_vec());
    let payloads = &conversation.plan.payloads;
    let came = conversation.timeline.received().any(|(_, event)| match event {
        Event::Ping(content) => content.is(&wanted, payloads),
        _ => false,
    });
    match came {
        true => Answer::Holds,
        false => fails(format!("The target did not send the ping {payload:?} that it was told to send."), &[]),
    }
}
