//! Faults in how the response of the opening handshake is taken: what is accepted, what is refused, what gets lost.

use super::{ClientQuirk, Leaving, quirk};
use crate::peer::client_handshake::Objection;
use crate::wire::http::HeadFault;
use crate::wire::{Head, handshake};

pub(super) const TABLE: &[ClientQuirk] = &[
    quirk("accepts-any-status", "opens whatever the status", |m| m.overlook = |o, _, _| o == Objection::Status),
    quirk("accepts-status-200", "opens with a 200", |m| {
        m.overlook = |o, head, _| o == Objection::Status && head.status() == Some(200);
    }),
    quirk("accepts-malformed-status-lines", "opens with any first line", |m| {
        m.overlook = |o, head, _| matches!(o, Objection::Malformed | Objection::Status) && head.status() != Some(200);
    }),
    quirk("accepts-responses-without-upgrade", "opens without Upgrade", |m| {
        m.overlook = |o, head, _| o == Objection::Upgrade && head.values("upgrade").next().is_none();
    }),
    quirk("accepts-any-upgrade", "opens whatever Upgrade says", |m| {
        m.overlook = |o, head, _| o == Objection::Upgrade && head.values("upgrade").next().is_some();
    }),
    quirk("accepts-upgrade-by-its-start", "takes websocketx for websocket", |m| {
        m.overlook = |o, head, _| o == Objection::Upgrade && head.list_has("upgrade", "websocketx");
    }),
    quirk("accepts-upgrade-by-unicode-case", "takes the sign for Kelvin for a k", |m| {
        m.overlook = |o, head, _| {
            o == Objection::Upgrade
                && head.values("upgrade").any(|value| String::from_utf8_lossy(value).to_lowercase() == "websocket")
        };
    }),
    quirk("accepts-responses-without-connection", "opens without Connection", |m| {
        m.overlook = |o, head, _| o == Objection::Connection && head.values("connection").next().is_none();
    }),
    quirk("accepts-any-connection", "opens whatever Connection says", |m| {
        m.overlook = |o, head, _| o == Objection::Connection && head.values("connection").next().is_some();
    }),
    quirk("accepts-responses-without-accept", "opens without Sec-WebSocket-Accept", |m| {
        m.overlook = |o, head, _| o == Objection::Accept && head.values("sec-websocket-accept").next().is_none();
    }),
    quirk("accepts-any-accept", "opens whatever Sec-WebSocket-Accept says", |m| {
        m.overlook = |o, head, _| o == Objection::Accept && head.values("sec-websocket-accept").next().is_some();
    }),
    quirk("accepts-the-answer-to-the-decoded-key", "decodes its key before it calculates", |m| {
        m.overlook = |o, head, key| {
            let decoded = handshake::nonce(key.as_bytes()).unwrap_or_default();
            o == Objection::Accept && accepts(head).any(|value| value == handshake::accept(&decoded).as_bytes())
        };
    }),
    quirk("compares-the-accept-without-case", "takes the right letters in the wrong case", |m| {
        m.overlook = |o, head, key| {
            let right = handshake::accept(key.as_bytes());
            o == Objection::Accept && accepts(head).any(|value| value.eq_ignore_ascii_case(right.as_bytes()))
        };
    }),
    quirk("compares-27-characters-of-the-accept", "does not look at the end of the answer", |m| {
        m.overlook = |o, head, key| {
            let right = handshake::accept(key.as_bytes());
            o == Objection::Accept && accepts(head).any(|value| value.starts_with(&right.as_bytes()[..27]))
        };
    }),
    quirk("accepts-extensions-not-offered", "opens with an extension it did not ask for", |m| {
        m.overlook = |o, _, _| o == Objection::Extension;
    }),
    quirk("accepts-subprotocols-not-offered", "opens with a subprotocol it did not ask for", |m| {
        m.overlook = |o, _, _| o == Objection::Subprotocol;
    }),
    quirk("refuses-names-in-lower-case", "reads names of fields with regard to case", |m| {
        m.refuse = |head| head.fields.iter().any(|field| field.name == b"upgrade");
    }),
    quirk("refuses-websocket-in-other-case", "compares Upgrade with regard to case", |m| {
        m.refuse = |head| !head.values("upgrade").any(|value| value == b"websocket");
    }),
    quirk("refuses-connection-lists-of-servers", "does not read Connection as a list", |m| {
        m.refuse = |head| head.values("connection").any(|value| value.contains(&b','));
    }),
    quirk("refuses-unknown-fields-of-servers", "refuses fields that it does not know", |m| {
        m.refuse = |head| head.values("x-unknown").next().is_some();
    }),
    quirk("refuses-other-reasons", "wants the usual words behind 101", |m| {
        m.refuse = |head| !head.start_line.ends_with(b"Switching Protocols");
    }),
    quirk("loses-frames-behind-the-response", "throws away what came with the response", |m| {
        m.behind = |_, _| Vec::new()
    }),
    quirk("refuses-responses-in-pieces", "wants the response in one piece", |m| m.refuses_pieces = true),
    quirk("accepts-lists-of-subprotocols", "opens with several subprotocols at once", |m| {
        m.overlook = |o, head, _| o == Objection::Subprotocol && head.list("sec-websocket-protocol").len() > 1;
    }),
    quirk("accepts-half-of-two-accepts", "looks for a wrong answer among several and finds none", |m| {
        m.overlook = |o, head, _| o == Objection::Accept && accepts(head).count() > 1;
    }),
    quirk("accepts-blanks-inside-the-accept", "leaves blanks out of the answer before it compares", |m| {
        m.overlook = |o, head, key| {
            let right = handshake::accept(key.as_bytes());
            let bare = |value: &[u8]| value.iter().copied().filter(|octet| *octet > b' ').collect::<Vec<u8>>();
            match o {
                Objection::Accept => accepts(head).any(|value| bare(value) == right.as_bytes()),
                Objection::Malformed => true,
                _ => false,
            }
        };
    }),
    quirk("accepts-fields-behind-white-space", "reads fields in lines that begin with white space", |m| {
        m.overlook = |o, head, _| {
            matches!(o, Objection::Upgrade | Objection::Malformed)
                && head.values("upgrade").next().is_none()
                && head.fields.first().is_some_and(|field| field.name == b"Connection")
        };
    }),
    quirk("accepts-http-in-lower-case", "takes http/1.1 for HTTP/1.1", |m| {
        m.overlook = |o, head, _| {
            matches!(o, Objection::Malformed | Objection::Status) && head.start_line.starts_with(b"http/1.1 101 ")
        };
    }),
    quirk("refuses-interim-responses", "takes an interim response for the last", |m| m.takes_interims = false),
    quirk("refuses-empty-list-members-of-servers", "stumbles over a comma too much in Connection", |m| {
        m.refuse = |head| head.values("connection").any(|value| value.starts_with(b","));
    }),
    quirk("refuses-folded-fields", "refuses a field that goes on in the next line", |m| {
        m.refuse = |head| head.faults.contains(&HeadFault::Folded);
    }),
    quirk("refuses-values-beyond-ascii", "refuses octets beyond ASCII in the reason", |m| {
        m.refuse = |head| !head.start_line.is_ascii();
    }),
    quirk("refuses-white-space-around-values", "does not trim values", |m| {
        m.refuse = |head| head.values("x-wsspec-trim").next().is_some();
    }),
    quirk("hangs-at-octets-beyond-ascii", "stops working at octets beyond ASCII in a value", |m| {
        m.hangs = |head| head.fields.iter().any(|field| !field.value.is_ascii());
    }),
    quirk("hangs-at-a-refusal", "keeps TCP open behind a response that it refuses", |m| m.at_refusal = Leaving::Never),
    quirk("hangs-without-a-response", "keeps TCP open when the server ends it before the response is complete", |m| {
        m.at_no_response = Leaving::Never;
    }),
    quirk("reads-a-body-behind-101", "skips as many octets behind the 101 as Content-Length says", |m| {
        m.behind = |head, heard| {
            let length = head.values("content-length").next().map(String::from_utf8_lossy);
            let length = length.and_then(|text| text.parse().ok()).unwrap_or(0);
            heard.get(length..).unwrap_or_default().to_vec()
        };
    }),
];

fn accepts(head: &Head) -> impl Iterator<Item = &[u8]> {
    head.values("sec-websocket-accept")
}
