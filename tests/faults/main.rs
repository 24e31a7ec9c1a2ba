//! The harness against every fault, every odd but conforming variant, and the conforming servers: what it detects, and
//! that it accuses nobody wrongly.
//!
//! `golden/faults.json` and `golden/variants.json` say which cases have to come out how. `WSSPEC_BLESS=1` writes them anew.

#[path = "../arena/mod.rs"]
mod arena;
mod patterns;
mod sweep;
mod table;
mod trial;

use arena::REFERENCE;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use sweep::{Seen, sweep};
use table::{Row, Table};
use trial::{CORPUS, Trial, in_table};
use wsspec::case::{Case, Level, Role};
use wsspec::judge::Outcome;
use wsspec::peer::{Area, CONFORMING, Quirk, faults, variants};

/// How many faults end a run with an exit code that is not 0: all that break a MUST. It only ever rises.
const DETECTED: usize = 322;
/// How many more a run warns of: they break a SHOULD, or what only the documents of HTTP ask for.
const WARNED_OF: usize = 33;

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
    "utf8/large",
];
/// Quirks that have to do with large or many messages, and faults that break what the cases of `bulk` check beside.
const WITH_LARGE: &[(&str, &[&str])] = &[
    ("close-interrupts-big-echo", &["close/behind-large-text"]),
    ("crashes-at-frames-of-64-kib", &["limits/growing-message"]),
    ("never-answers-ping", &["control/during-transfer"]),
    ("breaks-down-at-heads-of-50000-octets", &["limits/growth"]),
    ("looks-up-fields-in-quadratic-time", &["limits/growth"]),
    ("matches-subprotocols-in-quadratic-time", &["limits/growth"]),
    ("reassembles-in-quadratic-time", &["limits/growth"]),
    ("closes-tcp-after-second-message", &["bulk/text-round-trips"]),
    ("closes-tcp-without-close-reply", ALL_LARGE),
    ("echo-drops-last-byte-over-65535", ALL_LARGE),
    ("echo-ends-at-1-mib", &["bulk/text-size"]),
    ("echo-zeroes-octet-65536", &["bulk/binary-size"]),
    ("ignores-messages-over-1-mib", &["bulk/text-size"]),
    ("keeps-tcp-open-after-close", ALL_LARGE),
    ("hangs-after-ping-inside-message", &["control/during-transfer"]),
    ("loses-every-100th-message", &["bulk/binary-round-trips", "bulk/text-round-trips"]),
    ("rejects-fragmented-binary", &["bulk/binary-fragments"]),
    ("stops-reading-after-500-messages", &["bulk/binary-round-trips"]),
    ("echo-in-8-kib-fragments-with-pings", &["bulk/binary-fragments", "bulk/text-size"]),
    ("echo-in-small-fragments", &["bulk/text-round-trips", "bulk/text-size"]),
    ("message-limit-1-mib", &["bulk/binary-size", "bulk/text-fragments", "bulk/text-size"]),
    ("ticks", &["bulk/binary-pieces", "bulk/text-round-trips"]),
    ("utf8-at-message-end", &["bulk/text-size"]),
];
/// Faults that break what cases of every topic check for at their end.
const WHOLE: [&str; 2] = ["closes-tcp-without-close-reply", "keeps-tcp-open-after-close"];
/// Quirks that only real deadlines can tell from silence.
const SLOW: [&str; 6] = [
    "close-reply-after-2-s",
    "echo-after-300-ms",
    "looks-up-fields-in-quadratic-time",
    "matches-subprotocols-in-quadratic-time",
    "reassembles-in-quadratic-time",
    "third-pong-after-2-s",
];

/// Outcomes of the conforming server: almost all pass.
static USUAL: LazyLock<BTreeMap<String, Outcome>> = LazyLock::new(|| whole(CONFORMING));
static FAULTS: LazyLock<Vec<(Trial, Seen)>> = LazyLock::new(|| against(faults(), &Table::read("faults")));
static VARIANTS: LazyLock<Vec<(Trial, Seen)>> = LazyLock::new(|| against(variants(), &Table::read("variants")));

/// The outcomes of all cases against one server.
fn whole(name: &'static str) -> BTreeMap<String, Outcome> {
    let all =
        Trial { name, area: Area::Any, whole: true, large: ALL_LARGE, one_by_one: false, fresh: false, slow: false };
    sweep(&[all], |_| |_: &str| Outcome::Pass).remove(0).outcomes
}

