//! Faults that refuse a good handshake for how it is spelled, or for what stands beside it.

use super::{Quirk, quirk};
use crate::peer::request::Request;
use crate::wire::http::is_token_octet;

/// The fields of a handshake in the order of the RFC's example.
const USUAL: [&str; 5] = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];

pub(super) const TABLE: &[Quirk] = &[
    quirk("compares-field-names-by-case", "knows a field only when its name is spelled as in the RFC", |c| {
        c.refuse = |request| !USUAL.iter().all(|name| names(request).any(|found| found == name.as_bytes()));
    }),
    quirk("compares-connection-by-case", "knows only the option Upgrade, not upgrade or UPGRADE", |c| {
        c.refuse = |request| !request.head.list("Connection").contains(&b"Upgrade".as_slice());
    }),
    quirk("refuses-websocket-in-upper-case", "refuses `Upgrade: WEBSOCKET`", |c| {
        c.refuse = |request| request.head.list("Upgrade").contains(&b"WEBSOCKET".as_slice());
    }),
    quirk(
        "refuses-connection-lists-without-space",
        "refuses a list in Connection without a space behind its comma",
        |c| {
            c.refuse = |request| {
                request.head.values("Connection").any(|value| {
                    let tight = |pair: &[u8]| pair[0] == b',' && pair[1] != b' ';
                    value.windows(2).any(tight)
                })
            };
        },
    ),
    quirk("reads-only-the-last-connection-option", "looks for upgrade only at the end of Connection", |c| {
        c.refuse =
            |request| request.head.list("Connection").last().is_none_or(|last| !last.eq_ignore_ascii_case(b"upgrade"));
    }),
    quirk("reads-only-the-first-of-equal-fields", "looks for upgrade only in the first Connection field", |c| {
        c.refuse = |request| {
            let first = request.head.values("Connection").next().unwrap_or_default();
            !first.to_ascii_lowercase().windows(7).any(|word| word == b"upgrade")
        };
    }),
    quirk(
        "refuses-empty-list-members",
        "refuses an empty member in Connection, Upgrade or Sec-WebSocket-Extensions",
        |c| {
            c.refuse = |request| {
                ["Connection", "Upgrade", "Sec-WebSocket-Extensions"].iter().any(|name| {
                    request
                        .head
                        .values(name)
                        .any(|value| value.split(|octet| *octet == b',').any(|member| member.trim_ascii().is_empty()))
                })
            };
        },
    ),
    quirk("refuses-white-space-around-values", "does not trim the values of fields", |c| {
        c.refuse = |request| lines(request).any(|value| value.starts_with(b"  ") || padded(value));
    }),
    quirk("refuses-tabs-around-values", "trims spaces from the values of fields, and no tabs", |c| {
        c.refuse = |request| lines(request).any(|value| value.trim_ascii() != trim_spaces(value));
    }),
    quirk("refuses-host-at-the-end", "refuses a request whose last field is Host", |c| {
        c.refuse = |request| names(request).last().is_some_and(|name| name.eq_ignore_ascii_case(b"Host"));
    }),
    quirk("refuses-other-orders", "refuses a request whose fields are not in the order of the RFC", |c| {
        c.refuse = |request| {
            let place = |name: &[u8]| USUAL.iter().position(|usual| name.eq_ignore_ascii_case(usual.as_bytes()));
            !names(request).filter_map(place).is_sorted()
        };
    }),
    quirk("refuses-values-beyond-ascii", "refuses a field with octets beyond ASCII", |c| {
        c.refuse = |request| request.head.fields.iter().any(|field| !field.value.is_ascii());
    }),
    quirk("refuses-empty-line-in-front", "refuses a request behind an empty line", |c| {
        c.refuse = |request| request.behind_blank;
    }),
    quirk("refuses-http-1-2", "refuses versions of HTTP that it does not know", |c| {
        c.refuse = |request| !request.head.start_line.ends_with(b"HTTP/1.1");
    }),
    quirk("refuses-keys-of-plus-signs", "refuses a key that begins with +", |c| {
        c.refuse = |request| request.key().starts_with(b"+");
    }),
    quirk("refuses-keys-of-slashes", "refuses a key that begins with /", |c| {
        c.refuse = |request| request.key().starts_with(b"/");
    }),
    quirk("refuses-keys-of-one-letter", "refuses a key whose first letters are equal", |c| {
        c.refuse = |request| request.key().windows(8).next().is_some_and(|start| start.iter().all(|o| *o == start[0]));
    }),
    quirk("refuses-keys-with-line-ends", "refuses a key whose octets have a line end", |c| {
        c.refuse = |request| {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            STANDARD.decode(request.key()).is_ok_and(|nonce| nonce.windows(2).any(|pair| pair == b"\r\n"))
        };
    }),
    quirk("refuses-keys-that-end-in-a", "refuses a key whose last letter is A", |c| c.refuse = |r| ends(r, b"A==")),
    quirk("refuses-keys-that-end-in-g", "refuses a key whose last letter is g", |c| c.refuse = |r| ends(r, b"g==")),
    quirk("refuses-keys-that-end-in-q", "refuses a key whose last letter is Q, unless it was there first", |c| {
        c.refuse = |request| ends(request, b"Q==") && !request.key().starts_with(b"d");
    }),
    quirk("refuses-keys-that-end-in-w", "refuses a key whose last letter is w", |c| c.refuse = |r| ends(r, b"w==")),
    quirk("refuses-the-sample-key", "refuses the key of the RFC, as if it were replayed", |c| {
        c.refuse = |request| request.key() == b"dGhlIHNhbXBsZSBub25jZQ==";
    }),
];

