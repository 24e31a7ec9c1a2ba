//! Events as short lines that people read and that a diff can compare.

use super::Conversation;
use crate::case::Role;
use crate::transcript::{Content, Ending, Event, Payload, Payloads, Reply, TimedEvent};
use crate::wire::{ClosePayload, Opcode};

const SHOWN: usize = 24;

/// The line of a handshake that opens a connection with a target of that role.
pub(super) fn opening(role: Role) -> &'static str {
    match role {
        Role::Server => "response 101",
        Role::Client => "request",
    }
}

/// Octets as a reader wants them: text in quotes where it is text, digits where not, and never too long.
pub fn octets(head: &[u8], len: u64) -> String {
    if len == 0 {
        return "empty".to_owned();
    }
    let count = if len == 1 { "1 octet".to_owned() } else { format!("{len} octets") };
    let cut = head.len() as u64 != len || head.len() > SHOWN;
    let shown = &head[..head.len().min(SHOWN)];
    let dots = if cut { "…" } else { "" };
    let is_printable = |octet: &u8| (0x20..0x7F).contains(octet);
    if shown.iter().all(is_printable) {
        format!("{count} \"{}{dots}\"", String::from_utf8_lossy(shown))
    } else {
        let digits: String = shown.iter().map(|octet| format!("{octet:02x}")).collect();
        format!("{count} {digits}{dots}")
    }
}

/// A payload that was sent.
pub fn payload(payload: &Payload) -> String {
    let mut head = vec![0; payload.len().min(SHOWN as u64 + 1) as usize];
    payload.fill(0, &mut head);
    octets(&head, payload.len())
}

/// A payload that came in.
pub fn content(content: &Content, payloads: &Payloads) -> String {
    octets(&content.head(payloads, SHOWN + 1), content.len())
}

/// A message.
pub fn message(opcode: Opcode, what: &str) -> String {
    format!("{opcode} {what}")
}

/// A Close.
pub fn close(payload: &ClosePayload) -> String {
    match payload {
        ClosePayload::Empty => "Close, empty".to_owned(),
        ClosePayload::OneByte(octet) => format!("Close with the single octet {octet:02x}"),
        ClosePayload::Code(code, reason) if reason.is_empty() => format!("Close {code}"),
        ClosePayload::Code(code, reason) => {
            format!("Close {code} {}", octets(&reason[..reason.len().min(SHOWN + 1)], reason.len() as u64))
        }
    }
}

/// An end.
pub fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Eof => "end of the connection".to_owned(),
        Ending::Reset => "reset of the connection".to_owned(),
        Ending::Closed => "(still open when the harness closed)".to_owned(),
        Ending::WasReset => "(reset by the harness)".to_owned(),
        Ending::Overflow => "(so many octets that the harness stopped listening)".to_owned(),
        Ending::NoConnection(reason) => format!("(no connection: {reason})"),
        Ending::Broken(reason) => format!("(the connection broke: {reason})"),
    }
}

/// What the target did, line by line; a long run of messages is shortened.
pub fn observed(conversation: &Conversation<'_>) -> Vec<String> {
    const MOST: usize = 40;
    let payloads = &conversation.plan.payloads;
    let mut lines: Vec<String> = conversation
        .timeline
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            TimedEvent::Received(event) => match event {
                Event::Head(..) if conversation.plan.role == Role::Client => Some(opening(Role::Client).to_owned()),
                Event::Head(head, _) => Some(match head.status() {
                    Some(status) => format!("response {status}"),
                    None => "response without a status".to_owned(),
                }),
                Event::NextRequest(..) => Some("next request on the same connection".to_owned()),
                Event::Message { opcode, content: what, .. } => Some(message(*opcode, &content(what, payloads))),
                Event::Ping(what) => Some(format!("ping {}", content(what, payloads))),
                Event::Pong(what) => Some(format!("pong {}", content(what, payloads))),
                Event::Close(payload) => Some(close(payload)),
                Event::Odd(header, what) => Some(format!("{} frame {}", header.opcode, content(what, payloads))),
                Event::Frame(_) | Event::Fact(_) => None,
            },
            TimedEvent::Ended(how) => Some(ending(how)),
            TimedEvent::Aftermath { served } => {
                Some(if *served { "(a new connection works)" } else { "(no new connection works)" }.to_owned())
            }
            TimedEvent::HalfClosed | TimedEvent::Crowd(_) => None,
            TimedEvent::Replied(Reply::Pong | Reply::Close) | TimedEvent::Connected | TimedEvent::Called(_) => None,
            TimedEvent::Sent { .. } | TimedEvent::Missed { .. } | TimedEvent::Unsent { .. } => None,
        })
        .collect();
    if let Some(unfinished) = &conversation.timeline.unfinished {
        let end = lines.pop();
        lines.push(format!("(in the middle of {unfinished})"));
        lines.extend(end);
    }
    if lines.len() > MOST {
        let left_out = lines.len() - MOST;
        let tail = lines.split_off(lines.len() - MOST / 2);
        lines.truncate(MOST / 2);
        lines.push(format!("… {left_out} more …"));
        lines.extend(tail);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_shown_as_text_or_digits_and_cut() {
        assert_eq!(octets(b"", 0), "empty");
        assert_eq!(octets(b"a", 1), "1 octet \"a\"");
        assert_eq!(octets(b"\xce\xba", 2), "2 octets ceba");
        assert_eq!(octets(&[b'*'; 25], 65536), "65536 octets \"************************…\"");
    }
}
