//! The ids of Autobahn in its order, each with the case that has its stimulus, and the selection of a spec file.

use super::pattern::{CasePattern, PatternError, WholePattern};
use super::spec::Spec;
use crate::case::autobahn::Entry;
use crate::case::{Case, Corpus};
use std::collections::BTreeMap;

/// Every id of Autobahn.
#[derive(Debug)]
pub struct Catalogue<'c> {
    entries: Vec<Entry<'c>>,
}

/// Why nothing could be selected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A pattern is malformed.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// An id in `cases` is none.
    #[error("`cases` names `{0}`, and no case has that id")]
    Unknown(String),
    /// Nothing is left.
    #[error("`cases` without `exclude-cases` leaves no case to run")]
    Nothing,
}

/// The cases of a spec file.
#[derive(Clone, Debug)]
pub struct Selection<'c> {
    /// The cases in numeric order.
    pub entries: Vec<Entry<'c>>,
    /// Which of them agents are spared.
    pub spared: Spared,
}

/// The cases that agents of some names are spared.
#[derive(Clone, Debug, Default)]
pub struct Spared(Vec<(WholePattern, Vec<WholePattern>)>);

impl Spared {
    /// Whether an agent of that name is spared a case.
    pub fn has(&self, agent: &str, id: &str) -> bool {
        self.0.iter().any(|(agents, cases)| agents.matches(agent) && cases.iter().any(|pattern| pattern.matches(id)))
    }
}

impl<'c> Catalogue<'c> {
    /// The ids of a corpus.
    pub fn new(corpus: &'c Corpus) -> Catalogue<'c> {
        let mut cases: BTreeMap<&str, &Case> = BTreeMap::new();
        for case in corpus.cases() {
            for id in &case.autobahn {
                cases.entry(id).or_insert(case);
            }
        }
        let known = &corpus.autobahn;
        let entries = known.ids.iter().zip(1..).filter_map(|(id, index)| {
            let expectation = known.expectations.get(&id.expects)?;
            let case = cases.get(id.id.as_str()).copied();
            Some(id.entry(expectation, index, case, &known.unimplemented))
        });
        Catalogue { entries: entries.collect() }
    }

    /// Every id in numeric order.
    pub fn entries(&self) -> &[Entry<'c>] {
        &self.entries
    }

    /// The entry of an id, numbered among all.
    pub fn entry(&self, id: &str) -> Option<&Entry<'c>> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The cases that a spec file asks for.
    pub fn select(&self, spec: &Spec) -> Result<Selection<'c>, SelectError> {
        let parse = |patterns: &[String]| {
            patterns.iter().map(|pattern| CasePattern::parse(pattern)).collect::<Result<Vec<_>, _>>()
        };
        let cases = parse(spec.cases.as_deref().unwrap_or_default())?;
        let excluded = parse(&spec.exclude_cases)?;
        for pattern in &cases {
            if let CasePattern::Literal(id) = pattern
                && self.entry(id).is_none()
            {
                return Err(SelectError::Unknown(id.clone()));
            }
        }
        let matches = |patterns: &[CasePattern], id: &str| patterns.iter().any(|pattern| pattern.matches(id));
        let mut entries: Vec<Entry<'c>> = self
            .entries
            .iter()
            .filter(|entry| matches(&cases, entry.id) && !matches(&excluded, entry.id))
            .cloned()
            .collect();
        if entries.is_empty() {
            return Err(SelectError::Nothing);
        }
        entries.iter_mut().zip(1..).for_each(|(entry, number)| entry.number = number);
        let whole = |patterns: &[String]| {
            patterns.iter().map(|pattern| WholePattern::parse(pattern)).collect::<Result<Vec<_>, _>>()
        };
        let spared = spec
            .exclude_agent_cases
            .iter()
            .map(|(agent, cases)| Ok((WholePattern::parse(agent)?, whole(cases)?)))
            .collect::<Result<Vec<_>, PatternError>>()?;
        Ok(Selection { entries, spared: Spared(spared) })
    }
}

impl<'c> Selection<'c> {
    /// Whether the spec file leaves out a case for an agent of that name.
    pub fn excludes(&self, agent: &str, id: &str) -> bool {
        self.spared.has(agent, id)
    }

