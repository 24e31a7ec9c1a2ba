//! Frames of one message that differ only in their masks, made when they are written: a message may have thousands of them.

use crate::transcript::Payloads;
use crate::transcript::payload::mix;
use crate::wire::{FrameHeader, MaskKey};

/// The masks of frames in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// There are none.
    None,
    /// The same for all.
    Same(MaskKey),
    /// Numbers that look random, from this index on.
    Drawn(u64),
}

impl Masks {
    /// The mask of the frame with that number, from 0.
    pub fn get(self, number: u64) -> Option<MaskKey> {
        match self {
            Masks::None => None,
            Masks::Same(key) => Some(key),
            Masks::Drawn(first) => Some(drawn(first.wrapping_add(number))),
        }
    }
}

/// A mask that looks random, from an index.
fn drawn(index: u64) -> MaskKey {
    MaskKey((mix(index) as u32).to_be_bytes())
}

/// Frames of the same size behind each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragments {
    /// The header of the first; those of the others differ in their masks.
    pub header: FrameHeader,
    /// The masks.
    pub masks: Masks,
    /// The index of the payload that is cut.
    pub payload: u32,
    /// Where in it the first begins.
    pub from: u64,
    /// The octets of it in each.
    pub size: u64,
    /// How many there are.
    pub count: u64,
}

impl Fragments {
    /// The length of all in octets.
    pub fn len(&self) -> u64 {
        self.count * self.stride()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Writes the octets from `from` on.
    pub fn fill(&self, mut from: u64, mut out: &mut [u8], payloads: &Payloads) {
        let (stride, payload) = (self.stride(), payloads.get(self.payload));
        let mut octets = Vec::with_capacity(FrameHeader::MAX);
        while !out.is_empty() {
            let (number, at) = (from / stride, from % stride);
            let part;
            (part, out) = out.split_at_mut(out.len().min((stride - at) as usize));
            from += part.len() as u64;
            let mask = self.masks.get(number);
            octets.clear();
            FrameHeader { mask, ..self.header }.encode(&mut octets);
            let rest = octets.get(at as usize..).unwrap_or_default();
            let (head, body) = part.split_at_mut(part.len().min(rest.len()));
            head.copy_from_slice(&rest[..head.len()]);
            let within = at.saturating_sub(octets.len() as u64);
            payload.fill(self.from + number * self.size + within, body);
            if let Some(mask) = mask {
                mask.at(within).apply(body);
            }
        }
    }

    /// Where in the payload a range is from; `None` unless it is of the payload of one frame alone.
    pub fn refers_to(&self, start: u64, end: u64) -> Option<u64> {
        let (number, at) = (start / self.stride(), start % self.stride());
        let within = at.checked_sub(self.stride() - self.size)?;
        (end - start <= self.size - within).then_some(self.from + number * self.size + within)
    }

    fn stride(&self) -> u64 {
        let mut octets = Vec::with_capacity(FrameHeader::MAX);
        FrameHeader { mask: self.masks.get(0), ..self.header }.encode(&mut octets);
        octets.len() as u64 + self.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Payload;
    use crate::wire::Opcode;

    fn alike(masks: Masks, size: u64) -> Fragments {
        let header = FrameHeader { fin: false, ..FrameHeader::new(Opcode::CONTINUATION, size, None) };
        Fragments { header, masks, payload: 0, from: 5, size, count: 4 }
    }

    #[test]
    fn any_range_has_the_octets_of_frames_one_by_one() {
        let octets = Payload::random(7, 1000, false);
        let payloads = Payloads(vec![octets.clone()]);
        for masks in [Masks::None, Masks::Same(MaskKey([1, 2, 3, 4])), Masks::Drawn(9)] {
            for size in [1, 7, 200] {
                let fragments = alike(masks, size);
                let mut expected = Vec::new();
                for number in 0..4 {
                    let mask = masks.get(number);
                    FrameHeader { mask, ..fragments.header }.encode(&mut expected);
                    let mut part = octets.part(5 + number * size, size).to_vec();
                    if let Some(mask) = mask {
                        mask.apply(&mut part);
                    }
                    expected.extend_from_slice(&part);
                }
                assert_eq!(fragments.len(), expected.len() as u64);
                for start in 0..expected.len() {
                    for end in [start + 1, (start + 3).min(expected.len()), expected.len()] {
                        let mut out = vec![0; end - start];
                        fragments.fill(start as u64, &mut out, &payloads);
                        assert_eq!(out, expected[start..end], "{masks:?}, {size}, {start}..{end}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_range_refers_to_the_payload_only_inside_of_one_frame() {
        let fragments = alike(Masks::Drawn(1), 10);
        assert_eq!(fragments.refers_to(6, 16), Some(5));
        assert_eq!(fragments.refers_to(16 + 8, 16 + 10), Some(17));
        assert_eq!(fragments.refers_to(5, 16), None);
        assert_eq!(fragments.refers_to(6, 17), None);
    }
}
