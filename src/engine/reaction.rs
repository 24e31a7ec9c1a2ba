//! What the engine does at what the target says: answers, settling what was agreed, and noticing that it goes no further.

use super::{DeadlineKind, Engine, LONGEST_WAY};
use crate::case::Role;
use crate::plan::{Op, Stage, WaitFor};
use crate::transcript::{Ending, Event, Reply, switches_elsewhere};
use crate::wire::{ClosePayload, FrameHeader, Head, MaskKey, Opcode};
use std::sync::Arc;
use std::time::Duration;

impl Engine {
    fn hasten(&mut self, now: Duration) {
        let soon = now + self.deadlines.of(self.waiting_for()) / 10;
        self.hastened = Some(self.hastened.map_or(soon, |set| set.min(soon)));
    }

    pub(super) fn react(&mut self, event: &Event, now: Duration) {
        if let (Event::Head(..), DeadlineKind::Handshake, 0) = (event, self.waiting_for(), self.progress.responses) {
            self.way = now.saturating_sub(self.entered).min(LONGEST_WAY);
        }
        match event {
            Event::Head(request, _) if self.plan.role == Role::Client => {
                self.settle(request);
                Arc::make_mut(&mut self.plan).answer(request);
                self.progress.established = true;
            }
            // it is past the response of the case, and nothing more is to be seen there
            Event::NextRequest(..) => {}
            Event::Head(head, _) => match head.status() {
                Some(101) if switches_elsewhere(head, self.plan.requests.get(self.progress.responses)) => {
                    self.progress.refused = true;
                    self.progress.responses += 1;
                    if !self.plan.tests_opening {
                        self.end(now, Ending::Closed);
                    }
                }
                Some(101) => {
                    self.settle(head);
                    self.progress.established = true;
                    self.progress.refused = false;
                    self.progress.responses += 1;
                }
                Some(100..=199) => {}
                _ if self.plan.tests_opening => {
                    self.progress.refused = true;
                    self.progress.responses += 1;
                }
                // a refusal: whatever body follows is of no interest
                _ => self.end(now, Ending::Closed),
            },
            Event::Ping(content) => {
                if let Some(payload) = content.known(&self.plan.payloads, 125) {
                    self.reply(Reply::Pong, Opcode::PONG, payload);
                }
            }
            Event::Pong(content) => {
                let plan = Arc::clone(&self.plan);
                let answered = plan.pings.iter().filter(|ping| content.is(plan.payload(ping.payload), &plan.payloads));
                let mut acted = false;
                for ping in answered {
                    self.progress.answered.insert(ping.payload);
                    acted |= ping.stage != Stage::Before;
                }
                if acted && self.waiting_for() == DeadlineKind::EndAfterViolation {
                    self.hasten(now);
                }
            }
            Event::Message { .. } => match self.plan.ops.get(self.op) {
                Some(Op::Await(wait)) if matches!(wait.what, WaitFor::Echoes(_)) && !self.is_met(&wait.what) => {
                    let expected = self.plan.messages.get(self.recorder.echoed());
                    // another message than the expected echo: either something the target says by itself, or all there will be
                    if expected.is_some() && self.progress.strayed {
                        self.hasten(now);
                    }
                }
                _ => {}
            },
            Event::Close(payload) => self.target_closed(payload, now),
            Event::Frame(_) | Event::Odd(..) | Event::Fact(_) => {}
        }
    }

    /// permessage-deflate is agreed by now, or is not: the plan follows, and there may be nothing left to try.
    fn settle(&mut self, head: &Head) {
        if let Some(settled) = self.plan.settled(head) {
            self.plan = Arc::new(settled);
        }
        let Some(deflate) = &self.plan.deflate else { return };
        if self.plan.role == Role::Client {
            self.recorder.agree(deflate.settled.agreement);
        }
        let tells = self.plan.tests_opening && self.plan.role == Role::Server;
        self.progress.pointless = !tells && deflate.objection(self.plan.role, head).is_some();
    }

    /// The op from which on a case only takes leave: the opening handshake of a client, or the Close at its end.
    pub(super) fn farewell(&self) -> usize {
        let is_needed = |op: &Op| matches!(op, Op::Send(send) if send.is_request) || is_wait_for_opening(op);
        let opened = self.plan.ops.iter().rposition(is_needed).map_or(0, |op| op + 1);
        if self.op < opened {
            return 0;
        }
        let only_closes = |op: usize| {
            let mut frames = self.plan.frames.iter().filter(|frame| frame.op as usize == op).peekable();
            frames.peek().is_some()
                && frames.all(|frame| frame.header.is_some_and(|header| header.opcode == Opcode::CLOSE))
        };
        (opened..self.plan.ops.len()).rev().find(|op| only_closes(*op)).unwrap_or(self.plan.ops.len())
    }

    fn target_closed(&mut self, payload: &ClosePayload, now: Duration) {
        if self.progress.closing() {
            return;
        }
        self.progress.closed_at = Some(now);
        self.hastened = None;
        let sent = self.plan.closes.iter().any(|close| {
            let op = close.op as usize;
            op < self.op || (op == self.op && self.outbox.sent_of_op() >= close.end)
        });
        let will = self
            .plan
            .ops
            .get(self.op..)
            .unwrap_or_default()
            .iter()
            .any(|op| matches!(op, Op::Send(send) if send.has_close) && self.progress.scripted(op));
        if !sent && !will {
            let answer = match payload {
                ClosePayload::Code(code, _) => code.to_be_bytes().to_vec(),
                _ => Vec::new(),
            };
            self.reply(Reply::Close, Opcode::CLOSE, answer);
        }
    }

    /// Queues an automatic answer, masked where the harness is the client.
    fn reply(&mut self, to: Reply, opcode: Opcode, mut payload: Vec<u8>) {
        if !self.outbox.may_reply(&self.plan, self.op) {
            return;
        }
        let key = (self.plan.role == Role::Server).then_some(MaskKey([0x5A, 0x17, 0xC3, self.outbox.replies() as u8]));
        let mut octets = Vec::new();
        FrameHeader::new(opcode, payload.len() as u64, key).encode(&mut octets);
        if let Some(key) = key {
            key.apply(&mut payload);
        }
        octets.extend_from_slice(&payload);
        self.outbox.reply(to, octets);
    }
}

fn is_wait_for_opening(op: &Op) -> bool {
    matches!(op, Op::Await(wait) if matches!(wait.what, WaitFor::Head | WaitFor::Request | WaitFor::Responses(_)))
}
