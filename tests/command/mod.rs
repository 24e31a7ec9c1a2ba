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

/// The command that a report names to repeat a case, as its page shows it.
pub fn rerun_line(report: &Path, id: &str) -> String {
    let page = std::fs::read_to_string(report.join(format!("pages/{id}.html"))).unwrap();
    let line = page.split("<pre>").find_map(|rest| rest.starts_with("wsspec ").then(|| rest.split("</pre>").next()));
    let line = line.flatten().unwrap_or_else(|| panic!("no command stands in {page}")).to_owned();
    [("&#x27;", "'"), ("&#39;", "'"), ("&quot;", "\""), ("&#x2F;", "/"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(line, |line, (escaped, plain)| line.replace(escaped, plain))
}

/// A query that a printed command names as the variable QUERY.
pub const QUERY: &str = "a=b&c=d";
/// The value of a field `X-Words` that a printed command names as the variable X_WORDS.
pub const WORDS: &str = "it's \"so\" $HOME `x`";

/// A line as a user gives it to a shell that finds wsspec.
pub fn shell(line: &str, folder: &Path) -> std::process::Output {
    let program = Path::new(env!("CARGO_BIN_EXE_wsspec"));
    let folders = std::env::var("PATH").unwrap_or_default();
    std::process::Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("NO_COLOR", "1")
        // what printed commands name in place of secrets
        .env("QUERY", QUERY)
        .env("X_WORDS", WORDS)
        .env("PATH", format!("{}:{folders}", program.parent().unwrap().display()))
        .output()
        .unwrap()
}

/// All files below a folder with their content.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(&below).unwrap_or_else(|fault| panic!("{}: {fault}", below.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Runs the command that a report names for a case, as it is: it gives the same verdict, and every other case keeps its
/// verdict, its transcript and its page.
pub fn rerun_keeps_the_rest(folder: &Path, report: &str, id: &str) {
    let root = folder.join(report);
    let (before, line) = (files(&root), rerun_line(&root, id));
    let code = match Report::read(&root).outcomes()[id].as_str() {
        "fail" => 1,
        "broken" => 3,
        _ => 0,
    };
    let output = shell(&line, folder);
    let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{line}: {told}");
    let after = files(&root);
    let text = |files: &BTreeMap<String, Vec<u8>>| String::from_utf8_lossy(&files["verdicts.json"]).into_owned();
    assert_eq!(text(&after), text(&before), "{line}: {told}");
    assert!(Report::read(&root).outcomes().len() > 1, "{line}: there is nothing to keep");
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{line}: {told}");
    let own = format!("transcripts/{id}.json");
    assert_ne!(after[&own], before[&own], "{line}: the case did not run again");
    for (name, content) in after.iter().filter(|(name, _)| name.starts_with("transcripts/") && **name != own) {
        assert!(before[name] == *content, "{line}: {name} has changed");
    }
    let index = String::from_utf8_lossy(&after["index.html"]).into_owned();
    let ids = Report::read(&root).outcomes();
    assert!(ids.keys().all(|id| index.contains(&format!("pages/{id}.html"))), "{line}: the index lacks cases");
    let beside: Vec<_> =
        std::fs::read_dir(root.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!beside.iter().any(|path| path.to_string_lossy().contains(".part")), "{line}: {beside:?}");
}
