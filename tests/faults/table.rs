//! The golden tables: for every quirk, which cases come out otherwise than against a conforming server.

use crate::patterns::Universe;
use crate::sweep::Seen;
use crate::trial::Trial;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wsspec::judge::Outcome;

/// What the corpus finds of one quirk; patterns as in [`crate::patterns`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The groups of large or many messages that were run too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    large: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fail: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    broken: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flaky: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warn: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skip: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    info: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pass: Vec<String>,
    /// Why the run could not begin, or ended early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
}

/// Rows by the name of the quirk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Table(pub BTreeMap<String, Row>);

impl Row {
    /// What a run found, where it differs from the outcomes of a conforming server.
    pub fn of(trial: &Trial, seen: &Seen, usual: &BTreeMap<String, Outcome>) -> Row {
        let universe = trial.universe();
        let with = |outcome: Outcome| {
            let chosen = seen.outcomes.iter().filter(|(id, found)| **found == outcome && usual.get(*id) != Some(found));
            universe.compress(&chosen.map(|(id, _)| id.as_str()).collect())
        };
        Row {
            large: trial.large.iter().map(|group| (*group).to_owned()).collect(),
            fail: with(Outcome::Fail),
            broken: with(Outcome::Broken),
            flaky: with(Outcome::Flaky),
            warn: with(Outcome::Warn),
            skip: with(Outcome::Skip),
            info: with(Outcome::Info),
            pass: with(Outcome::Pass),
            stopped: seen.stopped.clone(),
        }
    }

    /// The outcome of a case that the row speaks of.
    pub fn outcome(&self, universe: &Universe<'_>, id: &str) -> Option<Outcome> {
        let lists = [
            (Outcome::Fail, &self.fail),
            (Outcome::Broken, &self.broken),
            (Outcome::Flaky, &self.flaky),
            (Outcome::Warn, &self.warn),
            (Outcome::Skip, &self.skip),
            (Outcome::Info, &self.info),
            (Outcome::Pass, &self.pass),
        ];
        lists.into_iter().find(|(_, list)| universe.contains(list, id)).map(|(outcome, _)| outcome)
    }

    /// Whether a run against this server ends with an exit code that is not 0.
    pub fn is_detected(&self) -> bool {
        !self.fail.is_empty() || !self.broken.is_empty() || !self.flaky.is_empty() || self.stopped.is_some()
    }

    /// Whether a run warns of it and no more.
    pub fn is_warned_of(&self) -> bool {
        !self.is_detected() && !self.warn.is_empty()
    }
}

impl Table {
    /// The golden table of that name; empty where there is none yet.
    pub fn read(name: &str) -> Table {
        let text = std::fs::read_to_string(path(name)).unwrap_or_else(|_| "{}".to_owned());
        serde_json::from_str(&text)
            .expect("a golden table is well-formed; without its file WSSPEC_BLESS=1 writes it anew")
    }

    fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a table can be written");
        text.push('\n');
        text
    }

    /// Compares with the golden table of that name, or becomes it.
    pub fn compare(&self, name: &str) {
        if std::env::var_os("WSSPEC_BLESS").is_some() {
            let mut rows = if crate::only().is_some() { Table::read(name).0 } else { BTreeMap::new() };
            rows.extend(self.0.clone());
            std::fs::write(path(name), Table(rows).text()).expect("the table can be written");
            return;
        }
        let mut golden = Table::read(name);
        golden.0.retain(|quirk, _| crate::only().is_none() || self.0.contains_key(quirk));
        let (golden, found) = (golden.text(), self.text());
        if golden != found {
            let diff = similar::TextDiff::from_lines(&golden, &found);
            let shown = diff.unified_diff().context_radius(8).to_string();
            panic!("the golden table of the {name} differs; WSSPEC_BLESS=1 writes it anew\n{shown}");
        }
    }
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("json")
}
