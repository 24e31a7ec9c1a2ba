//! What a conversation has come to so far, as far as the engine has to know.

use crate::plan::{Op, WaitFor};
use std::collections::BTreeSet;
use std::time::Duration;

/// The state that events change.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// A 101 came.
    pub established: bool,
    /// The last response was a refusal.
    pub refused: bool,
    /// What the case needs was not agreed, so that it would show nothing.
    pub pointless: bool,
    /// How many final responses came.
    pub responses: usize,
    /// The payloads of pings that were answered.
    pub answered: BTreeSet<u32>,
    /// When the target sent its Close.
    pub closed_at: Option<Duration>,
    /// When octets last moved in either direction.
    pub moved_at: Duration,
    /// Nothing can be written any more.
    pub write_failed: bool,
    /// A wait for the Close has passed, so that what follows is meant to follow it.
    awaited_close: bool,
    /// What was last read had a message that is none of the expected echoes.
    pub strayed: bool,
}

impl Progress {
    pub fn moved(&mut self, now: Duration) {
        self.moved_at = now;
    }

    /// Whether the target has sent a Close.
    pub fn closing(&self) -> bool {
        self.closed_at.is_some()
    }

    /// Whether an op still makes sense now that the target has closed.
    pub fn scripted(&self, op: &Op) -> bool {
        match op {
            Op::Await(wait) => matches!(wait.what, WaitFor::Close | WaitFor::End),
            _ => self.awaited_close,
        }
    }

    /// An op is over.
    pub fn passed(&mut self, op: &Op) {
        if let Op::Await(wait) = op
            && wait.what == WaitFor::Close
        {
            self.awaited_close = true;
        }
    }
}
