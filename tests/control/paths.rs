//! The exact order of messages for each path, and what is refused.

use super::caller::{Caller, frame, request};
use super::stage::Stage;
use wsspec::judge::Outcome;
use wsspec::transcript::Entry;
use wsspec::wire::Opcode;

#[tokio::test]
async fn each_path_has_its_order_of_messages() {
    let stage = Stage::start().await;
    let title = r#"{"id":"2.1","description":"A ping with no payload"}"#;
    for (target, expected) in [
        ("/getCaseCount", &["text 4", "close"][..]),
        ("/getCaseCount?agent=x", &["text 4", "close"]),
        ("/getCaseInfo?case=3", &[title, "close"]),
        ("/getCaseInfo?casetuple=2.1&agent=x", &[title, "close"]),
        ("/runCase?case=4&agent=x", &["close 1000"]),
        ("/runCase?casetuple=1.1.2&agent=spared", &["close"]),
        ("/updateReports?agent=x", &["close"]),
    ] {
        let seen = Caller::ask(stage.address, target).await.all(true).await;
        let expected: Vec<String> =
            expected.iter().map(|&says| if says == title { format!("text {says}") } else { says.to_owned() }).collect();
        assert_eq!(seen[0], "101", "{target}");
        assert_eq!(seen[1..seen.len() - 1], expected, "{target}");
        assert_eq!(seen.last().unwrap(), "eof", "{target}");
    }
    let agents = stage.stop().await;
    assert_eq!(
        agents.iter().map(|agent| agent.name.as_str()).collect::<Vec<_>>(),
        ["x"],
        "nobody was tested who was spared"
    );
}

#[tokio::test]
async fn who_does_not_answer_the_close_is_left_after_a_second_and_not_reset() {
    let stage = Stage::start().await;
    let seen = Caller::ask(stage.address, "/getCaseCount").await.all(false).await;
    assert_eq!(seen, ["101", "text 4", "close", "eof"]);
}

#[tokio::test]
async fn the_response_and_what_follows_it_come_at_once() {
    let stage = Stage::start().await;
    let mut caller = Caller::ask(stage.address, "/getCaseCount").await;
    let head = caller.head().await;
    assert_eq!(head.values("server").collect::<Vec<_>>(), [format!("wsspec/{}", env!("CARGO_PKG_VERSION")).as_bytes()]);
    assert!(head.list("sec-websocket-extensions").is_empty() && head.list("sec-websocket-protocol").is_empty());
    assert_eq!((caller.frame().await, caller.frame().await), ("text 4".to_owned(), "close".to_owned()));
    assert_eq!(caller.reads, 1);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let stage = Stage::start().await;
    let with = |target: &str, from: &str, to: &str| request(target).replace(from, to);
    for (octets, status) in [
        (request("/runCase?agent=x&case=5"), 404),
        (request("/runCase?agent=x&case=0"), 404),
        (request("/runCase?agent=x&casetuple=1.1.3"), 404),
        (request("/runCase?agent=x&case=first"), 400),
        (request("/runCase?agent=x"), 400),
        (request("/runCase?agent=x&agent=y&case=1"), 400),
        (request("/getCaseInfo"), 400),
        (request("/getCaseStatus?agent=x&case=99"), 404),
        (with("/getCaseCount", "Version: 13", "Version: 7"), 400),
        (with("/getCaseCount", "Sec-WebSocket-Key", "X-Key"), 400),
        (with("/getCaseCount", "GET", "POST"), 405),
        ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("\r\n\r\n\r\n".to_owned(), 400),
        ("hello\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\n", "x".repeat(20_000)), 431),
    ] {
        let mut caller = Caller::connect(stage.address).await;
        caller.send(octets.as_bytes()).await;
        let head = caller.head().await;
        assert_eq!(head.status(), Some(status), "{octets}");
        assert!(head.list_has("connection", "close"), "{octets}");
        assert!(octets.contains("Version: 7") == (head.list("sec-websocket-version") == [b"13"]), "{octets}");
    }
    // what poisoned reports elsewhere: no name, a name of other letters, a name with a slash
    for agent in ["", "&agent=", "&agent=caf%C3%A9", "&agent=a%2Fb%2f..", "&agent=%3Cscript%3E"] {
        assert_eq!(Caller::ask(stage.address, &format!("/runCase?case=1{agent}")).await.echo().await, "eof");
    }
    assert_eq!(Caller::ask(stage.address, "/updateReports").await.all(true).await, ["101", "close", "eof"]);
    let agents = stage.stop().await;
    let names: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["<script>", "UnknownClient", "a/b/..", "café"]);
    assert!(agents.iter().all(|agent| agent.runs[0].result.verdict.outcome == Outcome::Pass));
}

