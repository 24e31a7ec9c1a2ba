//! How the hand-written peers speak permessage-deflate, RFC 7692.
//!
//! [`Deflating::conforming`] is the whole of a conforming peer's choices, as a [`Conduct`](super::conduct::Conduct) is
//! for the rest; a quirk replaces one or two of them. A peer without it offers nothing and declines.

mod codec;
mod negotiation;
mod reader;
mod writer;

pub(super) use codec::{Codec, may_have_rsv1};
pub(super) use negotiation::{Misfit, answer, taken};
pub(super) use reader::AtFinal;
pub(super) use writer::{Writer, deflate};

use super::conduct::Received;
use super::out::Frame;
use crate::wire::extension::{Agreement, Direction, Parameters};
use crate::wire::inflate::{Inspection, TAIL, WINDOW};
use crate::wire::{FrameHeader, Head, Opcode};

/// RSV1, which marks the first frame of a compressed message.
pub(super) const RSV1: u8 = 4;

/// The choices of a peer that speaks permessage-deflate.
#[derive(Clone, Copy)]
pub(super) struct Deflating {
    /// What a client offers.
    pub(super) offer: &'static str,
    /// Whether what is wrong with an offer, or with an answer, is passed over.
    pub(super) excuse: fn(&Misfit) -> bool,
    /// Whether a good offer is declined, or a good answer refused.
    pub(super) declines: fn(&Parameters) -> bool,
    /// What a server answers to an offer.
    pub(super) answer: fn(&Parameters) -> Parameters,
    /// Edits the value that a server answers.
    pub(super) spell: fn(String, &Head) -> String,
    /// Whether a server accepts what nobody offered, and a client takes for accepted what was not.
    pub(super) unasked: bool,
    /// Bends what the peer thinks was agreed.
    pub(super) agree: fn(Agreement) -> Agreement,

    /// Whether a message is read as a compressed one, by its first frame and how many were read before.
    pub(super) is_compressed: fn(&FrameHeader, u64) -> bool,
    /// Edits the octets of a compressed message before they are read.
    pub(super) prepare: fn(&mut Vec<u8>),
    /// What is put behind them.
    pub(super) tail: &'static [u8],
    /// What a block with BFINAL means.
    pub(super) at_final: AtFinal,
    /// Whether a stream is refused because of how it is made; `None` where nobody looks.
    pub(super) refuses: Option<fn(&Inspection) -> bool>,
    /// Whether what was read before is forgotten, beside what was agreed.
    pub(super) forgets: fn(&Moment<'_>) -> bool,
    /// How many octets of earlier messages are remembered.
    pub(super) window: usize,
    /// Whether messages that came uncompressed are among them.
    pub(super) remembers_plain: bool,
    /// Whether each frame is read by itself.
    pub(super) by_frame: bool,
    /// Edits what came out.
    pub(super) result: fn(&mut Vec<u8>),
    /// Whether text is judged before it is decompressed.
    pub(super) judges_compressed: bool,

    /// How the peer compresses, seen from what was agreed.
    pub(super) direction: fn(Direction) -> Direction,
    /// Whether a message is compressed, by its first frame and how many were sent before.
    pub(super) compresses: fn(&Frame, u64) -> bool,
    /// Compresses the payload of a frame; told whether it is the last of its message.
    pub(super) pack: fn(&mut Writer, &[u8], bool) -> Vec<u8>,
    /// Edits what was made of the last frame of a message.
    pub(super) seal: fn(&mut Vec<u8>),
    /// Edits each frame of a compressed message, and each control frame.
    pub(super) mark: fn(&mut Frame),
    /// Cuts a compressed message that is one frame into frames of so many octets or more; 0 leaves it whole.
    pub(super) cut: usize,
}

/// When a reader could forget what it has read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment<'a> {
    /// Behind a message, before it is acted on.
    Message(&'a Received),
    /// Behind a control frame.
    Control(Opcode),
}

impl Deflating {
    /// Everything that RFC 7692 asks for.
    pub(super) fn conforming() -> Deflating {
        Deflating {
            offer: "permessage-deflate; client_max_window_bits",
            excuse: |_| false,
            declines: |_| false,
            // what a client says of itself needs no answer
            answer: |offer| Parameters { client_no_context_takeover: false, ..*offer },
            spell: |value, _| value,
            unasked: false,
            agree: |agreement| agreement,
            is_compressed: |header, _| header.rsv & RSV1 != 0,
            prepare: |_| {},
            tail: &TAIL,
            at_final: AtFinal::GoesOn,
            refuses: None,
            forgets: |_| false,
            window: WINDOW,
            remembers_plain: false,
            by_frame: false,
            result: |_| {},
            judges_compressed: false,
            direction: |direction| direction,
            compresses: |_, _| true,
            pack: deflate,
            seal: |_| {},
            mark: |_| {},
            cut: 0,
        }
    }
}
