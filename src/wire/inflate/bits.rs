//! Bits of a DEFLATE stream, least significant first, RFC 1951 section 3.1.1.

use super::InflateFault;

/// A reader of the octets of a message with its tail behind them.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    octets: &'a [u8],
    tail: &'a [u8],
    /// The next octet that is not in the buffer, counted over both parts.
    at: usize,
    buffer: u64,
    filled: u32,
}

impl<'a> Bits<'a> {
    pub fn new(octets: &'a [u8], tail: &'a [u8]) -> Bits<'a> {
        Bits { octets, tail, at: 0, buffer: 0, filled: 0 }
    }

    /// Holds as many bits ready as there are, and at least 48 where there are so many.
    #[inline]
    pub fn refill(&mut self) {
        if self.filled >= 48 {
            return;
        }
        if let Some(next) = self.octets.get(self.at..self.at + 8) {
            let mut word = [0; 8];
            word.copy_from_slice(next);
            // what does not fit is read again the next time
            self.buffer |= u64::from_le_bytes(word) << self.filled;
            let taken = (63 - self.filled) / 8;
            self.at += taken as usize;
            self.filled += taken * 8;
            self.buffer &= u64::MAX >> (64 - self.filled);
            return;
        }
        while self.filled <= 56 {
            let Some(octet) = self.octets.get(self.at).or_else(|| self.tail.get(self.at - self.octets.len())) else {
                return;
            };
            self.buffer |= u64::from(*octet) << self.filled;
            self.filled += 8;
            self.at += 1;
        }
    }

    /// The bits that are ready, the next one lowest; zeros behind the end.
    #[inline]
    pub fn peek(&self) -> u64 {
        self.buffer
    }

    /// Goes over bits that were looked at.
    #[inline]
    pub fn skip(&mut self, count: u32) -> Result<(), InflateFault> {
        if count > self.filled {
            return Err(InflateFault::Truncated);
        }
        self.buffer >>= count;
        self.filled -= count;
        Ok(())
    }

    /// The next bits, of which so many are ready.
    #[inline]
    pub fn take_ready(&mut self, count: u32) -> Result<u32, InflateFault> {
        let value = self.buffer & ((1 << count) - 1);
        self.skip(count)?;
        Ok(value as u32)
    }

    /// The next bits, at most 16.
    #[inline]
    pub fn take(&mut self, count: u32) -> Result<u32, InflateFault> {
        if self.filled < count {
            self.refill();
        }
        self.take_ready(count)
    }

    /// Goes on at the next octet; tells whether all bits in between were zero.
    pub fn align(&mut self) -> bool {
        let part = self.filled % 8;
        let passed = self.buffer & ((1 << part) - 1);
        self.buffer >>= part;
        self.filled -= part;
        passed == 0
    }

    /// Whether the next bit begins an octet.
    pub fn is_aligned(&self) -> bool {
        self.filled.is_multiple_of(8)
    }

    /// How many octets are untouched; 0 also where only the padding of the last one is left.
    pub fn left(&self) -> usize {
        self.octets.len() + self.tail.len() - self.at + (self.filled / 8) as usize
    }

    /// Appends so many whole octets to `out`.
    pub fn copy(&mut self, mut count: usize, out: &mut Vec<u8>) -> Result<(), InflateFault> {
        while count > 0 && self.filled >= 8 {
            out.push(self.buffer as u8);
            self.skip(8)?;
            count -= 1;
        }
        if let Some(rest) = self.octets.get(self.at.min(self.octets.len())..) {
            let direct = count.min(rest.len());
            out.extend_from_slice(&rest[..direct]);
            self.at += direct;
            count -= direct;
        }
        for _ in 0..count {
            out.push(self.take(8)? as u8);
        }
        Ok(())
    }
}
