//! The harness against every fault, every odd but conforming variant, and the conforming peers, servers and clients: what
//! it detects, and that it accuses nobody wrongly.
//!
//! The tables in `golden/` say which cases have to come out how. `WSSPEC_BLESS=1` writes them anew.
//! `WSSPEC_ONLY=Deflate,never-answers-ping` tries the quirks of an area and one by its name; what is said of all of them
//! then fails.

#[path = "../arena/mod.rs"]
mod arena;
mod clients;
mod patterns;
mod servers;
mod sweep;
mod table;
mod trial;

use arena::REFERENCE;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use sweep::{Seen, sweep, without_haste};
use table::{Row, Table};
use trial::{CORPUS, Trial, in_table};
use wsspec::case::{Case, Check, Level, Need, Role};
use wsspec::judge::Outcome;
use wsspec::peer::{Area, CONFORMING, DEFLATING};

/// The quirks that alone are tried, by name or area; `None` for all.
fn only() -> Option<Vec<String>> {
    let words = std::env::var("WSSPEC_ONLY").ok()?;
    Some(words.split(',').map(str::to_owned).collect())
}

/// A quirk, and the part of a conversation that it is about.
type Named = (&'static str, Area);

/// The peers of one role, and how they are tried.
struct Side {
    role: Role,
    faults: Vec<Named>,
    variants: Vec<Named>,
    /// The names of their golden tables.
    golden: [&'static str; 2],
    /// Quirks that have to do with large or many messages, and the groups of such cases that are run with them.
    with_large: &'static [(&'static str, &'static [&'static str])],
    /// Quirks that are run on every topic, as cases of every topic check for what they break.
    whole: &'static [&'static str],
    /// Quirks that only real deadlines can tell from silence.
    slow: &'static [&'static str],
}

const ALL_LARGE: &[&str] = &[
    "bulk/binary-fragments",
    "bulk/binary-pieces",
    "bulk/binary-round-trips",
    "bulk/binary-size",
    "bulk/text-fragments",
    "bulk/text-pieces",
    "bulk/text-round-trips",
    "bulk/text-size",
    "close/behind-large-text",
    "control/during-transfer",
    "delivery/slow-reader",
    "limits/growing-message",
    "limits/growth",
    "limits/just-above",
    "utf8/large",
];

/// Faults of compression that are tried with every combination of parameters: those that break what is checked there, and
/// two that show in the octets alone. The others would be told again and again of what one combination tells.
const COMBINED: &[&str] = &[
    "compresses-with-any-window",
    "forgets-behind-each-message",
    "hangs-at-closes-with-deflate",
    "hangs-behind-closes-with-deflate",
    "inflates-only-the-first-message",
    "refers-to-earlier-messages",
];

/// The groups of large or many compressed messages.
const LARGE_DEFLATED: &[&str] = &["deflate/just-above", "deflate/parameters", "deflate/payloads"];

/// What came of the peers of one role.
struct Tried {
    side: Side,
    /// Outcomes of the hand-written peer without a quirk: almost all pass.
    usual: BTreeMap<String, Outcome>,
    /// The same of the one that speaks permessage-deflate.
    deflating: BTreeMap<String, Outcome>,
    faults: Vec<(Trial, Seen)>,
    variants: Vec<(Trial, Seen)>,
}

impl Tried {
    fn new(mut side: Side) -> Tried {
        if let Some(only) = only() {
            let is_asked_for =
                |(name, area): &Named| only.iter().any(|word| word == name || *word == format!("{area:?}"));
            side.faults.retain(is_asked_for);
            side.variants.retain(is_asked_for);
        }
        // one role after the other: some verdicts are about time
        static ONE_ROLE: Mutex<()> = Mutex::new(());
        let _turn = ONE_ROLE.lock();
        let [usual, deflating] = [CONFORMING, DEFLATING].map(|name| side.outcomes(name));
        let of_area = |area| if speaks_deflate(area) { &deflating } else { &usual };
        let [faults, variants] = [(&side.faults, side.golden[0]), (&side.variants, side.golden[1])]
            .map(|(quirks, golden)| side.against(quirks, &Table::read(golden), of_area));
        Tried { side, usual, deflating, faults, variants }
    }

