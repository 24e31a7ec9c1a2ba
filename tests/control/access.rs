//! Who is served: drivers are, and browsers with the pages of the port itself; pages of others are not.

use super::caller::{Caller, request};
use super::stage::Stage;

const FOREIGN: [(&str, u16); 5] = [
    ("Host: rebound.example:9001\r\n", 421),
    ("Host: localhost\r\nOrigin: http://rebound.example\r\n", 403),
    ("Host: localhost\r\nOrigin: null\r\n", 403),
    ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", 403),
    ("Host: localhost\r\nOrigin: http://localhost:1\r\nUser-Agent: Mozilla/5.0\r\n", 403),
];

async fn asked(stage: &Stage, octets: &str) -> Caller {
    let mut caller = Caller::connect(stage.address).await;
    caller.send(octets.as_bytes()).await;
    caller
}

fn opening(target: &str, fields: &str) -> String {
    request(target).replace("Host: localhost\r\n", fields)
}

#[tokio::test]
async fn pages_of_others_can_neither_stop_nor_use_nor_read_the_service() {
    let stage = Stage::start().await;
    std::fs::write(stage.folder.path().join("index.html"), "the report").unwrap();
    for (fields, status) in FOREIGN {
        for target in ["/stopServer", "/runCase?case=1&agent=x", "/updateReports?agent=x", "/getCaseCount", "/"] {
            assert_eq!(asked(&stage, &opening(target, fields)).await.status().await, status, "{target} {fields}");
        }
        for target in ["/", "/report/index.html"] {
            let head = format!("GET {target} HTTP/1.1\r\n{fields}\r\n");
            assert_eq!(asked(&stage, &head).await.status().await, status, "{target} {fields}");
            let body = asked(&stage, &head).await.body().await;
            assert!(body.contains("not served here") || body.contains("not called"), "it says why: {body}");
        }
    }
    // it goes on, and nothing has happened
    assert_eq!(Caller::ask(stage.address, "/getCaseCount").await.status().await, 101);
    assert!(stage.stop().await.is_empty());
}

#[tokio::test]
async fn drivers_are_served_by_whatever_name_they_know_the_port() {
    let stage = Stage::start().await;
    let port = stage.address.port();
    let names = ["127.0.0.1", "localhost", "[::1]", "LocalHost."];
    for (number, name) in names.iter().enumerate() {
        for origin in [
            String::new(),
            format!("Origin: http://{name}:{port}\r\n"),
            format!("Origin: ws://{name}:{port}\r\n"),
            format!("Origin: http://{name}\r\n"),
        ] {
            let fields = format!("Host: {name}:{port}\r\n{origin}");
            let target = format!("/runCase?case=1&agent={number}");
            assert_eq!(asked(&stage, &opening(&target, &fields)).await.echo().await, "eof", "{fields}");
        }
    }
    // the page that the port serves to a browser runs cases
    let page = format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\nUser-Agent: Mozilla/5.0\r\n");
    assert_eq!(asked(&stage, &opening("/runCase?case=1&agent=page", &page)).await.echo().await, "eof");
    assert_eq!(stage.stop().await.len(), names.len() + 1);
}

#[tokio::test]
async fn the_answer_to_head_has_no_body() {
    let stage = Stage::start().await;
    for (target, status) in [("/", 200), ("/report/none.html", 404)] {
        let get = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let length = asked(&stage, &get).await.head().await.values("content-length").next().unwrap().to_vec();
        let head = get.replace("GET", "HEAD");
        let answer = asked(&stage, &head).await.head().await;
        assert_eq!((answer.status(), answer.values("content-length").next()), (Some(status), Some(length.as_slice())));
        assert_eq!(asked(&stage, &head).await.body().await, "", "{target}");
    }
    let denied = "HEAD / HTTP/1.1\r\nHost: rebound.example\r\n\r\n";
    assert_eq!(asked(&stage, denied).await.body().await, "");
}
