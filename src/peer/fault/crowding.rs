//! Faults that show only where many connections come, or much comes on one: what one client does harms others, or grows.

use super::{Quirk, quirk};
use crate::peer::conduct::{echo, pong};
use crate::peer::driver::Ending;
use crate::peer::out::Frame;
use crate::peer::request::Objection;

/// So many fragments, or pings, are no ordinary message any more.
const MANY: usize = 2048;

/// The milliseconds that so many things take where each is compared with each: 2400 for 6400, so that a busy machine does
/// not hide how they grow.
fn squared(things: usize) -> u64 {
    (things * things / 17_000).min(4000) as u64
}

pub(super) const TABLE: &[Quirk] = &[
    quirk("reads-heads-in-turn", "serves nobody else while the head of a request comes in", |c| {
        c.reads_heads_in_turn = true;
    }),
    quirk("leaks-slots-of-lost-connections", "never gets the slot back of a connection that breaks off", |c| {
        c.leaks_when_lost = true;
    }),
    quirk("leaks-slots-of-failed-connections", "never gets the slot back of a connection that it failed", |c| {
        c.fail = |out, violation| {
            out.send(Frame::close(violation.code(), violation.reason()));
            out.finish_and_leak();
        };
    }),
    quirk("leaks-slots-at-fin", "never gets the slot back of a client that leaves without a Close", |c| {
        c.eof = |out| out.finish_and_leak();
    }),
    quirk("leaks-slots-of-refused-handshakes", "never gets the slot back of a handshake that it refused", |c| {
        c.behind_refusal = |_, _| Ending::Leak;
    }),
    quirk("breaks-down-at-101-connections", "serves nobody any more once 101 connections were open at a time", |c| {
        c.fatal_crowd = Some(101);
    }),
    quirk("dies-of-5000-pings", "ends, with all its connections, at the 5000th ping of a connection", |c| {
        c.ping = |out, payload| match out.pings {
            5000 => out.die(),
            _ => pong(out, payload),
        };
    }),
    quirk("answers-requests-inside-bodies", "refuses a handshake with a body, and takes the body for the next", |c| {
        c.refuse = |request| {
            ["Content-Length", "Transfer-Encoding"].iter().any(|name| request.head.values(name).next().is_some())
        };
        c.behind_refusal = |_, _| Ending::NextRequest;
    }),
    quirk(
        "breaks-down-at-heads-of-50000-octets",
        "serves nobody any more behind a head of 50000 octets or more",
        |c| {
            c.refuse = |request| request.raw.len() >= 50_000;
            c.behind_refusal = |objection, _| match objection {
                Objection::Imagined => Ending::BreakDown,
                _ => Ending::Finish,
            };
        },
    ),
    quirk("looks-up-fields-in-quadratic-time", "takes four times as long for a head with twice as many fields", |c| {
        c.ponder = |request| squared(request.head.fields.len());
    }),
    quirk("matches-subprotocols-in-quadratic-time", "takes four times as long for twice as many subprotocols", |c| {
        c.ponder = |request| squared(request.head.list("Sec-WebSocket-Protocol").len());
    }),
    quirk("reassembles-in-quadratic-time", "takes four times as long for a message in twice as many fragments", |c| {
        c.message = |out, message| {
            let fragments = message.frame_ends.len();
            if fragments > MANY {
                // 32768 fragments take 2.7 s: a busy machine does not hide how that grew
                out.pause((fragments * fragments / 400_000) as u64);
            }
            echo(out, message);
        };
    }),
];

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{frames, run};

    #[test]
    fn slots_are_leaked_where_the_name_says() {
        let illegal = frames(&[(0x83, b"x")]);
        assert!(run("leaks-slots-of-failed-connections", &[&illegal]).ends_with("fin, leaking"));
        assert!(run(CONFORMING, &[&illegal]).ends_with("fin"));
    }

    #[test]
    fn pings_are_answered_up_to_the_last() {
        let pings: Vec<(u8, &[u8])> = vec![(0x89, b"p"); 5000];
        let printed = run("dies-of-5000-pings", &[&frames(&pings)]);
        assert_eq!(printed.matches("pong p").count(), 4999);
        assert!(printed.ends_with("die"), "{}", &printed[printed.len() - 20..]);
    }

    #[test]
    fn twice_as_many_fragments_take_four_times_as_long() {
        let pause = |fragments: usize| {
            let mut octets: Vec<(u8, &[u8])> = vec![(0x00, b"x"); fragments];
            octets[0].0 = 0x01;
            octets[fragments - 1].0 = 0x80;
            let printed = run("reassembles-in-quadratic-time", &[&frames(&octets)]);
            printed.strip_prefix("pause ").and_then(|rest| rest.split(';').next()?.parse::<u64>().ok())
        };
        assert_eq!((pause(1024), pause(16_384), pause(32_768)), (None, Some(671), Some(2684)));
    }
}
