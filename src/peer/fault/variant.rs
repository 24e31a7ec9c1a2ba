//! Odd servers that break nothing: no check may fail one of them.

use super::{Quirk, quirk};
use crate::peer::conduct::{Received, Tick, close, close_octets, echo, fail, pong};
use crate::peer::out::{Act, Frame, Out};
use crate::peer::text::Look;
use crate::peer::violation::Violation;
use crate::wire::close::{CodeClass, classify};
use crate::wire::{ClosePayload, LengthForm, Opcode};
use std::time::Duration;

pub(super) const TABLE: &[Quirk] = &[
    quirk("greeting", "sends a text message in one segment with the 101", |c| {
        c.open = |out| out.send(Frame::new(Opcode::TEXT, "welcome"));
    }),
    quirk("greeting-after-20-ms", "sends a text message a little after the 101", |c| {
        c.open = |out| {
            out.pause(20);
            out.send(Frame::new(Opcode::TEXT, "welcome"));
        };
    }),
    quirk("ticks", "pushes a text message every 5 ms", |c| {
        let act = |out: &mut Out, tick| out.send(Frame::new(Opcode::TEXT, format!("tick {tick}")));
        c.tick = Some(Tick { period: Duration::from_millis(5), act });
    }),
    quirk("unsolicited-pongs", "sends pongs that answer nothing, when it opens and behind every echo", |c| {
        c.open = |out| {
            pong(out, Vec::new());
            pong(out, b"unasked".to_vec());
        };
        c.message = |out, message| {
            echo(out, message);
            pong(out, b"unasked".to_vec());
        };
    }),
    quirk("pings-the-client", "sends pings, empty, long and not UTF-8, when it opens and before every echo", |c| {
        c.open = |out| {
            out.send(Frame::new(Opcode::PING, ""));
            out.send(Frame::new(Opcode::PING, [0xFF; 125]));
        };
        c.message = |out, message| {
            out.send(Frame::new(Opcode::PING, out.messages.to_be_bytes()));
            echo(out, message);
        };
    }),
    quirk("answers-only-last-ping", "answers the last of several pings that arrive together", |c| {
        c.settle = |acts| {
            let last = acts.iter().rposition(|act| sends(act, Opcode::PONG));
            let mut at = 0;
            acts.retain(|act| {
                at += 1;
                !sends(act, Opcode::PONG) || Some(at - 1) == last
            });
        };
    }),
    quirk("pong-before-echo", "sends pongs before the echoes of what arrives together", |c| {
        c.settle = |acts| acts.sort_by_key(|act| !sends(act, Opcode::PONG));
    }),
    quirk("pong-after-echo", "sends pongs behind the echoes of what arrives together", |c| {
        c.settle = |acts| {
            acts.sort_by_key(|act| match act {
                Act::Send(frame) if frame.is_data() => 0,
                Act::Send(frame) if frame.is(Opcode::PONG) => 1,
                _ => 2,
            });
        };
    }),
    quirk("pong-between-fragments", "sends a pong between the two fragments of an echo that is due with it", |c| {
        c.message = |out, message| {
            let half = message.payload.len() / 2;
            fragments(out, message, &[half]);
        };
        c.settle = |acts| {
            let first = acts.iter().position(|act| matches!(act, Act::Send(frame) if !frame.header.fin));
            let Some(behind) = first.map(|first| first + 1) else { return };
            if let Some(pong) = acts[behind..].iter().position(|act| sends(act, Opcode::PONG)) {
                acts[behind..=behind + pong].rotate_right(1);
            }
        };
    }),
    quirk("echo-in-two-fragments", "echoes every message in two fragments", |c| {
        c.message = |out, message| {
            let half = message.payload.len() / 2;
            fragments(out, message, &[half]);
        };
    }),
    quirk("echo-in-small-fragments", "echoes messages in up to 64 fragments of 7 octets", |c| {
        c.message = |out, message| pieces(out, message, 7);
    }),
    quirk("echo-in-single-octets", "echoes messages in up to 64 fragments of one octet", |c| {
        c.message = |out, message| pieces(out, message, 1);
    }),
    quirk("echo-with-empty-fragments", "echoes messages with empty fragments before, inside and behind", |c| {
        c.message = |out, message| {
            let (half, end) = (message.payload.len() / 2, message.payload.len());
            fragments(out, message, &[0, half, half, end]);
        };
    }),
    quirk("echo-in-8-kib-fragments-with-pings", "echoes in fragments of 8 KiB and sends a ping between them", |c| {
        c.message = |out, message| {
            let ends: Vec<usize> = (1..message.payload.len().div_ceil(8192)).map(|count| count * 8192).collect();
            fragments(out, message, &ends);
        };
        c.settle = |acts| {
            let apart = |act| match act {
                Act::Send(frame) if !frame.header.fin => {
                    vec![Act::Send(frame), Act::Send(Frame::new(Opcode::PING, "between"))]
                }
                other => vec![other],
            };
            *acts = std::mem::take(acts).into_iter().flat_map(apart).collect();
        };
    }),
    quirk("writes-octet-by-octet", "writes everything under 4 KiB in segments of one octet", |c| c.bytewise = true),
    quirk("echo-after-30-ms", "waits 30 ms before it echoes", |c| {
        c.settle = |acts| {
            if let Some(first) = acts.iter().position(|act| matches!(act, Act::Send(frame) if frame.is_data())) {
                acts.insert(first, Act::Pause(Duration::from_millis(30)));
            }
        };
    }),
    quirk("echo-after-300-ms", "waits 300 ms before it echoes", |c| {
        c.settle = |acts| {
            if let Some(first) = acts.iter().position(|act| matches!(act, Act::Send(frame) if frame.is_data())) {
                acts.insert(first, Act::Pause(Duration::from_millis(300)));
            }
        };
    }),
    quirk("close-reply-empty", "answers a Close without a code", |c| {
        c.close = |out, _| answer(out, Frame::new(Opcode::CLOSE, ""))
    }),
    quirk("close-reply-1000", "answers every Close with 1000", |c| {
        c.close = |out, _| answer(out, Frame::close(1000, ""))
    }),
    quirk("close-reply-1001", "answers every Close with 1001", |c| {
        c.close = |out, _| answer(out, Frame::close(1001, ""))
    }),
    quirk("close-reply-with-reason", "answers every Close with a reason of its own, of 123 octets", |c| {
        c.close =
            |out, _| answer(out, Frame::close(1000, "auf Wiedersehen, \u{e9} ".repeat(5) + "until we meet next time"));
    }),
    quirk("close-drops-pending-echoes", "answers a Close before it has echoed what arrived with it", |c| {
        c.settle = |acts| {
            if acts.iter().any(|act| sends(act, Opcode::CLOSE)) {
                acts.retain(|act| !matches!(act, Act::Send(frame) if frame.is_data()));
            }
        };
    }),
    quirk("malformed-closes-answered-with-1000", "answers a Close that is not well formed with 1000", |c| {
        c.fail = |out, violation| match violation {
            Violation::OneByteClose | Violation::CloseReason => answer(out, Frame::close(1000, "")),
            _ => fail(out, violation),
        };
    }),
    quirk("local-codes-answered-with-1000", "answers a Close of 1005, 1006, 1015 or below 1000 with 1000", |c| {
        c.fail = |out, violation| match violation {
            Violation::CloseCode(code) if !is_unassigned(code) => {
                answer(out, Frame::close(1000, ""));
            }
            _ => fail(out, violation),
        };
    }),
    quirk("unassigned-codes-answered-with-1000", "answers a Close whose code means nothing today with 1000", |c| {
        c.overlook = |violation, _| matches!(violation, Violation::CloseCode(code) if is_unassigned(code));
        c.close = |out, payload| match payload {
            ClosePayload::Code(code, _) if is_unassigned(code) => {
                answer(out, Frame::close(1000, ""));
            }
            _ => close(out, payload),
        };
    }),
    quirk("violation-bare-fin", "fails a connection by FIN alone", |c| c.fail = |out, _| out.finish()),
    quirk("violation-reset", "fails a connection by RST alone", |c| c.fail = |out, _| out.reset()),
    quirk("violation-close-1008", "fails a connection with 1008 whatever was wrong", |c| {
        c.fail = |out, _| answer(out, Frame::close(1008, "policy"));
    }),
    quirk("violation-close-empty", "fails a connection with a Close without a code", |c| {
        c.fail = |out, _| answer(out, Frame::new(Opcode::CLOSE, ""));
    }),
    quirk("violation-waits-for-close", "waits up to a second for the client's Close before FIN", |c| {
        c.fail = |out, violation| match violation {
            Violation::OneByteClose | Violation::CloseCode(_) | Violation::CloseReason => fail(out, violation),
            _ => {
                out.send(Frame::close(violation.code(), violation.reason()));
                out.await_close();
            }
        };
    }),
    quirk("utf8-at-message-end", "validates text when the message is complete", |c| c.look = Look::AtMessageEnd),
    quirk("refuses-non-minimal-lengths", "refuses lengths in more octets than they need", |c| {
        c.refuse_frame = |header, _| header.form != LengthForm::minimal(header.length);
    }),
    quirk("message-limit-64-kib-by-1008", "answers messages over 64 KiB with 1008", |c| {
        c.largest_message = 64 << 10;
        c.fail = |out, violation| match violation {
            Violation::TooBig => answer(out, Frame::close(1008, "policy")),
            _ => fail(out, violation),
        };
    }),
    quirk("no-echo", "takes messages and sends none back", |c| c.message = |_, _| {}),
    quirk("text-only", "answers binary messages with 1003", |c| {
        c.message = |out, message| match message.opcode {
            Opcode::BINARY => answer(out, Frame::close(1003, "text only")),
            _ => echo(out, message),
        };
    }),
    quirk("binary-only", "answers text messages with 1003", |c| {
        c.message = |out, message| match message.opcode {
            Opcode::TEXT => answer(out, Frame::close(1003, "binary only")),
            _ => echo(out, message),
        };
    }),
    quirk("binary-only-without-echo", "answers text messages with 1003, and sends no message back", |c| {
        c.message = |out, message| {
            if message.opcode == Opcode::TEXT {
                answer(out, Frame::close(1003, "binary only"));
            }
        };
    }),
    quirk("pong-after-20-ms", "waits 20 ms before it answers the pings that arrive together", |c| {
        c.settle = |acts| {
            if let Some(first) = acts.iter().position(|act| sends(act, Opcode::PONG)) {
                acts.insert(first, Act::Pause(Duration::from_millis(20)));
            }
        };
    }),
    quirk("pong-answered-by-pong", "answers a pong that it did not ask for with another", |c| c.pong = pong),
    quirk("pong-behind-close", "sends a pong that nobody asked for behind its Close", |c| {
        c.close = |out, payload| {
            out.send(Frame::new(Opcode::CLOSE, close_octets(&payload)));
            pong(out, b"unasked".to_vec());
            out.finish();
        };
    }),
    quirk("close-drops-pending-pongs", "answers a Close and not the pings that arrived with it", |c| {
        c.settle = |acts| {
            if acts.iter().any(|act| sends(act, Opcode::CLOSE)) {
                acts.retain(|act| !sends(act, Opcode::PONG));
            }
        };
    }),
    quirk("fin-50-ms-after-close", "closes TCP a little after its Close", |c| {
        c.close = |out, payload| {
            out.send(Frame::new(Opcode::CLOSE, close_octets(&payload)));
            out.pause(50);
            out.finish();
        };
    }),
    quirk("echoes-unassigned-codes", "answers a Close whose code means nothing today with the same code", |c| {
        c.overlook = |violation, _| matches!(violation, Violation::CloseCode(code) if is_unassigned(code));
    }),
    quirk("violation-close-1011", "fails a connection with 1011 whatever was wrong", |c| {
        c.fail = |out, _| answer(out, Frame::close(1011, ""));
    }),
    quirk("length-with-msb-answered-with-1009", "takes the most significant bit of a length for a part of it", |c| {
        c.fail = |out, violation| match violation {
            Violation::LengthMsb => answer(out, Frame::close(1009, "")),
            _ => fail(out, violation),
        };
    }),
    quirk("message-limit-1-mib", "answers messages over one MiB with 1009", |c| c.largest_message = 1 << 20),
];

