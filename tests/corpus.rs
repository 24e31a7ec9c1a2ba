//! The corpus as a whole: it is free of faults, complete, and its schema is the one of the types.

use std::collections::BTreeSet;
use std::path::Path;
use wsspec::case::frame::{FrameSpec, Kind};
use wsspec::case::lint::lint;
use wsspec::case::schema::case_schema;
use wsspec::case::{Case, Corpus, Step};
use wsspec::plan::{Target, plan};

#[test]
fn nothing_is_wrong_with_the_corpus() {
    let corpus = Corpus::embedded().unwrap();
    let faults: Vec<String> = lint(&corpus).iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn the_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/case.schema.json");
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(stored == case_schema(), "cases/case.schema.json is stale: write it anew with `wsspec lint --schema`");
}

/// How many cases each group of the Autobahn Testsuite has.
const AUTOBAHN: &[(&str, usize)] = &[
    ("1", 16),
    ("2", 11),
    ("3", 7),
    ("4", 10),
    ("5", 20),
    ("6", 145),
    ("7", 37),
    ("9", 54),
    ("10", 1),
    ("12", 90),
    ("13", 126),
];

#[test]
fn every_autobahn_case_of_the_groups_is_there_once() {
    let corpus = Corpus::embedded().unwrap();
    let ids: Vec<&String> = corpus.cases().flat_map(|case| &case.autobahn).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for (group, count) in AUTOBAHN {
        let found = ids.iter().filter(|id| id.split('.').next() == Some(group)).count();
        assert_eq!(found, *count, "group {group}");
    }
    assert_eq!(ids.len(), AUTOBAHN.iter().map(|(_, count)| count).sum::<usize>());
}

/// The messages that the steps of a case complete, one by one and in exchanges.
fn messages_of(case: &Case) -> usize {
    let completes =
        |frame: &&FrameSpec| frame.fin && matches!(frame.kind, Kind::Text(_) | Kind::Binary(_) | Kind::Continuation(_));
    let steps = case.steps.iter().map(|step| match step {
        Step::Send(send) => send.frames.iter().filter(completes).count(),
        Step::Exchange { times, .. } => *times as usize,
        _ => 0,
    });
    steps.sum()
}

#[test]
fn what_is_compressed_by_hand_comes_to_a_message() {
    let corpus = Corpus::embedded().unwrap();
    let is_legal = |case: &&Case| {
        let is_answered = case.opening.response.as_ref().is_none_or(|response| !response.violates);
        is_answered
            && case.steps.iter().all(|step| match step {
                Step::Send(send) => send.frames.iter().all(|frame| !frame.violates && !frame.disputed),
                _ => true,
            })
    };
    let mut tried = 0;
    for case in corpus.cases().filter(|case| case.opening.deflate.is_some()).filter(is_legal) {
        for role in &case.roles {
            let plan = plan(case, &Target::echoing(*role), 1, &corpus.data).unwrap();
            assert_eq!(plan.messages.len(), messages_of(case), "{} for a {role:?}", case.id);
            tried += 1;
        }
    }
    assert!(tried > 400, "{tried}");
}

#[test]
fn a_folder_and_the_binary_hold_the_same_corpus() {
    let built_in = Corpus::embedded().unwrap();
    let folder = Corpus::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")).unwrap();
    let ids = |corpus: &Corpus| corpus.cases().map(|case| case.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&built_in), ids(&folder));
}
