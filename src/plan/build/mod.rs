//! From a case to a plan.

mod exchange;
mod frames;
mod opening;
mod payload;

use super::deflate::Settled;
use super::op::needs_ping;
use super::{Barrier, DeflatePlan, Op, Piece, Plan, SendOp, Stage, Target, Wait, WaitFor, Writes};
use crate::case::frame::{FrameSpec, Kind};
use crate::case::step::Cut;
use crate::case::{Case, PayloadSpec, Send, Step, Until};
use crate::transcript::payload::mix;
use crate::transcript::{Payload, Payloads};
use crate::wire::deflate::Deflater;
use crate::wire::inflate::Inflater;
use frames::{Carried, OpenMessage};
use std::collections::BTreeMap;
use std::time::Duration;

/// Why a case could not be turned into a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A payload names a file that is not there.
    #[error("could not find the data file `{0}` under cases/data")]
    NoDataFile(String),
}

/// Resolves a case for a target; `data` holds the files under `cases/data/`.
pub fn plan(case: &Case, target: &Target, seed: u64, data: &BTreeMap<String, Vec<u8>>) -> Result<Plan, PlanError> {
    build(case, target, seed, data, None)
}

/// The same where it is known already what was agreed of permessage-deflate.
pub(super) fn build(
    case: &Case,
    target: &Target,
    seed: u64,
    data: &BTreeMap<String, Vec<u8>>,
    settled: Option<Settled>,
) -> Result<Plan, PlanError> {
    let mut deflate = DeflatePlan::of(case, target, seed);
    if let (Some(deflate), Some(settled)) = (&mut deflate, settled) {
        deflate.settled = settled;
    }
    let own = deflate.as_ref().map(|deflate| deflate.own(target.role));
    let mut planner = Planner {
        target,
        data,
        seed: mix(seed ^ name_number(&case.id)),
        drawn: 0,
        stage: Stage::Before,
        open: None,
        barriers: 0,
        under_way: 0,
        deflater: own.map(|own| Deflater::new(own.window_bits, own.keeps_context)),
        inflater: Inflater::default(),
        plan: Plan {
            role: target.role,
            ops: Vec::new(),
            payloads: Payloads::default(),
            requests: Vec::new(),
            clear_text: case.opening.clear_text,
            tests_coming: case.checks.iter().any(|check| check.expect.is_of_coming()),
            url: case.opening.url.clone(),
            certificate: case.opening.certificate,
            others: case.opening.others,
            tests_opening: case.checks.iter().any(|check| check.expect.is_of_opening()),
            frames: Vec::new(),
            messages: Vec::new(),
            pings: Vec::new(),
            closes: Vec::new(),
            violation: None,
            last_send: 0,
            echo: target.echo,
            deflate,
        },
    };
    planner.open(case)?;
    for step in &case.steps {
        planner.step(step)?;
    }
    Ok(planner.plan)
}

/// FNV-1a: a number for a name that is the same on every machine.
fn name_number(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

struct Planner<'a> {
    target: &'a Target,
    data: &'a BTreeMap<String, Vec<u8>>,
    seed: u64,
    drawn: u64,
    stage: Stage,
    /// The message that the frames so far have begun.
    open: Option<OpenMessage>,
    barriers: u32,
    /// Octets sent since the last wait.
    under_way: u64,
    /// What compresses the messages of the harness.
    deflater: Option<Deflater>,
    /// What a target has of the compressed messages so far, for those that are made by hand.
    inflater: Inflater,
    plan: Plan,
}

