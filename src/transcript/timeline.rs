//! The decoded view of a transcript: events with times, in the order in which they happened.

use super::{Decoder, Ending, Entry, Event, Payloads, Reply, Transcript, Turnout};
use std::time::Duration;

/// How many octets show what a target speaks.
const BEGINNING: usize = 4096;

/// What a timeline shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimedEvent {
    /// A client was told to connect to this host and port.
    Called(String),
    /// The connection was there.
    Connected,
    /// So many octets of an op had been sent, counted from its start.
    Sent {
        /// The index of the op.
        op: u32,
        /// All octets of it so far.
        upto: u64,
    },
    /// The harness answered by itself.
    Replied(Reply),
    /// The target sent something.
    Received(Event),
    /// The deadline of an op passed.
    Missed {
        /// The index of the op.
        op: u32,
        /// How long was waited.
        waited: Duration,
    },
    /// The harness closed its sending half.
    HalfClosed,
    /// Whether a new connection worked afterwards.
    Aftermath {
        /// It did.
        served: bool,
    },
    /// What became of the crowd of the case.
    Crowd(Turnout),
    /// Octets of an op were never sent.
    Unsent {
        /// The index of the op.
        op: u32,
    },
    /// The end.
    Ended(Ending),
}

/// Events in order, each with the time since the first attempt to connect.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The events.
    pub events: Vec<(Duration, TimedEvent)>,
    /// What the target was in the middle of when the connection ended.
    pub unfinished: Option<String>,
    /// The first octets of the target, whatever they are.
    pub beginning: Vec<u8>,
}

impl Timeline {
    /// Decodes a transcript.
    pub fn new(transcript: &Transcript, mut decoder: Decoder, payloads: &Payloads) -> Timeline {
        let mut timeline = Timeline::default();
        let mut sent: Option<(u32, u64)> = None;
        let mut decoded = Vec::new();
        for timed in &transcript.0 {
            let at = Duration::from_micros(timed.at_us);
            let mut push = |event| timeline.events.push((at, event));
            match &timed.entry {
                Entry::Called(place) => push(TimedEvent::Called(place.clone())),
                Entry::Connected => push(TimedEvent::Connected),
                Entry::Sent { op, octets } => {
                    let upto = octets + sent.filter(|(last, _)| last == op).map_or(0, |(_, upto)| upto);
                    sent = Some((*op, upto));
                    push(TimedEvent::Sent { op: *op, upto });
                }
                Entry::Replied { to, .. } => push(TimedEvent::Replied(*to)),
                Entry::Received(spans) => {
                    spans.iter().for_each(|span| decoder.push(span, payloads, &mut decoded));
                    decoded.drain(..).for_each(|event| push(TimedEvent::Received(event)));
                }
                Entry::Missed { op, waited_us } => {
                    push(TimedEvent::Missed { op: *op, waited: Duration::from_micros(*waited_us) });
                }
                Entry::HalfClosed => push(TimedEvent::HalfClosed),
                Entry::Aftermath { served } => push(TimedEvent::Aftermath { served: *served }),
                Entry::Crowd(turnout) => push(TimedEvent::Crowd(turnout.clone())),
                Entry::Unsent { op, .. } => push(TimedEvent::Unsent { op: *op }),
                Entry::Ended(ending) => push(TimedEvent::Ended(ending.clone())),
            }
        }
        timeline.unfinished = decoder.unfinished();
        timeline.beginning = transcript.first_octets(BEGINNING);
        timeline
    }

    /// What the target sent, in order.
    pub fn received(&self) -> impl Iterator<Item = (Duration, &Event)> {
        self.events.iter().filter_map(|(at, event)| match event {
            TimedEvent::Received(event) => Some((*at, event)),
            _ => None,
        })
    }

    /// How many octets of an op were sent.
    pub fn sent_of(&self, op: u32) -> u64 {
        let of_op = self.events.iter().filter_map(|(_, event)| match event {
            TimedEvent::Sent { op: sent, upto } if *sent == op => Some(*upto),
            _ => None,
        });
        of_op.max().unwrap_or(0)
    }

    /// How the connection ended.
    pub fn ending(&self) -> Option<&Ending> {
        self.events.iter().rev().find_map(|(_, event)| match event {
            TimedEvent::Ended(ending) => Some(ending),
            _ => None,
        })
    }
}
