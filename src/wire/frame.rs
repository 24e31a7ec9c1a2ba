//! Frame headers, RFC 6455 section 5.2, including those that no endpoint may send.

use super::MaskKey;
use std::fmt;

/// The four opcode bits of a frame; all sixteen values are representable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(pub u8);

impl Opcode {
    /// A further fragment of a message.
    pub const CONTINUATION: Opcode = Opcode(0x0);
    /// Text, the first or only frame of a message.
    pub const TEXT: Opcode = Opcode(0x1);
    /// Binary, the first or only frame of a message.
    pub const BINARY: Opcode = Opcode(0x2);
    /// Starts or answers the closing handshake.
    pub const CLOSE: Opcode = Opcode(0x8);
    /// Asks for a pong.
    pub const PING: Opcode = Opcode(0x9);
    /// Answers a ping, or stands alone.
    pub const PONG: Opcode = Opcode(0xA);

    /// Whether the most significant of the four bits is set (section 5.5).
    pub fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether RFC 6455 gives the opcode no meaning.
    pub fn is_reserved(self) -> bool {
        matches!(self.0, 0x3..=0x7 | 0xB..=0xF)
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0 => f.write_str("continuation"),
            0x1 => f.write_str("text"),
            0x2 => f.write_str("binary"),
            0x8 => f.write_str("close"),
            0x9 => f.write_str("ping"),
            0xA => f.write_str("pong"),
            other => write!(f, "opcode {other:#x}"),
        }
    }
}

/// Which of the three length encodings a header uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LengthForm {
    /// The length stands in the 7 bits themselves.
    Bits7,
    /// 126, then 16 bits.
    Bits16,
    /// 127, then 64 bits.
    Bits64,
}

impl LengthForm {
    /// The only form that section 5.2 lets a sender use for `length`.
    pub fn minimal(length: u64) -> LengthForm {
        match length {
            0..=125 => LengthForm::Bits7,
            126..=0xFFFF => LengthForm::Bits16,
            _ => LengthForm::Bits64,
        }
    }
}

/// The header of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether this is the last fragment.
    pub fin: bool,
    /// RSV1 (4), RSV2 (2) and RSV3 (1).
    pub rsv: u8,
    /// What the payload is.
    pub opcode: Opcode,
    /// The masking key, when the MASK bit is set.
    pub mask: Option<MaskKey>,
    /// The announced payload length in octets, whatever follows in truth.
    pub length: u64,
    /// How the length is encoded.
    pub form: LengthForm,
}

impl FrameHeader {
    /// The longest header: 2 octets, 8 of extended length, 4 of masking key.
    pub const MAX: usize = 14;

    /// A final frame with a minimally encoded length and no reserved bit.
    pub fn new(opcode: Opcode, length: u64, mask: Option<MaskKey>) -> FrameHeader {
        FrameHeader { fin: true, rsv: 0, opcode, mask, length, form: LengthForm::minimal(length) }
    }

    /// Appends the header. A length that does not fit its form is cut to the low bits of that form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        out.push(u8::from(self.fin) << 7 | (self.rsv & 7) << 4 | self.opcode.0 & 0xF);
        match self.form {
            LengthForm::Bits7 => out.push(mask_bit | (self.length & 0x7F) as u8),
            LengthForm::Bits16 => {
                out.push(mask_bit | 126);
                out.extend_from_slice(&(self.length as u16).to_be_bytes());
            }
            LengthForm::Bits64 => {
                out.push(mask_bit | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        if let Some(MaskKey(key)) = self.mask {
            out.extend_from_slice(&key);
        }
    }

    /// Reads a header from the start of `bytes` and tells how many octets it takes; `None` asks for more bytes.
    pub fn parse(bytes: &[u8]) -> Option<(FrameHeader, usize)> {
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let mut used = 2;
        let (form, length) = match second & 0x7F {
            126 => {
                let field = bytes.get(2..4)?;
                used = 4;
                (LengthForm::Bits16, u64::from(u16::from_be_bytes([field[0], field[1]])))
            }
            127 => {
                let field: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
                used = 10;
                (LengthForm::Bits64, u64::from_be_bytes(field))
            }
            short => (LengthForm::Bits7, u64::from(short)),
        };
        let mask = if second & 0x80 != 0 {
            let key: [u8; 4] = bytes.get(used..used + 4)?.try_into().ok()?;
            used += 4;
            Some(MaskKey(key))
        } else {
            None
        };
        let header = FrameHeader {
            fin: first & 0x80 != 0,
            rsv: first >> 4 & 7,
            opcode: Opcode(first & 0xF),
            mask,
            length,
            form,
        };
        Some((header, used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(header: FrameHeader) -> Vec<u8> {
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        bytes
    }

    #[test]
    fn headers_of_section_5_7() {
        let key = Some(MaskKey([0x37, 0xfa, 0x21, 0x3d]));
        let table: [(&[u8], FrameHeader); 6] = [
            (&[0x81, 0x05], FrameHeader::new(Opcode::TEXT, 5, None)),
            (&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], FrameHeader::new(Opcode::TEXT, 5, key)),
            (&[0x01, 0x03], FrameHeader { fin: false, ..FrameHeader::new(Opcode::TEXT, 3, None) }),
            (&[0x80, 0x02], FrameHeader::new(Opcode::CONTINUATION, 2, None)),
            (&[0x82, 0x7E, 0x01, 0x00], FrameHeader::new(Opcode::BINARY, 256, None)),
            (&[0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0], FrameHeader::new(Opcode::BINARY, 65536, None)),
        ];
        for (bytes, header) in table {
            assert_eq!(encoded(header), bytes);
            assert_eq!(FrameHeader::parse(bytes), Some((header, bytes.len())));
        }
    }

    proptest! {
        #[test]
        fn parse_undoes_encode(
            fin: bool, rsv in 0u8..8, opcode in 0u8..16, key: Option<[u8; 4]>,
            (form, length) in prop_oneof![
                (Just(LengthForm::Bits7), 0u64..126),
                (Just(LengthForm::Bits16), 0u64..0x10000),
                (Just(LengthForm::Bits64), any::<u64>()),
            ],
        ) {
            let header = FrameHeader { fin, rsv, opcode: Opcode(opcode), mask: key.map(MaskKey), length, form };
            let bytes = encoded(header);
            for short in 0..bytes.len() {
                prop_assert_eq!(FrameHeader::parse(&bytes[..short]), None);
            }
            prop_assert_eq!(FrameHeader::parse(&bytes), Some((header, bytes.len())));
        }
    }
}
