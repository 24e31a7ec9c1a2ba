//! A server that is a script: what it does at each thing it hears, and when. No socket, and a clock that jumps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use wsspec::case::{Case, Role};
use wsspec::engine::{Action, Deadlines, Engine};
use wsspec::plan::{Plan, Target, plan};
use wsspec::transcript::{Ending, Transcript};
use wsspec::wire::handshake::accept;
use wsspec::wire::http::head_length;
use wsspec::wire::{FrameHeader, Head, Opcode};

/// What the server does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends octets.
    Say(Vec<u8>),
    /// Waits for so many milliseconds before what follows.
    Wait(u64),
    /// Ends the connection.
    End,
    /// Resets the connection.
    Reset,
    /// Takes nothing more; what it sends still arrives.
    Deafen,
}

/// What the server hears.
#[derive(Clone, Debug)]
pub enum Heard {
    Request(Head),
    Frame(FrameHeader, Vec<u8>),
    HalfClose,
}

pub type Script = Box<dyn FnMut(&Heard) -> Vec<Act>>;

/// A final frame as a server sends it.
pub fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    FrameHeader::new(opcode, payload.len() as u64, None).encode(&mut octets);
    octets.extend_from_slice(payload);
    octets
}

pub fn close(code: u16) -> Vec<u8> {
    frame(Opcode::CLOSE, &code.to_be_bytes())
}

/// The response to a request.
pub fn switching(request: &Head) -> Vec<u8> {
    let key = request.values("sec-websocket-key").next().unwrap_or_default();
    let accept = accept(key);
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
        .into_bytes()
}

/// What a conforming echo server does.
pub fn conforming(heard: &Heard) -> Vec<Act> {
    match heard {
        Heard::Request(request) => vec![Act::Say(switching(request))],
        Heard::Frame(header, payload) => match header.opcode {
            Opcode::PING => vec![Act::Say(frame(Opcode::PONG, payload))],
            Opcode::PONG => Vec::new(),
            Opcode::CLOSE => vec![Act::Say(frame(Opcode::CLOSE, payload)), Act::End],
            opcode if header.rsv != 0 || opcode.is_reserved() => vec![Act::Say(close(1002)), Act::End],
            opcode => {
                let mut octets = Vec::new();
                FrameHeader { fin: header.fin, ..FrameHeader::new(opcode, header.length, None) }.encode(&mut octets);
                octets.extend_from_slice(payload);
                vec![Act::Say(octets)]
            }
        },
        Heard::HalfClose => vec![Act::End],
    }
}

/// A conforming server but for what `otherwise` says.
pub fn but(mut otherwise: impl FnMut(&Heard) -> Option<Vec<Act>> + 'static) -> Script {
    Box::new(move |heard| otherwise(heard).unwrap_or_else(|| conforming(heard)))
}

/// A conforming server but for frames with this opcode.
pub fn at(opcode: Opcode, mut acts: impl FnMut(&[u8]) -> Vec<Act> + 'static) -> Script {
    but(move |heard| match heard {
        Heard::Frame(header, payload) if header.opcode == opcode => Some(acts(payload)),
        _ => None,
    })
}

/// What came of a conversation.
pub struct Outcome {
    pub case: Case,
    pub plan: Arc<Plan>,
    pub transcript: Transcript,
    /// The virtual time that it took.
    pub took: Duration,
    /// Everything that the harness sent.
    pub heard: Vec<Heard>,
}

/// A case with these steps and checks.
pub fn case(steps: &str, checks: &str) -> Case {
    let text = format!(
        r#"{{"id": "x", "group": "x", "title": "x", "why": [], "autobahn": [], "roles": ["server"], "needs": [], "tags": [],
            "opening": {{}}, "delivery": "plain", "steps": {steps}, "checks": {checks}}}"#
    );
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{fault} in {text}"))
}

fn target(echo: bool) -> Target {
    Target { echo, ..Target::echoing(Role::Server) }
}

/// Lets the engine run the case against the script. Time passes only when nothing else can happen.
pub fn converse(case: Case, echo: bool, script: Script) -> Outcome {
    let plan = Arc::new(plan(&case, &target(echo), 1, &BTreeMap::new()).unwrap());
    let mut world = World {
        engine: Engine::new(Arc::clone(&plan), Deadlines::scaled(1.0)),
        script,
        now: Duration::ZERO,
        agenda: VecDeque::new(),
        unread: Vec::new(),
        opened: false,
        deaf: false,
        heard: Vec::new(),
    };
    world.engine.connected(world.now);
    // every turn either moves octets, or the clock to the next deadline
    for _ in 0..200_000 {
        if !world.turn() {
            let (took, heard) = (world.now, world.heard);
            return Outcome { case, plan, transcript: world.engine.into_transcript(), took, heard };
        }
    }
    panic!("the conversation does not end");
}

struct World {
    engine: Engine,
    script: Script,
    now: Duration,
    /// What the server is about to do, and when.
    agenda: VecDeque<(Duration, Act)>,
    /// What the harness sent and the server has not understood yet.
    unread: Vec<u8>,
    opened: bool,
    deaf: bool,
    heard: Vec<Heard>,
}

impl World {
    /// `false` when the conversation is over.
    fn turn(&mut self) -> bool {
        match self.engine.next(self.now) {
            Action::Close | Action::Reset => return false,
            Action::HalfClose => {
                self.react(Heard::HalfClose);
                return true;
            }
            Action::Transfer => {}
        }
        let outgoing = self.engine.outgoing().to_vec();
        if !outgoing.is_empty() {
            if self.deaf {
                self.engine.write_failed(self.now);
            } else {
                self.engine.wrote(outgoing.len(), self.now);
                self.unread.extend(outgoing);
                self.listen();
            }
            return true;
        }
        let next = self.agenda.front().map(|(at, _)| *at).filter(|_| self.engine.reads());
        match (next, self.engine.deadline()) {
            (Some(at), deadline) if deadline.is_none_or(|deadline| at <= deadline) => {
                self.now = self.now.max(at);
                let (_, act) = self.agenda.pop_front().unwrap();
                self.act(act);
            }
            (_, Some(deadline)) => {
                self.now = self.now.max(deadline);
                self.engine.expired(self.now);
            }
            (_, None) => panic!("the engine waits without a deadline"),
        }
        true
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Say(octets) => self.engine.received(&octets, self.now),
            Act::End => self.engine.ended(Ending::Eof, self.now),
            Act::Reset => self.engine.ended(Ending::Reset, self.now),
            Act::Deafen => self.deaf = true,
            Act::Wait(_) => {}
        }
    }

    fn listen(&mut self) {
        if !self.opened {
            let Some(end) = head_length(&self.unread) else { return };
            let head: Vec<u8> = self.unread.drain(..end).collect();
            self.opened = true;
            self.react(Heard::Request(Head::parse(&head)));
        }
        while let Some((header, start)) = FrameHeader::parse(&self.unread) {
            let end = start.saturating_add(usize::try_from(header.length).unwrap());
            if self.unread.len() < end {
                return;
            }
            let mut payload: Vec<u8> = self.unread.drain(..end).skip(start).collect();
            if let Some(mask) = header.mask {
                mask.apply(&mut payload);
            }
            self.react(Heard::Frame(header, payload));
        }
    }

    fn react(&mut self, heard: Heard) {
        let mut at = self.agenda.back().map_or(self.now, |(last, _)| self.now.max(*last));
        for act in (self.script)(&heard) {
            if let Act::Wait(ms) = act {
                at += Duration::from_millis(ms);
            }
            self.agenda.push_back((at, act));
        }
        self.heard.push(heard);
    }
}
