//! The octets of one direction as one long stream that is never held: read by range, wherever its parts come from.

use crate::plan::{Op, Piece, Plan};
use crate::transcript::{Entry, Payloads, Span, Transcript};

/// A part of a stream.
enum Part<'a> {
    Sent(&'a Piece),
    Received(&'a Span),
}

impl Part<'_> {
    fn len(&self) -> u64 {
        match self {
            Part::Sent(piece) => piece.len(),
            Part::Received(span) => span.len(),
        }
    }
}

/// A stream of octets.
pub(in crate::report) struct Wire<'a> {
    /// The parts, each with the offset behind its last octet.
    parts: Vec<(u64, Part<'a>)>,
    payloads: &'a Payloads,
}

/// Octets that stand where other ones were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Altered {
    /// The offset in the range that was looked at.
    pub at: u64,
    /// What came, unmasked.
    pub came: Vec<u8>,
    /// What was sent.
    pub sent: Vec<u8>,
    /// How many octets are altered in this place.
    pub len: u64,
}

impl<'a> Wire<'a> {
    /// What an op of the plan sends.
    pub fn of_op(plan: &'a Plan, op: u32) -> Wire<'a> {
        match plan.ops.get(op as usize) {
            Some(Op::Send(send)) => Wire::of(send.pieces.iter().map(Part::Sent), &plan.payloads),
            _ => Wire::of(std::iter::empty(), &plan.payloads),
        }
    }

    /// What the target sent.
    pub fn received(transcript: &'a Transcript, payloads: &'a Payloads) -> Wire<'a> {
        let spans = transcript.0.iter().flat_map(|timed| match &timed.entry {
            Entry::Received(spans) => spans.as_slice(),
            _ => &[],
        });
        Wire::of(spans.map(Part::Received), payloads)
    }

