//! Faults behind the opening handshake that only a client can have: masking, and how it leaves.

use super::{ClientQuirk, Leaving, quirk};
use crate::peer::command::Command;
use crate::peer::conduct::{Tick, obey};
use crate::peer::fault::pieces;
use crate::peer::out::Frame;
use crate::peer::violation::Violation::Masking;
use crate::transcript::payload::mix;
use crate::wire::{MaskKey, Opcode};
use std::hash::BuildHasher;
use std::time::Duration;

pub(super) const SENDING: &[ClientQuirk] = &[
    quirk("sends-unmasked-frames", "masks nothing", |m| m.conduct.dress = bare),
    quirk("sends-unmasked-pongs", "masks no pongs", |m| {
        m.conduct.dress = |frame| {
            if frame.is(Opcode::PONG) {
                bare(frame)
            }
        };
    }),
    quirk("sends-unmasked-closes", "masks no Close", |m| {
        m.conduct.dress = |frame| {
            if frame.is(Opcode::CLOSE) {
                bare(frame)
            }
        };
    }),
    quirk("sends-unmasked-empty-frames", "masks only where there is something to mask", |m| {
        m.conduct.dress = |frame| {
            if frame.payload.is_empty() {
                bare(frame)
            }
        };
    }),
    quirk("masks-with-zero", "uses the key 0 for every frame", |m| m.conduct.mask_key = |_, _| 0),
    quirk("masks-with-one-key", "uses one key for a whole connection", |m| {
        m.conduct.mask_key = |random, _| random.hash_one(0u8) as u32;
    }),
    quirk("masks-with-one-key-for-a-message", "uses one key for all fragments of a message", |m| {
        m.conduct.mask_key = |random, place| random.hash_one(place.started) as u32;
        m.conduct.message = |out, message| pieces(out, message, 7);
    }),
    quirk("masks-with-a-counter", "adds one to the key from frame to frame", |m| {
        m.conduct.mask_key = |random, place| (random.hash_one(0u8) as u32).wrapping_add(place.frame as u32);
    }),
    quirk("masks-with-the-same-keys", "uses the same keys in each connection", |m| {
        m.conduct.mask_key = |_, place| mix(place.frame) as u32;
    }),
];

pub(super) const READING: &[ClientQuirk] = &[
    quirk("accepts-masked-text", "takes masked text from a server", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.opcode == Opcode::TEXT;
    }),
    quirk("accepts-masked-binary", "takes masked binary from a server", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.opcode == Opcode::BINARY;
    }),
    quirk("accepts-masked-continuations", "takes masked continuations from a server", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.opcode == Opcode::CONTINUATION;
    }),
    quirk("accepts-masked-pings", "answers masked pings of a server", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.opcode == Opcode::PING;
    }),
    quirk("accepts-masked-pongs", "ignores that a pong of a server is masked", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.opcode == Opcode::PONG;
    }),
    quirk("accepts-empty-masked-frames", "takes masked frames without content from a server", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.length == 0;
    }),
    quirk("accepts-masks-of-zero", "takes frames that are masked with the key 0", |m| {
        m.conduct.overlook = |violation, header| violation == Masking && header.mask == Some(MaskKey([0; 4]));
    }),
    quirk("ignores-masked-closes", "ignores a masked Close", |m| {
        m.conduct.fail = |out, violation| {
            if violation != Masking {
                crate::peer::conduct::fail(out, violation);
            }
        };
    }),
];

pub(super) const LEAVING: &[ClientQuirk] = &[
    quirk("never-closes-tcp", "keeps TCP open behind the closing handshake, whatever the server does", |m| {
        m.at_close = Leaving::Never;
    }),
    quirk("closes-tcp-first", "does not wait for the server to close TCP", |m| m.at_close = Leaving::Finish),
    quirk("resets-tcp-behind-closes", "sends RST behind the closing handshake", |m| m.at_close = Leaving::Reset),
    quirk("leaves-when-idle", "sends a Close after 300 ms without being asked", |m| {
        let act = |out: &mut crate::peer::out::Out, _| {
            out.send(Frame::close(1000, ""));
            out.await_close();
        };
        m.conduct.tick = Some(Tick { period: Duration::from_millis(300), act });
    }),
];

pub(super) const OBEYING: &[ClientQuirk] = &[
    quirk("closes-with-1000-whatever-is-said", "begins the closing handshake with 1000 whatever the code", |m| {
        m.conduct.command = Some(|out, command| match command {
            Command::Close(Some((_, reason))) => obey(out, Command::Close(Some((1000, reason)))),
            other => obey(out, other),
        });
    }),
    quirk("closes-without-the-reason", "leaves out the reason when it begins the closing handshake", |m| {
        m.conduct.command = Some(|out, command| match command {
            Command::Close(Some((code, _))) => obey(out, Command::Close(Some((code, String::new())))),
            other => obey(out, other),
        });
    }),
    quirk("closes-with-1005", "writes 1005 into a Close without a code", |m| {
        m.conduct.command = Some(|out, command| match command {
            Command::Close(None) => obey(out, Command::Close(Some((1005, String::new())))),
            other => obey(out, other),
        });
    }),
    quirk("closes-tcp-behind-its-own-close", "does not wait for the answer to its Close", |m| {
        m.conduct.command = Some(|out, command| {
            let closes = matches!(command, Command::Close(_));
            obey(out, command);
            if closes {
                out.finish();
            }
        });
        m.at_close = Leaving::Finish;
    }),
    quirk("goes-on-behind-its-own-close", "sends a message behind the Close with which it begins", |m| {
        m.conduct.command = Some(|out, command| {
            let closes = matches!(command, Command::Close(_));
            obey(out, command);
            if closes {
                out.send(Frame::new(Opcode::TEXT, "late"));
            }
        });
    }),
    quirk("connects-side-by-side", "opens several connections at once when it is told to open them", |m| {
        m.opens_side_by_side = true;
    }),
    quirk("sends-other-than-it-is-told", "sends binary for text, text for binary, and no pings", |m| {
        m.conduct.command = Some(|out, command| match command {
            Command::Send { is_text, octets, fragment } => {
                obey(out, Command::Send { is_text: !is_text, octets, fragment });
            }
            Command::Ping(_) => {}
            other => obey(out, other),
        });
    }),
];

/// Leaves a frame without a mask: the driver of a client turns it round.
fn bare(frame: &mut Frame) {
    frame.header.mask = Some(MaskKey([0; 4]));
}