/// Whether nobody has given the code a meaning, and no sentence forbids it by its number.
fn is_unassigned(code: u16) -> bool {
    matches!(classify(code), CodeClass::Unassigned | CodeClass::Undefined)
}

fn sends(act: &Act, opcode: Opcode) -> bool {
    matches!(act, Act::Send(frame) if frame.is(opcode))
}

fn answer(out: &mut Out, frame: Frame) {
    out.send(frame);
    out.finish();
}

/// Echoes a message in fragments that end at these offsets, and at its end.
fn fragments(out: &mut Out, message: Received, ends: &[usize]) {
    let mut start = 0;
    let mut opcode = message.opcode;
    for end in ends {
        out.send(Frame::new(opcode, &message.payload[start..*end]).unfinished());
        (start, opcode) = (*end, Opcode::CONTINUATION);
    }
    out.send(Frame::new(opcode, &message.payload[start..]));
}

/// Echoes a message in up to 63 fragments of `size` octets and one with the rest.
pub(in crate::peer) fn pieces(out: &mut Out, message: Received, size: usize) {
    let ends: Vec<usize> = (1..64).map(|count| count * size).take_while(|end| *end < message.payload.len()).collect();
    fragments(out, message, &ends);
}

#[cfg(test)]
mod tests {
    use super::super::rows::{acts, frames, print, run};
    use super::*;

