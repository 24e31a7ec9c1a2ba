//! The head of an HTTP/1.1 message, read leniently: RFC 9112 sections 2 to 5.

/// One field line, as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name as spelled.
    pub name: Vec<u8>,
    /// The value without the white space around it.
    pub value: Vec<u8>,
}

/// A head, from its start line to the empty line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The start line without its line end.
    pub start_line: Vec<u8>,
    /// The field lines in order.
    pub fields: Vec<Field>,
    /// What a strict reader would have refused.
    pub faults: Vec<HeadFault>,
}

/// A spelling in a head that the grammar of RFC 9112 does not produce.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeadFault {
    /// A line ended with LF alone.
    BareLf,
    /// A CR that is not followed by LF.
    BareCr,
    /// A NUL or another control octet.
    ControlOctet(u8),
    /// A field line without a colon.
    NoColon,
    /// An empty field name, or one with an octet that no token has.
    NameNotToken,
    /// White space between a field name and its colon.
    SpaceBeforeColon,
    /// A line that starts with white space and continues the one above (obs-fold).
    Folded,
    /// The start line is no status line: its version or its three digits are missing.
    StatusLine,
    /// No space behind the three digits of the status code.
    NoSpaceAfterStatus,
}

/// Finds the end of a head: the number of octets up to and including its empty line.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for (at, octet) in bytes.iter().enumerate() {
        if *octet == b'\n' {
            let line = &bytes[line_start..at];
            if line_start > 0 && (line.is_empty() || line == b"\r") {
                return Some(at + 1);
            }
            line_start = at + 1;
        }
    }
    None
}

/// Whether `octet` may stand in a token, RFC 9110 section 5.6.2.
pub fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// Whether the octets form a token.
pub fn is_token(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().copied().all(is_token_octet)
}

fn trim(octets: &[u8]) -> &[u8] {
    let is_space = |octet: &u8| *octet == b' ' || *octet == b'\t';
    let start = octets.iter().position(|octet| !is_space(octet)).unwrap_or(octets.len());
    let end = octets.iter().rposition(|octet| !is_space(octet)).map_or(start, |last| last + 1);
    &octets[start..end]
}

