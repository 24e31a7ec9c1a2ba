//! Faults in the echo: its content, its type, its order, its number.

use super::{Quirk, quirk};
use crate::peer::conduct::{Received, echo};
use crate::peer::out::{Act, Frame, Out};
use crate::wire::Opcode;

pub(super) const TABLE: &[Quirk] = &[
    quirk("echo-as-binary", "echoes text as binary", |c| {
        c.message = |out, message| out.send(Frame::new(Opcode::BINARY, message.payload));
    }),
    quirk("echo-binary-as-text", "echoes binary as text where it is UTF-8", |c| {
        c.message = |out, message| match std::str::from_utf8(&message.payload) {
            Ok(_) => out.send(Frame::new(Opcode::TEXT, message.payload)),
            Err(_) => echo(out, message),
        };
    }),
    quirk("echo-keeps-first-type", "echoes every message with the type of the first", |c| {
        c.message = |out, mut message| {
            match out.kept.first() {
                Some(first) => message.opcode = Opcode(*first),
                None => out.kept.push(message.opcode.0),
            }
            echo(out, message);
        };
    }),
    quirk("echo-twice", "echoes every message twice", |c| {
        c.message = |out, message| {
            echo(out, message.clone());
            echo(out, message);
        };
    }),
    quirk("echo-drops-last-byte-over-65535", "loses the last octet of messages over 65535 octets", |c| {
        c.message = |out, mut message| {
            if message.payload.len() > 65535 {
                message.payload.pop();
            }
            echo(out, message);
        };
    }),
    quirk("echo-zeroes-octet-65536", "damages one octet in the middle of long messages", |c| {
        c.message = |out, mut message| {
            if let Some(octet) = message.payload.get_mut(65536) {
                *octet = 0;
            }
            echo(out, message);
        };
    }),
    quirk("echo-ends-at-1-mib", "echoes the first MiB of longer messages", |c| {
        c.message = |out, mut message| {
            message.payload.truncate(1 << 20);
            echo(out, message);
        };
    }),
    quirk("echo-cut-to-65536", "cuts a message that is up to three octets longer to 65536 octets", |c| {
        c.message = |out, message| echo_cut(out, message, 1 << 16);
    }),
    quirk("echo-cut-to-1-mib", "cuts a message that is up to three octets longer to one MiB", |c| {
        c.message = |out, message| echo_cut(out, message, 1 << 20);
    }),
    quirk("echo-cuts-last-code-point", "loses the last octet of text that does not end in ASCII", |c| {
        c.message = |out, mut message| {
            if message.opcode == Opcode::TEXT && message.payload.last().is_some_and(|last| !last.is_ascii()) {
                message.payload.pop();
            }
            echo(out, message);
        };
    }),
    quirk("echo-trims-text", "echoes text without the white space around it", |c| {
        c.message = |out, mut message| {
            if message.opcode == Opcode::TEXT {
                message.payload = message.payload.trim_ascii().to_vec();
            }
            echo(out, message);
        };
    }),
    quirk("ignores-empty-messages", "does not echo messages without content", |c| {
        c.message = |out, message| {
            if !message.payload.is_empty() {
                echo(out, message);
            }
        };
    }),
    quirk("ignores-messages-over-1-mib", "does not echo messages over one MiB, and says nothing", |c| {
        c.message = |out, message| {
            if message.payload.len() <= 1 << 20 {
                echo(out, message);
            }
        };
    }),
    quirk("ignores-fragmented-messages", "does not echo messages that came in more than one frame", |c| {
        c.message = |out, message| {
            if message.frame_ends.len() == 1 {
                echo(out, message);
            }
        };
    }),
    quirk("loses-every-100th-message", "does not echo every hundredth message of a connection", |c| {
        c.message = |out, message| {
            if out.messages % 100 != 0 {
                echo(out, message);
            }
        };
    }),
    quirk("echoes-one-message-late", "echoes a message when the next one has come", |c| {
        c.message = |out, message| {
            let previous = std::mem::replace(&mut out.kept, message.payload);
            if out.messages > 1 {
                out.send(Frame::new(message.opcode, previous));
            }
        };
    }),
    quirk("reorders-messages", "swaps the echoes of two messages that arrive together", |c| {
        c.settle = |acts| {
            let echoes = |act: &Act| matches!(act, Act::Send(frame) if frame.is_data());
            let mut places = (0..acts.len()).filter(|at| echoes(&acts[*at]));
            if let (Some(first), Some(second)) = (places.next(), places.next()) {
                acts.swap(first, second);
            }
        };
    }),
    quirk("fragment-order-swapped", "puts the last fragment of a message first", |c| {
        c.message = |out, mut message| {
            if let [.., start, _] = message.frame_ends[..] {
                message.payload.rotate_left(start);
            }
            echo(out, message);
        };
    }),
    quirk("loses-last-fragment", "echoes a message without its last fragment", |c| {
        c.message = |out, mut message| {
            if let [.., start, _] = message.frame_ends[..] {
                message.payload.truncate(start);
            }
            echo(out, message);
        };
    }),
    quirk("echoes-fragments-as-messages", "echoes every fragment as a message of its own", |c| {
        c.message = |out, message| {
            let Received { opcode, payload, frame_ends, .. } = message;
            let mut start = 0;
            for end in frame_ends {
                out.send(Frame::new(opcode, &payload[start..end]));
                start = end;
            }
        };
    }),
    quirk("closes-tcp-inside-big-echo", "sends FIN in the middle of an echo over 65535 octets", |c| {
        c.message = |out, message| break_off(out, message, |out| out.finish());
    }),
    quirk("resets-tcp-inside-big-echo", "sends RST in the middle of an echo over 65535 octets", |c| {
        c.message = |out, message| break_off(out, message, |out| out.reset());
    }),
    quirk(
        "crashes-at-frames-of-64-kib",
        "loses a worker, and the next connection with it, at a message in frames of 64 KiB",
        |c| {
            c.message = |out, message| match message.frame_ends[..] {
                [65536, _, ..] => out.lose_next(),
                _ => echo(out, message),
            };
        },
    ),
    quirk("closes-tcp-after-second-message", "sends FIN without a Close frame behind its second echo", |c| {
        c.message = |out, message| {
            echo(out, message);
            if out.messages == 2 {
                out.finish();
            }
        };
    }),
    quirk("stops-reading-after-500-messages", "reads nothing any more behind its 500th echo", |c| {
        c.message = |out, message| {
            echo(out, message);
            if out.messages == 500 {
                out.stop_reading();
            }
        };
    }),
];

