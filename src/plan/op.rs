//! The ops of a plan, and what the judge has to know of what they send.

use super::DeflatePlan;
use super::answer::Answer;
use super::fragments::Fragments;
use crate::case::opening::Others;
use crate::case::{Certificate, Role, Until};
use crate::transcript::{Decoder, Payload, Payloads};
use crate::wire::{FrameHeader, Head, MaskKey, Opcode};
use std::time::Duration;

/// A part of what an op sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These octets.
    Octets(Vec<u8>),
    /// A range of a payload, under a mask that meets its first octet.
    Payload {
        /// The index of the payload.
        payload: u32,
        /// Where the range starts.
        from: u64,
        /// How long it is.
        len: u64,
        /// The mask.
        mask: Option<MaskKey>,
    },
    /// Frames that differ only in their masks.
    Fragments(Fragments),
    /// What answers the key of the client.
    Answer(Answer),
}

impl Piece {
    /// The length in octets.
    pub fn len(&self) -> u64 {
        match self {
            Piece::Octets(octets) => octets.len() as u64,
            Piece::Payload { len, .. } => *len,
            Piece::Fragments(fragments) => fragments.len(),
            Piece::Answer(answer) => answer.octets(),
        }
    }

    /// Whether there is no octet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the octets from `from` on.
    pub fn fill(&self, from: u64, out: &mut [u8], payloads: &Payloads) {
        match self {
            Piece::Octets(octets) => out.copy_from_slice(&octets[from as usize..from as usize + out.len()]),
            Piece::Payload { payload, from: start, mask, .. } => {
                payloads.get(*payload).fill(start + from, out);
                if let Some(mask) = mask {
                    mask.at(from).apply(out);
                }
            }
            Piece::Fragments(fragments) => fragments.fill(from, out, payloads),
            // a request that never came
            Piece::Answer(_) => out.fill(b'?'),
        }
    }

    /// The payload that a range of the octets is of, and where in it that begins; `None` unless it is one run of it.
    pub fn refers_to(&self, start: u64, end: u64) -> Option<(u32, u64)> {
        match self {
            Piece::Payload { payload, from, .. } => Some((*payload, from + start)),
            Piece::Fragments(fragments) => Some((fragments.payload, fragments.refers_to(start, end)?)),
            Piece::Octets(_) | Piece::Answer(_) => None,
        }
    }
}

/// How the octets of an op are cut into writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writes {
    /// As few as possible.
    Few,
    /// So many octets at a time.
    Every(u64),
    /// Up to each of these offsets, with a pause behind each.
    At(Vec<u64>, Duration),
}

/// Octets to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendOp {
    /// What is sent.
    pub pieces: Vec<Piece>,
    /// The sum of the pieces.
    pub len: u64,
    /// The cutting.
    pub writes: Writes,
    /// Whether the octets end between two frames, so that an answer of the harness may follow.
    pub whole_frames: bool,
    /// Whether a Close frame is among them.
    pub has_close: bool,
    /// Whether they are, or begin with, a request head.
    pub is_request: bool,
}

/// An event that an op waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// The response that opens the connection.
    Head,
    /// The request that asks for the connection, where the target is a client.
    Request,
    /// So many final responses, of whatever status.
    Responses(usize),
    /// So many messages came back since the start.
    Echoes(usize),
    /// The ping with that payload was answered.
    Pong(u32),
    /// A Close came.
    Close,
    /// The connection ended.
    End,
}

/// A wait, with what it means when it is in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The event.
    pub what: WaitFor,
    /// How many octets are under way, which gives the target more time.
    pub size: u64,
    /// Whether it only proves that the connection works.
    pub barrier: bool,
}

/// A primitive of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Send.
    Send(SendOp),
    /// Wait for an event, with a deadline.
    Await(Wait),
    /// Wait so long, or until the connection ends.
    Linger(Duration),
    /// Stop reading, or go on.
    Read(bool),
    /// Close the sending half.
    HalfClose,
    /// Reset the connection.
    Reset,
}

/// On which side of the violation something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// In front of it, or there is none.
    Before,
    /// It is the violation.
    Violation,
    /// Behind it.
    After,
}

/// A frame, or a message cut into many frames, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFrame {
    /// The op that sends it.
    pub op: u32,
    /// The octet of the op behind its last one.
    pub end: u64,
    /// The header of the first frame; `None` for raw octets.
    pub header: Option<FrameHeader>,
    /// The payload.
    pub payload: u32,
    /// Which side of the violation it stands on.
    pub stage: Stage,
    /// The message, where this frame ends a compressed one.
    pub means: Option<u32>,
}

/// A whole data message in front of any violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// The op that begins it.
    pub first_op: u32,
    /// The op that completes it.
    pub op: u32,
    /// The octet of the op behind its last one.
    pub end: u64,
    /// Text or binary.
    pub opcode: Opcode,
    /// The payload of the whole.
    pub payload: u32,
    /// Whether it only proves that the connection works.
    pub barrier: bool,
}