fn names(request: &Request) -> impl Iterator<Item = &[u8]> {
    request.head.fields.iter().map(|field| field.name.as_slice())
}

fn ends(request: &Request, end: &[u8]) -> bool {
    request.key().ends_with(end)
}

/// What stands behind the colon of each field line, white space included.
fn lines(request: &Request) -> impl Iterator<Item = &[u8]> {
    request.raw.split(|octet| *octet == b'\n').skip(1).filter_map(|line| {
        let name = line.iter().take_while(|octet| is_token_octet(**octet)).count();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.get(name).filter(|colon| **colon == b':').map(|_| &line[name + 1..])
    })
}

fn padded(value: &[u8]) -> bool {
    value.starts_with(b"\t") || value.len() > 1 && (value.ends_with(b" ") || value.ends_with(b"\t"))
}

fn trim_spaces(value: &[u8]) -> &[u8] {
    let start = value.iter().take_while(|octet| **octet == b' ').count();
    let value = &value[start..];
    &value[..value.iter().rposition(|octet| *octet != b' ').map_or(0, |last| last + 1)]
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer_to};
    use super::*;

    /// An edit of the request for which each row refuses to open.
    const ROWS: &[(&str, &str, &str)] = &[
        ("compares-field-names-by-case", "Host", "host"),
        ("compares-connection-by-case", "n: Upgrade", "n: upgrade"),
        ("refuses-websocket-in-upper-case", "websocket\r", "WEBSOCKET\r"),
        ("refuses-connection-lists-without-space", "n: Upgrade", "n: keep-alive,Upgrade"),
        ("reads-only-the-last-connection-option", "n: Upgrade", "n: Upgrade, x"),
        ("reads-only-the-first-of-equal-fields", "n: Upgrade", "n: x\r\nConnection: Upgrade"),
        ("refuses-empty-list-members", "n: Upgrade", "n: ,Upgrade"),
        ("refuses-white-space-around-values", "n: 13", "n: 13 "),
        ("refuses-tabs-around-values", "n: 13", "n: 13\t"),
        ("refuses-host-at-the-end", "n: 13\r\n", "n: 13\r\nHost: a\r\n"),
        (
            "refuses-other-orders",
            "Upgrade: websocket\r\nConnection: Upgrade",
            "Connection: Upgrade\r\nUpgrade: websocket",
        ),
        ("refuses-values-beyond-ascii", "Upgrade:", "X: \u{e9}\r\nUpgrade:"),
        ("refuses-http-1-2", "HTTP/1.1", "HTTP/1.2"),
        ("refuses-keys-of-plus-signs", "dGhl", "+Ghl"),
        ("refuses-keys-of-slashes", "dGhl", "/Ghl"),
        ("refuses-keys-of-one-letter", "dGhlIHNh", "AAAAAAAA"),
        ("refuses-keys-with-line-ends", "dGhl", "DQog"),
        ("refuses-keys-that-end-in-a", "ZQ==", "ZA=="),
        ("refuses-keys-that-end-in-g", "ZQ==", "Zg=="),
        ("refuses-keys-that-end-in-q", "dGhl", "eGhl"),
        ("refuses-keys-that-end-in-w", "ZQ==", "Zw=="),
    ];

    #[test]
    fn each_row_refuses_its_request() {
        for (name, old, new) in ROWS {
            let mut request = REQUEST.replacen(old, new, 1);
            if *name == "refuses-host-at-the-end" {
                request = request.replacen("Host: a\r\n", "", 1);
            }
            assert!(answer_to(name, &request).unwrap().starts_with("HTTP/1.1 400 "), "{name}");
            assert!(answer_to(CONFORMING, &request).unwrap().starts_with("HTTP/1.1 101 "), "{name}");
            assert_eq!(answer_to(name, REQUEST), answer_to(CONFORMING, REQUEST), "{name}");
        }
    }

    #[test]
    fn every_row_is_tested() {
        let seen_elsewhere = ["refuses-empty-line-in-front", "refuses-the-sample-key"];
        assert!(answer_to("refuses-the-sample-key", REQUEST).unwrap().starts_with("HTTP/1.1 400 "));
        assert_eq!(ROWS.len() + seen_elsewhere.len(), TABLE.len());
    }
}
