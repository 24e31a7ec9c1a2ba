//! Runs a plan against bytes and a clock that are passed in.
//!
//! No I/O and no clock of its own. A driver asks [`Engine::next`] what to do, hands over what it read with [`Engine::received`],
//! tells how much it wrote with [`Engine::wrote`], and calls [`Engine::expired`] when [`Engine::deadline`] has passed.
//! Times are durations since the first attempt to connect.

pub mod deadlines;
mod outbox;
mod progress;
mod reaction;
mod surplus;

pub use deadlines::{DeadlineKind, Deadlines};

use crate::case::Role;
use crate::plan::{Op, Plan, WaitFor, Writes};
use crate::transcript::{Ending, Entry, Event, Recorder, Transcript};
use outbox::{Outbox, Written};
use progress::Progress;
use std::sync::Arc;
use std::time::Duration;
use surplus::Surplus;

/// The most that a silence is prolonged by: a target that is slow to open need not be far away.
const LONGEST_WAY: Duration = Duration::from_secs(1);

/// What the driver is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read, and write [`Engine::outgoing`] when it is not empty.
    Transfer,
    /// Close the sending half, then ask again.
    HalfClose,
    /// Reset the connection; the conversation is over.
    Reset,
    /// Close the connection; the conversation is over.
    Close,
}

/// One conversation.
pub struct Engine {
    plan: Arc<Plan>,
    deadlines: Deadlines,
    op: usize,
    /// When the current op began.
    entered: Duration,
    /// How long the first response took: a silence at the target is over that much later here.
    way: Duration,
    outbox: Outbox,
    recorder: Recorder,
    transcript: Transcript,
    progress: Progress,
    surplus: Surplus,
    /// A deadline that comes earlier than that of the op, because its outcome is settled but for the end.
    hastened: Option<Duration>,
    half_closed: bool,
    /// Whether what the target sends is read at the moment.
    reads: bool,
    missed: Option<DeadlineKind>,
    over: Option<Ending>,
}

impl Engine {
    /// A conversation that is about to begin.
    pub fn new(plan: Arc<Plan>, deadlines: Deadlines) -> Engine {
        let recorder = Recorder::new(plan.decoder(), plan.expected_echoes());
        Engine {
            surplus: Surplus::of(&plan),
            plan,
            deadlines,
            op: 0,
            entered: Duration::ZERO,
            way: Duration::ZERO,
            outbox: Outbox::default(),
            recorder,
            transcript: Transcript::default(),
            progress: Progress::default(),
            hastened: None,
            half_closed: false,
            reads: true,
            missed: None,
            over: None,
        }
    }

    /// A client was told to connect to this host and port.
    pub fn called(&mut self, place: String, now: Duration) {
        self.transcript.push(now, Entry::Called(place));
    }

    /// The connection is there.
    pub fn connected(&mut self, now: Duration) {
        self.transcript.push(now, Entry::Connected);
        self.enter(0, now);
    }

    /// What to do now; call it after every other call.
    pub fn next(&mut self, now: Duration) -> Action {
        loop {
            match &self.over {
                Some(Ending::WasReset) => return Action::Reset,
                Some(_) => return Action::Close,
                None => {}
            }
            if self.closes_first() {
                self.half_closed = true;
                return Action::HalfClose;
            }
            if self.outbox.is_cut_off() && !self.half_closed {
                self.half_closed = true;
                self.transcript.push(now, Entry::HalfClosed);
                return Action::HalfClose;
            }
            let plan = Arc::clone(&self.plan);
            let Some(op) = plan.ops.get(self.op) else {
                if self.progress.closing() {
                    // the target closed by itself: it is given the time to end the connection
                    return Action::Transfer;
                }
                self.end(now, Ending::Closed);
                continue;
            };
            if self.progress.pointless && self.op < self.farewell() {
                self.skip(now);
                continue;
            }
            if (self.progress.closing() && !self.progress.scripted(op))
                || (self.progress.refused && !is_about_opening(&plan.ops, self.op))
            {
                self.skip(now);
                continue;
            }
            let done = match op {
                Op::Send(_) if self.progress.write_failed => {
                    self.abandon_op(now);
                    true
                }
                Op::Send(send) => self.outbox.sent_of_op() >= send.len,
                Op::Await(wait) => self.is_met(&wait.what),
                Op::Linger(time) => now >= self.entered + *time + self.way,
                Op::Read(reads) => {
                    self.reads = *reads;
                    true
                }
                Op::HalfClose => {
                    if !self.half_closed {
                        self.half_closed = true;
                        self.transcript.push(now, Entry::HalfClosed);
                        return Action::HalfClose;
                    }
                    true
                }
                Op::Reset => {
                    self.end(now, Ending::WasReset);
                    continue;
                }
            };
            if !done {
                return Action::Transfer;
            }
            self.progress.passed(op);
            self.enter(self.op + 1, now);
        }
    }

