//! Sets of cases in few lines: `*` for all, `utf8/*` for a topic, `utf8/valid/*` for a group, `@closing` for all of a kind,
//! and exceptions behind a `-`. Of the patterns that match a case, the last decides.

use std::collections::{BTreeMap, BTreeSet};
use wsspec::case::{Case, Corpus};
use wsspec::plan::{Plan, Target, plan};

type Ids<'a> = BTreeSet<&'a str>;

/// The cases that patterns speak of.
#[derive(Clone, Debug, Default)]
pub struct Universe<'a> {
    all: Ids<'a>,
    /// Cases that have something in common, by the name for it.
    kinds: BTreeMap<&'static str, Ids<'a>>,
}

impl<'a> Universe<'a> {
    /// These cases, and what they have in common when they are run against `target`.
    pub fn new(corpus: &Corpus, cases: &[&'a Case], target: &Target) -> Universe<'a> {
        let mut universe = Universe::default();
        for case in cases {
            let plan = plan(case, target, 1, &corpus.data).expect("a case of the corpus can be planned");
            universe.all.insert(&case.id);
            for kind in kinds(&plan) {
                universe.kinds.entry(kind).or_default().insert(&case.id);
            }
        }
        universe
    }

    /// The same without all but some of the cases.
    pub fn only(&self, cases: &[&Case]) -> Universe<'a> {
        let chosen: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let keep = |ids: &Ids<'a>| ids.iter().copied().filter(|id| chosen.contains(id)).collect();
        let kinds = self.kinds.iter().map(|(kind, ids)| (*kind, keep(ids))).collect();
        Universe { all: keep(&self.all), kinds }
    }

    /// The shortest list of patterns for these cases.
    pub fn compress(&self, chosen: &Ids<'_>) -> Vec<String> {
        let chosen: Ids<'a> = self.all.iter().copied().filter(|id| chosen.contains(id)).collect();
        let plain = within("", &chosen, &self.all);
        let by_kind = self.kinds.iter().map(|(kind, ids)| {
            let mut patterns = within("", &chosen.difference(ids).copied().collect(), &self.all);
            patterns.push(format!("@{kind}"));
            let missing = ids.difference(&chosen).copied().collect();
            patterns.extend(parts("", &missing, &self.all).into_iter().map(|pattern| format!("-{pattern}")));
            patterns
        });
        let readable = |patterns: &Vec<String>| !patterns.iter().any(|pattern| pattern.starts_with("--"));
        std::iter::once(plain).chain(by_kind.filter(readable)).min_by_key(Vec::len).unwrap_or_default()
    }

    /// Whether a case is in the set that the patterns mean.
    pub fn contains(&self, patterns: &[String], id: &str) -> bool {
        let matches = |pattern: &str| match (pattern.strip_prefix('@'), pattern.strip_suffix('*')) {
            (Some(kind), _) => self.kinds.get(kind).is_some_and(|ids| ids.contains(id)),
            (None, Some(scope)) => id.starts_with(scope),
            (None, None) => id == pattern,
        };
        let last = patterns.iter().rev().find_map(|pattern| match pattern.strip_prefix('-') {
            Some(except) => matches(except).then_some(false),
            None => matches(pattern).then_some(true),
        });
        last.unwrap_or(false)
    }
}

fn kinds(plan: &Plan) -> impl Iterator<Item = &'static str> {
    let violates = plan.violation.is_some();
    let holding = [
        ("violating", violates),
        ("closing", !violates && !plan.closes.is_empty()),
        ("pinging", !plan.pings.is_empty()),
        ("messaging", !plan.messages.is_empty()),
    ];
    holding.into_iter().filter(|(_, holds)| *holds).map(|(kind, _)| kind)
}

/// The patterns for those below `scope`, which is empty or ends with a slash.
fn within<'a>(scope: &str, chosen: &Ids<'a>, all: &Ids<'a>) -> Vec<String> {
    let one_by_one = parts(scope, chosen, all);
    let missing = all.difference(chosen).copied().collect();
    let mut whole = vec![format!("{scope}*")];
    whole.extend(parts(scope, &missing, all).into_iter().map(|pattern| format!("-{pattern}")));
    let readable = !whole.iter().any(|pattern| pattern.starts_with("--"));
    if !chosen.is_empty() && readable && whole.len() < one_by_one.len().max(2) { whole } else { one_by_one }
}

fn parts<'a>(scope: &str, chosen: &Ids<'a>, all: &Ids<'a>) -> Vec<String> {
    let mut below: BTreeMap<&str, Ids<'a>> = BTreeMap::new();
    for id in all {
        let end = id[scope.len()..].find('/').map_or(id.len(), |slash| scope.len() + slash + 1);
        below.entry(&id[..end]).or_default().insert(id);
    }
    let mut patterns = Vec::new();
    for (part, ids) in below {
        let here: Ids<'a> = ids.intersection(chosen).copied().collect();
        match part.ends_with('/') {
            _ if here.is_empty() => {}
            true => patterns.extend(within(part, &here, &ids)),
            false => patterns.push(part.to_owned()),
        }
    }
    patterns
}

#[test]
fn patterns_mean_the_set_that_they_were_made_of() {
    let universe = Universe {
        all: ["a/x/1", "a/x/2", "a/x/3", "a/x/4", "a/y/1", "b/x/1", "b/x/2", "c/z/1"].into(),
        kinds: [("odd", ["a/x/1", "a/x/3", "a/y/1", "b/x/1", "c/z/1"].into())].into(),
    };
    for (chosen, expected) in [
        (&[][..], &[][..]),
        (&["a/x/2"], &["a/x/2"]),
        (&["c/z/1"], &["c/*"]),
        (&["a/x/1", "a/x/2", "a/x/3", "a/x/4", "a/y/1"], &["a/*"]),
        (&["a/x/1", "a/x/2", "a/x/4"], &["a/x/*", "-a/x/3"]),
        (&["a/x/1", "a/x/2", "a/x/3", "a/y/1", "b/x/1", "b/x/2", "c/z/1"], &["*", "-a/x/4"]),
        (&["a/x/1", "a/x/3", "a/y/1", "b/x/1", "c/z/1"], &["@odd"]),
        (&["a/x/2", "a/x/3", "a/y/1", "b/x/1", "c/z/1"], &["a/x/2", "@odd", "-a/x/1"]),
    ] {
        let chosen: Ids<'_> = chosen.iter().copied().collect();
        let patterns = universe.compress(&chosen);
        assert_eq!(patterns, expected);
        let again: Ids<'_> = universe.all.iter().copied().filter(|id| universe.contains(&patterns, id)).collect();
        assert_eq!(again, chosen, "{patterns:?}");
    }
}
