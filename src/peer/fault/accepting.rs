//! Faults that open for a request that is no handshake, each in one way that a hasty parser has.

use super::{Quirk, quirk};
use crate::peer::request::{Objection, Request};

pub(super) const TABLE: &[Quirk] = &[
    quirk("accepts-head", "opens for HEAD as for GET", |c| {
        c.waive = |objection, request| objection == Objection::Method && request.head.start_line.starts_with(b"HEAD ");
    }),
    quirk("accepts-get-in-lower-case", "opens for the method get", |c| {
        c.waive = |objection, request| objection == Objection::Method && request.head.start_line.starts_with(b"get ");
    }),
    quirk("accepts-requests-without-http-version", "opens for a request line that names no version of HTTP", |c| {
        c.waive = |objection, request| objection == Objection::Malformed && words(request) == 2;
    }),
    quirk("accepts-upgrade-by-prefix", "opens when Upgrade begins with websocket", |c| {
        c.waive = |objection, request| {
            objection == Objection::Upgrade && any(request, "Upgrade", |v| v.starts_with("websocket"))
        };
    }),
    quirk("accepts-other-upgrades", "opens whatever Upgrade says, if it says anything", |c| {
        c.waive = |objection, request| objection == Objection::Upgrade && any(request, "Upgrade", |v| !v.is_empty());
    }),
    quirk("accepts-empty-upgrade", "opens when Upgrade is there, and be it empty", |c| {
        c.waive = |objection, request| objection == Objection::Upgrade && any(request, "Upgrade", str::is_empty);
    }),
    quirk("folds-upgrade-by-unicode", "opens for what becomes websocket when all of Unicode is folded", |c| {
        c.waive = |objection, request| {
            objection == Objection::Upgrade
                && any(request, "Upgrade", |v| v.replace('\u{17f}', "s").replace('\u{212a}', "k") == "websocket")
        };
    }),
    quirk("accepts-connection-by-prefix", "opens when an option of Connection begins with upgrade", |c| {
        c.waive = |objection, request| {
            objection == Objection::Connection && any(request, "Connection", |v| v.starts_with("upgrade"))
        };
    }),
    quirk("accepts-connection-keep-alive", "opens for Connection: keep-alive", |c| {
        c.waive = |objection, request| {
            objection == Objection::Connection && any(request, "Connection", |v| v == "keep-alive")
        };
    }),
    quirk("accepts-connection-close", "opens for Connection: close", |c| {
        c.waive =
            |objection, request| objection == Objection::Connection && any(request, "Connection", |v| v == "close");
    }),
    quirk("accepts-missing-version", "opens without a Sec-WebSocket-Version", |c| {
        c.waive = |objection, request| {
            objection == Objection::Version && request.head.values("Sec-WebSocket-Version").next().is_none()
        };
    }),
    quirk("accepts-version-0", "opens for version 0, as for one that was not set", |c| {
        c.waive = |objection, request| objection == Objection::Version && version(request, |v| v == Some(0));
    }),
    quirk("accepts-higher-versions", "opens for every version from 13 on", |c| {
        c.waive =
            |objection, request| objection == Objection::Version && version(request, |v| v.is_some_and(|v| v > 13));
    }),
    quirk("accepts-version-12", "opens for the version before the standard too", |c| {
        c.waive = |objection, request| objection == Objection::Version && version(request, |v| v == Some(12));
    }),
    quirk("accepts-versions-that-are-no-number", "opens when Sec-WebSocket-Version is no number", |c| {
        c.waive = |objection, request| objection == Objection::Version && version(request, |v| v.is_none());
    }),
    quirk("reads-upgrade-behind-a-leading-space", "takes a line that begins with a space for a field", |c| {
        c.waive = |objection, request| hidden_upgrade(objection, request, "\r\n Upgrade: websocket");
    }),
    quirk("reads-upgrade-behind-a-bare-cr", "takes a CR without LF for the end of a line", |c| {
        c.waive = |objection, request| hidden_upgrade(objection, request, "\rUpgrade: websocket");
    }),
    quirk("opens-for-a-plain-get", "opens for a request without any field of a handshake", |c| {
        c.waive = |_, request| {
            request.head.start_line.starts_with(b"GET ")
                && ["Upgrade", "Connection", "Sec-WebSocket-Key"]
                    .iter()
                    .all(|name| request.head.values(name).next().is_none())
        };
    }),
    quirk("opens-for-octets-that-are-no-request", "opens for whatever begins without a method", |c| {
        c.waive = |_, request| words(request) != 3;
    }),
];

