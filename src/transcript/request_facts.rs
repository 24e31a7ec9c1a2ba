//! Facts about the head with which a client asks for a connection, RFC 6455 sections 4.1 and 4.3.

use super::head_facts::{show, spelling};
use super::{Fact, FactKind};
use crate::wire::http::is_token;
use crate::wire::{Head, handshake};

/// Everything a strict server would find in a request.
pub fn request_facts(head: &Head) -> Vec<Fact> {
    let mut facts: Vec<Fact> = head.faults.iter().map(spelling).collect();
    request_line(head, &mut facts);
    once(head, "host", FactKind::RequestHost, &mut facts);
    listed(head, "upgrade", "websocket", FactKind::RequestUpgrade, &mut facts);
    listed(head, "connection", "upgrade", FactKind::RequestConnection, &mut facts);
    key(head, &mut facts);
    let versions: Vec<&[u8]> = head.values("sec-websocket-version").collect();
    if versions != [b"13"] {
        facts.push(Fact::new(FactKind::RequestVersion, seen("sec-websocket-version", &versions)));
    }
    for field in ["content-length", "transfer-encoding"] {
        if head.values(field).any(|value| value != b"0") {
            facts.push(Fact::new(FactKind::RequestBody, format!("{field} in the request")));
        }
    }
    subprotocols(head, &mut facts);
    extensions(head, &mut facts);
    facts
}

fn seen(field: &str, values: &[&[u8]]) -> String {
    match values {
        [] => format!("no {field}"),
        values => format!("{field}: {}", show(&values.join(&b" and "[..]))),
    }
}

fn request_line(head: &Head, facts: &mut Vec<Fact>) {
    let line = head.start_line.as_slice();
    let mut fact = |kind| facts.push(Fact::new(kind, show(line)));
    let parts: Vec<&[u8]> = line.split(|octet| *octet == b' ').collect();
    let [method, target, version] = parts.as_slice() else {
        return fact(FactKind::RequestLine);
    };
    if *method != b"GET" {
        fact(FactKind::RequestMethod);
    }
    let is_absolute = [&b"http://"[..], b"https://"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if (!target.starts_with(b"/") && !is_absolute) || target.contains(&b'#') {
        fact(FactKind::RequestTarget);
    }
    match version {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            if (*major, *minor) < (b'1', b'1') {
                fact(FactKind::RequestHttpVersion);
            }
        }
        _ => fact(FactKind::RequestLine),
    }
}

fn once(head: &Head, field: &'static str, kind: FactKind, facts: &mut Vec<Fact>) {
    let values: Vec<&[u8]> = head.values(field).collect();
    if values.len() != 1 {
        facts.push(Fact::new(kind, seen(field, &values)));
    }
}

fn listed(head: &Head, field: &'static str, member: &str, kind: FactKind, facts: &mut Vec<Fact>) {
    if !head.list_has(field, member) {
        let values: Vec<&[u8]> = head.values(field).collect();
        facts.push(Fact::new(kind, seen(field, &values)));
    }
}

fn key(head: &Head, facts: &mut Vec<Fact>) {
    let keys: Vec<&[u8]> = head.values("sec-websocket-key").collect();
    match keys.as_slice() {
        [key] if handshake::nonce(key).is_some() => {}
        [_] => facts.push(Fact::new(FactKind::RequestKeyMalformed, seen("sec-websocket-key", &keys))),
        _ => facts.push(Fact::new(FactKind::RequestKeyMissing, seen("sec-websocket-key", &keys))),
    }
}

fn subprotocols(head: &Head, facts: &mut Vec<Fact>) {
    let offers = head.list("sec-websocket-protocol");
    let is_empty = head.values("sec-websocket-protocol").next().is_some() && offers.is_empty();
    if is_empty || offers.iter().any(|offer| !is_token(offer)) {
        let values: Vec<&[u8]> = head.values("sec-websocket-protocol").collect();
        facts.push(Fact::new(FactKind::OfferedProtocolNotToken, seen("sec-websocket-protocol", &values)));
    }
    if let Some(twice) = offers.iter().enumerate().find_map(|(at, offer)| offers[..at].contains(offer).then_some(offer))
    {
        facts.push(Fact::new(FactKind::OfferedProtocolRepeated, format!("{} stands twice", show(twice))));
    }
}

fn extensions(head: &Head, facts: &mut Vec<Fact>) {
    let name = |offer: &[u8]| {
        let end = offer.iter().position(|octet| *octet == b';').unwrap_or(offer.len());
        offer[..end].trim_ascii().to_vec()
    };
    let offers = head.list("sec-websocket-extensions");
    let is_empty = head.values("sec-websocket-extensions").next().is_some() && offers.is_empty();
    if is_empty || offers.iter().any(|offer| !is_token(&name(offer))) {
        let values: Vec<&[u8]> = head.values("sec-websocket-extensions").collect();
        facts.push(Fact::new(FactKind::OfferedExtensionsMalformed, seen("sec-websocket-extensions", &values)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /chat?a=b HTTP/1.1\r\nHost: localhost:9001\r\nUpgrade: websocket\r\n\
                        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
                        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

    fn kinds(request: &str) -> Vec<FactKind> {
        request_facts(&Head::parse(format!("{request}\r\n").as_bytes())).into_iter().map(|fact| fact.kind).collect()
    }

    #[test]
    fn nothing_is_wrong_with_a_good_request() {
        assert_eq!(kinds(GOOD), []);
        assert_eq!(
            kinds(&GOOD.replace("/chat?a=b", "http://localhost:9001/chat?a=b").replace("websocket", "WebSocket")),
            []
        );
    }

    #[test]
    fn each_fact_is_seen() {
        for (from, to, kind) in [
            ("GET /chat?a=b HTTP/1.1", "GET /chat?a=b", FactKind::RequestLine),
            ("GET /chat?a=b HTTP/1.1", "GET /chat?a=b  HTTP/1.1", FactKind::RequestLine),
            ("HTTP/1.1", "HTTP/1.x", FactKind::RequestLine),
            ("HTTP/1.1", "HTTP/1.0", FactKind::RequestHttpVersion),
            ("GET", "get", FactKind::RequestMethod),
            ("/chat?a=b", "ws://localhost:9001/chat?a=b", FactKind::RequestTarget),
            ("/chat?a=b", "/chat?a=b#c", FactKind::RequestTarget),
            ("Host: localhost:9001\r\n", "", FactKind::RequestHost),
            ("Host: localhost:9001\r\n", "Host: a\r\nHost: a\r\n", FactKind::RequestHost),
            ("Upgrade: websocket", "Upgrade: h2c", FactKind::RequestUpgrade),
            ("keep-alive, Upgrade", "keep-alive", FactKind::RequestConnection),
            ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", FactKind::RequestKeyMissing),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", FactKind::RequestKeyMalformed),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZR==", FactKind::RequestKeyMalformed),
            ("Version: 13", "Version: 8, 13", FactKind::RequestVersion),
            ("chat, superchat", "chat, super chat", FactKind::OfferedProtocolNotToken),
            ("chat, superchat", "chat, chat", FactKind::OfferedProtocolRepeated),
            ("permessage-deflate;", "permessage deflate;", FactKind::OfferedExtensionsMalformed),
            ("Host:", "Content-Length: 5\r\nHost:", FactKind::RequestBody),
            ("Host:", "Host :", FactKind::HeadSpaceBeforeColon),
        ] {
            assert_eq!(kinds(&GOOD.replace(from, to)), [kind], "{to}");
        }
    }
}
