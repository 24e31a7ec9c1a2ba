//! Modes, options and exit codes, and the lines that scripts wait for.

use crate::bench::{Bench, quirky};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as Port};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use wsspec::peer::EchoServer;

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// The port of a reference server behind TLS, with a certificate that nobody has reason to trust.
pub fn tls_server() -> u16 {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let behind = EchoServer::bind(ANY_PORT.into()).await.unwrap();
            let target: SocketAddr = behind.local_addr();
            tokio::spawn(behind.serve());
            let listener = TcpListener::bind(ANY_PORT).await.unwrap();
            sender.send(listener.local_addr().unwrap().port()).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut secured) = acceptor.accept(stream).await else { return };
                    let Ok(mut plain) = TcpStream::connect(target).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut secured, &mut plain).await;
                });
            }
        });
    });
    receiver.recv().unwrap()
}

fn spec(cases: &str) -> String {
    format!(r#"{{"servers": [{{"agent": "A", "url": "ws://127.0.0.1:PORT"}}], "cases": {cases}}}"#)
}

#[test]
fn mistakes_end_with_1_and_say_what_is_wrong() {
    let bench = Bench::new()
        .file("typed.json", "{\n  \"cases\": \"*\"\n}")
        .file("none.json", &spec(r#"["14.*"]"#))
        .file("unknown.json", &spec(r#"["1.1.99"]"#))
        .file("url.json", r#"{"servers": [{"url": "http://127.0.0.1:1"}], "cases": ["*"]}"#)
        .file("empty.json", r#"{"servers": [], "cases": ["*"]}"#);
    for (args, words) in [
        (&[][..], "a mode must be specified"),
        (&["-m", "fuzzing"], "`fuzzing` is no mode"),
        (&["-m", "echoserver"], "needs a URL"),
        (&["-m", "fuzzingclient", "-u", "70000"], "`70000` is no port"),
        (&["-m", "massconnect"], "tests no conformance"),
        (&["-m", "broadcastserver", "-w", "ws://127.0.0.1:1"], "tests no conformance"),
        (&["-m", "fuzzingclient", "--bogus"], "--bogus"),
        (&["-m", "fuzzingclient", "-s", "missing.json"], "could not read missing.json"),
        (&["-m", "fuzzingclient", "-s", "typed.json"], "typed.json:2:14: invalid type"),
        (&["-m", "fuzzingclient", "-s", "none.json"], "leaves no case to run"),
        (&["-m", "fuzzingclient", "-s", "unknown.json"], "`1.1.99`"),
        (&["-m", "fuzzingclient", "-s", "url.json"], "it must begin with ws:// or wss://"),
        (&["-m", "fuzzingclient", "-s", "empty.json"], "names no servers"),
    ] {
        let output = bench.call(args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {told}");
        assert!(told.contains(words), "{args:?}: {told}");
        let gated = bench.call(&[args, &["--gate"]].concat());
        assert_eq!(gated.status.code(), Some(2), "{args:?}: no MUST was broken");
        assert!(String::from_utf8_lossy(&gated.stderr).contains(words), "{args:?}");
    }
    assert!(!bench.path("reports").exists());
}

#[test]
fn a_run_tells_what_scripts_wait_for() {
    let bench = Bench::new().file("spec.json", &spec(r#"["2.1", "1.1.1", "12.1.1"]"#));
    let told =
        bench.run(&["-m", "fuzzingclient", "-s", "spec.json", "-k", "key.pem", "-c", "cert.pem", "-d", "-u", "0"]);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines.contains(&"Ok, will run 3 test cases against 1 servers"), "{told}");
    assert!(lines.contains(&"Cases = ['1.1.1', '2.1', '12.1.1']"), "{told}");
    for id in ["1.1.1", "2.1", "12.1.1"] {
        let line = format!("Running test case ID {id} for agent A from peer ws://127.0.0.1:{}", bench.port);
        assert!(lines.contains(&line.as_str()), "{told}");
    }
}

#[test]
fn a_spec_file_is_made_where_there_is_none() {
    let bench = Bench::new();
    let url = format!("ws://127.0.0.1:{}", bench.port);
    let told = bench.run(&["--mode", "fuzzingclient", "--wsuri", &url, "--jobs", "32"]);
    assert!(told.contains("Auto-generating spec file 'fuzzingclient.json'"));
    assert_eq!(bench.json("fuzzingclient.json")["cases"][0], "*");
    assert_eq!(bench.json("reports/servers/index.json")["UnknownServer"].as_object().unwrap().len(), 517);
}

#[test]
fn a_byte_order_mark_in_a_spec_file_or_an_old_index_is_skipped() {
    let bench = Bench::new().file("spec.json", &format!("\u{feff}{}", spec(r#"["1.1.1"]"#)));
    bench.run(&["-m", "fuzzingclient", "-s", "spec.json"]);
    let index = bench.path("reports/servers/index.json");
    let text = std::fs::read_to_string(&index).unwrap();
    std::fs::write(&index, format!("\u{feff}{text}")).unwrap();
    let imported = std::process::Command::new(env!("CARGO_BIN_EXE_wsspec")).arg("import-autobahn").arg(&index).output();
    let imported = imported.unwrap();
    assert_eq!(imported.status.code(), Some(0), "{}", String::from_utf8_lossy(&imported.stderr));
}

#[test]
fn a_server_that_is_gone_leaves_the_transcripts_of_an_earlier_run() {
    let port = quirky("accepts-rsv3-on-text");
    let bench = |port: u16| spec(r#"["1.1.1", "3.1"]"#).replace("PORT", &port.to_string());
    let unused = Port::bind(ANY_PORT).unwrap().local_addr().unwrap().port();
    let bench = Bench::new().file("spec.json", &bench(port)).file("gone.json", &bench(unused));
    bench.run(&["-m", "fuzzingclient", "-s", "spec.json"]);
    let kept = || std::fs::read_to_string(bench.path("reports/servers/wsspec/1-A/verdicts.json")).unwrap();
    let before = kept();
    assert_eq!(bench.call(&["-m", "fuzzingclient", "-s", "gone.json"]).status.code(), Some(3));
    assert_eq!(kept(), before);
}

#[test]
fn the_gate_is_for_those_who_want_it() {
    let port = quirky("accepts-rsv3-on-text");
    let text = spec(r#"["1.1.1", "3.1"]"#).replace("PORT", &port.to_string());
    let bench = Bench::new().file("spec.json", &text);
    let args = ["-m", "fuzzingclient", "-s", "spec.json"];
    assert_eq!(bench.call(&args).status.code(), Some(0));
    let index = bench.json("reports/servers/index.json");
    assert_eq!((&index["A"]["3.1"]["behavior"], &index["A"]["1.1.1"]["behavior"]), (&"FAILED".into(), &"OK".into()));
    assert_eq!(bench.call(&[&args[..], &["--gate"]].concat()).status.code(), Some(1));
    let good = Bench::new().file("spec.json", &spec(r#"["1.1.1"]"#));
    assert_eq!(good.call(&[&args[..], &["--gate"]].concat()).status.code(), Some(0));
}

#[test]
fn a_server_that_is_not_there_is_no_success() {
    let unused = Port::bind(ANY_PORT).unwrap().local_addr().unwrap().port();
    let text = spec(r#"["1.1.*"]"#).replace("PORT", &unused.to_string());
    let bench = Bench::new().file("spec.json", &text);
    let output = bench.call(&["-m", "fuzzingclient", "-s", "spec.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Connection to ws://127.0.0.1:"));
    // whoever only counts words sees it too
    let index = bench.json("reports/servers/index.json");
    let rows = index["A"].as_object().unwrap();
    assert_eq!(rows.len(), 8);
    assert!(rows.values().all(|row| row["behavior"] == "FAILED" && row["behaviorClose"] == "FAILED"));
}

#[test]
fn mint_starts_the_echo_server() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_wsspec"))
        .args(["wstest", "-m", "echoserver", "-w", "ws://127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim_end().strip_prefix("listening on ws://127.0.0.1:").expect("it says where it listens");
    let text = spec(r#"["1.1.1"]"#).replace("PORT", port);
    let bench = Bench::new().file("spec.json", &text);
    bench.run(&["-m", "fuzzingclient", "-s", "spec.json", "--gate"]);
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn the_testee_goes_through_all_cases_and_asks_for_the_reports() {
    let (asked, questions) = mpsc::channel();
    let port = fuzzing_server(asked);
    let bench = Bench::new();
    let url = format!("ws://127.0.0.1:{port}");
    let told = bench.run(&["-m", "testeeclient", "-w", &url, "-i", "my client/1"]);
    assert!(told.contains("Ok, will run 2 cases"), "{told}");
    let paths: Vec<String> = questions.try_iter().collect();
    assert_eq!(
        paths,
        [
            "/getCaseCount",
            "/runCase?case=1&agent=my+client%2F1",
            "/runCase?case=2&agent=my+client%2F1",
            "/updateReports?agent=my+client%2F1"
        ]
    );
}

/// A fuzzing server without cases: it tells that there are two, closes every connection at once, and hands on what it was asked for.
fn fuzzing_server(asked: mpsc::Sender<String>) -> u16 {
    use std::io::{Read, Write};
    let listener = Port::bind(ANY_PORT).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut octet = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut octet).unwrap() > 0 {
                head.push(octet[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
            let accept = wsspec::wire::handshake::accept(key.as_bytes());
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            let frames: &[u8] = if path == "/getCaseCount" { b"\x81\x012\x88\x00" } else { b"\x88\x00" };
            stream.write_all(answer.as_bytes()).unwrap();
            stream.write_all(frames).unwrap();
            asked.send(path).unwrap();
            // the answer to the Close, and the end
            let _ = stream.read(&mut [0; 64]);
        }
    });
    port
}

#[test]
fn the_echo_client_comes_and_goes() {
    let (asked, questions) = mpsc::channel();
    let port = fuzzing_server(asked);
    let bench = Bench::new();
    bench.run(&["-m", "echoclient", "-w", &format!("ws://127.0.0.1:{port}/")]);
    assert_eq!(questions.try_iter().count(), 1);
    let refused = Port::bind(ANY_PORT).unwrap().local_addr().unwrap().port();
    let output = bench.call(&["-m", "echoclient", "-w", &format!("ws://127.0.0.1:{refused}/")]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_version_and_the_help_end_with_0() {
    let bench = Bench::new();
    assert!(bench.run(&["-a"]).contains("AutobahnTestSuite"));
    assert!(bench.run(&["--version"]).contains("wsspec"));
    assert!(bench.run(&["--help"]).contains("fuzzingclient"));
}
