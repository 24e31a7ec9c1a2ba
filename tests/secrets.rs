//! Secrets of the user: in no file of a report and in no line, unless the user asks for them, and verdicts stay the same.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod command;

use command::{contains, wsspec};
use flate2::read::GzDecoder;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use wsspec::peer::EchoServer;
use wsspec::wire::http::head_length;
use wsspec::wire::{Head, handshake};

const CASES: [&str; 4] = ["--case", "framing/text-length/*", "handshake/fields/*", "close/codes/*"];
const SECRETS: [&str; 3] = ["SECRETVALUE", "QUERYSECRET", "COOKIEOFSERVER"];

/// The reference server, for as long as the tests run.
fn reference() -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = EchoServer::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
            sender.send(server.local_addr()).unwrap();
            server.serve().await;
        });
    });
    format!("ws://{}/", receiver.recv().unwrap())
}

/// A server that opens the connection, sends the request back in a field, a message of two fragments and a Ping, and leaves.
fn tells_what_it_heard() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || drop(tell(stream.unwrap())));
        }
    });
    format!("ws://{address}/")
}

fn tell(mut stream: TcpStream) -> std::io::Result<()> {
    let mut heard = Vec::new();
    while head_length(&heard).is_none() {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        heard.push(octet[0]);
    }
    let request = Head::parse(&heard);
    let accept = handshake::accept(request.values("sec-websocket-key").next().unwrap_or_default());
    let line = String::from_utf8_lossy(&request.start_line).into_owned();
    let token = String::from_utf8_lossy(request.values("authorization").next().unwrap_or_default()).into_owned();
    let mut answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nServer: {token}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nX-Request: {line}\r\nSet-Cookie: id=COOKIEOFSERVER\r\n\r\n"
    )
    .into_bytes();
    let text = format!("{line}{token}");
    let (first, second) = text.as_bytes().split_at(text.len() - 4);
    let token = &token.as_bytes()[..token.len().min(100)];
    for (start, payload) in [(0x01, first), (0x89, token), (0x80, second)] {
        assert!(payload.len() < 126);
        answer.extend([start, payload.len() as u8]);
        answer.extend(payload);
    }
    for octet in answer {
        stream.write_all(&[octet])?;
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
}

fn run(url: &str, out: &Path, more: &[&str]) -> Output {
    let fields = ["--header", "Authorization: Bearer SECRETVALUE", "--echo", "yes", "--timeout-scale", "0.2"];
    let url = format!("{url}?token=QUERYSECRET");
    wsspec(["server", &url]).args(CASES).args(fields).args(more).arg("--out").arg(out).output().unwrap()
}

/// The files, with the printed lines as one more, in which a secret stands.
fn told(folder: &Path, output: &Output, secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mut octets = std::fs::read(&path).unwrap();
            if path.extension().is_some_and(|ending| ending == "gz") {
                let packed = std::mem::take(&mut octets);
                GzDecoder::new(packed.as_slice()).read_to_end(&mut octets).unwrap();
            }
            if stands_in(&octets, secret) {
                found.push(path.display().to_string());
            }
        }
    }
    let printed = [output.stdout.as_slice(), &output.stderr].concat();
    if stands_in(&printed, secret) {
        found.push("a line".to_owned());
    }
    found
}

/// As it is, or in the hexadecimal digits of a transcript.
fn stands_in(octets: &[u8], secret: &str) -> bool {
    let hex: String = secret.bytes().map(|octet| format!("{octet:02x}")).collect();
    let text = String::from_utf8_lossy(octets);
    text.contains(secret) || text.contains(&hex)
}

#[test]
fn secrets_stand_in_no_file_and_no_line() {
    for url in [reference(), tells_what_it_heard()] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a");
        let output = run(&url, &out, &[]);
        assert!(out.join("index.html").exists(), "{}", String::from_utf8_lossy(&output.stderr));
        for secret in SECRETS {
            assert_eq!(told(&out, &output, secret), [""; 0], "{url}");
        }
        let again = wsspec(["judge"]).arg(&out).output().unwrap();
        let says = String::from_utf8_lossy(&again.stderr).into_owned();
        assert!(contains(&says, "the verdicts are those of the run"), "{url}: {says}");
        let info = std::fs::read_to_string(out.join("run.json")).unwrap();
        assert!(info.contains("Authorization=AUTHORIZATION") && info.contains("--query-env"), "{info}");
    }
}

#[test]
fn secrets_are_shown_to_who_asks_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a");
    let output = run(&tells_what_it_heard(), &out, &["--show-secrets"]);
    for secret in SECRETS {
        assert!(!told(&out, &output, secret).is_empty(), "{secret}");
    }
    let info = std::fs::read_to_string(out.join("run.json")).unwrap();
    assert!(info.contains("Bearer SECRETVALUE") && info.contains("--show-secrets"), "{info}");
}

#[test]
fn values_come_from_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a");
    let url = tells_what_it_heard();
    let run = || {
        let mut command = wsspec(["server", &url, "--case", "framing/text-length/*", "--timeout-scale", "0.2"]);
        command
            .args(["--header-env", "Authorization=TOKEN_OF_TEST", "--query-env", "QUERY_OF_TEST", "--out"])
            .arg(&out);
        command.env_remove("TOKEN_OF_TEST").env("QUERY_OF_TEST", "token=QUERYSECRET");
        command
    };
    let refused = run().output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(contains(&String::from_utf8_lossy(&refused.stderr), "TOKEN_OF_TEST is not set"));
    assert!(!out.exists());
    let output = run().env("TOKEN_OF_TEST", "Bearer SECRETVALUE").output().unwrap();
    assert!(output.status.code() != Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    for secret in SECRETS {
        assert_eq!(told(&out, &output, secret), [""; 0]);
    }
    let info = std::fs::read_to_string(out.join("run.json")).unwrap();
    assert!(info.contains("Authorization=TOKEN_OF_TEST") && info.contains("QUERY_OF_TEST"), "{info}");
}

#[test]
fn a_refused_url_is_told_without_its_password() {
    for url in ["ws://me:SECRETVALUE@host/", "http://me:SECRETVALUE@host/", "ws://host:99999/?a=SECRETVALUE"] {
        let output = wsspec(["server", url]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("SECRETVALUE"), "{url}");
    }
}