    const HELLO: &[u8] = "Hello, W\u{f6}rld \u{20ac} \u{1f600}!".as_bytes();

    fn conversation() -> Vec<u8> {
        frames(&[
            (0x81, HELLO),
            (0x01, b"He"),
            (0x89, b"inside"),
            (0x80, b"llo"),
            (0x82, &[0xFF; 20_000]),
            (0x89, b"p"),
            (0x81, b""),
            (0x89, b"q"),
        ])
    }

    /// The messages of a sequence of frames, each of which has to be legal.
    fn messages(name: &str, acts: &[Act]) -> Vec<(Opcode, Vec<u8>)> {
        let mut messages: Vec<(Opcode, Vec<u8>)> = Vec::new();
        let mut inside = false;
        for act in acts {
            let Act::Send(frame) = act else { continue };
            let header = frame.header;
            assert!(header.rsv == 0 && header.mask.is_none() && !header.opcode.is_reserved(), "{name}");
            assert_eq!(header.form, LengthForm::minimal(frame.payload.len() as u64), "{name}");
            if header.opcode.is_control() {
                assert!(header.fin && frame.payload.len() <= 125, "{name}");
                continue;
            }
            assert_eq!(header.opcode == Opcode::CONTINUATION, inside, "{name}");
            match messages.last_mut().filter(|_| inside) {
                Some(message) => message.1.extend_from_slice(&frame.payload),
                None => messages.push((header.opcode, frame.payload.clone())),
            }
            inside = !header.fin;
        }
        assert!(!inside, "{name}");
        messages
    }

