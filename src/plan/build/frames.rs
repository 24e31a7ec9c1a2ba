//! Frames and messages of a plan: their octets, and what the judge has to know of them.

use super::super::fragments::{Fragments, Masks};
use super::super::{Piece, PlanError, SentClose, SentFrame, SentMessage, SentPing, Stage};
use super::{OpBuilder, Planner};
use crate::case::Role;
use crate::case::frame::{FrameSpec, Kind, Masking};
use crate::transcript::Payload;
use crate::wire::{FrameHeader, LengthForm, MaskKey, Opcode};

/// RSV1, which says that a message is compressed, RFC 7692 section 6.
const RSV1: u8 = 4;

/// The most octets that a message made by hand may come to.
const MOST_INFLATED: usize = 8 << 20;

pub(super) struct OpenMessage {
    pub(super) opcode: Opcode,
    pub(super) first_op: u32,
    pub(super) fragments: Vec<Payload>,
    /// Whether the fragments are compressed octets that the case has made by hand.
    pub(super) is_compressed: bool,
    /// Whether the target need not take it.
    pub(super) is_disputed: bool,
}

/// A payload as frames carry it.
#[derive(Clone, Copy)]
pub(super) struct Carried {
    /// What stands in the frames.
    pub(super) wire: u32,
    /// What it was before it was compressed.
    pub(super) plain: Option<u32>,
}

