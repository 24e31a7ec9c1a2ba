//! One test for each project that tests a client by `fuzzingserver`: its spec file, the paths and parameters as it writes
//! them, and its way of reading the results. Left out are the sizes of group 9, for the sake of time.

use crate::bench::Bench;
use crate::reading::{failed_as_gobwas, failed_as_jetty, failed_by_words, rows, without_durations, words_by_line};
use crate::serving::Serving;
use serde_json::Value;
use std::time::{Duration, Instant};
use wsspec::peer::ClientError;

const GOOD: &[&str] = &["OK", "INFORMATIONAL", "NON-STRICT"];
const GOOD_CLOSE: &[&str] = &["OK", "INFORMATIONAL"];
const NONE: Vec<String> = Vec::new();

/// A folder with a spec file, and the server in it, at any port.
fn serving(file: &str, spec: &str, args: &[&str]) -> (Bench, Serving) {
    let bench = Bench::new();
    std::fs::write(bench.path(file), spec).unwrap();
    let serving = Serving::start(&bench, args);
    (bench, serving)
}

#[test]
fn tungstenite_compares_with_a_file() {
    let spec = r#"{"outdir": "./autobahn/client", "url": "ws://127.0.0.1:0",
        "cases": ["*"], "exclude-cases": ["6.4.*", "9.*", "12.2.*", "12.3.*", "12.4.*", "12.5.*", "13.*"], "exclude-agent-cases": {}}"#;
    let (bench, serving) =
        serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-s", "fuzzingserver.json", "-u", "0"]);
    serving.drive("Tungstenite");
    let first = without_durations(bench.json("autobahn/client/index.json"));
    serving.drive("Tungstenite");
    assert!(first == without_durations(bench.json("autobahn/client/index.json")), "the verdicts changed");
    let index: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(rows(&index, "Tungstenite").len(), 517 - 54 - 4 - 198);
    assert_eq!(index["Tungstenite"]["1.1.1"]["reportfile"], "tungstenite_case_1_1_1.json");
    assert_eq!(index["Tungstenite"]["12.1.1"]["behavior"], "OK");
}

#[test]
fn ws_and_undici_leave_when_they_have_asked_for_the_reports() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./reports/clients",
        "cases": ["*"], "exclude-cases": ["9.*", "12.*", "13.*"], "exclude-agent-cases": {}}"#;
    let (bench, serving) = serving(
        "fuzzingserver.json",
        spec,
        &["--mode", "fuzzingserver", "--spec", "fuzzingserver.json", "--webport", "0"],
    );
    serving.drive("undici");
    let index = bench.json("reports/clients/index.json");
    let good = &["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"];
    assert_eq!(failed_by_words(&index, "undici", good, Some(good)), NONE);
    // undici deletes the file of each case that it has read, and the next report has it again
    let file = bench.path("reports/clients").join(index["undici"]["1.1.1"]["reportfile"].as_str().unwrap());
    let before = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    serving.echo("/updateReports?agent=undici").unwrap();
    assert!(before == std::fs::read(&file).unwrap(), "the file came back with something else in it");
}

#[test]
fn libwebsockets_goes_on_until_it_is_refused() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./reports/clients",
        "cases": ["1.*", "2.*"], "exclude-cases": ["2.10", "2.11", "12.3.1", "12.3.2", "12.4.*", "12.5.*"], "exclude-agent-cases": {}}"#;
    // the spec file of the working folder, which the command line does not name
    let (bench, serving) = serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-u", "0"]);
    let mut number = 1;
    let refusal = loop {
        match serving.echo(&format!("/runCase?case={number}&agent=libwebsockets")) {
            Ok(()) => number += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(refusal, ClientError::Refused(_)), "{refusal}");
    serving.echo("/updateReports?agent=libwebsockets").unwrap();
    let words = words_by_line(&bench.text("reports/clients/index.json"));
    assert_eq!((number - 1, words.len()), (16 + 9, 16 + 9));
    assert!(words.values().all(|(behavior, close)| behavior == "OK" && close == "OK"), "{words:?}");
}

