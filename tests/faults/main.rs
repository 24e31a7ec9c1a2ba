//! The harness against every fault, every odd but conforming variant, and the conforming servers: what it detects, and
//! that it accuses nobody wrongly.
//!
//! `golden/faults.json` says for each fault which cases have to come out how. `WSSPEC_BLESS=1` writes it anew.

#[path = "../arena/mod.rs"]
mod arena;
mod patterns;
mod sweep;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use sweep::{CORPUS, Seen, Trial, in_table, sweep};
use table::{Row, Table};
use wsspec::case::{Case, Level, Role};
use wsspec::judge::Outcome;
use wsspec::peer::{CONFORMING, faults};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/faults.json");

const ALL_BULK: &[&str] = &[
    "bulk/binary-fragments",
    "bulk/binary-pieces",
    "bulk/binary-round-trips",
    "bulk/binary-size",
    "bulk/text-fragments",
    "bulk/text-pieces",
    "bulk/text-round-trips",
    "bulk/text-size",
];
/// Faults that have to do with large or many messages, and those that break what the cases of `bulk` check beside.
const WITH_BULK: &[(&str, &[&str])] = &[
    ("closes-tcp-after-second-message", &["bulk/text-round-trips"]),
    ("closes-tcp-without-close-reply", ALL_BULK),
    ("echo-drops-last-byte-over-65535", ALL_BULK),
    ("echo-ends-at-1-mib", &["bulk/text-size"]),
    ("echo-zeroes-octet-65536", &["bulk/binary-size"]),
    ("ignores-messages-over-1-mib", &["bulk/text-size"]),
    ("keeps-tcp-open-after-close", ALL_BULK),
    ("loses-every-100th-message", &["bulk/binary-round-trips", "bulk/text-round-trips"]),
    ("rejects-fragmented-binary", &["bulk/binary-fragments"]),
    ("stops-reading-after-500-messages", &["bulk/binary-round-trips"]),
];
/// Faults that only real deadlines can tell from silence.
const SLOW: [&str; 2] = ["close-reply-after-2-s", "pong-after-2-s"];

fn trial(name: &'static str) -> Trial {
    Trial {
        name,
        bulk: WITH_BULK.iter().find(|(fault, _)| *fault == name).map_or(&[], |(_, groups)| groups),
        one_by_one: name.starts_with("dies-"),
        slow: SLOW.contains(&name),
    }
}

/// Outcomes of the conforming server: almost all pass.
static USUAL: LazyLock<BTreeMap<String, Outcome>> = LazyLock::new(|| {
    let all = Trial { name: CONFORMING, bulk: ALL_BULK, one_by_one: false, slow: false };
    sweep(&[all], |_| |_: &str| Outcome::Pass).remove(0).outcomes
});

static FOUND: LazyLock<Vec<(Trial, Seen)>> = LazyLock::new(|| {
    let known = std::fs::read_to_string(TABLE).map_or_else(|_| Table::default(), |text| Table::parse(&text));
    let expected = |trial: &Trial| {
        let (universe, row) = (trial.universe(), known.0.get(trial.name));
        move |id: &str| row.and_then(|row: &Row| row.outcome(&universe, id)).unwrap_or_else(|| USUAL[id])
    };
    let trials: Vec<Trial> = faults().iter().map(|fault| trial(fault.name)).collect();
    let seen = sweep(&trials, expected);
    trials.into_iter().zip(seen).collect()
});

#[test]
fn each_fault_fails_the_cases_of_the_golden_table() {
    let found =
        Table(FOUND.iter().map(|(trial, seen)| (trial.name.to_owned(), Row::of(trial, seen, &USUAL))).collect());
    let detected = found.0.values().filter(|row| row.is_detected()).count();
    let warned = found.0.values().filter(|row| row.is_warned_of()).count();
    println!("{detected} of {} faults are detected, {warned} more are warned of", found.0.len());
    if std::env::var_os("WSSPEC_BLESS").is_some() {
        std::fs::write(TABLE, found.text()).expect("the table can be written");
        return;
    }
    let golden = std::fs::read_to_string(TABLE).unwrap_or_default();
    let text = found.text();
    if golden != text {
        let diff = similar::TextDiff::from_lines(&golden, &text);
        panic!("the golden table differs; WSSPEC_BLESS=1 writes it anew\n{}", diff.unified_diff().context_radius(8));
    }
}

/// Every MUST check that a server can break: case, number, and what it says.
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
        FOUND.iter().flat_map(|(_, seen)| &seen.failed).map(|(id, number)| (id.as_str(), *number)).collect();
    let idle: Vec<String> = must_checks()
        .into_iter()
        .filter(|check| !failed.contains(check))
        .map(|(id, number)| format!("{id}: {:?}", CORPUS.case(id).map(|case| &case.checks[number])))
        .collect();
    assert!(idle.is_empty(), "no fault fails these checks:\n{}", idle.join("\n"));
}

#[test]
fn every_monitor_is_set_off_by_some_fault() {
    let set_off: BTreeSet<&str> = FOUND.iter().flat_map(|(_, seen)| &seen.monitors).map(String::as_str).collect();
    let of_servers = CORPUS.monitors.iter().filter(|monitor| monitor.roles.contains(&Role::Server));
    let idle: Vec<&str> = of_servers
        .filter(|monitor| monitor.level == Level::Must)
        .map(|monitor| monitor.fact.as_str())
        .filter(|fact| !set_off.contains(fact))
        .collect();
    assert_eq!(idle, [""; 0], "no fault sets off these monitors");
}
