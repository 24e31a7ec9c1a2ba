//! UTF-8 validation of a stream that may be cut anywhere, RFC 3629.

/// Validates text that arrives in pieces; a code point may be cut by the end of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Utf8Stream {
    carried: Vec<u8>,
    seen: u64,
    invalid_at: Option<u64>,
}

impl Utf8Stream {
    /// Takes the next piece.
    pub fn push(&mut self, mut piece: &[u8]) {
        if self.invalid_at.is_some() {
            return;
        }
        while !self.carried.is_empty() && !piece.is_empty() {
            self.carried.push(piece[0]);
            piece = &piece[1..];
            match std::str::from_utf8(&self.carried) {
                Ok(_) => {
                    self.seen += self.carried.len() as u64;
                    self.carried.clear();
                }
                Err(fault) if fault.error_len().is_some() => {
                    self.invalid_at = Some(self.seen);
                    return;
                }
                Err(_) => {}
            }
        }
        match std::str::from_utf8(piece) {
            Ok(_) => self.seen += piece.len() as u64,
            Err(fault) => {
                self.seen += fault.valid_up_to() as u64;
                if fault.error_len().is_some() {
                    self.invalid_at = Some(self.seen);
                } else {
                    self.carried = piece[fault.valid_up_to()..].to_vec();
                }
            }
        }
    }

    /// Where the first ill-formed sequence starts, in octets, as soon as it is certain.
    pub fn invalid_at(&self) -> Option<u64> {
        self.invalid_at
    }

    /// The same at the end of the text, where an unfinished code point is ill-formed too.
    pub fn finish(&self) -> Option<u64> {
        self.invalid_at.or_else(|| (!self.carried.is_empty()).then_some(self.seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(pieces: &[&[u8]]) -> Option<u64> {
        let mut stream = Utf8Stream::default();
        pieces.iter().for_each(|piece| stream.push(piece));
        stream.finish()
    }

    #[test]
    fn tells_where_the_text_goes_wrong() {
        assert_eq!(verdict(&[b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80edited"]), Some(5));
        assert_eq!(verdict(&[b"abc\xe2\x82"]), Some(3));
        assert_eq!(verdict(&[b"\xf4", b"\x90"]), Some(0));
        assert_eq!(verdict(&[b"\xe2", b"\x82", b"\xac"]), None);
    }

    proptest! {
        #[test]
        fn agrees_with_std_however_the_text_is_cut(
            bytes in prop::collection::vec(
                prop_oneof![Just(0x61u8), Just(0x80), Just(0xbf), Just(0xc3), Just(0xe2), Just(0xed), Just(0xf0), Just(0xf4), any::<u8>()],
                0..12,
            ),
            cut in 0usize..12,
        ) {
            let cut = cut.min(bytes.len());
            let expected = std::str::from_utf8(&bytes).err().map(|fault| fault.valid_up_to() as u64);
            prop_assert_eq!(verdict(&[&bytes[..cut], &bytes[cut..]]), expected);
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(verdict(&single), expected);
        }
    }
}
