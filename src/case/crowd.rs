//! The crowd of a case: other connections to the target, before and beside the conversation that is judged.
//!
//! What a crowd gets in answer is nobody's fault: a target may turn it away. Only its number is kept; the checks of the case
//! say what the target must still do for others.

use super::{Case, Opening, PayloadSpec, Role, Step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// So many connections are harmless; what has more is tagged `abuse`.
pub const HARMLESS: u32 = 100;
/// So many connections may be open at a time.
pub const MOST_AT_ONCE: u32 = 1024;

/// Other connections, all with the same steps and each with a seed of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// How many connections.
    pub connections: u32,
    /// How many of them are under way at a time.
    pub at_once: u32,
    /// Changes to their opening handshakes.
    #[serde(default)]
    pub opening: Opening,
    /// The steps of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Make what an opening repeats twice as long from each connection to the next, and note how long each took to be answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubling: bool,
    /// Keep them open behind their steps until the conversation that is judged is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

impl Crowd {
    /// One of the connections as a case of its own; its number gives it other masks and random payloads.
    pub fn member(&self, case: &Case, number: u32) -> Case {
        let opening = match &self.opening.raw {
            Some(raw) if self.doubling => Opening { raw: Some(raw.grown(1 << number.min(63))), ..self.opening.clone() },
            _ => self.opening.clone(),
        };
        Case { opening, ..Case::bare(format!("{}/crowd/{number}", case.id), self.steps.clone()) }
    }

    /// What is wrong with it, in a case for these roles and with these tags.
    pub(super) fn faults(&self, roles: &[Role], tags: &[String]) -> Vec<String> {
        let Crowd { connections, at_once, .. } = *self;
        let mut faults = Vec::new();
        if connections == 0 || at_once == 0 {
            faults.push("a crowd without a connection".to_owned());
        }
        if at_once > MOST_AT_ONCE || self.held && connections > MOST_AT_ONCE {
            faults.push(format!("more than {MOST_AT_ONCE} connections of the crowd would be open at a time"));
        }
        if at_once > connections {
            faults.push(format!("{at_once} of {connections} connections cannot be under way at a time"));
        }
        if connections > HARMLESS && !tags.iter().any(|tag| tag == "abuse") {
            faults.push(format!("a crowd of more than {HARMLESS} connections needs the tag `abuse`"));
        }
        if roles.len() != 1 {
            faults.push("a crowd is of servers or of clients, not of both".to_owned());
        }
        if roles == [Role::Client] && (at_once != 1 || self.held || self.doubling) {
            faults.push("clients of a crowd come one after the other".to_owned());
        }
        let grows = |raw: &PayloadSpec| raw.grown(2) != *raw;
        if self.doubling && (connections != 4 || at_once != 1 || !self.opening.raw.as_ref().is_some_and(grows)) {
            faults.push("a crowd that is `doubling` has four connections, one at a time, and repeats something in a raw opening".to_owned());
        }
        let waits =
            |step: &Step| matches!(step, Step::Barrier | Step::Await(_) | Step::Close(_) | Step::Exchange { .. });
        if self.opening.unanswered && self.steps.iter().any(waits) {
            faults.push("a crowd that is `unanswered` waits for something else".to_owned());
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misuse_is_named() {
        for (crowd, words) in [
            (r#"{"connections": 0, "at_once": 0}"#, "without a connection"),
            (r#"{"connections": 5000, "at_once": 2000}"#, "open at a time"),
            (r#"{"connections": 5000, "at_once": 20, "held": true}"#, "open at a time"),
            (r#"{"connections": 5, "at_once": 6}"#, "cannot be under way"),
            (r#"{"connections": 101, "at_once": 6}"#, "needs the tag `abuse`"),
            (r#"{"connections": 4, "at_once": 1, "doubling": true, "opening": {"raw": "GET"}}"#, "repeats something"),
            (
                r#"{"connections": 5, "at_once": 1, "doubling": true, "opening": {"raw": {"names": 9}}}"#,
                "four connections",
            ),
            (
                r#"{"connections": 1, "at_once": 1, "opening": {"unanswered": true}, "steps": ["barrier"]}"#,
                "something else",
            ),
        ] {
            let crowd: Crowd = serde_json::from_str(crowd).unwrap();
            let faults = crowd.faults(&[Role::Server], &[]);
            assert!(faults.iter().any(|fault| fault.contains(words)), "{words}: {faults:?}");
            assert!(crowd.faults(&[Role::Server, Role::Client], &[]).len() > faults.len());
        }
    }
}
