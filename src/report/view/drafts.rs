//! What happened, in order and cheap to hold: only the rows that are shown are turned into words.

use super::octets::preview;
use super::rows::Note;
use super::sent::{SentPart, parts};
use super::wire::Wire;
use crate::plan::Stage;
use crate::report::Record;
use crate::transcript::{Decoder, Ending, Entry, Event, Reply, Turnout};
use crate::wire::{FrameHeader, Opcode};
use std::time::Duration;

/// A row before it is put into words.
pub(in crate::report) struct Draft<'a> {
    pub at: Duration,
    pub what: What<'a>,
    pub notes: Vec<Note>,
    /// Neighbours with the same number are fragments of one message, of which a reader needs only the ends.
    pub run: Option<usize>,
}

pub(in crate::report) enum What<'a> {
    Connected,
    /// A head of the harness, as far as it was sent.
    SentHead {
        op: u32,
        upto: u64,
        len: u64,
    },
    /// Octets of a frame, counted from its start.
    SentFrame {
        op: u32,
        part: SentPart,
        sent: (u64, u64),
    },
    Head {
        octets: Vec<u8>,
    },
    Frame {
        header: FrameHeader,
        payload_at: u64,
    },
    /// The body of a response.
    Body {
        from: u64,
        len: u64,
    },
    /// Octets of the target that complete nothing, and what they are the beginning of.
    Rest {
        from: u64,
        len: u64,
        during: Option<String>,
    },
    Replied {
        to: Reply,
        octets: &'a [u8],
    },
    Missed {
        op: u32,
        waited: Duration,
    },
    Unsent {
        octets: u64,
    },
    /// The harness closed its sending half.
    HalfClosed,
    /// Whether a new connection worked afterwards.
    Aftermath {
        served: bool,
    },
    /// What became of the crowd.
    Crowd(Turnout),
    Ended(&'a Ending),
    /// Rows that are left out.
    Gap(usize),
}

impl Draft<'_> {
    /// Whether it shows something that a strict endpoint would not let pass.
    pub fn has_fact(&self) -> bool {
        self.notes.iter().any(|note| note.kind == "fact")
    }
}

/// The octets of a message that was compressed which are shown.
const SHOWN: usize = 40;

/// Of fragments of one message, so many are kept at either end.
const ENDS: usize = 3;

/// Goes through a transcript once; `wire` holds what the target sent.
pub(in crate::report) fn drafts<'a>(record: &'a Record, wire: &Wire<'_>) -> Vec<Draft<'a>> {
    let mut reader = Reader {
        record,
        decoder: record.plan.decoder(),
        drafts: Vec::new(),
        facts: Vec::new(),
        sending: None,
        received: 0,
        wire,
        messages: 0,
        run: 0,
    };
    for timed in &record.transcript.0 {
        reader.entry(Duration::from_micros(timed.at_us), &timed.entry);
    }
    reader.rest(record.transcript.0.last().map_or(0, |last| last.at_us));
    reader.drafts
}

/// The op that is being sent.
struct Sending {
    op: u32,
    /// The octets of the request head that it begins with.
    head: u64,
    parts: Vec<SentPart>,
    upto: u64,
}

struct Reader<'a, 'w> {
    record: &'a Record,
    wire: &'w Wire<'w>,
    decoder: Decoder,
    drafts: Vec<Draft<'a>>,
    /// Facts that belong to the head or frame that is about to be complete.
    facts: Vec<Note>,
    sending: Option<Sending>,
    /// The octets of the heads and frames so far.
    received: u64,
    /// How many messages are complete.
    messages: usize,
    /// How many drafts at the end belong to one message, without those that were left out.
    run: usize,
}

