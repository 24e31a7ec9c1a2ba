//! From a case to a plan.

use super::answer::Answer;
use super::deflate::placed;
use super::fragments::{Fragments, Masks};
use super::mutate::mutate;
use super::op::needs_ping;
use super::random_frames::random_frames;
use super::sample::sample;
use super::{
    Barrier, DeflatePlan, Known, Op, Piece, Plan, SendOp, SentClose, SentFrame, SentMessage, SentPing, Stage, Target,
    Wait, WaitFor, Writes,
};
use crate::case::deflate;
use crate::case::frame::{FrameSpec, Kind, Masking};
use crate::case::payload::{Hex, Made};
use crate::case::step::Cut;
use crate::case::{Case, Opening, PayloadSpec, Response, Role, Send, Step, Until};
use crate::transcript::payload::mix;
use crate::transcript::{Payload, Payloads};
use crate::wire::deflate::Deflater;
use crate::wire::extension::Agreement;
use crate::wire::inflate::{Inflater, WINDOW};
use crate::wire::{FrameHeader, Head, LengthForm, MaskKey, Opcode, handshake};
use std::collections::BTreeMap;
use std::time::Duration;

/// The most octets of an exchange that are under way, unless one message alone has more.
const MOST_UNDER_WAY: u64 = 256 * 1024;

/// Why a case could not be turned into a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A payload names a file that is not there.
    #[error("could not find the data file `{0}` under cases/data")]
    NoDataFile(String),
}

/// Resolves a case for a target; `data` holds the files under `cases/data/`.
pub fn plan(case: &Case, target: &Target, seed: u64, data: &BTreeMap<String, Vec<u8>>) -> Result<Plan, PlanError> {
    build(case, target, seed, data, None)
}

/// The same where it is known already what was agreed of permessage-deflate.
pub(super) fn build(
    case: &Case,
    target: &Target,
    seed: u64,
    data: &BTreeMap<String, Vec<u8>>,
    agreed: Option<Option<Agreement>>,
) -> Result<Plan, PlanError> {
    let mut deflate = DeflatePlan::of(case, target, seed);
    if let (Some(deflate), Some(agreement)) = (&mut deflate, agreed) {
        deflate.agreement = agreement;
    }
    let own = deflate.as_ref().map(|deflate| deflate.own(target.role));
    let mut planner = Planner {
        target,
        data,
        seed: mix(seed ^ name_number(&case.id)),
        drawn: 0,
        stage: Stage::Before,
        open: None,
        barriers: 0,
        under_way: 0,
        deflater: own.map(|own| Deflater::new(own.window_bits, own.keeps_context)),
        inflater: Inflater::default(),
        plan: Plan {
            role: target.role,
            ops: Vec::new(),
            payloads: Payloads::default(),
            requests: Vec::new(),
            clear_text: case.opening.clear_text,
            tests_coming: case.checks.iter().any(|check| check.expect.is_of_coming()),
            url: case.opening.url.clone(),
            certificate: case.opening.certificate,
            others: case.opening.others,
            tests_opening: case.checks.iter().any(|check| check.expect.is_of_opening()),
            frames: Vec::new(),
            messages: Vec::new(),
            pings: Vec::new(),
            closes: Vec::new(),
            violation: None,
            last_send: 0,
            echo: target.echo,
            deflate,
        },
    };
    planner.open(case)?;
    for step in &case.steps {
        planner.step(step)?;
    }
    Ok(planner.plan)
}

/// FNV-1a: a number for a name that is the same on every machine.
fn name_number(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// `n0, n1, n2, ...`: so many octets, the last name made longer where the next would not fit any more.
fn names(len: u64) -> Vec<u8> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let mut octets = Vec::new();
    for number in 0.. {
        let name = format!("n{number}");
        let comma = if octets.is_empty() { "" } else { ", " };
        if octets.len() + comma.len() + name.len() > len {
            octets.resize(len, b'n');
            break;
        }
        octets.extend_from_slice(comma.as_bytes());
        octets.extend_from_slice(name.as_bytes());
    }
    octets
}

