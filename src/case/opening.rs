//! The opening handshake as a case may change it.

use super::deflate::DeflateOpening;
use super::{Certificate, FrameSpec, PayloadSpec, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Changes to the head that the harness sends; without any, it is a valid one.
///
/// `{host}` and `{resource}` in a request line, a value or a raw head stand for the Host field and the path of the target,
/// `{refused_origin}`, `{missing_path}` and `{other_case}` for what the user says of the target (the last one is its
/// subprotocols with their letters in the other case),
/// `{fields}` for the lines that the user wants in every head: origin, subprotocols and others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Opening {
    /// The URL that a client gets; `{host}` in it stands for where the harness listens, and `{port}` for the port alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Speak TLS with a client, with this certificate; the client is told to connect to `wss://localhost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Connections that the client is told to open beside this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
    /// The request line in place of `GET <path> HTTP/1.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_line: Option<String>,
    /// Fields that get another value, as pairs of name and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, String)>,
    /// Fields that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Fields that are added at the end, as pairs of name and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<(String, String)>,
    /// The whole head, octet by octet, in place of all of the above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<PayloadSpec>,
    /// Write that many octets at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chop: Option<u64>,
    /// Pause behind these octets of the head.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cut_at: Vec<u64>,
    /// How long each of these pauses is, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_ms: Option<u64>,
    /// Frames that are written in one go with the head, before it is answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<FrameSpec>,
    /// Changes to the response, where the target is a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// Offer permessage-deflate to a server, and accept the offer of a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deflate: Option<DeflateOpening>,
    /// Leave out TLS where the target is reached through it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clear_text: bool,
    /// The nonce whose Base64 is the key, in place of one from the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<PayloadSpec>,
    /// Change, leave out or double one octet of the head, which the seed chooses; only in a crowd.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mutated: bool,
    /// Do not wait for the answer, or for the request of a client: in a crowd, or where a case only waits.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unanswered: bool,
}

/// Other connections of a client, each of which is closed as soon as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Others {
    /// How many are waited for.
    pub connections: u32,
    /// How late the request of each is answered, in milliseconds.
    pub answered_after_ms: u64,
}
