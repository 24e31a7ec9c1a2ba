//! How the hand-written server behaves at each point where it could behave otherwise.
//!
//! [`Conduct::conforming`] is the whole of a conforming server's choices; a quirk replaces one or two of them.

use super::command::{Command, pieces};
use super::deflate::Deflating;
use super::driver::Ending;
use super::handshake::HeadEnd;
use super::out::{Act, Frame, Out};
use super::request::{Objection, Request};
use super::text::Look;
use super::violation::Violation;
use crate::wire::extension::Agreement;
use crate::wire::http::head_length;
use crate::wire::{ClosePayload, FrameHeader, MaskKey, Opcode};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// A message as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) opcode: Opcode,
    pub(super) payload: Vec<u8>,
    /// Where each of its frames ends in the payload.
    pub(super) frame_ends: Vec<usize>,
    /// Whether it came compressed.
    pub(super) compressed: bool,
}

/// Something to do again and again, told how often it was done before.
#[derive(Clone, Copy)]
pub(super) struct Tick {
    pub(super) period: Duration,
    pub(super) act: fn(&mut Out, u64),
}

/// What a pause inside a frame is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Impatience {
    /// The end of a payload that has begun.
    EndsPayload,
    /// A reason to forget a header that has begun.
    ForgetsHeader,
}

/// The choices of a server. Functions that take [`Out`] act; the others judge or edit.
#[derive(Clone, Copy)]
pub(super) struct Conduct {
    /// Where the request head ends.
    pub(super) head_end: HeadEnd,
    /// Whether a request is refused because so much of its head arrived in front of the rest.
    pub(super) refuse_cut: fn(&[u8]) -> bool,
    /// Whether the body of a request is read away.
    pub(super) skips_body: bool,
    /// Whether an objection to the request is waived.
    pub(super) waive: fn(Objection, &Request) -> bool,
    /// Whether a good request is refused all the same.
    pub(super) refuse: fn(&Request) -> bool,
    /// Bends the conduct of a connection by the request that opens it.
    pub(super) tailor: fn(&mut Conduct, &Request),
    /// How long a request is thought about before it is answered, in milliseconds.
    pub(super) ponder: fn(&Request) -> u64,
    /// Edits the head of the 101.
    pub(super) accepted: fn(String, &Request) -> String,
    /// Edits a refusal; `None` gives no answer.
    pub(super) refused: fn(String, Objection) -> Option<String>,
    /// How the server goes on behind a refusal.
    pub(super) behind_refusal: fn(Objection, &Request) -> Ending,

    /// Whether a violation passes; the header is that of the frame that showed it.
    pub(super) overlook: fn(Violation, &FrameHeader) -> bool,
    /// Whether a legal frame is refused; `cut` tells that TCP delivered its header in pieces.
    pub(super) refuse_frame: fn(&FrameHeader, cut: bool) -> bool,
    /// Whether a legal message is refused.
    pub(super) refuse_message: fn(&Received) -> bool,
    /// The octets of messages that are accepted.
    pub(super) largest_message: u64,
    /// Unmasks a piece that starts at an offset of the payload.
    pub(super) unmask: fn(MaskKey, offset: u64, &mut [u8]),
    /// When text is validated.
    pub(super) look: Look,
    /// What counts as valid where text is validated as a whole.
    pub(super) valid_text: fn(&[u8]) -> bool,

    /// Behind the 101.
    pub(super) open: fn(&mut Out),
    /// A message is complete.
    pub(super) message: fn(&mut Out, Received),
    /// A ping is complete.
    pub(super) ping: fn(&mut Out, Vec<u8>),
    /// A pong is complete.
    pub(super) pong: fn(&mut Out, Vec<u8>),
    /// A Close frame is complete and its payload is legal or overlooked.
    pub(super) close: fn(&mut Out, ClosePayload),
    /// Whether a Close or FIN inside a message completes it.
    pub(super) delivers_unfinished: bool,
    /// The client broke a rule.
    pub(super) fail: fn(&mut Out, Violation),
    /// The client has sent FIN.
    pub(super) eof: fn(&mut Out),
    /// Whether the next connection is lost when the client has sent RST.
    pub(super) crashes_at_reset: bool,
    /// Whether a connection that breaks off takes one of few slots with it.
    pub(super) leaks_when_lost: bool,
    /// How many connections at a time are too many to go on; `None` where there is no such number.
    pub(super) fatal_crowd: Option<usize>,
    /// Whether nobody else is served while a request head is read.
    pub(super) reads_heads_in_turn: bool,
    /// What is done unasked, until a Close frame was sent.
    pub(super) tick: Option<Tick>,

