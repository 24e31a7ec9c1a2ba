//! Reads compressed messages, RFC 7692 section 7.2.2, with a library and not with the inflater of `wire`:
//! two readings that agree say more than one.

use super::{Deflating, Moment};
use crate::wire::extension::Direction;
use crate::wire::inflate::{Inflater, WINDOW};
use flate2::{Decompress, FlushDecompress, Status};

/// A block that ends a stream. That it is reached tells that the message ended between two blocks.
const END: [u8; 5] = [1, 0, 0, 0xFF, 0xFF];
/// How much the output grows at a time.
const STEP: usize = 16 * 1024;

/// What a block with BFINAL means for what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::peer) enum AtFinal {
    /// Nothing.
    GoesOn,
    /// The message ends there.
    Stops,
    /// What was read before is forgotten.
    Forgets,
    /// What was read before is taken for zeros.
    Blanks,
    /// The message ends there, and has no more than so many octets.
    Keeps(usize),
}

/// Why a message could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::peer) enum Unread {
    /// This much came out.
    Broken(Vec<u8>),
    TooLong,
}

/// The state of reading.
pub(in crate::peer) struct Reader {
    ways: Deflating,
    direction: Direction,
    inflate: Decompress,
    /// What came out last.
    window: Vec<u8>,
    /// Where in the message that is read begins what can be referred to.
    start: usize,
    /// The other reading, for quirks that look at how a stream is made.
    inspector: Inflater,
}

impl Reader {
    pub(in crate::peer) fn new(ways: Deflating, direction: Direction) -> Reader {
        Reader {
            ways,
            direction,
            inflate: Decompress::new(false),
            window: Vec::new(),
            start: 0,
            inspector: Inflater::default(),
        }
    }

    /// The octets of a message of which no more than `most` may come out.
    pub(in crate::peer) fn read(&mut self, mut compressed: Vec<u8>, most: usize) -> Result<Vec<u8>, Unread> {
        (self.ways.prepare)(&mut compressed);
        if let Some(refuses) = self.ways.refuses {
            let inspection = self.inspector.inflate(&compressed, most);
            if inspection.fault.is_none() && refuses(&inspection) {
                return Err(Unread::Broken(Vec::new()));
            }
        }
        let read = self.inflate(&compressed, most);
        if let Ok(octets) | Err(Unread::Broken(octets)) = &read {
            self.remember(&octets[self.start..]);
        }
        if !self.direction.keeps_context {
            self.window.clear();
        }
        read.map(|mut octets| {
            (self.ways.result)(&mut octets);
            octets
        })
    }

    /// Something happened at which a quirk may forget.
    pub(in crate::peer) fn pass(&mut self, moment: &Moment<'_>) {
        if (self.ways.forgets)(moment) {
            self.window.clear();
        }
        if let (Moment::Message(message), true) = (moment, self.ways.remembers_plain)
            && !message.compressed
        {
            self.remember(&message.payload);
        }
    }

    fn remember(&mut self, octets: &[u8]) {
        self.window.extend_from_slice(&octets[octets.len().saturating_sub(WINDOW)..]);
        let surplus = self.window.len().saturating_sub(self.ways.window);
        self.window.drain(..surplus);
    }

    fn inflate(&mut self, compressed: &[u8], most: usize) -> Result<Vec<u8>, Unread> {
        let stream = [compressed, self.ways.tail, &END].concat();
        let mut out = Vec::with_capacity(compressed.len().saturating_mul(2).min(1 << 20) + STEP);
        let mut at = 0;
        self.start = 0;
        loop {
            at += match self.up_to_final(&stream[at..], &mut out, most) {
                Ok(used) => used,
                Err(()) if out.len() > most => return Err(Unread::TooLong),
                Err(()) => return Err(Unread::Broken(out)),
            };
            if at == stream.len() {
                return Ok(out);
            }
            match self.ways.at_final {
                AtFinal::Stops => return Ok(out),
                AtFinal::Keeps(most) => {
                    out.truncate(most);
                    return Ok(out);
                }
                AtFinal::Blanks => self.window.fill(0),
                AtFinal::Forgets => {
                    self.window.clear();
                    self.start = out.len();
                }
                AtFinal::GoesOn => {}
            }
            // section 7.2.3.4: BFINAL ends neither the message nor the window
            if at > compressed.len() {
                return Err(Unread::Broken(out));
            }
        }
    }