    /// The entry of that number, from 1.
    pub fn numbered(&self, number: usize) -> Option<&Entry<'c>> {
        self.entries.get(number.checked_sub(1)?)
    }

    /// The entry of that id.
    pub fn entry(&self, id: &str) -> Option<&Entry<'c>> {
        self.entries.iter().find(|entry| entry.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    static CORPUS: LazyLock<Corpus> = LazyLock::new(|| Corpus::embedded().unwrap());

    fn spec(cases: &[&str], exclude: &[&str]) -> Spec {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Spec { cases: Some(owned(cases)), exclude_cases: owned(exclude), ..Spec::default() }
    }

    fn selected(cases: &[&str], exclude: &[&str]) -> Result<Vec<&'static str>, SelectError> {
        let selection = Catalogue::new(&CORPUS).select(&spec(cases, exclude))?;
        Ok(selection.entries.iter().map(|entry| entry.id).collect())
    }

    #[test]
    fn every_id_is_there_in_numeric_order_and_has_words() {
        let catalogue = Catalogue::new(&CORPUS);
        let parts = |id: &str| id.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
        assert_eq!(catalogue.entries().len(), 517);
        assert!(catalogue.entries().is_sorted_by(|one, next| parts(one.id) < parts(next.id)));
        for entry in catalogue.entries() {
            assert!(!entry.description.is_empty() && !entry.expectation.is_empty(), "{}", entry.id);
            let is_plain = |text: &str| !text.contains(['<', '>', '\n', '"']);
            assert!(is_plain(entry.description) && is_plain(entry.expectation), "{}", entry.id);
        }
        let has_case = catalogue.entries().iter().filter(|entry| entry.case.is_some()).count();
        assert_eq!(has_case, CORPUS.cases().map(|case| case.autobahn.len()).sum::<usize>());
        assert_eq!(catalogue.entry("7.7.4").unwrap().close.codes, [1000, 1003]);
    }

    #[test]
    fn numbers_count_what_is_selected() {
        let all = selected(&["*"], &[]).unwrap();
        assert_eq!((all.len(), all[15], all[16], all[24], all[25]), (517, "1.2.8", "2.1", "2.9", "2.10"));
        assert_eq!(selected(&["*"], &["12.*", "13.*"]).unwrap().len(), 301);
        assert_eq!(selected(&["9.*", "1.1.2", "1.1.1", "1.1.*"], &["9.*"]).unwrap().len(), 8);
        let catalogue = Catalogue::new(&CORPUS);
        let selection = catalogue.select(&spec(&["2.*"], &["2.1"])).unwrap();
        let second = selection.numbered(2).unwrap();
        assert_eq!((second.id, second.number, second.index), ("2.3", 2, 19));
        assert!(selection.numbered(0).is_none() && selection.numbered(11).is_none());
    }

    #[test]
    fn an_unknown_id_is_an_error_in_cases_and_harmless_in_exclude_cases() {
        assert_eq!(selected(&["1.1.9"], &[]), Err(SelectError::Unknown("1.1.9".to_owned())));
        assert_eq!(selected(&["abc"], &[]), Err(SelectError::Unknown("abc".to_owned())));
        assert_eq!(selected(&["1.1.1"], &["", "99.1", "abc"]), Ok(vec!["1.1.1"]));
        assert_eq!(selected(&["14.*"], &[]), Err(SelectError::Nothing));
        assert_eq!(selected(&[], &[]), Err(SelectError::Nothing));
        assert!(matches!(selected(&["*["], &[]), Err(SelectError::Pattern(_))));
    }

    #[test]
    fn agents_have_cases_of_their_own_left_out() {
        let mut spec = spec(&["*"], &[]);
        spec.exclude_agent_cases.insert("helpers/*".to_owned(), vec!["3.*".to_owned(), "9.1.6".to_owned()]);
        let selection = Catalogue::new(&CORPUS).select(&spec).unwrap();
        assert!(selection.excludes("helpers/low", "3.1") && selection.excludes("helpers/low", "9.1.6"));
        assert!(!selection.excludes("helpers/low", "13.1.1") && !selection.excludes("base", "3.1"));
        assert_eq!(selection.entries.len(), 517);
    }
}
