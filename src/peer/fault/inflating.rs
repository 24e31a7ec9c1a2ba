//! Faults in how compressed messages are read, RFC 7692 sections 6.2 and 7.2.2.

use super::{Quirk, deflating, quirk};
use crate::peer::conduct::{Conduct, close_octets, echo, fail};
use crate::peer::deflate::{AtFinal, Moment, RSV1};
use crate::peer::out::{Frame, Out};
use crate::peer::text::Look;
use crate::peer::violation::Violation;
use crate::wire::inflate::TAIL;
use crate::wire::{FrameHeader, Opcode};

pub(super) const TABLE: &[Quirk] = &[
    quirk("ignores-rsv1", "takes compressed octets for the message", |c| {
        deflating(c, |d| d.is_compressed = |_, _| false)
    }),
    quirk("inflates-everything", "decompresses messages that are not compressed", |c| {
        deflating(c, |d| d.is_compressed = |_, _| true);
    }),
    quirk("inflates-only-the-first-message", "takes RSV1 for a switch that is off behind the first message", |c| {
        deflating(c, |d| d.is_compressed = |header, before| header.rsv & RSV1 != 0 && before == 0);
    }),
    quirk("inflates-everything-behind-the-first", "decompresses every message from the second on", |c| {
        deflating(c, |d| d.is_compressed = |header, before| header.rsv & RSV1 != 0 || before > 0);
    }),
    quirk("inflates-no-binary", "takes compressed octets for a binary message", |c| {
        deflating(c, |d| d.is_compressed = |header, _| header.rsv & RSV1 != 0 && header.opcode == Opcode::TEXT);
    }),
    quirk("refuses-plain-messages", "wants every message compressed", |c| {
        deflating(c, |_| {});
        c.refuse_frame = |header, _| starts_message(header) && header.rsv == 0;
    }),
    quirk("accepts-rsv1-on-continuations-of-deflate", "ignores RSV1 on continuations", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| is_rsv1(violation, header) && header.opcode == Opcode::CONTINUATION;
    }),
    quirk("accepts-rsv1-on-pings-with-deflate", "answers pings with RSV1", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| is_rsv1(violation, header) && header.opcode == Opcode::PING;
    }),
    quirk("accepts-rsv1-on-pongs-with-deflate", "ignores RSV1 on pongs", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| is_rsv1(violation, header) && header.opcode == Opcode::PONG;
    }),
    quirk("accepts-rsv2-with-deflate", "ignores RSV2 on messages", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| violation == Violation::Rsv && header.rsv & 1 == 0 && starts_message(header);
    }),
    quirk("accepts-rsv3-with-deflate", "ignores RSV3 on messages", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| violation == Violation::Rsv && header.rsv & 2 == 0 && starts_message(header);
    }),
    quirk("refuses-empty-compressed-messages", "refuses what decompresses to nothing", |c| {
        deflating(c, |_| {});
        c.refuse_message = |message| message.compressed && message.payload.is_empty();
    }),
    quirk("loses-empty-compressed-messages", "echoes nothing where nothing comes out", |c| {
        deflating(c, |_| {});
        c.message = |out, message| {
            if !message.compressed || !message.payload.is_empty() {
                echo(out, message);
            }
        };
    }),
    quirk("loses-compressed-messages", "echoes uncompressed messages alone", |c| {
        deflating(c, |_| {});
        c.message = |out, message| {
            if !message.compressed {
                echo(out, message);
            }
        };
    }),
    quirk("hangs-behind-closes-with-deflate", "answers a Close, and keeps TCP open whatever the other end does", |c| {
        deflating(c, |_| {});
        c.close = |out, payload| {
            out.send(Frame::new(Opcode::CLOSE, close_octets(&payload)));
            out.stop_reading();
        };
    }),
    quirk("hangs-at-closes-with-deflate", "answers no Close and keeps TCP open", |c| {
        deflating(c, |_| {});
        c.close = |out, _| out.stop_reading();
    }),
    quirk("refuses-compressed-binary", "refuses binary messages that are compressed", |c| {
        deflating(c, |_| {});
        c.refuse_message = |message| message.compressed && message.opcode == Opcode::BINARY;
    }),
    quirk("refuses-compressed-fragments", "refuses compressed messages of several frames", |c| {
        deflating(c, |_| {});
        c.refuse_message = |message| message.compressed && message.frame_ends.len() > 1;
    }),
    quirk("inflates-each-frame", "takes each frame of a compressed message for one by itself", |c| {
        deflating(c, |d| d.by_frame = true);
    }),
    quirk("refuses-stored-blocks", "cannot read stored blocks", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.stored > 0));
    }),
    quirk("refuses-fixed-blocks", "cannot read blocks with the fixed code", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.fixed > 0));
    }),
    quirk("refuses-dynamic-blocks", "cannot read blocks with a code of their own", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.dynamic > 0));
    }),
    quirk("refuses-several-blocks", "cannot read messages of several blocks", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.stored + stream.fixed + stream.dynamic > 1));
    }),
    quirk("refuses-final-blocks", "refuses blocks with BFINAL", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.finals > 0));
    }),
    quirk("ends-final-blocks-at-4-kib", "keeps the first 4096 octets of a message with BFINAL", |c| {
        deflating(c, |d| d.at_final = AtFinal::Keeps(4096));
    }),
    quirk("garbles-references-over-final-blocks", "fills references over a block with BFINAL with zeros", |c| {
        deflating(c, |d| d.at_final = AtFinal::Blanks);
    }),
    quirk("stops-at-final-blocks", "takes a block with BFINAL for the end of the message", |c| {
        deflating(c, |d| d.at_final = AtFinal::Stops);
    }),
    quirk("forgets-behind-each-message", "cannot read references to earlier messages", |c| {
        deflating(c, |d| d.forgets = |moment| matches!(moment, Moment::Message(_)));
    }),
    quirk("forgets-behind-plain-messages", "forgets what it has read when a message comes uncompressed", |c| {
        deflating(c, |d| d.forgets = |moment| matches!(moment, Moment::Message(message) if !message.compressed));
    }),
    quirk("forgets-behind-fragmented-messages", "forgets what it has read behind a message of several frames", |c| {
        deflating(c, |d| {
            d.forgets = |moment| matches!(moment, Moment::Message(message) if message.frame_ends.len() > 1);
        });
    }),
    quirk("forgets-behind-binary", "forgets what it has read behind a binary message", |c| {
        deflating(c, |d| {
            d.forgets = |moment| matches!(moment, Moment::Message(message) if message.opcode == Opcode::BINARY);
        });
    }),
    quirk("forgets-behind-empty-messages", "forgets what it has read behind an empty message", |c| {
        deflating(c, |d| {
            d.forgets = |moment| matches!(moment, Moment::Message(message) if message.payload.is_empty());
        });
    }),
    quirk("forgets-at-pings", "forgets what it has read at a ping", |c| {
        deflating(c, |d| d.forgets = |moment| matches!(moment, Moment::Control(Opcode::PING)));
    }),
    quirk("remembers-plain-messages", "counts uncompressed messages among those that can be referred to", |c| {
        deflating(c, |d| d.remembers_plain = true);
    }),
    quirk("remembers-4-kib", "keeps 4096 octets of earlier messages", |c| deflating(c, |d| d.window = 4096)),
    quirk("remembers-16-kib", "keeps 16384 octets of earlier messages", |c| deflating(c, |d| d.window = 16_384)),
    quirk("remembers-31-kib", "keeps 31744 octets of earlier messages", |c| deflating(c, |d| d.window = 31_744)),
    quirk("refuses-references-over-16-kib", "cannot read references over more than 16384 octets", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.farthest > 16_384));
    }),
    quirk("refuses-references-over-32-kib", "cannot read references over 32768 octets", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.farthest >= 32_768));
    }),
    quirk("refuses-references-over-256-octets", "cannot read references over more than 256 octets", |c| {
        deflating(c, |d| d.refuses = Some(|stream| stream.farthest > 256));
    }),
    quirk("inflates-without-the-last-octet", "loses the last octet of a compressed message", |c| {
        deflating(c, |d| {
            d.prepare = |compressed| {
                compressed.pop();
            };
        });
    }),
    quirk("inflates-without-the-tail", "does not put back what the sender cut off", |c| {
        deflating(c, |d| d.tail = b"");
    }),
    quirk("ends-inflated-messages-at-32-kib", "keeps the first 32768 octets that come out of a message", |c| {
        deflating(c, |d| d.result = |octets| octets.truncate(32_768));
    }),
    quirk("ends-inflated-messages-at-64-kib", "keeps the first 65536 octets that come out of a message", |c| {
        deflating(c, |d| d.result = |octets| octets.truncate(65_536));
    }),
    quirk("loses-the-last-octet-from-65535-on", "loses the last octet of 65535 and more that come out", |c| {
        deflating(c, |d| {
            d.result = |octets| {
                if octets.len() >= 65_535 {
                    octets.pop();
                }
            };
        });
    }),
    quirk("inflated-texts-come-back-as-binary", "echoes compressed texts as binary", |c| {
        deflating(c, |_| {});
        c.message = |out, mut message| {
            if message.compressed {
                message.opcode = Opcode::BINARY;
            }
            echo(out, message);
        };
    }),
    quirk("accepts-invalid-utf8-in-compressed-frames", "does not look at the text of a compressed frame", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| violation == Violation::InvalidUtf8 && header.rsv & RSV1 != 0;
    }),
    quirk("accepts-invalid-utf8-in-compressed-fragments", "does not look at a text of several frames", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| violation == Violation::InvalidUtf8 && header.opcode == Opcode::CONTINUATION;
    }),
    quirk("accepts-truncated-utf8-in-compressed-texts", "accepts text that ends inside a code point", |c| {
        judge(c, |text| std::str::from_utf8(text).err().is_none_or(|fault| fault.error_len().is_none()));
    }),
    quirk("validates-the-end-of-compressed-texts", "looks at the last 16 octets of a text alone", |c| {
        judge(c, |text| {
            let end = &text[text.len().saturating_sub(16)..];
            let start = end.iter().position(|octet| !(0x80..0xC0).contains(octet)).unwrap_or(0);
            std::str::from_utf8(&end[start..]).is_ok()
        });
    }),
    quirk("validates-compressed-octets", "looks for UTF-8 in what is compressed", |c| {
        deflating(c, |d| d.judges_compressed = true);
    }),
    quirk("validates-compressed-binary", "wants UTF-8 in compressed binary messages", |c| {
        deflating(c, |_| {});
        c.refuse_message = |message| {
            message.compressed && message.opcode == Opcode::BINARY && std::str::from_utf8(&message.payload).is_err()
        };
    }),
    quirk("ignores-undecodable-messages", "goes on behind a message that cannot be decompressed", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, |_| {});
    }),
    quirk("echoes-undecodable-messages", "echoes what came out of a message that cannot be decompressed", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, _| violation == Violation::Undecodable;
    }),
    quirk("answers-undecodable-messages", "says in a message that one cannot be decompressed, and goes on", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, |out| out.send(Frame::new(Opcode::TEXT, "bad data")));
    }),
    quirk("hangs-at-undecodable-messages", "keeps TCP open behind a message that cannot be decompressed", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, Out::ignore_the_rest);
    }),
    quirk("ignores-wrong-bits-with-deflate", "passes over frames whose reserved bits mean nothing", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| {
            if violation != Violation::Rsv {
                fail(out, violation);
            }
        };
    }),
    quirk("answers-violations-with-messages", "says in a message that something is wrong, and goes on", |c| {
        deflating(c, |_| {});
        c.fail = |out, _| out.send(Frame::new(Opcode::TEXT, "what was that?"));
    }),
    quirk("makes-something-of-nothing", "takes a compressed message without any octet for a word", |c| {
        deflating(c, |d| {
            d.prepare = |compressed| {
                if compressed.is_empty() {
                    compressed.extend(b"\xf2\x48\xcd\xc9\xc9\x07\x00");
                }
            };
        });
    }),
    quirk("crashes-at-undecodable-messages", "loses the next connection too, but for a tail that was left", |c| {
        // behind a case that does not look, the next would be lost instead
        deflating(c, |d| d.prepare = without_tail);
        c.fail = |out, violation| at_undecodable(out, violation, Out::lose_next);
    }),
    quirk("dies-at-empty-compressed-frames", "ends at a compressed message without a single octet", |c| {
        deflating(c, |_| {});
        c.refuse_frame = |header, _| header.fin && header.length == 0 && header.rsv == RSV1;
        c.fail = |out, violation| match violation {
            Violation::Imagined => out.die(),
            other => fail(out, other),
        };
    }),
];

fn without_tail(compressed: &mut Vec<u8>) {
    if compressed.ends_with(&TAIL) {
        compressed.truncate(compressed.len() - TAIL.len());
    }
}

fn starts_message(header: &FrameHeader) -> bool {
    matches!(header.opcode, Opcode::TEXT | Opcode::BINARY)
}

fn is_rsv1(violation: Violation, header: &FrameHeader) -> bool {
    violation == Violation::Rsv && header.rsv == RSV1
}

/// Validates whole texts by another measure.
fn judge(conduct: &mut Conduct, valid: fn(&[u8]) -> bool) {
    deflating(conduct, |_| {});
    conduct.look = Look::AtMessageEnd;
    conduct.valid_text = valid;
}

fn at_undecodable(out: &mut Out, violation: Violation, act: fn(&mut Out)) {
    match violation {
        Violation::Undecodable => act(out),
        other => fail(out, other),
    }
}
