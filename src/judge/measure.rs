//! Figures of a conversation, in words that come out the same in every run: durations only as coarse classes.

use super::Conversation;
use super::expect::{Answer, evaluate};
use crate::case::{Expect, Measure};
use crate::plan::{Op, SentPing, Stage};
use crate::transcript::Ending;
use crate::wire::ClosePayload;
use crate::wire::inflate::Inspection;
use std::time::Duration;

/// Values from the wire are shown up to this length.
const SHOWN: usize = 64;

/// The figure, or `None` where the conversation shows nothing of it.
pub(super) fn measured(measure: Measure, conversation: &Conversation<'_>) -> Option<String> {
    match measure {
        Measure::Handshake => Some(handshake(conversation)),
        Measure::Refusal => refusal(conversation),
        Measure::Versions => field(conversation, "sec-websocket-version"),
        Measure::Subprotocol => {
            let selected = field(conversation, "sec-websocket-protocol").unwrap_or_else(|| "none".to_owned());
            conversation.established.then_some(selected)
        }
        Measure::Message => message(conversation),
        Measure::Fragmentation => {
            let most = conversation.messages.iter().map(|message| message.frames).max()?;
            Some(if most > 1 { "in several frames" } else { "in one frame" }.to_owned())
        }
        Measure::Pongs => pongs(conversation),
        Measure::PongLatency => latencies(conversation).max().map(|slowest| class(slowest).to_owned()),
        Measure::CloseReply => close_reply(conversation),
        Measure::Ending => ending(conversation),
        Measure::Failing => failing(conversation),
        Measure::GivesUp => gives_up(conversation),
        Measure::Compression => compression(conversation),
        Measure::Stream => stream(conversation),
        Measure::Detection => match evaluate(&Expect::FailedEarly, conversation) {
            Answer::Holds => Some("before the rest was sent".to_owned()),
            Answer::Fails { .. } if conversation.ended_by_target() => Some("when the rest had come".to_owned()),
            _ => None,
        },
    }
}

/// Which messages were compressed, where that depends on nothing but their length.
fn compression(conversation: &Conversation<'_>) -> Option<String> {
    let lengths = |is_meant: bool| {
        let meant = conversation.messages.iter().filter(move |message| message.compressed.is_some() == is_meant);
        meant.map(|message| message.content.len())
    };
    match (lengths(true).min(), lengths(false).max()) {
        (None, None) => None,
        (Some(_), None) => Some("every message".to_owned()),
        (None, Some(_)) => Some("no message".to_owned()),
        (Some(least), Some(most)) if most < least => Some(format!("messages of {least} octets, but not of {most}")),
        _ => Some("some messages, whatever their length".to_owned()),
    }
}

/// What the compressed messages were made of, as a whole.
fn stream(conversation: &Conversation<'_>) -> Option<String> {
    let all: Vec<Inspection> =
        conversation.messages.iter().filter_map(|message| message.compressed?.inspection).collect();
    let farthest = all.iter().map(|read| read.farthest).max()?;
    let any = |is_meant: fn(&Inspection) -> bool| all.iter().any(is_meant);
    let kinds: Vec<&str> = [
        ("stored", any(|read| read.stored > 0)),
        ("fixed", any(|read| read.fixed > 0)),
        ("dynamic", any(|read| read.dynamic > 0)),
    ]
    .into_iter()
    .filter_map(|(kind, occurs)| occurs.then_some(kind))
    .collect();
    let window = farthest.max(1).next_power_of_two();
    let context = if any(|read| read.before > 0) { "some" } else { "none" };
    let ends = if any(|read| read.finals > 0) { ", final blocks" } else { "" };
    let kinds = kinds.join(" and ");
    Some(format!("{kinds} blocks{ends}, references within {window} octets, {context} of them to earlier messages"))
}

fn handshake(conversation: &Conversation<'_>) -> String {
    match conversation.status {
        Some(101) => "opened".to_owned(),
        Some(status) => format!("refused with {status}"),
        None if conversation.ended_by_target() => "refused by the end of the connection".to_owned(),
        None => "not answered".to_owned(),
    }
}

fn refusal(conversation: &Conversation<'_>) -> Option<String> {
    if conversation.established {
        return None;
    }
    if conversation.status == Some(101) {
        return Some("101 to another protocol".to_owned());
    }
    let how = match conversation.status {
        Some(status) => status.to_string(),
        None if conversation.ended_by_target() => return Some("the bare end of the connection".to_owned()),
        None => return None,
    };
    let head = conversation.responses.last()?;
    let closes = head.list_has("connection", "close");
    Some(format!("{how} {} Connection: close", if closes { "with" } else { "without" }))
}

