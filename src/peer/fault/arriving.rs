//! Faults in the wake of a handshake that is not the plainest: silence, a crash, a connection that is spoilt, and heads
//! that TCP delivers in pieces.

use super::{Quirk, quirk};
use crate::peer::conduct::Conduct;
use crate::peer::driver::Ending;
use crate::peer::request::{Objection, Request};

pub(super) const TABLE: &[Quirk] = &[
    quirk("refuses-cut-heads", "refuses a head that arrives in pieces", |c| c.refuse_cut = |_| true),
    quirk("refuses-heads-cut-in-the-method", "refuses a head of which the method arrives in pieces", |c| {
        c.refuse_cut = |start| start.len() < 4;
    }),
    quirk("refuses-heads-cut-at-a-line-end", "refuses a head that is cut between CR and LF", |c| {
        c.refuse_cut = |start| start.ends_with(b"\r");
    }),
    quirk("refuses-heads-cut-behind-a-line", "refuses a head that is cut between two lines", |c| {
        c.refuse_cut = |start| start.ends_with(b"\n");
    }),
    quirk("refuses-heads-cut-in-a-field", "refuses a head that is cut inside of a field", |c| {
        c.refuse_cut = |start| start.contains(&b'\n') && !start.ends_with(b"\r") && !start.ends_with(b"\n");
    }),
    quirk("silent-at-cut-heads", "never answers a head that arrives in pieces", |c| {
        c.refuse_cut = |_| true;
        be_silent(c);
    }),
    quirk("silent-at-unknown-fields", "never answers a request that has a field it does not know", |c| {
        silent_at(c, |request| {
            let known = ["Host", "Upgrade", "Connection", "Origin"];
            let is_known = |name: &[u8]| known.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
            request.head.fields.iter().any(|field| !is_known(&field.name) && !field.name.starts_with(b"Sec-"))
        });
    }),
    quirk("silent-at-other-hosts", "never answers a request for a host that it does not know", |c| {
        silent_at(c, |request| !request.head.values("Host").all(|host| host.starts_with(b"localhost")));
    }),
    quirk("silent-at-extension-offers", "never answers a request that offers an extension", |c| {
        silent_at(c, |request| has(request, "Sec-WebSocket-Extensions"));
    }),
    quirk("silent-without-subprotocol", "never answers a request that offers no subprotocol", |c| {
        silent_at(c, |request| !has(request, "Sec-WebSocket-Protocol"));
    }),
    quirk(
        "silent-at-unknown-subprotocols",
        "never answers a request that offers a subprotocol it does not know",
        |c| {
            silent_at(c, |request| {
                let offers = request.head.list("Sec-WebSocket-Protocol");
                offers.iter().any(|offer| !offer.ends_with(b".test"))
                    || has(request, "Sec-WebSocket-Protocol") && offers.is_empty()
            });
        },
    ),
    quirk("silent-at-connection-lists", "never answers a request whose Connection says more than Upgrade", |c| {
        silent_at(c, |request| request.head.values("Connection").any(|value| value != b"Upgrade"));
    }),
    quirk("silent-at-other-upgrades", "never answers a request whose Upgrade says more than websocket", |c| {
        silent_at(c, |request| request.head.values("Upgrade").any(|value| value != b"websocket"));
    }),
    quirk("silent-at-other-targets", "never answers a request for another resource than /", |c| {
        silent_at(c, |request| !request.head.start_line.starts_with(b"GET / "));
    }),
    quirk("silent-at-http-1-2", "never answers a request of another version than HTTP/1.1", |c| {
        silent_at(c, |request| !request.head.start_line.ends_with(b"HTTP/1.1"));
    }),
    quirk("silent-at-pad-bits", "never answers a key that sets bits of no octet", |c| {
        silent_at(c, |request| request.key().len() == 24 && !b"AQgw".contains(&request.key()[21]));
    }),
    quirk("silent-at-other-origins", "never answers a request of an origin that it does not know, or of none", |c| {
        silent_at(c, |request| !is_of_known_origin(request));
    }),
    quirk("silent-at-long-heads", "never answers a head of more than 1000 octets", |c| {
        silent_at(c, |request| request.raw.len() > 1000);
    }),
    quirk("silent-at-an-empty-line-in-front", "never answers a request behind an empty line", |c| {
        silent_at(c, |request| request.behind_blank);
    }),
    quirk("silent-at-early-frames", "never answers a head that frames follow at once", |c| {
        silent_at(c, |request| request.followed);
    }),
    quirk(
        "crashes-at-malformed-heads",
        "loses a worker, and the next connection with it, at a head that HTTP forbids",
        |c| {
            c.behind_refusal = |objection, _| match objection {
                Objection::Malformed => Ending::LoseNext,
                _ => Ending::Finish,
            };
            c.refused = |head, objection| (objection != Objection::Malformed).then_some(head);
        },
    ),
    quirk(
        "crashes-at-unknown-fields",
        "loses a worker, and the next connection with it, at a field that begins with X",
        |c| {
            crash_at(c, |request| request.head.fields.iter().any(|field| field.name.starts_with(b"X")));
        },
    ),
    quirk(
        "crashes-at-an-empty-line-in-front",
        "loses a worker, and the next connection with it, at an empty line",
        |c| {
            crash_at(c, |request| request.behind_blank);
        },
    ),
    quirk(
        "crashes-at-other-origins",
        "loses a worker, and the next connection with it, at an origin of its dislike",
        |c| {
            crash_at(c, |request| !is_of_known_origin(request));
        },
    ),
    quirk("crashes-at-extension-offers", "loses a worker, and the next connection with it, at an extension", |c| {
        crash_at(c, |request| has(request, "Sec-WebSocket-Extensions"));
    }),
    quirk(
        "crashes-at-long-heads",
        "loses a worker, and the next connection with it, at a head over 1000 octets",
        |c| {
            crash_at(c, |request| request.raw.len() > 1000);
        },
    ),
    quirk(
        "crashes-at-early-frames",
        "loses a worker, and the next connection with it, at frames behind the head",
        |c| {
            crash_at(c, |request| request.followed);
        },
    ),
    quirk("spoilt-by-a-body", "opens for a request with a body, and hears nothing on that connection", |c| {
        c.waive = |objection, _| objection == Objection::Body;
        c.tailor = |conduct, request| {
            if has(request, "Content-Length") {
                hear_nothing(conduct);
            }
        };
    }),
    quirk("spoilt-by-a-cut-head", "opens for a head in pieces, and hears nothing on that connection", |c| {
        c.tailor = |conduct, request| {
            if request.reads > 1 {
                hear_nothing(conduct);
            }
        };
    }),
];