impl Head {
    /// Reads a whole head, as delimited by [`head_length`].
    pub fn parse(bytes: &[u8]) -> Head {
        let mut head = Head { start_line: Vec::new(), fields: Vec::new(), faults: Vec::new() };
        for (number, line) in bytes.split_inclusive(|octet| *octet == b'\n').enumerate() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = match line.strip_suffix(b"\r") {
                Some(line) => line,
                None => {
                    head.fault(HeadFault::BareLf);
                    line
                }
            };
            for octet in line {
                match octet {
                    b'\r' => head.fault(HeadFault::BareCr),
                    b'\t' => {}
                    0..=0x1F | 0x7F => head.fault(HeadFault::ControlOctet(*octet)),
                    _ => {}
                }
            }
            match number {
                0 => head.start_line = line.to_vec(),
                _ if line.is_empty() => break,
                _ => head.field_line(line),
            }
        }
        head
    }

    fn fault(&mut self, fault: HeadFault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn field_line(&mut self, line: &[u8]) {
        if line[0] == b' ' || line[0] == b'\t' {
            self.fault(HeadFault::Folded);
            if let Some(last) = self.fields.last_mut() {
                last.value.push(b' ');
                last.value.extend_from_slice(trim(line));
            }
            return;
        }
        let Some(colon) = line.iter().position(|octet| *octet == b':') else {
            self.fault(HeadFault::NoColon);
            return;
        };
        let name = &line[..colon];
        let bare = trim(name);
        if bare.len() < name.len() {
            self.fault(HeadFault::SpaceBeforeColon);
        }
        if !is_token(bare) {
            self.fault(HeadFault::NameNotToken);
        }
        self.fields.push(Field { name: bare.to_vec(), value: trim(&line[colon + 1..]).to_vec() });
    }

    /// The values of every field of that name, in order; names compare without regard to ASCII case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| field.value.as_slice())
    }

    /// The members of all lists of that name, without empty ones.
    pub fn list<'a>(&'a self, name: &'a str) -> Vec<&'a [u8]> {
        self.values(name)
            .flat_map(|value| value.split(|octet| *octet == b','))
            .map(trim)
            .filter(|member| !member.is_empty())
            .collect()
    }

    /// Whether a list of that name has the member, without regard to ASCII case.
    pub fn list_has(&self, name: &str, member: &str) -> bool {
        self.list(name).iter().any(|found| found.eq_ignore_ascii_case(member.as_bytes()))
    }

    /// The status code, when the start line is near enough to a status line to have one.
    pub fn status(&self) -> Option<u16> {
        let rest = self.start_line.strip_prefix(b"HTTP/")?;
        let space = rest.iter().position(|octet| *octet == b' ')?;
        let digits = trim(&rest[space..]);
        let digits = digits.get(..3)?;
        digits.iter().all(u8::is_ascii_digit).then_some(())?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// What a strict reader would refuse in this head as the head of a response.
    pub fn response_faults(&self) -> Vec<HeadFault> {
        let mut faults = self.faults.clone();
        match self.start_line.as_slice() {
            [b'H', b'T', b'T', b'P', b'/', major, b'.', minor, b' ', a, b, c, rest @ ..]
                if [major, minor, a, b, c].iter().all(|octet| octet.is_ascii_digit()) =>
            {
                if rest.first() != Some(&b' ') {
                    faults.push(if rest.is_empty() { HeadFault::NoSpaceAfterStatus } else { HeadFault::StatusLine });
                }
            }
            _ => faults.push(HeadFault::StatusLine),
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_at_its_empty_line() {
        assert_eq!(head_length(b"HTTP/1.1 101 X\r\nA: b\r\n\r\nrest"), Some(24));
        assert_eq!(head_length(b"HTTP/1.1 101 X\nA: b\n\n"), Some(21));
        assert_eq!(head_length(b"HTTP/1.1 101 X\r\nA: b\r\n"), None);
        assert_eq!(head_length(b"\r\n"), None);
    }

    #[test]
    fn lists_join_lines_and_drop_empty_members() {
        let head = Head::parse(b"HTTP/1.1 101 OK\r\nConnection: keep-alive,, \r\nconnection:UPGRADE\r\n\r\n");
        assert_eq!(head.list("Connection"), [b"keep-alive".as_slice(), b"UPGRADE"]);
        assert!(head.list_has("connection", "upgrade"));
        assert_eq!(head.status(), Some(101));
        assert!(head.response_faults().is_empty());
    }

    #[test]
    fn every_fault_is_named() {
        let head = Head::parse(b"HTTP/1.1 200\nA : b\r\n c\r\nnocolon\r\nx\x01y: 1\rz\r\n: v\r\n\r\n");
        assert_eq!(
            head.response_faults(),
            [
                HeadFault::BareLf,
                HeadFault::SpaceBeforeColon,
                HeadFault::Folded,
                HeadFault::NoColon,
                HeadFault::ControlOctet(1),
                HeadFault::BareCr,
                HeadFault::NameNotToken,
                HeadFault::NoSpaceAfterStatus,
            ]
        );
        assert_eq!(head.values("a").collect::<Vec<_>>(), [b"b c"]);
    }

    #[test]
    fn a_start_line_that_is_no_status_line() {
        for line in ["GET / HTTP/1.1", "HTTP/1.1 1x1 OK", "HTTP/11 101 OK", "HTTP/1.1 101OK", ""] {
            let head = Head::parse(format!("{line}\r\n\r\n").as_bytes());
            assert!(head.response_faults().contains(&HeadFault::StatusLine), "{line}");
        }
    }
}
