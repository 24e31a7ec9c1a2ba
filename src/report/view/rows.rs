//! The decoded transcript, row by row: who did what and when, in words and octets.

use super::drafts::{Draft, What, drafts};
use super::frames;
use super::hex::HexView;
use super::octets::count;
use super::wire::Wire;
use crate::judge::words;
use crate::plan::{Op, Plan, WaitFor};
use crate::report::moment::{self, span};
use crate::report::{Printable, Record};
use crate::transcript::{Reply, Turnout};
use serde::Serialize;
use std::rc::Rc;
use std::time::Duration;

/// How much of a transcript is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most rows; of more, those in the middle are left out.
    pub rows: usize,
    /// The most octets of each row.
    pub octets: u64,
}

impl Bounds {
    /// Enough to find out why a case failed.
    pub const FULL: Bounds = Bounds { rows: 400, octets: 256 };
    /// For a case that nobody has to look into.
    pub const BRIEF: Bounds = Bounds { rows: 60, octets: 64 };
}

/// Where there are many rows, each gets its share of these.
const OCTETS_OF_A_PAGE: u64 = 16 * 1024;

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Milliseconds since the first attempt to connect.
    pub at_ms: String,
    /// A word for styles: `sent`, `received`, `missed`, `end`, `gap`, `note`.
    pub kind: &'static str,
    /// Who did it: `harness`, `target` or nobody.
    pub by: &'static str,
    /// What it is, as in `text frame`.
    pub what: Printable,
    /// More about it, as in `FIN, masked`.
    pub detail: Printable,
    /// What it carries, as in `5 octets "Hello"`.
    pub carries: Option<Printable>,
    /// The lines of a head.
    pub lines: Vec<Printable>,
    /// What a reader should mind.
    pub notes: Vec<Note>,
    /// The octets.
    pub hex: Option<HexView>,
}

/// A remark about a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A word for styles: `fact` for what a strict endpoint would not let pass, `violation` for what the harness did
    /// on purpose, `plain` for the rest.
    pub kind: &'static str,
    /// The remark.
    pub says: Printable,
}

impl Note {
    pub(super) fn new(kind: &'static str, says: impl Into<Printable>) -> Note {
        Note { kind, says: says.into() }
    }
}

/// The rows of a record; `side` is the end that the target has.
pub fn rows(record: &Record, bounds: Bounds) -> Vec<Row> {
    let received = Wire::received(&record.transcript, &record.plan.payloads);
    let drafts = chosen(drafts(record, &received), bounds.rows);
    let octets = (OCTETS_OF_A_PAGE / drafts.len().max(1) as u64).clamp(32, bounds.octets);
    let mut painter = Painter { plan: &record.plan, received: &received, octets, sending: None };
    drafts.into_iter().map(|draft| painter.row(draft)).collect()
}

