//! Faults in the answers to pings and pongs.

use super::{Quirk, quirk};
use crate::peer::conduct::{echo, fail, pong};
use crate::peer::out::{Act, Frame};
use crate::peer::violation::Violation;
use crate::wire::Opcode;

pub(super) const TABLE: &[Quirk] = &[
    quirk("never-answers-ping", "sends no pong", |c| c.ping = |_, _| {}),
    quirk("never-answers-empty-ping", "sends no pong for a ping without payload", |c| {
        c.ping = |out, payload| {
            if !payload.is_empty() {
                pong(out, payload);
            }
        };
    }),
    quirk("never-answers-ping-inside-message", "sends no pong for a ping between fragments", |c| {
        c.ping = |out, payload| {
            if !out.inside_message {
                pong(out, payload);
            }
        };
    }),
    quirk("never-answers-ping-before-a-message", "sends no pong before it has received a message", |c| {
        c.ping = |out, payload| {
            if out.messages > 0 {
                pong(out, payload);
            }
        };
    }),
    quirk("stops-answering-after-10-pings", "sends no pong for the eleventh ping and those behind it", |c| {
        c.ping = |out, payload| {
            if out.pings <= 10 {
                pong(out, payload);
            }
        };
    }),
    quirk("answers-only-first-of-pings", "answers the first of several pings that arrive together", |c| {
        c.settle = |acts| {
            let mut pongs = 0;
            acts.retain(|act| {
                let is_pong = is_pong(act);
                pongs += u32::from(is_pong);
                !is_pong || pongs == 1
            });
        };
    }),
    quirk("pongs-in-reverse-order", "answers several pings that arrive together in reverse order", |c| {
        c.settle = |acts| {
            let places: Vec<usize> = (0..acts.len()).filter(|at| is_pong(&acts[*at])).collect();
            for (low, high) in places.iter().zip(places.iter().rev()).take(places.len() / 2) {
                acts.swap(*low, *high);
            }
        };
    }),
    quirk("third-pong-after-2-s", "takes two seconds to answer the third ping", |c| {
        c.ping = |out, payload| {
            if out.pings == 3 {
                out.pause(2000);
            }
            pong(out, payload);
        };
    }),
    quirk("pong-without-payload", "sends pongs without payload", |c| c.ping = |out, _| pong(out, Vec::new())),
    quirk("pong-payload-truncated-at-125", "loses the last octet of a payload of 125", |c| {
        c.ping = |out, mut payload| {
            payload.truncate(124);
            pong(out, payload);
        };
    }),
    quirk("pong-payload-ends-at-nul", "loses what follows a zero octet in the payload of a ping", |c| {
        c.ping = |out, mut payload| {
            let end = payload.iter().position(|octet| *octet == 0).unwrap_or(payload.len());
            payload.truncate(end);
            pong(out, payload);
        };
    }),
    quirk("pong-payload-as-text", "replaces what is not UTF-8 in the payload of a ping", |c| {
        c.ping = |out, payload| {
            let mut text = String::from_utf8_lossy(&payload).into_owned().into_bytes();
            text.truncate(125);
            pong(out, text);
        };
    }),
    quirk("pong-of-previous-ping", "answers a ping with the payload of the one before it", |c| {
        c.ping = |out, payload| {
            let previous = std::mem::replace(&mut out.kept, payload);
            pong(out, previous);
        };
    }),
    quirk("pong-of-first-ping", "answers every ping with the payload of the first", |c| {
        c.ping = |out, payload| {
            if out.pings == 1 {
                out.kept = payload;
            }
            let first = out.kept.clone();
            pong(out, first);
        };
    }),
    quirk("ping-answered-by-ping", "answers a ping with a ping", |c| {
        c.ping = |out, payload| out.send(Frame::new(Opcode::PING, payload));
    }),
    quirk("ping-answered-by-message", "answers a ping with a binary message", |c| {
        c.ping = |out, payload| out.send(Frame::new(Opcode::BINARY, payload));
    }),
    quirk("pong-waits-for-message-end", "answers a ping between fragments when the message is complete", |c| {
        c.ping = |out, payload| if out.inside_message { out.kept = payload } else { pong(out, payload) };
        c.message = |out, message| {
            let kept = std::mem::take(&mut out.kept);
            if !kept.is_empty() {
                pong(out, kept);
            }
            echo(out, message);
        };
    }),
    quirk("pong-waits-for-next-message", "answers a ping when the next message has come", |c| {
        c.ping = |out, payload| out.kept = payload;
        c.message = |out, message| {
            let kept = std::mem::take(&mut out.kept);
            if !kept.is_empty() {
                pong(out, kept);
            }
            echo(out, message);
        };
    }),
    quirk("fails-on-unsolicited-pong", "refuses a pong that it did not ask for", |c| {
        c.pong = |out, _| fail(out, Violation::Imagined);
    }),
    quirk("fails-on-ping-inside-message", "refuses a ping between fragments", |c| {
        c.ping = |out, payload| if out.inside_message { fail(out, Violation::Imagined) } else { pong(out, payload) };
    }),
    quirk("fails-on-pong-inside-message", "refuses a pong between fragments", |c| {
        c.pong = |out, _| {
            if out.inside_message {
                fail(out, Violation::Imagined);
            }
        };
    }),
    quirk("closes-tcp-at-ping", "sends FIN instead of a pong", |c| c.ping = |out, _| out.finish()),
];

