//! Turns received octets into runs: what equals an expected echo is kept by reference, the rest as it is.
//!
//! Each octet is decided by its own value and place, so the runs of two differently cut conversations mean the same.

use super::{Decoder, Event, Payloads, Span, Transcript};
use crate::wire::MaskKey;
use crate::wire::extension::Agreement;
use sha1::{Digest, Sha1};
use std::time::Duration;

/// Payloads shorter than this are kept as octets: a reference would be longer.
const SHORTEST_REFERENCE: u64 = 64;
/// After that many differing octets in a message it is taken for something else than the expected echo.
const MOST_DIFFERENCES: u64 = 64;
/// Compressed octets that are kept although they come to an expected echo; behind that only a reference is.
const MOST_COMPRESSED: u64 = 32 * 1024;
/// Octets of data payload that are kept although they are not an expected echo; behind that only a digest is.
const MOST_FOREIGN: u64 = 512 * 1024;

/// Records what the target sends.
pub struct Recorder {
    decoder: Decoder,
    expected: Vec<u32>,
    next: usize,
    differences: u64,
    foreign: u64,
    opaque: Option<(u64, Sha1)>,
    overhead: u64,
    /// Octets of the compressed message that is under way.
    in_compressed: u64,
    /// Compressed octets that were kept.
    compressed: u64,
    /// From the first compressed octets of a message to its end: what is held back until it is known what it comes to,
    /// and whether each run is of the message.
    held: Vec<(Span, bool)>,
}

impl Recorder {
    /// A recorder that expects echoes of these payloads in this order.
    pub fn new(decoder: Decoder, expected: Vec<u32>) -> Recorder {
        Recorder {
            decoder,
            expected,
            next: 0,
            differences: 0,
            foreign: 0,
            opaque: None,
            overhead: 0,
            in_compressed: 0,
            compressed: 0,
            held: Vec::new(),
        }
    }

    /// How many of the expected echoes came in, in order.
    pub fn echoed(&self) -> usize {
        self.next
    }

    /// How many octets came that are no expected echo.
    pub fn foreign(&self) -> u64 {
        self.foreign + self.overhead
    }

    /// How many octets came of a compressed message that is not complete.
    pub fn in_compressed(&self) -> u64 {
        self.in_compressed
    }

    /// Whether a compressed message came to far more than anyone had sent.
    pub fn is_too_long(&self) -> bool {
        self.decoder.is_too_long()
    }

    /// The client, whose request came, is answered with this agreement on permessage-deflate.
    pub fn agree(&mut self, agreement: Option<Agreement>) {
        self.decoder.agree(agreement);
    }

    /// Records octets, and appends what they complete to `events`.
    pub fn take(
        &mut self,
        at: Duration,
        mut octets: &[u8],
        payloads: &Payloads,
        transcript: &mut Transcript,
        events: &mut Vec<Event>,
    ) {
        while !octets.is_empty() {
            let (span, used) = self.next_span(octets, payloads);
            octets = &octets[used..];
            let Some(span) = span else { continue };
            let before = events.len();
            let is_compressed = self.decoder.is_in_compressed();
            // how a message is kept is decided at its first octet, so that it does not depend on how it was cut
            let begins = is_compressed
                && self.in_compressed == 0
                && self.compressed + self.decoder.left_in_frame() > MOST_COMPRESSED;
            if is_compressed {
                self.in_compressed += span.len();
            }
            self.decoder.push(&span, payloads, events);
            if begins || !self.held.is_empty() {
                self.held.push((span, is_compressed));
            } else {
                transcript.push_received(at, span);
            }
            let echo = self.count_echoes(&events[before..], payloads);
            if self.in_compressed > 0 && events[before..].iter().any(|event| matches!(event, Event::Message { .. })) {
                let breaks_a_rule = events[before..].iter().any(|event| matches!(event, Event::Fact(_)));
                self.end_of_compressed(at, echo, breaks_a_rule, transcript);
            }
        }
    }

    /// A compressed message is complete: what it comes to decides how it is kept.
    fn end_of_compressed(&mut self, at: Duration, echo: Option<u32>, breaks_a_rule: bool, transcript: &mut Transcript) {
        if echo.is_none() {
            self.overhead += self.in_compressed;
        }
        if self.held.is_empty() {
            self.compressed += self.in_compressed;
        }
        self.in_compressed = 0;
        for (span, is_compressed) in self.held.drain(..) {
            transcript.push_received(
                at,
                match echo {
                    Some(payload) if is_compressed && !breaks_a_rule => Span::Deflated { payload, len: span.len() },
                    _ => span,
                },
            );
        }
    }

    /// Appends what is still held back; nothing more will come.
    pub fn finish(&mut self, at: Duration, payloads: &Payloads, transcript: &mut Transcript, events: &mut Vec<Event>) {
        for (span, _) in self.held.drain(..) {
            transcript.push_received(at, span);
        }
        if let Some(span) = self.take_opaque() {
            self.decoder.push(&span, payloads, events);
            transcript.push_received(at, span);
        }
    }

