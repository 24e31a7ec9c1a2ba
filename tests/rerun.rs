//! A second run into the folder of a report: the printed commands, parts, other targets, and targets that are gone.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;
mod proxy;

use command::{QUERY, Report, WORDS, contains, files, rerun_keeps_the_rest, shell, wsspec};
use proxy::{Proxy, Treatment};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Output;

const CASES: [&str; 3] = ["--case", "framing/text-length/*", "close/codes/code-1000"];
const ONE: &str = "framing/text-length/125-octets";

fn in_folder(folder: &Path, args: &[&str]) -> Output {
    wsspec(args).current_dir(folder).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn passing() -> Proxy {
    Proxy::start(|_| Treatment::Pass)
}

fn port(proxy: &Proxy) -> String {
    let url = proxy.url();
    url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned()
}

#[test]
fn the_command_for_a_case_of_a_server_leaves_the_others() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    let words = format!("X-Words: {WORDS}");
    for (options, report) in [
        (&[][..], None),
        (&["--out", "my out"], Some("my out")),
        (&["--out=-o"], Some("-o")),
        (&["--name", "it's \"my\" server"], Some("reports/it-s--my--server")),
        (&["--name", "../x"], Some("reports/-..-x")),
        (&["--cases", corpus, "--out", "out"], Some("out")),
        (&["--header", words.as_str(), "--out", "out"], Some("out")),
        (&["--header", words.as_str(), "--show-secrets", "--out", "out"], Some("out")),
        (&["--seed", "7", "--profile", "strict", "--jobs", "2", "--timeout-scale", "2", "--echo", "yes"], None),
        (&["--subprotocol", "chat", "--origin", "https://a.example", "--host", "b.example"], None),
    ] {
        let (folder, proxy) = (tempfile::tempdir().unwrap(), passing());
        let url = format!("{}chat?{QUERY}", proxy.url());
        let own = format!("reports/127.0.0.1-{}-chat", port(&proxy));
        let output = in_folder(folder.path(), &[&["server", url.as_str()], &CASES[..], options].concat());
        assert_eq!(output.status.code(), Some(0), "{options:?}: {}", told(&output));
        rerun_keeps_the_rest(folder.path(), report.unwrap_or(&own), ONE);
    }
}

