//! From received runs to events: heads, messages, control frames, and facts.
//!
//! The same decoder serves the engine while a conversation runs and the judge afterwards,
//! and what it finds does not depend on how the octets were cut.

use super::body::Body;
use super::deflated::{Deflated, Read, Room};
use super::head_facts::{response_facts, switches_elsewhere};
use super::mask_history::MaskHistory;
use super::request_facts::request_facts;
use super::{Content, Fact, FactKind, Payloads, Span};
use crate::wire::close::{CodeClass, classify};
use crate::wire::extension::Agreement;
use crate::wire::inflate::Inspection;
use crate::wire::{ClosePayload, FrameHeader, Head, LengthForm, Opcode, http};

/// Which end sent the octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The end that accepts the connection.
    Server,
    /// The end that opens it.
    Client,
}

/// Something that the octets say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole head, with its octets.
    Head(Head, Vec<u8>),
    /// The next request of a client that keeps the connection behind a refusal, RFC 9112 section 9.3.
    NextRequest(Head, Vec<u8>),
    /// A whole frame; what it means follows as another event.
    Frame(FrameHeader),
    /// A whole data message.
    Message {
        /// Text or binary, as its first frame says.
        opcode: Opcode,
        /// The payload.
        content: Content,
        /// How many frames it came in.
        frames: u32,
        /// What it was like on the wire, where it was compressed.
        compressed: Option<Compressed>,
    },
    /// A ping.
    Ping(Content),
    /// A pong.
    Pong(Content),
    /// A Close.
    Close(ClosePayload),
    /// A frame with an opcode that has no meaning, or a control frame that is not final.
    Odd(FrameHeader, Content),
    /// A fact that a monitor may refer to.
    Fact(Fact),
}

/// A compressed message as it was on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compressed {
    /// Its length in octets.
    pub octets: u64,
    /// What it was made of; `None` where it was kept by reference.
    pub inspection: Option<Inspection>,
}

/// Payload that is being received.
struct InFrame {
    header: FrameHeader,
    got: u64,
    content: Content,
}

/// A message that is being received.
struct InMessage {
    opcode: Opcode,
    content: Content,
    frames: u32,
    is_compressed: bool,
}

/// RSV1, which says that a message is compressed, RFC 7692 section 6.
const RSV1: u8 = 4;

enum State {
    Head(Vec<u8>),
    Header(Vec<u8>),
    Payload(InFrame),
    /// Octets that are no WebSocket: the body of a refusal.
    Body(Body),
    /// What follows a refusal of the harness: the next request, where the client keeps the connection for HTTP,
    /// or frames, where it took the refusal for an answer that opens.
    AfterRefusal,
    /// Octets of another protocol, to which a 101 has switched.
    Elsewhere,
}

/// What a data payload octet that comes next belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPosition {
    /// Its offset in the message.
    pub in_message: u64,
    /// How many octets of the frame are still to come.
    pub left_in_frame: u64,
    /// The mask that lies over it.
    pub mask: Option<crate::wire::MaskKey>,
}

/// Decodes what one end sent.
pub struct Decoder {
    side: Side,
    /// The heads that responses answer, in order.
    requests: Vec<Head>,
    answered: usize,
    state: State,
    message: Option<InMessage>,
    closed: bool,
    masks: MaskHistory,
    /// What a client was answered.
    agreement: Option<Agreement>,
    /// Whether a client is answered with something else than a 101, and may send its next request.
    is_refused: bool,
    deflated: Option<Deflated>,
    room: Room,
    is_too_long: bool,
}

impl Decoder {
    /// A decoder for a connection that starts with a head; `requests` are the heads that responses answer.
    pub fn new(side: Side, requests: impl IntoIterator<Item = Head>) -> Decoder {
        let requests = requests.into_iter().collect();
        Decoder {
            side,
            requests,
            answered: 0,
            state: State::Head(Vec::new()),
            message: None,
            closed: false,
            masks: MaskHistory::default(),
            agreement: None,
            is_refused: false,
            deflated: None,
            room: Room::default(),
            is_too_long: false,
        }
    }

