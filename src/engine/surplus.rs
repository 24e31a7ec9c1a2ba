//! What a target says beside what it was asked for, and how much of it is listened to.

use crate::plan::{Op, Piece, Plan};
use crate::transcript::Event;

/// Octets beside the messages of the plan that are listened to.
const MOST: u64 = 2 * 1024 * 1024;
/// What a frame counts beside its octets: each is decoded, kept and judged, however short it is.
const FRAME: u64 = 16;
/// What a ping or pong counts.
const CONTROL: u64 = 128;
/// What a head counts: behind the first there may be any number of interim ones.
const HEAD: u64 = 64;
/// A message of the plan may come back in frames of so many octets, on an average.
const SHORT: u64 = 1024;

pub(super) struct Surplus {
    most: u64,
    /// How much of frames, heads and facts is listened to, however long the messages of the plan are.
    most_events: u64,
    events: u64,
    frames: u64,
    opened: bool,
}

impl Surplus {
    /// None yet. Messages of the plan may come back as they are or spoilt, and neither is too much.
    pub fn of(plan: &Plan) -> Surplus {
        let messages: u64 = plan.messages.iter().map(|message| plan.payload(message.payload).len()).sum();
        let sent = plan.ops.iter().flat_map(|op| match op {
            Op::Send(send) => send.pieces.as_slice(),
            _ => &[],
        });
        let frames = |piece: &Piece| if let Piece::Fragments(fragments) = piece { fragments.count } else { 1 };
        let many = plan.frames.len() as u64 + sent.map(frames).sum::<u64>() + messages / SHORT;
        let most_events = MOST + many * 2 * CONTROL;
        Surplus { most: MOST + messages, most_events, events: 0, frames: 0, opened: false }
    }

    /// Something came in.
    pub fn count(&mut self, event: &Event) {
        self.opened |= matches!(event, Event::Frame(_));
        self.frames += match event {
            Event::Frame(_) => FRAME,
            Event::Ping(_) | Event::Pong(_) => CONTROL,
            _ => 0,
        };
        self.events += match event {
            Event::Ping(_) | Event::Pong(_) => CONTROL,
            Event::Head(..) => HEAD,
            _ => FRAME,
        };
    }

    /// Whether it is too much, with so many octets that are no expected echo.
    pub fn is_too_much(&self, foreign: u64) -> bool {
        // nothing that a plan sends comes back in front of the first frame
        let most = if self.opened { self.most } else { MOST };
        foreign + self.frames > most.max(MOST) || self.events > self.most_events
    }
}
