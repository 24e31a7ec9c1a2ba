//! The payload of a Close frame, RFC 6455 sections 5.5.1 and 7.4.

/// What a Close frame carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClosePayload {
    /// No payload at all: no status code was given.
    Empty,
    /// A single octet, which is too short for a status code.
    OneByte(u8),
    /// A status code and a reason of any octets.
    Code(u16, Vec<u8>),
}

impl ClosePayload {
    /// Splits the payload of a Close frame.
    pub fn parse(payload: &[u8]) -> ClosePayload {
        match payload {
            [] => ClosePayload::Empty,
            [only] => ClosePayload::OneByte(*only),
            [high, low, reason @ ..] => ClosePayload::Code(u16::from_be_bytes([*high, *low]), reason.to_vec()),
        }
    }

    /// The status code, when there is one.
    pub fn code(&self) -> Option<u16> {
        match self {
            ClosePayload::Code(code, _) => Some(*code),
            _ => None,
        }
    }
}

/// How a status code is allotted: section 7.4 and the IANA registry of close codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeClass {
    /// Registered for use in a Close frame, or in a range for libraries and applications.
    Sendable,
    /// Set aside for what an endpoint tells its application, never for the wire: 1005, 1006, 1015.
    LocalOnly,
    /// 0 to 999.
    Unused,
    /// 1004 and 1016 to 2999: reserved, or without a meaning today.
    Unassigned,
    /// From 5000 on: of no range that section 7.4 allots.
    Undefined,
}

/// Sorts a status code into its class.
pub fn classify(code: u16) -> CodeClass {
    match code {
        0..=999 => CodeClass::Unused,
        1005 | 1006 | 1015 => CodeClass::LocalOnly,
        1000..=1003 | 1007..=1014 | 3000..=4999 => CodeClass::Sendable,
        5000.. => CodeClass::Undefined,
        _ => CodeClass::Unassigned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_split() {
        assert_eq!(ClosePayload::parse(b""), ClosePayload::Empty);
        assert_eq!(ClosePayload::parse(b"\x03"), ClosePayload::OneByte(3));
        assert_eq!(ClosePayload::parse(b"\x03\xe8bye"), ClosePayload::Code(1000, b"bye".to_vec()));
    }

    #[test]
    fn codes_at_the_edges_of_their_ranges() {
        for (code, class) in [
            (0, CodeClass::Unused),
            (999, CodeClass::Unused),
            (1000, CodeClass::Sendable),
            (1004, CodeClass::Unassigned),
            (1005, CodeClass::LocalOnly),
            (1006, CodeClass::LocalOnly),
            (1014, CodeClass::Sendable),
            (1015, CodeClass::LocalOnly),
            (1016, CodeClass::Unassigned),
            (2999, CodeClass::Unassigned),
            (3000, CodeClass::Sendable),
            (4999, CodeClass::Sendable),
            (5000, CodeClass::Undefined),
            (u16::MAX, CodeClass::Undefined),
        ] {
            assert_eq!(classify(code), class, "{code}");
        }
    }
}
