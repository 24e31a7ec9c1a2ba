//! Facts about the head with which a client asks for a connection, RFC 6455 sections 4.1 and 4.3.

use super::head_facts::{REGISTERED, show, spelling, up_to};
use super::{Fact, FactKind, deflate_facts};
use crate::wire::http::is_token;
use crate::wire::{Head, handshake};

/// Everything a strict server would find in a request.
pub fn request_facts(head: &Head) -> Vec<Fact> {
    let mut facts: Vec<Fact> = head.faults.iter().map(spelling).collect();
    request_line(head, &mut facts);
    host(head, &mut facts);
    listed(head, "upgrade", "websocket", FactKind::RequestUpgrade, &mut facts);
    listed(head, "connection", "upgrade", FactKind::RequestConnection, &mut facts);
    key(head, &mut facts);
    let versions: Vec<&[u8]> = head.values("sec-websocket-version").collect();
    if versions.len() > 1 {
        facts.push(Fact::new(FactKind::RequestVersionRepeated, seen("sec-websocket-version", &versions)));
    } else if versions != [b"13"] {
        facts.push(Fact::new(FactKind::RequestVersion, seen("sec-websocket-version", &versions)));
    }
    for field in ["content-length", "transfer-encoding"] {
        if head.values(field).any(|value| value != b"0") {
            facts.push(Fact::new(FactKind::RequestBody, format!("{field} in the request")));
        }
    }
    if head.values("expect").next().is_some() {
        facts.push(Fact::new(FactKind::RequestExpect, "an Expect field"));
    }
    for field in ["connection", "upgrade", "sec-websocket-extensions", "sec-websocket-protocol"] {
        let empty = |value: &[u8]| value.split(|octet| *octet == b',').any(|member| member.trim_ascii().is_empty());
        if let Some(value) = head.values(field).find(|value| !value.is_empty() && empty(value)) {
            facts.push(Fact::new(FactKind::HeadEmptyListMember, format!("{field}: {}", show(value))));
        }
    }
    of_browsers(head, &mut facts);
    subprotocols(head, &mut facts);
    extensions(head, &mut facts);
    facts
}

/// What only a browser has to do otherwise.
fn of_browsers(head: &Head, facts: &mut Vec<Fact>) {
    if head.values("origin").count() != 1 {
        facts.push(Fact::new(
            FactKind::RequestOriginMissing,
            format!("{} Origin fields", head.values("origin").count()),
        ));
    }
    if head.values("referer").next().is_some() {
        facts.push(Fact::new(FactKind::RequestReferer, "a Referer field"));
    }
    if head.values("sec-websocket-protocol").count() > 1 {
        facts.push(Fact::new(FactKind::OfferedProtocolsSplit, "several Sec-WebSocket-Protocol"));
    }
}

/// The port in it differs from run to run, so that the value is not shown.
fn host(head: &Head, facts: &mut Vec<Fact>) {
    match head.values("host").count() {
        1 => {}
        0 => facts.push(Fact::new(FactKind::RequestHost, "no host")),
        several => facts.push(Fact::new(FactKind::RequestHost, format!("{several} Host fields"))),
    }
    let first = head.fields.first().is_some_and(|field| field.name.eq_ignore_ascii_case(b"host"));
    if !first && head.values("host").next().is_some() {
        facts.push(Fact::new(FactKind::RequestHostNotFirst, "another field in front of Host"));
    }
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
        [] => facts.push(Fact::new(FactKind::RequestKeyMissing, seen("sec-websocket-key", &keys))),
        several => facts.push(Fact::new(FactKind::RequestKeyRepeated, format!("{} keys", several.len()))),
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
    let values: Vec<&[u8]> = head.values("sec-websocket-extensions").collect();
    let offers = head.list("sec-websocket-extensions");
    let mut fact = |kind| facts.push(Fact::new(kind, seen("sec-websocket-extensions", &values)));
    let is_empty = !values.is_empty() && offers.is_empty();
    if is_empty || offers.iter().any(|offer| !is_element(offer)) {
        return fact(FactKind::OfferedExtensionsMalformed);
    }
    let name = |offer: &[u8]| up_to(offer, b';');
    if offers.iter().any(|offer| !REGISTERED.contains(&name(offer).as_slice())) {
        fact(FactKind::OfferedExtensionUnregistered);
    }
    if !offers.iter().any(|offer| name(offer) == REGISTERED[0]) {
        fact(FactKind::OfferedNoDeflate);
    }
    deflate_facts::of_request(head, facts);
}

