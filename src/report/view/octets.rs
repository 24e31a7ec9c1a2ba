//! Octets, and what RFC 6455 builds from them, in a few words.

use crate::report::printable::acts;

/// `1 octet`, `2 octets`.
pub fn count(octets: u64) -> String {
    if octets == 1 { "1 octet".to_owned() } else { format!("{octets} octets") }
}

/// How many octets there are and how they begin: as text in quotes where it is text, as digits where not.
///
/// `head` holds the first octets, of which at most `shown` appear; `len` is the length of the whole.
pub fn preview(head: &[u8], len: u64, shown: usize) -> String {
    match text_or_digits(head, len, shown) {
        Some(look) => format!("{} {look}", count(len)),
        None => "no octets".to_owned(),
    }
}

/// The look of octets without their number; `None` when there are none.
pub fn text_or_digits(head: &[u8], len: u64, shown: usize) -> Option<String> {
    if len == 0 {
        return None;
    }
    let cut = len > head.len() as u64 || head.len() > shown;
    let shown = &head[..head.len().min(shown)];
    let dots = if cut { "…" } else { "" };
    let text = match std::str::from_utf8(shown) {
        Ok(text) => Some(text),
        // a character that the cut went through is no fault of the octets
        Err(fault) if cut && fault.error_len().is_none() => std::str::from_utf8(&shown[..fault.valid_up_to()]).ok(),
        Err(_) => None,
    };
    Some(match text {
        Some(text) if !text.is_empty() && !text.chars().any(acts) => format!("\"{text}{dots}\""),
        _ => format!("{}{dots}", digits(shown)),
    })
}

/// Octets as hexadecimal digits with spaces between them.
pub fn digits(octets: &[u8]) -> String {
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    pairs.join(" ")
}

/// What a status code of a Close says, RFC 6455 section 7.4.1 and the IANA registry.
pub fn code_name(code: u16) -> Option<&'static str> {
    Some(match code {
        1000 => "normal",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "data of this type not accepted",
        1005 => "stands for no code, not for the wire",
        1006 => "stands for no Close, not for the wire",
        1007 => "data not consistent with its type",
        1008 => "policy violated",
        1009 => "message too big",
        1010 => "extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "stands for TLS trouble, not for the wire",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_and_everything_else_is_digits() {
        for (head, len, shown, words) in [
            (&b""[..], 0, 8, "no octets"),
            (b"a", 1, 8, "1 octet \"a\""),
            ("κόσμε".as_bytes(), 10, 16, "10 octets \"κόσμε\""),
            ("κόσμε".as_bytes(), 10, 3, "10 octets \"κ…\""),
            (b"\xce", 1, 8, "1 octet ce"),
            (b"a\x1b[31m", 6, 8, "6 octets 61 1b 5b 33 31 6d"),
            ("a\u{202e}b".as_bytes(), 5, 8, "5 octets 61 e2 80 ae 62"),
            (b"****", 65_536, 8, "65536 octets \"****…\""),
            (b"\xff\xff\xff", 3, 2, "3 octets ff ff…"),
        ] {
            assert_eq!(preview(head, len, shown), words);
        }
    }
}
