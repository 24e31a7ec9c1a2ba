//! The hand-written endpoint behind the handshake: octets in, acts out, no socket and no clock.
//!
//! It decides what a frame means; how the server behaves then is asked of its [`Conduct`].

use super::command::Command;
use super::conduct::{Conduct, Impatience, Received};
use super::deflate::{Codec, Moment, RSV1, may_have_rsv1};
use super::out::{Act, Attention, Out};
use super::text::TextCheck;
use super::violation::Violation;
use crate::wire::{ClosePayload, FrameHeader, Opcode};

/// One connection.
pub(super) struct Session {
    conduct: Conduct,
    out: Out,
    text: TextCheck,
    codec: Option<Codec>,
    header: Vec<u8>,
    frame: Option<Incoming>,
    message: Option<Received>,
    control: Vec<u8>,
    ticks: u64,
}

/// A frame whose payload is being read.
struct Incoming {
    header: FrameHeader,
    received: u64,
    discarded: bool,
}

impl Session {
    pub(super) fn new(conduct: Conduct) -> Session {
        Session {
            conduct,
            out: Out::new(),
            text: TextCheck::new(conduct.look, conduct.valid_text),
            codec: conduct
                .deflate
                .zip(conduct.agreed)
                .map(|(ways, agreed)| Codec::new(ways, agreed, conduct.is_client)),
            header: Vec::with_capacity(FrameHeader::MAX),
            frame: None,
            message: None,
            control: Vec::new(),
            ticks: 0,
        }
    }

    /// The handshake is done.
    pub(super) fn open(&mut self) -> Vec<Act> {
        (self.conduct.open)(&mut self.out);
        self.settled()
    }

    /// Octets have arrived; they are unmasked in place.
    pub(super) fn receive(&mut self, mut input: &mut [u8]) -> Vec<Act> {
        while self.out.attention != Attention::None {
            let goes_on = match self.frame.take() {
                None => self.read_header(&mut input),
                Some(frame) => self.read_payload(frame, &mut input),
            };
            if !goes_on {
                break;
            }
        }
        self.settled()
    }

    /// The peer has sent FIN.
    pub(super) fn eof(&mut self) -> Vec<Act> {
        match self.out.attention {
            Attention::Full => {
                self.out.inside_message = self.message.is_some();
                self.interrupt_message();
                (self.conduct.eof)(&mut self.out);
            }
            Attention::CloseOnly | Attention::None => self.out.finish(),
        }
        self.settled()
    }

    /// The time of [`Conduct::tick`] has passed once more.
    pub(super) fn tick(&mut self) -> Vec<Act> {
        if let (Attention::Full, Some(tick)) = (self.out.attention, self.conduct.tick) {
            (tick.act)(&mut self.out, self.ticks);
            self.ticks += 1;
        }
        self.settled()
    }

    /// Whether a frame has begun and is not complete.
    pub(super) fn is_inside_frame(&self) -> bool {
        !self.header.is_empty() || self.frame.is_some()
    }

    /// Nothing has come for the time of [`Conduct::impatience`] inside a frame.
    pub(super) fn lose_patience(&mut self) -> Vec<Act> {
        match self.conduct.impatience {
            Some((_, Impatience::EndsPayload)) => {
                if let Some(frame) = self.frame.take_if(|frame| frame.received > 0 && !frame.discarded) {
                    self.complete(frame.header);
                }
            }
            Some((_, Impatience::ForgetsHeader)) => self.header.clear(),
            None => {}
        }
        self.settled()
    }

    fn settled(&mut self) -> Vec<Act> {
        let mut acts = self.out.take();
        (self.conduct.settle)(&mut acts);
        if let Some(codec) = &mut self.codec {
            codec.pack(&mut acts);
        }
        for act in &mut acts {
            if let Act::Send(frame) | Act::SendPart(frame, _) = act {
                (self.conduct.dress)(frame);
            }
        }
        acts
    }

