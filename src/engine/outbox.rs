//! What is to be written next: the octets of the current op, cut as the case says, and automatic answers between frames.

use crate::plan::{Op, Plan, SendOp, Writes};
use crate::transcript::{Payloads, Reply};
use std::collections::VecDeque;
use std::time::Duration;

const BUFFER: usize = 64 * 1024;
/// Answers that may wait; a target that floods gets no more than that at a time.
const MOST_REPLIES: usize = 64;

/// What was written.
pub(super) enum Written {
    /// Octets of the current op.
    OfOp,
    /// Some octets of an answer.
    PartOfReply,
    /// The last octets of this answer.
    Reply(Reply, Vec<u8>),
}

#[derive(Default)]
pub(super) struct Outbox {
    /// Octets of the current op that were generated but not written, from `start` on.
    buffer: Vec<u8>,
    start: usize,
    /// Octets of the current op that went into the buffer.
    generated: u64,
    /// The piece that comes next, and where in it.
    piece: usize,
    within: u64,
    sent: u64,
    paused_until: Option<Duration>,
    replies: VecDeque<(Reply, Vec<u8>)>,
    reply_sent: usize,
    replies_queued: usize,
    /// The stream was left inside of a frame, so nothing can follow.
    cut_off: bool,
}

impl Outbox {
    pub fn begin_op(&mut self) {
        self.buffer.clear();
        self.start = 0;
        self.generated = 0;
        self.piece = 0;
        self.within = 0;
        self.sent = 0;
        self.paused_until = None;
    }

    pub fn sent_of_op(&self) -> u64 {
        self.sent
    }

    pub fn paused_until(&self) -> Option<Duration> {
        self.paused_until
    }

    /// Ends a pause; tells whether there was one.
    pub fn resume(&mut self, now: Duration) -> bool {
        self.paused_until.take_if(|until| now >= *until).is_some()
    }

    /// Whether the stream was left inside of a frame.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// Leaves the stream inside of a frame.
    pub fn cut_off(&mut self) {
        self.cut_off = true;
        self.replies.clear();
    }

    /// Whether answers wait to be written.
    pub fn has_replies(&self) -> bool {
        !self.replies.is_empty()
    }

    pub fn replies(&self) -> usize {
        self.replies_queued
    }

    /// Whether an answer can be written at all, now or later.
    pub fn may_reply(&self, plan: &Plan, op: usize) -> bool {
        let ragged = plan.ops.iter().take(op).any(|op| matches!(op, Op::Send(send) if !send.whole_frames));
        !ragged && !self.cut_off && self.replies.len() < MOST_REPLIES
    }

    pub fn reply(&mut self, to: Reply, octets: Vec<u8>) {
        self.replies_queued += 1;
        self.replies.push_back((to, octets));
    }

    /// The octets of the next write. Answers go in front of an op, never into it.
    pub fn next_write(&mut self, send: Option<&SendOp>, payloads: &Payloads) -> &[u8] {
        if self.reply_is_next(send) {
            return &self.replies[0].1[self.reply_sent..];
        }
        let Some(send) = send else { return &[] };
        if self.cut_off || self.paused_until.is_some() {
            return &[];
        }
        if self.start == self.buffer.len() {
            self.refill(send, payloads);
        }
        let ready = &self.buffer[self.start..];
        let until = match &send.writes {
            Writes::Few => u64::MAX,
            Writes::Every(octets) => (self.sent / octets + 1) * octets,
            Writes::At(offsets, _) => offsets.iter().copied().find(|offset| *offset > self.sent).unwrap_or(u64::MAX),
        };
        &ready[..ready.len().min(usize::try_from(until - self.sent).unwrap_or(usize::MAX))]
    }

    fn reply_is_next(&self, send: Option<&SendOp>) -> bool {
        let in_op = self.sent > 0 && send.is_some_and(|send| self.sent < send.len);
        !in_op && !self.replies.is_empty()
    }

    fn refill(&mut self, send: &SendOp, payloads: &Payloads) {
        let size = usize::try_from(send.len - self.generated).unwrap_or(usize::MAX).min(BUFFER);
        self.buffer.resize(size, 0);
        self.start = 0;
        let mut filled = 0;
        while filled < size {
            let piece = &send.pieces[self.piece];
            let part = usize::try_from(piece.len() - self.within).unwrap_or(usize::MAX).min(size - filled);
            piece.fill(self.within, &mut self.buffer[filled..filled + part], payloads);
            filled += part;
            self.within += part as u64;
            if self.within == piece.len() {
                self.piece += 1;
                self.within = 0;
            }
        }
        self.generated += size as u64;
    }

    /// So many octets of [`Outbox::next_write`] were written; tells what they were.
    pub fn wrote(&mut self, octets: usize, send: Option<&SendOp>, now: Duration) -> Written {
        if self.reply_is_next(send) {
            self.reply_sent += octets;
            if self.reply_sent < self.replies[0].1.len() {
                return Written::PartOfReply;
            }
            self.reply_sent = 0;
            return self.replies.pop_front().map_or(Written::PartOfReply, |(to, octets)| Written::Reply(to, octets));
        }
        self.start += octets;
        self.sent += octets as u64;
        if let Some(SendOp { writes: Writes::At(offsets, pause), .. }) = send
            && !pause.is_zero()
            && offsets.contains(&self.sent)
        {
            self.paused_until = Some(now + *pause);
        }
        Written::OfOp
    }
}