    /// Whether it is the turn of the harness to end the connection: behind both Closes the server does, and a client waits
    /// for that, RFC 6455 section 7.1.1.
    fn closes_first(&self) -> bool {
        if self.plan.role == Role::Server || self.half_closed || !self.progress.closing() || self.outbox.has_replies() {
            return false;
        }
        let rest = self.plan.ops.get(self.op..).unwrap_or_default();
        // the case waits first, to see whether the client does
        let waits = match rest {
            [Op::Await(wait), Op::Linger(_), ..] => wait.what == WaitFor::Close,
            [linger @ Op::Linger(_), ..] => self.progress.scripted(linger),
            _ => false,
        };
        if waits {
            return false;
        }
        let to_send = rest.iter().any(|op| matches!(op, Op::Send(_)) && self.progress.scripted(op));
        let is_sending = matches!(rest.first(), Some(Op::Send(send)) if self.outbox.sent_of_op() > 0 && self.outbox.sent_of_op() < send.len);
        !to_send && !is_sending
    }

    /// Whether to read at the moment.
    pub fn reads(&self) -> bool {
        self.reads
    }

    /// The octets of the next write; empty when there is nothing to send at the moment.
    pub fn outgoing(&mut self) -> &[u8] {
        if self.over.is_some() || self.half_closed || self.progress.write_failed {
            return &[];
        }
        let send = match self.plan.ops.get(self.op) {
            Some(Op::Send(send)) => Some(send),
            _ => None,
        };
        self.outbox.next_write(send, &self.plan.payloads)
    }

    /// So many octets of [`Engine::outgoing`] were written.
    pub fn wrote(&mut self, octets: usize, now: Duration) {
        let op = self.op as u32;
        let send = match self.plan.ops.get(self.op) {
            Some(Op::Send(send)) => Some(send),
            _ => None,
        };
        match self.outbox.wrote(octets, send, now) {
            Written::Reply(to, octets) => self.transcript.push(now, Entry::Replied { to, octets }),
            Written::OfOp => self.transcript.push_sent(now, op, octets as u64),
            Written::PartOfReply => {}
        }
        self.progress.moved(now);
    }

    /// Nothing more can be written; what the target sent may still be read.
    pub fn write_failed(&mut self, _now: Duration) {
        self.progress.write_failed = true;
    }

    /// Octets came in.
    pub fn received(&mut self, octets: &[u8], now: Duration) {
        if self.over.is_some() {
            return;
        }
        let mut events = Vec::new();
        let plan = Arc::clone(&self.plan);
        let before = (self.recorder.foreign(), self.recorder.echoed());
        self.recorder.take(now, octets, &plan.payloads, &mut self.transcript, &mut events);
        // what nobody asked for moves nothing, however long it goes on
        let useless = self.recorder.foreign().saturating_sub(before.0) == octets.len() as u64;
        if !useless || self.recorder.echoed() > before.1 {
            self.progress.moved(now);
        }
        let messages = events.iter().filter(|event| matches!(event, Event::Message { .. })).count();
        self.progress.strayed = messages > self.recorder.echoed() - before.1;
        for event in &events {
            self.surplus.count(event);
            self.react(event, now);
        }
        if self.recorder.is_too_long()
            || self.surplus.is_too_much(self.recorder.foreign() + self.recorder.in_compressed())
        {
            self.end(now, Ending::Overflow);
        }
    }

    /// The connection ended, or never came about.
    pub fn ended(&mut self, ending: Ending, now: Duration) {
        if self.over.is_none() {
            self.end(now, ending);
        }
    }

    /// When to call [`Engine::expired`].
    pub fn deadline(&self) -> Option<Duration> {
        if self.over.is_some() {
            return None;
        }
        if let Some(until) = self.outbox.paused_until() {
            return Some(until);
        }
        let base = match self.plan.ops.get(self.op) {
            Some(Op::Linger(time)) => self.entered + *time + self.way,
            _ => self.limit(),
        };
        Some(self.hastened.map_or(base, |sooner| sooner.min(base)))
    }

    /// The deadline has passed.
    pub fn expired(&mut self, now: Duration) {
        if self.over.is_some() || self.outbox.resume(now) {
            return;
        }
        match self.plan.ops.get(self.op) {
            Some(Op::Linger(_)) => return,
            Some(Op::Send(_)) if !self.reads => {
                // the target takes no more while nobody reads its answers, which is its right
                self.reads = true;
                self.progress.moved(now);
                return;
            }
            _ => {}
        }
        let waited = now.saturating_sub(self.entered);
        self.missed = Some(self.waiting_for());
        self.transcript.push(now, Entry::Missed { op: self.op as u32, waited_us: waited.as_micros() as u64 });
        self.end(now, Ending::Closed);
    }

