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
        let payload = plan.payload(ping.payload);
        let pong = conversation.pongs.iter().position(|pong| pong.is(payload, &plan.payloads));
        if pong.is_some_and(|at| conversation.pongs_at[at].saturating_sub(sent) > limit + conversation.way()) {
            return late("A ping was answered", limit);
        }
    }
    Answer::Holds
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
