//! A verdict depends on what the target did, and on nothing else: not on how many cases ran beside it, not on whether it
//! is judged live or from the record, and not on how the network cut the octets.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod arena;

use arena::{Manner, Peer, REFERENCE, run};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;
use wsspec::case::{Case, Corpus, Role, Step};
use wsspec::judge::{Strictness, Verdict};
use wsspec::plan::plan;
use wsspec::run::directory::StoredTranscript;
use wsspec::run::rejudge::{judge_stored, rejudge};
use wsspec::run::results::{RunInfo, TargetInfo};
use wsspec::run::{RunDirectory, RunResults};
use wsspec::transcript::{Entry, Payload, Payloads, Recorder, Span, Timed, Transcript};

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| Corpus::embedded().expect("the corpus is well-formed"));
/// Some of every topic.
const GROUPS: &[&str] = &[
    "close/codes/",
    "close/frames-around/",
    "close/malformed/",
    "control/ping-pong/",
    "control/too-long/",
    "delivery/pieces/",
    "fragmentation/",
    "framing/binary-length/",
    "framing/reserved-bits/",
    "handshake/fields/",
    "utf8/binary-not-checked/",
    "utf8/split-code-points/",
];
/// Servers that make each kind of finding, and that leave nobody waiting.
const SERVERS: &[&str] = &[
    REFERENCE,
    "close-reply-1005",
    "data-after-close",
    "echo-as-binary",
    "head-bare-lf",
    "refuses-unknown-fields",
    "sends-invalid-utf8",
    "two-closes",
    "echo-in-small-fragments",
];

fn some_cases() -> Vec<&'static Case> {
    let is_chosen = |case: &&Case| GROUPS.iter().any(|group| case.id.starts_with(group)) && !waits(case);
    CORPUS.cases().filter(is_chosen).collect()
}

/// Whether a case takes its time with every server.
fn waits(case: &Case) -> bool {
    case.steps.iter().any(|step| matches!(step, Step::LingerMs(_) | Step::LingerPatiently { .. }))
}

fn manner(jobs: usize) -> Manner {
    Manner { jobs, scale: 1.0, confirm: true, transcripts: true }
}

/// The verdicts of a run, which is kept in `folder`.
fn verdicts(server: &str, cases: Vec<&'static Case>, folder: &Path, manner: Manner) -> BTreeMap<String, Verdict> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (target, finished) = runtime.block_on(async {
        let peer = Peer::start(Role::Server, server).await;
        run(&CORPUS, cases, &peer, folder, manner).await.unwrap()
    });
    assert_eq!((finished.stopped, finished.not_run), (None, Vec::new()), "{server}");
    let target = TargetInfo { name: server.to_owned(), url: "ws://localhost".to_owned(), software: None, target };
    let info = RunInfo { jobs: manner.jobs, ..RunInfo::beginning(target, Vec::new()) };
    RunDirectory::prepare(folder, true).unwrap().write_info(&info).unwrap();
    by_id(RunResults { info, cases: finished.cases })
}

fn by_id(results: RunResults) -> BTreeMap<String, Verdict> {
    results.cases.into_iter().map(|result| (result.id, result.verdict)).collect()
}

