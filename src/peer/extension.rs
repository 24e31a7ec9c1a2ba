//! The grammar of `Sec-WebSocket-Extensions`, RFC 6455 section 9.1, which a server has to enforce
//! even when it accepts no extension.

use crate::wire::http::is_token_octet;

/// Whether a field value is a list of extensions; empty members are allowed, as in every HTTP list.
pub(super) fn is_well_formed(value: &[u8]) -> bool {
    let mut rest = Reader(value);
    loop {
        rest.skip_space();
        if !rest.take(b',') {
            if rest.0.is_empty() {
                return true;
            }
            if !rest.extension() {
                return false;
            }
            rest.skip_space();
            if !rest.take(b',') {
                return rest.0.is_empty();
            }
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn skip_space(&mut self) {
        while self.take(b' ') || self.take(b'\t') {}
    }

    fn take(&mut self, octet: u8) -> bool {
        let found = self.0.first() == Some(&octet);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn token(&mut self) -> bool {
        let length = self.0.iter().take_while(|octet| is_token_octet(**octet)).count();
        self.0 = &self.0[length..];
        length > 0
    }

    /// A quoted string is allowed only where its content is a token.
    fn quoted_token(&mut self) -> bool {
        let mut length = 0;
        loop {
            if self.take(b'"') {
                return length > 0;
            }
            self.take(b'\\');
            if !self.0.first().is_some_and(|octet| is_token_octet(*octet)) {
                return false;
            }
            self.0 = &self.0[1..];
            length += 1;
        }
    }

    fn extension(&mut self) -> bool {
        if !self.token() {
            return false;
        }
        loop {
            self.skip_space();
            if !self.take(b';') {
                return true;
            }
            self.skip_space();
            if !self.token() {
                return false;
            }
            self.skip_space();
            if self.take(b'=') {
                self.skip_space();
                let value = if self.take(b'"') { self.quoted_token() } else { self.token() };
                if !value {
                    return false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_lists_of_extensions() {
        for value in [
            "",
            "permessage-deflate",
            "x; a=1; b",
            ", permessage-deflate,",
            "a;b=\"10\",\tc",
            "a; b=\"1\\0\"",
            " a ;b =10 ",
        ] {
            assert!(is_well_formed(value.as_bytes()), "{value:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_list_of_extensions() {
        for value in
            [";", "foo;", "foo; =1", "foo bar", "foo; a=\"b", "=", "foo;;bar", "foo, ;", "a; b=\"1 0\"", "a; b=\"\""]
        {
            assert!(!is_well_formed(value.as_bytes()), "{value:?}");
        }
    }
}
