//! One test for each project that tests a server with `fuzzingclient`: its spec file, and its way of reading the results.
//! Left out are the sizes of group 9, for the sake of time, and what is only early or late, where a word is compared.

use crate::bench::{Bench, echo_server, quirky};
use crate::reading::{failed_as_gobwas, failed_as_jetty, failed_by_words, rows, without_durations, words_by_line};
use serde_json::{Value, json};
use std::path::Path;

const GOOD: &[&str] = &["OK", "INFORMATIONAL", "NON-STRICT"];
const GOOD_CLOSE: &[&str] = &["OK", "INFORMATIONAL"];
const NONE: Vec<String> = Vec::new();

#[test]
fn tungstenite_compares_with_a_file() {
    let spec = r#"{
        "outdir": "./autobahn/server",
        "servers": [{"agent": "Tungstenite", "url": "ws://127.0.0.1:PORT"}],
        "cases": ["*"], "exclude-cases": ["6.4.*", "9.*", "12.2.*", "12.3.*", "12.4.*", "12.5.*", "13.*"], "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["-m", "fuzzingclient", "-s", "fuzzingclient.json"]);
    let first = without_durations(bench.json("autobahn/server/index.json"));
    bench.run(&["-m", "fuzzingclient", "-s", "fuzzingclient.json"]);
    let second = without_durations(bench.json("autobahn/server/index.json"));
    assert!(first == second, "the verdicts changed from run to run");
    let index: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(rows(&index, "Tungstenite").len(), 517 - 54 - 4 - 198);
    let row = |behavior: &str, file: &str| json!({"behavior": behavior, "behaviorClose": "OK", "remoteCloseCode": 1000, "reportfile": file});
    assert_eq!(index["Tungstenite"]["1.1.1"], row("OK", "tungstenite_case_1_1_1.json"));
    assert_eq!(index["Tungstenite"]["12.1.1"], row("OK", "tungstenite_case_12_1_1.json"));
}

#[test]
fn fastwebsockets_uwebsockets_and_deno_look_for_good_words() {
    let spec = r#"{
        "outdir": "./reports/servers",
        "servers": [{"agent": "fastwebsockets", "url": "ws://localhost:PORT"}],
        "cases": ["*"], "exclude-cases": ["9.*", "11.*", "12.*", "13.*"], "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["-m", "fuzzingclient", "-s", "./fuzzingclient.json"]);
    let index = bench.json("reports/servers/index.json");
    assert_eq!(failed_by_words(&index, "fastwebsockets", GOOD, None), NONE);
    assert_eq!(failed_by_words(&index, "fastwebsockets", GOOD, Some(GOOD)), NONE);
    assert_eq!(rows(&index, "fastwebsockets").len(), 247);
}

#[test]
fn uwebsockets_sees_a_server_that_fails() {
    let port = quirky("accepts-rsv3-on-text");
    let spec = format!(
        r#"{{"outdir": "./reports/servers", "servers": [{{"agent": "uWebSockets", "url": "ws://127.0.0.1:{port}"}}],
            "cases": ["1.1.1", "3.*"], "exclude-cases": [], "exclude-agent-cases": {{}}}}"#
    );
    let bench = Bench::new().file("fuzzingclient.json", &spec);
    // a finished run ends with 0, whatever it found
    bench.run(&["-m", "fuzzingclient", "-s", "fuzzingclient.json"]);
    let index = bench.json("reports/servers/index.json");
    assert!(!failed_by_words(&index, "uWebSockets", GOOD, Some(GOOD)).is_empty());
    assert_eq!(index["uWebSockets"]["1.1.1"]["behavior"], "OK");
}

#[test]
fn websockets_names_no_agents_and_has_two_servers() {
    let spec = format!(
        r#"{{"outdir": "./reports/servers",
            "servers": [{{"url": "ws://localhost:PORT"}}, {{"url": "ws://localhost:{}"}}],
            "cases": ["1.*", "2.*"], "exclude-cases": []}}"#,
        echo_server()
    );
    let bench = Bench::new().file("config/fuzzingclient.json".trim_start_matches("config/"), &spec);
    bench.run(&["--mode", "fuzzingclient", "--spec", "fuzzingclient.json"]);
    let index = bench.json("reports/servers/index.json");
    // neither server names itself, and none is lost under the name of the other
    let agents: Vec<&String> = index.as_object().unwrap().keys().collect();
    assert_eq!(agents, ["UnknownServer", "UnknownServer 2"]);
    for agent in agents {
        assert_eq!(failed_by_words(&index, agent, &["OK"], Some(&["OK"])), NONE);
    }
}

