//! A user's old results from Autobahn beside ours, with a reason for each disagreement.

use super::Catalogue;
use crate::case::SourceError;
use crate::case::autobahn_difference::Differences;
use crate::report::autobahn::{Behavior, BehaviorClose, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The version of the format.
pub const FORMAT: u32 = 1;

/// What an `index.json` of Autobahn says of one case; other keys are of no interest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OldResult {
    /// What the target did.
    pub behavior: String,
    /// How it closed the connection.
    pub behavior_close: String,
}

/// An `index.json` of Autobahn: for each agent the results by id.
pub type OldIndex = BTreeMap<String, BTreeMap<String, OldResult>>;

/// What our run says of one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OurResult {
    /// Our outcome in our word.
    pub outcome: &'static str,
    /// The same in Autobahn's.
    pub words: Words,
    /// Whether all that failed was seen by monitors.
    pub of_monitor: bool,
}

/// The old results of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Baseline {
    /// The version of the format.
    pub format: u32,
    /// The agent.
    pub agent: String,
    /// Every id that the old results have, in numeric order.
    pub cases: Vec<Line>,
}

/// One id of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The id.
    pub id: String,
    /// The case that has its stimulus.
    pub case: Option<String>,
    /// Autobahn's words.
    pub autobahn: Pair,
    /// Ours, where a run is compared and has the case.
    pub wsspec: Option<Pair>,
    /// Our outcome.
    pub outcome: Option<&'static str>,
    /// How the two compare.
    pub standing: Standing,
    /// Why they disagree.
    pub reason: Option<String>,
}

/// Behavior and behaviorClose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    /// What the target did.
    pub behavior: String,
    /// How it closed the connection.
    pub behavior_close: String,
}

/// How an old result and ours compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The same words.
    Agrees,
    /// Other words, for a reason that is known.
    Explained,
    /// Other words, for no reason that is known: the target may have changed.
    Unexplained,
    /// Nothing to compare with.
    NotCompared,
    /// No such id is known.
    UnknownId,
}

impl Pair {
    fn of(words: &Words) -> Pair {
        Pair { behavior: words.behavior.word().to_owned(), behavior_close: words.behavior_close.word().to_owned() }
    }

    /// Whether most who read such a result take it for a success.
    pub fn is_good(&self) -> bool {
        let bad = [Behavior::Failed.word(), BehaviorClose::Unclean.word(), BehaviorClose::WrongCode.word()];
        let bad = |word: &str| bad.contains(&word) || word == BehaviorClose::FailedByClient.word();
        !bad(&self.behavior) && !bad(&self.behavior_close)
    }

    /// The two as differences are written.
    pub fn joined(&self) -> String {
        format!("{}/{}", self.behavior, self.behavior_close)
    }
}

/// Reads an `index.json`; `path` is only named in faults.
pub fn read(path: &Path, text: &str) -> Result<OldIndex, SourceError> {
    serde_json::from_str(text).map_err(|fault| SourceError::from_json(path, text, &fault))
}

impl Baseline {
    /// Sets the old results of an agent beside ours by id.
    pub fn new(
        agent: &str,
        old: &BTreeMap<String, OldResult>,
        ours: Option<&BTreeMap<String, OurResult>>,
        catalogue: &Catalogue<'_>,
        differences: &Differences,
    ) -> Baseline {
        let mut cases: Vec<(usize, Line)> = Vec::new();
        for (id, result) in old {
            let entry = catalogue.entry(id);
            let autobahn = Pair { behavior: result.behavior.clone(), behavior_close: result.behavior_close.clone() };
            let our = ours.and_then(|ours| ours.get(id));
            let wsspec = our.map(|our| Pair::of(&our.words));
            let (standing, reason) = compare(
                (id, entry.is_some()),
                &autobahn,
                wsspec.as_ref(),
                our.is_some_and(|our| our.of_monitor),
                differences,
            );
            let line = Line {
                id: id.clone(),
                case: entry.and_then(|entry| entry.case).map(|case| case.id.clone()),
                autobahn,
                wsspec,
                outcome: our.map(|our| our.outcome),
                standing,
                reason,
            };
            cases.push((entry.map_or(usize::MAX, |entry| entry.index), line));
        }
        cases.sort_by_key(|(index, _)| *index);
        Baseline { format: FORMAT, agent: agent.to_owned(), cases: cases.into_iter().map(|(_, line)| line).collect() }
    }

    /// How many ids stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.cases.iter().filter(|line| line.standing == standing).count()
    }
}

fn compare(
    (id, is_known): (&str, bool),
    autobahn: &Pair,
    wsspec: Option<&Pair>,
    of_monitor: bool,
    differences: &Differences,
) -> (Standing, Option<String>) {
    match wsspec {
        _ if !is_known => (Standing::UnknownId, None),
        None => (Standing::NotCompared, None),
        Some(wsspec) if wsspec == autobahn => (Standing::Agrees, None),
        Some(wsspec) => match differences.explain(id, &autobahn.joined(), &wsspec.joined(), of_monitor) {
            Some(difference) => (Standing::Explained, Some(format!("{}: {}", difference.why, difference.reason))),
            None => (Standing::Unexplained, None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Corpus;

    #[test]
    fn each_disagreement_has_a_reason_or_is_told() {
        let corpus = Corpus::embedded().unwrap();
        let text = r#"{"ws": {
            "10.1.1": {"behavior": "OK", "behaviorClose": "OK", "duration": 1, "remoteCloseCode": 1000, "reportfile": "x"},
            "2.1": {"behavior": "OK", "behaviorClose": "OK"}, "9.1.6": {"behavior": "FAILED", "behaviorClose": "FAILED"},
            "3.1": {"behavior": "FAILED", "behaviorClose": "FAILED"}, "99.1": {"behavior": "OK", "behaviorClose": "OK"}}}"#;
        let old = read(Path::new("index.json"), text).unwrap();
        let our = |behavior, behavior_close| OurResult {
            outcome: "pass",
            of_monitor: false,
            words: Words {
                behavior,
                behavior_close,
                remote_close_code: None,
                result: String::new(),
                result_close: String::new(),
            },
        };
        let ours = BTreeMap::from([
            ("2.1".to_owned(), our(Behavior::Ok, BehaviorClose::Ok)),
            ("9.1.6".to_owned(), our(Behavior::Informational, BehaviorClose::Informational)),
            ("3.1".to_owned(), our(Behavior::Ok, BehaviorClose::Ok)),
        ]);
        let catalogue = Catalogue::new(&corpus);
        let baseline = Baseline::new("ws", &old["ws"], Some(&ours), &catalogue, &corpus.autobahn_differences);
        let standings: Vec<(&str, Standing)> =
            baseline.cases.iter().map(|line| (line.id.as_str(), line.standing)).collect();
        assert_eq!(
            standings,
            [
                ("2.1", Standing::Agrees),
                ("3.1", Standing::Unexplained),
                ("9.1.6", Standing::Explained),
                ("10.1.1", Standing::NotCompared),
                ("99.1", Standing::UnknownId),
            ]
        );
        assert!(baseline.cases[2].reason.as_ref().is_some_and(|reason| reason.contains("10.4")));
        assert!(!baseline.cases[1].autobahn.is_good() && baseline.cases[0].autobahn.is_good());
    }

    #[test]
    fn another_file_is_refused_with_its_place() {
        let fault = read(Path::new("index.json"), "{\"ws\": {\"1.1.1\": {\"behavior\": 1}}}").unwrap_err();
        assert_eq!((fault.line, fault.column > 1), (1, true));
    }
}