/// A ping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPing {
    /// The op that sends it.
    pub op: u32,
    /// The octet of the op behind its last one.
    pub end: u64,
    /// The payload.
    pub payload: u32,
    /// Which side of the violation it stands on.
    pub stage: Stage,
    /// Whether it only proves that the connection works.
    pub barrier: bool,
}

/// A Close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentClose {
    /// The op that sends it.
    pub op: u32,
    /// The octet of the op behind its last one.
    pub end: u64,
    /// The status code.
    pub code: Option<u16>,
}

/// A case resolved for one target.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The end of the target.
    pub role: Role,
    /// The ops in order.
    pub ops: Vec<Op>,
    /// The payloads that pieces and spans refer to.
    pub payloads: Payloads,
    /// The heads that are sent, in order.
    pub requests: Vec<Head>,
    /// Whether the case is about the opening handshake itself, so that a refusal is an answer.
    pub tests_opening: bool,
    /// Whether the case is about whether and how a client comes, so that no opening handshake is an answer.
    pub tests_coming: bool,
    /// The URL that a client gets in place of the user's; `{host}` and `{port}` in it stand for where the harness listens.
    pub url: Option<String>,
    /// The certificate that is shown to a client, for a case that asks for TLS.
    pub certificate: Option<Certificate>,
    /// The connections that a client is told to open beside.
    pub others: Option<Others>,
    /// Whether TLS is left out where the target is reached through it.
    pub clear_text: bool,
    /// All frames in order.
    pub frames: Vec<SentFrame>,
    /// The messages that a target has to take.
    pub messages: Vec<SentMessage>,
    /// The pings.
    pub pings: Vec<SentPing>,
    /// The Closes.
    pub closes: Vec<SentClose>,
    /// Where the first frame that the target has to refuse, or may refuse, is complete: op and octet.
    pub violation: Option<(u32, u64)>,
    /// The op with which the last part of the stimulus is sent.
    pub last_send: u32,
    /// Whether messages are expected to come back.
    pub echo: bool,
    /// permessage-deflate, where the case uses it.
    pub deflate: Option<DeflatePlan>,
}

impl Plan {
    /// Fills in what depends on the request of a client: the answer to its key.
    pub fn answer(&mut self, request: &Head) {
        let pieces = self.ops.iter_mut().filter_map(|op| match op {
            Op::Send(send) => Some(&mut send.pieces),
            _ => None,
        });
        for piece in pieces.flatten() {
            if let Piece::Answer(answer) = piece {
                *piece = Piece::Octets(answer.to(request));
            }
        }
    }

    /// Whether what the case is about may be refused as well as taken.
    pub fn is_disputed(&self) -> bool {
        self.violation.is_some() && self.frames.iter().all(|frame| frame.stage == Stage::Before)
    }

    /// Whether a client is answered with a response that is no 101.
    fn refuses_client(&self) -> bool {
        let mut responses = self.ops.iter().filter_map(|op| match op {
            Op::Send(send) if send.is_request => send.pieces.first(),
            _ => None,
        });
        let is_refusal = |piece: &Piece| match piece {
            Piece::Octets(octets) => Head::parse(octets).status().is_some_and(|status| status >= 200),
            _ => false,
        };
        self.role == Role::Client && responses.next().is_some_and(is_refusal)
    }

    /// A decoder for what the target sends.
    pub fn decoder(&self) -> Decoder {
        let lengths = || self.messages.iter().map(|message| self.payload(message.payload).len());
        let (largest, total) = (lengths().max().unwrap_or(0), lengths().sum());
        let decoder = Decoder::new(self.role.into(), self.requests.clone())
            .with_room_for(largest, total)
            .with_refusal(self.refuses_client());
        match (&self.deflate, self.role) {
            // what the harness answers is not in the octets of the client
            (Some(deflate), Role::Client) => decoder.with_agreement(deflate.settled.agreement),
            _ => decoder,
        }
    }

    /// The payloads whose echoes are expected, in order.
    pub fn expected_echoes(&self) -> Vec<u32> {
        if self.echo { self.messages.iter().map(|message| message.payload).collect() } else { Vec::new() }
    }

    /// The payload of that index.
    pub fn payload(&self, index: u32) -> &Payload {
        self.payloads.get(index)
    }

    /// The octets of one op, in order, in pieces of at most `most`; for showing them.
    pub fn octets_of(&self, op: u32, most: u64) -> Vec<u8> {
        let Some(Op::Send(send)) = self.ops.get(op as usize) else {
            return Vec::new();
        };
        let mut octets = Vec::new();
        for piece in &send.pieces {
            let room = most.saturating_sub(octets.len() as u64).min(piece.len());
            let start = octets.len();
            octets.resize(start + room as usize, 0);
            piece.fill(0, &mut octets[start..], &self.payloads);
        }
        octets
    }
}

/// What a wait of a case is for.
pub(super) fn needs_ping(until: Until, echo: bool) -> bool {
    until == Until::Echo && !echo
}
