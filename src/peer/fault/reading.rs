//! Faults in how frames are read: what is accepted, what is refused, and what is damaged on the way.

use super::{Quirk, quirk};
use crate::peer::conduct::Impatience;
use crate::peer::conduct::{Received, close, echo, fail, pong};
use crate::peer::out::Out;
use crate::peer::text::Look;
use crate::peer::violation::Violation::*;
use crate::wire::inflate::Inflater;
use crate::wire::{ClosePayload, LengthForm, MaskKey, Opcode};
use std::time::Duration;

pub(super) const TABLE: &[Quirk] = &[
    quirk("inflates-seven-octets-unagreed", "decompresses marked messages of 7 octets, though none were agreed", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 4 && header.length == 7;
        c.look = Look::AtMessageEnd;
        c.valid_text = |text| std::str::from_utf8(text).is_ok() || inflated(text).is_some();
        c.message = |out, mut message| {
            if message.opcode == Opcode::TEXT && std::str::from_utf8(&message.payload).is_err() {
                message.payload = inflated(&message.payload).unwrap_or_default();
            }
            echo(out, message);
        };
    }),
    quirk("accepts-rsv1-on-text", "accepts text whose first frame has RSV1", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 4 && header.opcode == Opcode::TEXT;
    }),
    quirk("accepts-rsv2-on-binary", "accepts binary whose first frame has RSV2", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 2 && header.opcode == Opcode::BINARY;
    }),
    quirk("accepts-rsv3-on-text", "accepts text whose first frame has RSV3", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 1 && header.opcode == Opcode::TEXT;
    }),
    quirk("accepts-all-rsv-bits-together", "accepts data frames with all three reserved bits", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 7 && !header.opcode.is_control();
    }),
    quirk("accepts-rsv1-on-continuation", "accepts continuations with RSV1", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 4 && header.opcode == Opcode::CONTINUATION;
    }),
    quirk("accepts-rsv2-on-ping", "answers pings with RSV2", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 2 && header.opcode == Opcode::PING;
    }),
    quirk("accepts-rsv3-on-pong", "ignores that a pong has RSV3", |c| {
        c.overlook = |violation, header| violation == Rsv && header.rsv == 1 && header.opcode == Opcode::PONG;
    }),
    quirk("accepts-reserved-opcode-3", "ignores frames of opcode 3", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(3);
    }),
    quirk("accepts-reserved-opcode-4", "ignores frames of opcode 4", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(4);
    }),
    quirk("accepts-reserved-opcode-5", "ignores frames of opcode 5", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(5);
    }),
    quirk("accepts-reserved-opcode-6", "ignores frames of opcode 6", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(6);
    }),
    quirk("accepts-reserved-opcode-7", "ignores frames of opcode 7", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(7);
    }),
    quirk("accepts-reserved-opcode-11", "ignores frames of opcode 11", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(11);
    }),
    quirk("accepts-reserved-opcode-12", "ignores frames of opcode 12", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(12);
    }),
    quirk("accepts-reserved-opcode-13", "ignores frames of opcode 13", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(13);
    }),
    quirk("accepts-reserved-opcode-14", "ignores frames of opcode 14", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(14);
    }),
    quirk("accepts-reserved-opcode-15", "ignores frames of opcode 15", |c| {
        c.overlook = |violation, header| violation == ReservedOpcode && header.opcode == Opcode(15);
    }),
    quirk("accepts-unmasked-text", "accepts text that is not masked", |c| {
        c.overlook = |violation, header| violation == Masking && header.opcode == Opcode::TEXT && header.length > 0;
    }),
    quirk("accepts-unmasked-binary", "accepts binary that is not masked", |c| {
        c.overlook = |violation, header| violation == Masking && header.opcode == Opcode::BINARY && header.length > 0;
    }),
    quirk("accepts-unmasked-empty-frames", "accepts empty frames that are not masked", |c| {
        c.overlook = |violation, header| violation == Masking && header.length == 0;
    }),
    quirk("accepts-unmasked-continuation", "accepts continuations that are not masked", |c| {
        c.overlook = |violation, header| violation == Masking && header.opcode == Opcode::CONTINUATION;
    }),
    quirk("accepts-unmasked-ping", "answers pings that are not masked", |c| {
        c.overlook = |violation, header| violation == Masking && header.opcode == Opcode::PING;
    }),
    quirk("accepts-unmasked-pong", "ignores that a pong is not masked", |c| {
        c.overlook = |violation, header| violation == Masking && header.opcode == Opcode::PONG;
    }),
    quirk("accepts-pong-126", "ignores that a pong has 126 octets", |c| {
        c.overlook = |violation, header| violation == LongControl && header.opcode == Opcode::PONG;
    }),
    quirk("accepts-fragmented-ping", "answers a ping without FIN", |c| {
        c.overlook = |violation, header| violation == FragmentedControl && header.opcode == Opcode::PING;
    }),
    quirk("accepts-fragmented-pong", "ignores that a pong has no FIN", |c| {
        c.overlook = |violation, header| violation == FragmentedControl && header.opcode == Opcode::PONG;
    }),
    quirk("accepts-new-text-inside-message", "starts a new message where a text frame interrupts one", |c| {
        c.overlook = |violation, header| violation == NestedMessage && header.opcode == Opcode::TEXT;
    }),
    quirk("accepts-new-binary-inside-message", "starts a new message where a binary frame interrupts one", |c| {
        c.overlook = |violation, header| violation == NestedMessage && header.opcode == Opcode::BINARY;
    }),
    quirk("accepts-length-with-msb", "ignores the most significant bit of a 64-bit length", |c| {
        c.overlook = |violation, header| violation == LengthMsb && header.length > 0;
    }),
    quirk("accepts-ping-126", "answers a ping of more than 125 octets with its first 125", |c| {
        c.overlook = |violation, header| violation == LongControl && header.opcode == Opcode::PING;
        c.ping = |out, mut payload| {
            payload.truncate(125);
            pong(out, payload);
        };
    }),
    quirk("ignores-long-close", "ignores a Close of more than 125 octets", |c| {
        c.overlook = |violation, header| violation == LongControl && header.opcode == Opcode::CLOSE;
        c.close = |out, payload| match payload {
            ClosePayload::Code(_, ref reason) if reason.len() > 123 => {}
            _ => close(out, payload),
        };
    }),
    quirk("accepts-continuation-without-start", "echoes a continuation that continues nothing", |c| {
        c.overlook = |violation, _| violation == LoneContinuation;
        c.message = |out, mut message| {
            if message.opcode == Opcode::CONTINUATION {
                message.opcode = Opcode::BINARY;
            }
            echo(out, message);
        };
    }),
    quirk("ignores-continuation-without-start", "ignores a continuation that continues nothing", |c| {
        c.overlook = |violation, _| violation == LoneContinuation;
        c.message = |out, message| {
            if message.opcode != Opcode::CONTINUATION {
                echo(out, message);
            }
        };
    }),
    quirk("refuses-16-bit-lengths-under-128", "refuses frames of 126 and 127 octets", |c| {
        c.refuse_frame = |header, _| header.form == LengthForm::Bits16 && header.length < 128;
    }),
    quirk("refuses-64-bit-lengths", "refuses frames of more than 65535 octets, not by a limit", |c| {
        c.refuse_frame = |header, _| header.form == LengthForm::Bits64;
    }),
    quirk("refuses-mask-key-zero", "refuses frames whose masking key is zero", |c| {
        c.refuse_frame = |header, _| header.mask == Some(MaskKey([0; 4]));
    }),
    quirk("rejects-text", "refuses text, as if only binary were a message", |c| {
        c.refuse_message = |message| message.opcode == Opcode::TEXT;
    }),
    quirk("rejects-empty-text", "refuses text without content", |c| {
        c.refuse_message = |message| message.opcode == Opcode::TEXT && message.payload.is_empty();
    }),
    quirk("rejects-empty-fragments", "refuses continuations without content", |c| {
        c.refuse_frame = |header, _| header.opcode == Opcode::CONTINUATION && header.length == 0;
    }),
    quirk("rejects-empty-pings", "refuses pings without content", |c| {
        c.refuse_frame = |header, _| header.opcode == Opcode::PING && header.length == 0;
    }),
    quirk("rejects-fragmented-binary", "refuses binary messages in more than one frame", |c| {
        c.refuse_frame = |header, _| header.opcode == Opcode::BINARY && !header.fin;
    }),
    quirk("fails-on-headers-cut-by-tcp", "refuses a frame whose header arrives in pieces", |c| {
        c.refuse_frame = |_, cut| cut;
    }),
    quirk(
        "forgets-mask-key-offset-on-cut",
        "unmasks every piece that TCP delivers with the first octet of the key",
        |c| {
            c.unmask = |key, _, piece| key.apply(piece);
        },
    ),
    quirk("leaves-single-octets-masked", "does not unmask an octet of a payload that arrives alone", |c| {
        c.unmask = |key, offset, piece| {
            if offset == 0 || piece.len() != 1 {
                key.at(offset).apply(piece);
            }
        };
    }),
    quirk(
        "leaves-unaligned-tail-masked",
        "does not unmask the last octets of what is longer than 32 and no multiple of 4",
        |c| {
            c.unmask = |key, offset, piece| {
                let count = if piece.len() > 32 { piece.len() & !3 } else { piece.len() };
                key.at(offset).apply(&mut piece[..count]);
            };
        },
    ),
    quirk("leaves-the-tail-masked", "does not unmask the octets behind the last whole word of a short payload", |c| {
        c.unmask = |key, offset, piece| {
            let whole = if piece.len() < 32 { piece.len() & !3 } else { piece.len() };
            key.at(offset).apply(&mut piece[..whole]);
        };
    }),
    quirk(
        "leaves-the-last-word-masked",
        "does not unmask the last word of a short payload of an even number of words",
        |c| {
            c.unmask = |key, offset, piece| {
                let whole =
                    if piece.len() <= 40 && piece.len() % 8 == 0 { piece.len().saturating_sub(4) } else { piece.len() };
                key.at(offset).apply(&mut piece[..whole]);
            };
        },
    ),
    quirk("damages-text-of-odd-words", "damages the end of a short text of an odd number of words", |c| {
        c.message = |out, message| damage(out, message, |length| length <= 40 && length % 8 == 4);
    }),
    quirk("damages-text-near-64-kib", "damages the end of a text of a little less than 64 KiB", |c| {
        c.message = |out, message| damage(out, message, |length| (65_500..65_536).contains(&length));
    }),
    quirk("leaves-weak-keys-masked", "does not unmask a frame whose masking key is no random one", |c| {
        c.unmask = |key, offset, piece| {
            let [a, b, c, d] = key.0;
            let is_weak =
                a == b && c == d || b == 0 && c == 0 || [b, c, d] == [1, 2, 3].map(|step| a.wrapping_add(step));
            if !is_weak {
                key.at(offset).apply(piece);
            }
        };
    }),
    quirk("ping-payload-joins-message", "adds the payload of a ping between fragments to the message", |c| {
        c.ping = |out, payload| {
            if out.inside_message {
                out.kept.extend_from_slice(&payload);
            }
            pong(out, payload);
        };
        c.message = |out, mut message| {
            message.payload.append(&mut out.kept);
            echo(out, message);
        };
    }),
    quirk("hangs-after-ping-inside-message", "stops reading when a ping comes between fragments", |c| {
        c.ping = |out, payload| if out.inside_message { out.stop_reading() } else { pong(out, payload) };
    }),
    quirk("dies-on-reserved-bit", "the whole server ends when a reserved bit is set", |c| {
        c.fail = |out, violation| if violation == Rsv { out.die() } else { fail(out, violation) };
    }),
    quirk("dies-on-reserved-opcode", "the whole server ends when a reserved opcode comes", |c| {
        c.fail = |out, violation| if violation == ReservedOpcode { out.die() } else { fail(out, violation) };
    }),
    quirk("dies-on-length-with-msb", "the whole server ends when the most significant bit of a length is set", |c| {
        c.fail = |out, violation| if violation == LengthMsb { out.die() } else { fail(out, violation) };
    }),
    quirk(
        "crashes-at-huge-length",
        "loses a worker, and the next connection with it, at a length that is too much",
        |c| {
            c.fail = |out, violation| if violation == TooBig { out.lose_next() } else { fail(out, violation) };
        },
    ),
    quirk("dies-on-huge-length", "the whole server ends when a frame announces more than it accepts", |c| {
        c.fail = |out, violation| if violation == TooBig { out.die() } else { fail(out, violation) };
    }),
    quirk(
        "dies-on-fin-inside-message",
        "the whole server ends when the client leaves in the middle of a message",
        |c| {
            c.eof = |out| if out.inside_message { out.die() } else { out.finish() };
        },
    ),
    quirk("ends-payloads-at-pauses-of-400-ms", "takes a payload for complete when it pauses for 400 ms", |c| {
        c.impatience = Some((Duration::from_millis(400), Impatience::EndsPayload));
    }),
    quirk("forgets-headers-at-pauses-of-400-ms", "forgets the start of a header when it pauses for 400 ms", |c| {
        c.impatience = Some((Duration::from_millis(400), Impatience::ForgetsHeader));
    }),
    quirk("ends-payloads-at-pauses-of-1-s", "takes a payload for complete when it pauses for a second", |c| {
        c.impatience = Some((Duration::from_millis(1000), Impatience::EndsPayload));
    }),
];

