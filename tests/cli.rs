//! The command line as a user meets it: exit codes, mistakes, options on the wire, and output for programs.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;
mod proxy;

use command::{Report, contains, wsspec};
use proxy::{Proxy, Treatment};
use serde_json::Value;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Output;
use wsspec::peer::QuirkServer;

const CASE: [&str; 2] = ["--case", "framing/text-length/*"];

fn passing() -> Proxy {
    Proxy::start(|_| Treatment::Pass)
}

/// A server with a quirk; it serves until the test process ends.
fn quirky(name: &'static str) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = QuirkServer::bind((Ipv4Addr::LOCALHOST, 0).into(), name).await.unwrap();
            sender.send(server.local_addr()).unwrap();
            server.serve().await;
        });
    });
    format!("ws://{}/", receiver.recv().unwrap())
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn in_folder(folder: &Path, args: &[&str]) -> Output {
    wsspec(args).current_dir(folder).output().unwrap()
}

#[test]
fn the_exit_code_tells_what_came_out() {
    let unused = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    for (url, code, outcome) in [
        (passing().url(), 0, Some("pass")),
        (quirky("masks-its-frames"), 1, Some("fail")),
        (format!("ws://{unused}/"), 3, None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = in_folder(folder.path(), &["server", &url, CASE[0], CASE[1], "--out", "out"]);
        assert_eq!(output.status.code(), Some(code), "{url}: {}", text(&output.stdout));
        let outcomes = Report::read(&folder.path().join("out")).outcomes();
        assert_eq!(outcomes.is_empty(), outcome.is_none());
        assert!(outcomes.values().all(|each| Some(each.as_str()) == outcome), "{outcomes:?}");
        assert!(!text(&output.stderr).contains('\u{1b}'), "no terminal, no colours");
    }
}

#[test]
fn a_warning_fails_only_where_the_profile_says_so() {
    let url = quirky("violation-bare-fin");
    let case = "framing/reserved-opcodes/opcode-3-empty";
    for (profile, code, outcome) in [("core", 0, "warn"), ("strict", 1, "fail"), ("strict-http", 0, "warn")] {
        let folder = tempfile::tempdir().unwrap();
        let output = in_folder(folder.path(), &["server", &url, "--case", case, "--profile", profile, "--out", "out"]);
        assert_eq!(output.status.code(), Some(code), "{profile}: {}", text(&output.stdout));
        assert_eq!(Report::read(&folder.path().join("out")).outcomes()[case], outcome, "{profile}");
    }
}

#[test]
fn mistakes_are_named_before_anything_is_written() {
    let url = "ws://127.0.0.1:9";
    for (args, says) in [
        (&["server"][..], "<URL>"),
        (&["sever", url], "similar subcommand exists: 'server'"),
        (
            &["server", "http://localhost"],
            "could not use the URL `http://localhost`: it must begin with ws:// or wss://",
        ),
        (&["server", "localhost:9001"], "it must begin with ws:// or wss://"),
        (&["server", "ws://127.0.0.1:99999"], "invalid port number"),
        (&["server", "ws://127.0.0.1:0"], "nobody listens on port 0"),
        (&["server", "ws://a/#b"], "a WebSocket URL has no fragment"),
        (&["server", "ws://me@a/"], "--header 'Authorization: ...' sends one"),
        (&["server", url, "--case", "nothing/*"], "no case matches --case `nothing/*`"),
        (&["server", url, "--case", "framing/*", "nothing"], "no case matches --case `nothing`"),
        (&["server", url, "--requirement", "6455-99*"], "`6455-99*`"),
        (&["server", url, "--autobahn", "11.*"], "`11.*`"),
        (&["server", url, "--tag", "no-such-tag"], "`no-such-tag`"),
        (&["server", url, "--exclude", "nothing"], "`nothing`"),
        (&["server", url, "--case", "[", ""], "`[`"),
        (&["server", url, "--header", "no colon"], "it must look like `Name: value`"),
        (&["server", url, "--header", "a b: c"], "its name holds characters that no name of a field has"),
        (&["server", url, "--header", "Host: a"], "--host sets it"),
        (&["server", url, "--header", "upgrade: h2c"], "the harness sets it"),
        (&["server", url, "--origin", "a\r\nb: c"], "it holds a control character"),
        (&["server", url, "--subprotocol", "a, b"], "it is no token"),
        (&["server", url, "--jobs", "0"], "--jobs"),
        (&["server", url, "--timeout-scale", "0"], "a factor from 0.01 to 1000 is needed"),
        (&["server", url, "--timeout-scale", "x"], "--timeout-scale"),
        (&["server", url, "--profile", "lax"], "--profile"),
        (&["server", url, "--cases", "no/such/folder"], "could not read no/such/folder"),
        (&["server", "ws://a/", "ws://b/", "--out", "out"], "--out names one folder"),
        (&["server", "ws://a:1/b%20c", "ws://a:1/b-20c"], "would both go to reports"),
        (&["server", "wss://a/", "--ca", "no-such-file"], "could not read certificates from no-such-file"),
        (&["server", url, "--resume"], "there is no earlier run in it"),
        (&["judge", "no-such-folder"], "could not read no-such-folder"),
        (&["explain", "no-such-case"], "no case is called `no-such-case`"),
        (&["echo", "--behave", "no-such-name"], "no behaviour is named `no-such-name`"),
        (&["echo", "--listen", "localhost"], "--listen"),
        (&["lint", "--cases", "no-such-folder"], "could not read no-such-folder"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = in_folder(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        assert!(contains(&text(&output.stderr), says), "{args:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{args:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{args:?}");
    }
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("thesis");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("index.html"), "mine").unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    let proxy = passing();
    for (out, says) in [("thesis", "it is not empty and holds no run of wsspec"), ("file", "could not")] {
        let output = in_folder(folder.path(), &["server", &proxy.url(), CASE[0], CASE[1], "--out", out]);
        assert_eq!(output.status.code(), Some(2), "{out}: {}", text(&output.stderr));
        assert!(contains(&text(&output.stderr), says), "{}", text(&output.stderr));
    }
    assert_eq!(fs::read_to_string(foreign.join("index.html")).unwrap(), "mine");
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "mine");
    assert_eq!(proxy.connections(), 0, "that was found out before the run");
}

#[test]
fn a_malformed_case_file_is_shown_at_the_place_of_the_mistake() {
    let case = |steps: &str| {
        format!(
            "{{\n  \"group\": \"framing/x\", \"title\": \"X\", \"why\": \"Y\",\n  \"cases\": [{{\"name\": \"a\", \"title\": \"A\", \"steps\": [{steps}], \"checks\": []}}]\n}}\n"
        )
    };
    for (content, place, says) in [
        ("{\"group\": \"x\" \"title\"}".to_owned(), "1:15", "expected `,` or `}`"),
        (case("{\"sned\": []}"), "3:", "sned"),
        (case("{\"send\": [{\"text\": \"a\", \"rsv\": 9}]}"), "3:", "rsv"),
        (case("{\"send\": [{\"text\": \"a\", \"colour\": 1}]}"), "3:", "colour"),
        ("\u{feff}".to_owned(), "1:1", "EOF while parsing"),
        ("\u{feff}{\"group\": \"x\" \"title\"}".to_owned(), "1:15", "expected `,` or `}`"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("cases/framing")).unwrap();
        fs::write(folder.path().join("cases/framing/x.json"), &content).unwrap();
        for args in [&["lint", "--cases", "cases"][..], &["server", "ws://127.0.0.1:9", "--cases", "cases"]] {
            let output = in_folder(folder.path(), args);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{content}: {told}");
            assert!(told.contains(&format!("cases/framing/x.json:{place}")), "{content}: {told}");
            assert!(contains(&told, says) && told.contains('^'), "{content}: {told}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
    }
}

#[test]
fn options_reach_the_wire() {
    let proxy = passing();
    let url = format!("{}chat%20room?a=1&b=%2F", proxy.url());
    let folder = tempfile::tempdir().unwrap();
    let options = ["--header", "Cookie: id=1; x=2", "--header", "X-Token:t", "--origin", "https://a.example"];
    let more = ["--subprotocol", "chat.v2", "--subprotocol", "chat.v1", "--host", "b.example:81", "--echo", "yes"];
    let output = wsspec(["server", &url]).args(CASE).args(options).args(more).arg("--out").arg(folder.path()).output();
    // the reference server selects no subprotocol, which is its right
    assert_eq!(output.unwrap().status.code(), Some(0));
    let heard = proxy.heard();
    assert!(heard.len() > 12);
    for request in heard.iter().map(|octets| text(&octets[..octets.len().min(1000)])) {
        assert!(request.starts_with("GET /chat%20room?a=1&b=%2F HTTP/1.1\r\n"), "{request}");
        for field in [
            "Host: b.example:81",
            "Origin: https://a.example",
            "Sec-WebSocket-Protocol: chat.v2, chat.v1",
            "Cookie: id=1; x=2",
            "X-Token: t",
        ] {
            assert!(request.contains(&format!("\r\n{field}\r\n")), "{field}: {request}");
        }
    }
}

#[test]
fn the_seed_changes_masks_and_the_same_seed_does_not() {
    let octets = |seed: &str| {
        let proxy = passing();
        let folder = tempfile::tempdir().unwrap();
        let args = ["--case", "framing/text-length/125-octets", "--host", "a", "--seed", seed, "--out"];
        wsspec(["server", &proxy.url()]).args(args).arg(folder.path()).assert().code(0);
        proxy.heard()
    };
    assert_eq!(octets("7"), octets("7"));
    assert_ne!(octets("7"), octets("8"));
}

#[test]
fn several_servers_are_tested_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (passing(), quirky("masks-its-frames"));
    let (good, bad) = (format!("{}good", good.url()), format!("{bad}bad"));
    let name = |url: &str| url.trim_start_matches("ws://").replace([':', '/'], "-");
    let output = in_folder(folder.path(), &["server", &good, &bad, CASE[0], CASE[1]]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    for (name, outcome) in [(name(&good), "pass"), (name(&bad), "fail")] {
        let outcomes = Report::read(&folder.path().join("reports").join(&name)).outcomes();
        assert!(!outcomes.is_empty() && outcomes.values().all(|each| each == outcome), "{name}: {outcomes:?}");
    }
}

#[test]
fn json_is_one_object_with_what_the_report_has() {
    let folder = tempfile::tempdir().unwrap();
    let url = quirky("masks-its-frames");
    let output = in_folder(folder.path(), &["server", &url, CASE[0], CASE[1], "--out", "out", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let outcomes = Report::read(&folder.path().join("out")).outcomes();
    let cases = told["cases"].as_object().map(|cases| cases.len()).or(told["cases"].as_array().map(Vec::len));
    assert_eq!(cases, Some(outcomes.len()), "{told}");
    let again = in_folder(folder.path(), &["judge", "out", "--format", "json"]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap()["cases"], told["cases"]);
    assert!(contains(&text(&again.stderr), "the verdicts are those of the run"), "{}", text(&again.stderr));
}

#[test]
fn what_is_listed_can_be_explained() {
    let folder = tempfile::tempdir().unwrap();
    let listed = in_folder(folder.path(), &["list", "--autobahn", "5.*"]);
    assert_eq!(listed.status.code(), Some(0));
    let listed = text(&listed.stdout);
    assert!(listed.contains("fragmentation/"), "{listed}");
    let explained =
        text(&in_folder(folder.path(), &["explain", "fragmentation/fragmented-control/ping-in-two-frames"]).stdout);
    for words in ["RFC 6455, section 5.4", "5.1", "fragment"] {
        assert!(explained.contains(words), "{words}: {explained}");
    }
}

/// Whether a terminal would do anything but show text; `\n` ends lines.
fn acts(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    text.chars().any(|letter| letter != '\n' && wsspec::report::printable::acts(letter))
}

#[test]
fn nothing_that_is_printed_acts_on_the_terminal() {
    const EVIL: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\r\u{202e}";
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join(format!("cases{EVIL}"));
    fs::create_dir(&cases).unwrap();
    fs::write(cases.join(format!("bad{EVIL}.json")), format!("{{\"group\": \"{}\"", EVIL.escape_default())).unwrap();
    let spec = format!("spec{EVIL}.json");
    fs::write(folder.path().join(&spec), format!("{{\"url\": \"{EVIL}\"}}")).unwrap();
    let cases = cases.to_str().unwrap();
    let url = passing().url();
    let unused = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let nobody = format!("ws://{unused}/");
    let header = format!("X-A: {EVIL}");
    for args in [
        vec!["server", &url, CASE[0], CASE[1], "--name", EVIL, "--out", "out"],
        vec!["server", &nobody, CASE[0], CASE[1], "--name", EVIL],
        vec!["server", &nobody, "--spawn", EVIL, CASE[0], CASE[1]],
        vec!["server", &url, CASE[0], CASE[1], "--out", EVIL],
        vec!["server", &url, "--header", &header],
        vec!["server", &url, "--ca", EVIL],
        vec!["server", EVIL],
        vec!["server", &url, "--case", EVIL],
        vec!["client", "--", EVIL],
        vec!["list", "--cases", cases],
        vec!["lint", "--cases", cases],
        vec!["explain", EVIL],
        vec!["coverage", "--document", EVIL],
        vec!["judge", EVIL],
        vec!["echo", "--behave", EVIL],
        vec!["import-autobahn", EVIL],
        vec!["wstest", "-m", EVIL],
        vec!["wstest", "-m", "fuzzingclient", "-s", &spec],
        vec!["wstest", "-m", "fuzzingserver", "-s", EVIL],
        vec![EVIL],
        vec!["server", &url, EVIL, "--jobs", EVIL],
    ] {
        let output =
            wsspec(&args).current_dir(folder.path()).timeout(std::time::Duration::from_secs(60)).output().unwrap();
        assert!(!acts(&output.stdout), "{args:?}: {:?}", text(&output.stdout));
        assert!(!acts(&output.stderr), "{args:?}: {:?}", text(&output.stderr));
        assert!(!output.stderr.is_empty() || !output.stdout.is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn a_damaged_recording_is_one_clear_error_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    in_folder(folder.path(), &["server", &passing().url(), CASE[0], CASE[1], "--out", "out"]);
    let file = out.join("transcripts/framing/text-length/0-octets.json");
    let good = fs::read_to_string(&file).unwrap();
    let packed = |octets: &[u8]| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    };
    let bomb = packed(&vec![b' '; 80 * 1024 * 1024]);
    for (what, damage) in [
        (
            "it holds the case",
            good.replace("framing/text-length/0-octets", "framing/text-length/125-octets").into_bytes(),
        ),
        ("is no name", good.replace("framing/text-length/0-octets", "../../framing").into_bytes()),
        ("EOF", good.as_bytes()[..good.len() / 2].to_vec()),
        ("longer than", bomb),
    ] {
        let is_packed = what == "longer than";
        let damaged = if is_packed { file.with_extension("json.gz") } else { file.clone() };
        fs::write(&damaged, &damage).unwrap();
        let output = in_folder(folder.path(), &["judge", "out"]);
        let says = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{what}: {says}");
        let told = |line: &&str| line.contains(what) && line.contains("text-length/0-octets.json");
        assert_eq!(says.lines().filter(told).count(), 1, "{what}: {says}");
        assert!(text(&output.stdout).contains("pass"), "{what}: the other cases are judged");
    }
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let url = passing().url();
    for (group, name) in [("g", "../../../../evil"), ("../g", "a"), ("g", "a\\u0000b"), ("g", "nul"), ("g", "a/b")] {
        let cases = folder.path().join("cases");
        fs::create_dir_all(&cases).unwrap();
        let case = format!(
            r#"{{"group": "{group}", "title": "T", "why": "w", "cases": [{{"name": "{name}", "title": "t",
            "steps": ["barrier"], "checks": [{{"must": "6455-5.5.2-2", "expect": "pongs"}}]}}]}}"#
        );
        fs::write(cases.join("g.json"), case).unwrap();
        for args in [
            vec!["list", "--cases", "cases"],
            vec!["lint", "--cases", "cases"],
            vec!["explain", "g/a", "--cases", "cases"],
            vec!["server", &url, "--cases", "cases", "--out", "out"],
            vec!["client", "--cases", "cases", "--out", "out", "--", "true"],
        ] {
            let output = in_folder(folder.path(), &args);
            let says = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{args:?}: {says}");
            assert!(says.contains("g.json:1:") && says.contains("is no name"), "{args:?}: {says}");
            assert!(!folder.path().join("out").exists(), "{args:?} wrote something");
        }
    }
}