    fn of(parts: impl Iterator<Item = Part<'a>>, payloads: &'a Payloads) -> Wire<'a> {
        let mut end = 0;
        let ended = parts.map(|part| {
            end += part.len();
            (end, part)
        });
        Wire { parts: ended.collect(), payloads }
    }

    /// The length of the whole.
    pub fn len(&self) -> u64 {
        self.parts.last().map_or(0, |(end, _)| *end)
    }

    /// The parts that reach into a range, each with the range it has in common with it, counted from the part's start.
    fn over(&self, from: u64, len: u64) -> impl Iterator<Item = (&Part<'a>, u64, u64)> {
        let first = self.parts.partition_point(|(end, _)| *end <= from);
        let upto = from.saturating_add(len);
        self.parts[first..].iter().map_while(move |(end, part)| {
            let start = end - part.len();
            (start < upto).then(|| (part, from.max(start) - start, upto.min(*end) - start))
        })
    }

    /// The octets of a range, up to its end or to the first that was not kept.
    pub fn read(&self, from: u64, len: u64) -> Vec<u8> {
        let mut octets = Vec::new();
        for (part, start, end) in self.over(from, len) {
            let at = octets.len();
            octets.resize(at + (end - start) as usize, 0);
            let out = &mut octets[at..];
            match part {
                Part::Sent(piece) => piece.fill(start, out, self.payloads),
                Part::Received(Span::Octets(kept)) => out.copy_from_slice(&kept[start as usize..end as usize]),
                Part::Received(Span::Echo { payload, from, mask, .. }) => {
                    self.payloads.get(*payload).fill(from + start, out);
                    if let Some(mask) = mask {
                        mask.at(start).apply(out);
                    }
                }
                Part::Received(Span::Deflated { .. } | Span::Opaque { .. }) => {
                    octets.truncate(at);
                    break;
                }
            }
        }
        octets
    }

    /// The payload that the octets of a range refer to, and from where on; `None` unless they are one run of it.
    pub fn refers_to(&self, from: u64, len: u64) -> Option<(u32, u64)> {
        let mut run: Option<(u32, u64, u64)> = None;
        for (part, start, end) in self.over(from, len) {
            let (index, at) = match part {
                Part::Sent(piece) => piece.refers_to(start, end)?,
                Part::Received(Span::Echo { payload, from, .. }) => (*payload, from + start),
                _ => return None,
            };
            run = Some(match run {
                None => (index, at, at + (end - start)),
                Some((known, first, next)) if known == index && next == at => (known, first, at + (end - start)),
                Some(_) => return None,
            });
        }
        run.map(|(index, first, _)| (index, first))
    }

    /// The digest of octets in a range that were too many to keep.
    pub fn digest(&self, from: u64, len: u64) -> Option<(u64, &'a str)> {
        self.over(from, len).find_map(|(part, ..)| match part {
            Part::Received(Span::Opaque { len, sha1 }) => Some((*len, sha1.as_str())),
            _ => None,
        })
    }

    /// Where the payload of a received frame differs from the one it echoes, at most `most` places with few octets of each.
    pub fn altered(&self, from: u64, len: u64, mask: Option<crate::wire::MaskKey>, most: usize) -> Vec<Altered> {
        const FEW: usize = 8;
        // what the octets should have been is told by the runs around them
        let echo = self.over(from, len).scan(0, |at, (part, start, end)| {
            let here = *at;
            *at += end - start;
            Some((here, part, start))
        });
        let whole = echo.into_iter().find_map(|(here, part, start)| match part {
            Part::Received(Span::Echo { payload, from, .. }) => {
                (from + start).checked_sub(here).map(|first| (*payload, first))
            }
            _ => None,
        });
        let Some((index, first)) = whole else {
            return Vec::new();
        };
        let payload = self.payloads.get(index);
        let mut altered = Vec::new();
        let mut at = 0;
        for (part, start, end) in self.over(from, len) {
            if let Part::Received(Span::Octets(kept)) = part {
                let few = (start as usize..end as usize).len().min(FEW);
                let mut came = kept[start as usize..start as usize + few].to_vec();
                if let Some(mask) = mask {
                    mask.at(at).apply(&mut came);
                }
                let room = payload.len().saturating_sub(first + at).min(few as u64);
                let mut sent = vec![0; room as usize];
                payload.fill((first + at).min(payload.len()), &mut sent);
                altered.push(Altered { at, came, sent, len: end - start });
            }
            at += end - start;
            if altered.len() == most {
                break;
            }
        }
        altered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Payload;
    use crate::wire::MaskKey;
    use std::time::Duration;

    #[test]
    fn ranges_reach_over_octets_echoes_and_what_was_not_kept() {
        let payloads = Payloads(vec![Payload::repeat(b"abcd", 100)]);
        let mut transcript = Transcript::default();
        let at = Duration::ZERO;
        let key = MaskKey([0, 0, 0, 1]);
        transcript.push_received(at, Span::Octets(b"head".to_vec()));
        transcript.push_received(at, Span::Echo { payload: 0, from: 0, len: 50, mask: None });
        transcript.push_received(at, Span::Octets(b"XY".to_vec()));
        transcript.push_received(at, Span::Echo { payload: 0, from: 52, len: 48, mask: Some(key) });
        transcript.push_received(at, Span::Opaque { len: 9, sha1: "ff".to_owned() });
        let wire = Wire::received(&transcript, &payloads);
        assert_eq!(wire.len(), 4 + 100 + 9);
        assert_eq!(wire.read(2, 6), b"adabcd");
        assert_eq!(wire.read(52, 7), b"abXYabc");
        assert_eq!(wire.read(56, 8), b"abceabce");
        assert_eq!(wire.read(102, 99), b"ce");
        assert_eq!(wire.refers_to(6, 40), Some((0, 2)));
        assert_eq!(wire.refers_to(6, 60), None);
        assert_eq!(wire.digest(0, 200), Some((9, "ff")));
        let altered = wire.altered(4, 100, None, 5);
        assert_eq!(altered, [Altered { at: 50, came: b"XY".to_vec(), sent: b"cd".to_vec(), len: 2 }]);
    }
}
