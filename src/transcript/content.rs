//! The payload of a received frame or message, possibly known only by reference.

use super::{Payload, Payloads, Span};
use crate::wire::{MaskKey, Utf8Stream};
use sha1::{Digest, Sha1};

/// Unmasked payload as a list of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    spans: Vec<Span>,
    len: u64,
}

impl Content {
    /// Appends a span of the wire, whose first octet lies under `mask`.
    pub fn push(&mut self, span: &Span, mask: Option<MaskKey>) {
        self.len += span.len();
        match (self.spans.last_mut(), span) {
            (_, span) if span.is_empty() => {}
            (Some(Span::Octets(octets)), Span::Octets(more)) => {
                let start = octets.len();
                octets.extend_from_slice(more);
                if let Some(mask) = mask {
                    mask.apply(&mut octets[start..]);
                }
            }
            (_, Span::Octets(octets)) => {
                let mut octets = octets.clone();
                if let Some(mask) = mask {
                    mask.apply(&mut octets);
                }
                self.spans.push(Span::Octets(octets));
            }
            (Some(Span::Echo { payload, from, len, .. }), Span::Echo { payload: next, from: start, len: more, .. })
                if payload == next && *from + *len == *start =>
            {
                *len += more
            }
            (_, Span::Echo { payload, from, len, .. }) => {
                self.spans.push(Span::Echo { payload: *payload, from: *from, len: *len, mask: None });
            }
            (_, opaque) => self.spans.push(opaque.clone()),
        }
    }

    /// Appends another content.
    pub fn append(&mut self, other: &Content) {
        for span in &other.spans {
            self.push(span, None);
        }
    }

    /// These octets.
    pub fn octets(octets: Vec<u8>) -> Content {
        Content { len: octets.len() as u64, spans: vec![Span::Octets(octets)] }
    }

    /// A whole payload of the plan.
    pub fn payload(index: u32, payloads: &Payloads) -> Content {
        let len = payloads.get(index).len();
        Content { len, spans: vec![Span::Echo { payload: index, from: 0, len, mask: None }] }
    }

    /// The payload of the plan that all of this comes to, where it is kept as compressed octets by reference.
    pub(super) fn deflated(&self) -> Option<u32> {
        let index = |span: &Span| match span {
            Span::Deflated { payload, .. } => Some(*payload),
            _ => None,
        };
        let first = index(self.spans.first()?)?;
        self.spans.iter().all(|span| index(span) == Some(first)).then_some(first)
    }

    /// All octets, where they were kept as such.
    pub(super) fn kept(&self) -> Vec<u8> {
        let octets = |span: &Span| match span {
            Span::Octets(octets) => octets.clone(),
            _ => Vec::new(),
        };
        match self.spans.as_slice() {
            [Span::Octets(octets)] => octets.clone(),
            spans => spans.iter().flat_map(octets).collect(),
        }
    }

    /// The length in octets.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no octet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the octets are those of `payload`; of octets that were not kept the digest tells.
    pub fn is(&self, payload: &Payload, payloads: &Payloads) -> bool {
        self.len == payload.len() && self.first_difference(payload, payloads).is_none()
    }

    /// Where the octets first differ from those of `payload`, within their common length.
    pub fn first_difference(&self, payload: &Payload, payloads: &Payloads) -> Option<u64> {
        let mut at = 0;
        for span in &self.spans {
            let room = payload.len().saturating_sub(at);
            if room == 0 {
                return None;
            }
            match span {
                Span::Octets(octets) => {
                    let common = payload.common(at, octets) as u64;
                    if common < room.min(octets.len() as u64) {
                        return Some(at + common);
                    }
                }
                Span::Echo { payload: index, from, len, .. } => {
                    let theirs = payloads.get(*index);
                    let mut differs = None;
                    let mut done = at;
                    if !(*from == at && theirs.len() == payload.len() && theirs.same(payload)) {
                        theirs.visit(*from, (*len).min(room), |part| {
                            let common = payload.common(done, part) as u64;
                            if common < part.len() as u64 && differs.is_none() {
                                differs = Some(done + common);
                            }
                            done += part.len() as u64;
                        });
                    }
                    if differs.is_some() {
                        return differs;
                    }
                }
                // only ever a part of a message that is not read yet
                Span::Deflated { .. } => return Some(at),
                Span::Opaque { len, sha1 } => {
                    if *len > room || digest(payload, at, *len) != *sha1 {
                        return Some(at);
                    }
                }
            }
            at += span.len();
        }
        None
    }

    /// Where the octets stop being UTF-8; octets that were not kept are not held against them.
    pub fn invalid_utf8_at(&self, payloads: &Payloads, complete: bool) -> Option<u64> {
        if let [Span::Echo { payload, from: 0, len, .. }] = self.spans.as_slice() {
            let whole = payloads.get(*payload);
            if *len == whole.len() && whole.is_utf8() {
                return None;
            }
        }
        let mut stream = Utf8Stream::default();
        for span in &self.spans {
            match span {
                Span::Octets(octets) => stream.push(octets),
                Span::Echo { payload, from, len, .. } => {
                    payloads.get(*payload).visit(*from, *len, |part| stream.push(part))
                }
                Span::Deflated { .. } | Span::Opaque { .. } => return stream.invalid_at(),
            }
        }
        if complete { stream.finish() } else { stream.invalid_at() }
    }

    /// The first `most` octets, as far as they are known.
    pub fn head(&self, payloads: &Payloads, most: usize) -> Vec<u8> {
        let mut head = Vec::new();
        for span in &self.spans {
            let room = most - head.len();
            match span {
                Span::Octets(octets) => head.extend_from_slice(&octets[..octets.len().min(room)]),
                Span::Echo { payload, from, len, .. } => {
                    payloads.get(*payload).visit(*from, (*len).min(room as u64), |part| head.extend_from_slice(part));
                }
                Span::Deflated { .. } | Span::Opaque { .. } => break,
            }
        }
        head
    }

    /// The octets, when all of them are known and they are at most `most`.
    pub fn known(&self, payloads: &Payloads, most: u64) -> Option<Vec<u8>> {
        let head = (self.len <= most).then(|| self.head(payloads, most as usize))?;
        (head.len() as u64 == self.len).then_some(head)
    }
}

fn digest(payload: &Payload, from: u64, len: u64) -> String {
    let mut digest = Sha1::new();
    payload.visit(from, len, |part| digest.update(part));
    digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}