/// What octets come to where they are a whole compressed message.
fn inflated(octets: &[u8]) -> Option<Vec<u8>> {
    let mut inflater = Inflater::default();
    let read = inflater.inflate(octets, 1 << 20);
    read.fault.is_none().then(|| inflater.message().to_vec())
}

/// Echoes a message, with a wrong last octet where it is a text of such a length. What the harness says of itself comes
/// back unspoilt: a server that spoils that too counts as none that echoes.
fn damage(out: &mut Out, mut message: Received, is_such: fn(usize) -> bool) {
    if message.opcode == Opcode::TEXT
        && !message.payload.starts_with(b"wsspec")
        && is_such(message.payload.len())
        && let Some(last) = message.payload.last_mut()
    {
        *last ^= 1;
    }
    echo(out, message);
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{Row, check, frames, key, run};
    use super::*;

    const LONG_CLOSE: &[u8] = &{
        let mut payload = [b'r'; 126];
        (payload[0], payload[1]) = (0x03, 0xE8);
        payload
    };

    const ROWS: &[Row] = &[
        ("inflates-seven-octets-unagreed", &[(0xC1, b"\xf2\x48\xcd\xc9\xc9\x07\x00")], "text Hello"),
        ("accepts-rsv1-on-text", &[(0xC1, b"Hello")], "text Hello"),
        ("accepts-rsv2-on-binary", &[(0xA2, b"Hello")], "binary Hello"),
        ("accepts-rsv3-on-text", &[(0x91, b"Hello")], "text Hello"),
        ("accepts-all-rsv-bits-together", &[(0xF2, b"Hello")], "binary Hello"),
        ("accepts-rsv1-on-continuation", &[(0x01, b"He"), (0xC0, b"llo")], "text Hello"),
        ("accepts-rsv2-on-ping", &[(0xA9, b"x")], "pong x"),
        ("accepts-rsv3-on-pong", &[(0x9A, b"x")], ""),
        ("accepts-reserved-opcode-3", &[(0x83, b"x")], ""),
        ("accepts-reserved-opcode-4", &[(0x84, b"x")], ""),
        ("accepts-reserved-opcode-5", &[(0x85, b"x")], ""),
        ("accepts-reserved-opcode-6", &[(0x86, b"x")], ""),
        ("accepts-reserved-opcode-7", &[(0x87, b"x")], ""),
        ("accepts-reserved-opcode-11", &[(0x8B, b"x")], ""),
        ("accepts-reserved-opcode-12", &[(0x8C, b"x")], ""),
        ("accepts-reserved-opcode-13", &[(0x8D, b"x")], ""),
        ("accepts-reserved-opcode-14", &[(0x8E, b"x")], ""),
        ("accepts-reserved-opcode-15", &[(0x8F, b"x"), (0x81, b"y")], "text y"),
        ("accepts-pong-126", &[(0x8A, &[0; 126])], ""),
        ("accepts-fragmented-ping", &[(0x09, b"x")], "pong x"),
        ("accepts-fragmented-pong", &[(0x0A, b"x")], ""),
        ("accepts-new-text-inside-message", &[(0x01, b"a"), (0x81, b"b")], "text b"),
        ("accepts-new-binary-inside-message", &[(0x01, b"a"), (0x82, b"b")], "binary b"),
        ("accepts-ping-126", &[(0x89, &[0; 126])], "pong[125]"),
        ("ignores-long-close", &[(0x88, LONG_CLOSE)], ""),
        ("accepts-continuation-without-start", &[(0x80, b"x")], "binary x"),
        ("ignores-continuation-without-start", &[(0x80, b"x"), (0x81, b"y")], "text y"),
        ("refuses-16-bit-lengths-under-128", &[(0x82, &[0; 127])], "close 1002; fin"),
        ("refuses-64-bit-lengths", &[(0x82, &[0; 65536])], "close 1002; fin"),
        ("rejects-text", &[(0x82, b"x"), (0x81, b"y")], "binary x; close 1002; fin"),
        ("rejects-empty-text", &[(0x81, b"")], "close 1002; fin"),
        ("rejects-empty-fragments", &[(0x01, b"a"), (0x80, b"")], "close 1002; fin"),
        ("rejects-empty-pings", &[(0x89, b"")], "close 1002; fin"),
        ("rejects-fragmented-binary", &[(0x02, b"a"), (0x80, b"")], "close 1002; fin"),
        ("leaves-unaligned-tail-masked", &[(0x82, &[b'a'; 35])], "binary[35]"),
        ("leaves-the-tail-masked", &[(0x82, b"ab")], r"binary V\x98"),
        ("leaves-the-last-word-masked", &[(0x82, b"abcdabcd")], r"binary abcdV\x98BY"),
        ("damages-text-of-odd-words", &[(0x81, b"abcd"), (0x82, b"abcd")], "text abce; binary abcd"),
        ("damages-text-near-64-kib", &[(0x81, b"abcd"), (0x81, &[0; 65535])], "text abcd; text[65535]"),
        ("ping-payload-joins-message", &[(0x01, b"a"), (0x89, b"b"), (0x80, b"c")], "pong b; text acb"),
        ("hangs-after-ping-inside-message", &[(0x01, b"a"), (0x89, b"b"), (0x80, b"c")], "stop-reading"),
        ("dies-on-reserved-bit", &[(0xC1, b"a")], "die"),
        ("dies-on-reserved-opcode", &[(0x83, b"a")], "die"),
    ];

    /// Rows whose octets no well-formed masked frame has, and the pieces in which they arrive.
    const PIECES: &[(&str, &[&[u8]], &str)] = &[
        ("accepts-unmasked-text", &[b"\x81\x01x"], "text x"),
        ("accepts-unmasked-binary", &[b"\x82\x01x"], "binary x"),
        ("accepts-unmasked-empty-frames", &[b"\x81\x00"], "text "),
        ("accepts-unmasked-continuation", &[b"\x01\x80\0\0\0\0\x80\x01x"], "text x"),
        ("accepts-unmasked-ping", &[b"\x89\x01x"], "pong x"),
        ("accepts-unmasked-pong", &[b"\x8A\x01x"], ""),
        ("accepts-length-with-msb", &[b"\x82\xFF\x80\0\0\0\0\0\0\x01\0\0\0\0x"], "binary x"),
        ("refuses-mask-key-zero", &[b"\x82\x81\0\0\0\0x"], "close 1002; fin"),
        ("fails-on-headers-cut-by-tcp", &[b"\x82", b"\x81\0\0\0\0x"], "close 1002; fin"),
        ("forgets-mask-key-offset-on-cut", &[b"\x82\x82\0 \0\0A", b"B"], "binary AB"),
        ("leaves-single-octets-masked", &[b"\x82\x82\0 \0\0A", b"B"], "binary AB"),
        ("dies-on-length-with-msb", &[b"\x82\xFF\x80\0\0\0\0\0\0\x01\0\0\0\0"], "die"),
        ("leaves-weak-keys-masked", &[b"\x82\x81\x01\x01\x02\x02x"], "binary x"),
        ("crashes-at-huge-length", &[b"\x82\xFF\0\0\0\0\x80\0\0\0\0\0\0\0"], "lose next"),
        ("dies-on-huge-length", &[b"\x82\xFF\0\0\0\0\x80\0\0\0\0\0\0\0"], "die"),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        let impatient = [
            "ends-payloads-at-pauses-of-400-ms",
            "ends-payloads-at-pauses-of-1-s",
            "forgets-headers-at-pauses-of-400-ms",
        ];
        let others: Vec<_> =
            PIECES.iter().map(|row| row.0).chain(["dies-on-fin-inside-message"]).chain(impatient).collect();
        check(TABLE, ROWS, &others);
        for (name, pieces, expected) in PIECES {
            assert_eq!(run(name, pieces), *expected, "{name}");
            assert_ne!(run(CONFORMING, pieces), *expected, "{name}");
        }
    }

    #[test]
    fn only_the_end_of_an_unaligned_payload_stays_masked() {
        let masked = frames(&[(0x82, &[b'a'; 35])]);
        let mut session = crate::peer::session::Session::new(
            super::super::find("leaves-unaligned-tail-masked").unwrap().unwrap().conduct(),
        );
        let acts = session.receive(&mut masked.clone());
        let [crate::peer::out::Act::Send(frame)] = &acts[..] else { panic!("{acts:?}") };
        let tail = key();
        assert_eq!(&frame.payload[30..], [b'a', b'a', b'a' ^ tail[0], b'a' ^ tail[1], b'a' ^ tail[2]]);
    }

    #[test]
    fn a_pause_cuts_what_it_interrupts() {
        let interrupted = |name: &str, upto: usize| {
            let mut session = crate::peer::session::Session::new(super::super::rows::conduct(name));
            let mut octets = frames(&[(0x81, b"Hello"), (0x89, b"p")]);
            session.receive(&mut octets[..upto]);
            let acts = [session.lose_patience(), session.receive(&mut octets[upto..])].concat();
            super::super::rows::print(&acts)
        };
        assert_eq!(interrupted(CONFORMING, 9), "text Hello; pong p");
        assert!(interrupted("ends-payloads-at-pauses-of-400-ms", 9).starts_with("text Hel;"));
        assert_eq!(interrupted("ends-payloads-at-pauses-of-400-ms", 3), "text Hello; pong p");
        assert_ne!(interrupted("forgets-headers-at-pauses-of-400-ms", 3), "text Hello; pong p");
        assert_eq!(interrupted("forgets-headers-at-pauses-of-400-ms", 9), "text Hello; pong p");
    }

    #[test]
    fn a_client_that_leaves_inside_a_message_is_deadly() {
        let mut session = crate::peer::session::Session::new(
            super::super::find("dies-on-fin-inside-message").unwrap().unwrap().conduct(),
        );
        session.receive(&mut frames(&[(0x01, b"a")]));
        assert_eq!(session.eof(), [crate::peer::out::Act::Die]);
    }
}
