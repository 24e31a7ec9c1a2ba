//! Compresses messages frame by frame, RFC 7692 section 7.2.1.

use super::{Deflating, RSV1};
use crate::peer::out::Frame;
use crate::wire::extension::Direction;
use crate::wire::inflate::TAIL;
use crate::wire::{FrameHeader, Opcode};
use flate2::{Compress, Compression, FlushCompress};

/// How much the output grows at a time.
const STEP: usize = 16 * 1024;

/// No more frames than about so many are made of one.
const MOST_PIECES: usize = 64;

/// The state of compressing.
pub(in crate::peer) struct Writer {
    ways: Deflating,
    direction: Direction,
    compress: Compress,
    /// Whether the message that is being sent is compressed.
    packs: bool,
    messages: u64,
}

impl Writer {
    pub(in crate::peer) fn new(ways: Deflating, direction: Direction) -> Writer {
        let direction = (ways.direction)(direction);
        // the library's window of 512 octets reaches back 250, which a window of 256 allows too
        let bits = direction.window_bits.clamp(9, 15);
        let compress = Compress::new_with_window_bits(Compression::default(), false, bits);
        Writer { ways, direction, compress, packs: false, messages: 0 }
    }

    /// Compresses a frame that is about to be sent, if its message is to be compressed; several may come of one.
    pub(in crate::peer) fn pack(&mut self, mut frame: Frame) -> Vec<Frame> {
        if frame.header.opcode.is_control() {
            (self.ways.mark)(&mut frame);
            return vec![frame];
        }
        let starts = frame.header.opcode != Opcode::CONTINUATION;
        if starts {
            self.packs = (self.ways.compresses)(&frame, self.messages);
            self.messages += 1;
        }
        if !self.packs {
            return vec![frame];
        }
        let rsv = if starts { RSV1 } else { 0 };
        let FrameHeader { fin, opcode, .. } = frame.header;
        let mut payload = (self.ways.pack)(self, &frame.payload, fin);
        if fin {
            (self.ways.seal)(&mut payload);
        }
        let made = |opcode, payload: &[u8], fin, rsv| {
            let mut frame = Frame::new(opcode, payload);
            (frame.header.fin, frame.header.rsv) = (fin, rsv);
            (self.ways.mark)(&mut frame);
            frame
        };
        if self.ways.cut == 0 || payload.is_empty() {
            return vec![made(opcode, &payload, fin, rsv)];
        }
        let octets = self.ways.cut.max(payload.len() / MOST_PIECES);
        let last = (payload.len() - 1) / octets;
        let pieces = payload.chunks(octets).enumerate();
        let piece = |(number, piece): (usize, &[u8])| match number {
            0 => made(opcode, piece, fin && last == 0, rsv),
            _ => made(Opcode::CONTINUATION, piece, fin && number == last, 0),
        };
        pieces.map(piece).collect()
    }

    /// Compresses up to an empty stored block, of which four octets are the tail.
    pub(in crate::peer) fn flush(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(octets.len() / 2 + STEP);
        let before = self.compress.total_in();
        loop {
            let used = (self.compress.total_in() - before) as usize;
            if out.capacity() - out.len() < STEP / 4 {
                out.reserve(STEP.max(out.len()));
            }
            // it only fails on a state that cannot come about here
            let _ = self.compress.compress_vec(&octets[used..], &mut out, FlushCompress::Sync);
            let is_done = (self.compress.total_in() - before) as usize == octets.len();
            // room that is left tells that nothing is held back
            if is_done && out.len() < out.capacity() {
                return out;
            }
        }
    }

    /// Refers to nothing before.
    pub(in crate::peer) fn forget(&mut self) {
        self.compress.reset();
    }

    /// Refers to these octets as if they had been sent.
    pub(in crate::peer) fn refer_to(&mut self, octets: &[u8]) {
        self.forget();
        // a dictionary is always taken where nothing was compressed yet
        let _ = self.compress.set_dictionary(octets);
    }
}

/// Compresses the payload of a frame as a conforming peer does.
pub(in crate::peer) fn deflate(writer: &mut Writer, octets: &[u8], is_last: bool) -> Vec<u8> {
    let mut out = writer.flush(octets);
    if !is_last {
        return out;
    }
    if out.ends_with(&TAIL) {
        out.truncate(out.len() - TAIL.len());
    }
    // what an empty message comes to, section 7.2.3.6
    if out.is_empty() {
        out.push(0);
    }
    if !writer.direction.keeps_context {
        writer.forget();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::inflate::Inflater;

    fn sent(ways: Deflating, direction: Direction, messages: &[&[&[u8]]]) -> Vec<Frame> {
        let mut writer = Writer::new(ways, direction);
        let mut frames = Vec::new();
        for message in messages {
            for (number, piece) in message.iter().enumerate() {
                let opcode = if number == 0 { Opcode::TEXT } else { Opcode::CONTINUATION };
                let frame = Frame::new(opcode, *piece);
                frames.extend(writer.pack(if number + 1 == message.len() { frame } else { frame.unfinished() }));
            }
        }
        frames
    }

    #[test]
    fn the_other_reading_understands_what_is_sent() {
        let long = b"Hello, hello, hello! ".repeat(100);
        let messages: [&[&[u8]]; 6] =
            [&[b"Hello"], &[b"Hel", b"lo"], &[b""], &[b"", b""], &[&long, b"", &long], &[&long]];
        for (cut, window_bits, keeps_context) in [(0, 15, true), (3, 15, true), (0, 8, true), (1, 9, false)] {
            let direction = Direction { window_bits, keeps_context };
            let frames = sent(Deflating { cut, ..Deflating::conforming() }, direction, &messages);
            let mut inflater = Inflater::default();
            let (mut compressed, mut read) = (Vec::new(), Vec::new());
            for frame in frames {
                assert_eq!(frame.header.rsv == RSV1, frame.is(Opcode::TEXT));
                compressed.extend(frame.payload);
                if frame.header.fin {
                    let inspection = inflater.inflate(&compressed, 1 << 20);
                    let is_clean = inspection.fault.is_none() && !inspection.tail_left && !inspection.bare_final;
                    assert!(is_clean, "{inspection:?}");
                    assert!(inspection.farthest <= 1 << window_bits && (keeps_context || inspection.before == 0));
                    read.push(inflater.message().to_vec());
                    compressed.clear();
                }
            }
            assert_eq!(read, messages.map(|message| message.concat()));
        }
    }
}