impl Planner<'_> {
    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed.wrapping_add(self.drawn))
    }

    fn next_op(&self) -> u32 {
        self.plan.ops.len() as u32
    }

    fn step(&mut self, step: &Step) -> Result<(), PlanError> {
        match step {
            Step::Send(send) => self.send(send)?,
            Step::Barrier => self.barrier(),
            Step::Await(until) => self.wait(*until),
            Step::LingerMs(ms) => self.plan.ops.push(Op::Linger(Duration::from_millis(*ms))),
            Step::Exchange { message, times, full_times, window } => {
                let times = full_times.filter(|_| self.target.full).unwrap_or(*times);
                self.exchange(message, times, window.get())?;
            }
            Step::Close(code) => {
                let empty = PayloadSpec::Text(String::new());
                self.send(&Send { frames: vec![FrameSpec::plain(Kind::Close(*code, empty))], cut: Cut::Whole })?;
                self.wait(Until::Close);
                self.wait(Until::End);
            }
            Step::LingerPatiently { usual_ms, patient_ms } => {
                let ms = if self.target.patient { *patient_ms } else { *usual_ms };
                self.plan.ops.push(Op::Linger(Duration::from_millis(ms)));
            }
            Step::Request(opening) => self.head(opening)?,
            Step::StopReading => self.plan.ops.push(Op::Read(false)),
            Step::GoOnReading => self.plan.ops.push(Op::Read(true)),
            Step::HalfClose => self.plan.ops.push(Op::HalfClose),
            Step::Reset => self.plan.ops.push(Op::Reset),
        }
        Ok(())
    }

    fn barrier(&mut self) {
        self.barriers += 1;
        let spec = PayloadSpec::Text(format!("wsspec barrier {}", self.barriers));
        let PayloadSpec::Text(text) = &spec else {
            return;
        };
        let payload = Payload::octets(text.clone().into_bytes());
        let index = self.plan.payloads.add(payload);
        let carried = Carried { wire: index, plain: None };
        let kind = match self.target.barrier {
            Barrier::Ping => Kind::Ping(spec),
            Barrier::Echo if self.target.text => Kind::Text(spec),
            Barrier::Echo => Kind::Binary(spec),
        };
        let mut builder = OpBuilder::default();
        self.frame(&FrameSpec::plain(kind), carried, &mut builder);
        self.finish_send(builder, &Cut::Whole);
        let what = match self.target.barrier {
            Barrier::Ping => {
                if let Some(ping) = self.plan.pings.last_mut() {
                    ping.barrier = true;
                }
                WaitFor::Pong(index)
            }
            Barrier::Echo => {
                if let Some(message) = self.plan.messages.last_mut() {
                    message.barrier = true;
                }
                WaitFor::Echoes(self.plan.messages.len())
            }
        };
        self.push_wait(what, true);
    }

    fn push_wait(&mut self, what: WaitFor, barrier: bool) {
        let size = std::mem::take(&mut self.under_way);
        self.plan.ops.push(Op::Await(Wait { what, size, barrier }));
    }

    fn wait(&mut self, until: Until) {
        if needs_ping(until, self.target.echo) {
            return self.barrier();
        }
        let what = match until {
            Until::Echo => WaitFor::Echoes(self.plan.messages.len()),
            Until::Pong => match self.plan.pings.last() {
                Some(ping) => WaitFor::Pong(ping.payload),
                None => return,
            },
            Until::Close => WaitFor::Close,
            Until::Response => WaitFor::Responses(self.plan.requests.len()),
            Until::End => WaitFor::End,
        };
        self.push_wait(what, false);
    }

    fn send(&mut self, send: &Send) -> Result<(), PlanError> {
        let mut builder = OpBuilder::default();
        for spec in &send.frames {
            self.frame_of(spec, &mut builder)?;
        }
        self.finish_send(builder, &send.cut);
        Ok(())
    }

    fn finish_send(&mut self, builder: OpBuilder, cut: &Cut) {
        let writes = match cut {
            Cut::Whole => Writes::Few,
            Cut::Every(octets) => Writes::Every(*octets),
            Cut::Frames => Writes::At(builder.frame_ends.clone(), Duration::ZERO),
            Cut::Payload { at, pause_ms } => {
                let offsets = at.iter().map(|offset| builder.first_payload + offset).collect();
                Writes::At(offsets, Duration::from_millis(*pause_ms))
            }
        };
        self.push_send(builder, writes);
    }

    fn push_send(&mut self, builder: OpBuilder, writes: Writes) {
        self.under_way += builder.len;
        self.plan.last_send = self.next_op();
        self.plan.ops.push(Op::Send(SendOp {
            pieces: builder.pieces,
            len: builder.len,
            writes,
            whole_frames: !builder.ragged,
            has_close: builder.has_close,
            is_request: builder.is_request,
        }));
    }
}

#[derive(Default)]
struct OpBuilder {
    pieces: Vec<Piece>,
    len: u64,
    frame_ends: Vec<u64>,
    /// Where the payload of the first frame starts.
    first_payload: u64,
    /// Whether the octets may end inside of a frame.
    ragged: bool,
    has_close: bool,
    is_request: bool,
}

