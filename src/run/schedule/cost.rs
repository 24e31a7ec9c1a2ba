//! How long a case will take: long cases begin first, and few that keep the target busy run beside each other.

use crate::case::step::Cut;
use crate::case::{Case, Crowd, FrameSpec, Kind, Opening, Step};

/// A case that costs this much counts as bulk.
const BULK: u64 = 1024 * 1024;
/// What a round trip costs beside its octets.
const ROUND_TRIP: u64 = 16 * 1024;
/// What a millisecond of silence costs: it passes beside other cases if it begins before they are over.
const MILLISECOND: u64 = 16 * 1024;

/// How long a case takes, in octets that could be sent meanwhile.
pub(super) fn cost(case: &Case) -> u64 {
    work(case, ROUND_TRIP) + silence_ms(case) * MILLISECOND
}

/// Whether a case takes so much that its waits say nothing about others.
pub fn is_bulk(case: &Case) -> bool {
    work(case, ROUND_TRIP) >= BULK
}

/// Whether a case sends so much that few of its kind may run beside each other. Round trips alone are no load: who
/// makes many of them mostly waits, and the longer the slower the target is.
pub(super) fn is_heavy(case: &Case) -> bool {
    work(case, 0) >= BULK
}

/// How much a case makes the target do, in octets, when a round trip counts as much as so many.
fn work(case: &Case, round_trip: u64) -> u64 {
    let of_steps = |steps: &[Step]| steps.iter().map(|step| of_step(step, round_trip)).sum::<u64>();
    let of_crowd =
        case.crowd.as_ref().map_or(0, |crowd| u64::from(crowd.connections) * (ROUND_TRIP + of_steps(&crowd.steps)));
    of_steps(&case.steps) + of_crowd
}

/// How long the case itself waits, whatever the target does.
fn silence_ms(case: &Case) -> u64 {
    let in_step = |step: &Step| match step {
        Step::LingerMs(ms) | Step::LingerPatiently { usual_ms: ms, .. } => *ms,
        Step::Request(opening) => in_opening(opening),
        Step::Send(send) => match &send.cut {
            Cut::Payload { at, pause_ms } => at.len() as u64 * pause_ms,
            _ => 0,
        },
        _ => 0,
    };
    let in_crowd = |crowd: &Crowd| in_opening(&crowd.opening) + crowd.steps.iter().map(in_step).sum::<u64>();
    in_opening(&case.opening) + case.steps.iter().map(in_step).sum::<u64>() + case.crowd.as_ref().map_or(0, in_crowd)
}

fn in_opening(opening: &Opening) -> u64 {
    opening.cut_at.len() as u64 * opening.pause_ms.unwrap_or(0)
}

fn of_step(step: &Step, round_trip: u64) -> u64 {
    match step {
        Step::Send(send) => send.frames.iter().map(of_frame).sum(),
        Step::Exchange { message, times, .. } => u64::from(*times) * (of_frame(message) + round_trip),
        _ => 0,
    }
}

fn of_frame(spec: &FrameSpec) -> u64 {
    match &spec.kind {
        Kind::Text(payload) | Kind::Binary(payload) | Kind::Continuation(payload) | Kind::Raw(payload) => payload.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(opening: &str, steps: &str) -> Case {
        let text = format!(
            r#"{{"id": "x", "group": "x", "title": "x", "why": [], "autobahn": [], "roles": ["server"], "needs": [], "tags": [],
                "opening": {opening}, "delivery": "plain", "steps": {steps}, "checks": []}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn silences_begin_early_and_are_no_bulk() {
        let large = case("{}", r#"[{"send": [{"text": {"repeat": {"unit": "*", "to": 2097152}}}]}]"#);
        let small = case("{}", r#"[{"send": [{"text": "Hello"}]}]"#);
        assert!(is_bulk(&large) && is_heavy(&large) && cost(&large) > cost(&small));
        let round_trips = case("{}", r#"[{"exchange": {"message": {"text": "Hello"}, "times": 1000}}]"#);
        assert!(is_bulk(&round_trips) && !is_heavy(&round_trips));
        for silent in [
            case("{}", r#"[{"linger_ms": 1000}]"#),
            case("{}", r#"[{"linger_patiently": {"usual_ms": 1000, "patient_ms": 60000}}]"#),
            case("{}", r#"[{"request": {"cut_at": [1, 2], "pause_ms": 500}}]"#),
            case("{}", r#"[{"send": {"frames": [{"text": "Hello"}], "cut_payload_at": [1, 2], "pause_ms": 500}}]"#),
            case(r#"{"cut_at": [1, 2], "pause_ms": 500}"#, "[]"),
        ] {
            assert!(!is_bulk(&silent) && cost(&silent) > cost(&large), "{silent:?}");
        }
    }
}
