//! Raw DEFLATE, RFC 1951, as the messages of permessage-deflate hold it, RFC 7692 section 7.2.2.
//!
//! A library tells what comes out; a judge also has to know how far back a stream reached, of which kinds its blocks were
//! and how it ended. The window keeps its full size whatever was agreed, so that what reaches too far is read and told.

mod bits;
pub(in crate::wire) mod huffman;

use bits::Bits;
use huffman::{Codes, Symbol};

/// The largest window that DEFLATE has.
pub const WINDOW: usize = 32 * 1024;
/// What a sender cuts off behind each message, RFC 7692 section 7.2.1.
pub const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// What makes a stream unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InflateFault {
    /// A block of the reserved kind.
    ReservedBlock,
    /// A stored block whose two lengths disagree.
    StoredLength,
    /// Code lengths that make no code, or a code that nothing stands for.
    Code,
    /// A reference to octets that never were.
    TooFarBack,
    /// The end in the middle of a block.
    Truncated,
    /// More octets than the reader wants.
    TooLong,
}

impl InflateFault {
    /// The fault in words, as in `a block of the reserved kind`.
    pub fn words(self) -> &'static str {
        match self {
            InflateFault::ReservedBlock => "a block of the reserved kind",
            InflateFault::StoredLength => "a stored block whose two lengths disagree",
            InflateFault::Code => "a code that means nothing",
            InflateFault::TooFarBack => "a reference to octets that never were",
            InflateFault::Truncated => "the end in the middle of a block",
            InflateFault::TooLong => "far more octets than were expected",
        }
    }
}

/// What a compressed message is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Blocks that were stored, without the empty one that ends the message.
    pub stored: u32,
    /// Blocks with the fixed code.
    pub fixed: u32,
    /// Blocks with a code of their own.
    pub dynamic: u32,
    /// Blocks with BFINAL.
    pub finals: u32,
    /// Of those, the ones that are padded to a whole octet with other bits than zeros, RFC 7692 section 7.2.1.
    pub mispadded: u32,
    /// The longest distance of a reference, in octets.
    pub farthest: u32,
    /// How many octets in front of the message the farthest reference reaches.
    pub before: u32,
    /// The four octets of the tail were sent instead of being cut off.
    pub tail_left: bool,
    /// The last block has BFINAL, and no empty stored block follows it.
    pub bare_final: bool,
    /// Why the rest could not be read.
    pub fault: Option<InflateFault>,
}

/// Reads compressed messages one after the other.
#[derive(Clone, Debug, Default)]
pub struct Inflater {
    /// The octets in front of the message, as far as they can matter, and then the message.
    buffer: Vec<u8>,
    start: usize,
}

impl Inflater {
    /// Reads a message of which the sender has cut the tail; at most `most` octets come out.
    pub fn inflate(&mut self, compressed: &[u8], most: usize) -> Inspection {
        self.begin();
        let mut inspection = Inspection::default();
        let mut bits = Bits::new(compressed, &TAIL);
        loop {
            let is_end_mark = match self.block(&mut bits, most, &mut inspection) {
                Ok(is_end_mark) => is_end_mark,
                Err(fault) => {
                    inspection.fault = Some(fault);
                    return inspection;
                }
            };
            match bits.left() {
                0 if is_end_mark => {
                    inspection.stored = inspection.stored.saturating_sub(1);
                    return inspection;
                }
                0 => {
                    // a block that took the tail for its own was not over
                    inspection.fault = Some(InflateFault::Truncated);
                    return inspection;
                }
                left if left == TAIL.len() && bits.is_aligned() => {
                    // a stored block cannot begin with the tail, so the message ended here by other means
                    inspection.tail_left = compressed.ends_with(&TAIL);
                    inspection.bare_final = !inspection.tail_left;
                    if inspection.bare_final && inspection.finals == 0 {
                        inspection.fault = Some(InflateFault::Truncated);
                    }
                    return inspection;
                }
                _ => {}
            }
        }
    }

