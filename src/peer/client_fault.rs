//! What the hand-written client does wrong in the opening handshake, one row each: a name, what it does, and how.

use super::client_handshake::Objection;
use crate::wire::{Head, handshake};

/// How the hand-written client opens a connection.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Edits the request.
    pub(super) request: fn(String) -> String,
    /// Whether a reason to refuse the response is overlooked.
    pub(super) overlook: fn(Objection, &Head, key: &str) -> bool,
    /// Whether a good response is refused.
    pub(super) refuse: fn(&Head) -> bool,
    /// Whether what came with the response is lost.
    pub(super) loses_what_is_behind: bool,
    /// Whether a head that does not come in one piece is refused.
    pub(super) refuses_pieces: bool,
}

/// A way for the hand-written client to open connections otherwise than it should.
#[derive(Clone, Copy)]
pub struct ClientFault {
    /// What the client does wrong.
    pub name: &'static str,
    /// The same in a sentence.
    pub about: &'static str,
    bend: fn(&mut Manner),
}

impl Manner {
    /// Nothing wrong.
    pub(super) fn conforming() -> Manner {
        Manner {
            request: |request| request,
            overlook: |_, _, _| false,
            refuse: |_| false,
            loses_what_is_behind: false,
            refuses_pieces: false,
        }
    }
}

impl ClientFault {
    pub(super) fn manner(self) -> Manner {
        let mut manner = Manner::conforming();
        (self.bend)(&mut manner);
        manner
    }
}

/// Every fault of the opening handshake that the hand-written client knows.
pub fn client_faults() -> &'static [ClientFault] {
    TABLE
}

const fn fault(name: &'static str, about: &'static str, bend: fn(&mut Manner)) -> ClientFault {
    ClientFault { name, about, bend }
}

fn without(request: &str, field: &str) -> String {
    request.split_inclusive("\r\n").filter(|line| !line.starts_with(field)).collect()
}

fn with(request: &str, line: &str) -> String {
    request.replacen("\r\nUpgrade:", &format!("\r\n{line}\r\nUpgrade:"), 1)
}

