//! The certificate that the harness shows to a client.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A certificate, by why a client may trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// It is good: by the authority that the client is given, for the name in its URL, and of today.
    Trusted,
    /// Its authority is another one.
    UnknownIssuer,
    /// Nobody vouches for it but itself.
    SelfSigned,
    /// Its time is over.
    Expired,
    /// It is for another name.
    OtherName,
}

impl Certificate {
    /// Every kind.
    pub const ALL: [Certificate; 5] = [
        Certificate::Trusted,
        Certificate::UnknownIssuer,
        Certificate::SelfSigned,
        Certificate::Expired,
        Certificate::OtherName,
    ];
}