    #[test]
    fn every_variant_echoes_everything_in_order() {
        let expected = [
            (Opcode::TEXT, HELLO.to_vec()),
            (Opcode::TEXT, b"Hello".to_vec()),
            (Opcode::BINARY, vec![0xFF; 20_000]),
            (Opcode::TEXT, Vec::new()),
        ];
        for row in TABLE
            .iter()
            .filter(|row| !["no-echo", "text-only", "binary-only", "binary-only-without-echo"].contains(&row.name))
        {
            let acts = acts(row.name, &[&conversation()]);
            let mut messages = messages(row.name, &acts);
            messages.retain(|(_, payload)| payload != b"welcome");
            assert_eq!(messages, expected, "{}", row.name);
            let last_pong = acts.iter().rev().find_map(|act| match act {
                Act::Send(frame) if frame.is(Opcode::PONG) && frame.payload != b"unasked" => Some(&frame.payload[..]),
                _ => None,
            });
            assert_eq!(last_pong, Some(&b"q"[..]), "{}", row.name);
        }
    }

    #[test]
    fn every_variant_closes_once_and_last() {
        let closes: [&[u8]; 4] = [b"", b"\x03\xE8bye", b"\x0F\xA0", b"\x03\xE8\xC3\xA9"];
        let others =
            ["text-only", "binary-only", "binary-only-without-echo", "pong-behind-close", "fin-50-ms-after-close"];
        for row in TABLE.iter().filter(|row| !others.contains(&row.name)) {
            for payload in closes {
                let acts =
                    acts(row.name, &[&conversation(), &frames(&[(0x88, payload), (0x81, b"late"), (0x88, b"")])]);
                let [.., Act::Send(close), Act::Finish] = &acts[..] else { panic!("{}: {}", row.name, print(&acts)) };
                assert!(close.is(Opcode::CLOSE), "{}", row.name);
                messages(row.name, &acts);
                assert_eq!(acts.iter().filter(|act| sends(act, Opcode::CLOSE)).count(), 1, "{}", row.name);
            }
        }
    }

