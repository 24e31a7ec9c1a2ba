//! Faults in the 101 that opens the connection.

use super::{Quirk, quirk};
use crate::wire::handshake::accept;
use base64::{Engine as _, engine::general_purpose::STANDARD};

pub(super) const TABLE: &[Quirk] = &[
    quirk("accept-missing", "the 101 has no Sec-WebSocket-Accept", |c| {
        c.accepted = |head, _| without(&head, "Sec-WebSocket-Accept");
    }),
    quirk("accept-wrong", "Sec-WebSocket-Accept answers another key", |c| {
        c.accepted = |head, _| with(&without(&head, "Sec-WebSocket-Accept"), &accept_of(b"AQIDBAUGBwgJCgsMDQ4PEA=="));
    }),
    quirk("accept-of-decoded-key", "Sec-WebSocket-Accept is made of the decoded key", |c| {
        c.accepted = |head, request| {
            let nonce = STANDARD.decode(request.key()).unwrap_or_default();
            with(&without(&head, "Sec-WebSocket-Accept"), &accept_of(&nonce))
        };
    }),
    quirk("accept-of-untrimmed-key", "Sec-WebSocket-Accept is made of the key and the white space around it", |c| {
        c.accepted =
            |head, request| with(&without(&head, "Sec-WebSocket-Accept"), &accept_of(untrimmed_key(&request.raw)));
    }),
    quirk("accept-without-padding", "Sec-WebSocket-Accept lacks its last character", |c| {
        c.accepted = |head, _| head.replace("=\r\n", "\r\n");
    }),
    quirk("accept-twice", "the 101 has Sec-WebSocket-Accept twice", |c| {
        c.accepted = |head, request| with(&head, &accept_of(request.key()));
    }),
    quirk("upgrade-missing", "the 101 has no Upgrade", |c| c.accepted = |head, _| without(&head, "Upgrade")),
    quirk("upgrade-other", "the 101 upgrades to something else", |c| {
        c.accepted = |head, _| head.replace("Upgrade: websocket", "Upgrade: h2c");
    }),
    quirk("connection-missing", "the 101 has no Connection", |c| c.accepted = |head, _| without(&head, "Connection")),
    quirk("connection-keep-alive", "Connection in the 101 does not list upgrade", |c| {
        c.accepted = |head, _| head.replace("Connection: Upgrade", "Connection: keep-alive");
    }),
    quirk("connection-with-empty-members", "Connection in the 101 has empty list members", |c| {
        c.accepted = |head, _| head.replace("Connection: Upgrade", "Connection: , Upgrade,");
    }),
    quirk("protocol-not-offered", "the 101 selects a subprotocol that was not offered", |c| {
        c.accepted = |head, _| with(&head, "Sec-WebSocket-Protocol: never.offered.example");
    }),
    quirk("protocol-in-other-case", "the 101 selects the first offered subprotocol, in upper case", |c| {
        c.accepted = |head, request| match request.head.list("Sec-WebSocket-Protocol").first() {
            Some(offer) => {
                with(&head, &format!("Sec-WebSocket-Protocol: {}", String::from_utf8_lossy(offer).to_uppercase()))
            }
            None => head,
        };
    }),
    quirk("protocol-in-lower-case", "the 101 selects the first offered subprotocol, in lower case", |c| {
        c.accepted = |head, request| match request.head.list("Sec-WebSocket-Protocol").first() {
            Some(offer) => {
                with(&head, &format!("Sec-WebSocket-Protocol: {}", String::from_utf8_lossy(offer).to_lowercase()))
            }
            None => head,
        };
    }),
    quirk("all-offered-protocols", "the 101 selects every offered subprotocol instead of one", |c| {
        c.accepted = |head, request| match &request.head.list("Sec-WebSocket-Protocol")[..] {
            [] => head,
            offers => with(
                &head,
                &format!("Sec-WebSocket-Protocol: {}", String::from_utf8_lossy(&offers.join(b", ".as_slice()))),
            ),
        };
    }),
    quirk("two-protocols", "the 101 has Sec-WebSocket-Protocol twice", |c| {
        c.accepted =
            |head, _| with(&head, "Sec-WebSocket-Protocol: one.example\r\nSec-WebSocket-Protocol: two.example");
    }),
    quirk("protocol-empty", "the 101 has a Sec-WebSocket-Protocol without a value", |c| {
        c.accepted = |head, _| with(&head, "Sec-WebSocket-Protocol: ");
    }),
    quirk("extension-not-offered", "the 101 accepts an extension that was not offered", |c| {
        c.accepted = |head, _| with(&head, "Sec-WebSocket-Extensions: x-never-offered");
    }),
    quirk("extension-echoed", "the 101 accepts every offered extension, known or not", |c| {
        c.accepted = |head, request| match request.head.values("Sec-WebSocket-Extensions").next() {
            Some(offer) => with(&head, &format!("Sec-WebSocket-Extensions: {}", String::from_utf8_lossy(offer))),
            None => head,
        };
    }),
    quirk("extension-malformed", "Sec-WebSocket-Extensions in the 101 breaks its grammar", |c| {
        c.accepted = |head, _| with(&head, "Sec-WebSocket-Extensions: ;=");
    }),
    quirk("deflate-with-unknown-parameter", "accepts permessage-deflate with a parameter it does not have", |c| {
        c.accepted = |head, request| match request.head.values("Sec-WebSocket-Extensions").next() {
            Some(offer) if String::from_utf8_lossy(offer).contains("permessage-deflate") => {
                with(&head, "Sec-WebSocket-Extensions: permessage-deflate; level=9")
            }
            _ => head,
        };
    }),
    quirk("head-bare-lf", "lines of the 101 end with LF alone", |c| {
        c.accepted = |head, _| head.replace("\r\n", "\n");
    }),
    quirk("head-space-before-colon", "a space stands before a colon of the 101", |c| {
        c.accepted = |head, _| with(&head, "Server : quirk");
    }),
    quirk("head-obs-fold", "a field of the 101 is folded over two lines", |c| {
        c.accepted = |head, _| with(&head, "Server: a\r\n quirk");
    }),
    quirk("head-control-octet", "a field value of the 101 has a control octet", |c| {
        c.accepted = |head, _| with(&head, "Server: a\u{1}quirk");
    }),
    quirk("head-bare-cr", "a field value of the 101 has a CR", |c| {
        c.accepted = |head, _| with(&head, "Server: a\rquirk");
    }),
    quirk("head-name-not-token", "a field name of the 101 is no token", |c| {
        c.accepted = |head, _| with(&head, "Ser(ver): quirk");
    }),
    quirk("head-line-without-colon", "a line of the 101 has no colon", |c| c.accepted = |head, _| with(&head, "quirk")),
    quirk("status-without-space", "no space follows the status code, where the reason phrase is empty", |c| {
        c.accepted = |head, _| head.replace(" Switching Protocols", "");
    }),
    quirk("status-200", "answers 200 and upgrades all the same", |c| {
        c.accepted = |head, _| head.replace("101 Switching Protocols", "200 OK");
    }),
    quirk("status-line-http-1-0", "the 101 is of HTTP/1.0", |c| {
        c.accepted = |head, _| head.replace("HTTP/1.1", "HTTP/1.0");
    }),
    quirk("status-line-malformed", "the status line names no protocol version", |c| {
        c.accepted = |head, _| head.replace("HTTP/1.1", "HTTP");
    }),
    quirk("status-behind-two-spaces", "two spaces stand before the status code", |c| {
        c.accepted = |head, _| head.replace("HTTP/1.1 101", "HTTP/1.1  101");
    }),
    quirk("content-length-in-101", "the 101 has a Content-Length", |c| {
        c.accepted = |head, _| with(&head, "Content-Length: 0");
    }),
    quirk("transfer-encoding-in-101", "the 101 has a Transfer-Encoding", |c| {
        c.accepted = |head, _| with(&head, "Transfer-Encoding: chunked");
    }),
    quirk("sec-version-malformed", "Sec-WebSocket-Version in the 101 is no list of versions", |c| {
        c.accepted = |head, _| with(&head, "Sec-WebSocket-Version: 013");
    }),
    quirk("answers-before-the-empty-line", "answers as soon as it has the key, while the request goes on", |c| {
        c.head_end = |octets| {
            let full = crate::wire::http::head_length(octets);
            let text = String::from_utf8_lossy(octets).to_ascii_lowercase();
            let enough = ["sec-websocket-key:", "sec-websocket-version:", "upgrade:", "connection:", "host:"];
            let stalled = octets.ends_with(b"\r\n") && enough.iter().all(|name| text.contains(name));
            full.or(stalled.then_some(octets.len()))
        };
    }),
];

