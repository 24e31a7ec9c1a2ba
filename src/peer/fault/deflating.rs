//! Faults in how messages are compressed, RFC 7692 sections 6.1 and 7.2.1.

use super::variant::pieces;
use super::{Quirk, deflating, quirk};
use crate::peer::conduct::Conduct;
use crate::peer::deflate::{Deflating, RSV1, deflate};
use crate::peer::out::Frame;
use crate::wire::blocks::{BlockWriter, Token};
use crate::wire::deflate::Deflater;
use crate::wire::extension::Direction;
use crate::wire::inflate::TAIL;
use crate::wire::{FrameHeader, Opcode};
use std::sync::LazyLock;

pub(super) const TABLE: &[Quirk] = &[
    quirk("marks-continuations", "sets RSV1 on every frame of a compressed message", |c| {
        in_pieces(c);
        deflating(c, |d| d.mark = |frame| on(frame, Opcode::CONTINUATION, set_rsv1));
    }),
    quirk("marks-pongs", "sets RSV1 on pongs", |c| {
        deflating(c, |d| d.mark = |frame| on(frame, Opcode::PONG, set_rsv1))
    }),
    quirk("marks-closes", "sets RSV1 on its Close", |c| {
        deflating(c, |d| d.mark = |frame| on(frame, Opcode::CLOSE, set_rsv1));
    }),
    quirk("compresses-pongs", "compresses the payload of pongs and sets RSV1", |c| {
        deflating(c, |d| {
            d.mark = |frame| {
                on(frame, Opcode::PONG, |frame| {
                    store(frame);
                    set_rsv1(frame);
                });
            };
        });
    }),
    quirk("compresses-pongs-without-rsv1", "compresses the payload of pongs", |c| {
        deflating(c, |d| d.mark = |frame| on(frame, Opcode::PONG, store));
    }),
    quirk("sets-rsv2-with-deflate", "sets RSV2 on compressed messages", |c| {
        deflating(c, |d| {
            d.mark = |frame| {
                if frame.header.rsv & RSV1 != 0 {
                    frame.header.rsv |= 2;
                }
            };
        });
    }),
    quirk("sets-rsv3-on-compressed-continuations", "sets RSV3 on continuations of compressed messages", |c| {
        in_pieces(c);
        deflating(c, |d| d.mark = |frame| on(frame, Opcode::CONTINUATION, |frame| frame.header.rsv |= 1));
    }),
    quirk("compresses-without-rsv1", "does not set RSV1 on compressed messages", |c| {
        deflating(c, |d| d.mark = |frame| frame.header.rsv = 0);
    }),
    quirk("compresses-fragments-without-rsv1", "does not set RSV1 on compressed messages of several frames", |c| {
        in_pieces(c);
        deflating(c, |d| {
            d.mark = |frame| {
                if !frame.header.fin {
                    frame.header.rsv = 0;
                }
            };
        });
    }),
    quirk("sets-rsv1-without-compressing", "sets RSV1 on messages that are not compressed", |c| {
        deflating(c, |d| d.pack = |_, octets, _| octets.to_vec());
    }),
    quirk("sets-rsv1-on-short-messages", "sets RSV1 on messages that are too short to be compressed", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| match octets.len() {
                1..8 => octets.to_vec(),
                _ => deflate(writer, octets, last),
            };
        });
    }),
    quirk("compresses-nothing-to-nothing", "compresses empty messages to no octet at all", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| match octets.is_empty() {
                true => Vec::new(),
                false => deflate(writer, octets, last),
            };
        });
    }),
    quirk("answers-with-bombs", "sends compressed messages of 24 KiB that come to 24 MiB", |c| {
        static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| Deflater::new(15, false).deflate(&vec![0; 24 << 20]));
        edit(c, |packed| packed.clone_from(&BOMB));
    }),
    quirk("leaves-the-tail", "does not cut off the four octets of the tail", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| {
                let mut packed = deflate(writer, octets, last);
                if last {
                    packed.extend(TAIL);
                }
                packed
            };
        });
    }),
    quirk("cuts-a-fifth-octet", "cuts off five octets where four are the tail", |c| {
        edit(c, |packed| packed.truncate(packed.len() - 1))
    }),
    quirk("adds-an-octet", "sends an octet of ones behind compressed messages", |c| {
        edit(c, |packed| packed.push(0xFF))
    }),
    quirk("sends-zlib-headers", "puts the header of zlib in front of compressed messages", |c| {
        edit(c, |packed| drop(packed.splice(..0, [0x78, 0x9C])));
    }),
    quirk("compresses-twice", "compresses what is compressed already", |c| {
        edit(c, |packed| {
            let mut writer = BlockWriter::default();
            writer.stored(packed, false);
            *packed = writer.message();
        });
    }),
    quirk("sends-reserved-blocks", "begins compressed messages with a block of the reserved kind", |c| {
        edit(c, |packed| packed[0] |= 6);
    }),
    quirk("spoils-long-messages", "flips a bit in the middle of what it has compressed to more than 32 octets", |c| {
        edit(c, |packed| {
            let middle = packed.len() / 2;
            if packed.len() > 32 {
                packed[middle] ^= 1;
            }
        });
    }),
    quirk("sends-bare-final-blocks", "ends compressed messages with a block with BFINAL and nothing behind it", |c| {
        deflating(c, |d| {
            d.pack = |_, octets, last| {
                let mut writer = BlockWriter::default();
                writer.stored(octets, last);
                writer.octets()
            };
        });
    }),
    quirk("pads-final-blocks-with-ones", "pads blocks with BFINAL to a whole octet with ones", |c| {
        deflating(c, |d| {
            d.pack = |_, octets, last| {
                let mut writer = BlockWriter::default();
                if !last {
                    writer.stored(octets, false);
                    return writer.octets();
                }
                writer.fixed(&[Token::Literals(octets.to_vec())], true);
                let mut packed = writer.octets();
                // three bits of header, seven of the end, and a ninth for each octet from 144 on
                let used = (3 + 7 + octets.iter().filter(|octet| **octet >= 144).count()) % 8;
                if let (Some(end), 1..) = (packed.last_mut(), used) {
                    *end |= 0xFF << used;
                }
                packed.push(0);
                packed
            };
        });
    }),
    quirk("sends-wrong-lengths-of-blocks", "writes stored blocks whose two lengths disagree", |c| {
        deflating(c, |d| {
            d.pack = |_, octets, _| {
                let mut writer = BlockWriter::default();
                writer.stored(octets, false);
                let mut packed = writer.message();
                packed[3] ^= 1;
                packed
            };
        });
    }),
    quirk("refers-to-nothing", "begins compressed messages with a reference to octets that never were", |c| {
        deflating(c, |d| {
            d.pack = |_, octets, _| {
                let mut writer = BlockWriter::default();
                let reference = Token::Copy { length: 3, distance: 32_768 };
                writer.fixed(&[reference, Token::Literals(octets.to_vec())], false);
                writer.message()
            };
        });
    }),
    quirk("compresses-with-any-window", "uses a window of 32768 octets whatever was agreed", |c| {
        deflating(c, |d| d.direction = |direction| Direction { window_bits: 15, ..direction });
    }),
    quirk("compresses-with-twice-the-window", "uses a window of twice the size that was agreed", |c| {
        deflating(c, |d| {
            d.direction = |direction| Direction { window_bits: (direction.window_bits + 1).min(15), ..direction };
        });
    }),
    quirk("refers-to-earlier-messages", "refers to earlier messages whatever was agreed", |c| {
        deflating(c, |d| d.direction = |direction| Direction { keeps_context: true, ..direction });
    }),
    quirk("refers-to-what-it-received", "refers to the messages of the other end", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| {
                writer.refer_to(octets);
                deflate(writer, octets, last)
            };
        });
    }),
    quirk("refers-to-a-dictionary", "refers to words that it takes for known", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| {
                writer.refer_to(b"Hello, \"name\": 0123456789 **************** and of the");
                deflate(writer, octets, last)
            };
        });
    }),
    quirk("compresses-each-fragment", "ends each fragment of a message as if it were one", |c| {
        in_pieces(c);
        deflating(c, |d| d.pack = |writer, octets, _| deflate(writer, octets, true));
    }),
    quirk("compresses-64-kib", "compresses the first 65536 octets of a message", |c| {
        deflating(c, |d| d.pack = |writer, octets, last| deflate(writer, &octets[..octets.len().min(65_536)], last));
    }),
    quirk("compresses-what-it-does-not-send", "refers to messages that it compressed and never sent", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| {
                writer.flush(octets);
                deflate(writer, octets, last)
            };
        });
    }),
];

/// Edits each compressed message; those of several frames by their last.
fn edit(conduct: &mut Conduct, change: fn(&mut Vec<u8>)) {
    conduct.deflate = Some(Deflating { seal: change, ..Deflating::conforming() });
}

fn in_pieces(conduct: &mut Conduct) {
    conduct.message = |out, message| pieces(out, message, 3);
}

fn on(frame: &mut Frame, opcode: Opcode, edit: fn(&mut Frame)) {
    if frame.is(opcode) {
        edit(frame);
    }
}

fn set_rsv1(frame: &mut Frame) {
    frame.header.rsv |= RSV1;
}

/// Puts the payload into a stored block.
fn store(frame: &mut Frame) {
    let mut writer = BlockWriter::default();
    writer.stored(&frame.payload[..frame.payload.len().min(119)], false);
    frame.payload = writer.message();
    let FrameHeader { fin, rsv, opcode, mask, .. } = frame.header;
    frame.header = FrameHeader::new(opcode, frame.payload.len() as u64, mask);
    (frame.header.fin, frame.header.rsv) = (fin, rsv);
}
