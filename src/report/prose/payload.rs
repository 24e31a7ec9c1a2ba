//! Payloads in words.

use super::listed;
use crate::case::PayloadSpec;
use crate::case::deflate::{BlockContent, BlockSpec, TokenSpec};
use crate::case::payload::{Hex, Made, Sample};
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
        PayloadSpec::Made(Made::Blocks(specs)) => {
            let parts: Vec<String> = specs.iter().map(block).collect();
            format!("a DEFLATE stream of {}", listed(&parts, "and then"))
        }
        PayloadSpec::Made(Made::Deflated(whole)) => {
            format!("what compressing comes to of {}", told(whole).unwrap_or_else(|| "nothing".to_owned()))
        }
        PayloadSpec::Made(Made::Sample { kind, len }) => format!("{} of {}", count(*len), resembled(*kind)),
        PayloadSpec::Made(Made::Slide { over, len }) => {
            let over = told(over).unwrap_or_else(|| "nothing".to_owned());
            format!("the next {} of {over}", count(*len))
        }
    })
}

fn resembled(kind: Sample) -> &'static str {
    match kind {
        Sample::Json => "JSON",
        Sample::Html => "HTML",
        Sample::Prose => "prose in several scripts",
        Sample::Bitmap => "a picture without compression",
        Sample::Compressed => "a compressed picture",
    }
}

fn block(spec: &BlockSpec) -> String {
    let last = if spec.last { "final " } else { "" };
    let (kind, tokens) = match &spec.content {
        BlockContent::Stored(octets) => {
            let octets = told(octets).unwrap_or_else(|| "nothing".to_owned());
            return format!("a {last}stored block with {octets}");
        }
        BlockContent::Fixed(tokens) => ("with the fixed code", tokens),
        BlockContent::Dynamic(tokens) => ("with a code of its own", tokens),
    };
    let tokens: Vec<String> = tokens
        .iter()
        .map(|token| match token {
            TokenSpec::Copy { copy: (length, distance) } => format!("{length} octets from {distance} back"),
            TokenSpec::Literals(octets) => told(octets).unwrap_or_else(|| "nothing".to_owned()),
        })
        .collect();
    let held = if tokens.is_empty() { "nothing".to_owned() } else { listed(&tokens, "and") };
    format!("a {last}block {kind} that holds {held}")
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
        PayloadSpec::Made(Made::Sample { len, .. } | Made::Slide { len, .. }) => Some(*len),
        PayloadSpec::Made(Made::File(_) | Made::Blocks(_) | Made::Deflated(_)) => None,
        PayloadSpec::Made(Made::Concat(parts)) => parts.iter().map(len).sum(),
    }
}