    fn table(&self, found: &[(Trial, Seen)]) -> Table {
        let usual = |trial: &Trial| if speaks_deflate(trial.area) { &self.deflating } else { &self.usual };
        Table(found.iter().map(|(trial, seen)| (trial.name.to_owned(), Row::of(trial, seen, usual(trial)))).collect())
    }

    /// Each fault fails the cases of the golden table; so many end a run with an exit code that is not 0, and so many
    /// more are warned of.
    fn faults_are_detected(&self, numbers: (usize, usize)) {
        let found = self.table(&self.faults);
        let detected = found.0.values().filter(|row| row.is_detected()).count();
        let warned_of = found.0.values().filter(|row| row.is_warned_of()).count();
        println!("{detected} of {} faults are detected, {warned_of} more are warned of", found.0.len());
        let unnoticed = found.0.iter().filter(|(_, row)| !row.is_detected() && !row.is_warned_of());
        println!("unnoticed: {:?}", unnoticed.map(|(name, _)| name).collect::<Vec<_>>());
        found.compare(self.side.golden[0]);
        assert_eq!((detected, warned_of), numbers);
        assert_eq!(found.0.len(), detected + warned_of, "what nobody notices is a variant");
    }

    fn no_variant_is_accused(&self) {
        let found = self.table(&self.variants);
        let accused: Vec<_> = found.0.iter().filter(|(_, row)| row.is_detected()).collect();
        println!("{} variants", found.0.len());
        println!("accused: {accused:#?}");
        found.compare(self.side.golden[1]);
        assert!(accused.is_empty(), "these variants conform: {accused:#?}");
    }

    /// The conforming peers pass, but for what `excused` knows of one of them.
    fn conforming_peers_pass(&self, excused: &[(&str, &str, Outcome)]) {
        let mut others = Vec::new();
        let reference = self.side.outcomes(REFERENCE);
        for (name, outcomes) in [(CONFORMING, &self.usual), (DEFLATING, &self.deflating), (REFERENCE, &reference)] {
            assert_eq!(outcomes.len(), in_table(self.side.role).count());
            for (id, outcome) in outcomes {
                // what a case only measures cannot be passed
                let measures =
                    CORPUS.case(id).is_some_and(|case| case.checks.iter().all(|check| check.level == Level::May));
                let known = excused.iter().find(|(peer, known, _)| *peer == name && known == id);
                let expected = match known {
                    Some((_, _, expected)) => *expected,
                    None if name == CONFORMING && is_deflated(id) => Outcome::Skip,
                    None if measures => Outcome::Info,
                    None => Outcome::Pass,
                };
                if *outcome != expected {
                    others.push(format!("{name}: {id}: {outcome}"));
                }
            }
        }
        assert!(others.is_empty(), "these do not pass:\n{}", others.join("\n"));
    }

    fn binding(&self, requirements: &[String]) -> Vec<String> {
        CORPUS.register.binding(requirements, self.side.role, false)
    }

