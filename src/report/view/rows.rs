//! The decoded transcript, row by row: who did what and when, in words and octets.

use super::drafts::{Draft, What, drafts};
use super::frames;
use super::hex::HexView;
use super::octets::count;
use super::wire::Wire;
use crate::judge::words;
use crate::plan::{Op, Plan, WaitFor};
use crate::report::{Printable, Record, moment};
use crate::transcript::{Reply, Side};
use serde::Serialize;

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
pub fn rows(record: &Record, side: Side, bounds: Bounds) -> Vec<Row> {
    let received = Wire::received(&record.transcript, &record.plan.payloads);
    let pieces = chosen(drafts(record, side, received.len()), bounds.rows);
    let octets = (OCTETS_OF_A_PAGE / pieces.len().max(1) as u64).clamp(32, bounds.octets);
    let painter = Painter { plan: &record.plan, received: &received, octets };
    let mut rows = Vec::new();
    for piece in pieces {
        rows.push(match piece {
            Piece::Shown(draft) => painter.row(draft),
            Piece::Gap(left_out) => {
                let what = format!("… {left_out} more {} …", if left_out == 1 { "row" } else { "rows" });
                Row { kind: "gap", what: what.into(), ..Row::default() }
            }
        });
    }
    rows
}

enum Piece<'a> {
    Shown(Draft<'a>),
    Gap(usize),
}

/// Leaves out the middle of long runs of rows that are alike, then of the whole.
fn chosen(drafts: Vec<Draft<'_>>, most: usize) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut run: Vec<Draft<'_>> = Vec::new();
    for draft in drafts {
        if run.last().is_some_and(|last| last.run.is_none() || last.run != draft.run) {
            pieces.extend(ends_of(std::mem::take(&mut run)));
        }
        run.push(draft);
    }
    pieces.extend(ends_of(run));
    if pieces.len() > most {
        let tail = pieces.split_off(pieces.len() - most / 2);
        let hidden = |piece: &Piece<'_>| match piece {
            Piece::Shown(_) => 1,
            Piece::Gap(count) => *count,
        };
        let left_out = pieces[most / 2..].iter().map(hidden).sum();
        pieces.truncate(most / 2);
        pieces.push(Piece::Gap(left_out));
        pieces.extend(tail);
    }
    pieces
}

/// A short run as it is, of a long one both ends.
fn ends_of(mut run: Vec<Draft<'_>>) -> Vec<Piece<'_>> {
    const LONG: usize = 8;
    const ENDS: usize = 3;
    if run.len() <= LONG {
        return run.into_iter().map(Piece::Shown).collect();
    }
    let tail = run.split_off(run.len() - ENDS);
    let left_out = run.split_off(ENDS).len();
    let shown = |run: Vec<_>| run.into_iter().map(Piece::Shown);
    shown(run).chain([Piece::Gap(left_out)]).chain(shown(tail)).collect()
}

/// Turns what was chosen into words and octets.
pub(super) struct Painter<'a> {
    pub plan: &'a Plan,
    pub received: &'a Wire<'a>,
    /// The most octets of a row.
    pub octets: u64,
}

impl Painter<'_> {
    fn row(&self, draft: Draft<'_>) -> Row {
        let mut row = Row { at_ms: moment::since_start(draft.at), kind: "note", ..Row::default() };
        match draft.what {
            What::Connected => row.what = "connected".into(),
            What::SentHead { op, upto } => self.sent_head(op, upto, &mut row),
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
            What::Ended(ending) => {
                row.kind = "end";
                row.what = words::ending(ending).into();
            }
        }
        row.notes.extend(draft.notes);
        row
    }

    /// What an op waits for.
    fn awaited(&self, op: u32) -> String {
        match self.plan.ops.get(op as usize) {
            Some(Op::Await(wait)) => match &wait.what {
                WaitFor::Head => "the answer to the opening handshake".to_owned(),
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
