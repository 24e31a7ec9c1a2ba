//! What went over the wire, in the rows of Autobahn's wire log, and how often.
//!
//! A row stands for a frame and not for a read or write of TCP. Of a long conversation the middle is left out, between
//! two rows that say so: a target that floods must not fill a disk.

use super::events::{digits, text};
use crate::report::Record;
use crate::report::view::drafts::{Draft, What, drafts};
use crate::report::view::rows::chosen;
use crate::report::view::wire::Wire;
use crate::transcript::{Entry, Event, Timeline};
use crate::wire::{FrameHeader, MaskKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The most rows of a wire log, before each becomes two.
const MOST: usize = 200;
/// So many octets of a row are read.
const READ: u64 = 64;

/// The rows.
pub(super) fn wirelog(record: &Record) -> Vec<Value> {
    let received = Wire::received(&record.transcript, &record.plan.payloads);
    let mut rows = Vec::new();
    for draft in chosen(drafts(record, &received), MOST) {
        row(draft, record, &received, &mut rows);
    }
    rows
}

fn row(draft: Draft<'_>, record: &Record, received: &Wire<'_>, rows: &mut Vec<Value>) {
    match draft.what {
        What::SentHead { op, upto, .. } => {
            rows.push(octets("TO", &Wire::of_op(&record.plan, op).read(0, upto.min(READ)), upto));
        }
        What::SentFrame { op, part, sent: (from, upto) } => {
            let wire = Wire::of_op(&record.plan, op);
            if let Some(header) = part.header.filter(|_| from == 0) {
                let len = part.end - part.payload_at;
                let payload = payload(&header, &wire, part.payload_at, len);
                rows.push(sent_frame(&header, &payload, len));
            }
            let len = upto - from;
            rows.push(octets("TO", &wire.read(part.start + from, len.min(READ)), len));
        }
        What::Head { octets: head } => rows.push(octets("RO", &head, head.len() as u64)),
        What::Frame { header, payload_at } => {
            let payload = payload(&header, received, payload_at, header.length);
            let mut head = Vec::new();
            header.encode(&mut head);
            let from = payload_at - head.len() as u64;
            let len = head.len() as u64 + header.length;
            rows.push(octets("RO", &received.read(from, len.min(READ)), len));
            rows.push(json!([
                "RF",
                [header.length, text(&payload, header.length)],
                header.opcode.0,
                header.fin,
                header.rsv,
                header.mask.is_some(),
                header.mask.map(mask_digits)
            ]));
        }
        What::Body { from, len } | What::Rest { from, len, .. } => {
            rows.push(octets("RO", &received.read(from, len.min(READ)), len));
        }
        What::Replied { octets: answer, .. } => {
            if let Some((header, used)) = FrameHeader::parse(answer) {
                let mut payload = answer.get(used..).unwrap_or_default().to_vec();
                if let Some(mask) = header.mask {
                    mask.apply(&mut payload);
                }
                rows.push(sent_frame(&header, &payload, header.length));
            }
            rows.push(octets("TO", answer, answer.len() as u64));
        }
        What::Missed { waited, .. } => {
            rows.push(json!(["KL", waited.as_secs_f64()]));
            rows.push(json!(["KLE"]));
        }
        What::Gap(_) => {
            rows.push(json!(["WLM", false]));
            rows.push(json!(["WLM", true]));
        }
        What::Connected
        | What::Unsent { .. }
        | What::HalfClosed
        | What::Aftermath { .. }
        | What::Crowd(_)
        | What::Ended(_) => {}
    }
}

fn octets(kind: &str, head: &[u8], len: u64) -> Value {
    let mut row = vec![json!(kind), json!([len, digits(head, len)])];
    if kind == "TO" {
        row.push(json!(false));
    }
    Value::Array(row)
}

fn sent_frame(header: &FrameHeader, payload: &[u8], len: u64) -> Value {
    json!([
        "TF",
        [len, text(payload, len)],
        header.opcode.0,
        header.fin,
        header.rsv,
        header.mask.map(mask_digits),
        null,
        null,
        false
    ])
}

fn payload(header: &FrameHeader, wire: &Wire<'_>, from: u64, len: u64) -> Vec<u8> {
    let mut octets = wire.read(from, len.min(READ));
    if let Some(mask) = header.mask {
        mask.apply(&mut octets);
    }
    octets
}

fn mask_digits(MaskKey(key): MaskKey) -> String {
    key.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// How often octets of a size and frames of an opcode went either way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stats {
    pub rx_octets: BTreeMap<u64, u64>,
    pub tx_octets: BTreeMap<u64, u64>,
    pub rx_frames: BTreeMap<u8, u64>,
    pub tx_frames: BTreeMap<u8, u64>,
}

impl Stats {
    /// Counts what a record has.
    pub fn of(record: &Record) -> Stats {
        let plan = &record.plan;
        let mut stats = Stats::default();
        let timeline = Timeline::new(&record.transcript, plan.decoder(), &plan.payloads);
        for (_, event) in timeline.received() {
            if let Event::Frame(header) = event {
                *stats.rx_frames.entry(header.opcode.0).or_default() += 1;
            }
        }
        for timed in &record.transcript.0 {
            match &timed.entry {
                Entry::Received(spans) => {
                    let len = spans.iter().map(|span| span.len()).sum();
                    *stats.rx_octets.entry(len).or_default() += 1;
                }
                Entry::Sent { octets, .. } => *stats.tx_octets.entry(*octets).or_default() += 1,
                Entry::Replied { octets, .. } => {
                    *stats.tx_octets.entry(octets.len() as u64).or_default() += 1;
                    if let Some((header, _)) = FrameHeader::parse(octets) {
                        *stats.tx_frames.entry(header.opcode.0).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        for frame in plan.frames.iter().filter(|frame| timeline.sent_of(frame.op) >= frame.end) {
            if let Some(header) = frame.header {
                *stats.tx_frames.entry(header.opcode.0).or_default() += 1;
            }
        }
        stats
    }
}
