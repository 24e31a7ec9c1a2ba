//! The key and its answer in the opening handshake, RFC 6455 section 4.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Section 4.1: the value of `Sec-WebSocket-Key` for a nonce, which has 16 octets when it is legal.
pub fn key(nonce: &[u8]) -> String {
    STANDARD.encode(nonce)
}

/// The nonce of a `Sec-WebSocket-Key`; `None` when the value is not the Base64 of 16 octets.
pub fn nonce(key: &[u8]) -> Option<[u8; 16]> {
    STANDARD.decode(key).ok()?.try_into().ok()
}

/// Section 4.2.2: the value of `Sec-WebSocket-Accept` that answers a key.
pub fn accept(key: &[u8]) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_the_example_of_section_1_3() {
        let nonce = *b"the sample nonce";
        assert_eq!(key(&nonce), "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept(key(&nonce).as_bytes()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
