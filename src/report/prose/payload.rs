//! Payloads in words.

use super::listed;
use crate::case::PayloadSpec;
use crate::case::payload::{Hex, Made};
use crate::report::view::octets::{count, preview, text_or_digits};

const SHOWN: usize = 40;

/// What a payload is, as in `65536 octets that repeat "*"`; `None` when it is empty.
pub(super) fn told(spec: &PayloadSpec) -> Option<String> {
    if len(spec) == Some(0) {
        return None;
    }
    Some(match spec {
        PayloadSpec::Text(text) => preview(text.as_bytes(), text.len() as u64, SHOWN),
        PayloadSpec::Made(Made::Hex(Hex(octets))) => preview(octets, octets.len() as u64, SHOWN),
        PayloadSpec::Made(Made::Repeat { unit, to }) => {
            format!("{} that repeat {}", count(*to), bare(unit))
        }
        PayloadSpec::Made(Made::Random(len)) => format!("{} drawn from the seed", count(*len)),
        PayloadSpec::Made(Made::RandomText(len)) => format!("{} of printable text drawn from the seed", count(*len)),
        PayloadSpec::Made(Made::RandomFrames(len)) => {
            format!("{} that look like frames, drawn from the seed", count(*len))
        }
        PayloadSpec::Made(Made::Names(len)) => format!("{} of names that all differ", count(*len)),
        PayloadSpec::Made(Made::File(name)) => format!("the octets of the file data/{name}"),
        PayloadSpec::Made(Made::Concat(parts)) => {
            let parts: Vec<String> = parts.iter().filter_map(told).collect();
            listed(&parts, "and then")
        }
    })
}

/// A unit without its length, which nobody asks for.
fn bare(unit: &PayloadSpec) -> String {
    let octets = match unit {
        PayloadSpec::Text(text) => text.as_bytes(),
        PayloadSpec::Made(Made::Hex(Hex(octets))) => octets,
        unit => return told(unit).unwrap_or_default(),
    };
    text_or_digits(octets, octets.len() as u64, SHOWN).unwrap_or_default()
}

/// The length, where it does not depend on a file.
pub(super) fn len(spec: &PayloadSpec) -> Option<u64> {
    match spec {
        PayloadSpec::Text(text) => Some(text.len() as u64),
        PayloadSpec::Made(Made::Hex(Hex(octets))) => Some(octets.len() as u64),
        PayloadSpec::Made(Made::Repeat { unit, to }) => match len(unit) {
            Some(0) => Some(0),
            _ => Some(*to),
        },
        PayloadSpec::Made(Made::Random(len) | Made::RandomText(len) | Made::RandomFrames(len) | Made::Names(len)) => {
            Some(*len)
        }
        PayloadSpec::Made(Made::File(_)) => None,
        PayloadSpec::Made(Made::Concat(parts)) => parts.iter().map(len).sum(),
    }
}
