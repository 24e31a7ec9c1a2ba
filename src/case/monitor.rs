//! Monitors: facts that are illegal in any conversation, each with the requirement that makes it so.

use super::{Level, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said when a fact is seen in what the target sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// The name of the fact, as in `reserved-bit`.
    pub fact: String,
    /// The roles of a target for which the fact is a breach.
    pub roles: Vec<Role>,
    /// How grave it is; `may` only tells.
    pub level: Level,
    /// The requirements that it breaks.
    pub requirements: Vec<String>,
    /// The breach as a sentence.
    pub says: String,
    /// The profile under which the fact is judged one level up from a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict_in: Option<String>,
}

/// The file `cases/spec/monitors.json`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonitorFile {
    /// Where editors find the schema.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// The monitors.
    pub monitors: Vec<Monitor>,
}
