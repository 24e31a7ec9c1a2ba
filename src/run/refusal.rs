//! Why a target opened no WebSocket connection, in words that tell the user what to look at.

use crate::transcript::Ending;
use crate::wire::Head;
use std::time::Duration;

/// How many octets of an answer that is no HTTP are shown.
const SHOWN: usize = 24;

/// What a target did in place of opening a connection.
pub(super) struct Refusal<'a> {
    /// The first octets that came.
    pub heard: &'a [u8],
    /// The head of its response, when there is one.
    pub head: Option<&'a Head>,
    /// How the connection ended.
    pub ending: Option<&'a Ending>,
    /// What was asked for.
    pub resource: &'a str,
    /// How long was waited.
    pub limit: Duration,
}

impl Refusal<'_> {
    /// The reason, as a fragment that goes on after "it".
    pub fn reason(&self) -> String {
        let seconds = self.limit.as_secs_f64();
        if let Some((head, status)) = self.head.and_then(|head| Some((head, head.status()?))) {
            return format!("answered the opening handshake with status {status}{}", self.hint(head, status));
        }
        let is_http = self.heard.starts_with(&b"HTTP/"[..self.heard.len().min(5)]);
        match self.ending {
            Some(Ending::Overflow) => "sent a response head without end".to_owned(),
            Some(Ending::Broken(reason)) => format!("broke the connection: {reason}"),
            _ if self.heard.starts_with(&[0x15, 3]) => {
                "answered the opening handshake with a TLS alert; the URL may have to begin with wss://".to_owned()
            }
            _ if !self.heard.is_empty() && !is_http => {
                let shown = self.heard[..self.heard.len().min(SHOWN)].escape_ascii();
                let dots = if self.heard.len() > SHOWN { "..." } else { "" };
                format!("answered the opening handshake with something that is no HTTP response: {shown}{dots}")
            }
            Some(Ending::Eof) if self.heard.is_empty() => "closed the connection without an answer".to_owned(),
            Some(Ending::Reset) if self.heard.is_empty() => "reset the connection without an answer".to_owned(),
            Some(Ending::Eof | Ending::Reset) => "ended the connection inside of its response head".to_owned(),
            _ if self.heard.is_empty() => {
                format!("accepted the connection, and sent nothing within {seconds} s")
            }
            _ => {
                format!("had not finished its response head after {seconds} s; --timeout-scale would give it more time")
            }
        }
    }

    fn hint(&self, head: &Head, status: u16) -> String {
        match status {
            300..=399 => match head.values("location").next() {
                Some(place) => {
                    format!(" and the location {}, which is not followed", place.escape_ascii())
                }
                None => String::new(),
            },
            401 | 403 => "; --header, --origin or --subprotocol may be what it asks for".to_owned(),
            404 => format!("; is `{}` the right path?", self.resource),
            429 | 503 => "; it may be busy".to_owned(),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(heard: &[u8], ending: Ending) -> String {
        let head = crate::wire::http::head_length(heard).map(|end| Head::parse(&heard[..end]));
        let (head, limit) = (head.as_ref(), Duration::from_millis(500));
        Refusal { heard, head, ending: Some(&ending), resource: "/chat", limit }.reason()
    }

    #[test]
    fn reasons_tell_what_to_look_at() {
        for (heard, ending, expected) in [
            (&b""[..], Ending::Closed, "accepted the connection, and sent nothing within 0.5 s"),
            (b"", Ending::Eof, "closed the connection without an answer"),
            (b"", Ending::Reset, "reset the connection without an answer"),
            (b"HTT", Ending::Eof, "ended the connection inside of its response head"),
            (
                b"HTTP/1.1 101 S",
                Ending::Closed,
                "had not finished its response head after 0.5 s; --timeout-scale would give it more time",
            ),
            (b"HTTP/1.1 101 S\r\nX: ", Ending::Overflow, "sent a response head without end"),
            (b"HTTP/1.1 200 OK\r\n\r\n", Ending::Closed, "answered the opening handshake with status 200"),
            (
                b"HTTP/1.1 404 Not Found\r\n\r\n",
                Ending::Closed,
                "answered the opening handshake with status 404; is `/chat` the right path?",
            ),
            (
                b"HTTP/1.1 302 Found\r\nLocation: /\x1b\r\n\r\n",
                Ending::Closed,
                "answered the opening handshake with status 302 and the location /\\x1b, which is not followed",
            ),
            (
                b"\x15\x03\x01\x00\x02\x02\x46",
                Ending::Eof,
                "answered the opening handshake with a TLS alert; the URL may have to begin with wss://",
            ),
            (
                b"SSH-2.0-OpenSSH_9.9 and so on\r\n\r\n",
                Ending::Closed,
                "answered the opening handshake with something that is no HTTP response: SSH-2.0-OpenSSH_9.9 and ...",
            ),
        ] {
            assert_eq!(reason(heard, ending), expected);
        }
    }
}