impl<'a> Reader<'a, '_> {
    fn push(&mut self, at: Duration, what: What<'a>) {
        self.add(Draft { at, what, notes: Vec::new(), run: None });
    }

    /// Adds a draft. A message may come in 65536 frames, so what is in the middle of it goes at once.
    fn add(&mut self, draft: Draft<'a>) {
        let goes_on = draft.run.is_some() && self.drafts.last().is_some_and(|last| last.run == draft.run);
        self.run = if goes_on { self.run + 1 } else { 1 };
        self.drafts.push(draft);
        if self.run <= 2 * ENDS {
            return;
        }
        let middle = self.drafts.len() - 1 - ENDS;
        if self.drafts[middle].has_fact() {
            self.run = ENDS;
        } else if let What::Gap(left_out) = &mut self.drafts[middle - 1].what {
            *left_out += 1;
            self.drafts.remove(middle);
        } else {
            self.drafts[middle].what = What::Gap(1);
        }
    }

    fn entry(&mut self, at: Duration, entry: &'a Entry) {
        match entry {
            // where it was told to connect to differs from run to run, and stands in its request
            Entry::Called(_) => {}
            Entry::Connected => self.push(at, What::Connected),
            Entry::Sent { op, octets } => self.sent(at, *op, *octets),
            Entry::Replied { to, octets } => self.push(at, What::Replied { to: *to, octets }),
            Entry::Received(spans) => {
                let mut events = Vec::new();
                spans.iter().for_each(|span| self.decoder.push(span, &self.record.plan.payloads, &mut events));
                events.into_iter().for_each(|event| self.event(at, event));
            }
            Entry::Missed { op, waited_us } => {
                self.push(at, What::Missed { op: *op, waited: Duration::from_micros(*waited_us) });
            }
            Entry::HalfClosed => self.push(at, What::HalfClosed),
            Entry::Aftermath { served } => self.push(at, What::Aftermath { served: *served }),
            Entry::Crowd(turnout) => self.push(at, What::Crowd(turnout.clone())),
            Entry::Unsent { octets, .. } => self.push(at, What::Unsent { octets: *octets }),
            Entry::Ended(ending) => {
                self.rest(at.as_micros() as u64);
                self.push(at, What::Ended(ending));
            }
        }
    }

    fn sent(&mut self, at: Duration, op: u32, octets: u64) {
        let plan = &self.record.plan;
        if self.sending.as_ref().is_none_or(|sending| sending.op != op) {
            let (head, parts) = parts(plan, op, &Wire::of_op(plan, op));
            self.sending = Some(Sending { op, head, parts, upto: 0 });
        }
        let Some(mut sending) = self.sending.take() else {
            return;
        };
        let (from, upto) = (sending.upto, sending.upto + octets);
        sending.upto = upto;
        if from < sending.head {
            self.push(at, What::SentHead { op, upto: upto.min(sending.head), len: sending.head });
        }
        let first = sending.parts.partition_point(|part| part.end <= from);
        for part in sending.parts[first..].iter().take_while(|part| part.start < upto).copied() {
            let sent = (from.max(part.start) - part.start, upto.min(part.end) - part.start);
            let mut notes = Vec::new();
            match part.stage {
                Stage::Violation => notes.push(Note::new("violation", "the violation, on purpose")),
                Stage::After => notes.push(Note::new("plain", "behind the violation")),
                Stage::Before => {}
            }
            if part.disputed {
                notes.push(Note::new("violation", "the target may take this frame, or refuse it"));
            }
            let frame = &plan.frames[part.of];
            if let Some(means) = frame.means.filter(|_| part.end == frame.end) {
                let payload = plan.payload(means);
                let mut start = vec![0; payload.len().min(SHOWN as u64) as usize];
                payload.fill(0, &mut start);
                notes.push(Note::new("plain", format!("comes to {}", preview(&start, payload.len(), SHOWN))));
            }
            if part.barrier {
                notes.push(Note::new("plain", "asks whether the connection works"));
            }
            self.add(Draft { at, what: What::SentFrame { op, part, sent }, notes, run: Some(2 * part.of) });
        }
        self.sending = Some(sending);
    }

    fn event(&mut self, at: Duration, event: Event) {
        match event {
            Event::Fact(fact) => self.facts.push(Note::new("fact", fact.detail)),
            Event::Head(_, octets) | Event::NextRequest(_, octets) => {
                self.body(at, &octets);
                self.received += octets.len() as u64;
                let notes = std::mem::take(&mut self.facts);
                self.add(Draft { at, what: What::Head { octets }, notes, run: None });
            }
            Event::Frame(header) => {
                let mut octets = Vec::with_capacity(FrameHeader::MAX);
                header.encode(&mut octets);
                let payload_at = self.received + octets.len() as u64;
                self.received = payload_at + header.length;
                let run = (!header.opcode.is_control()).then_some(2 * self.messages + 1);
                let notes = std::mem::take(&mut self.facts);
                self.add(Draft { at, what: What::Frame { header, payload_at }, notes, run });
            }
            Event::Message { opcode, content, frames, compressed } => {
                self.messages += 1;
                if compressed.is_some() {
                    let start = content.head(&self.record.plan.payloads, SHOWN);
                    self.facts.push(Note::new("plain", format!("comes to {}", preview(&start, content.len(), SHOWN))));
                }
                if frames > 1 {
                    let says = format!("completes a {opcode} message of {} octets in {frames} frames", content.len());
                    self.facts.push(Note::new("plain", says));
                }
                self.own_facts();
            }
            Event::Odd(header, _) => {
                if header.opcode != Opcode::CONTINUATION && !header.opcode.is_reserved() {
                    self.facts.push(Note::new("plain", "a control frame that is not final has no meaning"));
                }
                self.own_facts();
            }
            Event::Ping(_) | Event::Pong(_) | Event::Close(_) => self.own_facts(),
        }
    }

    /// Looks for the body of the last response, which the decoder skips, in front of the head that follows it.
    fn body(&mut self, at: Duration, head: &[u8]) {
        const LONGEST: u64 = 1 << 20;
        let ahead = self.wire.read(self.received, (self.wire.len() - self.received).min(LONGEST));
        let len = ahead.windows(head.len()).position(|window| window == head).unwrap_or(0) as u64;
        if len > 0 {
            self.push(at, What::Body { from: self.received, len });
            self.received += len;
        }
    }

    /// Hands the facts so far to the row that they are about.
    fn own_facts(&mut self) {
        if let Some(draft) = self.drafts.last_mut() {
            draft.notes.append(&mut self.facts);
        }
    }

    /// What came and completes nothing.
    fn rest(&mut self, at_us: u64) {
        let len = self.wire.len().saturating_sub(self.received);
        if len > 0 {
            let during = self.decoder.unfinished();
            self.push(Duration::from_micros(at_us), What::Rest { from: self.received, len, during });
            self.received = self.wire.len();
            self.own_facts();
        }
    }
}