#[test]
fn aiohttp_reads_the_closing_and_the_result() {
    let spec = r#"{
        "outdir": "./reports/servers", "options": {"failByDrop": true},
        "servers": [{"agent": "AutobahnServer", "url": "ws://localhost:PORT", "options": {"version": 18}}],
        "cases": ["*"], "exclude-cases": ["9.*", "12.*", "13.*"], "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["--mode", "fuzzingclient", "--spec", "fuzzingclient.json"]);
    let index = bench.json("reports/servers/index.json");
    for (id, row) in rows(&index, "AutobahnServer") {
        assert!(GOOD_CLOSE.contains(&row["behaviorClose"].as_str().unwrap()), "{id}");
        let details = bench.json(&format!("reports/servers/{}", row["reportfile"].as_str().unwrap()));
        if row["behavior"] == "OK" {
            assert_eq!(details["result"], "Actual events match at least one expected.", "{id}");
        }
    }
}

#[test]
fn wsproto_lets_a_regular_expression_through_and_lists_the_slowest() {
    let spec = r#"{
        "outdir": "./reports/servers",
        "servers": [{"agent": "wsproto", "url": "ws://localhost:PORT", "options": {"version": 18}}],
        "cases": ["5.*", "12.*.[1234]$", "13.*.[1234]$"], "exclude-cases": ["13.3.*", "13.5.*", "13.7.*"]
    }"#;
    let bench = Bench::new().file("ws-fuzzingclient.json", spec);
    let told = bench.run(&["-m", "fuzzingclient", "-s", "ws-fuzzingclient.json"]);
    assert!(told.lines().any(|line| line == "Ok, will run 56 test cases against 1 servers"), "{told}");
    let index = bench.json("reports/servers/index.json");
    let mut slow: Vec<(u64, &str)> =
        rows(&index, "wsproto").iter().map(|(id, row)| (row["duration"].as_u64().unwrap(), *id)).collect();
    slow.sort();
    assert_eq!(slow.len(), 56);
    let good = &["OK", "INFORMATIONAL", "UNIMPLEMENTED"];
    assert_eq!(failed_by_words(&index, "wsproto", good, Some(good)), NONE);
}

#[test]
fn gorilla_has_an_agent_for_each_path() {
    let servers: Vec<String> = ["m", "p", "f", "r", "c"]
        .iter()
        .map(|path| format!(r#"{{"agent": "ReadAllWriteMessage/{path}", "url": "ws://localhost:PORT/{path}", "options": {{"version": 18}}}}"#))
        .collect();
    let spec = format!(
        r#"{{"options": {{"failByDrop": false}}, "outdir": "./reports/clients", "servers": [{}],
            "cases": ["1.*", "7.*"], "exclude-cases": [], "exclude-agent-cases": {{}}}}"#,
        servers.join(",")
    );
    let bench = Bench::new().file("fuzzingclient.json", &spec);
    bench.run(&["-m", "fuzzingclient", "-s", "fuzzingclient.json"]);
    let index = bench.json("reports/clients/index.json");
    assert_eq!(index.as_object().unwrap().len(), 5);
    assert_eq!(failed_by_words(&index, "ReadAllWriteMessage/m", GOOD, Some(GOOD_CLOSE)), NONE);
    assert_eq!(index["ReadAllWriteMessage/c"]["1.1.1"]["reportfile"], "readallwritemessage_c_case_1_1_1.json");
}

#[test]
fn gobwas_and_nbio_stop_at_a_word_they_do_not_know() {
    let spec = r#"{
        "outdir": "./report", "servers": [
            {"agent": "helpers/low", "url": "ws://127.0.0.1:PORT/helpers/low"},
            {"agent": "ws", "url": "ws://127.0.0.1:PORT/ws"}
        ],
        "cases": ["*"], "exclude-cases": ["9.*", "12.*", "13.*"],
        "exclude-agent-cases": {"helpers/*": ["6.*", "7.1.6"], "ws": ["5.*", "6.*"]}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["--mode=fuzzingclient", "--spec=fuzzingclient.json"]);
    let index = bench.json("report/index.json");
    let folder = bench.path("report");
    assert_eq!(failed_as_gobwas(&folder, &index, "helpers/low"), NONE);
    assert_eq!(failed_as_gobwas(&folder, &index, "ws"), NONE);
    assert_eq!(rows(&index, "helpers/low").len(), 247 - 145 - 1);
    assert_eq!(rows(&index, "ws").len(), 247 - 145 - 20);
}

#[test]
fn jetty_knows_its_constants_and_waits_for_the_exit() {
    let spec = r#"{
        "options": {"failByDrop": false}, "outdir": "./target/reports/servers",
        "servers": [{"agent": "Jetty-10", "url": "ws://127.0.0.1:PORT", "options": {"version": 18}}],
        "cases": ["*"], "exclude-cases": ["9.*", "6.4.1", "6.4.2", "6.6.*"], "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["--mode", "fuzzingclient", "--spec", "fuzzingclient.json"]);
    let index = bench.json("target/reports/servers/index.json");
    // the reference server reads a frame as a whole, which is NON-STRICT for Autobahn too, and Jetty refuses that word
    assert_eq!(failed_as_jetty(&bench.path("target/reports/servers"), &index, "Jetty-10"), ["6.4.3", "6.4.4"]);
}

