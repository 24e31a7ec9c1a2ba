//! Where the body of a response ends, so that what follows on the same connection is found.

use crate::wire::Head;

/// The body of a response that is no 101, RFC 9112 section 6.3.
pub(super) enum Body {
    /// So many octets are still to come.
    Length(u64),
    /// Chunks: the line that is being read, and the octets of the chunk that are still to come.
    Chunked { line: Vec<u8>, left: u64, last: bool, over: bool },
    /// Everything up to the end of the connection.
    Rest,
}

impl Body {
    /// The body that follows a head.
    pub fn of(head: &Head) -> Body {
        if head.list_has("transfer-encoding", "chunked") {
            return Body::Chunked { line: Vec::new(), left: 0, last: false, over: false };
        }
        let length =
            head.values("content-length").next().and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        length.map_or(Body::Rest, Body::Length)
    }

    /// Whether all of it has come.
    pub fn is_over(&self) -> bool {
        matches!(self, Body::Length(0) | Body::Chunked { over: true, .. })
    }

    /// Takes what belongs to the body and tells how much that was.
    pub fn take(&mut self, octets: &[u8]) -> usize {
        match self {
            Body::Rest => octets.len(),
            Body::Length(left) => {
                let used = octets.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= used as u64;
                used
            }
            Body::Chunked { line, left, last, over } => {
                if *left > 0 {
                    let used = octets.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= used as u64;
                    return used;
                }
                let Some(end) = octets.iter().position(|octet| *octet == b'\n') else {
                    line.extend_from_slice(octets);
                    return octets.len();
                };
                line.extend_from_slice(&octets[..end]);
                let text = String::from_utf8_lossy(line).trim().to_owned();
                line.clear();
                if *last {
                    // behind the last chunk stand trailer fields, and then an empty line
                    *over = text.is_empty();
                } else {
                    let size = text.split(';').next().unwrap_or_default();
                    let size = u64::from_str_radix(size.trim(), 16).unwrap_or(0);
                    *last = size == 0;
                    // the line end behind the chunk counts with it
                    *left = if size == 0 { 0 } else { size + 2 };
                }
                end + 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_takes_what_belongs_to_it() {
        let head = |fields: &str| Head::parse(format!("HTTP/1.1 400 No\r\n{fields}\r\n").as_bytes());
        for (fields, octets, taken) in [
            ("Content-Length: 3\r\n", "abcdef", 3),
            ("Content-Length: 0\r\n", "abc", 0),
            ("", "abc", 3),
            ("Transfer-Encoding: chunked\r\n", "2;x=y\r\nab\r\n0\r\nT: 1\r\n\r\nHTTP", 22),
            ("Transfer-Encoding: chunked\r\n", "0\r\n\r\nHTTP", 5),
        ] {
            let mut body = Body::of(&head(fields));
            let mut rest = octets.as_bytes();
            while !body.is_over() && !rest.is_empty() {
                let used = body.take(rest);
                rest = &rest[used..];
            }
            assert_eq!(octets.len() - rest.len(), taken, "{fields}{octets}");
        }
    }
}
