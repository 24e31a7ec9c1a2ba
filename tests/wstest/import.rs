//! Old results of Autobahn beside a run.

use crate::bench::Bench;
use crate::command::wsspec;
use serde_json::Value;

const OLD: &str = r#"{"old": {
    "1.1.1": {"behavior": "OK", "behaviorClose": "OK", "duration": 2, "remoteCloseCode": 1000, "reportfile": "old_case_1_1_1.json"},
    "2.10": {"behavior": "FAILED", "behaviorClose": "OK", "duration": 2, "remoteCloseCode": 1000, "reportfile": "x.json"},
    "3.2": {"behavior": "NON-STRICT", "behaviorClose": "OK", "duration": 2, "remoteCloseCode": 1002, "reportfile": "x.json"},
    "7.1.1": {"behavior": "UNIMPLEMENTED", "behaviorClose": "OK", "duration": 2, "remoteCloseCode": null, "reportfile": "x.json"},
    "12.1.1": {"behavior": "OK", "behaviorClose": "OK", "duration": 2, "remoteCloseCode": 1000, "reportfile": "x.json"}
}}"#;

fn bench() -> Bench {
    let spec =
        r#"{"servers": [{"agent": "A", "url": "ws://127.0.0.1:PORT"}], "cases": ["*"], "exclude-cases": ["9.*"]}"#;
    let bench = Bench::new().file("spec.json", spec).file("index.json", OLD);
    bench.run(&["-m", "fuzzingclient", "-s", "spec.json"]);
    bench
}

#[test]
fn each_disagreement_is_explained_or_told() {
    let bench = bench();
    let args = ["import-autobahn", "index.json", "--against", "reports/servers/wsspec/1-A"];
    let call = |more: &[&str]| {
        let output = wsspec(args).args(more).current_dir(bench.folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let baseline: Value = serde_json::from_str(&call(&["--format", "json"])).unwrap();
    let lines: Vec<(&str, &str)> = baseline["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["id"].as_str().unwrap(), line["standing"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("1.1.1", "agrees"),
            ("2.10", "explained"),
            ("3.2", "explained"),
            ("7.1.1", "unexplained"),
            ("12.1.1", "agrees")
        ]
    );
    let told = call(&[]);
    for words in ["old: 5 results of Autobahn", "Of several pings only the last", "Without a known reason:"] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn without_a_run_the_old_results_stand_alone() {
    let bench = Bench::new().file("index.json", OLD).file("two.json", r#"{"a": {}, "b": {}}"#).file("odd.json", "[1]");
    let call = |args: &[&str]| wsspec(args).current_dir(bench.folder.path()).output().unwrap();
    let output = call(&["import-autobahn", "index.json"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(told.contains("not compared") && told.contains("2.10"), "{told}");
    for (args, words) in [
        (["import-autobahn", "two.json"], "--agent chooses one: `a`, `b`"),
        (["import-autobahn", "odd.json"], "odd.json:1:"),
        (["import-autobahn", "missing.json"], "could not read missing.json"),
    ] {
        let output = call(&args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words), "{told}");
    }
}
