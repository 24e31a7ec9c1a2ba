//! The first octets of TLS, RFC 8446 section 4.1.2: as much of a ClientHello as a server needs to tell it from HTTP.

/// A ClientHello in a record of its own, with the name of the server if one is given (RFC 6066 section 3).
pub(super) fn client_hello(name: Option<&str>) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(name) = name {
        // a list of one entry, of the type host_name
        let entry = [&[0][..], &sized(name.as_bytes())].concat();
        extensions.extend([0, 0]);
        extensions.extend(sized(&sized(&entry)));
    }
    // supported_versions: TLS 1.3
    extensions.extend([0, 43, 0, 3, 2, 3, 4]);
    let body = [
        // version, random, session id, TLS_AES_128_GCM_SHA256, no compression
        &[3, 3][..],
        &[0x57; 32],
        &[0],
        &[0, 2, 0x13, 1],
        &[1, 0],
        &sized(&extensions),
    ]
    .concat();
    let message = [&[1, 0][..], &sized(&body)].concat();
    [&[22, 3, 1][..], &sized(&message)].concat()
}

/// Octets behind their length in 16 bits.
fn sized(octets: &[u8]) -> Vec<u8> {
    [&(octets.len() as u16).to_be_bytes()[..], octets].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ClientHello;

    #[test]
    fn a_server_reads_what_is_written() {
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
