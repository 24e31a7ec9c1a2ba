//! Facts about the head that answers an opening handshake, RFC 6455 section 4.2.2 and RFC 9110.

use super::deflate_facts;
use super::{Fact, FactKind};
use crate::wire::http::is_token;
use crate::wire::{Head, HeadFault, handshake};

pub(super) fn show(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).escape_debug().to_string()
}

/// Whether a 101 switches to another protocol than WebSocket: one that the request listed, RFC 9110 section 7.8, or one
/// without an answer to the key. What follows it is no WebSocket frame.
pub fn switches_elsewhere(head: &Head, request: Option<&Head>) -> bool {
    let chosen = head.list("upgrade");
    if head.status() != Some(101) || chosen.is_empty() || head.list_has("upgrade", "websocket") {
        return false;
    }
    is_listed(&chosen, request) || head.values("sec-websocket-accept").next().is_none()
}

/// Whether the request listed each of these protocols.
fn is_listed(chosen: &[&[u8]], request: Option<&Head>) -> bool {
    let listed = request.map(|request| request.list("upgrade")).unwrap_or_default();
    chosen.iter().all(|name| listed.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Everything a strict client would find in the response to `request`.
pub fn response_facts(head: &Head, request: Option<&Head>) -> Vec<Fact> {
    let is_switching = head.status() == Some(101);
    let spelled = head.response_faults();
    let mut facts: Vec<Fact> =
        spelled.iter().map(|fault| if is_switching { spelling(fault) } else { of_refusal(fault) }).collect();
    if switches_elsewhere(head, request) && is_listed(&head.list("upgrade"), request) {
        // a protocol of its own, which is not for this to judge
        return facts;
    }
    for value in head.values("sec-websocket-version") {
        if !is_version_list(value) {
            facts.push(Fact::new(FactKind::VersionListMalformed, format!("Sec-WebSocket-Version: {}", show(value))));
        }
    }
    match head.status() {
        Some(101) => switching_facts(head, request, &mut facts),
        Some(401) => missing(head, "www-authenticate", FactKind::Status401WithoutWwwAuthenticate, &mut facts),
        Some(405) => missing(head, "allow", FactKind::Status405WithoutAllow, &mut facts),
        Some(426) => missing(head, "upgrade", FactKind::Status426WithoutUpgrade, &mut facts),
        _ => {}
    }
    facts
}

pub(super) fn spelling(fault: &HeadFault) -> Fact {
    let (kind, detail) = match fault {
        HeadFault::BareLf => (FactKind::HeadBareLf, "a line ends with LF alone".to_owned()),
        HeadFault::BareCr => (FactKind::HeadBareCr, "a CR stands inside a line".to_owned()),
        HeadFault::ControlOctet(octet) => (FactKind::HeadControlOctet, format!("octet {octet:#04x} in a line")),
        HeadFault::NoColon => (FactKind::HeadNoColon, "a field line has no colon".to_owned()),
        HeadFault::NameNotToken => (FactKind::HeadNameNotToken, "a field name is no token".to_owned()),
        HeadFault::SpaceBeforeColon => (FactKind::HeadSpaceBeforeColon, "white space stands before a colon".to_owned()),
        HeadFault::Folded => (FactKind::HeadFolded, "a field goes on in the next line".to_owned()),
        HeadFault::StatusLine => (FactKind::HeadStatusLine, "the first line is no status line".to_owned()),
        HeadFault::NoSpaceAfterStatus => {
            (FactKind::HeadNoSpaceAfterStatus, "no space follows the status code".to_owned())
        }
    };
    Fact::new(kind, detail)
}

/// The same in a response that opens nothing: it breaks the grammar of HTTP, and no rule on accepting a handshake.
fn of_refusal(fault: &HeadFault) -> Fact {
    let fact = spelling(fault);
    match fault {
        // where there is no status line it cannot be told what the response is
        HeadFault::StatusLine | HeadFault::NoSpaceAfterStatus => fact,
        _ => Fact::new(FactKind::RefusalMalformed, fact.detail),
    }
}

fn missing(head: &Head, field: &str, kind: FactKind, facts: &mut Vec<Fact>) {
    if head.values(field).next().is_none() {
        facts.push(Fact::new(kind, format!("no {field} in the response")));
    }
}

fn switching_facts(head: &Head, request: Option<&Head>, facts: &mut Vec<Fact>) {
    if head.values("upgrade").next().is_none() {
        facts.push(Fact::new(FactKind::UpgradeMissing, "no Upgrade in the 101"));
    } else if !head.list_has("upgrade", "websocket") {
        let upgrade = head.list("upgrade").join(&b", "[..]);
        facts.push(Fact::new(FactKind::UpgradeNotWebsocket, format!("Upgrade: {}", show(&upgrade))));
    }
    if !head.list_has("connection", "upgrade") {
        let connection = head.list("connection").join(&b", "[..]);
        facts.push(Fact::new(FactKind::ConnectionWithoutUpgrade, format!("Connection: {}", show(&connection))));
    }
    for field in ["content-length", "transfer-encoding"] {
        if head.values(field).next().is_some() {
            facts.push(Fact::new(FactKind::BodyFieldsIn101, format!("{field} in the 101")));
        }
    }
    for field in ["connection", "upgrade", "sec-websocket-extensions"] {
        let empty = |value: &[u8]| value.split(|octet| *octet == b',').any(|member| member.trim_ascii().is_empty());
        if let Some(value) = head.values(field).find(|value| empty(value)) {
            facts.push(Fact::new(FactKind::HeadEmptyListMember, format!("{field}: {}", show(value))));
        }
    }
    if head.start_line.starts_with(b"HTTP/1.0 ") {
        facts.push(Fact::new(FactKind::SwitchingInHttp10, show(&head.start_line)));
    }
    accept_facts(head, request, facts);
    protocol_facts(head, request, facts);
    extension_facts(head, request, facts);
}

fn accept_facts(head: &Head, request: Option<&Head>, facts: &mut Vec<Fact>) {
    let accepts: Vec<&[u8]> = head.values("sec-websocket-accept").collect();
    let Some(first) = accepts.first() else {
        facts.push(Fact::new(FactKind::AcceptMissing, "no Sec-WebSocket-Accept in the 101"));
        return;
    };
    if accepts.len() > 1 {
        let detail = format!("Sec-WebSocket-Accept stands {} times", accepts.len());
        facts.push(Fact::new(FactKind::AcceptRepeated, detail));
    }
    // a request with two keys, or none, has no single right answer; RFC 9110 section 5.2 joins repeated fields with a comma
    let keys: Vec<&[u8]> = request.map(|request| request.values("sec-websocket-key").collect()).unwrap_or_default();
    let joined = [keys.join(&b","[..]), keys.join(&b", "[..])];
    let mut answerable = keys.iter().copied().chain(joined.iter().map(Vec::as_slice));
    if !keys.is_empty() && !answerable.any(|key| handshake::accept(key).as_bytes() == *first) {
        let right = handshake::accept(keys[0]);
        let detail = format!("Sec-WebSocket-Accept: {} where {right} answers the key", show(first));
        facts.push(Fact::new(FactKind::AcceptWrong, detail));
    }
}

fn protocol_facts(head: &Head, request: Option<&Head>, facts: &mut Vec<Fact>) {
    let answers: Vec<&[u8]> = head.values("sec-websocket-protocol").collect();
    if answers.len() > 1 {
        let detail = format!("Sec-WebSocket-Protocol stands {} times", answers.len());
        facts.push(Fact::new(FactKind::ProtocolRepeated, detail));
    }
    // a case can hide a request in its frames, and what that offered is not known here
    let offered = request.map(|request| request.list("sec-websocket-protocol"));
    for answer in answers {
        if !is_token(answer) {
            facts.push(Fact::new(FactKind::ProtocolNotToken, format!("Sec-WebSocket-Protocol: {}", show(answer))));
        } else if offered.as_ref().is_some_and(|offered| !offered.contains(&answer)) {
            facts.push(Fact::new(FactKind::ProtocolNotOffered, format!("Sec-WebSocket-Protocol: {}", show(answer))));
        }
    }
}

/// The extension names of the IANA registry.
pub(super) const REGISTERED: [&[u8]; 2] = [b"permessage-deflate", b"bbf-usp-protocol"];
/// RFC 7692 section 7.1.
pub(super) const OF_DEFLATE: [&[u8]; 4] = [
    b"server_no_context_takeover",
    b"client_no_context_takeover",
    b"server_max_window_bits",
    b"client_max_window_bits",
];

/// What stands in front of a mark, in lower case.
pub(super) fn up_to(octets: &[u8], mark: u8) -> Vec<u8> {
    let end = octets.iter().position(|octet| *octet == mark).unwrap_or(octets.len());
    octets[..end].trim_ascii().to_ascii_lowercase()
}

fn extension_facts(head: &Head, request: Option<&Head>, facts: &mut Vec<Fact>) {
    let offered: Option<Vec<Vec<u8>>> = request
        .map(|request| request.list("sec-websocket-extensions").into_iter().map(|offer| up_to(offer, b';')).collect());
    for element in head.list("sec-websocket-extensions") {
        let name = up_to(element, b';');
        let mut fact = |kind| facts.push(Fact::new(kind, format!("Sec-WebSocket-Extensions: {}", show(element))));
        let mut parameters = element.split(|octet| *octet == b';').skip(1).map(|parameter| up_to(parameter, b'='));
        if !is_token(&name) {
            fact(FactKind::ExtensionsMalformed);
        } else if offered.as_ref().is_some_and(|offered| !offered.contains(&name)) {
            fact(FactKind::ExtensionNotOffered);
        } else if !REGISTERED.contains(&name.as_slice()) {
            fact(FactKind::ExtensionUnregistered);
        } else if name == b"permessage-deflate" && !parameters.all(|name| OF_DEFLATE.contains(&name.as_slice())) {
            fact(FactKind::ExtensionParameterUnknown);
        }
    }
    deflate_facts::of_response(head, request, facts);
}

/// Section 4.3: numbers from 0 to 255 without leading zeros, separated by commas.
fn is_version_list(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else {
        return false;
    };
    text.split(',').map(str::trim).all(|version| {
        let plain = version.bytes().all(|byte| byte.is_ascii_digit()) && (version == "0" || !version.starts_with('0'));
        plain && version.parse::<u16>().is_ok_and(|number| number <= 255)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] =
        b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: x-own, permessage-deflate\r\n\r\n";
    const GOOD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    fn kinds(response: &str) -> Vec<FactKind> {
        let head = Head::parse(format!("{response}\r\n").as_bytes());
        response_facts(&head, Some(&Head::parse(REQUEST))).into_iter().map(|fact| fact.kind).collect()
    }

    #[test]
    fn nothing_is_wrong_with_a_good_101() {
        assert_eq!(kinds(GOOD), []);
        assert_eq!(kinds(&format!("{GOOD}Sec-WebSocket-Protocol: b\r\nX-Extra: 1\r\n")), []);
        assert_eq!(
            kinds(&GOOD.replace("websocket", "foo, WebSocket").replace(": Upgrade", ": keep-alive, UPGRADE")),
            []
        );
    }

    #[test]
    fn repeated_keys_may_be_answered_one_by_one_or_joined() {
        let request = Head::parse(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: one\r\nSec-WebSocket-Key: two\r\n\r\n");
        for (key, count) in [("one", 0), ("two", 0), ("one,two", 0), ("one, two", 0), ("two, one", 1), ("onetwo", 1)] {
            let accept = handshake::accept(key.as_bytes());
            let response = GOOD.replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", &accept);
            let facts = response_facts(&Head::parse(format!("{response}\r\n").as_bytes()), Some(&request));
            assert_eq!(facts.len(), count, "{key}: {facts:?}");
        }
    }

    #[test]
    fn each_fact_is_seen() {
        for (response, kind) in [
            (GOOD.replace("Upgrade: websocket\r\n", ""), FactKind::UpgradeMissing),
            (GOOD.replace("websocket", "h2c"), FactKind::UpgradeNotWebsocket),
            (GOOD.replace("Connection: Upgrade\r\n", ""), FactKind::ConnectionWithoutUpgrade),
            (GOOD.replace("s3pP", "S3pP"), FactKind::AcceptWrong),
            (GOOD.replace("Accept", "Accepted"), FactKind::AcceptMissing),
            (format!("{GOOD}Sec-WebSocket-Accept: x\r\n"), FactKind::AcceptRepeated),
            (format!("{GOOD}Sec-WebSocket-Protocol: c\r\n"), FactKind::ProtocolNotOffered),
            (format!("{GOOD}Sec-WebSocket-Protocol: a, b\r\n"), FactKind::ProtocolNotToken),
            (format!("{GOOD}Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n"), FactKind::ProtocolRepeated),
            (format!("{GOOD}Sec-WebSocket-Extensions: x-own\r\n"), FactKind::ExtensionUnregistered),
            (format!("{GOOD}Sec-WebSocket-Extensions: bbf-usp-protocol\r\n"), FactKind::ExtensionNotOffered),
            (
                format!("{GOOD}Sec-WebSocket-Extensions: permessage-deflate; level=9\r\n"),
                FactKind::ExtensionParameterUnknown,
            ),
            (format!("{GOOD}Sec-WebSocket-Extensions: b@d\r\n"), FactKind::ExtensionsMalformed),
            (GOOD.replace(": Upgrade", ": , Upgrade"), FactKind::HeadEmptyListMember),
            (GOOD.replace("HTTP/1.1", "HTTP/1.0"), FactKind::SwitchingInHttp10),
            (format!("{GOOD}Content-Length: 0\r\n"), FactKind::BodyFieldsIn101),
            (format!("{GOOD}Sec-WebSocket-Version: 013\r\n"), FactKind::VersionListMalformed),
            (GOOD.replace("101 Switching Protocols", "101"), FactKind::HeadNoSpaceAfterStatus),
            ("HTTP/1.1 401 No\r\n".to_owned(), FactKind::Status401WithoutWwwAuthenticate),
            ("HTTP/1.1 405 No\r\n".to_owned(), FactKind::Status405WithoutAllow),
            ("HTTP/1.1 426 No\r\n".to_owned(), FactKind::Status426WithoutUpgrade),
        ] {
            assert_eq!(kinds(&response), [kind], "{response}");
        }
    }
}