    /// Counts the echoes among events, and tells the last.
    fn count_echoes(&mut self, events: &[Event], payloads: &Payloads) -> Option<u32> {
        let mut last = None;
        for event in events {
            if let Event::Message { content, .. } = event {
                self.differences = 0;
                if let Some(expected) = self.expected.get(self.next)
                    && content.is(payloads.get(*expected), payloads)
                {
                    self.next += 1;
                    last = Some(*expected);
                    self.decoder.credit(content.len());
                }
            }
        }
        last
    }

    fn take_opaque(&mut self) -> Option<Span> {
        self.opaque.take().map(|(len, digest)| {
            let sha1 = digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect();
            Span::Opaque { len, sha1 }
        })
    }

    /// The next run and how many octets it takes; no run when the octets went into a digest.
    fn next_span(&mut self, octets: &[u8], payloads: &Payloads) -> (Option<Span>, usize) {
        let Some(position) = self.decoder.data_position() else {
            // a head or header ends somewhere in here; octet runs may be cut anywhere
            let used = self.header_stretch(octets);
            if !self.decoder.is_in_compressed() {
                self.overhead += used as u64;
            }
            return (Some(Span::Octets(octets[..used].to_vec())), used);
        };
        let left = position.left_in_frame - self.opaque.as_ref().map_or(0, |(len, _)| *len);
        let mut part = octets[..octets.len().min(usize::try_from(left).unwrap_or(usize::MAX))].to_vec();
        if let Some(mask) = position.mask {
            mask.apply(&mut part);
        }
        if self.opaque.is_none()
            && let Some((span, used)) = self.reference(&part, position.in_message, position.mask, payloads)
        {
            return (Some(span), used);
        }
        let run = self.foreign_run(&part, position.in_message, payloads);
        self.foreign += run as u64;
        self.differences += run as u64;
        if self.opaque.is_none() && self.foreign <= MOST_FOREIGN {
            return (Some(Span::Octets(octets[..run].to_vec())), run);
        }
        let (len, digest) = self.opaque.get_or_insert_with(|| (0, Sha1::new()));
        digest.update(&part[..run]);
        *len += run as u64;
        let full = *len == position.left_in_frame;
        (if full { self.take_opaque() } else { None }, run)
    }

    /// How many octets to hand to the decoder so that it stops where the payload of a data frame begins.
    fn header_stretch(&self, octets: &[u8]) -> usize {
        self.decoder.header_end(octets).unwrap_or(octets.len())
    }

    fn candidate(&self, in_message: u64, payloads: &Payloads) -> Option<u32> {
        let index = *self.expected.get(self.next)?;
        let payload = payloads.get(index);
        let useful = payload.len() >= SHORTEST_REFERENCE && in_message < payload.len();
        (useful && self.differences <= MOST_DIFFERENCES).then_some(index)
    }

    fn reference(
        &self,
        part: &[u8],
        in_message: u64,
        mask: Option<MaskKey>,
        payloads: &Payloads,
    ) -> Option<(Span, usize)> {
        let payload = self.candidate(in_message, payloads)?;
        let used = payloads.get(payload).common(in_message, part);
        (used > 0).then_some((Span::Echo { payload, from: in_message, len: used as u64, mask }, used))
    }