    #[test]
    fn every_variant_fails_what_is_illegal() {
        let illegal: [&[(u8, &[u8])]; 6] = [
            &[(0xC1, b"x"), (0x88, b"")],
            &[(0x83, b"x"), (0x88, b"")],
            &[(0x80, b"x"), (0x88, b"")],
            &[(0x09, b"x"), (0x88, b"")],
            &[(0x81, b"\xFF"), (0x88, b"")],
            &[(0x88, b"\x03\xED")],
        ];
        for row in TABLE {
            for input in illegal {
                let printed = run(row.name, &[&frames(input)]);
                assert!(printed.ends_with("fin") || printed.ends_with("rst"), "{}: {printed}", row.name);
                assert!(!printed.contains("1005") && !printed.contains("pong x"), "{}: {printed}", row.name);
            }
        }
    }

    #[test]
    fn not_every_message_comes_back() {
        assert_eq!(run("no-echo", &[&frames(&[(0x81, b"x"), (0x89, b"p")])]), "pong p");
        assert_eq!(run("text-only", &[&frames(&[(0x81, b"x"), (0x82, b"y")])]), "text x; close 1003 text only; fin");
        for (name, expected) in [
            ("binary-only", "binary x; close 1003 binary only; fin"),
            ("binary-only-without-echo", "close 1003 binary only; fin"),
        ] {
            assert_eq!(run(name, &[&frames(&[(0x82, b"x"), (0x81, b"y")])]), expected);
        }
    }

    #[test]
    fn what_follows_a_close_is_no_data() {
        let closing = frames(&[(0x88, b"")]);
        assert_eq!(run("pong-behind-close", &[&closing]), "close ; pong unasked; fin");
        assert_eq!(run("fin-50-ms-after-close", &[&closing]), "close ; pause 50; fin");
    }

    #[test]
    fn the_longest_reason_fits_exactly() {
        let closing = frames(&[(0x88, b"")]);
        let acts = acts("close-reply-with-reason", &[&closing]);
        assert!(matches!(&acts[0], Act::Send(frame) if frame.payload.len() == 125));
    }

    #[test]
    fn ticks_are_numbered() {
        let mut session = crate::peer::session::Session::new(super::super::rows::conduct("ticks"));
        assert_eq!((print(&session.tick()), print(&session.tick())), ("text tick 0".into(), "text tick 1".into()));
        session.receive(&mut frames(&[(0x88, b"")]));
        assert_eq!(session.tick(), []);
    }
}
