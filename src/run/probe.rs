//! Finds out what a target is before any case runs: whether it answers at all, echoes, takes binary, answers pings.

use crate::case::{Case, Role, Step};
use crate::drive::{Endpoint, Recording};
use crate::engine::{DeadlineKind, Deadlines};
use crate::judge::Conversation;
use crate::plan::{Barrier, Plan, Target, plan};
use crate::transcript::{Ending, Event, Side, Timeline};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

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
    #[error("the target did not open a WebSocket connection: {0}")]
    NoWebSocket(String),
}

fn probe_plan(target: &Target, seed: u64, steps: &str) -> Arc<Plan> {
    let steps: Vec<Step> = serde_json::from_str(steps).expect("the steps of the probe are well-formed");
    let case = Case {
        id: "probe".to_owned(),
        group: String::new(),
        title: String::new(),
        why: Vec::new(),
        autobahn: Vec::new(),
        roles: vec![Role::Server],
        needs: Vec::new(),
        tags: Vec::new(),
        opening: Default::default(),
        delivery: Default::default(),
        steps,
        checks: Vec::new(),
    };
    Arc::new(plan(&case, target, seed, &BTreeMap::new()).expect("the probe needs no data file"))
}

/// Whether a new connection to the target works: it opens, and goes on behind a ping.
pub async fn serves(endpoint: &Endpoint, target: &Target, seed: u64, deadlines: &Deadlines) -> bool {
    let plan = probe_plan(target, seed, r#"["barrier", {"close": 1000}]"#);
    let seen = talk(endpoint, plan, deadlines).await;
    seen.established && (seen.ponged || seen.echoed > 0)
}

/// What one conversation of the probe showed.
struct Seen {
    established: bool,
    status: Option<u16>,
    software: Option<String>,
    echoed: usize,
    ponged: bool,
    close_code: Option<u16>,
    ending: Option<Ending>,
    waits: Vec<(DeadlineKind, Duration)>,
}

async fn talk(endpoint: &Endpoint, plan: Arc<Plan>, deadlines: &Deadlines) -> Seen {
    let Recording { transcript, waits, .. } = endpoint.converse(Arc::clone(&plan), deadlines.clone()).await;
    let timeline = Timeline::new(&transcript, Side::Server, plan.requests.clone(), &plan.payloads);
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
    let ponged = plan
        .pings
        .iter()
        .any(|ping| conversation.pongs.iter().any(|pong| pong.is(plan.payload(ping.payload), &plan.payloads)));
    let software = timeline.received().find_map(|(_, event)| match event {
        Event::Head(head, _) => head.values("server").next().map(|value| String::from_utf8_lossy(value).into_owned()),
        _ => None,
    });
    Seen {
        established: conversation.established,
        status: conversation.status,
        software,
        echoed,
        ponged,
        close_code: conversation.close_code(),
        ending: conversation.ending().cloned(),
        waits,
    }
}

impl Seen {
    fn check(&self) -> Result<(), ProbeError> {
        match &self.ending {
            Some(Ending::NoConnection(reason)) => {
                return Err(ProbeError::Unreachable(reason.clone()));
            }
            _ if self.established => return Ok(()),
            _ => {}
        }
        Err(ProbeError::NoWebSocket(match (&self.status, &self.ending) {
            (Some(status), _) => {
                format!("it answered the opening handshake with status {status}")
            }
            (None, Some(Ending::Eof | Ending::Reset)) => {
                "it closed before it answered the opening handshake".to_owned()
            }
            (None, Some(Ending::Overflow)) => "it sent a head without end".to_owned(),
            (None, Some(Ending::Broken(reason))) => reason.clone(),
            _ => "it did not answer the opening handshake in time, or not with an HTTP response".to_owned(),
        }))
    }
}

/// Probes a target. `echo` is what the user says about it.
pub async fn probe(
    endpoint: &Endpoint,
    mut target: Target,
    echo: Option<bool>,
    seed: u64,
    scale: f64,
) -> Result<Probe, ProbeError> {
    let mut deadlines = Deadlines::scaled(scale);
    if echo.is_none() {
        // a target that does not echo is conforming, and should not be made to look slow
        deadlines.shorten(DeadlineKind::Echo, Duration::from_secs_f64(1.5 * scale));
    }
    target.echo = true;
    let steps = r#"[{"send": [{"ping": "wsspec probe"}, {"text": "wsspec probe"}]}, {"await": "pong"}, {"await": "echo"},
                    {"send": [{"binary": "wsspec probe"}]}, {"await": "echo"}, {"close": 1000}]"#;
    let mut slowest = Duration::ZERO;
    let mut software = None;
    target.barrier = Barrier::Ping;
    if echo != Some(false) {
        let seen = talk(endpoint, probe_plan(&target, seed, steps), &deadlines).await;
        seen.check()?;
        slowest = seen.waits.iter().map(|(_, took)| *took).max().unwrap_or_default();
        software = seen.software;
        target.echo = echo.unwrap_or(seen.echoed > 0);
        target.binary = !(target.echo && seen.echoed == 1 && seen.close_code == Some(1003));
        if seen.ponged {
            return Ok(Probe { target, software, slowest });
        }
        // pings go unanswered; whether messages come back is asked without one
        let steps = r#"[{"send": [{"text": "wsspec probe"}]}, {"await": "echo"}]"#;
        target.echo = true;
        let again = talk(endpoint, probe_plan(&target, seed, steps), &deadlines).await;
        target.echo = echo.unwrap_or(again.echoed > 0);
        target.barrier = if again.echoed > 0 { Barrier::Echo } else { Barrier::Ping };
        return Ok(Probe { target, software, slowest });
    }
    target.echo = false;
    let seen = talk(endpoint, probe_plan(&target, seed, r#"["barrier", {"close": 1000}]"#), &deadlines).await;
    seen.check()?;
    slowest = seen.waits.iter().map(|(_, took)| *took).max().unwrap_or(slowest);
    software = seen.software.or(software);
    Ok(Probe { target, software, slowest })
}
