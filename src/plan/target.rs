//! What is known of a target before a case runs against it.

use crate::case::Role;
use crate::transcript::Redaction;
use serde::{Deserialize, Serialize};

/// How a case proves that the connection works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Barrier {
    /// A ping, and its pong.
    Ping,
    /// A text message, and its echo: for a target that leaves pings unanswered.
    Echo,
}

/// The target as a plan needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its end of the connection.
    pub role: Role,
    /// The value of the Host field.
    pub host: String,
    /// Path and query, as in `/chat?room=1`.
    pub resource: String,
    /// The value of the Origin field.
    pub origin: Option<String>,
    /// The subprotocols that are offered.
    pub subprotocols: Vec<String>,
    /// Further fields, as pairs of name and value.
    pub fields: Vec<(String, String)>,
    /// Whether it sends every message back.
    pub echo: bool,
    /// Whether it takes text messages.
    #[serde(default = "takes")]
    pub text: bool,
    /// Whether it takes binary messages.
    pub binary: bool,
    /// How the connection is proved to work.
    pub barrier: Barrier,
    /// Whether silences have the full length of the case catalogue.
    #[serde(default)]
    pub patient: bool,
    /// Whether exchanges have the full number of messages.
    #[serde(default)]
    pub full: bool,
    /// What the user says about it beside.
    #[serde(default)]
    pub known: Known,
    /// What of it must not be written or printed.
    #[serde(skip)]
    pub redaction: Redaction,
}

/// What is held of a target where nobody knows: it takes what the RFC defines.
fn takes() -> bool {
    true
}

impl Target {
    /// One that echoes and answers pings, and of which nothing else is known: what others are made from.
    pub fn echoing(role: Role) -> Target {
        let host = match role {
            Role::Server => "localhost",
            Role::Client => "",
        };
        Target {
            role,
            host: host.to_owned(),
            resource: "/".to_owned(),
            origin: None,
            subprotocols: Vec::new(),
            fields: Vec::new(),
            echo: true,
            text: true,
            binary: true,
            barrier: Barrier::Ping,
            patient: false,
            full: false,
            known: Known::default(),
            redaction: Redaction::default(),
        }
    }

    /// The target as it may be written and printed. Plans made from it have the same lengths.
    pub fn redacted(&self) -> Target {
        let redaction = &self.redaction;
        let field = |(name, value): &(String, String)| (name.clone(), redaction.field(name, value));
        let mut shown = self.clone();
        shown.resource = redaction.request_target(&self.resource);
        shown.fields = self.fields.iter().map(field).collect();
        shown.known.missing_path = self.known.missing_path.as_deref().map(|path| redaction.request_target(path));
        shown
    }
}

/// What only the user can tell about a target, and some cases need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Whether it listens behind TLS; of a client, whether it trusts the authority that the harness makes.
    pub tls: bool,
    /// Whether it is a client that the harness starts for each case, with a URL of the case's own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub called: bool,
    /// Whether it is a client that does what a message tells it to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub commands: bool,
    /// An origin that it has to refuse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_origin: Option<String>,
    /// A path and query at which it serves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_path: Option<String>,
    /// Whether it speaks permessage-deflate; `None` where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deflate: Option<bool>,
    /// The status with which it answered an offer of permessage-deflate, where it refused the handshake for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_refused_with: Option<u16>,
}