#[test]
fn libwebsockets_reads_lines_and_has_no_agent() {
    let spec = r#"{
        "outdir": "./reports/servers",
        "servers": [{"url": "ws://127.0.0.1:PORT"}],
        "cases": ["*"],
        "exclude-cases": ["2.10", "2.11", "9.*", "12.3.1", "12.3.2", "12.4.*", "12.5.*"],
        "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    let told = bench.run(&["-m", "fuzzingclient"]);
    assert!(told.contains("Using implicit spec file 'fuzzingclient.json'"));
    let by_line = words_by_line(&bench.text("reports/servers/index.json"));
    let index = bench.json("reports/servers/index.json");
    let by_key = rows(&index, "UnknownServer");
    assert_eq!(by_line.len(), by_key.len());
    for (id, row) in by_key {
        let (behavior, close) = &by_line[id];
        assert_eq!(
            (row["behavior"].as_str(), row["behaviorClose"].as_str()),
            (Some(behavior.as_str()), Some(close.as_str()))
        );
    }
}

#[test]
fn cowboy_counts_a_class_in_the_index_of_the_default_folder() {
    let spec = r#"{
        "servers": [{"agent": "Cowboy", "url": "ws://localhost:PORT", "options": {"version": 18}}],
        "enable-ssl": false, "options": {"failByDrop": false},
        "cases": ["*"], "exclude-cases": ["9.*"], "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["-m", "fuzzingclient", "-s", "fuzzingclient.json"]);
    assert!(bench.text("reports/servers/index.html").matches("case_failed").count() <= 2);
}

#[test]
fn bandit_has_no_servers_in_its_spec() {
    let spec = r#"{"outdir": "./reports", "cases": ["1.*", "5.*"], "exclude-cases": [""], "exclude-agent-cases": {}}"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    let url = format!("ws://127.0.0.1:{}", bench.port);
    bench.run(&["--mode", "fuzzingclient", "-w", &url, "--spec", "fuzzingclient.json"]);
    let index = bench.json("reports/index.json");
    assert_eq!(failed_by_words(&index, "UnknownServer", GOOD, Some(GOOD_CLOSE)), NONE);
    assert_eq!(rows(&index, "UnknownServer").len(), 36);
}

#[test]
fn ratchet_takes_the_first_agent() {
    let spec = r#"{
        "options": {"failByDrop": false}, "outdir": "reports/servers",
        "servers": [{"agent": "RatchetRFC/0.4", "url": "ws://localhost:PORT", "options": {"version": 18}}],
        "cases": ["1.*", "12.1.1"], "exclude-cases": [], "exclude-agent-cases": {}
    }"#;
    let bench = Bench::new().file("fuzzingclient.json", spec);
    bench.run(&["-m", "fuzzingclient", "-s", "fuzzingclient.json"]);
    let index = bench.json("reports/servers/index.json");
    let (agent, rows) = index.as_object().unwrap().iter().next().unwrap();
    assert_eq!((agent.as_str(), rows.as_object().unwrap().len()), ("RatchetRFC/0.4", 17));
    assert!(bench.path("reports/servers/ratchetrfc_0_4_case_1_1_1.html").exists());
}

#[cfg(unix)]
#[test]
fn aspnetcore_finds_wstest_on_the_path_and_has_servers_behind_tls() {
    let bench = Bench::new();
    let tls = crate::command_line::tls_server();
    let spec = format!(
        r#"{{"options": {{"failByDrop": false}}, "outdir": "report", "servers": [
            {{"agent": "Kestrel", "url": "ws://127.0.0.1:PORT"}}, {{"agent": "KestrelSSL", "url": "wss://localhost:{tls}"}}],
            "cases": ["1.*"], "exclude-cases": [], "exclude-agent-cases": {{}}}}"#
    );
    let bench = bench.file("spec.json", &spec);
    std::os::unix::fs::symlink(Path::new(env!("CARGO_BIN_EXE_wsspec")), bench.path("wstest")).unwrap();
    let output = std::process::Command::new(bench.path("wstest"))
        .args(["-m", "fuzzingclient", "-s", "spec.json"])
        .current_dir(bench.folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let index = bench.json("report/index.json");
    for agent in ["Kestrel", "KestrelSSL"] {
        assert_eq!(failed_by_words(&index, agent, &["OK"], Some(&["OK"])), NONE);
        assert_eq!(rows(&index, agent).len(), 16);
    }
}