#[test]
fn a_command_that_is_printed_for_a_failure_leaves_the_others() {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), Proxy::in_front_of("masks-its-frames", |_| Treatment::Pass));
    let output = in_folder(folder.path(), &[&["server", &proxy.url(), "--name", "a b"], &CASES[..]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = printed.lines().find_map(|line| line.trim_start().strip_prefix("rerun: ")).unwrap();
    let report = folder.path().join("reports/a-b");
    let before = files(&report);
    let again = shell(line, folder.path());
    assert_eq!(again.status.code(), Some(1), "{line}: {}", told(&again));
    assert_eq!(files(&report)["verdicts.json"], before["verdicts.json"], "{line}");
}

#[test]
fn the_command_for_a_case_of_a_server_that_it_starts_leaves_the_others() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let line = format!(
        "wsspec server ws://127.0.0.1:{port} --spawn 'wsspec echo --listen 127.0.0.1:{port}' --out out {}",
        "--case 'framing/text-length/*' close/codes/code-1000"
    );
    let output = shell(&line, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    rerun_keeps_the_rest(folder.path(), "out", ONE);
}

#[test]
fn the_command_for_a_case_of_a_client_leaves_the_others() {
    for (start, report) in [
        ("wsspec client --case framing/text-length/* -- wsspec echo --connect '{url}'", "reports/wsspec"),
        ("wsspec client --case framing/text-length/*", "reports/reference-client"),
        ("wsspec client --tls --case framing/text-length/*", "reports/reference-client"),
        (
            "wsspec client --tls --path '/a?a=b&c=d' --name 'my client' --case framing/text-length/* -- wsspec echo --connect '{url}' --ca '{ca}'",
            "reports/my-client",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = shell(start, folder.path());
        assert_eq!(output.status.code(), Some(0), "{start}: {}", told(&output));
        rerun_keeps_the_rest(folder.path(), report, ONE);
    }
}

#[test]
fn the_command_for_a_case_of_a_driver_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let driver = "for number in 1 2 3 4 5 6 7 8 9 10 11 12 13; do wsspec echo --connect \"$0/runCase?case=$number&agent=a%20b\"; done; \
                  wsspec echo --connect \"$0/updateReports?agent=a%20b\"";
    fs::write(folder.path().join("driver.sh"), driver.replace("$0", "$1")).unwrap();
    let cases = "--case framing/text-length/0-octets framing/text-length/12* ";
    let start = format!("wsspec client --driver --out 'my out' {cases} -- sh driver.sh '{{url}}'");
    let output = shell(&start, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    rerun_keeps_the_rest(folder.path(), "my out/a-b", ONE);
}

#[test]
fn a_run_against_a_server_that_is_gone_leaves_the_report_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = {
        let proxy = passing();
        let output = in_folder(folder.path(), &[&["server", &proxy.url(), "--out", "out"], &CASES[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        format!("ws://127.0.0.1:{}/", free_port())
    };
    let before = files(&folder.path().join("out"));
    for cases in [&CASES[..], &["--case", ONE], &[]] {
        let output = in_folder(folder.path(), &[&["server", &url, "--out", "out"], cases].concat());
        assert_eq!(output.status.code(), Some(3), "{cases:?}: {}", told(&output));
        if cases != ["--case", ONE] {
            // that one is no part of a run on this port
            assert!(contains(&told(&output), "the earlier report in out is left as it was"), "{}", told(&output));
        }
        assert!(files(&folder.path().join("out")) == before, "{cases:?}");
    }
}

#[test]
fn a_client_that_cannot_be_started_leaves_the_report_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("client.sh");
    fs::write(&script, "exec wsspec echo --connect $1").unwrap();
    let line = "wsspec client --out out --case 'framing/text-length/*' -- sh client.sh '{url}'";
    assert_eq!(shell(line, folder.path()).status.code(), Some(0));
    let before = fs::read(folder.path().join("out/verdicts.json")).unwrap();
    fs::remove_file(&script).unwrap();
    for line in [line.to_owned(), line.replace("framing/text-length/*", ONE)] {
        let output = shell(&line, folder.path());
        assert_eq!(output.status.code(), Some(3), "{}", told(&output));
        assert_eq!(fs::read(folder.path().join("out/verdicts.json")).unwrap(), before);
    }
}

#[test]
fn a_part_of_another_run_goes_to_a_folder_that_is_named() {
    let (folder, proxy, other) = (tempfile::tempdir().unwrap(), passing(), passing());
    let first = in_folder(folder.path(), &[&["server", &proxy.url(), "--out", "out"], &CASES[..]].concat());
    assert_eq!(first.status.code(), Some(0), "{}", told(&first));
    let before = files(&folder.path().join("out"));
    let part = |url: &str, options: &[&str]| {
        let output = in_folder(folder.path(), &[&["server", url, "--out", "out", "--case", ONE], options].concat());
        assert_eq!(output.status.code(), Some(0), "{options:?}: {}", told(&output));
        assert!(files(&folder.path().join("out")) == before, "{options:?}");
        told(&output)
    };
    for options in [&["--seed", "2"][..], &["--profile", "strict"], &["--name", "other"], &["--origin", "http://a"]] {
        let says = part(&proxy.url(), options);
        assert!(contains(&says, "this report goes to out.part"), "{says}");
    }
    assert!(contains(&part(&other.url(), &[]), "report: out.part/index.html"));
    assert_eq!(Report::read(&folder.path().join("out.part")).outcomes().len(), 1);
}

#[test]
fn a_run_of_all_that_a_report_has_replaces_it() {
    let (folder, proxy, other) = (tempfile::tempdir().unwrap(), passing(), passing());
    let first = in_folder(folder.path(), &["server", &proxy.url(), "--out", "out", "--case", ONE, "--seed", "2"]);
    assert_eq!(first.status.code(), Some(0), "{}", told(&first));
    let second = in_folder(folder.path(), &[&["server", &other.url(), "--out", "out"], &CASES[..]].concat());
    assert_eq!(second.status.code(), Some(0), "{}", told(&second));
    let report = Report::read(&folder.path().join("out"));
    assert!(report.outcomes().len() > 5, "{:?}", report.outcomes());
    let judged = in_folder(folder.path(), &["judge", "out"]);
    assert!(contains(&told(&judged), "the verdicts are those of the run"), "{}", told(&judged));
    let left = files(&folder.path().join("out"));
    assert!(left.keys().all(|name| !name.contains("unfinished") && !name.contains("replacing")), "{:?}", left.keys());
}
