//! Clients as targets: what conforms passes, what breaks a rule fails, and what never comes is not waited for.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;

use command::{Report, contains, wsspec};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use std::thread;
use wsspec::peer::{CONFORMING, client_faults};

const SOME: [&str; 8] = [
    "--case",
    "close/codes/*",
    "close/malformed/*",
    "control/ping-pong/*",
    "fragmentation/*",
    "framing/reserved-bits/*",
    "response/*",
    "utf8/split-code-points/*",
];

fn test(options: &[&str], client: &[&str], out: &Path) -> Output {
    let mut command = wsspec(["client"]);
    command.args(options).arg("--out").arg(out);
    if !client.is_empty() {
        command.arg("--").args(client);
    }
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_reference_client_passes() {
    let folder = tempfile::tempdir().unwrap();
    let output = test(&SOME, &[], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let outcomes = Report::read(folder.path()).outcomes();
    // some responses may be taken or refused, and that is only told
    let is_good =
        |(id, outcome): (&String, &String)| outcome == "pass" || (outcome == "info" && id.starts_with("response/"));
    assert!(outcomes.len() > 190 && outcomes.iter().all(is_good), "{outcomes:?}");
}

#[test]
fn verdicts_come_out_again_offline() {
    let folder = tempfile::tempdir().unwrap();
    test(&SOME, &[], folder.path());
    let again = wsspec(["judge"]).arg(folder.path()).output().unwrap();
    assert!(contains(&told(&again), "the verdicts are those of the run"), "{}", told(&again));
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn the_command_gets_the_url_and_its_output_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let client =
        ["sh", "-c", "echo \"for $0\"; exec \"$1\" echo --connect \"$0\"", "{url}", env!("CARGO_BIN_EXE_wsspec")];
    let options = ["--case", "close/codes/code-1000", "--path", "/chat?room=1", "--header", "X-Room: 1"];
    let output = test(&options, &client, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let log = std::fs::read_to_string(folder.path().join("target.log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 2, "the probe and the case: {log}");
    assert!(
        lines.iter().all(|line| line.starts_with("for ws://127.0.0.1:") && line.ends_with("/chat?room=1")),
        "{log}"
    );
    let transcript = std::fs::read_to_string(folder.path().join("transcripts/close/codes/code-1000.json")).unwrap();
    let request: String = "GET /chat?room=1 HTTP/1.1".bytes().map(|octet| format!("{octet:02x}")).collect();
    assert!(transcript.contains(&request), "{transcript}");
}

#[test]
fn a_client_that_never_comes_is_broken_and_not_waited_for() {
    for (client, says) in [
        (&["true", "{url}"][..], "and did not connect"),
        (&["sh", "-c", "exit 7", "{url}"], "the client ended (exit status: 7) and did not connect"),
        (&["sh", "-c", "sleep 100", "{url}"], "the client did not connect within"),
        (&["no-such-program", "{url}"], "could not start `no-such-program"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = test(&["--case", "close/codes/*", "--timeout-scale", "0.05"], client, folder.path());
        assert_eq!(output.status.code(), Some(3), "{client:?}: {}", told(&output));
        let report = Report::read(folder.path());
        assert!(report.says(says), "{client:?}: {:?}", report.stopped());
        assert!(report.outcomes().is_empty());
    }
}

#[test]
fn a_client_that_speaks_something_else_is_told_from_one_that_breaks_a_rule() {
    // the port is what stands behind the last colon of ws://127.0.0.1:PORT/
    let speaks = |octets: &str| {
        format!("p=${{0##*:}}; exec 3<>/dev/tcp/127.0.0.1/${{p%/}}; printf '{octets}' >&3; cat <&3 >/dev/null")
    };
    let no_host = "GET / HTTP/1.1\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n";
    for (octets, code, says) in [
        ("hello\\r\\n", 3, "connected, and sent no opening handshake"),
        (no_host, 1, "Its request has no Host field, or several."),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let script = speaks(octets);
        let client = ["bash", "-c", script.as_str(), "{url}"];
        let options = ["--case", "close/codes/code-1000", "--timeout-scale", "0.1"];
        let output = test(&options, &client, folder.path());
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
        assert!(Report::read(folder.path()).says(says), "{}", told(&output));
    }
}

#[test]
fn mistakes_are_named_before_anything_is_written() {
    for (options, client, says) in [
        (&[][..], &["node", "client.js"][..], "{url} has to stand in it"),
        (&["--path", "chat"], &["x", "{url}"], "it begins with /"),
        (&["--spawn", "x"], &["x", "{url}"], "--spawn is about servers"),
        (&["--case", "handshake/host/*"], &["x", "{url}"], "none of these cases says anything about a client"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let output = test(options, client, &out);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {}", told(&output));
        assert!(contains(&told(&output), says), "{options:?}: {}", told(&output));
        assert!(!out.exists(), "{options:?}");
    }
}

/// The case that fails a client with this fault. Where any case will do, the fault is in the request.
const DETECTED: &[(&str, &str)] = &[
    ("requests-without-host", ANY),
    ("requests-with-two-hosts", ANY),
    ("requests-without-upgrade", ANY),
    ("requests-another-upgrade", ANY),
    ("requests-without-connection", ANY),
    ("requests-connection-close", ANY),
    ("requests-without-key", ANY),
    ("requests-with-two-keys", ANY),
    ("key-of-15-octets", ANY),
    ("key-that-is-no-base64", ANY),
    ("requests-without-version", ANY),
    ("requests-version-8", ANY),
    ("requests-by-post", ANY),
    ("requests-in-http-1.0", ANY),
    ("requests-a-ws-target", ANY),
    ("requests-a-fragment", ANY),
    ("requests-with-bare-lf", ANY),
    ("requests-with-space-before-colon", ANY),
    ("requests-a-body", ANY),
    ("offers-a-subprotocol-twice", ANY),
    ("offers-a-subprotocol-of-two-words", ANY),
    ("offers-malformed-extensions", ANY),
    ("accepts-any-status", "response/status/503"),
    ("accepts-status-200", "response/status/200"),
    ("accepts-malformed-status-lines", "response/status/line-garbage"),
    ("accepts-responses-without-upgrade", "response/upgrade/upgrade-missing"),
    ("accepts-any-upgrade", "response/upgrade/upgrade-other"),
    ("accepts-upgrade-by-its-start", "response/upgrade/upgrade-longer"),
    ("accepts-upgrade-by-unicode-case", "response/upgrade/upgrade-with-kelvin-sign"),
    ("accepts-responses-without-connection", "response/upgrade/connection-missing"),
    ("accepts-any-connection", "response/upgrade/connection-close"),
    ("accepts-responses-without-accept", "response/accept/missing"),
    ("accepts-any-accept", "response/accept/of-another-key"),
    ("accepts-the-answer-to-the-decoded-key", "response/accept/of-the-decoded-key"),
    ("compares-the-accept-without-case", "response/accept/in-other-case"),
    ("compares-27-characters-of-the-accept", "response/accept/cut"),
    ("accepts-extensions-not-offered", "response/extensions/not-offered"),
    ("accepts-subprotocols-not-offered", "response/subprotocol/not-offered"),
    ("refuses-names-in-lower-case", "response/plain/names-in-lower-case"),
    ("refuses-websocket-in-other-case", "response/plain/upgrade-upper-case"),
    ("refuses-connection-lists-of-servers", "response/plain/connection-list"),
    ("refuses-unknown-fields-of-servers", "response/plain/extra-fields"),
    ("refuses-other-reasons", "response/plain/reason-other"),
    ("loses-frames-behind-the-response", "response/segments/text-behind"),
    ("refuses-responses-in-pieces", "response/segments/cut-at-52"),
];
const ANY: &str = "close/codes/code-1000";
/// The same for some of the faults that the hand-written server has too.
const DETECTED_BEHIND: &[(&str, &str)] = &[
    ("masks-its-frames", "framing/text-length/125-octets"),
    ("masks-its-close", ANY),
    ("accepts-rsv2-on-binary", "framing/reserved-bits/rsv2-on-binary"),
    ("accepts-reserved-opcode-3", "framing/reserved-opcodes/opcode-3-empty"),
    ("accepts-continuation-without-start", "fragmentation/stray-continuation/final-continuation-then-text"),
    ("echo-as-binary", "framing/text-length/125-octets"),
    ("accepts-surrogate", "utf8/surrogate-in-text/one-frame"),
    ("never-answers-ping", "control/ping-pong/text-ping"),
    ("ignores-close", ANY),
    ("two-closes", ANY),
    ("data-after-close", ANY),
];

#[test]
fn every_fault_of_a_client_fails_its_case() {
    let named: BTreeSet<&str> = DETECTED.iter().map(|(name, _)| *name).collect();
    let known: BTreeSet<&str> = client_faults().iter().map(|fault| fault.name).collect();
    assert_eq!(named, known);
    let rows: Vec<&(&str, &str)> = DETECTED.iter().chain(DETECTED_BEHIND).collect();
    let wrong: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = rows
            .chunks(rows.len().div_ceil(6))
            .map(|rows| scope.spawn(|| rows.iter().filter_map(|(name, case)| missed(name, case)).collect::<Vec<_>>()))
            .collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What comes of a run against the hand-written client with a fault, when that is not a failure of the case.
fn missed(name: &str, case: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let client = [env!("CARGO_BIN_EXE_wsspec"), "echo", "--connect", "{url}", "--behave", name];
    let output = test(&["--case", case, "--timeout-scale", "0.3"], &client, folder.path());
    let outcomes = Report::read(folder.path()).outcomes();
    let is_failed = outcomes.get(case).is_some_and(|outcome| outcome == "fail");
    (!is_failed || output.status.code() != Some(1)).then(|| format!("{name}: {}", told(&output)))
}

#[test]
fn the_client_without_a_fault_passes() {
    let folder = tempfile::tempdir().unwrap();
    let client = [env!("CARGO_BIN_EXE_wsspec"), "echo", "--connect", "{url}", "--behave", CONFORMING];
    let output = test(&SOME, &client, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let outcomes = Report::read(folder.path()).outcomes();
    let is_good =
        |(id, outcome): (&String, &String)| outcome == "pass" || (outcome == "info" && id.starts_with("response/"));
    assert!(outcomes.len() > 190 && outcomes.iter().all(is_good), "{outcomes:?}");
}