fn is_pong(act: &Act) -> bool {
    matches!(act, Act::Send(frame) if frame.is(Opcode::PONG))
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Row, check};
    use super::*;

    const TWO_PINGS: &[(u8, &[u8])] = &[(0x89, b"p"), (0x89, b"q")];
    const PING_INSIDE: &[(u8, &[u8])] = &[(0x89, b"p"), (0x01, b"a"), (0x89, b"q"), (0x80, b"b")];

    const ROWS: &[Row] = &[
        ("never-answers-ping", &[(0x89, b"p"), (0x81, b"x")], "text x"),
        ("never-answers-empty-ping", &[(0x89, b""), (0x89, b"p")], "pong p"),
        ("never-answers-ping-inside-message", PING_INSIDE, "pong p; text ab"),
        ("never-answers-ping-before-a-message", &[(0x89, b"p"), (0x81, b"x"), (0x89, b"q")], "text x; pong q"),
        (
            "stops-answering-after-10-pings",
            &[(0x89, b"".as_slice()); 11],
            "pong ; pong ; pong ; pong ; pong ; pong ; pong ; pong ; pong ; pong ",
        ),
        ("answers-only-first-of-pings", TWO_PINGS, "pong p"),
        ("pongs-in-reverse-order", &[(0x89, b"p"), (0x81, b"x"), (0x89, b"q")], "pong q; text x; pong p"),
        ("third-pong-after-2-s", &[(0x89, b"o"), (0x89, b"p"), (0x89, b"q")], "pong o; pong p; pause 2000; pong q"),
        ("pong-without-payload", &[(0x89, b"p")], "pong "),
        ("pong-payload-truncated-at-125", &[(0x89, &[b'p'; 125]), (0x89, b"p")], "pong[124]; pong p"),
        ("pong-payload-ends-at-nul", &[(0x89, b"p\0q")], "pong p"),
        ("pong-payload-as-text", &[(0x89, b"p\xFF")], r"pong p\xef\xbf\xbd"),
        ("pong-of-previous-ping", TWO_PINGS, "pong ; pong p"),
        ("pong-of-first-ping", TWO_PINGS, "pong p; pong p"),
        ("ping-answered-by-ping", &[(0x89, b"p")], "ping p"),
        ("ping-answered-by-message", &[(0x89, b"p")], "binary p"),
        ("pong-waits-for-message-end", &[(0x01, b"a"), (0x89, b"p")], ""),
        (
            "pong-waits-for-message-end",
            &[(0x01, b"a"), (0x89, b"p"), (0x00, b""), (0x89, b"q"), (0x80, b"")],
            "pong q; text a",
        ),
        ("pong-waits-for-next-message", &[(0x89, b"p"), (0x89, b"q"), (0x81, b"x")], "pong q; text x"),
        ("fails-on-unsolicited-pong", &[(0x8A, b"p")], "close 1002; fin"),
        ("fails-on-ping-inside-message", PING_INSIDE, "pong p; close 1002; fin"),
        ("fails-on-pong-inside-message", &[(0x8A, b"p"), (0x01, b"a"), (0x8A, b"q")], "close 1002; fin"),
        ("closes-tcp-at-ping", &[(0x89, b"p")], "fin"),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        check(TABLE, ROWS, &[]);
    }
}