#[test]
fn gun_asks_for_the_reports_after_each_case() {
    let spec = r#"{"url": "ws://localhost:0", "outdir": "./reports/clients",
        "cases": ["1.*", "2.*", "5.*", "10.*"], "exclude-cases": [], "exclude-agent-cases": {}}"#;
    let (bench, serving) = serving("client.json", spec, &["-m", "fuzzingserver", "-s", "client.json", "-u", "0"]);
    let count: usize = serving.text("/getCaseCount").parse().unwrap();
    for number in 1..=count {
        serving.echo(&format!("/runCase?case={number}&agent=Gun")).unwrap();
        let began = Instant::now();
        serving.echo("/updateReports?agent=Gun").unwrap();
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    let html = bench.text("reports/clients/index.html");
    assert!(html.matches("case_failed").count() <= 2);
    assert_eq!(rows(&bench.json("reports/clients/index.json"), "Gun").len(), count);
    assert!(serving.told().iter().any(|line| line.starts_with("Updating reports")));
}

#[test]
fn mint_asks_for_information_and_status_of_each_case() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./reports/clients", "cases": ["3.*", "4.*", "12.1.*"], "exclude-cases": []}"#;
    let (_bench, serving) =
        serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-s", "fuzzingserver.json", "-u", "0"]);
    let count: usize = serving.text("/getCaseCount").parse().unwrap();
    for number in 1..=count {
        let info: Value =
            serde_json::from_str(&serving.text(&format!("/getCaseInfo?case={number}&agent=Mint"))).unwrap();
        serving.echo(&format!("/runCase?case={number}&agent=Mint")).unwrap();
        let status: Value =
            serde_json::from_str(&serving.text(&format!("/getCaseStatus?case={number}&agent=Mint"))).unwrap();
        assert!(["OK", "NON-STRICT"].contains(&status["behavior"].as_str().unwrap()), "{info} {status}");
        assert!(!info["description"].as_str().unwrap().is_empty());
    }
}

#[test]
fn hummingbird_and_gws_ask_for_reports_under_another_name() {
    let spec = r#"{"url": "ws://0.0.0.0:0", "outdir": "./reports", "cases": ["1.*", "2.*"], "exclude-cases": [""]}"#;
    let (bench, serving) =
        serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-s", "fuzzingserver.json", "-u", "0"]);
    // ranges of numbers that are written down, and a slash in the name
    for number in 1..17 {
        serving.echo(&format!("/runCase?case={number}&agent=gws/client")).unwrap();
    }
    serving.echo("/updateReports?agent=gws").unwrap();
    let index = bench.json("reports/index.json");
    assert_eq!(index.as_object().unwrap().len(), 1);
    assert_eq!(index["gws/client"]["1.1.1"]["reportfile"], "gws_client_case_1_1_1.json");
    assert_eq!(failed_by_words(&index, "gws/client", &["OK"], Some(&["OK"])), NONE);
}

#[test]
fn bun_asks_without_an_agent_and_encodes_its_name() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./", "cases": ["7.*"], "exclude-agent-cases": {}}"#;
    let (bench, serving) =
        serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-s", "fuzzingserver.json", "-u", "0"]);
    let info: Value = serde_json::from_str(&serving.text("/getCaseInfo?case=1")).unwrap();
    assert_eq!(info["id"], "7.1.1");
    serving.drive("bun%2F1.0.0");
    assert_eq!(failed_by_words(&bench.json("index.json"), "bun/1.0.0", GOOD, Some(GOOD_CLOSE)), NONE);
}

