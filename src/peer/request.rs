//! What a conforming server objects to in the request of an opening handshake, RFC 6455 section 4.2.1.

use super::extension;
use crate::wire::Head;
use crate::wire::http::is_token;

/// A request as it came, and the same taken apart.
pub(super) struct Request {
    pub(super) raw: Vec<u8>,
    pub(super) head: Head,
    /// Whether empty lines stood in front of it.
    pub(super) behind_blank: bool,
    /// In how many pieces TCP delivered it.
    pub(super) reads: usize,
    /// Whether more came together with it.
    pub(super) followed: bool,
}

/// A reason not to answer with 101.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    Malformed,
    TooLong,
    TooSlow,
    HttpVersion,
    Method,
    Target,
    Host,
    Body,
    Upgrade,
    Connection,
    Version,
    Key,
    Extensions,
    /// Nothing is wrong with the request: a quirk refuses it.
    Imagined,
}

impl Request {
    pub(super) fn new(raw: Vec<u8>) -> Request {
        let head = Head::parse(&raw);
        Request { raw, head, behind_blank: false, reads: 1, followed: false }
    }

    /// Everything that speaks against this request, the gravest first.
    pub(super) fn objections(&self) -> Vec<Objection> {
        let head = &self.head;
        let line: Vec<&[u8]> = head.start_line.split(|octet| *octet == b' ').collect();
        let [method, target, version] = line[..] else {
            return vec![Objection::Malformed];
        };
        let checks = [
            (Objection::Malformed, head.faults.is_empty() && is_token(method)),
            (Objection::HttpVersion, matches!(version, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'])),
            (Objection::Method, method == b"GET"),
            (Objection::Target, is_target(target)),
            (Objection::Host, single(head, "Host").is_some_and(is_host)),
            (Objection::Body, !has_body(head)),
            (Objection::Upgrade, head.list("Upgrade").into_iter().any(is_websocket)),
            (Objection::Connection, head.list_has("Connection", "upgrade")),
            (Objection::Version, single(head, "Sec-WebSocket-Version") == Some(b"13")),
            (Objection::Key, single(head, "Sec-WebSocket-Key").is_some_and(is_key)),
            (Objection::Extensions, head.values("Sec-WebSocket-Extensions").all(extension::is_well_formed)),
        ];
        checks.into_iter().filter(|(_, holds)| !holds).map(|(objection, _)| objection).collect()
    }

    /// The octets of its body, as far as Content-Length tells.
    pub(super) fn content_length(&self) -> usize {
        let length = single(&self.head, "Content-Length").and_then(|value| std::str::from_utf8(value).ok());
        length.and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// The key that the answer has to prove, empty when there is none.
    pub(super) fn key(&self) -> &[u8] {
        self.head.values("Sec-WebSocket-Key").next().unwrap_or_default()
    }
}

fn single<'a>(head: &'a Head, name: &'a str) -> Option<&'a [u8]> {
    let mut values = head.values(name);
    values.next().filter(|_| values.next().is_none())
}

/// The origin form or the absolute form of RFC 9112 section 3.2, without a fragment.
fn is_target(target: &[u8]) -> bool {
    let absolute =
        |scheme: &str| target.len() > scheme.len() && target[..scheme.len()].eq_ignore_ascii_case(scheme.as_bytes());
    (target.first() == Some(&b'/') || absolute("http://") || absolute("https://"))
        && target.iter().all(|octet| octet.is_ascii_graphic() && *octet != b'#')
}

/// A host with an optional port, RFC 3986 section 3.2, near enough.
fn is_host(value: &[u8]) -> bool {
    let end = match value.first() {
        Some(b'[') => value.iter().position(|octet| *octet == b']').map(|bracket| bracket + 1),
        Some(_) => Some(value.iter().position(|octet| *octet == b':').unwrap_or(value.len())),
        None => None,
    };
    let Some((host, port)) = end.map(|end| value.split_at(end)) else { return false };
    let host_octet = |octet: &u8| {
        octet.is_ascii_alphanumeric() || octet.is_ascii_punctuation() && !b"/?#@\"<>\\^`{|}".contains(octet)
    };
    let is_port = match port {
        [] | [b':'] => true,
        [b':', digits @ ..] => std::str::from_utf8(digits).is_ok_and(|digits| digits.parse::<u16>().is_ok()),
        _ => false,
    };
    !host.is_empty() && host.iter().all(host_octet) && is_port
}

fn has_body(head: &Head) -> bool {
    head.values("Transfer-Encoding").next().is_some() || head.values("Content-Length").any(|length| length != b"0")
}

/// `websocket`, with a version behind a slash or without.
fn is_websocket(member: &[u8]) -> bool {
    let name = member.split(|octet| *octet == b'/').next().unwrap_or_default();
    name.eq_ignore_ascii_case(b"websocket")
}

/// 16 octets in base64. The pad bits may be set, as in the example of the RFC before erratum 3150.
fn is_key(value: &[u8]) -> bool {
    value.len() == 24
        && value.ends_with(b"==")
        && value[..22].iter().all(|octet| octet.is_ascii_alphanumeric() || b"+/".contains(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /chat?x=1 HTTP/1.1\r\nHost: localhost:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    fn objections(request: &str) -> Vec<Objection> {
        Request::new(request.as_bytes().to_vec()).objections()
    }

    #[test]
    fn nothing_speaks_against_odd_spellings() {
        for (old, new) in [
            ("", ""),
            ("Host:", "hOST:"),
            ("Upgrade: websocket", "Upgrade: foo, WebSocket"),
            ("Upgrade: websocket", "Upgrade:websocket/13"),
            ("Connection: Upgrade", "Connection: keep-alive,, upgrade"),
            ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: UPGRADE"),
            ("GET /chat?x=1", "GET http://localhost:9001/chat"),
            ("HTTP/1.1", "HTTP/1.2"),
            ("localhost:9001", "[::1]:9001"),
            ("localhost:9001", "other.test"),
            ("jZQ==", "jZR=="),
            ("\r\n\r\n", "\r\nCookie: a=\u{e9}\r\nContent-Length: 0\r\nSec-WebSocket-Extensions: x; a=1\r\n\r\n"),
        ] {
            assert_eq!(objections(&GOOD.replace(old, new)), [], "{new}");
        }
    }

    #[test]
    fn every_objection_has_its_request() {
        for (old, new, objection) in [
            ("GET /chat?x=1 HTTP/1.1", "GET /chat", Objection::Malformed),
            ("Upgrade:", "Upgrade :", Objection::Malformed),
            ("Host:", "X: a\r\n b\r\nHost:", Objection::Malformed),
            ("Host:", "X: a\0\r\nHost:", Objection::Malformed),
            ("HTTP/1.1", "HTTP/1.0", Objection::HttpVersion),
            ("HTTP/1.1", "http/1.1", Objection::HttpVersion),
            ("HTTP/1.1", "HTTP/2.0", Objection::HttpVersion),
            ("GET ", "POST ", Objection::Method),
            ("GET ", "get ", Objection::Method),
            ("/chat?x=1", "*", Objection::Target),
            ("/chat?x=1", "/chat#x", Objection::Target),
            ("/chat?x=1", "/\u{e9}", Objection::Target),
            ("Host: localhost:9001\r\n", "", Objection::Host),
            ("Host: localhost", "Host: a\r\nHost: a", Objection::Host),
            ("localhost:9001", "a b", Objection::Host),
            ("localhost:9001", "h:xx", Objection::Host),
            ("localhost:9001", "h:99999", Objection::Host),
            ("localhost:9001", "[::1", Objection::Host),
            ("localhost:9001", "", Objection::Host),
            ("Upgrade: w", "Content-Length: 4\r\nUpgrade: w", Objection::Body),
            ("Upgrade: w", "Transfer-Encoding: chunked\r\nUpgrade: w", Objection::Body),
            ("Upgrade: websocket\r\n", "", Objection::Upgrade),
            ("Upgrade: websocket", "Upgrade: websocketx", Objection::Upgrade),
            ("Upgrade: websocket", "Upgrade: websoc\u{212a}et", Objection::Upgrade),
            ("Connection: Upgrade", "Connection: upgraded", Objection::Connection),
            ("Version: 13", "Version: 12", Objection::Version),
            ("Version: 13", "Version: 013", Objection::Version),
            ("Sec-WebSocket-Version: 13\r\n", "", Objection::Version),
            ("Version: 13", "Version: 13\r\nSec-WebSocket-Version: 13", Objection::Version),
            ("jZQ==", "jZQ=", Objection::Key),
            ("dGhl", "!!!!", Objection::Key),
            ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", Objection::Key),
            ("Version: 13", "Version: 13\r\nSec-WebSocket-Extensions: ;", Objection::Extensions),
        ] {
            assert_eq!(objections(&GOOD.replace(old, new)), [objection], "{new}");
        }
    }
}