/// Leaves out the middle, but for the first rows in it that show something a strict endpoint would not let pass.
pub(in crate::report) fn chosen(mut drafts: Vec<Draft<'_>>, most: usize) -> Vec<Draft<'_>> {
    const KEPT: usize = 20;
    if drafts.len() <= most {
        return drafts;
    }
    let tail = drafts.split_off(drafts.len() - most / 2);
    let middle = drafts.split_off(most / 2);
    let mut kept = 0;
    for draft in middle {
        if draft.has_fact() && kept < KEPT {
            kept += 1;
            drafts.push(draft);
            continue;
        }
        let more = if let What::Gap(count) = draft.what { count } else { 1 };
        match drafts.last_mut() {
            Some(Draft { what: What::Gap(count), .. }) => *count += more,
            _ => drafts.push(Draft { at: draft.at, what: What::Gap(more), notes: Vec::new(), run: None }),
        }
    }
    drafts.extend(tail);
    drafts
}

/// Turns what was chosen into words and octets.
pub(super) struct Painter<'a> {
    pub plan: &'a Plan,
    pub received: &'a Wire<'a>,
    /// The most octets of a row.
    pub octets: u64,
    /// What the op sends that was shown last: neighbours are mostly of the same one.
    pub sending: Option<(u32, Rc<Wire<'a>>)>,
}

impl<'a> Painter<'a> {
    /// What an op sends.
    pub fn wire_of(&mut self, op: u32) -> Rc<Wire<'a>> {
        match &self.sending {
            Some((known, wire)) if *known == op => Rc::clone(wire),
            _ => {
                let wire = Rc::new(Wire::of_op(self.plan, op));
                self.sending = Some((op, Rc::clone(&wire)));
                wire
            }
        }
    }

    fn row(&mut self, draft: Draft<'_>) -> Row {
        let mut row = Row { at_ms: moment::since_start(draft.at), kind: "note", ..Row::default() };
        match draft.what {
            What::Connected => row.what = "connected".into(),
            What::SentHead { op, upto, len } => self.sent_head(op, (upto, len), &mut row),
            What::Body { from, len } => self.body(from, len, &mut row),
            What::SentFrame { op, part, sent } => self.sent_frame(op, part, sent, &mut row),
            What::Head { octets } => frames::head(&octets, &mut row),
            What::Frame { header, payload_at } => self.received_frame(header, payload_at, &mut row),
            What::Rest { from, len, during } => self.rest(from, len, during, &mut row),
            What::Replied { to, octets } => {
                frames::whole(octets, &mut row);
                row.notes.push(Note::new(
                    "plain",
                    match to {
                        Reply::Pong => "the harness answers a ping, as any endpoint would",
                        Reply::Close => "the harness answers the Close, as any endpoint would",
                    },
                ));
            }
            What::Missed { op, waited } => {
                row.kind = "missed";
                row.what = "deadline passed".into();
                row.detail = format!("{} was not there after {}", self.awaited(op), moment::span(waited)).into();
            }
            What::Unsent { octets } => {
                row.kind = "missed";
                row.what = "not sent".into();
                row.detail = format!("{} could not be sent any more", count(octets)).into();
            }
            What::HalfClosed => {
                row.kind = "end";
                row.what = "the harness closed its sending half".into();
            }
            What::Aftermath { served } => {
                row.kind = "end";
                row.what = if served { "a new connection works" } else { "no new connection works" }.into();
            }
            What::Crowd(Turnout { opened, refused, failed, answered_us, .. }) => {
                row.kind = "open";
                row.what = "other connections".into();
                let times: Vec<String> = answered_us.iter().map(|us| span(Duration::from_micros(*us))).collect();
                let answered =
                    if times.is_empty() { String::new() } else { format!("; answered in {}", times.join(", ")) };
                row.detail = format!("{opened} opened, {refused} turned away, {failed} given up{answered}").into();
            }
            What::Ended(ending) => {
                row.kind = "end";
                row.what = words::ending(ending).into();
            }
            What::Gap(left_out) => {
                let rows = if left_out == 1 { "row" } else { "rows" };
                return Row { kind: "gap", what: format!("… {left_out} more {rows} …").into(), ..Row::default() };
            }
        }
        row.notes.extend(draft.notes);
        row
    }

    /// What an op waits for.
    fn awaited(&self, op: u32) -> String {
        match self.plan.ops.get(op as usize) {
            Some(Op::Await(wait)) => match &wait.what {
                WaitFor::Head | WaitFor::Responses(0 | 1) => "the answer to the opening handshake".to_owned(),
                WaitFor::Request => "the opening handshake".to_owned(),
                WaitFor::Responses(count) => format!("the last of {count} responses"),
                WaitFor::Echoes(1) => "the message that should come back".to_owned(),
                WaitFor::Echoes(count) => format!("the last of {count} messages that should come back"),
                WaitFor::Pong(payload) => {
                    format!("the pong with {}", words::payload(self.plan.payload(*payload)))
                }
                WaitFor::Close => "a Close, or the end of the connection".to_owned(),
                WaitFor::End => "the end of the connection".to_owned(),
            },
            Some(Op::Send(_)) => "room to send".to_owned(),
            _ => "what the step waits for".to_owned(),
        }
    }
}
