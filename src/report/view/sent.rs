//! What an op sends, taken apart into frames as they were meant.

use super::wire::Wire;
use crate::plan::{Op, Plan, SentFrame, Stage};
use crate::wire::FrameHeader;
use crate::wire::http::head_length;

/// Frames are not looked for behind a longer head.
const LONGEST_HEAD: u64 = 1 << 20;

/// A frame, or octets that are none, inside the octets of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct SentPart {
    /// Which of the frames of the plan it belongs to: a message that is cut into frames is one of those.
    pub of: usize,
    /// Its first octet.
    pub start: u64,
    /// Where its payload starts.
    pub payload_at: u64,
    /// The octet behind its last one.
    pub end: u64,
    /// The header; `None` for octets that are no frame.
    pub header: Option<FrameHeader>,
    /// On which side of the violation it stands.
    pub stage: Stage,
    /// Whether it only proves that the connection works.
    pub barrier: bool,
    /// Whether the target may take it as well as refuse it.
    pub disputed: bool,
}

/// Takes an op apart: the length of the request head that it begins with, and the frames behind it.
pub(in crate::report) fn parts(plan: &Plan, op: u32, wire: &Wire<'_>) -> (u64, Vec<SentPart>) {
    let first = plan.frames.partition_point(|frame| frame.op < op);
    let frames = || plan.frames.iter().enumerate().skip(first).take_while(|(_, frame)| frame.op == op);
    let head = match plan.ops.get(op as usize) {
        Some(Op::Send(send)) if send.is_request && frames().next().is_none() => wire.len(),
        Some(Op::Send(send)) if send.is_request => {
            head_length(&wire.read(0, wire.len().min(LONGEST_HEAD))).unwrap_or(0) as u64
        }
        _ => 0,
    };
    let mut parts = Vec::new();
    let mut start = head;
    for (of, frame) in frames() {
        take_apart((of, frame), start, plan, wire, &mut parts);
        start = frame.end;
    }
    (head, parts)
}

fn take_apart(
    (of, frame): (usize, &SentFrame),
    mut start: u64,
    plan: &Plan,
    wire: &Wire<'_>,
    parts: &mut Vec<SentPart>,
) {
    let barrier = is_barrier(plan, frame);
    let (end, stage) = (frame.end, frame.stage);
    let disputed = stage == Stage::Before && plan.violation == Some((frame.op, end));
    while start < end {
        let header = frame.header.and_then(|_| FrameHeader::parse(&wire.read(start, FrameHeader::MAX as u64)));
        let Some((header, used)) = header else {
            parts.push(SentPart { of, start, payload_at: start, end, header: None, stage, barrier, disputed });
            return;
        };
        let payload_at = start + used as u64;
        // a frame that holds the whole payload ends with it, even where its header says something else
        let is_whole = payload_at + plan.payload(frame.payload).len() == end;
        let upto = if is_whole { end } else { payload_at.saturating_add(header.length).min(end) };
        parts.push(SentPart { of, start, payload_at, end: upto, header: Some(header), stage, barrier, disputed });
        start = upto;
    }
}

fn is_barrier(plan: &Plan, frame: &SentFrame) -> bool {
    let same = |op: u32, end: u64| op == frame.op && end == frame.end;
    let ping = plan.pings.partition_point(|ping| (ping.op, ping.end) < (frame.op, frame.end));
    let message = plan.messages.partition_point(|message| (message.op, message.end) < (frame.op, frame.end));
    plan.pings.get(ping).is_some_and(|ping| ping.barrier && same(ping.op, ping.end))
        || plan.messages.get(message).is_some_and(|message| message.barrier && same(message.op, message.end))
}
