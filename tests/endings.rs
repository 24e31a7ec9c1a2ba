//! How a command ends when the report, standard output or descriptors are not to be had: never as if nothing had been run,
//! and never as a success.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;
mod proxy;

use command::{Report, contains, shell, wsspec};
use proxy::{Proxy, Treatment};
use std::fs;
use std::process::{Command, Output, Stdio};

const CASES: &str = "--case 'framing/text-length/*' 'utf8/boundaries/*'";

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn passing() -> Proxy {
    Proxy::start(|_| Treatment::Pass)
}

#[test]
fn a_page_that_cannot_be_written_does_not_hide_what_was_found() {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), passing());
    let line = format!("wsspec server {} --out out {CASES}", proxy.url());
    assert_eq!(shell(&line, folder.path()).status.code(), Some(0));
    let index = folder.path().join("out/index.html");
    fs::remove_file(&index).unwrap();
    // a folder that is not empty gives way to no file, also for those who may write everywhere
    fs::create_dir_all(index.join("full")).unwrap();
    let output = shell(&line, folder.path());
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert!(told(&output).contains("index.html"), "{}", told(&output));
    assert!(printed(&output).contains("pass"), "{}", printed(&output));
    assert!(!fs::read_to_string(folder.path().join("out/verdicts.json")).unwrap().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_ends_a_run_with_what_was_found() {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), passing());
    // a limit on the size of files stands for a disk that takes no more: the journal grows into it
    let line = format!("trap '' XFSZ; ulimit -f 8; exec wsspec server {} --out out {CASES}", proxy.url());
    let output = shell(&line, folder.path());
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert!(contains(&told(&output), "could not write to"), "{}", told(&output));
    assert!(printed(&output).contains("pass"), "{}", printed(&output));
    assert!(contains(&printed(&output), "File too large"), "{}", printed(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_descriptors_are_found_out_before_the_start() {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), passing());
    let client = "wsspec client -- wsspec echo --connect '{url}'";
    for start in [&format!("wsspec server {}", proxy.url()), client, "wsspec client --listen 127.0.0.1:0"] {
        let output = shell(&format!("ulimit -n 24; exec {start}"), folder.path());
        assert_eq!(output.status.code(), Some(2), "{start}: {}", told(&output));
        for words in ["file descriptors are needed, and the limit is 24", "ulimit -n", "--jobs"] {
            assert!(contains(&told(&output), words), "{start}: {}", told(&output));
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was begun");
    assert_eq!(proxy.connections(), 0);
    // what is said to be enough is enough
    for (number, start) in [(64, format!("wsspec server {} --out out", proxy.url())), (112, client.to_owned())] {
        let (options, command) = start.split_once(" --").unwrap();
        let output = shell(&format!("ulimit -n {number}; exec {options} {CASES} --{command}"), folder.path());
        assert_eq!(output.status.code(), Some(0), "{start}: {}{}", told(&output), printed(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_no_success() {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), passing());
    let run = format!("wsspec server {} --out out {CASES}", proxy.url());
    for start in
        ["wsspec list", "wsspec --help", "wsspec wstest --autobahnversion", &run, &format!("{run} --format json")]
    {
        let output = shell(&format!("{start} >/dev/full"), folder.path());
        assert_eq!(output.status.code(), Some(3), "{start}: {}", told(&output));
        assert!(contains(&told(&output), "could not write to standard output"), "{start}: {}", told(&output));
    }
    assert!(Report::read(&folder.path().join("out")).outcomes().values().all(|outcome| outcome == "pass"));
}

#[test]
fn a_reader_that_has_gone_away_hears_nothing_of_it() {
    for args in [&["list"][..], &["--help"], &["explain", "close/codes/code-1000"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_wsspec"))
            .args(args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{args:?}");
        assert_eq!(told(&output), "", "{args:?}");
    }
}

#[test]
fn a_byte_order_mark_in_a_case_file_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("cases");
    copy(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")), &corpus);
    for name in ["framing/text-length.json", "spec/monitors.json", "spec/rfc6455.json"] {
        let path = corpus.join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        fs::write(&path, format!("\u{feff}{text}")).unwrap();
    }
    wsspec(["lint", "--cases", "cases"]).current_dir(folder.path()).assert().code(0);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
