//! Masking of payload data, RFC 6455 section 5.3.

/// A masking key: octet `i` of the payload is XORed with octet `i mod 4` of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MaskKey(pub [u8; 4]);

impl MaskKey {
    /// The key as it applies to payload that starts `offset` octets into the frame.
    pub fn at(self, offset: u64) -> MaskKey {
        let MaskKey(mut key) = self;
        key.rotate_left((offset % 4) as usize);
        MaskKey(key)
    }

    /// Masks or unmasks `data`, whose first octet meets the first octet of the key.
    pub fn apply(self, data: &mut [u8]) {
        let word = u32::from_ne_bytes(self.0);
        let wide = u64::from(word) | (u64::from(word) << 32);
        let (words, rest) = data.as_chunks_mut::<8>();
        for chunk in words {
            *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
        }
        for (octet, key) in rest.iter_mut().zip(self.0.iter().cycle()) {
            *octet ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_the_example_of_section_5_7() {
        let mut data = *b"Hello";
        MaskKey([0x37, 0xfa, 0x21, 0x3d]).apply(&mut data);
        assert_eq!(data, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn any_cut_gives_the_same_octets() {
        let key = MaskKey([1, 2, 3, 4]);
        let plain: Vec<u8> = (0..100).collect();
        let mut whole = plain.clone();
        key.apply(&mut whole);
        for cut in 0..=plain.len() {
            let mut parts = plain.clone();
            let (left, right) = parts.split_at_mut(cut);
            key.apply(left);
            key.at(cut as u64).apply(right);
            assert_eq!(parts, whole, "cut at {cut}");
        }
    }
}