/// Does something with each server, all at once, as most of the time goes into waiting; nothing may be wrong.
fn with_each_server(judged: impl Fn(&'static str) -> Vec<String> + Sync) {
    let (sender, receiver) = mpsc::channel();
    let wrong: Vec<String> = thread::scope(|scope| {
        for server in SERVERS {
            let (sender, judged) = (sender.clone(), &judged);
            scope.spawn(move || sender.send(judged(server)).unwrap());
        }
        drop(sender);
        receiver.iter().flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In which cases two series of verdicts differ.
fn differences(what: &str, first: &BTreeMap<String, Verdict>, second: &BTreeMap<String, Verdict>) -> Vec<String> {
    let mut ids: Vec<&String> = first.keys().chain(second.keys()).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter()
        .filter(|id| first.get(*id) != second.get(*id))
        .map(|id| format!("{what}: {id}: {:?} and {:?}", first.get(id), second.get(id)))
        .collect()
}

#[test]
fn verdicts_do_not_depend_on_how_many_cases_run_beside_each_other() {
    with_each_server(|server| {
        let verdicts_with = |jobs| {
            let folder = tempfile::tempdir().unwrap();
            verdicts(server, some_cases(), folder.path(), manner(jobs))
        };
        let one_by_one = verdicts_with(1);
        assert_eq!(one_by_one.len(), some_cases().len());
        differences(server, &one_by_one, &verdicts_with(32))
    });
}

#[test]
fn verdicts_come_out_of_the_record_however_it_is_cut() {
    with_each_server(|server| {
        let folder = tempfile::tempdir().unwrap();
        let live = verdicts(server, some_cases(), folder.path(), manner(16));
        let directory = RunDirectory::open(folder.path()).unwrap();
        let again = by_id(rejudge(&directory, &CORPUS, Strictness::default()).unwrap().results);
        let mut wrong = differences(&format!("{server}, re-judged"), &live, &again);
        let mut cut = 0;
        for (id, verdict) in live.iter().filter(|(_, verdict)| !verdict.is_of_run()) {
            let stored = directory.read_transcript(id).unwrap().unwrap();
            let ways = [("by octet", Some(by_octet(&stored))), ("recorded by octet", recorded_anew(&stored))];
            for (way, transcript) in ways.into_iter().filter_map(|(way, transcript)| Some((way, transcript?))) {
                let judged =
                    judge_stored(&StoredTranscript { transcript, ..stored.clone() }, &CORPUS, Strictness::default());
                cut += 1;
                if judged != *verdict {
                    wrong.push(format!("{server}, {way}: {id}: {verdict:?} and {judged:?}"));
                }
            }
        }
        assert!(cut > some_cases().len(), "{server}: most cases have a transcript");
        wrong
    });
}

/// The same octets at the same times, each by itself.
fn by_octet(stored: &StoredTranscript) -> Transcript {
    let single = |timed: &Timed| match &timed.entry {
        Entry::Received(spans) => spans
            .iter()
            .flat_map(single_octets)
            .map(|span| Timed { at_us: timed.at_us, entry: Entry::Received(vec![span]) })
            .collect(),
        _ => vec![timed.clone()],
    };
    Transcript(stored.transcript.0.iter().flat_map(single).collect())
}

fn single_octets(span: &Span) -> Vec<Span> {
    match span {
        Span::Octets(octets) => octets.iter().map(|octet| Span::Octets(vec![*octet])).collect(),
        Span::Echo { payload, from, len, mask } => (0..*len)
            .map(|at| Span::Echo { payload: *payload, from: from + at, len: 1, mask: mask.map(|mask| mask.at(at)) })
            .collect(),
        Span::Deflated { .. } | Span::Opaque { .. } => vec![span.clone()],
    }
}

/// What a recorder makes of the octets when they come in one by one; `None` when they were too many to be kept.
fn recorded_anew(stored: &StoredTranscript) -> Option<Transcript> {
    let plan = plan(&stored.case, &stored.target, stored.seed, &CORPUS.data).unwrap();
    let plan = plan.settled_by(&stored.transcript).unwrap_or(plan);
    let mut recorder = Recorder::new(plan.decoder(), plan.expected_echoes());
    let mut transcript = Transcript::default();
    let mut events = Vec::new();
    let mut finished = false;
    for timed in &stored.transcript.0 {
        let at = Duration::from_micros(timed.at_us);
        match &timed.entry {
            Entry::Received(spans) => {
                for span in spans {
                    for octet in octets(span, &plan.payloads)? {
                        recorder.take(at, &[octet], &plan.payloads, &mut transcript, &mut events);
                    }
                }
            }
            entry => {
                if matches!(entry, Entry::Ended(_)) && !finished {
                    recorder.finish(at, &plan.payloads, &mut transcript, &mut events);
                    finished = true;
                }
                transcript.0.push(timed.clone());
            }
        }
    }
    Some(transcript)
}

fn octets(span: &Span, payloads: &Payloads) -> Option<Vec<u8>> {
    match span {
        Span::Octets(octets) => Some(octets.clone()),
        Span::Echo { payload, from, len, mask } => {
            let mut octets = vec![0; usize::try_from(*len).unwrap()];
            let payload: &Payload = payloads.get(*payload);
            payload.fill(*from, &mut octets);
            if let Some(mask) = mask {
                mask.apply(&mut octets);
            }
            Some(octets)
        }
        // of these octets only what they come to was kept
        Span::Deflated { .. } | Span::Opaque { .. } => None,
    }
}

#[test]
fn the_record_of_every_case_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let with_autobahn_stimulus: Vec<&Case> = CORPUS.cases().filter(|case| !case.autobahn.is_empty()).collect();
    let stimuli: usize = with_autobahn_stimulus.iter().map(|case| case.autobahn.len()).sum();
    assert_eq!(stimuli, 517);
    verdicts(REFERENCE, with_autobahn_stimulus, folder.path(), manner(16));
    let size = size_of(folder.path());
    assert!((100_000..20 * 1024 * 1024).contains(&size), "{size} octets");
}

fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| if entry.path().is_dir() { size_of(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}
