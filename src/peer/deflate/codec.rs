//! Both directions of a connection on which permessage-deflate was agreed.

use super::reader::{Reader, Unread};
use super::writer::Writer;
use super::{Deflating, Moment};
use crate::peer::out::Act;
use crate::peer::violation::Violation;
use crate::wire::extension::Agreement;
use crate::wire::{FrameHeader, Opcode};

/// What reads and what writes.
pub(in crate::peer) struct Codec {
    pub(in crate::peer) ways: Deflating,
    reader: Reader,
    writer: Writer,
    messages: u64,
}

impl Codec {
    pub(in crate::peer) fn new(ways: Deflating, agreed: Agreement, is_client: bool) -> Codec {
        let (own, other) = match is_client {
            true => (agreed.by_client, agreed.by_server),
            false => (agreed.by_server, agreed.by_client),
        };
        Codec { ways, reader: Reader::new(ways, other), writer: Writer::new(ways, own), messages: 0 }
    }

    /// Whether the message that begins with this frame is read as a compressed one.
    pub(in crate::peer) fn begin(&mut self, header: &FrameHeader) -> bool {
        let is_compressed = (self.ways.is_compressed)(header, self.messages);
        self.messages += 1;
        is_compressed
    }

    /// The octets of a message. What came out of one that cannot be read stands beside what is wrong with it.
    pub(in crate::peer) fn read(&mut self, compressed: Vec<u8>, most: u64) -> Result<Vec<u8>, (Violation, Vec<u8>)> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.reader.read(compressed, most).map_err(|unread| match unread {
            Unread::TooLong => (Violation::TooBig, Vec::new()),
            Unread::Broken(octets) => (Violation::Undecodable, octets),
        })
    }

    /// Something happened at which a quirk may forget.
    pub(in crate::peer) fn pass(&mut self, moment: &Moment<'_>) {
        self.reader.pass(moment);
    }

    /// Compresses what is to be sent.
    pub(in crate::peer) fn pack(&mut self, acts: &mut Vec<Act>) {
        let packed = std::mem::take(acts).into_iter().flat_map(|act| match act {
            Act::Send(frame) => self.writer.pack(frame).into_iter().map(Act::Send).collect(),
            other => vec![other],
        });
        *acts = packed.collect();
    }
}

/// Section 6: RSV1 may stand on the first frame of a message alone.
pub(in crate::peer) fn may_have_rsv1(header: &FrameHeader) -> bool {
    matches!(header.opcode, Opcode::TEXT | Opcode::BINARY)
}
