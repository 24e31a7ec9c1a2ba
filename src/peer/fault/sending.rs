//! Faults in the frames that the server sends, which whoever watches the connection can see.

use super::{Quirk, deflating, quirk};
use crate::peer::conduct::{echo, pong};
use crate::peer::out::Frame;
use crate::wire::{LengthForm, MaskKey, Opcode};

const KEY: Option<MaskKey> = Some(MaskKey([1, 2, 3, 4]));

pub(super) const TABLE: &[Quirk] = &[
    quirk("masks-its-frames", "masks every frame", |c| c.dress = |frame| frame.header.mask = KEY),
    quirk("masks-its-pongs", "masks its pongs", |c| c.dress = |frame| on(frame, Opcode::PONG, |f| f.header.mask = KEY)),
    quirk("masks-its-close", "masks its Close frame", |c| {
        c.dress = |frame| on(frame, Opcode::CLOSE, |frame| frame.header.mask = KEY);
    }),
    quirk("rsv1-on-echo", "sets RSV1 on text", |c| c.dress = |frame| on(frame, Opcode::TEXT, |f| f.header.rsv = 4)),
    quirk("rsv2-on-echo", "sets RSV2 on binary", |c| c.dress = |frame| on(frame, Opcode::BINARY, |f| f.header.rsv = 2)),
    quirk("rsv3-on-pong", "sets RSV3 on pongs", |c| c.dress = |frame| on(frame, Opcode::PONG, |f| f.header.rsv = 1)),
    quirk("rsv1-on-close", "sets RSV1 on its Close frame", |c| {
        c.dress = |frame| on(frame, Opcode::CLOSE, |frame| frame.header.rsv = 4);
    }),
    quirk("length-5-as-16-bit", "writes lengths of data up to 125 in 16 bits", |c| {
        c.dress = |frame| lengthen(frame, 0..=125, LengthForm::Bits16);
    }),
    quirk("length-126-as-64-bit", "writes lengths from 126 to 65534 in 64 bits", |c| {
        c.dress = |frame| lengthen(frame, 126..=65534, LengthForm::Bits64);
    }),
    quirk("length-65535-not-minimal", "writes the length 65535 in 64 bits", |c| {
        c.dress = |frame| lengthen(frame, 65535..=65535, LengthForm::Bits64);
    }),
    quirk("length-with-msb", "sets the most significant bit of 64-bit lengths", |c| {
        c.dress = |frame| {
            if frame.header.form == LengthForm::Bits64 {
                frame.header.length |= 1 << 63;
            }
        };
    }),
    quirk("pong-length-as-16-bit", "writes the length of a pong in 16 bits", |c| {
        c.dress = |frame| on(frame, Opcode::PONG, |frame| frame.header.form = LengthForm::Bits16);
    }),
    quirk("sends-reserved-opcode-3", "sends a frame of opcode 3 before its first echo", |c| {
        c.message = |out, message| {
            if out.messages == 1 {
                out.send(Frame::new(Opcode(3), "quirk"));
            }
            echo(out, message);
        };
    }),
    quirk("sends-reserved-opcode-11", "sends a frame of opcode 11 before its first pong", |c| {
        c.ping = |out, payload| {
            if out.pings == 1 {
                out.send(Frame::new(Opcode(11), "quirk"));
            }
            pong(out, payload);
        };
    }),
    quirk("sends-ping-of-126", "sends a ping of 126 octets", |c| {
        c.open = |out| out.send(Frame::new(Opcode::PING, [b'p'; 126]));
    }),
    quirk("sends-fragmented-ping", "sends a ping without FIN", |c| {
        c.open = |out| out.send(Frame::new(Opcode::PING, "quirk").unfinished());
    }),
    quirk("sends-fragmented-pong", "sends its pongs without FIN", |c| {
        c.ping = |out, payload| out.send(Frame::new(Opcode::PONG, payload).unfinished());
    }),
    quirk("sends-unsolicited-continuation", "sends an empty continuation behind every echo", |c| {
        c.message = |out, message| {
            echo(out, message);
            out.send(Frame::new(Opcode::CONTINUATION, ""));
        };
    }),
    quirk("echo-as-continuation", "gives its echo the opcode of a continuation", |c| {
        c.message = |out, message| out.send(Frame::new(Opcode::CONTINUATION, message.payload));
    }),
    quirk("echo-without-fin", "never sets FIN on its echo", |c| {
        c.message = |out, message| out.send(Frame::new(message.opcode, message.payload).unfinished());
    }),
    quirk("echo-last-fragment-without-fin", "echoes a fragmented message in fragments that never end", |c| {
        c.message = |out, message| {
            if message.frame_ends.len() == 1 {
                return echo(out, message);
            }
            let (start, end) = message.payload.split_at(message.payload.len() / 2);
            out.send(Frame::new(message.opcode, start).unfinished());
            out.send(Frame::new(Opcode::CONTINUATION, end).unfinished());
        };
    }),
    quirk("echo-fragments-all-start-anew", "gives every fragment of its echo the opcode of the first", |c| {
        c.message = |out, message| {
            let (start, end) = message.payload.split_at(message.payload.len() / 2);
            out.send(Frame::new(message.opcode, start).unfinished());
            out.send(Frame::new(message.opcode, end));
        };
    }),
    quirk("echo-interleaves-fragments", "sends another message between the fragments of its echo", |c| {
        c.message = |out, message| {
            let (start, end) = message.payload.split_at(message.payload.len() / 2);
            out.send(Frame::new(message.opcode, start).unfinished());
            out.send(Frame::new(Opcode::BINARY, "quirk"));
            out.send(Frame::new(Opcode::CONTINUATION, end));
        };
    }),
    quirk("compresses-without-agreement", "compresses its echo although nothing was agreed", |c| {
        deflating(c, |d| d.unasked = true);
        c.accepted = |head, _| {
            let is_other = |line: &&str| !line.starts_with("Sec-WebSocket-Extensions");
            head.split_inclusive("\r\n").filter(is_other).collect()
        };
    }),
    quirk("sends-invalid-utf8", "sends a text message that is not UTF-8 when the connection opens", |c| {
        c.open = |out| out.send(Frame::new(Opcode::TEXT, b"quirk\xC0"));
    }),
];

