//! Which cases of the corpus run: globs over ids, requirements, Autobahn ids, and tags.

use super::{Case, Corpus};
use globset::{GlobBuilder, GlobMatcher};

/// What the user asked for; an empty list asks for nothing in particular.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Globs over case ids.
    pub cases: Vec<String>,
    /// Globs over requirement ids.
    pub requirements: Vec<String>,
    /// Globs over Autobahn ids.
    pub autobahn: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Globs over case ids, requirement ids and Autobahn ids that are left out.
    pub exclude: Vec<String>,
    /// Whether cases that could harm a target are meant too; where a case or tag is named, it decides.
    pub abuse: bool,
}

/// The tag of cases that could harm a target.
const ABUSE: &str = "abuse";

/// Why a selection has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A glob is malformed.
    #[error("could not read the pattern `{pattern}`: {reason}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pattern matches nothing.
    #[error("no case matches {option} `{pattern}`{hint}")]
    NothingMatches {
        /// The option that carried it.
        option: &'static str,
        /// The pattern.
        pattern: String,
        /// A near match, or nothing.
        hint: String,
    },
    /// Each pattern matches something, all together match nothing.
    #[error("no case is left: the filters exclude each other")]
    Empty,
}

type Keys = fn(&Case) -> Vec<&str>;

fn case_keys(case: &Case) -> Vec<&str> {
    vec![&case.id]
}

fn requirement_keys(case: &Case) -> Vec<&str> {
    case.checks.iter().flat_map(|check| &check.requirements).map(String::as_str).collect()
}

fn autobahn_keys(case: &Case) -> Vec<&str> {
    case.autobahn.iter().map(String::as_str).collect()
}

fn tag_keys(case: &Case) -> Vec<&str> {
    case.tags.iter().map(String::as_str).collect()
}

fn all_keys(case: &Case) -> Vec<&str> {
    let mut keys = case_keys(case);
    keys.extend(requirement_keys(case));
    keys.extend(autobahn_keys(case));
    keys.extend(tag_keys(case));
    keys
}

impl Selection {
    /// The selected cases in the order of the corpus: each kind of filter narrows, the patterns of one kind add up.
    pub fn apply<'c>(&self, corpus: &'c Corpus) -> Result<Vec<&'c Case>, SelectError> {
        let is_named = !self.cases.is_empty() || !self.tags.is_empty();
        let is_held_back = |case: &&Case| case.tags.iter().any(|tag| tag == ABUSE) && !self.abuse && !is_named;
        let mut selected: Vec<&Case> = corpus.cases().filter(|case| !is_held_back(case)).collect();
        let kinds: [(&'static str, &[String], Keys); 4] = [
            ("--case", &self.cases, case_keys),
            ("--requirement", &self.requirements, requirement_keys),
            ("--autobahn", &self.autobahn, autobahn_keys),
            ("--tag", &self.tags, tag_keys),
        ];
        for (option, patterns, keys) in kinds {
            if !patterns.is_empty() {
                let globs = compile(option, patterns, keys, corpus)?;
                selected.retain(|case| matches_any(&globs, &keys(case)));
            }
        }
        if !self.exclude.is_empty() {
            let globs = compile("--exclude", &self.exclude, all_keys, corpus)?;
            selected.retain(|case| !matches_any(&globs, &all_keys(case)));
        }
        if selected.is_empty() { Err(SelectError::Empty) } else { Ok(selected) }
    }
}

fn matches_any(globs: &[GlobMatcher], keys: &[&str]) -> bool {
    keys.iter().any(|key| globs.iter().any(|glob| glob.is_match(key)))
}

fn compile(
    option: &'static str,
    patterns: &[String],
    keys: Keys,
    corpus: &Corpus,
) -> Result<Vec<GlobMatcher>, SelectError> {
    patterns
        .iter()
        .map(|pattern| {
            let glob = GlobBuilder::new(pattern)
                .build()
                .map_err(|fault| SelectError::BadPattern {
                    pattern: pattern.clone(),
                    reason: fault.kind().to_string(),
                })?
                .compile_matcher();
            if corpus.cases().any(|case| matches_any(std::slice::from_ref(&glob), &keys(case))) {
                return Ok(glob);
            }
            let known = corpus.cases().flat_map(keys);
            let hint = nearest(pattern, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Err(SelectError::NothingMatches { option, pattern: pattern.clone(), hint })
        })
        .collect()
}

/// The known word that is most like `word`, when any is like enough to be meant.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let likeness = |candidate: &str| similar::TextDiff::from_chars(word, candidate).ratio();
    known
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(ratio, _)| *ratio > 0.6)
        .max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    fn corpus() -> Corpus {
        let text = r#"{"group": "g", "title": "", "why": "", "tags": ["all"], "cases": [
            {"name": "one", "title": "", "autobahn": "1.1", "steps": [], "checks": [{"must": "6455-5.2-1", "expect": "echo"}]},
            {"name": "two", "title": "", "autobahn": "10.1", "tags": ["slow"], "steps": [], "checks": [{"must": "6455-7.1-1", "expect": "echo"}]}
        ]}"#;
        let files = BTreeMap::from([("g.json".into(), text.as_bytes().to_vec())]);
        Corpus::from_files(Path::new("cases"), files).unwrap()
    }

    fn ids(selection: &Selection) -> Result<Vec<String>, SelectError> {
        let corpus = corpus();
        selection.apply(&corpus).map(|cases| cases.iter().map(|case| case.name().to_owned()).collect())
    }

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn patterns_of_a_kind_add_up_and_kinds_narrow() {
        assert_eq!(ids(&Selection::default()).unwrap(), ["one", "two"]);
        let both = Selection { cases: words(&["g/one", "*/two"]), ..Selection::default() };
        assert_eq!(ids(&both).unwrap(), ["one", "two"]);
        let narrowed = Selection { autobahn: words(&["1.*"]), ..both };
        assert_eq!(ids(&narrowed).unwrap(), ["one"]);
        let tagged = Selection { tags: words(&["all"]), exclude: words(&["6455-5.2*"]), ..Selection::default() };
        assert_eq!(ids(&tagged).unwrap(), ["two"]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_an_error() {
        let fault = ids(&Selection { cases: words(&["g/won"]), ..Selection::default() }).unwrap_err();
        assert_eq!(fault.to_string(), "no case matches --case `g/won`; did you mean `g/one`?");
        let fault = ids(&Selection { exclude: words(&["nope"]), ..Selection::default() }).unwrap_err();
        assert!(matches!(fault, SelectError::NothingMatches { option: "--exclude", .. }));
        let fault = ids(&Selection { cases: words(&["a[b"]), ..Selection::default() }).unwrap_err();
        assert!(matches!(fault, SelectError::BadPattern { .. }));
        let apart = Selection { cases: words(&["g/one"]), tags: words(&["slow"]), ..Selection::default() };
        assert_eq!(ids(&apart), Err(SelectError::Empty));
    }
}
