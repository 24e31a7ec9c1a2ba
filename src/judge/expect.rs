//! Whether an expectation holds in a conversation.

use super::Conversation;
use super::acted::{acted_upon, unfinished_echo};
use super::echo::{
    accepted_by, altered, came_back, cut_short, echoed, refused_by_size, stopped_early, takes_no_binary,
};
use super::measure::measured;
use super::words;
use super::{coming, deflate, initiative, opening, timing};
use crate::case::{Expect, Role};
use crate::plan::{Op, SentPing, Stage, Writes};
use crate::transcript::Ending;
use crate::wire::{ClosePayload, Opcode};
use std::time::Duration;

/// What is to be said of an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It holds.
    Holds,
    /// It does not, and why.
    Fails {
        /// As a sentence.
        says: String,
        /// Event lines that would have been accepted.
        accepted: Vec<Vec<String>>,
    },
    /// The conversation did not come so far.
    NotReached(String),
    /// It judges nothing, and this is what it measured.
    Measured(String),
    /// It says nothing about this conversation.
    NotApplicable,
    /// The target has a limit.
    Limit(String),
    /// The target cannot do what the case is about.
    Skip(String),
}

pub(super) fn fails(says: impl Into<String>, accepted: &[&[&str]]) -> Answer {
    let lines = |lines: &&[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Answer::Fails { says: says.into(), accepted: accepted.iter().map(lines).collect() }
}

/// Evaluates one expectation.
pub(super) fn evaluate(expect: &Expect, conversation: &Conversation<'_>) -> Answer {
    match expect {
        Expect::Established => opening::established(conversation),
        Expect::Refused(statuses) => opening::refused(conversation, statuses),
        Expect::NotEstablished => opening::not_established(conversation),
        Expect::Settled => opening::settled(conversation),
        Expect::Answered => opening::answered(conversation),
        Expect::Statuses(statuses) => opening::statuses(conversation, statuses),
        Expect::OneResponse => opening::one_response(conversation),
        Expect::AsksFor(targets) => coming::asks_for(conversation, targets),
        Expect::StaysAway => coming::stays_away(conversation),
        Expect::ConnectsInTurn => coming::connects_in_turn(conversation),
        Expect::SaysHello => coming::says_hello(conversation, None),
        Expect::NamesServer(name) => coming::says_hello(conversation, Some(name)),
        Expect::StaysOpen => initiative::stays_open(conversation),
        Expect::OpenForMs(ms) => timing::open_for(conversation, Duration::from_millis(*ms)),
        Expect::Closes { code, reason } => initiative::closes(conversation, *code, reason),
        Expect::SendsText(octets) => initiative::sends(conversation, Opcode::TEXT, *octets),
        Expect::SendsBinary(octets) => initiative::sends(conversation, Opcode::BINARY, *octets),
        Expect::Pings(payload) => initiative::pings(conversation, payload),
        Expect::NoDeflate => deflate::declined(conversation),
        Expect::DeflateWith(parameters) => deflate::accepted_with(conversation, parameters),
        Expect::NothingElse => deflate::nothing_else(conversation),
        Expect::Field { name, has } => opening::field(conversation, name, has.as_deref()),
        Expect::EchoPrefix => echo_prefix(conversation),
        Expect::PongWithinMs(ms) => timing::pong_within(conversation, Duration::from_millis(*ms)),
        Expect::CloseReplyWithinMs(ms) => timing::close_reply_within(conversation, Duration::from_millis(*ms)),
        Expect::EndedWithinMs(ms) => timing::ended_within(conversation, Duration::from_millis(*ms)),
        Expect::GrowsLinearly => timing::grows_linearly(conversation),
        Expect::CleanEnd => clean_end(conversation),
        Expect::EndedAfterHalfClose => ended_after_half_close(conversation),
        Expect::Survives => survives(conversation),
        Expect::Echo => came_back(conversation),
        Expect::Accepted => accepted_by(conversation),
        Expect::Pongs => pongs(conversation),
        Expect::PongsInOrder => pongs_in_order(conversation),
        Expect::NothingUnfinished => nothing_unfinished(conversation),
        Expect::Failed => failed(conversation),
        Expect::CloseFrame => close_frame(conversation),
        Expect::CloseCode(codes) => close_code(conversation, codes),
        Expect::CloseCodeNot(codes) => close_code_not(conversation, codes),
        Expect::ClosedWith(codes) => closed_with(conversation, codes),
        Expect::CloseReply => close_reply(conversation),
        Expect::Ended => ended(conversation),
        Expect::Reset => reset(conversation),
        Expect::FailedEarly => failed_early(conversation),
        Expect::EchoedFirst(count) => echoed_first(conversation, *count),
        Expect::Measure(measure) => measured(*measure, conversation).map_or(Answer::NotApplicable, Answer::Measured),
        Expect::AnyOf(several) => any_of(several, conversation),
    }
}

fn pongs(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    let asked = |ping: &&SentPing| !ping.barrier && ping.stage == Stage::Before;
    let mut sent = plan.pings.iter().filter(asked).filter(|ping| conversation.is_sent(ping.op, ping.end));
    let Some(last) = sent.next_back() else {
        return stopped_early(conversation);
    };
    let payload = plan.payload(last.payload);
    if conversation.pongs.iter().any(|pong| pong.is(payload, &plan.payloads)) {
        return if plan.pings.iter().filter(asked).all(|ping| conversation.is_sent(ping.op, ping.end)) {
            Answer::Holds
        } else {
            stopped_early(conversation)
        };
    }
    if let Some(skip) = takes_no_binary(conversation) {
        return skip;
    }
    let shown = words::payload(payload);
    let near = conversation
        .pongs
        .iter()
        .find(|pong| !plan.pings.iter().any(|ping| pong.is(plan.payload(ping.payload), &plan.payloads)));
    let says = match (near, conversation.close) {
        (Some(pong), _) => {
            let got = words::content(pong, &plan.payloads);
            format!("The ping with {shown} was answered by a pong with {got}.")
        }
        (None, Some(close)) => format!("The ping with {shown} was answered by {}.", words::close(close)),
        (None, None) if conversation.ended_by_target() => {
            format!("The ping with {shown} was answered by the end of the connection.")
        }
        (None, None) => format!("The ping with {shown} was not answered."),
    };
    fails(says, &[&[words::opening(conversation.plan.role), &format!("pong {shown}")]])
}

/// Of several pings only the latest has to be answered, so any of them in order will do.
fn pongs_in_order(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    let mut next = 0;
    for pong in &conversation.pongs {
        // an empty pong may be a heartbeat, which owes nothing to our pings
        let answers = |ping: &SentPing| !pong.is_empty() && pong.is(plan.payload(ping.payload), &plan.payloads);
        match plan.pings[next..].iter().position(answers) {
            Some(at) => next += at + 1,
            None if plan.pings[..next.saturating_sub(1)].iter().any(answers) => {
                let shown = words::content(pong, &plan.payloads);
                return fails(format!("The pong with {shown} came behind the answer to a later ping."), &[]);
            }
            None => {}
        }
    }
    if next > 0 { Answer::Holds } else { Answer::NotApplicable }
}

fn nothing_unfinished(conversation: &Conversation<'_>) -> Answer {
    if !conversation.plan.echo {
        return Answer::NotApplicable;
    }
    match unfinished_echo(conversation) {
        Some(what) => fails(format!("The target sent {what} back, although the message was never finished."), &[]),
        None => Answer::Holds,
    }
}

/// The connection was failed: ended, and nothing from the violation on was acted upon.
fn failed(conversation: &Conversation<'_>) -> Answer {
    let opening = words::opening(conversation.plan.role);
    let accepted: &[&[&str]] =
        &[&[opening, "Close 1002", "end of the connection"], &[opening, "end of the connection"]];
    if !conversation.violated() {
        return Answer::NotReached(cut_short(conversation));
    }
    if let Some(what) = acted_upon(conversation) {
        return fails(format!("The target acted upon what it had to refuse: {what}."), accepted);
    }
    if conversation.ended_by_target() {
        return Answer::Holds;
    }
    let says = match conversation.close {
        Some(close) => format!("The target sent {} and then kept the TCP connection open.", words::close(close)),
        None => "The target did not fail the connection: it was still open at the deadline.".to_owned(),
    };
    fails(says, accepted)
}

fn close_frame(conversation: &Conversation<'_>) -> Answer {
    if !conversation.violated() || !conversation.ended_by_target() {
        return Answer::NotApplicable;
    }
    if conversation.close.is_some() {
        return Answer::Holds;
    }
    fails(
        "The target ended the connection without a Close frame that tells why.",
        &[&[words::opening(conversation.plan.role), "Close 1002", "end of the connection"]],
    )
}

fn close_code(conversation: &Conversation<'_>, codes: &[u16]) -> Answer {
    match conversation.close {
        Some(ClosePayload::Code(code, _)) if !codes.contains(code) => {
            let known: Vec<String> = codes.iter().map(u16::to_string).collect();
            fails(format!("The target closed with {code}, where {} fits.", known.join(" or ")), &[])
        }
        Some(ClosePayload::Code(..)) => Answer::Holds,
        _ => Answer::NotApplicable,
    }
}

fn close_code_not(conversation: &Conversation<'_>, codes: &[u16]) -> Answer {
    match conversation.close_code() {
        Some(code) if codes.contains(&code) => {
            fails(format!("Close code {code} does not fit this exchange."), &[&["Close 1000", "end of the connection"]])
        }
        Some(_) => Answer::Holds,
        None => Answer::NotApplicable,
    }
}

fn closed_with(conversation: &Conversation<'_>, codes: &[u16]) -> Answer {
    match conversation.close {
        Some(ClosePayload::Empty | ClosePayload::OneByte(_)) => {
            let known: Vec<String> = codes.iter().map(u16::to_string).collect();
            fails(format!("The target closed without a status code, where {} fits.", known.join(" or ")), &[])
        }
        _ => close_code(conversation, codes),
    }
}

/// The octets of our Close went out, whether or not it is one that may be answered.
fn sent_close(conversation: &Conversation<'_>) -> bool {
    conversation.plan.closes.iter().any(|close| conversation.is_sent(close.op, close.end))
}

fn close_reply(conversation: &Conversation<'_>) -> Answer {
    let accepted: &[&[&str]] = &[&["Close 1000", "end of the connection"]];
    if !sent_close(conversation) || (conversation.close.is_some() && !conversation.closed_first) {
        // only behind legal frames is an end in front of our Close the doing of the target
        return refused_by_size(conversation).unwrap_or_else(|| match conversation.violated() {
            true => Answer::NotReached(cut_short(conversation)),
            false => stopped_early(conversation),
        });
    }
    match (conversation.close, conversation.ending()) {
        (Some(_), _) => Answer::Holds,
        (None, Some(Ending::Eof | Ending::Reset)) => {
            fails("The target ended the connection without answering the Close.", accepted)
        }
        (None, _) => fails("The target did not answer the Close.", accepted),
    }
}

fn ended(conversation: &Conversation<'_>) -> Answer {
    if !sent_close(conversation) && !conversation.answered_close {
        return Answer::NotReached(cut_short(conversation));
    }
    if conversation.ended_by_target() {
        return Answer::Holds;
    }
    if conversation.close.is_none() {
        // that there was no answer is another expectation's business
        return Answer::NotApplicable;
    }
    fails(
        "Behind the closing handshake the target kept the TCP connection open.",
        &[&["Close 1000", "end of the connection"]],
    )
}

fn reset(conversation: &Conversation<'_>) -> Answer {
    if conversation.ending() == Some(&Ending::Reset) {
        return Answer::Holds;
    }
    fails("The target did not reset the connection.", &[&["reset of the connection"]])
}

fn failed_early(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    // behind a frame that is sent with pauses nothing waits: whether what follows it still goes out is a matter of chance
    let paused = plan.violation.map(|(op, _)| op).filter(|op| match plan.ops.get(*op as usize) {
        Some(Op::Send(send)) => matches!(&send.writes, Writes::At(_, pause) if !pause.is_zero()),
        _ => false,
    });
    let last = paused.unwrap_or(plan.last_send);
    let all_sent =
        plan.frames.iter().filter(|frame| frame.op == last).all(|frame| conversation.is_sent(last, frame.end));
    if !conversation.violated() {
        Answer::NotApplicable
    } else if all_sent {
        fails("The target noticed the violation only when the message was complete.", &[])
    } else {
        Answer::Holds
    }
}

fn echoed_first(conversation: &Conversation<'_>, count: u32) -> Answer {
    let plan = conversation.plan;
    if !plan.echo || !conversation.violated() {
        return Answer::NotApplicable;
    }
    let barriers = plan.messages.iter().filter(|message| message.barrier).count();
    if echoed(conversation) >= count as usize + barriers {
        Answer::Holds
    } else {
        fails("The target failed the connection before it sent back what stood in front of the violation.", &[])
    }
}

fn echo_prefix(conversation: &Conversation<'_>) -> Answer {
    let plan = conversation.plan;
    if !plan.echo || plan.messages.is_empty() {
        return Answer::NotApplicable;
    }
    match came_back(conversation) {
        Answer::Fails { says, accepted } if altered(conversation) => Answer::Fails { says, accepted },
        Answer::Fails { .. } => Answer::Holds,
        answer => answer,
    }
}

fn clean_end(conversation: &Conversation<'_>) -> Answer {
    match conversation.ending() {
        Some(Ending::Eof) => Answer::Holds,
        Some(Ending::Reset) => {
            fails("The target reset the TCP connection instead of closing it.", &[&["end of the connection"]])
        }
        _ => Answer::NotApplicable,
    }
}

fn ended_after_half_close(conversation: &Conversation<'_>) -> Answer {
    if conversation.ended_by_target() {
        return Answer::Holds;
    }
    if conversation.half_closed_at.is_none() {
        return Answer::NotReached(cut_short(conversation));
    }
    fails("The target kept the TCP connection open although nothing more could come.", &[&["end of the connection"]])
}

fn survives(conversation: &Conversation<'_>) -> Answer {
    match conversation.served_afterwards {
        Some(true) => Answer::Holds,
        Some(false) => {
            fails("Afterwards a new connection to the target did not work.", &[&["(a new connection works)"]])
        }
        None => Answer::NotApplicable,
    }
}

fn any_of(several: &[Expect], conversation: &Conversation<'_>) -> Answer {
    let mut says = Vec::new();
    let mut accepted = Vec::new();
    let mut undecided: Option<Answer> = None;
    let mut unreached = None;
    let is_open = conversation.established && (conversation.plan.role == Role::Server || conversation.opened);
    let refusal = |expect: &Expect| matches!(expect, Expect::NotEstablished | Expect::Refused(_));
    // a target that opened the connection, as it may, is told what it did there, and not that it opened
    let of_branch = |expect: &&Expect| !(is_open && refusal(expect) && several.iter().any(|other| !refusal(other)));
    for expect in several.iter().filter(of_branch) {
        match evaluate(expect, conversation) {
            Answer::Holds | Answer::Measured(_) => return Answer::Holds,
            Answer::Fails { says: why, accepted: lines } => {
                says.push(why);
                accepted.extend(lines);
            }
            // a limit and a lack tell more than that an alternative does not apply
            answer @ (Answer::Limit(_) | Answer::Skip(_)) => undecided = Some(answer),
            answer @ Answer::NotApplicable => {
                undecided.get_or_insert(answer);
            }
            answer @ Answer::NotReached(_) => {
                unreached.get_or_insert(answer);
            }
        }
    }
    // an alternative that cannot be decided on this target might have held
    if let Some(answer) = undecided {
        return answer;
    }
    if says.is_empty() {
        return match unreached {
            // it could have refused; having opened, it has to serve
            Some(Answer::NotReached(reason)) if is_open && several.iter().any(refusal) => fails(
                format!("The target accepted the opening handshake, and then the case could not go on: {reason}."),
                &[],
            ),
            unreached => unreached.unwrap_or(Answer::NotApplicable),
        };
    }
    says.dedup();
    Answer::Fails { says: says.join(" "), accepted }
}