fn accept_of(key: &[u8]) -> String {
    format!("Sec-WebSocket-Accept: {}", accept(key))
}

/// The key as it stands behind the colon and one space.
fn untrimmed_key(request: &[u8]) -> &[u8] {
    const NAME: &[u8] = b"Sec-WebSocket-Key:";
    let mut lines = request.split(|octet| *octet == b'\n');
    let line = lines.find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)));
    let value = line.map_or(&b""[..], |line| &line[NAME.len()..]);
    let value = value.strip_prefix(b" ").unwrap_or(value);
    value.strip_suffix(b"\r").unwrap_or(value)
}

/// The head with one more field line.
pub(super) fn with(head: &str, line: &str) -> String {
    format!("{}{line}\r\n\r\n", head.strip_suffix("\r\n").unwrap_or(head))
}

/// The head without the fields of that name.
pub(super) fn without(head: &str, name: &str) -> String {
    head.split_inclusive("\r\n").filter(|line| !line.starts_with(&format!("{name}:"))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer, answer_to, answers};
    use super::*;

    #[test]
    fn each_row_changes_the_101_as_it_says() {
        const OFFERS: &str =
            "Sec-WebSocket-Protocol: Chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
        let conforming = answer(CONFORMING, OFFERS);
        for (name, head) in answers(TABLE, OFFERS) {
            let shows_elsewhere = ["answers-before-the-empty-line", "accept-of-untrimmed-key"].contains(&name);
            assert_eq!(head == conforming, shows_elsewhere, "{name}");
            assert!(head.contains("101") || name == "status-200", "{name}");
            assert!(head.ends_with("\n\n") || head.ends_with("\r\n\r\n"), "{name}");
        }
    }

    #[test]
    fn space_around_the_key_may_count() {
        let padded = REQUEST.replace("jZQ==", "jZQ== ");
        assert_ne!(answer_to("accept-of-untrimmed-key", &padded), answer_to(CONFORMING, &padded));
        assert_eq!(answer_to(CONFORMING, &padded), answer_to(CONFORMING, REQUEST));
    }

    #[test]
    fn the_head_may_end_early() {
        let request = "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
        let conduct = TABLE.last().unwrap().conduct();
        assert_eq!((conduct.head_end)(request.as_bytes()), None);
        let request = format!("{request}Sec-WebSocket-Key: x\r\n");
        assert_eq!((conduct.head_end)(request.as_bytes()), Some(request.len()));
    }
}