struct OpenMessage {
    opcode: Opcode,
    first_op: u32,
    fragments: Vec<Payload>,
    /// Whether the fragments are compressed octets that the case has made by hand.
    is_compressed: bool,
    /// Whether the target need not take it.
    is_disputed: bool,
}

/// The most octets that a message made by hand may come to.
const MOST_INFLATED: usize = 64 << 20;

struct Planner<'a> {
    target: &'a Target,
    data: &'a BTreeMap<String, Vec<u8>>,
    seed: u64,
    drawn: u64,
    stage: Stage,
    /// The message that the frames so far have begun.
    open: Option<OpenMessage>,
    barriers: u32,
    /// Octets sent since the last wait.
    under_way: u64,
    /// What compresses the messages of the harness.
    deflater: Option<Deflater>,
    /// What a target has of the compressed messages so far, for those that are made by hand.
    inflater: Inflater,
    plan: Plan,
}

impl Planner<'_> {
    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed.wrapping_add(self.drawn))
    }

    fn next_op(&self) -> u32 {
        self.plan.ops.len() as u32
    }

    fn payload(&mut self, spec: &PayloadSpec) -> Result<Payload, PlanError> {
        Ok(match spec {
            PayloadSpec::Text(text) => Payload::octets(text.clone().into_bytes()),
            PayloadSpec::Made(Made::Hex(Hex(octets))) => Payload::octets(octets.clone()),
            PayloadSpec::Made(Made::Repeat { unit, to }) => Payload::repeat(&self.payload(unit)?.to_vec(), *to),
            PayloadSpec::Made(Made::Random(len)) => Payload::random(self.draw(), *len, false),
            PayloadSpec::Made(Made::RandomText(len)) => Payload::random(self.draw(), *len, true),
            PayloadSpec::Made(Made::RandomFrames(len)) => {
                Payload::octets(random_frames(self.draw(), *len, self.target.role == Role::Server))
            }
            PayloadSpec::Made(Made::Names(len)) => Payload::octets(names(*len)),
            PayloadSpec::Made(Made::File(name)) => {
                Payload::octets(self.data.get(name).ok_or_else(|| PlanError::NoDataFile(name.clone()))?.clone())
            }
            PayloadSpec::Made(Made::Concat(parts)) => {
                Payload::concat(parts.iter().map(|part| self.payload(part)).collect::<Result<Vec<_>, _>>()?)
            }
            PayloadSpec::Made(Made::Blocks(blocks)) => {
                let stream = deflate::write(blocks, |spec| self.payload(spec).map(|payload| payload.to_vec()))?;
                Payload::octets(stream.message())
            }
            PayloadSpec::Made(Made::Deflated(whole)) => {
                Payload::octets(Deflater::new(15, false).deflate(&self.payload(whole)?.to_vec()))
            }
            PayloadSpec::Made(Made::Sample { kind, len }) => sample(*kind, *len),
            PayloadSpec::Made(Made::Slide { over, len }) => self.payload(over)?.part(0, *len),
        })
    }

    fn open(&mut self, case: &Case) -> Result<(), PlanError> {
        if self.target.role == Role::Client {
            return self.respond(&case.opening);
        }
        self.head(&case.opening)?;
        if case.opening.unanswered {
            return Ok(());
        }
        let what = if self.plan.tests_opening { WaitFor::Responses(1) } else { WaitFor::Head };
        self.push_wait(what, true);
        Ok(())
    }

    /// Waits for the request of a client and opens the connection, RFC 6455 section 4.2.2; frames may go with the response.
    fn respond(&mut self, opening: &Opening) -> Result<(), PlanError> {
        if opening.unanswered {
            return Ok(());
        }
        self.push_wait(WaitFor::Request, true);
        let plain = Response::default();
        let response = opening.response.as_ref().unwrap_or(&plain);
        let mut builder = OpBuilder { is_request: true, ..OpBuilder::default() };
        let mut head = self.response(response, opening);
        while let Some((start, end, answer)) = Answer::find(&head) {
            builder.push(Piece::Octets(head.as_bytes()[..start].to_vec()));
            builder.push(Piece::Answer(answer));
            head.drain(..end);
        }
        builder.push(Piece::Octets(head.into_bytes()));
        if response.violates {
            self.plan.violation = Some((self.next_op(), builder.len));
            self.stage = Stage::After;
        }
        for spec in &opening.with {
            self.frame_of(spec, &mut builder)?;
        }
        self.push_send(builder, writes(opening));
        Ok(())
    }

    /// The head of a response, with the names of answers to the key where these come.
    fn response(&self, response: &Response, opening: &Opening) -> String {
        if let Some(raw) = &response.raw {
            return self.address(raw);
        }
        let mut fields: Vec<(String, String)> =
            [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", "{accept}")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        fields.extend(self.own_fields());
        if let Some(deflate) = &opening.deflate
            && self.plan.deflate.as_ref().is_some_and(|plan| plan.agreement.is_some())
        {
            fields.push(("Sec-WebSocket-Extensions".to_owned(), placed(&deflate.answer, Role::Client)));
        }
        let set: Vec<(String, String)> =
            response.set.iter().map(|(name, value)| (name.clone(), self.address(value))).collect();
        change(&mut fields, &set, &response.remove);
        fields.extend(response.add.iter().cloned());
        let line = response.status_line.as_deref().unwrap_or("HTTP/1.1 101 Switching Protocols");
        head_of(line, &fields)
    }

    /// Sends a request head, and the frames that go with it.
    fn head(&mut self, opening: &Opening) -> Result<(), PlanError> {
        let mut octets = match &opening.raw {
            Some(raw) => self.payload(&self.addressed(raw))?.to_vec(),
            None => self.request(opening)?,
        };
        if opening.mutated {
            mutate(&mut octets, self.draw());
        }
        self.plan.requests.push(Head::parse(&octets));
        let mut builder = OpBuilder { is_request: true, ..OpBuilder::default() };
        builder.push(Piece::Octets(octets));
        for spec in &opening.with {
            let spec = match &spec.kind {
                Kind::Raw(octets) => &FrameSpec { kind: Kind::Raw(self.addressed(octets)), ..spec.clone() },
                _ => spec,
            };
            self.frame_of(spec, &mut builder)?;
        }
        self.push_send(builder, writes(opening));
        Ok(())
    }

    /// Puts what only the target knows into a text of the case: `{host}`, `{resource}`, and as `{fields}` the lines that
    /// the user wants in every head.
    fn address(&self, text: &str) -> String {
        let Known { refused_origin, missing_path, .. } = &self.target.known;
        let text = text
            .replace("{host}", &self.target.host)
            .replace("{resource}", &self.target.resource)
            .replace("{refused_origin}", refused_origin.as_deref().unwrap_or_default())
            .replace("{missing_path}", missing_path.as_deref().unwrap_or_default())
            .replace("{other_case}", &other_case(&self.target.subprotocols));
        if !text.contains("{fields}") {
            return text;
        }
        let lines: String = self.own_fields().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        text.replace("{fields}", &lines)
    }

    /// The fields that come from the user and belong to no handshake as such.
    fn own_fields(&self) -> impl Iterator<Item = (String, String)> + use<'_> {
        let target = self.target;
        // a response has no origin, and selects one subprotocol at most
        let is_request = target.role == Role::Server;
        let origin =
            target.origin.iter().filter(move |_| is_request).map(|origin| ("Origin".to_owned(), origin.clone()));
        let offers = (!target.subprotocols.is_empty()).then(|| ("Sec-WebSocket-Protocol".to_owned(), offered(target)));
        origin.chain(offers).chain(target.fields.iter().cloned())
    }

    /// The same for the texts of a payload.
    fn addressed(&self, spec: &PayloadSpec) -> PayloadSpec {
        match spec {
            PayloadSpec::Text(text) => PayloadSpec::Text(self.address(text)),
            PayloadSpec::Made(Made::Concat(parts)) => {
                PayloadSpec::Made(Made::Concat(parts.iter().map(|part| self.addressed(part)).collect()))
            }
            made => made.clone(),
        }
    }

    /// RFC 6455 section 4.1: the opening handshake of a client.
    fn request(&mut self, opening: &Opening) -> Result<Vec<u8>, PlanError> {
        let mut nonce = Vec::with_capacity(16);
        nonce.extend_from_slice(&self.draw().to_be_bytes());
        nonce.extend_from_slice(&self.draw().to_be_bytes());
        if let Some(spec) = &opening.nonce {
            nonce = self.payload(spec)?.to_vec();
        }
        let target = self.target;
        let mut fields: Vec<(String, String)> = [
            ("Host", target.host.clone()),
            ("Upgrade", "websocket".to_owned()),
            ("Connection", "Upgrade".to_owned()),
            ("Sec-WebSocket-Key", handshake::key(&nonce)),
            ("Sec-WebSocket-Version", "13".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        fields.extend(self.own_fields());
        if let Some(deflate) = &opening.deflate {
            fields.push(("Sec-WebSocket-Extensions".to_owned(), placed(&deflate.offer, Role::Server)));
        }
        let set: Vec<(String, String)> =
            opening.set.iter().map(|(name, value)| (name.clone(), self.address(value))).collect();
        change(&mut fields, &set, &opening.remove);
        fields.extend(opening.add.iter().map(|(name, value)| (name.clone(), self.address(value))));
        let line = self.address(opening.request_line.as_deref().unwrap_or("GET {resource} HTTP/1.1"));
        Ok(head_of(&line, &fields).into_bytes())
    }

    fn step(&mut self, step: &Step) -> Result<(), PlanError> {
        match step {
            Step::Send(send) => self.send(send)?,
            Step::Barrier => self.barrier(),
            Step::Await(until) => self.wait(*until),
            Step::LingerMs(ms) => self.plan.ops.push(Op::Linger(Duration::from_millis(*ms))),
            Step::Exchange { message, times, full_times, window } => {
                let times = full_times.filter(|_| self.target.full).unwrap_or(*times);
                self.exchange(message, times, window.get())?;
            }
            Step::Close(code) => {
                let empty = PayloadSpec::Text(String::new());
                self.send(&Send { frames: vec![FrameSpec::plain(Kind::Close(*code, empty))], cut: Cut::Whole })?;
                self.wait(Until::Close);
                self.wait(Until::End);
            }
            Step::LingerPatiently { usual_ms, patient_ms } => {
                let ms = if self.target.patient { *patient_ms } else { *usual_ms };
                self.plan.ops.push(Op::Linger(Duration::from_millis(ms)));
            }
            Step::Request(opening) => self.head(opening)?,
            Step::StopReading => self.plan.ops.push(Op::Read(false)),
            Step::GoOnReading => self.plan.ops.push(Op::Read(true)),
            Step::HalfClose => self.plan.ops.push(Op::HalfClose),
            Step::Reset => self.plan.ops.push(Op::Reset),
        }
        Ok(())
    }

    /// Sends a message many times: what stands beside each other in a write is half a window, so that the target has
    /// work while the other half comes back. Each echo has a wait, and so a deadline, of its own.
    fn exchange(&mut self, message: &FrameSpec, times: u32, window: u32) -> Result<(), PlanError> {
        let (Kind::Text(spec) | Kind::Binary(spec)) = &message.kind else {
            return Ok(());
        };
        let messages = self.series(spec, u64::from(times), message.deflate)?;
        let size = messages.largest + FrameHeader::MAX as u64;
        let window = u64::from(window).min(MOST_UNDER_WAY / size).max(1);
        let burst = window.div_ceil(2);
        let earlier = self.plan.messages.len();
        let (mut sent, mut back) = (0, 0);
        while sent < u64::from(times) {
            let next = burst.min(u64::from(times) - sent);
            self.await_echoes(earlier, &mut back, (sent + next).saturating_sub(window), size);
            let mut builder = OpBuilder::default();
            (sent..sent + next).for_each(|number| self.frame(message, messages.at(number), &mut builder));
            self.finish_send(builder, &Cut::Whole);
            sent += next;
        }
        self.await_echoes(earlier, &mut back, sent, size);
        Ok(())
    }

    /// Waits one after the other for echoes behind the first `earlier`, until so many are in.
    fn await_echoes(&mut self, earlier: usize, back: &mut u64, until: u64, size: u64) {
        while *back < until {
            *back += 1;
            self.under_way = self.under_way.max(size);
            self.push_wait(WaitFor::Echoes(earlier + *back as usize), false);
        }
    }

    fn barrier(&mut self) {
        self.barriers += 1;
        let spec = PayloadSpec::Text(format!("wsspec barrier {}", self.barriers));
        let PayloadSpec::Text(text) = &spec else {
            return;
        };
        let payload = Payload::octets(text.clone().into_bytes());
        let index = self.plan.payloads.add(payload);
        let carried = Carried { wire: index, plain: None };
        let kind = match self.target.barrier {
            Barrier::Ping => Kind::Ping(spec),
            Barrier::Echo => Kind::Text(spec),
        };
        let mut builder = OpBuilder::default();
        self.frame(&FrameSpec::plain(kind), carried, &mut builder);
        self.finish_send(builder, &Cut::Whole);
        let what = match self.target.barrier {
            Barrier::Ping => {
                if let Some(ping) = self.plan.pings.last_mut() {
                    ping.barrier = true;
                }
                WaitFor::Pong(index)
            }
            Barrier::Echo => {
                if let Some(message) = self.plan.messages.last_mut() {
                    message.barrier = true;
                }
                WaitFor::Echoes(self.plan.messages.len())
            }
        };
        self.push_wait(what, true);
    }

    fn push_wait(&mut self, what: WaitFor, barrier: bool) {
        let size = std::mem::take(&mut self.under_way);
        self.plan.ops.push(Op::Await(Wait { what, size, barrier }));
    }

    fn wait(&mut self, until: Until) {
        if needs_ping(until, self.target.echo) {
            return self.barrier();
        }
        let what = match until {
            Until::Echo => WaitFor::Echoes(self.plan.messages.len()),
            Until::Pong => match self.plan.pings.last() {
                Some(ping) => WaitFor::Pong(ping.payload),
                None => return,
            },
            Until::Close => WaitFor::Close,
            Until::Response => WaitFor::Responses(self.plan.requests.len()),
            Until::End => WaitFor::End,
        };
        self.push_wait(what, false);
    }

    fn send(&mut self, send: &Send) -> Result<(), PlanError> {
        let mut builder = OpBuilder::default();
        for spec in &send.frames {
            self.frame_of(spec, &mut builder)?;
        }
        self.finish_send(builder, &send.cut);
        Ok(())
    }

    /// Adds a frame with the payload that it names.
    fn frame_of(&mut self, spec: &FrameSpec, builder: &mut OpBuilder) -> Result<(), PlanError> {
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
    fn on_the_wire(&mut self, deflate: bool, plain: u32) -> Carried {
        let Some(deflater) = self.deflater.as_mut().filter(|_| deflate) else {
            return Carried { wire: plain, plain: None };
        };
        let payload = self.plan.payloads.get(plain);
        let octets = payload.to_vec();
        let wire = Payload::octets(deflater.deflate(&octets));
        self.inflater.remember(&octets);
        Carried { wire: self.plan.payloads.add(wire), plain: Some(plain) }
    }

    /// The messages of an exchange. Those that slide over a payload come again when it is through; compressed, they are
    /// the same again from the second time on, when all that they can refer to is.
    fn series(&mut self, spec: &PayloadSpec, times: u64, deflate: bool) -> Result<Series, PlanError> {
        let mut carried = Vec::new();
        let (over, len) = match spec {
            PayloadSpec::Made(Made::Slide { over, len }) => (self.payload(over)?, *len),
            spec => {
                let payload = self.payload(spec)?;
                (payload.clone(), payload.len())
            }
        };
        let around = (1..=times).find(|count| (count * len).is_multiple_of(over.len().max(1))).unwrap_or(times);
        let least = if deflate { WINDOW as u64 } else { 0 };
        let cycle = around * least.div_ceil((around * len).max(1)).max(1);
        let distinct = times.min(if deflate { cycle.saturating_mul(2) } else { cycle });
        for number in 0..distinct {
            let from = if over.is_empty() { 0 } else { number * len % over.len() };
            let part = over.part(from, len);
            let index = match carried.get((number % around) as usize) {
                Some(Carried { plain: Some(plain), .. }) => *plain,
                _ => self.plan.payloads.add(part),
            };
            carried.push(self.on_the_wire(deflate, index));
        }
        Ok(Series { carried, cycle, largest: len })
    }

    fn finish_send(&mut self, builder: OpBuilder, cut: &Cut) {
        let writes = match cut {
            Cut::Whole => Writes::Few,
            Cut::Every(octets) => Writes::Every(*octets),
            Cut::Frames => Writes::At(builder.frame_ends.clone(), Duration::ZERO),
            Cut::Payload { at, pause_ms } => {
                let offsets = at.iter().map(|offset| builder.first_payload + offset).collect();
                Writes::At(offsets, Duration::from_millis(*pause_ms))
            }
        };
        self.push_send(builder, writes);
    }

    fn push_send(&mut self, builder: OpBuilder, writes: Writes) {
        self.under_way += builder.len;
        self.plan.last_send = self.next_op();
        self.plan.ops.push(Op::Send(SendOp {
            pieces: builder.pieces,
            len: builder.len,
            writes,
            whole_frames: !builder.ragged,
            has_close: builder.has_close,
            is_request: builder.is_request,
        }));
    }

    /// The masks of the next frames.
    fn masks(&mut self, masking: &Masking, count: u64) -> Masks {
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

    fn frame(&mut self, spec: &FrameSpec, carried: Carried, builder: &mut OpBuilder) {
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
    fn frames_of(
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
    fn note(&mut self, spec: &FrameSpec, header: FrameHeader, carried: Carried, payload: Payload, op: u32, end: u64) {
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
    fn inflated(&mut self, fragments: &[Payload], is_disputed: bool) -> Option<u32> {
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

    fn end_of_message(&mut self, fin: bool, index: u32, op: u32, end: u64) {
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

/// RSV1, which says that a message is compressed, RFC 7692 section 6.
const RSV1: u8 = 4;

/// A payload as frames carry it.
#[derive(Clone, Copy)]
struct Carried {
    /// What stands in the frames.
    wire: u32,
    /// What it was before it was compressed.
    plain: Option<u32>,
}

/// The messages of an exchange.
struct Series {
    carried: Vec<Carried>,
    /// After how many messages they come again.
    cycle: u64,
    /// The length of the largest in octets.
    largest: u64,
}

impl Series {
    fn at(&self, number: u64) -> Carried {
        let known = self.carried.len() as u64;
        let back = if number < known { 0 } else { (number - known) / self.cycle + 1 };
        self.carried[(number - back * self.cycle) as usize]
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

#[derive(Default)]
struct OpBuilder {
    pieces: Vec<Piece>,
    len: u64,
    frame_ends: Vec<u64>,
    /// Where the payload of the first frame starts.
    first_payload: u64,
    /// Whether the octets may end inside of a frame.
    ragged: bool,
    has_close: bool,
    is_request: bool,
}

impl OpBuilder {
    fn push(&mut self, piece: Piece) {
        self.len += piece.len();
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Octets(octets)), Piece::Octets(more)) => octets.extend_from_slice(&more),
            (_, piece) => self.pieces.push(piece),
        }
    }
}

/// How a head is cut into writes.
fn writes(opening: &Opening) -> Writes {
    match (opening.chop, opening.cut_at.as_slice()) {
        (Some(octets), _) => Writes::Every(octets),
        (None, []) => Writes::Few,
        (None, at) => Writes::At(at.to_vec(), Duration::from_millis(opening.pause_ms.unwrap_or(0))),
    }
}

/// Gives fields other values, and leaves some out; names compare without regard to case.
fn change(fields: &mut Vec<(String, String)>, set: &[(String, String)], remove: &[String]) {
    for (name, value) in set {
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(field) => *field = (name.clone(), value.clone()),
            None => fields.push((name.clone(), value.clone())),
        }
    }
    fields.retain(|(name, _)| !remove.iter().any(|gone| gone.eq_ignore_ascii_case(name)));
}

fn head_of(line: &str, fields: &[(String, String)]) -> String {
    let lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{line}\r\n{lines}\r\n")
}

/// The subprotocols that a request offers, or the one that a response selects.
fn offered(target: &Target) -> String {
    match target.role {
        Role::Server => target.subprotocols.join(", "),
        Role::Client => target.subprotocols.first().cloned().unwrap_or_default(),
    }
}

/// The names with each letter in its other case.
fn other_case(names: &[String]) -> String {
    let swapped = |letter: char| match letter.is_ascii_uppercase() {
        true => letter.to_ascii_lowercase(),
        false => letter.to_ascii_uppercase(),
    };
    names.join(", ").chars().map(swapped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Target {
        Target { host: "localhost:9001".to_owned(), ..Target::echoing(Role::Server) }
    }

    fn case(steps: &str) -> Case {
        let text = format!(
            r#"{{"group":"g","title":"","why":"","cases":[{{"name":"c","title":"","steps":{steps},"checks":[]}}]}}"#
        );
        crate::case::load::load_group(std::path::Path::new("g.json"), &text).unwrap().cases.remove(0)
    }

    fn planned(steps: &str, target: &Target) -> Plan {
        plan(&case(steps), target, 1, &BTreeMap::new()).unwrap()
    }

    fn unmasked(plan: &Plan, op: u32) -> Vec<(u8, Vec<u8>)> {
        let mut octets = plan.octets_of(op, 1 << 20);
        let mut frames = Vec::new();
        while let Some((header, used)) = FrameHeader::parse(&octets) {
            let mut rest = octets.split_off(used);
            octets = rest.split_off((header.length as usize).min(rest.len()));
            if let Some(mask) = header.mask {
                mask.apply(&mut rest);
            }
            frames.push((u8::from(header.fin) << 7 | header.rsv << 4 | header.opcode.0, rest));
        }
        frames
    }

    #[test]
    fn the_same_three_give_the_same_octets() {
        let steps = r#"[{"send": [{"text": "Hello"}, {"binary": {"random": 100}}]}]"#;
        let (a, b) = (planned(steps, &server()), planned(steps, &server()));
        assert_eq!((a.octets_of(0, 9999), a.octets_of(2, 9999)), (b.octets_of(0, 9999), b.octets_of(2, 9999)));
        let other = plan(&case(steps), &server(), 2, &BTreeMap::new()).unwrap();
        assert_ne!(a.octets_of(2, 9999), other.octets_of(2, 9999));
    }

    #[test]
    fn a_head_may_name_what_only_the_target_knows() {
        let words = |text: &str| serde_json::from_str::<Opening>(text).unwrap();
        for (opening, head) in [
            (
                r#"{"request_line": "GET http://{host}{resource}?x HTTP/1.1"}"#,
                "GET http://localhost:9001/chat?x HTTP/1.1",
            ),
            (r#"{"set": [["hOST", "{host}"]]}"#, "hOST: localhost:9001\r\nUpgrade"),
            (
                r#"{"raw": {"concat": ["GET {resource}", {"hex": "ff"}, " {host}"]}}"#,
                "GET /chat\u{fffd} localhost:9001",
            ),
        ] {
            let case = Case { opening: words(opening), ..case("[]") };
            let target = Target { resource: "/chat".to_owned(), ..server() };
            let sent = plan(&case, &target, 1, &BTreeMap::new()).unwrap().octets_of(0, 999);
            assert!(String::from_utf8_lossy(&sent).contains(head), "{opening}");
        }
    }

    #[test]
    fn fragments_follow_the_size_and_may_end_empty() {
        let frames = |steps: String| unmasked(&planned(&steps, &server()), 2);
        let sizes = |steps: String| frames(steps).iter().map(|(bits, data)| (*bits, data.len())).collect::<Vec<_>>();
        let step = |extra: &str| format!(r#"[{{"send": [{{"text": "abcdef", "fragment": {extra}}}]}}]"#);
        assert_eq!(sizes(step("4")), [(0x01, 4), (0x80, 2)]);
        assert_eq!(sizes(step("3")), [(0x01, 3), (0x80, 3)]);
        assert_eq!(sizes(step(r#"3, "empty_last": true"#)), [(0x01, 3), (0x00, 3), (0x80, 0)]);
        assert_eq!(sizes(step(r#"6, "empty_last": true"#)), [(0x81, 6)]);
        assert_eq!(frames(step("4"))[1].1, b"ef");
    }

    #[test]
    fn a_message_is_known_as_a_whole_and_not_behind_a_violation() {
        let steps = r#"[{"send": [{"text": "ab", "fin": false}, {"ping": "p"}, {"cont": "cd"}]},
                        {"send": [{"text": "x", "rsv": 1, "violates": true}, {"text": "y"}, {"ping": ""}]}]"#;
        let plan = planned(steps, &server());
        assert_eq!(plan.messages.len(), 1);
        assert_eq!(plan.payload(plan.messages[0].payload).to_vec(), b"abcd");
        assert_eq!(plan.violation.map(|(op, _)| op), Some(3));
        let stages: Vec<Stage> = plan.pings.iter().map(|ping| ping.stage).collect();
        assert_eq!(stages, [Stage::Before, Stage::After]);
    }

    #[test]
    fn masking_follows_the_role() {
        let masked = |role, masking: &str| {
            let steps = format!(r#"[{{"send": [{{"text": "a", "masking": {masking}}}]}}]"#);
            let plan = planned(&steps, &Target { role, ..server() });
            FrameHeader::parse(&plan.octets_of(2, 99)).unwrap().0.mask.is_some()
        };
        assert!(masked(Role::Server, "\"as_role\"") && !masked(Role::Client, "\"as_role\""));
        assert!(!masked(Role::Server, "\"wrong\"") && masked(Role::Client, "\"wrong\""));
    }

    #[test]
    fn without_an_echo_a_ping_proves_that_the_message_was_taken() {
        let steps = r#"[{"send": [{"text": "a"}]}, {"await": "echo"}]"#;
        let plan = planned(steps, &Target { echo: false, ..server() });
        assert!(matches!(plan.ops.last(), Some(Op::Await(Wait { what: WaitFor::Pong(_), barrier: true, .. }))));
        assert_eq!(plan.pings.len(), 1);
    }

    #[test]
    fn a_cut_counts_from_the_payload() {
        let steps = r#"[{"send": {"frames": [{"text": "abcdef"}], "cut_payload_at": [2, 4], "pause_ms": 5}}]"#;
        let Op::Send(send) = &planned(steps, &server()).ops[2] else { panic!("no send") };
        assert_eq!(send.writes, Writes::At(vec![8, 10], Duration::from_millis(5)));
    }
}
