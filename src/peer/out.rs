//! What the hand-written server decides to do, in order: frames and endings as data, carried out by its driver.

use crate::wire::{FrameHeader, Opcode};
use std::time::Duration;

/// A frame to send. The header is free to lie about the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) header: FrameHeader,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    pub(super) fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> Frame {
        let payload = payload.into();
        Frame { header: FrameHeader::new(opcode, payload.len() as u64, None), payload }
    }

    pub(super) fn close(code: u16, reason: impl AsRef<[u8]>) -> Frame {
        Frame::new(Opcode::CLOSE, [&code.to_be_bytes(), reason.as_ref()].concat())
    }

    pub(super) fn unfinished(mut self) -> Frame {
        self.header.fin = false;
        self
    }

    pub(super) fn is(&self, opcode: Opcode) -> bool {
        self.header.opcode == opcode
    }

    pub(super) fn is_data(&self) -> bool {
        !self.header.opcode.is_control()
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Send(Frame),
    /// The frame, up to that number of octets of its payload.
    SendPart(Frame, usize),
    Pause(Duration),
    /// Opens so many more connections; only for a client.
    Open(u32),
    /// FIN once this long has passed; until then the conversation goes on.
    FinishAfter(Duration),
    /// FIN at once.
    Finish,
    /// RST at once.
    Reset,
    /// Reads nothing any more and keeps TCP open.
    StopReading,
    /// RST at once, and for the connection that comes next too.
    LoseNext,
    /// FIN at once, and the server can serve one connection less from then on.
    FinishAndLeak,
    /// The whole server ends: no listener, and every connection reset.
    Die,
}

/// Whether input still has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attention {
    Full,
    /// Only a Close frame is waited for, behind which TCP closes.
    CloseOnly,
    /// Input is read and thrown away.
    None,
}

/// Collects acts; also the memory that a quirk may need between two of its calls.
pub(super) struct Out {
    acts: Vec<Act>,
    pub(super) attention: Attention,
    /// Messages received so far.
    pub(super) messages: u64,
    /// Pings received so far.
    pub(super) pings: u64,
    /// Whether a message was unfinished when the last control frame or FIN came.
    pub(super) inside_message: bool,
    /// Whatever a quirk keeps for later.
    pub(super) kept: Vec<u8>,
}

impl Out {
    pub(super) fn new() -> Out {
        Out {
            acts: Vec::new(),
            attention: Attention::Full,
            messages: 0,
            pings: 0,
            inside_message: false,
            kept: Vec::new(),
        }
    }

    pub(super) fn send(&mut self, frame: Frame) {
        self.acts.push(Act::Send(frame));
    }

    pub(super) fn pause(&mut self, ms: u64) {
        self.acts.push(Act::Pause(Duration::from_millis(ms)));
    }

    pub(super) fn finish_after(&mut self, ms: u64) {
        self.acts.push(Act::FinishAfter(Duration::from_millis(ms)));
    }

    pub(super) fn open(&mut self, count: u32) {
        self.acts.push(Act::Open(count));
    }

    pub(super) fn finish(&mut self) {
        self.end(Act::Finish);
    }

    pub(super) fn reset(&mut self) {
        self.end(Act::Reset);
    }

    pub(super) fn stop_reading(&mut self) {
        self.end(Act::StopReading);
    }

    pub(super) fn lose_next(&mut self) {
        self.end(Act::LoseNext);
    }

    pub(super) fn finish_and_leak(&mut self) {
        self.end(Act::FinishAndLeak);
    }

    pub(super) fn die(&mut self) {
        self.end(Act::Die);
    }

    /// Sends the start of a frame; what ends the connection has to follow.
    pub(super) fn send_part(&mut self, frame: Frame, octets: usize) {
        self.acts.push(Act::SendPart(frame, octets));
    }

    /// Keeps TCP open and ignores whatever comes, until the peer leaves.
    pub(super) fn ignore_the_rest(&mut self) {
        self.attention = Attention::None;
    }

    /// Ignores whatever comes before a Close frame, which ends the connection; so does a second without one.
    pub(super) fn await_close(&mut self) {
        self.attention = Attention::CloseOnly;
        self.finish_after(1000);
    }

    pub(super) fn take(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }

    fn end(&mut self, act: Act) {
        self.acts.push(act);
        self.attention = Attention::None;
    }
}
