//! Clients as targets: what conforms passes, what breaks a rule fails, and what never comes is not waited for.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;

use command::{Report, contains, wsspec};
use std::path::Path;
use std::process::Output;

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
    // some responses may be taken or refused, and that is only told; a subprotocol is not known
    let is_good = |(id, outcome): (&String, &String)| {
        outcome == "pass" || (["info", "skip"].contains(&outcome.as_str()) && id.starts_with("response/"))
    };
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
    // the query may hold a secret
    let request: String = "GET /chat?room=* HTTP/1.1".bytes().map(|octet| format!("{octet:02x}")).collect();
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

/// Faults that show in the process of a client too, each with a case that it fails; `tests/faults` has all of them.
const DETECTED: &[(&str, &str)] = &[
    ("requests-without-host", "close/codes/code-1000"),
    ("accepts-any-accept", "response/accept/of-another-key"),
    ("requests-the-root", "request/url/path"),
    ("uses-one-nonce", "request/connection/third-connection"),
    ("closes-without-the-reason", "commands/closing/code-and-reason"),
];

#[test]
fn faults_of_a_client_that_a_command_starts_fail_its_cases() {
    for (name, case) in DETECTED {
        let folder = tempfile::tempdir().unwrap();
        let client = [env!("CARGO_BIN_EXE_wsspec"), "echo", "--connect", "{url}", "--behave", name];
        let output = test(&["--case", case, "--commands", "--timeout-scale", "0.3"], &client, folder.path());
        let outcomes = Report::read(folder.path()).outcomes();
        assert_eq!(outcomes.get(*case).map(String::as_str), Some("fail"), "{name}: {}", told(&output));
        assert_eq!(output.status.code(), Some(1), "{name}");
    }
}

#[test]
fn commands_are_for_clients_that_take_them() {
    let folder = tempfile::tempdir().unwrap();
    let client = [env!("CARGO_BIN_EXE_wsspec"), "echo", "--connect", "{url}"];
    let options = ["--case", "commands/closing/code-1000"];
    let without = test(&options, &client, folder.path());
    assert!(contains(&told(&without), "--commands says that it does"), "{}", told(&without));
    let with = test(&[options[0], options[1], "--commands"], &client, folder.path());
    assert_eq!(with.status.code(), Some(0), "{}", told(&with));
    let outcomes = Report::read(folder.path()).outcomes();
    assert_eq!(outcomes["commands/closing/code-1000"], "pass");
}

#[test]
fn under_tls_the_client_trusts_the_authority_of_the_run_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let some =
        ["--tls", "--case", "delivery/tls/*", "request/certificates/*", "framing/text-length/*", "close/codes/*"];
    let output = test(&some, &[], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let outcomes = Report::read(folder.path()).outcomes();
    assert!(outcomes.len() > 20, "{outcomes:?}");
    // tungstenite does not know the code 1014
    let others: Vec<_> = outcomes.iter().filter(|(_, outcome)| *outcome != "pass").collect();
    assert!(others.is_empty(), "{others:?}");

    let binary = env!("CARGO_BIN_EXE_wsspec");
    let careless = [binary, "echo", "--behave", "trusts-expired-certificates", "--ca", "{ca}", "--connect", "{url}"];
    let output = test(&some, &careless, folder.path());
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let failed: Vec<String> = Report::read(folder.path())
        .outcomes()
        .into_iter()
        .filter_map(|(id, outcome)| (outcome == "fail").then_some(id))
        .collect();
    assert_eq!(failed, ["request/certificates/expired"]);

    let output = test(&some, &[binary, "echo", "--connect", "{url}"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(contains(&told(&output), "{ca} has to stand in the command"), "{}", told(&output));
    let output = test(&some, &[binary, "echo", "--connect", "{url}", "--ca", "{ca}x"], folder.path());
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
}

#[test]
fn connections_that_a_command_asks_for_come_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_wsspec");
    let client = [binary, "echo", "--connect", "{url}"];
    for (behaviour, outcome) in [(&[][..], "pass"), (&["--behave", "connects-side-by-side"], "fail")] {
        let client = [&client[..], behaviour].concat();
        let output = test(&["--commands", "--case", "commands/opening/*"], &client, folder.path());
        let outcomes = Report::read(folder.path()).outcomes();
        assert_eq!(outcomes["commands/opening/three-more"], outcome, "{}", told(&output));
    }
}
