//! `wsspec client --listen` and `--driver`: clients that drive themselves, with our own reports.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;

use command::{Report, contains, wsspec};
use std::process::Output;

const WSSPEC: &str = env!("CARGO_BIN_EXE_wsspec");
const SOME: [&str; 4] = ["--case", "close/codes/*", "control/ping-pong/*", "framing/text-length/*"];

fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The reference client as a driver.
const TESTEE: [&str; 8] = [WSSPEC, "wstest", "-m", "testeeclient", "-w", "{url}", "-i", "testee"];

#[test]
fn a_driver_is_started_once_and_reported_on_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let output = wsspec(["client", "--driver"])
        .args(SOME)
        .arg("--out")
        .arg(folder.path())
        .arg("--")
        .args(TESTEE)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let report = Report::read(&folder.path().join("testee"));
    assert!(report.outcomes().len() > 60 && report.outcomes().values().all(|outcome| outcome == "pass"));
    assert_eq!((report.not_run(), report.stopped()), (Vec::new(), None));
    let log = std::fs::read_to_string(folder.path().join("driver.log")).unwrap();
    assert_eq!(log.matches("Getting case count").count(), 1, "{log}");
    let again = wsspec(["judge"]).arg(folder.path().join("testee")).output().unwrap();
    assert!(contains(&told(&again), "the verdicts are those of the run"), "{}", told(&again));
}

#[test]
fn a_driver_goes_through_the_cases_of_autobahn() {
    let folder = tempfile::tempdir().unwrap();
    let mut call = wsspec(["client", "--driver", "--autobahn", "1.*", "3.*", "5.*", "7.*", "--out"]);
    let output = call.arg(folder.path()).arg("--").args(TESTEE).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    // several ids have the same case
    let outcomes = Report::read(&folder.path().join("testee")).outcomes();
    assert!(outcomes.len() > 70 && outcomes.values().all(|outcome| outcome == "pass"), "{outcomes:?}");
}

#[test]
fn cases_that_a_driver_leaves_out_are_broken() {
    let folder = tempfile::tempdir().unwrap();
    let once = format!("{WSSPEC} echo --connect \"$0/runCase?casetuple=close/codes/code-1000&agent=lazy\"");
    let mut call = wsspec(["client", "--driver", "--case", "close/codes/*", "--out"]);
    let output = call.arg(folder.path()).args(["--", "sh", "-c", &once, "{url}"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    let report = Report::read(&folder.path().join("lazy"));
    let outcomes = report.outcomes();
    assert_eq!(outcomes["close/codes/code-1000"], "pass");
    assert!(outcomes.iter().all(|(id, outcome)| id.ends_with("code-1000") || outcome == "broken"), "{outcomes:?}");
    assert!(report.says("never came for this case"));
}

#[test]
fn a_driver_that_never_comes_is_not_waited_for_for_ever() {
    for driver in [["true", "{url}"].as_slice(), &["sh", "-c", "exec sleep 100", "{url}"]] {
        let folder = tempfile::tempdir().unwrap();
        let mut call = wsspec(["client", "--driver", "--case", "close/codes/*", "--timeout-scale", "0.01", "--out"]);
        let output = call.arg(folder.path()).arg("--").args(driver).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{driver:?}: {}", told(&output));
        assert!(contains(&told(&output), "nothing could be judged"), "{driver:?}: {}", told(&output));
    }
}

#[test]
fn mistakes_are_named_before_anything_is_done() {
    for (args, says) in [
        (&["--driver", "--", "node", "driver.js"][..], "{url} or {page} has to stand in it"),
        (&["--listen", "127.0.0.1:0", "--", "x", "{url}"], "--driver says so"),
        (&["--driver"], "COMMAND"),
        (&["--agents", "1", "--", "x", "{url}"], "of no use without --listen"),
        (&["--driver", "--resume", "--", "x", "{url}"], "--resume cannot be used"),
        (&["--driver", "--spawn", "x", "--", "x", "{url}"], "--spawn is about servers"),
        (
            &["--listen", "127.0.0.1:0", "--cert", "none.pem", "--key", "none.pem"],
            "could not read a certificate or key",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let output = wsspec(["client", "--out"]).arg(&out).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", told(&output));
        assert!(contains(&told(&output), says), "{args:?}: {}", told(&output));
        assert!(!out.exists(), "{args:?}");
    }
}
