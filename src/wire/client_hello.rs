//! The first message of TLS, RFC 8446 section 4.1.2, as far as a server sees from it whom it is asked for.

/// What a ClientHello says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The name of the server (RFC 6066 section 3), as far as the octets show it.
    pub server_name: Option<Vec<u8>>,
}

impl ClientHello {
    /// Reads the start of a connection; `None` when it is no ClientHello.
    pub fn parse(octets: &[u8]) -> Option<ClientHello> {
        // a handshake record of TLS 1.x, and the type of the message
        let body = match octets {
            [22, 3, _, _, _, 1, _, _, _, body @ ..] => body,
            _ => return None,
        };
        Some(ClientHello { server_name: server_name(body) })
    }
}

fn server_name(body: &[u8]) -> Option<Vec<u8>> {
    // version and random, session id, cipher suites, compression methods, then the extensions
    let rest = body.get(34..)?;
    let rest = behind(rest, 1)?;
    let rest = behind(rest, 2)?;
    let mut rest = behind(rest, 1)?.get(2..)?;
    while let Some((kind, content)) = rest.split_at_checked(2) {
        if kind == [0, 0] {
            // the extension, its list, the type of the entry, the name
            let name = content.get(5..)?;
            let length = usize::from(u16::from_be_bytes([*name.first()?, *name.get(1)?]));
            return name.get(2..2 + length).map(<[u8]>::to_vec);
        }
        rest = behind(content, 2)?;
    }
    None
}

/// What follows a field whose length stands in its first `width` octets.
fn behind(octets: &[u8], width: usize) -> Option<&[u8]> {
    let length = octets.get(..width)?.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    octets.get(width + length..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello in a record of its own, with the name of the server if one is given.
    fn client_hello(name: Option<&str>) -> Vec<u8> {
        let mut extensions = Vec::new();
        if let Some(name) = name {
            // a list of one entry, of the type host_name
            let entry = [&[0][..], &sized(name.as_bytes())].concat();
            extensions.extend([0, 0]);
            extensions.extend(sized(&sized(&entry)));
        }
        // supported_versions: TLS 1.3
        extensions.extend([0, 43, 0, 3, 2, 3, 4]);
        // version, random, session id, TLS_AES_128_GCM_SHA256, no compression
        let body = [&[3, 3][..], &[0x57; 32], &[0], &[0, 2, 0x13, 1], &[1, 0], &sized(&extensions)].concat();
        let message = [&[1, 0][..], &sized(&body)].concat();
        [&[22, 3, 1][..], &sized(&message)].concat()
    }

    /// Octets behind their length in 16 bits.
    fn sized(octets: &[u8]) -> Vec<u8> {
        [&(octets.len() as u16).to_be_bytes()[..], octets].concat()
    }

    #[test]
    fn the_name_of_the_server_is_read_where_there_is_one() {
        let name = |name| ClientHello::parse(&client_hello(name)).unwrap().server_name;
        assert_eq!(name(Some("localhost")).as_deref(), Some(&b"localhost"[..]));
        assert_eq!(name(None), None);
        assert_eq!(ClientHello::parse(b"GET / HTTP/1.1\r\n"), None);
        let whole = client_hello(Some("localhost"));
        for end in 0..whole.len() {
            // no octet that is missing is looked for
            let _ = ClientHello::parse(&whole[..end]);
        }
    }
}
