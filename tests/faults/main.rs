//! The harness against every fault, every odd but conforming variant, and the conforming servers: what it detects, and
//! that it accuses nobody wrongly.
//!
//! `golden/faults.json` says for each fault which cases have to come out how. `WSSPEC_BLESS=1` writes it anew.

#[path = "../arena/mod.rs"]
mod arena;
mod patterns;
mod sweep;
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use sweep::{Seen, Trial, sweep};
use table::{Row, Table};
use wsspec::judge::Outcome;
use wsspec::peer::{CONFORMING, faults};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/faults.json");

fn trial(name: &'static str) -> Trial {
    Trial {
        name,
        bulk: std::env::var("ALLBULK").is_ok(),
        one_by_one: name.starts_with("dies-"),
        slow: ["pong-after-2-s", "close-reply-after-2-s"].contains(&name),
    }
}

/// Outcomes of the conforming server: almost all pass.
static USUAL: LazyLock<BTreeMap<String, Outcome>> = LazyLock::new(|| {
    let all = Trial { name: CONFORMING, bulk: true, one_by_one: false, slow: false };
    sweep(&[all], |_, _| Outcome::Pass).remove(0).outcomes
});

static FOUND: LazyLock<Vec<(Trial, Seen)>> = LazyLock::new(|| {
    let known = std::fs::read_to_string(TABLE).map_or_else(|_| Table::default(), |text| Table::parse(&text));
    let expected = |trial: &Trial, id: &str| {
        known.0.get(trial.name).and_then(|row: &Row| row.outcome(trial.universe(), id)).unwrap_or_else(|| USUAL[id])
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