const TABLE: &[ClientFault] = &[
    fault("requests-without-host", "sends no Host", |m| m.request = |r| without(&r, "Host:")),
    fault("requests-with-two-hosts", "sends Host twice", |m| m.request = |r| with(&r, "Host: other")),
    fault("requests-without-upgrade", "sends no Upgrade", |m| m.request = |r| without(&r, "Upgrade:")),
    fault("requests-another-upgrade", "asks for h2c", |m| m.request = |r| r.replace("websocket", "h2c")),
    fault("requests-without-connection", "sends no Connection", |m| m.request = |r| without(&r, "Connection:")),
    fault("requests-connection-close", "sends Connection: close", |m| {
        m.request = |r| r.replace("Connection: Upgrade", "Connection: close");
    }),
    fault("requests-without-key", "sends no Sec-WebSocket-Key", |m| m.request = |r| without(&r, "Sec-WebSocket-Key:")),
    fault("requests-with-two-keys", "sends a second Sec-WebSocket-Key", |m| {
        m.request = |r| with(&r, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }),
    fault("key-of-15-octets", "sends the Base64 of 15 octets as its key", |m| {
        m.request = |r| with(&without(&r, "Sec-WebSocket-Key:"), "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j");
    }),
    fault("key-that-is-no-base64", "sends a key that is no Base64", |m| {
        m.request = |r| with(&without(&r, "Sec-WebSocket-Key:"), "Sec-WebSocket-Key: ************************");
    }),
    fault("requests-without-version", "sends no version", |m| m.request = |r| without(&r, "Sec-WebSocket-Version:")),
    fault("requests-version-8", "asks for version 8", |m| m.request = |r| r.replace("Version: 13", "Version: 8")),
    fault("requests-by-post", "uses POST", |m| m.request = |r| r.replacen("GET", "POST", 1)),
    fault("requests-in-http-1.0", "asks in HTTP/1.0", |m| m.request = |r| r.replacen("HTTP/1.1", "HTTP/1.0", 1)),
    fault("requests-a-ws-target", "puts a ws URL into the request line", |m| {
        m.request = |r| r.replacen("GET /", "GET ws://localhost/", 1);
    }),
    fault("requests-a-fragment", "sends the fragment of the URL", |m| {
        m.request = |r| r.replacen(" HTTP/", "#top HTTP/", 1)
    }),
    fault("requests-with-bare-lf", "ends lines with LF alone", |m| m.request = |r| r.replace("\r\n", "\n")),
    fault("requests-with-space-before-colon", "puts a space before a colon", |m| {
        m.request = |r| r.replacen("Host:", "Host :", 1);
    }),
    fault("requests-a-body", "announces a body", |m| m.request = |r| with(&r, "Content-Length: 5")),
    fault("offers-a-subprotocol-twice", "offers chat twice", |m| {
        m.request = |r| with(&r, "Sec-WebSocket-Protocol: chat, chat");
    }),
    fault("offers-a-subprotocol-of-two-words", "offers a name with a space", |m| {
        m.request = |r| with(&r, "Sec-WebSocket-Protocol: two words");
    }),
    fault("offers-malformed-extensions", "offers what is no extension", |m| {
        m.request = |r| with(&r, "Sec-WebSocket-Extensions: =; x");
    }),
    fault("accepts-any-status", "opens whatever the status", |m| m.overlook = |o, _, _| o == Objection::Status),
    fault("accepts-status-200", "opens with a 200", |m| {
        m.overlook = |o, head, _| o == Objection::Status && head.status() == Some(200);
    }),
    fault("accepts-malformed-status-lines", "opens with any first line", |m| {
        m.overlook = |o, head, _| matches!(o, Objection::Malformed | Objection::Status) && head.status() != Some(200);
    }),
    fault("accepts-responses-without-upgrade", "opens without Upgrade", |m| {
        m.overlook = |o, head, _| o == Objection::Upgrade && head.values("upgrade").next().is_none();
    }),
    fault("accepts-any-upgrade", "opens whatever Upgrade says", |m| {
        m.overlook = |o, head, _| o == Objection::Upgrade && head.values("upgrade").next().is_some();
    }),
    fault("accepts-upgrade-by-its-start", "takes websocketx for websocket", |m| {
        m.overlook = |o, head, _| o == Objection::Upgrade && head.list_has("upgrade", "websocketx");
    }),
    fault("accepts-upgrade-by-unicode-case", "takes the sign for Kelvin for a k", |m| {
        m.overlook = |o, head, _| {
            o == Objection::Upgrade
                && head.values("upgrade").any(|value| String::from_utf8_lossy(value).to_lowercase() == "websocket")
        };
    }),
    fault("accepts-responses-without-connection", "opens without Connection", |m| {
        m.overlook = |o, head, _| o == Objection::Connection && head.values("connection").next().is_none();
    }),
    fault("accepts-any-connection", "opens whatever Connection says", |m| {
        m.overlook = |o, head, _| o == Objection::Connection && head.values("connection").next().is_some();
    }),
    fault("accepts-responses-without-accept", "opens without Sec-WebSocket-Accept", |m| {
        m.overlook = |o, head, _| o == Objection::Accept && head.values("sec-websocket-accept").next().is_none();
    }),
    fault("accepts-any-accept", "opens whatever Sec-WebSocket-Accept says", |m| {
        m.overlook = |o, head, _| o == Objection::Accept && head.values("sec-websocket-accept").next().is_some();
    }),
    fault("accepts-the-answer-to-the-decoded-key", "decodes its key before it calculates", |m| {
        m.overlook = |o, head, key| {
            let decoded = handshake::nonce(key.as_bytes()).unwrap_or_default();
            o == Objection::Accept && accepts(head).any(|value| value == handshake::accept(&decoded).as_bytes())
        };
    }),
    fault("compares-the-accept-without-case", "takes the right letters in the wrong case", |m| {
        m.overlook = |o, head, key| {
            let right = handshake::accept(key.as_bytes());
            o == Objection::Accept && accepts(head).any(|value| value.eq_ignore_ascii_case(right.as_bytes()))
        };
    }),
    fault("compares-27-characters-of-the-accept", "does not look at the end of the answer", |m| {
        m.overlook = |o, head, key| {
            let right = handshake::accept(key.as_bytes());
            o == Objection::Accept && accepts(head).any(|value| value.starts_with(&right.as_bytes()[..27]))
        };
    }),
    fault("accepts-extensions-not-offered", "opens with an extension it did not ask for", |m| {
        m.overlook = |o, _, _| o == Objection::Extension;
    }),
    fault("accepts-subprotocols-not-offered", "opens with a subprotocol it did not ask for", |m| {
        m.overlook = |o, _, _| o == Objection::Subprotocol;
    }),
    fault("refuses-names-in-lower-case", "reads names of fields with regard to case", |m| {
        m.refuse = |head| head.fields.iter().any(|field| field.name == b"upgrade");
    }),
    fault("refuses-websocket-in-other-case", "compares Upgrade with regard to case", |m| {
        m.refuse = |head| !head.values("upgrade").any(|value| value == b"websocket");
    }),
    fault("refuses-connection-lists-of-servers", "does not read Connection as a list", |m| {
        m.refuse = |head| head.values("connection").any(|value| value.contains(&b','));
    }),
    fault("refuses-unknown-fields-of-servers", "refuses fields that it does not know", |m| {
        m.refuse = |head| head.values("x-unknown").next().is_some();
    }),
    fault("refuses-other-reasons", "wants the usual words behind 101", |m| {
        m.refuse = |head| !head.start_line.ends_with(b"Switching Protocols");
    }),
    fault("loses-frames-behind-the-response", "throws away what came with the response", |m| {
        m.loses_what_is_behind = true
    }),
    fault("refuses-responses-in-pieces", "wants the response in one piece", |m| m.refuses_pieces = true),
];

fn accepts(head: &Head) -> impl Iterator<Item = &[u8]> {
    head.values("sec-websocket-accept")
}
