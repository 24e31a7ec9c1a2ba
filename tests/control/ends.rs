//! How the service ends, and what does not end it.

use super::caller::{Caller, frame};
use super::stage::{Manner, Stage};
use std::time::Duration;
use tokio::net::TcpStream;
use wsspec::wire::Opcode;
use wsspec::wstest::control::End;

#[tokio::test]
async fn stop_server_is_answered_before_the_end() {
    let stage = Stage::start().await;
    let address = stage.address;
    assert_eq!(Caller::ask(address, "/stopServer").await.all(true).await, ["101", "close", "eof"]);
    assert_eq!(stage.ended().await.0, End::Stopped);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_reports_are_written_before_the_close_and_the_end() {
    let stage = Stage::start().await;
    assert_eq!(Caller::ask(stage.address, "/runCase?case=1&agent=x").await.echo().await, "eof");
    assert_eq!(Caller::ask(stage.address, "/runCase?case=4&agent=x").await.echo().await, "eof");
    let mut caller = Caller::ask(stage.address, "/updateReports?agent=x&shutdownOnComplete=true").await;
    assert_eq!((caller.status().await, caller.frame().await.as_str()), (101, "close"));
    let lines = stage.heard.lines();
    assert_eq!(lines, ["x runs 1.1.1", "x ran 1.1.1: pass", "x runs 12.1.1", "x ran 12.1.1: skip", "wrote: x 2"]);
    drop(caller);
    assert_eq!(stage.ended().await.0, End::Complete);
}

#[tokio::test]
async fn a_case_that_is_about_to_end_is_in_the_report() {
    let stage = Stage::start().await;
    let mut inside = Caller::ask(stage.address, "/runCase?case=4&agent=x").await;
    assert_eq!((inside.status().await, inside.frame().await.as_str()), (101, "close 1000"));
    let mut report = Caller::ask(stage.address, "/updateReports?agent=x").await;
    assert_eq!(report.status().await, 101);
    inside.send(&frame(Opcode::CLOSE, &1000u16.to_be_bytes())).await;
    assert_eq!(inside.frame().await, "eof");
    drop(inside);
    assert_eq!(report.frame().await, "close");
    assert_eq!(stage.heard.lines().last().unwrap(), "wrote: x 1");
}

#[tokio::test]
async fn reports_that_cannot_be_written_are_the_trouble_of_the_service() {
    let stage = Stage::with(Manner { trouble: true, ..Manner::default() }).await;
    assert_eq!(Caller::ask(stage.address, "/updateReports?agent=x").await.all(true).await, ["101", "close", "eof"]);
    assert_eq!(stage.heard.lines(), ["wrote: ", "trouble: the disk is full"]);
}

#[tokio::test]
async fn so_many_clients_are_enough() {
    let stage = Stage::with(Manner { enough: Some(2), ..Manner::default() }).await;
    for agent in ["x", "x", "y"] {
        assert_eq!(
            Caller::ask(stage.address, &format!("/updateReports?agent={agent}")).await.all(true).await[1],
            "close"
        );
    }
    assert_eq!(stage.ended().await.0, End::Enough);
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    let stage = Stage::with(Manner { idle: Some(Duration::from_millis(20)), ..Manner::default() }).await;
    assert_eq!(stage.ended().await.0, End::Idle);
}

#[tokio::test]
async fn who_is_still_there_at_the_end_is_not_waited_for_long() {
    let stage = Stage::start().await;
    let mut waiting = Caller::ask(stage.address, "/getCaseStatus?case=1&agent=x").await;
    assert_eq!(waiting.status().await, 101);
    let mut inside = Caller::ask(stage.address, "/runCase?case=1&agent=x").await;
    assert_eq!(inside.status().await, 101);
    assert_eq!(Caller::ask(stage.address, "/stopServer").await.all(true).await[1], "close");
    let (end, agents, _) = stage.ended().await;
    assert_eq!((end, agents[0].runs.len()), (End::Stopped, 0));
}
