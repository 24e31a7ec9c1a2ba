//! Octets for those who want to count them.

use super::octets::digits;
use crate::report::Printable;
use serde::Serialize;

/// The octets of a frame or of something that is none, up to a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HexView {
    /// The octets of the header, without the masking key.
    pub header: Option<String>,
    /// The masking key.
    pub key: Option<String>,
    /// The payload, unmasked.
    pub lines: Vec<HexLine>,
    /// How many octets are not shown.
    pub more: u64,
    /// The digest of octets that were too many to keep.
    pub digest: Option<Printable>,
}

/// Up to sixteen octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HexLine {
    /// The offset of the first one.
    pub offset: String,
    /// The octets as digits, in two halves, padded to the width of a full line.
    pub digits: String,
    /// The same as ASCII, with a dot for everything else.
    pub text: String,
}

/// The lines of a dump.
pub fn lines(octets: &[u8]) -> Vec<HexLine> {
    let line = |(number, octets): (usize, &[u8])| {
        let (front, back) = octets.split_at(octets.len().min(8));
        let halves = if back.is_empty() { digits(front) } else { format!("{}  {}", digits(front), digits(back)) };
        let is_shown = |octet: u8| octet == b' ' || octet.is_ascii_graphic();
        HexLine {
            offset: format!("{:04x}", number * 16),
            // so that the text behind it stands in a column
            digits: format!("{halves:<48}"),
            text: octets.iter().map(|octet| if is_shown(*octet) { char::from(*octet) } else { '.' }).collect(),
        }
    };
    octets.chunks(16).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_octets_to_a_line() {
        let shown: Vec<String> = lines(b"Hello, \xff\0\x1b[31m!!<b>")
            .iter()
            .map(|line| format!("{}  {}  {}", line.offset, line.digits, line.text))
            .collect();
        assert_eq!(
            shown,
            [
                "0000  48 65 6c 6c 6f 2c 20 ff  00 1b 5b 33 31 6d 21 21  Hello, ...[31m!!",
                "0010  3c 62 3e                                          <b>"
            ]
        );
    }
}
