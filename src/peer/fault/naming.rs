//! Faults at names that mean something to the language a server is written in, and at heads that are legal and unusual.

use super::arriving::crash_at;
use super::{Quirk, quirk};
use crate::peer::request::Request;
use crate::wire::extension::extensions;

/// What every object of JavaScript has, looked up where only the offers of a request should be.
const OF_EVERY_OBJECT: [&str; 4] = ["constructor", "__proto__", "toString", "hasOwnProperty"];

pub(super) const TABLE: &[Quirk] = &[
    quirk("crashes-at-extensions-of-objects", "loses a worker at an extension called like a part of an object", |c| {
        crash_at(c, |request| extensions(&request.head).iter().any(|offer| is_of_objects(offer.name.as_bytes())));
    }),
    quirk("crashes-at-parameters-of-objects", "loses a worker at a parameter called like a part of an object", |c| {
        crash_at(c, |request| {
            let offers = extensions(&request.head);
            offers.iter().flat_map(|offer| &offer.parameters).any(|(name, _)| is_of_objects(name.as_bytes()))
        });
    }),
    quirk(
        "crashes-at-subprotocols-of-objects",
        "loses a worker at a subprotocol called like a part of an object",
        |c| {
            crash_at(c, |request| request.head.list("Sec-WebSocket-Protocol").into_iter().any(is_of_objects));
        },
    ),
    quirk("crashes-at-fields-of-objects", "loses a worker at a field called like a part of an object", |c| {
        crash_at(c, |request| request.head.fields.iter().any(|field| is_of_objects(&field.name)));
    }),
    quirk("refuses-fields-of-objects", "refuses a request with a field called like a part of an object", |c| {
        c.refuse = |request| request.head.fields.iter().any(|field| is_of_objects(&field.name));
    }),
    quirk("crashes-without-upgrade-in-2000-fields", "loses a worker where Upgrade is not among 2000 fields", |c| {
        crash_at(c, |request| {
            let mut first = request.head.fields.iter().take(2000);
            !first.any(|field| field.name.eq_ignore_ascii_case(b"upgrade"))
        });
    }),
];

/// Those that a long run of spaces shows.
pub(super) const TRIMMING: &[Quirk] = &[
    quirk("trims-subprotocols-in-quadratic-time", "takes four times as long for twice as many spaces in a list", |c| {
        c.ponder = |request| longest_gap(request, "Sec-WebSocket-Protocol");
    }),
    quirk("trims-extensions-in-quadratic-time", "takes four times as long for twice as many spaces in an offer", |c| {
        c.ponder = |request| longest_gap(request, "Sec-WebSocket-Extensions");
    }),
    quirk("trims-values-in-quadratic-time", "takes four times as long for twice as many spaces in any value", |c| {
        c.ponder = |request| longest_gap(request, "X-Gap");
    }),
];

fn is_of_objects(name: &[u8]) -> bool {
    OF_EVERY_OBJECT.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// The milliseconds that the longest run of spaces takes: 2250 for 15000.
fn longest_gap(request: &Request, name: &str) -> u64 {
    let runs = request.head.values(name).flat_map(|value| value.split(|octet| *octet != b' ')).map(<[u8]>::len);
    let longest = runs.max().unwrap_or(0);
    (longest * longest / 100_000) as u64
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer_to, conduct};
    use super::*;

    #[test]
    fn each_row_minds_its_names() {
        let others = "X: 1\r\n".repeat(2000) + "Host:";
        for (name, old, new) in [
            ("crashes-at-extensions-of-objects", "Host:", "Sec-WebSocket-Extensions: constructor\r\nHost:"),
            ("crashes-at-parameters-of-objects", "Host:", "Sec-WebSocket-Extensions: x; __proto__=1\r\nHost:"),
            ("crashes-at-subprotocols-of-objects", "Host:", "Sec-WebSocket-Protocol: a, toString\r\nHost:"),
            ("crashes-at-fields-of-objects", "Host:", "constructor: 1\r\nHost:"),
            ("crashes-without-upgrade-in-2000-fields", "Host:", &others),
        ] {
            assert_eq!(answer_to(name, &REQUEST.replacen(old, new, 1)), None, "{name}");
            assert_eq!(answer_to(name, REQUEST), answer_to(CONFORMING, REQUEST), "{name}");
        }
        let odd = REQUEST.replacen("Host:", "toString: 1\r\nHost:", 1);
        assert!(answer_to("refuses-fields-of-objects", &odd).unwrap().starts_with("HTTP/1.1 400 "));
    }

    #[test]
    fn time_grows_with_the_square_of_a_gap() {
        let took = |name: &str, field: &str, gap: usize| {
            let head = REQUEST.replacen("Host:", &format!("{field}: b{}x\r\nHost:", " ".repeat(gap)), 1);
            (conduct(name).ponder)(&Request::new(head.into_bytes()))
        };
        for (name, field) in [
            ("trims-subprotocols-in-quadratic-time", "Sec-WebSocket-Protocol"),
            ("trims-extensions-in-quadratic-time", "Sec-WebSocket-Extensions"),
            ("trims-values-in-quadratic-time", "X-Gap"),
        ] {
            assert_eq!((took(name, field, 7500), took(name, field, 15_000)), (562, 2250), "{name}");
            assert_eq!(took(name, "X-Other", 15_000), 0, "{name}");
        }
    }
}
