//! A conversation as the expectations look at it: what was sent in full, what came back, how it ended.

use crate::case::Role;
use crate::plan::{Op, Plan, SentPing, WaitFor};
use crate::transcript::{
    Beginning, Compressed, Content, Ending, Event, Fact, FactKind, Other, Reply, TimedEvent, Timeline,
    switches_elsewhere,
};
use crate::wire::inflate::InflateFault;
use crate::wire::{ClosePayload, Head, MaskKey, Opcode};
use std::time::Duration;

/// A data message from the target.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    /// Text or binary.
    pub opcode: Opcode,
    /// The payload.
    pub content: &'a Content,
    /// How many frames it came in.
    pub frames: u32,
    /// What it was like on the wire, where it was compressed.
    pub compressed: Option<Compressed>,
}

impl Received<'_> {
    /// Whether it was compressed and came to far more than anyone had sent, so that its rest was not read.
    pub fn is_too_long(&self) -> bool {
        let inspection = self.compressed.and_then(|compressed| compressed.inspection);
        inspection.is_some_and(|inspection| inspection.fault == Some(InflateFault::TooLong))
    }
}

/// One conversation, with its plan.
pub struct Conversation<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The events.
    pub timeline: &'a Timeline,
    /// Whether a 101 came, or the request of a client.
    pub established: bool,
    /// Whether a frame came: then the target has opened the connection, whatever it was answered.
    pub opened: bool,
    /// The request of a client.
    pub request: Option<&'a Head>,
    /// The status of the last response.
    pub status: Option<u16>,
    /// The final responses, in order.
    pub responses: Vec<&'a Head>,
    /// Whether a frame came before the response was complete.
    early_frame: bool,
    /// The masking key of the first frame.
    first_mask: Option<MaskKey>,
    /// Where a client was told to connect to.
    called: Option<&'a str>,
    /// How each of a crowd of clients began.
    crowd_began: &'a [Beginning],
    /// The other connections that a client opened.
    pub others: &'a [Other],
    /// When the first response came.
    answered_at: Option<Duration>,
    /// When each op was sent so far as it was.
    sent_at: Vec<Option<Duration>>,
    /// The data messages, in order.
    pub messages: Vec<Received<'a>>,
    /// The pongs, in order.
    pub pongs: Vec<&'a Content>,
    /// When each of them came.
    pub pongs_at: Vec<Duration>,
    /// The first Close of the target.
    pub close: Option<&'a ClosePayload>,
    /// When it came.
    pub close_at: Option<Duration>,
    /// The op whose deadline passed.
    pub missed: Option<u32>,
    /// For each op, how many of its octets were sent.
    sent: Vec<u64>,
    /// Whether the harness had sent a Close before the one of the target came.
    pub closed_first: bool,
    /// Whether the harness answered the Close of the target.
    pub answered_close: bool,
    /// When the harness closed its sending half.
    pub half_closed_at: Option<Duration>,
    /// When the conversation ended.
    pub ended_at: Option<Duration>,
    /// How long each connection of a doubling crowd took to be answered.
    pub crowd_answered: Vec<Duration>,
    /// Whether a new connection worked afterwards, when that was tried.
    pub served_afterwards: Option<bool>,
}

