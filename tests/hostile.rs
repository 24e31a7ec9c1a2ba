//! Every server that does what no WebSocket server does has to end a run soon, with a report, an exit code, and words
//! that tell what it did.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;

use command::{Report, contains, wsspec};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use wsspec::peer::{HostileServer, hostiles};

/// Cases that together send messages, pings, violations and Closes.
const CASES: &[&str] = &[
    "framing/text-length/125-octets",
    "framing/reserved-bits/rsv2-after-text",
    "control/ping-pong/text-ping",
    "close/codes/code-1000",
];
const NOT_JUDGED: &[&str] = &[];
const LIMIT: Duration = Duration::from_secs(60);

/// What a run against a hostile server has to come to.
struct Row {
    name: &'static str,
    exits: &'static [i32],
    /// The outcomes that cases may have; none where the cases are not even tried.
    outcomes: &'static [&'static str],
    /// What the user is told.
    says: &'static str,
    cases: &'static [&'static str],
    scale: &'static str,
}

const fn row(name: &'static str, exits: &'static [i32], outcomes: &'static [&'static str], says: &'static str) -> Row {
    Row { name, exits, outcomes, says, cases: CASES, scale: "1" }
}

/// The same with short deadlines, for a server that nobody should wait for.
const fn hurried(row: Row, scale: &'static str) -> Row {
    Row { scale, ..row }
}

const TABLE: &[Row] = &[
    hurried(
        row("accepts-and-stays-silent", &[3], NOT_JUDGED, "it accepted the connection, and sent nothing within 0.25 s"),
        "0.05",
    ),
    row("closes-at-once", &[3], NOT_JUDGED, "it closed the connection without an answer"),
    row("resets-at-once", &[3], NOT_JUDGED, "it reset the connection without an answer"),
    row("answers-404", &[3], NOT_JUDGED, "it answered the opening handshake with status 404; is `/` the right path?"),
    row("answers-200", &[3], NOT_JUDGED, "it answered the opening handshake with status 200"),
    row("answers-302", &[3], NOT_JUDGED, "with status 302 and the location http://127.0.0.1:9/, which is not followed"),
    hurried(row("wrong-accept", &[1], &["fail"], "Sec-WebSocket-Accept"), "0.1"),
    row("garbage-with-empty-line", &[3], NOT_JUDGED, "something that is no HTTP response: \\x00\\x01\\xff<garbage>"),
    hurried(
        row("garbage-without-empty-line", &[3], NOT_JUDGED, "with a TLS alert; the URL may have to begin with wss://"),
        "0.05",
    ),
    hurried(row("half-a-head", &[3], NOT_JUDGED, "it had not finished its response head after 0.25 s"), "0.05"),
    hurried(row("non-utf8-head", &[1], &["fail"], "was not answered"), "0.1"),
    row("endless-header", &[3], NOT_JUDGED, "it sent a response head without end"),
    hurried(
        row(
            "slow-101",
            &[3],
            NOT_JUDGED,
            "it had not finished its response head after 0.25 s; --timeout-scale would give it",
        ),
        "0.05",
    ),
    // the end may come before or behind what the case sends
    row("closes-after-handshake", &[1, 3], &["broken", "fail"], "the end of the TCP connection and no Close frame"),
    row("endless-frames", &[3], &["broken"], "the target sent more than a case can use"),
    row("ping-flood", &[3], &["broken"], "the target sent more than a case can use"),
    row("endless-fragmented-message", &[3], &["broken"], "the target sent more than a case can use"),
    row("frame-of-2-63-minus-1", &[3], &["broken"], "the target sent more than a case can use"),
    hurried(row("trickling-frame-of-2-63-minus-1", &[1], &["fail"], "was not answered"), "0.1"),
    hurried(row("never-reads", &[1], &["fail"], "was not answered"), "0.1"),
    row("resets-in-mid-frame", &[1], &["broken", "fail"], "a reset and no Close frame"),
    hurried(
        row(
            "close-and-never-drops-tcp",
            &[1],
            &["broken", "fail"],
            "Behind the closing handshake the target kept the TCP connection open",
        ),
        "0.1",
    ),
    Row {
        cases: &["utf8/*"],
        scale: "0.3",
        ..row("dies-after-n-connections", &[3], &["pass", "broken"], "the target is gone since ")
    },
];

#[test]
fn every_hostile_server_ends_a_run_with_a_clear_outcome() {
    let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    let known: Vec<&str> = hostiles().iter().map(|hostile| hostile.name).collect();
    assert_eq!(names, known, "the table and the servers");
    let wrong: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = TABLE.iter().map(|row| scope.spawn(|| row.wrong())).collect();
        running.into_iter().filter_map(|run| run.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

impl Row {
    /// What is wrong with a run against the server, when something is.
    fn wrong(&self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("ws://{}/", serve(self.name));
        let output = wsspec(["server", &url, "--timeout-scale", self.scale, "--case"])
            .args(self.cases)
            .arg("--out")
            .arg(folder.path())
            .timeout(LIMIT)
            .output()
            .unwrap();
        let report = Report::read(folder.path());
        let mut faults = Vec::new();
        if !output.status.code().is_some_and(|code| self.exits.contains(&code)) {
            faults.push(format!("the exit code is {:?} and not {:?}", output.status.code(), self.exits));
        }
        let outcomes = report.outcomes();
        if let Some((case, outcome)) = outcomes.iter().find(|(_, outcome)| !self.outcomes.contains(&outcome.as_str())) {
            faults.push(format!("{case} has the outcome {outcome}"));
        }
        let told = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        if !contains(&told, self.says) {
            faults.push(format!("`{}` is not said", self.says));
        }
        if !report.says(self.says) {
            faults.push(format!("`{}` does not stand in the report", self.says));
        }
        let is_selected = |case: &str| self.cases.iter().any(|pattern| case.starts_with(pattern.trim_end_matches('*')));
        let listed = outcomes.len() + report.not_run().len();
        if listed == 0 || outcomes.keys().chain(&report.not_run()).any(|case| !is_selected(case)) {
            faults.push(format!("{listed} cases are in the report, and not those that were asked for"));
        }
        (!faults.is_empty()).then(|| format!("{}: {}\n{told}", self.name, faults.join("; ")))
    }
}

#[test]
fn a_target_that_nobody_can_reach_is_named_with_the_reason() {
    let unused = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let refusing = format!("ws://{}/", unused.local_addr().unwrap());
    drop(unused);
    for (url, says) in
        [(refusing.as_str(), "connection refused"), ("ws://server.invalid/", "could not resolve server.invalid")]
    {
        let folder = tempfile::tempdir().unwrap();
        let output = wsspec(["server", url, "--case", CASES[0], "--out"]).arg(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{url}");
        let report = Report::read(folder.path());
        assert!(report.says(says), "{url}: {:?}", report.stopped());
        assert_eq!((report.outcomes().len(), report.not_run()), (0, vec![CASES[0].to_owned()]), "{url}");
        assert!(contains(&String::from_utf8_lossy(&output.stdout), says), "{url}");
    }
}

/// Starts a hostile server on a thread of its own; it serves until the test process ends.
fn serve(name: &'static str) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let server = HostileServer::bind(any_port, name).await.unwrap();
            sender.send(server.local_addr()).unwrap();
            server.serve().await;
        });
    });
    receiver.recv().unwrap()
}