fn parameters(offer: &[u8]) -> impl Iterator<Item = &[u8]> {
    offer.split(|octet| *octet == b';').skip(1)
}

/// Section 9.1: a token and its parameters, each with a value that is a token, in quotes or not.
fn is_element(offer: &[u8]) -> bool {
    let is_parameter = |parameter: &[u8]| match parameter.iter().position(|octet| *octet == b'=') {
        None => is_token(parameter.trim_ascii()),
        Some(at) => {
            let value = parameter[at + 1..].trim_ascii();
            let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
            // what a backslash stands in front of is no octet that needs one, or no token
            let bare: Vec<u8> =
                quoted.unwrap_or(value).iter().copied().filter(|octet| *octet != b'\\' || quoted.is_none()).collect();
            is_token(parameter[..at].trim_ascii()) && is_token(&bare)
        }
    };
    is_token(&up_to(offer, b';')) && parameters(offer).all(is_parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /chat?a=b HTTP/1.1\r\nHost: localhost:9001\r\nUpgrade: websocket\r\n\
                        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
                        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=\"10\"\r\n\
                        Origin: http://localhost\r\n";

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
            ("Host: localhost:9001\r\n", "X: a\r\nHost: a\r\n", FactKind::RequestHostNotFirst),
            ("Origin: http://localhost\r\n", "", FactKind::RequestOriginMissing),
            ("Origin:", "Referer: a\r\nOrigin:", FactKind::RequestReferer),
            ("Origin:", "Expect: 100-continue\r\nOrigin:", FactKind::RequestExpect),
            ("Origin:", "Sec-WebSocket-Version: 13\r\nOrigin:", FactKind::RequestVersionRepeated),
            ("Origin:", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin:", FactKind::RequestKeyRepeated),
            ("Origin:", "Sec-WebSocket-Protocol: third\r\nOrigin:", FactKind::OfferedProtocolsSplit),
            ("keep-alive, Upgrade", "keep-alive,, Upgrade", FactKind::HeadEmptyListMember),
            ("permessage-deflate;", "permessage-deflate, x-own;", FactKind::OfferedExtensionUnregistered),
            ("=\"10\"", "; level=9", FactKind::OfferedParameterUnknown),
            ("=\"10\"", "=\"1 0\"", FactKind::OfferedExtensionsMalformed),
            ("=\"10\"", "=", FactKind::OfferedExtensionsMalformed),
            ("Upgrade: websocket", "Upgrade: h2c", FactKind::RequestUpgrade),
            ("keep-alive, Upgrade", "keep-alive", FactKind::RequestConnection),
            ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", FactKind::RequestKeyMissing),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", FactKind::RequestKeyMalformed),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZR==", FactKind::RequestKeyMalformed),
            ("Version: 13", "Version: 8, 13", FactKind::RequestVersion),
            ("chat, superchat", "chat, super chat", FactKind::OfferedProtocolNotToken),
            ("chat, superchat", "chat, chat", FactKind::OfferedProtocolRepeated),
            ("permessage-deflate;", "permessage deflate;", FactKind::OfferedExtensionsMalformed),
            ("Origin:", "Content-Length: 5\r\nOrigin:", FactKind::RequestBody),
            ("Host:", "Host :", FactKind::HeadSpaceBeforeColon),
        ] {
            assert_eq!(kinds(&GOOD.replace(from, to)), [kind], "{to}");
        }
    }
}
