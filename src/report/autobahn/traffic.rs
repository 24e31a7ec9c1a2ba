//! How much went over the wire before and behind compression, as Autobahn tells it of the cases about that.

use crate::plan::Op;
use crate::report::Record;
use crate::report::view::sent::parts;
use crate::report::view::wire::Wire;
use crate::transcript::{Event, Timeline};
use crate::wire::FrameHeader;
use crate::wire::http::head_length;
use serde_json::{Map, Value, json};

/// The longest head that is looked for.
const LONGEST_HEAD: usize = 1 << 20;

/// What went one way: whole data messages, without the heads and the control frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Traffic {
    messages: u64,
    frames: u64,
    /// Octets of the messages as an application has them.
    app: u64,
    /// Octets of the payloads of their frames.
    websocket: u64,
    /// Octets of their frames.
    wire: u64,
    /// Octets of the head.
    preopen: u64,
}

/// The figures of both directions.
pub(super) fn traffic(record: &Record) -> Value {
    let mut figures = Map::new();
    received(record).tell("incoming", "Incoming", &mut figures);
    sent(record).tell("outgoing", "Outgoing", &mut figures);
    Value::Object(figures)
}

impl Traffic {
    fn tell(self, way: &str, capital: &str, figures: &mut Map<String, Value>) {
        let ratio = |part: u64, whole: u64| if whole == 0 { Value::Null } else { json!(part as f64 / whole as f64) };
        for (name, value) in [
            ("CompressionRatio", ratio(self.websocket, self.app)),
            ("OctetsAppLevel", json!(self.app)),
            ("OctetsWebSocketLevel", json!(self.websocket)),
            ("OctetsWireLevel", json!(self.wire)),
            ("WebSocketFrames", json!(self.frames)),
            ("WebSocketMessages", json!(self.messages)),
            ("WebSocketOverhead", ratio(self.wire - self.websocket, self.websocket)),
        ] {
            figures.insert(format!("{way}{name}"), value);
        }
        figures.insert(format!("preopen{capital}OctetsWireLevel"), json!(self.preopen));
    }

    fn add_frame(&mut self, header: &FrameHeader) {
        let mut octets = Vec::with_capacity(FrameHeader::MAX);
        header.encode(&mut octets);
        self.frames += 1;
        self.websocket += header.length;
        self.wire += octets.len() as u64 + header.length;
    }
}

fn received(record: &Record) -> Traffic {
    let plan = &record.plan;
    let mut traffic = Traffic::default();
    let octets = record.transcript.first_octets(LONGEST_HEAD);
    traffic.preopen = head_length(&octets).unwrap_or(octets.len()) as u64;
    for (_, event) in Timeline::new(&record.transcript, plan.decoder(), &plan.payloads).received() {
        match event {
            Event::Frame(header) if !header.opcode.is_control() => traffic.add_frame(header),
            Event::Message { content, .. } => {
                traffic.messages += 1;
                traffic.app += content.len();
            }
            _ => {}
        }
    }
    traffic
}

fn sent(record: &Record) -> Traffic {
    let plan = &record.plan;
    let timeline = Timeline::new(&record.transcript, plan.decoder(), &plan.payloads);
    let mut traffic = Traffic::default();
    for op in 0..plan.ops.len() as u32 {
        let sent = match plan.ops[op as usize] {
            Op::Send(_) => timeline.sent_of(op),
            _ => 0,
        };
        if sent == 0 {
            continue;
        }
        let (head, parts) = parts(plan, op, &Wire::of_op(plan, op));
        traffic.preopen += head.min(sent);
        for header in parts.iter().filter(|part| part.end <= sent).filter_map(|part| part.header) {
            if !header.opcode.is_control() {
                traffic.add_frame(&header);
            }
        }
    }
    for message in plan.messages.iter().filter(|message| timeline.sent_of(message.op) >= message.end) {
        traffic.messages += 1;
        traffic.app += plan.payload(message.payload).len();
    }
    traffic
}
