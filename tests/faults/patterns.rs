//! Sets of cases in few lines: `*` for all, `utf8/*` for a topic, `utf8/valid/*` for a group, and exceptions behind a `-`.

use std::collections::{BTreeMap, BTreeSet};

/// The shortest list of patterns for `chosen` out of `all`.
pub fn compress(chosen: &BTreeSet<&str>, all: &BTreeSet<&str>) -> Vec<String> {
    within("", chosen, all)
}

/// Whether a case is in the set; of the patterns that match it, the last decides.
pub fn contains(patterns: &[String], id: &str) -> bool {
    let verdict = patterns.iter().rev().find_map(|pattern| match pattern.strip_prefix('-') {
        Some(except) => matches(except, id).then_some(false),
        None => matches(pattern, id).then_some(true),
    });
    verdict.unwrap_or(false)
}

fn matches(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(scope) => id.starts_with(scope),
        None => id == pattern,
    }
}

/// The patterns for those below `scope`, which is empty or ends with a slash.
fn within(scope: &str, chosen: &BTreeSet<&str>, all: &BTreeSet<&str>) -> Vec<String> {
    let one_by_one = parts(scope, chosen, all);
    let missing: BTreeSet<&str> = all.difference(chosen).copied().collect();
    let mut whole = vec![format!("{scope}*")];
    whole.extend(parts(scope, &missing, all).into_iter().map(|pattern| format!("-{pattern}")));
    let exceptions_are_single = whole[1..].iter().all(|pattern| !pattern.starts_with("--"));
    if !chosen.is_empty() && exceptions_are_single && whole.len() < one_by_one.len().max(2) { whole } else { one_by_one }
}

fn parts(scope: &str, chosen: &BTreeSet<&str>, all: &BTreeSet<&str>) -> Vec<String> {
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for id in all {
        let end = id[scope.len()..].find('/').map_or(id.len(), |slash| scope.len() + slash + 1);
        below.entry(&id[..end]).or_default().insert(id);
    }
    let mut patterns = Vec::new();
    for (part, ids) in below {
        let here: BTreeSet<&str> = ids.intersection(chosen).copied().collect();
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
    let all: BTreeSet<&str> = ["a/x/1", "a/x/2", "a/x/3", "a/x/4", "a/y/1", "b/x/1", "b/x/2"].into();
    for (chosen, expected) in [
        (&[][..], &[][..]),
        (&["a/x/2"], &["a/x/2"]),
        (&["a/x/1", "a/x/2", "a/x/3", "a/x/4", "a/y/1"], &["a/*"]),
        (&["a/x/1", "a/x/2", "a/x/4"], &["a/x/*", "-a/x/3"]),
        (&["a/x/1", "a/x/2", "a/x/3", "a/y/1", "b/x/1", "b/x/2"], &["*", "-a/x/4"]),
        (&["a/x/1", "a/y/1", "b/x/2"], &["a/x/1", "a/y/*", "b/x/2"]),
    ] {
        let chosen: BTreeSet<&str> = chosen.iter().copied().collect();
        let patterns = compress(&chosen, &all);
        assert_eq!(patterns, expected);
        let again: BTreeSet<&str> = all.iter().copied().filter(|id| contains(&patterns, id)).collect();
        assert_eq!(again, chosen, "{patterns:?}");
    }
}
