//! Whether messages came back, and whether they were taken.

use super::Conversation;
use super::conversation::Received;
use super::expect::Answer;
use super::words;
use crate::plan::{SentMessage, Stage};
use crate::wire::{ClosePayload, Opcode};

/// Frames with no more payload than this cannot be too big for anyone.
const NEVER_TOO_BIG: u64 = 125;

/// How many messages came back in order.
pub(super) fn echoed(conversation: &Conversation<'_>) -> usize {
    conversation.messages.len() - unasked(conversation).len()
}

/// The messages from the target that are no echo of what it had to take.
pub(super) fn unasked<'c, 'a>(conversation: &'c Conversation<'a>) -> Vec<&'c Received<'a>> {
    let mut expected = conversation.plan.messages.iter().peekable();
    let is_unasked =
        |received: &&Received<'_>| expected.next_if(|sent| is_echo(conversation, sent, received)).is_none();
    conversation.messages.iter().filter(is_unasked).collect()
}

fn is_echo(conversation: &Conversation<'_>, sent: &SentMessage, received: &Received<'_>) -> bool {
    let plan = conversation.plan;
    received.opcode == sent.opcode && received.content.is(plan.payload(sent.payload), &plan.payloads)
}

/// Every message came back once, in order, unchanged.
pub(super) fn came_back(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    if !plan.echo {
        return Answer::NotApplicable;
    }
    let count = echoed(conversation);
    if let Some(missing) = plan.messages.get(count) {
        return not_back(conversation, missing, count);
    }
    if conversation.messages.len() == count {
        return Answer::Holds;
    }
    let more: Vec<&SentMessage> = plan.messages.iter().collect();
    for (at, sent) in more.iter().enumerate() {
        if plan.payload(sent.payload).is_empty() {
            continue;
        }
        let same = |other: &&&SentMessage| {
            other.opcode == sent.opcode && plan.payload(other.payload).same(plan.payload(sent.payload))
        };
        if more[..at].iter().any(|earlier| same(&earlier)) {
            continue;
        }
        let wanted = more.iter().filter(same).count();
        let found = conversation.messages.iter().filter(|received| is_echo(conversation, sent, received)).count();
        if found > wanted {
            let what = describe(conversation, sent);
            return Answer::Fails {
                says: format!("{what} came back {found} times, and was sent {wanted}."),
                accepted: accepted(conversation),
            };
        }
    }
    Answer::Holds
}

/// The messages were taken: they came back, or the connection went on behind them.
pub(super) fn accepted_by(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    if plan.echo && !plan.messages.is_empty() {
        let count = echoed(conversation);
        return match plan.messages.get(count) {
            None => Answer::Holds,
            Some(missing) => not_back(conversation, missing, count),
        };
    }
    // a pong may overtake the refusal, so it does not tell that the message in front of its ping was taken
    if let Some(limit) = refused_by_size(conversation) {
        return limit;
    }
    let mut barriers = plan.pings.iter().filter(|ping| ping.barrier && ping.stage == Stage::Before);
    let Some(last) = barriers.next_back() else {
        return Answer::NotApplicable;
    };
    if conversation.pongs.iter().any(|pong| pong.is(plan.payload(last.payload), &plan.payloads)) {
        return Answer::Holds;
    }
    if !plan.frames.iter().any(|frame| conversation.is_begun(frame.op) && frame.op < last.op) {
        return Answer::NotReached(cut_short(conversation));
    }
    match conversation.close {
        Some(payload) => closed_early(conversation, payload),
        None => did_not_go_on(conversation),
    }
}

/// What it says about the target that it ended the conversation in front of the frames that matter.
pub(super) fn stopped_early(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    let is_barrier = |op: u32| {
        plan.pings.iter().any(|ping| ping.op == op && ping.barrier)
            || plan.messages.iter().any(|message| message.op == op && message.barrier)
    };
    let has_begun = plan.frames.iter().any(|frame| conversation.is_begun(frame.op) && !is_barrier(frame.op));
    match conversation.close {
        Some(payload) if has_begun => closed_early(conversation, payload),
        None if has_begun && conversation.ended_by_target() => did_not_go_on(conversation),
        _ => Answer::NotReached(cut_short(conversation)),
    }
}

/// Nothing but legal frames was sent, and the target closed.
fn closed_early(conversation: &Conversation<'_>, payload: &ClosePayload) -> Answer {
    let code = payload.code();
    if let Some(code @ (1002 | 1007)) = code {
        return Answer::Fails {
            says: format!("The target took a legal frame for an error and failed the connection with {code}."),
            accepted: accepted(conversation),
        };
    }
    refused_by_size(conversation).or_else(|| takes_no_binary(conversation)).unwrap_or_else(|| {
        Answer::Skip(format!("the application behind the target ended the conversation ({})", words::close(payload)))
    })
}

fn did_not_go_on(conversation: &Conversation<'_>) -> Answer {
    Answer::Fails { says: "The target did not go on behind legal frames.".to_owned(), accepted: accepted(conversation) }
}

fn biggest(conversation: &Conversation<'_>) -> u64 {
    let plan = conversation.plan;
    let frames = plan
        .frames
        .iter()
        .filter(|frame| conversation.is_begun(frame.op))
        .map(|frame| frame.means.unwrap_or(frame.payload));
    // one of many frames is more than any of them
    let messages = plan.messages.iter().filter(|sent| conversation.is_begun(sent.first_op)).map(|sent| sent.payload);
    frames.chain(messages).map(|payload| plan.payload(payload).len()).max().unwrap_or(0)
}

