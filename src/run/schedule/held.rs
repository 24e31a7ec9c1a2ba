//! A conversation that is over, with the case that it belongs to.

use crate::case::Role;
use crate::drive::Recording;
use crate::engine::Deadlines;
use crate::plan::Plan;
use crate::transcript::{Ending, Entry};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How a response begins with which a server that is busy turns a client away.
const BUSY: [&[u8]; 4] = [b"HTTP/1.1 503", b"HTTP/1.1 429", b"HTTP/1.0 503", b"HTTP/1.0 429"];

pub(super) struct Held {
    pub index: usize,
    pub plan: Arc<Plan>,
    pub recording: Recording,
    pub deadlines: Deadlines,
    pub began: Instant,
    pub ended: Instant,
}

impl Held {
    pub fn took(&self) -> Duration {
        self.ended - self.began
    }

    pub fn connected(&self) -> bool {
        self.recording.transcript.0.iter().any(|timed| timed.entry == Entry::Connected)
    }

    /// Whether no connection came about.
    pub fn refused(&self) -> bool {
        // each client is a process of its own: that one did not come says nothing of the next
        self.plan.role == Role::Server && matches!(self.recording.transcript.ending(), Some(Ending::NoConnection(_)))
    }

    /// Whether the target looks too busy for another connection: it says so, or leaves without a word.
    pub fn was_turned_away(&self) -> bool {
        let transcript = &self.recording.transcript;
        let first = transcript.first_octets(BUSY[0].len());
        if first.is_empty() {
            return matches!(transcript.ending(), Some(Ending::Eof | Ending::Reset));
        }
        BUSY.contains(&first.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Span, Transcript};

    fn held(received: &[&[u8]], ending: Ending) -> bool {
        let mut transcript = Transcript::default();
        for octets in received {
            transcript.push_received(Duration::ZERO, Span::Octets(octets.to_vec()));
        }
        transcript.push(Duration::ZERO, Entry::Ended(ending));
        let recording = Recording { transcript, waits: Vec::new(), missed: None };
        let (began, deadlines) = (Instant::now(), Deadlines::scaled(1.0));
        Held { index: 0, plan: Arc::default(), recording, deadlines, began, ended: began }.was_turned_away()
    }

    #[test]
    fn a_busy_server_is_told_from_one_that_refuses() {
        assert!(held(&[], Ending::Eof));
        assert!(held(&[], Ending::Reset));
        assert!(!held(&[], Ending::Closed));
        assert!(held(&[b"HTTP/1.1 5", b"03 Busy\r\n\r\n"], Ending::Closed));
        assert!(!held(&[b"HTTP/1.1 400 Bad\r\n\r\n"], Ending::Eof));
        assert!(!held(&[b"H"], Ending::Eof));
    }
}
