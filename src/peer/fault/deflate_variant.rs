//! Odd peers that speak permessage-deflate and break nothing: no check may fail one of them.

use super::variant::pieces;
use super::{DEFLATING, Quirk, deflating, quirk};
use crate::peer::conduct::{echo, fail};
use crate::peer::deflate::{AtFinal, deflate};
use crate::peer::out::{Frame, Out};
use crate::peer::request::Objection;
use crate::peer::violation::Violation;
use crate::wire::Opcode;
use crate::wire::blocks::{BlockWriter, Token};
use crate::wire::extension::{Parameters, offers};
use crate::wire::inflate::TAIL;

/// Those that a server alone can have.
pub(super) const ANSWERING: &[Quirk] = &[
    quirk("declines-deflate", "knows permessage-deflate and declines every offer", |c| {
        deflating(c, |d| d.declines = |_| true);
    }),
    quirk("accepts-plain-deflate", "declines offers with any parameter but client_max_window_bits", |c| {
        deflating(c, |d| {
            d.declines = |offer| Parameters { client_max_window_bits: None, ..*offer } != Parameters::default();
            d.answer = |_| Parameters::default();
        });
    }),
    quirk("accepts-deflate-without-context", "accepts only where the server is asked to keep no context", |c| {
        deflating(c, |d| d.declines = |offer| !offer.server_no_context_takeover);
    }),
    quirk(
        "ends-at-odd-offers",
        "ends the connection at offers that are wrong or of windows of 8 bits, without a word",
        |c| {
            deflating(c, |_| {});
            c.refuse = |request| {
                let is_odd = |(offer, faults): &(Parameters, Vec<_>)| {
                    let of_8_bits =
                        offer.server_max_window_bits == Some(8) || offer.client_max_window_bits == Some(Some(8));
                    of_8_bits || !faults.is_empty()
                };
                offers(&request.head).iter().any(is_odd)
            };
            c.refused = |head, objection| (objection != Objection::Imagined).then_some(head);
        },
    ),
    quirk("declines-windows-of-256-octets", "declines offers of windows of 8 bits", |c| {
        deflating(c, |d| {
            d.declines =
                |offer| offer.server_max_window_bits == Some(8) || offer.client_max_window_bits == Some(Some(8));
        });
    }),
    quirk("answers-window-of-512-octets-unasked", "answers with server_max_window_bits=9 unasked", |c| {
        deflating(c, |d| d.answer = |offer| smaller(offer, 9));
    }),
    quirk("answers-window-of-256-octets-unasked", "answers with server_max_window_bits=8 unasked", |c| {
        deflating(c, |d| d.answer = |offer| smaller(offer, 8));
    }),
    quirk("answers-no-context-unasked", "keeps no context, and says so unasked", |c| {
        deflating(c, |d| d.answer = |offer| Parameters { server_no_context_takeover: true, ..*offer });
    }),
    quirk("answers-client-no-context", "asks every client not to refer to earlier messages", |c| {
        deflating(c, |d| d.answer = |offer| Parameters { client_no_context_takeover: true, ..*offer });
    }),
    quirk("answers-client-window-of-512-octets", "sets a window of 9 bits for clients that take one", |c| {
        deflating(c, |d| {
            d.answer = |offer| Parameters {
                client_max_window_bits: offer.client_max_window_bits.map(|most| Some(most.unwrap_or(9).min(9))),
                ..*offer
            };
        });
    }),
    quirk("answers-full-windows", "names windows of 15 bits where it could leave them out", |c| {
        deflating(c, |d| {
            d.answer = |offer| Parameters {
                server_max_window_bits: offer.server_max_window_bits.or(Some(15)),
                client_max_window_bits: offer.client_max_window_bits.map(|most| most.or(Some(15))),
                ..*offer
            };
        });
    }),
    quirk("repeats-hints", "answers with all that a client says of itself", |c| {
        deflating(c, |d| d.answer = |offer| *offer)
    }),
    quirk("leaves-client-windows-unanswered", "says nothing to the window that a client names for itself", |c| {
        deflating(c, |d| d.answer = |offer| Parameters { client_max_window_bits: None, ..*offer });
    }),
    quirk("quotes-windows", "writes windows as quoted strings", |c| {
        deflating(c, |d| {
            d.answer = |offer| smaller(offer, 12);
            d.spell = |value, _| {
                let quoted = |member: &str| match member.split_once('=') {
                    Some((name, bits)) => format!("{name}=\"{bits}\""),
                    None => member.to_owned(),
                };
                value.split("; ").map(quoted).collect::<Vec<_>>().join("; ")
            };
        });
    }),
];