fn echo_cut(out: &mut Out, mut message: Received, most: usize) {
    if (most + 1..=most + 3).contains(&message.payload.len()) {
        message.payload.truncate(most);
    }
    echo(out, message);
}

fn break_off(out: &mut Out, message: Received, end: fn(&mut Out)) {
    let length = message.payload.len();
    if length <= 65535 {
        return echo(out, message);
    }
    out.send_part(Frame::new(message.opcode, message.payload), length / 2);
    end(out);
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{Row, acts, check, frames};
    use super::*;

    const ROWS: &[Row] = &[
        ("echo-as-binary", &[(0x81, b"x")], "binary x"),
        ("echo-binary-as-text", &[(0x82, b"x"), (0x82, b"\xFF")], r"text x; binary \xff"),
        ("echo-keeps-first-type", &[(0x81, b"x"), (0x82, b"y")], "text x; text y"),
        ("echo-twice", &[(0x81, b"x")], "text x; text x"),
        (
            "echo-drops-last-byte-over-65535",
            &[(0x82, &[1; 65535]), (0x82, &[1; 65536])],
            "binary[65535]; binary[65535]",
        ),
        ("echo-zeroes-octet-65536", &[(0x82, &[1; 65537])], "binary[65537]"),
        ("echo-cut-to-65536", &[(0x82, &[1; 65538]), (0x82, &[1; 65540])], "binary[65536]; binary[65540]"),
        ("echo-cut-to-1-mib", &[(0x82, &[1; (1 << 20) + 3])], "binary[1048576]"),
        ("echo-ends-at-1-mib", &[(0x82, &[1; (1 << 20) + 1])], "binary[1048576]"),
        ("echo-cuts-last-code-point", &[(0x81, b"x"), (0x81, b"\xC3\xA9")], r"text x; text \xc3"),
        ("echo-trims-text", &[(0x81, b" x\n")], "text x"),
        ("ignores-empty-messages", &[(0x81, b""), (0x81, b"x")], "text x"),
        ("ignores-messages-over-1-mib", &[(0x82, &[1; (1 << 20) + 1])], ""),
        ("ignores-fragmented-messages", &[(0x01, b"x"), (0x80, b"y"), (0x81, b"z")], "text z"),
        ("echoes-one-message-late", &[(0x81, b"x"), (0x81, b"y")], "text x"),
        ("reorders-messages", &[(0x81, b"x"), (0x89, b"p"), (0x82, b"y")], "binary y; pong p; text x"),
        ("fragment-order-swapped", &[(0x01, b"ab"), (0x00, b"cd"), (0x80, b"e")], "text eabcd"),
        ("loses-last-fragment", &[(0x01, b"ab"), (0x80, b"e"), (0x81, b"z")], "text ab; text z"),
        ("echoes-fragments-as-messages", &[(0x01, b"ab"), (0x80, b"e")], "text ab; text e"),
        ("closes-tcp-inside-big-echo", &[(0x82, &[1; 65536])], "32768 of binary[65536]; fin"),
        ("resets-tcp-inside-big-echo", &[(0x82, &[1; 65536])], "32768 of binary[65536]; rst"),
        ("crashes-at-frames-of-64-kib", &[(0x02, &[1; 65536]), (0x80, b"x")], "lose next"),
        ("closes-tcp-after-second-message", &[(0x81, b"x"), (0x81, b"y"), (0x81, b"z")], "text x; text y; fin"),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        check(TABLE, ROWS, &["loses-every-100th-message", "stops-reading-after-500-messages"]);
    }

    #[test]
    fn long_conversations_show_what_short_ones_do_not() {
        let input = frames(&[(0x82, b"x".as_slice()); 600]);
        for (name, done) in
            [(CONFORMING, 600), ("loses-every-100th-message", 594), ("stops-reading-after-500-messages", 501)]
        {
            assert_eq!(acts(name, &[&input]).len(), done, "{name}");
        }
    }
}