impl<'a> Conversation<'a> {
    /// Looks through the events once.
    pub fn new(plan: &'a Plan, timeline: &'a Timeline) -> Conversation<'a> {
        let mut conversation = Conversation {
            plan,
            timeline,
            established: false,
            opened: false,
            request: None,
            early_frame: false,
            first_mask: None,
            called: None,
            crowd_began: &[],
            others: &[],
            status: None,
            responses: Vec::new(),
            answered_at: None,
            sent_at: vec![None; plan.ops.len()],
            messages: Vec::new(),
            pongs: Vec::new(),
            pongs_at: Vec::new(),
            close: None,
            close_at: None,
            missed: None,
            sent: vec![0; plan.ops.len()],
            closed_first: false,
            answered_close: false,
            half_closed_at: None,
            ended_at: None,
            crowd_answered: Vec::new(),
            served_afterwards: None,
        };
        for (at, event) in &timeline.events {
            match event {
                TimedEvent::Sent { op, upto } => {
                    conversation.sent[*op as usize] = *upto;
                    conversation.sent_at[*op as usize] = Some(*at);
                    if conversation.close.is_none() {
                        conversation.closed_first =
                            plan.closes.iter().any(|close| conversation.is_sent(close.op, close.end));
                    }
                }
                TimedEvent::Replied(Reply::Close) => conversation.answered_close = true,
                TimedEvent::Missed { op, .. } => conversation.missed = Some(*op),
                TimedEvent::Received(event) => conversation.receive(*at, event),
                TimedEvent::Called(place) => conversation.called = Some(place),
                TimedEvent::HalfClosed => conversation.half_closed_at = Some(*at),
                TimedEvent::Crowd(turnout) => {
                    conversation.crowd_began = &turnout.began;
                    conversation.others = &turnout.others;
                    conversation.crowd_answered =
                        turnout.answered_us.iter().map(|us| Duration::from_micros(*us)).collect();
                }
                TimedEvent::Aftermath { served } => conversation.served_afterwards = Some(*served),
                TimedEvent::Ended(_) => conversation.ended_at = Some(*at),
                _ => {}
            }
        }
        conversation
    }

    fn receive(&mut self, at: Duration, event: &'a Event) {
        match event {
            Event::Head(head, _) if self.plan.role == Role::Client => {
                self.established = true;
                self.request.get_or_insert(head);
            }
            Event::Head(head, _) => {
                self.answered_at.get_or_insert(at);
                let request = self.plan.requests.get(self.responses.len());
                self.status = head.status();
                if !matches!(head.status(), Some(100 | 102..=199)) {
                    self.responses.push(head);
                }
                self.established |= head.status() == Some(101) && !switches_elsewhere(head, request);
            }
            Event::Frame(header) => {
                self.opened = true;
                self.first_mask = self.first_mask.or(header.mask);
                self.early_frame |= self.plan.role == Role::Client && !self.is_answered();
            }
            Event::Message { opcode, content, frames, compressed } => {
                self.messages.push(Received { opcode: *opcode, content, frames: *frames, compressed: *compressed });
            }
            Event::Pong(content) => {
                self.pongs.push(content);
                self.pongs_at.push(at);
            }
            Event::Close(payload) if self.close.is_none() => {
                self.close = Some(payload);
                self.close_at = Some(at);
            }
            _ => {}
        }
    }

    /// Whether the response to a client went out to its end.
    fn is_answered(&self) -> bool {
        let response = self.plan.ops.iter().enumerate().find_map(|(op, what)| match what {
            Op::Send(send) if send.is_request => Some((op, send.len)),
            _ => None,
        });
        response.is_none_or(|(op, len)| self.sent[op] >= len)
    }

    /// What the request of a client shows beside what is wrong with every such request.
    fn facts_of_coming(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let Some(request) = self.request else { return facts };
        let hosts: Vec<&[u8]> = request.values("host").collect();
        if let (Some(place), [host]) = (self.called, hosts.as_slice())
            && !host.eq_ignore_ascii_case(place.as_bytes())
        {
            // the port differs from run to run
            facts.push(Fact::new(FactKind::RequestHostOther, "another Host than host and port of the URL"));
        }
        if self.early_frame {
            facts.push(Fact::new(FactKind::FrameBeforeResponse, "a frame before the last octet of the response"));
        }
        let key = request.values("sec-websocket-key").next().map(String::from_utf8_lossy);
        if let Some(key) = key
            && self.crowd_began.iter().any(|other| other.key == key)
        {
            facts.push(Fact::new(FactKind::NonceRepeated, "the key of another connection"));
        }
        // one such coincidence can be chance, two are not
        if let Some(MaskKey(mask)) = self.first_mask
            && self.crowd_began.iter().filter(|other| other.mask == Some(mask)).count() > 1
        {
            facts.push(Fact::new(FactKind::MaskKeyPredictable, "the same first key on three connections"));
        }
        facts
    }

    /// Whether the opening handshake, which the case is about, came to an end without a 101.
    pub fn is_refused(&self) -> bool {
        let is_refused = match self.plan.role {
            // a client that refuses need not say so, nor hurry
            Role::Client => !self.opened,
            // what is asked of a connection behind a refusal misses its deadline where the server keeps that connection
            Role::Server => !self.established && (self.missed.is_none() || !self.responses.is_empty()),
        };
        self.plan.tests_opening && is_refused
    }

    /// Whether the connection is open, as far as the harness can know.
    ///
    /// A client that was given a response which it may refuse has opened the connection once a frame comes.
    fn is_open(&self) -> bool {
        let may_refuse = self.plan.tests_opening || self.plan.deflate.is_some();
        self.established && (self.plan.role == Role::Server || self.opened || !may_refuse)
    }

    /// When the first pong with the payload of a ping came.
    pub fn answered_at(&self, ping: &SentPing) -> Option<Duration> {
        let payload = self.plan.payload(ping.payload);
        let at = self.pongs.iter().position(|pong| pong.is(payload, &self.plan.payloads))?;
        self.pongs_at.get(at).copied()
    }

    /// Whether an op was sent up to that octet.
    pub fn is_sent(&self, op: u32, end: u64) -> bool {
        self.sent[op as usize] >= end
    }

    /// When the last octets of an op that were sent went out.
    pub fn sent_at(&self, op: u32) -> Option<Duration> {
        self.sent_at[op as usize]
    }

    /// How long the target took for its first response, as a measure of the way to it and of how busy it is.
    pub fn way(&self) -> Duration {
        let request = self.plan.ops.iter().position(|op| matches!(op, Op::Send(send) if send.is_request));
        let asked = request.and_then(|op| self.sent_at[op]);
        self.answered_at.zip(asked).map_or(Duration::ZERO, |(answered, asked)| answered.saturating_sub(asked))
    }

    /// Whether any octet of an op was sent.
    pub fn is_begun(&self, op: u32) -> bool {
        self.sent[op as usize] > 0
    }

    /// Whether the violation, or a part of it, was sent.
    pub fn violated(&self) -> bool {
        self.plan.violation.is_some_and(|(op, _)| self.is_begun(op))
    }

    /// How the connection ended.
    pub fn ending(&self) -> Option<&'a Ending> {
        self.timeline.ending()
    }

    /// Whether the target ended the TCP connection.
    pub fn ended_by_target(&self) -> bool {
        matches!(self.ending(), Some(Ending::Eof | Ending::Reset))
    }

    /// The status code of the target's Close.
    pub fn close_code(&self) -> Option<u16> {
        self.close.and_then(ClosePayload::code)
    }

    /// The facts of the octets, then those of the conversation.
    pub fn facts(&self) -> Vec<Fact> {
        // a code sent back is an answer, not a use of its own
        let repeats =
            self.close_code().is_some_and(|code| self.plan.closes.iter().any(|close| close.code == Some(code)));
        let is_of_code = |kind: FactKind| {
            matches!(kind, FactKind::CloseCode1010 | FactKind::CloseCodeUnassigned | FactKind::CloseCodeUndefined)
        };
        let is_answer = |fact: &Fact| repeats && is_of_code(fact.kind);
        let mut facts: Vec<Fact> = self
            .timeline
            .received()
            .filter_map(|(_, event)| match event {
                Event::Fact(fact) if is_answer(fact) => None,
                Event::Fact(fact) => Some(fact.clone()),
                _ => None,
            })
            .collect();
        facts.extend(self.facts_of_coming());
        let sent_close = self.plan.closes.iter().any(|close| self.is_sent(close.op, close.end));
        let half_closed = self.plan.ops.iter().any(|op| matches!(op, Op::HalfClose | Op::Reset));
        let has_opened = self.established && (self.plan.role == Role::Server || self.opened);
        if has_opened
            && self.ended_by_target()
            && self.close.is_none()
            && !sent_close
            && !self.violated()
            && !half_closed
        {
            // whether the end comes as a reset depends on what lies unread at that moment, and tells nothing more
            facts.push(Fact::new(FactKind::EndedWithoutClose, "the end of the TCP connection and no Close frame"));
        }
        if let Some(op) = self.missed
            && self.is_open()
            && let Some(Op::Await(wait)) = self.plan.ops.get(op as usize)
            && wait.barrier
            && matches!(wait.what, WaitFor::Pong(_))
        {
            facts.push(Fact::new(FactKind::PingUnanswered, "no pong before the deadline"));
        }
        facts
    }
}