    /// With room for messages of at most `largest` and in all `total` octets, and some more, to come out of compressed ones.
    pub fn with_room_for(self, largest: u64, total: u64) -> Decoder {
        Decoder { room: Room { largest, total }, ..self }
    }

    /// A message of so many octets was one that is expected, and is kept by nobody: it takes no room.
    pub fn credit(&mut self, octets: u64) {
        if let Some(deflated) = &mut self.deflated {
            deflated.credit(octets);
        }
    }

    /// For a client that is answered with this agreement on permessage-deflate.
    pub fn with_agreement(self, agreement: Option<Agreement>) -> Decoder {
        Decoder { agreement, ..self }
    }

    /// For a client that is answered with something else than a 101: it may keep the connection for its next request.
    pub fn with_refusal(self, is_refused: bool) -> Decoder {
        Decoder { is_refused, ..self }
    }

    /// The client, whose request came, is answered with this agreement on permessage-deflate.
    pub fn agree(&mut self, agreement: Option<Agreement>) {
        self.agreement = agreement;
        self.deflated = agreement.map(|agreement| Deflated::new(agreement.by_client, self.room));
    }

    /// Whether a compressed message came to far more than anyone had sent.
    pub fn is_too_long(&self) -> bool {
        self.is_too_long
    }

    /// Whether the next octet is payload of a compressed message.
    pub fn is_in_compressed(&self) -> bool {
        match &self.state {
            State::Payload(InFrame { header, .. }) => match header.opcode {
                Opcode::CONTINUATION => self.message.as_ref().is_some_and(|message| message.is_compressed),
                _ => self.begins_compressed(header),
            },
            _ => false,
        }
    }

    /// Whether a frame begins a compressed message.
    fn begins_compressed(&self, header: &FrameHeader) -> bool {
        self.deflated.is_some() && matches!(header.opcode, Opcode::TEXT | Opcode::BINARY) && header.rsv & RSV1 != 0
    }

    /// Where the next octet stands, when it is payload of a data message.
    pub fn data_position(&self) -> Option<DataPosition> {
        match &self.state {
            State::Payload(InFrame { header, got, content })
                if !header.opcode.is_control() && !self.is_in_compressed() =>
            {
                let before = match (&self.message, header.opcode) {
                    (Some(message), Opcode::CONTINUATION) => message.content.len(),
                    _ => 0,
                };
                Some(DataPosition {
                    in_message: before + content.len(),
                    left_in_frame: header.length - got,
                    mask: header.mask.map(|mask| mask.at(*got)),
                })
            }
            _ => None,
        }
    }

    /// Where in `octets` the payload of a data frame begins, when that can be told from them.
    pub fn header_end(&self, octets: &[u8]) -> Option<usize> {
        let data_begins = |bytes: &[u8]| {
            let (header, used) = FrameHeader::parse(bytes)?;
            Some((header.length > 0, used))
        };
        let mut at = match &self.state {
            State::Head(bytes) => {
                let mut all = bytes.clone();
                all.extend_from_slice(octets);
                return http::head_length(&all).map(|length| length - bytes.len());
            }
            State::Body(_) | State::AfterRefusal | State::Elsewhere => return None,
            State::Payload(_) => return Some(self.stretch(octets.len())),
            State::Header(bytes) => {
                let mut all = bytes.clone();
                all.extend_from_slice(&octets[..octets.len().min(FrameHeader::MAX)]);
                let (has_payload, used) = data_begins(&all)?;
                let at = used - bytes.len();
                if has_payload {
                    return Some(at);
                }
                at
            }
        };
        // empty frames follow one another without a stop
        while let Some((has_payload, used)) = data_begins(&octets[at..]) {
            at += used;
            if has_payload {
                break;
            }
        }
        Some(at)
    }

    /// How many of the next octets can be taken together, at most `available`.
    pub fn stretch(&self, available: usize) -> usize {
        match &self.state {
            State::Payload(frame) => {
                available.min(usize::try_from(frame.header.length - frame.got).unwrap_or(usize::MAX))
            }
            _ => available,
        }
    }

