//! How long a case will keep a target busy: long cases begin first, and few of them run beside each other.

use crate::case::payload::{Hex, Made};
use crate::case::{Case, FrameSpec, Kind, PayloadSpec, Step};

/// A case that costs this much counts as bulk.
const BULK: u64 = 1024 * 1024;
/// What a round trip costs beside its octets.
const ROUND_TRIP: u64 = 16 * 1024;

/// How much a case makes the target do, in octets.
pub(super) fn cost(case: &Case) -> u64 {
    case.steps.iter().map(of_step).sum()
}

/// Whether a case sends so much that its waits say nothing about others.
pub(super) fn is_bulk(case: &Case) -> bool {
    cost(case) >= BULK
}

fn of_step(step: &Step) -> u64 {
    match step {
        Step::Send(send) => send.frames.iter().map(of_frame).sum(),
        Step::Exchange { message, times } => u64::from(*times) * (of_frame(message) + ROUND_TRIP),
        _ => 0,
    }
}

fn of_frame(spec: &FrameSpec) -> u64 {
    match &spec.kind {
        Kind::Text(payload) | Kind::Binary(payload) | Kind::Continuation(payload) | Kind::Raw(payload) => size(payload),
        _ => 0,
    }
}

fn size(payload: &PayloadSpec) -> u64 {
    match payload {
        PayloadSpec::Text(text) => text.len() as u64,
        PayloadSpec::Made(Made::Hex(Hex(octets))) => octets.len() as u64,
        PayloadSpec::Made(Made::Repeat { to, .. } | Made::Random(to) | Made::RandomText(to)) => *to,
        PayloadSpec::Made(Made::File(_)) => 0,
        PayloadSpec::Made(Made::Concat(parts)) => parts.iter().map(size).sum(),
    }
}