impl OpBuilder {
    fn push(&mut self, piece: Piece) {
        self.len += piece.len();
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Octets(octets)), Piece::Octets(more)) => octets.extend_from_slice(&more),
            (_, piece) => self.pieces.push(piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Opening, Role};
    use crate::wire::FrameHeader;

    fn server() -> Target {
        Target { host: "localhost:9001".to_owned(), ..Target::echoing(Role::Server) }
    }

    fn case(steps: &str) -> Case {
        let text = format!(
            r#"{{"group":"g","title":"","why":"","cases":[{{"name":"c","title":"","steps":{steps},"checks":[]}}]}}"#
        );
        crate::case::load::load_group(std::path::Path::new("g.json"), &text).unwrap().cases.remove(0)
    }

    fn planned(steps: &str, target: &Target) -> Plan {
        plan(&case(steps), target, 1, &BTreeMap::new()).unwrap()
    }

    fn unmasked(plan: &Plan, op: u32) -> Vec<(u8, Vec<u8>)> {
        let mut octets = plan.octets_of(op, 1 << 20);
        let mut frames = Vec::new();
        while let Some((header, used)) = FrameHeader::parse(&octets) {
            let mut rest = octets.split_off(used);
            octets = rest.split_off((header.length as usize).min(rest.len()));
            if let Some(mask) = header.mask {
                mask.apply(&mut rest);
            }
            frames.push((u8::from(header.fin) << 7 | header.rsv << 4 | header.opcode.0, rest));
        }
        frames
    }

    #[test]
    fn the_same_three_give_the_same_octets() {
        let steps = r#"[{"send": [{"text": "Hello"}, {"binary": {"random": 100}}]}]"#;
        let (a, b) = (planned(steps, &server()), planned(steps, &server()));
        assert_eq!((a.octets_of(0, 9999), a.octets_of(2, 9999)), (b.octets_of(0, 9999), b.octets_of(2, 9999)));
        let other = plan(&case(steps), &server(), 2, &BTreeMap::new()).unwrap();
        assert_ne!(a.octets_of(2, 9999), other.octets_of(2, 9999));
    }

    #[test]
    fn a_head_may_name_what_only_the_target_knows() {
        let words = |text: &str| serde_json::from_str::<Opening>(text).unwrap();
        for (opening, head) in [
            (
                r#"{"request_line": "GET http://{host}{resource}?x HTTP/1.1"}"#,
                "GET http://localhost:9001/chat?x HTTP/1.1",
            ),
            (r#"{"set": [["hOST", "{host}"]]}"#, "hOST: localhost:9001\r\nUpgrade"),
            (
                r#"{"raw": {"concat": ["GET {resource}", {"hex": "ff"}, " {host}"]}}"#,
                "GET /chat\u{fffd} localhost:9001",
            ),
        ] {
            let case = Case { opening: words(opening), ..case("[]") };
            let target = Target { resource: "/chat".to_owned(), ..server() };
            let sent = plan(&case, &target, 1, &BTreeMap::new()).unwrap().octets_of(0, 999);
            assert!(String::from_utf8_lossy(&sent).contains(head), "{opening}");
        }
    }

    #[test]
    fn fragments_follow_the_size_and_may_end_empty() {
        let frames = |steps: String| unmasked(&planned(&steps, &server()), 2);
        let sizes = |steps: String| frames(steps).iter().map(|(bits, data)| (*bits, data.len())).collect::<Vec<_>>();
        let step = |extra: &str| format!(r#"[{{"send": [{{"text": "abcdef", "fragment": {extra}}}]}}]"#);
        assert_eq!(sizes(step("4")), [(0x01, 4), (0x80, 2)]);
        assert_eq!(sizes(step("3")), [(0x01, 3), (0x80, 3)]);
        assert_eq!(sizes(step(r#"3, "empty_last": true"#)), [(0x01, 3), (0x00, 3), (0x80, 0)]);
        assert_eq!(sizes(step(r#"6, "empty_last": true"#)), [(0x81, 6)]);
        assert_eq!(frames(step("4"))[1].1, b"ef");
    }

    #[test]
    fn a_message_is_known_as_a_whole_and_not_behind_a_violation() {
        let steps = r#"[{"send": [{"text": "ab", "fin": false}, {"ping": "p"}, {"cont": "cd"}]},
                        {"send": [{"text": "x", "rsv": 1, "violates": true}, {"text": "y"}, {"ping": ""}]}]"#;
        let plan = planned(steps, &server());
        assert_eq!(plan.messages.len(), 1);
        assert_eq!(plan.payload(plan.messages[0].payload).to_vec(), b"abcd");
        assert_eq!(plan.violation.map(|(op, _)| op), Some(3));
        let stages: Vec<Stage> = plan.pings.iter().map(|ping| ping.stage).collect();
        assert_eq!(stages, [Stage::Before, Stage::After]);
    }

    #[test]
    fn masking_follows_the_role() {
        let masked = |role, masking: &str| {
            let steps = format!(r#"[{{"send": [{{"text": "a", "masking": {masking}}}]}}]"#);
            let plan = planned(&steps, &Target { role, ..server() });
            FrameHeader::parse(&plan.octets_of(2, 99)).unwrap().0.mask.is_some()
        };
        assert!(masked(Role::Server, "\"as_role\"") && !masked(Role::Client, "\"as_role\""));
        assert!(!masked(Role::Server, "\"wrong\"") && masked(Role::Client, "\"wrong\""));
    }

    #[test]
    fn without_an_echo_a_ping_proves_that_the_message_was_taken() {
        let steps = r#"[{"send": [{"text": "a"}]}, {"await": "echo"}]"#;
        let plan = planned(steps, &Target { echo: false, ..server() });
        assert!(matches!(plan.ops.last(), Some(Op::Await(Wait { what: WaitFor::Pong(_), barrier: true, .. }))));
        assert_eq!(plan.pings.len(), 1);
    }

    #[test]
    fn a_cut_counts_from_the_payload() {
        let steps = r#"[{"send": {"frames": [{"text": "abcdef"}], "cut_payload_at": [2, 4], "pause_ms": 5}}]"#;
        let Op::Send(send) = &planned(steps, &server()).ops[2] else { panic!("no send") };
        assert_eq!(send.writes, Writes::At(vec![8, 10], Duration::from_millis(5)));
    }
}