    fn read_header(&mut self, input: &mut &mut [u8]) -> bool {
        let held = self.header.len();
        let more = input.len().min(FrameHeader::MAX - held);
        self.header.extend_from_slice(&input[..more]);
        let Some((header, used)) = FrameHeader::parse(&self.header) else {
            return false;
        };
        take(input, used - held);
        self.header.clear();
        let discarded = self.out.attention == Attention::CloseOnly || !self.accepts(&header, held > 0);
        if !discarded {
            self.begin(&header);
        }
        self.frame = Some(Incoming { header, received: 0, discarded });
        true
    }

    /// Judges a frame by its header. Behind a violation the connection has failed, unless the conduct is faulty.
    fn accepts(&mut self, header: &FrameHeader, cut: bool) -> bool {
        let meant = if self.codec.is_some() && may_have_rsv1(header) { RSV1 } else { 0 };
        for violation in Violation::in_header(header, self.message.is_some(), !self.conduct.is_client, meant) {
            if self.objects(violation, header) {
                return false;
            }
        }
        let so_far = match &self.message {
            Some(message) if !header.opcode.is_control() => message.payload.len() as u64,
            _ => 0,
        };
        if so_far + payload_length(header) > self.conduct.largest_message {
            return !self.objects(Violation::TooBig, header);
        }
        !((self.conduct.refuse_frame)(header, cut) && self.objects(Violation::Imagined, header))
    }

    /// Fails the connection, unless the conduct overlooks such a violation.
    fn objects(&mut self, violation: Violation, header: &FrameHeader) -> bool {
        let objects = !(self.conduct.overlook)(violation, header);
        if objects {
            (self.conduct.fail)(&mut self.out, violation);
        }
        objects
    }

    fn begin(&mut self, header: &FrameHeader) {
        let continues = header.opcode == Opcode::CONTINUATION && self.message.is_some();
        if is_data(header) && !continues {
            self.text.start();
            let compressed = self.codec.as_mut().is_some_and(|codec| codec.begin(header));
            self.message =
                Some(Received { opcode: header.opcode, payload: Vec::new(), frame_ends: Vec::new(), compressed });
        }
    }

    fn read_payload(&mut self, mut frame: Incoming, input: &mut &mut [u8]) -> bool {
        let length = payload_length(&frame.header);
        let count = usize::try_from(length - frame.received).map_or(input.len(), |left| left.min(input.len()));
        let piece = take(input, count);
        if !frame.discarded && count > 0 {
            if let Some(key) = frame.header.mask {
                (self.conduct.unmask)(key, frame.received, piece);
            }
            frame.discarded = !self.keeps(&frame.header, piece);
        }
        frame.received += count as u64;
        if frame.received < length {
            self.frame = Some(frame);
            return false;
        }
        match self.out.attention {
            Attention::Full if !frame.discarded => self.complete(frame.header),
            Attention::CloseOnly if frame.header.opcode == Opcode::CLOSE => self.out.finish(),
            _ => {}
        }
        true
    }

    /// Adds a piece of payload to what it belongs to; false when the message is given up.
    fn keeps(&mut self, header: &FrameHeader, piece: &[u8]) -> bool {
        let Some(message) = self.message.as_mut().filter(|_| is_data(header)) else {
            self.control.extend_from_slice(piece);
            return true;
        };
        message.payload.extend_from_slice(piece);
        let is_plain = !message.compressed || self.codec.as_ref().is_some_and(|codec| codec.ways.judges_compressed);
        let wrong = message.opcode == Opcode::TEXT && is_plain && !self.text.piece(piece);
        if wrong && self.objects(Violation::InvalidUtf8, header) {
            self.message = None;
            return false;
        }
        true
    }