fn has(request: &Request, name: &str) -> bool {
    request.head.values(name).next().is_some()
}

/// The tests run with this origin.
fn is_of_known_origin(request: &Request) -> bool {
    let mut origins = request.head.values("Origin");
    origins.next() == Some(b"http://localhost") && origins.next().is_none()
}

fn be_silent(conduct: &mut Conduct) {
    conduct.refused = |head, objection| (objection != Objection::Imagined).then_some(head);
    conduct.behind_refusal = |objection, _| match objection {
        Objection::Imagined => Ending::StopReading,
        _ => Ending::Finish,
    };
}

fn silent_at(conduct: &mut Conduct, is_such: fn(&Request) -> bool) {
    conduct.refuse = is_such;
    be_silent(conduct);
}

pub(super) fn crash_at(conduct: &mut Conduct, is_such: fn(&Request) -> bool) {
    conduct.refuse = is_such;
    conduct.refused = |head, objection| (objection != Objection::Imagined).then_some(head);
    conduct.behind_refusal = |objection, _| match objection {
        Objection::Imagined | Objection::TooLong | Objection::Extensions => Ending::LoseNext,
        _ => Ending::Finish,
    };
}

fn hear_nothing(conduct: &mut Conduct) {
    conduct.message = |_, _| {};
    conduct.ping = |_, _| {};
    conduct.close = |_, _| {};
    conduct.fail = |_, _| {};
    conduct.eof = |_| {};
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer_to, conduct};

    /// The request that these rows find nothing odd about.
    fn plain() -> String {
        REQUEST.replace("Host: a", "Host: localhost\r\nOrigin: http://localhost\r\nSec-WebSocket-Protocol: a.test")
    }

    #[test]
    fn each_row_is_silent_at_its_request() {
        for (name, old, new) in [
            ("silent-at-unknown-fields", "Host:", "X: 1\r\nHost:"),
            ("silent-at-other-hosts", "Host: localhost", "Host: other"),
            ("silent-at-extension-offers", "Host:", "Sec-WebSocket-Extensions: x\r\nHost:"),
            ("silent-without-subprotocol", "Sec-WebSocket-Protocol: a.test\r\n", ""),
            ("silent-at-unknown-subprotocols", "a.test", "a.test, b"),
            ("silent-at-connection-lists", "n: Upgrade", "n: a, Upgrade"),
            ("silent-at-other-upgrades", "Upgrade: websocket", "Upgrade: a, websocket"),
            ("silent-at-other-targets", "GET /", "GET /x"),
            ("silent-at-http-1-2", "HTTP/1.1", "HTTP/1.2"),
            ("silent-at-pad-bits", "jZQ==", "jZR=="),
            ("silent-at-other-origins", "Origin: http://localhost\r\n", ""),
            ("silent-at-long-heads", "Host:", &format!("Cookie: {}\r\nHost:", "x".repeat(1000))),
            ("crashes-at-malformed-heads", "Host:", "Host :"),
            ("crashes-at-unknown-fields", "Host:", "X: 1\r\nHost:"),
            ("crashes-at-other-origins", "http://localhost", "null"),
            ("crashes-at-extension-offers", "Host:", "Sec-WebSocket-Extensions: x\r\nHost:"),
            ("crashes-at-long-heads", "Host:", &format!("Cookie: {}\r\nHost:", "x".repeat(1000))),
        ] {
            assert_eq!(answer_to(name, &plain().replacen(old, new, 1)), None, "{name}");
            assert_eq!(answer_to(name, &plain()), answer_to(CONFORMING, &plain()), "{name}");
        }
    }

    #[test]
    fn each_row_minds_its_cut() {
        for (name, start, minds) in [
            ("refuses-cut-heads", "G", true),
            ("silent-at-cut-heads", "GET / H", true),
            ("refuses-heads-cut-in-the-method", "GE", true),
            ("refuses-heads-cut-in-the-method", "GET ", false),
            ("refuses-heads-cut-at-a-line-end", "GET / HTTP/1.1\r", true),
            ("refuses-heads-cut-at-a-line-end", "GET / HTTP/1.1\r\n", false),
            ("refuses-heads-cut-behind-a-line", "GET / HTTP/1.1\r\n", true),
            ("refuses-heads-cut-behind-a-line", "GET / HTTP/1.1\r", false),
            ("refuses-heads-cut-in-a-field", "GET / HTTP/1.1\r\nHo", true),
            ("refuses-heads-cut-in-a-field", "GET / HT", false),
        ] {
            assert_eq!((conduct(name).refuse_cut)(start.as_bytes()), minds, "{name}: {start}");
        }
    }
}
