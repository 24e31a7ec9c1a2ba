//! The corpus against many servers at once, each on a thread of its own.

use crate::arena::{Manner, Peer, run, target};
use crate::patterns::Universe;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use wsspec::case::{Case, Corpus, Role};
use wsspec::judge::{Outcome, Severity, Source};
use wsspec::peer::Area;

/// Servers at a time: most of them wait for a deadline.
const AT_ONCE: usize = 10;
/// Short deadlines, as everything happens within the machine; what they get wrong is run again.
const BRISK: Manner = Manner { jobs: 24, scale: 0.15, confirm: false, transcripts: false };
/// The deadlines of a real run, for what came out otherwise than expected.
const PATIENT: Manner = Manner { jobs: 4, scale: 1.0, confirm: false, transcripts: false };

pub static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    // from the folder, so that a changed case can be tried without a new build
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    Corpus::from_dir(&folder).expect("the corpus is well-formed")
});

/// The cases that the table is about: all for servers but those that could harm one.
pub fn in_table() -> impl Iterator<Item = &'static Case> {
    CORPUS.cases().filter(|case| case.roles.contains(&Role::Server) && !case.tags.iter().any(|tag| tag == "abuse"))
}

static UNIVERSE: LazyLock<Universe<'static>> = LazyLock::new(|| {
    let all: Vec<&Case> = in_table().collect();
    Universe::new(&CORPUS, &all, &target())
});

/// A server and what is run against it.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    pub name: &'static str,
    /// The part of a conversation that it bends.
    pub area: Area,
    /// The groups of large or many messages that are run too; they would take most of the time.
    pub large: &'static [&'static str],
    /// Cases one after the other, for a server that ends at some of them.
    pub one_by_one: bool,
    /// Whether the server is slow rather than silent, so that only real deadlines can tell.
    pub slow: bool,
}

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

impl Trial {
    pub fn cases(&self) -> Vec<&'static Case> {
        let is_run = |case: &&Case| match is_large(&case.group) {
            true => self.large.contains(&case.group.as_str()),
            false => std::env::var_os("GOLDEN_ALL").is_some() || matters(self.area, &case.group),
        };
        in_table().filter(is_run).collect()
    }

    pub fn universe(&self) -> Universe<'static> {
        UNIVERSE.only(&self.cases())
    }
}

/// The groups outside of `bulk` that send megabytes.
const LARGE: [&str; 5] = [
    "close/behind-large-text",
    "control/during-transfer",
    "delivery/slow-reader",
    "limits/growing-message",
    "utf8/large",
];

fn is_large(group: &str) -> bool {
    group.starts_with("bulk/") || LARGE.contains(&group)
}

/// Whether a quirk in this area can change the outcome of such cases. What costs much and shows little is left out:
/// the areas need not overlap, as long as each check is failed by some fault.
fn matters(area: Area, group: &str) -> bool {
    let of = |scopes: &[&str]| scopes.iter().any(|scope| group.starts_with(scope));
    let opens = of(&["handshake/", "extensions/"]);
    match area {
        Area::Any => true,
        Area::Opening => opens || group == "framing/text-length",
        Area::Reading => !opens && !of(&["utf8/", "close/", "control/ping-length"]) || group == "handshake/segments",
        Area::Text => of(&["utf8/", "close/reason", "fragmentation/", "delivery/"]),
        Area::Messages => {
            !opens && !of(&["framing/reserved", "masking/", "control/ping-length", "utf8/non-ch", "utf8/wr"])
        }
        Area::Sending => !opens && !of(&["framing/reserved", "masking/", "control/ping-length", "utf8/"]),
        Area::Control => !opens && !of(&["framing/reserved", "masking/", "utf8/"]),
        Area::Closing => !opens && !of(&["control/ping-length", "delivery/pieces", "masking/unaligned", "utf8/"]),
    }
}

/// Runs every trial. A case for which `expected` says otherwise is run again without haste before that counts,
/// so that a busy machine changes nothing.
pub fn sweep<E: Fn(&str) -> Outcome>(trials: &[Trial], expected: impl Fn(&Trial) -> E) -> Vec<Seen> {
    let began = std::time::Instant::now();
    let seen = on_threads(trials, |trial| attempt(trial, trial.cases(), if trial.slow { PATIENT } else { BRISK }));
    let doubts: Vec<(usize, Vec<&'static Case>)> = trials
        .iter()
        .zip(&seen)
        .enumerate()
        .filter(|(_, (trial, _))| !trial.one_by_one)
        .map(|(at, (trial, seen))| (at, doubtful(trial, seen, expected(trial))))
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    eprintln!(
        "first {:?}, {} doubts in {}",
        began.elapsed(),
        doubts.iter().map(|d| d.1.len()).sum::<usize>(),
        doubts.len()
    );
    for (at, cases) in &doubts {
        eprintln!(
            "DOUBT {} {} {:?}",
            trials[*at].name,
            cases.len(),
            cases.iter().take(6).map(|c| &c.id).collect::<Vec<_>>()
        );
    }
    let again = on_threads(&doubts, |(at, cases)| attempt(&trials[*at], cases.clone(), PATIENT));
    let mut seen = seen;
    for ((at, _), second) in doubts.iter().zip(again) {
        seen[*at].replace(second);
    }
    seen
}

fn doubtful(trial: &Trial, seen: &Seen, expected: impl Fn(&str) -> Outcome) -> Vec<&'static Case> {
    let differs = |case: &&Case| seen.outcomes.get(&case.id) != Some(&expected(&case.id));
    trial.cases().into_iter().filter(differs).collect()
}

fn attempt(trial: &Trial, cases: Vec<&'static Case>, manner: Manner) -> Seen {
    let manner = match cases.len() {
        _ if trial.one_by_one => Manner { jobs: 1, ..manner },
        _ if trial.slow => Manner { jobs: 256, ..manner },
        17.. if manner.jobs < 16 => Manner { jobs: 16, ..manner },
        _ => manner,
    };
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let peer = Peer::start(trial.name).await;
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