impl Planner<'_> {
    /// Adds a frame with the payload that it names.
    pub(super) fn frame_of(&mut self, spec: &FrameSpec, builder: &mut OpBuilder) -> Result<(), PlanError> {
        let payload = match &spec.kind {
            Kind::Text(payload)
            | Kind::Binary(payload)
            | Kind::Continuation(payload)
            | Kind::Ping(payload)
            | Kind::Pong(payload)
            | Kind::ClosePayload(payload)
            | Kind::Opcode(_, payload)
            | Kind::Raw(payload) => self.payload(payload)?,
            Kind::Close(code, reason) => {
                let reason = self.payload(reason)?;
                Payload::concat([Payload::octets(code.to_be_bytes().to_vec()), reason])
            }
        };
        let index = self.plan.payloads.add(payload);
        let index = self.on_the_wire(spec.deflate, index);
        self.frame(spec, index, builder);
        Ok(())
    }

    /// The payload as frames carry it: compressed, where it is to be.
    pub(super) fn on_the_wire(&mut self, deflate: bool, plain: u32) -> Carried {
        let Some(deflater) = self.deflater.as_mut().filter(|_| deflate) else {
            return Carried { wire: plain, plain: None };
        };
        let payload = self.plan.payloads.get(plain);
        let octets = payload.to_vec();
        let wire = Payload::octets(deflater.deflate(&octets));
        self.inflater.remember(&octets);
        Carried { wire: self.plan.payloads.add(wire), plain: Some(plain) }
    }

    /// The masks of the next frames.
    pub(super) fn masks(&mut self, masking: &Masking, count: u64) -> Masks {
        let to_server = self.target.role == Role::Server;
        let is_masked = match masking {
            Masking::Key(key) => return Masks::Same(MaskKey(*key)),
            Masking::AsRole => to_server,
            Masking::Wrong => !to_server,
        };
        if !is_masked {
            return Masks::None;
        }
        let first = self.seed.wrapping_add(self.drawn + 1);
        self.drawn += count;
        Masks::Drawn(first)
    }

    pub(super) fn frame(&mut self, spec: &FrameSpec, carried: Carried, builder: &mut OpBuilder) {
        let index = carried.wire;
        let payload = self.plan.payloads.get(index).clone();
        if spec.violates && self.stage == Stage::Before {
            self.stage = Stage::Violation;
        }
        let first = match &spec.kind {
            Kind::Raw(_) => {
                builder.push(Piece::Payload { payload: index, from: 0, len: payload.len(), mask: None });
                builder.ragged = true;
                None
            }
            kind => Some(self.frames_of(spec, opcode(kind), index, &payload, builder)),
        };
        let op = self.next_op();
        let end = builder.len;
        builder.frame_ends.push(end);
        let means = carried.plain;
        self.plan.frames.push(SentFrame { op, end, header: first, payload: index, stage: self.stage, means });
        if let Some(header) = first {
            self.note(spec, header, carried, payload, op, end);
            builder.has_close |= header.opcode == Opcode::CLOSE;
        }
        if spec.disputed && self.plan.violation.is_none() {
            // taken or refused: what stands in it and behind it still counts as legal
            self.plan.violation = Some((op, end));
        }
        if self.stage == Stage::Violation {
            self.plan.violation = Some((op, end));
            self.stage = Stage::After;
        }
    }

    /// Appends the frame, or the frames of a fragmented message, and tells the first header.
    pub(super) fn frames_of(
        &mut self,
        spec: &FrameSpec,
        opcode: Opcode,
        index: u32,
        payload: &Payload,
        builder: &mut OpBuilder,
    ) -> FrameHeader {
        let total = payload.len();
        let size = spec.fragment.unwrap_or(total.max(1));
        let mut frames = total.div_ceil(size).max(1);
        if spec.empty_last && total.is_multiple_of(size) && total > size {
            frames += 1;
        }
        // those between the first and the last are alike
        let middle = frames.saturating_sub(2);
        let mut first = None;
        for number in [0, 1, frames - 1].into_iter().take(frames.min(3) as usize) {
            let from = (number * size).min(total);
            let count = if number == 1 && middle > 0 { middle } else { 1 };
            let len = size.min(total - from);
            let length = spec.length.unwrap_or(len);
            let mut header = FrameHeader {
                fin: spec.fin && number + 1 == frames,
                rsv: match number {
                    0 if spec.deflate => spec.rsv | RSV1,
                    // RFC 7692 section 6.1: on the first frame only
                    1.. if self.deflater.is_some() => spec.rsv & !RSV1,
                    _ => spec.rsv,
                },
                opcode: if number == 0 { opcode } else { Opcode::CONTINUATION },
                mask: None,
                length,
                form: match spec.form {
                    Some(7) => LengthForm::Bits7,
                    Some(16) => LengthForm::Bits16,
                    Some(_) => LengthForm::Bits64,
                    None => LengthForm::minimal(length),
                },
            };
            builder.ragged |= length != len;
            let masks = self.masks(&spec.masking, count);
            if count > 1 {
                builder.push(Piece::Fragments(Fragments { header, masks, payload: index, from, size, count }));
                continue;
            }
            header.mask = masks.get(0);
            let mut octets = Vec::with_capacity(FrameHeader::MAX);
            header.encode(&mut octets);
            builder.push(Piece::Octets(octets));
            if builder.frame_ends.is_empty() && number == 0 {
                builder.first_payload = builder.len;
            }
            if len > 0 {
                builder.push(Piece::Payload { payload: index, from, len, mask: header.mask });
            }
            first.get_or_insert(header);
        }
        first.unwrap_or(FrameHeader::new(opcode, 0, None))
    }

    /// Notes what the judge has to know of the frame.
    pub(super) fn note(
        &mut self,
        spec: &FrameSpec,
        header: FrameHeader,
        carried: Carried,
        payload: Payload,
        op: u32,
        end: u64,
    ) {
        let stage = self.stage;
        let index = carried.wire;
        match header.opcode {
            Opcode::PING => self.plan.pings.push(SentPing { op, end, payload: index, stage, barrier: false }),
            Opcode::CLOSE => {
                let code = crate::wire::ClosePayload::parse(&payload.to_vec()).code();
                self.plan.closes.push(SentClose { op, end, code });
            }
            Opcode::TEXT | Opcode::BINARY => {
                let is_compressed = self.deflater.is_some() && header.rsv & RSV1 != 0 && carried.plain.is_none();
                self.open = Some(OpenMessage {
                    opcode: header.opcode,
                    first_op: op,
                    fragments: vec![payload],
                    is_compressed,
                    is_disputed: spec.disputed,
                });
                self.end_of_message(spec.fin, carried.plain.unwrap_or(index), op, end);
            }
            Opcode::CONTINUATION => {
                if let Some(message) = &mut self.open {
                    message.fragments.push(payload);
                    message.is_disputed |= spec.disputed;
                    self.end_of_message(spec.fin, index, op, end);
                }
            }
            _ => {}
        }
    }

    /// The message that compressed octets made by hand come to; `None` where they come to none.
    pub(super) fn inflated(&mut self, fragments: &[Payload], is_disputed: bool) -> Option<u32> {
        let octets = Payload::concat(fragments.to_vec()).to_vec();
        let inspection = self.inflater.inflate(&octets, MOST_INFLATED);
        if let Some(deflater) = &mut self.deflater {
            // it knows nothing of this message, which stands between its own
            deflater.forget();
        }
        if let (Some(deflate), false, Stage::Before) = (&mut self.plan.deflate, is_disputed, self.stage) {
            deflate.farthest = deflate.farthest.max(inspection.farthest);
            deflate.refers_back |= inspection.before > 0;
        }
        inspection.fault.is_none().then(|| self.plan.payloads.add(Payload::octets(self.inflater.message().to_vec())))
    }

    pub(super) fn end_of_message(&mut self, fin: bool, index: u32, op: u32, end: u64) {
        if !fin {
            return;
        }
        let Some(OpenMessage { opcode, first_op, fragments, is_compressed, is_disputed }) = self.open.take() else {
            return;
        };
        if is_compressed {
            let Some(plain) = self.inflated(&fragments, is_disputed) else { return };
            if let Some(frame) = self.plan.frames.last_mut() {
                frame.means = Some(plain);
            }
            if self.stage == Stage::Before && self.plan.closes.is_empty() {
                self.plan.messages.push(SentMessage { first_op, op, end, opcode, payload: plain, barrier: false });
            }
            return;
        }
        if self.stage != Stage::Before || !self.plan.closes.is_empty() {
            return;
        }
        let payload = match fragments.as_slice() {
            [_] => index,
            _ => self.plan.payloads.add(Payload::concat(fragments)),
        };
        self.plan.messages.push(SentMessage { first_op, op, end, opcode, payload, barrier: false });
    }
}

fn opcode(kind: &Kind) -> Opcode {
    match kind {
        Kind::Text(_) => Opcode::TEXT,
        Kind::Binary(_) => Opcode::BINARY,
        Kind::Continuation(_) | Kind::Raw(_) => Opcode::CONTINUATION,
        Kind::Ping(_) => Opcode::PING,
        Kind::Pong(_) => Opcode::PONG,
        Kind::Close(..) | Kind::ClosePayload(_) => Opcode::CLOSE,
        Kind::Opcode(opcode, _) => Opcode(*opcode),
    }
}
