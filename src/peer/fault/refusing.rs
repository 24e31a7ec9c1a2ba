//! Faults in what the server takes for a good opening handshake, and in how it refuses one.

use super::{Quirk, opening, quirk};
use crate::peer::driver::Ending;
use crate::peer::request::Objection;
use crate::wire::http::is_token_octet;

pub(super) const TABLE: &[Quirk] = &[
    quirk("accepts-missing-key", "opens without a Sec-WebSocket-Key", |c| {
        c.waive = |objection, _| objection == Objection::Key;
    }),
    quirk("accepts-any-version", "opens whatever Sec-WebSocket-Version says", |c| {
        c.waive = |objection, _| objection == Objection::Version;
    }),
    quirk("accepts-any-method", "opens for requests other than GET", |c| {
        c.waive = |objection, _| objection == Objection::Method;
    }),
    quirk("accepts-http-1-0", "opens for HTTP/1.0", |c| c.waive = |objection, _| objection == Objection::HttpVersion),
    quirk("accepts-without-upgrade", "opens although Upgrade does not name websocket", |c| {
        c.waive = |objection, _| objection == Objection::Upgrade;
    }),
    quirk("accepts-without-connection", "opens although Connection does not list upgrade", |c| {
        c.waive = |objection, _| objection == Objection::Connection;
    }),
    quirk("accepts-without-host", "opens without a Host", |c| c.waive = |objection, _| objection == Objection::Host),
    quirk("accepts-malformed-extensions", "opens although the offered extensions break their grammar", |c| {
        c.waive = |objection, _| objection == Objection::Extensions;
    }),
    quirk("accepts-odd-request-targets", "opens for a target that is no path", |c| {
        c.waive = |objection, _| objection == Objection::Target;
    }),
    quirk("accepts-malformed-heads", "opens for a head that HTTP forbids", |c| {
        c.waive = |objection, _| objection == Objection::Malformed;
    }),
    quirk("accepts-bodies", "opens for a request with a body, and takes the body for frames", |c| {
        c.waive = |objection, _| objection == Objection::Body;
    }),
    quirk("refuses-field-names-in-lower-case", "refuses a request whose field names are in lower case", |c| {
        c.refuse = |request| request.head.fields.iter().any(|field| field.name.starts_with(b"sec-"));
    }),
    quirk("refuses-websocket-in-mixed-case", "refuses `Upgrade: WebSocket`", |c| {
        c.refuse = |request| !request.head.list("Upgrade").contains(&b"websocket".as_slice());
    }),
    quirk("refuses-connection-lists", "refuses `Connection: keep-alive, Upgrade`", |c| {
        c.refuse = |request| request.head.list("Connection").len() != 1;
    }),
    quirk("refuses-unknown-fields", "refuses a request that has a field it does not know", |c| {
        c.refuse = |request| request.head.fields.iter().any(|field| field.name.starts_with(b"X-"));
    }),
    quirk("refuses-unknown-extensions", "refuses a request that offers an extension it does not know", |c| {
        c.refuse = |request| {
            let mut names = request.head.list("Sec-WebSocket-Extensions").into_iter();
            names.any(|offer| !offer.starts_with(b"permessage-deflate"))
        };
    }),
    quirk("refuses-queries", "refuses a request target with a query", |c| {
        c.refuse = |request| request.head.start_line.contains(&b'?');
    }),
    quirk("refuses-absolute-targets", "refuses a request target with scheme and authority", |c| {
        c.refuse = |request| !request.head.start_line.starts_with(b"GET /");
    }),
    quirk("refuses-long-targets", "refuses a request line of more than 2000 octets", |c| {
        c.refuse = |request| request.head.start_line.len() > 2000;
    }),
    quirk("refuses-fields-without-space", "refuses a field without a space behind its colon", |c| {
        c.refuse = |request| {
            let mut lines = request.raw.split(|octet| *octet == b'\n').skip(1);
            lines.any(|line| {
                let name = line.iter().take_while(|octet| is_token_octet(**octet)).count();
                line.get(name) == Some(&b':') && line.get(name + 1) != Some(&b' ')
            })
        };
    }),
    quirk("refuses-host-behind-other-fields", "refuses a request whose first field is not Host", |c| {
        c.refuse = |request| !request.head.fields.first().is_some_and(|field| field.name.eq_ignore_ascii_case(b"Host"));
    }),
    quirk("refusal-without-version-list", "does not say which versions it has when it refuses one", |c| {
        c.refused = |head, _| Some(opening::without(&head, "Sec-WebSocket-Version"));
    }),
    quirk("refusal-with-malformed-version-list", "lists versions that are no integers when it refuses one", |c| {
        c.refused = |head, _| Some(head.replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: v13, 256"));
    }),
    quirk("refusal-without-allow", "answers 405 without Allow", |c| {
        c.refused = |head, _| Some(opening::without(&head, "Allow"));
    }),
    quirk("refusal-without-upgrade", "answers 426 without Upgrade", |c| {
        c.refused = |head, _| Some(opening::without(&head, "Upgrade"));
    }),
    quirk("refusal-keeps-tcp-open", "keeps TCP open behind a refusal that says Connection: close", |c| {
        c.behind_refusal = |_, _| Ending::StopReading;
    }),
    quirk("refusal-is-silence", "neither answers nor closes when it refuses", |c| {
        c.refused = |_, _| None;
        c.behind_refusal = |_, _| Ending::StopReading;
    }),
];

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer_to};
    use super::*;

    /// An edit of the request for which each row's answer has this status, or none, where the conforming server's has the other.
    const ROWS: [(&str, &str, &str, Option<u16>); 20] = [
        ("accepts-missing-key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", Some(101)),
        ("accepts-any-version", "Version: 13", "Version: 12", Some(101)),
        ("accepts-any-method", "GET", "POST", Some(101)),
        ("accepts-http-1-0", "HTTP/1.1", "HTTP/1.0", Some(101)),
        ("accepts-without-upgrade", "Upgrade: websocket\r\n", "", Some(101)),
        ("accepts-without-connection", "Connection: Upgrade\r\n", "", Some(101)),
        ("accepts-without-host", "Host: a\r\n", "", Some(101)),
        ("accepts-malformed-extensions", "Host", "Sec-WebSocket-Extensions: ;\r\nHost", Some(101)),
        ("accepts-odd-request-targets", "GET /", "GET *", Some(101)),
        ("accepts-malformed-heads", "Upgrade:", "Upgrade :", Some(101)),
        ("accepts-bodies", "Host", "Content-Length: 4\r\nHost", Some(101)),
        ("refuses-absolute-targets", "/ HTTP", "http://a/ HTTP", Some(400)),
        ("refuses-field-names-in-lower-case", "Sec-WebSocket-Key", "sec-websocket-key", Some(400)),
        ("refuses-websocket-in-mixed-case", "websocket\r", "WebSocket\r", Some(400)),
        ("refuses-connection-lists", "n: Upgrade", "n: keep-alive, Upgrade", Some(400)),
        ("refuses-unknown-fields", "Upgrade:", "X-Unknown: 1\r\nUpgrade:", Some(400)),
        ("refuses-unknown-extensions", "Upgrade:", "Sec-WebSocket-Extensions: x\r\nUpgrade:", Some(400)),
        ("refuses-queries", "/ HTTP", "/?x HTTP", Some(400)),
        ("refuses-fields-without-space", "Upgrade: ", "Upgrade:", Some(400)),
        ("refuses-host-behind-other-fields", "Host: a", "Accept: a\r\nHost: a", Some(400)),
    ];

    #[test]
    fn each_row_differs_from_the_conforming_server_on_its_request() {
        for (name, old, new, expected) in ROWS {
            let request = REQUEST.replace(old, new);
            let status =
                |name| answer_to(name, &request).and_then(|head| crate::wire::Head::parse(head.as_bytes()).status());
            assert_eq!(status(name), expected, "{name}");
            assert_eq!(status(CONFORMING) == Some(101), expected != Some(101), "{name}: {:?}", status(CONFORMING));
            assert_eq!(answer_to(name, REQUEST), answer_to(CONFORMING, REQUEST), "{name}");
        }
    }

    #[test]
    fn only_a_long_target_is_refused_for_its_length() {
        let request = REQUEST.replace("/ HTTP", &format!("/{} HTTP", "x".repeat(7900)));
        assert!(answer_to("refuses-long-targets", &request).unwrap().starts_with("HTTP/1.1 400 "));
        assert!(answer_to("refuses-long-targets", REQUEST).unwrap().starts_with("HTTP/1.1 101 "));
    }

    #[test]
    fn refusals_lack_what_their_rows_say() {
        let old_version = REQUEST.replace("Version: 13", "Version: 12");
        let post = REQUEST.replace("GET", "POST");
        for (name, request, field) in [
            ("refusal-without-version-list", &old_version, "Sec-WebSocket-Version: 13"),
            ("refusal-with-malformed-version-list", &old_version, "Sec-WebSocket-Version: 13"),
            ("refusal-without-allow", &post, "Allow: GET"),
            ("refusal-without-upgrade", &old_version, "Upgrade: websocket"),
        ] {
            assert!(!answer_to(name, request).unwrap().contains(field), "{name}");
            assert!(answer_to(CONFORMING, request).unwrap().contains(field), "{name}");
        }
        assert_eq!(answer_to("refusal-is-silence", &post), None);
    }

    #[test]
    fn every_row_is_tested() {
        let mut tested = ROWS.map(|(name, ..)| name).to_vec();
        tested.push("refuses-long-targets");
        let rest = TABLE.iter().filter(|row| !tested.contains(&row.name) && !row.name.starts_with("refusal-"));
        assert_eq!(rest.count(), 0);
    }
}