fn on(frame: &mut Frame, opcode: Opcode, edit: fn(&mut Frame)) {
    if frame.is(opcode) {
        edit(frame);
    }
}

fn lengthen(frame: &mut Frame, lengths: std::ops::RangeInclusive<u64>, form: LengthForm) {
    if frame.is_data() && lengths.contains(&frame.header.length) {
        frame.header.form = form;
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Row, check};
    use super::*;

    const CLOSE: &[(u8, &[u8])] = &[(0x88, b"")];

    const ROWS: &[Row] = &[
        ("masks-its-frames", &[(0x81, b"x"), (0x89, b"")], "masked text x; masked pong "),
        ("masks-its-pongs", &[(0x81, b"x"), (0x89, b"p")], "text x; masked pong p"),
        ("masks-its-close", CLOSE, "masked close ; fin"),
        ("rsv1-on-echo", &[(0x81, b"x"), (0x82, b"x")], "rsv4 text x; binary x"),
        ("rsv2-on-echo", &[(0x81, b"x"), (0x82, b"x")], "text x; rsv2 binary x"),
        ("rsv3-on-pong", &[(0x89, b"x")], "rsv1 pong x"),
        ("rsv1-on-close", CLOSE, "rsv4 close ; fin"),
        ("length-5-as-16-bit", &[(0x81, b"x"), (0x89, b"x")], "Bits16 text x; pong x"),
        ("length-126-as-64-bit", &[(0x82, &[0; 126])], "Bits64 binary[126]"),
        ("length-65535-not-minimal", &[(0x82, &[0; 65535]), (0x82, b"x")], "Bits64 binary[65535]; binary x"),
        ("length-with-msb", &[(0x82, &[0; 65536])], "binary[65536]"),
        ("pong-length-as-16-bit", &[(0x81, b"x"), (0x89, b"x")], "text x; Bits16 pong x"),
        ("sends-reserved-opcode-3", &[(0x81, b"x"), (0x81, b"y")], "opcode 0x3 quirk; text x; text y"),
        ("sends-reserved-opcode-11", &[(0x89, b"x"), (0x89, b"y")], "opcode 0xb quirk; pong x; pong y"),
        ("sends-ping-of-126", &[], "ping[126]"),
        ("sends-fragmented-ping", &[], "unfinished ping quirk"),
        ("sends-fragmented-pong", &[(0x89, b"x")], "unfinished pong x"),
        ("sends-unsolicited-continuation", &[(0x81, b"x")], "text x; continuation "),
        ("echo-as-continuation", &[(0x81, b"x")], "continuation x"),
        ("echo-without-fin", &[(0x81, b"x")], "unfinished text x"),
        (
            "echo-last-fragment-without-fin",
            &[(0x81, b"x"), (0x01, b"a"), (0x80, b"b")],
            "text x; unfinished text a; unfinished continuation b",
        ),
        ("echo-fragments-all-start-anew", &[(0x81, b"ab")], "unfinished text a; text b"),
        ("echo-interleaves-fragments", &[(0x81, b"ab")], "unfinished text a; binary quirk; continuation b"),
        ("compresses-without-agreement", &[(0x81, b"x")], r"rsv4 text \xaa\x00\x00"),
        ("sends-invalid-utf8", &[], r"text quirk\xc0"),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        check(TABLE, ROWS, &[]);
    }
}
