//! A case in prose, made from its steps and checks alone, so that the prose cannot drift away from what is run.

mod check;
mod crowd;
mod frame;
mod opening;
mod payload;
mod step;

use super::Printable;
use crate::case::{Case, Level, Need, Register, Role};
use serde::Serialize;

/// A case as a reader wants it told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The id.
    pub id: Printable,
    /// What is sent and what is at stake.
    pub title: Printable,
    /// Why the case exists.
    pub why: Vec<Printable>,
    /// For whom it is and where else it is known, as pairs of name and value.
    pub about: Vec<(&'static str, Printable)>,
    /// What is unusual about the opening handshake.
    pub opening: Vec<Printable>,
    /// What the harness does, in order.
    pub steps: Vec<StepProse>,
    /// What is expected, in the order of the checks.
    pub checks: Vec<CheckProse>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepProse {
    /// The step as a sentence; it ends with a colon where items follow.
    pub says: Printable,
    /// What the sentence announces: the frames of a write, in order.
    pub items: Vec<Printable>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckProse {
    /// How binding it is, as in `Required (MUST)`.
    pub level: &'static str,
    /// The same as a word for styles: `must`, `should` or `may`.
    pub word: &'static str,
    /// What is expected.
    pub says: Printable,
    /// The requirements that ask for it.
    pub requirements: Vec<RequirementProse>,
    /// Where they stand, each place once.
    pub places: Printable,
}

/// A requirement in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RequirementProse {
    /// The id.
    pub id: Printable,
    /// The key word of RFC 2119; empty when the requirement is not in the register.
    pub level: Printable,
    /// What it asks.
    pub statement: Printable,
    /// Where it stands, as in `RFC 6455, section 5.2`.
    pub place: Printable,
}

impl RequirementProse {
    /// The requirement of that id.
    pub fn of(id: &str, register: &Register) -> RequirementProse {
        match register.get(id) {
            Some(known) => RequirementProse {
                id: id.into(),
                level: (&known.level).into(),
                statement: (&known.statement).into(),
                place: known.place().into(),
            },
            // a stored run may cite what a newer corpus has dropped
            None => RequirementProse {
                id: id.into(),
                level: Printable::default(),
                statement: "This requirement is not in the register of this wsspec.".into(),
                place: "place unknown".into(),
            },
        }
    }
}

/// Tells a case.
pub fn explain(case: &Case, register: &Register) -> Explanation {
    let roles: &[Role] = &case.roles;
    Explanation {
        id: (&case.id).into(),
        title: (&case.title).into(),
        why: case.why.iter().map(Printable::from).collect(),
        about: about(case),
        opening: opening::told(&case.opening, &case.roles).into_iter().map(Printable::from).collect(),
        steps: crowd::told(case).into_iter().chain(case.steps.iter().map(|step| step::told(step, roles))).collect(),
        checks: case
            .checks
            .iter()
            .map(|check| {
                let cited = check.requirements.iter().map(|id| RequirementProse::of(id, register));
                let requirements: Vec<RequirementProse> = cited.collect();
                CheckProse {
                    level: level(check.level),
                    word: level_word(check.level),
                    says: check::told(&check.expect).into(),
                    places: places(&requirements),
                    requirements,
                }
            })
            .collect(),
    }
}

fn places(requirements: &[RequirementProse]) -> Printable {
    let mut places: Vec<&str> = requirements.iter().map(|requirement| requirement.place.as_str()).collect();
    places.sort_unstable();
    places.dedup();
    places.join("; ").into()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "Required (MUST)",
        Level::Should => "Recommended (SHOULD)",
        Level::May => "Told, not judged (MAY)",
    }
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
    }
}

fn about(case: &Case) -> Vec<(&'static str, Printable)> {
    let mut about = Vec::new();
    let roles: Vec<&str> = case
        .roles
        .iter()
        .map(|role| match role {
            Role::Server => "servers",
            Role::Client => "clients",
        })
        .collect();
    about.push(("For", Printable::from(roles.join(" and "))));
    if !case.needs.is_empty() {
        let needs: Vec<&str> = case
            .needs
            .iter()
            .map(|need| match need {
                Need::Echo => "a target that sends every message back",
                Need::Text => "a target that takes text messages",
                Need::Binary => "a target that takes binary messages",
                Need::Tls => "a target that is reached through TLS",
                Need::RefusedOrigin => "a target of which the user knows an origin that it refuses",
                Need::MissingPath => "a target of which the user knows a path at which it serves nothing",
                Need::Subprotocol => "a target of which the user knows a subprotocol",
                Need::Url => "a client that connects to the URL that it is started with",
                Need::Commands => "a client that does what a message tells it to",
                Need::Deflate => "a target that speaks permessage-deflate",
            })
            .collect();
        about.push(("Needs", Printable::from(needs.join(", "))));
    }
    if !case.autobahn.is_empty() {
        about.push(("Autobahn", Printable::from(case.autobahn.join(", "))));
    }
    if !case.tags.is_empty() {
        about.push(("Tags", Printable::from(case.tags.join(", "))));
    }
    about
}

/// Members as a sentence has them: `a`, `a and b`, `a, b and c`.
fn listed(members: &[String], last: &str) -> String {
    match members {
        [] => String::new(),
        [only] => only.clone(),
        [front @ .., end] => format!("{} {last} {end}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests;
