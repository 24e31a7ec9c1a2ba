//! What a conforming server does not let pass, and the close code it answers with.

use crate::wire::close::{CodeClass, classify};
use crate::wire::{ClosePayload, FrameHeader};

/// A breach of RFC 6455 by the client, or what a faulty server takes for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// A client that does not mask, or a server that does.
    Masking,
    Rsv,
    ReservedOpcode,
    FragmentedControl,
    LongControl,
    LengthMsb,
    TooBig,
    LoneContinuation,
    NestedMessage,
    InvalidUtf8,
    /// A compressed message that cannot be decompressed.
    Undecodable,
    OneByteClose,
    CloseCode(u16),
    CloseReason,
    /// Nothing is wrong with the input: an injected fault refuses it.
    Imagined,
}

impl Violation {
    /// Section 7.4.1.
    pub(super) fn code(self) -> u16 {
        match self {
            Violation::InvalidUtf8 | Violation::Undecodable | Violation::CloseReason => 1007,
            Violation::TooBig => 1009,
            _ => 1002,
        }
    }

    /// A few words for the reason of the Close frame.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Violation::Masking => "wrong masking",
            Violation::Rsv => "reserved bit set",
            Violation::ReservedOpcode => "reserved opcode",
            Violation::FragmentedControl => "fragmented control frame",
            Violation::LongControl => "control frame over 125 octets",
            Violation::LengthMsb => "most significant bit of the length set",
            Violation::TooBig => "message too big",
            Violation::LoneContinuation => "nothing to continue",
            Violation::NestedMessage => "new message inside a message",
            Violation::InvalidUtf8 => "text is not UTF-8",
            Violation::Undecodable => "not to be decompressed",
            Violation::OneByteClose => "close payload of one octet",
            Violation::CloseCode(_) => "close code not for the wire",
            Violation::CloseReason => "close reason is not UTF-8",
            Violation::Imagined => "refused",
        }
    }

    /// What the header of a frame breaks by itself. `inside` tells whether a message is unfinished, `from_client` who sent
    /// it, `meant` which reserved bits mean something on it.
    pub(super) fn in_header(
        header: &FrameHeader,
        inside: bool,
        from_client: bool,
        meant: u8,
    ) -> impl Iterator<Item = Violation> + use<> {
        let FrameHeader { fin, rsv, opcode, mask, length, .. } = *header;
        let known = !opcode.is_reserved();
        let control = known && opcode.is_control();
        let data = known && !control;
        let continuation = opcode == crate::wire::Opcode::CONTINUATION;
        [
            (mask.is_some() != from_client, Violation::Masking),
            (rsv & !meant != 0, Violation::Rsv),
            (!known, Violation::ReservedOpcode),
            (control && !fin, Violation::FragmentedControl),
            (control && length > 125, Violation::LongControl),
            (length >> 63 != 0, Violation::LengthMsb),
            (continuation && !inside, Violation::LoneContinuation),
            (data && !continuation && inside, Violation::NestedMessage),
        ]
        .into_iter()
        .filter_map(|(broken, violation)| broken.then_some(violation))
    }

    /// What the payload of a Close frame breaks.
    pub(super) fn in_close(payload: &ClosePayload) -> Option<Violation> {
        match payload {
            ClosePayload::Empty => None,
            ClosePayload::OneByte(_) => Some(Violation::OneByteClose),
            ClosePayload::Code(code, _) if classify(*code) != CodeClass::Sendable => Some(Violation::CloseCode(*code)),
            ClosePayload::Code(_, reason) => std::str::from_utf8(reason).err().map(|_| Violation::CloseReason),
        }
    }
}
