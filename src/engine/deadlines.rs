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

/// The deadlines of one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadlines {
    times: [Duration; 6],
    scale: f64,
}

impl Deadlines {
    /// The deadlines of the case catalogue, times `scale`.
    pub fn scaled(scale: f64) -> Deadlines {
        let times = DeadlineKind::ALL.map(|kind| {
            let seconds = match kind {
                DeadlineKind::Handshake | DeadlineKind::Pong | DeadlineKind::Echo => 5.0,
                DeadlineKind::Close | DeadlineKind::EndAfterClose => 10.0,
                DeadlineKind::EndAfterViolation => 5.0,
            };
            Duration::from_secs_f64(seconds * scale)
        });
        Deadlines { times, scale }
    }

    /// The time for one kind.
    pub fn of(&self, kind: DeadlineKind) -> Duration {
        self.times[kind as usize]
    }

    /// Sets the time for one kind.
    pub fn set(&mut self, kind: DeadlineKind, time: Duration) {
        self.times[kind as usize] = time;
    }

    /// The time that so many octets may take, at a mebibyte in a second.
    pub fn transfer(&self, octets: u64) -> Duration {
        Duration::from_secs_f64(octets as f64 / (1024.0 * 1024.0) * self.scale)
    }
}
