//! The life of a run: killed, interrupted, resumed, refused for a moment; nothing that is finished gets lost.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;
mod proxy;

use command::{Report, files, wsspec};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use proxy::{Arrival, Proxy, Treatment};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// More cases than the connection that is held has predecessors.
const CASES: &str = "utf8/boundaries/*";
/// Cases with pings, more than run beside each other, and how many those are.
const SLOW: &str = "control/ping-pong/*";
const JOBS: usize = 12;
/// The connection that is held: the probe and some cases come before it.
const HELD: usize = 8;
/// The connections of the probe: the first, and one that offers permessage-deflate.
const PROBED: usize = 2;
/// The cases that are finished when that connection is held.
const FINISHED: usize = HELD - 1 - PROBED;

fn hold_one(arrival: Arrival) -> Treatment {
    if arrival.number == HELD { Treatment::Hold } else { Treatment::Pass }
}

fn arguments(url: &str, out: &Path) -> Vec<String> {
    let out = out.to_str().unwrap();
    ["server", url, "--case", CASES, "--jobs", "1", "--name", "target", "--out", out].map(str::to_owned).to_vec()
}

/// Starts a run that goes on until a connection is held.
fn start(url: &str, out: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_wsspec"))
        .args(arguments(url, out))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap())
}

/// The finished cases of a journal, behind its opening line.
fn journaled(out: &Path) -> usize {
    fs::read_to_string(out.join("journal.jsonl")).unwrap().lines().filter(|line| !line.is_empty()).count() - 1
}

/// A run that nobody disturbs.
fn undisturbed() -> (String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(|_| Treatment::Pass);
    wsspec(arguments(&proxy.url(), folder.path())).assert().code(0);
    let count = Report::read(folder.path()).outcomes().len();
    assert!(count > HELD, "there are only {count} cases");
    (fs::read_to_string(folder.path().join("verdicts.json")).unwrap(), count)
}

#[test]
fn a_run_that_is_killed_loses_no_finished_case_and_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(hold_one);
    let mut run = start(&proxy.url(), folder.path());
    proxy.wait_until_held();
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(journaled(folder.path()), FINISHED);
    assert!(!folder.path().join("verdicts.json").exists());

    proxy.release();
    let resume = |option: &[&str]| {
        let mut command = wsspec(arguments(&proxy.url(), folder.path()));
        command.arg("--resume").args(option);
        command.assert()
    };
    for other in [["--seed", "2"], ["--profile", "strict"], ["--origin", "http://example.org"]] {
        let refused = resume(&other).code(2);
        let says = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(says.contains("could not resume in"), "{other:?}: {says}");
        assert_eq!(journaled(folder.path()), FINISHED, "{other:?}");
    }

    let (verdicts, count) = undisturbed();
    let before = proxy.connections();
    resume(&[]).code(0);
    assert_eq!(proxy.connections() - before, PROBED + count - FINISHED, "only the rest is run");
    assert_eq!(fs::read_to_string(folder.path().join("verdicts.json")).unwrap(), verdicts);
}

#[test]
fn a_run_that_is_interrupted_reports_what_is_finished_and_can_be_resumed() {
    let (verdicts, count) = undisturbed();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let folder = tempfile::tempdir().unwrap();
        let proxy = Proxy::start(hold_one);
        let mut run = start(&proxy.url(), folder.path());
        proxy.wait_until_held();
        kill(pid(&run), signal).unwrap();
        assert_eq!(run.wait().unwrap().code(), Some(3), "{signal}");
        let report = Report::read(folder.path());
        assert_eq!(report.stopped(), Some("interrupted"), "{signal}");
        assert_eq!(report.outcomes().len(), FINISHED, "{signal}");
        assert_eq!(report.not_run().len(), count - FINISHED, "{signal}");

        proxy.release();
        wsspec(arguments(&proxy.url(), folder.path())).arg("--resume").assert().code(0);
        assert_eq!(fs::read_to_string(folder.path().join("verdicts.json")).unwrap(), verdicts, "{signal}");
    }
}

#[test]
fn a_run_that_is_resumed_on_a_target_that_is_gone_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(|arrival| match arrival.number {
        HELD => Treatment::Hold,
        number if number > HELD => Treatment::Close,
        _ => Treatment::Pass,
    });
    let mut run = start(&proxy.url(), folder.path());
    proxy.wait_until_held();
    run.kill().unwrap();
    run.wait().unwrap();
    wsspec(arguments(&proxy.url(), folder.path())).arg("--resume").assert().code(3);
    let report = Report::read(folder.path());
    assert_eq!(report.outcomes().len(), FINISHED);
    assert!(report.says("it closed the connection without an answer"), "{:?}", report.stopped());
}