#[tokio::test]
async fn a_request_that_opens_no_connection_gets_the_page() {
    let stage = Stage::start().await;
    std::fs::write(stage.folder.path().join("index.html"), "the report").unwrap();
    let get = async |target: &str| {
        let mut caller = Caller::connect(stage.address).await;
        caller.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await;
        caller
    };
    let page = get("/?agent=x&run=1").await.body().await;
    assert!(page.contains("new WebSocket(") && page.contains(&stage.address.port().to_string()));
    assert_eq!(get("/report/").await.body().await, "the report");
    for missing in ["/report/../x.html", "/report/none.html", "/report/x%2f..%2f..%2fx.html"] {
        assert_eq!(get(missing).await.status().await, 404, "{missing}");
    }
}

#[tokio::test]
async fn commands_are_carried_out() {
    let stage = Stage::start().await;
    let say = async |caller: &mut Caller, text: &str| caller.send(&frame(Opcode::TEXT, text.as_bytes())).await;
    let mut caller = Caller::ask(stage.address, "/anything").await;
    assert_eq!(caller.status().await, 101);
    say(&mut caller, r#"["sendframe", {"opcode": 1, "payload": "Hello"}]"#).await;
    assert_eq!(caller.frame().await, "text Hello");
    say(&mut caller, r#"["sendframes", [{"opcode": 9, "payload": "a"}, {"opcode": 10, "chopsize": 1}]]"#).await;
    assert_eq!((caller.frame().await, caller.frame().await), ("ping a".to_owned(), "pong".to_owned()));
    say(&mut caller, r#"["echo", {"payload": "Hello"}]"#).await;
    assert_eq!(caller.frame().await, "text Hello");
    caller.send(&frame(Opcode::PING, b"still there")).await;
    assert_eq!(caller.frame().await, "pong still there");
    say(&mut caller, r#"["close", {"code": 3000, "reason": "bye"}]"#).await;
    assert_eq!(caller.frame().await, "close 3000");
    caller.send(&frame(Opcode::CLOSE, &3000u16.to_be_bytes())).await;
    assert_eq!(caller.frame().await, "eof");
    for (octets, close) in [
        (frame(Opcode::TEXT, b"fly"), "close 1008"),
        (frame(Opcode::BINARY, b"x"), "close 1003"),
        (frame(Opcode(3), b"x"), "close 1002"),
        (frame(Opcode::TEXT, b"\xff"), "close 1007"),
        (b"\x81\x01x".to_vec(), "close 1002"),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04".to_vec(), "close 1009"),
        (frame(Opcode::CLOSE, b""), "close"),
    ] {
        let mut caller = Caller::ask(stage.address, "/").await;
        caller.send(&octets).await;
        assert_eq!(caller.all(true).await, ["101", close, "eof"], "{octets:?}");
    }
}

#[tokio::test]
async fn what_was_read_with_the_request_is_part_of_the_case() {
    let stage = Stage::start().await;
    let mut caller = Caller::connect(stage.address).await;
    // a client that sends before it may, in one segment with its request
    let mut octets = request("/runCase?case=1&agent=hasty").into_bytes();
    octets.extend(frame(Opcode::PONG, b"early"));
    caller.send(&octets[..40]).await;
    tokio::task::yield_now().await;
    caller.send(&octets[40..]).await;
    assert_eq!(caller.echo().await, "eof");
    let (agents, _folder) = stage.stop_and_keep().await;
    assert_eq!(agents[0].software.as_deref(), Some("test/1"));
    let directory = agents[0].directory.as_ref().unwrap();
    let stored = directory.read_transcript(&agents[0].runs[0].result.id).unwrap().unwrap();
    assert_eq!(stored.transcript.0[0].entry, Entry::Connected);
    assert_eq!(stored.transcript.first_octets(octets.len()), octets);
    // a client waits for the response, RFC 6455 section 4.1
    assert_eq!(agents[0].runs[0].result.verdict.outcome, Outcome::Fail);
}