fn against(quirks: &[Quirk], known: &Table) -> Vec<(Trial, Seen)> {
    let trial = |quirk: &Quirk| Trial {
        name: quirk.name,
        area: quirk.area,
        whole: WHOLE.contains(&quirk.name),
        large: WITH_LARGE.iter().find(|(name, _)| *name == quirk.name).map_or(&[], |(_, groups)| groups),
        fresh: quirk.area == Area::Crowding,
        one_by_one: quirk.area == Area::Crowding
            || quirk.name.starts_with("dies-")
            || quirk.name.starts_with("crashes-"),
        slow: SLOW.contains(&quirk.name),
    };
    let mut trials: Vec<Trial> = quirks.iter().map(trial).collect();
    // what takes longest comes first, so that nothing is left to wait for at the end
    trials.sort_by_key(|trial| std::cmp::Reverse((trial.slow, trial.whole, trial.large.len())));
    let seen = sweep(&trials, |trial| {
        let (universe, row) = (trial.universe(), known.0.get(trial.name));
        move |id: &str| row.and_then(|row: &Row| row.outcome(&universe, id)).unwrap_or_else(|| USUAL[id])
    });
    trials.into_iter().zip(seen).collect()
}

fn table(found: &[(Trial, Seen)]) -> Table {
    Table(found.iter().map(|(trial, seen)| (trial.name.to_owned(), Row::of(trial, seen, &USUAL))).collect())
}

#[test]
fn each_fault_fails_the_cases_of_the_golden_table() {
    let found = table(&FAULTS);
    let detected = found.0.values().filter(|row| row.is_detected()).count();
    let warned_of = found.0.values().filter(|row| row.is_warned_of()).count();
    println!("{detected} of {} faults are detected, {warned_of} more are warned of", found.0.len());
    found.compare("faults");
    assert_eq!((detected, warned_of), (DETECTED, WARNED_OF));
    assert_eq!(found.0.len(), detected + warned_of, "what nobody notices is a variant");
}

#[test]
fn no_variant_is_accused() {
    let found = table(&VARIANTS);
    let accused: Vec<_> =
        found.0.iter().filter(|(_, row)| row.is_detected()).map(|(name, row)| (name.clone(), row.clone())).collect();
    println!("{} variants", found.0.len());
    found.compare("variants");
    assert!(accused.is_empty(), "these variants conform: {accused:#?}");
}

#[test]
fn conforming_servers_pass() {
    let mut others = Vec::new();
    for (name, outcomes) in [(CONFORMING, &*USUAL), (REFERENCE, &whole(REFERENCE))] {
        assert_eq!(outcomes.len(), in_table().count());
        for (id, outcome) in outcomes {
            // what a case only measures cannot be passed
            let measures =
                CORPUS.case(id).is_some_and(|case| case.checks.iter().all(|check| check.level == Level::May));
            let expected = match (name, id.as_str()) {
                // tungstenite does not know the code 1014
                (REFERENCE, "close/codes-registered-late/code-1014") => Outcome::Warn,
                _ if measures => Outcome::Info,
                _ => Outcome::Pass,
            };
            if *outcome != expected {
                others.push(format!("{name}: {id}: {outcome}"));
            }
        }
    }
    assert!(others.is_empty(), "these do not pass:\n{}", others.join("\n"));
}

/// Every MUST check that a server can break: the case, and the number of the check in it.
fn must_checks() -> Vec<(&'static str, usize)> {
    let cases = in_table().filter(|case| case.roles.contains(&Role::Server));
    let checks = |case: &'static Case| {
        let musts = case.checks.iter().enumerate().filter(|(_, check)| check.level == Level::Must);
        musts.map(|(number, _)| (case.id.as_str(), number)).collect::<Vec<_>>()
    };
    cases.flat_map(checks).collect()
}

#[test]
fn every_must_is_failed_by_some_fault() {
    let failed: BTreeSet<(&str, usize)> =
        FAULTS.iter().flat_map(|(_, seen)| &seen.failed).map(|(id, number)| (id.as_str(), *number)).collect();
    let idle: Vec<String> = must_checks()
        .into_iter()
        .filter(|check| !failed.contains(check))
        .map(|(id, number)| format!("{id}: {:?}", CORPUS.case(id).map(|case| &case.checks[number])))
        .collect();
    assert!(idle.is_empty(), "no fault fails these checks:\n{}", idle.join("\n"));
}

#[test]
fn every_monitor_is_set_off_by_some_fault() {
    let set_off: BTreeSet<&str> = FAULTS.iter().flat_map(|(_, seen)| &seen.monitors).map(String::as_str).collect();
    let of_servers = CORPUS.monitors.iter().filter(|monitor| monitor.roles.contains(&Role::Server));
    let idle: Vec<&str> = of_servers
        .filter(|monitor| monitor.level == Level::Must)
        .map(|monitor| monitor.fact.as_str())
        .filter(|fact| !set_off.contains(fact))
        .collect();
    assert_eq!(idle, [""; 0], "no fault sets off these monitors");
}