    /// How many octets of payload the frame still has.
    pub fn left_in_frame(&self) -> u64 {
        match &self.state {
            State::Payload(InFrame { header, got, .. }) => header.length - got,
            _ => 0,
        }
    }

    /// How many octets a run by reference may have here: it is of the payload that is under way, and is nothing elsewhere.
    pub fn room_for_span(&self) -> u64 {
        match self.state {
            State::Payload(_) => self.left_in_frame(),
            _ => u64::MAX >> 11,
        }
    }

    /// Whether the octets so far end between two frames.
    pub fn at_boundary(&self) -> bool {
        match &self.state {
            State::Header(bytes) | State::Head(bytes) => bytes.is_empty(),
            State::Payload(_) => false,
            State::Body(_) | State::AfterRefusal | State::Elsewhere => true,
        }
    }

    /// What a connection that ends here was in the middle of.
    pub fn unfinished(&self) -> Option<String> {
        match &self.state {
            State::Head(bytes) if !bytes.is_empty() => Some(format!("a head, after {} octets", bytes.len())),
            State::Header(bytes) if !bytes.is_empty() => Some("the header of a frame".to_owned()),
            State::Payload(frame) => {
                Some(format!("a {} frame, after {} of {} octets", frame.header.opcode, frame.got, frame.header.length))
            }
            _ => self.message.as_ref().map(|message| format!("a {} message", message.opcode)),
        }
    }

    /// Takes the next run and appends what it completes to `events`.
    pub fn push(&mut self, span: &Span, payloads: &Payloads, events: &mut Vec<Event>) {
        match span {
            Span::Octets(octets) => {
                let mut rest = octets.as_slice();
                while !rest.is_empty() {
                    rest = self.push_octets(rest, payloads, events);
                }
            }
            run => {
                if let State::Payload(_) = self.state {
                    self.push_payload(run, payloads, events);
                }
            }
        }
    }

