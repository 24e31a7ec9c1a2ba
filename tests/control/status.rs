//! What came of a case: known at once, waited for by several, or never.

use super::caller::Caller;
use super::stage::{Manner, Stage};
use std::time::Duration;
use tokio::time::timeout;

const OK: &str = r#"text {"behavior":"OK"}"#;

#[tokio::test]
async fn who_asks_before_the_case_is_over_is_told_afterwards() {
    let stage = Stage::start().await;
    let target = "/getCaseStatus?case=1&agent=x";
    let mut early = [Caller::ask(stage.address, target).await, Caller::ask(stage.address, target).await];
    for caller in &mut early {
        assert_eq!(caller.status().await, 101);
    }
    let silence = timeout(Duration::from_millis(50), early[0].frame()).await;
    assert!(silence.is_err(), "nothing is known yet, and {silence:?} came");
    // neither the case of another client nor another case of this one is meant
    for other in ["/runCase?case=1&agent=y", "/runCase?case=2&agent=x", "/runCase?case=1&agent=x"] {
        assert_eq!(Caller::ask(stage.address, other).await.echo().await, "eof");
    }
    for mut caller in early {
        assert_eq!((caller.frame().await.as_str(), caller.frame().await.as_str()), (OK, "close"));
    }
    assert_eq!(Caller::ask(stage.address, target).await.all(true).await, ["101", OK, "close", "eof"]);
}

#[tokio::test]
async fn a_case_that_never_comes_is_not_waited_for_for_ever() {
    let stage = Stage::with(Manner { scale: 0.01, ..Manner::default() }).await;
    for target in ["/getCaseStatus?case=1&agent=x", "/getCaseStatus?casetuple=1.1.2&agent=spared"] {
        let seen = Caller::ask(stage.address, target).await.all(true).await;
        assert_eq!(seen, ["101", "close 1013", "eof"], "{target}");
    }
}

#[tokio::test]
async fn who_does_not_wait_any_longer_is_let_go() {
    let stage = Stage::start().await;
    let mut caller = Caller::ask(stage.address, "/getCaseStatus?case=1&agent=x").await;
    caller.send(&super::caller::frame(wsspec::wire::Opcode::CLOSE, b"")).await;
    assert_eq!(caller.all(true).await, ["101", "close", "eof"]);
    Caller::ask(stage.address, "/getCaseStatus?case=1&agent=x").await.vanish();
    assert!(stage.stop().await.is_empty());
}

#[tokio::test]
async fn a_case_that_is_run_again_counts_as_it_went_last() {
    let stage = Stage::with(Manner { scale: 0.05, ..Manner::default() }).await;
    let run = "/runCase?case=1&agent=x";
    let status = "/getCaseStatus?case=1&agent=x";
    Caller::ask(stage.address, run).await.vanish();
    let failed = r#"text {"behavior":"FAILED"}"#;
    assert_eq!(Caller::ask(stage.address, status).await.all(true).await, ["101", failed, "close", "eof"]);
    assert_eq!(Caller::ask(stage.address, run).await.echo().await, "eof");
    assert_eq!(Caller::ask(stage.address, status).await.all(true).await, ["101", OK, "close", "eof"]);
    assert_eq!(stage.stop().await[0].runs.len(), 1);
}