    fn complete(&mut self, header: FrameHeader) {
        if is_data(&header) {
            self.complete_data(header);
            return;
        }
        let payload = std::mem::take(&mut self.control);
        self.out.inside_message = self.message.is_some();
        self.text.control();
        if let Some(codec) = &mut self.codec {
            codec.pass(&Moment::Control(header.opcode));
        }
        match header.opcode {
            Opcode::PING => {
                self.out.pings += 1;
                (self.conduct.ping)(&mut self.out, payload);
            }
            Opcode::PONG => (self.conduct.pong)(&mut self.out, payload),
            Opcode::CLOSE => {
                let payload = ClosePayload::parse(&payload);
                let violation = Violation::in_close(&payload);
                if !violation.is_some_and(|violation| self.objects(violation, &header)) {
                    self.interrupt_message();
                    (self.conduct.close)(&mut self.out, payload);
                }
            }
            // A reserved opcode that was overlooked has no meaning that could be acted on.
            _ => {}
        }
    }

    /// Section 5.4: what is unfinished at the end was never a message.
    fn interrupt_message(&mut self) {
        if let Some(message) = self.message.take_if(|_| self.conduct.delivers_unfinished) {
            (self.conduct.message)(&mut self.out, message);
        }
    }

    /// Decompresses what of a message has not been yet; false when it is given up.
    fn unpack(&mut self, message: &mut Received, header: &FrameHeader) -> bool {
        let start = match (self.codec.as_ref(), message.frame_ends.as_slice()) {
            (Some(codec), [.., last, _]) if codec.ways.by_frame => *last,
            _ => 0,
        };
        let compressed = message.payload.split_off(start);
        let Some(codec) = &mut self.codec else { return false };
        let judges_text = message.opcode == Opcode::TEXT && !codec.ways.judges_compressed;
        let octets = match codec.read(compressed, self.conduct.largest_message) {
            Ok(octets) => octets,
            Err((violation, _)) if self.objects(violation, header) => return false,
            Err((_, octets)) => octets,
        };
        let wrong = judges_text && !self.text.piece(&octets);
        message.payload.extend(octets);
        let length = message.payload.len();
        message.frame_ends.iter_mut().for_each(|end| *end = length.min(*end));
        message.frame_ends.last_mut().into_iter().for_each(|end| *end = length);
        !(wrong && self.objects(Violation::InvalidUtf8, header))
    }

    fn complete_data(&mut self, header: FrameHeader) {
        let Some(mut message) = self.message.take() else { return };
        message.frame_ends.push(message.payload.len());
        let is_read = !message.compressed || header.fin || self.codec.as_ref().is_some_and(|codec| codec.ways.by_frame);
        if message.compressed && is_read && !self.unpack(&mut message, &header) {
            return;
        }
        let is_text = message.opcode == Opcode::TEXT && is_read;
        let mut valid = !is_text || self.text.frame_end(&message.payload);
        if header.fin {
            valid &= !is_text || self.text.message_end(&message.payload);
        }
        if !valid && self.objects(Violation::InvalidUtf8, &header) {
            return;
        }
        if !header.fin {
            self.message = Some(message);
            return;
        }
        if let Some(codec) = &mut self.codec {
            codec.pass(&Moment::Message(&message));
        }
        if (self.conduct.refuse_message)(&message) && self.objects(Violation::Imagined, &header) {
            return;
        }
        self.out.messages += 1;
        if let (Some(obey), true) = (self.conduct.command, is_text)
            && let Some(command) = Command::parse(&message.payload)
        {
            return obey(&mut self.out, command);
        }
        (self.conduct.message)(&mut self.out, message);
    }
}

fn is_data(header: &FrameHeader) -> bool {
    matches!(header.opcode, Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY)
}

/// Section 5.2: bit 63 is never part of a length. Who overlooks that it is set reads on without it.
fn payload_length(header: &FrameHeader) -> u64 {
    header.length & !(1 << 63)
}

fn take<'a>(input: &mut &'a mut [u8], count: usize) -> &'a mut [u8] {
    let (taken, rest) = std::mem::take(input).split_at_mut(count);
    *input = rest;
    taken
}