    /// How long a pause inside a frame has to be to count, and what it does; `None` where frames may take their time.
    pub(super) impatience: Option<(Duration, Impatience)>,

    /// Rearranges what one read of the socket led to.
    pub(super) settle: fn(&mut Vec<Act>),
    /// Edits a frame before it is encoded.
    pub(super) dress: fn(&mut Frame),
    /// Whether frames under 4 KiB are written octet by octet.
    pub(super) bytewise: bool,
    /// Whether this end is the client: it masks, and its peer does not.
    pub(super) is_client: bool,
    /// What is done at a command; `None` where commands are messages like others.
    pub(super) command: Option<fn(&mut Out, Command)>,
    /// How it speaks permessage-deflate; `None` where it does not.
    pub(super) deflate: Option<Deflating>,
    /// What was agreed on permessage-deflate for the connection.
    pub(super) agreed: Option<Agreement>,
    /// The masking key of a client's frame.
    pub(super) mask_key: fn(&RandomState, Place) -> u32,
}

/// Which frame of a connection it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// The number of the frame, from 1 on.
    pub(super) frame: u64,
    /// How many frames so far were no continuation.
    pub(super) started: u64,
}

impl Conduct {
    /// A server that does everything that RFC 6455 asks of an echo server, its SHOULDs included.
    pub(super) fn conforming() -> Conduct {
        Conduct {
            head_end: head_length,
            refuse_cut: |_| false,
            skips_body: false,
            waive: |_, _| false,
            refuse: |_| false,
            tailor: |_, _| {},
            ponder: |_| 0,
            accepted: |head, _| head,
            refused: |head, _| Some(head),
            behind_refusal: |_, _| Ending::Finish,
            overlook: |_, _| false,
            refuse_frame: |_, _| false,
            refuse_message: |_| false,
            largest_message: 64 << 20,
            unmask: |key, offset, piece| key.at(offset).apply(piece),
            look: Look::AsItArrives,
            valid_text: |text| std::str::from_utf8(text).is_ok(),
            open: |_| {},
            message: echo,
            ping: pong,
            pong: |_, _| {},
            close,
            delivers_unfinished: false,
            fail,
            eof: |out| out.finish(),
            crashes_at_reset: false,
            leaks_when_lost: false,
            fatal_crowd: None,
            reads_heads_in_turn: false,
            tick: None,
            impatience: None,
            settle: |_| {},
            dress: |_| {},
            bytewise: false,
            is_client: false,
            command: None,
            deflate: None,
            agreed: None,
            mask_key: |random, place| random.hash_one(place.frame) as u32,
        }
    }
}

/// Echoes a message in one frame.
pub(super) fn echo(out: &mut Out, message: Received) {
    out.send(Frame::new(message.opcode, message.payload));
}

/// Does what a command says.
pub(super) fn obey(out: &mut Out, command: Command) {
    match command {
        Command::Close(payload) => {
            out.send(match payload {
                Some((code, reason)) => Frame::close(code, reason),
                None => Frame::new(Opcode::CLOSE, ""),
            });
            out.await_close();
        }
        Command::Send { is_text, octets, fragment } => {
            let pieces = pieces(octets, fragment);
            let last = pieces.len() - 1;
            for (number, piece) in pieces.into_iter().enumerate() {
                let opcode = match (number, is_text) {
                    (0, true) => Opcode::TEXT,
                    (0, false) => Opcode::BINARY,
                    _ => Opcode::CONTINUATION,
                };
                let frame = Frame::new(opcode, piece);
                out.send(if number == last { frame } else { frame.unfinished() });
            }
        }
        Command::Ping(payload) => out.send(Frame::new(Opcode::PING, payload)),
        Command::Open(count) => out.open(count),
    }
}

/// Answers a ping.
pub(super) fn pong(out: &mut Out, payload: Vec<u8>) {
    out.send(Frame::new(Opcode::PONG, payload));
}

/// Answers a Close with its own payload and closes TCP, as section 7.1.1 asks of a server.
pub(super) fn close(out: &mut Out, payload: ClosePayload) {
    out.send(Frame::new(Opcode::CLOSE, close_octets(&payload)));
    out.finish();
}

/// Says what was wrong and closes TCP.
pub(super) fn fail(out: &mut Out, violation: Violation) {
    out.send(Frame::close(violation.code(), violation.reason()));
    out.finish();
}

/// The payload as it was received.
pub(super) fn close_octets(payload: &ClosePayload) -> Vec<u8> {
    match payload {
        ClosePayload::Empty => Vec::new(),
        ClosePayload::OneByte(octet) => vec![*octet],
        ClosePayload::Code(code, reason) => [&code.to_be_bytes(), reason.as_slice()].concat(),
    }
}
