//! The response with which a connection to a client is opened, as a case may change it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Changes to the head that answers a client; without any, it is a valid 101.
///
/// In values and in a raw head `{accept}` stands for the answer to the key of the client, and for wrong ones stand
/// `{accept-of-decoded-key}`, `{accept-in-other-case}`, `{accept-cut}` (without its last character) and `{key}` (the key itself).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Response {
    /// The status line in place of `HTTP/1.1 101 Switching Protocols`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_line: Option<String>,
    /// Fields that get another value, as pairs of name and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, String)>,
    /// Fields that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Fields that are added at the end, as pairs of name and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<(String, String)>,
    /// The whole head with its empty line, in place of all of the above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Whether the client has to refuse it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub violates: bool,
}
