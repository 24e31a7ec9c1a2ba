//! The binary as a user calls it, and the report that it leaves.

// each test file uses a part of it
#![allow(dead_code)]

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// A call of wsspec in a folder where a stray report would be seen.
pub fn wsspec<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsspec"));
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).env("NO_COLOR", "1").args(args);
    command
}

/// What a run left in its folder.
pub struct Report {
    verdicts: Value,
    run: Value,
}

impl Report {
    pub fn read(folder: &Path) -> Report {
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"))
        };
        assert!(folder.join("index.html").exists(), "there is no index.html");
        Report { verdicts: read("verdicts.json"), run: read("run.json") }
    }

    /// The outcome of each case that has one.
    pub fn outcomes(&self) -> BTreeMap<String, String> {
        let cases = self.verdicts["cases"].as_object().unwrap();
        cases.iter().map(|(id, verdict)| (id.clone(), verdict["outcome"].as_str().unwrap().to_owned())).collect()
    }

    /// Why the run stopped before its end.
    pub fn stopped(&self) -> Option<&str> {
        self.run["stopped"].as_str()
    }

    /// The cases that were not run.
    pub fn not_run(&self) -> Vec<String> {
        let cases = self.run["not_run"].as_array().unwrap();
        cases.iter().map(|case| case.as_str().unwrap().to_owned()).collect()
    }

    /// Whether the words are the reason why the run stopped, or stand in a finding.
    pub fn says(&self, words: &str) -> bool {
        let cases = self.verdicts["cases"].as_object().unwrap();
        let findings = cases.values().filter_map(|verdict| verdict["findings"].as_array()).flatten();
        let mut says = findings.filter_map(|finding| finding["says"].as_str());
        self.stopped().is_some_and(|reason| contains(reason, words)) || says.any(|text| contains(text, words))
    }
}

/// Whether the words are in the text, at the beginning of a sentence or within one.
pub fn contains(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(&words.to_lowercase())
}
