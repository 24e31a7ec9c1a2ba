//! The corpus against many peers at once, each on a thread of its own.

use crate::arena::{Manner, Peer, run};
use crate::trial::{CORPUS, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wsspec::case::Case;
use wsspec::judge::{Outcome, Severity, Source};

/// Peers at a time: most of them wait for a deadline.
const AT_ONCE: usize = 10;
/// Short deadlines, as everything happens within the machine; what they get wrong is run again.
const BRISK: Manner = Manner { jobs: 24, scale: 0.15, confirm: false, transcripts: false };
/// The deadlines of a real run, for what came out otherwise than expected.
const PATIENT: Manner = Manner { jobs: 4, scale: 1.0, confirm: false, transcripts: false };

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub outcomes: BTreeMap<String, Outcome>,
    /// Case and number of each check that failed.
    pub failed: BTreeSet<(String, usize)>,
    /// The monitors that failed a case.
    pub monitors: BTreeSet<String>,
    /// Why not every case was run.
    pub stopped: Option<String>,
}

/// Runs every trial. A case for which `expected` says otherwise is run again without haste before that counts,
/// so that a busy machine changes nothing.
pub fn sweep<E: Fn(&str) -> Outcome>(trials: &[Trial], expected: impl Fn(&Trial) -> E) -> Vec<Seen> {
    let seen = on_threads(trials, |trial| attempt(trial, trial.cases(), if trial.slow { PATIENT } else { BRISK }));
    let (places, doubts): (Vec<usize>, Vec<(Trial, Vec<&'static Case>)>) = trials
        .iter()
        .zip(&seen)
        .enumerate()
        // a run that never began says the same however patient it is
        .filter(|(_, (trial, seen))| !trial.one_by_one && !seen.outcomes.is_empty())
        .map(|(at, (trial, seen))| (at, (*trial, doubtful(trial, seen, expected(trial)))))
        .filter(|(_, (_, cases))| !cases.is_empty())
        .unzip();
    let mut seen = seen;
    for (at, second) in places.into_iter().zip(without_haste(&doubts)) {
        seen[at].replace(second);
    }
    seen
}

/// Runs these cases of each trial with the deadlines of a real run.
pub fn without_haste(trials: &[(Trial, Vec<&'static Case>)]) -> Vec<Seen> {
    on_threads(trials, |(trial, cases)| attempt(trial, cases.clone(), PATIENT))
}

fn doubtful(trial: &Trial, seen: &Seen, expected: impl Fn(&str) -> Outcome) -> Vec<&'static Case> {
    let differs = |case: &&Case| seen.outcomes.get(&case.id) != Some(&expected(&case.id));
    trial.cases().into_iter().filter(differs).collect()
}

fn attempt(trial: &Trial, cases: Vec<&'static Case>, manner: Manner) -> Seen {
    if !trial.fresh {
        return together(trial, cases, manner);
    }
    let mut seen = Seen::default();
    for case in cases {
        seen.replace(together(trial, vec![case], manner));
    }
    // that a server ended at one case says nothing of the next
    Seen { stopped: None, ..seen }
}

fn together(trial: &Trial, cases: Vec<&'static Case>, manner: Manner) -> Seen {
    let manner = match cases.len() {
        _ if trial.one_by_one => Manner { jobs: 1, ..manner },
        // almost all of these only wait
        _ if trial.slow || trial.whole && manner.jobs > 4 => Manner { jobs: 96, ..manner },
        17.. if manner.jobs < 16 => Manner { jobs: 16, ..manner },
        _ => manner,
    };
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let peer = Peer::start(trial.role, trial.name).await;
        match run(&CORPUS, cases, &peer, folder.path(), manner).await {
            Ok((_, finished)) => Seen::of(finished),
            Err(reason) => Seen { stopped: Some(reason), ..Seen::default() },
        }
    })
}

impl Seen {
    fn of(finished: wsspec::run::schedule::Finished) -> Seen {
        let mut seen = Seen { stopped: finished.stopped, ..Seen::default() };
        for result in finished.cases {
            for finding in &result.verdict.findings {
                for source in finding.sources() {
                    match (finding.severity, source) {
                        (Severity::Fail, Source::Check(number)) => {
                            seen.failed.insert((result.id.clone(), *number));
                        }
                        (Severity::Fail, Source::Monitor(fact)) => {
                            seen.monitors.insert(fact.clone());
                        }
                        _ => {}
                    }
                }
            }
            seen.outcomes.insert(result.id, result.verdict.outcome);
        }
        seen
    }

    fn replace(&mut self, second: Seen) {
        self.failed.retain(|(id, _)| !second.outcomes.contains_key(id));
        self.failed.extend(second.failed);
        self.monitors.extend(second.monitors);
        self.outcomes.extend(second.outcomes);
        self.stopped = second.stopped;
    }
}

/// Calls `work` for every item, several at a time; the results are in the order of the items.
fn on_threads<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(item);
                    *results[at].lock().expect("no thread has failed") = Some(result);
                }
            });
        }
    });
    results
        .into_iter()
        .map(|result| result.into_inner().expect("no thread has failed").expect("every item was worked on"))
        .collect()
}
