//! Which requirement is judged by which cases and monitors, for each role.

use super::{Check, Corpus, Level, Requirement, Role};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The file `cases/spec/areas.json`: where the corpus claims to be complete.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Areas {
    /// Documents whose observable requirements all have a check, for one role.
    pub finished: Vec<Area>,
    /// Observable requirements that no check can decide as things are, with the reason.
    pub unjudged: Vec<Unjudged>,
    /// Requirements of which the checks decide only a part, with what is missing.
    #[serde(default)]
    pub partly: Vec<PartlyJudged>,
}

/// Documents, seen from one role.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// The role of the target.
    pub role: Role,
    /// The documents, as in `RFC 6455`.
    pub documents: Vec<String>,
}

/// Why a requirement has no check.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unjudged {
    /// The requirement.
    pub requirement: String,
    /// The role of the target.
    pub role: Role,
    /// The reason.
    pub why: String,
}

/// What the checks of a requirement leave open.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartlyJudged {
    /// The requirement.
    pub requirement: String,
    /// The roles of the target.
    pub roles: Vec<Role>,
    /// What no check looks at.
    pub missing: String,
}

impl PartlyJudged {
    fn is_about(&self, requirement: &str, role: Role) -> bool {
        self.requirement == requirement && self.roles.contains(&role)
    }
}

/// A requirement with everything that judges it for one role.
#[derive(Clone, Debug)]
pub struct Covered<'c> {
    /// The requirement.
    pub requirement: &'c Requirement,
    /// Cases with a check that names it, in the order of the corpus.
    pub cases: Vec<&'c str>,
    /// Facts whose monitors name it.
    pub monitors: Vec<&'c str>,
    /// Why nothing judges it, where that is known.
    pub why_not: Option<&'c str>,
    /// What no check looks at, where it is judged only in part.
    pub missing: Option<&'c str>,
}

impl Covered<'_> {
    /// Whether anything judges it.
    pub fn is_judged(&self) -> bool {
        !self.cases.is_empty() || !self.monitors.is_empty()
    }

    /// Whether its checks decide all of it.
    pub fn is_judged_whole(&self) -> bool {
        self.is_judged() && self.missing.is_none()
    }
}

impl Requirement {
    /// Whether it binds a target of that role which is no browser.
    pub fn binds(&self, role: Role) -> bool {
        self.binds_such(role, false)
    }

    /// Whether it binds a target of that role, which is a browser or not.
    pub fn binds_such(&self, role: Role, is_browser: bool) -> bool {
        self.actor.iter().any(|actor| match actor.as_str() {
            "any" => true,
            "server" => role == Role::Server,
            "client" => role == Role::Client,
            "browser" => role == Role::Client && is_browser,
            _ => false,
        })
    }
}

fn judges(check: &Check) -> bool {
    // a `may` tells what the target chose, and judges nothing
    check.level != Level::May
}

/// The requirements that bind a role, by document and in the order of their sections.
pub fn coverage(corpus: &Corpus, role: Role) -> Vec<Covered<'_>> {
    let mut cases: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in corpus.cases().filter(|case| case.roles.contains(&role)) {
        let named: BTreeSet<&str> = case
            .checks
            .iter()
            .filter(|check| judges(check))
            .flat_map(|check| &check.requirements)
            .map(String::as_str)
            .collect();
        for id in named {
            cases.entry(id).or_default().push(&case.id);
        }
    }
    let mut monitors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for monitor in corpus.monitors.iter().filter(|monitor| monitor.roles.contains(&role)) {
        for id in &monitor.requirements {
            monitors.entry(id).or_default().push(&monitor.fact);
        }
    }
    let mut covered: Vec<Covered<'_>> = corpus
        .register
        .iter()
        .filter(|requirement| requirement.binds(role))
        .map(|requirement| Covered {
            requirement,
            cases: cases.remove(requirement.id.as_str()).unwrap_or_default(),
            monitors: monitors.remove(requirement.id.as_str()).unwrap_or_default(),
            why_not: requirement.why_not.as_deref().or_else(|| {
                let known = |unjudged: &&Unjudged| unjudged.requirement == requirement.id && unjudged.role == role;
                corpus.areas.unjudged.iter().find(known).map(|unjudged| unjudged.why.as_str())
            }),
            missing: corpus
                .areas
                .partly
                .iter()
                .find(|partly| partly.is_about(&requirement.id, role))
                .map(|partly| partly.missing.as_str()),
        })
        .collect();
    covered.sort_by(|a, b| order(a.requirement).cmp(&order(b.requirement)));
    covered
}

