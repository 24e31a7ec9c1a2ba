//! Finds out what a target is before any case runs: whether it answers at all, echoes, takes text and binary, answers pings.

use super::refusal::Refusal;
use crate::case::deflate::DeflateOpening;
use crate::case::{Case, Opening, PayloadSpec, Role, Step};
use crate::drive::{Endpoint, Recording};
use crate::engine::{DeadlineKind, Deadlines};
use crate::judge::conversation::{Conversation, Received};
use crate::plan::{Barrier, Plan, Target, plan};
use crate::transcript::{Ending, Event, Timeline};
use crate::wire::Head;
use crate::wire::extension::{Agreement, offers};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How many octets of an answer are looked at.
const HEARD: usize = 64;

/// What the probe found.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The target, completed.
    pub target: Target,
    /// The value of the Server field.
    pub software: Option<String>,
    /// How long the slowest answer took.
    pub slowest: Duration,
}

/// Why nothing can be tested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// No connection came about.
    #[error("no connection to the target: {0}")]
    Unreachable(String),
    /// The target does not open a WebSocket connection.
    #[error("the target opened no WebSocket connection: it {0}")]
    NoWebSocket(String),
}

fn probe_case(steps: &str) -> Case {
    let steps: Vec<Step> = serde_json::from_str(steps).expect("the steps of the probe are well-formed");
    // a key without + and /: who goes wrong at those is told so by the cases, and not turned away here
    let opening = Opening { nonce: Some(PayloadSpec::Text("wsspec probe key".to_owned())), ..Opening::default() };
    Case { opening, ..Case::bare("probe", steps) }
}

fn planned(case: &Case, target: &Target, seed: u64) -> Arc<Plan> {
    Arc::new(plan(case, target, seed, &BTreeMap::new()).expect("the probe needs no data file"))
}

fn probe_plan(target: &Target, seed: u64, steps: &str) -> Arc<Plan> {
    planned(&probe_case(steps), target, seed)
}

/// How long a connection that only looks whether the target serves is given to be closed in good order.
const LEAVES: Duration = Duration::from_millis(250);

/// Whether a new connection to the target works: it opens, and goes on behind a ping.
pub async fn serves(endpoint: &Endpoint, target: &Target, seed: u64, deadlines: &Deadlines) -> bool {
    let plan = probe_plan(target, seed, r#"["barrier", {"close": 1000}]"#);
    let mut deadlines = deadlines.clone();
    // how it closes is of no interest here
    for kind in [DeadlineKind::Close, DeadlineKind::EndAfterClose] {
        deadlines.shorten(kind, LEAVES);
    }
    let seen = talk(endpoint, target, plan, &deadlines).await;
    seen.established && (seen.ponged || seen.echoed > 0)
}

/// The field with which a target names itself.
fn name_field(role: Role) -> &'static str {
    match role {
        Role::Server => "server",
        Role::Client => "user-agent",
    }
}

/// What one conversation of the probe showed.
struct Seen {
    established: bool,
    head: Option<Head>,
    heard: Vec<u8>,
    software: Option<String>,
    echoed: usize,
    /// Whether something came back that can only be meant as an echo, be it a wrong one.
    echoes: bool,
    ponged: bool,
    close_code: Option<u16>,
    ending: Option<Ending>,
    waits: Vec<(DeadlineKind, Duration)>,
}

