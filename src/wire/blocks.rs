//! DEFLATE streams made by hand, block by block, RFC 1951 section 3.2.3: what no compressor would write.

use super::inflate::huffman::{LENGTH_ORDER, distance_code, fixed_length, length_code};

/// A part of a block with codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// These octets.
    Literals(Vec<u8>),
    /// A reference: 3 to 258 octets again, from 1 to 32768 octets back.
    Copy {
        /// How many octets.
        length: u16,
        /// How far back.
        distance: u16,
    },
}

/// Writes a stream.
#[derive(Clone, Debug, Default)]
pub struct BlockWriter {
    octets: Vec<u8>,
    buffer: u64,
    filled: u32,
}

impl BlockWriter {
    fn bits(&mut self, value: u32, count: u32) {
        self.buffer |= u64::from(value) << self.filled;
        self.filled += count;
        while self.filled >= 8 {
            self.octets.push(self.buffer as u8);
            self.buffer >>= 8;
            self.filled -= 8;
        }
    }

    fn align(&mut self) {
        let padding = (8 - self.filled % 8) % 8;
        self.bits(0, padding);
    }

    /// Stored blocks, each of at most 65535 octets; an empty one for no octets.
    pub fn stored(&mut self, octets: &[u8], last: bool) {
        let most = usize::from(u16::MAX);
        let count = octets.len().div_ceil(most).max(1);
        for number in 0..count {
            let part = &octets[number * most..octets.len().min((number + 1) * most)];
            self.bits(u32::from(last && number + 1 == count), 1);
            self.bits(0, 2);
            self.align();
            self.bits(part.len() as u32, 16);
            self.bits(part.len() as u32 ^ 0xFFFF, 16);
            self.octets.extend_from_slice(part);
        }
    }

    /// A block with the fixed code.
    pub fn fixed(&mut self, tokens: &[Token], last: bool) {
        self.bits(u32::from(last), 1);
        self.bits(1, 2);
        let lengths: Vec<u8> = (0..288).map(fixed_length).collect();
        self.tokens(tokens, &lengths, &[5; 30]);
        self.end(last);
    }

    /// A block with a code of its own, which has every literal, length and distance.
    pub fn dynamic(&mut self, tokens: &[Token], last: bool) {
        // lengths that make complete codes: 226/256 + 60/512, and 2/16 + 28/32
        let literals: Vec<u8> = (0..286).map(|number| if number < 226 { 8 } else { 9 }).collect();
        let distances: Vec<u8> = (0..30).map(|number| if number < 2 { 4 } else { 5 }).collect();
        self.bits(u32::from(last), 1);
        self.bits(2, 2);
        self.bits(286 - 257, 5);
        self.bits(30 - 1, 5);
        self.bits(LENGTH_ORDER.len() as u32 - 4, 4);
        // four code lengths occur, each with two bits
        let of_lengths: Vec<u8> = (0..19).map(|length| if [4, 5, 8, 9].contains(&length) { 2 } else { 0 }).collect();
        LENGTH_ORDER.iter().for_each(|place| self.bits(u32::from(of_lengths[*place]), 3));
        let codes = codes(&of_lengths);
        for length in literals.iter().chain(&distances) {
            self.code(codes[usize::from(*length)], 2);
        }
        self.tokens(tokens, &literals, &distances);
        self.end(last);
    }

    fn end(&mut self, last: bool) {
        if last {
            self.align();
        }
    }

    /// Codes stand with their most significant bit first.
    fn code(&mut self, code: u32, bits: u32) {
        self.bits(code.reverse_bits() >> (32 - bits), bits);
    }

