//! Expectations about how soon something came. They only ever warn: a busy machine is no breach. What the first response
//! took comes on top of each limit, since neither the way to the target nor its machine are its doing.

use super::Conversation;
use super::expect::{Answer, fails};
use crate::plan::Stage;
use std::time::Duration;

fn late(what: &str, limit: Duration) -> Answer {
    // how late it was differs from run to run, and does not belong into a verdict
    fails(format!("{what} more than {} ms later.", limit.as_millis()), &[])
}

pub(super) fn pong_within(conversation: &Conversation<'_>, limit: Duration) -> Answer {
    let plan = conversation.plan;
    for ping in plan.pings.iter().filter(|ping| ping.stage == Stage::Before && !ping.barrier) {
        let Some(sent) = conversation.sent_at(ping.op) else { continue };
        let pong = conversation.answered_at(ping);
        if pong.is_some_and(|at| at.saturating_sub(sent) > limit + conversation.way()) {
            return late("A ping was answered", limit);
        }
    }
    Answer::Holds
}

/// What takes no longer than this harms nobody, however it grows.
const NEGLIGIBLE: Duration = Duration::from_millis(500);
/// Twice as much takes twice as long, or four times where the time grows with the square of the size.
const TOO_MUCH: f64 = 3.2;

/// The connections of a doubling crowd, or the parts between the last five barriers, are each twice as large as the one
/// before; what counts is how their times grow.
pub(super) fn grows_linearly(conversation: &Conversation<'_>) -> Answer {
    let Some([double, fourfold, eightfold]) = last_three(conversation) else {
        // that a barrier, or a connection, was not answered is another expectation's business
        return Answer::NotApplicable;
    };
    let is_quadratic = fourfold > TOO_MUCH * double && eightfold > TOO_MUCH * fourfold;
    if is_quadratic && eightfold > NEGLIGIBLE.as_secs_f64() {
        return fails(
            "The time grew with the square of the size: twice as much took more than three times as long, again and again.",
            &[],
        );
    }
    Answer::Holds
}

/// The times, in seconds, of what was twice, four times and eight times as large as the first.
fn last_three(conversation: &Conversation<'_>) -> Option<[f64; 3]> {
    if let [_, times @ ..] = conversation.crowd_answered.as_slice() {
        let times: [Duration; 3] = times.try_into().ok()?;
        return Some(times.map(|time| time.as_secs_f64()));
    }
    let barriers = conversation.plan.pings.iter().filter(|ping| ping.barrier);
    let barriers: Vec<Duration> = barriers.map(|ping| conversation.answered_at(ping)).collect::<Option<_>>()?;
    let [.., _, second, third, fourth, fifth] = barriers.as_slice() else { return None };
    let took = |from: &Duration, to: &Duration| to.saturating_sub(*from).as_secs_f64();
    Some([took(second, third), took(third, fourth), took(fourth, fifth)])
}

pub(super) fn close_reply_within(conversation: &Conversation<'_>, limit: Duration) -> Answer {
    let sent = conversation.plan.closes.first().and_then(|close| conversation.sent_at(close.op));
    match (sent, conversation.close_at) {
        (Some(sent), Some(came)) if came.saturating_sub(sent) > limit + conversation.way() => {
            late("The Close was answered", limit)
        }
        (Some(_), Some(_)) => Answer::Holds,
        _ => Answer::NotApplicable,
    }
}

pub(super) fn ended_within(conversation: &Conversation<'_>, limit: Duration) -> Answer {
    let since = conversation.close_at.or(conversation.half_closed_at);
    match (since, conversation.ended_at) {
        (Some(since), Some(ended)) if conversation.ended_by_target() => {
            if ended.saturating_sub(since) > limit + conversation.way() {
                late("The connection was ended", limit)
            } else {
                Answer::Holds
            }
        }
        _ => Answer::NotApplicable,
    }
}