fn words(request: &Request) -> usize {
    request.head.start_line.split(|octet| *octet == b' ').count()
}

/// Whether a value of the field, in lower case, is such a text.
fn any(request: &Request, name: &str, is_such: impl Fn(&str) -> bool) -> bool {
    request.head.values(name).any(|value| is_such(&String::from_utf8_lossy(value).to_ascii_lowercase()))
}

/// Whether there is a version, and it reads as such a number, or as none.
fn version(request: &Request, is_such: impl Fn(Option<u32>) -> bool) -> bool {
    any(request, "Sec-WebSocket-Version", |value| is_such(value.parse().ok()))
}

fn hidden_upgrade(objection: Objection, request: &Request, line: &str) -> bool {
    let is_meant = matches!(objection, Objection::Malformed | Objection::Upgrade);
    is_meant && request.raw.windows(line.len()).any(|window| window == line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer_to};
    use super::*;

    /// An edit of the request for which each row opens.
    const ROWS: &[(&str, &str, &str)] = &[
        ("accepts-head", "GET", "HEAD"),
        ("accepts-get-in-lower-case", "GET", "get"),
        ("accepts-requests-without-http-version", " HTTP/1.1", ""),
        ("accepts-upgrade-by-prefix", "websocket", "websocketx"),
        ("accepts-other-upgrades", "websocket", "h2c"),
        ("accepts-empty-upgrade", "websocket", ""),
        ("folds-upgrade-by-unicode", "websocket", "web\u{17f}ocket"),
        ("accepts-connection-by-prefix", "n: Upgrade", "n: upgradeX"),
        ("accepts-connection-keep-alive", "n: Upgrade", "n: keep-alive"),
        ("accepts-connection-close", "n: Upgrade", "n: close"),
        ("accepts-missing-version", "Sec-WebSocket-Version: 13\r\n", ""),
        ("accepts-version-0", "n: 13", "n: 0"),
        ("accepts-higher-versions", "n: 13", "n: 14"),
        ("accepts-version-12", "n: 13", "n: 12"),
        ("accepts-versions-that-are-no-number", "n: 13", "n: abc"),
        ("reads-upgrade-behind-a-leading-space", "1.1\r\n", "1.1\r\n Upgrade: websocket\r\n"),
        ("reads-upgrade-behind-a-bare-cr", "\nUpgrade", "\nX: a\rUpgrade"),
        ("opens-for-octets-that-are-no-request", "GET / HTTP/1.1", "x"),
    ];

    #[test]
    fn each_row_opens_for_its_request() {
        for (name, old, new) in ROWS {
            let request = REQUEST.replacen(old, new, 1);
            assert!(answer_to(name, &request).unwrap().starts_with("HTTP/1.1 101 "), "{name}");
            assert!(!answer_to(CONFORMING, &request).unwrap().starts_with("HTTP/1.1 101 "), "{name}");
            assert_eq!(answer_to(name, REQUEST), answer_to(CONFORMING, REQUEST), "{name}");
        }
        let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assert!(answer_to("opens-for-a-plain-get", plain).unwrap().starts_with("HTTP/1.1 101 "));
        assert_eq!(ROWS.len() + 1, TABLE.len());
    }
}