/// The values of a field of the last response.
fn field(conversation: &Conversation<'_>, name: &str) -> Option<String> {
    let values: Vec<_> = conversation.responses.last()?.values(name).map(String::from_utf8_lossy).collect();
    let all: String = values.join(", ").chars().take(SHOWN).collect();
    (!values.is_empty()).then_some(all)
}

fn message(conversation: &Conversation<'_>) -> Option<String> {
    if evaluate(&Expect::Accepted, conversation) == Answer::Holds {
        return Some("taken".to_owned());
    }
    refused_by(conversation).map(|how| format!("refused by {how}"))
}

fn failing(conversation: &Conversation<'_>) -> Option<String> {
    if conversation.violated() { refused_by(conversation) } else { None }
}

/// The Close and the end with which the target gave up the connection.
fn refused_by(conversation: &Conversation<'_>) -> Option<String> {
    let end = end(conversation)?;
    Some(match conversation.close {
        Some(close) => format!("{} and {end}", named(close)),
        None => format!("{end} alone"),
    })
}

fn end(conversation: &Conversation<'_>) -> Option<&'static str> {
    match conversation.ending()? {
        Ending::Eof => Some("FIN"),
        Ending::Reset => Some("RST"),
        _ => None,
    }
}

/// A Close by its code: reasons differ from one violation to the other.
fn named(close: &ClosePayload) -> String {
    match close {
        ClosePayload::Code(code, _) => format!("Close {code}"),
        ClosePayload::Empty => "an empty Close".to_owned(),
        ClosePayload::OneByte(_) => "a Close of one octet".to_owned(),
    }
}

fn asked<'c>(conversation: &'c Conversation<'_>) -> impl Iterator<Item = &'c SentPing> {
    let pings = conversation.plan.pings.iter().filter(|ping| !ping.barrier && ping.stage == Stage::Before);
    pings.filter(|ping| conversation.is_sent(ping.op, ping.end))
}

fn pongs(conversation: &Conversation<'_>) -> Option<String> {
    let answered: Vec<bool> = asked(conversation).map(|ping| conversation.answered_at(ping).is_some()).collect();
    let last = *answered.last()?;
    let count = answered.iter().filter(|answered| **answered).count();
    Some(
        match count {
            0 => "none",
            1 if last && answered.len() > 1 => "only the last",
            _ if count == answered.len() => "all",
            _ => "some",
        }
        .to_owned(),
    )
}

fn latencies<'c>(conversation: &'c Conversation<'_>) -> impl Iterator<Item = Duration> + 'c {
    asked(conversation)
        .filter_map(|ping| Some(conversation.answered_at(ping)?.saturating_sub(conversation.sent_at(ping.op)?)))
}

fn close_reply(conversation: &Conversation<'_>) -> Option<String> {
    let sent = conversation.plan.closes.first()?;
    if !conversation.closed_first {
        return None;
    }
    match conversation.close {
        Some(ClosePayload::Code(code, _)) if Some(*code) == sent.code => Some("the same code".to_owned()),
        Some(close) => Some(named(close)),
        None => end(conversation).map(|end| format!("{end} alone")),
    }
}

fn ending(conversation: &Conversation<'_>) -> Option<String> {
    let Some(end) = end(conversation) else {
        let op = conversation.missed.and_then(|op| conversation.plan.ops.get(op as usize));
        return matches!(op, Some(Op::Await(_))).then(|| "by the harness, at the deadline".to_owned());
    };
    let since = conversation.close_at.or(conversation.half_closed_at)?;
    let delay = conversation.ended_at?.saturating_sub(since);
    Some(format!("by the target, with {end}, {} later", class(delay)))
}

/// How and when the target ended a connection on which nothing came any more.
fn gives_up(conversation: &Conversation<'_>) -> Option<String> {
    let end = end(conversation)?;
    let what = if conversation.established { "an idle connection" } else { "an unfinished head" };
    let how = match (conversation.close, conversation.status) {
        (Some(close), _) => format!("{} and {end}", named(close)),
        (None, Some(status)) if !conversation.established => format!("{status} and {end}"),
        _ => format!("{end} alone"),
    };
    let delay = conversation.ended_at?.saturating_sub(conversation.sent_at(0)?);
    Some(format!("{what} with {how}, {} later", class(delay)))
}

fn class(time: Duration) -> &'static str {
    match time.as_millis() {
        // a finer class would change from run to run on a busy machine
        0..1000 => "under 1 s",
        1000..10_000 => "under 10 s",
        10_000..30_000 => "under 30 s",
        30_000..60_000 => "under 60 s",
        _ => "60 s and more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_coarse() {
        for (ms, words) in [
            (0, "under 1 s"),
            (999, "under 1 s"),
            (9999, "under 10 s"),
            (10_000, "under 30 s"),
            (30_000, "under 60 s"),
            (60_000, "60 s and more"),
        ] {
            assert_eq!(class(Duration::from_millis(ms)), words);
        }
    }
}