/// Those that either end can have.
pub(super) const TABLE: &[Quirk] = &[
    quirk(DEFLATING, "speaks permessage-deflate, and nothing about it is odd", |c| deflating(c, |_| {})),
    quirk("never-compresses", "negotiates permessage-deflate and compresses nothing", |c| {
        deflating(c, |d| d.compresses = |_, _| false);
    }),
    quirk("compresses-every-other-message", "compresses the first, the third, the fifth message", |c| {
        deflating(c, |d| d.compresses = |_, before| before % 2 == 0);
    }),
    quirk("compresses-long-messages", "compresses messages of more than 64 octets alone", |c| {
        deflating(c, |d| d.compresses = |frame, _| frame.payload.len() > 64);
    }),
    quirk("compresses-no-binary", "compresses text alone", |c| {
        deflating(c, |d| d.compresses = |frame, _| frame.is(Opcode::TEXT));
    }),
    quirk("compresses-in-frames-of-5-octets", "cuts what it has compressed into frames of 5 octets", |c| {
        deflating(c, |d| d.cut = 5);
    }),
    quirk("compresses-fragments", "sends compressed messages in fragments, each flushed", |c| {
        deflating(c, |_| {});
        c.message = |out, message| pieces(out, message, 7);
    }),
    quirk(
        "compresses-with-empty-fragments",
        "sends empty frames in front of a compressed message and behind it",
        |c| {
            deflating(c, |_| {});
            c.message = |out, message| {
                out.send(Frame::new(message.opcode, "").unfinished());
                out.send(Frame::new(Opcode::CONTINUATION, message.payload).unfinished());
                out.send(Frame::new(Opcode::CONTINUATION, ""));
            };
        },
    ),
    quirk("flushes-again-and-again", "puts empty stored blocks inside compressed messages", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| {
                let mut packed = Vec::new();
                for piece in octets.chunks(octets.len() / 4 + 1) {
                    packed.extend(writer.flush(piece));
                    packed.extend([0, 0, 0, 0xFF, 0xFF]);
                }
                packed.extend(deflate(writer, b"", last));
                packed
            };
        });
    }),
    quirk("stores", "compresses nothing in stored blocks", |c| {
        deflating(c, |d| d.pack = |_, octets, last| blocks(octets, last, |writer, part| writer.stored(part, false)));
    }),
    quirk("stores-in-final-blocks", "ends compressed messages with BFINAL, and an empty block behind it", |c| {
        deflating(c, |d| d.pack = |_, octets, last| blocks(octets, last, |writer, part| writer.stored(part, true)));
    }),
    quirk("writes-final-blocks-in-a-row", "sets BFINAL on each of several blocks", |c| {
        deflating(c, |d| {
            d.pack = |_, octets, last| {
                blocks(octets, last, |writer, part| {
                    let (start, end) = part.split_at(part.len() / 2);
                    writer.fixed(&[Token::Literals(start.to_vec())], true);
                    writer.dynamic(&[Token::Literals(end.to_vec())], true);
                })
            };
        });
    }),
    quirk("writes-dynamic-blocks", "compresses with a code of its own for each message", |c| {
        deflating(c, |d| {
            d.pack = |_, octets, last| {
                blocks(octets, last, |writer, part| writer.dynamic(&[Token::Literals(part.to_vec())], false))
            };
        });
    }),
    quirk("never-refers-back", "keeps no context, although it might", |c| {
        deflating(c, |d| {
            d.pack = |writer, octets, last| {
                let packed = deflate(writer, octets, last);
                if last {
                    writer.forget();
                }
                packed
            };
        });
    }),
    quirk("closes-with-1002-at-undecodable-messages", "takes bad data for a protocol error", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, |out| say(out, 1002));
    }),
    quirk("closes-with-1008-at-undecodable-messages", "takes bad data for a breach of its policy", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, |out| say(out, 1008));
    }),
    quirk("closes-with-1011-at-undecodable-messages", "takes bad data for a trouble of its own", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, |out| say(out, 1011));
    }),
    quirk("bare-fin-at-undecodable-messages", "closes TCP without a word at bad data", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, Out::finish);
    }),
    quirk("reset-at-undecodable-messages", "resets TCP at bad data", |c| {
        deflating(c, |_| {});
        c.fail = |out, violation| at_undecodable(out, violation, Out::reset);
    }),
    quirk("takes-tails-that-are-left", "reads messages whose sender left the four octets of the tail", |c| {
        deflating(c, |d| {
            d.prepare = |compressed| {
                if compressed.ends_with(&TAIL) {
                    compressed.truncate(compressed.len() - TAIL.len());
                }
            };
        });
    }),
    quirk("forgets-at-final-blocks", "cannot read references over a block with BFINAL", |c| {
        deflating(c, |d| d.at_final = AtFinal::Forgets);
    }),
    quirk("answers-closes-with-rsv1", "answers a Close with RSV1 by its code", |c| {
        deflating(c, |_| {});
        c.overlook = |violation, header| violation == Violation::Rsv && header.opcode == Opcode::CLOSE;
    }),
    quirk("takes-no-octet-for-an-empty-message", "reads a compressed message without any octet as an empty one", |c| {
        deflating(c, |d| {
            d.prepare = |compressed| {
                if compressed.is_empty() {
                    compressed.push(0);
                }
            };
        });
    }),
    quirk("compresses-and-pings", "sends a ping before each compressed echo", |c| {
        deflating(c, |_| {});
        c.message = |out, message| {
            out.send(Frame::new(Opcode::PING, "between"));
            echo(out, message);
        };
    }),
];

fn smaller(offer: &Parameters, bits: u8) -> Parameters {
    let bits = offer.server_max_window_bits.map_or(bits, |most| most.min(bits));
    Parameters { server_max_window_bits: Some(bits), ..*offer }
}

/// Blocks made by hand, which refer to nothing.
fn blocks(octets: &[u8], is_last: bool, write: fn(&mut BlockWriter, &[u8])) -> Vec<u8> {
    let mut writer = BlockWriter::default();
    write(&mut writer, octets);
    if is_last {
        return writer.message();
    }
    // what follows begins at an octet of its own
    writer.stored(b"", false);
    writer.octets()
}

fn at_undecodable(out: &mut Out, violation: Violation, act: fn(&mut Out)) {
    match violation {
        Violation::Undecodable => act(out),
        other => fail(out, other),
    }
}

fn say(out: &mut Out, code: u16) {
    out.send(Frame::close(code, Violation::Undecodable.reason()));
    out.finish();
}
