//! A case file, and the cases that come out of it.

use super::frame::{FrameSpec, Kind};
use super::name;
use super::one_or_many::OneOrMany;
use super::step::Step;
use super::{Check, Crowd, Delivery, Opening};
use crate::transcript::Side;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What a target is: which end of the connection it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The target accepts the connection.
    #[default]
    Server,
    /// The target opens the connection.
    Client,
}

impl From<Role> for Side {
    /// The end of the connection that a target of that role has.
    fn from(role: Role) -> Side {
        match role {
            Role::Server => Side::Server,
            Role::Client => Side::Client,
        }
    }
}

/// What a target must be able to do for a case to tell anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It sends every message back.
    Echo,
    /// It takes text messages. A case that sends one in a frame of its own need not say so.
    Text,
    /// It takes binary messages.
    Binary,
    /// It listens behind TLS; a client trusts the authority that the harness makes.
    Tls,
    /// It refuses an origin that the user names.
    RefusedOrigin,
    /// It serves nothing at a path that the user names.
    MissingPath,
    /// It speaks a subprotocol that the user names.
    Subprotocol,
    /// It is a client that is started for each case, and connects to the URL that it gets.
    Url,
    /// It is a client that does what a message tells it to.
    Commands,
    /// It speaks permessage-deflate.
    Deflate,
}

/// A file of the corpus: one group of cases.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile<'a> {
    /// Where editors find the schema.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// The group, which is the path of the file under `cases/` without its ending.
    #[serde(deserialize_with = "name::path")]
    pub group: String,
    /// What the group is about, as a heading.
    pub title: String,
    /// Why these cases exist.
    pub why: String,
    /// Tags of every case in the file.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Checks of every case in the file, behind its own.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// Run each case again in these ways, as a case of its own; long and specially cut ones are left out.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
    /// The cases.
    #[serde(borrow)]
    #[schemars(with = "Vec<CaseFields>")]
    pub cases: Vec<&'a RawValue>,
}

/// A case, or with a table a family of cases: `$column` stands for the cell, in a string or in place of any value.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFields {
    /// What is sent and what is at stake, in lower case with hyphens.
    #[serde(deserialize_with = "name::case")]
    pub name: String,
    /// The same as a sentence for readers.
    pub title: String,
    /// Why the case exists, or why the accepted set is what it is.
    #[serde(default)]
    pub why: Option<String>,
    /// The rows of a family.
    #[serde(default)]
    pub table: Option<Table>,
    /// The case of the Autobahn Testsuite with the same stimulus.
    #[serde(default)]
    pub autobahn: Option<OneOrMany<String>>,
    /// The roles that the case is for; both when absent.
    #[serde(default)]
    pub roles: Option<Vec<Role>>,
    /// What the target must be able to do.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Words to select by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Changes to the opening handshake.
    #[serde(default)]
    pub opening: Option<Opening>,
    /// Other connections, before and beside the conversation of the steps.
    #[serde(default)]
    pub crowd: Option<Crowd>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The checks.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// The rows of a family of cases.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a value for every column.
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// One case as it is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// `group/name`.
    #[serde(deserialize_with = "name::path")]
    pub id: String,
    /// The group.
    #[serde(deserialize_with = "name::path")]
    pub group: String,
    /// A sentence for readers.
    pub title: String,
    /// Why it exists: the words of the group, then its own.
    pub why: Vec<String>,
    /// Autobahn's ids of the same stimulus.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub autobahn: Vec<String>,
    /// The roles that it is for.
    pub roles: Vec<Role>,
    /// What it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Changes to the opening handshake.
    #[serde(default)]
    pub opening: Opening,
    /// How its octets reach the target, which the steps have taken in.
    #[serde(default, skip_serializing_if = "Delivery::is_plain")]
    pub delivery: Delivery,
    /// Other connections, before and beside the conversation of the steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<Crowd>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The checks, the file's behind its own.
    pub checks: Vec<Check>,
}

impl Case {
    /// One of steps alone, for any target: nobody reads it, and it judges nothing.
    pub fn bare(id: impl Into<String>, steps: Vec<Step>) -> Case {
        Case {
            id: id.into(),
            group: String::new(),
            title: String::new(),
            why: Vec::new(),
            autobahn: Vec::new(),
            roles: vec![Role::Server, Role::Client],
            needs: Vec::new(),
            tags: Vec::new(),
            opening: Opening::default(),
            delivery: Delivery::Plain,
            crowd: None,
            steps,
            checks: Vec::new(),
        }
    }

    /// The octets of payload that its steps send.
    pub fn size(&self) -> u64 {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Send(send) => send.frames.iter().map(|frame| frame.kind.payload().len()).sum(),
                Step::Exchange { message, times, .. } => u64::from(*times) * message.kind.payload().len(),
                _ => 0,
            })
            .sum()
    }

    /// Whether it sends a text message that a target has to take, in a frame of its own.
    pub fn sends_text(&self) -> bool {
        let is_text = |frame: &FrameSpec| matches!(frame.kind, Kind::Text(_) | Kind::Opcode(1, _)) && !frame.violates;
        let in_steps = self.steps.iter().any(|step| match step {
            Step::Send(send) => send.frames.iter().any(is_text),
            Step::Exchange { message, .. } => is_text(message),
            Step::Request(opening) => opening.with.iter().any(is_text),
            _ => false,
        });
        in_steps || self.opening.with.iter().any(is_text)
    }

    /// Whether another case has the same stimulus for the same targets.
    pub fn does_the_same(&self, other: &Case) -> bool {
        (&self.roles, &self.opening, &self.steps) == (&other.roles, &other.opening, &other.steps)
    }

    /// The last part of the id.
    pub fn name(&self) -> &str {
        self.id.strip_prefix(&self.group).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&self.id)
    }
}
