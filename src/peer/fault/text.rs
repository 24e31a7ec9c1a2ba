//! Faults in the treatment of UTF-8.

use super::{Quirk, quirk};
use crate::peer::conduct::{Conduct, echo};
use crate::peer::text::Look;
use crate::peer::violation::Violation;
use crate::wire::Opcode;

pub(super) const TABLE: &[Quirk] = &[
    quirk("accepts-invalid-utf8", "does not validate text", |c| judge(c, |_| true)),
    quirk("replaces-invalid-utf8", "echoes invalid text with replacement characters", |c| {
        judge(c, |_| true);
        c.message = |out, mut message| {
            if message.opcode == Opcode::TEXT {
                message.payload = String::from_utf8_lossy(&message.payload).into_owned().into_bytes();
            }
            echo(out, message);
        };
    }),
    quirk("accepts-surrogate", "accepts encoded surrogates in text", |c| {
        judge(c, |text| {
            valid_without(text, |rest| match rest {
                [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => 3,
                _ => 0,
            })
        });
    }),
    quirk("accepts-overlong", "accepts code points in more octets than they need", |c| {
        judge(c, |text| {
            valid_without(text, |rest| match rest {
                [0xC0 | 0xC1, 0x80..=0xBF, ..] => 2,
                [0xE0, 0x80..=0x9F, 0x80..=0xBF, ..] => 3,
                [0xF0, 0x80..=0x8F, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
                _ => 0,
            })
        });
    }),
    quirk("accepts-above-10ffff", "accepts code points above U+10FFFF", |c| {
        judge(c, |text| {
            valid_without(text, |rest| match rest {
                [0xF4, 0x90..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
                [0xF5..=0xF7, 0x80..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
                _ => 0,
            })
        });
    }),
    quirk("accepts-lone-continuation-octets", "accepts octets 80 to BF that continue nothing", |c| {
        judge(c, |text| {
            valid_without(text, |rest| match rest {
                [0x80..=0xBF, ..] => 1,
                _ => 0,
            })
        });
    }),
    quirk("accepts-octets-fe-and-ff", "accepts octets that no UTF-8 has", |c| {
        judge(c, |text| {
            valid_without(text, |rest| match rest {
                [0xFE | 0xFF, ..] => 1,
                _ => 0,
            })
        });
    }),
    quirk("accepts-truncated-utf8-at-end", "accepts text that ends inside a code point", |c| {
        judge(c, |text| std::str::from_utf8(text).err().is_none_or(|fault| fault.error_len().is_none()));
    }),
    quirk("validates-only-the-first-frame", "does not validate text behind its first frame", |c| {
        c.overlook = |violation, header| violation == Violation::InvalidUtf8 && header.opcode == Opcode::CONTINUATION;
    }),
    quirk("validates-only-the-first-4096-octets", "does not validate text behind its first 4096 octets", |c| {
        judge(c, |text| {
            let start = text.get(..4096).unwrap_or(text);
            std::str::from_utf8(start).err().is_none_or(|fault| fault.error_len().is_none() && text.len() > 4096)
        });
    }),
    quirk("rejects-noncharacters", "refuses U+FFFE, U+FFFF and their like in every plane, and U+FDD0 to U+FDEF", |c| {
        c.refuse_message = |message| {
            let is_none = |c: char| u32::from(c) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
            has_char(message.opcode, &message.payload, is_none)
        };
    }),
    quirk("rejects-specials", "refuses U+FFF9 to U+FFFC", |c| {
        c.refuse_message =
            |message| has_char(message.opcode, &message.payload, |c| ('\u{FFF9}'..='\u{FFFC}').contains(&c));
    }),
    quirk("rejects-u+10ffff", "refuses the last code point", |c| {
        c.refuse_message = |message| has_char(message.opcode, &message.payload, |c| c == char::MAX);
    }),
    quirk("rejects-astral-planes", "refuses code points of four octets", |c| {
        c.refuse_message = |message| has_char(message.opcode, &message.payload, |c| c > '\u{FFFF}');
    }),
    quirk("rejects-nul", "refuses U+0000 in text", |c| {
        c.refuse_message = |message| has_char(message.opcode, &message.payload, |c| c == '\0');
    }),
    quirk("nul-ends-text", "echoes text up to its first U+0000", |c| {
        c.message = |out, mut message| {
            let end = message.payload.iter().position(|octet| *octet == 0);
            if let (Opcode::TEXT, Some(end)) = (message.opcode, end) {
                message.payload.truncate(end);
            }
            echo(out, message);
        };
    }),
    quirk("replaces-noncharacters", "echoes U+FFFE and U+FFFF as U+FFFD", |c| {
        c.message = |out, mut message| {
            if let (Opcode::TEXT, Ok(text)) = (message.opcode, std::str::from_utf8(&message.payload)) {
                message.payload = text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}").into_bytes();
            }
            echo(out, message);
        };
    }),
    quirk("strips-leading-bom", "drops U+FEFF at the start of text", |c| {
        c.message = |out, mut message| {
            if message.opcode == Opcode::TEXT && message.payload.starts_with("\u{FEFF}".as_bytes()) {
                message.payload.drain(..3);
            }
            echo(out, message);
        };
    }),
    quirk("drops-inner-bom", "drops U+FEFF behind the start of text", |c| {
        c.message = |out, mut message| {
            if let (Opcode::TEXT, Ok(text)) = (message.opcode, std::str::from_utf8(&message.payload)) {
                let inner = |(at, c): &(usize, char)| *at == 0 || *c != '\u{FEFF}';
                message.payload = text.char_indices().filter(inner).map(|(_, c)| c).collect::<String>().into_bytes();
            }
            echo(out, message);
        };
    }),
    quirk("validates-binary-as-utf8", "refuses binary that is not UTF-8", |c| {
        c.refuse_message = |message| message.opcode == Opcode::BINARY && std::str::from_utf8(&message.payload).is_err();
    }),
    quirk("validates-utf8-per-frame", "refuses a code point that is split over fragments", |c| c.look = Look::PerFrame),
    quirk("validates-utf8-per-read", "refuses a code point that TCP cuts", |c| c.look = Look::PerPiece),
    quirk("utf8-state-lost-at-control", "forgets the start of a code point when a control frame follows it", |c| {
        c.look = Look::UntilControl;
    }),
    quirk("utf8-state-kept-across-messages", "lets the next message finish a code point", |c| {
        c.look = Look::AcrossMessages;
    }),
];

/// Validates whole messages by another measure.
fn judge(conduct: &mut Conduct, valid: fn(&[u8]) -> bool) {
    conduct.look = Look::AtMessageEnd;
    conduct.valid_text = valid;
}

/// Whether the text is UTF-8 once the sequences are taken out whose length `tolerated` tells.
fn valid_without(mut text: &[u8], tolerated: fn(&[u8]) -> usize) -> bool {
    while let Err(fault) = std::str::from_utf8(text) {
        text = &text[fault.valid_up_to()..];
        match tolerated(text) {
            0 => return false,
            length => text = &text[length..],
        }
    }
    true
}

fn has_char(opcode: Opcode, text: &[u8], wanted: fn(char) -> bool) -> bool {
    opcode == Opcode::TEXT && std::str::from_utf8(text).is_ok_and(|text| text.contains(wanted))
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{Row, acts, check, frames, print, run};
    use super::*;

    const ROWS: &[Row] = &[
        ("accepts-invalid-utf8", &[(0x81, b"\xF8")], r"text \xf8"),
        ("replaces-invalid-utf8", &[(0x81, b"\xF8")], r"text \xef\xbf\xbd"),
        ("accepts-surrogate", &[(0x81, b"\xED\xA0\x80")], r"text \xed\xa0\x80"),
        ("accepts-overlong", &[(0x81, b"\xC0\x80\xE0\x80\xAF")], r"text \xc0\x80\xe0\x80\xaf"),
        ("accepts-above-10ffff", &[(0x81, b"\xF4\x90\x80\x80a")], r"text \xf4\x90\x80\x80a"),
        ("accepts-lone-continuation-octets", &[(0x81, b"a\x80")], r"text a\x80"),
        ("accepts-octets-fe-and-ff", &[(0x81, b"\xFFa")], r"text \xffa"),
        ("accepts-truncated-utf8-at-end", &[(0x81, b"a\xE2\x82")], r"text a\xe2\x82"),
        ("validates-only-the-first-frame", &[(0x01, b"a"), (0x80, b"\xF8")], r"text a\xf8"),
        ("validates-only-the-first-4096-octets", &[(0x81, &[b'a'; 4096]), (0x81, TAIL)], "text[4096]; text[4097]"),
        ("rejects-noncharacters", &[(0x81, "\u{1FFFE}".as_bytes())], "close 1002; fin"),
        ("rejects-specials", &[(0x81, "\u{FFFC}".as_bytes())], "close 1002; fin"),
        ("rejects-u+10ffff", &[(0x81, "\u{10FFFF}".as_bytes())], "close 1002; fin"),
        ("rejects-astral-planes", &[(0x81, "\u{10000}".as_bytes())], "close 1002; fin"),
        ("rejects-nul", &[(0x81, b"a\0")], "close 1002; fin"),
        ("nul-ends-text", &[(0x81, b"a\0b")], "text a"),
        ("replaces-noncharacters", &[(0x81, "\u{FFFF}".as_bytes())], r"text \xef\xbf\xbd"),
        ("strips-leading-bom", &[(0x81, "\u{FEFF}a".as_bytes())], "text a"),
        ("drops-inner-bom", &[(0x81, "a\u{FEFF}b".as_bytes())], "text ab"),
        ("validates-binary-as-utf8", &[(0x82, b"\xFF")], "close 1002; fin"),
        ("validates-utf8-per-frame", &[(0x01, b"\xC3"), (0x80, b"\xA9")], "close 1007; fin"),
        ("utf8-state-lost-at-control", &[(0x01, b"\xC3"), (0x8A, b""), (0x80, b"\xA9")], "close 1007; fin"),
        ("utf8-state-kept-across-messages", &[(0x81, b"\xC3"), (0x81, b"\xA9")], r"text \xc3; text \xa9"),
    ];

    const TAIL: &[u8] = &{
        let mut text = [b'a'; 4097];
        text[4096] = 0xFF;
        text
    };

    #[test]
    fn each_row_differs_from_the_conforming_server() {
        check(TABLE, ROWS, &["validates-utf8-per-read"]);
    }

    #[test]
    fn a_cut_by_tcp_matters_only_where_the_row_says() {
        let input = frames(&[(0x81, b"\xC3\xA9")]);
        let (start, end) = input.split_at(input.len() - 1);
        assert_eq!(run("validates-utf8-per-read", &[start, end]), "close 1007; fin");
        assert_eq!(run(CONFORMING, &[start, end]), r"text \xc3\xa9");
    }

    #[test]
    fn each_tolerance_is_narrow() {
        let classes: [&[u8]; 6] = [b"\xED\xA0\x80", b"\xC0\x80", b"\xF4\x90\x80\x80", b"\x80", b"\xFF", b"\xC3"];
        let rows = TABLE.iter().filter(|row| row.name.starts_with("accepts-") && row.name != "accepts-invalid-utf8");
        for row in rows {
            let accepted =
                classes.iter().filter(|text| !print(&acts(row.name, &[&frames(&[(0x81, text)])])).contains("close"));
            assert_eq!(accepted.count(), 1, "{}", row.name);
        }
    }
}