#[test]
fn coder_maps_the_port_and_has_the_server_end_when_all_is_done() {
    let spec = r#"{"url": "ws://localhost:0", "outdir": "./wstestdata", "cases": ["*"],
        "exclude-cases": ["6.*", "7.5.1", "9.*", "12.*", "13.*"]}"#;
    let (bench, serving) = serving("spec.json", spec, &["--mode=fuzzingserver", "--spec=spec.json", "--webport=0"]);
    serving.echo("/runCase?casetuple=1.1.1&agent=main").unwrap();
    serving.drive("main");
    serving.echo("/updateReports?agent=main&shutdownOnComplete=true").unwrap();
    let (code, told) = serving.ended();
    assert_eq!((code, told.last().map(String::as_str)), (Some(0), Some("Shutting down server.")));
    assert_eq!(failed_by_words(&bench.json("wstestdata/index.json"), "main", GOOD, Some(GOOD_CLOSE)), NONE);
}

#[test]
fn gobwas_and_jetty_know_all_words_and_spare_some_agents() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./report", "options": {"failByDrop": false},
        "cases": ["1.*", "3.*", "4.*", "5.*", "7.*"], "exclude-cases": [],
        "exclude-agent-cases": {"helpers/*": ["3.*", "7.1.6"], "jetty*": []}}"#;
    let (bench, serving) =
        serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-s", "fuzzingserver.json", "-u", "0"]);
    serving.drive("helpers/low");
    serving.drive("jetty-websocket-client");
    let index = bench.json("report/index.json");
    let folder = bench.path("report");
    let spared = |id: &&str| id.starts_with("3.") || *id == "7.1.6";
    assert!(!rows(&index, "helpers/low").iter().any(|(id, _)| spared(id)));
    assert_eq!(rows(&index, "jetty-websocket-client").iter().filter(|(id, _)| spared(id)).count(), 8);
    let only_strict = |failed: Vec<String>| {
        failed
            .into_iter()
            .filter(|id| !["3.", "4.", "5."].iter().any(|group| id.starts_with(group)))
            .collect::<Vec<_>>()
    };
    assert_eq!(only_strict(failed_as_gobwas(&folder, &index, "helpers/low")), NONE);
    assert_eq!(only_strict(failed_as_jetty(&folder, &index, "jetty-websocket-client")), NONE);
}

#[test]
fn okhttp_compares_words_of_all_cases_but_utf8() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./target/fuzzingserver-report",
        "cases": ["*"], "exclude-cases": ["6.*", "9.*", "12.*", "13.*"], "exclude-agent-cases": {}}"#;
    let (bench, serving) = serving(
        "fuzzingserver-config.json",
        spec,
        &["-m", "fuzzingserver", "-s", "fuzzingserver-config.json", "-u", "0"],
    );
    let count: i64 = serving.text("/getCaseCount").parse().unwrap();
    serving.drive("okhttp");
    let index = bench.json("target/fuzzingserver-report/index.json");
    assert_eq!(rows(&index, "okhttp").len() as i64, count);
}

#[test]
fn a_kill_loses_nothing_and_the_gate_tells_what_was_found() {
    let spec = r#"{"url": "ws://127.0.0.1:0", "outdir": "./reports", "cases": ["1.1.*"]}"#;
    let (bench, server) = serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-u", "0"]);
    for number in 1..=3 {
        server.echo(&format!("/runCase?case={number}&agent=x")).unwrap();
    }
    // who is told of it can rely on it
    assert!(server.text("/getCaseStatus?case=3&agent=x").contains("OK"));
    drop(server);
    let judged = crate::command::wsspec(["judge"]).arg(bench.path("reports/wsspec/x")).output().unwrap();
    let journal = bench.text("reports/wsspec/x/journal.jsonl");
    assert_eq!(journal.lines().count(), 1 + 3, "{journal}");
    let says = String::from_utf8(judged.stderr).unwrap();
    assert!(says.contains("the run ended before it wrote its verdicts"), "{says}");

    for (cases, code) in [(8, Some(0)), (3, Some(3))] {
        let (_bench, server) = serving("fuzzingserver.json", spec, &["-m", "fuzzingserver", "-u", "0", "--gate"]);
        for number in 1..=cases {
            server.echo(&format!("/runCase?case={number}&agent=x")).unwrap();
        }
        server.echo("/stopServer").unwrap();
        assert_eq!(server.ended().0, code);
    }
}