async fn talk(endpoint: &Endpoint, target: &Target, plan: Arc<Plan>, deadlines: &Deadlines) -> Seen {
    let Recording { mut transcript, waits, .. } = endpoint.converse(Arc::clone(&plan), deadlines.clone()).await;
    target.redaction.transcript(&mut transcript, plan.role.into(), &plan.payloads);
    let timeline = Timeline::new(&transcript, plan.decoder(), &plan.payloads);
    let conversation = Conversation::new(&plan, &timeline);
    let mut expected = plan.messages.iter().peekable();
    let echoed = conversation
        .messages
        .iter()
        .filter(|received| {
            expected
                .next_if(|sent| {
                    sent.opcode == received.opcode && received.content.is(plan.payload(sent.payload), &plan.payloads)
                })
                .is_some()
        })
        .count();
    let resembles = |received: &Received<'_>| {
        plan.messages.iter().any(|sent| received.content.is(plan.payload(sent.payload), &plan.payloads))
    };
    // a frame that does not end its message never becomes one; its length gives it away
    let lengths: Vec<u64> = plan.messages.iter().map(|sent| plan.payload(sent.payload).len()).collect();
    let has_such_frame = timeline.received().any(|(_, event)| match event {
        Event::Frame(header) => !header.opcode.is_control() && lengths.contains(&header.length),
        _ => false,
    });
    let ponged = plan
        .pings
        .iter()
        .any(|ping| conversation.pongs.iter().any(|pong| pong.is(plan.payload(ping.payload), &plan.payloads)));
    let head = timeline.received().find_map(|(_, event)| match event {
        Event::Head(head, _) => Some(head.clone()),
        _ => None,
    });
    let software = head.as_ref().and_then(|head| head.values(name_field(plan.role)).next());
    let software = software.map(|value| String::from_utf8_lossy(value).into_owned());
    Seen {
        established: conversation.established,
        head,
        heard: transcript.first_octets(HEARD),
        software,
        echoed,
        echoes: has_such_frame || conversation.messages.iter().any(resembles),
        ponged,
        close_code: conversation.close_code(),
        ending: conversation.ending().cloned(),
        waits,
    }
}

impl Seen {
    fn check(&self, target: &Target, deadlines: &Deadlines) -> Result<(), ProbeError> {
        match &self.ending {
            Some(Ending::NoConnection(reason)) => Err(ProbeError::Unreachable(reason.clone())),
            _ if self.established => Ok(()),
            _ if target.role == Role::Client => {
                Err(ProbeError::NoWebSocket("connected, and sent no opening handshake".to_owned()))
            }
            ending => {
                let refusal = Refusal {
                    heard: &self.heard,
                    head: self.head.as_ref(),
                    ending: ending.as_ref(),
                    resource: &target.redaction.request_target(&target.resource),
                    limit: deadlines.of(DeadlineKind::Handshake),
                };
                Err(ProbeError::NoWebSocket(refusal.reason()))
            }
        }
    }
}

/// Whether the target speaks permessage-deflate: a client offers it, and a server accepts an offer. Also with which
/// status a server refused the handshake that had the offer.
async fn speaks_deflate(
    endpoint: &Endpoint,
    target: &Target,
    head: Option<&Head>,
    seed: u64,
    deadlines: &Deadlines,
) -> (bool, Option<u16>) {
    if target.role == Role::Client {
        return (head.is_some_and(|request| !offers(request).is_empty()), None);
    }
    let mut case = probe_case(r#"[{"close": 1000}]"#);
    case.opening.deflate = Some(DeflateOpening::default());
    let seen = talk(endpoint, target, planned(&case, target, seed), deadlines).await;
    let Some(response) = seen.head else { return (false, None) };
    (Agreement::in_response(&response).is_some(), response.status().filter(|_| !seen.established))
}

/// Whether text was answered by the Close of an application that has no use for such data.
fn refuses_text(seen: &Seen) -> bool {
    seen.echoed == 0 && seen.close_code == Some(1003)
}

/// Asks in binary what was asked in text.
async fn ask_in_binary(endpoint: &Endpoint, target: &Target, seed: u64, deadlines: &Deadlines) -> Seen {
    let steps = r#"[{"send": [{"ping": "wsspec probe"}, {"binary": "wsspec: does this come back?"}]},
                    {"await": "pong"}, {"await": "echo"}, {"close": 1000}]"#;
    talk(endpoint, target, probe_plan(&Target { echo: true, ..target.clone() }, seed, steps), deadlines).await
}

