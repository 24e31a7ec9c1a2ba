//! Odd clients that break nothing: no check may fail one of them.

use super::asking::with;
use super::{ClientQuirk, Leaving, quirk};

pub(super) const ASKING: &[ClientQuirk] = &[
    quirk("fields-in-other-order", "sends its fields from the last to the first", |m| {
        m.request = |r, _| {
            let mut lines: Vec<&str> = r.trim_end().split("\r\n").collect();
            lines[1..].reverse();
            lines.join("\r\n") + "\r\n\r\n"
        };
    }),
    quirk("field-names-in-lower-case", "writes the names of its fields in lower case", |m| {
        m.request = |r, _| {
            let lower = |line: &str| match line.split_once(": ") {
                Some((name, value)) => format!("{}: {value}", name.to_ascii_lowercase()),
                None => line.to_owned(),
            };
            r.split("\r\n").map(lower).collect::<Vec<_>>().join("\r\n")
        };
    }),
    quirk("more-fields", "sends fields like those of a browser", |m| {
        m.request = |r, _| {
            with(
                &r,
                "User-Agent: odd/1.0\r\nOrigin: http://localhost\r\nPragma: no-cache\r\nCookie: a=b; c=d\r\nAccept: */*",
            )
        };
    }),
    quirk("keep-alive-upgrade", "sends Connection: keep-alive, Upgrade, and WebSocket with capital letters", |m| {
        m.request = |r, _| {
            r.replace("Connection: Upgrade", "Connection: keep-alive, Upgrade").replace("websocket", "WebSocket")
        };
    }),
    quirk("no-space-behind-colons", "leaves out the space behind the colons of its fields", |m| {
        m.request = |r, _| r.replace(": ", ":");
    }),
    quirk("absolute-target", "asks for an http URL", |m| {
        m.request = |r, url| {
            let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
            r.replacen("GET ", &format!("GET http://{host}"), 1)
        };
    }),
    quirk("offers-subprotocols", "offers two subprotocols and can live without", |m| {
        m.request = |r, _| with(&r, "Sec-WebSocket-Protocol: odd-one, odd-two");
    }),
    quirk("request-octet-by-octet", "writes its request in segments of one octet", |m| m.request_bytewise = true),
    quirk("drops-empty-queries", "leaves out a question mark with nothing behind it", |m| {
        m.request = |r, _| r.replacen("? HTTP/", " HTTP/", 1);
    }),
    quirk("declines-odd-urls", "does not connect for URLs with a fragment, a user or a blank", |m| {
        m.declines = |url| url.fragment().is_some() || !url.username().is_empty() || url.path().contains("%20");
    }),
];

pub(super) const TAKING: &[ClientQuirk] = &[
    quirk("refuses-with-a-close", "sends a Close 1002 before it leaves a response that it refuses", |m| {
        m.at_refusal = Leaving::WithClose(1002);
    }),
    quirk("refuses-with-a-reset", "leaves a response that it refuses with RST", |m| m.at_refusal = Leaving::Reset),
    quirk("refuses-malformed-heads", "refuses whatever a strict reader would not take in a response", |m| {
        m.refuse = |head| !head.response_faults().is_empty();
    }),
    quirk("takes-two-accepts", "takes two answers to its key when one is right", |m| {
        m.overlook = |o, head, key| {
            let right = crate::wire::handshake::accept(key.as_bytes());
            o == crate::peer::client_handshake::Objection::Accept
                && head.values("sec-websocket-accept").any(|value| value == right.as_bytes())
        };
    }),
];