    /// Reads one stream, up to the end of its final block; tells how much of the input it was.
    fn up_to_final(&mut self, stream: &[u8], out: &mut Vec<u8>, most: usize) -> Result<usize, ()> {
        self.inflate.reset(false);
        let before = [&self.window, &out[self.start.max(out.len().saturating_sub(WINDOW))..]].concat();
        let before = &before[before.len().saturating_sub(WINDOW)..];
        if !before.is_empty() {
            self.inflate.set_dictionary(before).map_err(|_| ())?;
        }
        loop {
            if out.capacity() - out.len() < STEP / 4 {
                out.reserve(STEP.max(out.len()));
            }
            let used = self.inflate.total_in() as usize;
            let status = self.inflate.decompress_vec(&stream[used..], out, FlushDecompress::Sync).map_err(|_| ())?;
            let used = self.inflate.total_in() as usize;
            if out.len() > most {
                return Err(());
            }
            match status {
                Status::StreamEnd => return Ok(used),
                // room that is left tells that the input ended inside a block
                _ if used == stream.len() && out.len() < out.capacity() => return Err(()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::blocks::{BlockWriter, Token};
    use crate::wire::inflate::InflateFault;
    use proptest::prelude::*;

    const WHOLE: Direction = Direction { window_bits: 15, keeps_context: true };

    fn reader() -> Reader {
        Reader::new(Deflating::conforming(), WHOLE)
    }

    fn read(compressed: &[u8]) -> Result<Vec<u8>, Unread> {
        reader().read(compressed.to_vec(), 1 << 20)
    }

    #[test]
    fn the_vectors_of_rfc_7692_section_7_2_3() {
        for compressed in [
            &b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..],
            b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
            b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
        ] {
            assert_eq!(read(compressed), Ok(b"Hello".to_vec()), "{}", compressed.escape_ascii());
        }
        assert_eq!(read(b"\x00"), Ok(vec![]));
        let mut reader = reader();
        for compressed in [&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..], b"\xf2\x00\x11\x00\x00"] {
            assert_eq!(reader.read(compressed.to_vec(), 5), Ok(b"Hello".to_vec()));
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for compressed in [
            // nothing, the middle of a block, a bare final block, a tail that was left, the reserved kind, wrong lengths
            &b""[..],
            b"\xf2\x48\xcd",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00",
            b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
            b"\x06\x00",
            b"\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f\x00",
            // a reference to nothing
            b"\xf2\x00\x11\x00\x00",
        ] {
            assert!(matches!(read(compressed), Err(Unread::Broken(_))), "{}", compressed.escape_ascii());
        }
        assert_eq!(reader().read(b"\xf2\x48\xcd\xc9\xc9\x07\x00".to_vec(), 4), Err(Unread::TooLong));
    }

    #[test]
    fn the_window_reaches_across_messages_and_final_blocks() {
        let start: Vec<u8> = (0..40_000u32).map(|at| (at * 7 + at / 251) as u8).collect();
        let mut reader = reader();
        let mut writer = BlockWriter::default();
        writer.stored(&start[..39_000], true);
        writer.fixed(&[Token::Literals(start[39_000..].to_vec())], true);
        assert!(reader.read(writer.message(), 1 << 20) == Ok(start.clone()));
        let mut writer = BlockWriter::default();
        writer.dynamic(&[Token::Copy { length: 258, distance: 32_768 }], false);
        let expected = start[40_000 - 32_768..][..258].to_vec();
        assert_eq!(reader.read(writer.message(), 1 << 20), Ok(expected));
    }

    proptest! {
        #[test]
        fn both_readings_agree(
            messages in proptest::collection::vec(proptest::collection::vec(0u8..4, 0..300), 1..6),
            spoiled in 0usize..300,
            octet: u8,
        ) {
            let (mut reader, mut other) = (reader(), Inflater::default());
            let mut deflater = crate::wire::deflate::Deflater::new(15, true);
            let last = messages.len() - 1;
            for (number, message) in messages.iter().enumerate() {
                let mut compressed = deflater.deflate(message);
                let length = compressed.len();
                if number == last && spoiled < compressed.len() {
                    compressed[spoiled] = octet;
                }
                let inspection = other.inflate(&compressed, 1 << 20);
                let read = reader.read(compressed, 1 << 20);
                let is_good = inspection.fault.is_none() && !inspection.bare_final && !inspection.tail_left;
                // a block that took the whole tail for its own is over, as far as the library can tell
                let took_tail = inspection.fault == Some(InflateFault::Truncated);
                prop_assert!(is_good || read.is_err() || took_tail, "{:?}", inspection);
                prop_assert!(read.is_ok() || number == last && spoiled < length, "{:?}", read);
                if let Ok(octets) = read {
                    prop_assert_eq!(&octets[..], other.message());
                }
            }
        }
    }
}
