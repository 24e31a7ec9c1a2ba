//! Reads the compressed messages of one end, RFC 7692 section 7.2, and tells what a strict receiver would refuse.

use super::{Content, Fact, FactKind, Payloads};
use crate::wire::extension::Direction;
use crate::wire::inflate::{InflateFault, Inflater, Inspection, WINDOW};

/// Messages come out with this many octets more than the largest that was sent.
const ROOM: u64 = 1 << 20;

/// What the end agreed to, and what it has sent so far.
pub(super) struct Deflated {
    direction: Direction,
    inflater: Inflater,
    most: usize,
}

/// A message that was read.
pub(super) struct Read {
    pub content: Content,
    /// What the stream was made of, where its octets were kept.
    pub inspection: Option<Inspection>,
    pub facts: Vec<Fact>,
    /// Far more came out than anyone had sent, so that the rest was not read.
    pub is_too_long: bool,
}

impl Deflated {
    /// Nothing was sent yet; `largest` is the length of the largest message that may come.
    pub fn new(direction: Direction, largest: u64) -> Deflated {
        let most = usize::try_from(largest + ROOM).unwrap_or(usize::MAX);
        Deflated { direction, inflater: Inflater::default(), most }
    }

    /// Reads the payloads of the frames of a message.
    pub fn read(&mut self, wire: &Content, payloads: &Payloads) -> Read {
        if let Some(index) = wire.deflated() {
            let payload = payloads.get(index);
            let kept = payload.len().min(WINDOW as u64);
            let mut end = vec![0; kept as usize];
            payload.fill(payload.len() - kept, &mut end);
            self.inflater.remember(&end);
            let content = Content::payload(index, payloads);
            return Read { content, inspection: None, facts: Vec::new(), is_too_long: false };
        }
        let compressed = wire.kept();
        let inspection = self.inflater.inflate(&compressed, self.most);
        let mut facts = Vec::new();
        let mut fact = |kind, detail: String| facts.push(Fact::new(kind, detail));
        let size = format!("a message of {} compressed octets", compressed.len());
        let is_too_long = inspection.fault == Some(InflateFault::TooLong);
        match inspection.fault {
            Some(fault) if !is_too_long => {
                fact(FactKind::DeflateUndecodable, format!("{size} with {}", fault.words()));
            }
            None if inspection.bare_final => {
                let detail = format!("{size} that ends with a final block and no empty block behind it");
                fact(FactKind::DeflateUndecodable, detail);
            }
            _ => {}
        }
        if inspection.tail_left {
            fact(FactKind::DeflateTailLeft, format!("{size} that ends in 00 00 ff ff"));
        }
        let window = 1_u32 << self.direction.window_bits;
        if inspection.farthest > window {
            let distance = inspection.farthest;
            fact(FactKind::DeflateWindow, format!("a reference {distance} octets back with a window of {window}"));
        }
        if inspection.before > 0 && !self.direction.keeps_context && inspection.fault != Some(InflateFault::TooFarBack)
        {
            let before = inspection.before;
            fact(FactKind::DeflateContext, format!("a reference to {before} octets in front of the message"));
        }
        let content = Content::octets(self.inflater.message().to_vec());
        Read { content, inspection: Some(inspection), facts, is_too_long }
    }
}
