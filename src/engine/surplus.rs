//! What a target says beside what it was asked for, and how much of it is listened to.

use crate::plan::Plan;
use crate::transcript::Event;

/// Octets beside the messages of the plan that are listened to.
const MOST: u64 = 2 * 1024 * 1024;
/// What a frame counts beside its octets: each is decoded, kept and judged, however short it is.
const FRAME: u64 = 16;
/// What a ping or pong counts.
const CONTROL: u64 = 128;

pub(super) struct Surplus {
    most: u64,
    frames: u64,
}

impl Surplus {
    /// None yet. Messages of the plan may come back as they are or spoilt, and neither is too much.
    pub fn of(plan: &Plan) -> Surplus {
        let messages: u64 = plan.messages.iter().map(|message| plan.payload(message.payload).len()).sum();
        Surplus { most: MOST + messages, frames: 0 }
    }

    /// Something came in.
    pub fn count(&mut self, event: &Event) {
        self.frames += match event {
            Event::Frame(_) => FRAME,
            Event::Ping(_) | Event::Pong(_) => CONTROL,
            _ => 0,
        };
    }

    /// Whether it is too much, with so many octets that are no expected echo.
    pub fn is_too_much(&self, foreign: u64) -> bool {
        foreign + self.frames > self.most
    }
}
