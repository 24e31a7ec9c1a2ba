//! Odd answers to an opening handshake that break nothing: what a 101 may look like, what may be refused and how.

use super::opening::{with, without};
use super::{Quirk, quirk};
use crate::peer::driver::Ending;
use crate::peer::handshake::refused;
use crate::peer::request::{Objection, Request};
use crate::wire::extension::offers;
use crate::wire::handshake::accept;
use crate::wire::http::is_token;

pub(super) const TABLE: &[Quirk] = &[
    quirk("head-names-in-odd-case", "spells the field names of the 101 in odd case", |c| {
        c.accepted = |head, _| {
            head.replace("Upgrade:", "uPGRADE:").replace("Connection:", "CONNECTION:").replace("Sec-Web", "sec-wEB")
        };
    }),
    quirk("head-fields-in-odd-order", "puts Sec-WebSocket-Accept first in the 101", |c| {
        c.accepted = |head, _| {
            let mut lines: Vec<_> = head.split_inclusive("\r\n").collect();
            lines[1..=3].reverse();
            lines.concat()
        };
    }),
    quirk("head-with-extra-fields", "adds fields to the 101 that mean nothing to a WebSocket client", |c| {
        c.accepted = |head, _| {
            let date = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: odd/1.0 (legal)";
            with(&head, &format!("{date}\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Empty:\r\nX-Text: \u{e9}\t\""))
        };
    }),
    quirk("head-without-reason", "sends no reason phrase", |c| {
        c.accepted = |head, _| head.replace("Switching Protocols", "");
    }),
    quirk("head-with-space-around-values", "pads the field values of the 101 with white space", |c| {
        c.accepted = |head, _| {
            let padded = head.replace(": ", ":\t  ").replace("\r\n", " \t\r\n");
            padded.replacen(" \t\r\n", "\r\n", 1).replace("\r\n \t\r\n", "\r\n\r\n")
        };
    }),
    quirk("head-without-space-before-values", "puts no space behind the colons of the 101", |c| {
        c.accepted = |head, _| head.replace(": ", ":");
    }),
    quirk("head-upgrade-in-mixed-case", "answers `Upgrade: WebSocket`", |c| {
        c.accepted = |head, _| head.replace("Upgrade: websocket", "Upgrade: WebSocket");
    }),
    quirk("head-connection-list", "answers `Connection: upgrade, keep-alive`", |c| {
        c.accepted = |head, _| head.replace("Connection: Upgrade", "Connection: upgrade, keep-alive");
    }),
    quirk("selects-first-protocol", "selects the first subprotocol that is offered", |c| {
        c.accepted = |head, request| match request.head.list("Sec-WebSocket-Protocol").first() {
            Some(offer) if crate::wire::http::is_token(offer) => {
                with(&head, &format!("Sec-WebSocket-Protocol: {}", String::from_utf8_lossy(offer)))
            }
            _ => head,
        };
    }),
    quirk("refuses-over-32-fields", "refuses a request with more than 32 fields", |c| {
        c.refuse = |request| request.head.fields.len() > 32;
        c.refused = |head, objection| match objection {
            Objection::Imagined => Some(refused(Objection::TooLong)),
            _ => Some(head),
        };
    }),
    quirk("refuses-offers-of-deflate", "answers 400 to a request that offers permessage-deflate", |c| {
        c.refuse = |request| !offers(&request.head).is_empty();
    }),
    quirk("refuses-by-closing", "closes TCP without an answer where it refuses a request", |c| c.refused = |_, _| None),
    quirk("selects-last-protocol", "selects the last subprotocol that is offered", |c| {
        c.accepted = |head, request| match request.head.list("Sec-WebSocket-Protocol").last() {
            Some(offer) if is_token(offer) => {
                with(&head, &format!("Sec-WebSocket-Protocol: {}", String::from_utf8_lossy(offer)))
            }
            _ => head,
        };
    }),
    quirk("early-hints-before-101", "sends a 103 in front of the 101", |c| {
        c.accepted = |head, _| format!("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n{head}");
    }),
    quirk("continue-before-101", "sends a 100 in front of the 101 when it is expected", |c| {
        c.accepted = |head, request| match request.head.values("Expect").next() {
            Some(_) => format!("HTTP/1.1 100 Continue\r\n\r\n{head}"),
            None => head,
        };
    }),
    quirk("answers-last-of-two-keys", "opens for two keys and answers the last", |c| {
        c.waive = |objection, request| objection == Objection::Key && keys(request) > 1;
        c.accepted = |head, request| {
            let last = request.head.values("Sec-WebSocket-Key").last().unwrap_or_default();
            head.replace(&accept(request.key()), &accept(last))
        };
    }),
    quirk("answers-joined-keys", "opens for two keys and answers both as HTTP joins them", |c| {
        c.waive = |objection, request| objection == Objection::Key && keys(request) > 1;
        c.accepted = |head, request| {
            let all: Vec<&[u8]> = request.head.values("Sec-WebSocket-Key").collect();
            head.replace(&accept(request.key()), &accept(&all.join(&b", "[..])))
        };
    }),
    quirk("takes-any-key", "opens for a key that is none, as nobody need decode it", |c| {
        c.waive = |objection, request| objection == Objection::Key && keys(request) > 0;
    }),
    quirk("takes-13-in-any-spelling", "opens for every Sec-WebSocket-Version with 13 in it", |c| {
        c.waive = |objection, request| {
            objection == Objection::Version
                && request.head.values("Sec-WebSocket-Version").any(|value| value.windows(2).any(|pair| pair == b"13"))
        };
    }),
    quirk("speaks-drafts-7-and-8", "opens for the versions 7 and 8 of the drafts", |c| {
        c.waive = |objection, request| {
            let version = request.head.values("Sec-WebSocket-Version").next();
            objection == Objection::Version && matches!(version, Some(b"7" | b"8"))
        };
    }),
    quirk("takes-any-host", "opens for any Host, and be there two", |c| {
        c.waive = |objection, request| objection == Objection::Host && request.head.values("Host").next().is_some();
    }),
    quirk("takes-any-target", "opens whatever the request target says", |c| {
        c.waive = |objection, _| objection == Objection::Target;
    }),
    quirk("takes-later-http-versions", "opens for HTTP/2.0, and for http in lower case", |c| {
        c.waive =
            |objection, request| objection == Objection::HttpVersion && !request.head.start_line.ends_with(b"HTTP/1.0");
    }),
    quirk("takes-loose-heads", "opens for a head with LF alone, folded lines or control octets", |c| {
        c.waive =
            |objection, request| objection == Objection::Malformed && request.head.start_line.ends_with(b" HTTP/1.1");
    }),
    quirk("waits-for-crlf", "takes nothing but CR LF for the end of a line", |c| {
        c.head_end = |octets| octets.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    }),
    quirk("skips-bodies", "reads the body of a request before it opens", |c| {
        c.skips_body = true;
        c.waive = |objection, request| objection == Objection::Body && request.content_length() > 0;
    }),
    quirk("refuses-other-hosts", "answers a request for another host with 421", |c| {
        c.refuse = |request| !request.head.values("Host").all(|host| host.starts_with(b"localhost"));
        c.refused = |head, objection| Some(with_status(&head, objection, "421 Misdirected Request"));
    }),
    quirk("refuses-other-resources", "answers a request for another resource than / with 404", |c| {
        c.refuse = |request| {
            let known = ["GET / ", "GET http://localhost/ "];
            !known.iter().any(|line| request.head.start_line.starts_with(line.as_bytes()))
        };
        c.refused = |head, objection| Some(with_status(&head, objection, "404 Not Found"));
    }),
    quirk("refuses-other-origins", "answers a request of an origin that it does not know with 403", |c| {
        c.refuse = |request| !request.head.values("Origin").all(|origin| origin == b"http://localhost");
        c.refused = |head, objection| Some(with_status(&head, objection, "403 Forbidden"));
    }),
    quirk("refuses-credentials", "answers credentials that it does not know with 401", |c| {
        c.refuse = |request| request.head.values("Authorization").next().is_some();
        c.refused = |head, objection| {
            let head = with_status(&head, objection, "401 Unauthorized");
            Some(if objection == Objection::Imagined {
                with(&head, "WWW-Authenticate: Basic realm=\"a\"")
            } else {
                head
            })
        };
    }),
    quirk("refuses-heads-over-8-kib", "answers a head of more than 8192 octets with 431", |c| {
        c.refuse = |request| request.raw.len() > 8192;
        c.refused = |head, objection| Some(with_status(&head, objection, "431 Request Header Fields Too Large"));
    }),
    quirk("refuses-early-frames", "refuses a head that frames follow at once", |c| {
        c.refuse = |request| request.followed
    }),
    quirk("drops-trickling-heads", "drops a head that arrives in more than 30 pieces", |c| {
        c.refuse = |request| request.reads > 30;
        c.refused = |head, objection| (objection != Objection::Imagined).then_some(head);
    }),
    quirk("refusal-400", "answers whatever it refuses with 400", |c| {
        c.refused = |head, _| Some(status(&head, "HTTP/1.1 400 Bad Request"));
    }),
    quirk("refusal-403", "answers whatever it refuses with 403", |c| {
        c.refused = |head, _| Some(status(&head, "HTTP/1.1 403 Forbidden"));
    }),
    quirk("refusal-500", "answers whatever it refuses with 500", |c| {
        c.refused = |head, _| Some(status(&head, "HTTP/1.1 500 Internal Server Error"));
    }),
    quirk("refusal-503", "answers whatever it refuses with 503, and says when to come back", |c| {
        c.refused = |head, _| Some(with(&status(&head, "HTTP/1.1 503 Service Unavailable"), "Retry-After: 1"));
    }),
    quirk("refusal-without-reason", "sends no reason phrase with a refusal", |c| {
        c.refused = |head, _| Some(status(&head, "HTTP/1.1 400 "));
    }),
    quirk("refusal-http-1-0", "refuses in HTTP/1.0", |c| {
        c.refused = |head, _| Some(head.replacen("HTTP/1.1", "HTTP/1.0", 1));
    }),
    quirk("refusal-with-body", "explains a refusal in a body", |c| {
        c.refused = |head, objection| {
            let head = with(&without(&head, "Content-Length"), "Content-Type: text/plain\r\nContent-Length: 15");
            Some(if objection == Objection::Method { head } else { format!("{head}no WebSocket.\r\n") })
        };
    }),
    quirk("refusal-with-chunked-body", "explains a refusal in chunks", |c| {
        c.refused = |head, objection| {
            let head = with(&without(&head, "Content-Length"), "Transfer-Encoding: chunked");
            Some(if objection == Objection::Method { head } else { format!("{head}3\r\nno.\r\n0\r\n\r\n") })
        };
    }),
    quirk("refusal-with-body-to-the-end", "explains a refusal in a body that the end of the connection ends", |c| {
        c.refused = |head, objection| {
            let head = without(&head, "Content-Length");
            Some(if objection == Objection::Method { head } else { format!("{head}no WebSocket\n") })
        };
    }),
    quirk("refusal-lists-drafts", "lists versions of the drafts beside 13", |c| {
        c.refused = |head, _| Some(head.replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13, 8, 7"));
    }),
    quirk("refusal-lists-versions-in-two-fields", "lists its versions in two fields", |c| {
        c.refused = |head, _| {
            Some(head.replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8, 7\r\nSec-WebSocket-Version: 13"))
        };
    }),
    quirk("refusal-keeps-the-connection", "waits for another request behind a refusal", |c| {
        c.refused = |head, objection| {
            Some(match goes_on(objection) {
                true => head.replace("Upgrade, close", "Upgrade").replace("Connection: close\r\n", ""),
                false => head,
            })
        };
        c.behind_refusal =
            |objection, request| match goes_on(objection) && !request.head.list_has("Connection", "close") {
                true => Ending::NextRequest,
                false => Ending::Finish,
            };
    }),
    quirk("refusal-then-reset", "sends RST behind a refusal", |c| c.behind_refusal = |_, _| Ending::Reset),
    quirk("answers-other-requests-with-204", "has nothing to say to a request that is no upgrade", |c| {
        c.refused = |head, objection| match is_no_upgrade(objection) {
            true => Some("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned()),
            false => Some(head),
        };
    }),
    quirk("redirects-other-requests", "sends a client that does not upgrade elsewhere", |c| {
        c.refused = |head, objection| match is_no_upgrade(objection) {
            true => {
                Some(with(&without(&status(&head, "HTTP/1.1 302 Found"), "Sec-WebSocket-Version"), "Location: /home"))
            }
            false => Some(head),
        };
    }),
];

fn keys(request: &Request) -> usize {
    request.head.values("Sec-WebSocket-Key").count()
}

/// The head of a refusal with another status line.
fn status(head: &str, line: &str) -> String {
    head.split_once("\r\n").map_or_else(|| head.to_owned(), |(_, fields)| format!("{line}\r\n{fields}"))
}

/// The same where nothing but the quirk is the reason.
fn with_status(head: &str, objection: Objection, line: &str) -> String {
    if objection == Objection::Imagined { status(head, &format!("HTTP/1.1 {line}")) } else { head.to_owned() }
}

/// Whether the next request can be found behind one that was refused for this.
fn goes_on(objection: Objection) -> bool {
    use Objection::*;
    matches!(objection, Method | Target | Host | Upgrade | Connection | Version | Key | Extensions)
}

fn is_no_upgrade(objection: Objection) -> bool {
    matches!(objection, Objection::Method | Objection::Upgrade | Objection::Connection)
}

#[cfg(test)]
mod tests {
    use super::super::CONFORMING;
    use super::super::rows::{REQUEST, answer as head_of, answer_to, answers};
    use super::*;
    use crate::wire::Head;
    use crate::wire::http::head_length;

    #[test]
    fn every_row_answers_with_a_legal_head() {
        let offers = "Sec-WebSocket-Protocol: chat, superchat\r\n";
        let accept = Head::parse(head_of(CONFORMING, "").as_bytes());
        // the request names a host that this row does not know
        let is_refused = |name: &str| name == "refuses-other-hosts";
        for (name, answer) in answers(TABLE, offers).into_iter().filter(|(name, _)| !is_refused(name)) {
            let last = answer.rfind("HTTP/1.1 ").unwrap();
            let head = Head::parse(&answer.as_bytes()[last..]);
            assert_eq!(head.response_faults(), [], "{name}");
            assert_eq!(head.status(), Some(101), "{name}");
            let of = |head: &Head| head.values("Sec-WebSocket-Accept").map(<[u8]>::to_vec).collect::<Vec<_>>();
            assert_eq!(of(&head), of(&accept), "{name}");
            assert!(head.list_has("Upgrade", "websocket") && head.list_has("Connection", "upgrade"), "{name}");
            assert_eq!(head.list("Sec-WebSocket-Protocol").len(), usize::from(name.starts_with("selects-")));
        }
    }

    #[test]
    fn every_refusal_is_a_legal_head() {
        for (old, new) in [("n: 13", "n: 12"), ("GET", "POST"), ("Host: a\r\n", ""), ("Upgrade: websocket\r\n", "")] {
            let request = REQUEST.replacen(old, new, 1);
            for row in TABLE {
                let Some(answer) = answer_to(row.name, &request) else { continue };
                assert!(head_length(answer.as_bytes()).is_some(), "{}", row.name);
                let head = Head::parse(answer.as_bytes());
                assert_eq!(head.response_faults(), [], "{}: {answer}", row.name);
                assert!(head.status().is_some_and(|status| status != 101), "{}: {answer}", row.name);
                assert!(old != "n: 13" || head.list_has("Sec-WebSocket-Version", "13"), "{}: {answer}", row.name);
            }
        }
    }

    #[test]
    fn leniency_has_its_requests() {
        for (name, old, new) in [
            ("takes-any-key", "jZQ==", "jZQ"),
            ("takes-13-in-any-spelling", "n: 13", "n: 013"),
            ("speaks-drafts-7-and-8", "n: 13", "n: 8"),
            ("takes-any-host", "Host: a", "Host: a b"),
            ("takes-any-target", "GET /", "GET *"),
            ("takes-later-http-versions", "HTTP/1.1", "HTTP/2.0"),
            ("takes-loose-heads", "Host:", "Host :"),
            ("skips-bodies", "Host:", "Content-Length: 4\r\nHost:"),
            ("answers-last-of-two-keys", "Host:", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nHost:"),
        ] {
            let request = REQUEST.replacen(old, new, 1);
            assert!(answer_to(name, &request).unwrap().starts_with("HTTP/1.1 101 "), "{name}");
            assert!(!answer_to(CONFORMING, &request).unwrap().starts_with("HTTP/1.1 101 "), "{name}");
        }
    }
}
