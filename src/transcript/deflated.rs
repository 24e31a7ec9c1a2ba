//! Reads the compressed messages of one end, RFC 7692 section 7.2, and tells what a strict receiver would refuse.

use super::{Content, Fact, FactKind, Payloads};
use crate::wire::extension::Direction;
use crate::wire::inflate::{InflateFault, Inflater, Inspection, WINDOW};

/// Messages come out with this many octets more than the largest that was sent.
const ROOM: u64 = 1 << 20;
/// What messages may come to in all that nobody had sent.
const FOREIGN: u64 = 8 << 20;
/// What echoes may come to in all that were kept as they came: so much can come of the compressed octets that are kept.
const KEPT: u64 = 34 << 20;

/// For how much there is room, in octets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    /// The length of the largest message that was sent.
    pub largest: u64,
    /// The length of all of them.
    pub total: u64,
}

/// What the end agreed to, and what it has sent so far.
pub(super) struct Deflated {
    direction: Direction,
    inflater: Inflater,
    /// What a message may come to.
    most: u64,
    /// What all of them may.
    budget: u64,
    /// What is left of that.
    left: u64,
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
    /// Nothing was sent yet.
    pub fn new(direction: Direction, room: Room) -> Deflated {
        let budget = room.largest.max(room.total.min(KEPT)) + FOREIGN;
        Deflated { direction, inflater: Inflater::default(), most: room.largest + ROOM, budget, left: budget }
    }

    /// A message of so many octets was one that is expected, and kept by nobody.
    pub fn credit(&mut self, octets: u64) {
        self.left = (self.left + octets).min(self.budget);
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
        let most = usize::try_from(self.most.min(self.left)).unwrap_or(usize::MAX);
        let inspection = self.inflater.inflate(&compressed, most);
        self.left -= self.inflater.message().len() as u64;
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
        if inspection.mispadded > 0 {
            fact(FactKind::DeflatePadding, format!("{size} with a final block whose padding is not zero"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::deflate::Deflater;

    #[test]
    fn messages_come_to_no_more_in_all_than_there_is_room_for() {
        let direction = Direction { window_bits: 15, keeps_context: true };
        let room = Room { largest: 1000, total: 5000 };
        let zeros = vec![0; ROOM as usize];
        let bomb = Content::octets(Deflater::new(15, false).deflate(&zeros));
        for is_expected in [false, true] {
            let mut deflated = Deflated::new(direction, room);
            let (mut kept, mut cut_off) = (0, 0);
            for _ in 0..20 {
                let read = deflated.read(&bomb, &Payloads::default());
                kept += read.content.len();
                cut_off += u32::from(read.is_too_long);
                if is_expected {
                    deflated.credit(read.content.len());
                }
            }
            if is_expected {
                assert_eq!((kept, cut_off), (20 * ROOM, 0));
            } else {
                // a reference that would go beyond is not followed in part
                let budget = room.total + FOREIGN;
                assert!((budget - 258..=budget).contains(&kept), "{kept}");
                assert_eq!(cut_off, 12);
            }
        }
    }
}
