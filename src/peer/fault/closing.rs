//! Faults in the closing handshake, and in how a connection fails.

use super::{Quirk, quirk};
use crate::peer::conduct::{close, close_octets, echo, fail, pong};
use crate::peer::out::{Act, Frame, Out};
use crate::peer::violation::Violation::*;
use crate::wire::{ClosePayload, Opcode};

pub(super) const TABLE: &[Quirk] = &[
    quirk("ignores-close", "goes on as if no Close had come", |c| c.close = |_, _| {}),
    quirk("ignores-empty-close", "goes on behind a Close without payload", |c| {
        c.close = |out, payload| {
            if payload != ClosePayload::Empty {
                close(out, payload)
            }
        };
    }),
    quirk("ignores-close-inside-message", "goes on behind a Close between fragments", |c| {
        c.close = |out, payload| {
            if !out.inside_message {
                close(out, payload)
            }
        };
    }),
    quirk("ignores-close-with-illegal-code", "goes on behind a Close whose code is not for the wire", |c| {
        c.fail = |out, violation| {
            if !matches!(violation, CloseCode(_)) {
                fail(out, violation)
            }
        };
    }),
    quirk("ignores-one-byte-close", "goes on behind a Close with one octet of payload", |c| {
        c.fail = |out, violation| {
            if violation != OneByteClose {
                fail(out, violation)
            }
        };
    }),
    quirk("ignores-close-with-invalid-reason", "goes on behind a Close whose reason is not UTF-8", |c| {
        c.fail = |out, violation| {
            if violation != CloseReason {
                fail(out, violation)
            }
        };
    }),
    quirk("closes-tcp-without-close-reply", "answers a Close with a bare FIN", |c| c.close = |out, _| out.finish()),
    quirk("resets-tcp-at-close", "answers a Close with a bare RST", |c| c.close = |out, _| out.reset()),
    quirk("resets-tcp-after-close", "sends RST behind its Close frame", |c| {
        c.close = |out, payload| {
            out.send(reply(&payload));
            out.reset();
        };
    }),
    quirk("keeps-tcp-open-after-close", "leaves it to the client to close TCP", |c| {
        c.close = |out, payload| {
            out.send(reply(&payload));
            out.ignore_the_rest();
        };
    }),
    quirk("close-reply-0", "answers a Close with the code 0", |c| c.close = |out, _| answer(out, &0u16.to_be_bytes())),
    quirk("close-reply-999", "answers a Close with the code 999", |c| {
        c.close = |out, _| answer(out, &999u16.to_be_bytes())
    }),
    quirk("close-reply-1004", "answers a Close with the code 1004", |c| {
        c.close = |out, _| answer(out, &1004u16.to_be_bytes())
    }),
    quirk("close-reply-1005", "answers a Close with the code 1005", |c| {
        c.close = |out, _| answer(out, &1005u16.to_be_bytes())
    }),
    quirk("close-reply-1006", "answers a Close with the code 1006", |c| {
        c.close = |out, _| answer(out, &1006u16.to_be_bytes())
    }),
    quirk("close-reply-1015", "answers a Close with the code 1015", |c| {
        c.close = |out, _| answer(out, &1015u16.to_be_bytes())
    }),
    quirk("close-reply-2999", "answers a Close with the code 2999", |c| {
        c.close = |out, _| answer(out, &2999u16.to_be_bytes())
    }),
    quirk("close-reply-1010", "answers a Close with the code 1010, which is for clients", |c| {
        c.close = |out, _| answer(out, &1010u16.to_be_bytes());
    }),
    quirk("close-reply-after-2-s", "takes two seconds to answer a Close", |c| {
        c.close = |out, payload| {
            out.pause(2000);
            close(out, payload);
        };
    }),
    quirk("close-reply-one-byte", "answers a Close with one octet of payload", |c| {
        c.close = |out, _| answer(out, &[3])
    }),
    quirk("close-reply-reason-invalid-utf8", "answers a Close with a reason that is not UTF-8", |c| {
        c.close = |out, _| answer(out, b"\x03\xE8quirk\xC0");
    }),
    quirk("close-reply-126", "answers a Close with 126 octets of payload", |c| {
        c.close = |out, _| answer(out, &[&b"\x03\xE8"[..], &[b'q'; 124]].concat());
    }),
    quirk("close-reply-without-fin", "answers with a Close frame without FIN", |c| {
        c.close = |out, payload| {
            out.send(reply(&payload).unfinished());
            out.finish();
        };
    }),
    quirk("close-reply-cuts-reason", "answers with the reason cut to 122 octets, be it inside a code point", |c| {
        c.close = |out, payload| {
            let mut frame = reply(&payload);
            frame.payload.truncate(124);
            answer(out, &frame.payload);
        };
    }),
    quirk("empty-close-answered-with-1005", "answers a Close without payload with the code 1005", |c| {
        c.close = |out, payload| match payload {
            ClosePayload::Empty => answer(out, &1005u16.to_be_bytes()),
            _ => close(out, payload),
        };
    }),
    quirk("two-closes", "sends its Close frame twice", |c| {
        c.close = |out, payload| {
            out.send(reply(&payload));
            close(out, payload);
        };
    }),
    quirk("answers-every-close", "answers a second Close too", |c| {
        c.close = |out, payload| {
            out.send(reply(&payload));
            out.kept.push(1);
            out.finish_after(300);
        };
        c.message = |out, message| {
            if out.kept.is_empty() {
                echo(out, message)
            }
        };
        c.ping = |out, payload| {
            if out.kept.is_empty() {
                pong(out, payload)
            }
        };
    }),
    quirk("data-after-close", "sends a message behind its Close frame", |c| {
        c.close = |out, payload| {
            out.send(reply(&payload));
            out.send(Frame::new(Opcode::TEXT, "quirk"));
            out.finish();
        };
    }),
    quirk("echoes-after-close", "echoes what comes behind a Close", |c| {
        c.close = |out, payload| {
            if out.kept.is_empty() {
                out.send(reply(&payload));
                out.kept.push(1);
                out.finish_after(300);
            }
        };
    }),
    quirk("close-overtakes-echoes", "sends its Close frame before echoes that are still due", |c| {
        c.settle = |acts| {
            if let Some(at) = acts.iter().position(|act| matches!(act, Act::Send(frame) if frame.is(Opcode::CLOSE))) {
                acts[..=at].rotate_right(1);
            }
        };
    }),
    quirk(
        "close-interrupts-big-echo",
        "sends its Close frame inside an echo over 65535 octets that is still due",
        |c| {
            c.settle = |acts| {
                if acts.iter().any(|act| matches!(act, Act::Send(frame) if frame.is(Opcode::CLOSE))) {
                    for act in acts {
                        if let Act::Send(frame) = act
                            && frame.payload.len() > 65535
                        {
                            *act = Act::SendPart(frame.clone(), 65535);
                        }
                    }
                }
            };
        },
    ),
    quirk("delivers-unfinished-messages", "echoes an unfinished message when a Close or FIN interrupts it", |c| {
        c.delivers_unfinished = true;
    }),
    quirk("echoes-close-code-0", "answers a Close of code 0 with the same code", |c| {
        c.overlook = |violation, _| violation == CloseCode(0);
    }),
    quirk("echoes-close-code-999", "answers a Close of code 999 with the same code", |c| {
        c.overlook = |violation, _| violation == CloseCode(999);
    }),
    quirk("echoes-close-code-1005", "answers a Close of code 1005 with the same code", |c| {
        c.overlook = |violation, _| violation == CloseCode(1005);
    }),
    quirk("echoes-close-code-1006", "answers a Close of code 1006 with the same code", |c| {
        c.overlook = |violation, _| violation == CloseCode(1006);
    }),
    quirk("echoes-close-code-1015", "answers a Close of code 1015 with the same code", |c| {
        c.overlook = |violation, _| violation == CloseCode(1015);
    }),
    quirk("rejects-close-code-1001", "answers a Close of code 1001 with a bare FIN", |c| {
        c.close = |out, payload| if payload.code() == Some(1001) { out.finish() } else { close(out, payload) };
    }),
    quirk("rejects-close-code-1007", "answers a Close of code 1007 with a bare FIN", |c| {
        c.close = |out, payload| if payload.code() == Some(1007) { out.finish() } else { close(out, payload) };
    }),
    quirk("rejects-close-code-1011", "answers a Close of code 1011 with a bare FIN", |c| {
        c.close = |out, payload| if payload.code() == Some(1011) { out.finish() } else { close(out, payload) };
    }),
    quirk("rejects-close-code-3000", "answers a Close of code 3000 with a bare FIN", |c| {
        c.close = |out, payload| if payload.code() == Some(3000) { out.finish() } else { close(out, payload) };
    }),
    quirk("rejects-close-code-4999", "answers a Close of code 4999 with a bare FIN", |c| {
        c.close = |out, payload| if payload.code() == Some(4999) { out.finish() } else { close(out, payload) };
    }),
    quirk("rejects-empty-close", "answers a Close without payload with a bare FIN", |c| {
        c.close = |out, payload| if payload == ClosePayload::Empty { out.finish() } else { close(out, payload) };
    }),
    quirk("rejects-123-byte-reason", "answers a Close with the longest reason with a bare FIN", |c| {
        c.close = |out, payload| match &payload {
            ClosePayload::Code(_, reason) if reason.len() == 123 => out.finish(),
            _ => close(out, payload),
        };
    }),
    quirk("echoes-invalid-close-reason", "answers a Close whose reason is not UTF-8 with the same reason", |c| {
        c.overlook = |violation, _| violation == CloseReason;
    }),
    quirk("echoes-one-byte-close", "answers a Close with one octet of payload with the same octet", |c| {
        c.overlook = |violation, _| violation == OneByteClose;
    }),
    quirk("ignores-violations", "skips what is illegal and goes on", |c| c.fail = |_, _| {}),
    quirk("hangs-at-violation", "neither answers a violation nor closes TCP", |c| {
        c.fail = |out, _| out.ignore_the_rest();
    }),
    quirk("keeps-tcp-open-after-violation", "sends a Close frame at a violation, and leaves TCP open", |c| {
        c.fail = |out, violation| {
            out.send(Frame::close(violation.code(), violation.reason()));
            out.ignore_the_rest();
        };
    }),
    quirk("goes-on-after-violation", "sends a Close frame at a violation, and goes on", |c| {
        c.fail = |out, violation| out.send(Frame::close(violation.code(), violation.reason()));
    }),
    quirk("violation-answered-with-1006", "sends the code 1006 at a violation", |c| {
        c.fail = |out, _| answer(out, &1006u16.to_be_bytes());
    }),
    quirk("violation-answered-with-two-closes", "sends two Close frames at a violation", |c| {
        c.fail = |out, violation| {
            out.send(Frame::close(1000, ""));
            fail(out, violation);
        };
    }),
    quirk("violation-answered-with-data", "sends a message behind the Close frame at a violation", |c| {
        c.fail = |out, violation| {
            out.send(Frame::close(violation.code(), violation.reason()));
            out.send(Frame::new(Opcode::TEXT, "quirk"));
            out.finish();
        };
    }),
    quirk(
        "crashes-at-fin",
        "loses a worker, and the next connection with it, when the client leaves without a Close",
        |c| {
            c.eof = |out| out.lose_next();
        },
    ),
    quirk("crashes-at-reset", "loses a worker, and the next connection with it, when the client resets TCP", |c| {
        c.crashes_at_reset = true;
    }),
    quirk("crashes-at-violation", "loses a worker, and the next connection with it, at whatever is illegal", |c| {
        c.fail = |out, _| out.lose_next();
    }),
    quirk("keeps-tcp-open-after-fin", "keeps its side of TCP open when the client has closed its own", |c| {
        c.eof = |_| {};
    }),
];