    /// Every MUST check that a peer of this role can break is failed by some fault.
    fn every_must_is_failed(&self) {
        let checks = |case: &'static Case| {
            let musts = case.checks.iter().enumerate().filter(|(_, check)| check.level == Level::Must);
            // whether a client can be started again says nothing of it, and these peers are no browsers
            let is_judged = |check: &Check| {
                let is_of_client = self.side.role == Role::Client;
                !(self.binding(&check.requirements).is_empty() || is_of_client && check.expect.is_of_aftermath())
            };
            let musts = musts.filter(|(_, check)| is_judged(check));
            musts.map(|(number, _)| (case.id.as_str(), number)).collect::<Vec<_>>()
        };
        let mut failed: BTreeSet<(String, usize)> =
            self.faults.iter().flat_map(|(_, seen)| &seen.failed).cloned().collect();
        let idle = |failed: &BTreeSet<(String, usize)>| -> Vec<(&str, usize)> {
            let musts = in_table(self.side.role).flat_map(checks);
            musts.filter(|(id, number)| !failed.contains(&((*id).to_owned(), *number))).collect()
        };
        failed.extend(self.failed_without_haste(&idle(&failed).into_iter().map(|(id, _)| id).collect()));
        let idle: Vec<String> = idle(&failed)
            .into_iter()
            .map(|(id, number)| format!("{id}: {:?}", CORPUS.case(id).map(|case| &case.checks[number])))
            .collect();
        assert!(idle.is_empty(), "no fault fails these checks:\n{}", idle.join("\n"));
    }

    /// What fails in these cases where faults that fail them have the deadlines of a real run: who is late in haste fails
    /// another check of the case than the one that the fault is about.
    fn failed_without_haste(&self, cases: &BTreeSet<&str>) -> BTreeSet<(String, usize)> {
        let failing = |seen: &Seen| -> Vec<&'static Case> {
            let ids = cases.iter().filter(|id| seen.outcomes.get(**id) == Some(&Outcome::Fail));
            ids.filter_map(|id| CORPUS.case(id)).collect()
        };
        let trials: Vec<(Trial, Vec<&'static Case>)> = self
            .faults
            .iter()
            .map(|(trial, seen)| (*trial, failing(seen)))
            .filter(|(_, cases)| !cases.is_empty())
            .collect();
        without_haste(&trials).into_iter().flat_map(|seen| seen.failed).collect()
    }

    fn every_monitor_is_set_off(&self) {
        let set_off: BTreeSet<&str> =
            self.faults.iter().flat_map(|(_, seen)| &seen.monitors).map(String::as_str).collect();
        let of_role = CORPUS.monitors.iter().filter(|monitor| monitor.roles.contains(&self.side.role));
        let idle: Vec<&str> = of_role
            .filter(|monitor| monitor.level == Level::Must)
            // these peers are no browsers
            .filter(|monitor| !self.binding(&monitor.requirements).is_empty())
            .map(|monitor| monitor.fact.as_str())
            .filter(|fact| !set_off.contains(fact))
            .collect();
        assert_eq!(idle, [""; 0], "no fault sets off these monitors");
    }
}

/// Whether the peers of an area speak permessage-deflate.
fn speaks_deflate(area: Area) -> bool {
    matches!(area, Area::Agreeing | Area::Deflate)
}

fn is_deflated(id: &str) -> bool {
    CORPUS.case(id).is_some_and(|case| case.needs.contains(&Need::Deflate))
}

impl Side {
    /// The outcomes of all cases against one peer.
    fn outcomes(&self, name: &'static str) -> BTreeMap<String, Outcome> {
        let large = [ALL_LARGE, LARGE_DEFLATED].concat().leak();
        let all = Trial { whole: true, large, ..self.trial(&(name, Area::Any)) };
        sweep(&[all], |_| |_: &str| Outcome::Pass).remove(0).outcomes
    }

    fn trial(&self, (name, area): &Named) -> Trial {
        let dies = name.starts_with("dies-") || name.starts_with("crashes-");
        Trial {
            role: self.role,
            name,
            area: *area,
            whole: self.whole.contains(name),
            large: self.with_large.iter().find(|(known, _)| known == name).map_or(&[], |(_, groups)| groups),
            combined: *area != Area::Deflate || COMBINED.contains(name) || self.variants.contains(&(*name, *area)),
            fresh: *area == Area::Crowding,
            one_by_one: *area == Area::Crowding || dies,
            slow: self.slow.contains(name),
        }
    }

    fn against<'a>(
        &self,
        quirks: &[Named],
        known: &Table,
        usual: impl Fn(Area) -> &'a BTreeMap<String, Outcome>,
    ) -> Vec<(Trial, Seen)> {
        let mut trials: Vec<Trial> = quirks.iter().map(|quirk| self.trial(quirk)).collect();
        // what takes longest comes first, so that nothing is left to wait for at the end
        trials.sort_by_key(|trial| std::cmp::Reverse((trial.slow, trial.whole, trial.large.len())));
        let seen = sweep(&trials, |trial| {
            let (universe, row, usual) = (trial.universe(), known.0.get(trial.name), usual(trial.area));
            move |id: &str| row.and_then(|row: &Row| row.outcome(&universe, id)).unwrap_or_else(|| usual[id])
        });
        trials.into_iter().zip(seen).collect()
    }
}
