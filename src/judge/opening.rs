//! Expectations about the opening handshake.

use super::Conversation;
use super::expect::{Answer, fails};
use super::words;
use crate::case::Role;
use crate::transcript::{Ending, Event};

const REFUSAL: &[&str] = &["response 400"];

fn how(conversation: &Conversation<'_>) -> String {
    match (conversation.status, conversation.ending()) {
        (Some(status), _) => format!("was answered with {status}"),
        (None, _) if !conversation.responses.is_empty() => "was answered by something without a status".to_owned(),
        (None, Some(Ending::Eof | Ending::Reset)) => "was answered by the end of the connection".to_owned(),
        (None, _) => "was not answered".to_owned(),
    }
}

pub(super) fn established(conversation: &Conversation<'_>) -> Answer {
    if conversation.plan.role == Role::Client {
        return opened(conversation);
    }
    if conversation.established {
        return Answer::Holds;
    }
    fails(format!("The opening handshake {}.", how(conversation)), &[&[words::opening(Role::Server)]])
}

/// Whether a client took the response: it sends frames, answers to ours at the least.
fn opened(conversation: &Conversation<'_>) -> Answer {
    if conversation.opened {
        return Answer::Holds;
    }
    let says = match conversation.ended_by_target() {
        true => "The client ended the connection instead of opening it.",
        false => "The client sent no frame.",
    };
    fails(says, &[&[words::opening(Role::Client), "pong"]])
}

/// Whether a client refused the response: it sends no frame, and ends the connection.
fn not_opened(conversation: &Conversation<'_>) -> Answer {
    let accepted: &[&[&str]] = &[&[words::opening(Role::Client), "end of the connection"]];
    if conversation.opened && !said_why(conversation) {
        return fails("The client opened the connection with a response that it had to refuse.", accepted);
    }
    if conversation.ended_by_target() {
        return Answer::Holds;
    }
    fails("The client kept the connection open behind a response that it had to refuse.", accepted)
}

/// Whether the only frame of a client is a Close with which it refuses the response.
pub(super) fn said_why(conversation: &Conversation<'_>) -> bool {
    let mut frames = conversation.timeline.received().filter(|(_, event)| matches!(event, Event::Frame(_)));
    let is_alone = frames.next().is_some() && frames.next().is_none();
    is_alone && matches!(conversation.close_code(), Some(1002 | 1010))
}

pub(super) fn refused(conversation: &Conversation<'_>, statuses: &[u16]) -> Answer {
    match conversation.status {
        Some(status) if statuses.contains(&status) || (statuses.is_empty() && status >= 400) => Answer::Holds,
        _ => fails(format!("The opening handshake {}.", how(conversation)), &[REFUSAL]),
    }
}

pub(super) fn not_established(conversation: &Conversation<'_>) -> Answer {
    if conversation.plan.role == Role::Client {
        return not_opened(conversation);
    }
    if conversation.established {
        return fails(
            "The opening handshake was completed, which it must not be.",
            &[REFUSAL, &["end of the connection"]],
        );
    }
    Answer::Holds
}

pub(super) fn settled(conversation: &Conversation<'_>) -> Answer {
    if conversation.plan.role == Role::Client {
        return match conversation.opened || conversation.ended_by_target() {
            true => Answer::Holds,
            false => fails("The client neither opened the connection nor ended it.", &[&["end of the connection"]]),
        };
    }
    if !conversation.responses.is_empty() || conversation.ended_by_target() {
        return Answer::Holds;
    }
    fails("The target neither answered nor closed.", &[REFUSAL, &["end of the connection"]])
}

pub(super) fn answered(conversation: &Conversation<'_>) -> Answer {
    if !conversation.responses.is_empty() {
        return Answer::Holds;
    }
    fails(format!("The opening handshake {}.", how(conversation)), &[REFUSAL])
}

pub(super) fn statuses(conversation: &Conversation<'_>, expected: &[Vec<u16>]) -> Answer {
    let found: Vec<Option<u16>> = conversation.responses.iter().map(|head| head.status()).collect();
    let fits = found.len() == expected.len()
        && found.iter().zip(expected).all(|(status, accepted)| status.is_some_and(|status| accepted.contains(&status)));
    if fits {
        return Answer::Holds;
    }
    let shown: Vec<String> =
        found.iter().map(|status| status.map_or("no status".to_owned(), |status| status.to_string())).collect();
    let lines: Vec<String> =
        expected.iter().map(|accepted| format!("response {}", accepted.first().copied().unwrap_or_default())).collect();
    let says = match shown.as_slice() {
        [] => "There was no response.".to_owned(),
        [one] => format!("The response had {one}."),
        several => format!("The responses had {}.", several.join(", ")),
    };
    Answer::Fails { says, accepted: vec![lines] }
}

pub(super) fn one_response(conversation: &Conversation<'_>) -> Answer {
    match conversation.responses.len() {
        0 | 1 => Answer::Holds,
        count => fails(format!("One request was answered by {count} responses."), &[REFUSAL]),
    }
}

pub(super) fn field(conversation: &Conversation<'_>, name: &str, has: Option<&str>) -> Answer {
    let Some(head) = conversation.responses.last() else { return Answer::NotApplicable };
    // what a refusal has to say is nothing that a 101 lacks
    if conversation.established {
        return Answer::NotApplicable;
    }
    let there = match has {
        Some(member) => head.list_has(name, member),
        None => head.values(name).next().is_some(),
    };
    if there {
        return Answer::Holds;
    }
    let wanted = has.map_or(name.to_owned(), |member| format!("{name} with {member}"));
    let status = conversation.status.unwrap_or_default();
    fails(format!("The response {status} has no {wanted}."), &[])
}