    /// How many octets from here are no echo: up to the next one that equals the candidate, or all of them.
    fn foreign_run(&self, part: &[u8], in_message: u64, payloads: &Payloads) -> usize {
        if self.opaque.is_some() {
            return part.len();
        }
        let Some(index) = self.candidate(in_message, payloads) else {
            return part.len();
        };
        let payload = payloads.get(index);
        (1..part.len()).find(|at| payload.common(in_message + *at as u64, &part[*at..=*at]) == 1).unwrap_or(part.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Entry, Payload, Side};
    use crate::wire::deflate::Deflater;

    const HEAD: &[u8] = b"HTTP/1.1 101 S\r\n\r\n";

    fn record(frames: &[u8], cut: usize, payloads: &Payloads) -> (Transcript, Vec<Event>, usize) {
        let expected = (0..payloads.0.len() as u32).collect();
        let mut recorder = Recorder::new(Decoder::new(Side::Server, None), expected);
        let (mut transcript, mut events) = (Transcript::default(), Vec::new());
        for part in [HEAD, frames].concat().chunks(cut) {
            recorder.take(Duration::ZERO, part, payloads, &mut transcript, &mut events);
        }
        recorder.finish(Duration::ZERO, payloads, &mut transcript, &mut events);
        (transcript, events, recorder.echoed())
    }

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x81, 0x7F];
        bytes.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn compressed_echoes_are_kept_by_reference_once_they_are_many() {
        let head = b"HTTP/1.1 101 S\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        let messages: Vec<Payload> = (0..8).map(|seed| Payload::random(seed, 20_000, false)).collect();
        let payloads = Payloads(messages.iter().cycle().take(16).cloned().collect());
        let mut deflater = Deflater::new(15, true);
        let mut octets = head.to_vec();
        for (number, message) in payloads.0.iter().enumerate() {
            let mut plain = message.to_vec();
            // one of them is spoilt, and one of them is cut into two frames
            plain[7] ^= u8::from(number == 9);
            let compressed = deflater.deflate(&plain);
            let parts = if number == 3 { vec![&compressed[..100], &compressed[100..]] } else { vec![&compressed[..]] };
            for (at, part) in parts.iter().enumerate() {
                octets.push(if at == 0 { 0x42 } else { 0 } | if at + 1 == parts.len() { 0x80 } else { 0 });
                octets.push(0x7F);
                octets.extend_from_slice(&(part.len() as u64).to_be_bytes());
                octets.extend_from_slice(part);
            }
        }
        let expected: Vec<u32> = (0..16).collect();
        let mut texts = Vec::new();
        for cut in [3, 1000, 32_748, 1 << 20] {
            let decoder = Decoder::new(Side::Server, None).with_room_for(20_000, 20_000);
            let mut recorder = Recorder::new(decoder, expected.clone());
            let (mut transcript, mut events) = (Transcript::default(), Vec::new());
            for part in octets.chunks(cut) {
                recorder.take(Duration::ZERO, part, &payloads, &mut transcript, &mut events);
            }
            recorder.finish(Duration::ZERO, &payloads, &mut transcript, &mut events);
            assert_eq!(recorder.echoed(), 9, "cut every {cut}");
            assert_eq!(events.iter().filter(|event| matches!(event, Event::Message { .. })).count(), 16);
            let text = serde_json::to_string(&transcript).unwrap();
            let again: Transcript = serde_json::from_str(&text).unwrap();
            let mut decoder = Decoder::new(Side::Server, None).with_room_for(20_000, 20_000);
            let mut replayed = Vec::new();
            for timed in &again.0 {
                if let Entry::Received(spans) = &timed.entry {
                    spans.iter().for_each(|span| decoder.push(span, &payloads, &mut replayed));
                }
            }
            let told = |events: &[Event]| {
                let told = events.iter().map(|event| match event {
                    Event::Message { content, frames, compressed, .. } => {
                        let same = payloads.0.iter().position(|payload| content.is(payload, &payloads));
                        format!("{same:?} {frames} {:?}", compressed.map(|compressed| compressed.octets))
                    }
                    other => format!("{other:?}"),
                });
                told.collect::<Vec<_>>()
            };
            assert_eq!(told(&replayed), told(&events), "cut every {cut}");
            texts.push(text.len());
        }
        // the first message, what is behind the spoilt one, and references in place of the rest
        assert!(texts.iter().all(|text| *text < 2 * 9 * 20_100), "{texts:?}");
    }

    fn replay(transcript: &Transcript, payloads: &Payloads) -> Vec<Event> {
        let mut decoder = Decoder::new(Side::Server, None);
        let mut events = Vec::new();
        for timed in &transcript.0 {
            if let Entry::Received(spans) = &timed.entry {
                spans.iter().for_each(|span| decoder.push(span, payloads, &mut events));
            }
        }
        events
    }

    #[test]
    fn an_echo_is_kept_by_reference_and_a_change_in_it_as_octets() {
        let payloads = Payloads(vec![Payload::repeat(b"ab", 100_000), Payload::repeat(b"xyz", 70_000)]);
        let mut second = payloads.0[1].to_vec();
        second[40_000] = b'!';
        let frames = [frame(&payloads.0[0].to_vec()), frame(&second)].concat();
        for cut in [1, 7, 65_536, 1 << 20] {
            let (transcript, events, echoed) = record(&frames, cut, &payloads);
            assert_eq!(echoed, 1, "cut every {cut}");
            let text = serde_json::to_string(&transcript).unwrap();
            assert!(text.len() < 2000, "cut every {cut}: {} octets of JSON", text.len());
            let contents: Vec<_> = events
                .iter()
                .filter_map(|event| match event {
                    Event::Message { content, .. } => Some(content.first_difference(&payloads.0[1], &payloads)),
                    _ => None,
                })
                .collect();
            assert_eq!(contents, [Some(0), Some(40_000)]);
            let again: Transcript = serde_json::from_str(&text).unwrap();
            assert_eq!(replay(&again, &payloads), events);
        }
    }

    #[test]
    fn foreign_octets_beyond_the_limit_leave_a_digest() {
        let payloads = Payloads(vec![Payload::repeat(b"ab", 2_000_000)]);
        let (transcript, events, echoed) = record(&frame(&vec![b'Z'; 2_000_000]), 65_536, &payloads);
        assert_eq!(echoed, 0);
        assert!(matches!(events.last(), Some(Event::Message { content, .. }) if content.len() == 2_000_000));
        assert!(serde_json::to_string(&transcript).unwrap().len() < 3 * MOST_FOREIGN as usize);
        assert_eq!(replay(&transcript, &payloads), events);
    }
}
