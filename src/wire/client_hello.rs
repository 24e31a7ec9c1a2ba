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
