//! What of a response depends on the key of the client, and is known only when its request is.

use crate::wire::{Head, handshake};

/// A right or wrong answer to a `Sec-WebSocket-Key`, RFC 6455 section 4.2.2. Each has a length that does not depend on the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The right one.
    Right,
    /// The answer to the octets that the key stands for.
    OfDecodedKey,
    /// The right one with each letter in its other case.
    InOtherCase,
    /// The right one without its last character.
    Cut,
    /// The key itself.
    Key,
}

/// How an answer is written in a case.
const NAMES: [(&str, Answer); 5] = [
    ("{accept}", Answer::Right),
    ("{accept-of-decoded-key}", Answer::OfDecodedKey),
    ("{accept-in-other-case}", Answer::InOtherCase),
    ("{accept-cut}", Answer::Cut),
    ("{key}", Answer::Key),
];

impl Answer {
    /// Its length in octets.
    pub fn octets(self) -> u64 {
        match self {
            Answer::Right | Answer::OfDecodedKey | Answer::InOtherCase => 28,
            Answer::Cut => 27,
            Answer::Key => 24,
        }
    }

    /// The first answer that a text names: where its name starts and ends.
    pub fn find(text: &str) -> Option<(usize, usize, Answer)> {
        let named = NAMES.iter().filter_map(|(name, answer)| {
            let start = text.find(name)?;
            Some((start, start + name.len(), *answer))
        });
        named.min_by_key(|(start, ..)| *start)
    }

    /// The answer to this request. A key of another length than that of 16 octets has no answer of the right length.
    pub fn to(self, request: &Head) -> Vec<u8> {
        let key = request.values("sec-websocket-key").next().unwrap_or_default();
        let right = handshake::accept(key);
        let swapped = |letter: u8| {
            if letter.is_ascii_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
        };
        let mut octets = match self {
            Answer::Right | Answer::Cut => right.into_bytes(),
            Answer::OfDecodedKey => handshake::accept(&handshake::nonce(key).unwrap_or_default()).into_bytes(),
            Answer::InOtherCase => right.bytes().map(swapped).collect(),
            Answer::Key => key.to_vec(),
        };
        octets.resize(self.octets() as usize, b'=');
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_their_length_whatever_the_key() {
        for key in ["dGhlIHNhbXBsZSBub25jZQ==", "", "short", "much longer than any key should ever be"] {
            let request = Head::parse(format!("GET / HTTP/1.1\r\nSec-WebSocket-Key: {key}\r\n\r\n").as_bytes());
            for (name, answer) in NAMES {
                assert_eq!(answer.to(&request).len() as u64, answer.octets(), "{name} to {key}");
            }
        }
    }

    #[test]
    fn the_wrong_ones_are_wrong() {
        let request = Head::parse(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        assert_eq!(Answer::Right.to(&request), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(Answer::InOtherCase.to(&request), b"S3PplmbItXAq9KygZZHzrBk+XoO=");
        assert_eq!(Answer::Cut.to(&request), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo");
        assert_eq!(Answer::Key.to(&request), b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_ne!(Answer::OfDecodedKey.to(&request), Answer::Right.to(&request));
    }

    #[test]
    fn names_are_found_in_order() {
        assert_eq!(Answer::find("a {accept-cut} {accept}"), Some((2, 14, Answer::Cut)));
        assert_eq!(Answer::find("a {accept}"), Some((2, 10, Answer::Right)));
        assert_eq!(Answer::find("a {host}"), None);
    }
}
