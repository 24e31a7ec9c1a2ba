//! How long the harness waits for what.
//!
//! Only a target that is failing ever meets a deadline, so they are generous.

use std::time::Duration;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeadlineKind {
    /// The response head.
    Handshake,
    /// A pong.
    Pong,
    /// An echo, or that the target takes what is sent.
    Echo,
    /// The answer to a Close.
    Close,
    /// The end of the connection behind the closing handshake.
    EndAfterClose,
    /// The end of the connection behind a violation.
    EndAfterViolation,
}

impl DeadlineKind {
    /// Every kind.
    pub const ALL: [DeadlineKind; 6] = [
        DeadlineKind::Handshake,
        DeadlineKind::Pong,
        DeadlineKind::Echo,
        DeadlineKind::Close,
        DeadlineKind::EndAfterClose,
        DeadlineKind::EndAfterViolation,
    ];
}

/// How many times its deadline a transfer may take that does not stand still.
const MOVING: u32 = 12;

/// The deadlines of one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadlines {
    times: [Duration; 6],
    shortened: [bool; 6],
    /// Seconds for a mebibyte.
    transfer: f64,
}

impl Deadlines {
    /// The deadlines of the case catalogue, times `scale`.
    pub fn scaled(scale: f64) -> Deadlines {
        let times = DeadlineKind::ALL.map(|kind| {
            let seconds = match kind {
                DeadlineKind::Handshake | DeadlineKind::Pong | DeadlineKind::Echo => 5.0,
                // several implementations end by timeouts of their own of 10 s, which have to come first
                DeadlineKind::Close | DeadlineKind::EndAfterClose => 12.0,
                DeadlineKind::EndAfterViolation => 5.0,
            };
            Duration::from_secs_f64(seconds * scale)
        });
        Deadlines { times, shortened: [false; 6], transfer: scale }
    }

    /// The time for one kind.
    pub fn of(&self, kind: DeadlineKind) -> Duration {
        self.times[kind as usize]
    }

    /// Gives one kind less time; a time that is longer than the present one changes nothing.
    pub fn shorten(&mut self, kind: DeadlineKind, time: Duration) {
        if time < self.of(kind) {
            self.times[kind as usize] = time;
            self.shortened[kind as usize] = true;
        }
    }

    /// The time for something that does not stand still, beside what its octets may take; a short time stays short.
    pub fn moving(&self, kind: DeadlineKind) -> Duration {
        self.of(kind) * if self.shortened[kind as usize] { 1 } else { MOVING }
    }

    /// Gives octets only this part of their time.
    pub fn shorten_transfers(&mut self, part: f64) {
        self.transfer *= part.clamp(0.0, 1.0);
    }

    /// The time that so many octets may take: a second for a mebibyte, scaled.
    pub fn transfer(&self, octets: u64) -> Duration {
        Duration::from_secs_f64(octets as f64 / (1024.0 * 1024.0) * self.transfer)
    }
}