    /// The message that was read last, as far as it could be.
    pub fn message(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Takes a message that was read elsewhere into the window.
    pub fn remember(&mut self, message: &[u8]) {
        self.begin();
        self.buffer.extend_from_slice(&message[message.len().saturating_sub(WINDOW)..]);
    }

    /// Keeps only what a further message can refer to.
    fn begin(&mut self) {
        let surplus = self.buffer.len().saturating_sub(WINDOW);
        self.buffer.drain(..surplus);
        self.start = self.buffer.len();
    }

    /// RFC 1951 section 3.2.3. Tells whether it is the empty block whose lengths are the tail.
    fn block(&mut self, bits: &mut Bits<'_>, most: usize, inspection: &mut Inspection) -> Result<bool, InflateFault> {
        let is_final = bits.take(1)? == 1;
        let kind = bits.take(2)?;
        inspection.finals += u32::from(is_final);
        let mut is_end_mark = false;
        match kind {
            0 => {
                inspection.stored += 1;
                bits.align();
                is_end_mark = bits.left() == TAIL.len();
                self.stored(bits, most)?;
            }
            1 => {
                inspection.fixed += 1;
                let (literals, distances) = huffman::fixed();
                self.coded(bits, literals, distances, most, inspection)?;
            }
            2 => {
                inspection.dynamic += 1;
                let (literals, distances) = huffman::dynamic(bits)?;
                self.coded(bits, &literals, &distances, most, inspection)?;
            }
            _ => return Err(InflateFault::ReservedBlock),
        }
        if is_final && !bits.align() {
            inspection.mispadded += 1;
        }
        Ok(is_end_mark)
    }

    /// RFC 1951 section 3.2.4.
    fn stored(&mut self, bits: &mut Bits<'_>, most: usize) -> Result<(), InflateFault> {
        let length = bits.take(16)?;
        let complement = bits.take(16)?;
        if length ^ complement != 0xFFFF {
            return Err(InflateFault::StoredLength);
        }
        self.room(length as usize, most)?;
        bits.copy(length as usize, &mut self.buffer)
    }

    /// RFC 1951 section 3.2.5: literals and references up to the end of the block.
    fn coded(
        &mut self,
        bits: &mut Bits<'_>,
        literals: &Codes,
        distances: &Codes,
        most: usize,
        inspection: &mut Inspection,
    ) -> Result<(), InflateFault> {
        // a copy of its own can stay in registers
        let mut ahead = *bits;
        let result = self.symbols(&mut ahead, literals, distances, most, inspection);
        *bits = ahead;
        result
    }

    #[inline]
    fn symbols(
        &mut self,
        bits: &mut Bits<'_>,
        literals: &Codes,
        distances: &Codes,
        most: usize,
        inspection: &mut Inspection,
    ) -> Result<(), InflateFault> {
        let end = self.start.saturating_add(most);
        loop {
            // enough for a length and a distance with their extra bits: 15, 5, 15 and 13
            bits.refill();
            match literals.next_ready(bits)? {
                Symbol::Literal(octet) => {
                    if self.buffer.len() >= end {
                        return Err(InflateFault::TooLong);
                    }
                    self.buffer.push(octet);
                }
                Symbol::End => return Ok(()),
                Symbol::Base { base, extra } => {
                    let length = base as usize + bits.take_ready(u32::from(extra))? as usize;
                    let Symbol::Base { base, extra } = distances.next_ready(bits)? else {
                        return Err(InflateFault::Code);
                    };
                    let distance = base as usize + bits.take_ready(u32::from(extra))? as usize;
                    let made = self.buffer.len() - self.start;
                    inspection.farthest = inspection.farthest.max(distance as u32);
                    inspection.before = inspection.before.max(distance.saturating_sub(made) as u32);
                    if distance > self.buffer.len() {
                        return Err(InflateFault::TooFarBack);
                    }
                    self.room(length, most)?;
                    self.repeat(distance, length);
                }
            }
        }
    }

    fn room(&self, length: usize, most: usize) -> Result<(), InflateFault> {
        if self.buffer.len() - self.start + length > most { Err(InflateFault::TooLong) } else { Ok(()) }
    }

    fn repeat(&mut self, distance: usize, length: usize) {
        let from = self.buffer.len() - distance;
        if distance >= length {
            self.buffer.extend_from_within(from..from + length);
            return;
        }
        let mut left = length;
        while left > 0 {
            // each round doubles what can be copied at once
            let part = left.min(self.buffer.len() - from);
            self.buffer.extend_from_within(from..from + part);
            left -= part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::deflate::Deflater;
    use proptest::prelude::*;

    fn hex(digits: &str) -> Vec<u8> {
        let digits: Vec<u8> = digits.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    fn read(digits: &str) -> (String, Inspection) {
        let mut inflater = Inflater::default();
        let inspection = inflater.inflate(&hex(digits), 1 << 20);
        (String::from_utf8_lossy(inflater.message()).into_owned(), inspection)
    }

    #[test]
    fn the_vectors_of_rfc_7692_section_7_2_3() {
        for (digits, expected) in [
            ("f248cdc9c90700", Inspection { fixed: 1, ..Inspection::default() }),
            ("000500faff48656c6c6f00", Inspection { stored: 1, ..Inspection::default() }),
            ("f348cdc9c9070000", Inspection { fixed: 1, finals: 1, ..Inspection::default() }),
            ("f24805000000ffffcac9c90700", Inspection { fixed: 2, stored: 1, ..Inspection::default() }),
            ("f248cdc9c907000000ffff", Inspection { fixed: 1, stored: 1, tail_left: true, ..Inspection::default() }),
            ("f348cdc9c90700", Inspection { fixed: 1, finals: 1, bare_final: true, ..Inspection::default() }),
        ] {
            assert_eq!(read(digits), ("Hello".to_owned(), expected), "{digits}");
        }
        // the fixed block ends two bits into an octet
        let expected = Inspection { fixed: 1, finals: 1, mispadded: 1, ..Inspection::default() };
        for digits in ["f348cdc9c9078000", "f348cdc9c9070400"] {
            assert_eq!(read(digits), ("Hello".to_owned(), expected), "{digits}");
        }
        assert_eq!(read("00").0, "");
        assert_eq!(read("0200").0, "");
    }

    #[test]
    fn a_reference_to_the_last_message_is_followed_and_told() {
        let mut inflater = Inflater::default();
        inflater.inflate(&hex("f248cdc9c90700"), 100);
        let inspection = inflater.inflate(&hex("f200110000"), 100);
        assert_eq!(inflater.message(), b"Hello");
        assert_eq!((inspection.farthest, inspection.before, inspection.fault), (5, 4, None));
        let mut fresh = Inflater::default();
        assert_eq!(fresh.inflate(&hex("f200110000"), 100).fault, Some(InflateFault::TooFarBack));
        fresh.remember(b"Hello");
        assert_eq!(fresh.inflate(&hex("f200110000"), 100).fault, None);
        assert_eq!(fresh.message(), b"Hello");
    }

    #[test]
    fn each_fault_is_named() {
        for (digits, fault) in [
            ("ffffffff", InflateFault::ReservedBlock),
            ("000500faf048656c6c6f00", InflateFault::StoredLength),
            ("789cf248cdc9c90700", InflateFault::StoredLength),
            ("040500", InflateFault::Code),
            ("f200110000", InflateFault::TooFarBack),
            ("", InflateFault::Truncated),
            ("000900f6ff4865", InflateFault::Truncated),
            ("000600f9ff4865", InflateFault::Truncated),
        ] {
            assert_eq!(read(digits).1.fault, Some(fault), "{digits}");
        }
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let zeros = vec![0; 10 << 20];
        let bomb = Deflater::new(15, true).deflate(&zeros);
        let mut inflater = Inflater::default();
        assert_eq!(inflater.inflate(&bomb, 1 << 20).fault, Some(InflateFault::TooLong));
        assert!(inflater.message().len() <= 1 << 20);
    }

    /// Octets that repeat themselves at all distances, which is what a compressor looks for.
    fn compressible() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec((any::<u8>(), 0usize..60_000, 1usize..600), 0..60).prop_map(|parts| {
            let mut octets: Vec<u8> = Vec::new();
            for (octet, back, length) in parts {
                match octets.len().checked_sub(back.max(1)) {
                    Some(from) => (0..length).for_each(|at| octets.push(octets[from + at])),
                    None => (0..length).for_each(|at| octets.push(octet.wrapping_mul((at * at) as u8))),
                }
            }
            octets
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_the_library_writes_is_read_within_its_window(
            messages in prop::collection::vec(compressible(), 1..4), bits in 8u8..=15, keeps: bool,
        ) {
            let mut deflater = Deflater::new(bits, keeps);
            let mut inflater = Inflater::default();
            for message in messages {
                let inspection = inflater.inflate(&deflater.deflate(&message), 1 << 20);
                prop_assert_eq!(inspection.fault, None);
                prop_assert_eq!(inflater.message(), message.as_slice());
                prop_assert!(inspection.farthest <= 1 << bits);
                prop_assert!(keeps || inspection.before == 0);
            }
        }

        #[test]
        fn any_octets_are_read_to_an_end(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut inflater = Inflater::default();
            inflater.inflate(&octets, 1 << 16);
            prop_assert!(inflater.message().len() <= 1 << 16);
        }

        #[test]
        fn the_library_reads_the_same(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut ours = Inflater::default();
            let inspection = ours.inflate(&octets, 1 << 16);
            if inspection.fault.is_none() && inspection.finals == 0 && !inspection.tail_left {
                let mut input = octets.clone();
                input.extend_from_slice(&TAIL);
                let mut output = Vec::with_capacity(1 << 17);
                let mut library = flate2::Decompress::new(false);
                library.decompress_vec(&input, &mut output, flate2::FlushDecompress::Sync).unwrap();
                prop_assert_eq!(ours.message(), output.as_slice());
            }
        }
    }
}
