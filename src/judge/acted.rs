//! Whether a target acted upon what it had to refuse, or had only a part of.

use super::Conversation;
use super::conversation::Received;
use super::echo::unasked;
use super::words;
use crate::plan::{SentFrame, Stage};
use crate::transcript::{Content, Payload, Payloads};
use crate::wire::Opcode;

/// More frames than that are not tried in all their combinations.
const MOST_FRAMES: usize = 64;

/// The event that shows it, in words.
pub(super) fn acted_upon(conversation: &Conversation<'_>) -> Option<String> {
    let plan = conversation.plan;
    let late: Vec<&Payload> =
        plan.pings.iter().filter(|ping| ping.stage != Stage::Before).map(|ping| plan.payload(ping.payload)).collect();
    for pong in &conversation.pongs {
        // an empty pong may be a heartbeat, which owes nothing to our ping
        if !pong.is_empty() && late.iter().any(|payload| pong.is(payload, &plan.payloads)) {
            return Some(format!("it sent pong {}", words::content(pong, &plan.payloads)));
        }
    }
    if !plan.echo {
        return None;
    }
    let candidates = echo_candidates(&plan.frames, &plan.payloads);
    let is_candidate =
        |received: &&&Received<'_>| candidates.iter().any(|candidate| is(received.content, candidate, &plan.payloads));
    unasked(conversation).iter().find(is_candidate).map(|received| {
        let what = words::message(received.opcode, &words::content(received.content, &plan.payloads));
        format!("it sent {what} back")
    })
}

/// The message from the target that gives back a part of a message which was interrupted for good, in words.
pub(super) fn unfinished_echo(conversation: &Conversation<'_>) -> Option<String> {
    let plan = conversation.plan;
    let whole: Vec<&Payload> = plan.messages.iter().map(|message| plan.payload(message.payload)).collect();
    let parts: Vec<Payload> = unfinished(&plan.frames, &plan.payloads)
        .into_iter()
        .filter(|part| !whole.iter().any(|message| message.same(part)))
        .collect();
    let is_part = |received: &&&Received<'_>| parts.iter().any(|part| is(received.content, part, &plan.payloads));
    unasked(conversation)
        .iter()
        .find(is_part)
        .map(|received| words::message(received.opcode, &words::content(received.content, &plan.payloads)))
}

/// What a target has of a message when a Close comes between its frames.
fn unfinished(frames: &[SentFrame], payloads: &Payloads) -> Vec<Payload> {
    let mut parts = Vec::new();
    let mut open: Vec<Payload> = Vec::new();
    for frame in frames {
        let Some(header) = frame.header else { continue };
        match header.opcode {
            Opcode::CLOSE if !open.is_empty() => parts.push(Payload::concat(open.clone())),
            Opcode::TEXT | Opcode::BINARY | Opcode::CONTINUATION => {
                open.push(payloads.get(frame.payload).clone());
                if header.fin {
                    open.clear();
                }
            }
            _ => {}
        }
    }
    parts
}

fn is(content: &Content, candidate: &Payload, payloads: &Payloads) -> bool {
    !candidate.is_empty() && content.is(candidate, payloads)
}

/// What could come back from a target that takes the violation for something legal:
/// every run of data frames that reaches to the violation or behind it, and each with ill-formed text replaced.
fn echo_candidates(frames: &[SentFrame], payloads: &Payloads) -> Vec<Payload> {
    let is_data = |frame: &&SentFrame| frame.header.is_some_and(|header| !matches!(header.opcode.0, 0x8..=0xA));
    let data: Vec<&SentFrame> = frames.iter().filter(is_data).collect();
    let tail = &data[data.len().saturating_sub(MOST_FRAMES)..];
    let mut candidates = Vec::new();
    for start in 0..tail.len() {
        for end in start..tail.len() {
            if tail[end].stage == Stage::Before {
                continue;
            }
            let whole = Payload::concat(tail[start..=end].iter().map(|frame| payloads.get(frame.payload).clone()));
            if !whole.is_utf8() && whole.len() <= 4096 {
                let replaced = String::from_utf8_lossy(&whole.to_vec()).into_owned();
                candidates.push(Payload::octets(replaced.into_bytes()));
            }
            candidates.push(whole);
        }
    }
    // a compressed message comes back as what it was
    for frame in tail.iter().filter(|frame| frame.stage != Stage::Before) {
        let Some(means) = frame.means.map(|index| payloads.get(index)) else { continue };
        if !means.is_utf8() && means.len() <= 4096 {
            candidates.push(Payload::octets(String::from_utf8_lossy(&means.to_vec()).into_owned().into_bytes()));
        }
        candidates.push(means.clone());
    }
    candidates
}