    /// Which kind of deadline runs at the moment.
    pub fn waiting_for(&self) -> DeadlineKind {
        let after_violation = self.plan.violation.is_some() && !self.progress.closing();
        match self.plan.ops.get(self.op) {
            Some(Op::Await(wait)) => match wait.what {
                WaitFor::Head | WaitFor::Request | WaitFor::Responses(_) => DeadlineKind::Handshake,
                WaitFor::Echoes(_) => DeadlineKind::Echo,
                WaitFor::Pong(_) => DeadlineKind::Pong,
                WaitFor::Close => DeadlineKind::Close,
                WaitFor::End if after_violation => DeadlineKind::EndAfterViolation,
                WaitFor::End => DeadlineKind::EndAfterClose,
            },
            Some(Op::Send(_)) => DeadlineKind::Echo,
            _ => DeadlineKind::EndAfterClose,
        }
    }

    /// What the target is waited for at the moment; `None` where the harness itself takes its time.
    pub fn awaits(&self) -> Option<DeadlineKind> {
        let takes_time = match self.plan.ops.get(self.op) {
            Some(Op::Send(send)) => !self.reads || matches!(&send.writes, Writes::At(_, pause) if !pause.is_zero()),
            Some(Op::Linger(_)) => true,
            _ => false,
        };
        (!takes_time).then(|| self.waiting_for())
    }

    /// The kind of deadline that passed.
    pub fn missed(&self) -> Option<DeadlineKind> {
        self.missed
    }

    /// The transcript of a conversation that is over.
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    fn limit(&self) -> Duration {
        let kind = self.waiting_for();
        let base = self.deadlines.of(kind);
        let since = self.entered.max(self.progress.closed_at.unwrap_or_default());
        let size = match self.plan.ops.get(self.op) {
            Some(Op::Await(wait)) => wait.size,
            Some(Op::Send(send)) => send.len,
            _ => 0,
        };
        if kind == DeadlineKind::Echo {
            // a transfer that moves has time; one that stands still has the base, and none has for ever
            let most = self.deadlines.moving(kind) + self.deadlines.transfer(size);
            return (since + most).min(since.max(self.progress.moved_at) + base);
        }
        since + base + self.deadlines.transfer(size)
    }

    fn enter(&mut self, op: usize, now: Duration) {
        self.op = op;
        self.entered = now;
        self.hastened = None;
        self.outbox.begin_op();
    }

    fn is_met(&self, what: &WaitFor) -> bool {
        match what {
            WaitFor::Head | WaitFor::Request => self.progress.established,
            WaitFor::Responses(count) => self.progress.responses >= *count,
            WaitFor::Echoes(count) => self.recorder.echoed() >= *count,
            WaitFor::Pong(payload) => self.progress.answered.contains(payload),
            WaitFor::Close => self.progress.closing(),
            WaitFor::End => false,
        }
    }

    /// Goes over an op that makes no sense any more, because the target has closed.
    fn skip(&mut self, now: Duration) {
        let in_frame = matches!(self.plan.ops.get(self.op), Some(Op::Send(send))
            if self.outbox.sent_of_op() > 0 && self.outbox.sent_of_op() < send.len);
        self.abandon_op(now);
        if in_frame {
            self.outbox.cut_off();
        }
        self.enter(self.op + 1, now);
    }

    fn abandon_op(&mut self, now: Duration) {
        if let Some(Op::Send(send)) = self.plan.ops.get(self.op) {
            let left = send.len - self.outbox.sent_of_op().min(send.len);
            if left > 0 {
                self.transcript.push(now, Entry::Unsent { op: self.op as u32, octets: left });
            }
        }
    }

    fn end(&mut self, now: Duration, ending: Ending) {
        let plan = Arc::clone(&self.plan);
        let mut events = Vec::new();
        self.recorder.finish(now, &plan.payloads, &mut self.transcript, &mut events);
        while self.op < plan.ops.len() {
            self.abandon_op(now);
            self.op += 1;
            self.outbox.begin_op();
        }
        self.transcript.push(now, Entry::Ended(ending.clone()));
        self.over = Some(ending);
    }
}

/// Whether an op still makes sense when the opening handshake was refused. The end that follows a closing handshake
/// does not: there was none, and the target may keep the connection for another request.
fn is_about_opening(ops: &[Op], at: usize) -> bool {
    let waits_for = |at: usize, is_meant: fn(&WaitFor) -> bool| match ops.get(at) {
        Some(Op::Await(wait)) => is_meant(&wait.what),
        _ => false,
    };
    match &ops[at] {
        Op::Send(send) => send.is_request,
        Op::Await(_) => {
            waits_for(at, |what| matches!(what, WaitFor::Responses(_)))
                || (waits_for(at, |what| *what == WaitFor::End)
                    && !(at > 0 && waits_for(at - 1, |what| *what == WaitFor::Close)))
        }
        Op::Linger(_) | Op::Read(_) | Op::HalfClose | Op::Reset => true,
    }
}
