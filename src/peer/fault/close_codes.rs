//! Faults about what the payload of a Close says: legal codes that are refused, illegal ones that are taken, and replies
//! that are not written as a code.

use super::{Quirk, quirk};
use crate::peer::conduct::{close, fail};
use crate::peer::out::{Frame, Out};
use crate::peer::violation::Violation::{CloseCode, CloseReason, LongControl, OneByteClose};
use crate::wire::close::{CodeClass, classify};
use crate::wire::{ClosePayload, Opcode};

pub(super) const TABLE: &[Quirk] = &[
    quirk("close-4999-answered-with-1002", "takes a Close of code 4999 for a protocol error", |c| {
        c.close = |out, payload| match payload.code() {
            Some(4999) => answer(out, 1002),
            _ => close(out, payload),
        };
    }),
    quirk("close-3000-answered-with-1002", "takes codes from 3000 to 3999 for a protocol error", |c| {
        c.close = |out, payload| match payload.code() {
            Some(3000..=3999) => answer(out, 1002),
            _ => close(out, payload),
        };
    }),
    quirk("closes-answered-with-1002", "takes every Close for a protocol error", |c| {
        c.close = |out, _| answer(out, 1002);
    }),
    quirk("closes-answered-with-1007", "takes every Close for invalid data", |c| {
        c.close = |out, _| answer(out, 1007);
    }),
    quirk("reasons-beyond-ascii-answered-with-1007", "takes a reason that is not ASCII for invalid data", |c| {
        c.close = |out, payload| match &payload {
            ClosePayload::Code(_, reason) if !reason.is_ascii() => answer(out, 1007),
            _ => close(out, payload),
        };
    }),
    quirk("close-reply-without-code", "answers a Close with a reason and no code in front of it", |c| {
        c.close = |out, _| answer_octets(out, b"bye");
    }),
    quirk("close-reply-in-decimal-digits", "writes the code of its Close in decimal digits", |c| {
        c.close = |out, payload| match payload.code() {
            Some(code) => answer_octets(out, code.to_string().as_bytes()),
            None => close(out, payload),
        };
    }),
    quirk("violation-answered-with-bare-reason", "sends a reason and no code in front of it at a violation", |c| {
        c.fail = |out, violation| answer_octets(out, violation.reason().as_bytes());
    }),
    quirk("illegal-codes-answered-with-empty-close", "answers a Close of an illegal code with an empty Close", |c| {
        c.fail = |out, violation| match violation {
            CloseCode(code) if matches!(classify(code), CodeClass::Unused | CodeClass::LocalOnly) => {
                answer_octets(out, b"")
            }
            _ => fail(out, violation),
        };
    }),
    quirk("malformed-closes-answered-with-empty-close", "answers a Close that is malformed with an empty Close", |c| {
        c.fail = |out, violation| match violation {
            OneByteClose | CloseReason => answer_octets(out, b""),
            _ => fail(out, violation),
        };
    }),
    quirk("takes-closes-of-126-octets", "answers a Close with 126 octets of payload with its code", |c| {
        c.overlook = |violation, header| violation == LongControl && header.opcode == Opcode::CLOSE;
        c.close = answer_with_code;
    }),
    quirk("takes-closes-with-invalid-reason", "answers a Close whose reason is not UTF-8 with its code", |c| {
        c.overlook = |violation, _| violation == CloseReason;
        c.close = answer_with_code;
    }),
    quirk(
        "takes-codes-from-1016-to-2999",
        "answers a Close of a code that nobody has assigned with the same code",
        |c| {
            c.overlook = |violation, _| matches!(violation, CloseCode(1016..=2999));
        },
    ),
    quirk("takes-code-1004", "answers a Close of the reserved code 1004 with the same code", |c| {
        c.overlook = |violation, _| violation == CloseCode(1004);
    }),
    quirk("takes-codes-from-5000-on", "answers a Close of a code beyond all ranges with the same code", |c| {
        c.overlook = |violation, _| matches!(violation, CloseCode(5000..));
    }),
];

fn answer(out: &mut Out, code: u16) {
    answer_octets(out, &code.to_be_bytes());
}

fn answer_octets(out: &mut Out, payload: &[u8]) {
    out.send(Frame::new(Opcode::CLOSE, payload));
    out.finish();
}

/// Repeats the code, and drops the reason.
fn answer_with_code(out: &mut Out, payload: ClosePayload) {
    match payload.code() {
        Some(code) => answer(out, code),
        None => close(out, payload),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Row, check};
    use super::*;

    const LONG: &[u8] = &{
        let mut payload = [b'r'; 126];
        (payload[0], payload[1]) = (0x03, 0xE8);
        payload
    };

    const ROWS: &[Row] = &[
        ("close-4999-answered-with-1002", &[(0x88, b"\x13\x87")], "close 1002; fin"),
        ("close-3000-answered-with-1002", &[(0x88, b"\x0B\xB8")], "close 1002; fin"),
        ("closes-answered-with-1002", &[(0x88, b"")], "close 1002; fin"),
        ("closes-answered-with-1007", &[(0x88, b"\x03\xE8")], "close 1007; fin"),
        ("reasons-beyond-ascii-answered-with-1007", &[(0x88, b"\x03\xE8\xC3\xA9")], "close 1007; fin"),
        ("close-reply-without-code", &[(0x88, b"\x03\xE8")], "close 25209 e; fin"),
        ("close-reply-in-decimal-digits", &[(0x88, b"\x03\xE8")], "close 12592 00; fin"),
        ("violation-answered-with-bare-reason", &[(0xC1, b"bad")], "close 29285 served bit set; fin"),
        ("illegal-codes-answered-with-empty-close", &[(0x88, b"\x03\xED")], "close ; fin"),
        ("malformed-closes-answered-with-empty-close", &[(0x88, b"\x03")], "close ; fin"),
        ("takes-closes-of-126-octets", &[(0x88, LONG)], "close 1000; fin"),
        ("takes-closes-with-invalid-reason", &[(0x88, b"\x03\xE8\xFF")], "close 1000; fin"),
        ("takes-codes-from-1016-to-2999", &[(0x88, b"\x0B\xB7")], "close 2999; fin"),
        ("takes-code-1004", &[(0x88, b"\x03\xEC")], "close 1004; fin"),
        ("takes-codes-from-5000-on", &[(0x88, b"\x13\x88")], "close 5000; fin"),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        check(TABLE, ROWS, &[]);
    }
}