/// Sorts `6455-5.2-10` behind `6455-5.2-9`, and section 10 behind section 9.
fn order(requirement: &Requirement) -> (&str, Vec<u64>, &str, u64) {
    let numbers = requirement.section.split('.').map(|part| part.parse().unwrap_or(u64::MAX)).collect();
    let last = requirement.id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(u64::MAX);
    (&requirement.document, numbers, &requirement.section, last)
}

/// What the claims of `areas.json` get wrong.
pub(super) fn lint_areas(corpus: &Corpus) -> Vec<String> {
    let mut faults = Vec::new();
    let areas = &corpus.areas;
    for role in [Role::Server, Role::Client] {
        let finished: BTreeSet<&str> = areas
            .finished
            .iter()
            .filter(|area| area.role == role)
            .flat_map(|area| &area.documents)
            .map(String::as_str)
            .collect();
        for covered in coverage(corpus, role) {
            let requirement = covered.requirement;
            let excused = areas.unjudged.iter().any(|entry| entry.requirement == requirement.id && entry.role == role);
            let in_area = finished.contains(requirement.document.as_str());
            if in_area && requirement.observable && !covered.is_judged() && !excused {
                faults.push(format!("nothing judges {} ({}) for a {role:?}", requirement.id, requirement.statement));
            }
            if covered.missing.is_some() && !covered.is_judged() {
                faults.push(format!(
                    "{} is said to be judged in part for a {role:?}, and nothing judges it",
                    requirement.id
                ));
            }
            if excused && covered.is_judged() {
                faults.push(format!("{} is said to be unjudged for a {role:?}, and is judged", requirement.id));
            }
        }
    }
    for entry in &areas.unjudged {
        match corpus.register.get(&entry.requirement) {
            Some(requirement) if requirement.binds(entry.role) => {}
            _ => faults.push(format!("{} is said to be unjudged, and binds no {:?}", entry.requirement, entry.role)),
        }
    }
    for entry in &areas.partly {
        let binds =
            |role: &Role| corpus.register.get(&entry.requirement).is_some_and(|known| known.binds_such(*role, true));
        for role in entry.roles.iter().filter(|role| !binds(role)) {
            faults.push(format!("{} is said to be judged in part, and binds no {role:?}", entry.requirement));
        }
        let same = areas
            .partly
            .iter()
            .filter(|other| entry.roles.iter().any(|role| other.is_about(&entry.requirement, *role)));
        if same.count() > 1 {
            faults.push(format!("{} is said twice to be judged in part", entry.requirement));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'c>(covered: &'c [Covered<'c>], id: &str) -> &'c Covered<'c> {
        covered.iter().find(|covered| covered.requirement.id == id).expect("the register has it")
    }

    #[test]
    fn what_no_check_looks_at_is_told_for_the_role_that_it_is_about() {
        let corpus = Corpus::embedded().expect("the corpus that the binary carries is right");
        let (servers, clients) = (coverage(&corpus, Role::Server), coverage(&corpus, Role::Client));
        for covered in [of(&servers, "6455-7.1.1-1"), of(&clients, "6455-7.1.1-1")] {
            assert!(covered.is_judged() && !covered.is_judged_whole());
            assert!(covered.missing.is_some_and(|missing| missing.contains("close_notify")));
        }
        assert!(of(&servers, "6455-5.2-3").is_judged_whole());
    }

    #[test]
    fn claims_about_parts_that_cannot_be_true_are_faults() {
        let partly = |requirement: &str, role| PartlyJudged {
            requirement: requirement.to_owned(),
            roles: vec![role],
            missing: "the rest".to_owned(),
        };
        let mut corpus = Corpus::embedded().expect("the corpus that the binary carries is right");
        assert_eq!(lint_areas(&corpus), Vec::<String>::new());
        corpus.areas.partly.extend([
            partly("6455-5.1-1", Role::Server),
            partly("6455-10.4-2", Role::Server),
            partly("6455-7.1.1-1", Role::Server),
        ]);
        let faults = lint_areas(&corpus).join("\n");
        for (id, what) in [
            ("6455-5.1-1", "binds no Server"),
            ("6455-10.4-2", "nothing judges it"),
            ("6455-7.1.1-1", "said twice to be judged in part"),
        ] {
            assert!(faults.lines().any(|fault| fault.starts_with(id) && fault.contains(what)), "{id} in {faults}");
        }
    }
}