    fn push_octets<'a>(&mut self, octets: &'a [u8], payloads: &Payloads, events: &mut Vec<Event>) -> &'a [u8] {
        match &mut self.state {
            State::Body(body) => {
                let used = body.take(octets);
                if body.is_over() {
                    self.state = if self.is_refused { State::AfterRefusal } else { State::Head(Vec::new()) };
                }
                &octets[used..]
            }
            State::Elsewhere => &[],
            State::AfterRefusal => {
                // no first octet of a frame that a client may send is a letter or a line end
                let begins_request =
                    octets.first().is_some_and(|octet| matches!(octet, b'A'..=b'Z' | b'a'..=b'z' | b'\r' | b'\n'));
                self.state = if begins_request { State::Head(Vec::new()) } else { State::Header(Vec::new()) };
                octets
            }
            State::Head(bytes) => {
                // only the new octets and the last line end can complete the head
                let before = bytes.len();
                bytes.extend_from_slice(octets);
                match http::head_length(bytes) {
                    None => &[],
                    Some(length) => {
                        let head_bytes = bytes[..length].to_vec();
                        self.end_of_head(head_bytes, events);
                        &octets[length - before..]
                    }
                }
            }
            State::Header(bytes) => {
                let before = bytes.len();
                bytes.extend_from_slice(&octets[..octets.len().min(FrameHeader::MAX - before)]);
                match FrameHeader::parse(bytes) {
                    None => &[],
                    Some((header, used)) => {
                        self.begin_frame(header, payloads, events);
                        &octets[used - before..]
                    }
                }
            }
            State::Payload(_) => {
                let (now, later) = octets.split_at(self.stretch(octets.len()));
                self.push_payload(&Span::Octets(now.to_vec()), payloads, events);
                later
            }
        }
    }

    fn end_of_head(&mut self, bytes: Vec<u8>, events: &mut Vec<Event>) {
        let head = Head::parse(&bytes);
        if self.side == Side::Client && self.answered > 0 {
            self.state = match Body::of(&head) {
                Body::Rest | Body::Length(0) => State::AfterRefusal,
                body => State::Body(body),
            };
            events.push(Event::NextRequest(head, bytes));
            return;
        }
        let switched = self.side == Side::Server && switches_elsewhere(&head, self.requests.get(self.answered));
        if self.side == Side::Server {
            let request = self.requests.get(self.answered);
            events.extend(response_facts(&head, request).into_iter().map(Event::Fact));
        } else {
            events.extend(request_facts(&head).into_iter().map(Event::Fact));
            self.agree(self.agreement);
            self.answered += 1;
        }
        if self.side == Side::Server && head.status() == Some(101) {
            let agreement = Agreement::in_response(&head);
            self.deflated = agreement.map(|agreement| Deflated::new(agreement.by_server, self.room));
        }
        self.state = match (self.side, head.status()) {
            _ if switched => State::Elsewhere,
            (Side::Client, _) if self.is_refused => State::AfterRefusal,
            (Side::Client, _) | (Side::Server, Some(101)) => State::Header(Vec::new()),
            (Side::Server, Some(100..=199)) => State::Head(Vec::new()),
            (Side::Server, status) => {
                let is_head =
                    self.requests.get(self.answered).is_some_and(|request| request.start_line.starts_with(b"HEAD "));
                self.answered += 1;
                match Body::of(&head) {
                    _ if is_head || matches!(status, Some(204 | 304)) => State::Head(Vec::new()),
                    Body::Length(0) => State::Head(Vec::new()),
                    body => State::Body(body),
                }
            }
        };
        events.push(Event::Head(head, bytes));
    }

    fn begin_frame(&mut self, header: FrameHeader, payloads: &Payloads, events: &mut Vec<Event>) {
        let mut fact = |kind, detail: String| events.push(Event::Fact(Fact::new(kind, detail)));
        let opcode = header.opcode;
        if let (Side::Client, Some(mask)) = (self.side, header.mask)
            && let Some(known) = self.masks.next(mask)
        {
            fact(known.kind, known.detail);
        }
        match (self.side, header.mask) {
            (Side::Server, Some(_)) => fact(FactKind::MaskedFrame, format!("a masked {opcode} frame")),
            (Side::Client, None) => fact(FactKind::UnmaskedFrame, format!("an unmasked {opcode} frame")),
            _ => {}
        }
        let means_compressed = self.deflated.is_some() && header.rsv & RSV1 != 0 && !opcode.is_reserved();
        match opcode {
            _ if !means_compressed => {}
            Opcode::TEXT | Opcode::BINARY => {}
            Opcode::CONTINUATION => {
                fact(FactKind::CompressedContinuation, "a continuation frame with RSV1".to_owned());
            }
            _ => fact(FactKind::CompressedControl, format!("a {opcode} frame with RSV1")),
        }
        if header.rsv & !(if means_compressed { RSV1 } else { 0 }) != 0 {
            fact(FactKind::ReservedBit, format!("a {opcode} frame with RSV bits {:03b}", header.rsv));
        }
        if opcode.is_reserved() {
            fact(FactKind::ReservedOpcode, format!("a frame with {opcode}"));
        }
        if header.form != LengthForm::minimal(header.length) {
            let bits = if header.form == LengthForm::Bits16 { 16 } else { 64 };
            fact(FactKind::LengthNotMinimal, format!("a {opcode} frame of {} octets in {bits} bits", header.length));
        }
        if header.length >> 63 == 1 {
            fact(FactKind::LengthMostSignificantBit, format!("a {opcode} frame of {} octets", header.length));
        }
        if opcode.is_control() {
            if !header.fin {
                fact(FactKind::ControlFragmented, format!("a {opcode} frame without FIN"));
            }
            if header.length > 125 {
                fact(FactKind::ControlTooLong, format!("a {opcode} frame of {} octets", header.length));
            }
            if self.closed && opcode != Opcode::CLOSE {
                fact(FactKind::ControlAfterClose, format!("a {opcode} frame behind a Close"));
            }
        } else {
            match (opcode, &self.message) {
                (Opcode::CONTINUATION, None) => fact(
                    FactKind::ContinuationWithoutStart,
                    format!("a continuation frame of {} octets with nothing to continue", header.length),
                ),
                (Opcode::TEXT | Opcode::BINARY, Some(_)) => {
                    fact(FactKind::MessageInterleaved, format!("a {opcode} frame inside of a message"));
                }
                _ => {}
            }
            if self.closed {
                fact(FactKind::DataAfterClose, format!("a {opcode} frame behind a Close"));
            }
        }
        self.state = State::Payload(InFrame { header, got: 0, content: Content::default() });
        if header.length == 0 {
            self.end_of_frame(payloads, events);
        }
    }

    fn push_payload(&mut self, span: &Span, payloads: &Payloads, events: &mut Vec<Event>) {
        let State::Payload(frame) = &mut self.state else {
            return;
        };
        let mask = frame.header.mask.map(|mask| mask.at(frame.got));
        frame.content.push(span, mask);
        frame.got += span.len();
        if frame.got >= frame.header.length {
            self.end_of_frame(payloads, events);
        }
    }

    fn end_of_frame(&mut self, payloads: &Payloads, events: &mut Vec<Event>) {
        let State::Payload(InFrame { header, content, .. }) =
            std::mem::replace(&mut self.state, State::Header(Vec::new()))
        else {
            return;
        };
        events.push(Event::Frame(header));
        match header.opcode {
            Opcode::PING | Opcode::PONG | Opcode::CLOSE if !header.fin => events.push(Event::Odd(header, content)),
            Opcode::PING => events.push(Event::Ping(content)),
            Opcode::PONG => events.push(Event::Pong(content)),
            Opcode::CLOSE => self.close(&content, payloads, events),
            Opcode::TEXT | Opcode::BINARY => {
                // an interleaved start gives up the message that was under way
                let is_compressed = self.begins_compressed(&header);
                self.message = Some(InMessage { opcode: header.opcode, content, frames: 1, is_compressed });
                self.end_of_data_frame(header, payloads, events);
            }
            Opcode::CONTINUATION => match &mut self.message {
                Some(message) => {
                    message.content.append(&content);
                    message.frames += 1;
                    self.end_of_data_frame(header, payloads, events);
                }
                None => events.push(Event::Odd(header, content)),
            },
            _ => events.push(Event::Odd(header, content)),
        }
    }

    fn end_of_data_frame(&mut self, header: FrameHeader, payloads: &Payloads, events: &mut Vec<Event>) {
        if !header.fin {
            return;
        }
        let Some(InMessage { opcode, mut content, frames, is_compressed }) = self.message.take() else {
            return;
        };
        let mut compressed = None;
        if let (true, Some(deflated)) = (is_compressed, &mut self.deflated) {
            let octets = content.len();
            let Read { content: plain, inspection, facts, is_too_long } = deflated.read(&content, payloads);
            compressed = Some(Compressed { octets, inspection });
            content = plain;
            self.is_too_long |= is_too_long;
            events.extend(facts.into_iter().map(Event::Fact));
        }
        if opcode == Opcode::TEXT
            && let Some(at) = content.invalid_utf8_at(payloads, true)
        {
            let detail = format!("a text message of {} octets that goes wrong at octet {at}", content.len());
            events.push(Event::Fact(Fact::new(FactKind::TextNotUtf8, detail)));
        }
        events.push(Event::Message { opcode, content, frames, compressed });
    }

    fn close(&mut self, content: &Content, payloads: &Payloads, events: &mut Vec<Event>) {
        let mut fact = |kind, detail: String| events.push(Event::Fact(Fact::new(kind, detail)));
        if self.closed {
            fact(FactKind::CloseRepeated, "a second Close frame".to_owned());
        }
        self.closed = true;
        let payload = ClosePayload::parse(&content.head(payloads, 1024));
        match &payload {
            ClosePayload::Empty => {}
            ClosePayload::OneByte(octet) => {
                fact(FactKind::CloseOneByte, format!("a Close with the single octet {octet:#04x}"));
            }
            ClosePayload::Code(code, reason) => {
                match classify(*code) {
                    CodeClass::Sendable => {}
                    CodeClass::LocalOnly => fact(FactKind::CloseCodeLocalOnly, format!("a Close with {code}")),
                    CodeClass::Unused => fact(FactKind::CloseCodeUnused, format!("a Close with {code}")),
                    CodeClass::Undefined => fact(FactKind::CloseCodeUndefined, format!("a Close with {code}")),
                    CodeClass::Unassigned => fact(FactKind::CloseCodeUnassigned, format!("a Close with {code}")),
                }
                if *code == 1010 && self.side == Side::Server {
                    fact(FactKind::CloseCode1010, "a Close with 1010".to_owned());
                }
                if std::str::from_utf8(reason).is_err() {
                    let shown: String = reason.iter().take(16).map(|octet| format!("{octet:02x}")).collect();
                    fact(FactKind::CloseReasonNotUtf8, format!("a Close with the reason {shown}"));
                }
            }
        }
        events.push(Event::Close(payload));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Payload;

    const HEAD: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";

    fn decode(octets: &[u8], cut: usize) -> Vec<Event> {
        let mut decoder = Decoder::new(Side::Server, None);
        let mut events = Vec::new();
        let payloads = Payloads::default();
        for part in octets.chunks(cut) {
            decoder.push(&Span::Octets(part.to_vec()), &payloads, &mut events);
        }
        events
    }

    fn facts(frames: &[u8]) -> Vec<&'static str> {
        decode(&[HEAD, frames].concat(), 4096)
            .into_iter()
            .filter_map(|event| match event {
                Event::Fact(fact) => Some(fact.kind.name()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn each_rude_frame_is_named() {
        for (frames, expected) in [
            (&[0x81, 0x85, 0, 0, 0, 0, b'H', b'e', b'l', b'l', b'o'][..], vec!["masked-frame"]),
            (&[0xC1, 0], vec!["reserved-bit"]),
            (&[0x83, 0], vec!["reserved-opcode"]),
            (&[0x82, 0x7E, 0, 1, 7], vec!["length-not-minimal"]),
            (&[0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0], vec!["length-most-significant-bit"]),
            (&[0x09, 0], vec!["control-fragmented"]),
            (&[0x89, 0x7E, 0, 126], vec!["control-too-long"]),
            (&[0x80, 0], vec!["continuation-without-start"]),
            (&[0x01, 0, 0x81, 0], vec!["message-interleaved"]),
            (&[0x81, 1, 0xFF], vec!["text-not-utf8"]),
            (&[0x01, 1, 0xC3, 0x80, 1, 0xA9], vec![]),
            (&[0x88, 1, 3], vec!["close-one-byte"]),
            (&[0x88, 2, 0, 5], vec!["close-code-unused"]),
            (&[0x88, 2, 0x03, 0xED], vec!["close-code-local-only"]),
            (&[0x88, 2, 0x03, 0xEC], vec!["close-code-unassigned"]),
            (&[0x88, 2, 0x03, 0xF2], vec!["close-code-1010"]),
            (&[0x88, 3, 0x03, 0xE8, 0xFF], vec!["close-reason-not-utf8"]),
            (&[0x88, 0, 0x88, 0], vec!["close-repeated"]),
            (&[0x88, 0, 0x81, 0], vec!["data-after-close"]),
            (&[0x88, 0, 0x8A, 0], vec!["control-after-close"]),
        ] {
            assert_eq!(facts(frames), expected, "{frames:02x?}");
        }
    }

    #[test]
    fn every_cut_gives_the_same_events() {
        let frames = [0x01, 2, b'a', 0xC3, 0x89, 1, b'p', 0x80, 1, 0xA9, 0x88, 2, 3, 0xE8];
        let octets = [HEAD, &frames].concat();
        let whole = decode(&octets, octets.len());
        assert!(matches!(&whole[..], [Event::Head(..), Event::Frame(_), Event::Frame(_), Event::Ping(_), ..]));
        for cut in 1..octets.len() {
            assert_eq!(decode(&octets, cut), whole, "cut every {cut}");
        }
    }

    #[test]
    fn a_referenced_payload_counts_like_its_octets() {
        let mut payloads = Payloads::default();
        let index = payloads.add(Payload::repeat(b"*", 200));
        let mut decoder = Decoder::new(Side::Server, None);
        let mut events = Vec::new();
        decoder.push(&Span::Octets([HEAD, &[0x81, 0x7E, 0, 200]].concat()), &payloads, &mut events);
        assert_eq!(decoder.data_position().unwrap().left_in_frame, 200);
        decoder.push(&Span::Echo { payload: index, from: 0, len: 200, mask: None }, &payloads, &mut events);
        let Some(Event::Message { content, .. }) = events.last() else { panic!("no message: {events:?}") };
        assert!(content.is(payloads.get(index), &payloads));
        assert!(!content.is(&Payload::repeat(b"+", 200), &payloads));
    }

    #[test]
    fn a_response_behind_a_body_is_found() {
        let refusals: [&[u8]; 3] = [
            b"HTTP/1.1 400 No\r\nContent-Length: 5\r\n\r\nHello",
            b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\n!\r\n0\r\nT: 1\r\n\r\n",
            b"HTTP/1.1 204 No\r\n\r\n",
        ];
        for refusal in refusals {
            let octets = [refusal, HEAD, &[0x81, 0]].concat();
            for cut in [1, 5, octets.len()] {
                let messages = decode(&octets, cut).into_iter().filter(|event| matches!(event, Event::Message { .. }));
                assert_eq!(messages.count(), 1, "cut every {cut}");
            }
        }
    }

    #[test]
    fn behind_a_refusal_a_client_may_send_its_next_request() {
        const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: x\r\n\r\n";
        const NEXT: &[u8] =
            b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\x81\x80GET /again HTTP/1.1\r\n\r\n";
        let decode = |is_refused, octets: &[u8], cut: usize| {
            let mut decoder = Decoder::new(Side::Client, None).with_refusal(is_refused);
            let mut events = Vec::new();
            let octets = [REQUEST, octets].concat();
            for part in octets.chunks(cut) {
                decoder.push(&Span::Octets(part.to_vec()), &Payloads::default(), &mut events);
            }
            events
        };
        let frames = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::Frame(_))).count();
        for cut in [1, 7, 4096] {
            let events = decode(true, NEXT, cut);
            let next = events.iter().filter(|event| matches!(event, Event::NextRequest(..))).count();
            assert_eq!((next, frames(&events)), (2, 0), "cut every {cut}: {events:?}");
            // one that takes the refusal for an open connection is still seen
            assert_eq!(frames(&decode(true, &[0x8A, 0x80, 1, 2, 3, 4], cut)), 1, "cut every {cut}");
            // on a connection that is open the same octets are frames, whatever they look like
            let open = decode(false, NEXT, cut);
            assert!(!open.iter().any(|event| matches!(event, Event::NextRequest(..))), "cut every {cut}");
        }
    }

    #[test]
    fn behind_a_switch_to_another_protocol_nothing_is_a_frame() {
        const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n";
        let request = Head::parse(b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n");
        let mut decoder = Decoder::new(Side::Server, Some(request));
        let mut events = Vec::new();
        let octets = [SWITCH, b"\0\0\x0c\x04\0\0\0\0\0"].concat();
        decoder.push(&Span::Octets(octets), &Payloads::default(), &mut events);
        assert!(matches!(&events[..], [Event::Head(..)]), "{events:?}");
    }

    #[test]
    fn an_interim_response_is_no_refusal() {
        let octets = [b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", HEAD, &[0x81, 0]].concat();
        let messages = decode(&octets, 7).into_iter().filter(|event| matches!(event, Event::Message { .. })).count();
        assert_eq!(messages, 1);
    }
}