/// Probes a target. `echo` is what the user says about it.
pub async fn probe(
    endpoint: &Endpoint,
    target: Target,
    echo: Option<bool>,
    seed: u64,
    scale: f64,
) -> Result<Probe, ProbeError> {
    let (mut probe, head) = converse(endpoint, target, echo, seed, scale).await?;
    if probe.target.known.deflate.is_none() {
        let deadlines = Deadlines::scaled(scale);
        let (deflate, refused_with) = speaks_deflate(endpoint, &probe.target, head.as_ref(), seed, &deadlines).await;
        probe.target.known.deflate = Some(deflate);
        probe.target.known.offer_refused_with = refused_with;
    }
    Ok(probe)
}

/// Finds out how the target converses; tells its first head, too.
async fn converse(
    endpoint: &Endpoint,
    mut target: Target,
    echo: Option<bool>,
    seed: u64,
    scale: f64,
) -> Result<(Probe, Option<Head>), ProbeError> {
    let mut deadlines = Deadlines::scaled(scale);
    if echo.is_none() {
        // a target that does not echo is conforming, and should not be made to look slow
        deadlines.shorten(DeadlineKind::Echo, Duration::from_secs_f64(1.5 * scale));
    }
    target.echo = true;
    // of a length that nobody sends by chance
    let steps = r#"[{"send": [{"ping": "wsspec probe"}, {"text": "wsspec: does this come back?"}]},
                    {"await": "pong"}, {"await": "echo"},
                    {"send": [{"binary": "wsspec: does this come back?"}]}, {"await": "echo"}, {"close": 1000}]"#;
    let mut slowest = Duration::ZERO;
    let mut software = None;
    target.barrier = Barrier::Ping;
    if echo != Some(false) {
        let seen = talk(endpoint, &target, probe_plan(&target, seed, steps), &deadlines).await;
        seen.check(&target, &deadlines)?;
        slowest = seen.waits.iter().map(|(_, took)| *took).max().unwrap_or_default();
        software = seen.software.clone();
        target.echo = echo.unwrap_or(seen.echoes);
        target.binary = !(target.echo && seen.echoed == 1 && seen.close_code == Some(1003));
        if refuses_text(&seen) {
            target.text = false;
            let binary = ask_in_binary(endpoint, &target, seed, &deadlines).await;
            target.echo = echo.unwrap_or(binary.echoes);
            target.binary = binary.close_code != Some(1003);
            if !seen.ponged && !binary.ponged && binary.echoed > 0 {
                target.barrier = Barrier::Echo;
            }
            return Ok((Probe { target, software, slowest }, seen.head));
        }
        if seen.ponged {
            return Ok((Probe { target, software, slowest }, seen.head));
        }
        // pings go unanswered; whether messages come back is asked without one
        let steps = r#"[{"send": [{"text": "wsspec: does this come back?"}]}, {"await": "echo"}]"#;
        target.echo = true;
        let again = talk(endpoint, &target, probe_plan(&target, seed, steps), &deadlines).await;
        target.echo = echo.unwrap_or(again.echoes);
        target.barrier = if again.echoed > 0 { Barrier::Echo } else { Barrier::Ping };
        return Ok((Probe { target, software, slowest }, seen.head));
    }
    target.echo = false;
    let seen = talk(endpoint, &target, probe_plan(&target, seed, r#"["barrier", {"close": 1000}]"#), &deadlines).await;
    seen.check(&target, &deadlines)?;
    slowest = seen.waits.iter().map(|(_, took)| *took).max().unwrap_or(slowest);
    software = seen.software.or(software);
    let steps = r#"[{"send": [{"text": "wsspec: is this taken?"}]}, "barrier", {"close": 1000}]"#;
    target.text = !refuses_text(&talk(endpoint, &target, probe_plan(&target, seed, steps), &deadlines).await);
    Ok((Probe { target, software, slowest }, seen.head))
}