/// What a message that did not come back says about the target.
fn not_back(conversation: &Conversation<'_>, missing: &SentMessage, count: usize) -> Answer {
    let plan = conversation.plan;
    if !conversation.is_begun(missing.first_op) {
        return stopped_early(conversation);
    }
    let len = plan.payload(missing.payload).len();
    if conversation.close.is_some() {
        let code = conversation.close_code();
        if let Some(limit) = refused_for_size(conversation, code, len) {
            return limit;
        }
        if missing.opcode == Opcode::BINARY
            && let Some(skip) = takes_no_binary(conversation)
        {
            return skip;
        }
    }
    Answer::Fails { says: how_it_differs(conversation, missing, count), accepted: accepted(conversation) }
}

/// The Close of an application that was sent a binary message and has no use for one.
pub(super) fn takes_no_binary(conversation: &Conversation<'_>) -> Option<Answer> {
    let mut messages = conversation.plan.messages.iter();
    let was_sent = messages.any(|sent| sent.opcode == Opcode::BINARY && conversation.is_begun(sent.first_op));
    let fits = was_sent && conversation.close_code() == Some(1003);
    fits.then(|| Answer::Skip("the target takes no binary messages (Close 1003)".to_owned()))
}

/// The limit of which the Close of the target tells, if something large was sent.
pub(super) fn refused_by_size(conversation: &Conversation<'_>) -> Option<Answer> {
    refused_for_size(conversation, conversation.close_code(), biggest(conversation))
}

/// RFC 6455 section 10.4 lets an endpoint have limits: a refusal for size is told, not held against it.
fn refused_for_size(conversation: &Conversation<'_>, code: Option<u16>, len: u64) -> Option<Answer> {
    let many_frames = conversation.plan.ops.len() > 8;
    let fits = matches!(code, Some(1008 | 1009)) && (len > NEVER_TOO_BIG || many_frames);
    fits.then(|| {
        let refused = format!("the target refused a message of {len} octets with {}", code.unwrap_or_default());
        // a limit on what is under way in all can come to this too; what does not echo may pass on anybody's messages
        let longest = conversation.messages.iter().map(|received| received.content.len()).max();
        match longest.filter(|longest| conversation.plan.echo && *longest > len) {
            Some(longer) => Answer::Limit(format!("{refused}, although one of {longer} octets had come back")),
            None => Answer::Limit(refused),
        }
    })
}

/// Whether something came back that is no message that was sent, though nothing was unasked on this connection before.
pub(super) fn altered(conversation: &Conversation<'_>) -> bool {
    unasked(conversation).iter().any(|received| {
        let plan = conversation.plan;
        plan.messages.iter().any(|sent| {
            let payload = plan.payload(sent.payload);
            let near = received.content.first_difference(payload, &plan.payloads).unwrap_or(received.content.len());
            !received.content.is_empty() && near >= 16.min(payload.len()) && received.content.len() <= payload.len()
        })
    })
}

fn describe(conversation: &Conversation<'_>, sent: &SentMessage) -> String {
    words::message(sent.opcode, &words::payload(conversation.plan.payload(sent.payload)))
}

fn how_it_differs(conversation: &Conversation<'_>, missing: &SentMessage, count: usize) -> String {
    let plan = conversation.plan;
    let payload = plan.payload(missing.payload);
    let what = describe(conversation, missing);
    let place = if plan.messages.len() > 1 {
        format!(" (message {} of {})", count + 1, plan.messages.len())
    } else {
        String::new()
    };
    // the message that most likely is the altered echo: the first one that is no other echo
    let candidate = unasked(conversation)
        .into_iter()
        .find(|received| !plan.messages.iter().any(|sent| is_echo(conversation, sent, received)));
    let Some(received) = candidate else {
        let why = match (conversation.close, conversation.ended_by_target()) {
            (Some(ClosePayload::Code(code, _)), _) => {
                format!("the target closed with {code} instead")
            }
            (Some(_), _) => "the target closed instead".to_owned(),
            (None, true) => "the target ended the connection instead".to_owned(),
            (None, false) => "nothing came back".to_owned(),
        };
        return format!("{what}{place} did not come back: {why}.");
    };
    if received.opcode != missing.opcode && received.content.is(payload, &plan.payloads) {
        return format!("{what}{place} came back as {}.", received.opcode);
    }
    let got = received.content.len();
    match received.content.first_difference(payload, &plan.payloads) {
        Some(at) if got == payload.len() => {
            format!("{what}{place} came back altered from octet {at} on.")
        }
        Some(at) => {
            format!("{what}{place} came back altered from octet {at} on, with {got} octets.")
        }
        None => format!("{what}{place} came back with {got} octets."),
    }
}

/// Why a case did not come to the point.
pub(super) fn cut_short(conversation: &Conversation<'_>) -> String {
    match (conversation.close, conversation.missed) {
        (Some(payload), _) => {
            format!("the target closed before the case came to the point ({})", words::close(payload))
        }
        (None, _) if conversation.ended_by_target() => {
            "the target ended the connection before the case came to the point".to_owned()
        }
        (None, Some(_)) => "the target stopped answering before the case came to the point".to_owned(),
        (None, None) => "the case did not come to the point".to_owned(),
    }
}

fn accepted(conversation: &Conversation<'_>) -> Vec<Vec<String>> {
    const MOST: usize = 12;
    let plan = conversation.plan;
    let mut lines = vec![words::opening(plan.role).to_owned()];
    let shown: Vec<String> = if plan.echo {
        plan.messages.iter().map(|sent| describe(conversation, sent)).collect()
    } else {
        let barriers = plan.pings.iter().filter(|ping| ping.barrier);
        barriers.map(|ping| format!("pong {}", words::payload(plan.payload(ping.payload)))).collect()
    };
    let more = shown.len().saturating_sub(MOST);
    lines.extend(shown.into_iter().take(MOST));
    if more > 0 {
        lines.push(format!("… {more} more …"));
    }
    vec![lines]
}
