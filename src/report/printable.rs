//! Text that does nothing but be read: no control octet, no override of the writing direction, nothing invisible.

use serde::Serialize;
use std::fmt;

/// Text in which everything that a terminal or browser would act upon is an escape such as `\x1b` or `\u{202e}`.
///
/// A backslash stays as it is, so making text printable twice changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Printable(String);

impl Printable {
    /// Makes text printable.
    pub fn of(text: impl AsRef<str>) -> Printable {
        let mut shown = String::with_capacity(text.as_ref().len());
        push_escaped(text.as_ref(), &mut shown);
        Printable(shown)
    }

    /// Octets as text where they are UTF-8, each other one as `\xHH`.
    pub fn of_octets(octets: &[u8]) -> Printable {
        let mut shown = String::with_capacity(octets.len());
        for chunk in octets.utf8_chunks() {
            push_escaped(chunk.valid(), &mut shown);
            chunk.invalid().iter().for_each(|octet| shown.push_str(&format!("\\x{octet:02x}")));
        }
        Printable(shown)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn push_escaped(text: &str, shown: &mut String) {
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if !acts(letter) => shown.push(letter),
            _ if (letter as u32) < 0x100 => shown.push_str(&format!("\\x{:02x}", letter as u32)),
            _ => shown.push_str(&format!("\\u{{{:x}}}", letter as u32)),
        }
    }
}

/// Whether a character does something, or hides, instead of being seen.
pub fn acts(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_control();
    }
    letter.is_control()
        || matches!(letter as u32,
            // formatting without a glyph, of which the overrides of direction are the worst
            0x00AD | 0x0600..=0x0605 | 0x061C | 0x06DD | 0x070F | 0x08E2 | 0x180E | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0x1_10BD | 0x1_10CD
            | 0x1_3430..=0x1_343F | 0x1_BCA0..=0x1_BCA3 | 0x1_D173..=0x1_D17A | 0xE_0000..=0xE_0FFF
            // letters that look like nothing
            | 0x034F | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x3164 | 0xFFA0 | 0xFE00..=0xFE0F
            // what no font has
            | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xF_0000..=0x10_FFFF)
        || letter as u32 & 0xFFFE == 0xFFFE
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Printable {
    fn from(text: &str) -> Printable {
        Printable::of(text)
    }
}

impl From<&String> for Printable {
    fn from(text: &String) -> Printable {
        Printable::of(text)
    }
}

impl From<String> for Printable {
    fn from(text: String) -> Printable {
        if text.chars().any(acts) { Printable::of(text) } else { Printable(text) }
    }
}

impl AsRef<str> for Printable {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_becomes_an_escape() {
        for (text, shown) in [
            ("plain \\ text <b>", "plain \\ text <b>"),
            ("κόσμε 𝄞", "κόσμε 𝄞"),
            ("a\0b\x1b[31m\r\n\t\x7f", "a\\x00b\\x1b[31m\\r\\n\\t\\x7f"),
            ("\u{9b}31m", "\\x9b31m"),
            ("\u{202e}evil\u{2066}", "\\u{202e}evil\\u{2066}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("\u{ffff}\u{10fffe}", "\\u{ffff}\\u{10fffe}"),
        ] {
            let once = Printable::of(text);
            assert_eq!(once.as_str(), shown);
            assert_eq!(Printable::of(&once), once);
            assert_eq!(Printable::from(text.to_owned()), once);
        }
    }

    #[test]
    fn octets_that_are_no_text_are_shown_one_by_one() {
        assert_eq!(Printable::of_octets(b"nginx\xff\xce\xba\xc0\x80\0").as_str(), "nginx\\xffκ\\xc0\\x80\\x00");
    }
}