fn reply(payload: &ClosePayload) -> Frame {
    Frame::new(Opcode::CLOSE, close_octets(payload))
}

fn answer(out: &mut Out, payload: &[u8]) {
    out.send(Frame::new(Opcode::CLOSE, payload));
    out.finish();
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Row, check, conduct};
    use super::*;

    const CLOSE_THEN_TEXT: &[(u8, &[u8])] = &[(0x88, b"\x03\xE8bye"), (0x81, b"x")];
    const RSV_THEN_TEXT: &[(u8, &[u8])] = &[(0xC1, b"bad"), (0x81, b"x")];
    const LONGEST: &[u8] = &{
        let mut payload = [b'r'; 125];
        (payload[0], payload[1]) = (0x03, 0xE8);
        payload
    };

    const ROWS: &[Row] = &[
        ("ignores-close", CLOSE_THEN_TEXT, "text x"),
        ("ignores-empty-close", &[(0x88, b""), (0x81, b"x")], "text x"),
        ("ignores-close-inside-message", &[(0x01, b"a"), (0x88, b""), (0x80, b"b")], "text ab"),
        ("ignores-close-with-illegal-code", &[(0x88, b"\x03\xED"), (0x81, b"x")], "text x"),
        ("ignores-one-byte-close", &[(0x88, b"\x03"), (0x81, b"x")], "text x"),
        ("ignores-close-with-invalid-reason", &[(0x88, b"\x03\xE8\xFF"), (0x81, b"x")], "text x"),
        ("closes-tcp-without-close-reply", CLOSE_THEN_TEXT, "fin"),
        ("resets-tcp-at-close", CLOSE_THEN_TEXT, "rst"),
        ("resets-tcp-after-close", CLOSE_THEN_TEXT, "close 1000 bye; rst"),
        ("keeps-tcp-open-after-close", CLOSE_THEN_TEXT, "close 1000 bye"),
        ("close-reply-0", CLOSE_THEN_TEXT, "close 0; fin"),
        ("close-reply-999", CLOSE_THEN_TEXT, "close 999; fin"),
        ("close-reply-1004", CLOSE_THEN_TEXT, "close 1004; fin"),
        ("close-reply-1005", CLOSE_THEN_TEXT, "close 1005; fin"),
        ("close-reply-1006", CLOSE_THEN_TEXT, "close 1006; fin"),
        ("close-reply-1015", CLOSE_THEN_TEXT, "close 1015; fin"),
        ("close-reply-2999", CLOSE_THEN_TEXT, "close 2999; fin"),
        ("close-reply-1010", CLOSE_THEN_TEXT, "close 1010; fin"),
        ("close-reply-after-2-s", CLOSE_THEN_TEXT, "pause 2000; close 1000 bye; fin"),
        ("close-reply-one-byte", CLOSE_THEN_TEXT, r"close \x03; fin"),
        ("close-reply-reason-invalid-utf8", CLOSE_THEN_TEXT, r"close 1000 quirk\xc0; fin"),
        ("close-reply-126", CLOSE_THEN_TEXT, "close[126]; fin"),
        ("close-reply-without-fin", CLOSE_THEN_TEXT, "unfinished close 1000 bye; fin"),
        ("close-reply-cuts-reason", &[(0x88, LONGEST)], "close[124]; fin"),
        ("empty-close-answered-with-1005", &[(0x88, b"")], "close 1005; fin"),
        ("two-closes", CLOSE_THEN_TEXT, "close 1000 bye; close 1000 bye; fin"),
        (
            "answers-every-close",
            &[(0x88, b""), (0x81, b"x"), (0x88, b"\x03\xE8")],
            "close ; fin after 300; close 1000; fin after 300",
        ),
        ("data-after-close", CLOSE_THEN_TEXT, "close 1000 bye; text quirk; fin"),
        ("echoes-after-close", CLOSE_THEN_TEXT, "close 1000 bye; fin after 300; text x"),
        ("close-overtakes-echoes", &[(0x81, b"x"), (0x88, b"\x03\xE8")], "close 1000; text x; fin"),
        ("close-interrupts-big-echo", &[(0x82, &[0; 65536]), (0x88, b"")], "65535 of binary[65536]; close ; fin"),
        ("delivers-unfinished-messages", &[(0x01, b"a"), (0x88, b"")], "text a; close ; fin"),
        ("echoes-close-code-0", &[(0x88, b"\x00\x00")], "close 0; fin"),
        ("echoes-close-code-999", &[(0x88, b"\x03\xE7")], "close 999; fin"),
        ("echoes-close-code-1005", &[(0x88, b"\x03\xED")], "close 1005; fin"),
        ("echoes-close-code-1006", &[(0x88, b"\x03\xEE")], "close 1006; fin"),
        ("echoes-close-code-1015", &[(0x88, b"\x03\xF7")], "close 1015; fin"),
        ("rejects-close-code-1001", &[(0x88, b"\x03\xE9")], "fin"),
        ("rejects-close-code-1007", &[(0x88, b"\x03\xEF")], "fin"),
        ("rejects-close-code-1011", &[(0x88, b"\x03\xF3")], "fin"),
        ("rejects-close-code-3000", &[(0x88, b"\x0B\xB8")], "fin"),
        ("rejects-close-code-4999", &[(0x88, b"\x13\x87")], "fin"),
        ("rejects-empty-close", &[(0x88, b"")], "fin"),
        ("rejects-123-byte-reason", &[(0x88, LONGEST)], "fin"),
        ("echoes-invalid-close-reason", &[(0x88, b"\x03\xE8\xFF")], r"close 1000 \xff; fin"),
        ("echoes-one-byte-close", &[(0x88, b"\x03")], r"close \x03; fin"),
        ("ignores-violations", RSV_THEN_TEXT, "text x"),
        ("hangs-at-violation", RSV_THEN_TEXT, ""),
        ("keeps-tcp-open-after-violation", RSV_THEN_TEXT, "close 1002"),
        ("goes-on-after-violation", RSV_THEN_TEXT, "close 1002; text x"),
        ("violation-answered-with-1006", RSV_THEN_TEXT, "close 1006; fin"),
        ("violation-answered-with-two-closes", RSV_THEN_TEXT, "close 1000; close 1002; fin"),
        ("crashes-at-violation", RSV_THEN_TEXT, "lose next"),
        ("violation-answered-with-data", RSV_THEN_TEXT, "close 1002; text quirk; fin"),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        check(TABLE, ROWS, &["crashes-at-fin", "crashes-at-reset", "keeps-tcp-open-after-fin"]);
    }

    #[test]
    fn a_fin_may_go_unanswered() {
        let mut session = crate::peer::session::Session::new(conduct("keeps-tcp-open-after-fin"));
        assert_eq!(session.eof(), []);
    }
}
