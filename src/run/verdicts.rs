//! `verdicts.json`: the verdicts of a run, without anything that changes from run to run.

use super::directory::FORMAT;
use super::results::RunResults;
use crate::judge::{Finding, Outcome, Severity, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A finding as `verdicts.json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFinding {
    /// How much it weighs.
    pub severity: Severity,
    /// The requirements that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// The finding as a sentence.
    pub says: String,
}

/// A verdict as `verdicts.json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVerdict {
    /// The outcome.
    pub outcome: Outcome,
    /// What led to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<StoredFinding>,
}

/// The content of `verdicts.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVerdicts {
    /// The version of this format.
    pub format: u32,
    /// The name of the target.
    pub target: String,
    /// The verdicts by the id of the case.
    pub cases: BTreeMap<String, StoredVerdict>,
}

/// The content of `verdicts.json`.
pub fn verdicts_text(results: &RunResults) -> String {
    let stored = |verdict: &Verdict| StoredVerdict {
        outcome: verdict.outcome,
        // what a target chose among permitted behaviours may change with the weather
        findings: verdict.findings.iter().filter(|finding| finding.severity != Severity::Note).map(stable).collect(),
    };
    let verdicts = StoredVerdicts {
        format: FORMAT,
        target: results.info.target.name.clone(),
        cases: results.cases.iter().map(|case| (case.id.clone(), stored(&case.verdict))).collect(),
    };
    let mut text = serde_json::to_string_pretty(&verdicts).unwrap_or_default();
    text.push('\n');
    text
}

fn stable(finding: &Finding) -> StoredFinding {
    StoredFinding { severity: finding.severity, requirements: finding.requirements.clone(), says: finding.says.clone() }
}