    fn tokens(&mut self, tokens: &[Token], literals: &[u8], distances: &[u8]) {
        let (literal_codes, distance_codes) = (codes(literals), codes(distances));
        let literal = |writer: &mut BlockWriter, number: u16| {
            let number = usize::from(number);
            writer.code(literal_codes[number], u32::from(literals[number]));
        };
        for token in tokens {
            match token {
                Token::Literals(octets) => octets.iter().for_each(|octet| literal(self, u16::from(*octet))),
                Token::Copy { length, distance } => {
                    let of_length = |code: &u16| length_code(*code).is_some_and(|(base, _)| base <= *length);
                    let code = (257..286).rev().find(of_length).unwrap_or(257);
                    let (base, extra) = length_code(code).unwrap_or((3, 0));
                    literal(self, code);
                    self.bits(u32::from(length.saturating_sub(base)), u32::from(extra));
                    let code = (0..30).rev().find(|code| distance_code(*code).0 <= *distance).unwrap_or(0);
                    let (base, extra) = distance_code(code);
                    self.code(distance_codes[usize::from(code)], u32::from(distances[usize::from(code)]));
                    self.bits(u32::from(distance.saturating_sub(base)), u32::from(extra));
                }
            }
        }
        literal(self, 256);
    }

    /// The octets of a message: with the empty stored block behind the others whose last four octets are cut off,
    /// RFC 7692 section 7.2.1.
    pub fn message(mut self) -> Vec<u8> {
        self.bits(0, 3);
        self.align();
        self.octets
    }

    /// The octets as they are, padded with zeros.
    pub fn octets(mut self) -> Vec<u8> {
        self.align();
        self.octets
    }
}

/// RFC 1951 section 3.2.2: the codes that follow from lengths.
fn codes(lengths: &[u8]) -> Vec<u32> {
    let mut codes = vec![0; lengths.len()];
    let mut code = 0;
    for bits in 1..=15 {
        code <<= 1;
        for (number, _) in lengths.iter().enumerate().filter(|(_, length)| **length == bits) {
            codes[number] = code;
            code += 1;
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::inflate::{Inflater, Inspection};

    fn read(octets: &[u8]) -> (Vec<u8>, Inspection) {
        let mut inflater = Inflater::default();
        let inspection = inflater.inflate(octets, 1 << 20);
        (inflater.message().to_vec(), inspection)
    }

    #[test]
    fn the_vector_of_the_rfc() {
        let mut writer = BlockWriter::default();
        writer.fixed(&[Token::Literals(b"Hello".to_vec())], false);
        assert_eq!(writer.message(), [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]);
        let mut writer = BlockWriter::default();
        writer.stored(b"Hello", false);
        assert_eq!(writer.message(), [0, 5, 0, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0]);
    }

    #[test]
    fn every_length_and_distance_is_read_as_it_was_written() {
        let start: Vec<u8> = (0..40_000u32).map(|at| (at * 7 + at / 251) as u8).collect();
        for (length, distance) in
            [(3, 1), (4, 2), (10, 4), (11, 5), (17, 100), (257, 8191), (258, 32_768), (114, 24_577), (115, 24_576)]
        {
            for is_dynamic in [false, true] {
                let tokens = [Token::Literals(start.clone()), Token::Copy { length, distance }];
                let mut writer = BlockWriter::default();
                if is_dynamic {
                    writer.dynamic(&tokens, false)
                } else {
                    writer.fixed(&tokens, false)
                };
                let (message, inspection) = read(&writer.message());
                assert_eq!(inspection.fault, None, "{length} from {distance}");
                assert_eq!(inspection.farthest, u32::from(distance));
                assert_eq!((inspection.fixed, inspection.dynamic), (u32::from(!is_dynamic), u32::from(is_dynamic)));
                let mut expected = start.clone();
                (0..length).for_each(|_| expected.push(expected[expected.len() - usize::from(distance)]));
                assert!(message == expected, "{length} from {distance}");
            }
        }
    }

    #[test]
    fn final_blocks_are_padded_and_others_follow() {
        let mut writer = BlockWriter::default();
        writer.fixed(&[Token::Literals(b"He".to_vec())], true);
        writer.dynamic(&[Token::Literals(b"llo".to_vec())], false);
        writer.stored(&[b'!'; 70_000], true);
        let (message, inspection) = read(&writer.message());
        assert_eq!((&message[..6], message.len(), inspection.finals), (&b"Hello!"[..], 70_005, 2));
        assert_eq!(inspection.fault, None);
    }
}
