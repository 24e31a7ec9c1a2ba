//! Compresses messages for permessage-deflate, RFC 7692 section 7.2.1.

use super::inflate::TAIL;
use flate2::{Compress, Compression, FlushCompress};

/// How much the output grows at a time.
const STEP: usize = 16 * 1024;

/// Compresses messages one after the other.
pub struct Deflater {
    compress: Compress,
    keeps_context: bool,
    /// Where a message is compressed to: what is kept of it has no room to spare, and there may be thousands.
    out: Vec<u8>,
}

impl Deflater {
    /// With a window of 2 to the power of `window_bits` octets, 8 to 15; with or without references to earlier messages.
    pub fn new(window_bits: u8, keeps_context: bool) -> Deflater {
        // the library's window of 512 octets reaches back 250, which a window of 256 allows too
        let bits = window_bits.clamp(9, 15);
        let compress = Compress::new_with_window_bits(Compression::default(), false, bits);
        Deflater { compress, keeps_context, out: Vec::new() }
    }

    /// Refers to nothing before: what the other end has got by other means is unknown here.
    pub fn forget(&mut self) {
        self.compress.reset();
    }

    /// The compressed message without its tail.
    pub fn deflate(&mut self, message: &[u8]) -> Vec<u8> {
        if !self.keeps_context {
            self.compress.reset();
        }
        let out = &mut self.out;
        out.clear();
        out.reserve(message.len() / 2 + STEP);
        let before = self.compress.total_in();
        loop {
            let used = (self.compress.total_in() - before) as usize;
            if out.capacity() - out.len() < STEP / 4 {
                out.reserve(STEP.max(out.len()));
            }
            // it only fails on a state that cannot come about here
            let _ = self.compress.compress_vec(&message[used..], out, FlushCompress::Sync);
            let is_done = (self.compress.total_in() - before) as usize == message.len();
            // room that is left tells that nothing is held back
            if is_done && out.len() < out.capacity() {
                break;
            }
        }
        if out.ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        }
        // what an empty message comes to, section 7.2.3.6
        if out.is_empty() {
            out.push(0);
        }
        out.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_message_takes_no_more_room_than_its_octets() {
        let mut deflater = Deflater::new(15, true);
        for len in [0, 16, 60_000] {
            let compressed = deflater.deflate(&vec![b'x'; len]);
            assert!(compressed.capacity() < compressed.len() + 64, "{len}: {}", compressed.capacity());
        }
    }
}
