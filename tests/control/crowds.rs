//! Many callers at once: rude, slow and silent ones keep nobody else from being served.

use super::caller::{Caller, frame, request};
use super::stage::{Manner, Stage};
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use wsspec::judge::Outcome;
use wsspec::wire::Opcode;

#[tokio::test]
async fn hundreds_of_rude_callers_keep_nobody_waiting() {
    let stage = Stage::start().await;
    let mut crowd = Vec::new();
    for number in 0..300 {
        let mut caller = Caller::connect(stage.address).await;
        let whole = request("/runCase?case=1&agent=rude");
        match number % 6 {
            0 => {}
            1 => caller.send(b"GET /getCaseCount HTTP/1.1\r\nX: ").await,
            2 => caller.send(&[0x16; 200]).await,
            3 => caller.send(&whole.as_bytes()[..whole.len() - 2]).await,
            4 => caller.send(request("/commands").as_bytes()).await,
            _ => caller.send(request("/getCaseStatus?case=2&agent=nobody").as_bytes()).await,
        }
        crowd.push(caller);
    }
    let began = Instant::now();
    for _ in 0..3 {
        assert_eq!(Caller::ask(stage.address, "/getCaseCount").await.all(true).await[1], "text 4");
    }
    assert_eq!(Caller::ask(stage.address, "/runCase?case=1&agent=x").await.echo().await, "eof");
    // the rude ones are there for five seconds at least
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    crowd.into_iter().for_each(Caller::vanish);
    let agents = stage.stop().await;
    assert_eq!(agents.len(), 1);
}

#[tokio::test]
async fn clients_beside_each_other_are_told_apart() {
    let ids: Vec<String> = (1..=8).map(|number| format!("1.1.{number}")).collect();
    let stage = Stage::with(Manner { ids, ..Manner::default() }).await;
    let address = stage.address;
    let runs = (1..=8).flat_map(|case| ["a", "b", "c"].map(|agent| format!("/runCase?case={case}&agent={agent}")));
    let endings = join_all(runs.map(|target| async move { Caller::ask(address, &target).await.echo().await })).await;
    assert!(endings.iter().all(|ending| ending == "eof"), "{endings:?}");
    let agents = stage.stop().await;
    assert_eq!(
        agents.iter().map(|agent| (agent.name.as_str(), agent.runs.len())).collect::<Vec<_>>(),
        [("a", 8), ("b", 8), ("c", 8)]
    );
    let verdicts = agents.iter().flat_map(|agent| &agent.runs).map(|run| run.result.verdict.outcome);
    assert!(verdicts.into_iter().all(|outcome| outcome == Outcome::Pass));
}

#[tokio::test]
async fn who_vanishes_or_falls_silent_is_judged_and_not_waited_for() {
    let stage = Stage::with(Manner { scale: 0.05, ..Manner::default() }).await;
    Caller::ask(stage.address, "/runCase?case=1&agent=gone").await.vanish();
    let mut silent = Caller::ask(stage.address, "/runCase?case=1&agent=silent").await;
    let mut other = Caller::ask(stage.address, "/runCase?case=2&agent=silent").await;
    assert_eq!((silent.status().await, other.status().await), (101, 101));
    for agent in ["gone", "silent"] {
        let target = format!("/getCaseStatus?case=1&agent={agent}");
        let seen = Caller::ask(stage.address, &target).await.all(true).await;
        assert_eq!(seen[1], r#"text {"behavior":"FAILED"}"#, "{agent}");
    }
    other.send(&frame(Opcode::CLOSE, b"")).await;
    let agents = stage.stop().await;
    let silent = agents.iter().find(|agent| agent.name == "silent").unwrap();
    let says: Vec<&str> = silent.runs[0].result.verdict.findings.iter().map(|finding| finding.says.as_str()).collect();
    assert!(says.iter().any(|says| says.contains("while the client was in other cases too")), "{says:?}");
}