#[test]
fn a_run_that_is_killed_leaves_the_earlier_report_and_can_be_resumed() {
    let (verdicts, count) = undisturbed();
    let folder = tempfile::tempdir().unwrap();
    let good = Proxy::start(|_| Treatment::Pass);
    wsspec(arguments(&good.url(), folder.path())).assert().code(0);
    let before = files(folder.path());

    for signal in [Signal::SIGKILL, Signal::SIGINT] {
        let proxy = Proxy::start(hold_one);
        let mut run = start(&proxy.url(), folder.path());
        proxy.wait_until_held();
        kill(pid(&run), signal).unwrap();
        run.wait().unwrap();
        let unfinished = folder.path().join("unfinished");
        assert_eq!(journaled(&unfinished), FINISHED, "{signal}");
        let mut after = files(folder.path());
        after.retain(|name, _| !name.starts_with("unfinished/") && name != "running.lock");
        assert!(after == before, "{signal}: the earlier report is whole");
        if signal == Signal::SIGINT {
            assert_eq!(Report::read(&unfinished).outcomes().len(), FINISHED);
        }

        proxy.release();
        let connections = proxy.connections();
        wsspec(arguments(&proxy.url(), folder.path())).arg("--resume").assert().code(0);
        assert_eq!(proxy.connections() - connections, PROBED + count - FINISHED, "{signal}: only the rest is run");
        assert_eq!(fs::read_to_string(folder.path().join("verdicts.json")).unwrap(), verdicts, "{signal}");
        assert!(!unfinished.exists(), "{signal}");
        let judged = wsspec(["judge"]).arg(folder.path()).assert().code(0);
        assert!(String::from_utf8_lossy(&judged.get_output().stderr).contains("are those of the run"), "{signal}");
        // the next one finds what this one found
        assert_eq!(files(folder.path()).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{signal}");
        before.iter().for_each(|(name, content)| fs::write(folder.path().join(name), content).unwrap());
    }
}

#[test]
fn nothing_is_resumed_where_nothing_was_begun() {
    let folder = tempfile::tempdir().unwrap();
    let refused = wsspec(arguments("ws://127.0.0.1:9/", folder.path())).arg("--resume").assert().code(2);
    let says = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(says.contains("there is no earlier run in it"), "{says}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(hold_one);
    let mut run = start(&proxy.url(), folder.path());
    proxy.wait_until_held();
    let refused = wsspec(arguments("ws://127.0.0.1:9/", folder.path())).assert().code(2);
    let says = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(says.contains("another run is writing there"), "{says}");
    proxy.release();
    assert_eq!(run.wait().unwrap().code(), Some(0));
}

#[test]
fn a_target_that_refuses_connections_for_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(|arrival| if arrival.number == HELD { Treatment::Deafen } else { Treatment::Pass });
    let mut run = start(&proxy.url(), folder.path());
    let told = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut waited = false;
    for line in told {
        if line.contains("the target refuses connections") {
            waited = true;
            proxy.listen();
        }
    }
    assert!(waited);
    assert_eq!(run.wait().unwrap().code(), Some(0));
    assert!(Report::read(folder.path()).outcomes().values().all(|outcome| outcome == "pass"));
}

#[test]
fn a_target_that_takes_few_connections_at_a_time_does_not_fail() {
    const BUSY: Treatment =
        Treatment::Answer("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    for turned_away in [BUSY, Treatment::Close] {
        let folder = tempfile::tempdir().unwrap();
        let proxy = Proxy::start(move |arrival| if arrival.open > 4 { turned_away } else { Treatment::Pass });
        let out = folder.path().to_str().unwrap();
        wsspec(["server", &proxy.url(), "--case", "utf8/*", "--jobs", "16", "--out", out]).assert().code(0);
        let outcomes = Report::read(folder.path()).outcomes();
        assert!(outcomes.values().all(|outcome| outcome == "pass"), "{turned_away:?}: {outcomes:?}");
    }
}

#[test]
fn a_slow_target_is_given_the_full_time_when_others_were_waited_for_in_vain() {
    let folder = tempfile::tempdir().unwrap();
    // so many that hang shorten the deadlines of those behind them to less than the target needs
    let hang = 2..=1 + JOBS;
    let proxy = Proxy::in_front_of("third-pong-after-2-s", move |arrival| {
        if hang.contains(&arrival.number) { Treatment::Hold } else { Treatment::Pass }
    });
    let (url, out, jobs) = (proxy.url(), folder.path().to_str().unwrap(), JOBS.to_string());
    // 3 s for a pong, of which some take 2 s
    let arguments = ["server", &url, "--case", SLOW, "--jobs", &jobs, "--timeout-scale", "0.6", "--out", out];
    let told = wsspec(arguments).assert().code(0);
    let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    assert!(told.contains("once more, with the full time"), "{told}");
    let outcomes = Report::read(folder.path()).outcomes();
    assert!(outcomes.len() > JOBS, "{} cases", outcomes.len());
    // a pong that takes so long is warned of
    let conforms = |outcome: &String| outcome == "pass" || outcome == "warn";
    assert!(outcomes.values().all(conforms), "{outcomes:?}");
}
