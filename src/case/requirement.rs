//! The register of requirements: what the RFCs ask of an endpoint, one file per RFC under `cases/spec/`.

use super::Role;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The id: document, section, number, as in `6455-5.2-3`.
    pub id: String,
    /// The section it stands in.
    pub section: String,
    /// The key word of RFC 2119: MUST, MUST NOT, SHOULD, SHOULD NOT, MAY.
    pub level: String,
    /// Whom it binds: any, client, browser, server, proxy.
    pub actor: Vec<String>,
    /// What it asks, in our own words.
    pub statement: String,
    /// Whether a peer can see on the wire that it is kept.
    pub observable: bool,
    /// How a peer can see it.
    #[serde(default)]
    pub how: Option<String>,
    /// Why no peer can see it.
    #[serde(default)]
    pub why_not: Option<String>,
    /// What to mind.
    #[serde(default)]
    pub notes: Option<String>,
    /// What makes it binding: a key word, a definition, the grammar.
    pub basis: String,
    /// Families of the case catalogue that judge it.
    #[serde(default)]
    pub cases: Vec<String>,
    /// Autobahn cases that touch it.
    #[serde(default)]
    pub autobahn: Vec<String>,
    /// The document as a reader names it, as in `RFC 6455`; filled in from the file.
    #[serde(skip)]
    pub document: String,
}

impl Requirement {
    /// Where it stands, as in `RFC 6455, section 5.2`.
    pub fn place(&self) -> String {
        if self.section.starts_with(|first: char| first.is_ascii_digit()) {
            format!("{}, section {}", self.document, self.section)
        } else {
            format!("{}, {}", self.document, self.section)
        }
    }
}

/// A file of the register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementFile {
    /// The document, as in `RFC 6455`.
    pub document: String,
    /// Its title.
    pub title: String,
    /// The requirements in the order of the text.
    pub requirements: Vec<Requirement>,
}

/// All requirements by id.
#[derive(Clone, Debug, Default)]
pub struct Register(BTreeMap<String, Requirement>);

impl Register {
    /// Adds the requirements of a file; the ids that were there already are returned.
    pub fn add(&mut self, file: RequirementFile) -> Vec<String> {
        let mut twice = Vec::new();
        for mut requirement in file.requirements {
            requirement.document.clone_from(&file.document);
            let id = requirement.id.clone();
            if self.0.insert(id.clone(), requirement).is_some() {
                twice.push(id);
            }
        }
        twice
    }

    /// Those of the ids that bind such a target; ids that are not known stay.
    pub fn binding(&self, ids: &[String], role: Role, is_browser: bool) -> Vec<String> {
        let binds = |id: &&String| self.get(id).is_none_or(|requirement| requirement.binds_such(role, is_browser));
        ids.iter().filter(binds).cloned().collect()
    }

    /// The requirement of that id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.0.get(id)
    }

    /// All of them, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.0.values()
    }
}
